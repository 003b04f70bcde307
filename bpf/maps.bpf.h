/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of the contention tier. Sizes given here are the defaults; user/live sets
 * max_entries before load. Each comment says: key, writer, what happens when full.
 */
#ifndef LK_MAPS_BPF_H
#define LK_MAPS_BPF_H

#include "common.bpf.h"

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

/* Single waits, when asked for. Full: RING_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

/* The gate, and the next free histogram block. */
__u32 enabled;
__u32 hist_next;

#endif /* LK_MAPS_BPF_H */
