/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adding a finished wait to its rows.
 *
 * A row is keyed by thread and context level, among others, and the guard lets
 * one program run per CPU and level: it has one writer at a time and plain
 * additions will do. Owner rows and folds have many writers: their sums are
 * atomic, and their extremes set by compare-and-swap with a bounded number of
 * tries. Histogram blocks are reached through their row, so the same holds.
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

/*
 * Not inlined: the verifier then walks its branches once, not once for each way
 * to get here (load time on 6.18: 0.45 s before, a tenth of that after).
 */
__noinline __u32 agg_bucket(__u64 ns)
{
	return lk_hist_bucket(ns);
}

static __always_inline void agg_hist(struct lk_agg *agg, __u64 ns, bool shared)
{
	__u32 bucket = agg_bucket(ns), octave, block, old;
	struct lk_hist_block *b;

	asm volatile("" : "+r"(bucket));	/* the verifier does not know its range: keep the check */
	octave = bucket >> LK_HIST_SUB_BITS;

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
	if (!b)
		goto full;
	if (shared)
		__sync_fetch_and_add(&b->n[bucket & (LK_HIST_SUB - 1)], 1);
	else
		b->n[bucket & (LK_HIST_SUB - 1)]++;
	return;
full:
	stat_inc(LK_STAT_HIST_FULL);
}

static __always_inline void agg_add(struct lk_agg *agg, __u64 start, __u64 now, bool shared)
{
	__u64 ns = now - start;

	if (shared) {
		__sync_fetch_and_add(&agg->count, 1);
		__sync_fetch_and_add(&agg->total_ns, ns);
		if (ns > agg->max_ns || ns < agg->min_ns)
			agg_extremes(agg, ns);
	} else {
		agg->count++;
		agg->total_ns += ns;
		if (ns > agg->max_ns)
			agg->max_ns = ns;
		if (ns < agg->min_ns)
			agg->min_ns = ns;
	}
	agg->last_ns = now;
	agg_hist(agg, ns, shared);
}

/* A fresh row in the scratch of @cs; the caller adds the task's name. */
static __always_inline struct lk_agg *agg_fresh(struct lk_cpu_state *cs, __u64 start)
{
	struct lk_agg *agg = &cs->agg;

	__builtin_memset(agg, 0, sizeof(*agg));
	agg->min_ns = ~0ull;
	agg->first_ns = start;
	return agg;
}

static __always_inline void agg_fold(struct lk_row_key *key, const struct lk_wait *w, __u64 now,
				     struct lk_cpu_state *cs)
{
	struct lk_agg *agg;

	stat_inc(LK_STAT_ROWS_FULL);
	key->lock = 0;
	key->cgroup = 0;
	key->tid = 0;
	key->tgid = 0;
	key->cpu = 0;
	agg = bpf_map_lookup_elem(&folds, key);
	if (!agg) {
		bpf_map_update_elem(&folds, key, agg_fresh(cs, w->start_ns), BPF_NOEXIST);
		agg = bpf_map_lookup_elem(&folds, key);
	}
	if (agg)
		agg_add(agg, w->start_ns, now, true);
	else
		stat_inc(LK_STAT_FOLD_FULL);
}

static __always_inline void agg_row(const struct lk_wait *w, __u64 now,
				    struct task_struct *task, struct lk_cpu_state *cs)
{
	struct lk_row_key key = {
		.lock = w->lock, .cgroup = w->cgroup, .tid = w->tid, .tgid = w->tgid,
		.stack = w->stack, .lcb = w->lcb, .ctx = w->ctx,
	};
	struct lk_agg *agg;
	long err = 0;

	if (!w->tid)
		key.cpu = bpf_get_smp_processor_id() + 1;
	agg = bpf_map_lookup_elem(&rows, &key);
	if (!agg) {
		agg = agg_fresh(cs, w->start_ns);
		bpf_get_current_comm(agg->comm, sizeof(agg->comm));
		err = bpf_map_update_elem(&rows, &key, agg, BPF_NOEXIST);
		if (!err)
			lockid_note(w->lock, w->lcb, now, task, cs);
		agg = bpf_map_lookup_elem(&rows, &key);
	}
	if (agg)
		agg_add(agg, w->start_ns, now, false);
	else if (err == -EBUSY)
		stat_inc(LK_STAT_MAP_BUSY);
	else
		agg_fold(&key, w, now, cs);
}

static __always_inline void agg_owner(const struct lk_wait *w, __u64 now, struct lk_cpu_state *cs)
{
	struct lk_owner_key key = {
		.lock = w->lock, .tid = w->owner_tid, .tgid = w->owner_tgid,
		.stack = w->stack, .lcb = w->lcb, .reader = w->owner_reader,
	};
	struct lk_agg *agg;
	long err = 0;

	if (!w->owner_tid)
		return;
	agg = bpf_map_lookup_elem(&owners, &key);
	if (!agg) {
		agg = agg_fresh(cs, w->start_ns);
		owner_comm(w, agg->comm);
		err = bpf_map_update_elem(&owners, &key, agg, BPF_NOEXIST);
		agg = bpf_map_lookup_elem(&owners, &key);
	}
	if (agg)
		agg_add(agg, w->start_ns, now, true);
	else
		stat_inc(err == -EBUSY ? LK_STAT_MAP_BUSY : LK_STAT_OWNERS_FULL);
}

#endif /* LK_AGG_BPF_H */
