// SPDX-License-Identifier: GPL-2.0-only
/*
 * Edges between classes, and what is kept of each: the first observations and the
 * latest, for there the same instances in both orders are to be found; who made
 * them; and their guards (guard.c). What it costs per edge is bounded, however
 * often it is seen. An observation that says nothing new costs a few look-ups.
 */
#include <errno.h>
#include <string.h>

#include "order_priv.h"
#include "sat.h"

uint32_t edge_find(const struct order *o, uint32_t edge)
{
	while (o->edge.v[edge].now != edge)
		edge = o->edge.v[edge].now;
	return edge;
}

uint32_t edge_look_up(const struct order *o, uint32_t from, uint32_t to)
{
	uint32_t graph;

	if (from == to)
		return o->nesting.v[from];
	graph = graph_find(o->graph, from, to);
	return graph == GRAPH_NONE ? ORDER_NONE : o->by_graph.v[graph];
}

static int new_edge(struct order *o, uint32_t from, uint32_t to, uint32_t graph, uint32_t *edge)
{
	struct edge_data e = { .from = from, .to = to, .graph = graph, .now = (uint32_t)o->edge.nr,
			       .first_ns = UINT64_MAX, .stack = LK_STACK_NONE };

	if (o->class.v[from].prim == LK_PRIM_COMPLETION || o->class.v[to].prim == LK_PRIM_COMPLETION)
		e.flags = EDGE_COMPLETION;
	*edge = (uint32_t)o->edge.nr;
	return vec_push(&o->edge, e);
}

static int get_nesting(struct order *o, uint32_t class, uint32_t *edge)
{
	*edge = o->nesting.v[class];
	if (*edge != ORDER_NONE)
		return 0;
	if (new_edge(o, class, class, GRAPH_NONE, edge))
		return -ENOMEM;
	o->nesting.v[class] = *edge;
	return 0;
}

/* The edge between two classes, made if need be, with strength @dep. 0 or -ENOMEM. */
static int get_edge(struct order *o, uint32_t from, uint32_t to, uint8_t dep, uint32_t *edge)
{
	uint32_t graph;
	int ret;

	if (from == to) {
		if (get_nesting(o, from, edge))
			return -ENOMEM;
		o->edge.v[*edge].dep |= dep;
		return 0;
	}
	if (vec_reserve(&o->by_graph, 1) || vec_reserve(&o->edge, 1))
		return -ENOMEM;
	ret = graph_add(o->graph, from, to, dep, &graph);
	if (ret < 0)
		return ret;
	if (graph < o->by_graph.nr) {
		*edge = o->by_graph.v[graph];
		return 0;
	}
	(void)new_edge(o, from, to, graph, edge);	/* there is room */
	o->by_graph.v[o->by_graph.nr++] = *edge;
	return 0;
}

/* --- observations ------------------------------------------------------------------------- */

static bool same_locks(const struct obs *a, const struct obs *b)
{
	return a->source == b->source &&
	       a->held.addr == b->held.addr && a->taken.addr == b->taken.addr &&
	       a->held.read == b->held.read && a->taken.read == b->taken.read &&
	       a->held.class == b->held.class && a->taken.class == b->taken.class;
}

bool edge_knows(const struct order *o, uint32_t edge, const struct obs *ob)
{
	const struct edge_data *e = &o->edge.v[edge];
	bool locks = false, actor = false;
	unsigned int i;

	for (i = 0; i < e->nr_obs && !(locks && actor); i++) {
		const struct obs *old = &o->obs.v[e->obs[i]];

		locks |= same_locks(old, ob);
		actor |= old->actor == ob->actor;
	}
	return locks && actor;
}

/* Where the next observation goes: a new place, or that of the oldest of the latest four. */
static struct obs *next_place(struct order *o, struct edge_data *e)
{
	unsigned int i;

	if (e->nr_obs < EDGE_OBS) {
		e->obs[e->nr_obs++] = (uint32_t)o->obs.nr;
		o->obs.v[o->obs.nr] = (struct obs){ 0 };
		return &o->obs.v[o->obs.nr++];
	}
	i = EDGE_OBS_FIRST + e->next_obs;
	e->next_obs = (uint8_t)((e->next_obs + 1) % (EDGE_OBS - EDGE_OBS_FIRST));
	return &o->obs.v[e->obs[i]];
}

/* Keep @ob, with all that was held. 0 or -ENOMEM. */
static int keep_obs(struct order *o, struct edge_data *e, const struct obs *ob,
		    const struct hold *all)
{
	uint32_t first;
	uint16_t room;
	struct obs *to;

	if (o->holds.nr > UINT32_MAX - LK_HELD_MAX || o->obs.nr >= UINT32_MAX - 1 ||
	    vec_reserve(&o->obs, 1) || vec_reserve(&o->holds, LK_HELD_MAX))
		return -ENOMEM;
	to = next_place(o, e);
	first = to->all;
	room = to->room;
	if (room < ob->nr_all) {	/* in powers of two, so that little is left behind */
		for (room = 1; room < ob->nr_all; room *= 2)
			;
		first = (uint32_t)o->holds.nr;
		o->holds.nr += room;
	}
	*to = *ob;
	to->all = first;
	to->room = room;
	memcpy(&o->holds.v[first], all, ob->nr_all * sizeof(*all));
	return 0;
}

/* True if @actor makes them more: one, or two and more. */
static bool add_actor(struct edge_data *e, uint64_t actor)
{
	unsigned int i;

	for (i = 0; i < e->nr_actors; i++)
		if (e->actor[i] == actor)
			return false;
	if (e->nr_actors == 2)
		return false;
	e->actor[e->nr_actors++] = actor;
	return true;
}

/* Classes held around the two of the edge, as bits; see guard.c. */
static uint64_t around(const struct order *o, const struct obs *ob, const struct hold *all)
{
	uint64_t bits = 0;
	uint32_t i;

	for (i = 0; i < ob->nr_all; i++)
		if (all[i].addr != ob->held.addr)
			bits |= UINT64_C(1) << (class_find(o, all[i].class) % 64);
	return bits;
}

static void count(struct edge_data *e, const struct obs *ob)
{
	if (!e->count) {
		e->source = ob->source;
		e->stack = ob->stack;
	}
	e->count = sat_add(e->count, 1);
	e->seen |= graph_dep(ob->held.read, ob->taken.read);
	if (ob->time_ns < e->first_ns)
		e->first_ns = ob->time_ns;
	if (ob->time_ns > e->last_ns)
		e->last_ns = ob->time_ns;
}

int edge_again(struct order *o, uint32_t edge, const struct obs *ob, const struct hold *all,
	       bool news)
{
	uint8_t dep = graph_dep(ob->held.read, ob->taken.read);
	struct edge_data *e = &o->edge.v[edge];
	int shrunk = guards_observe(o, e, (unsigned int)__builtin_ctz(dep), ob, all);
	uint64_t bits = around(o, ob, all);

	if (shrunk < 0 || vec_reserve(&o->dirty, 1))
		return -ENOMEM;
	count(e, ob);
	news |= add_actor(e, ob->actor) || shrunk || bits & ~e->around;
	e->around |= bits;
	if (news && e->graph != GRAPH_NONE)
		o->dirty.v[o->dirty.nr++] = edge;
	return 0;
}

int edge_observe(struct order *o, uint32_t from, uint32_t to, const struct obs *ob,
		 const struct hold *all)
{
	uint8_t dep = graph_dep(ob->held.read, ob->taken.read);
	uint32_t edge;

	if (get_edge(o, from, to, dep, &edge) < 0 || keep_obs(o, &o->edge.v[edge], ob, all))
		return -ENOMEM;
	return edge_again(o, edge, ob, all, true);
}

/*
 * It is not known which locks, when, by whom: nothing is counted, and where an observation
 * is known, there is nothing to add.
 */
int edge_list(struct order *o, uint32_t from, uint32_t to, const struct obs *ob, const struct hold *all)
{
	struct edge_data *e;
	uint32_t edge = edge_look_up(o, from, to);

	if (edge != ORDER_NONE && o->edge.v[edge].nr_obs)
		return 0;
	if (vec_reserve(&o->dirty, 1) ||
	    get_edge(o, from, to, graph_dep(ob->held.read, ob->taken.read), &edge) < 0 ||
	    keep_obs(o, &o->edge.v[edge], ob, all))
		return -ENOMEM;
	e = &o->edge.v[edge];
	e->source = ob->source;
	o->listed = true;
	if (e->graph != GRAPH_NONE)
		o->dirty.v[o->dirty.nr++] = edge;
	return 0;
}

/* --- two classes that are one ------------------------------------------------------------- */

/* What is known of @old is known of @now, which took it over. */
static void join(struct order *o, uint32_t old, uint32_t now)
{
	struct edge_data *from = &o->edge.v[old], *to = &o->edge.v[now];
	unsigned int i;

	to->count = sat_add(to->count, from->count);
	if (from->first_ns < to->first_ns) {
		to->first_ns = from->first_ns;
		to->source = from->source;
		to->stack = from->stack;
	}
	if (from->last_ns > to->last_ns)
		to->last_ns = from->last_ns;
	for (i = 0; i < from->nr_actors; i++)
		(void)add_actor(to, from->actor[i]);
	for (i = 0; i < from->nr_obs && to->nr_obs < EDGE_OBS; i++)
		to->obs[to->nr_obs++] = from->obs[i];
	for (i = 0; i < 4; i++)
		(void)guards_join(o, &to->guards[i], &from->guards[i]);
	to->around |= from->around;
	to->seen |= from->seen;
	if (to->graph != GRAPH_NONE) {
		if (from->flags & EDGE_ROOT && !(to->flags & EDGE_ROOT))
			to->finding = from->finding;
		to->flags |= from->flags;
	}
	from->now = now;
}

/* The strengths that were observed. */
static uint8_t obs_deps(const struct order *o, const struct edge_data *e)
{
	uint8_t dep = 0;
	unsigned int i;

	for (i = 0; i < e->nr_obs; i++)
		dep |= graph_dep(o->obs.v[e->obs[i]].held.read, o->obs.v[e->obs[i]].taken.read);
	return dep;
}

struct moving {
	struct order *o;
	uint32_t into;
};

static void moved(void *ctx, uint32_t old, uint32_t now)
{
	struct moving *mv = ctx;
	struct order *o = mv->o;
	uint32_t edge = edge_find(o, o->by_graph.v[old]), to;

	if (now != GRAPH_NONE) {
		to = edge_find(o, o->by_graph.v[now]);
	} else {
		to = o->nesting.v[mv->into];
		o->edge.v[to].dep |= obs_deps(o, &o->edge.v[edge]);
	}
	join(o, edge, to);
}

int edge_merge(struct order *o, uint32_t node, uint32_t into)
{
	struct moving mv = { .o = o, .into = into };
	uint32_t i, old = o->nesting.v[node], nesting;
	size_t nr = 0;

	/* Whatever may be needed, so that the merge cannot stop half-way. */
	if (get_nesting(o, into, &nesting))
		return -ENOMEM;
	for (i = graph_next_out(o->graph, node, GRAPH_NONE); i != GRAPH_NONE;
	     i = graph_next_out(o->graph, node, i))
		nr++;
	for (i = graph_next_out(o->graph, into, GRAPH_NONE); i != GRAPH_NONE;
	     i = graph_next_out(o->graph, into, i))
		nr++;
	if (vec_reserve(&o->dirty, nr))
		return -ENOMEM;
	(void)graph_merge(o->graph, node, into, moved, &mv);	/* two nodes that are there */
	if (old != ORDER_NONE) {
		o->edge.v[nesting].dep |= o->edge.v[old].dep;
		join(o, old, nesting);
		o->nesting.v[node] = ORDER_NONE;
	}
	for (i = graph_next_out(o->graph, into, GRAPH_NONE); i != GRAPH_NONE;
	     i = graph_next_out(o->graph, into, i))
		o->dirty.v[o->dirty.nr++] = edge_find(o, o->by_graph.v[i]);
	return 0;
}

/* --- accessors ---------------------------------------------------------------------------- */

unsigned int model_nr_edges(const struct model *m)
{
	return (unsigned int)order_of(m)->edge.nr;
}

struct model_edge model_edge(const struct model *m, unsigned int i)
{
	const struct order *o = order_of(m);
	const struct edge_data *e = &o->edge.v[i];

	return (struct model_edge){
		.from = class_find(o, e->from), .to = class_find(o, e->to),
		.dep = e->now != i || !e->nr_obs ? 0 : e->seen ? e->seen : edge_dep(o, e), .listed = !e->seen,
		.completion = e->flags & EDGE_COMPLETION, .count = e->count, .tasks = e->nr_actors,
		.first_ns = e->count ? e->first_ns : 0, .last_ns = e->last_ns,
		.source = e->source, .stack = e->stack,
	};
}
