/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to leave out when a trace costs more than it may, and when to take it back.
 * Pure: it is told what the trace cost, and when.
 *
 * Two measurements over the budget in a row shed one level. Less than half of the budget
 * for some time takes one level back; if that turns out to be too much again, it takes
 * twice the time before the next try, so that it does not flap.
 */
#ifndef LK_BUDGET_H
#define LK_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Each is shed in addition to those before it. Where a sleeping lock is not followed, what else is held with it
 * can look as if two orders were possible at the same time that are not: a mutex that is always held around both
 * keeps them apart. So order among sleeping locks is never thinned out by function, only in time: in a slice, all
 * of it is seen. Nothing that sleeps is taken inside a spinlock, so those can go alone.
 */
enum budget_level {
	BUDGET_ALL,		/* nothing is shed */
	BUDGET_NO_SPIN,		/* order of locks that spin */
	BUDGET_NO_HOLDS,	/* hold times */
	BUDGET_SLICES,		/* sampling: order in a slice of the time only */
	BUDGET_NO_ORDER,	/* order, and the lockdep tier */
	BUDGET_LEVELS,
};

#define BUDGET_PERIOD_NS	(1000ull * 1000000)	/* one measurement in each; when nothing is near the budget, in: */
#define BUDGET_PERIOD_MAX_NS	(8 * BUDGET_PERIOD_NS)
#define BUDGET_PATIENCE_NS	(10ull * 1000000000)	/* under half of it for so long: take back */
#define BUDGET_PATIENCE_MAX_NS	(64 * BUDGET_PATIENCE_NS)

struct budget {
	uint32_t allowed_ppm;		/* millionths of all CPUs together */
	uint32_t usable;		/* bit n: level n sheds something here; bit 0 is set */
	enum budget_level level;
	unsigned int over;		/* measurements over the budget in a row */
	unsigned int calm;		/* measurements under half of it in a row, with nothing shed */
	uint64_t under_ns;		/* since then it is under half of it; 0 = it is not */
	uint64_t retaken_ns;		/* when something was last taken back; 0 = never, or it went well */
	uint64_t patience_ns;
};

/* @usable: see there; without any bit but 0, nothing is ever shed. */
void budget_init(struct budget *b, uint32_t allowed_ppm, uint32_t usable);

/*
 * At @now_ns (never 0, growing) the trace was measured to cost @cost_ppm. True if b->level
 * has changed, by one usable level.
 */
bool budget_measured(struct budget *b, uint64_t now_ns, uint32_t cost_ppm);

/*
 * What was to be taken back is in effect since @now_ns, for whoever needs time to do that: whether it is too much
 * again shows only from then on.
 */
void budget_retaken(struct budget *b, uint64_t now_ns);

/* What was to be taken back cannot be had any more, nor any level before it: back to the one after it. */
void budget_refused(struct budget *b);

/*
 * From the beginning of one measurement to that of the next. Each makes the kernel patch itself, which interrupts
 * every processor, twice: where all was well for long, it comes less often, and a rise is seen so much later.
 */
uint64_t budget_period_ns(const struct budget *b);

#endif /* LK_BUDGET_H */
