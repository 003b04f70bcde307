/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the format perfetto, shared by perfetto*.c.
 *
 * A track is a pair of ids. So that those of several sources differ, ids of the n-th
 * source (from 0) have n * PID_SOURCE added; ids that no task has are above PID_LOCKS.
 */
#ifndef LK_PERFETTO_PRIV_H
#define LK_PERFETTO_PRIV_H

#include "jsonw.h"
#include "timeline.h"

#define PID_SOURCE	10000000u	/* PID_MAX_LIMIT is 4194304 */
#define PID_LOCKS	5000000u	/* process and first thread: the orders; + 1 + n: the n-th lock, then lanes */
#define PID_IDLE	9000000u	/* process of idle tasks; + CPU + 1: its threads */

struct perfetto {
	const struct model *m;
	const struct render_opts *opts;
	struct jsonw w;
	struct timeline t;
	int64_t base_ns;		/* what time 0 is, on the clock that all sources share */
	uint32_t nr_flows;
};

struct perfetto_track {
	uint32_t pid, tid;
};

static inline struct perfetto_track task_track(const struct perfetto *p, uint32_t task)
{
	const struct timeline_task *t = &p->t.task.v[task];
	uint32_t base = t->source * PID_SOURCE;

	if (!t->tid)
		return (struct perfetto_track){ base + PID_IDLE, base + PID_IDLE + t->cpu };
	return (struct perfetto_track){ base + t->tgid, base + t->tid };
}

static inline struct perfetto_track orders_track(unsigned int source)
{
	uint32_t pid = source * PID_SOURCE + PID_LOCKS;

	return (struct perfetto_track){ pid, pid };
}

static inline struct perfetto_track lock_track(const struct perfetto *p, uint32_t lock)
{
	struct perfetto_track at = orders_track(p->t.lock.v[lock].source);

	at.tid += 1 + lock;
	return at;
}

/* Of a lane beside the lock's own track: from 0. */
static inline struct perfetto_track lane_track(const struct perfetto *p, uint32_t lane)
{
	struct perfetto_track at = orders_track(p->t.lock.v[p->t.lane.v[lane]].source);

	at.tid += 1 + (uint32_t)p->t.lock.nr + lane;
	return at;
}

/* Begin an event of phase @ph; the caller adds what it has more, and closes it. @cat may be NULL. */
void perfetto_event(struct perfetto *p, const char *ph, const char *cat, const char *name,
		    struct perfetto_track at);

/* The events that name processes and threads: 0 or -ENOMEM. */
int perfetto_tracks(struct perfetto *p);

#endif /* LK_PERFETTO_PRIV_H */
