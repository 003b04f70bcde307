# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of the bench itself, sourced by run.sh: does it tell how a guest ended, and does it leave nothing behind?

# shellcheck disable=SC2154 # kernel, VM, status, out, err: set by run.sh and its run

# A frozen file system: whoever writes to it waits for ever, uninterruptibly.
blocked_writer='modprobe -a loop ext4; truncate -s 16M /tmp/disk && mke2fs -F /tmp/disk >/dev/null &&
	mount -t ext4 -o loop /tmp/disk /mnt && fsfreeze --freeze /mnt && touch /mnt/file'

# An oops by sysrq, where the kernel has it; else a panic for lack of memory.
panic='echo c >/proc/sysrq-trigger; echo 1 >/proc/sys/vm/panic_on_oom; tail /dev/zero'

bench_tests()
{
	local dmesg=$BUILD/vm/$kernel-exit.dmesg took

	rm -f "$dmesg"
	run "$VM" run -v --keep-dmesg "$dmesg" "$kernel" -- sh -c 'echo data; echo talk >&2; exit 42'
	is "$kernel: the command's exit status" "$status" 42
	is "$kernel: the command's output" "$out" data
	like "$kernel: the command's error output" "$err" $'(^|\n)talk\n'
	took=$(sed -n 's/.*whole turn \([0-9]*\).*/\1/p' <<<"$err")
	ok "$kernel: boot to result within 20 s" [ "${took:-99}" -lt 20 ]
	is "$kernel: the kernel log is kept" "$(grep -ao -m1 'Linux version [^ ]*' "$dmesg")" "Linux version $("$VM" release "$kernel")"

	run "$VM" run --timeout 12 "$kernel" -- sleep 1000
	is "$kernel: hang: exit status" "$status" 120
	like "$kernel: hang: said so, with the console" "$err" $'hang: not finished after 12 s.*\n[|] .'

	run "$VM" run --mem 256M --timeout 60 "$kernel" -- sh -c "$panic"
	is "$kernel: panic: exit status" "$status" 121
	like "$kernel: panic: said so, with the console" "$err" $'panic: Kernel panic - not syncing: .*\n[|] .*RIP'

	run "$VM" run "$kernel" -- poweroff -f
	is "$kernel: silent death: exit status" "$status" 122
	like "$kernel: silent death: said so, with the console" "$err" $'silent death: .*\n[|] .'

	run "$VM" run --timeout 60 --modules ext4,loop --append sysctl.kernel.hung_task_timeout_secs=4 "$kernel" -- sh -c "$blocked_writer"
	is "$kernel: hung task: exit status" "$status" 121
	like "$kernel: hung task: said so" "$err" 'panic: .*hung_task: blocked tasks'

	case $kernel in
	*-lockdep) bench_stall_test ;;
	esac
}

# A processor that never schedules, while another waits for a grace period of RCU. Whichever detector this
# kernel has speaks first.
bench_stall_test()
{
	run "$VM" run --timeout 100 --modules test_lockup --append rcupdate.rcu_cpu_stall_timeout=3 "$kernel" -- sh -c \
		'while mount -t tmpfs x /mnt; do umount /mnt; done & modprobe test_lockup time_secs=300 state=R lock_rcu=1 disable_preempt=1'
	is "$kernel: stalled processor: exit status" "$status" 121
	like "$kernel: stalled processor: said so" "$err" 'panic: .*(RCU Stall|softlockup: hung tasks)'
}

# Signals, on one kernel: the bench is the same for all.
bench_cleanup_tests()
{
	local signal bench

	mkdir "$TMP/bench"
	for signal in INT TERM HUP KILL; do
		# A script's background jobs ignore INT unless told otherwise.
		TMPDIR=$TMP/bench env --default-signal=INT "$VM" run --tap "$kernel" -- sleep 1000 >"$TMP/said" 2>&1 &
		bench=$!
		ok "$kernel: SIG$signal: guest starts" wait_for "grep -qs ready $TMP/bench/.vm.*/status" 30
		kill -s "$signal" "$bench"
		wait "$bench" 2>/dev/null
		ok "$kernel: SIG$signal: no process stays" wait_for "! pgrep -f $TMP/bench/ >/dev/null" 10
		[ "$signal" = KILL ] || is "$kernel: SIG$signal: no file stays" "$(ls -A "$TMP/bench")" ''
	done
	rm -rf "$TMP/bench"

	run "$VM" run --tap --out "$TMP/results" --file "$TOP/tests/lib:/data" "$kernel" -- sh -c 'cp /data/tap.sh /out; exit 3'
	is "$kernel: exit status with --tap" "$status" 3
	like "$kernel: result as TAP" "$out" "1..1"$'\nnot ok 1 - '"$kernel: sh -c "
	ok "$kernel: files come in and out" cmp "$TOP/tests/lib/tap.sh" "$TMP/results/tap.sh"

	run "$VM" run --module "$TOP/README" "$kernel" -- true
	is "$kernel: wrong use has a status of its own" "$status" 125
}
