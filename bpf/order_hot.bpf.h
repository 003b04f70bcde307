/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking and releasing a lock, the usual case: at task level, nothing special, and
 * nothing new. One straight line without any call, since with the mitigations of
 * today's processors each return costs more than a cache hit. Whatever is not usual
 * goes to order_note.bpf.h, which does it all from the start.
 */
#ifndef LK_ORDER_HOT_BPF_H
#define LK_ORDER_HOT_BPF_H

/*
 * What a hook knows of its function, in one word that the compiler folds:
 * primitive, read, flags of the hold, row, and these bits.
 */
#define META(prim, read, flags, row, bits)						\
	((__u64)(prim) | (__u64)(read) << 8 | (__u64)(flags) << 16 | (__u64)(row) << 32 | (__u64)(bits) << 48)
#define META_PRIM(m)	((__u8)(m))
#define META_READ(m)	((__u32)((m) >> 8) & 3)
#define META_FLAGS(m)	((__u16)((m) >> 16))
#define META_ROW(m)	((__u32)((m) >> 32) & 0xffff)
#define META_WRAPS	(1ull << 49)	/* LK_FN_WRAPS */
#define META_PARTIAL	(1ull << 50)	/* LK_FN_PARTIAL */
#define META_HELD	(1ull << 51)	/* the hook comes when the lock has been got */
#define META_DONE	(1ull << 52)	/* a wait for a completion that is done: it does not block */

/* Remember what the task could have blocked on: a completion may need it. */
static __always_inline void history_add(struct lk_slot *slot, const struct lk_held *h)
{
	__u32 n = slot->nr_history;
	struct lk_history *to = &slot->history[n & (LK_HISTORY - 1)];

	to->lock = h->lock;
	to->site = h->site;
	to->epoch = h->epoch;
	to->flags = h->flags;
	to->prim = h->prim;
	to->read = h->read;
	slot->nr_history = n + 1;
}

static __always_inline __u64 *tag_place(__u64 tag)
{
	__u32 zero = 0;
	struct lk_tags *cache = bpf_map_lookup_elem(&tags, &zero);

	return cache ? &cache->tag[tag >> 32 & (LK_TAGS - 1)] : NULL;
}

static __always_inline __u64 tag_of(const struct lk_held *h)
{
	return (h->chain ^ (h->inst << 1 | h->inst >> 63)) + module_gen;
}

/* This CPU, if it is at task level and our interrupts left nothing to tidy up; else NULL. */
static __always_inline struct lk_cpu *hot_cpu(void)
{
	struct lk_cpu *cpu;
	__u32 zero = 0, count;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu || !cpu->current_task || !cpu->preempt_count || cpu->irq_held || cpu->level[0].busy)
		return NULL;
	count = peek(refcount_struct, cpu->preempt_count, refs.counter);
	if (count & (PREEMPT_SOFTIRQ_SERVING | PREEMPT_HARDIRQ_MASK | PREEMPT_NMI_MASK))
		return NULL;
	return cpu;
}

/* The current task's place, if it is where it is looked for first, wanted and not guarded; else NULL. */
static __always_inline struct lk_slot *hot_slot(const struct lk_cpu *cpu)
{
	__u64 task = peek(timespec64, cpu->current_task, tv_sec);
	__u32 at = slot_index(task, 0);
	struct lk_slot *slot;

	slot = bpf_map_lookup_elem(&slots, &at);
	return slot && slot->task == task && !slot->busy && !slot->unwanted ? slot : NULL;
}

/* As held_push(), but for `since`. */
static __always_inline void hot_fill(struct lk_held *to, const struct lk_held *h)
{
	to->lock = h->lock;
	to->site = h->site;
	to->chain = h->chain;
	to->inst = h->inst;
	to->key = h->key;
	to->epoch = h->epoch;
	to->flags = h->flags;
	to->prim = h->prim;
	to->read = h->read;
}

/* Put a lock on a stack of ours, if it is known: true if that was all. */
static __always_inline bool hot_push(struct lk_slot *slot, __u64 lock, __u64 site, __u64 meta)
{
	__u32 depth = slot->stack.depth;
	struct lk_held h, *top;
	__u64 *place;

	if (depth >= LK_HELD_MAX)
		return false;
	HELD_OPAQUE(depth);	/* keep the masks below: the verifier before 6.3 forgets the bound */
	top = &slot->stack.held[HELD_AT(depth - 1)];
	h.lock = lock;
	h.site = site;
	h.key = 0;
	h.epoch = epoch;
	h.flags = META_FLAGS(meta);
	h.prim = META_PRIM(meta);
	h.read = META_READ(meta);
	if (depth && top->lock == lock)
		return false;
	h.chain = held_chain(depth ? top->chain : 0, &h, 0);
	h.inst = held_inst(depth ? top->inst : 0, &h);
	if (depth && !(META_FLAGS(meta) & LK_HOLD_TRY)) {
		place = tag_place(tag_of(&h));
		if (!place || *place != tag_of(&h))
			return false;
	}
	if (order_cfg.completions && !prim_spins(META_PRIM(meta)) && !(META_FLAGS(meta) & LK_HOLD_TRY))
		history_add(slot, &h);
	top = &slot->stack.held[HELD_AT(depth)];
	hot_fill(top, &h);
	if (order_cfg.hold_times)
		top->since = meta & META_HELD ? bpf_ktime_get_ns() : 0;
	slot->stack.depth = depth + 1;
	return true;
}

static __always_inline bool hot_take(__u64 lock, __u64 site, __u64 meta)
{
	struct lk_slot *slot;
	struct lk_cpu *cpu;
	bool done = false;

	/* What these need is for the others. A reader may be recursive, by what is disabled. */
	if (META_FLAGS(meta) & (LK_HOLD_PENDING | LK_HOLD_WRAPPED) || META_PRIM(meta) == LK_PRIM_COMPLETION ||
	    (META_PRIM(meta) == LK_PRIM_RWLOCK && META_READ(meta)))
		return false;
	cpu = hot_cpu();
	slot = cpu ? hot_slot(cpu) : NULL;
	if (!slot)
		return false;
	slot_guard(slot);
	if (!slot->watch_mask)
		done = hot_push(slot, lock, site, meta);
	slot_unguard(slot);
	return done;
}

/* The lock on top, most of the time, has been got: true if that was noted. */
static __always_inline bool hot_stamp(__u64 lock)
{
	struct lk_cpu *cpu = hot_cpu();
	struct lk_slot *slot = cpu ? hot_slot(cpu) : NULL;
	struct lk_held *top;
	bool done = false;
	__u32 depth;

	if (!slot)
		return false;
	slot_guard(slot);
	depth = slot->stack.depth;
	top = &slot->stack.held[HELD_AT(depth - 1)];
	if (depth && top->lock == lock) {
		if (!top->since)
			top->since = bpf_ktime_get_ns();
		done = true;
	}
	slot_unguard(slot);
	return done;
}

static __always_inline bool hot_drop(void *ctx, __u64 lock, __u64 meta)
{
	struct lk_slot *slot;
	struct lk_cpu *cpu;
	bool done = false;
	__u32 depth;

	if (meta & META_WRAPS)
		return false;
	cpu = hot_cpu();
	slot = cpu ? hot_slot(cpu) : NULL;
	if (!slot)
		return false;
	slot_guard(slot);
	depth = slot->stack.depth;
	if (depth && slot->stack.held[HELD_AT(depth - 1)].lock == lock) {
		slot->stack.depth = depth - 1;
		if (order_cfg.hold_times)
			hold_done(ctx, &slot->stack.held[HELD_AT(depth - 1)], LK_CTX_TASK, META_ROW(meta));
		done = true;
	}
	slot_unguard(slot);
	return done;
}

#endif /* LK_ORDER_HOT_BPF_H */
