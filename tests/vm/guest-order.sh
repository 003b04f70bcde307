#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Inside a guest with the fixture modules: traced runs. What each leaves in /out is judged outside, by
# order_check.py: NAME.jsonl (the standard output, each line with the time at which it came), NAME.err,
# NAME.said (the exit status of lockscope, then the scenarios' errors, if any).
#
#	guest-order.sh runs [-OPTION... ] NAME=SCENARIO:FORM,...[ OPTION...]...
#				a run of lockscope for each argument, in which the scenarios are started
#				one after the other; OPTIONs for lockscope
#	guest-order.sh write SCENARIO:FORM...	(what is traced)

dev=/dev/lockscope/fixture

# In a task of its own, with a name that can be found in a report.
write()
{
	local a

	for a; do
		sh -c 'printf %s "$1" >/proc/self/comm; echo "$2 $3" >"$4"' sh "w-${a%%:*}" "${a%%:*}" "${a#*:}" $dev 2>&1 |
			sed "s/^/$a: /"
	done
}

# traced NAME=SCENARIO:FORM,... [OPTION...]
traced()
{
	local name=${1%%=*} scenarios=${1#*=}

	shift
	# shellcheck disable=SC2086 # a list of words
	lockscope run --budget none -q -a --format json "$@" -- "$0" write ${scenarios//,/ } 2>"/out/$name.err" |
		/tests/stamp >"/out/$name.jsonl"
	{ echo "status ${PIPESTATUS[0]}"; cat "/tmp/said"; } >"/out/$name.said"
	rm -f /tmp/said
}

mode=$1
shift
case $mode in
write)
	write "$@" >/tmp/said ;;
runs)
	# A watched function and a kernel's own need its module there.
	modprobe vfio_iommu_type1 2>/dev/null
	for run; do
		# shellcheck disable=SC2086 # a list of words
		traced $run
	done ;;
*)
	exit 2 ;;
esac
