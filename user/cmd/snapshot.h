/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saving a trace that goes on. A recording is a sequence of events, and a screen
 * that stays open for days cannot keep them all; but sums are in the model, and
 * of everything else there is one event only: these are kept, in a file in
 * memory. A snapshot is those, then the sums as they are now.
 */
#ifndef LK_SNAPSHOT_H
#define LK_SNAPSHOT_H

#include "../core/event.h"

struct diag;
struct model;
struct writer;

struct facts {
	int fd;			/* -1 = none */
	struct writer *writer;
	struct lk_sink sink;	/* keeps what a snapshot will need */
};

/* 0 or -errno with a sentence. facts_done() is due in every case. */
int facts_init(struct facts *f, struct diag *why);
void facts_done(struct facts *f);
/* Forget all. As facts_init(). */
int facts_reset(struct facts *f, struct diag *why);

/*
 * Write the trace up to @now_ns (CLOCK_MONOTONIC of the source), with these @nr waits that
 * have not ended and that @m has not counted, to @path. 0 or -errno with a sentence:
 * -ENODATA, and no file, if nothing has come.
 */
int snapshot_save(struct facts *f, const struct model *m, const struct lk_ev_wait *wait,
		  unsigned int nr, uint64_t now_ns, const char *path, struct diag *why);

#endif /* LK_SNAPSHOT_H */
