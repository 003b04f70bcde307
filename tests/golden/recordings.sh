#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Recordings of released format versions, made on real kernels, and what reports
# on them must look like, byte for byte. They stay here for ever: v1/*.lks were
# made by lockscope 0.1.0 on Linux 6.18 (natively), 6.12 and 6.1 (in guests).
#
# UPDATE_GOLDEN=1 writes the expected outputs anew: look at the difference.

. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
cd "$TOP/tests/golden" || exit 1
export COLUMNS=80
unset NO_COLOR

# expect FILE OPTIONS...: report with these options prints exactly what FILE holds.
expect()
{
	local file=$1
	shift
	run "$LOCKSCOPE" report "$@"
	if [ -n "${UPDATE_GOLDEN:-}" ]; then
		printf '%s\n' "$out" > "$file"
	fi
	is "report ${*##*/}: exit status and diagnostics" "$status $err" "0 "
	if diff -u "$file" - <<<"$out" > "$TMP/diff" 2>&1; then
		pass "report ${*##*/} is as in $file"
	else
		fail "report ${*##*/} is as in $file" "$(head -40 "$TMP/diff")"
	fi
}

for rec in v1/*.lks; do
	base=${rec%.lks}
	expect "$base.text" "$rec"
	expect "$base.verbose" -v --view all "$rec"
	expect "$base.json" --format json "$rec"
	expect "$base.csv" --format csv "$rec"
	expect "$base.task" --by task,lock "$rec"
done
expect v1/merged.text v1/dir-6.1.lks v1/dir-6.12.lks
expect v1/merged.json --format json v1/dir-6.12.lks v1/dir-6.1.lks
expect v1/filtered.text -L mmap_lock -S vm_mmap -Y rwsem:W v1/steady-6.18.lks
is "order of the inputs changes no number" \
	"$("$LOCKSCOPE" report --format csv v1/dir-6.1.lks v1/dir-6.12.lks)" \
	"$("$LOCKSCOPE" report --format csv v1/dir-6.12.lks v1/dir-6.1.lks)"
done_testing
