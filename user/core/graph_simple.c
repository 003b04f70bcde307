// SPDX-License-Identifier: GPL-2.0-only
/*
 * A shortest strong cycle that passes no node twice, where the shortest strong walk
 * does; see graph_cycle.c. That is the search for a path with forbidden transitions,
 * hard in general, so this is a depth-first search with iterative deepening (IDA*),
 * guided by the length of the shortest walk that remains, and it gives up after
 * a fixed amount of work. It is rarely needed: only beside cycles that are known.
 */
#include "graph_priv.h"

#define WORK_MAX	(1u << 18)	/* edges looked at, some milliseconds */

/* Number of edges that a walk still needs from each state, in state.left; side[0].mark = reachable. */
static void measure(struct graph *g, const struct graph_query *q)
{
	const struct graph_edge *root = &g->edge.v[q->edge].e;
	uint32_t head = 0, tail = 0, end, i, next, xr;

	graph_next_search(g);
	for (xr = 0; xr < 2; xr++) {
		end = 2 * root->from + xr;
		if (!graph_closes(q, end))
			continue;
		g->state.v[end].side[0].mark = g->search;
		g->state.v[end].left = 0;
		g->queue[0].v[tail++] = end;
	}
	while (head < tail) {
		end = g->queue[0].v[head++];
		for (i = g->node.v[end / 2].first_in; i != GRAPH_NONE; i = g->edge.v[i].next_in) {
			const struct graph_link *l = &g->edge.v[i];

			if (l->e.from == root->from || !graph_usable(g, q, i))
				continue;
			for (xr = 0; xr < 2; xr++) {
				struct graph_state *s = &g->state.v[2 * l->e.from + xr];

				if (!graph_step(l, xr, &next) || next != end ||
				    s->side[0].mark == g->search)
					continue;
				s->side[0].mark = g->search;
				s->left = g->state.v[end].left + 1;
				g->queue[0].v[tail++] = 2 * l->e.from + xr;
			}
		}
	}
}

/*
 * Depth first, cycles of exactly @len edges. mark[1] of a node: it is on the path.
 * queue[0].v[d] is the state after path[d], side[0].via the next edge to try from there.
 */
static int deepen(struct graph *g, const struct graph_query *q, uint32_t len, uint32_t *work)
{
	const struct graph_edge *root = &g->edge.v[q->edge].e;
	uint32_t d = 0, i, next, state = 2 * root->to + !(q->dep & GRAPH_XN);

	g->path.v[0] = q->edge;
	g->queue[0].v[0] = state;
	g->state.v[state].side[0].via = g->node.v[root->to].first_out;
	g->node.v[root->to].mark[1] = g->search;
	for (;;) {
		state = g->queue[0].v[d];
		i = g->state.v[state].side[0].via;
		if (i == GRAPH_NONE) {
			g->node.v[state / 2].mark[1] = 0;
			if (!d--)
				return 0;
			continue;
		}
		g->state.v[state].side[0].via = g->edge.v[i].next_out;
		if (++*work > WORK_MAX)
			return -E2BIG;
		if (!graph_step(&g->edge.v[i], state & 1, &next) || !graph_usable(g, q, i))
			continue;
		if (g->state.v[next].side[0].mark != g->search ||
		    g->node.v[next / 2].mark[1] == g->search)
			continue;
		if (d + 2 + g->state.v[next].left > len)
			continue;
		g->path.v[d + 1] = i;
		if (next / 2 == root->from) {
			if (d + 2 == len)
				return (int)len;
			continue;
		}
		g->queue[0].v[++d] = next;
		g->state.v[next].side[0].via = g->node.v[next / 2].first_out;
		g->node.v[next / 2].mark[1] = g->search;
	}
}

int graph_simple(struct graph *g, const struct graph_query *q, uint32_t shortest)
{
	uint32_t comp = g->node.v[g->edge.v[q->edge].e.to].comp, len, work = 0;
	int ret = 0;

	measure(g, q);
	for (len = shortest; len <= g->node.v[comp].size && !ret; len++)
		ret = deepen(g, q, len, &work);
	return ret;
}
