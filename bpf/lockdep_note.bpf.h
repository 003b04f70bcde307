/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * New chains of the lockdep tier: what a new acquisition depends on, by the rules of
 * check_deadlock() and check_prevs_add() (kernel/locking/lockdep.c, 6.12), and the
 * record of it.
 */
#ifndef LK_LOCKDEP_NOTE_BPF_H
#define LK_LOCKDEP_NOTE_BPF_H

/* Where @chain is noted or can be; *@old is what lies there now. */
static __always_inline struct lkd_chain *lkd_chain_place(__u64 chain, __u64 *old)
{
	__u32 at = (chain >> 32) & lockdep_cfg.chain_mask, free = LKD_WAYS, i;
	struct lkd_bucket *b;

	b = bpf_map_lookup_elem(&lkd_chains, &at);
	if (!b)
		return NULL;
	*old = 0;
	for (i = 0; i < LKD_WAYS; i++) {
		if (b->way[i].chain == chain) {
			*old = chain;
			return &b->way[i];
		}
		if (!b->way[i].chain && free == LKD_WAYS)
			free = i;
	}
	if (free == LKD_WAYS)
		free = chain;
	free &= LKD_WAYS - 1;
	*old = b->way[free].chain;
	return &b->way[free];
}

/* Has all there is to say about entry @e been said? */
static __always_inline bool lkd_known(const struct lk_held *e)
{
	struct lkd_chain *c;
	__u64 old;

	c = lkd_chain_place(e->chain, &old);
	return c && old == e->chain && (c->sent >= LKD_SAMPLES || c->inst == e->inst);
}

/* Claim the place for the chain of @e; false if another CPU did. */
static __always_inline bool lkd_remember(const struct lk_held *e)
{
	struct lkd_chain *c;
	__u64 old;

	c = lkd_chain_place(e->chain, &old);
	if (!c)
		return true;
	if (old != e->chain) {
		if (__sync_val_compare_and_swap(&c->chain, old, e->chain) != old)
			return false;
		if (old)
			stat_inc(LK_STAT_ORDER_MAP_FULL);
		c->sent = 0;
	}
	c->inst = e->inst;
	c->sent++;
	return true;
}

/* A class with a comparison function of its own orders its instances; we cannot call it. */
__noinline int lkd_ordered(__u64 lock, __u64 key)
{
	struct lock_class *class = NULL;

	if (!bpf_core_field_exists(class->cmp_fn))
		return 0;
	class = lkd_find_class((struct lockdep_map *)lock, key);
	return class && BPF_CORE_READ(class, cmp_fn);
}

#define LKD_NO_EDGES	(~0ull)

struct lkd_sources {
	struct lkd_stack *st;
	__u64 key, nest, from;
	__u32 j, read;
	bool nested;
};

/* From the bottom up: does @j's class go on top of itself? As check_deadlock() does it. */
static long lkd_recursion_step(__u32 i, struct lkd_sources *s)
{
	struct lk_held *e = lkd_at(s->st, i);

	if (!e)
		return 1;
	if (s->nest && e->lock == s->nest)
		s->nested = true;
	if (e->key != s->key || (s->read == LK_READ_RECURSIVE && e->read) ||
	    lkd_ordered(e->lock, e->key))
		return 0;
	s->from = s->nested ? LKD_NO_EDGES : 1ull << (i & 63);
	return 1;
}

/* From the top down: as check_prevs_add() does it. */
static long lkd_source_step(__u32 i, struct lkd_sources *s)
{
	__u32 at = s->j - 1 - i;
	struct lk_held *e = lkd_at(s->st, at);

	if (!e)
		return 1;
	if (e->flags & LK_HOLD_NOCHECK)
		return 0;
	if (e->key != s->key || !lkd_ordered(e->lock, e->key))
		s->from |= 1ull << (at & 63);
	return !(e->flags & LK_HOLD_TRY);
}

/*
 * Which entries below @j edges lead from, as a mask over their positions; LKD_NO_EDGES
 * where a held nest_lock serializes the class. Of the same class as @j is at most one:
 * that is a recursion.
 */
static __always_inline __u64 lkd_sources(struct lkd_stack *st, __u32 j, __u64 nest)
{
	struct lk_held *acq = lkd_at(st, j);
	struct lkd_sources s = { .st = st, .j = j, .nest = nest };

	if (!acq)
		return 0;
	s.key = acq->key;
	s.read = acq->read;
	bpf_loop(j, lkd_recursion_step, &s, 0);
	if (s.from != LKD_NO_EDGES)
		bpf_loop(j, lkd_source_step, &s, 0);
	return s.from;
}

static __always_inline void lkd_fill(struct lk_rec_hold *h, const struct lk_held *e, __u32 flags)
{
	h->lock = e->lock;
	h->site = e->site;
	h->key = e->key;
	h->flags = e->flags | flags;
	h->prim = e->prim;
	h->read = e->read;
	h->rule = LK_RULE_NONE;
}

/* Is @addr in the tracepoint's caller, lock_acquire() or lock_release()? */
static __always_inline bool lkd_own_frame(__u64 addr)
{
	return (addr >= lockdep_cfg.acquire_start && addr < lockdep_cfg.acquire_end) ||
	       (addr >= lockdep_cfg.release_start && addr < lockdep_cfg.release_end);
}

struct lkd_trace {
	struct lkd_scratch *s;
	struct lk_rec_order *rec;
	__u64 ip;
	__u32 start, n;
};

static long lkd_trace_step(__u32 i, struct lkd_trace *t)
{
	__u64 at = i;

	if (at >= LKD_FRAMES)
		return 1;
	barrier_var(at);
	if (t->s->frames[at] == t->ip && !t->s->caller)
		t->s->caller = i;
	if (lkd_own_frame(t->s->frames[at]))
		t->s->behind = i + 1;
	return 0;
}

static long lkd_copy_step(__u32 i, struct lkd_trace *t)
{
	__u64 to = i, at = t->start + i;

	if (to >= LK_ORDER_STACK || at >= LKD_FRAMES)
		return 1;
	barrier_var(to);
	barrier_var(at);
	t->rec->stack[to] = t->s->frames[at];
	return 0;
}

/*
 * Stack of current into @rec, from the function on that calls lock_acquire(): the frame
 * before @ip, which its return address is; where the annotation was inlined, the one
 * behind lock_acquire() itself. Returns the number of frames.
 */
static __always_inline __u32 lkd_trace(struct lk_rec_order *rec, __u64 ip, __u32 level)
{
	__u32 zero = 0;
	struct lkd_cpu *cpu = bpf_map_lookup_elem(&lkd_cpus, &zero);
	struct lkd_trace t = { .rec = rec, .ip = ip };
	long n;

	if (!cpu)
		return 0;
	t.s = &cpu->scratch[level & (LK_CTX_NR - 1)];
	t.s->behind = 0;
	t.s->caller = 0;
	n = bpf_get_task_stack(bpf_get_current_task_btf(), t.s->frames, sizeof(t.s->frames), 0);
	if (n <= 0) {
		stat_inc(LK_STAT_ORDER_STACK);
		return 0;
	}
	t.n = (__u32)n / sizeof(__u64);
	bpf_loop(t.n, lkd_trace_step, &t, 0);
	t.start = t.s->caller ? t.s->caller - 1 : t.s->behind;
	if (t.start >= t.n)
		return 0;
	t.n -= t.start;
	if (t.n > LK_ORDER_STACK)
		t.n = LK_ORDER_STACK;
	bpf_loop(t.n, lkd_copy_step, &t, 0);
	return t.n;
}

static __always_inline void lkd_head(struct lk_rec_order *rec, __u32 level)
{
	__u64 id = bpf_get_current_pid_tgid();

	rec->kind = LK_REC_ORDER;
	rec->time_ns = bpf_ktime_get_ns();
	rec->tid = (__u32)id;
	rec->tgid = id >> 32;
	rec->cpu = bpf_get_smp_processor_id();
	rec->tier = LK_TIER_LOCKDEP;
	rec->ctx = level;
	rec->flags = 0;
	rec->watch_mask = 0;
	bpf_get_current_comm(rec->comm, sizeof(rec->comm));
}

struct lkd_context {
	struct lk_rec_order *rec;
	struct lkd_stack *st;
	__u32 base, flags;
};

static long lkd_context_step(__u32 i, struct lkd_context *c)
{
	struct lk_held *e = lkd_at(c->st, c->base + i);
	__u64 to = i;

	if (!e || to >= LK_HELD_MAX)
		return 1;
	barrier_var(to);
	lkd_fill(&c->rec->held[to], e, c->flags);
	return 0;
}

/* Copy the held locks below @j, the top LK_HELD_MAX of them; returns how many stay out. */
static __always_inline __u32 lkd_context(struct lk_rec_order *rec, struct lkd_stack *st, __u32 j,
					 __u32 flags)
{
	struct lkd_context c = { .rec = rec, .st = st, .flags = flags };

	c.base = j > LK_HELD_MAX ? j - LK_HELD_MAX : 0;
	rec->nr_held = j - c.base;
	bpf_loop(rec->nr_held, lkd_context_step, &c, 0);
	return c.base;
}

struct lkd_classes {
	struct lkd_stack *st;
	bool failed;
};

static long lkd_describe_step(__u32 i, struct lkd_classes *c)
{
	struct lk_held *e = lkd_at(c->st, i);
	__u64 sub;

	if (!e)
		return 1;
	sub = e->key - lkd_base_key((struct lockdep_map *)e->lock);
	c->failed = lkd_describe(e->lock, e->key, sub < 8 ? sub : 0, 1) < 0;
	return c->failed;
}

/* Tell user space of entry @j of @st, unless that is known; the acquisition is current's. */
__noinline int lkd_note(struct lkd_stack *st, __u32 j, __u32 level, __u64 ip, __u64 nest)
{
	struct lkd_classes classes = { .st = st };
	struct lk_rec_order *rec;
	struct lk_held *acq;
	__u32 base, flags;
	__u64 from;

	if (!st || !j)
		return 0;
	acq = lkd_at(st, j);
	if (!acq || lkd_known(acq))
		return 0;
	from = lkd_sources(st, j, nest);
	if (from == LKD_NO_EDGES || !from) {
		lkd_remember(acq);
		return 0;
	}
	bpf_loop(j + 1, lkd_describe_step, &classes, 0);
	if (classes.failed)
		return 0;	/* it is offered again */
	rec = bpf_ringbuf_reserve(&lkd_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return 0;
	}
	if (!lkd_remember(acq)) {
		bpf_ringbuf_discard(rec, 0);
		return 0;
	}
	flags = lkd_trust() ? LK_HOLD_VERIFIED : LK_HOLD_UNVERIFIABLE;
	lkd_head(rec, level);
	base = lkd_context(rec, st, j, flags);
	rec->from = (__u32)(from >> (base & 63)) & 0xffff;
	if (base) {
		rec->flags |= LK_ORDER_OVERFLOW;
		if (from & ((1ull << (base & 63)) - 1))
			stat_inc(LK_STAT_HELD_OVERFLOW);
	}
	lkd_fill(&rec->acq, acq, 0);
	rec->nr_stack = lkd_trace(rec, ip, level);
	rec->size = sizeof(*rec) - (LK_ORDER_STACK - rec->nr_stack) * sizeof(__u64);
	bpf_ringbuf_submit(rec, 0);
	return 1;
}

#endif /* LK_LOCKDEP_NOTE_BPF_H */
