#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Drawing does not cost waits: bursts while the screen is drawn ten times a second, on
# a terminal that is read and on one that is not, counted by an independent observer.
# shellcheck source=tests/live/lib/live.bash
. "$(dirname "$0")/../live/lib/live.bash"
live_require
command -v bpftrace > /dev/null || skip_all "bpftrace is not installed"
# shellcheck source=tests/tui/lib/tmux.bash
. "$(dirname "$0")/lib/tmux.bash"
export LC_ALL=C.UTF-8 TERM=screen-256color
cd "$T" || exit 1

observed() { grep -q ready "$T/$1.bt" 2> /dev/null; }
tracer_of() { pgrep -f "^$LOCKSCOPE top .*$1.lks"; }
drawn() { sees '^LOCK.*LOST/S'; }
traced_by() { tracer=$(tracer_of "$1") && attached "$tracer"; }

# burst NAME ARGUMENT... - contend under the top that records NAME.lks, and under bpftrace.
burst()
{
	local name=$1 observer
	shift
	start observer "$LIVE_DIR/observer" "$pid" > "$T/$name.bt" 2> "$T/$name.bterr"
	wait_until 30 observed "$name" || diag "bpftrace: $(tail -n 2 "$T/$name.bterr")"
	go "$name"
	wait "$pid"
	kill -INT "$observer"
	wait "$observer"
}

# compare NAME LEAST - what was recorded is what bpftrace saw, at least LEAST waits, and complete.
compare()
{
	local count seen _
	"$LOCKSCOPE" report -q --format json "$1.lks" > "$1.json"
	read -r count _ seen _ < <(python3 -B "$LIVE_DIR/sums.py" "$1.json" "$1.bt")
	diag "$1: $count waits, observer $seen"
	ok "$1: a burst of at least $2 waits" test "${seen:-0}" -ge "$2"
	ok "$1: all are there, within 1 %" test $((${count:-0} * 1000)) -ge $((${seen:-1} * 990)) -a \
		$((${count:-0} * 1000)) -le $((${seen:-1} * 1010))
	checks "$1.json" "$T/$1.result" <<-'E2'
		nothing is lost :: nothing_lost
	E2
}

# A terminal that is read.
workload pid read -w 4 -n "${BURST_OPS:-150000}" steady
screen_start 120 40 "$LOCKSCOPE" top --tier contention -i 0.1 -p "$pid" --save "$T/read.lks"
wait_until 20 drawn
ok "it traces" wait_until 20 traced_by read
burst read
ok "the screen shows it" wait_screen '^&mm->mmap_lock'
key q
wait_for ended 20
compare read "${BURST_WAITS:-5000}"

# One that nobody reads on: frames are left out, waits are not.
workload pid stalled -w 6 -r 60 --hold-ms 4 pipe
mkfifo go-on
start terminal python3 -B "$TOP/tests/tui/lib/badtty.py" stalled:go-on "$LOCKSCOPE" top --tier contention \
	-i 0.1 -p "$pid" --save "$T/stalled.lks"
ok "... it traces" wait_until 20 traced_by stalled
burst stalled
echo end > go-on
wait "$terminal"
is "a terminal that nobody reads: it ends in order" $? 0
compare stalled 360
done_testing
