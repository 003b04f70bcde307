/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long locks are held (--hold-times). An entry of the held stack is noted at the attempt,
 * so the moment at which the lock was got is stamped into it where its function returns (fh_,
 * fx_); a trylock is noted there anyway. The release adds what has passed to a row, by the
 * code and with the kind of key that waits have.
 *
 * Without order_cfg.hold_times none of this runs, and lk_held.since means nothing.
 */
#ifndef LK_ORDER_HOLD_BPF_H
#define LK_ORDER_HOLD_BPF_H

/*
 * The code of the contention tracepoints for what is held: on PREEMPT_RT most locks are
 * rt_mutexes inside, and are called that.
 */
__noinline __u32 hold_lcb(__u32 prim, __u32 read)
{
	__u32 rt = bpf_core_field_exists(struct mutex, owner) ? 0 : LK_LCB_RT;
	__u32 mode = read ? LK_LCB_READ : LK_LCB_WRITE;

	switch (prim) {
	case LK_PRIM_MUTEX:
	case LK_PRIM_WW_MUTEX:
		return rt ?: LK_LCB_MUTEX;
	case LK_PRIM_RWSEM:
		return rt | mode;
	case LK_PRIM_RT_MUTEX:
	case LK_PRIM_RT_SPINLOCK:
		return LK_LCB_RT;
	case LK_PRIM_RT_RWLOCK:
		return LK_LCB_RT | mode;
	case LK_PRIM_SPINLOCK:
		return LK_LCB_SPIN;
	case LK_PRIM_RWLOCK:
		return LK_LCB_SPIN | mode;
	case LK_PRIM_PERCPU_RWSEM:
		return LK_LCB_PERCPU | mode;
	}
	return 0;		/* semaphore */
}

/*
 * Where it was released. A walk costs more than most holds last: so a short hold gets the
 * stack that another one had, of the same function, with the same locks taken at the same
 * places (the chain); that is walked for again now and then. What is remembered is one
 * word, since programs of several tasks may take turns on a CPU at any point.
 */
#define HOLD_TAG_SHIFT	40		/* 24 bits of the hash; then 8 bits: uses, 0 = not there */
#define HOLD_USE	(1ull << 32)
#define HOLD_USES	(0xffull << 32)

static __always_inline __u32 hold_stack(void *ctx, const struct lk_held *h, __u64 ns, __u32 row)
{
	__u64 hash = held_mix(h->chain, row + 1), *place, was;
	__u32 at = hash >> 24 & order_cfg.hold_stack_mask, id;

	if (!cfg.want_stack)
		return LK_STACK_NONE;
	place = bpf_map_lookup_elem(&hold_stacks, &at);
	if (!place)
		return LK_STACK_NONE;
	was = *place;
	if (ns < LK_HOLD_LONG_NS && was >> HOLD_TAG_SHIFT == hash >> HOLD_TAG_SHIFT && was & HOLD_USES) {
		*place = (was & ~HOLD_USES) | ((was + HOLD_USE) & HOLD_USES);
		return was;
	}
	id = stack_id(ctx);
	*place = (hash >> HOLD_TAG_SHIFT << HOLD_TAG_SHIFT) | HOLD_USE | id;
	return id;
}

/* Evidence of what the lock is, once for each. */
__noinline int hold_name(__u64 lock, __u32 lcb, __u64 now)
{
	struct lk_lock_info info;

	lockid_note(lock, lcb, now, (void *)bpf_get_current_task(), &info);
	return 0;
}

/*
 * Add a hold to its row: 1 if it is the first there. Before Linux 6.2 (d1673304097c) memory of the caller
 * cannot be a key: hence the copy.
 */
__noinline int hold_add(const struct lk_row_key *of, __u64 since, __u64 now)
{
	struct lk_row_key key;
	struct lk_agg *agg;
	int first = 0;
	long err = 0;

	if (!of)
		return 0;
	key = *of;
	agg = bpf_map_lookup_elem(&hold_rows, &key);
	if (!agg) {
		agg = agg_make(&hold_rows, &key, since, &err);
		first = !err;
	}
	agg_put(agg, err, &hold_folds, &key, since, now, LK_STAT_HOLDS_FULL);
	return first;
}

static __always_inline void hold_key(struct lk_row_key *key, const struct lk_held *h, __u32 lcb, __u32 level)
{
	__u64 id = bpf_get_current_pid_tgid();

	key->lock = h->lock;
	key->cgroup = bpf_get_current_cgroup_id();
	key->tid = id;
	key->tgid = id >> 32;
	key->lcb = lcb;
	key->ctx = level;
	key->cpu = key->tid ? 0 : bpf_get_smp_processor_id() + 1;
}

/*
 * What entry @h says has been released by now; our place is guarded. @row: of the function
 * that does it. A row is keyed by thread and level, so the guard makes it one writer's.
 */
static __noinline int hold_done(void *ctx, const struct lk_held *h, __u32 level, __u32 row)
{
	__u64 now = bpf_ktime_get_ns(), since = h->since, outer;
	__u32 lcb = hold_lcb(h->prim, h->read);
	struct lk_rec_wait *rec;
	struct lk_row_key key;

	if (!(order_enabled & LK_GATE_HOLD) || !filter_type(lcb) ||
	    (order_self && bpf_get_current_pid_tgid() >> 32 == order_self))
		return 0;
	if (h->prim == LK_PRIM_SEMAPHORE && orphaned(h))
		return 0;		/* it was released before, by another task */
	if (!since) {
		stat_inc(LK_STAT_HOLD_UNTIMED);
		return 0;
	}
	if (now < since) {
		stat_inc(LK_STAT_CLOCK);
		now = since;
	}
	outer = own_mark(level, bpf_get_current_task());
	hold_key(&key, h, lcb, level);
	key.stack = hold_stack(ctx, h, now - since, row);
	if (cfg.emit_waits && now - since >= LK_HOLD_LONG_NS) {
		rec = single_begin(LK_REC_HOLD, &key, since, now);
		if (rec)
			single_submit(rec, true);
	}
	if (hold_add(&key, since, now))
		hold_name(h->lock, lcb, now);
	own_mark(level, outer);
	return 0;
}

/* Run once by user space (test_run): who is it, in the numbers of the first namespace? */
SEC("?raw_tp")
int hold_self(struct bpf_raw_tracepoint_args *ctx)
{
	(void)ctx;
	order_self = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

/* The newest entry of @lock is held from now on, unless that was known before. */
__noinline int stack_stamp(struct lk_stack *s, __u64 lock)
{
	int at = stack_find(s, lock);
	struct lk_held *h;

	if (!s || at < 0)
		return 0;
	h = &s->held[HELD_AT(at)];
	if (!h->since)
		h->since = bpf_ktime_get_ns();
	return 0;
}

#endif /* LK_ORDER_HOLD_BPF_H */
