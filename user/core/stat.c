// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of significance; see stat.h for what they are and where they come from.
 */
#include "stat.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sat.h"

#define EXACT_MAX	1e9	/* beyond, lgamma() loses digits and the normal law is as good */
#define TAIL_SHARE	20	/* one of so many durations is in the tail */

static double lgam(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

static double log_choose(double n, double k)
{
	return lgam(n + 1) - lgam(k + 1) - lgam(n - k + 1);
}

/* Two tails from one. */
static double both(double tail)
{
	return tail < 0.5 ? 2 * tail : 1;
}

/* Two-sided p-value of a standard normal @z. */
static double normal(double z)
{
	return erfc(fabs(z) * M_SQRT1_2);
}

/* --- counts over time --------------------------------------------------------------------- */

/* P(X >= k) of a binomial X; @k at or above its mean, so that terms only shrink. */
static double binomial_tail(double k, double n, double p)
{
	double term = exp(log_choose(n, k) + k * log(p) + (n - k) * log1p(-p)), sum = 0;

	for (; k <= n && term > sum * 1e-12; k++) {
		sum += term;
		term *= (n - k) / (k + 1) * p / (1 - p);
	}
	return sum;
}

double stat_rate(uint64_t a, uint64_t time_a, uint64_t b, uint64_t time_b)
{
	double n = (double)a + (double)b, whole = (double)time_a + (double)time_b;
	double share_a = (double)time_a / whole, share_b = (double)time_b / whole;

	if (n < 1 || !time_a || !time_b)
		return 1;
	if (n > EXACT_MAX)
		return normal(((double)b - n * share_b) / sqrt(n * share_a * share_b));
	if ((double)b > n * share_b)
		return both(binomial_tail((double)b, n, share_b));
	return both(binomial_tail((double)a, n, share_a));
}

/* --- two histograms at once ---------------------------------------------------------------- */

struct pair {
	const struct lk_bucket *a, *b;
	unsigned int nr_a, nr_b;
};

/* The next bucket that either has; false at the end. */
static bool next_bucket(struct pair *p, uint32_t *index, double *a, double *b)
{
	bool in_a, in_b;

	if (!p->nr_a && !p->nr_b)
		return false;
	in_a = p->nr_a && (!p->nr_b || p->a->index <= p->b->index);
	in_b = p->nr_b && (!p->nr_a || p->b->index <= p->a->index);
	*index = in_a ? p->a->index : p->b->index;
	*a = in_a ? (double)p->a->n : 0;
	*b = in_b ? (double)p->b->n : 0;
	p->a += in_a;
	p->nr_a -= in_a;
	p->b += in_b;
	p->nr_b -= in_b;
	return true;
}

double stat_rank(const struct lk_bucket *a, unsigned int nr_a, const struct lk_bucket *b,
		 unsigned int nr_b, double *longer)
{
	struct pair p = { a, b, nr_a, nr_b };
	double in_a, in_b, below = 0, sum_b = 0, u = 0, ties = 0, n, mean, var, off;
	uint32_t index;

	*longer = 0.5;
	while (next_bucket(&p, &index, &in_a, &in_b)) {
		double t = in_a + in_b;

		u += in_b * (below + in_a / 2);
		below += in_a;
		sum_b += in_b;
		ties += t * (t * t - 1);
	}
	n = below + sum_b;
	if (below < 1 || sum_b < 1)
		return 1;
	*longer = u / (below * sum_b);
	mean = below * sum_b / 2;
	var = below * sum_b / 12 * (n + 1 - ties / (n * (n - 1)));
	off = fabs(u - mean) - 0.5;
	return var > 0 && off > 0 ? normal(off / sqrt(var)) : 1;
}

/* --- the tail ------------------------------------------------------------------------------- */

/*
 * P(X >= k) where X of @n drawn from @all, @marked of which are marked, are marked ones;
 * @k at or above its mean.
 */
static double drawn_tail(double k, double n, double marked, double all)
{
	double rest = all - marked;
	double term = exp(log_choose(marked, k) + log_choose(rest, n - k) - log_choose(all, n));
	double sum = 0;

	for (; k <= n && k <= marked && term > sum * 1e-12; k++) {
		sum += term;
		term *= (marked - k) * (n - k) / ((k + 1) * (rest - n + k + 1));
	}
	return sum;
}

/* The first bucket of the tail. */
static uint32_t tail_begin(struct pair p, double *all)
{
	double in_a, in_b, sum = 0;
	struct pair again = p;
	uint32_t index;

	*all = 0;
	while (next_bucket(&again, &index, &in_a, &in_b))
		*all += in_a + in_b;
	while (next_bucket(&p, &index, &in_a, &in_b)) {
		sum += in_a + in_b;
		if ((*all - sum) * TAIL_SHARE <= *all)
			return index + 1;
	}
	return UINT32_MAX;
}

static void split(const struct lk_bucket *v, unsigned int nr, uint32_t begin, uint64_t *above,
		  uint64_t *all)
{
	*above = *all = 0;
	for (; nr; v++, nr--) {
		*all = sat_add(*all, v->n);
		*above = v->index >= begin ? sat_add(*above, v->n) : *above;
	}
}

double stat_tail(const struct lk_bucket *a, unsigned int nr_a, const struct lk_bucket *b,
		 unsigned int nr_b, struct stat_tail *tail)
{
	double all, n_a, n_b, k_a, k_b, k, mean;
	uint32_t begin = tail_begin((struct pair){ a, b, nr_a, nr_b }, &all);

	split(a, nr_a, begin, &tail->above[0], &tail->all[0]);
	split(b, nr_b, begin, &tail->above[1], &tail->all[1]);
	n_a = (double)tail->all[0];
	n_b = (double)tail->all[1];
	k_a = (double)tail->above[0];
	k_b = (double)tail->above[1];
	k = k_a + k_b;
	if (k < 1 || n_a < 1 || n_b < 1)
		return 1;
	mean = k * n_b / all;
	if (all > EXACT_MAX)
		return normal((k_b - mean) / sqrt(mean * n_a / all * (1 - k / all)));
	if (k_b > mean)
		return both(drawn_tail(k_b, n_b, k, all));
	return both(drawn_tail(k_a, n_a, k, all));
}

/* --- many tests ------------------------------------------------------------------------------ */

static int by_value(const void *va, const void *vb)
{
	double a = **(double *const *)va, b = **(double *const *)vb;

	return a < b ? -1 : a > b;
}

int stat_adjust(double *p, size_t nr)
{
	double **order = malloc((nr + 1) * sizeof(*order)), least = 1;
	size_t i;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		order[i] = &p[i];
	qsort(order, nr, sizeof(*order), by_value);
	for (i = nr; i--;) {
		double q = *order[i] * (double)nr / (double)(i + 1);

		least = q < least ? q : least;
		*order[i] = least;
	}
	free(order);
	return 0;
}
