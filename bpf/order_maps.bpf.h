/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps and variables of the order tier. Sizes given here are the defaults;
 * user/live sets max_entries before load. Each comment says: key, writer, what
 * happens when full.
 */
#ifndef LK_ORDER_MAPS_BPF_H
#define LK_ORDER_MAPS_BPF_H

#include "rows.bpf.h"

/*
 * Held stacks: of tasks by address, of interrupts by CPU and level behind them. Writer: the task, the interrupt. No place free: SLOTS_FULL.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16384);	/* order_cfg.slot_mask + 1, and 2 per CPU */
	__type(key, __u32);
	__type(value, struct lk_slot);
} slots SEC(".maps");

/*
 * What this CPU has found to be known: hashes of acquisition and held stack, one
 * per place. A writer just overwrites: what is lost is looked up again in `edges`.
 */
#define LK_TAGS	2048
struct lk_tags {
	__u64 tag[LK_TAGS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lk_tags);
} tags SEC(".maps");

/*
 * Orders that were sent: from one class to another, by a pattern of call sites. A
 * hash table by hand, since it is written from lock hooks: a map's bucket lock would
 * run them again. Places are claimed by compare-and-swap and never freed.
 */
struct lk_edge_key {
	__u64 from;		/* class keys */
	__u64 to;
	__u64 chain;		/* of the acquisition, so over all that is held */
	__u32 mode;
	__u32 watch_mask;
};

enum lk_edge_state { EDGE_FREE, EDGE_CLAIMED, EDGE_SET };

struct lk_edge {
	struct lk_edge_key key;
	__u64 inst;		/* instances it was sent with last */
	__u32 samples;		/* times it was sent */
	__u32 state;		/* enum lk_edge_state */
};

/* Writer: who sends. No place free: ORDER_MAP_FULL, the order is sent but not remembered. */
#define EDGE_PROBES 8
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 65536);	/* order_cfg.edge_mask + 1 */
	__type(key, __u32);
	__type(value, struct lk_edge);
} edges SEC(".maps");

/* Class keys that were described, likewise. No place: ORDER_MAP_FULL, described again. */
#define CLASS_PLACES 32768
#define CLASS_PROBES 8
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLASS_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} classes SEC(".maps");

/* A completion that is being waited for, by its address. Full: CWAITS_FULL. */
struct lk_cwait {
	__u64 site;		/* of the wait that began first */
	__u64 key;		/* class key of that */
	__u32 epoch;
	__u32 waiters;
	__u32 flags;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct lk_cwait);
} cwaits SEC(".maps");

/*
 * When a lock without an owner word was released by another than its taker: the
 * epoch, by hash of the lock. Locks that share a place share suspicion, which costs
 * an order, never makes a false one.
 */
#define LK_ORPHANS 4096
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LK_ORPHANS);
	__type(key, __u32);
	__type(value, __u32);
} orphans SEC(".maps");

/*
 * Hold times, all of size 1 without --hold-times. Rows of holds; writer: the holding task. Full:
 * HOLDS_FULL, the hold goes to `hold_folds`, which have many writers. Full: FOLD_FULL.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct lk_row_key);
	__type(value, struct lk_agg);
} hold_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, struct lk_row_key);
	__type(value, struct lk_agg);
} hold_folds SEC(".maps");

/* Stacks of releases, one of each kind, see hold_stack(). A writer just overwrites. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1024);	/* order_cfg.hold_stack_mask + 1 */
	__type(key, __u32);
	__type(value, __u64);
} hold_stacks SEC(".maps");

/* Records. Full: ORDER_RING_FULL, the order stays unknown and is offered again. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} order_rb SEC(".maps");

const volatile struct lk_order_cfg order_cfg = {};

/* Written by user space: the gate (LK_GATE_*), when it was opened (CLOCK_MONOTONIC), where per-CPU data lie. */
__u32 order_enabled;
__u64 order_started_ns;
struct lk_order_percpu order_percpu;

/* The tracer's own process, whose holds are nobody's business: reading the rows takes a lock for each. 0 = not known. */
__u32 order_self;

/* Counts modules that went: what lay in them means something else now. */
__u32 module_gen;

/* Counts whatever makes all that `tags` has worth another look. */
__u32 tag_gen;

/*
 * For a moment after the gate went up, a task may still hold what it took before, unseen. Written by user space,
 * which ends that moment: by the epoch that begins then, this word, and tag_gen.
 */
__u32 order_young;
__u32 order_ripe_epoch;

/* Counts waits for completions and releases by strangers: what was taken before, what after? */
__u32 epoch = 1;

/*
 * Learned, by row: frames of our own on top of a stack; where the return address lies
 * behind the arguments. A power of two, so that a mask bounds the index for the verifier.
 */
#define ROW_PLACES	256
#define ROW_PLACE(row)	((row) & (ROW_PLACES - 1))
__u8 stack_skip[ROW_PLACES];
__u8 site_at[ROW_PLACES];

/*
 * Records that the programs of a row have sent. For each, the ring takes a lock by
 * _raw_spin_lock_irqsave(); where that is the row itself, the kernel counts a recursion
 * that is no loss.
 */
__u32 row_sent[ROW_PLACES];
LK_STATIC_ASSERT(LK_ROW_NR < ROW_PLACES, "a row needs a place of its own");

#endif /* LK_ORDER_MAPS_BPF_H */
