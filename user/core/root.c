// SPDX-License-Identifier: GPL-2.0-only
/*
 * Roots of findings: when the wrong order comes first, and is taken for right, each
 * of the right ones completes another cycle with it later. So when a link is in
 * several findings already, and without it neither they nor the next cycle would be,
 * it is the root of them all from then on, and the links that had been taken for
 * roots are like others again.
 *
 * A link that many findings share may be right, too, and the others all wrong. Then
 * the first of them are findings, and the later ones are counted there.
 */
#include "order_priv.h"

#define ROOT_FINDINGS	3	/* a link in that many is suspected to be the root of the next */
#define ROOTS_MAX	8

bool cycle_load(const struct order *o, const struct finding_data *f, struct cycle *c)
{
	uint32_t i;

	if (f->pub.kind != FINDING_CIRCULAR)
		return false;
	c->nr = f->nr;
	for (i = 0; i < c->nr; i++)
		c->edge[i] = edge_find(o, f->link[i].edge);
	return true;
}

bool cycle_has(const struct cycle *c, uint32_t edge)
{
	uint32_t i;

	for (i = 0; i < c->nr; i++)
		if (c->edge[i] == edge)
			return true;
	return false;
}

/* A search without one link, whoever's root that is; and with those that it may stand for. */
struct without {
	const struct order *o;
	uint32_t edge;
	uint32_t root[ROOTS_MAX];
	unsigned int nr;
};

static bool left_out_without(void *ctx, uint32_t graph)
{
	const struct without *w = ctx;
	uint32_t edge = edge_find(w->o, w->o->by_graph.v[graph]);
	unsigned int i;

	if (edge == w->edge)
		return true;
	for (i = 0; i < w->nr; i++)
		if (w->root[i] == edge)
			return false;
	return w->o->edge.v[edge].flags & EDGE_ROOT;
}

static bool in_cycle(const struct order *o, struct without *w, uint32_t edge)
{
	const struct edge_data *e = &o->edge.v[edge];
	const uint32_t *path;

	return graph_cycle(o->graph, e->graph, edge_dep(o, e), left_out_without, w, &path) != 0;
}

/* Without @edge, would neither the findings that it is in nor what @news completes be there? */
static bool explains(const struct order *o, uint32_t edge, uint32_t news, struct without *w)
{
	struct cycle c;
	uint32_t i;

	*w = (struct without){ .o = o, .edge = edge };
	for (i = 0; i < o->finding.nr; i++) {
		if (!cycle_load(o, o->finding.v[i], &c) || !cycle_has(&c, edge))
			continue;
		if (w->nr == ROOTS_MAX)
			return false;
		w->root[w->nr++] = c.edge[0];
	}
	if (in_cycle(o, w, news))
		return false;
	for (i = 0; i < w->nr; i++)
		if (w->root[i] != edge && o->edge.v[w->root[i]].graph != GRAPH_NONE &&
		    in_cycle(o, w, w->root[i]))
			return false;
	return true;
}

bool root_is_known(struct order *o, const struct cycle *c)
{
	struct without w;
	struct edge_data *e;
	uint32_t i, k;

	for (i = 1; i < c->nr; i++) {
		e = &o->edge.v[c->edge[i]];
		if (e->in_findings < ROOT_FINDINGS || !explains(o, c->edge[i], c->edge[0], &w))
			continue;
		for (k = 0; k < w.nr; k++)
			o->edge.v[w.root[k]].flags &= (uint8_t)~EDGE_ROOT;
		e->flags |= EDGE_ROOT;
		e->finding = o->edge.v[w.root[0]].finding;
		o->edge.v[c->edge[0]].flags |= EDGE_DETOUR;
		finding_again(o, e->finding, o->edge.v[c->edge[0]].last_ns);
		return true;
	}
	return false;
}
