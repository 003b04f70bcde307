/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known bugs and whether this host is exposed to them: which links of a known cycle occur
 * here. What is known are findings of another model, such as a report of lockdep from
 * some bug tracker; what occurs are the orders of a trace.
 *
 * A lock is found again by its name as of today (lockalias.h), or, where a class is known
 * here by the function that takes it only, by the functions that take it in the report.
 * A link counts as seen where that order was seen, and as indirect where a short path of
 * other orders leads the same way: the cycle closes all the same. So it does over locks
 * that are not seen here (those of lockdep's own making, say), where a path leads from
 * what was held before them to what was taken after them.
 *
 * Complete is more than all links seen: they may have been seen under one common lock only,
 * or by readers only, and then nothing is found here. A bug is complete when a finding of
 * the trace has two of its locks, or the one of a recursion, and all its links are there.
 *
 * Pure, as all of core/.
 */
#ifndef LK_EXPECT_H
#define LK_EXPECT_H

#include "finding.h"

enum expect_state {		/* of a known bug, in rising order; the strings are part of the JSON contract */
	EXPECT_NO_CYCLE	= 1,	/* "no-cycle": it has no order of locks that could be looked for */
	EXPECT_UNSEEN,		/* "unseen": no link of it */
	EXPECT_PARTLY,		/* "partly": some links */
	EXPECT_AT_RISK,		/* "at-risk": a watched function of it was entered with a lock of it held */
	EXPECT_COMPLETE,	/* "complete": all links, and they can deadlock */
};

enum expect_link_state {
	EXPECT_LINK_UNSEEN = 1,	/* "unseen" */
	EXPECT_LINK_INDIRECT,	/* "indirect" */
	EXPECT_LINK_SEEN,	/* "seen" */
};

#define EXPECT_VIA_MAX	3	/* classes between the ends of an indirect link */

struct expect_lock {
	const char *name;	/* as the report has it */
	const char *today;	/* as it is called today */
	uint32_t class;		/* the first class here that is it; UINT32_MAX: none */
};

struct expect_link {
	const struct expect_lock *held, *taken;
	enum expect_link_state state;
	uint32_t edge;		/* SEEN: index for model_edge(); UINT32_MAX: by a finding */
	unsigned int nr_via;	/* INDIRECT: the classes between */
	uint32_t via[EXPECT_VIA_MAX];
};

struct expect_bug {
	const struct finding *known;
	const char *title, *file;	/* of the report; "" where it is a finding of a recording */
	enum expect_state state;
	unsigned int nr_links, nr_seen;		/* nr_seen: also those that are indirect */
	const struct expect_link *link;
	const struct finding *found;	/* COMPLETE: the worst of the trace's findings that says so */
	const char *watch;	/* AT_RISK and above: the function that was entered; NULL = none */
	uint32_t watch_class;	/* with this class held */
};

struct expect;

/* What is to be looked for: the findings of @known, which must stay as it is. NULL when out of memory. */
struct expect *expect_new(const struct model *known);
void expect_free(struct expect *e);

unsigned int expect_nr(const struct expect *e);
/* Valid until the next expect_update(). */
const struct expect_bug *expect_bug(const struct expect *e, unsigned int i);

/*
 * Look at @m, always the same one, again. 1 if a bug's state or number of links seen has
 * risen, 0, or -ENOMEM. Cheap where there are no new classes, orders or findings in it.
 */
int expect_update(struct expect *e, const struct model *m);

/* Are any complete or at risk? */
unsigned int expect_nr_exposed(const struct expect *e);

const char *expect_state_str(enum expect_state state);
const char *expect_link_state_str(enum expect_link_state state);

#endif /* LK_EXPECT_H */
