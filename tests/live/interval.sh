#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Periodic lines: they come while the run lasts, and their sums are the summary's.
. "$(dirname "$0")/lib/live.bash"
live_require

"$LOCKSCOPE" run -q -i 0.1 --format json --save "$T/i.lks" -o "$T/i.out" -- \
	"$CONTEND" --result "$T/i.result" -w 4 -r 10 --hold-ms 60 pipe
"$LOCKSCOPE" report -q --format json "$T/i.lks" >"$T/i.json"
head -n "-$(wc -l <"$T/i.json")" "$T/i.out" >"$T/lines"
python3 -B - "$T/lines" "$T/i.json" "$T/i.result" >"$T/sums" <<'E2'
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
report, result = json.load(open(sys.argv[2])), json.load(open(sys.argv[3]))
rows = lambda doc: doc["contention"]
summed = lambda docs, key: sum(int(r[key]) for d in docs for r in rows(d))
print(len(lines), summed(lines, "count"), summed([report], "count"),
      summed(lines, "total_ns"), summed([report], "total_ns"), result["elapsed_ns"] // 100000000)
E2
read -r nr lines_count count lines_total total tenths <"$T/sums"
[ "${nr:-0}" -ge $((tenths - 1)) ] && [ "${nr:-0}" -le $((tenths + 4)) ]
verdict $? "one line every 100 ms (${nr:-none} in ${tenths:-?}00 ms)"
[ "${lines_count:-x}" -le "${count:-0}" ] && [ "$lines_count" -ge 36 ]
verdict $? "counts of the lines add up to no more than the summary's (${lines_count:-?} of ${count:-?})"
[ "${lines_total:-x}" -le "${total:-0}" ] && [ "$lines_total" -ge $((total * 8 / 10)) ]
verdict $? "times of the lines add up to no more than the summary's"

# In text they come while the run lasts, not at the end.
workload pid live --until-signal --held "$T/live.held" -w 2 -r 1 pipe
start tracer "$LOCKSCOPE" run -q -i 0.1 -o "$T/live.txt" -p "$pid"
wait_attached "$tracer"
go live
has_output() { [ -s "$T/live.txt" ]; }
wait_until 20 has_output
verdict $? "text: lines come while the run lasts"
kill -USR1 "$pid"
wait "$pid"
kill -INT "$tracer"
wait "$tracer"
is "and it ends in order" $? 0
done_testing
