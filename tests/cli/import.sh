#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lockscope report on texts: exit statuses, what is said about texts without
# anything in them, merging with recordings, and recordings made of texts.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
cd "$TOP/tests/golden/reports" || exit 1
rec=$TOP/tests/golden/v1/dir-6.12.lks

run "$LOCKSCOPE" report circular-6.12.txt
is "a report: status and standard error" "$status$err" 0
like "... begins with what was read" "$out" "^circular-6.12.txt: kernel log, Linux 6.12.0-test"
like "... the finding in lockdep's words" "$out" "kworker/u8:3/4711 is trying to acquire lock:"
like "... with the chain" "$out" "-> #1 \(b_sem/1\)\{\+\+\+\+\}-\{3:3\}:"
is "... whole" "${out##*$'\n'}" "complete"
is "... in 80 columns" "$(awk 'length > 80' <<< "$out")" ""
run "$LOCKSCOPE" report --check --strict circular-6.12.txt
is "--check: there are findings" "$status" 3
run "$LOCKSCOPE" report --check -L b_sem/1 circular-6.12.txt
is "--check -L: a lock in the middle of the chain" "$status" 3
run "$LOCKSCOPE" report --check -L no_such_lock circular-6.12.txt
is "--check -L: another lock" "$status" 0
run "$LOCKSCOPE" report --check -S do_b circular-6.12.txt
is "--check -S: a function in one of the stacks" "$status" 3
run "$LOCKSCOPE" report --check -p 99 circular-6.12.txt
is "--check -p: another task" "$status" 0

head -20 circular-6.12.txt > "$TMP/cut.txt"
run "$LOCKSCOPE" report "$TMP/cut.txt"
is "cut off: status" "$status" 0
like "... is marked" "$out" "Partial: the text has no chain, held, backtrace"
like "... and the result is incomplete" "$out" "INCOMPLETE: the report in line 2 of '$TMP/cut.txt' is not whole"
run "$LOCKSCOPE" report --strict "$TMP/cut.txt"
is "... --strict" "$status" 4

# A trace.
run "$LOCKSCOPE" report --strict "$TOP/tests/golden/traces/ftrace-6.12.txt"
is "a trace: status and standard error" "$status$err" 0
like "... waits" "$out" "&pipe->mutex|pcpu_alloc_mutex|event_mutex"
like "... what it cannot tell" "$("$LOCKSCOPE" report --view coverage "$TOP/tests/golden/traces/ftrace-6.12.txt")" "no subclasses"

# What a kernel with lockdep lists.
lists=$TOP/tests/golden/lists
# figures: classes, orders, listed ones among them, findings, sources
figures()
{
	python3 -c 'import json, sys; d = json.load(sys.stdin); e = d["edges"]
print(len(d["classes"]), len(e), sum("listed" in x["kinds"] for x in e), len(d["findings"]), len(d["sources"]))'
}
# order FIRST SECOND: a trace of a task that takes these two
order()
{
	local step t=10

	printf '# tracer: nop\n'
	for step in "acquire $1" "acquire $2" "release $2" "release $1"; do
		t=$((t + 1))
		printf '  sh-42 [000] ..... %d.5: lock_%s: ffff8881000%s0000 &%s->lock\n' $t "${step% *}" "${step#* }" "${step#* }"
	done
}
order a b > "$TMP/same.txt"
order b a > "$TMP/opposite.txt"
run "$LOCKSCOPE" report --check --strict --view findings,order "$lists/lockdep.txt"
is "/proc/lockdep: status and standard error" "$status$err" 0
like "... begins with what was read" "$out" "lockdep.txt: /proc/lockdep"
like "... orders" "$out" "- +- +&a->lock +&b->lock +listed"
like "... how often locks were taken" "$out" "120 +0 +&a->lock +lock +lockdep"
is "... in 80 columns" "$(awk 'length > 80' <<< "$out")" ""
is "... figures" "$("$LOCKSCOPE" report --format json "$lists/lockdep.txt" | figures)" "4 3 3 0 1"
is "... through a pipe" "$("$LOCKSCOPE" report --format json - < "$lists/lockdep.txt" | figures)" "4 3 3 0 1"
is "chains: figures" "$("$LOCKSCOPE" report --format json "$lists/lockdep_chains.txt" | figures)" "4 2 2 0 1"
is "merged by name" "$("$LOCKSCOPE" report --format json "$lists"/lockdep*.txt | figures)" "5 3 3 0 2"
is "with a trace: the order that was seen is not listed only" \
	"$("$LOCKSCOPE" report --format json "$lists/lockdep.txt" "$TMP/same.txt" | figures)" "4 3 2 0 2"
run "$LOCKSCOPE" report --check "$lists/lockdep.txt" "$TMP/same.txt"
is "... no finding" "$status" 0
for order in "$lists/lockdep.txt $TMP/opposite.txt" "$TMP/opposite.txt $lists/lockdep.txt"; do
	# shellcheck disable=SC2086 # two names
	run "$LOCKSCOPE" report --check $order
	is "a trace of the opposite order: one finding" "$status" 3
	like "... possible" "$out" "1 finding: 1 possible"
	like "... who was seen" "$out" "sh/42 is trying to acquire lock:"
	like "... what is listed" "$out" "taken while \(&a->lock\) lock was held, so[[:space:]]+[^ ]*lockdep.txt[[:space:]]+says:"
	like "... why" "$out" "known from a list of lockdep's only"
done
run "$LOCKSCOPE" report --check "$lists/readers.txt"
is "a circle in a list is lockdep's own: no finding" "$status" 0
run "$LOCKSCOPE" report --check "$TMP/opposite.txt" "$TMP/same.txt"
is "... but it is one in two traces" "$status" 3
"$LOCKSCOPE" report -q --save "$TMP/list.lks" "$lists/lockdep.txt" > /dev/null
is "a recording of it is the same" "$("$LOCKSCOPE" report --format json "$TMP/list.lks")" \
	"$("$LOCKSCOPE" report --format json "$lists/lockdep.txt")"
is "... and merges with a trace" \
	"$("$LOCKSCOPE" report --format json "$TMP/list.lks" "$TMP/opposite.txt" | figures)" "4 4 3 1 2"
run "$LOCKSCOPE" report --strict "$lists/lock_stat-0.4.txt"
is "lock_stat: status and standard error" "$status$err" 0
like "... waits with their caller" "$out" "12.3 ms +50 +247 us .*&a->mutex#2"$'\n'" +lock +a_open \[a_mod\]"
like "... waits of two callers have none" "$out" "lock:W +\(unknown\)"
is "... -Y" "$("$LOCKSCOPE" report --format csv -Y lock:R "$lists/lock_stat-0.4.txt" | grep -c 'b_lock')" 1
head -c 300 "$lists/lockdep.txt" > "$TMP/cut.list"
run "$LOCKSCOPE" report --strict "$TMP/cut.list"
is "a list that is cut off is incomplete" "$status" 4
like "... which is told" "$err" "^lockscope: '$TMP/cut.list' is damaged or cut off: [12] of its lines [^"$'\n'"]*$"

wait_of()
{
	printf ' sh-42 [%s] ..... %s.1: contention_begin: ffff888100000010 (flags=MUTEX)\n' "$1" "$2"
	printf ' sh-42 [%s] ..... %s.2: contention_end: ffff888100000010 (ret=0)\n' "$1" "$2"
}
{ wait_of 000 1; wait_of 001 2; } > "$TMP/whole.trace"
{ wait_of 000 1; wait_of 65535 2; echo 'CPU:0 [LOST 12 EVENTS]'; wait_of 001 3; } > "$TMP/lost.trace"
run "$LOCKSCOPE" report --strict "$TMP/whole.trace"
is "a whole trace: status and standard error" "$status$err" 0
run "$LOCKSCOPE" report --strict "$TMP/lost.trace"
is "one that lost events is incomplete" "$status" 4
like "... what makes no sense is told" "$err" "^lockscope: '$TMP/lost.trace' is damaged or cut off: 2 of its lines .* line 3;"
like "... and what is lost" "$err" $'\n'"lockscope: '$TMP/lost.trace' says that events were lost, at least 12, "
like "... the rest is used" "$out" $'\n'"2 waits"
sed 's/\([0-9]\)\.[12]:/\1:/' "$TMP/whole.trace" > "$TMP/cycles.trace"
run "$LOCKSCOPE" report "$TMP/cycles.trace"
is "a clock that is not understood: status and output" "$status$out" 1
like "... is said" "$err" "^lockscope: '$TMP/cycles.trace' is text without a report [^"$'\n'"]*$"
(echo '# tracer: nop'; cat "$TMP/cycles.trace") > "$TMP/tracer.trace"
run "$LOCKSCOPE" report "$TMP/tracer.trace"
like "... more so of ftrace" "$err" "^lockscope: '$TMP/tracer.trace' has 4 lines that name events of locks, but none that makes sense, "

# Nothing in it.
for text in mention.txt "$TOP/README.md"; do
	run "$LOCKSCOPE" report --check "$text"
	is "${text##*/}: no report: status and output" "$status$out" 1
	like "... is said in one sentence" "$err" "^lockscope: '$text' is text without a report [^"$'\n'"]*$"
done
run "$LOCKSCOPE" report circular-6.12.txt mention.txt
is "one good text, one without: nothing is written" "$status$out" 1

# The same through pipes.
whole=$("$LOCKSCOPE" report --view findings short.txt | tail -n +2 | sed 's/short.txt/X/')
is "standard input" "$("$LOCKSCOPE" report --view findings - < short.txt | tail -n +2 | sed 's/standard input/X/')" "$whole"
is "a pipe" "$(tail -c +1 short.txt | "$LOCKSCOPE" report --view findings - | tail -n +2 | sed 's/standard input/X/')" "$whole"
mkfifo "$TMP/fifo"
cat short.txt > "$TMP/fifo" &
is "a named pipe" "$("$LOCKSCOPE" report --view findings "$TMP/fifo" | grep -c '^WARNING')" 9
wait
cat "$rec" > "$TMP/fifo" &
is "a recording through one" "$("$LOCKSCOPE" report --view findings "$TMP/fifo" | tail -n +2)" \
	"$("$LOCKSCOPE" report --view findings "$rec" | tail -n +2)"
wait

# Merging, and recordings of texts.
count()
{
	python3 -c 'import json, sys; d = json.load(sys.stdin); print(len(d["findings"]), len(d["sources"]))'
}
is "a recording and two texts" "$("$LOCKSCOPE" report --format json "$rec" short.txt dept.txt | count)" "10 3"
run "$LOCKSCOPE" report --format json --save "$TMP/all.lks" "$rec" short.txt dept.txt "$TMP/cut.txt"
is "--save: status" "$status$err" 0
is "a report on what was saved is the same" "$("$LOCKSCOPE" report --format json "$TMP/all.lks")" "$out"
run "$LOCKSCOPE" report --save short.txt circular-6.12.txt
is "--save never overwrites a text" "$status" 1
run "$LOCKSCOPE" report --save "$TMP/all.lks" "$TMP/all.lks"
is "--save onto an input" "$status" 2
head -c -1 "$rec" > "$TMP/damaged.lks"
run "$LOCKSCOPE" report -q --save "$TMP/of-damaged.lks" "$TMP/damaged.lks"
run "$LOCKSCOPE" report -q --strict "$TMP/of-damaged.lks"
is "a recording of a damaged one is not complete" "$status" 4

for format in json csv; do
	run "$LOCKSCOPE" report --format "$format" --view findings irq-order-3.14.txt
	is "$format: status" "$status$err" 0
	like "$format: has the report" "$out" "irq-inversion.*rmmod.*area_lock.*find_area\+0x10/0x6c"
done
run python3 "$TOP/tests/lib/schema_check.py" "$TOP/user/render/report.schema.json" /dev/null
if [ "$status" -eq 77 ]; then
	skip "the JSON is valid" "python3-jsonschema is not installed"
else
	for text in *-*.txt short.txt; do
		"$LOCKSCOPE" report --format json "$text" > "$TMP/doc.json"
		run python3 "$TOP/tests/lib/schema_check.py" "$TOP/user/render/report.schema.json" "$TMP/doc.json"
		is "$text: the JSON is valid" "$status $out$err" "0 "
	done
fi
done_testing
