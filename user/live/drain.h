/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's tables as events: what each row gained since the last look.
 *
 * The tables only grow; user space keeps what it has seen and emits the
 * difference. Nothing is ever deleted while programs run, so nothing can be
 * lost between reading and deleting.
 */
#ifndef LK_DRAIN_H
#define LK_DRAIN_H

#include "../core/event.h"

struct drain;
struct resolver;

struct drain_maps {
	int rows, folds, owners, hist, waiters, cpus, stats;	/* descriptors, the caller's */
	unsigned int nr_hist, nr_waiters;			/* their sizes */
	unsigned int nr_cpus;					/* possible CPUs */
	int hold_rows, hold_folds, hold_hist;			/* hold times; -1 = there are none */
	unsigned int nr_hold_hist;
};

/* 0 or -errno; maps the histogram blocks. */
int drain_new(const struct drain_maps *maps, struct drain **ret);
void drain_free(struct drain *d);

/* Sums of our programs' recursion_misses so far. */
struct drain_misses {
	uint64_t contention, order;
};

/*
 * Emit the gain of every row, owner row, row of hold times and loss counter. @final: nothing runs any
 * more.
 */
int drain_tick(struct drain *d, struct resolver *r, const struct lk_sink *sink,
	       const struct drain_misses *misses, bool final);

/*
 * Emit LK_EV_WAITING for every wait that has not ended at @now_ns. @recent: names of tasks
 * may be some seconds old.
 */
int drain_waiting(struct drain *d, struct resolver *r, const struct lk_sink *sink, uint64_t now_ns,
		  bool recent);

#endif /* LK_DRAIN_H */
