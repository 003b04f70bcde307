/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of a comparison, shared by the diff*.c files.
 */
#ifndef LK_DIFF_PRIV_H
#define LK_DIFF_PRIV_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "diff.h"

/* What the arrays of a struct diff lie in. */
struct diff_ctx {
	struct strpool str;		/* names, so that equality is that of numbers */
	VEC(struct diff_finding) finding;
	VEC(struct diff_class) class;
	VEC(struct diff_edge) edge;
	VEC(struct diff_wait) wait;
	struct view view[DIFF_SIDES];
};

/* --- diff_side.c ------------------------------------------------------------------------ */

void diff_side_init(struct diff_side *side, const struct model *m);
/*
 * Why may @absent lack what @present has of tier @tier and of locks of @type (NULL: any)?
 * enum diff_doubt.
 */
unsigned int diff_doubt(const struct diff_side *absent, const struct diff_side *present,
			enum diff_tier tier, const char *type);

/* What it means that only the model @side has something, when @doubt is what speaks against the other. */
static inline enum diff_state diff_only_in(unsigned int side, unsigned int doubt)
{
	if (side == DIFF_NOW)
		return doubt ? DIFF_MAYBE_NEW : DIFF_NEW;
	return doubt ? DIFF_MAYBE_GONE : DIFF_GONE;
}

static inline enum diff_tier diff_tier_of(uint32_t tier)
{
	return tier == LK_TIER_LOCKDEP ? DIFF_LOCKDEP : DIFF_ORDER;
}

/* diff_doubt() of what only the model @side has. */
static inline unsigned int diff_doubt_of(const struct diff *d, unsigned int side, enum diff_tier tier,
					 const char *type)
{
	return diff_doubt(&d->side[!side], &d->side[side], tier, type);
}

/* --- diff_finding.c --------------------------------------------------------------------- */

/* The findings of both. 0 or -ENOMEM. */
int diff_findings(struct diff *d, const struct diff_opts *opts);

/* --- diff_wait.c ------------------------------------------------------------------------ */

/* The waits of both, tested. 0, -ENOMEM or -EINVAL. */
int diff_waits(struct diff *d, const struct view_opts *opts);

#endif /* LK_DIFF_PRIV_H */
