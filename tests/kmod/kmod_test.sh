#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lock fixtures on real kernels, as TAP. On a lockdep kernel, lockdep is the witness: each scenario must
# draw exactly the report that expect.tsv has for it, or none. lockdep ends with its first report, so every
# reporting scenario has a guest of its own, and so has every deadlock that takes more than its own locks.
# shellcheck disable=SC2015 # "test && result .. || result ..": result never fails
set -u

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
top=$(cd "$here/../.." && pwd)
vm=${VM:-$top/tools/vm/vm}
parts="build silent report deadlock unbind"

usage()
{
	cat <<-USAGE
	usage: kmod_test.sh [-o FOLDER] [-p PART]... [KERNEL...]

	KERNEL: as tools/vm/vm knows them (default: \$KERNELS, or 6.1 6.12 6.12-lockdep)
	  -p PART    only this part; may repeat. Parts: $parts
	               silent    one guest: all fixed and silent forms (on a kernel without lockdep: all that
	                         do not hang), and unloading
	               report    lockdep kernels: a guest for each form "bug", and what else lockdep reports
	               deadlock  the forms that hang
	               unbind    the real driver unbinding under an emulated Intel IOMMU
	  -s NAME    only this scenario (parts report and deadlock); may repeat
	  -o FOLDER  keep consoles and outputs there (default: build/kmod/log)
	USAGE
}

log=$top/build/kmod/log
only=() scenarios=()
while getopts ho:p:s: opt; do
	case $opt in
	o) log=$OPTARG ;;
	p) only+=("$OPTARG") ;;
	s) scenarios+=("$OPTARG") ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
# shellcheck disable=SC2086,SC2206 # lists of words
{
	[ $# -gt 0 ] || set -- ${KERNELS:-6.1 6.12 6.12-lockdep}
	[ ${#only[@]} -gt 0 ] || only=($parts)
}
mkdir -p "$log" && log=$(cd "$log" && pwd) || exit 1

nr=0 failed=0
# One result. $1: ok, na or fail; $2: its name; then why, if there is more to say.
result()
{
	nr=$((nr + 1))
	case $1 in
	ok) echo "ok $nr - $2" ;;
	na)
		if [ -n "${EXPECTED_SKIPS:-}" ] && ! grep -qxE -f <(grep -v '^#' "$EXPECTED_SKIPS") <<<"${*:3}"; then
			echo "not ok $nr - $2"
			echo "# skipped unexpectedly: ${*:3}"
			failed=$((failed + 1))
		else
			echo "ok $nr - $2 # SKIP ${*:3}"
		fi ;;
	*)
		echo "not ok $nr - $2"
		printf '# %s\n' "${@:3}"
		failed=$((failed + 1)) ;;
	esac
}

wanted() { case " ${only[*]} " in *" $1 "*) true ;; *) false ;; esac; }
wanted_scenario() { [ ${#scenarios[@]} -eq 0 ] || case " ${scenarios[*]} " in *" $1 "*) true ;; *) false ;; esac; }
has_lockdep() { case $1 in *-lockdep) true ;; *) false ;; esac; }

# The table without comments and heading
expectations() { grep -v -e '^#' -e '^scenario	' "$here/expect.tsv"; }

# guest KERNEL NAME [VM OPTION...] -- CMD...: output to NAME.out, console to NAME.console. Status of vm.
guest()
{
	local kernel=$1 name=$log/$1.$2 options=()

	shift 2
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	rm -f "$name".*
	"$vm" run --timeout 240 "${options[@]}" --file "$here/guest.sh" --file "$here/iommu_unbind.sh" \
		--keep-dmesg "$name.console" "$kernel" -- "$@" >"$name.out" 2>"$name.err"
}

# The fixtures in a guest: as guest, arguments are those of guest.sh.
fixture_guest()
{
	local kernel=$1 name=$2 ko=$top/build/kmod/$1 options=()

	shift 2
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	guest "$kernel" "$name" "${options[@]}" --modules vfio_iommu_type1 --module "$ko/lks_fixture.ko" \
		--module "$ko/lks_fixture_vfio.ko" -- sh guest.sh "$@"
}

# The verdict of a guest's answer "$3 $4 $5 VERDICT" in NAME.out
answer()
{
	local line

	line=$(grep -m1 "^$3 $4 $5 " "$log/$1.$2.out")
	echo "${line#"$3 $4 $5 "}"
}

# Report the answer of a guest as the result of a test.
report_answer()
{
	local kernel=$1 name=$2 said

	said=$(answer "$@")
	case $said in
	ok*) result ok "$kernel: $4 $5: $6" ;;
	na*) result na "$kernel: $4 $5: $6" "this kernel cannot show it" ;;
	*) result fail "$kernel: $4 $5: $6" "${said:-no answer from the guest}" "see $log/$kernel.$name.*" ;;
	esac
}

# Lines of the console that a healthy kernel does not say
complaints()
{
	sed -n '/lks_fixture: begin/,$p' "$1" |
		grep -a -E 'WARNING: |BUG: |Oops|INFO: .*(blocked for|stall)|still has locks held|Kernel panic'
}

# The first lockdep report of a console as "kind acquiring holding chain held", tab-separated; "none" if none.
lockdep_report()
{
	tr -d '\r' <"$1" | awk '
	# The name of a lock in "... (NAME){usage}-..."; names may have parentheses of their own.
	function name(s) {
		sub(/^[^(]*\(/, "", s)
		sub(/\)\{.*/, "", s)
		sub(/(#[0-9]+)?(\/[0-9]+)?$/, "", s)
		return s
	}
	function add(list, s) { return list == "" ? s : list "," s }
	{ sub(/^\[ *[0-9.]+\] /, "") }
	kind == "" && /WARNING: possible (recursive locking|circular locking dependency) detected/ {
		kind = $3
		next
	}
	kind == "" && /(WARNING|BUG): .*(lock|irq|context|usage|held)/ { kind = "other: " $0; exit }
	kind == "" { next }
	/is trying to acquire lock:/ { want = "acquiring"; next }
	/but task is already holding lock:/ { want = "holding"; next }
	want == "acquiring" { acquiring = name($0); want = ""; next }
	want == "holding" { holding = name($0); want = ""; next }
	/^-> #[0-9]+ / { chain = add(chain, name($0)); next }
	/^[0-9]+ locks? held by / { want = "held"; next }
	want == "held" && /^ #[0-9]+: / { held = add(held, name($0)); next }
	want == "held" { exit }
	END {
		if (kind == "") kind = "none"
		printf "%s\t%s\t%s\t%s\t%s\n", kind, acquiring == "" ? "-" : acquiring, holding == "" ? "-" : holding,
			chain == "" ? "-" : chain, held == "" ? "-" : held
	}'
}

# Does what lockdep said match a column of the table?
match()
{
	local said=$1 expected=$2 e

	case $expected in
	*'*') [ "${said:0:${#expected}-1}" = "${expected%'*'}" ] ;;
	*'|'*) for e in ${expected//|/ }; do [ "$e" != "$said" ] || return 0; done; false ;;
	*) [ "$said" = "$expected" ] ;;
	esac
}

# check_lockdep KERNEL GUEST NAME-OF-TEST KIND ACQUIRING HOLDING CHAIN HELD
check_lockdep()
{
	local console=$log/$1.$2.console test=$3 said got=() want=() i

	said=$(lockdep_report "$console")
	IFS=$'\t' read -r -a got <<<"$said"
	want=("${@:4}")
	for i in 0 1 2 3 4; do
		match "${got[i]}" "${want[i]}" || {
			result fail "$test" "expected: ${want[*]}" "lockdep:  ${got[*]}" "see $console"
			return
		}
	done
	result ok "$test"
}

build()
{
	local kernel=$1 headers out=$log/$1.build

	headers=$("$vm" headers "$kernel" 2>"$out") || {
		result fail "$kernel: kernel headers" "$(tail -n 1 "$out")"
		return 1
	}
	if ! make -C "$here" KDIR="$headers" O="$top/build/kmod/$kernel" >"$out" 2>&1; then
		result fail "$kernel: modules build" "see $out"
		return 1
	fi
	if grep -q -i 'warning' "$out"; then
		result fail "$kernel: modules build without warnings" "$(grep -i -m1 warning "$out")"
	else
		result ok "$kernel: modules build without warnings"
	fi
}

# On a lockdep kernel: what is reported ends lockdep, and a fault's orders would meet those of others.
needs_own_guest() { [ "$1" = bug ] || [ "$2" != none ]; }

part_silent()
{
	local kernel=$1 scenario form kind rest rows=() row why

	while IFS=$'\t' read -r scenario form _ kind rest; do
		[ "$form" != deadlock ] || continue
		! has_lockdep "$kernel" || ! needs_own_guest "$form" "$kind" || continue
		rows+=("$scenario:$form")
	done < <(expectations)

	fixture_guest "$kernel" silent -- run "${rows[@]}"
	why=$(diff <(expectations | cut -f1,2 | tr '\t' ' ' | sort) \
		<(sed -n 's/^list \([^ ]*\) \([^ ]*\) .*/\1 \2/p' "$log/$kernel.silent.out" | sort)) &&
		result ok "$kernel: the device lists what the table has" ||
		result fail "$kernel: the device lists what the table has" "$why"
	for row in "${rows[@]}"; do
		report_answer "$kernel" silent run "${row%:*}" "${row#*:}" "ends by itself"
	done
	while read -r _ row why _; do
		report_answer "$kernel" silent call "$row" "$why" "the kernel's function is called"
	done < <(grep '^call ' "$log/$kernel.silent.out")
	report_answer "$kernel" silent run modules unload "after all scenarios"
	why=$(complaints "$log/$kernel.silent.console") &&
		result fail "$kernel: the kernel has nothing to say" "$why" ||
		result ok "$kernel: ${#rows[@]} scenarios, and the kernel has nothing to say of them"
}

part_report()
{
	local kernel=$1 scenario form kind acquiring holding chain held rest

	has_lockdep "$kernel" || return 0
	while IFS=$'\t' read -r scenario form _ kind acquiring holding chain held rest; do
		[ "$form" != deadlock ] && needs_own_guest "$form" "$kind" && wanted_scenario "$scenario" || continue
		fixture_guest "$kernel" "$scenario" -- run "$scenario:$form" </dev/null
		report_answer "$kernel" "$scenario" run "$scenario" "$form" "ends by itself"
		check_lockdep "$kernel" "$scenario" "$kernel: $scenario $form: lockdep reports: $kind" \
			"$kind" "$acquiring" "$holding" "$chain" "$held"
	done < <(expectations)
}

# The spinning deadlock: two of three CPUs are gone, the third one says so. RCU lists those that hold up its grace
# period, which may be one of the two; the panic that follows shows what every CPU does (panic_print).
deadlock_spinning()
{
	local kernel=$1 name=$2 console=$log/$1.$2.console missing=''

	fixture_guest "$kernel" "$name" --cpus 3 --append "rcupdate.rcu_cpu_stall_timeout=4 panic_print=0x40" \
		-- spin iommu
	case $? in
	120|121) ;;
	*) missing='a hang; ' ;;
	esac
	grep -q 'lks_fixture: begin iommu deadlock' "$console" || missing+='the begin; '
	! grep -q 'lks_fixture: end iommu deadlock' "$console" || missing+='no end; '
	grep -q 'domain_remove_one_dev_info+.*lks_fixture' "$console" || missing+='the unbinding on a stack; '
	grep -q 'domain_context_mapping_one+.*lks_fixture' "$console" || missing+='the set-up on a stack; '
	[ -z "$missing" ] && result ok "$kernel: iommu deadlock: two CPUs spin for ever" ||
		result fail "$kernel: iommu deadlock: two CPUs spin for ever" "expected $missing" "$(head -n 1 "$log/$kernel.$name.err")" \
			"see $console"
}

part_deadlock()
{
	local kernel=$1 scenario form kind acquiring holding chain held tasks together=() s name

	while IFS=$'\t' read -r scenario form _ kind acquiring holding chain held tasks _; do
		[ "$form" = deadlock ] && wanted_scenario "$scenario" || continue
		name=deadlock-$scenario
		case $kernel,$scenario in
		*-rt,iommu) ;;
		*,iommu)
			deadlock_spinning "$kernel" "$name" </dev/null
			! has_lockdep "$kernel" ||
				check_lockdep "$kernel" "$name" "$kernel: $scenario deadlock: lockdep reports: $kind" \
					"$kind" "$acquiring" "$holding" "$chain" "$held"
			continue ;;
		*-lockdep,*|*,hotplug*) ;;
		*)
			together+=("$scenario:$tasks")
			continue ;;
		esac
		fixture_guest "$kernel" "$name" -- hang "$scenario:$tasks" </dev/null
		report_answer "$kernel" "$name" hang "$scenario" deadlock "its tasks hang"
		! has_lockdep "$kernel" ||
			check_lockdep "$kernel" "$name" "$kernel: $scenario deadlock: lockdep reports: $kind" \
				"$kind" "$acquiring" "$holding" "$chain" "$held"
	done < <(expectations)

	# What hangs on locks of its own can hang in one guest.
	[ ${#together[@]} -gt 0 ] || return 0
	fixture_guest "$kernel" deadlock -- hang "${together[@]}"
	for s in "${together[@]}"; do
		report_answer "$kernel" deadlock hang "${s%%:*}" deadlock "its tasks hang"
	done
}

part_unbind()
{
	local kernel=$1 line

	guest "$kernel" unbind --iommu --modules ahci,pci-stub -- sh iommu_unbind.sh || {
		line=$(grep -m1 '^skip ' "$log/$kernel.unbind.out" ||
			sed -n 's/^vm: kernel .* has no module/skip this kernel has no module/p' "$log/$kernel.unbind.err")
		[ -n "$line" ] && result na "$kernel: real unbinding under an Intel IOMMU" "${line#skip }" ||
			result fail "$kernel: real unbinding under an Intel IOMMU" "$(tail -n 3 "$log/$kernel.unbind.out")" \
				"see $log/$kernel.unbind.*"
		return
	}
	while read -r line; do
		result ok "$kernel: real unbinding under an Intel IOMMU: ${line#hit }"
	done < <(grep '^hit ' "$log/$kernel.unbind.out")
}

for kernel; do
	build "$kernel" || continue
	for part in silent report deadlock unbind; do
		! wanted "$part" || "part_$part" "$kernel"
	done
done
echo "1..$nr"
[ $failed -eq 0 ]
