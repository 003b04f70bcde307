#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The order tier on real kernels, as TAP: every seed's fault is reported live, by its locks, functions and tasks;
# nothing is said of the fixed forms and the silent twins; what hangs has been reported before; reports come
# soon; a clean machine under load gets no certain finding and is left as it was.
# shellcheck disable=SC2317 # the parts are called by name
set -u
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source-path=SCRIPTDIR source=guest.bash
. "$TOP/tests/vm/guest.bash"

parts="seeds deadlock load kill"
usage()
{
	cat <<-USAGE
	usage: order_test.sh [-A] [-p PART]... [-s NAME]... [-t SEC] [-n TIMES] [-o OPTIONS] [KERNEL...]

	KERNEL: as tools/vm/vm knows them (default: those of \$KERNELS, or of 6.1 6.12, without a lockdep kernel)
	  -A          all: 600 s of load, 20 kills of each kind, every deadlock (takes half an hour for each kernel)
	  -p PART     only this part; may repeat. Parts: $parts
	                seeds     one guest: all silent and fixed forms, then all bugs; latency of the reports
	                deadlock  the forms that hang: reported before the machine is lost
	                load      everything traced under load: findings, what is held at idle, what is left
	                soak      not by default: that for $soak_seconds s (or -t), memory and cost stay what they are
	                kill      SIGKILL under load
	  -s NAME     only this scenario (seeds, deadlock); may repeat
	  -t SEC      length of the load and of the soak (default: $load_seconds, $soak_seconds)
	  -n TIMES    how often to kill (default: $kill_times, each while attaching and while tracing)
	  -o OPTIONS  more options for lockscope, e.g. '--attach kprobe'
	USAGE
}

only=() scenarios=() load_seconds=30 soak_seconds=1800 kill_times=1 options='' all=''
while getopts Ahp:s:t:n:o: opt; do
	case $opt in
	A) all=1 load_seconds=600 kill_times=20 ;;
	p) only+=("$OPTARG") ;;
	s) scenarios+=("$OPTARG") ;;
	t) load_seconds=$OPTARG soak_seconds=$OPTARG ;;
	n) kill_times=$OPTARG ;;
	o) options=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
# shellcheck disable=SC2046,SC2086,SC2206 # lists of words
{
	[ $# -gt 0 ] || set -- $(printf '%s\n' ${KERNELS:-6.1 6.12} | grep -v lockdep)
	[ ${#only[@]} -gt 0 ] || only=($parts)
}
need_lockscope

KMOD=$TOP/tests/kmod
CHECK=$TOP/tests/vm/order_check.py

wanted() { case " ${only[*]} " in *" $1 "*) true ;; *) false ;; esac; }
wanted_by_name() { case " ${scenarios[*]} " in *" $1 "*) true ;; *) false ;; esac; }
wanted_scenario() { [ ${#scenarios[@]} -eq 0 ] || wanted_by_name "$1"; }

# The rows of a table without comments and heading.
table() { grep -v -e '^#' -e '^scenario	' "$KMOD/$1.tsv"; }

build_fixtures()
{
	run "$VM" headers "$kernel"
	[ "$status" = 0 ] || { fail "$kernel: kernel headers" "$err"; return 1; }
	run make -C "$KMOD" KDIR="$out" O="$BUILD/kmod/$kernel"
	is "$kernel: the fixtures build" "$status" 0 || { diag "$err"; return 1; }
}

# fixture_guest NAME [OPTION of vm]... -- COMMAND...: console, output and errors in build/vm/KERNEL-NAME.*
fixture_guest()
{
	local name=$BUILD/vm/$kernel-$1 vm_options=()

	shift
	while [ "$1" != -- ]; do vm_options+=("$1"); shift; done
	rm -f "$name".{console,out,err}
	"$VM" run --timeout 900 "${vm_options[@]}" --modules vfio_iommu_type1 --module "$BUILD/kmod/$kernel/lks_fixture.ko" \
		--module "$BUILD/kmod/$kernel/lks_fixture_vfio.ko" --file /bin/bash:/bin/bash --file "$BUILD/tests/vm/stamp:/tests/stamp" \
		--file "$TOP/tests/vm:/tests/vm" --file "$KMOD:/tests/kmod" --keep-dmesg "$name.console" \
		"$kernel" "$@" >"$name.out" 2>"$name.err" </dev/null
}

# Lines 'ok', 'fail' or 'diag', a tab and text, as tests of ours. A fail's diags follow it.
tell()
{
	local word text any=''

	while IFS=$'\t' read -r word text; do
		any=1
		case $word in
		ok) pass "$kernel: $text" ;;
		fail) fail "$kernel: $text" ;;
		*) diag "$text" ;;
		esac
	done
	[ -n "$any" ] || fail "$kernel: order_check.py has nothing to say"
}

check() { tell < <(python3 -B "$CHECK" "$@" --kmod "$KMOD"); }

# Runs of their own for what must be silent and for the bugs, in one guest: the orders are the tracer's, so what one has
# learnt, the next one does not know. hotplug and hotplug-nested, userptr-abba and userptr-recursion share links, and
# inversions that do are one finding.
part_seeds()
{
	local results=$BUILD/vm/$kernel-order runs=() silent='' bugs=() more=() scenario form rest
	local known='--expect /tests/kmod/known.txt'

	while IFS=$'\t' read -r scenario form rest; do
		wanted_scenario "$scenario" || continue
		case $form in
		fixed|silent) silent+=${silent:+,}$scenario:$form ;;
		bug)
			case $scenario in
			hotplug-nested|userptr-recursion) more+=("$scenario") ;;
			*) bugs+=("$scenario") ;;
			esac ;;
		esac
	done < <(table expect)
	[ -z "$silent" ] || runs+=("silent=$silent $known $options")
	[ ${#bugs[@]} -eq 0 ] || runs+=("bugs=$(printf '%s:bug,' "${bugs[@]}") -w gvt_unpin_guest_page $known $options")
	[ ${#more[@]} -eq 0 ] || runs+=("more=$(printf '%s:bug,' "${more[@]}") $options")

	rm -rf "$results"
	fixture_guest order --out "$results" -- /tests/vm/guest-order.sh runs "${runs[@]}"
	is "$kernel: the traced runs: exit status" "$?" 0 || diag "$(tail -n 5 "$BUILD/vm/$kernel-order.err")"
	[ -z "$silent" ] || check silent "$results/silent"
	# Its fixed form enters the function with the lock held, too, but takes mmap_lock in a worker.
	case ,$silent, in
	*,userptr-abba:fixed,*) check known "$results/silent" at-risk ;;
	esac
	case " ${bugs[*]} " in
	*' userptr-abba '*) check known "$results/bugs" complete ;;
	esac
	[ ${#bugs[@]} -eq 0 ] || check bugs "$results/bugs" "${bugs[@]}"
	[ ${#more[@]} -eq 0 ] || check bugs "$results/more" "${more[@]}"
	case " ${bugs[*]} " in
	*' pairs '*) check latency "$results/bugs" ;;
	esac
	diag "$(grep -a -c 'lks_fixture: end' "$BUILD/vm/$kernel-order.console") scenarios ran; results: $results"
}

# deadlock_guest NAME [OPTION of vm]... -- MODE SCENARIO...: tests/kmod/guest.sh under trace, findings in NAME.out;
# before it, the command $before.
deadlock_guest()
{
	local name=$1 vm_options=()

	shift
	while [ "$1" != -- ]; do vm_options+=("$1"); shift; done
	shift
	# shellcheck disable=SC2086 # a list of words
	fixture_guest "$name" "${vm_options[@]}" -- lockscope run --budget none -q -a --format json -w gvt_unpin_guest_page $options -- \
		sh -c "$before; exec sh /tests/kmod/guest.sh \"\$@\"" sh "$@"
}

# What hangs on locks of its own can hang in one guest; CPU hotplug stops more than that, and two spinning CPUs
# want a third one to tell of them, until the kernel's own time for stalled CPUs is over (21 s by default). What a
# completion waited for is known only when it comes, so a deadlock that goes through completions can be told only
# where they have come before: in the form "fixed".
part_deadlock()
{
	local scenario form rest tasks together=() s before=:

	while IFS=$'\t' read -r scenario form _ _ _ _ _ _ tasks rest; do
		[ "$form" = deadlock ] || continue
		wanted_scenario "$scenario" || continue
		case $kernel,$scenario in
		*,hotplug-nested)	# the same but for the completions
			[ -n "$all" ] || wanted_by_name "$scenario" || continue ;;
		esac
		case $kernel,$scenario in
		*,hotplug*)
			before="echo $scenario fixed >/dev/lockscope/fixture" deadlock_guest "deadlock-$scenario" -- hang "$scenario:$tasks"
			check deadlock "$BUILD/vm/$kernel-deadlock-$scenario" "$scenario" ;;
		*-rt,iommu) together+=("$scenario:$tasks") ;;
		*,iommu)
			deadlock_guest "deadlock-$scenario" --cpus 3 -- run iommu:deadlock
			check deadlock "$BUILD/vm/$kernel-deadlock-$scenario" "$scenario" ;;
		*) together+=("$scenario:$tasks") ;;
		esac
	done < <(table expect)
	[ ${#together[@]} -gt 0 ] || return 0
	deadlock_guest deadlock -- hang "${together[@]}"
	for s in "${together[@]}"; do
		check deadlock "$BUILD/vm/$kernel-deadlock" "${s%%:*}"
	done
}

stress_guest()
{
	local modules=ext4,loop,brd more=()

	# shellcheck disable=SC2034 # for guest
	[ -z "$(command -v stress-ng)" ] || more=(--file "$(command -v stress-ng):/bin/stress-ng")
	guest "$1" --out "$BUILD/vm/$kernel-stress" --modules "$modules" --timeout $((load_seconds + 60 * kill_times + 400)) \
		--file "$BUILD/tests/vm/bpfstat:/tests/bpfstat" "${more[@]}"
}

part_load()
{
	rm -rf "$BUILD/vm/$kernel-stress"
	stress_guest "stress load $load_seconds brd"
	check budget "$BUILD/vm/$kernel-stress/load"
	# shellcheck disable=SC2046 # an option or none
	check names "$BUILD/vm/$kernel-stress/load" $([ "$load_seconds" -ge 600 ] || echo --short)
}

# Not part of what runs by default.
part_soak()
{
	local load_seconds=$soak_seconds

	rm -rf "$BUILD/vm/$kernel-stress"
	stress_guest "stress soak $load_seconds brd"
	check budget "$BUILD/vm/$kernel-stress/load"
	check soak "$BUILD/vm/$kernel-stress/soak"
}

part_kill() { stress_guest "stress kill $kill_times"; }

for kernel; do
	SECONDS=0
	build_fixtures || continue
	for part in $parts soak; do
		! wanted "$part" || "part_$part"
	done
	echo "$kernel: order: $SECONDS s" >&2
done
done_testing
