#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The formats for other programs, as those read them: dot by graphviz, folded by the rule
# that flame graph tools have, perfetto by a checker of the Trace Event Format; and what is
# in them is what the JSON of the same recording has.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
cd "$TOP/tests/golden" || exit 1

check=../lib/trace_check.py
recordings="v1/*.lks findings/*.lks"

# --- dot -----------------------------------------------------------------------------------

# What the graph of a recording must have, from the JSON of the same.
same_orders()	# DOT JSON
{
	python3 - "$1" "$2" <<-'PY'
	import json, re, sys
	dot = open(sys.argv[1], encoding="utf-8").read()
	d = json.load(open(sys.argv[2], encoding="utf-8"))
	edges = set(re.findall(r"^  (c\d+) -> (c\d+) \[", dot, re.M))
	want = {(e["from"], e["to"]) for e in d["edges"]}
	assert {e for e in edges if e[0] != e[1]} == want, (edges, want)
	nodes = set(re.findall(r"^ +(c\d+) \[label", dot, re.M))
	assert {n for e in edges for n in e} <= nodes, "an arrow to a lock that is not drawn"
	for f in d["findings"]:
	    assert f"[{f['id']}" in dot or "more]" in dot, f"{f['id']} is not in the graph"
	PY
}

for rec in $recordings; do
	"$LOCKSCOPE" report -q --format dot --view all "$rec" > "$TMP/all.dot"
	"$LOCKSCOPE" report -q --format json "$rec" > "$TMP/all.json"
	run same_orders "$TMP/all.dot" "$TMP/all.json"
	is "dot of $rec has the orders and findings of the JSON" "$status$err" 0
done
if command -v dot > /dev/null; then
	for file in render/*.dot; do
		run dot -Tsvg -o "$TMP/out.svg" "$file"
		is "graphviz reads $file without a word" "$status$out$err" 0
		is "... and draws every lock" "$(grep -c '<g id="node' "$TMP/out.svg")" \
			"$(grep -cE '^ +c[0-9]+ \[label' "$file")"
		is "... and every arrow" "$(grep -c '<g id="edge' "$TMP/out.svg")" \
			"$(grep -cE '^  c[0-9]+ -> c' "$file")"
	done
	for rec in $recordings; do
		"$LOCKSCOPE" report -q --format dot "$rec" > "$TMP/some.dot"
		run dot -Tsvg -o "$TMP/out.svg" "$TMP/some.dot"
		is "graphviz reads the graph of $rec without a word" "$status$out$err" 0
	done
	dot -Tsvg render/hostile-order.dot > "$TMP/out.svg"
	run python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$TMP/out.svg"
	is "hostile names make no broken SVG" "$status" 0
	unlike "... and no script" "$(cat "$TMP/out.svg")" "<script"
else
	skip "graphviz reads the graphs" "graphviz is not installed"
fi

coloured() { grep -cE 'red3|darkorange2|goldenrod2' "$1"; }
"$LOCKSCOPE" report --format dot findings/abba.lks > "$TMP/abba.dot"
"$LOCKSCOPE" report --format dot findings/clean.lks > "$TMP/clean.dot"
is "an inversion: two locks and two arrows are coloured" "$(coloured "$TMP/abba.dot")" 4
is "no finding: nothing is" "$(coloured "$TMP/clean.dot")" 0
ok "... but there are orders" grep -qE '^  c[0-9]+ -> c' "$TMP/clean.dot"
like "the label says that it is complete" "$(cat "$TMP/abba.dot")" 'complete\\l"'
run "$LOCKSCOPE" report --format dot --view findings findings/clean.lks
unlike "--view findings without one: no lock" "$out" "c0 "
id=$(sed -n 's/.*label="iommu_lock.*\[\(c-[0-9a-f]*\)\].*/\1/p' "$TMP/abba.dot")
like "the id is that of the finding" "$("$LOCKSCOPE" report findings/abba.lks)" "\[$id\]"
run "$LOCKSCOPE" report --format dot -E 2 findings/chain.lks
is "-E 2: two locks" "$(grep -cE '^ +c[0-9]+ \[label' <<< "$out")" 2
like "... and the label says how many there are" "$out" 'label="[^"]*2 of [3-9] locks'
run "$LOCKSCOPE" report --format dot --view order -L iommu_lock findings/abba.lks
ok "-L of a lock: its orders" grep -qE '^  c[0-9]+ -> c' <<< "$out"
run "$LOCKSCOPE" report --format dot --view order -L no_such_lock findings/abba.lks
is "-L of a lock that is not there: none" "$(grep -cE '^ +c[0-9]+ ' <<< "$out")" 0
run "$LOCKSCOPE" report --format dot --view order -S no_such_function findings/abba.lks
is "-S of a function that is not there: none" "$(grep -cE '^ +c[0-9]+ ' <<< "$out")" 0
run "$LOCKSCOPE" report -q --format dot reports/circular-6.12.txt
is "a kernel's report is a graph, too: status" "$status" 0
ok "... with its circle in red or orange" test "$(coloured <(echo "$out"))" -ge 4

# --- folded --------------------------------------------------------------------------------

sums_agree()	# FOLDED JSON
{
	python3 - "$1" "$2" <<-'PY'
	import json, re, sys
	total, seen = 0, set()
	for line in open(sys.argv[1], encoding="utf-8"):
	    m = re.fullmatch(r"([^ ;\n]+(?:;[^ ;\n]+)*;\[[^ ;\n]+\]) ([1-9][0-9]*)\n", line)
	    assert m, line
	    assert m[1] not in seen, line
	    seen.add(m[1])
	    total += int(m[2])
	d = json.load(open(sys.argv[2], encoding="utf-8"))
	want = sum(int(r["total_ns"]) for r in d["contention"])
	assert total == want, (total, want)
	PY
}
for rec in $recordings; do
	"$LOCKSCOPE" report -q --format folded "$rec" > "$TMP/out.folded"
	"$LOCKSCOPE" report -q --format json "$rec" > "$TMP/all.json"
	run sums_agree "$TMP/out.folded" "$TMP/all.json"
	is "folded of $rec: its lines are well-formed and add up" "$status$err" 0
done
ok "folded: there are lines" test -n "$("$LOCKSCOPE" report --format folded v1/steady-6.18.lks)"
for file in render/*.folded; do
	is "$file: no line breaks the format" "$(grep -vE '^[^ ;]+(;[^ ;]+)* [0-9]+$' "$file")" ""
done
"$LOCKSCOPE" report --format folded -L no_such_lock v1/steady-6.18.lks > "$TMP/out.folded"
is "folded of a lock that is not there: nothing" "$(cat "$TMP/out.folded")" ""
head -c 3000 v1/steady-6.18.lks > "$TMP/cut.lks"
run "$LOCKSCOPE" report -q --strict --format folded "$TMP/cut.lks"
is "folded of a damaged recording: --strict exits with" "$status" 4

# --- perfetto ------------------------------------------------------------------------------

phases() { grep -c "\"ph\": \"$1\", \"cat\": \"$2\"" "$3"; }
for file in render/*.perfetto; do
	run "$check" "$file"
	is "$file is a trace" "$status$out$err" 0
done
for rec in $recordings "v1/dir-6.1.lks v1/dir-6.12.lks" reports/circular-6.12.txt; do
	# shellcheck disable=SC2086 # two recordings
	"$LOCKSCOPE" report -q --format perfetto --view all $rec > "$TMP/out.perfetto"
	run "$check" "$TMP/out.perfetto"
	is "perfetto of $rec is a trace" "$status$out$err" 0
done

# One wrong thing each; the checker must see it.
wrong()	# DESCRIPTION STATEMENT-ABOUT-e: the events by phase, and d, the whole
{
	python3 - "$TMP/wrong.perfetto" "$2" <<-'PY'
	import json, sys
	d = json.load(open("render/waits.perfetto", encoding="utf-8"))
	e = {x["ph"]: x for x in reversed(d["traceEvents"])}
	exec(sys.argv[2])
	json.dump(d, open(sys.argv[1], "w", encoding="utf-8"))
	PY
	run "$check" "$TMP/wrong.perfetto"
	is "no trace: $1" "$status" 1
}
wrong "an event without a time" 'del e["X"]["ts"]'
wrong "a time that is text" 'e["X"]["ts"] = "1"'
wrong "a time before the beginning" 'e["X"]["ts"] = -1'
wrong "a slice without a length" 'del e["X"]["dur"]'
wrong "a negative length" 'e["X"]["dur"] = -1'
wrong "a slice without a process" 'del e["X"]["pid"]'
wrong "an unknown phase" 'e["X"]["ph"] = "Q"'
wrong "an event without a name" 'e["X"]["name"] = ""'
wrong "a surprise" 'e["X"]["surprise"] = 1'
wrong "an arrow without an end" 'd["traceEvents"].remove(e["f"])'
wrong "an arrow without a beginning" 'd["traceEvents"].remove(e["s"])'
wrong "an arrow that ends before it begins" 'e["s"]["ts"] += 1'
wrong "an arrow from nothing" 'e["s"]["tid"] = 1'
wrong "a thread of two processes" 'e["X"]["pid"] += 1'
wrong "a track without a name" 'd["traceEvents"].remove(e["M"])'
wrong "no events" 'd["traceEvents"] = {}'
python3 -c 'import json; json.dump(json.load(open("render/waits.perfetto")), open("'"$TMP"'/right", "w"))'
run "$check" "$TMP/right"
is "the same without a change is one" "$status$err" 0

"$LOCKSCOPE" report --format perfetto v1/steady-6.18.lks > "$TMP/steady.perfetto"
is "every single wait is a slice" "$(phases X wait "$TMP/steady.perfetto")" \
	"$(sed -n 's/.*"single_waits": "\([0-9]*\)".*/\1/p' "$TMP/steady.perfetto")"
ok "... and there are some" test "$(phases X wait "$TMP/steady.perfetto")" -gt 100
ok "... and who held the lock" test "$(phases X hold "$TMP/steady.perfetto")" -gt 10
is "an arrow for each release" "$(grep -c '"ph": "s"' "$TMP/steady.perfetto")" \
	"$(phases X release "$TMP/steady.perfetto")"
is "-E 5: five waits" "$("$LOCKSCOPE" report --format perfetto -E 5 v1/steady-6.18.lks > "$TMP/five"
	phases X wait "$TMP/five")" 5
is "-L of a lock that is not there: none, and nobody holds one" "$("$LOCKSCOPE" report --format perfetto \
	-L no_such_lock v1/steady-6.18.lks | grep -c '"ph": "X"')" 0
run "$LOCKSCOPE" report --format perfetto findings/abba.lks
is "no single waits: status" "$status" 0
like "... said on standard error" "$err" "^lockscope: .*record it with --waits$"
like "... and inside" "$out" '"note": "[^"]*--waits"'
is "... no slices" "$(grep -c '"ph": "X"' <<< "$out")" 0
is "... but the finding and its other link" "$(grep -c '"cat": "finding"' <<< "$out")" 2
run "$LOCKSCOPE" report -q --format perfetto findings/clean.lks
is "no finding: no mark, and -q is silent" "$(grep -c '"cat": "finding"' <<< "$out")$err" 0
run "$LOCKSCOPE" report --format perfetto v1/steady-6.18.lks
is "single waits: nothing to say" "$status$err" 0
unlike "... inside either" "$out" '"note"'
done_testing
