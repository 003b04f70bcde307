#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Inside a guest whose lock functions can be hooked: a budget that is far too small sheds
# step by step and says so; what is shed has no hooks until it is taken back; without a
# budget nothing is shed; a tracer that is stopped has its hooks stopped.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. /tests/lib/tap.sh
LOCKSCOPE=lockscope
BPFSTAT=/tests/bpfstat

lockscope doctor >"$TMP/doctor"
grep -Eq '^  yes *fentry/fexit' "$TMP/doctor" || skip_all "no fentry here"
grep -Eq '^  yes *watchdog' "$TMP/doctor" || skip_all "no timers for BPF programs here"

coverage() { sed -n -E "s/^  $1 +$2 +(full|partial|none|unknown)( +(.*))?$/\1/p" <<<"$out"; }
once='find /sys -maxdepth 4 >/dev/null 2>&1'
work="while :; do $once; done"
work_until_off="while [ -e $TMP/work ]; do $once; done"
# Lines of standard error that say what is off, without the times.
said() { sed -n -E 's/^lockscope: (.*) from [0-9:]{8} on: over budget, [0-9.]+ % of [0-9]+ CPUs?, 0.01 % allowed$/\1/p' <<<"$err"; }

# Each step waits until the hooks of the one before are gone.
: >"$TMP/work"
lockscope run --tier order --hold-times --budget 0.01 --view coverage,loss --strict -a -- \
	bash -c "$work_until_off" >"$TMP/tiny.out" 2>"$TMP/tiny.err" &
pid=$!
ok "a tiny budget: in the end no order is left" wait_for "grep -q '^lockscope: order off ' $TMP/tiny.err" 240
rm "$TMP/work"
wait $pid
is "a tiny budget: incomplete" "$?" 4
out=$(cat "$TMP/tiny.out") err=$(cat "$TMP/tiny.err")
is "a tiny budget: first spinning locks, then hold times, then slices, then all" "$(said)" "spin order off
hold times off
order only in slices of the time
order off"
is "a tiny budget: coverage of spinning locks" "$(coverage order spinlock)" partial
is "a tiny budget: coverage of mutexes" "$(coverage order mutex)" partial
is "a tiny budget: coverage of hold times" "$(coverage order 'hold times')" partial
like "a tiny budget: the report says why" "$out" 'Not traced all the time:
  spin order off from '
like "a tiny budget: the last line says it" "$(tail -n 1 <<<"$out")" '^INCOMPLETE: .*spin order off from '

# Hooks go with what is shed, and come back with it.
# shellcheck disable=SC2317
{
	links() { "$BPFSTAT" left | sed -n 's/.* \([0-9]*\) links$/\1/p'; }
	said_that() { grep -q "$1 from .* on" "$TMP/back.err"; }
	fewer() { [ "$(links)" -lt "$1" ]; }
	as_many() { [ "$(links)" -eq "$1" ]; }
}
# A command that works from when all is hooked until it is let off, and ends when it may.
job=": >$TMP/begun; $work_until_off; read -r _ <$TMP/end"
: >"$TMP/work"
mkfifo "$TMP/end"
lockscope run --tier order --hold-times --budget 25 --view coverage -a -- bash -c "$job" >"$TMP/back.out" 2>"$TMP/back.err" &
pid=$!
ok "a trace with all hooks" wait_for "[ -e $TMP/begun ]" 120
all=$(links)
ok "too much work for its budget: spin order is off" wait_for "said_that 'spin order off'" 120
ok "its hooks go" wait_for "fewer $((all - 40))" 120 || diag "$(links) links of $all"
diag "$(links) links of $all are left"
rm "$TMP/work"
# Not looked for too often, which would be work.
ok "no work: spin order is on again" wait_for "sleep 3; said_that 'spin order on again'" 180
# To look at them is work, too: it may be too much again, and they are back later.
ok "... with all hooks" wait_for "sleep 3; as_many $all" 180 || diag "$(links) links of $all"
echo >"$TMP/end"
wait $pid
is "it ends well" "$?" 0
like "spinning locks: not all the time" "$(cat "$TMP/back.out")" 'order +spinlock +partial'
diag "$(cat "$TMP/back.err")"

run lockscope run --tier order --budget none -d 4 --view coverage,loss -a -- bash -c "$work"
is "twin, without a budget: exit status" "$status" 0
unlike "twin, without a budget: nothing is off" "$out$err" ' off from |slices'
is "twin, without a budget: coverage of spinning locks" "$(coverage order spinlock)" full

# Stopped: nothing but time can tell here that five looks have found no sign of life.
uptime_s() { sed 's/\..*//' /proc/uptime; }
lockscope run --tier order --no-spin --budget none -i 1 --view coverage,loss >"$TMP/stop.out" 2>"$TMP/stop.err" &
pid=$!
ok "the tracer works: it ends intervals" wait_for "[ \$(wc -l <$TMP/stop.out) -ge 3 ]" 120
stopped=$(($(uptime_s) + 9))
kill -STOP $pid
ok "it is stopped for a while" wait_for "[ \$(uptime_s) -ge $stopped ]" 60
kill -CONT $pid
ok "it says what it missed" wait_for "grep -q 'nothing was traced from .* to .*: lockscope itself was stopped' $TMP/stop.err" 60
kill -INT $pid
wait $pid
is "it goes on, and ends well" "$?" 0
like "the report has it" "$(tail -n 1 "$TMP/stop.out")" '^INCOMPLETE: .*nothing was traced from '
done_testing
