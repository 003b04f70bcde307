// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was not traced for a while, because lockscope was stopped or cost too much.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "model_priv.h"

static bool one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(s, *list))
			return true;
	return false;
}

static bool affected(const struct model_coverage *c, uint32_t what)
{
	static const char *const spinning[] = { "spinlock", "rwlock", NULL };
	static const char *const tiers[] = { "order", "lockdep", "watch", NULL };

	switch (what) {
	case LK_SHED_ALL:
		return true;
	case LK_SHED_SPIN:
		return !strcmp(c->tier, "order") && one_of(c->primitive, spinning);
	case LK_SHED_HOLDS:
		return !strcmp(c->primitive, "hold times");
	case LK_SHED_SLICES:
	case LK_SHED_ORDER:
		return one_of(c->tier, tiers);
	default:
		return false;
	}
}

/* Lower the coverage of what is affected: 0 or -ENOMEM. Told once, however often it happens. */
static int lower(struct model *m, const struct lk_ev_shed *e)
{
	const char *text = e->cause == LK_SHED_STOPPED ? "not while lockscope was stopped" :
						      "not all the time: over the budget";
	struct model_coverage *c;
	const char *reason;
	char buf[512];
	size_t i;

	for (i = 0; i < m->coverage.nr; i++) {
		c = &m->coverage.v[i];
		if (c->source != cur_source(m) || !affected(c, e->what) ||
		    (c->state != LK_STATE_FULL && c->state != LK_STATE_PARTIAL) || strstr(c->reason, text))
			continue;
		snprintf(buf, sizeof(buf), "%.400s%s%s", c->reason, c->reason[0] ? "; " : "", text);
		reason = strpool_copy(&m->str, buf);
		if (!reason)
			return -ENOMEM;
		c->reason = reason;
		c->state = LK_STATE_PARTIAL;
	}
	return 0;
}

/* The one that has not ended; NULL = there is none. */
static struct model_shed *going_on(struct model *m, const struct lk_ev_shed *e)
{
	struct model_shed *s;
	size_t i;

	for (i = m->shed.nr; i--;) {
		s = &m->shed.v[i];
		if (s->source == cur_source(m) && s->what == e->what && s->cause == e->cause)
			return s->until_ns ? NULL : s;
	}
	return NULL;
}

int model_apply_shed(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_shed *e = &ev->shed;
	struct model_shed *last, new = {
		.source = cur_source(m), .what = e->what, .cause = e->cause, .from_ns = e->time_ns,
		.cost_ppm = e->cost_ppm, .allowed_ppm = e->allowed_ppm };
	int err;

	if (!e->what || e->what >= LK_SHED_NR || !e->cause || e->cause >= LK_SHED_CAUSE_NR || e->on > 1)
		return diag_set(why, -EBADMSG, "what is not traced has the unknown kind %" PRIu32
				", cause %" PRIu32, e->what, e->cause);
	last = going_on(m, e);
	if (e->on) {
		if (!last || e->time_ns < last->from_ns || !e->time_ns)
			return diag_set(why, -EBADMSG, "something is traced again at %" PRIu64
					" ns that was traced all the time", e->time_ns);
		last->until_ns = e->time_ns;
	} else {
		if (last)
			return diag_set(why, -EBADMSG, "something is not traced from %" PRIu64
					" ns on that was not traced before", e->time_ns);
		err = lower(m, e);
		if (err || vec_push(&m->shed, new))
			return -ENOMEM;
	}
	model_note_time(m, e->time_ns);
	return 0;
}

unsigned int model_nr_shed(const struct model *m)
{
	return (unsigned int)m->shed.nr;
}

const struct model_shed *model_shed(const struct model *m, unsigned int i)
{
	return &m->shed.v[i];
}
