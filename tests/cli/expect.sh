#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# --expect: known bugs looked for in recordings, those of texts and those of recordings.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
cd "$TOP/tests/golden/findings" || exit 1

# report LOCK LOCK: what lockdep says of two orders of these. Names as of long ago.
report()
{
	cat <<-EOF
	======================================================
	WARNING: possible circular locking dependency detected
	4.14.0 #1 Not tainted
	------------------------------------------------------
	unbind/42 is trying to acquire lock:
	 ($1){+.+.}, at: [<ffffffff81000010>] lks_iommu_unbind+0x10/0x20

	but task is already holding lock:
	 ($2){+.+.}, at: [<ffffffff81000020>] lks_other+0x10/0x20

	which lock already depends on the new lock.

	the existing dependency chain (in reverse order) is:

	-> #1 ($2){+.+.}:
	       lock_acquire+0xb5/0x210
	       mutex_lock_nested+0x1b/0x20
	       lks_other+0x10/0x20

	-> #0 ($1){+.+.}:
	       lock_acquire+0xb5/0x210
	       mutex_lock_nested+0x1b/0x20
	       lks_iommu_unbind+0x10/0x20

	other info that might help us debug this:

	 Possible unsafe locking scenario:

	       CPU0                    CPU1
	       ----                    ----
	  lock($2);
	                               lock($1);
	                               lock($2);
	  lock($1);

	 *** DEADLOCK ***
	EOF
}
report iommu_lock '&(device_domain_lock)->rlock' > "$TMP/bug.txt"
report iommu_lock '&mm->mmap_sem' > "$TMP/half.txt"
report '&mm->mmap_sem' rtnl_mutex > "$TMP/other.txt"

run "$LOCKSCOPE" report -q --check --expect "$TMP/bug.txt" abba.lks
is "a known bug: status and standard error" "$status$err" 3
like "... is complete" "$out" "1 known bug looked for: 1 complete"
like "... and where it comes from" "$out" "possible circular locking dependency detected \($TMP/bug.txt, line 2\)"
like "... under its old name" "$out" "&\(device_domain_lock\)->rlock -> iommu_lock: seen once"
like "... with the finding" "$out" "finding c-7e098f1c: certain"
json() { "$LOCKSCOPE" report -q --format json "${@:2}" | jq -c "$1"; }
is "JSON" "$(json '.expected[0] | [.state, .links_seen, .finding, (.links[] | .state)]' --expect "$TMP/bug.txt" abba.lks)" \
	'["complete",2,"c-7e098f1c","seen","seen"]'
is "JSON: the classes of its locks are there" \
	"$(json '[.classes[].id] as $ids | [.expected[0].links[].held.class] | all(. as $c | $ids | index($c) != null)' \
	--expect "$TMP/bug.txt" abba.lks)" true
is "JSON: without --expect there is no such key" "$(json 'has("expected")' abba.lks)" false
"$LOCKSCOPE" report -q --format json --expect "$TMP/bug.txt" abba.lks > "$TMP/doc.json"
run "$TOP/tests/lib/schema_check.py" "$TOP/user/render/report.schema.json" "$TMP/doc.json"
if [ "$status" -eq 77 ]; then
	skip "JSON: the schema holds" "python3-jsonschema is not installed"
else
	is "JSON: the schema holds" "$status$out$err" 0
fi

# The twins: a recording without it, a bug of which one lock is not here, and another one.
run "$LOCKSCOPE" report -q --check --expect "$TMP/bug.txt" clean.lks
is "a clean recording: status" "$status" 0
like "... one order of it is there, not the other" "$out" "1 known bug looked for: 1 partly"
is "another bug, with findings of its own about: status of --check" \
	"$("$LOCKSCOPE" report -q --check -L no_such_lock --expect "$TMP/other.txt" abba.lks > /dev/null; echo $?)" 0
like "... unseen" "$("$LOCKSCOPE" report -q --expect "$TMP/other.txt" abba.lks)" "1 known bug looked for: 1 unseen"
like "half of it: which lock is missing" "$("$LOCKSCOPE" report -q -v --expect "$TMP/half.txt" abba.lks)" \
	"iommu_lock -> &mm->mmap_sem.*not"
like "... by today's name" "$("$LOCKSCOPE" report -q -v --expect "$TMP/half.txt" abba.lks)" \
	"&mm->mmap_sem \(today &mm->mmap_lock\)"
like "... is no exposure" "$("$LOCKSCOPE" report -q --expect "$TMP/half.txt" abba.lks)" "1 unseen"

# Several, and a finding of a recording.
run "$LOCKSCOPE" report -q --expect "$TMP/other.txt" --expect "$TMP/bug.txt" --expect abba.lks abba.lks
like "several: how many of which" "$out" "3 known bugs looked for: 2 complete, 1 unseen"
is "... the worst first" "$(grep -Eo '^ +[0-9]+\. [a-z-]+:' <<< "$out" | tr -s ' ' | tr '\n' ' ')" \
	" 2. complete:  3. complete:  1. unseen: "
run "$LOCKSCOPE" report -q --expect "$TOP/tests/golden/reports/circular-6.12.txt" chain.lks
like "a report with more links" "$out" "1 known bug looked for: 1 unseen"

# What cannot be looked for.
run "$LOCKSCOPE" report --expect clean.lks abba.lks
is "a recording without findings: status and output" "$status$out" 1
like "... is said" "$err" "^lockscope: --expect 'clean.lks' has no finding that could be looked for; give [^"$'\n'"]*$"
run "$LOCKSCOPE" report --expect "$TOP/README.md" abba.lks
is "a text without a report: status and output" "$status$out" 1
like "... is said" "$err" "^lockscope: '$TOP/README.md' is text without a report"
run "$LOCKSCOPE" report --expect "$TMP/missing" abba.lks
is "a file that is not there: status and output" "$status$out" 1
like "... is said" "$err" "^lockscope: cannot open '$TMP/missing': No such file"
run "$LOCKSCOPE" report --expect - abba.lks
is "standard input: status" "$status" 2
like "... is said" "$err" "--expect '-': standard input is for what is looked at; give a file"
run "$LOCKSCOPE" report --format csv --expect "$TMP/bug.txt" abba.lks
is "a format without a place for it: status" "$status" 2
like "... is said" "$err" "--expect: the format csv has no place for it; give --format text or json"
run "$LOCKSCOPE" report --diff clean.lks --expect "$TMP/bug.txt" abba.lks
is "with --diff: status" "$status" 2
like "... is said" "$err" "--diff compares two traces, --expect looks into one; give one of them at a time"
done_testing
