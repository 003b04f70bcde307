/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the order tiers (bpf/abi_order.h) as events: LK_EV_ORDER, ODD and
 * CLASS, each behind the LK_EV_SYM, STACK, CLASS and SITE events that explain it.
 */
#ifndef LK_RECORDS_H
#define LK_RECORDS_H

#include <stddef.h>

#include "../core/event.h"

struct inits;
struct members;
struct percpu;
struct records;
struct resolver;

/* All stay the caller's. */
struct records_opts {
	struct resolver *resolver;
	const struct percpu *percpu;
	struct members *members;
	struct inits *inits;
	uint32_t weight;		/* acquisitions that a sample stands for */
};

/* NULL when out of memory. */
struct records *records_new(const struct records_opts *o);
void records_free(struct records *r);

/* Modules came or went: what lies in them may be something else now, and is described again. */
void records_modules(struct records *r);

/*
 * One record from a ring. A kind that is not known, or a size that does not fit, is
 * skipped. 0, or what the sink or malloc returned.
 */
int records_put(struct records *r, const struct lk_sink *sink, const void *data, size_t size);

#endif /* LK_RECORDS_H */
