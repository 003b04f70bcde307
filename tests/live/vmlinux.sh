#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The hand-kept kernel types still fit this kernel.

. "$(dirname "$0")/../lib/tap.sh"

[ -r /sys/kernel/btf/vmlinux ] || skip_all "this kernel has no BTF"
PATH=$PATH:/usr/sbin:/sbin
command -v bpftool > /dev/null || skip_all "bpftool is not installed"
run "$TOP/tools/check-vmlinux"
is "no field of vmlinux/vmlinux.h changed its kind" "$(grep CHANGED <<<"$out")" ""
is "the checker says so too" "$status" 0
like "what every kernel has is found" "$out" 'ok +task_struct\.pid: INT'
like "and what this one lacks is named" "$out" 'absent +struct rwbase_rt|ok +rwbase_rt'
done_testing
