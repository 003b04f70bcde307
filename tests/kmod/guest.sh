#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The part of kmod_test.sh that runs inside a guest, with both fixture modules loaded.
#
#	guest.sh run SCENARIO:FORM...		list what the modules offer, run each, see that the genuine
#						functions are called, then unload the modules
#	guest.sh hang SCENARIO:TASK,...		start the form "deadlock" of each and see that its tasks hang
#	guest.sh spin SCENARIO			start a form "deadlock" that takes its CPUs for ever; answers only if
#						it does not
#
# Answers are lines "WORD SCENARIO FORM VERDICT" on standard output; VERDICT is ok, na (the kernel cannot
# show this form) or fail and a reason. What the kernel says is on the console.

dev=/dev/lockscope/fixture

# Errors of the write as text, nothing if it went well. In a shell of its own, that may be left hanging.
start() { sh -c 'printf %s "$1" >/proc/self/comm; echo "$2 $3" >"$4"' sh "$3" "$1" "$2" $dev 2>&1; }

# The answer to an error text
verdict()
{
	case $1 in
	'') echo ok ;;
	*'not supported'*) echo na ;;
	*) echo "fail $1" ;;
	esac
}

# Is a task of this name in uninterruptible sleep?
asleep()
{
	for p in /proc/[0-9]*; do
		read -r comm 2>/dev/null <"$p/comm" || continue
		[ "$comm" = "$1" ] || continue
		read -r stat 2>/dev/null <"$p/stat" || continue
		case ${stat##*) } in
		D*) return 0 ;;
		esac
	done
	return 1
}

# The names of the tasks that are not. A name has 15 letters in the kernel.
awake()
{
	for t in $(echo "$2" | tr ',' ' '); do
		[ "$t" != writer ] || t=w-$1
		t=$(echo "$t" | cut -c1-15)
		asleep "$t" || printf '%s ' "$t"
	done
}

await_hang()
{
	tries=300
	# Text in the file: it was refused.
	while [ ! -s "/tmp/$1" ] && [ -n "$(awake "$1" "$2")" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 100000
	done
}

hang()
{
	for a; do
		s=${a%%:*}
		start "$s" deadlock "w-$s" >"/tmp/$s" &
	done
	for a; do
		s=${a%%:*} tasks=${a#*:}
		await_hang "$s" "$tasks"
	done
	# A wait that ends would have ended by now; nothing else can be seen of "for ever".
	sleep 2
	for a; do
		s=${a%%:*} tasks=${a#*:}
		left=$(awake "$s" "$tasks")
		if [ -s "/tmp/$s" ]; then
			echo "hang $s deadlock $(verdict "$(cat "/tmp/$s")")"
		elif [ -n "$left" ]; then
			echo "hang $s deadlock fail not hanging: $left"
		elif dmesg | grep -q "lks_fixture: end $s deadlock"; then
			echo "hang $s deadlock fail it ended"
		else
			echo "hang $s deadlock ok"
		fi
	done
	# The stacks of all that hang, for the console
	echo w >/proc/sysrq-trigger
	sleep 1
	# Not a power-off: that wants the locks of CPU hotplug.
	echo b >/proc/sysrq-trigger
}

# RCU tells of the CPUs that are gone, if a grace period is wanted and a CPU that ticks looks after it: an idle
# kernel would say nothing. This keeps one busy, with tasks that end.
spin()
{
	start "$1" deadlock "w-$1" >"/tmp/$1" &
	while kill -0 $! 2>/dev/null; do (:); done
	echo "spin $1 deadlock $(verdict "$(cat "/tmp/$1")")"
}

# calls SCENARIO FORM FUNCTION: does the kernel's function run in it?
calls()
{
	trace=/sys/kernel/tracing
	if ! echo "p:lks/probe $3" >>$trace/kprobe_events; then
		echo "call $1 $3 fail no probe"
		return
	fi
	echo 1 >$trace/events/lks/probe/enable
	why=$(start "$1" "$2" "w-$1")
	echo 0 >$trace/events/lks/probe/enable
	# By the writer or a task of the scenario
	if [ -z "$why" ] && grep -q -E '^ *(w-|lks-|prime_mmap|kworker).* probe: ' $trace/trace; then
		echo "call $1 $3 ok"
	else
		echo "call $1 $3 fail ${why:-not called}"
	fi
	echo >$trace/kprobe_events
	echo >$trace/trace
}

modprobe vfio_iommu_type1 || echo "no vfio_iommu_type1" >&2
mode=$1
shift
case $mode in
run)
	while read -r scenario forms _; do
		for f in $(echo "$forms" | tr ',' ' '); do echo "list $scenario $f ok"; done
	done <$dev
	for a; do
		s=${a%%:*} f=${a#*:}
		echo "run $s $f $(verdict "$(start "$s" "$f" "w-$s")")"
	done
	calls kvmgt fixed vfio_unpin_pages
	calls vfio-group fixed blocking_notifier_chain_unregister
	calls hotplug fixed iterate_dir
	calls hotplug fixed cpus_read_lock
	calls iommu fixed device_release_driver
	err=$(rmmod lks_fixture_vfio 2>&1 && rmmod lks_fixture 2>&1)
	echo "run modules unload $(verdict "$err")" ;;
hang)
	hang "$@" ;;
spin)
	spin "$1" ;;
esac
