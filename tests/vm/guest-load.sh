#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: the load mix runs and the kernel stays sound; on a lockdep kernel its torture test, too.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

# shellcheck disable=SC2317 # called by name
complaints() { dmesg | grep -E 'BUG:|WARNING:|Oops|INFO: task|possible (circular|recursive)'; }
# shellcheck disable=SC2317
written() { dmesg | sed "1,/$1-torture:--- Start/d" | grep -q 'Writes: *Total: [1-9]'; }

modules=()
[ -z "$(find /lib/modules -name brd.ko)" ] || modules=(brd)
run /tests/vm/load.sh 6 "${modules[@]}"
is "load: exit status" "$status" 0 || diag "$err"
for part in files pipes forks names reads sockets; do
	like "load: $part" "$out" "$part: [1-9][0-9]* rounds"
done
if [ ${#modules[@]} -gt 0 ]; then
	like "load: modules" "$out" 'modules: [1-9][0-9]* rounds'
else
	skip "load: modules" "this kernel has no module to spare"
fi
if [ -x /bin/stress-ng ]; then
	like "load: stress-ng" "$out" 'stress-ng: 1 rounds'
else
	skip "load: stress-ng" "stress-ng is not installed on the host; tools/vm/vm setup"
fi

# Turning tracers on and off rewrites the kernel's code under both processors.
for tracer in function nop; do
	run sh -c "echo $tracer >/sys/kernel/tracing/current_tracer"
	is "tracer $tracer" "$status$err" 0
done

case $(uname -r) in
*-lockdep*)
	for type in mutex_lock rwsem_lock spin_lock percpu_rwsem_lock; do
		modprobe locktorture torture_type=$type stat_interval=1 nwriters_stress=2
		ok "locktorture $type makes progress" wait_for "written $type" 30
		rmmod locktorture
		like "locktorture $type" "$(dmesg | grep "$type-torture:--- End of test" | tail -n 1)" SUCCESS
	done ;;
esac
is "no complaint of the kernel" "$(complaints)" ''
done_testing
