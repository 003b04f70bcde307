#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Inside a lockdep guest with the fixture module: what the lockdep tier saw, and lockdep's own account of the
# same. Everything is left in /out and judged outside (lockdep_test.sh).
#
#	guest-lockdep.sh run SECONDS	all of it
#	guest-lockdep.sh both SECONDS	(traced by two tiers: the load)
#	guest-lockdep.sh inside SECONDS	(traced: the load, between two copies of lockdep's tables)
#	guest-lockdep.sh write SCENARIO:FORM...	(traced)

snap()
{
	mkdir -p "/out/$1"
	cat /proc/lockdep >"/out/$1/lockdep"
	cat /proc/lockdep_chains >"/out/$1/chains"
}

# traced NAME COMMAND...: a recording of the whole machine while the command runs
traced()
{
	local name=$1

	shift
	lockscope record --budget none -q -a --tier "${tiers:-lockdep}" -o "/out/$name.lks" -- "$0" "$@" >"/out/$name.log" 2>&1
	echo "status $?" >>"/out/$name.log"
	dmesg >"/out/$name.dmesg"
}

write()
{
	local a

	for a; do
		echo "${a%%:*} ${a#*:}" >/dev/lockscope/fixture || echo "$a failed"
	done
}

mode=$1
shift
case $mode in
inside)
	snap before
	/tests/vm/load.sh "$1"
	snap after ;;
write)
	write "$@" ;;
both)
	/tests/vm/load.sh "$1" ;;
run)
	tiers=order,lockdep traced both both "$1"
	traced load inside "$1"
	snap end
	traced first write userptr-abba:bug
	# From here on lockdep is silent.
	traced second write iommu:bug
	traced third write vfio-group:bug
	traced silent write {order,nesting,trylock,read-read,downgrade,release-other,release-order,reuse}:silent ;;
*)
	exit 2 ;;
esac
