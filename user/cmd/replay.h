/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording as a trace that can be stopped, gone on with and gone back in. Its
 * positions are its ticks: 0 = the start, n = after the n-th tick, the last one
 * with all that is behind it. Going back begins anew from the start.
 */
#ifndef LK_REPLAY_H
#define LK_REPLAY_H

#include <stdbool.h>

#include "../base/vec.h"
#include "intake.h"
#include "snapshot.h"

struct replay {
	const char *name;
	struct talk *talk;
	struct intake in;
	struct model *model;
	struct facts facts;
	VEC(uint64_t) tick;		/* times; at least one */
	uint64_t start_ns;
	size_t at;			/* position */
	bool over;			/* everything has been read */
};

/* Look through it, and stop at the start. 0 or -errno with a sentence. replay_done() is due. */
int replay_open(struct replay *r, const char *name, struct talk *talk, struct diag *why);
void replay_done(struct replay *r);

/* One tick further; nothing at the end. 0 or -errno with a sentence. */
int replay_step(struct replay *r, struct diag *why);
/* Back to the start. As replay_step(). */
int replay_rewind(struct replay *r, struct diag *why);

/* The time of a position. */
uint64_t replay_time(const struct replay *r, size_t at);

#endif /* LK_REPLAY_H */
