/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sums of untrusted numbers: they stop at the maximum instead of wrapping.
 */
#ifndef LK_SAT_H
#define LK_SAT_H

#include <stdint.h>

static inline uint64_t sat_add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

#endif /* LK_SAT_H */
