# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the live tests share; source it first. Gives a scratch directory ($T) that
# goes away with every process started by `start`, TAP, waiting for conditions with
# a deadline, and checks on the CONTENT of reports (expressions, see report.py).
#
# Needs root and a kernel with the contention tracepoints; elsewhere the whole
# script is skipped, with the reason.

LIVE_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../lib/tap.sh
. "$LIVE_DIR/../../lib/tap.sh"
CONTEND=${CONTEND:-$BUILD/tests/contend}
T=$TMP
chmod 755 "$T"		# commands that run as somebody else go through it

live_kill() {
	local pid
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
}
at_exit live_kill

# verdict STATUS NAME - a test that has already been made.
verdict() {
	if [ "$1" = 0 ]; then pass "$2"; else fail "$2"; fi
}

live_require() {
	[ -z "${LIVE_COLLECT:-}${LIVE_RESULTS:-}" ] || return 0
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	command -v python3 >/dev/null || skip_all "python3 is not installed"
	[ -x "$LOCKSCOPE" ] || { echo "Bail out! $LOCKSCOPE is not built"; exit 1; }
	[ -x "$CONTEND" ] || { echo "Bail out! $CONTEND is not built"; exit 1; }
	"$CONTEND" --hold-ms 0 -r 1 pipe >"$T/probe" 2>&1 || {
		[ $? = 77 ] && skip_all "userfaultfd is not permitted here"
		cat "$T/probe" >&2; echo "Bail out! the workload fails by itself"; exit 1; }
}

# start VAR CMD... - in the background; VAR gets its pid. Killed at the end if need be.
start() {
	local -n pid_var=$1
	shift
	"$@" &
	pid_var=$!
}

# wait_until SECONDS CMD... - poll until CMD succeeds; 1 at the deadline.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

exists() { [ -e "$1" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# Is the tracer with this pid attached? The kernel says so, in fdinfo of its links.
attached() {
	local names state
	names=$(cat /proc/"$1"/fdinfo/* 2>/dev/null | grep -a '^tp_name')
	state=$(sed 's/.*) //; s/ .*//' /proc/"$1"/stat 2>/dev/null)
	[[ $names == *contention_begin* && $names == *contention_end* && $state == S ]]
}

wait_attached() {
	wait_until 20 attached "$1" || { diag "the tracer did not attach"; return 1; }
}

# workload VAR NAME ARGS... - a contend that is ready but waits for `go NAME`. Its
# thread ids are in $T/NAME.ready, its result will be in $T/NAME.result.
workload() {
	local name=$2
	rm -f "$T/$name".*
	mkfifo "$T/$name.go"
	start "$1" "$CONTEND" --ready "$T/$name.ready" --go "$T/$name.go" \
		--result "$T/$name.result" "${@:3}"
	wait_until 20 exists "$T/$name.ready" || diag "workload $name did not get ready"
}

go() { echo go >"$T/$1.go"; }

# traced NAME [OPTION of run...] -- ARGUMENT of contend... - run contend under lockscope, contention tier, from its
# first instruction: $T/NAME.json and $T/NAME.result. With LIVE_COLLECT=FILE it is only noted
# there what would run, and no check is made; with LIVE_RESULTS=DIR the two files come from
# there (tests/vm/run.sh runs in a guest what was noted, and has it checked here).
traced() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	live_skip=
	if [ -n "${LIVE_COLLECT:-}" ]; then
		printf '%s|%s|%s\n' "$name" "${options[*]:-}" "$*" >>"$LIVE_COLLECT"
	elif [ -n "${LIVE_RESULTS:-}" ]; then
		[ ! -e "$LIVE_RESULTS/$name.skip" ] || live_skip=$(cat "$LIVE_RESULTS/$name.skip")
		cp "$LIVE_RESULTS/$name.json" "$LIVE_RESULTS/$name.result" "$T" 2>"$T/missing" ||
			[ -n "$live_skip" ] || diag "$(cat "$T/missing")"
	else
		"$LOCKSCOPE" run -q --tier contention "${options[@]}" --format json -o "$T/$name.json" -- \
			"$CONTEND" --result "$T/$name.result" "$@" || diag "lockscope or contend failed: $?"
	fi
}

# checks REPORT RESULT <<E - lines `description :: python expression`; each is one
# test. REPORT is a report in JSON, RESULT the workload's own (or /dev/null).
checks() {
	local status text
	if [ -n "${LIVE_COLLECT:-}" ]; then
		return
	elif [ -n "${live_skip:-}" ]; then
		while IFS= read -r text; do
			skip "${text%% :: *}" "$live_skip"
		done
		return
	fi
	while IFS=$'\t' read -r status text; do
		case $status in
		ok) pass "$text" ;;
		fail) fail "$text" ;;
		*) diag "$text" ;;
		esac
	done < <(python3 -B "$LIVE_DIR/report.py" "$1" "$2")
}
