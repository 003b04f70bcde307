# SPDX-License-Identifier: GPL-2.0-only
#
# TAP for shell tests (bash). Source it first:
#
#   . "$(dirname "$0")/../lib/tap.sh"
#
#   ok NAME COMMAND...          passes if the command succeeds
#   not_ok NAME COMMAND...      passes if it fails
#   is NAME GOT WANTED          equal strings
#   like NAME TEXT REGEX        extended regular expression found in TEXT
#   unlike NAME TEXT REGEX
#   pass NAME / fail NAME [DIAGNOSTIC...]
#   skip NAME REASON            a test that cannot run here, and why
#   skip_all REASON             none of this file's tests can run here
#   need_lockscope              gives up at once if the program has not been built
#   run COMMAND...              sets $status, $out, $err (standard output and error)
#   wait_for CONDITION SECONDS  evaluates CONDITION until it succeeds; fails at the deadline
#   at_exit COMMAND             run when the test ends, last one first
#   done_testing                prints the plan; the test's last command
#
# Variables: $TOP (root of the tree), $BUILD, $LOCKSCOPE (the program), $TMP (a
# directory of this test's own, removed at the end). A test that dies before done_testing
# has no plan, so it fails.

set -u

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
LOCKSCOPE=${LOCKSCOPE:-$BUILD/lockscope}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/lockscope-test.XXXXXX") || exit 1

tap_count=0
tap_failed=0
tap_exit=()

at_exit()
{
	tap_exit=("$1" "${tap_exit[@]}")
}

tap_cleanup()
{
	local command

	for command in "${tap_exit[@]}"; do
		eval "$command"
	done
	rm -rf "$TMP"
}
trap tap_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

fail()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	shift
	[ $# -eq 0 ] || diag "$*"
	return 1
}

ok()
{
	local name=$1 tap_status

	shift
	if "$@"; then
		pass "$name"
	else
		tap_status=$?
		fail "$name" "'$*' gave status $tap_status"
	fi
}

not_ok()
{
	local name=$1

	shift
	if "$@"; then
		fail "$name" "'$*' succeeded"
	else
		pass "$name"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:    $2
wanted: $3"
	fi
}

like()
{
	if [[ $2 =~ $3 ]]; then
		pass "$1"
	else
		fail "$1" "in:     $2
not found: $3"
	fi
}

unlike()
{
	if [[ $2 =~ $3 ]]; then
		fail "$1" "in:     $2
found: $3"
	else
		pass "$1"
	fi
}

# May a test be skipped for this reason? With EXPECTED_SKIPS=FILE only for those that
# FILE lists, one extended regular expression to a line: so a test that silently stops
# running where it used to run is a failure.
expected_skip()
{
	[ -z "${EXPECTED_SKIPS:-}" ] || grep -qxE -f <(grep -v '^#' "$EXPECTED_SKIPS") <<<"$1"
}

skip()
{
	if ! expected_skip "$2"; then
		fail "$1" "skipped unexpectedly: $2"
		return
	fi
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

skip_all()
{
	if ! expected_skip "$1"; then
		printf '1..1\nnot ok 1 - all of it\n# skipped unexpectedly: %s\n' "$1"
		exit 1
	fi
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

need_lockscope()
{
	[ -x "$LOCKSCOPE" ] && return
	printf 'Bail out! %s is not there: run make first\n' "$LOCKSCOPE"
	exit 1
}

# shellcheck disable=SC2034 # for the test that sources this
run()
{
	"$@" > "$TMP/.out" 2> "$TMP/.err"
	status=$?
	out=$(tr -d '\0' < "$TMP/.out")
	err=$(tr -d '\0' < "$TMP/.err")
}

wait_for()
{
	local deadline

	deadline=$(($(date +%s%N) + $2 * 1000000000))
	until eval "$1"; do
		[ "$(date +%s%N)" -lt "$deadline" ] || return 1
		sleep 0.02	# between two looks; the condition decides
	done
}

done_testing()
{
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit
}
