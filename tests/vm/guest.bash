# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that run inside a guest, told outside; sourced by tests that need them, behind tap.sh. Wants $kernel, the
# name of the kernel that it is about.

# shellcheck disable=SC2154 # status, out, err, kernel: set by run of tap.sh and by who sources this
VM=$TOP/tools/vm/vm
mkdir -p "$BUILD/vm"

# Run guest-NAME.sh, a test like any other, inside; its points become ours. guest "NAME [ARGUMENT]..." [OPTION of vm]...
guest()
{
	local name=${1// /-} kept=$BUILD/vm/$kernel-${1// /-}.dmesg words

	read -r -a words <<<"$1"
	shift
	run "$VM" run --timeout 900 --keep-dmesg "$kept" --file /bin/bash:/bin/bash --file /bin/date:/bin/date \
		--file "$TOP/tests/lib:/tests/lib" --file "$TOP/tests/vm:/tests/vm" "$@" "$kernel" -- "/tests/vm/guest-${words[0]}.sh" "${words[@]:1}"
	retell "kernel log: $kept" <<<"$out"
	if [ "$planned" != "$seen" ] || [ "$status" -gt 1 ]; then
		fail "$kernel: $name runs to its end" "$seen of ${planned:-?} tests, status $status, kernel log: $kept
$err"
	fi
}

# Another test's TAP, from standard input, as ours. retell WHERE-TO-LOOK: sets $planned and $seen.
retell()
{
	local point

	planned=''
	seen=0
	while IFS= read -r point; do
		case $point in
		'ok '*' # SKIP '*) skip "$kernel: $(point_name "${point%% # SKIP *}")" "${point#* # SKIP }" ;;
		'ok '*) pass "$kernel: $(point_name "$point")" ;;
		'not ok '*) fail "$kernel: $(point_name "$point")" "$1" ;;
		1..*) planned=${point#1..} ;;
		'#'*) echo "$point" ;;
		*) diag "$point" ;;
		esac
		case $point in
		ok*|not*) seen=$((seen + 1)) ;;
		esac
	done
}

point_name() { sed -E 's/^(not )?ok [0-9]+ - //' <<<"$1"; }
