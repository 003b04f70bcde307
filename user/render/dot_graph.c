// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing what the format dot draws; see dot_graph.h.
 */
#include "dot_graph.h"

#include <errno.h>
#include <string.h>

#include "../base/num.h"

struct edge_key {
	uint32_t from, to;
};

/* --- nodes ------------------------------------------------------------------------------ */

static int note_name(struct dot_graph *g, const char *name, uint32_t node)
{
	uint32_t id;

	if (strpool_id(&g->names, name, &id))
		return -ENOMEM;
	while (g->by_name.nr <= id) {
		if (vec_push(&g->by_name, 0))
			return -ENOMEM;
	}
	if (!g->by_name.v[id])
		g->by_name.v[id] = node + 1;
	return 0;
}

static int add_classes(const struct model *m, struct dot_graph *g)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < model_nr_classes(m) && !err; i++) {
		struct model_class c = model_class(m, i);
		struct dot_node n = { .name = c.name, .type = c.type, .instances = c.instances };

		err = vec_push(&g->node, n);
		if (!err && c.merged_into == i)
			err = note_name(g, c.name, i);
	}
	return err;
}

/* The node of a finding's lock; one that is no class goes by its name. *node = HTAB_NONE: it has none. */
static int node_of(const struct model *m, struct dot_graph *g, const struct finding_lock *l,
		   uint32_t *node)
{
	struct dot_node n = { .name = l->name, .type = l->type ? l->type : "" };
	uint32_t id;

	*node = HTAB_NONE;
	if (l->class != UINT32_MAX) {
		*node = parts_class(m, l->class);
		return 0;
	}
	if (!l->name || !l->name[0])
		return 0;
	id = strpool_find(&g->names, l->name);
	if (id < g->by_name.nr && g->by_name.v[id]) {
		*node = g->by_name.v[id] - 1;
		return 0;
	}
	*node = (uint32_t)g->node.nr;
	return vec_push(&g->node, n) || note_name(g, l->name, *node) ? -ENOMEM : 0;
}

/* --- edges ------------------------------------------------------------------------------ */

static int edge_of(struct dot_graph *g, uint32_t from, uint32_t to, struct dot_edge **edge)
{
	struct edge_key key = { from, to };
	struct dot_edge e = { .from = from, .to = to };
	uint32_t i;
	int is_new = htab_put(&g->edges, &key, &i);

	if (is_new < 0 || (is_new && vec_push(&g->edge, e)))
		return -ENOMEM;
	*edge = &g->edge.v[i];
	return 0;
}

static bool lock_meant(const char *name, const struct view_filter *f)
{
	unsigned int i;

	for (i = 0; i < f->nr_lock; i++) {
		if (view_lock_matches(name, f->lock[i]))
			return true;
	}
	return !f->nr_lock;
}

static bool caller_meant(const struct model *m, const struct model_edge *e, const struct view_filter *f)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, k, caller;
	unsigned int nr = f->nr_caller ? model_stack(m, e->source, e->stack, frame, &caller) : 0;

	for (i = 0; i < nr; i++) {
		for (k = 0; k < f->nr_caller; k++) {
			if (strstr(frame[i].name, f->caller[k]))
				return true;
		}
	}
	return !f->nr_caller;
}

/* One with an edge to itself is nesting, which is no order. */
static int add_orders(const struct model *m, const struct view_filter *f, struct dot_graph *g)
{
	struct parts_edges list;
	struct dot_edge *edge;
	unsigned int i;
	int err = parts_edges_init(m, false, &list);

	if (err)
		return err;
	for (i = 0; i < list.nr && !err; i++) {
		const struct model_edge *e = &list.v[i].e;

		err = edge_of(g, e->from, e->to, &edge);
		if (err || edge->observed)
			continue;
		edge->observed = true;
		edge->e = *e;
		edge->pass = (lock_meant(g->node.v[e->from].name, f) ||
			      lock_meant(g->node.v[e->to].name, f)) && caller_meant(m, e, f);
	}
	parts_edges_done(&list);
	return err;
}

/* --- findings --------------------------------------------------------------------------- */

/* Findings come worst first, so the first one is the worst. */
static void mark_node(struct dot_node *n, const struct finding *f)
{
	if (!n->finding)
		n->finding = f;
	n->nr_findings += n->last != f;
	n->last = f;
}

static int mark_link(const struct model *m, struct dot_graph *g, const struct finding *f, unsigned int i)
{
	const struct finding_link *l = &f->link[i];
	uint32_t from, to;
	struct dot_edge *edge;

	if (node_of(m, g, &l->held, &from) || node_of(m, g, &l->taken, &to))
		return -ENOMEM;
	if (from != HTAB_NONE)
		mark_node(&g->node.v[from], f);
	if (to != HTAB_NONE)
		mark_node(&g->node.v[to], f);
	if (from == HTAB_NONE || to == HTAB_NONE || f->kind == FINDING_BAD_UNLOCK ||
	    f->kind == FINDING_HELD_AT_EXIT)
		return 0;
	if (edge_of(g, from, to, &edge))
		return -ENOMEM;
	if (!edge->finding) {
		edge->finding = f;
		edge->link = l;
	}
	edge->nr_findings++;
	edge->pass = true;
	return 0;
}

static int mark_findings(const struct model *m, const struct view_filter *f, struct dot_graph *g)
{
	unsigned int i, k;
	int err = parts_findings_init(m, f, &g->findings);

	for (i = 0; !err && i < g->findings.nr; i++) {
		for (k = 0; k < g->findings.v[i]->nr_links && !err; k++)
			err = mark_link(m, g, g->findings.v[i], k);
	}
	return err;
}

/* --- choice ----------------------------------------------------------------------------- */

/* 0: a link of a finding, 1: at a lock that is in one, 2: neither */
static unsigned int rank(const struct dot_graph *g, const struct dot_edge *e)
{
	if (e->finding)
		return 0;
	return g->node.v[e->from].finding || g->node.v[e->to].finding ? 1 : 2;
}

static void choose(struct dot_graph *g, uint32_t node)
{
	g->nr_chosen_nodes += !g->node.v[node].chosen;
	g->node.v[node].chosen = true;
}

static bool is_room(const struct dot_graph *g, const struct dot_edge *e, unsigned int max)
{
	unsigned int more = !g->node.v[e->from].chosen + (!g->node.v[e->to].chosen && e->to != e->from);

	return !max || g->nr_chosen_nodes + more <= max;
}

static void choose_nodes(struct dot_graph *g, unsigned int max, unsigned int sections)
{
	unsigned int r, last = sections & RENDER_ORDER ? 2 : 0;
	size_t i;

	for (i = 0; i < g->node.nr && sections & RENDER_FINDINGS; i++) {
		if (g->node.v[i].finding && (!max || g->nr_chosen_nodes < max))
			choose(g, (uint32_t)i);
	}
	for (r = 0; r <= last; r++) {
		for (i = 0; i < g->edge.nr; i++) {
			const struct dot_edge *e = &g->edge.v[i];

			if (!e->pass || rank(g, e) != r || !is_room(g, e, max))
				continue;
			choose(g, e->from);
			choose(g, e->to);
		}
	}
}

static int count(struct dot_graph *g)
{
	struct htab seen;
	uint32_t n, i;
	size_t k;
	int err = 0;

	htab_init(&seen, sizeof(uint32_t));
	for (i = 0; i < g->node.nr && err >= 0; i++) {
		if (g->node.v[i].finding)
			err = htab_put(&seen, &i, &n);
	}
	for (k = 0; k < g->edge.nr && err >= 0; k++) {
		const struct dot_edge *e = &g->edge.v[k];

		if (!e->pass)
			continue;
		g->nr_edges++;
		g->nr_chosen_edges += dot_edge_chosen(g, e);
		err = htab_put(&seen, &e->from, &n);
		if (err >= 0)
			err = htab_put(&seen, &e->to, &n);
	}
	g->nr_nodes = seen.nr;
	htab_done(&seen);
	return err < 0 ? err : 0;
}

int dot_graph_build(const struct model *m, const struct view_opts *opts, unsigned int sections,
		    struct dot_graph *g)
{
	int err;

	*g = (struct dot_graph){ 0 };
	htab_init(&g->edges, sizeof(struct edge_key));
	err = strpool_init(&g->names);
	if (!err)
		err = add_classes(m, g);
	if (!err)
		err = add_orders(m, &opts->filter, g);
	if (!err)
		err = mark_findings(m, &opts->filter, g);
	if (err)
		return err;
	choose_nodes(g, opts->entries, sections);
	return count(g);
}

void dot_graph_done(struct dot_graph *g)
{
	vec_free(&g->node);
	vec_free(&g->edge);
	vec_free(&g->by_name);
	parts_findings_done(&g->findings);
	htab_done(&g->edges);
	strpool_done(&g->names);
}
