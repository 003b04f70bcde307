/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tiers beside contention, of which a session has as many as it wants and the
 * kernel gives: order, lockdep and watch. One that fails is left out, with the reason,
 * unless the user asked for it by name.
 */
#ifndef LK_TIERS_H
#define LK_TIERS_H

#include "session.h"

struct features;
struct lk_order_percpu;
struct lk_sink;
struct lockdep;
struct hooks;
struct inits;
struct members;
struct percpu;
struct records;
struct resolver;
struct ring_buffer;
struct trace_bpf;
struct watchpoints;

struct tiers {
	unsigned int wanted;		/* bit n: enum lk_tier n */
	struct hooks *hooks;		/* also has the watch programs */
	struct lockdep *lockdep;
	struct watchpoints *watch;
	struct records *records;
	struct inits *inits;
	struct gates *gates;		/* records are signs of life; NULL before they are open */
	char lockdep_why[200];		/* not there: why not */
	const struct lk_sink *sink;
	int err;			/* first error of the sink inside a ring callback */
};

/* Names of tiers as in --tier. 0 if there is none of that name. */
const char *tiers_name(unsigned int tier);

/*
 * Load what @o wants, sharing maps with @shared. 0, -ENOMEM, or a negative errno with a
 * sentence in @why if a tier cannot be had that was asked for by name.
 */
int tiers_open(struct tiers *t, const struct session_opts *o, const struct features *f,
	       struct resolver *resolver, const struct trace_bpf *shared, struct diag *why);

/* Give the records what names locks; make a ring buffer if there is none. 0 or -errno. */
int tiers_bind(struct tiers *t, struct resolver *resolver, const struct percpu *percpu,
	       struct members *members, struct ring_buffer **ring);

/* Modules came or went. */
void tiers_modules(struct tiers *t);

/* Hook, but for the watched functions. 0 or an error as tiers_open(). */
int tiers_attach(struct tiers *t, const struct session_opts *asked, struct diag *why);

/* Is anything hooked? */
bool tiers_any(const struct tiers *t);

/* The gates. @bits: LK_GATE_*, of which the lockdep tier has that of sleeping locks. */
void tiers_enable(struct tiers *t, const struct percpu *percpu, uint64_t now_ns, uint32_t bits);
void tiers_disable(struct tiers *t);
/* hooks_ripen(), where there are hooks. */
void tiers_ripen(struct tiers *t);

void tiers_detach(struct tiers *t);
void tiers_free(struct tiers *t);

#endif /* LK_TIERS_H */
