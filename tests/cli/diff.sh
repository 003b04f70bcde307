#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# report --diff and --suppress on the command line: what is compared, exit statuses, files
# that are refused. The texts themselves: tests/unit/render_diff_test.c. No privileges needed.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/report.sh
. "$TOP/tests/lib/report.sh"
need_lockscope
cd "$TOP/tests/golden/findings" || exit 1
export COLUMNS=80
id=c-7e098f1c	# of the finding in abba.lks

# refuse STATUS REGEX ARGUMENT...: one sentence, and nothing on standard output.
refuse()
{
	local want=$1 regex=$2

	shift 2
	run "$LOCKSCOPE" "$@"
	is "$*: status, and nothing on standard output" "$status$out" "$want"
	like "$*: says why" "$err" "^lockscope: [^"$'\n'"]*${regex}[^"$'\n'"]*$"
}

# --- comparisons --------------------------------------------------------------------------

report 0 "a recording and itself" abba.lks --diff abba.lks
is "one line says that there is no difference" "$(grep -c '^no difference' <<< "$out")" 1
unlike "and nothing else is listed" "$out" "new|gone|WARNING"
report 3 "--check: a finding that was not there before" abba.lks --diff clean.lks --check
like "which is shown in full" "$out" "Findings: 1 new.*WARNING: circular locking dependency.*$id"
report 0 "--check: one that is gone" clean.lks --diff abba.lks --check
like "which is told in short" "$out" "gone: $id"
unlike "and not in full" "$out" "WARNING"
report 0 "--check: one that was there before" abba.lks --diff abba.lks --check
report 0 "--check: one of several inputs, there before" abba.lks clean.lks --diff abba.lks --check
report 3 "--check: another one" abba.lks singles.lks --diff abba.lks --check
report 0 "--check: all of several" abba.lks singles.lks --diff abba.lks --diff singles.lks --check
report 0 "--check: one that the filter hides" abba.lks --diff clean.lks --check -L mmap_lock
report 0 "--strict with complete recordings" --strict abba.lks --diff clean.lks
head -c $(($(stat -c %s clean.lks) - 1)) clean.lks > "$TMP/cut.lks"
run "$LOCKSCOPE" report -q --strict abba.lks --diff "$TMP/cut.lks"
is "--strict with one that was cut off before" "$status$err" 4
like "and nothing is called new for sure" "$out" "Findings: 1 perhaps new"
report 0 "--view contention" --view contention abba.lks --diff clean.lks
unlike "leaves findings out" "$out" "Findings:|Orders:"
report 0 "--view order" --view order abba.lks --diff clean.lks
like "has orders" "$out" "Orders: 1 new, 1 gone"
is "standard input is an OLD" "$("$LOCKSCOPE" report abba.lks --diff - < clean.lks)" \
	"$("$LOCKSCOPE" report abba.lks --diff clean.lks)"
printf '%s\n' '[   10.000000] ============================================' \
	'[   10.000001] WARNING: possible recursive locking detected' \
	'[   10.000002] 6.12.0 #1 Not tainted' \
	'[   10.000003] --------------------------------------------' \
	'[   10.000004] a/1 is trying to acquire lock:' \
	'[   10.000005] ffff888100000000 (&a->lock){+.+.}-{3:3}, at: f+0x1/0x2' \
	'[   10.000006] but task is already holding lock:' \
	'[   10.000007] ffff888100000010 (&a->lock){+.+.}-{3:3}, at: f+0x1/0x2' > "$TMP/log.txt"
run "$LOCKSCOPE" report -q "$TMP/log.txt" --diff "$TMP/log.txt" --check
is "a kernel log and itself" "$status$err" 0
run "$LOCKSCOPE" report -q "$TMP/log.txt" --diff clean.lks --check
is "a kernel log with a finding of its own" "$status$err" 3

cd ../v1 || exit 1
report 0 "waits of another load" steady-6.18.lks --diff pipe-6.18.lks
like "differ" "$out" "Waits: [1-9][0-9]* of "
report 0 "by lock" --by lock steady-6.18.lks --diff pipe-6.18.lks
unlike "has no callers" "$out" ", find_get_block"
report 0 "waits of the same recording" steady-6.18.lks --diff steady-6.18.lks
like "do not" "$out" "no difference \\(the same: [0-9]+ rows of waits"
cd ../findings || exit 1

for option in "--by task" "--by addr,lock" "--by owner" "--by process"; do
	# shellcheck disable=SC2086 # words
	refuse 2 "other numbers in every trace" report abba.lks --diff clean.lks $option
done
refuse 2 "format csv has no comparisons; use text or json" report abba.lks --diff clean.lks --format csv
refuse 2 "comparisons of findings, contention and order" report abba.lks --diff clean.lks --view coverage
refuse 2 "standard input cannot be" report - --diff -
refuse 2 "are the same file" report abba.lks --diff clean.lks --diff clean.lks
refuse 2 "is one of the inputs" report abba.lks --diff clean.lks -o clean.lks
refuse 1 "'$TMP/missing'.*No such file" report abba.lks --diff "$TMP/missing"
refuse 2 "belongs to report" run --diff clean.lks
if command -v jq > /dev/null; then
	report 0 "json" --format json abba.lks --diff clean.lks
	is "has the same to say" "$(jq -r '[.schema, .new_findings, .findings[0].id, .findings[0].state] | join(" ")' \
		<<< "$out")" "lockscope.diff/1 1 $id new"
else
	skip "json of a comparison" "jq is not installed"
fi

# --- suppressions ---------------------------------------------------------------------------

echo "$id it is known" > "$TMP/known"
report 0 "--check: a suppressed finding" --check --suppress "$TMP/known" abba.lks
like "is counted with its reason" "$out" "1 finding suppressed by $TMP/known:.*$id .*it is known"
unlike "and not shown" "$out" "WARNING"
report 3 "--check: others" --check --suppress "$TMP/known" singles.lks
unlike "are not suppressed" "$out" "suppressed"
unlike "a line that matched nothing is not told" "$out" "$id"
report 0 "-v" -v --suppress "$TMP/known" clean.lks
like "tells it" "$out" "matched nothing:.*$id: it is known"
report 0 "--diff --check: a suppressed finding" --check --suppress "$TMP/known" abba.lks --diff clean.lks
like "is counted" "$out" "1 finding suppressed"
report 0 "csv" --suppress "$TMP/known" --view findings --format csv abba.lks
is "has a header only" "$(wc -l <<< "$out")" 1
run "$LOCKSCOPE" top --batch -n 1 --panel findings --suppress "$TMP/known" abba.lks
like "top: findings are counted without it" "$status $err $out" "^0  .*Findings 0"
run "$LOCKSCOPE" top --batch -n 1 --panel findings abba.lks
like "top: and with it, if it is not suppressed" "$status $err $out" "^0  .*Findings 1"

echo "$id until=2020-01-01 it was known" > "$TMP/old"
run "$LOCKSCOPE" report --check --suppress "$TMP/old" abba.lks
is "a suppression that has expired: status" "$status" 3
is "is told once" "$err" "lockscope: $TMP/old:1: the suppression of $id ended with 2020-01-01 and does not count any more: it was known"
like "and in the report, beside the finding" "$out" "WARNING.*expired.*$id, until 2020-01-01: it was known"
report 3 "-q says nothing of it" -q --check --suppress "$TMP/old" abba.lks
report 0 "one of two files" -q --check --suppress "$TMP/old" --suppress "$TMP/known" abba.lks
echo "$id until=$(date +%Y-%m-%d) the last day" > "$TMP/today"
report 0 "today is still a day" --check --suppress "$TMP/today" abba.lks
echo "$id until=$(date -d yesterday +%Y-%m-%d) over" > "$TMP/yesterday"
report 3 "yesterday was not" -q --check --suppress "$TMP/yesterday" abba.lks

printf '# fine\n%s\n' "$id" > "$TMP/bad"
for command in "report abba.lks" "run -d 1" "top abba.lks --batch" "run -- touch $TMP/ran"; do
	# shellcheck disable=SC2086 # words
	refuse 1 "$TMP/bad:2: '$id' is suppressed without a reason; a good line is: " \
		${command%% *} --suppress "$TMP/bad" ${command#* }
done
not_ok "nothing was run" test -e "$TMP/ran"
refuse 1 "cannot read the suppressions in '$TMP/none': No such file" report abba.lks --suppress "$TMP/none"
refuse 1 "cannot read the suppressions in '$TMP': Is a directory" report abba.lks --suppress "$TMP"
refuse 2 "standard input is not read for this" report abba.lks --suppress -
refuse 2 "belongs to run, report, top" record --suppress "$TMP/known" -o "$TMP/x.lks"
refuse 1 "abba.lks:1: '.*' is no id of a finding" report clean.lks --suppress abba.lks
printf '%s rea\0son\n' "$id" > "$TMP/zero"
refuse 1 "/zero:1: the line has a zero byte in it" report clean.lks --suppress "$TMP/zero"
: > "$TMP/empty"
report 3 "an empty file suppresses nothing" --check --suppress "$TMP/empty" abba.lks
done_testing
