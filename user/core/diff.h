/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is different between two models: one of now and one of before. Names are the
 * keys (lockname_plain()): of classes, of orders between them, of what is waited for and
 * from where; findings have their ids. Exchanging the models exchanges new and gone, slower and faster.
 *
 * What one of them does not have may have escaped it: where that can be, it is said
 * (enum diff_doubt) and not called new or gone. Waits are compared by tests of
 * significance (stat.h), never by eye.
 *
 * Pure: no I/O, no clock, no globals.
 */
#ifndef LK_DIFF_H
#define LK_DIFF_H

#include "finding.h"
#include "view.h"

enum diff_state {		/* the strings (diff_state_str) are part of the JSON contract */
	DIFF_NEW	= 1,	/* "new" */
	DIFF_GONE	= 2,	/* "gone" */
	DIFF_CHANGED	= 3,	/* "changed" */
	DIFF_MAYBE_NEW	= 4,	/* "maybe-new": the model of before may have missed it */
	DIFF_MAYBE_GONE	= 5,	/* "maybe-gone": that of now may have */
};

/* Why a model may lack what there was; a set of bits. */
enum diff_doubt {
	DIFF_SHORTER	= 1 << 0,	/* "shorter": it covers less time, by more than a tenth */
	DIFF_LOSSY	= 1 << 1,	/* "loss": it lost events, or its end */
	DIFF_UNSEEN	= 1 << 2,	/* "coverage": it sees less of such locks, or nothing */
	DIFF_FILTERED	= 1 << 3,	/* "filter": it is limited to some tasks or types, the other is not */
};

const char *diff_state_str(enum diff_state state);
/* Of bit @i; NULL: there are no more. */
const char *diff_doubt_str(unsigned int i);

enum diff_tier { DIFF_CONTENTION, DIFF_ORDER, DIFF_LOCKDEP, DIFF_KERNEL, DIFF_TIERS };

/* What a model could know. */
struct diff_side {
	const struct model *m;
	uint64_t duration_ns;
	bool traced[DIFF_TIERS];	/* DIFF_KERNEL: it holds texts of others */
	bool filtered;
	bool lossy_order;		/* orders may be missing */
	bool lossy_waits;		/* waits may be missing, and it is not known how many */
	uint64_t lost_waits;		/* that many more may be in no row, or in another one */
};

enum { DIFF_NOW, DIFF_BEFORE, DIFF_SIDES };

struct diff_class {
	enum diff_state state;
	unsigned int doubt;
	uint32_t tier;			/* enum lk_tier */
	const char *name, *type;	/* both make a class; the name without "#2" */
	bool in[DIFF_SIDES];
};

struct diff_edge {
	enum diff_state state;
	unsigned int doubt;
	uint32_t tier;
	const char *from, *to;		/* the same: different instances were nested */
	struct diff_strength {
		uint8_t dep;		/* enum graph_dep; 0: it is not in that model */
		bool completion;
		bool listed;		/* by lockdep only: @dep is not known */
	} in[DIFF_SIDES];
};

struct diff_finding {
	enum diff_state state;		/* DIFF_CHANGED: in its severity */
	unsigned int doubt;
	const struct finding *f[DIFF_SIDES];	/* NULL: it is not in that model */
};

struct diff_test {
	bool done;		/* was there enough to test? */
	int verdict;		/* 0 = no difference; 1 = now there is more of it, -1 = less */
	double q;		/* with this or a greater rate of false discoveries it is one */
	double effect;		/* see struct diff_wait */
};

/* One row of a view in each model. */
struct diff_wait {
	const struct view_row *row[DIFF_SIDES];	/* NULL: it is not in that model */
	unsigned int doubt;		/* why there may have been more in the model with fewer per second */
	struct diff_test rate;		/* waits per second; effect: now / before, HUGE_VAL if there were none */
	struct diff_test length;	/* of all; effect: how probably one of now is longer, 0 .. 1 */
	struct diff_test tail;		/* share of the longest; effect: now / before, as rate */
};

struct diff_opts {
	struct view_opts view;		/* of the waits; entries and gain do not count */
	/* Which findings count; NULL = all. */
	bool (*pass)(const struct model *m, const struct finding *f, const struct view_filter *filter);
};

#define DIFF_LEVEL	0.01	/* share of false discoveries among all verdicts on waits */

struct diff {
	struct diff_side side[DIFF_SIDES];
	/* Only what differs. Findings worst first; the others by their names. */
	struct diff_finding *finding;	unsigned int nr_findings;
	struct diff_class *class;	unsigned int nr_classes;
	struct diff_edge *edge;		unsigned int nr_edges;
	/* All of them, those with a verdict first, and of these those that cost or saved most. */
	struct diff_wait *wait;		unsigned int nr_waits, nr_verdicts, nr_rare;	/* rare: too few for any test */
	unsigned int same_findings, same_classes, same_edges;
	/* Classes and orders of tiers that the other model did not trace, by enum diff_tier. */
	unsigned int skipped[DIFF_TIERS];
	bool waits_compared;		/* both traced contention */
	unsigned int dims;		/* of the waits; enum view_dim */
	void *priv;
};

/*
 * Compare. Both models must live, and must not change, until diff_done(). 0, -ENOMEM or
 * -EINVAL (dimensions that two traces do not share: see diff_dims_ok()).
 */
int diff_build(const struct model *now, const struct model *before, const struct diff_opts *opts,
	       struct diff *out);
void diff_done(struct diff *d);

/* Addresses and tasks have other numbers in every trace. */
static inline bool diff_dims_ok(unsigned int dims)
{
	return !(dims & (VIEW_ADDR | VIEW_TASK | VIEW_PROCESS | VIEW_OWNER));
}

/*
 * What the waits of a row have in common in dimension @dim, of VIEW_LOCK, TYPE, CALLER, CGROUP and
 * CTX; NULL if rows do not stand for it.
 */
const char *diff_wait_text(const struct diff *d, const struct diff_wait *w, enum view_dim dim);

/* Is anything different? What was not compared is not. */
bool diff_any(const struct diff *d);

/* Findings that were not there before, or were no deadlock then and are one now. */
unsigned int diff_nr_new_findings(const struct diff *d);

#endif /* LK_DIFF_H */
