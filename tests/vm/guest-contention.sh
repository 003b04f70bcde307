#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: the tracer's own tests, then the contention that tests/live/held.sh wants to
# see (noted in /tests/wanted), traced; the results go to /out and are checked outside.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

for program in trace progload; do
	"/tests/${program}_test" > "$TMP/log" 2>&1
	is "${program}_test: exit status" "$?" 0
	is "${program}_test: none of its checks fails" "$(grep '^not ok' "$TMP/log")" ""
	diag "$(grep -c '^ok' "$TMP/log") checks"
done

while IFS='|' read -r name options arguments; do
	# shellcheck disable=SC2086 # lists of words without blanks in them
	lockscope run -q --tier contention $options --format json -o "/out/$name.json" -- \
		/tests/contend --result "/out/$name.result" $arguments > "$TMP/log" 2>&1
	status=$?
	if [ -s "/out/$name.result" ]; then
		is "traced: $name" "$status" 0 || diag "$(cat "$TMP/log")"
	elif [[ $(tail -3 "$TMP/log") == *userfaultfd* ]]; then
		echo "this kernel has no userfaultfd" > "/out/$name.skip"
		skip "traced: $name" "this kernel has no userfaultfd"
	else
		fail "traced: $name" "status $status: $(cat "$TMP/log")"
	fi
done < /tests/wanted

done_testing
