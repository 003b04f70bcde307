#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The report inside of the page is the report: its JSON says what the format json
# says, stack by stack, for every recording and log of the golden tests. And the
# policy of the page allows its own script and style, and nothing else.

. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
cd "$TOP/tests/golden" || exit 1

nr=0
for input in findings/*.lks v1/*.lks reports/*.txt traces/*.txt; do
	"$LOCKSCOPE" report --format json "$input" > "$TMP/report.json" 2> /dev/null || continue	# a text without reports
	"$LOCKSCOPE" report --format html -o "$TMP/page.html" "$input"
	ok "$input: the page says what the format json says" \
		python3 "$TOP/tests/html/same.py" "$TMP/page.html" "$TMP/report.json"
	nr=$((nr + 1))
done
ok "there was much to compare" [ "$nr" -ge 20 ]
"$LOCKSCOPE" report --format json findings/abba.lks > "$TMP/report.json"
"$LOCKSCOPE" report --format html -o "$TMP/page.html" findings/chain.lks
not_ok "another report is told apart" python3 "$TOP/tests/html/same.py" "$TMP/page.html" "$TMP/report.json"
"$LOCKSCOPE" report --format html -o "$TMP/page.html" findings/abba.lks
sed 's/lks_iommu_unbind+0x42/lks_iommu_unbind+0x43/g' "$TMP/report.json" > "$TMP/other.json"
not_ok "so is another stack" python3 "$TOP/tests/html/same.py" "$TMP/page.html" "$TMP/other.json"
sed "s/'use strict'/'use  strict'/" "$TMP/page.html" > "$TMP/changed.html"
not_ok "so is a script that the policy does not allow" \
	python3 "$TOP/tests/html/same.py" "$TMP/changed.html" "$TMP/report.json"

run "$LOCKSCOPE" report --format html --view contention findings/abba.lks
is "--view: status" "$status" 0
like "--view: the other sections are empty" "$out" '"findings":\[\]'
run "$LOCKSCOPE" report --format html -o /dev/full findings/abba.lks
is "a full disk: status" "$status" 1
like "a full disk: says why" "$err" "No space left"

done_testing
