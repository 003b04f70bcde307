#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Help, manual and completion name the same options with the same letters and
# arguments, and every help fits into 80 columns.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope

# "-d --duration SEC" for each option, sorted.
options_of_help()
{
	"$LOCKSCOPE" "$1" --help |
		sed -n -E 's/^  (-[A-Za-z], |    )(--[a-z-]+)( ([A-Z][A-Z|]*))?( .*|$)/\1 \2 \4/p' |
		tr -d ',' | tr -s ' ' | sed 's/^ //; s/ $//' | sort
}

options_of_man()
{
	sed -n -E '/^\.SH OPTIONS/,/^\.SH (OUTPUT|[^O])/p' "$TOP/user/man/lockscope-$1.8" |
		sed -n '/^\.TP/{n;p;}' | sed -E 's/^\.BR? //; s/\\f[A-Z]//g; s/\\-/-/g' |
		tr -d '",' | tr -s ' ' | sed 's/ $//' | sort
}

options_of_completion()
{
	# shellcheck disable=SC1091
	bash -c '. "$1"; _lockscope_options "$2"' - "$TOP/tools/completion/lockscope.bash" "$1" |
		tr ' ' '\n' | sort
}

# Every option of help as separate words, which is all that a completion knows.
words_of_help()
{
	options_of_help "$1" | sed -E 's/ [A-Z|]+$//' | tr ' ' '\n' | sort
}

for command in run record report top doctor; do
	run "$LOCKSCOPE" "$command" --help
	is "$command --help: exit status" "$status" 0
	is "$command --help: standard error" "$err" ""
	is "help $command is $command --help" "$("$LOCKSCOPE" help "$command")" "$out"
	is "$command -h is $command --help" "$("$LOCKSCOPE" "$command" -h)" "$out"
	is "$command --help: no line over 80 columns" \
		"$(printf '%s\n' "$out" | awk 'length > 80')" ""
	ok "$command --help lists options" test "$(options_of_help "$command" | wc -l)" -ge 4
	is "$command: each option line of --help is understood by this test" \
		"$(options_of_help "$command" | wc -l)" \
		"$(printf '%s\n' "$out" | grep -cE '^  (-.,|   ) --')"
	is "$command: manual == help" "$(options_of_man "$command")" "$(options_of_help "$command")"
	is "$command: completion == help" "$(options_of_completion "$command")" \
		"$(words_of_help "$command")"
	like "$command: manual has the synopsis" \
		"$(sed 's/\\-/-/g' "$TOP/user/man/lockscope-$command.8")" "lockscope $command"
done

is "the manual of doctor lists the lock functions as the table has them" \
	"$(sed -n '/^\.SH "LOCK FUNCTIONS"/,/^\.SH "EXIT/p' "$TOP/user/man/lockscope-doctor.8" | sed '$d')" \
	"$("$TOP/tools/lockfns")"
ok "... which are more than a hundred" test "$("$TOP/tools/lockfns" | grep -c '^[+/~=>]*[a-z_]*,\?$')" -gt 100

# Whatever --help and the completion call a value is taken.
complete_values()
{
	# shellcheck disable=SC1091
	bash -c '. "$1"; _lockscope_values "$2" "$3"' - "$TOP/tools/completion/lockscope.bash" "$1" "$2"
}
for option in --type --by --key --view --format; do
	values=$(complete_values report "$option")
	ok "completion has values of $option" test -n "$values"
	for value in $values; do
		run "$LOCKSCOPE" report "$option" "$value" --schema
		is "report $option $value is accepted" "$status" 0
	done
done

# complete_line WORD...: what pressing Tab at the end of the last word offers.
complete_line()
{
	# shellcheck disable=SC1091
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lockscope
		 echo "${COMPREPLY[*]}"' - "$TOP/tools/completion/lockscope.bash" "$@"
}
is "completion: commands" "$(complete_line lockscope re)" "record report"
is "completion: commands to get help on" "$(complete_line lockscope help d)" "doctor"
is "completion: panels" "$(complete_line lockscope top --panel c)" "callers cgroups"
is "completion: options" "$(complete_line lockscope run --st)" "--strict --stacks --stack-depth"
is "completion: not those of another command" "$(complete_line lockscope report --st)" "--strict"
is "completion: values" "$(complete_line lockscope report --format "")" \
	"text json csv dot folded html perfetto"
is "completion: lists" "$(complete_line lockscope report --by lock,c)" \
	"lock,caller lock,cgroup lock,context"
is "completion: after -- a command" "$(complete_line lockscope run -- prin | tr ' ' '\n' |
	grep -x printenv | sort -u)" printenv

for format in text json csv dot folded html perfetto; do
	like "run --help explains format $format" "$("$LOCKSCOPE" run --help)" "$format: [a-z]"
done
unlike "doctor --help has no csv" "$("$LOCKSCOPE" doctor --help)" csv

run "$LOCKSCOPE" --help
is "--help: exit status" "$status" 0
is "--help: standard error" "$err" ""
for command in run record report top doctor help version; do
	like "--help names $command" "$out" "  $command  "
	like "lockscope(8) names $command" "$(cat "$TOP/user/man/lockscope.8")" \
		"B lockscope $command"
done
is "help is --help" "$("$LOCKSCOPE" help)" "$out"

run "$LOCKSCOPE" --version
is "--version" "$out" "lockscope $(cat "$TOP/VERSION")"
is "--version: exit status" "$status" 0
is "version is --version" "$("$LOCKSCOPE" version)" "$out"

# lockscope-limits(7) names counters that there are.
limits=$(sed 's/\\-/-/g' "$TOP/user/man/lockscope-limits.7")
for counter in $(sed -n -E 's/^\.RB \( ([a-z]+(-[a-z]+)*) \)[.;]?$/\1/p' <<<"$limits"); do
	case $counter in inferred|caller) continue ;; esac
	ok "lockscope-limits(7): there is a counter $counter" grep -q "{ \"$counter\"," "$TOP/user/core/loss.c"
done

if command -v man > /dev/null && command -v col > /dev/null; then
	for page in "$TOP"/user/man/*.[578]; do
		run env LC_ALL=C MANWIDTH=80 man --warnings -l "$page"
		is "$(basename "$page") formats without warnings" "$status$err" 0
	done
else
	skip "manual pages format" "man or col is not installed"
fi

done_testing
