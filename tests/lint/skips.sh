#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A skip without an expected reason is a failure, in shell and in C.

. "$(dirname "$0")/../lib/tap.sh"

printf '# comment\nno such thing here\n' > "$TMP/expected"
printf '. "%s/tests/lib/tap.sh"\nskip one "$1"\ndone_testing\n' "$TOP" > "$TMP/one.sh"
printf '. "%s/tests/lib/tap.sh"\nskip_all "$1"\n' "$TOP" > "$TMP/all.sh"
cat > "$TMP/c.c" <<C
#include "$TOP/tests/lib/tap.h"
int main(int argc, char **argv) { skip(argv[argc - 1]); return done_testing(); }
C
ok "the C part builds" "${CC:-cc}" -D_GNU_SOURCE -o "$TMP/c" "$TMP/c.c"

for test in "bash $TMP/one.sh" "bash $TMP/all.sh" "$TMP/c"; do
	# shellcheck disable=SC2086 # words
	run env EXPECTED_SKIPS="$TMP/expected" $test "no such thing here"
	is "${test##*/}: an expected reason passes" "$status" 0
	like "${test##*/}: and is given" "$out" '# SKIP no such thing here'
	# shellcheck disable=SC2086
	run env EXPECTED_SKIPS="$TMP/expected" $test "no such thing"
	is "${test##*/}: another one fails" "$status" 1
	# shellcheck disable=SC2086
	run env EXPECTED_SKIPS= $test "no such thing"
	is "${test##*/}: without a list every reason passes" "$status" 0
done
done_testing
