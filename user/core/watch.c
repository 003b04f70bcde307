// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched functions in the model: where each is hooked, how often it was called,
 * and what was held on entry and taken inside.
 */
#include <errno.h>
#include <inttypes.h>

#include "../base/diag.h"
#include "order_priv.h"
#include "sat.h"

/* The function of this id in the current source, made if need be; NULL when out of memory. */
static struct watch_data *get_watch(struct model *m, uint32_t id)
{
	struct order *o = order_of(m);
	struct watch_data *w;
	size_t i;

	for (i = 0; i < o->watch.nr; i++)
		if (o->watch.v[i]->pub.id == id && o->watch.v[i]->pub.source == cur_source(m))
			return o->watch.v[i];
	if (vec_reserve(&o->watch, 1))
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->pub_lock = calloc(2 * WATCH_LOCKS_MAX, sizeof(*w->pub_lock));
	if (!w->pub_lock || vec_reserve(&w->held, WATCH_LOCKS_MAX) ||
	    vec_reserve(&w->inside, WATCH_LOCKS_MAX)) {
		vec_free(&w->held);
		vec_free(&w->inside);
		free(w->pub_lock);
		free(w);
		return NULL;
	}
	w->pub = (struct model_watch){ .source = cur_source(m), .id = id, .state = LK_STATE_UNKNOWN,
				       .function = "", .symbol = "", .reason = "" };
	o->watch.v[o->watch.nr++] = w;
	return w;
}

void watches_free(struct order *o)
{
	size_t i;

	for (i = 0; i < o->watch.nr; i++) {
		vec_free(&o->watch.v[i]->held);
		vec_free(&o->watch.v[i]->inside);
		free(o->watch.v[i]->pub_lock);
		free(o->watch.v[i]);
	}
	vec_free(&o->watch);
}

static int check_id(uint32_t id, struct diag *why)
{
	if (id >= LK_WATCH_MAX)
		return diag_set(why, -EBADMSG, "a watched function has the id %" PRIu32, id);
	return 0;
}

int model_apply_watch(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_watch *e = &ev->watch;
	const char *function, *symbol, *reason;
	struct watch_data *w;

	if (check_id(e->id, why))
		return -EBADMSG;
	if (e->state < LK_STATE_NONE || e->state > LK_STATE_UNKNOWN)
		return diag_set(why, -EBADMSG, "a watched function has the state %" PRIu32, e->state);
	function = strpool_copy(&m->str, e->function);
	symbol = strpool_copy(&m->str, e->symbol);
	reason = strpool_copy(&m->str, e->reason);
	w = function && symbol && reason ? get_watch(m, e->id) : NULL;
	if (!w)
		return -ENOMEM;
	w->pub.state = e->state;
	w->pub.function = function;
	w->pub.symbol = symbol;
	w->pub.reason = reason;
	return 0;
}

int model_apply_watched(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_watched *e = &ev->watched;
	struct watch_data *w;

	if (check_id(e->id, why))
		return -EBADMSG;
	w = get_watch(m, e->id);
	if (!w)
		return -ENOMEM;
	w->pub.calls = sat_add(w->pub.calls, e->calls);
	w->pub.returned = sat_add(w->pub.returned, e->returned);
	w->pub.total_ns = sat_add(w->pub.total_ns, e->total_ns);
	if (e->max_ns > w->pub.max_ns)
		w->pub.max_ns = e->max_ns;
	return 0;
}

/* Note a lock in @list, if its class and mode are not there. */
#define note(o, list, h) do {							\
	size_t note_i_;								\
	for (note_i_ = 0; note_i_ < (list)->nr; note_i_++)			\
		if (class_find((o), (list)->v[note_i_].class) ==		\
		    class_find((o), (h)->class) &&				\
		    (list)->v[note_i_].read == (h)->read)			\
			break;							\
	if (note_i_ == (list)->nr && note_i_ < WATCH_LOCKS_MAX)			\
		(list)->v[(list)->nr++] = *(h);					\
} while (0)

int watch_observe(struct model *m, const struct lk_ev_order *e, const struct hold *held,
		  const struct hold *acq)
{
	bool entry = e->flags & LK_ORDER_WATCH_ENTRY;
	const struct order *o = order_of(m);
	uint32_t id, i;

	for (id = 0; id < LK_WATCH_MAX; id++) {
		struct watch_data *w;

		if (!(e->watch_mask >> id & 1) || (entry && e->watch_mask >> id != 1))
			continue;	/* on entry only the highest one is entered */
		w = get_watch(m, id);
		if (!w)
			return -ENOMEM;
		if (!entry) {
			note(o, &w->inside, acq);
			continue;
		}
		for (i = 0; i < e->nr_held; i++)
			note(o, &w->held, &held[i]);
	}
	return 0;
}

/* --- accessors ---------------------------------------------------------------------------- */

unsigned int model_nr_watch(const struct model *m)
{
	return (unsigned int)order_of(m)->watch.nr;
}

const struct model_watch *model_watch(const struct model *m, unsigned int i)
{
	struct watch_data *w = order_of(m)->watch.v[i];
	struct finding_lock *inside = w->pub_lock + WATCH_LOCKS_MAX;
	size_t k;

	for (k = 0; k < w->held.nr; k++)
		w->pub_lock[k] = finding_lock_of(m, &w->held.v[k]);
	for (k = 0; k < w->inside.nr; k++)
		inside[k] = finding_lock_of(m, &w->inside.v[k]);
	w->pub.nr_held = (unsigned int)w->held.nr;
	w->pub.held = w->pub_lock;
	w->pub.nr_inside = (unsigned int)w->inside.nr;
	w->pub.inside = inside;
	return &w->pub;
}
