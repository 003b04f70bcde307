#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The live screen on this kernel, through every key, over contention whose holder is known.
# shellcheck source=tests/live/lib/live.bash
. "$(dirname "$0")/../live/lib/live.bash"
live_require
# shellcheck source=tests/tui/lib/tmux.bash
. "$(dirname "$0")/lib/tmux.bash"
export LC_ALL=C.UTF-8 TERM=screen-256color
unset NO_COLOR
cd "$T" || exit 1

workload pid held --until-signal --held "$T/held.held" -w 3 -r 1 pipe
screen_start 100 30 "$LOCKSCOPE" top --tier contention -i 0.2 -p "$pid" --save "$T/all.lks"
wait_screen '^LOCK.*LOST/S'
ok "the screen comes up" sees 'complete so far'
ok "nobody is blocked yet" sees 'Blocked 0'
tracer=$(cat "$T/screen.pid")
wait_attached "$tracer"
go held
wait_until 20 exists "$T/held.held"
holder=$(python3 -c 'import json,sys; print(next(t["tid"] for t in json.load(open(sys.argv[1]))["threads"] if t["comm"] == "lk-holder"))' "$T/held.held")

# Without a key: the most contended lock is the first row, with its holder. One key: the stacks.
ok "three tasks are blocked" wait_screen 'Blocked 3'
rows() { look | sed -n '6,$p' | grep -E 'mutex@anon_pipe'; }
two_rows() { [ "$(rows | wc -l)" = 2 ]; }
wait_until 10 two_rows
like "the worst lock is the first row, with who holds it" "$(look | sed -n 6p)" \
	"mutex@anon_pipe_(read|write) +[12] .*lk-holder/$holder"
is "both ends of the pipe are there" "$(rows | sed 's/ .*//' | sort | xargs)" \
	"mutex@anon_pipe_read mutex@anon_pipe_write"
key Enter
ok "Enter: who holds it" wait_screen "^Held by lk-holder/$holder"
ok "... its kernel stack now" wait_screen 'handle_userfault'
ok "... all three that wait for this lock, by whichever end of the pipe" \
	sees '^3 tasks are blocked now'
key End
ok "... who waits, and their stack" wait_screen 'anon_pipe_(read|write)\+0x'
ok "... three keys were not needed: it is on the second page of one" sees 'Esc q.?Back'
key Home
ok "Home is its beginning" wait_screen '^mutex@anon_pipe_'
key q
ok "q goes back to the list" wait_screen '^LOCK.*LOST/S'

# Panels.
key 2
ok "2: tasks, blocked for how long and by whom" wait_screen "lk-wait-[012]/[0-9]+ .*lk-holder/$holder"
is "... all three" "$(look | grep -c '^lk-wait-')" 3
key Enter
ok "a task's detail" wait_screen "1 task is blocked now"
key Escape
wait_screen '^TASK'
key 3
ok "3: callers" wait_screen '^anon_pipe_(read|write) '
key 4
ok "4: cgroups" wait_screen '^CGROUP'
wait_screen '^/'
key 5
ok "5: no findings, in words" wait_screen 'No finding so far'
key 6
ok "6: no watched function, in words" wait_screen 'No function is watched'
key Tab
ok "Tab goes round to the locks" wait_screen '^LOCK'
key BTab
ok "Shift-Tab back" wait_screen '^FUNCTION'
key 1
wait_screen '^LOCK'

# What is shown.
key t
ok "t: since the start" wait_screen 'since the start'
ok "... and the columns say so" sees '^LOCK.* WAITS +LOSTv'
key t
wait_screen 'in the interval'
key f r e a d Enter
ok "f: only rows that match" wait_screen '\\read'
is "... which is one" "$(rows | wc -l)" 1
key f C-u Enter
wait_until 10 two_rows
ok "an empty filter shows all again" two_rows
key / w r i t e Enter Enter
ok "/ finds the row that Enter opens" wait_screen '^mutex@anon_pipe_write'
key q
wait_screen '^LOCK'
key F6
ok "F6: the sort menu" wait_screen 'Sort by'
key Up Up Up Enter
ok "... sorts by what it is on" wait_screen '^LOCKv'
key '>'
ok "> sorts by the next column" wait_screen 'NOWv'
key r
ok "r reverses" wait_screen 'NOW\^'
key r '<' '<'
ok "< by the one before" wait_screen 'HOLDERv'
key F6 Up Up Up Up Enter Home
wait_screen 'LOST/Sv'
key ?
ok "?: the help" wait_screen 'What the columns mean'
key q
ok "... and back" wait_screen '^LOCK'
key i 0 . 3 Enter
ok "i: another interval" wait_screen 'every 300 ms'
key i x Enter
ok "... but no nonsense" wait_screen 'give seconds from 0.1'
key p
ok "p pauses" wait_screen 'PAUSED'
key Enter
ok "... and details still open" wait_screen '^mutex@anon_pipe_'
key q p
ok "p goes on" wait_screen 'up [0-9]'

# Sizes.
for size in "80 24" "40 10" "200 50" "10 3" "120 40" "80 24"; do
	# shellcheck disable=SC2086 # two words
	screen_size $size
	wait_screen 'too small|^LOCK'
done
ok "it follows the size of the terminal" wait_screen '^LOCK.*LOST/Sv.*AVG'

# Save: a recording and its report.
key s
ok "s saves" wait_screen 'saved lockscope-[0-9-]+\.lks'
saved=$(ls "$T"/lockscope-*.lks)
ok "... a text, too" test -s "${saved%.lks}.txt"
"$LOCKSCOPE" report -q --format json "$saved" > "$T/saved.json"
checks "$T/saved.json" "$T/held.held" <<'E2'
what was saved has the three that wait :: len(R["still_waiting"]) == 3
... behind the holder :: all(w["owner"]["comm"] == "lk-holder" for w in R["still_waiting"])
... and nothing is lost :: nothing_lost
E2
like "the text is the report on it" "$(cat "${saved%.lks}.txt")" "Still waiting when the trace ended"

# Stop and go on.
key C-z
stopped() { [[ $(sed 's/.*) //; s/ .*//' "/proc/$tracer/stat") == T ]]; }
wait_until 10 stopped
ok "Ctrl-Z stops it" stopped
ok "... with the terminal as it was" wait_screen '^\$$'
key fg Enter
ok "fg brings it back" wait_screen '^LOCK'

# The end.
kill -USR1 "$pid"
wait "$pid"
ok "when the holder lets go nobody is blocked" wait_screen 'Blocked 0'
key q
wait_until 20 ended
is "q ends it in order" "$(screen_status)" 0
ok "the modes of the terminal are what they were" screen_restored
unlike "and the screen has gone" "$(look)" "LOST/S"
"$LOCKSCOPE" report -q --format json "$T/all.lks" > "$T/all.json"
checks "$T/all.json" "$T/held.result" <<'E2'
--save recorded it :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 3
... and nothing is lost :: nothing_lost
E2
done_testing
