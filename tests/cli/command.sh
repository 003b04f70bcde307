#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command under observation, the ends of a trace, and what it takes to have
# one. What needs no trace runs anywhere; the rest is skipped without privileges.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
export LC_ALL=C
unset SUDO_UID SUDO_GID SUDO_USER
chmod 755 "$TMP"

# --- commands that cannot be run: known before anything else, and nothing is left ---------

printf 'x\n' > "$TMP/not-executable"
mkdir "$TMP/path" "$TMP/path/only-a-directory"
cannot()
{
	local why=$1

	shift
	run "$LOCKSCOPE" run --save "$TMP/never.lks" -- "$@"
	is "run -- $*: status" "$status" 1
	is "run -- $*: standard output" "$out" ""
	is "run -- $*: says why" "$err" "lockscope: cannot run '$1': $why"
	not_ok "run -- $*: no recording" test -e "$TMP/never.lks"
}
cannot "No such file or directory" "$TMP/nothing"
cannot "No such file or directory" no-such-command-anywhere x
cannot "No such file or directory" ""
cannot "Permission denied" "$TMP/not-executable"
cannot "Permission denied" "$TMP/path"
PATH=$TMP/path:$PATH cannot "Permission denied" only-a-directory

# --- without privileges -------------------------------------------------------------------

if [ "$(id -u)" -ne 0 ]; then
	nobody=(env)
elif command -v setpriv > /dev/null; then
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all)
else
	nobody=()
fi
if [ ${#nobody[@]} -gt 0 ] && "${nobody[@]}" "$LOCKSCOPE" version > /dev/null 2>&1 &&
   ! "${nobody[@]}" "$LOCKSCOPE" doctor --json 2> /dev/null | grep -q '"privileged": *true'; then
	mkdir -m 1777 "$TMP/open"
	for what in "run --save $TMP/open/x.lks -o $TMP/open/x.txt" "record -o $TMP/open/x.lks"; do
		# shellcheck disable=SC2086 # two words are meant
		run "${nobody[@]}" "$LOCKSCOPE" $what -d 1 -- touch "$TMP/open/ran"
		is "${what%% *} without privileges: status" "$status" 1
		is "${what%% *} without privileges: standard output" "$out" ""
		like "${what%% *} without privileges: one sentence that names the capabilities" "$err" \
			"^lockscope: [^"$'\n'"]*CAP_BPF[^"$'\n'"]*CAP_PERFMON[^"$'\n'"]*$"
	done
	is "without privileges: no file is made, no command run" "$(ls "$TMP/open")" ""
	run "${nobody[@]}" "$LOCKSCOPE" doctor
	is "doctor without privileges: status and standard error" "$status$err" 0
	like "doctor without privileges: names the capabilities" "$out" "CAP_BPF"
	like "doctor without privileges: says what it could not try" "$out" "unknown"
else
	skip "without privileges" "cannot become a user without them who can run $LOCKSCOPE"
fi

# --- doctor -------------------------------------------------------------------------------

run "$LOCKSCOPE" doctor
is "doctor: status and standard error" "$status$err" 0
is "doctor: fits into 80 columns" "$(awk 'length > 80' <<< "$out")" ""
for word in "Tier contention" "Tier order" mutex rwsem spinlock "$(uname -r)"; do
	like "doctor: names $word" "$out" "$word"
done
if command -v jq > /dev/null; then
	"$LOCKSCOPE" doctor --json > "$TMP/doctor.json"
	is "doctor --json: schema first" "$(jq -r 'keys_unsorted[0], .schema' "$TMP/doctor.json" | xargs)" \
		"schema lockscope.doctor/1"
	is "doctor --json: every row is whole" "$(jq '[.coverage[] | select(
		(.primitive | length) == 0 or (.tier | length) == 0 or
		(.state | IN("full", "partial", "none", "unknown") | not) or
		(.state != "full" and (.reason | length) == 0))] | length' "$TMP/doctor.json")" 0
	is "doctor --json: the manual has every key" "$(jq -r 'keys[], (.coverage[0] | keys[]),
		(.facts[0] | keys[])' "$TMP/doctor.json" | sort -u | while read -r key; do
		grep -qw "$key" "$TOP/user/man/lockscope-doctor.8" || echo "$key"; done)" ""
	is "doctor --format json is doctor --json" "$("$LOCKSCOPE" doctor --format json)" \
		"$(cat "$TMP/doctor.json")"
else
	skip "doctor --json" "jq is not installed"
fi

# --- with a trace -------------------------------------------------------------------------

if ! "$LOCKSCOPE" doctor --json | grep -q '"privileged": *true'; then
	skip "traces" "no privileges to trace"
	done_testing
fi

run "$LOCKSCOPE" run -o "$TMP/report" -- sh -c 'echo out; echo err >&2; exit 7'
is "a command that fails: our status is 0" "$status" 0
is "a command that fails: its standard output" "$out" out
is "a command that fails: we say so" "$err" "err
lockscope: 'sh' exited with status 7"
like "the report of a command names it" "$(cat "$TMP/report")" "sh -c"
run "$LOCKSCOPE" run -q -o "$TMP/report" -- sh -c 'exit 7'
is "a command that fails, -q" "$status$err" 0
run "$LOCKSCOPE" run -o "$TMP/report" -- sh -c 'kill -9 $$'
is "a command that is killed" "$status$err" "0lockscope: 'sh' was killed by signal 9 (Killed)"
run "$LOCKSCOPE" run -o "$TMP/report" -- true
is "a command that succeeds" "$status$err" 0
run "$LOCKSCOPE" run -- echo first
is "the command's output comes before the report" "${out%%$'\n'*}" first
like "and the report after it" "${out##*$'\n'}" "^complete"
is "the command has our standard input" \
	"$(echo input | "$LOCKSCOPE" run -o "$TMP/report" -- cat)" input

traced()
{
	"$LOCKSCOPE" run -o "$TMP/report" -- "$@"
}
is "the command has our signal mask and dispositions" \
	"$(traced grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)" \
	"$(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)"
is "the command has none of our descriptors" "$(traced ls /proc/self/fd)" "$(ls /proc/self/fd)"
is "the command has our environment" "$(FOO='b r' traced printenv FOO)" "b r"

# Through sudo.
who=$(getent passwd 65534 | cut -d: -f1)
if [ "$(id -u)" -eq 0 ] && [ -n "$who" ]; then
	mkdir "$TMP/his"
	chown 65534 "$TMP/his"
	sudo_like=(env SUDO_UID=65534 SUDO_GID=65534 "SUDO_USER=$who" "$LOCKSCOPE" run --save
		   "$TMP/his/sudo.lks" -o "$TMP/his/sudo.txt" --)
	is "through sudo: user, group and groups" "$("${sudo_like[@]}" sh -c 'id -u; id -g; id -G')" \
		"$(printf '65534\n65534\n%s' "$(id -G "$who")")"
	is "through sudo: files in his directory are his" \
		"$(stat -c %u "$TMP/his/sudo.lks" "$TMP/his/sudo.txt" | xargs)" "65534 65534"
	run env SUDO_UID=65534 SUDO_GID=65534 "SUDO_USER=$who" "$LOCKSCOPE" run --save "$TMP/our.lks" \
		-o "$TMP/our.txt" -d 0.1
	is "through sudo: files in ours are not" \
		"$(stat -c %u "$TMP/our.lks" "$TMP/our.txt" | xargs)" "$(id -u) $(id -u)"
	is "through sudo: environment" "$("${sudo_like[@]}" printenv USER LOGNAME HOME | xargs)" \
		"$who $who $(getent passwd 65534 | cut -d: -f6)"
	is "through sudo: no way back" "$("${sudo_like[@]}" grep -E '^(Cap(Eff|Prm)|[UG]id)' \
		/proc/self/status | tr -d '\n\t ')" "$(printf 'Uid:%sGid:%sCapPrm:%sCapEff:%s' \
		65534655346553465534 65534655346553465534 0000000000000000 0000000000000000)"
	for bad in -1 4294967295 root ""; do
		run env SUDO_UID="$bad" SUDO_GID=65534 "$LOCKSCOPE" run -- touch "$TMP/ran"
		is "SUDO_UID='$bad': status" "$status" 1
		like "SUDO_UID='$bad': says why" "$err" "^lockscope: SUDO_UID is '$bad', which is no id"
	done
	not_ok "SUDO_UID that makes no sense: the command did not run" test -e "$TMP/ran"
else
	skip "through sudo" "needs root and a user with the id 65534"
fi

# The end of a command that does not end.
is_gone()
{
	! kill -0 "$1" 2> /dev/null
}
run "$LOCKSCOPE" run -d 0.2 -o "$TMP/report" -- sh -c "echo \$\$ > $TMP/pid; exec sleep 1000"
is "-d is over: status" "$status" 0
like "-d is over: the command gets SIGTERM, and we say so" "$err" "'sh' with SIGTERM"
ok "-d is over: the command is gone" is_gone "$(cat "$TMP/pid")"
rm -f "$TMP/pid"
mkfifo "$TMP/block"
run "$LOCKSCOPE" run -d 0.2 -o "$TMP/report" -- sh -c \
	"echo \$\$ > $TMP/pid; trap '' TERM; read x < $TMP/block"
pid=$(cat "$TMP/pid" || echo none)
like "a command that ignores SIGTERM: we say so" "$err" "'sh' \(pid $pid\) is still running"
ok "a command that ignores SIGTERM: we did not kill it" kill -KILL "$pid"

# Signals. background STARTED ARGUMENT...: in the background until the file STARTED is there.
tracer=
at_exit '[ -z "$tracer" ] || kill -KILL "$tracer"'
background()
{
	local started=$1

	shift
	rm -f "$started"
	# A shell without job control has its background processes ignore SIGINT; nohup, SIGHUP.
	env --default-signal=INT,HUP "$LOCKSCOPE" "$@" > "$TMP/out" 2> "$TMP/err" &
	tracer=$!
	wait_for "[ -s $started ]" 20 && return
	kill -KILL "$tracer"
	end_of_tracer
	fail "it has begun" "$(cat "$TMP/err")"
}
end_of_tracer()
{
	wait "$tracer"
	status=$?
	tracer=
}
for signal in INT TERM HUP; do
	background "$TMP/out" run -i 0.1 || continue
	kill -$signal "$tracer"
	end_of_tracer
	is "SIG$signal: status" "$status" 0
	is "SIG$signal: standard error" "$(cat "$TMP/err")" ""
	like "SIG$signal: the summary comes" "$(tail -n 1 "$TMP/out")" "^complete"

	background "$TMP/pid" run -- sh -c "echo \$\$ > $TMP/pid; exec sleep 1000" || continue
	pid=$(cat "$TMP/pid")
	kill -$signal "$tracer"
	end_of_tracer
	is "SIG$signal with a command: status" "$status" 0
	ok "SIG$signal with a command: it got the signal" is_gone "$pid"
	like "SIG$signal with a command: we say so" "$(cat "$TMP/err")" "'sh' was killed by signal"
	like "SIG$signal with a command: the summary comes" "$(tail -n 1 "$TMP/out")" "^complete"
done
if background "$TMP/out" run -i 0.1; then
	kill -INT "$tracer"
	kill -INT "$tracer"
	end_of_tracer
	is "SIGINT twice: status" "$status" 0
	like "SIGINT twice: the summary comes" "$(tail -n 1 "$TMP/out")" "^complete"
fi

# Ctrl-C on the terminal: the command gets it from there, once, and has a moment.
if command -v script > /dev/null; then
	rm -f "$TMP/pid" "$TMP/signals"
	mkfifo "$TMP/keys"
	SHELL=/bin/sh env --default-signal=INT script -qec "exec $LOCKSCOPE run -o $TMP/report -- sh -c '
		trap \"echo INT >> $TMP/signals; exit 5\" INT
		echo \$\$ > $TMP/pid; read x < $TMP/block'" /dev/null < "$TMP/keys" > "$TMP/out" 2>&1 &
	tracer=$!
	exec 5> "$TMP/keys"
	ok "on a terminal: it has begun" wait_for "[ -s $TMP/pid ]" 20
	printf '\003' >&5
	end_of_tracer
	exec 5>&-
	is "Ctrl-C: status" "$status" 0
	is "Ctrl-C: the command got it once" "$(cat "$TMP/signals")" INT
	like "Ctrl-C: we say how it ended" "$(cat "$TMP/out")" "lockscope: 'sh' exited with status 5"
	like "Ctrl-C: the summary comes" "$(tail -n 1 "$TMP/report")" "^complete"
else
	skip "Ctrl-C on a terminal" "script is not installed"
fi

# Nobody reads any more.
mkfifo "$TMP/fifo"
# shellcheck disable=SC2094 # it is a pipe
exec 3<> "$TMP/fifo" 4> "$TMP/fifo" 3<&-
timeout 20 "$LOCKSCOPE" run -d 600 >&4 2> "$TMP/err"
is "nobody reads standard output: the trace ends, status" $? 0
is "nobody reads standard output: standard error" "$(cat "$TMP/err")" ""
timeout 20 "$LOCKSCOPE" record -d 600 -o - >&4 2> "$TMP/err"
is "nobody reads the recording: status" $? 1
like "nobody reads the recording: says why" "$(cat "$TMP/err")" "^lockscope: .*Broken pipe"
exec 4>&-

# Recordings.
run "$LOCKSCOPE" run -a --save "$TMP/r.lks" --waits -- sh -c 'ls -R /sys/kernel > /dev/null'
is "run --save: status and standard error" "$status$err" 0
is "run --save: report prints what run printed" "$("$LOCKSCOPE" report "$TMP/r.lks")" "$out"
for format in text json csv; do
	run "$LOCKSCOPE" run -a -v --by lock,owner -k p99 -E 3 --format $format --save "$TMP/r.lks" \
		-i 0.1 -o "$TMP/run.out" -d 0.3
	[ $format = csv ] && run "$LOCKSCOPE" run -v --by lock,owner -k p99 -E 3 --format csv \
		--save "$TMP/r.lks" -o "$TMP/run.out" -d 0.3
	is "run --save, $format: status and standard error" "$status$err" 0
	"$LOCKSCOPE" report -v --by lock,owner -k p99 -E 3 --format $format "$TMP/r.lks" > "$TMP/rep.out"
	ok "run --save, $format: report ends the run's output" \
		cmp -s "$TMP/rep.out" <(tail -c "$(stat -c %s "$TMP/rep.out")" "$TMP/run.out")
done
for format in dot folded perfetto; do
	run "$LOCKSCOPE" run -a -E 30 --format $format --save "$TMP/r.lks" -o "$TMP/run.out" -d 0.3
	is "run --save, $format: status and standard error" "$status$err" 0
	ok "run --save, $format: report writes what run wrote" \
		cmp -s "$TMP/run.out" <("$LOCKSCOPE" report -E 30 --format $format "$TMP/r.lks")
done
run "$LOCKSCOPE" run --waits --format perfetto -d 0.2 -- true
is "run --format perfetto needs no recording: status and standard error" "$status$err" 0
unlike "... and has single waits" "$out" '"note"'
run "$LOCKSCOPE" record -o "$TMP/rec.lks" -d 0.3
is "record: status and standard output" "$status$out" 0
like "record: says what is in it" "$err" \
	"^lockscope: [0-9]+ waits?, [0-9]+ (B|KiB), 0\.[3-9] s -> $TMP/rec.lks; complete$"
if command -v jq > /dev/null; then
	is "record: the waits are those of the report" "${err%% wait*}" "lockscope: $("$LOCKSCOPE" \
		report --format json "$TMP/rec.lks" | jq '[.contention[].count | tonumber] | add // 0')"
else
	skip "record: the waits are those of the report" "jq is not installed"
fi
run "$LOCKSCOPE" record -q -o "$TMP/rec.lks" -d 0.2
is "record -q over a recording: status and output" "$status$out$err" 0
run "$LOCKSCOPE" record -o "$TMP/not-executable" -d 0.2
is "record over something else: status" "$status" 1
like "record over something else: says why" "$err" "^lockscope: .*'$TMP/not-executable'"
is "record over something else: unharmed" "$(cat "$TMP/not-executable")" x
is "record -o - | report -" \
	"$("$LOCKSCOPE" record -d 0.2 -o - 2> "$TMP/err" | "$LOCKSCOPE" report - | tail -n 1)" complete
like "record -o -: says where to" "$(cat "$TMP/err")" "-> standard output; complete$"
run "$LOCKSCOPE" run --save "$TMP/no/x.lks" -d 0.2
is "--save into a missing directory: status" "$status" 1
like "--save into a missing directory: says why" "$err" "'$TMP/no/x.lks'.*No such file"
run "$LOCKSCOPE" record -o /dev/full -d 0.2
is "record on a full disk: status and standard output" "$status$out" 1
like "record on a full disk: says why" "$err" "^lockscope: [^"$'\n'"]*No space left[^"$'\n'"]*$"
run "$LOCKSCOPE" run --save /dev/full -d 0.2
is "run --save on a full disk: status" "$status" 1
like "run --save on a full disk: says why" "$err" "^lockscope: .*No space left"
like "run --save on a full disk: the report comes all the same" "${out##*$'\n'}" "^complete"

done_testing
