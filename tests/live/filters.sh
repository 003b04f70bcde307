#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Filters: what they let through and what they keep out, live (-p -t -G -Y) and in
# the view (-L -S).
. "$(dirname "$0")/lib/live.bash"
live_require

# observe NAME "OPTIONS" ARGS... - lockscope beside a contend that waits for it;
# OPTIONS may use $pid (the workload's) and $tid (of the thread named $who).
observe() {
	local name=$1 options=$2 pid tid tracer
	workload pid "$name" "${@:3}"
	tid=$(python3 -c 'import json,sys
print(next(t["tid"] for t in json.load(open(sys.argv[1]))["threads"] if t["comm"] == sys.argv[2]))' \
		"$T/$name.ready" "${who:-lk-wait-0}")
	eval "options=\"$options\""
	# shellcheck disable=SC2086
	start tracer "$LOCKSCOPE" run -q --format json -o "$T/$name.json" $options
	wait_attached "$tracer"
	go "$name"
	wait "$pid"
	kill -INT "$tracer"
	wait "$tracer"
}

observe pid '-p $pid' -w 4 -r 3 pipe
checks "$T/pid.json" "$T/pid.result" <<'E2'
-p: all waits of the process :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 12
E2
observe pid1 '-p 1' -w 4 -r 3 pipe
checks "$T/pid1.json" "$T/pid1.result" <<'E2'
-p of another process: none of them :: C.blocked == 12 and pick(caller="pipe_", type="mutex") == []
E2

observe tid '-t $tid' -w 4 -r 3 pipe
checks "$T/tid.json" "$T/tid.result" <<'E2'
-t: the waits of that thread only :: count(pick(type="mutex", caller="pipe_")) == 3
E2
who=lk-holder observe tid1 '-t $tid' -w 4 -r 3 pipe
checks "$T/tid1.json" "$T/tid1.result" <<'E2'
-t of the holder: it waited for nobody :: C.blocked == 12 and pick(caller="pipe_", type="mutex") == []
E2

observe type '-p $pid -Y mutex' -w 4 -r 3 pipe
checks "$T/type.json" "$T/type.result" <<'E2'
-Y mutex: the mutex, and no other type :: count(pick(caller="pipe_")) == 12 and {r.type for r in rows} == {"mutex"}
E2
observe type1 '-p $pid -Y spinlock,rwlock' -w 4 -r 3 pipe
checks "$T/type1.json" "$T/type1.result" <<'E2'
-Y spinlock,rwlock: no mutex :: C.blocked == 12 and all(r.type in ("spinlock", "rwlock:R", "rwlock:W") for r in rows)
E2

observe lock '-p $pid -L mmap_lock' -w 4 -r 4 mmap
checks "$T/lock.json" "$T/lock.result" <<'E2'
-L mmap_lock: that lock and no other :: rows and all("mmap_lock" in r.lock for r in rows)
E2
observe lock1 '-p $pid -L no_such_lock' -w 4 -r 4 mmap
checks "$T/lock1.json" "$T/lock1.result" <<'E2'
-L of a lock that is not there: nothing :: C.blocked > 0 and rows == []
E2

observe addr '-p $pid --by addr,type,caller' -w 4 -r 3 pipe
addr=$(python3 -c 'import json,sys
print(next(r["addr"] for r in json.load(open(sys.argv[1]))["contention"] if r["type"] == "mutex"))' "$T/addr.json")
like "--by addr: an address" "$addr" '^0x[0-9a-f]{16}$'
"$LOCKSCOPE" report --schema >/dev/null || diag "no schema"

observe caller '-p $pid -S pipe_write' -w 4 -r 3 pipe
checks "$T/caller.json" "$T/caller.result" <<'E2'
-S pipe_write: the writers only :: count(pick(type="mutex")) == 6 and all("pipe_write" in r.caller for r in pick(type="mutex"))
E2
observe caller1 '-p $pid -S no_such_function' -w 4 -r 3 pipe
checks "$T/caller1.json" "$T/caller1.result" <<'E2'
-S of a function that is not there: nothing :: C.blocked == 12 and rows == []
E2

cg=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$cg" ] && mkdir "$cg/lockscope-live-$$" "$cg/lockscope-live-$$/in" "$cg/lockscope-live-$$.other" 2>/dev/null; then
	inside() { bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$cg/lockscope-live-$$/in" "$@"; }
	for name in cgroup cgroup1 ; do
		rm -f "$T/$name".*; mkfifo "$T/$name.go"
		start pid inside "$CONTEND" --ready "$T/$name.ready" --go "$T/$name.go" \
			--result "$T/$name.result" -w 4 -r 3 pipe
		wait_until 20 exists "$T/$name.ready"
		path=lockscope-live-$$
		[ $name = cgroup ] || path+=.other
		start tracer "$LOCKSCOPE" run -q --format json --by cgroup,type -o "$T/$name.json" -G "$path"
		wait_attached "$tracer"
		go $name
		wait "$pid"
		kill -INT "$tracer"
		wait "$tracer"
	done
	checks "$T/cgroup.json" "$T/cgroup.result" <<E2
-G: waits of tasks below that cgroup :: count(pick(type="mutex")) == C.blocked == 12
--by cgroup: named by its path :: pick(type="mutex")[0].cgroup == "/lockscope-live-$$/in"
E2
	checks "$T/cgroup1.json" "$T/cgroup1.result" <<'E2'
-G of another cgroup: none of them :: C.blocked == 12 and rows == []
E2
	rmdir "$cg/lockscope-live-$$/in" "$cg/lockscope-live-$$" "$cg/lockscope-live-$$.other"
else
	skip "-G and --by cgroup" "no cgroup2 that we may write to"
fi
done_testing
