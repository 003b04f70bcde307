#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: hold times. Who reads from a terminal holds its atomic_read_lock until there is something to read;
# who reads from a FIFO holds nothing meanwhile.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

BPFSTAT=/tests/bpfstat

# shellcheck disable=SC2317 # these are called by name
nothing_left() { "$BPFSTAT" left >/dev/null; }

# Two readers, both blocked for at least as long as $TMP/blocked says (ns).
# shellcheck disable=SC2016 # for the readers
work()
{
	local pid function begin

	mkfifo "$TMP/fifo"
	exec 3<>"$TMP/fifo"
	for function in n_tty_read pipe_read; do
		bash -c 'printf %s "$1" >/proc/self/comm; read -r x <"$2"' sh "$function" \
			"$([ $function = pipe_read ] && echo "$TMP/fifo" || echo /dev/ttyS0)" &
		pid=$!
		until grep -q "$function" "/proc/$pid/stack"; do kill -0 $pid || return 1; done
		begin=$(date +%s%N)
		sleep 0.5
		echo $(($(date +%s%N) - begin)) >"$TMP/blocked.$function"
		kill $pid
		wait $pid
	done
	true
}

# What a row that is missing leaves to look at: the task's rows, and what was lost.
rows() { grep ",$1," "$TMP/holds.csv" | head -n 20; lockscope report --view loss "$TMP/holds.lks"; }

# The longest hold of a task that a row says, in ns: longest COMM [LOCK]
longest() { awk -F, -v comm="$1" -v lock="${2-}" '
	NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
	$col["comm"] == comm && (lock == "" || $col["lock"] == lock) && $col["max_ns"] + 0 > max { max = $col["max_ns"] + 0 }
	END { print max + 0 }' "$TMP/holds.csv"; }

export TMP
# With so many stacks, none has to be left out: a lock is named by its caller here.
run lockscope record --budget none --hold-times --waits --stacks 65536 -o "$TMP/holds.lks" -a -- bash -c "$(declare -f work); work"
is "hold times: exit status" "$status" 0 || diag "$err"
# One line that sums up: no finding, nothing that could not be had. Losses may be, on a loaded host.
is "all that was asked for" "$(sed -E 's/^lockscope: [0-9]+ waits?, .*/sums up/' <<<"$err")" "sums up"
run lockscope report --view coverage "$TMP/holds.lks"
like "coverage" "$out" "order +hold times +full"
lockscope report --view holds --by lock,caller,task --format csv -E 0 "$TMP/holds.lks" >"$TMP/holds.csv"
blocked=$(cat "$TMP/blocked.n_tty_read")
got=$(longest n_tty_read mutex@n_tty_read)
ok "a mutex held over a read: $got ns, $blocked at least" [ "$got" -ge "$blocked" ] || diag "$(rows n_tty_read)"
ok "and not for ever" [ "$got" -lt $((blocked * 20)) ]
blocked=$(cat "$TMP/blocked.pipe_read")
got=$(longest pipe_read)
ok "nothing is held that long by who waits without: $got ns" [ "$got" -lt "$blocked" ] || diag "$(rows pipe_read)"
ok "nothing stays" wait_for nothing_left 100 || diag "$("$BPFSTAT" left)"

# Where it cannot be told when a lock has been got, the run goes on.
if lockscope doctor | grep -Eq '^  yes +kprobes '; then
	run lockscope record --budget none --hold-times --attach kprobe -o "$TMP/none.lks" -d 0.1
	is "kprobes: exit status" "$status" 0
	like "kprobes: no hold times, which is said" "$err" "no hold times: lock functions are hooked by kprobe, which"
	run lockscope report --view coverage "$TMP/none.lks"
	like "kprobes: coverage" "$out" "order +hold times +none +lock functions are hooked"
	run lockscope report --view holds --format csv "$TMP/none.lks"
	is "kprobes: no rows" "$(wc -l <<<"$out")" 1
fi
done_testing
