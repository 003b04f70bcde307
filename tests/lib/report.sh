# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # status and err: of run, in tap.sh
#
# A report that has nothing to say on standard error, as one test. Source it behind tap.sh:
#
#   report STATUS DESCRIPTION ARGUMENT...      and $out is the report

report()
{
	local want=$1 what=$2

	shift 2
	run "$LOCKSCOPE" report "$@"
	is "$what: status, and nothing on standard error" "$status$err" "$want"
}
