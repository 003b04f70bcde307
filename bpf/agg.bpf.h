/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adding something that is over to its row: a wait, or a hold. It is a row's time that is
 * added up here; whose, those say who include this.
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

/* What a row begins as. */
static const struct lk_agg agg_none = { .min_ns = ~0ull };

/*
 * Make the row of @key in @map for what began at @start: the row, with the name of this task,
 * or NULL; *err: 0 = it is new, else why not. Until something is added, user space passes it by.
 */
static __always_inline struct lk_agg *agg_make(void *map, const struct lk_row_key *key, __u64 start,
					       long *err)
{
	struct lk_agg *agg;

	*err = bpf_map_update_elem(map, key, &agg_none, BPF_NOEXIST);
	agg = bpf_map_lookup_elem(map, key);
	if (agg && !*err) {
		agg->first_ns = start;
		bpf_get_current_comm(agg->comm, sizeof(agg->comm));
	}
	return agg;
}

/* Add to the row without lock and task, which many write: so each sees to first_ns first. @full counts. */
static __always_inline void agg_fold(void *folds, struct lk_row_key *key, __u64 start, __u64 now,
				     enum lk_stat full)
{
	struct lk_agg *agg;

	stat_inc(full);
	key->lock = 0;
	key->cgroup = 0;
	key->tid = 0;
	key->tgid = 0;
	key->cpu = 0;
	agg = bpf_map_lookup_elem(folds, key);
	if (!agg) {
		bpf_map_update_elem(folds, key, &agg_none, BPF_NOEXIST);
		agg = bpf_map_lookup_elem(folds, key);
	}
	if (!agg) {
		stat_inc(LK_STAT_FOLD_FULL);
		return;
	}
	if (!agg->first_ns)
		__sync_val_compare_and_swap(&agg->first_ns, 0, start);
	agg_add(agg, start, now, true);
}

/* Add to a row of @key. @agg NULL: there is none, @err (agg_make()) says why; then to that in @folds. */
static __always_inline void agg_put(struct lk_agg *agg, long err, void *folds, struct lk_row_key *key,
				    __u64 start, __u64 now, enum lk_stat full)
{
	if (agg)
		agg_add(agg, start, now, false);
	else if (err == -EBUSY)
		stat_inc(LK_STAT_MAP_BUSY);
	else
		agg_fold(folds, key, start, now, full);
}

#endif /* LK_AGG_BPF_H */
