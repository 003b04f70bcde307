/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of a view, shared by the view*.c files.
 *
 * Items (the model's rows, of waits or of holds, or for VIEW_OWNER its owner rows and
 * what no owner is known for) pass the filter, get a group by the dimensions, and are summed.
 * Groups are sorted and cut, and only those that are left become view rows:
 * what is costly (percentiles, owners, what members share) is done for these.
 *
 * Texts are numbered by the view's string pool, so that equality of texts is
 * equality of numbers. Order never comes from numbers, only from the texts.
 */
#ifndef LK_VIEW_PRIV_H
#define LK_VIEW_PRIV_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "model_priv.h"
#include "view.h"

#define NO_GROUP	UINT32_MAX
#define NO_NUMBER	UINT32_MAX

/* One contribution to a group. Numbers are the model's; NO_NUMBER = has none. */
struct item {
	uint32_t row;			/* number of the row or owner row; NO_NUMBER: has no histogram */
	uint32_t lock, stack, cgroup;
	uint32_t tid, tgid, cpu;	/* of the owner with VIEW_OWNER, else of who waited or held */
	uint8_t lcb, ctx, reader;
	bool has_task;			/* tid and tgid are known */
	uint32_t comm;			/* the model's string; 0 = not known */
	uint64_t count, total_ns, max_ns, min_ns, last_ns, waiting;
};

/* What makes a group; members of dimensions that are not grouped by are 0. */
struct group_key {
	uint64_t addr;
	uint32_t lock, type, caller, module, cgroup;	/* texts */
	uint32_t ctx;
	uint32_t source;	/* + 1, where numbers are scoped by it */
	uint32_t has_task, tid, tgid, cpu;
	uint32_t pad;
};
_Static_assert(sizeof(struct group_key) == 56, "group_key has padding");

struct group {
	uint64_t count, total_ns, max_ns, min_ns;
	uint32_t first, nr;	/* in members[] */
};

struct view_ctx {
	const struct model *m;
	const struct view_opts *opts;	/* during view_build() only */
	unsigned int dims;
	enum view_key key;

	/* view_text.c */
	struct strpool str;
	uint32_t *name_text;		/* by number in m->lock_names; + 1, 0 = not yet */
	struct stack_text *stack_text;	/* by number of the stack */
	uint32_t *cgroup_text;		/* by number of the cgroup; + 1, 0 = not yet */
	struct htab sites;		/* struct site_key */
	VEC(uint32_t) site_text;
	uint32_t type_text[LK_LCB_MASK + 1];
	uint32_t unknown_text, folded_text;

	/* view_filter.c: 0 = not yet, else 1 + does it pass? */
	VEC(uint8_t) lock_pass;		/* by text */
	uint8_t *stack_pass, *cgroup_pass;	/* by number */

	/* view_group.c */
	uint32_t nr_items;
	uint32_t *item_group;		/* NO_GROUP = filtered out */
	uint32_t *members;		/* items, group by group */
	struct htab groups;		/* struct group_key */
	VEC(struct group) group;
	uint32_t *order;		/* groups, first to show first */
	uint64_t count, total_ns;

	/* view_row.c */
	struct row_scratch *scratch;

	/* view_owner.c */
	struct owner_scratch *owners;
};

/* The rows that are viewed, but for VIEW_OWNER. */
static inline const struct agg_table *view_rows(const struct view_ctx *c)
{
	return c->opts->holds ? &c->m->holds : &c->m->rows;
}

/* --- view_text.c ------------------------------------------------------------------------ */

int view_text_init(struct view_ctx *c);
void view_text_done(struct view_ctx *c);
/* Texts, by number in c->str: 0 or -ENOMEM. */
int view_text_caller(struct view_ctx *c, uint32_t stack, uint32_t *caller, uint32_t *module);
int view_text_lock(struct view_ctx *c, const struct item *it, uint32_t *text);
int view_text_cgroup(struct view_ctx *c, uint32_t cgroup, uint32_t *text);
/* What named the lock; NULL for folded rows. *cache: "" = not known. */
const char *view_named_by(const struct view_ctx *c, const struct item *it, const char **cache);

static inline bool item_is_folded(const struct view_ctx *c, const struct item *it)
{
	return !lock_key(c->m, it->lock)->addr;
}

/* --- view_filter.c ---------------------------------------------------------------------- */

int view_filter_init(struct view_ctx *c);
void view_filter_done(struct view_ctx *c);
/* Does everything pass? */
bool view_filter_is_empty(const struct view_ctx *c);
/* 1 = passes, 0 = does not, or -ENOMEM. */
int view_filter_pass(struct view_ctx *c, const struct item *it);

/* --- view_group.c ----------------------------------------------------------------------- */

/* Everything up to c->order. */
int view_group(struct view_ctx *c);
void view_group_done(struct view_ctx *c);
/* The i-th item; from the i-th row; from the i-th owner row. */
void view_item(const struct view_ctx *c, uint32_t i, struct item *it);
void view_row_item(const struct view_ctx *c, uint32_t i, struct item *it);
void view_owner_item(const struct view_ctx *c, uint32_t i, struct item *it);

/* --- view_owner.c ----------------------------------------------------------------------- */

/* After view_filter_init(). */
int view_owner_init(struct view_ctx *c);
void view_owner_done(struct view_ctx *c);
/* With VIEW_OWNER: waits without a known owner, and whether an owner row (or such an item) counts. */
uint32_t view_owner_nr_unowned(const struct view_ctx *c);
void view_owner_unowned(const struct view_ctx *c, uint32_t i, struct item *it);
bool view_owner_pass(const struct view_ctx *c, const struct item *it);
/* Otherwise: find the main owner of a group, or with holds the main holder, item by item. */
void view_owner_begin(struct view_ctx *c);
void view_owner_add(struct view_ctx *c, const struct item *it);
void view_owner_fill(const struct view_ctx *c, struct view_row *row);

/* --- view_row.c ------------------------------------------------------------------------- */

int view_row_init(struct view_ctx *c);
void view_row_done(struct view_ctx *c);
/* A quantile of a group; 0 without histogram. */
uint64_t view_quantile(struct view_ctx *c, uint32_t group, double q);
int view_row_fill(struct view_ctx *c, uint32_t group, struct view_row *row);
/* The histogram of the group that was filled last. */
const struct hist_sum *view_row_hist(const struct view_ctx *c);

#endif /* LK_VIEW_PRIV_H */
