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

/* --- diff_wait.c ------------------------------------------------------------------------ */

/* The waits of both, tested. 0, -ENOMEM or -EINVAL. */
int diff_waits(struct diff *d, const struct view_opts *opts);

#endif /* LK_DIFF_PRIV_H */
