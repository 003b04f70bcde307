#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark in guests says what its figures say: on invented ones.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

command -v python3 > /dev/null || skip_all "python3 is not installed"

# ask EXPRESSION: of guest.py, with the figures of three kinds on two loops.
ask()
{
	python3 -B - "$TOP/tools/bench" "$1" <<-'PY'
	import sys
	sys.path.insert(0, sys.argv[1])
	import guest
	text = {"none": "pipe 10 1000 1010 5000\nhackbench 1 2000 2000 2000\n",
	        "order": "pipe 10 2010 2010 2010\nhackbench 1 2080 2080 2080\n",
	        "klockstat": "pipe 10 6010 6010 6010\n"}
	raw = {kind: guest.parse(t) for kind, t in text.items()}
	figures = {kind: guest.medians(loops) for kind, loops in raw.items()}
	value = eval(sys.argv[2])
	print("\n".join(map(str, value)) if isinstance(value, list) else value)
	PY
}

is "repeats become instructions of one iteration" "$(ask 'raw["none"]["pipe"]')" $'100.0\n101.0\n500.0'
is "a figure is the median: one repeat that was disturbed does not count" "$(ask 'figures["none"]["pipe"]')" 101.0
is "what a tracer adds" "$(ask 'guest.added(figures, "order", "pipe")')" 100.0
is "what was not measured adds nothing that could be compared" "$(ask 'guest.added(figures, "klockstat", "hackbench")')" None
is "the table" "$(ask 'guest.table(figures)')" "| instructions per iteration | pipe | hackbench |
|---|---|---|
| no tracer | 101 | 2,000 |
| order tier, --no-spin | 201 | 2,080 |
| klockstat (mutex, rwsem) | 601 | - |

| no tracer = 1 | pipe | hackbench |
|---|---|---|
| order tier, --no-spin | 1.99 | 1.04 |
| klockstat (mutex, rwsem) | 5.95 | - |"
is "goals, for what was measured only" "$(ask '[f"{w} {v:.2f} {l:.2f}" for w, v, l in guest.goals(figures)]')" \
	"pipe: order adds, of what klockstat adds 0.20 0.20
hackbench: order / none 1.04 1.05"
run ask 'guest.parse("pipe 10\n")'
is "a line without figures is refused" "$status" 1
like "... and shown" "$err" "ValueError: loops printed 'pipe 10'"

# With a budget, by rounds: two of them here.
by_rounds()
{
	ask 'setattr(guest, "ROUNDS", 2) or (lambda shown: guest.budget_table(shown) + [f"{w} {v:.2f} {l}" for w, v, l in guest.budget_goals(shown)])(
	guest.rounds({"none": {"hackbench": 100}}, {"none": {"hackbench": [100]}, "all-budget": {"hackbench": [150, 140, 120, 110, 103]}}))'
}
is "with a budget: medians of rounds, and the goal is of the last" "$(by_rounds)" "| no tracer = 1; rounds from | 0 | 2 | 4 |
|---|---|---|---|
| lockscope run | 1.45 | 1.15 | 1.03 |
hackbench, last 2 rounds: all-budget / none 1.03 1.15"

# Figures are kept kind by kind, and the README's table follows them.
keep()
{
	python3 -B - "$TOP/tools/bench" "$TMP" "$1" <<-'PY'
	import sys
	sys.path.insert(0, sys.argv[1])
	import guest
	guest.b.HERE, guest.VM = sys.argv[2], "echo"
	raw = eval(sys.argv[3])
	guest.keep("jobs", "6.12", raw)
	PY
}
printf 'before\n<!-- jobs -->\nold\n<!-- /jobs -->\nafter\n' > "$TMP/README.md"
run keep '{"none": {"walk": [10, 12, 11]}, "order": {"walk": [20, 20, 20]}, "klockstat": {"walk": [44, 44, 44]}}'
is "figures are kept: exit status" "$status" 0 || diag "$err"
run keep '{"none": {"walk": [10, 10, 10]}, "order": {"walk": [33, 33, 33]}}'
is "... and those of some kinds replaced: exit status" "$status" 0 || diag "$err"
is "the README has them in their place, each compared with no tracer in its own run" "$(cat "$TMP/README.md")" "before
<!-- jobs -->
| instructions per iteration | walk |
|---|---|
| no tracer | 10 |
| order tier, --no-spin | 33 |
| klockstat (mutex, rwsem) | 44 |

| no tracer = 1 | walk |
|---|---|
| order tier, --no-spin | 3.30 |
| klockstat (mutex, rwsem) | 4.00 |
<!-- /jobs -->
after"
is "the raw figures are there, with the kernel's release" "$(jq -c '[.jobs.none.walk, .releases]' "$TMP/guest-6.12.json")" \
	'[[10,10,10],{"6.12":"release 6.12"}]'
printf 'no place\n' > "$TMP/README.md"
run keep '{"none": {"walk": [1]}}'
isnt() { [ "$1" != "$2" ]; }
ok "a README without a place is refused" isnt "$status" 0
like "... and named" "$err" "README.md has no place for the tables of jobs"

# The README is what the kept figures say.
cp "$TOP/tools/bench/README.md" "$TOP/tools/bench/guest-6.12.json" "$TMP"
for part in guest jobs budget; do
	run python3 -B -c "import sys; sys.path.insert(0, '$TOP/tools/bench'); import guest
guest.b.HERE, guest.VM = '$TMP', 'true'; guest.keep('$part', '6.12', {})"
	is "$part: what is kept can be read: exit status" "$status" 0 || diag "$err"
	is "the tables of $part are those of the figures" "$(cat "$TMP/README.md")" "$(cat "$TOP/tools/bench/README.md")"
done

is "jobs: a name and the program that it starts" "$(ask 'guest.jobs()["compile"]')" gcc
run "$BUILD/tests/bench/loops" -r 1 -f <(printf '# none\nhello echo hello; [ -e file-0 ]\n') hello
is "loops: a job of the file: exit status" "$status" 0
like "loops: ... and its one figure" "$out" '^hello 1 [0-9]+$'
run "$BUILD/tests/bench/loops" -r 1 -f <(printf 'bad exit 3\n') bad
is "loops: a job that fails: exit status" "$status" 1
like "loops: ... is named" "$err" "'exit 3' failed"
run "$BUILD/tests/bench/loops" -r 1 -f <(printf 'lonely\n')
is "loops: a job without a command: exit status" "$status" 2
like "loops: ... is shown" "$err" "'lonely': a name and no command"

run "$TOP/tools/bench/run" --only nonsense
is "no such part: exit status" "$status" 2
like "no such part: said so" "$err" "no benchmark 'nonsense'"

done_testing
