#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Inside a guest: the loops under each kind of tracer, for guest.py; their figures in /out/KIND.
#
#   guest-bench.sh "OPTIONS OF loops" KIND...
#   guest-bench.sh --warm "OPTIONS OF loops"	the loops themselves, twice: what a tracer does once for
#						what is new to it is done before the second time
#
# A kind whose tracer does not start leaves /out/KIND.err instead, what it said.
# shellcheck disable=SC2086 # lists of words
set -u
export PATH="$PATH:/usr/bin"	# where guest.py leaves what jobs start

# Until this, the only processor, is idle: a kernel that has just booted still has work to do, and so
# has a tracer that has seen much that is new. One that never rests is measured as it is.
idle() { awk '/^cpu / { print $5 }' /proc/stat; }
settle()
{
	idle_before=$(idle)
	usleep 500000
	idle_now=$(idle)
	tries=0
	until [ $((idle_now - idle_before)) -ge 47 ] || [ $tries -ge 60 ]; do
		usleep 500000
		idle_before=$idle_now
		idle_now=$(idle)
		tries=$((tries + 1))
	done
}

if [ "$1" = --warm ]; then
	loops $2 -r 1 >/dev/null || exit
	settle
	exec loops $2
fi

options=$1
shift

# What a command prints are the figures of this kind; of one that fails, what it said stays.
figures() { "$@" >"/out/$kind" 2>>"/out/$kind.err" || rm -f "/out/$kind"; }

# Under what runs already, or nothing.
plain() { figures "$0" --warm "$options"; }

# Under a tracer that starts a command itself.
around() { figures "$@" "$0" --warm "$options"; }

# Under lockscope with these options.
ours() { around lockscope run -q -a --budget none -o /dev/null "$@" --; }

# The same with the default budget, from its start on, and for long enough to settle. Of two -r, the last counts.
budget() { figures lockscope run -q -a -o /dev/null "$@" -- loops $options -r 50; }

links() { grep -l -e link_type -e prog_id -e anon_inode /proc/"$1"/fdinfo/* 2>/dev/null | wc -l; }
waits() { [ "$(sed 's/.*) //; s/ .*//' /proc/"$1"/stat 2>/dev/null)" = S ]; }

# Attached: it waits, has hooks, and as many as the last time it was looked at; or it says so.
attached()
{
	now=$(links "$pid")
	if grep -q ready "/out/$kind.err" || { waits "$pid" && [ "$now" -gt 2 ] && [ "$now" = "$before" ]; }; then
		return 0
	fi
	before=$now
	return 1
}

# Beside a tracer that runs until it is told to end. A look at it every half second, which is
# no time in a guest that has nothing else to do.
beside()
{
	before=-1
	"$@" >"/out/$kind.err" 2>&1 &
	pid=$!
	tries=0
	until attached; do
		tries=$((tries + 1))
		if [ $tries -gt 200 ] || ! kill -0 $pid; then
			kill -9 $pid
			return
		fi
		usleep 500000
	done
	plain
	# What has no handler of its own ignores INT in the background of a script.
	kill -INT $pid
	case $kind in floor*|klockstat-bcc) kill $pid ;; esac
	wait $pid
}

measure()
{
	kind=$1
	case $kind in
	# Statistics of waits are no part of proving.
	lockdep)	echo 0 >/proc/sys/kernel/lock_stat; plain ;;
	none*)		plain ;;
	floor)		beside floor --no-spin ;;
	floor-spin)	beside floor ;;
	contention)	ours --tier contention ;;
	contention-no-stacks) ours --tier contention --no-stacks ;;
	order)		ours --tier order --no-spin ;;
	order-spin)	ours --tier order --spin ;;
	order-holds)	ours --tier order --no-spin --hold-times ;;
	order-multi)	ours --tier order --no-spin --attach kprobe.multi ;;
	order-kprobe)	ours --tier order --no-spin --attach kprobe ;;
	all)		ours ;;
	order-budget)	budget --tier order --no-spin ;;
	all-budget)	budget ;;
	klockstat)	beside klockstat ;;
	klockstat-bcc)	beside python3 /bin/klockstat-bpfcc ;;
	bpftrace)	beside bpftrace /bench/hold.bt ;;
	bpftrace-spin)	beside bpftrace /bench/holdspin.bt ;;
	bpftrace-wait)	beside bpftrace /bench/same.bt ;;
	perf)		around perf lock contention -a -b -- ;;
	*)		echo "guest-bench.sh: no kind $kind" >&2; exit 2 ;;
	esac
}

settle

for kind; do
	measure "$kind"
	# What has ended takes its hooks away in the background, which waits more than it works.
	while pidof lockscope >/dev/null; do usleep 500000; done
done
