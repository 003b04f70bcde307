/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every object of the tracer has: configuration, loss counters, the state of
 * each CPU, the filters. User space makes the maps of all objects the same ones
 * (bpf_map__reuse_fd). Sizes given here are the defaults; user/live sets
 * max_entries before load. Each comment says: key, writer, what happens when full.
 */
#ifndef LK_COMMON_BPF_H
#define LK_COMMON_BPF_H

/* Never full by construction. Writer: the CPU, and percpu_base at start. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lk_cpu);
} cpus SEC(".maps");

/* Filter: kind (LK_TASK_*) in the high half, id in the low half. Full: TASKS_FULL. */
#define LK_TASK_TGID	(1ull << 32)
#define LK_TASK_TID	(2ull << 32)
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} tasks SEC(".maps");

/* Filter: cgroups by slot. Written by user space before load. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, LK_MAX_FILTER);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} cgroups SEC(".maps");

/* Loss counters by enum lk_stat. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LK_STAT_NR);
	__type(key, __u32);
	__type(value, __u64);
} stats SEC(".maps");

/* Configuration: constant, so what is switched off costs nothing. */
const volatile struct lk_cfg cfg = {};

static __always_inline void stat_add_inline(enum lk_stat which, __u64 by)
{
	__u32 key = which;
	__u64 *n = bpf_map_lookup_elem(&stats, &key);

	if (n)
		__sync_fetch_and_add(n, by);
}

/*
 * One copy in a program: for each lookup the verifier makes the whole program longer, which takes time in
 * proportion to its length.
 */
__noinline int stat_add(__u32 which, __u64 by)
{
	stat_add_inline(which, by);
	return 0;
}

static __always_inline void stat_inc(enum lk_stat which)
{
	stat_add(which, 1);
}

/* Where no more frames fit below. */
static __always_inline void stat_inc_inline(enum lk_stat which)
{
	stat_add_inline(which, 1);
}

#endif /* LK_COMMON_BPF_H */
