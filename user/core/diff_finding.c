// SPDX-License-Identifier: GPL-2.0-only
/*
 * The findings of two models, compared by their ids.
 */
#include <errno.h>
#include <string.h>

#include "diff_priv.h"

/* The doubt is that of the lock which the other model sees least of. */
static unsigned int finding_doubt(const struct diff *d, unsigned int side, const struct finding *f)
{
	enum diff_tier tier = f->report ? DIFF_KERNEL : diff_tier_of(f->tier);
	unsigned int i, doubt = diff_doubt_of(d, side, tier, NULL);

	for (i = 0; i < f->nr_links && !f->report; i++)
		doubt |= diff_doubt_of(d, side, tier, f->link[i].held.type) |
			 diff_doubt_of(d, side, tier, f->link[i].taken.type);
	return doubt;
}

static bool passes(const struct diff_opts *opts, const struct model *m, const struct finding *f)
{
	return !opts->pass || opts->pass(m, f, &opts->view.filter);
}

/* The findings of one model by the numbers of their ids, into *at, which grows to *nr places. */
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
		e.state = diff_only_in(now ? DIFF_NOW : DIFF_BEFORE, e.doubt);
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

int diff_findings(struct diff *d, const struct diff_opts *opts)
{
	struct diff_ctx *c = d->priv;
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
