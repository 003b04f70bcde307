// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's tables as events.
 *
 * A shadow of every row (count, total) and of every histogram block gives the
 * difference. A row's histogram may run ahead of its count or lag behind it
 * while programs run; the sums meet at the final tick, when nothing runs.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../bpf/abi.h"
#include "../base/htab.h"
#include "../base/vec.h"
#include "drain.h"
#include "resolve.h"
#include "waiting.h"

#define BATCH 4096

struct shadow {
	uint64_t count, total_ns;
	uint64_t nr_hist;		/* histogram counts emitted */
};

/* Blocks of histogram counters. */
struct blocks {
	const struct lk_hist_block *now;	/* the kernel's, mapped; NULL = none */
	struct lk_hist_block *seen;		/* untouched pages cost nothing */
	unsigned int nr;
};

struct table {
	int fd;				/* -1 = there is no such table */
	enum lk_ev_kind kind;
	size_t key_size;
	struct blocks *blocks;
	struct htab seen;
	VEC(struct shadow) shadow;
};

struct drain {
	struct drain_maps maps;
	struct table rows, folds, owners, hold_rows, hold_folds;
	struct blocks hist, hold_hist;
	const struct lk_wait *waiters;		/* the kernel's, mapped */
	size_t waiters_bytes;
	uint64_t stats[LK_STAT_NR];
	struct drain_misses misses;
	uint64_t failed;		/* table reads that failed since the last tick */
	struct lk_bucket *bucket;		/* LK_HIST_BUCKETS, scratch */
	uint8_t *keys;				/* BATCH keys, scratch */
	struct lk_agg *values;			/* BATCH values, scratch */
	struct comms *comms;			/* of drain_waiting(); NULL = not used */
};

static void table_init(struct table *t, int fd, enum lk_ev_kind kind, size_t key_size, struct blocks *blocks)
{
	t->fd = fd;
	t->kind = kind;
	t->key_size = key_size;
	t->blocks = blocks;
	htab_init(&t->seen, key_size);
}

static void table_done(struct table *t)
{
	htab_done(&t->seen);
	vec_free(&t->shadow);
}

/* *ret stays NULL on failure. */
static int map_memory(void **ret, size_t size, int prot, int flags, int fd)
{
	void *m = mmap(NULL, size, prot, flags, fd, 0);

	if (m == MAP_FAILED)
		return -errno;
	*ret = m;
	return 0;
}

/* 0 or -errno; blocks_unmap() is due in either case. */
static int blocks_map(struct blocks *b, int fd, unsigned int nr)
{
	size_t bytes = nr * sizeof(struct lk_hist_block);
	int err;

	if (fd < 0)
		return 0;
	b->nr = nr;
	err = map_memory((void **)&b->now, bytes, PROT_READ, MAP_SHARED, fd);
	return err ?: map_memory((void **)&b->seen, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

static void blocks_unmap(struct blocks *b)
{
	size_t bytes = b->nr * sizeof(struct lk_hist_block);

	if (b->now)
		munmap((void *)b->now, bytes);
	if (b->seen)
		munmap(b->seen, bytes);
}

int drain_new(const struct drain_maps *maps, struct drain **ret)
{
	struct drain *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->maps = *maps;
	table_init(&d->rows, maps->rows, LK_EV_CONT, sizeof(struct lk_row_key), &d->hist);
	table_init(&d->folds, maps->folds, LK_EV_CONT, sizeof(struct lk_row_key), &d->hist);
	table_init(&d->owners, maps->owners, LK_EV_OWNER, sizeof(struct lk_owner_key), &d->hist);
	table_init(&d->hold_rows, maps->hold_rows, LK_EV_HELD, sizeof(struct lk_row_key), &d->hold_hist);
	table_init(&d->hold_folds, maps->hold_folds, LK_EV_HELD, sizeof(struct lk_row_key), &d->hold_hist);
	d->bucket = calloc(LK_HIST_BUCKETS, sizeof(*d->bucket));
	d->keys = malloc(BATCH * sizeof(struct lk_row_key));
	d->values = malloc(BATCH * sizeof(struct lk_agg));
	d->waiters_bytes = maps->nr_waiters * sizeof(struct lk_wait);
	err = blocks_map(&d->hist, maps->hist, maps->nr_hist);
	err = err ?: blocks_map(&d->hold_hist, maps->hold_hist, maps->nr_hold_hist);
	err = err ?: map_memory((void **)&d->waiters, d->waiters_bytes, PROT_READ, MAP_SHARED,
				maps->waiters);
	if (err)
		goto out;
	if (!d->bucket || !d->keys || !d->values) {
		err = -ENOMEM;
		goto out;
	}
	*ret = d;
	return 0;
out:
	drain_free(d);
	return err;
}

void drain_free(struct drain *d)
{
	if (!d)
		return;
	blocks_unmap(&d->hist);
	blocks_unmap(&d->hold_hist);
	if (d->waiters)
		munmap((void *)d->waiters, d->waiters_bytes);
	table_done(&d->hold_rows);
	table_done(&d->hold_folds);
	table_done(&d->rows);
	table_done(&d->folds);
	table_done(&d->owners);
	free(d->bucket);
	free(d->keys);
	free(d->values);
	free(d->comms);
	free(d);
}

/* The buckets that grew, into d->bucket: how many, and the sum in *gain. */
static unsigned int hist_gain(struct drain *d, const struct blocks *b, const struct lk_agg *agg,
			      uint64_t *gain)
{
	unsigned int o, i, nr = 0;

	*gain = 0;
	for (o = 0; o < LK_HIST_OCTAVES; o++) {
		const struct lk_hist_block *now;
		struct lk_hist_block *seen;

		if (!agg->oct[o] || agg->oct[o] > b->nr)
			continue;
		now = &b->now[agg->oct[o] - 1];
		seen = &b->seen[agg->oct[o] - 1];
		for (i = 0; i < LK_HIST_SUB; i++) {
			uint32_t n = *(const volatile uint32_t *)&now->n[i];
			uint32_t diff = n - seen->n[i];		/* modulo 2^32 */

			if (!diff)
				continue;
			seen->n[i] = n;
			d->bucket[nr].index = o * LK_HIST_SUB + i;
			d->bucket[nr].n = diff;
			nr++;
			*gain += diff;
		}
	}
	return nr;
}

static void fill_agg(struct lk_ev_agg *out, const struct lk_agg *agg, const struct shadow *sh,
		     const struct lk_bucket *bucket, unsigned int nr)
{
	out->count = agg->count - sh->count;
	out->total_ns = agg->total_ns - sh->total_ns;
	out->max_ns = agg->max_ns;
	out->min_ns = agg->min_ns == UINT64_MAX ? 0 : agg->min_ns;
	out->first_ns = agg->first_ns;
	out->last_ns = agg->last_ns;
	out->hist = bucket;
	out->nr_hist = nr;
}

static int emit_row(struct resolver *r, const struct lk_sink *sink, enum lk_ev_kind kind,
		    const struct lk_row_key *key, const char *comm, const struct lk_ev_agg *agg, bool final)
{
	struct lk_event ev = { .kind = kind, .cont = {
		.lock = key->lock, .cgroup = key->cgroup, .tid = key->tid, .tgid = key->tgid,
		.stack = key->stack, .lcb = key->lcb, .ctx = key->ctx, .cpu = key->cpu,
		.comm = comm, .agg = *agg } };
	int err;

	err = resolver_stack(r, sink, key->stack);
	if (!err && key->cgroup)
		err = resolver_cgroup(r, sink, key->cgroup);
	if (!err && key->lock)
		err = resolver_lock(r, sink, key->lock, final);
	return err ? err : sink_emit(sink, &ev);
}

static int emit_owner(struct resolver *r, const struct lk_sink *sink,
		      const struct lk_owner_key *key, const char *comm,
		      const struct lk_ev_agg *agg, bool final)
{
	struct lk_event ev = { .kind = LK_EV_OWNER, .owner = {
		.lock = key->lock, .tid = key->tid, .tgid = key->tgid, .stack = key->stack,
		.lcb = key->lcb, .reader = key->reader, .comm = comm, .agg = *agg } };
	int err;

	err = resolver_stack(r, sink, key->stack);
	if (!err)
		err = resolver_lock(r, sink, key->lock, final);
	return err ? err : sink_emit(sink, &ev);
}

/* One entry as it is now: emit what it gained. */
static int drain_entry(struct drain *d, struct table *t, struct resolver *r,
		       const struct lk_sink *sink, const void *key, const struct lk_agg *agg,
		       bool final)
{
	char comm[LK_COMM_LEN + 1];
	struct lk_ev_agg gain;
	struct shadow *sh;
	uint64_t hist_n;
	uint32_t index;
	unsigned int nr;
	int err;

	err = htab_put(&t->seen, key, &index);
	if (err < 0)
		return err;
	if (err) {
		err = vec_push(&t->shadow, (struct shadow){ 0 });
		if (err)
			return err;
	}
	sh = &t->shadow.v[index];
	if (agg->count == sh->count && sh->nr_hist == sh->count)
		return 0;
	nr = hist_gain(d, t->blocks, agg, &hist_n);
	if (agg->count == sh->count && !nr)
		return 0;
	fill_agg(&gain, agg, sh, d->bucket, nr);
	sh->count = agg->count;
	sh->total_ns = agg->total_ns;
	sh->nr_hist += hist_n;
	memcpy(comm, agg->comm, LK_COMM_LEN);
	comm[LK_COMM_LEN] = '\0';
	if (t->kind == LK_EV_OWNER)
		return emit_owner(r, sink, key, comm, &gain, final);
	return emit_row(r, sink, t->kind, key, comm, &gain, final);
}

static int drain_table(struct drain *d, struct table *t, struct resolver *r,
		       const struct lk_sink *sink, bool final)
{
	uint8_t token[64];		/* at least a key; opaque */
	void *in = NULL;
	__u32 n, i;
	int err, stop;

	if (t->fd < 0)
		return 0;
	do {
		n = BATCH;
		stop = bpf_map_lookup_batch(t->fd, in, token, d->keys, d->values, &n, NULL);
		if (stop && errno != ENOENT) {
			d->failed++;
			return 0;
		}
		for (i = 0; i < n; i++) {
			err = drain_entry(d, t, r, sink, d->keys + i * t->key_size, &d->values[i],
					  final);
			if (err)
				return err;
		}
		in = token;
	} while (!stop);
	return 0;
}

static int emit_loss(const struct lk_sink *sink, uint32_t counter, uint64_t count)
{
	struct lk_event ev = { .kind = LK_EV_LOSS, .loss = { .counter = counter, .count = count } };

	return count ? sink_emit(sink, &ev) : 0;
}

/* These are differences of counters that are not read at the same moment: no step back. */
static uint64_t gain(uint64_t now, uint64_t *seen)
{
	uint64_t more = now > *seen ? now - *seen : 0;

	*seen += more;
	return more;
}

static int drain_stats(struct drain *d, const struct lk_sink *sink,
		       const struct drain_misses *misses)
{
	uint64_t *value = calloc(d->maps.nr_cpus, sizeof(*value)), sum;
	uint32_t key;
	unsigned int c;
	int err = 0;

	if (!value)
		return -ENOMEM;
	for (key = 1; key < LK_STAT_NR && !err; key++) {
		if (bpf_map_lookup_elem(d->maps.stats, &key, value)) {
			d->failed++;
			continue;
		}
		for (c = 0, sum = 0; c < d->maps.nr_cpus; c++)
			sum += value[c];
		err = emit_loss(sink, key, sum - d->stats[key]);
		d->stats[key] = sum;
	}
	if (!err)
		err = emit_loss(sink, LK_STAT_DRAIN, d->failed);
	d->failed = 0;
	if (!err)
		err = emit_loss(sink, LK_STAT_RECURSION,
				gain(misses->contention, &d->misses.contention));
	if (!err)
		err = emit_loss(sink, LK_STAT_ORDER_RECURSION,
				gain(misses->order, &d->misses.order));
	free(value);
	return err;
}

int drain_tick(struct drain *d, struct resolver *r, const struct lk_sink *sink,
	       const struct drain_misses *misses, bool final)
{
	int err;

	err = drain_table(d, &d->rows, r, sink, final);
	if (!err)
		err = drain_table(d, &d->folds, r, sink, final);
	if (!err)
		err = drain_table(d, &d->owners, r, sink, final);
	if (!err)
		err = drain_table(d, &d->hold_rows, r, sink, final);
	if (!err)
		err = drain_table(d, &d->hold_folds, r, sink, final);
	return err ? err : drain_stats(d, sink, misses);
}

int drain_waiting(struct drain *d, struct resolver *r, const struct lk_sink *sink, uint64_t now_ns,
		  bool recent)
{
	int err;

	if (recent && !d->comms)
		d->comms = comms_new();		/* without memory for it all names are read */
	err = waiting_sleeping(d->waiters, d->maps.nr_waiters, r, recent ? d->comms : NULL, sink,
			       now_ns);

	return err ?: waiting_spinning(d->maps.cpus, d->maps.nr_cpus, r, sink, now_ns);
}
