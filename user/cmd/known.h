/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known bugs that the user wants to be looked for (--expect).
 */
#ifndef LK_KNOWN_H
#define LK_KNOWN_H

#include "../core/expect.h"

struct diag;
struct opts;
struct talk;

struct known {			/* all zero: none */
	struct model *model;	/* the findings of the files */
	struct expect *expect;
};

/* Read the files of --expect. 0 (and none, if none was given), or -errno with a sentence. */
int known_open(struct known *k, const struct opts *o, struct talk *talk, struct diag *why);
void known_done(struct known *k);

/* Is any of them complete, or at risk? */
bool known_exposed(const struct known *k);

/* Look at the whole of @m, as if for the first time: what a recording of it would give. 0 or -ENOMEM. */
int known_conclude(struct known *k, const struct model *m);

#endif /* LK_KNOWN_H */
