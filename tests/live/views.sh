#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Views on one run: groupings, sort keys, entries. Sums do not depend on the view.
. "$(dirname "$0")/lib/live.bash"
live_require

"$LOCKSCOPE" run -q --save "$T/v.lks" --format json -o "$T/v.json" -- \
	"$CONTEND" --result "$T/v.result" -w 4 -r 4 --hold-ms 30 pipe

view() { "$LOCKSCOPE" report -q --format json "$@" "$T/v.lks" >"$T/view.json" || diag "report $* failed: $?"; }

view --by lock
checks "$T/view.json" "$T/v.result" <<'E2'
--by lock: names are unique :: len({r.lock for r in rows}) == len(rows) >= 1
E2
view --by caller
checks "$T/view.json" "$T/v.result" <<'E2'
--by caller: one row for each of the two, the first two :: {r.caller.replace("anon_", "") for r in rows[:2]} == {"pipe_read", "pipe_write"} and len({r.caller for r in rows}) == len(rows)
E2
view --by type
checks "$T/view.json" "$T/v.result" <<'E2'
--by type: the mutexes ahead, all in one row :: first.type == "mutex" and first.count == C.blocked and len({r.type for r in rows}) == len(rows)
E2
view --by task
checks "$T/view.json" "$T/v.result" <<'E2'
--by task: the four waiters ahead, each with its thread id :: {r.tid for r in rows[:4]} == {w.tid for w in waiters}
--by task: each has the time it measured itself :: all(near(r.total_ns, w.lost_ns, 0.03) for r in rows[:4] for w in waiters if w.tid == r.tid)
--by task: each has its name :: {r.comm for r in rows[:4]} == {w.comm for w in waiters}
E2
view --by task -Y mutex
checks "$T/view.json" "$T/v.result" <<'E2'
--by task -Y mutex: each waiter once a round :: [r.count for r in rows] == [C.rounds] * 4
E2
view --by process -Y mutex
checks "$T/view.json" "$T/v.result" <<'E2'
--by process: one row, the workload :: len(rows) == 1 and first.count == C.blocked
E2
view --by owner -Y mutex
checks "$T/view.json" "$T/v.result" <<'E2'
--by owner: the holder ahead, with its thread id :: first.owner.comm == "lk-holder" and first.owner.tid == holder.tid and first.count == C.blocked
E2
view --by lock,task
checks "$T/view.json" "$T/v.result" <<'E2'
--by lock,task: no two rows for the same pair :: len({(r.lock, r.tid) for r in rows}) == len(rows)
E2
view --by context
checks "$T/view.json" "$T/v.result" <<'E2'
--by context: system calls ahead :: first.context == "task"
E2
for by in lock addr type caller task process cgroup context lock,type,caller; do
	view --by $by
	cp "$T/view.json" "$T/by.json"
	checks "$T/by.json" "$T/v.json" <<E2
--by $by: count is that of the run :: count(rows) == sum(int(r["count"]) for r in C["contention"])
--by $by: total is that of the run :: total(rows) == sum(int(r["total_ns"]) for r in C["contention"])
E2
done

for key in contended:count wait_total:total_ns wait_max:max_ns wait_min:min_ns avg_wait:avg_ns \
		p50:p50_ns p95:p95_ns p99:p99_ns; do
	view --by caller -k "${key%:*}"
	checks "$T/view.json" "$T/v.result" <<E2
-k ${key%:*}: descending :: [r["${key#*:}"] for r in rows] == sorted((r["${key#*:}"] for r in rows), reverse=True) and len(rows) > 1
E2
done
view --by task -E 2
checks "$T/view.json" "$T/v.result" <<'E2'
-E 2: the first two :: len(rows) == 2 and {r.comm for r in rows} <= {w.comm for w in waiters}
E2
done_testing
