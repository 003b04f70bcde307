/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of sums by key: what contention rows and owner rows have in common.
 * Lean, because there may be a million: keys of a fixed size, numbered as they
 * come; 72 bytes of sums each; histograms packed into one arena; gains of the
 * open and of the last closed interval only for rows that gained.
 *
 * Adding is split so that an event that touches two tables changes both or
 * none: agg_prepare() does all that can fail, agg_commit() cannot.
 */
#ifndef LK_AGG_H
#define LK_AGG_H

#include "../base/htab.h"
#include "../base/vec.h"
#include "event.h"
#include "hist.h"

struct agg_data {
	uint64_t count, total_ns, max_ns, min_ns, first_ns, last_ns;
	uint32_t comm;		/* id of a string of the model; 0 = not known */
	uint32_t waiting;
	uint32_t hist;		/* where in the arena, in blocks */
	uint16_t hist_len;	/* bytes; 0 = no histogram */
	uint16_t hist_class;	/* size class of its place; see agg.c */
	uint32_t gain[2];	/* where in gains[]; only a hint, see agg_gain() */
};

struct agg_gain {
	uint32_t row, pad;
	uint64_t count, total_ns;
};

#define AGG_NR_CLASSES	22

struct agg_table {
	struct htab keys;
	VEC(struct agg_data) data;	/* by number of the key */
	VEC(uint8_t) arena;
	uint32_t free_block[AGG_NR_CLASSES];	/* heads of the free lists; UINT32_MAX = empty */
	VEC(struct agg_gain) gains[2];
	unsigned int open;		/* which of gains[] belongs to the open interval */
};

/* What to add to one row. Extremes are so far, the rest is gained. */
struct agg_delta {
	uint64_t count, total_ns, max_ns, min_ns, first_ns, last_ns;
	const struct lk_bucket *hist;	/* valid: ascending and in range */
	unsigned int nr_hist;
	uint32_t comm;		/* 0 = keep */
	uint32_t waiting;
};

void agg_init(struct agg_table *t, size_t key_size);
void agg_done(struct agg_table *t);

/* Room for one agg_commit(): 0 or -ENOMEM. */
int agg_prepare(struct agg_table *t);
/* Add to the row of @key, which is made if need be. Only after agg_prepare(). */
void agg_commit(struct agg_table *t, const void *key, const struct agg_delta *d);

/* Add the histogram of row @i to @sum. */
void agg_hist(const struct agg_table *t, uint32_t i, struct hist_sum *sum);

/* Close the interval. */
void agg_tick(struct agg_table *t);
/* Forget what the open interval gained. */
void agg_reset_open(struct agg_table *t);
/* Gain of row @i in the last closed interval; zero if there was none. */
void agg_gain(const struct agg_table *t, uint32_t i, uint64_t *count, uint64_t *total_ns);

#endif /* LK_AGG_H */
