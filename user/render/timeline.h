/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single waits as tracks on a time line: what each task waited for, who held each
 * lock meanwhile, and who let whom have it. For formats that draw time.
 *
 * Who holds a lock is known while somebody waits for it, and from two things: the
 * owner that the lock's own word named when a wait began, and that whoever's wait
 * ended has it from then on, until the next one has. So there is one holder at a
 * time: of several readers, the one that is known. Where no wait goes on, or the holder
 * is not known, there is no hold.
 *
 * Of locks whose holds were recorded one by one (LK_EV_HOLD: those of 10 us and more), these
 * are shown instead, and none is made up. Readers may hold a lock at once: then their holds
 * go on several lanes, so that none begins before the last one on its lane has ended.
 */
#ifndef LK_TIMELINE_H
#define LK_TIMELINE_H

#include "../base/htab.h"
#include "../base/vec.h"
#include "render.h"

#define TIMELINE_NONE	UINT32_MAX

struct timeline_task {
	unsigned int source;
	uint32_t tid, tgid;
	uint32_t cpu;		/* CPU + 1 of an idle task, whose tid is 0; else 0 */
	const char *comm;	/* "" = not known */
	bool shown;		/* has to do with a wait, a hold or a finding that is shown */
};

struct timeline_lock {
	unsigned int source;
	uint64_t addr;
	const char *name, *type;	/* as the first wait had it */
	uint64_t total_ns;		/* of the waits that are shown */
	bool shown;			/* has such waits or holds */
	bool recorded;			/* its holds were recorded */
};

struct timeline_wait {
	const struct lk_ev_wait *wait;
	const struct view_wait *name;	/* lock, type and caller in words */
	unsigned int source;
	uint32_t task, owner, lock;	/* indexes; owner TIMELINE_NONE = not known */
	bool shown;			/* passes the filter and the cut */
	bool ended;			/* else it lasted when the trace ended */
};

struct timeline_hold {
	uint32_t lock, task;
	uint64_t start_ns, end_ns;
	bool reader;			/* a reader: the last one that came, or one that waited */
	bool inherited;			/* known by the end of its wait; else by the owner word */
	const struct lk_ev_wait *recorded;	/* known by itself; NULL = as above */
	const struct view_wait *name;		/* with recorded: in words */
	uint32_t lane;			/* 0; or 1 + the index of a lane */
	bool shown;
};

/* The end of a wait, and who let go of the lock then. */
struct timeline_pass {
	uint32_t wait, from;		/* a wait; a task */
};

struct timeline {
	VEC(struct timeline_task) task;
	VEC(struct timeline_lock) lock;
	VEC(struct timeline_wait) wait;	/* by source, task and start */
	VEC(struct timeline_hold) hold;	/* by lock and time */
	VEC(struct timeline_pass) pass;	/* by lock and time */
	VEC(uint32_t) lane;		/* more than one lane of a lock: which lock */
	struct htab tasks, locks;
	struct lk_ev_wait *all;		/* what the waits point to */
	unsigned int *source;
	struct view_waits names, hold_names;
};

/*
 * All waits, as who holds a lock is known from all of them. Shown are those that pass the
 * filter of @opts, the longest opts->entries of them (0 = all), and all that is known of who
 * held their locks; recorded holds of other locks that pass, unless there is a cut; and the
 * tasks of findings that pass. 0 or -ENOMEM; in both cases, timeline_done().
 */
int timeline_build(const struct model *m, const struct view_opts *opts, struct timeline *t);
void timeline_done(struct timeline *t);

/* Index of the task of a finding's link. */
uint32_t timeline_task(const struct timeline *t, unsigned int source, uint32_t tid, uint32_t tgid);

/* timeline_hold.c: fill hold and pass from the waits. 0 or -ENOMEM. */
int timeline_holds(struct timeline *t);
/* timeline_recorded.c: put the holds that were recorded in their place. 0 or -ENOMEM. */
int timeline_recorded(const struct model *m, const struct view_opts *opts, struct timeline *t);

/* timeline.c: the index of a task, and of the lock that @name is of; new if need be. 0 or -ENOMEM. */
int timeline_add_task(struct timeline *t, unsigned int source, uint32_t tid, uint32_t tgid,
		      uint32_t cpu, uint32_t *task);
int timeline_add_lock(struct timeline *t, unsigned int source, uint64_t addr,
		      const struct view_wait *name, uint32_t *lock);

#endif /* LK_TIMELINE_H */
