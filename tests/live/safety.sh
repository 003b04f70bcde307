#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whatever ends the tracer, nothing stays in the kernel; two tracers do not disturb
# each other; a small memlock limit does not matter.
. "$(dirname "$0")/lib/live.bash"
live_require
command -v bpftool >/dev/null || skip_all "bpftool is not installed"

objects() { python3 -B "$LIVE_DIR/bpfobjects.py" "$@"; }
nothing_left() { objects left "$T/before" >"$T/left"; }

# traced_until HOW - a tracer that is attached, then ended by HOW. Its objects must
# have been there, and must be gone (the kernel frees them a little later).
ended_by() {
	local how=$1 tracer status
	objects list >"$T/before"
	if [ "$how" = pipe ]; then
		rm -f "$T/pipe"
		mkfifo "$T/pipe"
		exec 9<>"$T/pipe"
		start tracer "$LOCKSCOPE" run -q -i 0.1 >"$T/pipe" 9<&-
	else
		start tracer "$LOCKSCOPE" run -q -o "$T/$how.txt"
	fi
	wait_attached "$tracer"
	objects of "$tracer" >"$T/mine"
	[ "$(grep -c '^link' "$T/mine")" -ge 2 ] && grep -q '^map' "$T/mine" && grep -q '^prog' "$T/mine"
	verdict $? "$how: programs, maps and links are there"
	bpftool map list | grep -q 'name watchdogs ' || ! grep -q '^  yes *watchdog' "$T/doctor"
	verdict $? "$how: so is the watchdog's timer, in its map"
	if [ "$how" = pipe ]; then
		exec 9<&-
	else
		kill -"$how" "$tracer"
	fi
	wait_until 20 gone "$tracer"
	verdict $? "$how: the tracer ends"
	wait "$tracer" 2>/dev/null
	status=$?
	case $how in
	KILL) is "$how: killed" $status 137 ;;
	pipe) [ $status -le 1 ]; verdict $? "$how: no crash (exit status $status)" ;;
	*) is "$how: an orderly end" $status 0 ;;
	esac
	wait_until 20 nothing_left
	verdict $? "$how: nothing is left in the kernel"
	[ ! -s "$T/left" ] || [ "$(cat "$T/left")" = "" ] || diag "left: $(tr '\n' ';' <"$T/left")"
}

"$LOCKSCOPE" doctor >"$T/doctor"
for how in INT TERM KILL pipe; do
	ended_by $how
done
[ -s "$T/INT.txt" ] && [ -s "$T/TERM.txt" ]
verdict $? "SIGINT and SIGTERM: the summary was written"

# Two at once: each sees all of its own, and neither the other.
workload one one -w 4 -r 4 pipe
workload two two -w 3 -r 4 inode
start tracer1 "$LOCKSCOPE" run -q --format json -o "$T/one.json" -p "$one"
start tracer2 "$LOCKSCOPE" run -q --format json -o "$T/two.json" -p "$two"
wait_attached "$tracer1"
wait_attached "$tracer2"
go one
go two
wait "$one" "$two"
kill -INT "$tracer1" "$tracer2"
wait "$tracer1"
wait "$tracer2"
checks "$T/one.json" "$T/one.result" <<'E2'
two at once: the first has its own waits :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 16
two at once: and none of the other's :: pick(type="rwsem:W", caller="chmod_common") == []
E2
checks "$T/two.json" "$T/two.result" <<'E2'
two at once: the second has its own waits :: count(pick(type="rwsem:W", caller=["chmod_common", "write"])) == C.blocked == 12
two at once: and none of the other's :: pick(type="mutex", caller="pipe_") == []
E2

# Where RLIMIT_MEMLOCK is small and may not be raised.
(ulimit -l 64 && exec setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
	"$LOCKSCOPE" run -q --format json -o "$T/memlock.json" -- \
	"$CONTEND" --result "$T/memlock.result" -w 2 -r 2 pipe) 2>"$T/memlock.err"
is "64 KiB of memlock and no right to raise it: runs" $? 0
checks "$T/memlock.json" "$T/memlock.result" <<'E2'
and sees :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 4
E2

# Not root: one sentence that names the capabilities, exit 1, nothing on stdout.
cp "$LOCKSCOPE" "$T/lockscope" && chmod 755 "$T/lockscope"
setpriv --reuid=65534 --regid=65534 --clear-groups "$T/lockscope" run -d 1 >"$T/user.out" 2>"$T/user.err"
is "not root: exit 1" $? 1
is "not root: one line" "$(wc -l <"$T/user.err")" 1
grep -q "CAP_BPF" "$T/user.err" && grep -q "CAP_PERFMON" "$T/user.err"
verdict $? "not root: it names the capabilities"
[ ! -s "$T/user.out" ]
verdict $? "not root: stdout stays empty"

# Exactly those capabilities are enough (the file capabilities of a packaged binary).
if command -v setcap >/dev/null && setcap cap_bpf,cap_perfmon,cap_dac_read_search,cap_syslog+ep "$T/lockscope" 2>/dev/null &&
   setpriv --reuid=65534 --regid=65534 --clear-groups "$T/lockscope" run -q -d 0.2 >"$T/caps.out" 2>"$T/caps.err"; then
	[ -s "$T/caps.out" ]
	verdict $? "a user with these capabilities gets a report"
else
	skip "a user with these capabilities gets a report" "no file capabilities here: $(head -c 120 "$T/caps.err" 2>/dev/null)"
fi
done_testing
