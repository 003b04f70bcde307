/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by expect.c (what occurs here) and expect_known.c (what is looked for). Nobody
 * else includes this.
 */
#ifndef LK_EXPECT_PRIV_H
#define LK_EXPECT_PRIV_H

#include "../base/strpool.h"
#include "../base/vec.h"
#include "expect.h"
#include "graph.h"
#include "lockalias.h"

#define EXPECT_NONE	UINT32_MAX
#define EXPECT_FUNCS	6	/* functions that take a lock in a report; more are not kept */

struct xlock {			/* a lock of a known bug */
	struct lockalias alias;
	const char *func[EXPECT_FUNCS];
	unsigned int nr_func;
	VEC(uint32_t) class;	/* those here that are it, before merging */
};

struct xbug {
	struct expect_bug pub;
	unsigned int nr_locks;
	struct xlock *lock;
	struct expect_lock *lock_pub;	/* of the same numbers */
	struct expect_link *link;	/* link i leads to lock i, from lock i - 1 or the last one */
	VEC(const char *) inside;	/* every function of its stacks */
};

struct expect {
	struct strpool str;
	VEC(struct xbug) bug;
	const struct model *m;		/* during an update */
	/* What of it was looked at. */
	uint32_t nr_classes, nr_edges;
	uint64_t findings_version;
	VEC(uint8_t) marked;		/* by class: a lock of some bug */
	/* The graph of strong orders, for paths: by class, by edge. */
	VEC(uint32_t) head, next, parent, queue;
};

/* Fill @e with the findings of @known. 0 or -ENOMEM. */
int expect_read_known(struct expect *e, const struct model *known);
void expect_bug_done(struct xbug *b);

/* Is the class @root, which was merged into no other, the lock? */
bool expect_is_lock(const struct expect *e, const struct xlock *x, uint32_t root);

/*
 * The graph, of orders of exclusive holders alone: a path over readers may be none. 0 or
 * -ENOMEM. Before expect_find_path().
 */
int expect_make_graph(struct expect *e);
/* Is there a path from @held to @taken? The shortest one, into @l. */
bool expect_find_path(struct expect *e, const struct xlock *held, const struct xlock *taken,
		      struct expect_link *l);

#endif /* LK_EXPECT_PRIV_H */
