#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `run -- CMD`: from its first instruction, with its children, as the user who
# called sudo, and nobody else.
. "$(dirname "$0")/lib/live.bash"
live_require

run_json() { "$LOCKSCOPE" run -q --format json -o "$T/$1.json" "${@:2}"; }

run_json child -- "$CONTEND" --in-child --result "$T/child.result" -w 4 -r 3 pipe
checks "$T/child.json" "$T/child.result" <<'E2'
children of children are followed :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 12
E2

# Somebody else does the same at the same time: all of his rounds are during ours.
workload other other --until-signal --held "$T/other.held" -w 3 -r 1 pipe
cat >"$T/both" <<E2
#!/bin/bash
# Let the other one block, do our own, release the other one and wait for its end.
echo go >"$T/other.go"
until [ -e "$T/other.held" ]; do read -rt 0.02 <> <(:); done
"$CONTEND" --result "$T/mine.result" -w 4 -r 3 pipe
kill -USR1 $other
until [ -e "$T/other.result" ]; do read -rt 0.02 <> <(:); done
E2
chmod +x "$T/both"
run_json mine -- "$T/both"
wait "$other"
checks "$T/mine.json" "$T/mine.result" <<'E2'
an unrelated process is not in it :: count(pick(type="mutex", caller="pipe_")) == C.blocked == 12
E2
checks "$T/mine.json" "$T/other.result" <<'E2'
although it did wait then :: C.blocked == 3 and C.lost_ns > 0
E2

rm -f "$T"/other.*
workload other other --until-signal --held "$T/other.held" -w 3 -r 1 pipe
sed -i "s/^kill -USR1 .*/kill -USR1 $other/" "$T/both"
run_json all -a --by process,type,caller -- "$T/both"
wait "$other"
checks "$T/all.json" "$T/other.result" <<'E2'
with -a it is :: count([r for r in pick(type="mutex", caller="pipe_") if r.pid == C.pid]) == C.blocked == 3
E2
checks "$T/all.json" "$T/mine.result" <<'E2'
and the command too :: count([r for r in pick(type="mutex", caller="pipe_") if r.pid == C.pid]) == C.blocked == 12
E2

# As the invoking user; root's files stay root's.
out=$(SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$LOCKSCOPE" run -q -o "$T/sudo.txt" -- \
	sh -c 'echo $(id -u) $(id -g) $(id -G)')
is "through sudo the command runs as the user, with his groups only" "$out" "65534 65534 65534"
out=$(env -u SUDO_UID -u SUDO_GID -u SUDO_USER "$LOCKSCOPE" run -q -o "$T/root.txt" -- id -u)
is "twin: without sudo it runs as we do" "$out" "0"
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody run_json user -- \
	"$CONTEND" -w 4 -r 6 mmap >"$T/user.result"
checks "$T/user.json" "$T/user.result" <<'E2'
and is observed as that user :: count(pick(lock="mmap_lock")) >= C.rounds and first.owner.comm == "lk-holder"
E2

# The command starts as if from the shell: no descriptors of ours, no blocked signals.
ls /proc/self/fd >"$T/fds.plain"
"$LOCKSCOPE" run -q -o "$T/fds.txt" -- ls /proc/self/fd >"$T/fds"
is "the command inherits no descriptor of ours" "$(tr '\n' ' ' <"$T/fds")" "$(tr '\n' ' ' <"$T/fds.plain")"
out=$("$LOCKSCOPE" run -q -o "$T/sig.txt" -- sed -n 's/^SigBlk:[[:space:]]*//p' /proc/self/status)
is "and no blocked signal" "$out" "0000000000000000"
out=$("$LOCKSCOPE" run -q -o "$T/sig.txt" -- sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status)
is "and no ignored signal" "$out" "$(sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status)"

"$LOCKSCOPE" run -q -o "$T/none.txt" -- "$T/does-not-exist" 2>"$T/none.err"
is "a command that is not there: exit 1" $? 1
grep -q "does-not-exist" "$T/none.err"
verdict $? "and a sentence that names it"

# -d ends a command that runs on.
start tracer "$LOCKSCOPE" run -q -d 0.5 -o "$T/d.txt" -- "$CONTEND" --until-signal --result "$T/d.result" pipe
wait_until 20 gone "$tracer"
verdict $? "-d ends the run and the command"
wait "$tracer"
is "with exit status 0" $? 0
wait_until 10 exists "$T/d.result"
verdict $? "the command was ended by a signal that it could handle"
done_testing
