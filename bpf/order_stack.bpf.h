/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the order tier asks of a whole held stack, off the hot path. Global functions:
 * the verifier walks each once per program, whatever calls it.
 */
#ifndef LK_ORDER_STACK_BPF_H
#define LK_ORDER_STACK_BPF_H

#define EDGE_SAMPLES	4	/* times one order is sent, each with other instances */

static __always_inline bool prim_spins(__u32 prim)
{
	return prim == LK_PRIM_SPINLOCK || prim == LK_PRIM_RWLOCK;
}

/* Is the gate up for this primitive? Folded to a test of one bit where it is constant. */
static __always_inline bool gate_up(__u32 prim)
{
	return order_enabled & (prim_spins(prim) ? LK_GATE_SPIN : LK_GATE_SLEEP);
}

__noinline int stack_find(struct lk_stack *s, __u64 lock)
{
	return s ? held_find(s, lock) : -1;
}

__noinline int stack_rehash(struct lk_stack *s, __u32 at, __u32 watch_mask)
{
	return s ? held_rehash(s, at, watch_mask) : 0;
}

__noinline int stack_lower(struct lk_stack *s, __u32 at)
{
	return s ? held_lower(s, at) : 0;
}

__noinline int stack_remove(struct lk_stack *s, __u32 from, __u32 watch_mask)
{
	if (s)
		HELD_REMOVE(s, from, watch_mask, stack_lower, stack_rehash);
	return 0;
}

__noinline int stack_drop_second(struct lk_stack *s, __u32 watch_mask)
{
	return s ? held_drop_second(s, watch_mask) : 0;
}

__noinline int stack_rechain(struct lk_stack *s, __u32 from, __u32 watch_mask)
{
	if (s)
		HELD_RECHAIN(s, from, watch_mask, stack_rehash);
	return 0;
}

__noinline int stack_source(struct lk_stack *s, __u32 at, __u64 lock, struct held_pick *p)
{
	if (s && p && at < LK_HELD_MAX)
		held_source(s, at, lock, p);
	return 0;
}

__noinline int stack_sources(struct lk_stack *s, __u64 lock, struct held_pick *p)
{
	if (s && p)
		HELD_SOURCES(s, lock, p, stack_source);
	return 0;
}

/* The newest entry that waits for the way out of its function, @row: its place, or -1. */
__noinline int stack_pending(struct lk_stack *s, __u32 row)
{
	__u32 i, at;

	if (!s)
		return -1;
	for (i = 0; i < LK_HELD_MAX; i++) {
		at = HELD_NOW(s->depth) - 1 - i;
		HELD_OPAQUE(at);
		if (at >= LK_HELD_MAX)
			break;
		if (HELD_NOW(s->held[at].flags) & LK_HOLD_PENDING && HELD_NOW(s->held[at].key) == row + 1)
			return at;
	}
	return -1;
}

/* Was the lock released by a stranger since it was taken, or one that shares its place? */
static __always_inline bool orphaned(const struct lk_held *h)
{
	__u32 at = held_mix(0, h->lock) >> 40 & (LK_ORPHANS - 1);
	__u32 *when = bpf_map_lookup_elem(&orphans, &at);

	return when && *when && (__s32)(*when - h->epoch) >= 0;
}

static __always_inline void orphan_note(__u64 lock)
{
	__u32 at = held_mix(0, lock) >> 40 & (LK_ORPHANS - 1);
	__u32 *when = bpf_map_lookup_elem(&orphans, &at);

	if (when)
		*when = __sync_fetch_and_add(&epoch, 1);
}

/* Has the lock an owner word that names its holder? */
static __always_inline bool has_owner(__u32 prim, __u32 read)
{
	switch (prim) {
	case LK_PRIM_MUTEX:
	case LK_PRIM_WW_MUTEX:
	case LK_PRIM_RT_MUTEX:
	case LK_PRIM_RT_SPINLOCK:
		return true;
	case LK_PRIM_RWSEM:
	case LK_PRIM_RT_RWLOCK:
		return !read;
	}
	return false;
}

static __always_inline int held_truth(struct lk_held *h, __u64 task)
{
	int truth;

	if (!h)
		return HELD_NO;
	truth = lock_truth(h->lock, LK_VERIFY(h->prim, h->read), task);
	if (truth != HELD_NO && !has_owner(h->prim, h->read) && orphaned(h))
		return HELD_NO;
	return truth;
}

/*
 * Ask the lock of entry @at whether it is held. One that is not any more is dropped.
 * One that is not yet, because we are inside of the very function that is taking it,
 * stays: such a function takes spinlocks only (percpu_down_write() also waits for
 * RCU), and its own lock has never been seen held.
 */
__noinline int stack_verify_one(struct lk_stack *s, __u32 at, __u32 sleeping, struct held_pick *p,
				__u32 watch_mask)
{
	struct lk_held *h;
	int truth;

	if (!s || !p || at >= LK_HELD_MAX || at >= s->depth)
		return 0;
	h = &s->held[at];
	truth = h->flags & LK_HOLD_PENDING ? HELD_NO : held_truth(h, bpf_get_current_task());
	if (truth == HELD_YES || truth == HELD_UNKNOWN) {
		h->flags |= truth == HELD_YES ? LK_HOLD_VERIFIED : LK_HOLD_UNVERIFIABLE;
		p->usable |= 1u << at;
		return 0;
	}
	p->doubt = 1;
	if (!(h->flags & LK_HOLD_PENDING) &&
	    (h->flags & LK_HOLD_VERIFIED || prim_spins(h->prim) ||
	     (sleeping && h->prim != LK_PRIM_PERCPU_RWSEM))) {
		stat_inc(LK_STAT_STALE_HELD);
		stack_remove(s, at, watch_mask);
		p->usable >>= 1;	/* all its bits are of entries above */
	}
	return 0;
}

/*
 * The same for all entries. @sleeping: a lock that may sleep is being taken.
 * p->usable: the entries that are held. p->doubt is set if some were not: then
 * nothing must be concluded for the next time.
 */
__noinline int stack_verify(struct lk_stack *s, __u32 sleeping, struct held_pick *p, __u32 watch_mask)
{
	__u32 i;

	if (!s || !p)
		return 0;
	p->usable = 0;
	p->doubt = 0;
	for (i = 0; i < LK_HELD_MAX; i++)	/* from the top down: dropping one moves none to come */
		stack_verify_one(s, LK_HELD_MAX - 1 - i, sleeping, p, watch_mask);
	return 0;
}

/* What the stack does not have, the task may hold: it, or its oldest lock, is of the moment after the gate went up. */
static __always_inline bool stack_young(const struct lk_stack *s)
{
	struct task_struct *task;

	if (!s->depth || (!order_young && (__s32)(s->held[0].epoch - order_ripe_epoch) >= 0))
		return false;
	task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, start_time) < order_started_ns;
}

#define EDGE_MODE_YOUNG	(1u << 9)	/* LK_HOLD_PENDING is no flag of these */

static __always_inline __u32 edge_mode_half(const struct lk_held *h)
{
	return (h->flags & 0x3ff & HELD_MODE_FLAGS) | (h->prim & 15) << 10 | (h->read & 3) << 14;
}

static __always_inline void edge_key(struct lk_edge_key *key, const struct lk_held *from,
				     const struct lk_held *to, __u32 watch_mask)
{
	key->from = from->key;
	key->to = to->key;
	key->chain = to->chain;
	key->mode = edge_mode_half(from) << 16 | edge_mode_half(to) |
		    (to->flags & LK_HOLD_YOUNG ? EDGE_MODE_YOUNG : 0);
	key->watch_mask = watch_mask;	/* 16 bits */
	if (is_module(from->key) || is_module(to->key) || is_module(from->site) || is_module(to->site))
		key->watch_mask |= module_gen << LK_WATCH_MAX;
}

static __always_inline struct lk_edge *edge_place(const struct lk_edge_key *key, __u32 i)
{
	__u64 hash = held_mix(held_mix(key->chain, key->from), key->to ^ key->mode);
	__u32 at = ((hash >> 24) + i) & order_cfg.edge_mask;

	return bpf_map_lookup_elem(&edges, &at);
}

static __always_inline bool edge_is(const struct lk_edge *e, const struct lk_edge_key *key)
{
	return e->key.chain == key->chain && e->key.from == key->from && e->key.to == key->to &&
	       e->key.mode == key->mode && e->key.watch_mask == key->watch_mask;
}

enum edge_look {
	EDGE_ELSEWHERE,		/* if anywhere, then farther on */
	EDGE_NEW,
	EDGE_KNOWN,		/* sent often enough, or with these instances */
};

/* Look at the key's place number @i. */
__noinline int edge_look(struct lk_edge_key *key, __u64 inst, __u32 i)
{
	struct lk_edge *e;

	if (!key)
		return EDGE_NEW;
	e = edge_place(key, i);
	if (!e || e->state == EDGE_FREE)
		return EDGE_NEW;
	if (!edge_is(e, key))
		return EDGE_ELSEWHERE;
	return e->samples >= EDGE_SAMPLES || e->inst == inst ? EDGE_KNOWN : EDGE_NEW;
}

/* Note at the key's place number @i that it was sent: EDGE_ELSEWHERE if that is another's. */
__noinline int edge_note(struct lk_edge_key *key, __u64 inst, __u32 i)
{
	struct lk_edge *e;

	if (!key)
		return EDGE_KNOWN;
	e = edge_place(key, i);
	if (!e)
		return EDGE_ELSEWHERE;
	if (edge_is(e, key)) {
		e->inst = inst;
		__sync_fetch_and_add(&e->samples, 1);
		return EDGE_KNOWN;
	}
	if (e->state != EDGE_FREE || __sync_val_compare_and_swap(&e->state, EDGE_FREE, EDGE_CLAIMED))
		return EDGE_ELSEWHERE;
	e->inst = inst;
	e->samples = 1;
	e->key = *key;
	e->state = EDGE_SET;
	return EDGE_KNOWN;
}

/* Was this edge sent? @from->lock 0: no edge, the lock alone. */
__noinline int edge_known(struct lk_held *from, struct lk_held *to, __u32 watch_mask)
{
	struct lk_edge_key key;
	__u32 i;
	int look;

	if (!from || !to)
		return 1;
	edge_key(&key, from, to, watch_mask);
	for (i = 0; i < EDGE_PROBES; i++) {
		look = edge_look(&key, to->inst, i);
		if (look != EDGE_ELSEWHERE)
			return look == EDGE_KNOWN;
	}
	return 0;
}

/* It has been sent. Who comes here at the same time may remember it twice; that does no harm. */
__noinline int edge_remember(struct lk_held *from, struct lk_held *to, __u32 watch_mask)
{
	struct lk_edge_key key;
	__u32 i;

	if (!from || !to)
		return 0;
	edge_key(&key, from, to, watch_mask);
	for (i = 0; i < EDGE_PROBES; i++)
		if (edge_note(&key, to->inst, i) != EDGE_ELSEWHERE)
			return 0;
	stat_inc(LK_STAT_ORDER_MAP_FULL);
	return 0;
}

/* What can be done with each entry of a mask; all give 0 to go on. */
enum each {
	EACH_KEY,		/* fill in its class key */
	EACH_SOURCE,		/* the same; 1: it turns out not to be checked */
	EACH_DESCRIBE,		/* describe its class; -1: no room */
	EACH_KNOWN,		/* is the edge from it to `to` known? 1: no */
	EACH_REMEMBER,		/* that edge has been sent */
};

__noinline int stack_one(struct lk_stack *s, __u32 at, struct lk_held *to, __u32 watch_mask, __u32 what)
{
	struct lk_held *h;

	if (!s || at >= LK_HELD_MAX)
		return 0;
	h = &s->held[at];
	switch (what) {
	case EACH_KEY:
	case EACH_SOURCE:
		if (!h->key)
			h->key = classkey(h->lock, h->prim);
		if (!key_is_typed(h->key) || typed_rule(h->key) != LK_RULE_DEVICE_MUTEX)
			return 0;
		h->flags |= LK_HOLD_NOVALIDATE;
		return what == EACH_SOURCE;
	case EACH_DESCRIBE:
		return classkey_describe_hold(h);
	case EACH_KNOWN:
		return !edge_known(h, to, watch_mask);
	case EACH_REMEMBER:
		edge_remember(h, to, watch_mask);
	}
	return 0;
}

__noinline int stack_each(struct lk_stack *s, __u32 mask, struct lk_held *to, __u32 watch_mask, __u32 what)
{
	__u32 i;
	int stop;

	for (i = 0; i < LK_HELD_MAX && mask >> i; i++) {
		stop = mask >> i & 1 ? stack_one(s, i, to, watch_mask, what) : 0;
		if (stop)
			return stop;
	}
	return 0;
}

/*
 * The sources of an order to @lock, with their keys. One whose key says that it is not to be
 * checked is none, and what is below it may be one.
 */
static __always_inline int stack_choose(struct lk_stack *s, __u64 lock, struct held_pick *p)
{
	__u32 i;

	if (!s || !p)
		return 0;
	for (i = 0; i < LK_HELD_MAX; i++) {
		stack_sources(s, lock, p);
		if (!stack_each(s, p->mask, NULL, 0, EACH_SOURCE))
			break;
	}
	return 0;
}

/* Fill in the class keys of the entries in p->usable. */
static __always_inline void stack_keys(struct lk_stack *s, const struct held_pick *p)
{
	stack_each(s, p->usable, NULL, 0, EACH_KEY);
}

/* Describe their classes: 0, or -1 when there was no room for one. */
static __always_inline int stack_describe(struct lk_stack *s, const struct held_pick *p)
{
	return stack_each(s, p->usable, NULL, 0, EACH_DESCRIBE);
}

/* Never written: what nothing is the source of. Not on the stack, of which there is little (512 bytes for all calls). */
struct lk_held no_hold;

/* Are all edges from the entries in @mask to @to known? With no entry: @to alone, in a watched function. */
static __always_inline int stack_known(struct lk_stack *s, __u32 mask, struct lk_held *to, __u32 watch_mask)
{
	if (!s || !to)
		return 1;
	if (!mask)
		return !watch_mask || edge_known(&no_hold, to, watch_mask);
	return !stack_each(s, mask, to, watch_mask, EACH_KNOWN);
}

/* They have been sent. */
static __always_inline int stack_remember(struct lk_stack *s, __u32 mask, struct lk_held *to, __u32 watch_mask)
{
	if (!s || !to)
		return 0;
	return mask ? stack_each(s, mask, to, watch_mask, EACH_REMEMBER) :
		      edge_remember(&no_hold, to, watch_mask);
}

#endif /* LK_ORDER_STACK_BPF_H */
