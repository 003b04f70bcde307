/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings of a live run, each told at the moment it is made: in full once, and
 * in short when its severity has risen since.
 */
#ifndef LK_TELL_H
#define LK_TELL_H

#include "../base/vec.h"
#include "render.h"

/* What was told so far; all zero at first. */
struct tell {
	VEC(uint8_t) told;	/* by finding: the severity it was told with; 0 = not told */
	VEC(uint32_t) expected;	/* by known bug: how much of it was told */
};

/*
 * Tell what is new about the findings that pass the filter of @opts, in a format
 * that has findings (renderer.finding). Flushed. 0, -ENOMEM or -EIO.
 */
int tell_findings(struct tell *t, const struct model *m, const struct renderer *r,
		  const struct render_opts *opts, FILE *out);

/*
 * The same for the known bugs of opts->expect, each when more of it was seen: a link, a
 * function entered, the whole. As tell_findings().
 */
int tell_expected(struct tell *t, const struct model *m, const struct renderer *r,
		  const struct render_opts *opts, FILE *out);

void tell_done(struct tell *t);

#endif /* LK_TELL_H */
