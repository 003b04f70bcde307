/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording on its way into a model, event by event. Damage is noted in the
 * model, told, and skipped; what is missing at the end, too.
 */
#ifndef LK_INTAKE_H
#define LK_INTAKE_H

#include <stdint.h>

#include "../core/event.h"

struct diag;
struct model;
struct reader;
struct talk;

struct intake {
	const char *name;
	struct reader *reader;
	struct model *model;
	struct talk *talk;		/* NULL = say nothing */
	const struct lk_sink *also;	/* gets every event that the model took; NULL = nobody */
	uint64_t nr_gaps;
};

/* For what comes by intake_event(); nothing is opened. */
void intake_init(struct intake *in, const char *name, struct model *m, struct talk *talk);

/*
 * @name: a path, or "-" = standard input. @fd: it was opened as that already, and stays the
 * caller's; -1 = not. 0 or -errno with a sentence.
 */
int intake_open(struct intake *in, const char *name, int fd, struct model *m, struct talk *talk,
		struct diag *why);
void intake_done(struct intake *in);

/* One event, of whatever producer. 0 (also if the model refused it, which is noted) or -errno. */
int intake_event(struct intake *in, const struct lk_event *ev, struct diag *why);
/* Something is missing in it, which no event says: @sentence is noted and told. 0 or -ENOMEM. */
int intake_gap(struct intake *in, const char *sentence);
/* After the last one: note what was not told singly. 0 or -ENOMEM. */
int intake_end(struct intake *in);

/*
 * The next event into the model. 1 and the event in *ev (kind 0: it was damaged),
 * 0 at the end, or -errno: it cannot be read further.
 */
int intake_next(struct intake *in, struct lk_event *ev, struct diag *why);

/* After the end, or after the error @err of intake_next(): note what is missing. 0 or -errno. */
int intake_finish(struct intake *in, int err, struct diag *why);

#endif /* LK_INTAKE_H */
