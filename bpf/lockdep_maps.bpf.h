/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of the lockdep tier, and what is kept in them. It has its own, apart from
 * the filters, `cpus` and `stats`, which user space makes those of the other
 * objects: both tiers can run at once, and neither must cost the other anything.
 *
 * No table here takes a lock but the ring buffer's: the hooks run inside of every
 * lock operation of the kernel, and each lock of ours would be one more event.
 * Places are claimed by compare and exchange.
 */
#ifndef LK_LOCKDEP_MAPS_BPF_H
#define LK_LOCKDEP_MAPS_BPF_H

#include "common.bpf.h"

#define LKD_HELD_MAX	48	/* MAX_LOCK_DEPTH of lockdep (include/linux/sched.h) */
#define LKD_FRAMES	48	/* captured, before the tracing frames are cut off */
#define LKD_CLASS_PROBES 8
#define LKD_SAMPLES	4	/* records of one chain with different instances */

/* lk_held.epoch, which needs no epochs here. */
#define LKD_REFS	0x0fffu	/* lockdep's references: acquisitions beneath one nest_lock */
#define LKD_UNTOLD	0x1000u	/* its class was not registered yet: to be told of at the next event */

/* lkd_stack.state */
#define LKD_FRESH	(1u << 0)	/* nothing known of what it held before */
#define LKD_UNWANTED	(1u << 1)	/* a filter leaves this task out */
#define LKD_SUSPECT	(1u << 2)	/* an event was lost: no edges until nothing is held */
#define LKD_COMPLETE	(1u << 3)	/* nothing was missed since it was set right by lockdep's own */

/* What a task holds, or one interrupt level of a CPU, in the order of acquisition. */
struct lkd_stack {
	__u64 task;		/* task_struct it belongs to; 0 = free */
	__u32 depth;
	__u32 state;		/* LKD_* */
	struct lk_held held[LKD_HELD_MAX];
};

/* Per CPU. */
struct lkd_cpu {
	__u32 running;		/* one of our programs does, at this context level - 1; 0 = none */
	__u32 pad;
	struct lkd_stack level[LK_CTX_NR];	/* [LK_CTX_TASK] and [LK_CTX_NMI] are not used */
	struct lkd_scratch {
		__u64 frames[LKD_FRAMES];
		__u32 behind;	/* frames of the tracer and of lock_acquire() */
		__u32 caller;	/* frames up to the one that the event names; 0 = not found */
	} scratch[LK_CTX_NR];
};

/* Chains of classes that were sent. 0 = free. */
#define LKD_WAYS 4
struct lkd_chain {
	__u64 chain;
	__u64 inst;		/* the locks themselves, the last time it was sent */
	__u64 sent;
};

struct lkd_bucket {
	struct lkd_chain way[LKD_WAYS];
};

/* Classes that were described. */
struct lkd_class {
	__u64 key;
	__u64 unchecked;	/* 1: RCU's kind, which lockdep itself does not check */
};

/* Stacks of tasks. Writer: the task, and whoever frees it. No place: SLOTS_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct lkd_stack);
} lkd_slots SEC(".maps");

/* Stacks of interrupts. Never full by construction. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lkd_cpu);
} lkd_cpus SEC(".maps");

/* Chains sent, by hash. Full: ORDER_MAP_FULL, an old one is forgotten and may be sent again. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct lkd_bucket);
} lkd_chains SEC(".maps");

/* Classes described, by hash. Full (lockdep itself has room for 8192): ORDER_MAP_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct lkd_class);
} lkd_classes SEC(".maps");

/* Records of abi_order.h. Full: ORDER_RING_FULL, and it is offered again. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} lkd_rb SEC(".maps");

const volatile struct lk_lockdep_cfg lockdep_cfg = {};
__u32 lockdep_enabled;

static __always_inline __u64 lkd_mix(__u64 h, __u64 x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15ull;	/* 2^64 / golden ratio */
	return h ^ h >> 29;
}

/* Does lockdep keep its own stacks, so that they can be believed? */
static __always_inline bool lkd_trust(void)
{
	__u32 on = 0;

	if (!lockdep_cfg.trust || !lockdep_cfg.debug_locks || !lockdep_cfg.lock_classes)
		return false;
	bpf_probe_read_kernel(&on, sizeof(on), (const void *)lockdep_cfg.debug_locks);
	return on == 1;
}

#endif /* LK_LOCKDEP_MAPS_BPF_H */
