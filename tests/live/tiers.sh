#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tiers on this kernel: a tier named is had or refused, as doctor says; one not named costs nothing but itself.
. "$(dirname "$0")/lib/live.bash"
live_require

"$LOCKSCOPE" doctor >"$T/doctor"
# offers TIER: does doctor have anything of it?
offers() { sed -n "/^Tier $1:/,/^$/p" "$T/doctor" | grep -Eq '^  (full|partial) '; }
# rows TIER STATE: of the coverage of the last run
rows() { grep -Ec "^  $1 .* $2 " "$T/out"; }

run_it() { "$LOCKSCOPE" run -d 0.1 --view coverage "$@" >"$T/out" 2>"$T/err"; }

run_it
verdict $? "all that is here"
for tier in contention order lockdep watch; do
	run_it --tier "$tier"
	status=$?
	if offers "$tier"; then
		verdict $status "--tier $tier"
		[ "$(rows "$tier" 'none +left out \(--tier\)')" = 0 ]
		verdict $? "--tier $tier: is not left out"
		for other in contention order watch; do
			[ "$other" != "$tier" ] || continue
			[ "$(rows "$other" '(full|partial)')" = 0 ]
			verdict $? "--tier $tier: nothing of $other"
		done
	else
		[ $status = 1 ] && grep -q "^lockscope: the tier $tier cannot be had here: " "$T/err" && [ ! -s "$T/out" ]
		verdict $? "--tier $tier, which is not here"
	fi
done
if offers order; then
	run_it --no-spin
	grep -Eq 'order +spinlock +none +left out \(--no-spin\)' "$T/out"
	verdict $? "--no-spin"
else
	for option in --spin '--attach fentry' '--attach kprobe'; do
		# shellcheck disable=SC2086 # an option and its value
		run_it $option
		[ $? = 1 ] && [ "$(grep -c "^lockscope: .*${option%% *}.*" "$T/err")" = 1 ]
		verdict $? "$option, which cannot be"
	done
fi
run_it -w no_such_function
verdict $? "a watched function that is not there: the run goes on"
grep -q '^lockscope: no_such_function is not watched now: ' "$T/err"
verdict $? "a watched function that is not there: is said"
done_testing
