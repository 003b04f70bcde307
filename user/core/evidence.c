// SPDX-License-Identifier: GPL-2.0-only
/*
 * From edges to findings. Whenever there is something new about an edge (a strength,
 * other instances, a second task, a guard that is no guard any more), the findings
 * and the withheld cycles that it is in are judged again, and new cycles through it
 * are searched for.
 *
 * One finding for each inversion, for ever. Which link of a cycle is the wrong one
 * nobody knows; that which completed it is taken for it, its root, and is left out of
 * later searches: whatever cycle passes it is the same inversion, and is counted with
 * that finding. If the wrong one came first, each of the right ones completes another
 * cycle with it; see root.c for that. A cycle through a root that is worse than its
 * finding is one all the same; see raise.c.
 *
 * Withheld, and judged again later:
 *   - two links exclude one another by a common lock (guard.c); on lockdep's tier it
 *     is reported all the same, as possible, for so does lockdep;
 *   - all links are one task's, and a class is known by its memory only: memory that
 *     was freed and reused looks just like that;
 *   - a class is known by an address only, and no address connects the links;
 *   - a task waits only after it has signalled a completion, and not before, see below.
 * A withheld cycle may be the shortest, and hide another one. So the search goes on
 * without one of the links that made it impossible, a few times.
 */
#include <errno.h>
#include <string.h>

#include "order_priv.h"

#define WITHHELD_MAX	4096u

uint8_t cycle_evidence(const struct order *o, const struct cycle *c)
{
	uint8_t worst = EVIDENCE_STRONG;
	uint32_t i;

	for (i = 0; i < c->nr; i++) {
		const struct class_data *d = &o->class.v[c->ob[i]->held.class];

		if (d->evidence < worst)
			worst = d->evidence;
	}
	return worst;
}

uint32_t cycle_tasks(const struct order *o, const struct cycle *c)
{
	uint64_t first = o->edge.v[c->edge[0]].actor[0];
	uint32_t i, k;

	if (c->listed)		/* who made it is not known */
		return 1;

	for (i = 0; i < c->nr; i++) {
		const struct edge_data *e = &o->edge.v[c->edge[i]];

		for (k = 0; k < e->nr_actors; k++)
			if (e->actor[k] != first)
				return 2;
	}
	return 1;
}

/* Is @c a cycle as things are now? Merges may have bent it. */
static bool is_cycle(const struct order *o, const struct cycle *c)
{
	uint32_t i;

	for (i = 0; i < c->nr; i++) {
		const struct edge_data *e = &o->edge.v[c->edge[i]];
		const struct edge_data *next = &o->edge.v[c->edge[i + 1 < c->nr ? i + 1 : 0]];

		if (e->graph == GRAPH_NONE || class_find(o, e->to) != class_find(o, next->from))
			return false;
	}
	return c->nr > 1;
}

uint64_t cycle_sign(const struct order *o, const struct cycle *c)
{
	uint32_t class[CYCLE_MAX + 1], first = 0, i;

	for (i = 1; i < c->nr; i++)
		if (class_find(o, o->edge.v[c->edge[i]].from) <
		    class_find(o, o->edge.v[c->edge[first]].from))
			first = i;
	class[0] = FINDING_CIRCULAR;
	for (i = 0; i < c->nr; i++)
		class[i + 1] = class_find(o, o->edge.v[c->edge[(first + i) % c->nr]].from);
	return htab_hash(class, (c->nr + 1) * sizeof(*class));
}

/* Was @actor seen to make @e? As far as is known: not all actors are kept. */
static bool was_made_by(const struct order *o, const struct edge_data *e, uint64_t actor)
{
	unsigned int i;

	for (i = 0; i < e->nr_actors; i++)
		if (e->actor[i] == actor)
			return true;
	for (i = 0; i < e->nr_obs; i++)
		if (o->obs.v[e->obs[i]].actor == actor)
			return true;
	return false;
}

/* Whoever was seen to make @a was seen to make @b, too. */
static bool made_by_the_same(const struct order *o, const struct edge_data *a,
			     const struct edge_data *b)
{
	unsigned int i;

	for (i = 0; i < a->nr_actors; i++)
		if (!was_made_by(o, b, a->actor[i]))
			return false;
	for (i = 0; i < a->nr_obs; i++)
		if (!was_made_by(o, b, o->obs.v[a->obs[i]].actor))
			return false;
	return true;
}

/*
 * C -> X says that a task takes X before it signals C. If X -> Y is of the same tasks, they
 * wait for Y when they have X; but unless they have Y, too, before they signal C, C is signalled
 * by then, and nobody waits for it any more: "request, then wait for the answer", with X held.
 * Such links say nothing: true, *p is that of the completion and *q the one that comes too
 * late. There may be others between the two, of the same tasks: C -> W -> X -> Y.
 *
 * Several tasks may do so for one another where Y is C itself; of more classes that is
 * not believed.
 */
static bool has_past_completion(const struct order *o, const struct cycle *c, uint32_t *p, uint32_t *q)
{
	uint32_t k;

	for (*p = 0; *p < c->nr; (*p)++) {
		const struct edge_data *e = &o->edge.v[c->edge[*p]];
		uint32_t from = class_find(o, e->from), within;

		if (o->class.v[from].prim != LK_PRIM_COMPLETION)
			continue;
		for (k = 1; k < c->nr; k++) {
			const struct edge_data *next;

			*q = (*p + k) % c->nr;
			next = &o->edge.v[c->edge[*q]];
			if (!made_by_the_same(o, next, e) || (c->nr == 2 && next->nr_actors > 1))
				break;
			within = edge_look_up(o, from, class_find(o, next->to));
			if (within == ORDER_NONE ||
			    !made_by_the_same(o, next, &o->edge.v[edge_find(o, within)]))
				return true;
		}
	}
	return false;
}

enum withheld_reason cycle_judge(const struct order *o, struct cycle *c, bool other, uint32_t *ban)
{
	uint32_t p, q;

	c->tier = o->class.v[class_find(o, o->edge.v[c->edge[0]].from)].tier;
	c->guarded = guards_exclude(o, c->edge, c->nr, &p, &q, &c->guard);
	if (c->guarded && c->tier != LK_TIER_LOCKDEP) {
		*ban = other && p ? p : q;
		return WITHHELD_GUARDED;
	}
	if (has_past_completion(o, c, &p, &q)) {
		*ban = (other && p) || !q ? p : q;
		return WITHHELD_WEAK;
	}
	*ban = other ? c->nr - 1 : 1;
	if (!cycle_combine(o, c))
		return WITHHELD_WEAK;
	if (cycle_tasks(o, c) == 1 && cycle_evidence(o, c) < EVIDENCE_STRONG)
		return WITHHELD_SINGLE;
	return 0;
}

/* --- withheld cycles ---------------------------------------------------------------------- */

static int withhold(struct order *o, const struct cycle *c, enum withheld_reason reason)
{
	struct withheld w = { .sign = cycle_sign(o, c), .first = (uint32_t)o->paths.nr, .nr = c->nr,
			      .reason = (uint8_t)reason };
	uint32_t i = htab_find(&o->withheld_signs, &w.sign);

	if (i != HTAB_NONE) {
		o->withheld.v[i].reason = (uint8_t)reason;
		return 0;
	}
	if (o->withheld.nr >= WITHHELD_MAX) {
		o->too_long++;
		return 0;
	}
	if (vec_reserve(&o->withheld, 1) || vec_reserve(&o->paths, c->nr) ||
	    htab_put(&o->withheld_signs, &w.sign, &i) < 0)
		return -ENOMEM;
	memcpy(o->paths.v + o->paths.nr, c->edge, c->nr * sizeof(*c->edge));
	o->paths.nr += c->nr;
	o->withheld.v[o->withheld.nr++] = w;
	for (i = 0; i < c->nr; i++)
		o->edge.v[c->edge[i]].flags |= EDGE_WITHHELD;
	return 0;
}

/* --- reporting ---------------------------------------------------------------------------- */

int cycle_add(struct model *m, const struct cycle *c, const struct verdict *v)
{
	struct order *o = order_of(m);
	uint64_t sign = cycle_sign(o, c);
	uint32_t i;

	if (finding_add(m, FINDING_CIRCULAR, c->tier, sign, c->nr, c->edge, c->ob, NULL, v))
		return -ENOMEM;
	for (i = 0; i < c->nr; i++) {
		o->edge.v[c->edge[i]].flags |= EDGE_IN_FINDING;
		o->edge.v[c->edge[i]].in_findings++;
	}
	i = htab_find(&o->withheld_signs, &sign);
	if (i != HTAB_NONE)
		o->withheld.v[i].reason = 0;
	return 0;
}

/* A new finding, which link 0 completed. */
static int report(struct model *m, const struct cycle *c)
{
	struct order *o = order_of(m);
	uint32_t found = finding_by_sign(o, cycle_sign(o, c));
	struct verdict v;

	if (found != ORDER_NONE) {
		finding_again(o, found, o->edge.v[c->edge[0]].last_ns);
		return 0;
	}
	if (root_is_known(o, c))
		return 0;
	cycle_verdict(m, c, &v);
	if (cycle_add(m, c, &v))
		return -ENOMEM;
	o->edge.v[c->edge[0]].flags |= EDGE_ROOT;
	o->edge.v[c->edge[0]].finding = (uint32_t)o->finding.nr - 1;
	return 0;
}

static void judge_findings_again(struct model *m, uint32_t edge)
{
	struct order *o = order_of(m);
	enum withheld_reason reason;
	struct verdict v;
	struct cycle c;
	uint32_t i, ban;

	for (i = 0; i < o->finding.nr; i++) {
		if (!cycle_load(o, o->finding.v[i], &c) || !cycle_has(&c, edge) || !is_cycle(o, &c))
			continue;
		reason = cycle_judge(o, &c, false, &ban);
		/* Guarded: it was found when that could not be known yet. */
		if (reason && (reason != WITHHELD_GUARDED || !cycle_combine(o, &c)))
			continue;
		cycle_verdict(m, &c, &v);
		if (reason)
			finding_weaken(m, i, &v);
		else
			finding_update(m, i, c.ob, &v);
	}
}

static int judge_withheld_again(struct model *m, uint32_t edge)
{
	struct order *o = order_of(m);
	struct cycle c;
	uint32_t i, k, ban;

	for (i = 0; i < o->withheld.nr; i++) {
		struct withheld *w = &o->withheld.v[i];

		c.nr = w->nr;
		for (k = 0; k < w->nr; k++)
			c.edge[k] = edge_find(o, o->paths.v[w->first + k]);
		if (!w->reason || !cycle_has(&c, edge))
			continue;
		if (!is_cycle(o, &c)) {
			w->reason = 0;
			continue;
		}
		while (c.edge[0] != edge) {	/* the news completed it */
			uint32_t first = c.edge[0];

			memmove(c.edge, c.edge + 1, (c.nr - 1) * sizeof(*c.edge));
			c.edge[c.nr - 1] = first;
		}
		w->reason = (uint8_t)cycle_judge(o, &c, false, &ban);
		if (!w->reason && report(m, &c))
			return -ENOMEM;
	}
	return 0;
}

/* --- searching ---------------------------------------------------------------------------- */

struct search {
	const struct order *o;
	uint32_t root;
	bool listed;		/* also over orders that are only listed */
	uint32_t banned[SEARCH_TRIES];
	unsigned int nr;
};

static bool left_out(void *ctx, uint32_t graph)
{
	const struct search *s = ctx;
	uint32_t edge = edge_find(s->o, s->o->by_graph.v[graph]);
	unsigned int i;

	if (s->o->edge.v[edge].flags & EDGE_ROOT || (!s->listed && !s->o->edge.v[edge].seen))
		return true;
	for (i = 0; i < s->nr; i++)
		if (s->banned[i] == edge)
			return true;
	return false;
}

/* A shortest cycle through the root: 1, 0 = none, negative errno. */
static int find_cycle(struct order *o, struct search *s, struct cycle *c)
{
	const struct edge_data *e = &o->edge.v[s->root];
	const uint32_t *path;
	int i, n = graph_cycle(o->graph, e->graph, edge_dep(o, e), left_out, s, &path);

	if (n <= 0)
		return n;
	if (n > CYCLE_MAX) {
		o->too_long++;
		return 0;
	}
	c->nr = (uint32_t)n;
	for (i = 0; i < n; i++)
		c->edge[i] = edge_find(o, o->by_graph.v[path[i]]);
	return 1;
}

static bool all_reported(const struct order *o, const struct cycle *c)
{
	uint32_t i;

	for (i = 0; i < c->nr; i++)
		if (!(o->edge.v[c->edge[i]].flags & EDGE_IN_FINDING))
			return false;
	return true;
}

/* Cycles through the root that may be reported: 1 = done with it, 0 = none, negative errno. */
static int search_pass(struct model *m, struct search *s, bool other, bool *withheld)
{
	struct order *o = order_of(m);
	enum withheld_reason reason;
	struct cycle c;
	uint32_t ban;
	int ret;

	for (s->nr = 0; s->nr < SEARCH_TRIES;) {
		ret = find_cycle(o, s, &c);
		if (ret <= 0)
			return ret;
		if (all_reported(o, &c))	/* nothing of it is new; its findings count it */
			return 1;
		reason = cycle_judge(o, &c, other, &ban);
		if (!reason)
			return report(m, &c) ? -ENOMEM : 1;
		if (withhold(o, &c, reason))
			return -ENOMEM;
		*withheld = true;
		s->banned[s->nr++] = c.edge[ban];
	}
	return 0;
}

static bool only_listed(void *ctx, uint32_t graph)
{
	const struct order *o = ctx;

	return !o->edge.v[edge_find(o, o->by_graph.v[graph])].seen;
}

/* The root makes another way to the end that a finding has already: count it there, once. */
static void count_detour(struct order *o, uint32_t root)
{
	struct edge_data *e = &o->edge.v[root];
	const uint32_t *path;
	uint32_t k, edge;
	int n;

	if (!o->finding.nr || e->flags & EDGE_DETOUR)
		return;
	n = graph_cycle(o->graph, e->graph, edge_dep(o, e), only_listed, o, &path);
	for (k = 0; n > 0 && k < (uint32_t)n; k++) {
		edge = edge_find(o, o->by_graph.v[path[k]]);
		if (!(o->edge.v[edge].flags & EDGE_ROOT))
			continue;
		e->flags |= EDGE_DETOUR;
		finding_again(o, o->edge.v[edge].finding, e->last_ns);
		return;
	}
}

static int search(struct model *m, uint32_t edge)
{
	struct order *o = order_of(m);
	struct search s = { .o = o, .root = edge };
	bool withheld = false;
	int ret = search_pass(m, &s, false, &withheld);

	if (!ret && withheld)
		ret = search_pass(m, &s, true, &withheld);
	s.listed = true;		/* what was seen tells more, so it comes first */
	if (!ret && o->listed)
		ret = search_pass(m, &s, false, &withheld);
	if (ret)
		return ret < 0 ? ret : 0;
	if (!withheld)
		count_detour(o, edge);
	return 0;
}

static int evaluate(struct model *m, uint32_t edge)
{
	struct order *o = order_of(m);
	uint8_t flags = o->edge.v[edge].flags;

	if (o->edge.v[edge].graph == GRAPH_NONE)
		return 0;
	if (flags & EDGE_IN_FINDING)
		judge_findings_again(m, edge);
	if (flags & EDGE_WITHHELD && judge_withheld_again(m, edge))
		return -ENOMEM;
	if (!(o->edge.v[edge].flags & EDGE_ROOT) && search(m, edge))
		return -ENOMEM;
	return raise_search(m, edge);
}

int evidence_evaluate(struct model *m)
{
	struct order *o = order_of(m);
	size_t i;
	int err = 0;

	for (i = 0; i < o->dirty.nr && !err; i++)
		err = evaluate(m, edge_find(o, o->dirty.v[i]));
	o->dirty.nr = 0;
	return err;
}

/* --- recursion ---------------------------------------------------------------------------- */

int evidence_recursion(struct model *m, const struct obs *ob, const struct hold *all,
		       enum finding_kind kind, uint32_t tier)
{
	struct { uint64_t kind, class, site; } key = { 0 };
	struct order *o = order_of(m);
	struct verdict v;
	uint32_t found;
	uint64_t sign;

	key.kind = kind;
	key.class = class_find(o, ob->taken.class);
	if (tier != LK_TIER_LOCKDEP)	/* which knows the class without the place */
		key.site = ob->taken.site;
	sign = htab_hash(&key, sizeof(key));
	found = finding_by_sign(o, sign);
	recursion_verdict(m, ob, tier, &v);
	if (found == ORDER_NONE)
		return finding_add(m, kind, tier, sign, 1, NULL, &ob, all, &v);
	finding_again(o, found, ob->time_ns);
	return 0;
}
