// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guard locks (the gate locks of GoodLock): two links of a cycle that were only
 * ever seen under one common lock cannot be reached at the same time, so the
 * cycle cannot close. Per edge and strength the running intersection is kept of
 * what else was held: by instance, or by class where a class has one instance.
 * Either side may hold it shared, but not both.
 *
 * An edge leads from the innermost lock only, as lockdep's do. So of A, B, C nested
 * by one task come A -> B and B -> C, and a cycle closed by C -> A of another task
 * has three links, of which the first two are one and the same way: what stands for
 * the task is B -> C alone, which holds A. Locks common to these two exclude nothing,
 * so a link that such a contraction may drop is never one of an excluding pair.
 *
 * In the moment after the trace has begun, and after each time that order was not followed, a task may
 * hold a lock that it took before (LK_ORDER_YOUNG). Such observations stand in for others only until
 * there are any.
 */
#include <errno.h>
#include <string.h>

#include "order_priv.h"

static struct guard guard_of(const struct order *o, const struct obs *ob, const struct hold *h)
{
	const struct class_data *c = &o->class.v[h->class];
	struct guard g = { .addr = h->addr, .source = ob->source, .class = h->class,
			   .exclusive = h->read == LK_WRITE };

	if (c->is_static) {
		g.addr = 0;
		g.source = 0;
	}
	return g;
}

static bool same_lock(const struct guard *a, const struct guard *b)
{
	if (a->addr != b->addr || a->source != b->source)
		return false;
	return a->addr || a->class == b->class;
}

/* Does another lock than the link's own two guard it? */
static bool is_context(const struct obs *ob, const struct hold *h)
{
	if (h->flags & (LK_HOLD_NOCHECK | LK_HOLD_PENDING) || h->prim == LK_PRIM_COMPLETION ||
	    h->prim == LK_PRIM_SEMAPHORE)	/* which may let several in */
		return false;
	return h->addr != ob->held.addr && h->addr != ob->taken.addr;
}

static const struct guard *find(const struct guard *list, uint32_t nr, const struct guard *g)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (same_lock(&list[i], g))
			return &list[i];
	return NULL;
}

/* Keep what is in @other as well. 1 if anything went or became weaker. */
static int intersect(struct order *o, struct guards *gs, const struct guard *other, uint32_t nr)
{
	struct guard *v = o->guards.v + gs->first;
	uint16_t i, kept = 0;
	int changed = 0;

	for (i = 0; i < gs->nr; i++) {
		const struct guard *g = find(other, nr, &v[i]);

		if (!g) {
			changed = 1;
			continue;
		}
		if (v[i].exclusive && !g->exclusive) {
			v[i].exclusive = 0;
			changed = 1;
		}
		v[kept++] = v[i];
	}
	gs->nr = kept;
	return changed;
}

int guards_observe(struct order *o, struct edge_data *e, unsigned int dep, const struct obs *ob,
		   const struct hold *all)
{
	struct guards *gs = &e->guards[dep];
	bool young = ob->order_flags & LK_ORDER_YOUNG;
	struct guard now[LK_HELD_MAX];
	uint32_t i, nr = 0;
	int changed;

	if (gs->seen == GUARDS_ALL && (young || !gs->nr))
		return 0;
	for (i = 0; i < ob->nr_all; i++) {
		if (is_context(ob, &all[i]))
			now[nr++] = guard_of(o, ob, &all[i]);
	}
	if (gs->seen == (young ? GUARDS_YOUNG : GUARDS_ALL))
		return intersect(o, gs, now, nr);
	if (o->guards.nr > UINT32_MAX - LK_HELD_MAX || vec_reserve(&o->guards, nr))
		return -ENOMEM;
	changed = gs->seen == GUARDS_YOUNG;
	gs->seen = young ? GUARDS_YOUNG : GUARDS_ALL;
	gs->first = (uint32_t)o->guards.nr;
	gs->nr = (uint16_t)nr;
	if (nr)
		memcpy(o->guards.v + o->guards.nr, now, nr * sizeof(*now));
	o->guards.nr += nr;
	return changed;
}

int guards_join(struct order *o, struct guards *into, const struct guards *other)
{
	if (other->seen < into->seen || !other->seen)
		return 0;
	if (other->seen > into->seen) {
		*into = *other;
		return 0;
	}
	return intersect(o, into, o->guards.v + other->first, other->nr);
}

/* --- in a cycle --------------------------------------------------------------------------- */

#define XR	(GRAPH_SR | GRAPH_ER)	/* ends in a recursive reader */
#define SX	(GRAPH_SR | GRAPH_SN)	/* begins with a reader */

/* Strengths of each link that can take part in a strong cycle with some of its neighbours'. */
static void usable_deps(const struct order *o, const uint32_t *edge, uint32_t nr, uint8_t *dep)
{
	bool changed = true;
	uint32_t i;

	for (i = 0; i < nr; i++)
		dep[i] = edge_dep(o, &o->edge.v[edge[i]]);
	while (changed) {
		changed = false;
		for (i = 0; i < nr; i++) {
			uint8_t before = dep[i ? i - 1 : nr - 1], after = dep[i + 1 < nr ? i + 1 : 0];
			uint8_t keep = dep[i];

			if (!(before & ~XR))
				keep &= (uint8_t)~SX;
			if (!(after & ~SX))
				keep &= (uint8_t)~XR;
			if (keep != dep[i] && keep) {
				dep[i] = keep;
				changed = true;
			}
		}
	}
}

/* Is @g held over every observation of @e in one of the strengths @dep? *exclusive says how. */
static bool guarded_by(const struct order *o, const struct edge_data *e, uint8_t dep,
		       const struct guard *g, bool *exclusive)
{
	unsigned int bit;

	*exclusive = true;
	for (bit = 0; bit < 4; bit++) {
		const struct guards *gs = &e->guards[bit];
		const struct guard *mine;

		if (!(dep >> bit & 1) || !gs->seen)
			continue;
		mine = gs->nr ? find(o->guards.v + gs->first, gs->nr, g) : NULL;
		if (!mine)
			return false;
		*exclusive &= mine->exclusive;
	}
	return true;
}

static bool pair_excluded(const struct order *o, const struct edge_data *a, uint8_t dep_a,
			  const struct edge_data *b, uint8_t dep_b, struct guard *by)
{
	unsigned int bit;
	uint32_t i;

	for (bit = 0; bit < 4; bit++) {
		const struct guards *gs = &a->guards[bit];

		if (!(dep_a >> bit & 1) || !gs->seen)
			continue;
		for (i = 0; i < gs->nr; i++) {
			const struct guard *g = &o->guards.v[gs->first + i];
			bool excl_a, excl_b;

			if (guarded_by(o, a, dep_a, g, &excl_a) && guarded_by(o, b, dep_b, g, &excl_b) &&
			    (excl_a || excl_b)) {
				*by = *g;
				return true;
			}
		}
		return false;	/* what is not in one strength's guards is not in all */
	}
	return false;
}

/* May a lock of @class have been held around @e in some observation? Merged classes: maybe. */
static bool maybe_around(const struct order *o, const struct edge_data *e, uint32_t class)
{
	return e->around && (o->class.v[class].merged || e->around >> (class % 64) & 1);
}

/* Links that a contraction may drop; see above. */
static void droppable(const struct order *o, const uint32_t *edge, uint32_t nr, bool *drop)
{
	uint32_t j, k, i;

	memset(drop, 0, nr * sizeof(*drop));
	for (j = 0; j < nr; j++) {
		for (k = 0; k < nr; k++) {
			uint32_t dropped = (j + nr - k) % nr;	/* links k .. j - 1 */

			if (!dropped || nr - dropped < 2 ||
			    !maybe_around(o, &o->edge.v[edge[j]], class_find(o, o->edge.v[edge[k]].from)))
				continue;
			for (i = 0; i < dropped; i++)
				drop[(k + i) % nr] = true;
		}
	}
}

bool guards_exclude(const struct order *o, const uint32_t *edge, uint32_t nr, uint32_t *p,
		    uint32_t *q, struct guard *by)
{
	uint8_t dep[CYCLE_MAX];
	bool drop[CYCLE_MAX];

	if (nr > CYCLE_MAX)
		return false;
	usable_deps(o, edge, nr, dep);
	droppable(o, edge, nr, drop);
	for (*p = 0; *p + 1 < nr; (*p)++)
		for (*q = *p + 1; *q < nr; (*q)++)
			if (!drop[*p] && !drop[*q] &&
			    pair_excluded(o, &o->edge.v[edge[*p]], dep[*p],
					  &o->edge.v[edge[*q]], dep[*q], by))
				return true;
	return false;
}

bool guards_young(const struct order *o, const uint32_t *edge, uint32_t nr)
{
	uint8_t dep[CYCLE_MAX];
	unsigned int bit;
	uint32_t i;

	if (nr > CYCLE_MAX)
		return false;
	usable_deps(o, edge, nr, dep);
	for (i = 0; i < nr; i++)
		for (bit = 0; bit < 4; bit++)
			if (dep[i] >> bit & 1 && o->edge.v[edge[i]].guards[bit].seen == GUARDS_YOUNG)
				return true;
	return false;
}
