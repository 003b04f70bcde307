/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sink of a trace: each event goes to the model, to the recording, or to
 * both, and is tallied for the closing note.
 */
#ifndef LK_TEE_H
#define LK_TEE_H

#include "../core/event.h"

struct model;
struct writer;

struct tee {
	struct model *model;		/* NULL = none */
	struct writer *writer;		/* NULL = none */
	int writer_err;			/* first failure of the recording; it gets nothing more */
	uint64_t waits;			/* also those that had not ended */
	uint64_t start_ns, end_ns;	/* of the source */
	bool ended;			/* LK_EV_END came */
	uint64_t lost;			/* counts of counters that mean loss */
	unsigned int lost_counter;	/* one of them */
};

/*
 * A failing recording does not end a run that has a model: the report is still
 * wanted. Without a model it stops the producer.
 */
struct lk_sink tee_sink(struct tee *t);

#endif /* LK_TEE_H */
