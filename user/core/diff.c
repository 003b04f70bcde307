// SPDX-License-Identifier: GPL-2.0-only
/*
 * The comparison of two models: classes and orders; see diff.h. Findings: diff_finding.c,
 * waits: diff_wait.c.
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
		if (!d->side[!side].traced[diff_tier_of(k.tier)]) {
			d->skipped[diff_tier_of(k.tier)]++;
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
	e->doubt = diff_doubt_of(d, side, diff_tier_of(e->tier), e->type);
	e->state = diff_only_in(side, e->doubt);
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
	struct model_class from = model_class(m, e->from);
	struct model_class to = model_class(m, e->to);
	struct name_key key = { .tier = from.tier };
	uint32_t at;
	int ret;

	if (name_id(c, from.name, &key.from) || name_id(c, to.name, &key.to))
		return -ENOMEM;
	ret = htab_put(known, &key, &at);
	if (ret > 0)
		ret = vec_push(&c->edge, ((struct diff_edge){ .tier = from.tier,
			.from = strpool_str(&c->str, key.from), .to = strpool_str(&c->str, key.to),
			.doubt = diff_doubt_of(d, side, diff_tier_of(from.tier), from.type) |
				 diff_doubt_of(d, side, diff_tier_of(from.tier), to.type) }));
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
		enum diff_tier tier = diff_tier_of(model_class(m, e.from).tier);

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
	e->state = diff_only_in(now->dep ? DIFF_NOW : DIFF_BEFORE, e->doubt);
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
		err = diff_findings(out, opts);
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
