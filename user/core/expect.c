// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which links of known bugs occur here; see expect.h.
 */
#include "expect.h"

#include <stdlib.h>
#include <string.h>

#include "expect_priv.h"
#include "symclass.h"

const char *expect_state_str(enum expect_state state)
{
	switch (state) {
	case EXPECT_COMPLETE:
		return "complete";
	case EXPECT_AT_RISK:
		return "at-risk";
	case EXPECT_PARTLY:
		return "partly";
	case EXPECT_UNSEEN:
		return "unseen";
	case EXPECT_NO_CYCLE:
		break;
	}
	return "no-cycle";
}

const char *expect_link_state_str(enum expect_link_state state)
{
	switch (state) {
	case EXPECT_LINK_SEEN:
		return "seen";
	case EXPECT_LINK_INDIRECT:
		return "indirect";
	case EXPECT_LINK_UNSEEN:
		break;
	}
	return "unseen";
}

/* --- classes ------------------------------------------------------------------------------ */

/* A name such as "spinlock@function#2" says no more than where the lock is taken. */
static bool same_function(const struct xlock *x, const char *name)
{
	const char *at = strchr(name, '@');
	size_t len = at ? strcspn(at + 1, "#") : 0;
	unsigned int i;

	for (i = 0; i < x->nr_func && len; i++)
		if (strlen(x->func[i]) == len && !memcmp(x->func[i], at + 1, len))
			return true;
	return false;
}

static int match_class(struct expect *e, uint32_t class)
{
	const char *name = model_class(e->m, class).name;
	struct lockalias alias;
	unsigned int i, k;

	lockalias_today(name, &alias);
	for (i = 0; i < e->bug.nr; i++) {
		struct xbug *b = &e->bug.v[i];

		for (k = 0; k < b->nr_locks; k++) {
			if (!lockalias_same(&alias, &b->lock[k].alias) && !same_function(&b->lock[k], name))
				continue;
			if (vec_push(&b->lock[k].class, class))
				return -ENOMEM;
			if (b->lock_pub[k].class == EXPECT_NONE)
				b->lock_pub[k].class = class;
		}
	}
	return 0;
}

static int match_classes(struct expect *e)
{
	uint32_t nr = model_nr_classes(e->m);
	int err = 0;

	for (; e->nr_classes < nr && !err; e->nr_classes++)
		err = match_class(e, e->nr_classes);
	return err;
}

/* --- links -------------------------------------------------------------------------------- */

static int mark_classes(struct expect *e)
{
	unsigned int i, k;
	size_t c;

	if (e->nr_classes > e->marked.nr && vec_reserve(&e->marked, e->nr_classes - e->marked.nr))
		return -ENOMEM;
	e->marked.nr = e->nr_classes;
	if (e->nr_classes)
		memset(e->marked.v, 0, e->nr_classes);
	for (i = 0; i < e->bug.nr; i++)
		for (k = 0; k < e->bug.v[i].nr_locks; k++)
			for (c = 0; c < e->bug.v[i].lock[k].class.nr; c++)
				e->marked.v[model_class(e->m, e->bug.v[i].lock[k].class.v[c]).merged_into] = 1;
	return 0;
}

static unsigned int before(const struct xbug *b, unsigned int lock)
{
	return lock ? lock - 1 : b->nr_locks - 1;
}

static void see_order(struct expect *e, uint32_t index, uint32_t from, uint32_t to)
{
	unsigned int i, k;

	for (i = 0; i < e->bug.nr; i++) {
		struct xbug *b = &e->bug.v[i];

		for (k = 0; k < b->nr_locks && b->nr_locks > 1; k++) {
			if (b->link[k].state == EXPECT_LINK_SEEN || !expect_is_lock(e, &b->lock[k], to) ||
			    !expect_is_lock(e, &b->lock[before(b, k)], from))
				continue;
			b->link[k].state = EXPECT_LINK_SEEN;
			b->link[k].edge = index;
		}
	}
}

/* Edges are few thousands; those between locks of known bugs are few. */
static void see_orders(struct expect *e)
{
	uint32_t i;

	for (i = 0; i < model_nr_edges(e->m); i++) {
		struct model_edge d = model_edge(e->m, i);

		if (d.dep && d.from != d.to && e->marked.v[d.from] && e->marked.v[d.to])
			see_order(e, i, d.from, d.to);
	}
}

/* --- paths -------------------------------------------------------------------------------- */

/*
 * Link @k, and those after it that lead to locks which are not seen here: is there a way
 * from what is held to the next lock that is?
 */
static int see_path(struct expect *e, struct xbug *b, unsigned int k)
{
	unsigned int from = before(b, k), to = k, i;

	while (to != from && !b->lock[to].class.nr)
		to = (to + 1) % b->nr_locks;
	if (to == from || !b->lock[from].class.nr || expect_make_graph(e))
		return to == from || !b->lock[from].class.nr ? 0 : -ENOMEM;
	if (!expect_find_path(e, &b->lock[from], &b->lock[to], &b->link[k]))
		return 0;
	for (i = k; i != to; i = (i + 1) % b->nr_locks)
		b->link[(i + 1) % b->nr_locks].state = EXPECT_LINK_INDIRECT;
	return 0;
}

static int see_paths(struct expect *e)
{
	unsigned int i, k;
	int err = 0;

	for (i = 0; i < e->bug.nr; i++)
		for (k = 0; k < e->bug.v[i].nr_locks && e->bug.v[i].nr_locks > 1 && !err; k++)
			if (e->bug.v[i].link[k].state == EXPECT_LINK_UNSEEN)
				err = see_path(e, &e->bug.v[i], k);
	return err;
}

/* --- what it comes to --------------------------------------------------------------------- */

/* How many locks of the bug are in the finding? */
static unsigned int locks_in(const struct expect *e, const struct xbug *b, const struct finding *f)
{
	unsigned int i, k, nr = 0;

	for (k = 0; k < b->nr_locks; k++) {
		for (i = 0; i < f->nr_links; i++)
			if (f->link[i].taken.class < e->nr_classes &&
			    expect_is_lock(e, &b->lock[k], model_class(e->m, f->link[i].taken.class).merged_into))
				break;
		nr += i < f->nr_links;
	}
	return nr;
}

/* The worst finding of the trace itself that says the same, the most of it; NULL: there is none. */
static const struct finding *find_finding(const struct expect *e, const struct xbug *b)
{
	const struct finding *worst = NULL;
	unsigned int i, nr, most = 0;

	for (i = 0; i < model_nr_findings(e->m); i++) {
		const struct finding *f = model_finding(e->m, i);
		bool one = f->kind == FINDING_RECURSIVE || f->kind == FINDING_RW_UPGRADE;

		if (f->report || (b->nr_locks == 1 ? !one : f->kind != FINDING_CIRCULAR) ||
		    (worst && worst->severity > f->severity))
			continue;
		nr = locks_in(e, b, f);
		if (nr < (one ? 1 : 2) || (worst && worst->severity == f->severity && nr <= most))
			continue;
		worst = f;
		most = nr;
	}
	return worst;
}

static void judge_cycle(struct expect *e, struct xbug *b)
{
	unsigned int k;
	const struct finding *found = find_finding(e, b);

	if (b->nr_locks == 1 && found)
		b->link[0].state = EXPECT_LINK_SEEN;
	b->pub.nr_seen = 0;
	for (k = 0; k < b->nr_locks; k++)
		b->pub.nr_seen += b->link[k].state != EXPECT_LINK_UNSEEN;
	if (b->pub.nr_seen == b->pub.nr_links && found) {
		b->pub.state = EXPECT_COMPLETE;
		b->pub.found = found;
	} else if (b->pub.nr_seen && b->pub.state == EXPECT_UNSEEN) {
		b->pub.state = EXPECT_PARTLY;
	}
}

static bool is_inside(const struct xbug *b, const char *function)
{
	size_t i;

	for (i = 0; i < b->inside.nr; i++)
		if (!strcmp(b->inside.v[i], function))
			return true;
	return false;
}

/* Was the function entered with a lock of the bug held? */
static void judge_watch(struct expect *e, struct xbug *b, const struct model_watch *w)
{
	unsigned int i, k;

	if (b->pub.watch || (!is_inside(b, w->function) && !is_inside(b, w->symbol)))
		return;
	for (i = 0; i < w->nr_held; i++) {
		uint32_t root = model_class(e->m, w->held[i].class).merged_into;

		for (k = 0; k < b->nr_locks; k++) {
			if (!expect_is_lock(e, &b->lock[k], root))
				continue;
			b->pub.watch = w->function;
			b->pub.watch_class = root;
			if (b->pub.state < EXPECT_AT_RISK)
				b->pub.state = EXPECT_AT_RISK;
			return;
		}
	}
}

static unsigned int standing(const struct expect *e)
{
	unsigned int i, sum = 0;

	for (i = 0; i < e->bug.nr; i++)
		sum += (unsigned int)e->bug.v[i].pub.state + e->bug.v[i].pub.nr_seen;
	return sum;
}

static bool has_news(const struct expect *e)
{
	return e->nr_classes != model_nr_classes(e->m) || e->nr_edges != model_nr_edges(e->m) ||
	       e->findings_version != model_findings_version(e->m);
}

static int look(struct expect *e)
{
	unsigned int i;
	int err = match_classes(e);

	if (!err)
		err = mark_classes(e);
	if (err)
		return err;
	see_orders(e);
	err = see_paths(e);
	for (i = 0; i < e->bug.nr && !err; i++)
		if (e->bug.v[i].nr_locks)
			judge_cycle(e, &e->bug.v[i]);
	e->nr_edges = model_nr_edges(e->m);
	e->findings_version = model_findings_version(e->m);
	return err;
}

int expect_update(struct expect *e, const struct model *m)
{
	unsigned int i, k, stood = standing(e);
	int err;

	e->m = m;
	err = has_news(e) ? look(e) : 0;
	for (k = 0; k < model_nr_watch(m) && !err; k++)
		for (i = 0; i < e->bug.nr; i++)
			judge_watch(e, &e->bug.v[i], model_watch(m, k));
	return err ? err : standing(e) > stood;
}

/* --- the whole ---------------------------------------------------------------------------- */

struct expect *expect_new(const struct model *known)
{
	struct expect *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	if (!strpool_init(&e->str) && !expect_read_known(e, known))
		return e;
	expect_free(e);
	return NULL;
}

void expect_free(struct expect *e)
{
	size_t i;

	if (!e)
		return;
	for (i = 0; i < e->bug.nr; i++)
		expect_bug_done(&e->bug.v[i]);
	vec_free(&e->bug);
	vec_free(&e->marked);
	vec_free(&e->head);
	vec_free(&e->next);
	vec_free(&e->parent);
	vec_free(&e->queue);
	strpool_done(&e->str);
	free(e);
}

unsigned int expect_nr(const struct expect *e)
{
	return (unsigned int)e->bug.nr;
}

const struct expect_bug *expect_bug(const struct expect *e, unsigned int i)
{
	return &e->bug.v[i].pub;
}

unsigned int expect_nr_exposed(const struct expect *e)
{
	unsigned int i, nr = 0;

	for (i = 0; i < e->bug.nr; i++)
		nr += e->bug.v[i].pub.state >= EXPECT_AT_RISK;
	return nr;
}
