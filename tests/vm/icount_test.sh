#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Instructions in guests can be counted on: the same loop takes the same number of them twice, and more of them
# when every lock has an empty hook. icount_test.sh [KERNEL]
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

kernel=${1:-6.12}
command -v python3 > /dev/null || skip_all "python3 is not installed"

run python3 -B - "$TOP/tools/bench" "$kernel" <<-'PY'
	import sys
	sys.path.insert(0, sys.argv[1])
	import guest
	raw, missing = guest.run_guest(sys.argv[2], ["none", "floor", "none-again"], "-r 5 -s 20 pipe getdents", 300)
	for kind in raw:
	    print(kind, *(f"{name} {value:.0f}" for name, value in guest.medians(raw[kind]).items()))
PY
is "$kernel: loops in a guest: exit status" "$status" 0 || diag "$err"
diag "$out"

# figure KIND LOOP
figure() { awk -v kind="$1" -v name="$2" '$1 == kind { for (i = 2; i < NF; i += 2) if ($i == name) print $(i + 1) }' <<<"$out"; }

for loop in pipe getdents; do
	first=$(figure none "$loop") second=$(figure none-again "$loop") hooked=$(figure floor "$loop")
	ok "$kernel: $loop: thousands of instructions" [ "${first:-0}" -gt 1000 ]
	ok "$kernel: $loop: repeats within 1 %" [ "$((100 * (${first:-0} - ${second:-9999999})))" -le "${first:-0}" -a \
		"$((100 * (${second:-9999999} - ${first:-0})))" -le "${first:-0}" ]
	ok "$kernel: $loop: empty hooks cost more than that" [ "$((100 * ${hooked:-0}))" -gt "$((105 * ${first:-0}))" ]
done
done_testing
