#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzers of what is read: of recordings and of texts. First the kept corpus,
# then $FUZZ_SECONDS of new input for each. An input that breaks one is kept in
# $BUILD/tests/fuzz/, named, and printed, for whoever has the output only.
#
. "$(dirname "$0")/../lib/tap.sh"

SECONDS_MAX=${FUZZ_SECONDS:-60}

for name in reader import; do
	[ -x "$BUILD/tests/fuzz/${name}_fuzz" ] ||
		skip_all "$BUILD/tests/fuzz/${name}_fuzz has not been built (make fuzz; needs clang's libFuzzer)"
done

# Run the fuzzer $FUZZER on the given arguments; on failure tell what it said and where the input is.
fuzz()
{
	run "$FUZZER" -max_len=16384 -timeout=20 -rss_limit_mb=1024 \
		-artifact_prefix="$BUILD/tests/fuzz/" "$@"
	[ "$status" -eq 0 ] && return
	diag "$(grep -a -B1 'does not hold' <<< "$err"; grep -aE 'runtime error|ERROR|SUMMARY|Test unit written' <<< "$err")"
	broken=$(sed -n 's/.*Test unit written to //p' <<< "$err")
	[ -z "$broken" ] || diag "by 'base64 -d | gunzip': $(gzip -9n < "$broken" | base64 -w0)"
	return 1
}

# both NAME FOLDER...: the corpus, then new input.
both()
{
	FUZZER=$BUILD/tests/fuzz/$1_fuzz
	shift
	count=$(find "$@" -type f | wc -l)
	ok "${FUZZER##*/}: the corpus has inputs" test "$count" -ge 10
	ok "the corpus is small" test "$(du -sbc "$@" | tail -1 | cut -f1)" -lt 300000
	ok "the $count inputs of the corpus" fuzz -runs=0 "$@"
	like "... were run" "$err" "DONE"
	mkdir "$TMP/work.${FUZZER##*/}"
	ok "$SECONDS_MAX seconds of new input" fuzz -max_total_time="$SECONDS_MAX" \
		"$TMP/work.${FUZZER##*/}" "$@"
	runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' <<< "$err")
	ok "... were ${runs:-no} runs" test "${runs:-0}" -gt "$count"
}
both reader "$TOP/tests/fuzz/corpus/reader"
both import "$TOP/tests/fuzz/corpus/import" "$TOP/tests/golden/reports"
done_testing
