/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms of durations with the buckets of lk_hist_bucket(), in three forms:
 * packed (how the model keeps one per row: some two bytes per bucket in use),
 * a sum (dense, for adding many up), and lists of ascending buckets.
 */
#ifndef LK_HIST_H
#define LK_HIST_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/abi.h"
#include "event.h"

/* A packed histogram is never longer. */
#define HIST_PACKED_MAX	(LK_HIST_BUCKETS * 12)

/*
 * Write the sum of the packed histogram @old (not NULL, even if empty) and the ascending buckets @add to
 * @out (HIST_PACKED_MAX bytes, not overlapping @old) and return its length.
 * Buckets with n = 0 leave no trace; counts saturate.
 */
size_t hist_merge(const uint8_t *old, size_t len, const struct lk_bucket *add, unsigned int nr,
		  uint8_t *out);

/* All zero is empty, except lo: use hist_sum_init(). Only [lo, hi) can be non-zero. */
struct hist_sum {
	uint32_t lo, hi;
	uint64_t n[LK_HIST_BUCKETS];
};

void hist_sum_init(struct hist_sum *s);
/* Empty a sum; costs only as much as was in it. */
void hist_sum_clear(struct hist_sum *s);
void hist_sum_add(struct hist_sum *s, const uint8_t *packed, size_t len);

/* Its buckets that are not zero, ascending, into arrays of LK_HIST_BUCKETS; returns how many. */
unsigned int hist_sum_list(const struct hist_sum *s, uint32_t *index, uint64_t *n);

/*
 * Quantile q (0..1) of a histogram given as ascending buckets: the middle of
 * the bucket of the ceil(q * count)-th smallest, clamped to [min_ns, max_ns];
 * 0 when empty. Within 1.6 % of the exact value, but for the last bucket, which
 * is open above.
 */
uint64_t hist_quantile(const uint32_t *index, const uint64_t *n, unsigned int nr, double q,
		       uint64_t min_ns, uint64_t max_ns);

#endif /* LK_HIST_H */
