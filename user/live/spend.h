/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The budget of a session: what the trace costs, and what is left out when that is too
 * much (core/budget.h says when). Only the order and lockdep tiers can be left out;
 * waits are always traced.
 */
#ifndef LK_SPEND_H
#define LK_SPEND_H

#include "../core/budget.h"
#include "gates.h"

struct spend {
	struct gates *gates;
	struct budget budget;
	bool active;
	const char *why_not;		/* not active: why; "" = nobody wants it */
	unsigned int nr_cpus;		/* online */
	uint32_t dispatch_ns;		/* of one run of a program */
	int stats_fd;			/* run times are measured; -1 = they are not */
	uint64_t next_ns;		/* a measurement begins, or ends */
	uint64_t begin_ns;		/* of this measurement */
	uint64_t run_ns, runs;		/* when it began */
	uint64_t self_ns, self_at_ns;	/* our own CPU time, and when that was looked at */
	uint64_t slice_ns;		/* in slices: this one, or the gap between two, ends */
	bool in_slice;
	bool retaking;			/* what is taken back waits for its hooks; until then, gates are as at: */
	enum budget_level before;
	uint32_t cost_ppm;		/* what led to it */
};

/* @gates are open. @allowed_ppm: of all CPUs together, 0 = no limit. */
void spend_begin(struct spend *s, struct gates *gates, uint32_t allowed_ppm);

/*
 * Measure and change what is due; emits LK_EV_SHED for each change. To be called often. 0 or
 * an error of the sink.
 */
int spend_check(struct spend *s);

/* How long may one wait until the next call? @timeout_ms (-1 = for ever) or less. */
int spend_timeout(const struct spend *s, int timeout_ms);

/* For good; safe to call without spend_begin(). */
void spend_end(struct spend *s);

#endif /* LK_SPEND_H */
