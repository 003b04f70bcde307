// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table of sums by key; see agg.h.
 *
 * Histograms lie in places of the arena whose sizes, in blocks of 8 bytes, are
 * 1, 2, 3, 4, 6, 8, 12, 16 ... 2048; a histogram that outgrows its place moves
 * and leaves it to the free list of that size (linked through the places).
 */
#include "agg.h"

#include <stdbool.h>
#include <string.h>

#include "sat.h"

#define BLOCK		8u
#define NO_PLACE	UINT32_MAX

_Static_assert(sizeof(struct agg_data) == 72, "a million of these must fit");
_Static_assert(HIST_PACKED_MAX <= 2048 * BLOCK, "the largest class must hold any histogram");
_Static_assert(HIST_PACKED_MAX <= UINT16_MAX, "hist_len");

/* Blocks in a place of class @c. */
static uint32_t class_blocks(unsigned int c)
{
	if (c < 2)
		return c + 1;
	return c & 1 ? 4u << ((c - 3) / 2) : 3u << ((c - 2) / 2);
}

static unsigned int class_of(size_t bytes)
{
	unsigned int c = 0;

	while ((size_t)class_blocks(c) * BLOCK < bytes)
		c++;
	return c;
}

void agg_init(struct agg_table *t, size_t key_size)
{
	memset(t, 0, sizeof(*t));
	htab_init(&t->keys, key_size);
	memset(t->free_block, 0xff, sizeof(t->free_block));
}

void agg_done(struct agg_table *t)
{
	htab_done(&t->keys);
	vec_free(&t->data);
	vec_free(&t->arena);
	vec_free(&t->gains[0]);
	vec_free(&t->gains[1]);
}

int agg_prepare(struct agg_table *t)
{
	size_t place = (size_t)class_blocks(AGG_NR_CLASSES - 1) * BLOCK;

	if ((t->arena.nr + place) / BLOCK >= NO_PLACE)
		return -ENOMEM;
	if (htab_reserve(&t->keys, 1) || vec_reserve(&t->data, 1) ||
	    vec_reserve(&t->arena, place) || vec_reserve(&t->gains[t->open], 1))
		return -ENOMEM;
	return 0;
}

static uint32_t take_place(struct agg_table *t, unsigned int class)
{
	uint32_t place = t->free_block[class];

	if (place != NO_PLACE) {
		memcpy(&t->free_block[class], t->arena.v + (size_t)place * BLOCK, sizeof(place));
		return place;
	}
	place = (uint32_t)(t->arena.nr / BLOCK);
	t->arena.nr += (size_t)class_blocks(class) * BLOCK;
	return place;
}

static void give_place(struct agg_table *t, unsigned int class, uint32_t place)
{
	memcpy(t->arena.v + (size_t)place * BLOCK, &t->free_block[class], sizeof(place));
	t->free_block[class] = place;
}

static void add_hist(struct agg_table *t, struct agg_data *a, const struct agg_delta *d)
{
	uint8_t packed[HIST_PACKED_MAX];
	unsigned int class;
	size_t len;

	len = hist_merge(t->arena.v + (size_t)a->hist * BLOCK, a->hist_len, d->hist, d->nr_hist,
			 packed);
	if (!len)
		return;
	class = class_of(len);
	if (!a->hist_len || class > a->hist_class) {
		if (a->hist_len)
			give_place(t, a->hist_class, a->hist);
		a->hist = take_place(t, class);
		a->hist_class = (uint16_t)class;
	}
	memcpy(t->arena.v + (size_t)a->hist * BLOCK, packed, len);
	a->hist_len = (uint16_t)len;
}

static void add_gain(struct agg_table *t, uint32_t row, const struct agg_delta *d)
{
	struct agg_data *a = &t->data.v[row];
	uint32_t *at = &a->gain[t->open];
	struct agg_gain *g;

	if (*at >= t->gains[t->open].nr || t->gains[t->open].v[*at].row != row) {
		*at = (uint32_t)t->gains[t->open].nr;
		t->gains[t->open].v[t->gains[t->open].nr++] = (struct agg_gain){ .row = row };
	}
	g = &t->gains[t->open].v[*at];
	g->count = sat_add(g->count, d->count);
	g->total_ns = sat_add(g->total_ns, d->total_ns);
}

static void add_sums(struct agg_data *a, const struct agg_delta *d)
{
	bool first = !a->count;

	a->count = sat_add(a->count, d->count);
	a->total_ns = sat_add(a->total_ns, d->total_ns);
	if (__builtin_add_overflow(a->waiting, d->waiting, &a->waiting))
		a->waiting = UINT32_MAX;
	if (d->comm)
		a->comm = d->comm;
	if (!a->count)
		return;		/* nothing counted yet: there are no extremes */
	if (d->max_ns > a->max_ns)
		a->max_ns = d->max_ns;
	if (first || d->min_ns < a->min_ns)
		a->min_ns = d->min_ns;
	if (first || d->first_ns < a->first_ns)
		a->first_ns = d->first_ns;
	if (d->last_ns > a->last_ns)
		a->last_ns = d->last_ns;
}

void agg_commit(struct agg_table *t, const void *key, const struct agg_delta *d)
{
	uint32_t row = 0;

	if (htab_put(&t->keys, key, &row) == 1)
		t->data.v[t->data.nr++] = (struct agg_data){ 0 };
	add_sums(&t->data.v[row], d);
	if (d->nr_hist)
		add_hist(t, &t->data.v[row], d);
	if (d->count || d->total_ns)
		add_gain(t, row, d);
}

void agg_hist(const struct agg_table *t, uint32_t i, struct hist_sum *sum)
{
	const struct agg_data *a = &t->data.v[i];

	if (a->hist_len)
		hist_sum_add(sum, t->arena.v + (size_t)a->hist * BLOCK, a->hist_len);
}

void agg_tick(struct agg_table *t)
{
	t->open = !t->open;
	t->gains[t->open].nr = 0;
}

void agg_reset_open(struct agg_table *t)
{
	t->gains[t->open].nr = 0;
}

void agg_gain(const struct agg_table *t, uint32_t i, uint64_t *count, uint64_t *total_ns)
{
	unsigned int closed = !t->open;
	uint32_t at = t->data.v[i].gain[closed];

	*count = *total_ns = 0;
	if (at >= t->gains[closed].nr || t->gains[closed].v[at].row != i)
		return;
	*count = t->gains[closed].v[at].count;
	*total_ns = t->gains[closed].v[at].total_ns;
}
