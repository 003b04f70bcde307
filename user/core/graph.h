/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order graph: nodes are classes, an edge a -> b says that b was taken while
 * a was held. Edges carry lockdep's four strengths, and only strong cycles count
 * (kernel/locking/lockdep.c, check_noncircular(); Documentation/locking/
 * lockdep-design.rst, "Recursive read locks"): no edge whose end is taken by
 * a recursive reader may be followed by one whose beginning is held by a reader.
 *
 * Incremental: a topological order (Pearce and Kelly, JEA 11, 2006) accepts most
 * edges at once; an edge that contradicts it is searched for exactly, by breadth,
 * so that what is found is a shortest cycle. An edge that closes a cycle stays
 * in the graph, aside: the order is one of strongly connected components, and
 * detection goes on.
 *
 * Pure: no I/O, no clock, no globals.
 */
#ifndef LK_GRAPH_H
#define LK_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Strengths, a set: first letter: S(hared) or E(xclusive) holder of the edge's
 * beginning; second: R(ecursive reader) or N(ot) at its end.
 */
enum graph_dep {
	GRAPH_SR	= 1 << 0,
	GRAPH_ER	= 1 << 1,
	GRAPH_SN	= 1 << 2,
	GRAPH_EN	= 1 << 3,
	GRAPH_ALL	= 15,
};

/* The strength of one observation; @held and @taken are enum lk_read (lockdep.c, calc_dep()). */
static inline uint8_t graph_dep(uint32_t held, uint32_t taken)
{
	return (uint8_t)(1u << ((held == 0) + ((taken != 2) << 1)));
}

struct graph_edge {
	uint32_t from, to;
	uint8_t dep;		/* enum graph_dep seen so far */
	bool aside;		/* when it came it closed a cycle of edges, strong or not */
};

struct graph;

#define GRAPH_NONE UINT32_MAX

/* NULL when out of memory. */
struct graph *graph_new(void);
void graph_free(struct graph *g);

/* A new node, numbered 0, 1, 2, ...: 0 or -ENOMEM. */
int graph_node(struct graph *g, uint32_t *node);

/*
 * Add strength @dep (one or more bits) to the edge @from -> @to. 1 if that was
 * new, 0 if it was known (cheap: one look-up), -EINVAL for an unknown node or
 * @from == @to (nesting is no matter of order), -ENOMEM. *edge is its number,
 * stable for ever.
 */
int graph_add(struct graph *g, uint32_t from, uint32_t to, uint8_t dep, uint32_t *edge);

/*
 * A shortest strong cycle through @edge, taken with strength @dep (one or more
 * bits): its edges in order from @edge on, so path[i].to == path[i + 1].from, into
 * a buffer that is the graph's and valid until the next call. No node is in it twice
 * (see graph_cycle.c). Returns their number; 0 = there is none; -EINVAL for an
 * unknown edge or no strength. With @skip, edges for which it is true are not used
 * (nor @edge itself, if it is true for that).
 *
 * Free of cost where no cycle of edges at all passes @edge, and linear in the size of
 * its component otherwise. Where the search had to be given up the answer is 0 and
 * graph_undecided() counts it.
 */
int graph_cycle(struct graph *g, uint32_t edge, uint8_t dep,
		bool (*skip)(void *ctx, uint32_t edge), void *ctx, const uint32_t **path);

/*
 * @node and @into turned out to be one class: all edges of @node become edges of
 * @into, and @node loses them. Edges that become loops or duplicates keep their
 * numbers, but end up with dep == 0 and are never part of a cycle; *moved (may be
 * NULL) is called with the old number and the number of the edge that took over
 * (GRAPH_NONE for a loop). 0, or -EINVAL for an unknown node or @node == @into.
 *
 * New cycles all pass @into: whoever wants them asks graph_cycle() about each of its
 * edges, see graph_next_out().
 */
int graph_merge(struct graph *g, uint32_t node, uint32_t into,
		void (*moved)(void *ctx, uint32_t old, uint32_t now), void *ctx);

uint32_t graph_nr_nodes(const struct graph *g);
uint32_t graph_nr_edges(const struct graph *g);
const struct graph_edge *graph_edge(const struct graph *g, uint32_t edge);
/* The number of the edge, GRAPH_NONE if there is none. */
uint32_t graph_find(const struct graph *g, uint32_t from, uint32_t to);
/* The edge from @node after @edge (GRAPH_NONE: the first), oldest first; GRAPH_NONE at the end. */
uint32_t graph_next_out(const struct graph *g, uint32_t node, uint32_t edge);
/* Searches that were given up: it is not known whether there was a cycle. */
uint64_t graph_undecided(const struct graph *g);

#endif /* LK_GRAPH_H */
