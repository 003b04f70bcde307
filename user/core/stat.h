/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of significance for the comparison of two traces: on counts over time and on
 * histograms of durations (buckets of lk_hist_bucket(), ascending, n > 0). All
 * are two-sided and give a p-value from 0 to 1; exchanging the two sides gives
 * the same one. They take waits as independent of each other, which those of one burst
 * are not: so a verdict also needs an effect of some size (diff_wait.c).
 *
 * Pure: no I/O, no clock, no globals.
 */
#ifndef LK_STAT_H
#define LK_STAT_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

/*
 * Do @a events in @time_a and @b events in @time_b (> 0, the same unit) come at one rate?
 * Exact conditional test of two Poisson rates: given a + b, b is binomial
 * (Przyborowski and Wilenski, Biometrika 31, 1940).
 */
double stat_rate(uint64_t a, uint64_t time_a, uint64_t b, uint64_t time_b);

/*
 * Mann and Whitney's U (Ann. Math. Stat. 18, 1947), normal approximation corrected for
 * ties (a bucket is one) and for continuity; usable from eight durations on each side.
 * *longer = probability that one of @b is longer than one of @a, ties as half: Vargha and
 * Delaney's A (J. Educ. Behav. Stat. 25, 2000). 0.5 and 1 if a side is empty.
 */
double stat_rank(const struct lk_bucket *a, unsigned int nr_a, const struct lk_bucket *b,
		 unsigned int nr_b, double *longer);

/* How many of how many durations are in the longest twentieth of both sides together. */
struct stat_tail {
	uint64_t above[2], all[2];	/* of @a, of @b */
};

/*
 * Are as many of @a as of @b in the longest twentieth of both together? Fisher's exact
 * test; the ranks of stat_rank() hardly notice what happens there. 1 where buckets are too
 * coarse to cut off at most a twentieth.
 */
double stat_tail(const struct lk_bucket *a, unsigned int nr_a, const struct lk_bucket *b,
		 unsigned int nr_b, struct stat_tail *tail);

/*
 * Replace p-values of many tests by the smallest rate of false discoveries at which each
 * is one (Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995). 0 or -ENOMEM.
 */
int stat_adjust(double *p, size_t nr);

#endif /* LK_STAT_H */
