/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel lets us see: by trying, not by version. Works without
 * privileges too, and then says what it could not try.
 */
#ifndef LK_PROBE_H
#define LK_PROBE_H

#include "../../bpf/abi.h"
#include "../core/event.h"

struct features;
struct lockdep;
struct hooks;

struct probe_row {
	char primitive[24], tier[16];
	uint32_t state;			/* enum lk_state; UNKNOWN = could not be tried */
	char reason[280];
	char remedy[200];		/* "" where there is none */
};

/* One thing tried or looked up: "BTF", "raw tracepoints", "kallsyms addresses", ... */
struct probe_fact {
	char name[40];
	bool known, ok;
	char detail[160];
};

struct probe {
	char kernel[65], arch[65], host[65];
	bool privileged;
	struct probe_fact *fact;
	unsigned int nr_facts;
	struct probe_row *row;		/* every primitive in every tier */
	unsigned int nr_rows;
};

/* What a trace (or a trial of one) has got: the rows say so. */
struct probe_tiers {
	const struct features *features;
	unsigned int wanted;		/* bit n: enum lk_tier n */
	const struct hooks *hooks;	/* NULL: could not be tried */
	const struct lockdep *lockdep;	/* NULL: cannot be had, or nobody wanted it */
	const char *lockdep_why;	/* then: why not; "" = nobody wanted it */
	bool watch;			/* functions can be watched */
};
#define PROBE_ALL_TIERS (1u << LK_TIER_CONTENTION | 1u << LK_TIER_ORDER | \
			 1u << LK_TIER_LOCKDEP | 1u << LK_TIER_WATCH)

/* May the kernel preempt the programs of @hooks, and so miss calls of other tasks? */
bool probe_preemptible(const struct features *f, const struct hooks *hooks);

/* The rows of a trace; p->fact stays empty. 0 or -ENOMEM. */
int probe_rows(struct probe *p, const struct probe_tiers *t);

/*
 * Try everything, for the doctor: the programs are loaded, and none is attached. 0 or
 * -ENOMEM; everything else is in the result.
 */
int probe_run(struct probe *p);
void probe_done(struct probe *p);

/* The sentence for a user who lacks privileges; names the capabilities. "" when privileges suffice. */
const char *probe_missing_caps(void);

#endif /* LK_PROBE_H */
