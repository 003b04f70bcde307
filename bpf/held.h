/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack of held locks: push, take out, chains. Pure: no maps, no helpers, so
 * the tests compile it natively too (tests/unit/bpf_held_test.c).
 *
 * Every entry carries two running hashes over itself and all below it: `chain`
 * (call sites and modes: the pattern) and `inst` (addresses of the locks). Equal
 * hashes mean, but for a collision in 64 bits, that the same was held in the same
 * way; so one comparison decides that an acquisition is known.
 */
#ifndef LK_HELD_H
#define LK_HELD_H

#include "abi.h"

#define HELD_AT(i)	((i) & (LK_HELD_MAX - 1))

/* Read or write just here, and as wide as it is. */
#define HELD_NOW(x)	(*(volatile __typeof__(x) *)&(x))

/* Keep the compiler from concluding anything from what x was, such as that a mask is not needed. */
#define HELD_OPAQUE(x)	asm volatile("" : "+r"(x))

/* Flags that are part of the pattern: what the kernel side learns later is not. */
#define HELD_MODE_FLAGS	(LK_HOLD_TRY | LK_HOLD_NOCHECK | LK_HOLD_NEST | LK_HOLD_TIMED |	\
			 LK_HOLD_INTERRUPTIBLE | LK_HOLD_DOWNGRADED)

/* One step of a hash: multiply and fold, since the low bits of a product mix badly. */
static __always_inline __u64 held_mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static __always_inline __u64 held_chain(__u64 below, const struct lk_held *h, __u32 watch_mask)
{
	__u64 mode = (__u64)(h->flags & HELD_MODE_FLAGS) << 16 | (__u64)h->prim << 8 | h->read;

	return held_mix(below, h->site ^ mode << 48 ^ mode >> 16 ^ (__u64)watch_mask << 32);
}

static __always_inline __u64 held_inst(__u64 below, __u64 lock)
{
	return held_mix(below, lock);
}

/* The newest entry, NULL when nothing is held. */
static __always_inline struct lk_held *held_top(struct lk_stack *s)
{
	__u32 depth = s->depth;

	return depth ? &s->held[HELD_AT(depth - 1)] : (void *)0;
}

/* Fill in the hashes of an entry that is going on top of @s. */
static __always_inline void held_hash(struct lk_stack *s, struct lk_held *h, __u32 watch_mask)
{
	const struct lk_held *top = held_top(s);

	h->chain = held_chain(top ? top->chain : 0, h, watch_mask);
	h->inst = held_inst(top ? top->inst : 0, h->lock);
}

/*
 * Put an entry, whose hashes are right, on top: 1, or 0 when the stack is full. Field
 * by field: a copy by words would read words that were just written in pieces, which
 * stalls the processor.
 */
static __always_inline int held_push(struct lk_stack *s, const struct lk_held *h)
{
	__u32 depth = s->depth;
	struct lk_held *to;

	if (depth >= LK_HELD_MAX)
		return 0;
	HELD_OPAQUE(depth);
	to = &s->held[HELD_AT(depth)];
	HELD_NOW(to->lock) = h->lock;
	HELD_NOW(to->site) = h->site;
	HELD_NOW(to->chain) = h->chain;
	HELD_NOW(to->inst) = h->inst;
	HELD_NOW(to->key) = h->key;
	HELD_NOW(to->since) = h->since;
	HELD_NOW(to->epoch) = h->epoch;
	HELD_NOW(to->flags) = HELD_NOW(h->flags);
	HELD_NOW(to->prim) = HELD_NOW(h->prim);
	HELD_NOW(to->read) = HELD_NOW(h->read);
	s->depth = depth + 1;
	return 1;
}

/*
 * What follows goes through a stack in steps: a step is a function, so that the kernel
 * side can make it one that the verifier walks once, not once per turn of the loop. What
 * a step tests or gathers lies in memory, for the same reason: before Linux 6.3 the
 * verifier tells apart all values that a register can have.
 */

/* The newest entry of @lock: its place, or -1. */
static __always_inline int held_find(const struct lk_stack *s, __u64 lock)
{
	__u32 i, at;

	for (i = 0; i < LK_HELD_MAX; i++) {
		at = HELD_NOW(s->depth) - 1 - i;
		HELD_OPAQUE(at);
		if (at >= LK_HELD_MAX)
			break;
		if (HELD_NOW(s->held[at].lock) == lock)
			return (int)at;
	}
	return -1;
}

/* Compute the hashes of entry @at again: something below it has changed. */
static __always_inline int held_rehash(struct lk_stack *s, __u32 at, __u32 watch_mask)
{
	const struct lk_held *below = &s->held[HELD_AT(at - 1)];
	struct lk_held *h = &s->held[HELD_AT(at)];

	if (at >= LK_HELD_MAX || at >= s->depth)
		return 0;
	h->chain = held_chain(at ? below->chain : 0, h, watch_mask);
	h->inst = held_inst(at ? below->inst : 0, h->lock);
	return 1;
}

/* Move the entry above @at down to it. */
static __always_inline int held_lower(struct lk_stack *s, __u32 at)
{
	if (at >= LK_HELD_MAX - 1 || at + 1 >= s->depth)
		return 0;
	s->held[HELD_AT(at)] = s->held[HELD_AT(at + 1)];
	return 1;
}

/* The same from entry @from on. @step: held_rehash(), or what wraps it. */
#define HELD_RECHAIN(s, from, watch_mask, step)					\
({										\
	__u32 __i;								\
										\
	for (__i = 0; __i < LK_HELD_MAX; __i++)					\
		if (!step(s, (from) + __i, watch_mask))				\
			break;							\
})

/* Take entry @from out and close the hole. Out-of-order release is legal. @lower: likewise. */
#define HELD_REMOVE(s, from, watch_mask, lower, rehash)				\
({										\
	__u32 __j;								\
										\
	if ((from) < (s)->depth && (s)->depth <= LK_HELD_MAX) {			\
		for (__j = 0; __j < LK_HELD_MAX - 1; __j++)			\
			if (!lower(s, (from) + __j))				\
				break;						\
		(s)->depth--;							\
		HELD_RECHAIN(s, from, watch_mask, rehash);			\
	}									\
})

/* Take out the entry below the top: 0 if there is none. */
static __always_inline int held_drop_second(struct lk_stack *s, __u32 watch_mask)
{
	__u32 depth = s->depth;

	if (depth < 2 || depth > LK_HELD_MAX)
		return 0;
	HELD_OPAQUE(depth);
	s->held[HELD_AT(depth - 2)] = s->held[HELD_AT(depth - 1)];
	s->depth = depth - 1;
	held_rehash(s, depth - 2, watch_mask);
	return 1;
}

/* Entries of a stack, by bit. */
struct held_pick {
	__u32 usable;		/* that may be picked */
	__u32 mask;		/* that were */
	__u32 stopped;
	__u32 doubt;
};

/* Is entry @at a source, given what is above it? See held_sources(). */
static __always_inline void held_source(const struct lk_stack *s, __u32 at, __u64 lock,
					struct held_pick *p)
{
	const struct lk_held *h = &s->held[HELD_AT(at)];

	if (at >= s->depth || !(p->usable >> at & 1) ||
	    h->flags & (LK_HOLD_NOCHECK | LK_HOLD_NOVALIDATE | LK_HOLD_PENDING))
		return;
	if (!p->stopped || h->lock == lock)
		p->mask |= 1u << at;
	if (!(h->flags & LK_HOLD_TRY))
		p->stopped = 1;
}

/*
 * Which held locks an edge leads from to a lock about to be taken: lockdep's rule
 * (check_prevs_add(), kernel/locking/lockdep.c), less one hole in it. From the top
 * down, every lock taken by trylock or held by a recursive reader, then the first
 * other one, and no farther: what is below has an edge to that one already. lockdep
 * stops at a recursive reader too, and so misses { W(a) W(b) } { W(b) R(c) W(a) }: no
 * strong path leads through c, since a reader follows on one (tests/unit/
 * core_oracle_test.c). Locks that are not checked, or not held yet, are skipped. Plus, wherever it is, the same lock: recursion. @step: held_source(), or
 * what wraps it.
 */
#define HELD_SOURCES(s, lock, p, step)				\
({								\
	__u32 __i, __at;					\
								\
	(p)->mask = 0;						\
	(p)->stopped = 0;					\
	for (__i = 0; __i < LK_HELD_MAX; __i++) {		\
		__at = HELD_NOW((s)->depth) - 1 - __i;		\
		HELD_OPAQUE(__at);				\
		if (__at >= LK_HELD_MAX)			\
			break;					\
		step(s, __at, lock, p);				\
	}							\
})

#endif /* LK_HELD_H */
