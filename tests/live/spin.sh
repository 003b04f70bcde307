#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Spinning: threads that walk one futex hash bucket under its spinlock.
. "$(dirname "$0")/lib/live.bash"
live_require

# Whether threads meet is up to the scheduler, and on a busy machine they may run one
# after the other: try again, with more to do, until they have met.
met()
{
	operations=$((operations * 2))
	"$LOCKSCOPE" run -q --format json -o "$T/futex.json" -- \
		"$CONTEND" --result "$T/futex.result" -w 4 -n "$operations" futex
	[ "$(python3 -c 'import json, sys
print(sum(int(r["count"]) for r in json.load(open(sys.argv[1]))["contention"]
          if r["type"] == "spinlock" and r["caller"] == "futex_wake"))' "$T/futex.json")" -gt 200 ]
}

operations=100000
wait_until 40 met || diag "the threads hardly met"
"$LOCKSCOPE" run -q --format json -o "$T/solo.json" -- \
	"$CONTEND" --result "$T/solo.result" --solo -w 4 -n 200000 futex

# On a machine where nobody contended (one CPU; no slow path that the kernel reports)
# there is nothing to see.
if [ "$(nproc)" -lt 2 ]; then
	skip_all "one CPU: no spinlock is contended"
fi
checks "$T/futex.json" "$T/futex.result" <<'E2'
futex: a spinlock ranks first by count :: max(rows, key=lambda r: r.count).type == "spinlock"
futex: from futex_wake :: max(rows, key=lambda r: r.count).caller == "futex_wake"
futex: many of the operations met each other, none waited twice :: 200 < count(pick(type="spinlock", caller="futex_wake")) <= C.ops + 64
futex: nobody waited longer than all ran :: total(pick(type="spinlock", caller="futex_wake")) <= C.elapsed_ns * 4
futex: a spinlock has no owner word :: all(not r.owner for r in pick(type="spinlock"))
futex: quantiles lie between the extremes :: all(r.min_ns <= r.p50_ns <= r.p95_ns <= r.p99_ns <= r.max_ns for r in rows)
E2
checks "$T/solo.json" "$T/solo.result" <<'E2'
futex twin: no wait in futex_wake :: C.ops == 800000 and pick(caller="futex_wake") == []
E2
done_testing
