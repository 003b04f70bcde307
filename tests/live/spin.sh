#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Spinning: threads that walk one futex hash bucket under its spinlock.
. "$(dirname "$0")/lib/live.bash"
live_require

"$LOCKSCOPE" run -q --format json -o "$T/futex.json" -- \
	"$CONTEND" --result "$T/futex.result" -w 4 -n 200000 futex
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
futex: many of the operations met each other, none waited twice :: 100 < count(pick(type="spinlock", caller="futex_wake")) <= C.ops + 64
futex: nobody waited longer than all ran :: total(pick(type="spinlock", caller="futex_wake")) <= C.elapsed_ns * 4
futex: a spinlock has no owner word :: all(not r.owner for r in pick(type="spinlock"))
futex: quantiles lie between the extremes :: all(r.min_ns <= r.p50_ns <= r.p95_ns <= r.p99_ns <= r.max_ns for r in rows)
E2
checks "$T/solo.json" "$T/solo.result" <<'E2'
futex twin: no wait in futex_wake :: C.ops == 800000 and pick(caller="futex_wake") == []
E2
done_testing
