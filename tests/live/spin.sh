#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Spinning: threads that walk one futex hash bucket under its spinlock, and threads
# that write tasklist_lock.
. "$(dirname "$0")/lib/live.bash"
live_require
if [ "$(nproc)" -lt 2 ]; then
	skip_all "one CPU: no spinlock is contended"
fi

# Whether threads meet is up to the scheduler, and on a busy machine they may run one
# after the other: try again, with more to do, until they have met.
# met SCENARIO TYPE CALLER
met()
{
	operations=$((operations * 2))
	"$LOCKSCOPE" run -q --format json -o "$T/$1.json" -- \
		"$CONTEND" --result "$T/$1.result" -w 4 -n "$operations" "$1"
	[ "$(python3 -c 'import json, sys
print(sum(int(r["count"]) for r in json.load(open(sys.argv[1]))["contention"]
          if r["type"] == sys.argv[2] and sys.argv[3] in r["caller"]))' "$T/$1.json" "$2" "$3")" -gt 200 ]
}

solo()
{
	"$LOCKSCOPE" run -q --format json -o "$T/$1-solo.json" -- \
		"$CONTEND" --result "$T/$1-solo.result" --solo -w 4 -n 200000 "$1"
}

operations=50000
wait_until 40 met group rwlock:W setpgid || diag "the threads hardly met"
solo group
checks "$T/group.json" "$T/group.result" <<'E2'
group: an rwlock, written, from setpgid, ranks first by count :: (lambda r: r.type == "rwlock:W" and "setpgid" in r.caller)(max(rows, key=lambda r: r.count))
group: many of the operations met each other, none waited twice :: 200 < count(pick(type="rwlock:W")) <= C.ops + 64
group: nobody waited longer than all ran :: total(pick(type="rwlock:W")) <= C.elapsed_ns * 4
group: an rwlock has no owner word :: all(not r.owner for r in pick(type="rwlock:W"))
group: quantiles lie between the extremes :: all(r.min_ns <= r.p50_ns <= r.p95_ns <= r.p99_ns <= r.max_ns for r in rows)
E2
checks "$T/group-solo.json" "$T/group-solo.result" <<'E2'
group twin: hardly a wait in setpgid (what else forks takes that lock, too) :: C.ops == 800000 and count([r for r in rows if "setpgid" in r.caller]) < 100
E2

# A queued spinlock's first waiter spins on the lock word, and no tracepoint tells of it
# (kernel/locking/qspinlock.c, the pending bit; not so where the kernel is a guest with
# PV spinlocks): on two CPUs there may be no other.
operations=100000
solo futex
if ! wait_until 15 met futex spinlock futex_wake; then
	diag "the threads hardly met"
	[ "$(nproc)" -gt 2 ] || live_skip="hardly a spinlock's second waiter on two CPUs"
fi
checks "$T/futex.json" "$T/futex.result" <<'E2'
futex: a spinlock ranks first by count :: max(rows, key=lambda r: r.count).type == "spinlock"
futex: from futex_wake :: max(rows, key=lambda r: r.count).caller == "futex_wake"
futex: many of the operations met each other, none waited twice :: 200 < count(pick(type="spinlock", caller="futex_wake")) <= C.ops + 64
futex: nobody waited longer than all ran :: total(pick(type="spinlock", caller="futex_wake")) <= C.elapsed_ns * 4
futex: a spinlock has no owner word :: all(not r.owner for r in pick(type="spinlock"))
futex: quantiles lie between the extremes :: all(r.min_ns <= r.p50_ns <= r.p95_ns <= r.p99_ns <= r.max_ns for r in rows)
E2
live_skip=
checks "$T/futex-solo.json" "$T/futex-solo.result" <<'E2'
futex twin: no wait in futex_wake :: C.ops == 800000 and pick(caller="futex_wake") == []
E2
done_testing
