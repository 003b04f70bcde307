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

# measure NAME ARGS... - one run under both: sets count, total, seen, waited, loss and text.
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
	read -r count total seen waited loss < <(python3 -B "$LIVE_DIR/sums.py" "$T/$name.json" "$T/$name.bt")
	text="count ${count:-none}, observer ${seen:-none}; total ${total:-none} ns, observer ${waited:-none} ns; loss ${loss:-?}"
}

# within A B PERCENT NS - A and B differ by PERCENT of B at most, or by NS (both are positive).
within() {
	local off=$(($1 > $2 ? $1 - $2 : $2 - $1))
	[ $((off * 100)) -le $(($2 * $3)) ] || [ "$off" -le "$4" ]
}

# compare NAME ARGS... - deviations go to the diagnostics.
# $per_wait is the ns that two tracers in series may differ by on each wait; where it is
# given, waits are as short as one interrupt between the two, and few say nothing: it is
# tried again, and what the observer itself hardly sees is skipped.
compare() {
	local name=$1 try count total seen waited loss text per_wait=${per_wait:-0} or=
	[ "$per_wait" = 0 ] || or=" or $per_wait ns a wait"
	for try in 1 2 3; do
		measure "$name.$try" "${@:2}"
		if [ "$per_wait" = 0 ] || [ "${seen:-100}" -ge 100 ]; then
			break
		fi
		diag "$name: few waits, try $try: $text"
	done
	if [ "$per_wait" != 0 ] && [ "${seen:-100}" -lt 100 ]; then
		is "$name: counts agree" "${count:-none}" "$seen"
		skip "$name: total wait" "hardly a wait in three runs"
		return
	fi
	[ "${seen:-0}" -gt 0 ] && within "$count" "$seen" 1 0
	verdict $? "$name: counts agree within 1 %"
	[ "${waited:-0}" -gt 0 ] && within "$total" "$waited" 5 $((per_wait * seen))
	verdict $? "$name: total wait agrees within 5 %$or"
	diag "$name: $text"
}

compare pipe -w 6 -r 60 --hold-ms 4 pipe
compare dir -w 6 -r 60 --hold-ms 4 dir
compare mmap -w 4 -r 30 mmap
per_wait=10000 compare futex -w 4 -n 100000 futex
per_wait=10000 compare steady -w 4 -n 60000 steady
done_testing
