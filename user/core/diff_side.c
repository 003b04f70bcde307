// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each of two compared models could know at all: how long, which tiers and types of
 * locks, limited to what, and what was lost on the way.
 */
#include <stddef.h>
#include <string.h>

#include "diff_priv.h"
#include "loss.h"
#include "sat.h"

static const char *const tier_names[DIFF_TIERS] = {
	[DIFF_CONTENTION] = "contention", [DIFF_ORDER] = "order", [DIFF_LOCKDEP] = "lockdep",
	[DIFF_KERNEL] = "",
};

/* --- loss ----------------------------------------------------------------------------------- */

enum { HITS_WAITS = 1, HITS_ROWS = 2, HITS_ORDER = 4, HITS_ALL = HITS_ROWS | HITS_ORDER };

/*
 * What a counter that means loss may have taken away. HITS_WAITS: so many waits at most, or
 * they lack what they are compared by; HITS_ROWS: an unknown number of them. What is
 * not in here blurs something that is not compared.
 */
static const struct { uint32_t counter, hits; } hits[] = {
	{ LK_STAT_ROWS_FULL, HITS_WAITS }, { LK_STAT_FOLD_FULL, HITS_WAITS },
	{ LK_STAT_WAITERS_FULL, HITS_WAITS }, { LK_STAT_LOCKS_FULL, HITS_WAITS },
	{ LK_STAT_STACK_COLLISION, HITS_WAITS }, { LK_STAT_STACK_FAULT, HITS_WAITS },
	{ LK_STAT_NEST_DEPTH, HITS_WAITS }, { LK_STAT_STALE_WAIT, HITS_WAITS },
	{ LK_STAT_RECURSION, HITS_WAITS }, { LK_STAT_MAP_BUSY, HITS_WAITS },
	{ LK_STAT_TASKS_FULL, HITS_ALL }, { LK_STAT_DRAIN, HITS_ALL },
	{ LK_STAT_SLOTS_FULL, HITS_ORDER }, { LK_STAT_HELD_OVERFLOW, HITS_ORDER },
	{ LK_STAT_UNMATCHED_RELEASE, HITS_ORDER }, { LK_STAT_ORDER_RING_FULL, HITS_ORDER },
	{ LK_STAT_LOCKDEP_OFF, HITS_ORDER }, { LK_STAT_SITE_UNKNOWN, HITS_ORDER },
	{ LK_STAT_NMI_SKIP, HITS_ORDER }, { LK_STAT_HISTORY_FULL, HITS_ORDER },
	{ LK_STAT_CWAITS_FULL, HITS_ORDER }, { LK_STAT_CONTEXT_UNKNOWN, HITS_ORDER },
	{ LK_STAT_ORDER_RECURSION, HITS_ORDER },
};

static void init_loss(struct diff_side *side)
{
	const struct model *m = side->m;
	unsigned int i;

	for (i = 0; i < sizeof(hits) / sizeof(hits[0]); i++) {
		uint64_t n = hits[i].counter < model_nr_loss(m) ? model_loss(m, hits[i].counter) : 0;

		if (n && hits[i].hits & HITS_WAITS)
			side->lost_waits = sat_add(side->lost_waits, n);
		side->lossy_waits |= n && hits[i].hits & HITS_ROWS;
		side->lossy_order |= n && hits[i].hits & HITS_ORDER;
	}
	for (i = LK_STAT_NR; i < model_nr_loss(m); i++)
		side->lossy_waits |= model_loss(m, i) != 0;
	side->lossy_waits |= model_nr_gaps(m) != 0;
	for (i = 0; i < model_nr_sources(m); i++)
		side->lossy_waits |= !model_source(m, i)->ended;
	side->lossy_order |= side->lossy_waits;
}

/* --- coverage ------------------------------------------------------------------------------- */

/*
 * The contention tier, the order tier and doctor write the names of some primitives
 * differently; "rwsem:R" is a rwsem.
 */
static bool same_primitive(const char *a, const char *b)
{
	if (!strncmp(a, "pcpu-sem", 8))
		a = "percpu-rwsem";
	for (;; a++, b++) {
		while (*a == '_' || *a == '-')
			a++;
		while (*b == '_' || *b == '-')
			b++;
		if (!*b || *a != *b)
			return !*b && (!*a || *a == ':');
	}
}

static unsigned int rank_of(uint32_t state)
{
	return state == LK_STATE_FULL ? 2 : state == LK_STATE_PARTIAL ? 1 : 0;
}

/*
 * How much is seen of @type (NULL: of anything) in @tier: 0 nothing, 1 some, 2 all, by the
 * best of the sources; -1: the trace does not say.
 */
static int coverage(const struct model *m, enum diff_tier tier, const char *type)
{
	unsigned int i, rank;
	int best = -1;

	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		if (strcmp(c->tier, tier_names[tier]) || (type && !same_primitive(type, c->primitive)))
			continue;
		rank = rank_of(c->state);
		best = (int)rank > best ? (int)rank : best;
	}
	return best;
}

static bool has_class_of(const struct model *m, uint32_t tier)
{
	unsigned int i;

	for (i = 0; i < model_nr_classes(m); i++)
		if (model_class(m, i).tier == tier)
			return true;
	return false;
}

static bool has_import(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_sources(m); i++)
		if (model_source(m, i)->flags & LK_META_IMPORTED)
			return true;
	return false;
}

void diff_side_init(struct diff_side *side, const struct model *m)
{
	unsigned int i;

	*side = (struct diff_side){ .m = m, .duration_ns = model_duration_ns(m) };
	side->traced[DIFF_CONTENTION] = coverage(m, DIFF_CONTENTION, NULL) > 0 || model_nr_rows(m);
	side->traced[DIFF_ORDER] = coverage(m, DIFF_ORDER, NULL) > 0 || has_class_of(m, LK_TIER_ORDER);
	side->traced[DIFF_LOCKDEP] = coverage(m, DIFF_LOCKDEP, NULL) > 0 ||
				     has_class_of(m, LK_TIER_LOCKDEP);
	side->traced[DIFF_KERNEL] = has_import(m);
	for (i = 0; i < model_nr_sources(m); i++)
		side->filtered |= model_source(m, i)->filter[0] != '\0';
	init_loss(side);
}

unsigned int diff_doubt(const struct diff_side *absent, const struct diff_side *present,
			enum diff_tier tier, const char *type)
{
	bool lossy = tier == DIFF_CONTENTION ? absent->lossy_waits || absent->lost_waits :
					       absent->lossy_order;
	unsigned int doubt = lossy ? DIFF_LOSSY : 0;

	/* Rates do not mind the length of a trace, and the time that a log covers is not known. */
	if (tier != DIFF_CONTENTION && tier != DIFF_KERNEL &&
	    absent->duration_ns < present->duration_ns - present->duration_ns / 10)
		doubt |= DIFF_SHORTER;
	if (!absent->traced[tier] ||
	    (tier != DIFF_KERNEL && coverage(absent->m, tier, type) < coverage(present->m, tier, type)))
		doubt |= DIFF_UNSEEN;
	if (absent->filtered && !present->filtered)
		doubt |= DIFF_FILTERED;
	return doubt;
}
