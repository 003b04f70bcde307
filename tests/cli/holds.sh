#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Hold times on the command line: the view, its filters and formats, and that what has none
# says so. The recording is made and kept by tests/unit/render_finding_test.c. No privileges
# needed.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/report.sh
. "$TOP/tests/lib/report.sh"
need_lockscope
cd "$TOP/tests/golden/findings" || exit 1
export COLUMNS=80

report 0 "a recording with hold times" holds.lks
like "they are in the default report" "$out" "Hold times: 1,198,070 holds, 350 ms in all"
like "behind the waits" "$(tr '\n' ' ' <<< "$out")" "125,983 waits.*Hold times"
like "which says whose stack it is" "$out" "Holds of less than 10 us share the stack of one of"
report 0 "one without" clean.lks
unlike "has none" "$out" "[Hh]old times"
report 0 "one without, asked for them" --view holds clean.lks
like "says so" "$out" "No hold times were recorded; --hold-times records them\."
report 0 "waits alone" --view contention holds.lks
unlike "have no holds" "$out" "Hold times"
report 0 "-p" --view holds -p 9001 holds.lks
like "is of the holder" "$out" "Hold times: 987,654 of 1,198,070 holds"
report 0 "-L" --view holds -L mmap_lock holds.lks
like "is of the lock" "$out" "Hold times: 210,002 of 1,198,070 holds"
report 0 "a filter that nothing passes" --view holds -L no_such_lock holds.lks
like "is told" "$out" "none of the 1,198,070 holds passes the filter"
report 0 "--by owner" --view holds --by owner --format csv holds.lks
owner=$out
report 0 "--by task" --view holds --by task --format csv holds.lks
is "is the same for holds" "$owner" "$out"
report 0 "-k" --view holds -k wait_max -E 1 --format csv holds.lks
like "sorts" "$out" "do_user_addr_fault"
report 0 "folded" --view holds --format folded holds.lks
is "has the sum of the holds" "$(awk '{ s += $NF } END { print s }' <<< "$out")" \
	"$("$LOCKSCOPE" report --view holds --format csv holds.lks | awk -F, 'NR > 1 { s += $15 } END { print s }')"
report 0 "perfetto" --format perfetto holds.lks
like "has single holds" "$out" '"known_by": "its recording"'
like "beside those known from waits" "$out" '"known_by": "the end of its own wait"'
cp holds.lks "$TMP/two.lks"
report 0 "two recordings" --view holds holds.lks "$TMP/two.lks"
like "add up" "$out" "Hold times: 2,396,140 holds"
run "$LOCKSCOPE" report --diff clean.lks --view holds holds.lks
like "comparisons leave holds out" "$status$err" "^2.*comparisons of findings, contention and order"
run "$LOCKSCOPE" top --batch holds.lks
like "top has a column of them" "$out" "HOLD AVG"
run "$LOCKSCOPE" top --batch clean.lks
unlike "which is not there without" "$out" "HOLD AVG"

done_testing
