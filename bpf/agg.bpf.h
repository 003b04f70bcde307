/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adding a finished wait to its rows.
 *
 * A row is keyed by the waiting thread among others, so it has one writer at a
 * time; only an interrupt on the same CPU can come between. Owner rows and
 * folds have many writers. All sums are atomic; extremes are set by
 * compare-and-swap with a bounded number of tries.
 */
#ifndef LK_AGG_BPF_H
#define LK_AGG_BPF_H

#define AGG_TRIES 4

static __always_inline void agg_extremes(struct lk_agg *agg, __u64 ns)
{
	__u64 old, seen;
	int i;

	old = agg->max_ns;
	for (i = 0; i < AGG_TRIES && ns > old; i++) {
		seen = __sync_val_compare_and_swap(&agg->max_ns, old, ns);
		if (seen == old)
			break;
		old = seen;
	}
	if (i == AGG_TRIES)
		stat_inc(LK_STAT_UPDATE_RACE);
	old = agg->min_ns;
	for (i = 0; i < AGG_TRIES && ns < old; i++) {
		seen = __sync_val_compare_and_swap(&agg->min_ns, old, ns);
		if (seen == old)
			break;
		old = seen;
	}
	if (i == AGG_TRIES)
		stat_inc(LK_STAT_UPDATE_RACE);
}

static __always_inline void agg_hist(struct lk_agg *agg, __u64 ns)
{
	__u32 bucket = lk_hist_bucket(ns), octave = bucket >> LK_HIST_SUB_BITS, block, old;
	struct lk_hist_block *b;

	if (octave >= LK_HIST_OCTAVES)
		return;
	block = agg->oct[octave];
	if (!block) {
		if (hist_next >= cfg.nr_hist_blocks)
			goto full;
		block = __sync_fetch_and_add(&hist_next, 1) + 1;
		if (block > cfg.nr_hist_blocks)
			goto full;
		old = __sync_val_compare_and_swap(&agg->oct[octave], 0, block);
		if (old)
			block = old;	/* ours stays unused */
	}
	block--;
	b = bpf_map_lookup_elem(&hist, &block);
	if (b) {
		__sync_fetch_and_add(&b->n[bucket & (LK_HIST_SUB - 1)], 1);
		return;
	}
full:
	stat_inc(LK_STAT_HIST_FULL);
}

static __always_inline void agg_add(struct lk_agg *agg, __u64 start, __u64 now)
{
	__u64 ns = now - start;

	__sync_fetch_and_add(&agg->count, 1);
	__sync_fetch_and_add(&agg->total_ns, ns);
	if (ns > agg->max_ns || ns < agg->min_ns)
		agg_extremes(agg, ns);
	agg->last_ns = now;
	agg_hist(agg, ns);
}

/* The row of @key in @map, made if there is none; NULL and *err if it cannot be. */
#define agg_get(map, key, from_comm, start, cs, created, err)				\
({											\
	struct lk_agg *__a = bpf_map_lookup_elem(map, key);				\
											\
	if (!__a) {									\
		struct lk_agg *__n = &(cs)->agg;					\
											\
		__builtin_memset(__n, 0, sizeof(*__n));					\
		__n->min_ns = ~0ull;							\
		__n->first_ns = start;							\
		__builtin_memcpy(__n->comm, from_comm, LK_COMM_LEN);			\
		err = bpf_map_update_elem(map, key, __n, BPF_NOEXIST);			\
		created = !err;								\
		__a = bpf_map_lookup_elem(map, key);					\
	}										\
	__a;										\
})

static __always_inline void agg_row(const struct lk_wait *w, __u64 now,
				    struct task_struct *task, struct lk_cpu_state *cs)
{
	struct lk_row_key key = {
		.lock = w->lock, .cgroup = w->cgroup, .tid = w->tid, .tgid = w->tgid,
		.stack = w->stack, .lcb = w->lcb, .ctx = w->ctx,
	};
	bool created = false;
	struct lk_agg *agg;
	long err = 0;

	if (!w->tid)
		key.cpu = bpf_get_smp_processor_id() + 1;
	agg = agg_get(&rows, &key, w->comm, w->start_ns, cs, created, err);
	if (agg) {
		agg_add(agg, w->start_ns, now);
		if (created)
			lockid_note(w->lock, now, task, cs);
		return;
	}
	if (err == -EBUSY) {
		stat_inc(LK_STAT_MAP_BUSY);
		return;
	}
	stat_inc(LK_STAT_ROWS_FULL);
	key.lock = 0;
	key.cgroup = 0;
	key.tid = 0;
	key.tgid = 0;
	key.cpu = 0;
	agg = agg_get(&folds, &key, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", w->start_ns, cs, created, err);
	if (agg)
		agg_add(agg, w->start_ns, now);
	else
		stat_inc(LK_STAT_FOLD_FULL);
}

static __always_inline void agg_owner(const struct lk_wait *w, __u64 now, struct lk_cpu_state *cs)
{
	struct lk_owner_key key = {
		.lock = w->lock, .tid = w->owner_tid, .tgid = w->owner_tgid,
		.stack = w->stack, .lcb = w->lcb, .reader = w->owner_reader,
	};
	bool created = false;
	struct lk_agg *agg;
	long err = 0;

	if (!w->owner_tid)
		return;
	agg = agg_get(&owners, &key, w->owner_comm, w->start_ns, cs, created, err);
	(void)created;
	if (agg)
		agg_add(agg, w->start_ns, now);
	else
		stat_inc(err == -EBUSY ? LK_STAT_MAP_BUSY : LK_STAT_OWNERS_FULL);
}

#endif /* LK_AGG_BPF_H */
