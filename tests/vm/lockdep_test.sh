#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lockdep tier against lockdep itself, on one boot, as TAP: the same classes, edges and verdict; and what
# lockdep no longer tells once it has reported something. lockdep_test.sh [-t SECONDS of load]
set -u
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

load_seconds=8
while getopts t: opt; do
	case $opt in
	t) load_seconds=$OPTARG ;;
	*) echo "usage: lockdep_test.sh [-t SECONDS]" >&2; exit 2 ;;
	esac
done

need_lockscope
kernel=6.12-lockdep
VM=$TOP/tools/vm/vm
KMOD=$TOP/tests/kmod
# Seen: 100 % of the classes, 99.8 to 100 % of the edges. What an interrupt does that falls into one of our
# programs is lost (and counted, order-recursion); emulated, they take long. Edges that are new to lockdep may
# be few, so that one is more than 2 %: where some loss is counted, MISSED_MAX of them may be missing.
RECALL_FLOOR=98
MISSED_MAX=2
# Of tier order's classes against lockdep's, lock by lock. Seen: 1.0000 of those that sleep, 0.93 to 0.98 of all:
# page table locks, of which lockdep tells two levels apart and we do not, are more or fewer.
ARI_FLOOR_sleeping=0.98
ARI_FLOOR_all=0.92
LOCKS_FLOOR=500

case " ${KERNELS:-$kernel} " in
*" $kernel "*) ;;
*) skip_all "no lockdep kernel among those to be tested" ;;
esac

results=$BUILD/vm/$kernel-tier
rm -rf "$results"
mkdir -p "$results"

run "$VM" headers "$kernel"
is "$kernel: kernel headers" "$status" 0 || diag "$err"
run make -C "$KMOD" KDIR="$out" O="$BUILD/kmod/$kernel"
is "$kernel: the fixtures build" "$status" 0 || diag "$err"
run "$VM" run --timeout 900 --out "$results" --modules ext4,loop,vfio_iommu_type1 \
	--module "$BUILD/kmod/$kernel/lks_fixture.ko" --file /bin/bash:/bin/bash --file /bin/date:/bin/date \
	--file "$TOP/tests/lib:/tests/lib" --file "$TOP/tests/vm:/tests/vm" \
	"$kernel" -- /tests/vm/guest-lockdep.sh run "$load_seconds"
is "$kernel: the guest ends well" "$status" 0 || diag "$err"

# The classes of tier order, lock by lock, against lockdep's.
run sh -c '"$1" "$2/both.lks" >"$2/both.instances"' sh "$BUILD/tests/vm/instances" "$results"
is "$kernel: both tiers at once: the recording can be read" "$status" 0 || diag "$err"
run python3 "$TOP/tests/vm/lockdep_referee.py" -v "$results/both.instances"
diag "$out"
is "$kernel: both tiers at once: the classes can be compared" "$status" 0 || diag "$err"
referee() { sed -n "s/^$1 \([0-9.-]*\).*/\1/p" <<<"$out"; }
ok "$kernel: enough locks are known to both tiers: $(referee locks)" [ "$(referee locks)" -ge "$LOCKS_FLOOR" ]
for which in all sleeping; do
	floor=ARI_FLOOR_$which
	ok "$kernel: adjusted Rand index against lockdep ($which): $(referee ari-$which), floor ${!floor}" \
		awk -v got="$(referee ari-$which)" -v floor="${!floor}" 'BEGIN { exit !(got >= floor) }'
done

# report NAME: a recording as JSON
report()
{
	run "$LOCKSCOPE" report --format json --view all "$results/$1.lks"
	is "$kernel: $1: report" "$status" 0 || diag "$err"
	printf '%s\n' "$out" >"$results/$1.json"
}

# findings NAME: 'kind lock' of each finding, sorted
findings()
{
	python3 -c 'import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    print(f["kind"], (f["acquiring"] or {}).get("lock", "?"))' "$results/$1.json" | sort -u
}

# The classes and edges of the load.
report load
run python3 "$TOP/tests/vm/lockdep_compare.py" -v "$results" "$results/load.json" "$results/load.dmesg"
diag "$out"
is "$kernel: lockdep knows every class and edge that we saw" "$status" 0 || diag "$err"
lost=$(python3 -c 'import json, sys
print(sum(int(l["count"]) for l in json.load(open(sys.argv[1]))["loss"] if l["counter"] == "order-recursion"))' "$results/load.json")
enough() { [ "${recall%.*}" -ge "$RECALL_FLOOR" ] || { [ "$missed" -le "$MISSED_MAX" ] && [ "$lost" -gt 0 ]; }; }
while read -r recall missed; do
	ok "$kernel: of what lockdep learned, we saw $recall % ($missed missed, $lost calls lost)" enough
done < <(sed -n 's/^ *recall \([0-9.]*\) %, \([0-9]*\) missed,.*/\1 \2/p' <<<"$out")
is "$kernel: no finding where lockdep has none" "$(findings load)" ''

# The verdicts: lockdep's own, then those that it no longer gives.
for name in first second third silent; do report "$name"; done
run python3 "$TOP/tests/vm/lockdep_compare.py" --verdict "$results/first.json" "$results/first.dmesg"
is "$kernel: lockdep's report is ours" "$status" 0 || diag "$out$err"
like "$kernel: lockdep has reported" "$out" 'reports circular'
is "$kernel: lockdep reports one fault a boot" \
	"$(grep -c 'WARNING: possible' "$results/silent.dmesg")" 1
like "$kernel: a circle after lockdep's first report" "$(findings second)" 'circular (&iommu->lock|device_domain_lock)'
like "$kernel: a recursion after lockdep's first report" "$(findings third)" 'rw-upgrade &\(&group->notifier\)->rwsem'
is "$kernel: nothing of the silent twins" "$(findings silent)" ''
done_testing
