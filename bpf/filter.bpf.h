/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which waits are wanted. All of it compiles away when no filter is set.
 */
#ifndef LK_FILTER_BPF_H
#define LK_FILTER_BPF_H

static __always_inline bool filter_task(__u32 tid, __u32 tgid)
{
	__u64 key = LK_TASK_TGID | tgid;

	if (!cfg.filter_task)
		return true;
	if (bpf_map_lookup_elem(&tasks, &key))
		return true;
	key = LK_TASK_TID | tid;
	return bpf_map_lookup_elem(&tasks, &key) != NULL;
}

static __always_inline bool filter_cgroup(void)
{
	__u32 i;

	if (!cfg.nr_cgroups)
		return true;
	for (i = 0; i < LK_MAX_FILTER; i++) {
		if (i >= cfg.nr_cgroups)
			break;
		if (bpf_current_task_under_cgroup(&cgroups, i) == 1)
			return true;
	}
	return false;
}

static __always_inline bool filter_type(__u32 lcb)
{
	return !cfg.type_mask_on || (cfg.type_mask >> (lcb & LK_LCB_MASK)) & 1;
}

#endif /* LK_FILTER_BPF_H */
