#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Other kernels, in guests: run.sh [KERNEL...]. One TAP stream, the kernel's name before each test. Consoles
# of the guests are kept in build/vm. Says on stderr how long each kernel took.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source-path=SCRIPTDIR source=bench.bash
. "$TOP/tests/vm/bench.bash"
# shellcheck source-path=SCRIPTDIR source=guest.bash
. "$TOP/tests/vm/guest.bash"

# shellcheck disable=SC2086 # a list
[ $# -gt 0 ] || set -- ${KERNELS:-6.1 6.12 6.12-lockdep}

# What a kernel needs for each guest test.
guest_tests()
{
	local modules=ext4,loop,brd stress=()

	guest sees
	[ -z "$(command -v stress-ng)" ] || stress=(--file "$(command -v stress-ng):/bin/stress-ng")
	case $kernel in
	*-lockdep) modules=ext4,loop,locktorture ;;
	esac
	guest attach --timeout 900 --modules loop --file "$BUILD/tests/vm/bpfstat:/tests/bpfstat"
	# Its measurements patch the kernel, twice a second.
	[ "$kernel" != 6.12 ] || guest budget --one-thread --file "$BUILD/tests/vm/bpfstat:/tests/bpfstat"
	[ "$kernel" = 6.12-lockdep ] || guest holds --file "$BUILD/tests/vm/bpfstat:/tests/bpfstat"
	guest load --modules "$modules" "${stress[@]}"
	contention_tests
}

# lockscope's contention tests: traced in the guest, checked here.
contention_tests()
{
	local results=$BUILD/vm/$kernel-contention

	rm -rf "$results" "$TMP/wanted"
	LIVE_COLLECT=$TMP/wanted "$TOP/tests/live/held.sh" > /dev/null
	guest contention --out "$results" --file "$TMP/wanted:/tests/wanted" \
		--file "$BUILD/tests/bpf/trace_test:/tests/trace_test" \
		--file "$BUILD/tests/bpf/progload_test:/tests/progload_test" --file "$BUILD/tests/contend:/tests/contend"
	retell "results: $results" < <(LIVE_RESULTS=$results "$TOP/tests/live/held.sh")
}

for kernel in "$@"; do
	SECONDS=0
	run "$VM" fetch "$kernel"
	is "$kernel: fetched" "$status" 0 || { diag "$err"; continue; }
	fetched=$SECONDS
	bench_tests
	[ "$kernel" != "$1" ] || bench_cleanup_tests
	guest_tests
	echo "$kernel: fetch $fetched s, tests $((SECONDS - fetched)) s" >&2
done
done_testing
