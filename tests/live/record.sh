#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A recording says what the run said: byte for byte, in every format; and record
# sees what run sees.
. "$(dirname "$0")/lib/live.bash"
live_require

for format in text json csv; do
	"$LOCKSCOPE" run -q --format $format --save "$T/$format.lks" -o "$T/$format.run" -- \
		"$CONTEND" --result "$T/$format.result" -w 4 -r 3 pipe || diag "run failed: $?"
	"$LOCKSCOPE" report -q --format $format "$T/$format.lks" >"$T/$format.report" || diag "report failed: $?"
	[ -s "$T/$format.run" ] && cmp "$T/$format.run" "$T/$format.report"
	verdict $? "$format: report of the recording is the run's output, byte for byte"
done

for options in "--by task,lock" "--by owner" "--view all" "-v" "-E 1 -k contended"; do
	# shellcheck disable=SC2086
	"$LOCKSCOPE" run -q $options --save "$T/o.lks" -o "$T/o.run" -- "$CONTEND" --result "$T/o.result" -w 3 dir
	# shellcheck disable=SC2086
	"$LOCKSCOPE" report -q $options "$T/o.lks" >"$T/o.report"
	[ -s "$T/o.run" ] && cmp "$T/o.run" "$T/o.report"
	verdict $? "text $options: the same"
done

# With interval lines on the way, the summary is still the report's.
"$LOCKSCOPE" run -q -i 0.1 --save "$T/i.lks" --format json -o "$T/i.run" -- \
	"$CONTEND" --result "$T/i.result" -w 4 -r 8 pipe
"$LOCKSCOPE" report -q --format json "$T/i.lks" >"$T/i.report"
tail -n "$(wc -l <"$T/i.report")" "$T/i.run" | cmp - "$T/i.report"
verdict $? "with -i: what follows the intervals is the report"
checks "$T/i.report" "$T/i.result" <<'E2'
with -i: nothing is counted twice or lost :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 32
E2

for waits in "" --waits; do
	"$LOCKSCOPE" record -q $waits -o "$T/r.lks" -- "$CONTEND" --result "$T/r.result" -w 4 -r 5 inode ||
		diag "record failed: $?"
	"$LOCKSCOPE" report -q --format json "$T/r.lks" >"$T/r.json"
	checks "$T/r.json" "$T/r.result" <<E2
record $waits: waits of the rwsem, counted exactly :: count(waits("rwsem:W")) == C.blocked == 20
record $waits: total time is what the waiters lost :: near(total(waits("rwsem:W")), C.lost_ns, 0.02)
record $waits: owner is the known holder :: waits("rwsem:W")[0].owner.comm == "lk-holder"
record $waits: nothing is lost :: nothing_lost
E2
done

"$LOCKSCOPE" report -q --format json "$T/r.lks" "$T/i.lks" >"$T/merged.json"
checks "$T/merged.json" "$T/r.result" <<'E2'
two recordings merge: the waits of both :: count(waits("rwsem:W")) == 20 and count(pick(type="mutex", caller="pipe_")) == 32
E2

# Killed while it records: the file still has what came until the last interval.
workload pid killed -w 4 -r 3 pipe
start tracer "$LOCKSCOPE" record -q -i 0.1 -o "$T/killed.lks" -p "$pid"
wait_attached "$tracer"
go killed
wait "$pid"
size=$(stat -c %s "$T/killed.lks")
grown() { [ "$(stat -c %s "$T/killed.lks")" -gt "$size" ]; }
wait_until 10 grown
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
"$LOCKSCOPE" report -q --format json "$T/killed.lks" >"$T/killed.json"
is "killed: the incomplete recording is reported" $? 0
"$LOCKSCOPE" report -q --strict --format json "$T/killed.lks" >/dev/null
is "killed: --strict says so by its exit status" $? 4
checks "$T/killed.json" "$T/killed.result" <<'E2'
killed: the waits are in it :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 12
killed: it is labelled incomplete :: R["complete"] is False
E2
done_testing
