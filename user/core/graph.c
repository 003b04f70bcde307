// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes and edges of the order graph; see graph.h. Invariants: a live edge
 * (dep != 0) is in exactly one slot, in the list of out-edges of its beginning
 * and in the list of in-edges of its end; no two live edges have both ends in
 * common; no live edge is a loop.
 */
#include "graph_priv.h"

#include <string.h>

#define SLOTS_MIN	64u
#define NODES_MAX	(UINT32_C(1) << 30)
#define EDGES_MAX	(UINT32_C(1) << 30)

struct graph *graph_new(void)
{
	return calloc(1, sizeof(struct graph));
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	vec_free(&g->node);
	vec_free(&g->edge);
	free(g->slot);
	vec_free(&g->fwd);
	vec_free(&g->bwd);
	vec_free(&g->pool);
	vec_free(&g->state);
	vec_free(&g->queue[0]);
	vec_free(&g->queue[1]);
	vec_free(&g->path);
	free(g);
}

uint32_t graph_nr_nodes(const struct graph *g)
{
	return (uint32_t)g->node.nr;
}

uint32_t graph_nr_edges(const struct graph *g)
{
	return (uint32_t)g->edge.nr;
}

uint64_t graph_undecided(const struct graph *g)
{
	return g->undecided;
}

const struct graph_edge *graph_edge(const struct graph *g, uint32_t edge)
{
	return &g->edge.v[edge].e;
}

/* Room for one element per node, or per state. A vector's nr is not used: it is scratch. */
static int grow_scratch(struct graph *g)
{
	size_t nr = g->node.nr + 1;
	size_t before = g->state.cap;

	if (vec_reserve(&g->fwd, nr) || vec_reserve(&g->bwd, nr) || vec_reserve(&g->pool, nr) ||
	    vec_reserve(&g->queue[0], 2 * nr) || vec_reserve(&g->queue[1], 2 * nr) ||
	    vec_reserve(&g->path, 2 * nr + 1) || vec_reserve(&g->state, 2 * nr))
		return -ENOMEM;
	if (g->state.cap > before)
		memset(g->state.v + before, 0, (g->state.cap - before) * sizeof(*g->state.v));
	return 0;
}

int graph_node(struct graph *g, uint32_t *node)
{
	uint32_t nr = (uint32_t)g->node.nr;
	struct graph_vertex v = { .first_out = GRAPH_NONE, .last_out = GRAPH_NONE,
		.first_in = GRAPH_NONE, .last_in = GRAPH_NONE,
		.comp = nr, .next = nr, .pos = g->next_pos, .size = 1 };

	if (nr >= NODES_MAX || grow_scratch(g) || vec_push(&g->node, v))
		return -ENOMEM;
	g->next_pos++;
	*node = nr;
	return 0;
}

uint32_t graph_next_search(struct graph *g)
{
	size_t i;

	if (++g->search)
		return g->search;
	for (i = 0; i < g->node.nr; i++)
		memset(g->node.v[i].mark, 0, sizeof(g->node.v[i].mark));
	for (i = 0; i < g->state.cap; i++)
		g->state.v[i].side[0].mark = g->state.v[i].side[1].mark = 0;
	return g->search = 1;
}

/* --- look-up by both ends --------------------------------------------------------------- */

static uint32_t slot_of(const struct graph *g, uint32_t from, uint32_t to)
{
	uint64_t h = ((uint64_t)from << 32 | to) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32) & (g->nr_slots - 1);
}

/* The slot of an edge, or the free one where it would go. */
static uint32_t probe(const struct graph *g, uint32_t from, uint32_t to)
{
	uint32_t i = slot_of(g, from, to);
	const struct graph_edge *e;

	for (; g->slot[i]; i = (i + 1) & (g->nr_slots - 1)) {
		e = &g->edge.v[g->slot[i] - 1].e;
		if (e->from == from && e->to == to)
			break;
	}
	return i;
}

static int grow_slots(struct graph *g)
{
	uint32_t *old = g->slot, nr_old = g->nr_slots, i;
	uint32_t nr = nr_old ? nr_old : SLOTS_MIN, *slot;
	const struct graph_edge *e;

	while (g->nr_used + 1 > nr / 4 * 3)
		nr *= 2;
	if (nr == nr_old)
		return 0;
	slot = calloc(nr, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	g->slot = slot;
	g->nr_slots = nr;
	for (i = 0; i < nr_old; i++) {
		if (!old[i])
			continue;
		e = &g->edge.v[old[i] - 1].e;
		g->slot[probe(g, e->from, e->to)] = old[i];
	}
	free(old);
	return 0;
}

/* Free the slot of an edge, and move back what was displaced by it. */
static void forget(struct graph *g, uint32_t from, uint32_t to)
{
	uint32_t hole = probe(g, from, to), mask = g->nr_slots - 1, i = hole, home;
	const struct graph_edge *e;

	for (;;) {
		i = (i + 1) & mask;
		if (!g->slot[i])
			break;
		e = &g->edge.v[g->slot[i] - 1].e;
		home = slot_of(g, e->from, e->to);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;	/* it would land before its home */
		g->slot[hole] = g->slot[i];
		hole = i;
	}
	g->slot[hole] = 0;
	g->nr_used--;
}

static void remember(struct graph *g, uint32_t edge)
{
	const struct graph_edge *e = &g->edge.v[edge].e;

	g->slot[probe(g, e->from, e->to)] = edge + 1;
	g->nr_used++;
}

uint32_t graph_find(const struct graph *g, uint32_t from, uint32_t to)
{
	if (!g->nr_slots)
		return GRAPH_NONE;
	return g->slot[probe(g, from, to)] - 1;		/* a free one is GRAPH_NONE + 1 */
}

/* --- edges ------------------------------------------------------------------------------- */

static void link_out(struct graph *g, uint32_t edge)
{
	struct graph_vertex *v = &g->node.v[g->edge.v[edge].e.from];

	g->edge.v[edge].next_out = GRAPH_NONE;
	if (v->last_out == GRAPH_NONE)
		v->first_out = edge;
	else
		g->edge.v[v->last_out].next_out = edge;
	v->last_out = edge;
}

static void link_in(struct graph *g, uint32_t edge)
{
	struct graph_vertex *v = &g->node.v[g->edge.v[edge].e.to];

	g->edge.v[edge].next_in = GRAPH_NONE;
	if (v->last_in == GRAPH_NONE)
		v->first_in = edge;
	else
		g->edge.v[v->last_in].next_in = edge;
	v->last_in = edge;
}

int graph_add(struct graph *g, uint32_t from, uint32_t to, uint8_t dep, uint32_t *edge)
{
	struct graph_link link = { .e = { .from = from, .to = to, .dep = dep } };
	uint32_t found;

	if (from >= g->node.nr || to >= g->node.nr || from == to || !dep || dep > GRAPH_ALL)
		return -EINVAL;
	found = graph_find(g, from, to);
	if (found != GRAPH_NONE) {
		struct graph_edge *e = &g->edge.v[found].e;

		*edge = found;
		if (!(dep & ~e->dep))
			return 0;
		e->dep |= dep;
		return 1;
	}
	found = (uint32_t)g->edge.nr;
	if (found >= EDGES_MAX || grow_slots(g) ||
	    vec_push(&g->edge, link))
		return -ENOMEM;
	remember(g, found);
	link_out(g, found);
	link_in(g, found);
	graph_order(g, from, to, false);
	g->edge.v[found].e.aside = g->node.v[from].comp == g->node.v[to].comp;
	*edge = found;
	return 1;
}

uint32_t graph_next_out(const struct graph *g, uint32_t node, uint32_t edge)
{
	edge = edge == GRAPH_NONE ? g->node.v[node].first_out : g->edge.v[edge].next_out;
	while (edge != GRAPH_NONE && !g->edge.v[edge].e.dep)
		edge = g->edge.v[edge].next_out;
	return edge;
}

/* --- two nodes that are one --------------------------------------------------------------- */

struct merge {
	struct graph *g;
	uint32_t node, into;
	void (*moved)(void *ctx, uint32_t old, uint32_t now);
	void *ctx;
};

/* Edge @edge gets new ends; the caller has taken it out of the list where it cannot stay. */
static bool move_edge(const struct merge *m, uint32_t edge, uint32_t from, uint32_t to)
{
	struct graph *g = m->g;
	struct graph_edge *e = &g->edge.v[edge].e;
	uint32_t found = GRAPH_NONE;

	forget(g, e->from, e->to);
	if (from != to)
		found = graph_find(g, from, to);
	if (from != to && found == GRAPH_NONE) {
		e->from = from;
		e->to = to;
		remember(g, edge);
		return true;
	}
	if (found != GRAPH_NONE)
		g->edge.v[found].e.dep |= e->dep;
	e->dep = 0;
	if (m->moved)
		m->moved(m->ctx, edge, found);
	return false;
}

int graph_merge(struct graph *g, uint32_t node, uint32_t into,
		void (*moved)(void *ctx, uint32_t old, uint32_t now), void *ctx)
{
	const struct merge m = { .g = g, .node = node, .into = into, .moved = moved, .ctx = ctx };
	struct graph_vertex *v;
	uint32_t i, next;

	if (node >= g->node.nr || into >= g->node.nr || node == into)
		return -EINVAL;
	graph_order(g, node, into, true);
	v = &g->node.v[node];
	i = v->first_out;
	v->first_out = v->last_out = GRAPH_NONE;
	for (; i != GRAPH_NONE; i = next) {
		next = g->edge.v[i].next_out;
		if (g->edge.v[i].e.dep && move_edge(&m, i, into, g->edge.v[i].e.to))
			link_out(g, i);
	}
	i = v->first_in;
	v->first_in = v->last_in = GRAPH_NONE;
	for (; i != GRAPH_NONE; i = next) {
		next = g->edge.v[i].next_in;
		if (g->edge.v[i].e.dep && move_edge(&m, i, g->edge.v[i].e.from, into))
			link_in(g, i);
	}
	return 0;
}
