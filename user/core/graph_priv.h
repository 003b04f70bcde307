/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the order graph: graph.c owns nodes, edges and their look-up,
 * graph_order.c the components and their order, graph_cycle.c and graph_simple.c
 * the search. Everything a search or a merge needs is allocated with the nodes,
 * so neither can fail half-way.
 */
#ifndef LK_GRAPH_PRIV_H
#define LK_GRAPH_PRIV_H

#include "../base/vec.h"
#include "graph.h"

/* Strengths by one end. */
enum {
	GRAPH_XR = GRAPH_SR | GRAPH_ER,
	GRAPH_XN = GRAPH_SN | GRAPH_EN,
	GRAPH_EX = GRAPH_ER | GRAPH_EN,
};

/* Lists end with GRAPH_NONE; an edge with dep == 0 may still be in the list of its other end. */
struct graph_vertex {
	uint32_t first_out, last_out, first_in, last_in;	/* edges, oldest first */
	uint32_t comp;		/* a node that stands for its strongly connected component */
	uint32_t next;		/* in a ring of all nodes of the component */
	uint32_t pos;		/* of the component's node: place in the order; unique */
	uint32_t size;		/* of the component's node: nodes in the component */
	uint32_t mark[2];	/* last search that came here, GRAPH_FORWARD and GRAPH_BACKWARD */
};

struct graph_link {
	struct graph_edge e;
	uint32_t next_out, next_in;
};

/*
 * A node together with how it was reached: state 2 * node + xr, where xr says
 * that the edge into it ends in a recursive reader (lockdep's only_xr). Searches run
 * from both ends.
 */
struct graph_state {
	struct {
		uint32_t mark;	/* last search that came here */
		uint32_t via;	/* edge that led here; an iterator in graph_simple.c */
		uint32_t next;	/* state that it led from, towards where the search began */
	} side[2];
	uint32_t left;		/* graph_simple.c: edges to the end, at least */
};

enum { GRAPH_FORWARD, GRAPH_BACKWARD };

struct graph {
	VEC(struct graph_vertex) node;
	VEC(struct graph_link) edge;
	uint32_t *slot;		/* edge + 1 by (from, to); 0 = free */
	uint32_t nr_slots;	/* 0 or a power of two, at most 3/4 of them used */
	uint32_t nr_used;
	uint32_t next_pos;
	uint32_t search;	/* number of the latest search, see the marks */
	uint64_t undecided;
	/* Scratch, room for all nodes. */
	VEC(uint64_t) fwd;
	VEC(uint64_t) bwd;
	VEC(uint32_t) pool;
	/* The same, room for all states. */
	VEC(struct graph_state) state;
	VEC(uint32_t) queue[2];
	VEC(uint32_t) path;
};

/* The next search's number, never 0. */
uint32_t graph_next_search(struct graph *g);

/*
 * Keep the order when @from -> @to (nodes) was added; with @unite they are one
 * class from now on, and so in one component, whatever connects them.
 */
void graph_order(struct graph *g, uint32_t from, uint32_t to, bool unite);

/* One search: a cycle through @edge, used as the one strength @dep. */
struct graph_query {
	uint32_t edge;
	uint8_t dep;
	bool (*skip)(void *ctx, uint32_t edge);
	void *ctx;
};

/* The state behind edge @l, entered from a state with @xr; false: that is no strong path. */
static inline bool graph_step(const struct graph_link *l, bool xr, uint32_t *state)
{
	uint8_t dep = xr ? l->e.dep & GRAPH_EX : l->e.dep;

	*state = 2 * l->e.to + !(dep & GRAPH_XN);
	return dep;
}

/*
 * May @edge follow in a cycle of @q? Not if it is skipped, leads out of the component or back
 * to where the search began.
 */
static inline bool graph_usable(const struct graph *g, const struct graph_query *q, uint32_t edge)
{
	const struct graph_edge *e = &g->edge.v[edge].e, *root = &g->edge.v[q->edge].e;

	return e->dep && e->to != root->to &&
	       g->node.v[e->to].comp == g->node.v[root->to].comp &&
	       !(q->skip && q->skip(q->ctx, edge));
}

/* Does @state, at the beginning of the root edge, close the cycle? (lockdep.c, hlock_conflict()) */
static inline bool graph_closes(const struct graph_query *q, uint32_t state)
{
	return (q->dep & GRAPH_EX) || !(state & 1);
}

/*
 * A shortest cycle that passes no node twice, of @shortest edges or more, in
 * g->path: their number, 0 if there is none. -E2BIG if that was too much work.
 */
int graph_simple(struct graph *g, const struct graph_query *q, uint32_t shortest);

#endif /* LK_GRAPH_PRIV_H */
