#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: the hooks on lock functions by every mode, watched functions, and that nothing of it stays.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

BPFSTAT=/tests/bpfstat

# shellcheck disable=SC2317 # these are called by name
nothing_left() { "$BPFSTAT" left >/dev/null; }
# shellcheck disable=SC2317
hooked() { [ "$(wc -l </sys/kernel/tracing/enabled_functions)" -ge 30 ]; }
kernel_offers() { grep -Eq "^  yes +$1 " "$TMP/doctor"; }
# The state of a primitive in a tier of the last report: coverage TIER PRIMITIVE
coverage() { sed -n -E "s/^  $1 +$2 +(full|partial|none|unknown)( +(.*))?$/\1 \3/p" <<<"$out"; }
# shellcheck disable=SC2317
# Something that takes locks while it holds others.
work() { (cd /sys && find . -maxdepth 4 | head -n 400); dd if=/dev/zero of=/tmp/w bs=4k count=50; }

lockscope doctor >"$TMP/doctor"
sleeping='mutex ww_mutex rwsem rt_mutex semaphore completion'

for mode in fentry kprobe.multi kprobe; do
	name=${mode/fentry/fentry\/fexit}
	name=${name/%kprobe/kprobes}
	run lockscope run --budget none --attach "$mode" --tier order --view coverage,order,loss -a -- bash -c "$(declare -f work); work" \
		>/dev/null
	if ! kernel_offers "$name"; then
		is "$mode, which is not here: exit status" "$status" 1
		like "$mode: which is said" "$err" "^lockscope: --attach $mode: "
		continue
	fi
	is "$mode: exit status" "$status" 0 || diag "$err"
	for p in $sleeping; do
		is "$mode: $p" "$(coverage order "$p")" "full $mode"
	done
	like "$mode: percpu-rwsem" "$(coverage order percpu-rwsem)" "^partial $mode; its read side is inlined"
	for p in spinlock rwlock; do
		case $mode in
		fentry) is "$mode: $p" "$(coverage order "$p")" "full $mode" ;;
		*) like "$mode: $p" "$(coverage order "$p")" "^none $mode must not hook" ;;
		esac
	done
	like "$mode: orders are seen" "$out" 'mutex.*'
	like "$mode: with the functions that took the locks" "$out" '(kernfs|seq_|iterate_dir|vfs_|path_|ksys_)'
	ok "$mode: nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"
done

# Without locks that spin, without the order, nothing but it.
run lockscope run --budget none -d 0.1 --no-spin --view coverage
like "--no-spin" "$(coverage order spinlock)" '^none left out \(--no-spin\)'
ok "--no-spin: nothing stays" wait_for nothing_left 100
run lockscope run --budget none -d 0.1 --tier contention --view coverage
is "--tier contention: exit status" "$status" 0
is "--tier contention: order" "$(coverage order mutex)" 'none left out (--tier)'
if kernel_offers kprobes; then
	run lockscope run --budget none -d 0.1 --attach kprobe --spin
	is "--spin without fentry: exit status" "$status" 1
	like "--spin without fentry: which is said" "$err" 'the order of locks that spin \(--spin\) cannot be followed'
fi
case $(uname -r) in
*-lockdep*)
	run lockscope run --budget none -d 1 --tier lockdep --view coverage,order
	is "--tier lockdep: exit status" "$status" 0 || diag "$err"
	like "--tier lockdep: coverage" "$(coverage lockdep 'every lock class')" '^(full|partial)'
	ok "--tier lockdep: nothing stays" wait_for nothing_left 100 ;;
*)
	run lockscope run --budget none -d 0.1 --tier lockdep
	is "--tier lockdep, which is not here: exit status" "$status" 1
	like "--tier lockdep: which is said" "$err" 'the tier lockdep cannot be had here: no tracepoint lock_acquire' ;;
esac
ok "nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"

# Killed while it attaches, and while it traces.
lockscope run --budget none --tier order -q >/dev/null 2>&1 &
wait_for "! nothing_left" 60
kill -KILL $!
wait $! 2>/dev/null
ok "killed while attaching: nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"
lockscope run --budget none --tier order -q >/dev/null 2>&1 &
ok "all is hooked" wait_for hooked 150
kill -KILL $!
wait $! 2>/dev/null
ok "killed while tracing: nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"

# A watched function of a module that comes, is used, goes and comes again.
if ! kernel_offers kprobes; then
	skip "watched functions" "this kernel has no kprobes"
elif [ -z "$(find /lib/modules -name loop.ko)" ]; then
	skip "watched functions" "this kernel has no module loop"
else
	use() { modprobe loop && losetup -f >/dev/null 2>&1; losetup /dev/loop0 /tmp/w && losetup -d /dev/loop0; }
	lockscope run --budget none -w lo_ioctl -w no_such_function --no-spin --view watch >"$TMP/watch.out" 2>"$TMP/watch.err" &
	pid=$!
	ok "no_such_function is waited for" wait_for "grep -q 'no_such_function is not watched now' $TMP/watch.err" 90
	like "lo_ioctl, too" "$(cat "$TMP/watch.err")" 'lo_ioctl is not watched now: no function of that name: waits for a module'
	# shellcheck disable=SC2317
	probed() { grep -q lo_ioctl /sys/kernel/debug/kprobes/list; }
	# shellcheck disable=SC2317
	let_go() { ! grep -q -e lo_ioctl -e GONE /sys/kernel/debug/kprobes/list; }
	# shellcheck disable=SC2317
	probed_anew() { probed && ! grep -q GONE /sys/kernel/debug/kprobes/list; }
	# What a wait in vain leaves to look at: the module, the kernel's list, where the tracer is, what it said.
	# shellcheck disable=SC2317
	watch_state()
	{
		grep '^loop ' /proc/modules || echo "no module loop"
		grep lo_ioctl /proc/kallsyms
		cat /sys/kernel/debug/kprobes/list /proc/$pid/task/*/stack "$TMP/watch.err"
	}
	use
	ok "lo_ioctl is hooked when its module is there" wait_for probed 150 || diag "$(watch_state)"
	use
	rmmod loop
	ok "and let go of when it is not" wait_for let_go 150 || diag "$(watch_state)"
	use
	ok "and hooked again" wait_for probed 150 || diag "$(watch_state)"
	use
	# Sooner than the tracer looks, and but for the first time or so to where it was.
	for i in 1 2 3; do
		rmmod loop && modprobe loop
		ok "and again, when it goes and is back at once ($i)" wait_for probed_anew 50 || diag "$(watch_state)"
	done
	use
	kill -INT $pid
	wait $pid
	is "watched functions: exit status" $? 0 || diag "$(cat "$TMP/watch.err")"
	like "lo_ioctl in the report" "$(cat "$TMP/watch.out")" 'lo_ioctl'
	ok "watched functions: nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"
fi
is "no complaint of the kernel" "$(dmesg | grep -E 'BUG:|WARNING:|Oops|INFO: task|possible (circular|recursive)')" ''
done_testing
