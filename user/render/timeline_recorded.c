// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds that were recorded one by one: what is known of their locks from waits goes, and
 * they take its place, on as many lanes as there were holders at once; see timeline.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../bpf/abi.h"
#include "../core/sat.h"
#include "timeline.h"

static int add_hold(struct timeline *t, const struct lk_ev_wait *e, unsigned int source,
		    const struct view_wait *name)
{
	struct timeline_hold h = {
		.start_ns = e->start_ns, .end_ns = sat_add(e->start_ns, e->dur_ns),
		.reader = e->lcb & LK_LCB_READ, .recorded = e, .name = name,
	};

	if (timeline_add_task(t, source, e->tid, e->tgid, e->cpu, &h.task) ||
	    timeline_add_lock(t, source, e->lock, name, &h.lock))
		return -ENOMEM;
	t->lock.v[h.lock].recorded = true;
	return vec_push(&t->hold, h);
}

static void drop_made_up(struct timeline *t)
{
	size_t i, nr = 0;

	for (i = 0; i < t->hold.nr; i++) {
		if (t->hold.v[i].recorded || !t->lock.v[t->hold.v[i].lock].recorded)
			t->hold.v[nr++] = t->hold.v[i];
	}
	t->hold.nr = nr;
}

/* In the order they came where all is equal, which is their order in memory. */
static int by_time(const void *a, const void *b)
{
	const struct timeline_hold *x = a, *y = b;

	if (x->lock != y->lock)
		return x->lock < y->lock ? -1 : 1;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	return x->recorded < y->recorded ? -1 : x->recorded > y->recorded;
}

struct lanes {
	VEC(uint64_t) end_ns;		/* of the last hold on each lane of the lock */
	uint32_t first;			/* its first lane but one, in timeline.lane */
};

/* The first lane that is free; a new one if none is. 0 or -ENOMEM. */
static int choose_lane(struct timeline *t, struct lanes *l, struct timeline_hold *h)
{
	uint32_t i;

	for (i = 0; i < l->end_ns.nr && l->end_ns.v[i] > h->start_ns; i++)
		;
	if (i == l->end_ns.nr && (vec_push(&l->end_ns, 0) || (i && vec_push(&t->lane, h->lock))))
		return -ENOMEM;
	l->end_ns.v[i] = h->end_ns;
	h->lane = i ? l->first + i : 0;
	return 0;
}

static int choose_lanes(struct timeline *t)
{
	struct lanes l = { .first = 0 };
	size_t i;
	int err = 0;

	for (i = 0; i < t->hold.nr && !err; i++) {
		if (!i || t->hold.v[i].lock != t->hold.v[i - 1].lock) {
			l.end_ns.nr = 0;
			l.first = (uint32_t)t->lane.nr;
		}
		if (t->hold.v[i].recorded)
			err = choose_lane(t, &l, &t->hold.v[i]);
	}
	vec_free(&l.end_ns);
	return err;
}

int timeline_recorded(const struct model *m, const struct view_opts *opts, struct timeline *t)
{
	const uint32_t *source;
	unsigned int i, nr;
	const struct lk_ev_wait *e = model_single_holds(m, &source, &nr);
	int err = nr ? view_waits(m, opts, e, source, nr, &t->hold_names) : 0;

	for (i = 0; i < nr && !err; i++) {
		if (e[i].lock)		/* else it is not known whose hold */
			err = add_hold(t, &e[i], source[i], &t->hold_names.v[i]);
	}
	if (err || !nr)
		return err;
	drop_made_up(t);
	qsort(t->hold.v, t->hold.nr, sizeof(*t->hold.v), by_time);
	return choose_lanes(t);
}
