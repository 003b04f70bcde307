# SPDX-License-Identifier: GPL-2.0-only
#
# Bash completion for lockscope. One line per command and heading of its --help;
# tests/cli/help.sh compares them.

_lockscope_options()
{
	local trace="--duration -d --pid -p --tid -t --cgroup -G --type -Y --tier --watch -w --interval -i --hold-times"
	local live="$trace --all-tasks -a --waits"
	local sizes="--spin --no-spin --budget --attach --no-stacks --rows --stacks --stack-depth --waiters --holders --orders --sample --ring"
	local show="--by --key -k --entries -E --view --format"
	local talk="--output -o --strict --quiet -q --verbose -v --help -h"

	case $1 in
	run)	echo "$live --lock -L --caller -S $show $talk --save --expect --check --suppress $sizes" ;;
	record)	echo "$live $talk $sizes" ;;
	top)	echo "$trace --lock -L --caller -S --batch -b --iterations -n --panel --key -k --entries -E $talk --save --suppress $sizes" ;;
	report)	echo "--pid -p --tid -t --cgroup -G --type -Y --lock -L --caller -S $show $talk --diff --save --expect --check --suppress --schema" ;;
	doctor)	echo "--format --json --output -o --help -h" ;;
	esac
}

# Words that the argument of an option can be; lists are completed after their last comma.
_lockscope_values()
{
	case $2 in
	-Y|--type)	echo "mutex rwsem semaphore spinlock rwlock pcpu-sem rtmutex rwlock-rt lock" ;;
	--tier)		echo "contention order lockdep watch" ;;
	--budget)	echo "none" ;;
	--attach)	echo "fentry kprobe.multi kprobe" ;;
	--by)		echo "lock addr type caller task process owner cgroup context" ;;
	-k|--key)	echo "contended wait_total wait_max wait_min avg_wait p50 p95 p99" ;;
	--panel)	echo "locks tasks callers cgroups findings watch" ;;
	--view)		echo "findings contention holds order watch coverage loss all" ;;
	--format)	[ "$1" = doctor ] && echo "text json" || echo "text json csv dot folded html perfetto" ;;
	esac
}

_lockscope()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command=${COMP_WORDS[1]} values head i

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "run record report top doctor help version --help --version" -- "$cur")
		return
	fi
	if [ "$command" = help ]; then
		mapfile -t COMPREPLY < <(compgen -W "run record report top doctor" -- "$cur")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then	# the command to observe
			mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
			return
		fi
	done
	values=$(_lockscope_values "$command" "$prev")
	if [ -n "$values" ]; then
		head=
		[[ $cur == *,* ]] && head=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$head" -W "$values" -- "${cur##*,}")
		return
	fi
	case $prev in
	-G|--cgroup)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	-o|--output|--save|--suppress|--expect|--diff)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_lockscope_options "$command")" -- "$cur")
		elif [ "$command" = report ] || [ "$command" = top ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	esac
}

complete -F _lockscope lockscope
