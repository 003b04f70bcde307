#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The stack that calls in the BPF programs take, by the rule of the oldest kernels: see
# tests/lib/bpf_stack.py. Needs what `make` builds.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope

deep=$TOP/tests/lib/bpf_stack.py

for object in trace order lockdep modules; do
	run "$deep" "$BUILD/bpf/$object.bpf.o"
	is "$object: within 512 bytes" "$status$err" 0 || diag "$out"
	diag "$out"
done
run "$deep" --limit 400 "$BUILD/bpf/order.bpf.o"
is "and it would be noticed if it were not" "$status" 1
like "with the calls that it takes" "$out" ' > .* > '
done_testing
