#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What makes no sense is refused: status 2, nothing on standard output, and one
# sentence on standard error that names the option, the value and what is accepted.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope

# refuse REGEX ARGUMENT...
refuse()
{
	local regex=$1 problem=

	shift
	run "$LOCKSCOPE" "$@"
	[ "$status" = 2 ] || problem+=" status $status;"
	[ -z "$out" ] || problem+=" standard output;"
	[ "$(printf '%s\n' "$err" | wc -l)" = 1 ] || problem+=" not one line;"
	[[ $err =~ ^"lockscope: " ]] || problem+=" no prefix;"
	[[ $err =~ $regex ]] || problem+=" not found: $regex"
	if [ -z "$problem" ]; then
		pass "lockscope $*"
	else
		fail "lockscope $*" "$problem
$err"
	fi
}

# Commands.
refuse "no command 'ran'; the commands are run, record, report, top, doctor, help and version" ran
refuse "no command 'tops'" tops
refuse "no command ''" ""
refuse "no command '-x'" -x
refuse "no command 'ran'" help ran
run "$LOCKSCOPE"
is "no command at all: status" "$status" 2
is "no command at all: standard output" "$out" ""
like "no command at all: help on standard error" "$err" "Usage: lockscope COMMAND"

# Options that do not exist, or not here.
for command in run record report top doctor; do
	refuse "$command has no option '--bogus'; 'lockscope $command --help'" "$command" --bogus
	refuse "$command has no option '--bogus';" "$command" --bogus=7
	refuse "$command has no option '-Z'; 'lockscope $command --help'" "$command" -Z
done
refuse "report has no option '--rows'; it belongs to run, record, top" report --rows 5 x
refuse "report has no option '-d'; it belongs to run, record, top" report -d 5 x
refuse "record has no option '--key'; it belongs to run, report, top" record --key p99 -o x
refuse "record has no option '--save'; it belongs to run, report, top" record --save x
refuse "run has no option '--schema'; it belongs to report" run --schema
refuse "run has no option '--json'; it belongs to doctor" run --json
refuse "doctor has no option '-v'; it belongs to run, record, report, top" doctor -v
refuse "top has no option '--by'; it belongs to run, report" top --by lock
refuse "run has no option '--batch'; it belongs to top" run --batch
refuse "top shows one recording" top a.lks b.lks
refuse "--panel 'x': give one of locks, tasks" top --panel x
refuse "--iterations '0': give a number" top -n 0
refuse "-o 'x' needs --batch" top -o x
refuse "top has no such column; give contended" top -k p50
refuse "--watch is about tracing, but 'a.lks' is a recording" top -w f a.lks
refuse "--save is about tracing" top --save x a.lks
refuse "'--s' could be several options of run" run --s 1
refuse "--quiet takes no value, but '--quiet=yes' gives one" run --quiet=yes

# Options without their value.
for option in duration pid tid cgroup type lock caller tier watch budget attach interval by key entries view format \
	      output save rows stacks stack-depth waiters holders orders ring; do
	refuse "--$option needs a value: --$option [A-Z]" run --$option
done
refuse "--duration needs a value: --duration SEC" run -d

# Values. Each option: too small, too large, not of its kind, empty.
for value in 0 0.0005 31536001 -1 abc 10x "" " 5" 1e3 0x10 1,5 nan inf 99999999999999999999; do
	refuse "--duration '$value': give seconds from 0.001 to 31536000, such as 10" run -d "$value"
done
for value in 0 0.05 86401 x ""; do
	refuse "--interval '$value': give seconds from 0.1 to 86400" run -i "$value"
done
for option in pid tid; do
	for value in 0 4194305 -1 x 1,,2 ,1 "1," "1 2" 1.5 "" 18446744073709551617; do
		refuse "--$option '$value': give numbers from 1 to 4194304, separated by commas" \
			report --$option "$value" x
	done
done
refuse "--cgroup '': give a PATH that is not empty" run -G ""
refuse "--caller '': give a SUBSTR that is not empty" run -S ""
refuse "--lock '': give a NAME\|ADDR that is not empty" run -L ""
for value in 0x 0xfffg 0x12345678901234567 "0x 1"; do
	refuse "--lock '$value': give the lock's name, or its address" run -L "$value"
done
refuse "--type 'mutex,spin': 'spin' is no type of lock; there are .*mutex.*rwsem:R" run -Y mutex,spin
refuse "--type '': '' is no type of lock" run -Y ""
refuse "--type 'rwsem,': '' is no type of lock" run -Y rwsem,
for value in bogus "" "," Order all; do
	refuse "--tier '$value': there is no tier '.*'; give some of contention, order, lockdep, watch" run --tier "$value"
done
refuse "--tier 'contention,bogus': there is no tier 'bogus'" run --tier contention,bogus
for value in bogus "" fentry,kprobe Fentry best; do
	refuse "--attach '$value': give fentry, kprobe.multi or kprobe" run --attach "$value"
done
for value in bogus "" 0 101 -1 nan 0x3 3%; do
	refuse "--budget '$value': give percent from 0.01 to 100, such as 3 or 0.5, or none" run --budget "$value"
done
refuse "--spin and --no-spin: give one of them" run --spin --no-spin
for option in --spin --no-spin "--attach fentry"; do
	# shellcheck disable=SC2086 # an option and its value
	refuse "${option%% *} is about the tier order, which --tier leaves out" run --tier contention $option
done
refuse "--hold-times needs the tier order, which --tier leaves out" run --tier contention,watch --hold-times
refuse "--hold-times is about tracing, but 'x.lks' is a recording" top --hold-times x.lks
refuse "--watch 'vfs_read': --tier leaves out the tier watch" run --tier order -w vfs_read
refuse "--watch '': give a FUNC that is not empty" record -o x -w ""
for value in bogus "" lock,,type lock,bogus LOCK; do
	refuse "--by '$value': give some of lock, addr, type, caller, task" report --by "$value" x
done
refuse "--by 'owner,task': .*; owner goes together with the first four only" \
	report --by owner,task x
for value in bogus "" total WAIT_MAX; do
	refuse "--key '$value': there is no such column; give one of contended, wait_total" \
		report -k "$value" x
done
for value in -1 x "" 4294967296 1.5; do
	refuse "--entries '$value': give a number from 0 to" report -E "$value" x
done
for value in bogus "" findings,bogus "all,"; do
	refuse "--view '$value': there is no view '.*'; give some of findings, contention" \
		report --view "$value" x
done
for value in bogus "" TEXT; do
	refuse "--format '$value': there is no such format; give one of text, json, csv, dot, folded, html, perfetto" \
		report --format "$value" x
done
refuse "--format 'csv': doctor writes text or json" doctor --format csv
for option in rows stacks waiters; do
	for value in 0 4194305 x "" -1 1k; do
		refuse "--$option '$value': give a number from 1 to 4194304" run --$option "$value"
	done
done
for value in 0 128 x ""; do
	refuse "--stack-depth '$value': give a number from 1 to 127" run --stack-depth "$value"
done
for value in 0 4095 2G 1T x "" K 4MB; do
	refuse "--ring '$value': give a size from 4K to 1024M, such as 512K or 4M" run --ring "$value"
done
refuse "--output '': give the name of a file" report -o "" x
refuse "--save '': give the name of a file" run --save ""

# Options that do not go together.
refuse "run does not know what to do with 'sleep'; a command to run goes after '--'" run sleep 1
refuse "run does not know what to do with 'x'" run -d 5 x -- y
refuse "record does not know what to do with 'x'" record -o --  x
refuse "there is no command after '--'" run --
refuse "there is no command after '--'" record -o x --
refuse "doctor takes no operands, but there is 'x'" doctor x
refuse "record needs -o FILE" record
refuse "record needs -o FILE" record -- true
refuse "record -o - together with a command" record -o - -- true
refuse "--save '-': give the name of a file" run --save -
refuse "--save and --output both name '$TMP/x'" run --save "$TMP/x" -o "$TMP/x"
refuse "--waits needs --save FILE" run --waits
for format in csv dot folded perfetto; do
	refuse "--interval: format $format has no lines per interval" run -i 1 --format $format
done
refuse "--view: format folded shows nothing of that; give some of contention, holds" \
	report --format folded --view findings x
refuse "--view: format dot shows nothing of that; give some of findings, order" \
	run --view loss,contention --format dot
refuse "--view: format perfetto shows nothing of that" report --view watch --format perfetto x
refuse "report needs an INPUT: recordings, or - for standard input" report
refuse "inputs 'x' and 'x' are the same file" report x x

# Untrusted bytes do not reach the terminal.
run "$LOCKSCOPE" run -k $'\e[31mred\nline'
unlike "control characters of a bad value are escaped" "$err" $'\e|\n'
like "the bad value is still there" "$err" '\[31mred.*line'

# Silent twins: what is right passes the parser (the missing input is another matter).
accept()
{
	run "$LOCKSCOPE" report "$@" --schema
	is "lockscope report $* is accepted" "$status$err" 0
}
accept -p 1,4194304 --tid=7 -t 8
accept -Y mutex,rwsem -Y spinlock
accept -L 0xffffffff81000000 -L "&mm->mmap_lock" -S do_mmap
accept -E 0 -k p99 --by lock,owner --view all,loss --format csv
accept --ent 5 -qv
accept --view findings,loss --format dot
accept --view all --format folded
accept --view order --format perfetto
run "$LOCKSCOPE" doctor --json -o "$TMP/doctor.json"
is "doctor --json -o FILE: status, standard output and error" "$status$out$err" 0
ok "doctor -o FILE wrote it" test -s "$TMP/doctor.json"
not_ok "no bad option created a file" test -e "$TMP/x"

done_testing
