#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page of the format html in a browser: page.py says what is tried. Here the
# pages are made, of golden recordings and of what the unit test invents.

. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
for program in chromium chromedriver; do
	command -v $program > /dev/null || skip_all "$program is not installed"
done
unit=$BUILD/tests/unit/render_html_test
[ -x "$unit" ] || { echo "Bail out! $unit is not there: run make tests first"; exit 1; }
cd "$TOP/tests/golden" || exit 1

# page NAME INPUT...
page()
{
	local name=$1

	shift
	"$LOCKSCOPE" report --format html -o "$TMP/$name.html" "$@" ||
		{ echo "Bail out! no page of $*"; exit 1; }
}
page abba findings/abba.lks
page clean findings/clean.lks
page chain findings/chain.lks
page singles findings/singles.lks
page waits v1/*.lks
page reports reports/circular-6.12.txt reports/inconsistent-2.6.26.txt reports/hung-6.15.txt reports/short.txt
"$unit" big > "$TMP/big.html"
"$unit" holds > "$TMP/holds.html"
"$unit" hostile > "$TMP/hostile.html"

python3 "$TOP/tests/html/page.py" "$TMP"
