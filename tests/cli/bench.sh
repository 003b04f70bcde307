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

run "$TOP/tools/bench/run" --only nonsense
is "no such part: exit status" "$status" 2
like "no such part: said so" "$err" "no benchmark 'nonsense'"

done_testing
