#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Findings on the command line: views, filters, formats, --check. The recordings are made and
# kept by tests/unit/render_finding_test.c. No privileges needed.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/report.sh
. "$TOP/tests/lib/report.sh"
need_lockscope
cd "$TOP/tests/golden/findings" || exit 1
export COLUMNS=80

report 0 "an inversion" abba.lks
like "it is in the default report, in full" "$out" "WARNING: circular locking dependency, certain"
like "in lockdep's order" "$(tr '\n' ' ' <<< "$out")" \
	"is trying to acquire lock:.*but task is already holding lock:.*existing dependency chain.*-> #1 .*-> #0 .*Possible unsafe locking scenario:.*1 lock held by .*Why certain:"
like "with the watched function" "$out" "inside domain_remove_one_dev_info"
is "and nothing is wider than 80 columns" "$(awk 'length > 80' <<< "$out")" ""
report 0 "no inversion" clean.lks
like "what was looked at is said" "$out" "No lock order inversions among 3 classes, 1 order\."
unlike "and nothing is reported" "$out" "WARNING"

report 3 "--check with a finding" --check abba.lks
report 0 "--check without one" --check clean.lks
report 3 "--check with a finding that passes the filter" --check -L iommu_lock abba.lks
report 0 "--check with a finding that does not" --check -L mmap_lock abba.lks
like "which is said" "$out" "None of the 1 finding passes the filter"
report 3 "--check with a finding that the view leaves out" --check --view contention abba.lks
unlike "and is not shown" "$out" "WARNING"
report 0 "a caller" -S lks_iommu abba.lks
like "is found in stacks" "$out" "WARNING"
report 0 "another caller" -S nfs_ abba.lks
unlike "is not" "$out" "WARNING"
report 0 "a task" -t 31 singles.lks
is "three of six findings are its" "$(grep -c '^WARNING' <<< "$out")" 3
report 0 "another task" -t 4711 singles.lks
unlike "none is another's" "$out" "WARNING"
report 0 "several recordings" abba.lks singles.lks clean.lks
is "have the findings of all" "$(grep -c '^WARNING' <<< "$out")" 7
report 0 "-E 2" -E 2 singles.lks
like "says how many more there are" "$out" "4 more findings: -E 0 shows all"

report 0 "view order" --view order clean.lks
like "shows orders" "$out" "THEN TAKEN"
like "and nestings apart" "$out" "Nested locks of one class, different instances:"
report 0 "view watch" --view watch abba.lks
like "shows calls" "$out" "12 calls, 1.20 ms inside, longest 300 us, 1 not returned"
like "and what waits for its module" "$out" "waits for its module"

report 0 "format csv" --view findings --format csv singles.lks
is "has a row for each" "$(wc -l <<< "$out")" 7
report 0 "format csv without findings" --view findings --format csv clean.lks
is "has a header only" "$(wc -l <<< "$out")" 1
report 0 "format json" --format json abba.lks
is "the chain ends with the lock being acquired" \
	"$(sed -nE 's/.*"chain": \[.*, "([^"]*)"\], "held".*/\1/p' <<< "$out")" \
	"$(sed -nE 's/.*"acquiring": \{"lock": "([^"]*)".*/\1/p' <<< "$out")"
report 0 "format json, sections" --format json --view contention abba.lks
like "findings of another view are left out" "$out" '"findings": \[\]'
done_testing
