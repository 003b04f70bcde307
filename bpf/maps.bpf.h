/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every map of the tracer. Sizes given here are the defaults; user/live sets
 * max_entries before load. Each comment says: key, writer, what happens when full.
 */
#ifndef LK_MAPS_BPF_H
#define LK_MAPS_BPF_H

/* Never full by construction. Writer: the CPU, and percpu_base at start. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lk_cpu);
} cpus SEC(".maps");

/* Waits of sleeping tasks, by tid. Writer: the task itself. No place free: WAITERS_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct lk_wait);
} waiters SEC(".maps");

/* Contention rows. Writer: the waiting task. Full: ROWS_FULL, the wait goes to `folds`. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct lk_row_key);
	__type(value, struct lk_agg);
} rows SEC(".maps");

/* Rows without lock and task, for when `rows` is full. Writer: anyone. Full: FOLD_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, struct lk_row_key);
	__type(value, struct lk_agg);
} folds SEC(".maps");

/* Owner rows. Writer: any waiter. Full: OWNERS_FULL, the wait has no owner. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct lk_owner_key);
	__type(value, struct lk_agg);
} owners SEC(".maps");

/* Blocks of histogram counters, handed out in order. Full: HIST_FULL. Read by mmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 49152);
	__type(key, __u32);
	__type(value, struct lk_hist_block);
} hist SEC(".maps");

/* Stacks by hash. Collision: tried in stacks_alt with one frame less, then STACK_COLLISION. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 2048);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks_alt SEC(".maps");

/* Naming evidence per lock address. Writer: first waiter. Full: LOCKS_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct lk_lock_info);
} locks SEC(".maps");

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

/* Single waits, when asked for. Full: RING_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

/* Loss counters by enum lk_stat. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LK_STAT_NR);
	__type(key, __u32);
	__type(value, __u64);
} stats SEC(".maps");

/* Configuration is constant; the gate and the next free histogram block change. */
const volatile struct lk_cfg cfg = {};
__u32 enabled;
__u32 hist_next;

static __always_inline void stat_add(enum lk_stat which, __u64 by)
{
	__u32 key = which;
	__u64 *n = bpf_map_lookup_elem(&stats, &key);

	if (n)
		__sync_fetch_and_add(n, by);
}

static __always_inline void stat_inc(enum lk_stat which)
{
	stat_add(which, 1);
}

#endif /* LK_MAPS_BPF_H */
