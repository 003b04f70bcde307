#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Inside a guest whose lock functions can be hooked: a budget that is far too small sheds
# step by step and says so; without a budget nothing is shed; a tracer that is stopped has
# its hooks stopped.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. /tests/lib/tap.sh
LOCKSCOPE=lockscope

lockscope doctor >"$TMP/doctor"
grep -Eq '^  yes *fentry/fexit' "$TMP/doctor" || skip_all "no fentry here"
grep -Eq '^  yes *watchdog' "$TMP/doctor" || skip_all "no timers for BPF programs here"

coverage() { sed -n -E "s/^  $1 +$2 +(full|partial|none|unknown)( +(.*))?$/\1/p" <<<"$out"; }
work='while :; do find /sys -maxdepth 4 >/dev/null 2>&1; done'
# Lines of standard error that say what is off, without the times.
said() { sed -n -E 's/^lockscope: (.*) from [0-9:]{8} on: over budget, [0-9.]+ % of [0-9]+ CPUs?, 0.01 % allowed$/\1/p' <<<"$err"; }

run lockscope run --tier order --hold-times --budget 0.01 -d 20 --view coverage,loss --strict -a -- bash -c "$work"
is "a tiny budget: incomplete" "$status" 4
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
