// SPDX-License-Identifier: GPL-2.0-only
/*
 * The topological order (Pearce and Kelly, "A dynamic topological sort algorithm
 * for directed acyclic graphs", JEA 11, 2006), kept over strongly connected
 * components instead of nodes: what a new edge makes cyclic becomes one component.
 * So two nodes of different components have no cycle in common, which is known at
 * once, and a search for a cycle never leaves a component.
 *
 * Invariant: for a live edge either both ends are in one component, or the
 * beginning's has the smaller position. (Components never fall apart; where
 * a merge removes edges, one may be larger than it needs to be, which costs time
 * but is not wrong.)
 */
#include "graph_priv.h"

#include <stdlib.h>

static struct graph_vertex *comp_of(struct graph *g, uint32_t node)
{
	return &g->node.v[g->node.v[node].comp];
}

/* Visit component @comp, unless it was or is out of the range of positions. */
static void visit(struct graph *g, uint32_t comp, int dir, uint32_t limit,
		  uint64_t *list, uint32_t *nr)
{
	struct graph_vertex *v = &g->node.v[comp];

	if (v->mark[dir] == g->search || (dir == GRAPH_FORWARD ? v->pos > limit : v->pos < limit))
		return;
	v->mark[dir] = g->search;
	list[(*nr)++] = (uint64_t)v->pos << 32 | comp;
}

/* All components on paths from @start (or to it, backward) up to position @limit. */
static uint32_t collect(struct graph *g, uint32_t start, int dir, uint32_t limit, uint64_t *list)
{
	uint32_t nr = 0, i, comp, node, e, other;

	visit(g, start, dir, limit, list, &nr);
	for (i = 0; i < nr; i++) {
		comp = node = (uint32_t)list[i];
		do {
			const struct graph_vertex *v = &g->node.v[node];

			e = dir == GRAPH_FORWARD ? v->first_out : v->first_in;
			while (e != GRAPH_NONE) {
				const struct graph_link *l = &g->edge.v[e];

				other = dir == GRAPH_FORWARD ? l->e.to : l->e.from;
				visit(g, g->node.v[other].comp, dir, limit, list, &nr);
				e = dir == GRAPH_FORWARD ? l->next_out : l->next_in;
			}
			node = v->next;
		} while (node != comp);
	}
	return nr;
}

static int compare_u64(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

/* Positions of both lists, ascending, each once. The lists are sorted by position. */
static uint32_t pool_positions(struct graph *g, uint32_t nf, uint32_t nb)
{
	uint32_t f = 0, b = 0, nr = 0;

	while (f < nf || b < nb) {
		uint64_t vf = f < nf ? g->fwd.v[f] : UINT64_MAX;
		uint64_t vb = b < nb ? g->bwd.v[b] : UINT64_MAX;

		f += vf <= vb;
		b += vb <= vf;
		g->pool.v[nr++] = (uint32_t)((vf < vb ? vf : vb) >> 32);
	}
	return nr;
}

/* Make component @b part of component @a, or the other way round: the smaller is relabelled. */
static uint32_t unite(struct graph *g, uint32_t a, uint32_t b)
{
	struct graph_vertex *va = &g->node.v[a], *vb = &g->node.v[b];
	uint32_t node = b, next;

	if (va->size < vb->size)
		return unite(g, b, a);
	do {
		g->node.v[node].comp = a;
		node = g->node.v[node].next;
	} while (node != b);
	next = va->next;
	va->next = vb->next;
	vb->next = next;
	va->size += vb->size;
	return a;
}

/* On a path from the lower to the higher end: to be one component. */
static bool in_both(const struct graph *g, uint64_t item)
{
	const struct graph_vertex *v = &g->node.v[(uint32_t)item];

	return v->mark[GRAPH_FORWARD] == g->search && v->mark[GRAPH_BACKWARD] == g->search;
}

/*
 * @low comes before @high, but an edge high -> low says otherwise. What is behind
 * @low moves up and what is before @high moves down, into the places that they had
 * together; what is both is one component, in a place between. Nothing else moves.
 */
static void reorder(struct graph *g, uint32_t low, uint32_t high, bool one)
{
	uint32_t low_pos = g->node.v[low].pos, high_pos = g->node.v[high].pos;
	uint32_t nf, nb, nr, i, first = 0, last, comp = GRAPH_NONE;

	graph_next_search(g);
	nf = collect(g, low, GRAPH_FORWARD, high_pos, g->fwd.v);
	nb = collect(g, high, GRAPH_BACKWARD, low_pos, g->bwd.v);
	qsort(g->fwd.v, nf, sizeof(*g->fwd.v), compare_u64);
	qsort(g->bwd.v, nb, sizeof(*g->bwd.v), compare_u64);
	nr = pool_positions(g, nf, nb);
	if (one) {
		g->node.v[low].mark[GRAPH_BACKWARD] = g->search;
		g->node.v[high].mark[GRAPH_FORWARD] = g->search;
		comp = unite(g, low, high);
	}
	for (i = 0; i < nb; i++) {
		uint32_t c = (uint32_t)g->bwd.v[i];

		if (!in_both(g, g->bwd.v[i]))
			g->node.v[c].pos = g->pool.v[first++];
		else if (comp == GRAPH_NONE)
			comp = c;
		else if (g->node.v[c].comp != comp)
			comp = unite(g, comp, c);
	}
	for (i = nf, last = nr; i-- > 0; )
		if (!in_both(g, g->fwd.v[i]))
			g->node.v[(uint32_t)g->fwd.v[i]].pos = g->pool.v[--last];
	if (comp != GRAPH_NONE)
		g->node.v[comp].pos = g->pool.v[first];
}

void graph_order(struct graph *g, uint32_t from, uint32_t to, bool unite_them)
{
	uint32_t a = g->node.v[from].comp, b = g->node.v[to].comp;
	bool ordered = comp_of(g, from)->pos < comp_of(g, to)->pos;

	if (a == b || (ordered && !unite_them))
		return;
	reorder(g, ordered ? a : b, ordered ? b : a, unite_them);
}
