#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: everything traced under load. What is found is judged outside, from /out/load.json.
#
#	guest-stress.sh load SECONDS [MODULE...]	afterwards nothing is held at idle, no map has grown
#							beyond its tasks, and nothing is left in the kernel
#	guest-stress.sh kill TIMES			SIGKILL while it attaches and while it traces
#	guest-stress.sh soak SECONDS [MODULE...]	the same with hold times, and what it costs from minute to minute
#							in /out/soak: uptime, KiB resident, KiB of slabs, of per-CPU
#							memory, runs of programs, their ns, the tracer's ticks in user and system mode
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

# shellcheck disable=SC2317 # called by name
complaints() { dmesg | grep -E 'BUG:|WARNING:|Oops|INFO: |possible (circular|recursive)'; }
# Locks that are believed to be held. That thread does hold a mutex while it waits for a grace period.
held_now() { grep -v -e '^held: ' -e '^task rcu_tasks_' <<<"$1"; }
# shellcheck disable=SC2317
idle() { held=$(/tests/bpfstat held) && [[ $held == *', 0 overflows, '* ]] && [ -z "$(held_now "$held")" ]; }
# shellcheck disable=SC2317
nothing_left() { left=$(/tests/bpfstat left); }
threads() { find /proc -maxdepth 3 -path '/proc/[0-9]*/task/[0-9]*' | wc -l; }

kib() { sed -n "s/^$1:[[:space:]]*\\([0-9]*\\) kB$/\\1/p" "$2"; }
# What the tracer costs, a line each minute.
watch_cost()
{
	local cost rss

	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	while cost=$(/tests/bpfstat cost | tr -dc '0-9 ') && rss=$(kib VmRSS "/proc/$1/status"); do
		echo "$(cut -d. -f1 /proc/uptime) $rss $(kib Slab /proc/meminfo) $(kib Percpu /proc/meminfo)" \
			"$(tr -s ' ' <<<"$cost")" "$(cut -d' ' -f14,15 "/proc/$1/stat")"
		sleep 60	# the distance of the samples, nothing is waited for
	done >/out/soak
}

# A command to be traced: what goes on while all hooks are there. Leaves its answers in files.
under_trace()
{
	local held='' watcher=''

	[ "$1" != soak ] || { shift; watch_cost $PPID & watcher=$!; }
	/tests/vm/load.sh "$@" >"/out/load" 2>&1
	echo $? >/out/load.status
	[ -z "$watcher" ] || kill $watcher
	wait_for idle 10
	echo "$held" >/out/held
	threads >/out/threads
}

stress_load()
{
	local slots threads

	[ "$(/tests/bpfstat left)" = "0 programs, 0 maps, 0 links" ] || diag "before: $(/tests/bpfstat left)"
	lockscope run --budget none -q -a --format json --sample 128 -o /out/load.json "${options[@]}" \
		-- "$0" under-trace "$@" 2>/out/load.err
	is "traced load: exit status" "$?" 0 || diag "$(cat /out/load.err)"
	is "the load runs to its end" "$(cat /out/load.status)" 0 || diag "$(cat /out/load)"
	diag "$(paste -s -d';' /out/load)"
	like "at idle, nothing is beyond the depth" "$(tail -n 1 /out/held)" ' 0 overflows, '
	is "at idle, no lock is held" "$(held_now "$(cat /out/held)" | head -n 20)" ''
	slots=$(sed -n 's/.* \([0-9]*\) slots$/\1/p' /out/held)
	threads=$(cat /out/threads)
	ok "no more tasks are followed than there are: ${slots:-none}, $threads" [ "${slots:-99999}" -le $((threads + 8)) ]
	ok "the tracer has seen tasks" [ "${slots:-0}" -gt 0 ]
}

# One tracer, killed so many tenths of a second after its start; without a number, while it traces.
kill_one()
{
	local tracer

	rm -f "$TMP/up"
	# shellcheck disable=SC2016 # for the inner shell
	setsid lockscope run --budget none -q -a --format json -- sh -c 'touch "$1"; exec sleep 1000' sh "$TMP/up" >/dev/null 2>&1 &
	tracer=$!
	if [ $# -gt 0 ]; then
		sleep "$1"	# a moment like any other, not one to wait for
	else
		wait_for "[ -e $TMP/up ]" 300 || fail "the tracer traces"
	fi
	kill -KILL "$tracer"
	wait "$tracer" 2>/dev/null
	kill -KILL -- "-$tracer" 2>/dev/null	# what was traced lives on
}

stress_kill()
{
	local i load

	/tests/vm/load.sh $((20 * $1)) >"$TMP/load" 2>&1 &
	load=$!
	for ((i = 1; i <= $1; i++)); do
		kill_one
		kill_one "$((i / 5)).$((i % 5 * 2))"
	done
	ok "$((2 * $1)) times SIGKILL: nothing is left in the kernel" wait_for nothing_left 90 || diag "$left"
	kill "$load"
	wait "$load" 2>/dev/null
}

mode=$1 options=()
shift
case $mode in
under-trace) under_trace "$@"; exit ;;
load) stress_load "$@" ;;
soak) options=(--hold-times); stress_load soak "$@" ;;
kill) stress_kill "$@" ;;
esac
# A process of the tracer's detaches in the background, hook by hook.
ok "nothing is left in the kernel" wait_for nothing_left 90 || diag "$left"
is "no complaint of the kernel" "$(complaints)" ''
done_testing
