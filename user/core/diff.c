// SPDX-License-Identifier: GPL-2.0-only
/*
 * The comparison of two models: findings, classes and orders; see diff.h. Waits: diff_wait.c.
 */
#include <errno.h>
#include <string.h>

#include "diff_priv.h"
#include "graph.h"
#include "lockname.h"

const char *diff_state_str(enum diff_state state)
{
	static const char *const names[] = {
		[DIFF_NEW] = "new", [DIFF_GONE] = "gone", [DIFF_CHANGED] = "changed",
		[DIFF_MAYBE_NEW] = "maybe-new", [DIFF_MAYBE_GONE] = "maybe-gone",
	};

	return names[state];
}

const char *diff_doubt_str(unsigned int i)
{
	static const char *const names[] = { "shorter", "loss", "coverage", "filter" };

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

/* What it means that only the model @side has something, when @doubt is what speaks against the other. */
static enum diff_state only_in(unsigned int side, unsigned int doubt)
{
	if (side == DIFF_NOW)
		return doubt ? DIFF_MAYBE_NEW : DIFF_NEW;
	return doubt ? DIFF_MAYBE_GONE : DIFF_GONE;
}

static enum diff_tier tier_of(uint32_t tier)
{
	return tier == LK_TIER_LOCKDEP ? DIFF_LOCKDEP : DIFF_ORDER;
}

static unsigned int doubt_of(const struct diff *d, unsigned int side, enum diff_tier tier,
			     const char *type)
{
	return diff_doubt(&d->side[!side], &d->side[side], tier, type);
}

/* --- findings ------------------------------------------------------------------------------- */

/* The doubt is that of the lock which the other model sees least of. */
static unsigned int finding_doubt(const struct diff *d, unsigned int side, const struct finding *f)
{
	enum diff_tier tier = f->report ? DIFF_KERNEL : tier_of(f->tier);
	unsigned int i, doubt = doubt_of(d, side, tier, NULL);

	for (i = 0; i < f->nr_links && !f->report; i++)
		doubt |= doubt_of(d, side, tier, f->link[i].held.type) |
			 doubt_of(d, side, tier, f->link[i].taken.type);
	return doubt;
}

static bool passes(const struct diff_opts *opts, const struct model *m, const struct finding *f)
{
	return !opts->pass || opts->pass(m, f, &opts->view.filter);
}

/* The findings of one model by the numbers of their ids; @at: places for twice as many in all. */
static int index_findings(struct diff_ctx *c, const struct model *m, const struct finding ***at,
			  uint32_t *nr)
{
	const struct finding **v;
	unsigned int i;
	uint32_t id;

	for (i = 0; i < model_nr_findings(m); i++) {
		if (strpool_id(&c->str, model_finding(m, i)->id, &id))
			return -ENOMEM;
		if (id < *nr)
			continue;
		v = realloc(*at, ((size_t)id + 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		memset(v + *nr, 0, ((size_t)id + 1 - *nr) * sizeof(*v));
		*at = v;
		*nr = id + 1;
	}
	for (i = 0; i < model_nr_findings(m); i++)
		(*at)[strpool_find(&c->str, model_finding(m, i)->id)] = model_finding(m, i);
	return 0;
}

static int add_finding(struct diff *d, struct diff_ctx *c, const struct finding *now,
		       const struct finding *before)
{
	struct diff_finding e = { .f = { now, before } };

	if (now && before && now->severity == before->severity) {
		d->same_findings++;
		return 0;
	}
	e.state = DIFF_CHANGED;
	if (!now || !before) {
		e.doubt = finding_doubt(d, now ? DIFF_NOW : DIFF_BEFORE, now ? now : before);
		e.state = only_in(now ? DIFF_NOW : DIFF_BEFORE, e.doubt);
	}
	return vec_push(&c->finding, e);
}

static const struct finding *of(const struct diff_finding *e)
{
	return e->f[DIFF_NOW] ? e->f[DIFF_NOW] : e->f[DIFF_BEFORE];
}

static int by_rank(const void *va, const void *vb)
{
	const struct diff_finding *a = va, *b = vb;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	if (of(a)->severity != of(b)->severity)
		return of(a)->severity < of(b)->severity ? 1 : -1;
	if (of(a)->confidence != of(b)->confidence)
		return of(a)->confidence < of(b)->confidence ? 1 : -1;
	return strcmp(of(a)->id, of(b)->id);
}

static int compare_findings(struct diff *d, struct diff_ctx *c, const struct diff_opts *opts)
{
	const struct finding **at[DIFF_SIDES] = { NULL, NULL };
	uint32_t nr[DIFF_SIDES] = { 0, 0 }, i;
	int err = 0, side;

	for (side = 0; side < DIFF_SIDES && !err; side++)
		err = index_findings(c, d->side[side].m, &at[side], &nr[side]);
	for (i = 0; !err && (i < nr[DIFF_NOW] || i < nr[DIFF_BEFORE]); i++) {
		const struct finding *now = i < nr[DIFF_NOW] ? at[DIFF_NOW][i] : NULL;
		const struct finding *before = i < nr[DIFF_BEFORE] ? at[DIFF_BEFORE][i] : NULL;

		/* One that passes here, or there, is compared as it is in both. */
		if ((now && passes(opts, d->side[DIFF_NOW].m, now)) ||
		    (before && passes(opts, d->side[DIFF_BEFORE].m, before)))
			err = add_finding(d, c, now, before);
	}
	free(at[DIFF_NOW]);
	free(at[DIFF_BEFORE]);
	if (c->finding.nr)
		qsort(c->finding.v, c->finding.nr, sizeof(*c->finding.v), by_rank);
	return err;
}

/* --- classes -------------------------------------------------------------------------------- */

struct name_key {
	uint32_t tier, from, to;	/* numbers of names; of a class, those of its name and type */
};

#define NAME_LEN	512

static int name_id(struct diff_ctx *c, const char *name, uint32_t *id)
{
	char plain[NAME_LEN];

	lockname_plain(name, plain, sizeof(plain));
	return strpool_id(&c->str, plain, id);
}

static bool lock_passes(const struct view_filter *f, const char *name)
{
	unsigned int i;

	for (i = 0; i < f->nr_lock; i++)
		if (view_lock_matches(name, f->lock[i]))
			return true;
	return !f->nr_lock;
}

/* Every class of one model, in a table that both fill. */
static int gather_classes(struct diff *d, struct diff_ctx *c, struct htab *known, unsigned int side,
			  const struct view_filter *filter)
{
	const struct model *m = d->side[side].m;
	unsigned int i;
	uint32_t at;
	int ret;

	for (i = 0; i < model_nr_classes(m); i++) {
		struct model_class k = model_class(m, i);
		struct name_key key = { .tier = k.tier };

		if (k.merged_into != i || !lock_passes(filter, k.name))
			continue;
		if (!d->side[!side].traced[tier_of(k.tier)]) {
			d->skipped[tier_of(k.tier)]++;
			continue;
		}
		if (name_id(c, k.name, &key.from) || strpool_id(&c->str, k.type, &key.to))
			return -ENOMEM;
		ret = htab_put(known, &key, &at);
		if (ret > 0)
			ret = vec_push(&c->class, ((struct diff_class){ .tier = k.tier,
				.name = strpool_str(&c->str, key.from), .type = strpool_str(&c->str, key.to) }));
		if (ret < 0)
			return ret;
		c->class.v[at].in[side] = true;
	}
	return 0;
}

/* The state of a class; false: it is in both. */
static bool judge_class(const struct diff *d, struct diff_class *e)
{
	unsigned int side = e->in[DIFF_NOW] ? DIFF_NOW : DIFF_BEFORE;

	if (e->in[DIFF_NOW] && e->in[DIFF_BEFORE])
		return false;
	e->doubt = doubt_of(d, side, tier_of(e->tier), e->type);
	e->state = only_in(side, e->doubt);
	return true;
}

static int class_by_name(const void *va, const void *vb)
{
	const struct diff_class *a = va, *b = vb;
	int cmp;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	cmp = strcmp(a->name, b->name);
	cmp = cmp ? cmp : strcmp(a->type, b->type);
	return cmp ? cmp : a->tier < b->tier ? -1 : a->tier > b->tier;
}

static int compare_classes(struct diff *d, struct diff_ctx *c, const struct view_filter *filter)
{
	struct htab known;
	size_t i, nr = 0;
	int err;

	htab_init(&known, sizeof(struct name_key));
	err = gather_classes(d, c, &known, DIFF_NOW, filter);
	if (!err)
		err = gather_classes(d, c, &known, DIFF_BEFORE, filter);
	htab_done(&known);
	for (i = 0; i < c->class.nr && !err; i++) {
		if (judge_class(d, &c->class.v[i]))
			c->class.v[nr++] = c->class.v[i];
		else
			d->same_classes++;
	}
	c->class.nr = nr;
	if (nr)
		qsort(c->class.v, nr, sizeof(*c->class.v), class_by_name);
	return err;
}

/* --- orders --------------------------------------------------------------------------------- */

/* What an edge is put into its place by: the names, and the doubt if it is in that model alone. */
static int gather_edge(struct diff *d, struct diff_ctx *c, struct htab *known, unsigned int side,
		       const struct model_edge *e)
{
	const struct model *m = d->side[side].m;
	struct model_class from = model_class(m, model_class(m, e->from).merged_into);
	struct model_class to = model_class(m, model_class(m, e->to).merged_into);
	struct name_key key = { .tier = from.tier };
	uint32_t at;
	int ret;

	if (name_id(c, from.name, &key.from) || name_id(c, to.name, &key.to))
		return -ENOMEM;
	ret = htab_put(known, &key, &at);
	if (ret > 0)
		ret = vec_push(&c->edge, ((struct diff_edge){ .tier = from.tier,
			.from = strpool_str(&c->str, key.from), .to = strpool_str(&c->str, key.to),
			.doubt = doubt_of(d, side, tier_of(from.tier), from.type) |
				 doubt_of(d, side, tier_of(from.tier), to.type) }));
	if (ret < 0)
		return ret;
	c->edge.v[at].in[side].listed = e->listed && (!c->edge.v[at].in[side].dep || c->edge.v[at].in[side].listed);
	c->edge.v[at].in[side].dep |= e->dep;
	c->edge.v[at].in[side].completion |= e->completion;
	return 0;
}

static int gather_edges(struct diff *d, struct diff_ctx *c, struct htab *known, unsigned int side,
			const struct view_filter *filter)
{
	const struct model *m = d->side[side].m;
	unsigned int i;
	int err = 0;

	for (i = 0; i < model_nr_edges(m) && !err; i++) {
		struct model_edge e = model_edge(m, i);
		enum diff_tier tier = tier_of(model_class(m, e.from).tier);

		if (!e.dep || (!lock_passes(filter, model_class(m, e.from).name) &&
			       !lock_passes(filter, model_class(m, e.to).name)))
			continue;
		if (d->side[!side].traced[tier])
			err = gather_edge(d, c, known, side, &e);
		else
			d->skipped[tier]++;
	}
	return err;
}

static bool judge_edge(struct diff_edge *e)
{
	const struct diff_strength *now = &e->in[DIFF_NOW], *before = &e->in[DIFF_BEFORE];

	if (now->dep && before->dep) {
		e->doubt = 0;
		e->state = DIFF_CHANGED;
		return (now->dep != before->dep && !now->listed && !before->listed) || now->completion != before->completion;
	}
	e->state = only_in(now->dep ? DIFF_NOW : DIFF_BEFORE, e->doubt);
	return true;
}

static int edge_by_name(const void *va, const void *vb)
{
	const struct diff_edge *a = va, *b = vb;
	int cmp;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	cmp = strcmp(a->from, b->from);
	if (!cmp)
		cmp = strcmp(a->to, b->to);
	return cmp ? cmp : a->tier < b->tier ? -1 : a->tier > b->tier;
}

static int compare_edges(struct diff *d, struct diff_ctx *c, const struct view_filter *filter)
{
	struct htab known;
	size_t i, nr = 0;
	int err;

	htab_init(&known, sizeof(struct name_key));
	err = gather_edges(d, c, &known, DIFF_NOW, filter);
	if (!err)
		err = gather_edges(d, c, &known, DIFF_BEFORE, filter);
	htab_done(&known);
	for (i = 0; i < c->edge.nr && !err; i++) {
		if (judge_edge(&c->edge.v[i]))
			c->edge.v[nr++] = c->edge.v[i];
		else
			d->same_edges++;
	}
	c->edge.nr = nr;
	if (nr)
		qsort(c->edge.v, nr, sizeof(*c->edge.v), edge_by_name);
	return err;
}

/* --- all ------------------------------------------------------------------------------------ */

static void publish(struct diff *d, const struct diff_ctx *c)
{
	d->finding = c->finding.v;
	d->nr_findings = (unsigned int)c->finding.nr;
	d->class = c->class.v;
	d->nr_classes = (unsigned int)c->class.nr;
	d->edge = c->edge.v;
	d->nr_edges = (unsigned int)c->edge.nr;
	d->wait = c->wait.v;
	d->nr_waits = (unsigned int)c->wait.nr;
}

int diff_build(const struct model *now, const struct model *before, const struct diff_opts *opts,
	       struct diff *out)
{
	struct diff_ctx *c;
	int err;

	*out = (struct diff){ .priv = NULL };
	if (!diff_dims_ok(opts->view.dims))
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	out->priv = c;
	diff_side_init(&out->side[DIFF_NOW], now);
	diff_side_init(&out->side[DIFF_BEFORE], before);
	err = strpool_init(&c->str);
	if (!err)
		err = compare_findings(out, c, opts);
	if (!err)
		err = compare_classes(out, c, &opts->view.filter);
	if (!err)
		err = compare_edges(out, c, &opts->view.filter);
	if (!err)
		err = diff_waits(out, &opts->view);
	if (err)
		diff_done(out);
	else
		publish(out, c);
	return err;
}

void diff_done(struct diff *d)
{
	struct diff_ctx *c = d->priv;

	if (c) {
		strpool_done(&c->str);
		vec_free(&c->finding);
		vec_free(&c->class);
		vec_free(&c->edge);
		vec_free(&c->wait);
		view_done(&c->view[DIFF_NOW]);
		view_done(&c->view[DIFF_BEFORE]);
		free(c);
	}
	*d = (struct diff){ .priv = NULL };
}

bool diff_any(const struct diff *d)
{
	return d->nr_findings || d->nr_classes || d->nr_edges || d->nr_verdicts;
}

unsigned int diff_nr_new_findings(const struct diff *d)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->nr_findings; i++) {
		const struct diff_finding *e = &d->finding[i];

		n += !e->f[DIFF_BEFORE] || (e->f[DIFF_NOW] && e->state == DIFF_CHANGED &&
					    e->f[DIFF_NOW]->severity == FINDING_DEADLOCK);
	}
	return n;
}
