/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings, and the lock order that they come from, as the model shows them.
 * Everything here is computed by the reducer from LK_EV_CLASS, LK_EV_ORDER,
 * LK_EV_ODD, LK_EV_WATCH and LK_EV_WATCHED; see order.c and evidence.c. Findings
 * that the kernel itself reported (LK_EV_REPORT) are among them; see imported.c.
 *
 * Pointers are valid until the next model_apply().
 */
#ifndef LK_FINDING_H
#define LK_FINDING_H

#include "model.h"

/* The strings (finding_kind_str) are part of the JSON contract. Later kinds come with later tiers. */
enum finding_kind {
	FINDING_CIRCULAR	= 1,	/* "circular": a cycle of two or more classes */
	FINDING_RECURSIVE	= 2,	/* "recursive": the same lock again, by its holder */
	FINDING_RW_UPGRADE	= 3,	/* "rw-upgrade": held shared, wanted exclusively, by its holder */
	FINDING_IRQ_INVERSION	= 4,	/* "irq-inversion" */
	FINDING_INCONSISTENT	= 5,	/* "inconsistent-state" */
	FINDING_WAIT_CONTEXT	= 6,	/* "wait-context" */
	FINDING_BAD_UNLOCK	= 7,	/* "bad-unlock" */
	FINDING_HELD_AT_EXIT	= 8,	/* "held-at-exit" */
	FINDING_DEADLOCKED_NOW	= 9,	/* "deadlocked-now" */
	FINDING_OTHER		= 10,	/* "other" */
};

enum finding_severity {
	FINDING_POSSIBLE	= 1,	/* "possible" */
	FINDING_LIKELY		= 2,	/* "likely" */
	FINDING_CERTAIN		= 3,	/* "certain": same instances, different tasks, no guard lock */
	FINDING_DEADLOCK	= 4,	/* "deadlock": it is happening */
};

const char *finding_kind_str(enum finding_kind kind);
const char *finding_severity_str(enum finding_severity severity);
/* Index in the severities by name, 0 if there is none of that name. */
enum finding_severity finding_severity_parse(const char *name);

/* A lock as a finding shows it. */
struct finding_lock {
	uint32_t class;		/* index for model_class(); UINT32_MAX in a report of the kernel */
	const char *name;	/* of the class; never "", but in a report that does not say it */
	const char *type;	/* "mutex", "rwsem", "spinlock", ..., "completion", "lock" (lockdep) */
	const char *mode;	/* "write", "read", "recursive read", "wait" (completion), "" (not known) */
	const char *at;		/* where it was taken, in the words of a report of the kernel; else NULL */
	bool trylock;
	uint64_t addr;		/* of the instance */
	uint64_t site;		/* address behind the call that took it; 0 = not known */
	uint32_t flags;		/* enum lk_hold_flag */
};

struct finding_task {
	const char *comm;
	uint32_t tid, tgid;
};

/*
 * One link: `task` took (or was about to take) `taken` while it held `held`.
 * For LK_ORDER_COMPLETION, `held` is the completion that it signalled after it
 * had taken `taken`.
 */
struct finding_link {
	uint32_t edge;		/* index for model_edge(); UINT32_MAX for kinds other than circular */
	struct finding_lock held, taken;	/* bad-unlock, held-at-exit: both are the lock */
	struct finding_task task;
	bool listed;		/* from a list of lockdep's: task, cpu, time, mode and instances are not known */
	unsigned int source;
	uint32_t stack, cpu, ctx;
	uint32_t order_flags;	/* LK_ORDER_* */
	uint32_t watch_mask;	/* watched functions that the task was inside of */
	uint64_t time_ns;
	unsigned int nr_all;	/* everything the task held then, oldest first */
	const struct finding_lock *all;
	unsigned int nr_frames;	/* of a report of the kernel, which has no stack id: */
	const char *const *frame;	/* innermost first, as printed */
};

/* What a report of the kernel says beyond what every finding has; see struct lk_ev_report. */
struct finding_report {
	uint32_t origin, lacks, skipped, line;
	const char *title, *subkind, *state, *kernel, *ident, *file;
	unsigned int nr_parts;
	const struct lk_ev_part *part;
};

/* "lockdep", "dept", "hung-task". */
const char *finding_origin_str(uint32_t origin);
/* The name of bit @i of finding_report.lacks ("chain"); NULL: there are no more. */
const char *finding_lacks_str(unsigned int i);

struct finding {
	char id[20];		/* stable over runs and hosts: from kind and class names */
	enum finding_kind kind;
	enum finding_severity severity;
	uint32_t confidence;	/* 0 .. 100 */
	unsigned int nr_why;
	const char *const *why;	/* sentences without a full stop: what raised or lowered it */
	uint64_t first_seen_ns;	/* when it was complete */
	uint64_t last_seen_ns;	/* the latest observation of one of its links */
	uint64_t count;		/* times that it was completed again, 1 at first */
	uint32_t tier;		/* enum lk_tier */
	/*
	 * link[0] completed it: its task is "the" task, link[0].taken is what it is
	 * acquiring and link[0].held what it holds. The others follow in order:
	 * link[0].taken = link[1].held, link[1].taken = link[2].held, ..., and the
	 * last one's taken = link[0].held. So lockdep's "-> #0" is link[0]'s stack,
	 * "-> #i" is link[i]'s, and the chain in its order of printing is link[n-1].taken,
	 * ..., link[0].taken. One link for every kind but circular.
	 */
	unsigned int nr_links;
	const struct finding_link *link;
	/*
	 * Not NULL: the kernel reported it, and it is all in there. The links are what
	 * can be made of it: those of the whole circle only where the whole chain was
	 * printed, with the task of link[0] alone; locks may have the name "".
	 */
	const struct finding_report *report;
};

/* In order of appearance. A finding may gain severity, reasons and counts later, never vanish. */
unsigned int model_nr_findings(const struct model *m);
const struct finding *model_finding(const struct model *m, unsigned int i);
/* Grows whenever a finding appears or its severity rises. */
uint64_t model_findings_version(const struct model *m);
/* Different cycles that are not reported as things stand. */
struct finding_withheld {
	uint64_t guarded;	/* two of its links were only ever seen under a common lock */
	uint64_t single_task;	/* all by one task, and memory reused would look the same */
	uint64_t weak;		/* a class known by an address only, and no address is in both orders */
	uint64_t undecided;	/* the search was given up: too large or too long */
};
struct finding_withheld model_withheld(const struct model *m);

/* --- lock order ------------------------------------------------------------------------- */

struct model_class {
	uint32_t id;		/* never changes; printed as "c<id>" */
	uint32_t tier;
	const char *name, *type, *named_by;	/* named_by: as lockname_by_str(), or "lockdep" */
	uint32_t instances;	/* different addresses seen in orders; saturates at UINT32_MAX */
	uint32_t merged_into;	/* index of the class it turned out to be, through all merges, or its own */
	uint64_t acquired;	/* estimate of how often it was taken; 0 where nothing was sampled */
};

unsigned int model_nr_classes(const struct model *m);
struct model_class model_class(const struct model *m, unsigned int i);

/* A lock that took part in an order or was sampled. One that is of several classes (subclasses) is listed with each. */
struct model_instance {
	uint64_t addr;
	unsigned int source;
	uint32_t class;
};

unsigned int model_nr_instances(const struct model *m);
struct model_instance model_instance(const struct model *m, unsigned int i);

struct model_edge {
	uint32_t from, to;	/* classes, as merged; from == to: nesting of different instances */
	uint8_t dep;		/* enum graph_dep; 0 = merged into another edge */
	bool completion;
	bool listed;		/* only known from a list of lockdep's: dep, count, tasks and times mean nothing */
	uint64_t count;		/* observations that the kernel side told apart */
	uint32_t tasks;		/* different tasks among them; saturates at 2: "2 or more" */
	uint64_t first_ns, last_ns;
	unsigned int source;	/* of the first observation */
	uint32_t stack;
};

unsigned int model_nr_edges(const struct model *m);
struct model_edge model_edge(const struct model *m, unsigned int i);

/* --- watched functions ------------------------------------------------------------------- */

struct model_watch {
	unsigned int source;
	uint32_t id, state;	/* enum lk_state */
	const char *function, *symbol, *reason;
	uint64_t calls, returned, total_ns, max_ns;
	unsigned int nr_held;	/* different classes held on entry */
	const struct finding_lock *held;
	unsigned int nr_inside;	/* different classes taken inside */
	const struct finding_lock *inside;
};

unsigned int model_nr_watch(const struct model *m);
const struct model_watch *model_watch(const struct model *m, unsigned int i);

#endif /* LK_FINDING_H */
