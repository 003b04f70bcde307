// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths in the graph of orders, for links of known bugs that are indirect.
 */
#include "expect_priv.h"

bool expect_is_lock(const struct expect *e, const struct xlock *x, uint32_t root)
{
	size_t i;

	for (i = 0; i < x->class.nr; i++)
		if (model_class(e->m, x->class.v[i]).merged_into == root)
			return true;
	return false;
}

static int make_room(struct expect *e, uint32_t classes, uint32_t edges)
{
	if ((classes > e->head.cap && vec_reserve(&e->head, classes)) ||
	    (edges > e->next.cap && vec_reserve(&e->next, edges)) ||
	    (classes > e->parent.cap && vec_reserve(&e->parent, classes)) ||
	    (classes > e->queue.cap && vec_reserve(&e->queue, classes)))
		return -ENOMEM;
	return 0;
}

int expect_make_graph(struct expect *e)
{
	uint32_t nr = model_nr_edges(e->m), i;

	if (make_room(e, e->nr_classes, nr))
		return -ENOMEM;
	for (i = 0; i < e->nr_classes; i++)
		e->head.v[i] = EXPECT_NONE;
	for (i = 0; i < nr; i++) {
		struct model_edge d = model_edge(e->m, i);

		if (!(d.dep & GRAPH_EN) || d.from == d.to)
			continue;
		e->next.v[i] = e->head.v[d.from];
		e->head.v[d.from] = i;
	}
	return 0;
}

static void keep_path(const struct expect *e, uint32_t last, struct expect_link *l)
{
	uint32_t c, i;

	l->state = EXPECT_LINK_INDIRECT;
	l->nr_via = 0;
	for (c = last; e->parent.v[c] != c; c = e->parent.v[c])
		l->nr_via++;
	for (c = last, i = l->nr_via; i--; c = e->parent.v[c])
		l->via[i] = c;
}

/* Breadth first, so one class more in each round. */
bool expect_find_path(struct expect *e, const struct xlock *held, const struct xlock *taken,
		      struct expect_link *l)
{
	uint32_t at = 0, end, nr = 0, i, edge, to, round;
	size_t c;

	for (i = 0; i < e->nr_classes; i++)
		e->parent.v[i] = EXPECT_NONE;
	for (c = 0; c < held->class.nr; c++) {
		i = model_class(e->m, held->class.v[c]).merged_into;
		if (e->parent.v[i] == EXPECT_NONE)
			e->queue.v[nr++] = i;
		e->parent.v[i] = i;
	}
	for (round = 0; round <= EXPECT_VIA_MAX && at < nr; round++) {
		for (end = nr; at < end; at++) {
			for (edge = e->head.v[e->queue.v[at]]; edge != EXPECT_NONE; edge = e->next.v[edge]) {
				to = model_edge(e->m, edge).to;
				if (e->parent.v[to] != EXPECT_NONE)
					continue;
				if (expect_is_lock(e, taken, to)) {
					keep_path(e, e->queue.v[at], l);
					return true;
				}
				e->parent.v[to] = e->queue.v[at];
				e->queue.v[nr++] = to;
			}
		}
	}
	return false;
}
