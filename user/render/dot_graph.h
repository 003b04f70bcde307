/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which part of the lock order the format dot draws. Nodes are the classes of the
 * model, under the same numbers, and behind them locks that only reports of the kernel
 * name. What is chosen: the links of the findings, then orders of locks that are in
 * findings, then the other orders, most often seen first, until there are
 * opts->view.entries nodes; and every order between two nodes that were chosen.
 */
#ifndef LK_DOT_GRAPH_H
#define LK_DOT_GRAPH_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "parts_finding.h"

struct dot_node {
	const char *name, *type;	/* "" = not known */
	uint32_t instances;		/* 0 = not known */
	const struct finding *finding;	/* the worst it is in; NULL = none */
	const struct finding *last;	/* of them, in their order */
	unsigned int nr_findings;
	bool chosen;
};

struct dot_edge {
	uint32_t from, to;		/* nodes */
	bool observed;			/* @e says how often; else only a finding says that it is there */
	struct model_edge e;
	const struct finding_link *link;	/* of @finding */
	const struct finding *finding;	/* the worst it is a link of; NULL = none */
	unsigned int nr_findings;
	bool pass;			/* does it pass -L and -S, or is it a link of a finding that does? */
};

struct dot_graph {
	VEC(struct dot_node) node;
	VEC(struct dot_edge) edge;	/* most often seen first; those that are only links last */
	unsigned int nr_nodes, nr_edges;	/* that passed the filter */
	unsigned int nr_chosen_nodes, nr_chosen_edges;
	struct parts_findings findings;	/* that passed the filter */
	struct htab edges;		/* by from and to */
	struct strpool names;
	VEC(uint32_t) by_name;		/* node + 1 by number of the name; 0 = none */
};

/* Of --view findings and order, @sections has bits. 0 or -ENOMEM; in both cases dot_graph_done(). */
int dot_graph_build(const struct model *m, const struct view_opts *opts, unsigned int sections,
		    struct dot_graph *g);
void dot_graph_done(struct dot_graph *g);

/* Is the edge drawn? */
static inline bool dot_edge_chosen(const struct dot_graph *g, const struct dot_edge *e)
{
	return e->pass && g->node.v[e->from].chosen && g->node.v[e->to].chosen;
}

/*
 * The part of the kernel that a lock of this name belongs to, into @buf: "module ext4",
 * "network", ...; false where the name does not tell.
 */
bool dot_subsystem(const char *name, char *buf, size_t size);

#endif /* LK_DOT_GRAPH_H */
