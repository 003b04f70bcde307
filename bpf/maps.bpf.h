/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of the contention tier. Sizes given here are the defaults; user/live sets
 * max_entries before load. Each comment says: key, writer, what happens when full.
 */
#ifndef LK_MAPS_BPF_H
#define LK_MAPS_BPF_H

#include "common.bpf.h"
#include "rows.bpf.h"

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

/* The gate. */
__u32 enabled;

#endif /* LK_MAPS_BPF_H */
