#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A task that still waits when the trace ends is in the report, with its owner.
. "$(dirname "$0")/lib/live.bash"
live_require

workload pid still --until-signal --held "$T/still.held" -w 3 -r 1 pipe
start tracer "$LOCKSCOPE" run -q --format json -o "$T/still.json" -p "$pid"
wait_attached "$tracer"
go still
wait_until 20 exists "$T/still.held"
verdict $? "three tasks wait"
kill -INT "$tracer"
wait "$tracer"
is "the run ends while they wait" $? 0
kill -USR1 "$pid"
wait "$pid"
checks "$T/still.json" "$T/still.result" <<'E2'
all three are in the report as waiting :: len(R["still_waiting"]) == 3
by name and thread id :: {(w["task"]["comm"], w["task"]["tid"]) for w in R["still_waiting"]} == {(w.comm, w.tid) for w in waiters}
behind the known holder :: all(w["owner"]["comm"] == "lk-holder" and w["owner"]["tid"] == holder.tid for w in R["still_waiting"])
for a mutex, from the pipe :: all(w["type"] == "mutex" and "pipe_" in w["caller"] for w in R["still_waiting"])
not longer than it lasted :: all(0 < int(w["waited_ns"]) <= C.lost_ns for w in R["still_waiting"])
the rows say how many have not ended :: sum(r.waiting or 0 for r in pick(type="mutex", caller="pipe_")) == 3
E2

# The twin: they had all got the lock before the end.
workload pid over -w 3 -r 1 pipe
start tracer "$LOCKSCOPE" run -q --format json -o "$T/over.json" -p "$pid"
wait_attached "$tracer"
go over
wait "$pid"
kill -INT "$tracer"
wait "$tracer"
checks "$T/over.json" "$T/over.result" <<'E2'
twin: nobody waits any more :: R["still_waiting"] == [] and count(pick(type="mutex", caller="pipe_")) == C.blocked == 3
E2

# A trace that begins while they wait sees no beginning: it must not make one up.
workload pid before --until-signal --held "$T/before.held" -w 3 -r 1 pipe
go before
wait_until 20 exists "$T/before.held"
start tracer "$LOCKSCOPE" run -q --format json -o "$T/before.json" -p "$pid"
wait_attached "$tracer"
kill -USR1 "$pid"
wait "$pid"
kill -INT "$tracer"
wait "$tracer"
checks "$T/before.json" "$T/before.result" <<'E2'
began before the trace: no row for them :: C.blocked == 3 and pick(type="mutex", caller="pipe_") == []
began before the trace: their ends are counted as unmatched :: loss("unmatched-end") >= 3
E2
done_testing
