// SPDX-License-Identifier: GPL-2.0-only
/*
 * The waits of two models: paired by what they are grouped by, each pair tested on how often,
 * how long, and how many very long ones; all tests together corrected for their number.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "diff_priv.h"
#include "sat.h"
#include "stat.h"

/*
 * Waits come in bursts, so that what is significant may still be chance: a difference also
 * has to be one that matters. 0.56: the smallest that Vargha and Delaney call an effect.
 */
#define RATIO_MIN	1.25
#define LONGER_MIN	0.56
#define RANK_MIN	8	/* waits on each side for the normal law of ranks */

/* The buckets of one row. */
struct row_hist {
	size_t first;
	unsigned int nr;
};

struct hists {
	VEC(struct lk_bucket) bucket;
	VEC(struct row_hist) row;
};

static int keep_hist(void *ctx, unsigned int row, const struct hist_sum *sum)
{
	struct hists *h = ctx;
	struct row_hist r = { .first = h->bucket.nr };
	uint32_t i;

	(void)row;	/* they come in order */
	for (i = sum->lo; i < sum->hi; i++)
		if (sum->n[i] && vec_push(&h->bucket, ((struct lk_bucket){ .index = i, .n = sum->n[i] })))
			return -ENOMEM;
	r.nr = (unsigned int)(h->bucket.nr - r.first);
	return vec_push(&h->row, r);
}

/* --- pairs ---------------------------------------------------------------------------------- */

struct wait_key {
	uint32_t text[6];	/* numbers in the string pool; NULL is the same as "" */
};

struct pairs {
	struct htab keys;
	struct hists hist[DIFF_SIDES];
	VEC(struct pair) pair;
	VEC(double) p;
};

struct pair {
	uint32_t number[DIFF_SIDES];	/* of the row, + 1; 0 = has none */
};

static const char *text_of(const struct view_row *r, enum view_dim dim)
{
	switch (dim) {
	case VIEW_LOCK:
		return r->lock;
	case VIEW_TYPE:
		return r->type;
	case VIEW_CALLER:
		return r->caller;
	case VIEW_CGROUP:
		return r->cgroup;
	case VIEW_CTX:
		return r->ctx;
	case VIEW_ADDR: case VIEW_TASK: case VIEW_PROCESS: case VIEW_OWNER:
		break;
	}
	return NULL;
}

/* Only what is grouped by: the rest is what the waits of one model happen to share. */
const char *diff_wait_text(const struct diff *d, const struct diff_wait *w, enum view_dim dim)
{
	const struct view_row *r = w->row[DIFF_NOW] ? w->row[DIFF_NOW] : w->row[DIFF_BEFORE];

	return d->dims & dim ? text_of(r, dim) : NULL;
}

static int key_of(struct diff_ctx *c, unsigned int dims, const struct view_row *r, struct wait_key *key)
{
	static const enum view_dim all[] = { VIEW_LOCK, VIEW_TYPE, VIEW_CALLER, VIEW_CGROUP, VIEW_CTX };
	const char *text[6] = { NULL };
	unsigned int i;

	for (i = 0; i < 5; i++)
		text[i] = dims & all[i] ? text_of(r, all[i]) : NULL;
	text[5] = dims & VIEW_CALLER ? r->caller_module : NULL;
	memset(key, 0, sizeof(*key));
	for (i = 0; i < 6; i++)
		if (text[i] && strpool_id(&c->str, text[i], &key->text[i]))
			return -ENOMEM;
	return 0;
}

static int gather(struct diff *d, struct pairs *p, unsigned int side, unsigned int dims)
{
	struct diff_ctx *c = d->priv;
	const struct view *v = &c->view[side];
	struct wait_key key;
	unsigned int i;
	uint32_t at;
	int ret;

	for (i = 0; i < v->nr; i++) {
		if (key_of(c, dims, &v->row[i], &key))
			return -ENOMEM;
		ret = htab_put(&p->keys, &key, &at);
		if (ret > 0)
			ret = vec_push(&p->pair, (struct pair){ .number = { 0 } });
		if (ret > 0 || !ret)
			p->pair.v[at].number[side] = i + 1;
		else
			return ret;
	}
	return 0;
}

/* --- tests ---------------------------------------------------------------------------------- */

/*
 * Waits that were lost may all have been here: they count for the side with the lower
 * rate, as far as the rates become equal.
 */
static double rate_p(const struct diff *d, const uint64_t n[DIFF_SIDES])
{
	const struct diff_side *now = &d->side[DIFF_NOW], *before = &d->side[DIFF_BEFORE];
	double r_now = (double)n[DIFF_NOW] / (double)now->duration_ns;
	double r_before = (double)n[DIFF_BEFORE] / (double)before->duration_ns;
	unsigned int low = r_now < r_before ? DIFF_NOW : DIFF_BEFORE;
	uint64_t more = sat_add(n[low], d->side[low].lost_waits);
	double rate = (double)more / (double)d->side[low].duration_ns;

	if (rate >= (low == DIFF_NOW ? r_before : r_now))
		return 1;
	return stat_rate(low == DIFF_NOW ? n[DIFF_BEFORE] : more, before->duration_ns,
			 low == DIFF_NOW ? more : n[DIFF_NOW], now->duration_ns);
}

static double ratio(double now, double before)
{
	return before > 0 ? now / before : now > 0 ? HUGE_VAL : 1;
}

static void test_rate(const struct diff *d, struct diff_wait *w, double *p)
{
	const struct diff_side *now = &d->side[DIFF_NOW], *before = &d->side[DIFF_BEFORE];
	uint64_t n[DIFF_SIDES] = { w->row[DIFF_NOW] ? w->row[DIFF_NOW]->count : 0,
				   w->row[DIFF_BEFORE] ? w->row[DIFF_BEFORE]->count : 0 };
	unsigned int low;
	const char *type;

	if (!now->duration_ns || !before->duration_ns)
		return;
	w->rate.effect = ratio((double)n[DIFF_NOW] / (double)now->duration_ns,
			       (double)n[DIFF_BEFORE] / (double)before->duration_ns);
	low = w->rate.effect < 1 ? DIFF_NOW : DIFF_BEFORE;
	type = w->row[!low] ? w->row[!low]->type : NULL;
	w->doubt = diff_doubt(&d->side[low], &d->side[!low], DIFF_CONTENTION, type);
	/* A known number of lost waits is part of the test, and nothing else is to be feared of it. */
	if (!d->side[low].lossy_waits)
		w->doubt &= ~(unsigned int)DIFF_LOSSY;
	if (w->doubt)
		return;
	w->rate.done = true;
	*p = rate_p(d, n);
}

static void test_lengths(const struct pairs *p, const struct pair *pair, struct diff_wait *w,
			 double *rank, double *tail)
{
	const struct hists *now = &p->hist[DIFF_NOW], *before = &p->hist[DIFF_BEFORE];
	const struct row_hist *a, *b;
	struct stat_tail t;

	if (!w->row[DIFF_NOW] || !w->row[DIFF_BEFORE])
		return;
	a = &before->row.v[pair->number[DIFF_BEFORE] - 1];
	b = &now->row.v[pair->number[DIFF_NOW] - 1];
	*rank = stat_rank(before->bucket.v + a->first, a->nr, now->bucket.v + b->first, b->nr,
			  &w->length.effect);
	*tail = stat_tail(before->bucket.v + a->first, a->nr, now->bucket.v + b->first, b->nr, &t);
	w->length.done = t.all[0] >= RANK_MIN && t.all[1] >= RANK_MIN;
	w->tail.done = w->length.done && t.above[0] + t.above[1];
	if (w->tail.done)
		w->tail.effect = ratio((double)t.above[1] / (double)t.all[1],
				       (double)t.above[0] / (double)t.all[0]);
}

/* --- verdicts ------------------------------------------------------------------------------- */

static struct diff_test *test_of(struct diff_wait *w, unsigned int i)
{
	return i == 0 ? &w->rate : i == 1 ? &w->length : &w->tail;
}

static int direction(unsigned int test, double effect)
{
	if (test == 1)
		return effect >= LONGER_MIN ? 1 : effect <= 1 - LONGER_MIN ? -1 : 0;
	return effect >= RATIO_MIN ? 1 : effect <= 1 / RATIO_MIN ? -1 : 0;
}

static bool has_verdict(const struct diff_wait *w)
{
	return w->rate.verdict || w->length.verdict || w->tail.verdict;
}

/* The values of all tests that were done, corrected; then what each of them says. */
static int decide(struct diff *d, struct diff_ctx *c, struct pairs *p)
{
	size_t i, nr = 0;
	unsigned int k;

	for (i = 0; i < c->wait.nr * 3; i++)
		if (test_of(&c->wait.v[i / 3], i % 3)->done)
			p->p.v[nr++] = p->p.v[i];
	if (stat_adjust(p->p.v, nr))
		return -ENOMEM;
	for (i = nr = 0; i < c->wait.nr; i++) {
		struct diff_wait *w = &c->wait.v[i];

		for (k = 0; k < 3; k++) {
			struct diff_test *t = test_of(w, k);

			t->q = t->done ? p->p.v[nr++] : 1;
			t->verdict = t->done && t->q <= DIFF_LEVEL ? direction(k, t->effect) : 0;
		}
		d->nr_verdicts += has_verdict(w);
		d->nr_rare += !has_verdict(w) && !w->length.done;
	}
	return 0;
}

static int test_all(struct diff *d, struct pairs *p)
{
	struct diff_ctx *c = d->priv;
	size_t i;

	for (i = 0; i < p->pair.nr; i++) {
		const struct pair *pair = &p->pair.v[i];
		struct diff_wait w = { .length.effect = 0.5, .rate.effect = 1, .tail.effect = 1 };
		double value[3] = { 1, 1, 1 };
		unsigned int side;

		for (side = 0; side < DIFF_SIDES; side++)
			if (pair->number[side])
				w.row[side] = &c->view[side].row[pair->number[side] - 1];
		test_rate(d, &w, &value[0]);
		test_lengths(p, pair, &w, &value[1], &value[2]);
		if (vec_push(&c->wait, w) || vec_push(&p->p, value[0]) || vec_push(&p->p, value[1]) ||
		    vec_push(&p->p, value[2]))
			return -ENOMEM;
	}
	return decide(d, c, p);
}

/* --- order ---------------------------------------------------------------------------------- */

/* Wait time per second that came or went. */
static double cost(const struct diff *d, const struct diff_wait *w)
{
	double of[DIFF_SIDES] = { 0, 0 };
	unsigned int i;

	for (i = 0; i < DIFF_SIDES; i++)
		if (w->row[i] && d->side[i].duration_ns)
			of[i] = (double)w->row[i]->total_ns / (double)d->side[i].duration_ns;
	return fabs(of[DIFF_NOW] - of[DIFF_BEFORE]);
}

static int by_text(const struct diff *d, const struct diff_wait *a, const struct diff_wait *b,
		   enum view_dim dim)
{
	const char *text_a = diff_wait_text(d, a, dim), *text_b = diff_wait_text(d, b, dim);

	return strcmp(text_a ? text_a : "", text_b ? text_b : "");
}

static int by_cost(const void *va, const void *vb, void *ctx)
{
	const struct diff_wait *a = va, *b = vb;
	double cost_a = cost(ctx, a), cost_b = cost(ctx, b);
	int cmp;

	if (has_verdict(a) != has_verdict(b))
		return has_verdict(a) ? -1 : 1;
	if (cost_a < cost_b || cost_a > cost_b)
		return cost_a > cost_b ? -1 : 1;
	cmp = by_text(ctx, a, b, VIEW_LOCK);
	cmp = cmp ? cmp : by_text(ctx, a, b, VIEW_TYPE);
	cmp = cmp ? cmp : by_text(ctx, a, b, VIEW_CALLER);
	cmp = cmp ? cmp : by_text(ctx, a, b, VIEW_CGROUP);
	return cmp ? cmp : by_text(ctx, a, b, VIEW_CTX);
}

int diff_waits(struct diff *d, const struct view_opts *opts)
{
	struct diff_ctx *c = d->priv;
	struct view_opts view = *opts;
	struct pairs p = { .keys = { 0 } };
	int err = 0, side;

	if (!d->side[DIFF_NOW].traced[DIFF_CONTENTION] || !d->side[DIFF_BEFORE].traced[DIFF_CONTENTION])
		return 0;
	d->waits_compared = true;
	d->dims = view.dims = view.dims ? view.dims : VIEW_DEFAULT;
	view.entries = 0;
	view.gain = false;
	htab_init(&p.keys, sizeof(struct wait_key));
	for (side = 0; side < DIFF_SIDES && !err; side++) {
		err = view_build_hists(d->side[side].m, &view, keep_hist, &p.hist[side], &c->view[side]);
		if (!err)
			err = gather(d, &p, (unsigned int)side, view.dims);
	}
	if (!err)
		err = test_all(d, &p);
	if (!err && c->wait.nr)
		qsort_r(c->wait.v, c->wait.nr, sizeof(*c->wait.v), by_cost, d);
	htab_done(&p.keys);
	vec_free(&p.pair);
	vec_free(&p.p);
	for (side = 0; side < DIFF_SIDES; side++) {
		vec_free(&p.hist[side].bucket);
		vec_free(&p.hist[side].row);
	}
	return err;
}
