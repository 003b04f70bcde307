// SPDX-License-Identifier: GPL-2.0-only
/*
 * The search for a shortest strong cycle: by breadth over states, a node together
 * with how it was reached (lockdep.c, __bfs() and only_xr). State xr = 0 (reached as
 * an exclusive or non-recursive acquisition) can go wherever xr = 1 can, and from there
 * it is never farther, so a node is entered at most twice, xr = 1 first. The search
 * runs from both ends, level by level, always the side with fewer states in its last
 * level; so the first state that both have seen is on a shortest walk.
 *
 * That finds shortest closed strong *walks*. A walk that passes a node twice is no
 * deadlock: it would need tasks that hold that lock in conflicting modes at once
 * (..-(*R)-> B -(E*)-> .. and ..-(*N)-> B -(S*)-> ..). Cut at such a node it
 * falls into two closed walks, of which at least one is strong (of (R, E) and (N, S)
 * it is (N, E)), so while there is no cycle yet a walk through the new edge always
 * means a cycle through it, as in lockdep, which stops there. We go on, and then the
 * strong one may be a known cycle that the new edge only hangs on to. So a walk with
 * a node twice is not believed: graph_simple() looks for a cycle that has none.
 *
 * lockdep marks a node as visited however it was reached, and even when the path to
 * it is not strong, so it may miss a cycle that this search finds.
 */
#include "graph_priv.h"

/* One side of a search: states from head on are still to be expanded. */
struct front {
	uint32_t *queue;
	uint32_t head, tail;
};

/* Enter @state by @edge; true: the other side has been here. */
static bool enter(struct graph *g, int side, struct front *f, uint32_t state, uint32_t edge,
		  uint32_t next)
{
	struct graph_state *s = &g->state.v[state];

	if (s->side[side].mark == g->search)
		return false;
	s->side[side].mark = g->search;
	s->side[side].via = edge;
	s->side[side].next = next;
	f->queue[f->tail++] = state;
	return s->side[!side].mark == g->search;
}

/* Go on from @state; the state where both sides meet, or GRAPH_NONE. */
static uint32_t forward(struct graph *g, const struct graph_query *q, struct front *f, uint32_t state)
{
	uint32_t from = g->edge.v[q->edge].e.from, i, next;

	for (i = g->node.v[state / 2].first_out; i != GRAPH_NONE; i = g->edge.v[i].next_out) {
		if (!graph_step(&g->edge.v[i], state & 1, &next) || !graph_usable(g, q, i))
			continue;
		if (next / 2 == from && !graph_closes(q, next))
			continue;
		if (g->state.v[next & ~1u].side[GRAPH_FORWARD].mark == g->search)
			continue;	/* was reached, at least as strongly */
		if (enter(g, GRAPH_FORWARD, f, next, i, state))
			return next;
	}
	return GRAPH_NONE;
}

/* The same, against the direction of the edges. */
static uint32_t backward(struct graph *g, const struct graph_query *q, struct front *f, uint32_t state)
{
	uint32_t from = g->edge.v[q->edge].e.from, i, next, xr;

	for (i = g->node.v[state / 2].first_in; i != GRAPH_NONE; i = g->edge.v[i].next_in) {
		const struct graph_link *l = &g->edge.v[i];

		if (l->e.from == from || !graph_usable(g, q, i))
			continue;
		for (xr = 0; xr < 2; xr++)
			if (graph_step(l, xr, &next) && next == state &&
			    enter(g, GRAPH_BACKWARD, f, 2 * l->e.from + xr, i, state))
				return 2 * l->e.from + xr;
	}
	return GRAPH_NONE;
}

/* A state in the middle of a shortest strong walk from the root edge's end to its beginning. */
static uint32_t walk(struct graph *g, const struct graph_query *q)
{
	const struct graph_edge *root = &g->edge.v[q->edge].e;
	struct front f = { .queue = g->queue[0].v }, b = { .queue = g->queue[1].v };
	uint32_t met = GRAPH_NONE, level;

	graph_next_search(g);
	enter(g, GRAPH_FORWARD, &f, 2 * root->to + !(q->dep & GRAPH_XN), q->edge, GRAPH_NONE);
	enter(g, GRAPH_BACKWARD, &b, 2 * root->from, GRAPH_NONE, GRAPH_NONE);
	if (graph_closes(q, 2 * root->from + 1))
		enter(g, GRAPH_BACKWARD, &b, 2 * root->from + 1, GRAPH_NONE, GRAPH_NONE);
	while (met == GRAPH_NONE && f.head < f.tail && b.head < b.tail) {
		if (f.tail - f.head <= b.tail - b.head)
			for (level = f.tail; f.head < level && met == GRAPH_NONE; )
				met = forward(g, q, &f, f.queue[f.head++]);
		else
			for (level = b.tail; b.head < level && met == GRAPH_NONE; )
				met = backward(g, q, &b, b.queue[b.head++]);
	}
	return met;
}

/* Write the walk through @met into g->path: number of edges; *twice: it passes a node twice. */
static uint32_t trace(struct graph *g, uint32_t met, bool *twice)
{
	const struct graph_state *state = g->state.v;
	uint32_t n = 0, i, s, next;

	for (s = met; s != GRAPH_NONE; s = state[s].side[GRAPH_FORWARD].next)
		n++;
	for (s = met, i = n; s != GRAPH_NONE; s = state[s].side[GRAPH_FORWARD].next)
		g->path.v[--i] = state[s].side[GRAPH_FORWARD].via;
	for (s = met; (next = state[s].side[GRAPH_BACKWARD].next) != GRAPH_NONE; s = next)
		g->path.v[n++] = state[s].side[GRAPH_BACKWARD].via;
	*twice = false;
	graph_next_search(g);
	for (i = 0; i < n; i++) {
		struct graph_vertex *v = &g->node.v[g->edge.v[g->path.v[i]].e.to];

		*twice |= v->mark[0] == g->search;
		v->mark[0] = g->search;
	}
	return n;
}

/* One strength of the root edge: the number of edges in g->path. */
static uint32_t search(struct graph *g, const struct graph_query *q)
{
	uint32_t met = walk(g, q), n;
	bool twice;
	int ret;

	if (met == GRAPH_NONE)
		return 0;
	n = trace(g, met, &twice);
	if (!twice)
		return n;
	ret = graph_simple(g, q, n);
	if (ret < 0) {
		g->undecided++;
		return 0;
	}
	return (uint32_t)ret;
}

int graph_cycle(struct graph *g, uint32_t edge, uint8_t dep,
		bool (*skip)(void *ctx, uint32_t edge), void *ctx, const uint32_t **path)
{
	struct graph_query q = { .edge = edge, .skip = skip, .ctx = ctx };
	const struct graph_edge *root;
	uint32_t n = 0, other;

	if (edge >= g->edge.nr || !(dep & GRAPH_ALL))
		return -EINVAL;
	root = &g->edge.v[edge].e;
	if (!root->dep || g->node.v[root->from].comp != g->node.v[root->to].comp)
		return 0;
	if (skip && skip(ctx, edge))
		return 0;
	*path = g->path.v;
	/* EN closes what any other closes, and any other what SR does; ER and SN differ. */
	if (dep & GRAPH_EN)
		dep = GRAPH_EN;
	else if (dep & (GRAPH_ER | GRAPH_SN))
		dep &= GRAPH_ER | GRAPH_SN;
	if (dep == (GRAPH_ER | GRAPH_SN)) {
		q.dep = GRAPH_SN;
		n = search(g, &q);
		dep = GRAPH_ER;
	}
	q.dep = dep;
	other = search(g, &q);
	if (!n || (other && other <= n))
		return (int)other;
	q.dep = GRAPH_SN;		/* the path was overwritten */
	return (int)search(g, &q);
}
