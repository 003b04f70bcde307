/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more than one format needs to know about findings and lock order: which
 * of them are shown and in which order, where a lock was taken, what a kind is
 * called. As untrusted as the model's strings.
 */
#ifndef LK_PARTS_FINDING_H
#define LK_PARTS_FINDING_H

#include "../core/finding.h"
#include "render.h"

/* Findings that pass the filter, worst first: by severity, confidence, then as they appeared. */
struct parts_findings {
	const struct finding **v;
	unsigned int nr;
};

/* 0 or -ENOMEM; after that, parts_findings_done(). */
int parts_findings_init(const struct model *m, const struct view_filter *filter,
			struct parts_findings *ret);
void parts_findings_done(struct parts_findings *list);

/*
 * Has the finding to do with what the filter asks for? With one of its locks
 * (name, address, type), a function in one of its stacks, one of its tasks. The
 * cgroup of its tasks is not known, so that this part of a filter hides nothing. One that
 * is suppressed does not pass.
 */
bool parts_finding_pass(const struct model *m, const struct finding *f,
			const struct view_filter *filter);

/* How many findings pass the filter. */
unsigned int parts_nr_findings(const struct model *m, const struct view_filter *filter);

/* Those that are suppressed, whatever else the filter says. */
unsigned int parts_nr_suppressed(const struct model *m, const struct suppress *s);

/* "circular locking dependency", "recursive locking", ... */
const char *parts_finding_title(enum finding_kind kind);

/*
 * The lock that a finding is about where it is one only: what was released or
 * left held.
 */
const struct finding_lock *parts_finding_lock(const struct finding *f);

/*
 * Where a lock was taken: "function+0x12/0x40 [module]" or "0x<address>"; the
 * caller in @stack where the call site is not known or lies in the lock code.
 * *at = NULL when neither is known, else malloc'ed. 0 or -ENOMEM.
 */
int parts_site(const struct model *m, unsigned int source, uint64_t site, uint32_t stack, char **at);

/* parts_site() of a lock: what the kernel's report says, if it comes from one. */
int parts_lock_at(const struct model *m, unsigned int source, const struct finding_lock *l,
		  uint32_t stack, char **at);

/* parts_site() of a link's ends. */
int parts_link_held_at(const struct model *m, const struct finding_link *l, char **at);
int parts_link_taken_at(const struct model *m, const struct finding_link *l, char **at);

/* Bytes of a lock's name before its " [module]", which prose can do without. */
int parts_short_len(const char *name);

/* Is the mode worth a word? Not where there is one only (a mutex). */
bool parts_shows_mode(const struct finding_lock *l);

/* Different tasks among the links. */
unsigned int parts_nr_tasks(const struct finding *f);
/* Did the task of link @i make an earlier link as well? */
bool parts_task_again(const struct finding *f, unsigned int i);

/* The watched function of bit @id of a link's watch_mask; NULL when nothing described it. */
const struct model_watch *parts_watch(const struct model *m, unsigned int source, unsigned int id);

/* Was the order of locks traced at all? */
bool parts_order_traced(const struct model *m);

/* The class that @class turned out to be. */
uint32_t parts_class(const struct model *m, uint32_t class);

/* Orders as they are shown: merged ones are left out, most often seen first. */
struct parts_edges {
	struct parts_edge {
		uint32_t index;		/* for model_edge() */
		struct model_edge e;	/* from and to as parts_class() says */
	} *v;
	unsigned int nr;
};

/*
 * Edges between different classes, or (@nesting) those from a class to itself:
 * different instances of it were nested. 0 or -ENOMEM; then parts_edges_done().
 */
int parts_edges_init(const struct model *m, bool nesting, struct parts_edges *ret);
void parts_edges_done(struct parts_edges *list);

#endif /* LK_PARTS_FINDING_H */
