// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who held a lock while somebody waited for it: one sweep over the beginnings and
 * ends of the waits for each lock; see timeline.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../core/sat.h"
#include "timeline.h"

/* In this order at the same time: a wait may take no time. */
enum edge { EDGE_END, EDGE_BEGIN, EDGE_END_AT_ONCE };

struct mark {
	uint64_t time_ns;
	uint32_t lock, wait;
	enum edge edge;
};

struct sweep {
	struct timeline *t;
	uint32_t lock;
	unsigned int waiting;		/* waits that go on */
	struct timeline_hold now;	/* task TIMELINE_NONE = not known */
};

static int by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	if (x->edge != y->edge)
		return x->edge < y->edge ? -1 : 1;
	return x->wait < y->wait ? -1 : x->wait > y->wait;
}

/* The hold that goes on ends here; one that continues the last one is part of it. */
static int close_hold(struct sweep *s, uint64_t now_ns)
{
	struct timeline *t = s->t;
	struct timeline_hold *last = t->hold.nr ? &t->hold.v[t->hold.nr - 1] : NULL;
	struct timeline_hold h = s->now;

	s->now.task = TIMELINE_NONE;
	h.end_ns = now_ns;
	if (h.task == TIMELINE_NONE || h.start_ns == h.end_ns)
		return 0;
	if (last && last->lock == h.lock && last->task == h.task && last->end_ns == h.start_ns) {
		last->end_ns = h.end_ns;
		return 0;
	}
	return vec_push(&t->hold, h);
}

static void open_hold(struct sweep *s, uint64_t now_ns, uint32_t task, bool reader, bool inherited)
{
	s->now = (struct timeline_hold){ .lock = s->lock, .task = task, .start_ns = now_ns,
					 .reader = reader, .inherited = inherited };
}

static int wait_begins(struct sweep *s, const struct timeline_wait *w, uint64_t now_ns)
{
	s->waiting++;
	if (w->owner == TIMELINE_NONE || w->owner == s->now.task)
		return 0;
	if (close_hold(s, now_ns))
		return -ENOMEM;
	open_hold(s, now_ns, w->owner, w->wait->owner_reader, false);
	return 0;
}

static int wait_ends(struct sweep *s, uint32_t wait, uint64_t now_ns)
{
	const struct timeline_wait *w = &s->t->wait.v[wait];
	struct timeline_pass pass = { .wait = wait, .from = s->now.task };

	s->waiting--;
	if (w->ended && pass.from != TIMELINE_NONE && pass.from != w->task &&
	    vec_push(&s->t->pass, pass))
		return -ENOMEM;
	if ((w->ended || !s->waiting) && close_hold(s, now_ns))
		return -ENOMEM;
	if (w->ended && s->waiting)
		open_hold(s, now_ns, w->task, w->wait->lcb & LK_LCB_READ, true);
	return 0;
}

static int sweep(struct sweep *s, const struct mark *mark, size_t nr)
{
	size_t i;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		if (mark[i].lock != s->lock) {
			s->lock = mark[i].lock;
			s->waiting = 0;
			s->now.task = TIMELINE_NONE;
		}
		if (mark[i].edge == EDGE_BEGIN)
			err = wait_begins(s, &s->t->wait.v[mark[i].wait], mark[i].time_ns);
		else
			err = wait_ends(s, mark[i].wait, mark[i].time_ns);
	}
	return err;
}

int timeline_holds(struct timeline *t)
{
	struct sweep s = { .t = t, .lock = TIMELINE_NONE, .now.task = TIMELINE_NONE };
	struct mark *mark = calloc(t->wait.nr + 1, 2 * sizeof(*mark));
	size_t i, nr = 0;
	int err;

	if (!mark)
		return -ENOMEM;
	for (i = 0; i < t->wait.nr; i++) {
		const struct timeline_wait *w = &t->wait.v[i];
		const struct lk_ev_wait *e = w->wait;

		mark[nr++] = (struct mark){ e->start_ns, w->lock, (uint32_t)i, EDGE_BEGIN };
		mark[nr++] = (struct mark){ sat_add(e->start_ns, e->dur_ns), w->lock, (uint32_t)i,
					    e->dur_ns ? EDGE_END : EDGE_END_AT_ONCE };
	}
	qsort(mark, nr, sizeof(*mark), by_time);
	err = sweep(&s, mark, nr);
	free(mark);
	return err;
}
