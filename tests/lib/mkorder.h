/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic lock orders: static locks in a hidden order, taken in pairs and in
 * threes by several tasks, some by readers; some orders are inverted at the end.
 * The same options give the same events. For mkrec.h and benchmarks.
 */
#ifndef LK_MKORDER_H
#define LK_MKORDER_H

#include "../../user/core/event.h"

struct mkorder_opts {
	uint64_t seed;
	uint64_t start_ns;
	unsigned int classes;	/* 0 = 16 */
	unsigned int orders;	/* LK_EV_ORDER, each between classes drawn anew */
	unsigned int inversions; /* of the first orders, by another task */
	uint32_t stack;		/* of all of them */
};

/* CLASS, SYM, ORDER, ODD, WATCH and WATCHED events, behind a META. 0 or what the sink said. */
int mkorder_emit(const struct mkorder_opts *opts, const struct lk_sink *sink);

#endif /* LK_MKORDER_H */
