/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sink of a trace: each event goes to the model, to the recording, or to
 * both, and is tallied for the closing note. Whoever wants to know of findings
 * is called within the event that made them.
 */
#ifndef LK_TEE_H
#define LK_TEE_H

#include "../core/event.h"

struct model;
struct writer;

struct tee {
	struct model *model;		/* NULL = none */
	bool findings_only;		/* the model counts findings: it gets no waits, and may fail */
	/* After an event that made a finding or raised its severity; may be NULL. */
	void (*found)(void *ctx);
	/* After an event about orders or watched functions; may be NULL. */
	void (*order)(void *ctx);
	/* When something is not traced for a while, or is again; may be NULL. */
	void (*shed)(void *ctx, const struct lk_ev_shed *e);
	void *shed_ctx;
	void *ctx;
	unsigned int findings;		/* so far */
	uint64_t findings_version;
	struct writer *writer;		/* NULL = none */
	int writer_err;			/* first failure of the recording; it gets nothing more */
	const struct lk_sink *also;	/* gets every event, too; may stop the producer. NULL = none */
	uint64_t waits;			/* also those that had not ended */
	uint64_t start_ns, end_ns;	/* of the source */
	bool ended;			/* LK_EV_END came */
	uint64_t lost;			/* counts of counters that mean loss */
	unsigned int lost_counter;	/* one of them */
	unsigned int sheds;		/* times that something was not traced for a while */
	uint64_t start_real_ns;		/* start_ns by the clock on the wall */
	uint32_t nr_cpus;
};

/*
 * A failing recording does not end a run that has a model to report on. Without
 * one, or with one for findings only, it stops the producer.
 */
struct lk_sink tee_sink(struct tee *t);

#endif /* LK_TEE_H */
