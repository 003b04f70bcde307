#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzer of the record reader: first the kept corpus, then $FUZZ_SECONDS of
# new input. An input that breaks it is kept in $BUILD/tests/fuzz/ and named.
#
. "$(dirname "$0")/../lib/tap.sh"

FUZZER=$BUILD/tests/fuzz/reader_fuzz
CORPUS=$TOP/tests/fuzz/corpus/reader
SECONDS_MAX=${FUZZ_SECONDS:-60}

[ -x "$FUZZER" ] || skip_all "$FUZZER has not been built (make fuzz; needs clang's libFuzzer)"

# Run the fuzzer on the given arguments; on failure tell what it said and where the input is.
fuzz()
{
	run "$FUZZER" -max_len=16384 -timeout=20 -rss_limit_mb=1024 \
		-artifact_prefix="$BUILD/tests/fuzz/" "$@"
	[ "$status" -eq 0 ] && return
	diag "$(grep -E 'does not hold|runtime error|ERROR|SUMMARY|Test unit written' <<< "$err")"
	return 1
}

count=$(find "$CORPUS" -type f | wc -l)
ok "the corpus has recordings" test "$count" -ge 10
ok "the corpus is small" test "$(du -sb "$CORPUS" | cut -f1)" -lt 300000
ok "the $count inputs of the corpus" fuzz -runs=0 "$CORPUS"
like "... were run" "$err" "DONE"
mkdir "$TMP/work"
ok "$SECONDS_MAX seconds of new input" fuzz -max_total_time="$SECONDS_MAX" "$TMP/work" "$CORPUS"
runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' <<< "$err")
ok "... were ${runs:-no} runs" test "${runs:-0}" -gt "$count"
done_testing
