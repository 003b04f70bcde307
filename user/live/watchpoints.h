/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watched functions: a probe where each begins and one where it returns. Which locks
 * are held on entry and what is taken inside is noted by the order tier's programs;
 * here are the attaching, also later when the function's module is loaded, and the
 * events LK_EV_WATCH (where it is hooked) and LK_EV_WATCHED (calls).
 */
#ifndef LK_WATCHPOINTS_H
#define LK_WATCHPOINTS_H

#include "../core/event.h"

struct bpf_program;
struct diag;
struct resolver;
struct watchpoints;

struct watchpoints_opts {
	const char *const *function;	/* what the user named */
	unsigned int nr;
	bool builtin;			/* also the functions that are always watched */
	struct bpf_program *enter, *leave;	/* NULL: no probes in this kernel */
	const char *why_not;		/* then: why; else "" */
	int stats;			/* map of struct lk_watch_stat */
	unsigned int nr_cpus;		/* possible CPUs */
	struct resolver *resolver;	/* stays the caller's */
	void (*log)(const char *line);
};

/* Functions the user may name. */
#define WATCH_USER_MAX 13

/* 0 or -ENOMEM; -E2BIG with a sentence. The strings of @o are copied. */
int watchpoints_new(const struct watchpoints_opts *o, struct watchpoints **ret, struct diag *why);

/*
 * Hook what can be and is not, let go of what has gone; an LK_EV_WATCH for each change.
 * @changed: modules came or went, or it is the first time; else only what failed is tried
 * again, twice a second.
 */
int watchpoints_update(struct watchpoints *w, const struct lk_sink *sink, bool changed);

/* LK_EV_WATCHED for what was called since the last time. */
int watchpoints_tick(struct watchpoints *w, const struct lk_sink *sink);

void watchpoints_detach(struct watchpoints *w);

/*
 * Functions that the user named and that are not hooked now: the @i-th as a sentence
 * in @buf, false when there is none.
 */
bool watchpoints_missing(const struct watchpoints *w, unsigned int i, char *buf, size_t size);

/* NULL is fine. */
void watchpoints_free(struct watchpoints *w);

#endif /* LK_WATCHPOINTS_H */
