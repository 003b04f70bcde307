/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic recordings: a run that could have been, made from a seed. The same
 * options give the same events, on every machine. What the events say agrees
 * with itself: the single waits add up to the rows, rows to the owner rows, and
 * histograms to counts, so that tests can check what is reported.
 *
 * For unit tests, benchmarks and golden files.
 */
#ifndef LK_MKREC_H
#define LK_MKREC_H

#include "../../user/core/event.h"

struct diag;

struct mkrec_opts {
	uint64_t seed;
	uint64_t waits;		/* finished waits over all */
	unsigned int rows;	/* contention rows; 0 = 16. Locks, stacks and tasks go with it */
	unsigned int intervals;	/* ticks; 0 = 1 */
	unsigned int waiting;	/* tasks that still wait at the end */
	bool emit_waits;	/* one LK_EV_WAIT for each, too */
	bool no_end;		/* leave out LK_EV_END (and, in a file, the END block) */
	const char *host;	/* NULL = "testhost" */
	unsigned int orders;	/* lock orders, a tenth of them inverted (mkorder.h); 0 = none */
	uint32_t loss;		/* a count for LK_STAT_ROWS_FULL; 0 = none */
};

/* The events of the run. 0, -ENOMEM or what the sink said. */
int mkrec_emit(const struct mkrec_opts *opts, const struct lk_sink *sink);

/* The run as a file. 0 or negative errno, explained in @why. */
int mkrec_write(const struct mkrec_opts *opts, const char *path, struct diag *why);

#endif /* LK_MKREC_H */
