#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Inside a guest: is all there that lockscope looks for, and did the bench mount it?
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

# shellcheck disable=SC2317 # called by name
mounted() { grep -q "^[^ ]* $1 $2 " /proc/mounts; }

for m in '/sys/kernel/debug debugfs' '/sys/kernel/tracing tracefs' '/sys/fs/bpf bpf' '/sys/fs/cgroup cgroup2'; do
	# shellcheck disable=SC2086 # two words
	ok "$m is mounted" mounted $m
done
ok "BTF of the kernel" [ -s /sys/kernel/btf/vmlinux ]
events='contention_begin contention_end'
case $(uname -r) in
*-lockdep*) events+=' lock_acquire lock_release lock_contended lock_acquired' ;;
esac
for e in $events; do
	ok "tracepoint $e" [ -d "/sys/kernel/tracing/events/lock/$e" ]
done
like "addresses in kallsyms" "$(grep -m1 ' mutex_lock' /proc/kallsyms)" '^[0-9a-f]*[1-9a-f]'
ok "two processors" [ "$(nproc)" = 2 ]
done_testing
