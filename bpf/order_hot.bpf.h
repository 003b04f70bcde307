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

/* What hot_take() leaves to order_acquire(), which is told so in that word: one of these, or 0. */
#define META_MISSED	(1ull << 53)	/* all is as usual, but this CPU does not know it; the slot is still guarded */
#define META_OTHER	(1ull << 54)	/* something is not as usual */

/*
 * Remember what the task could have blocked on: a completion may need it. By value: what was just written to
 * the stack of locks need not be read again.
 */
static __always_inline void history_add(struct lk_slot *slot, __u64 lock, __u64 site, __u32 when, __u16 flags,
					__u8 prim, __u8 read)
{
	__u32 n = slot->nr_history;
	struct lk_history *to = &slot->history[n & (LK_HISTORY - 1)];

	to->lock = lock;
	to->site = site;
	to->epoch = when;
	to->flags = flags;
	to->prim = prim;
	to->read = read;
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
	return (h->chain ^ (h->inst << 1 | h->inst >> 63)) + tag_gen;
}

/*
 * This CPU, if it is at task level and our interrupts left nothing to tidy up; else NULL. One that
 * knows where its current task is, knows where preempt_count is.
 */
static __always_inline struct lk_cpu *hot_cpu(void)
{
	struct lk_cpu *cpu;
	__u32 zero = 0, count;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu || !cpu->current_task || cpu->irq_held || cpu->level[0].busy)
		return NULL;
	count = peek_hot(refcount_struct, cpu->preempt_count, refs.counter);
	if (count & (PREEMPT_SOFTIRQ_SERVING | PREEMPT_HARDIRQ_MASK | PREEMPT_NMI_MASK))
		return NULL;
	return cpu;
}

/* The current task's place, if it is where it is looked for first, and nothing is unusual there; else NULL. */
static __always_inline struct lk_slot *hot_slot(const struct lk_cpu *cpu)
{
	__u64 task = peek_word_hot(cpu->current_task);
	__u32 at = slot_index(task, 0);
	struct lk_slot *slot;

	slot = bpf_map_lookup_elem(&slots, &at);
	return slot && slot->task == task && !HELD_NOW(slot->unusual) ? slot : NULL;
}

/*
 * Put a lock on a stack of ours, if it is known. @lock may be a pointer to the verifier: what it
 * wrote to a map, it reads back as a number. @site is on trial, unless @t is NULL: in what the
 * cache has, it was right. The entry is filled in where it will be, and is one when the depth says so.
 */
static __always_inline __u64 hot_push(struct lk_slot *slot, __u64 lock, __u64 site, __u64 meta,
				      const struct site_trial *t, __u64 func_ip)
{
	__u32 now = epoch;
	__u64 chain = 0, inst = 0, tag, *place;
	__u32 depth = slot->stack.depth;
	struct lk_held *top, *to;

	if (depth >= LK_HELD_MAX)
		return META_OTHER;
	HELD_OPAQUE(depth);	/* keep the masks below: the verifier before 6.3 forgets the bound */
	top = &slot->stack.held[HELD_AT(depth - 1)];
	if (depth) {
		if (top->lock == lock)
			return META_OTHER;
		chain = top->chain;
		inst = top->inst;
	}
	to = &slot->stack.held[HELD_AT(depth)];
	HELD_NOW(to->lock) = lock;
	lock = HELD_NOW(to->lock);
	to->site = site;
	to->key = 0;
	to->epoch = now;
	to->flags = META_FLAGS(meta);
	to->prim = META_PRIM(meta);
	to->read = META_READ(meta);
	chain = held_chain(chain, to, 0);
	inst = held_inst(inst, lock);
	to->chain = chain;
	to->inst = inst;
	if (!depth || META_FLAGS(meta) & LK_HOLD_TRY) {
		if (t && !site_right(t, func_ip))
			return META_OTHER;
	} else {
		tag = tag_of(to);
		place = tag_place(tag);
		if (!place || *place != tag)
			return META_MISSED;
	}
	if (!prim_spins(META_PRIM(meta)) && !(META_FLAGS(meta) & LK_HOLD_TRY) && order_cfg.completions)
		history_add(slot, lock, site, now, META_FLAGS(meta), META_PRIM(meta), META_READ(meta));
	if (order_cfg.hold_times)
		to->since = meta & META_HELD ? bpf_ktime_get_ns() : 0;
	slot->stack.depth = depth + 1;
	return 0;
}

/* 0 if that was all; else META_MISSED or META_OTHER, for order_acquire(), with a call site that is right. */
static __always_inline __u64 hot_take(__u64 lock, __u64 site, __u64 meta, const struct site_trial *t, __u64 func_ip)
{
	struct lk_slot *slot;
	struct lk_cpu *cpu;
	__u64 left;

	/* What these need is for the others. A reader may be recursive, by what is disabled. */
	if (META_FLAGS(meta) & (LK_HOLD_PENDING | LK_HOLD_WRAPPED) || META_PRIM(meta) == LK_PRIM_COMPLETION ||
	    (META_PRIM(meta) == LK_PRIM_RWLOCK && META_READ(meta)))
		return META_OTHER;
	cpu = hot_cpu();
	slot = cpu ? hot_slot(cpu) : NULL;
	if (!slot)
		return META_OTHER;
	slot_guard(slot);
	left = hot_push(slot, lock, site, meta, t, func_ip);
	if (left != META_MISSED)
		slot_unguard(slot);
	return left;
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

/* Is the lock the one below the top? Two that overlap are released this way as often as not. */
static __always_inline bool hot_is_second(struct lk_stack *s, __u32 depth, __u64 lock)
{
	return depth > 1 && s->held[HELD_AT(depth - 2)].lock == lock;
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
	} else if (hot_is_second(&slot->stack, depth, lock)) {
		if (order_cfg.hold_times)
			hold_done(ctx, &slot->stack.held[HELD_AT(depth - 2)], LK_CTX_TASK, META_ROW(meta));
		done = stack_drop_second(&slot->stack, 0);
	}
	slot_unguard(slot);
	return done;
}

#endif /* LK_ORDER_HOT_BPF_H */
