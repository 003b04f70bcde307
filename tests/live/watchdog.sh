#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A tracer that is stopped costs nothing: its hooks stop by themselves after some seconds,
# and begin again when it goes on. The report has the hole. The twin is busy, and well.
. "$(dirname "$0")/lib/live.bash"
live_require
command -v bpftool >/dev/null || skip_all "bpftool is not installed"
"$LOCKSCOPE" doctor >"$T/doctor"
grep -q '^  yes *watchdog' "$T/doctor" || skip_all "no timers for BPF programs here"

# bss_of PID: the map of its contention object's variables
bss_of() {
	local id
	for id in $(python3 -B "$LIVE_DIR/bpfobjects.py" of "$1" | sed -n 's/^map //p'); do
		if bpftool map show id "$id" 2>/dev/null | grep -q 'name trace_bp\.bss'; then
			echo "$id"
			return
		fi
	done
}
# gate_is MAP VALUE: does the word that the hooks look at first have this value?
gate_is() { bpftool map dump id "$1" | grep -Eq "\"enabled\": $2\$"; }

# The contention tier alone, so that all of it runs on every kernel.
workload pid busy --until-signal --held "$T/busy.held" -w 3 -r 1 pipe
workload after after -w 3 -r 2 pipe
start tracer "$LOCKSCOPE" run --tier contention -p "$pid,$after" --strict --format json -o "$T/hole.json" --save "$T/hole.lks" 2>"$T/hole.err"
wait_attached "$tracer"
map=$(bss_of "$tracer")
gate_is "$map" 1
verdict $? "the gate is up"
go busy
wait_until 20 exists "$T/busy.held"
kill -STOP "$tracer"
wait_until 30 gate_is "$map" 0
verdict $? "stopped: the gate goes down by itself"
# Three tasks have waited since before that, and get the lock unseen.
kill -USR1 "$pid"
wait "$pid"
kill -CONT "$tracer"
wait_until 20 gate_is "$map" 1
verdict $? "continued: it is up again"
go after
wait "$after"
kill -INT "$tracer"
wait "$tracer"
is "the result is incomplete" $? 4
like "it was said at once" "$(cat "$T/hole.err")" \
	'^lockscope: nothing was traced from [0-9:]{8} to [0-9:]{8}: lockscope itself was stopped'
checks "$T/hole.json" "$T/after.result" <<'E2'
the report has the hole :: [(s["what"], s["cause"]) for s in R["shed"]] == [("all", "stopped")]
it ended :: int(R["shed"][0]["until_ns"]) > int(R["shed"][0]["from_ns"])
coverage is partial :: all(c["state"] in ("partial", "none") for c in R["coverage"] if c["tier"] == "contention")
what came after it was traced, and no wait was made up over it :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 6
waits that ended in it are not waiting still :: R["still_waiting"] == []
E2
"$LOCKSCOPE" report --format json "$T/hole.lks" >"$T/again.json"
cmp -s "$T/hole.json" "$T/again.json"
verdict $? "the recording has it, too"
"$LOCKSCOPE" report "$T/hole.lks" >"$T/hole.txt"
like "the last line says it" "$(tail -n 1 "$T/hole.txt")" '^INCOMPLETE: nothing was traced from .* to '

# The twin: there is much to do, and it takes longer than the watchdog waits.
workload pid well -w 4 -n 100000000 --deadline 60 steady
start tracer "$LOCKSCOPE" run --tier contention -p "$pid" -d 7 --format json -o "$T/well.json" 2>"$T/well.err"
wait_attached "$tracer"
go well
wait "$tracer"
is "twin: it ends well" $? 0
kill -TERM "$pid" && wait "$pid"
checks "$T/well.json" /dev/null <<'E2'
twin: no hole :: R["shed"] == []
twin: nothing is lost :: nothing_lost
twin: it was busy :: count(rows) > 0
E2
done_testing
