#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The same run seen by an independent observer, bpftrace on the same tracepoints:
# counts within 1 %, total wait within 5 %. Both are attached before the workload
# begins and stop after it has ended.
#
# Each tracer's own work lies within what the other measures, some microseconds a
# wait; where waits are as short as that (a spinlock's), only that can be asked.
. "$(dirname "$0")/lib/live.bash"
live_require
command -v bpftrace >/dev/null || skip_all "bpftrace is not installed"

observed() { grep -q ready "$T/$1.bt" 2>/dev/null; }

# measure NAME ARGS... - one run under both: sets count_good, total_good, nr and text.
measure() {
	local name=$1 pid tracer observer
	workload pid "$name" "${@:2}"
	start tracer "$LOCKSCOPE" run -q --format json -o "$T/$name.json" -p "$pid"
	start observer "$LIVE_DIR/observer" "$pid" >"$T/$name.bt" 2>"$T/$name.bterr"
	wait_attached "$tracer"
	wait_until 30 observed "$name" || diag "bpftrace: $(tail -n 2 "$T/$name.bterr")"
	go "$name"
	wait "$pid"
	kill -INT "$tracer" "$observer"
	wait "$tracer"
	wait "$observer"
	python3 -B - "$T/$name.json" "$T/$name.bt" "$per_wait" >"$T/$name.cmp" <<'E2'
import json, sys
report = json.load(open(sys.argv[1]))
maps = {}
for line in open(sys.argv[2]):
    if line.strip():
        doc = json.loads(line)
        if doc["type"] == "map":
            maps.update(doc["data"])
count = sum(int(r["count"]) for r in report["contention"])
total = sum(int(r["total_ns"]) for r in report["contention"])
seen, waited = sum(maps.get("@count", {}).values()), sum(maps.get("@total", {}).values())
off = lambda a, b: abs(a - b) / b if b else 1.0
print(int(off(count, seen) <= 0.01),
      int(off(total, waited) <= 0.05 or abs(total - waited) <= int(sys.argv[3]) * (seen + 10)),
      seen, f"count {count}, observer {seen}: {100 * (count - seen) / max(seen, 1):+.2f} %;",
      f"total {total} ns, observer {waited} ns: {100 * (total - waited) / max(waited, 1):+.2f} %;",
      "loss " + (", ".join(f"{l['counter']} {l['count']}" for l in report["loss"]) or "none"))
E2
	read -r count_good total_good nr text <"$T/$name.cmp"
}

# compare NAME ARGS... - deviations go to the diagnostics.
# $per_wait is the ns that two tracers in series may differ by on each wait. One interrupt
# between the two can be longer than a few short waits: where so few differ, it is tried again.
compare() {
	local name=$1 try count_good total_good nr text per_wait=${per_wait:-0} within=
	[ "$per_wait" = 0 ] || within=" or $per_wait ns a wait and ten more"
	for try in 1 2 3; do
		measure "$name.$try" "${@:2}"
		if [ "${count_good:-0}${total_good:-0}" = 11 ] || [ "${nr:-0}" -ge 100 ]; then
			break
		fi
		diag "$name: too few waits to tell, try $try: ${text:-no result}"
	done
	[ "${count_good:-0}" = 1 ]
	verdict $? "$name: counts agree within 1 %"
	[ "${total_good:-0}" = 1 ]
	verdict $? "$name: total wait agrees within 5 %$within"
	diag "$name: ${text:-no result}"
}

compare pipe -w 6 -r 60 --hold-ms 4 pipe
compare dir -w 6 -r 60 --hold-ms 4 dir
compare mmap -w 4 -r 30 mmap
if [ "$(nproc)" -ge 3 ]; then
	per_wait=10000 compare futex -w 4 -n 100000 futex
else	# who is first in line for a queued spinlock is not heard of: it takes a third CPU
	skip "futex: as bpftrace saw it" "fewer than three CPUs: no waits for a queued spinlock that can be heard"
fi
per_wait=10000 compare steady -w 4 -n 60000 steady
done_testing
