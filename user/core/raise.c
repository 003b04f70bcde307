// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worse cycles of known roots. The root of a finding is left out of later searches
 * (evidence.c), for whatever passes it is the same inversion. But the first cycle
 * found may be doubtful, as it passes a completion or is one task's, and a later one
 * through the same root may not: that is told, as a finding of its own, which the root
 * belongs to from then on. As the severity rises each time, a root has as many findings
 * as there are severities at most.
 */
#include <errno.h>
#include <string.h>

#include "order_priv.h"

#define ALWAYS	64	/* news of an edge that are followed up; then each 2^n-th, as this costs searches */

struct raising {
	const struct order *o;
	uint32_t banned[SEARCH_TRIES];
	unsigned int nr;
};

static bool is_root(const struct order *o, uint32_t edge)
{
	return o->edge.v[edge].flags & EDGE_ROOT;
}

static enum finding_severity severity_of_root(const struct order *o, uint32_t edge)
{
	return o->finding.v[o->edge.v[edge].finding]->verdict.severity;
}

/* Nothing that is worse than what is known passes here: these never make more than "possible". */
static bool is_hopeless(const struct order *o, uint32_t edge)
{
	return o->edge.v[edge].flags & EDGE_COMPLETION || !o->edge.v[edge].seen ||
	       (is_root(o, edge) && severity_of_root(o, edge) >= FINDING_CERTAIN);
}

static bool left_out(void *ctx, uint32_t graph)
{
	const struct raising *r = ctx;
	uint32_t edge = edge_find(r->o, r->o->by_graph.v[graph]);
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		if (r->banned[i] == edge)
			return true;
	return is_hopeless(r->o, edge);
}

/* A shortest cycle through @edge and any roots: 1, 0 = none, negative errno. */
static int find_cycle(struct raising *r, uint32_t edge, struct cycle *c)
{
	const struct order *o = r->o;
	const struct edge_data *e = &o->edge.v[edge];
	const uint32_t *path;
	int i, n = graph_cycle(o->graph, e->graph, edge_dep(o, e), left_out, r, &path);

	if (n <= 0 || n > CYCLE_MAX)
		return n < 0 ? n : 0;
	c->nr = (uint32_t)n;
	for (i = 0; i < n; i++)
		c->edge[i] = edge_find(o, o->by_graph.v[path[i]]);
	return 1;
}

/* The first root of @c to its beginning, where root.c looks for it; false: it has none. */
static bool begin_with_root(const struct order *o, struct cycle *c)
{
	uint32_t first, edge[CYCLE_MAX], i;

	for (first = 0; first < c->nr && !is_root(o, c->edge[first]); first++)
		;
	if (first == c->nr)
		return false;
	for (i = 0; i < c->nr; i++)
		edge[i] = c->edge[(first + i) % c->nr];
	memcpy(c->edge, edge, c->nr * sizeof(*edge));
	return true;
}

/* Is it worse than the findings of all its roots? Then it is one. 1 if so, 0 if not, -ENOMEM. */
static int raise_by(struct model *m, struct cycle *c)
{
	struct order *o = order_of(m);
	struct verdict v;
	uint32_t i, ban;

	if (!begin_with_root(o, c) || finding_by_sign(o, cycle_sign(o, c)) != ORDER_NONE ||
	    cycle_judge(o, c, false, &ban))
		return 0;
	cycle_verdict(m, c, &v);
	for (i = 0; i < c->nr; i++)
		if (is_root(o, c->edge[i]) && severity_of_root(o, c->edge[i]) >= v.severity)
			return 0;
	if (cycle_add(m, c, &v))
		return -ENOMEM;
	for (i = 0; i < c->nr; i++)
		if (is_root(o, c->edge[i]))
			o->edge.v[c->edge[i]].finding = (uint32_t)o->finding.nr - 1;
	return 1;
}

/* A link to do without in the next search: not the first, and no root if that can be had. */
static uint32_t link_to_ban(const struct order *o, const struct cycle *c, bool last)
{
	uint32_t i, k;

	for (i = 1; i < c->nr; i++) {
		k = last ? c->nr - i : i;
		if (!is_root(o, c->edge[k]))
			return c->edge[k];
	}
	return c->edge[1];
}

static int raise_pass(struct model *m, uint32_t edge, bool last)
{
	struct order *o = order_of(m);
	struct raising r = { .o = o };
	struct cycle c;
	uint32_t ban;
	int ret;

	while (r.nr < SEARCH_TRIES) {
		ret = find_cycle(&r, edge, &c);
		if (ret <= 0)
			return ret;
		ban = link_to_ban(o, &c, last);
		ret = raise_by(m, &c);
		if (ret)
			return ret;
		r.banned[r.nr++] = ban;
	}
	return 0;
}

int raise_search(struct model *m, uint32_t edge)
{
	struct order *o = order_of(m);
	struct edge_data *e = &o->edge.v[edge];
	int ret;

	if (!o->finding.nr || is_hopeless(o, edge))
		return 0;
	if (++e->raises > ALWAYS && e->raises & (e->raises - 1))
		return 0;
	ret = raise_pass(m, edge, false);
	if (!ret)
		ret = raise_pass(m, edge, true);
	return ret < 0 ? ret : 0;
}
