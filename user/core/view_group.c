// SPDX-License-Identifier: GPL-2.0-only
/*
 * Grouping and sorting of a view: from the model's rows to c->order.
 */
#include <errno.h>
#include <string.h>

#include "sat.h"
#include "view_priv.h"

/* --- items -------------------------------------------------------------------------------- */

static void item_sums(const struct view_ctx *c, const struct agg_table *t, uint32_t i,
		      struct item *it)
{
	const struct agg_data *a = &t->data.v[i];

	it->row = i;
	it->comm = a->comm;
	it->count = a->count;
	it->total_ns = a->total_ns;
	it->max_ns = a->max_ns;
	it->min_ns = a->min_ns;
	it->last_ns = a->last_ns;
	it->waiting = a->waiting;
	if (c->opts->gain)
		agg_gain(t, i, &it->count, &it->total_ns);
}

void view_row_item(const struct view_ctx *c, uint32_t i, struct item *it)
{
	const struct agg_table *t = view_rows(c);
	const struct row_key *k = row_key(t, i);

	*it = (struct item){
		.lock = k->lock, .stack = k->stack, .cgroup = k->cgroup,
		.tid = k->tid, .tgid = k->tgid, .cpu = k->cpu, .lcb = k->lcb, .ctx = k->ctx,
		.reader = c->opts->holds && k->lcb & LK_LCB_READ,
	};
	it->has_task = !item_is_folded(c, it);
	item_sums(c, t, i, it);
}

void view_owner_item(const struct view_ctx *c, uint32_t i, struct item *it)
{
	const struct owner_key *k = owner_key(c->m, i);

	*it = (struct item){
		.lock = k->lock, .stack = k->stack, .cgroup = NO_NUMBER,
		.tid = k->tid, .tgid = k->tgid, .lcb = k->lcb, .ctx = LK_CTX_UNKNOWN,
		.reader = k->reader, .has_task = true,
	};
	item_sums(c, &c->m->owners, i, it);
}

void view_item(const struct view_ctx *c, uint32_t i, struct item *it)
{
	uint32_t nr_owners = (uint32_t)c->m->owners.data.nr;

	if (!(c->dims & VIEW_OWNER))
		view_row_item(c, i, it);
	else if (i < nr_owners)
		view_owner_item(c, i, it);
	else
		view_owner_unowned(c, i - nr_owners, it);
}

/* --- groups ------------------------------------------------------------------------------- */

static int key_of(struct view_ctx *c, const struct item *it, struct group_key *key)
{
	const struct addr_key *lock = lock_key(c->m, it->lock);
	unsigned int dims = c->dims;

	memset(key, 0, sizeof(*key));
	if (dims & VIEW_LOCK && view_text_lock(c, it, &key->lock))
		return -ENOMEM;
	if (dims & VIEW_TYPE)
		key->type = c->type_text[it->lcb];
	if (dims & VIEW_CALLER && view_text_caller(c, it->stack, &key->caller, &key->module))
		return -ENOMEM;
	if (dims & VIEW_CGROUP && view_text_cgroup(c, it->cgroup, &key->cgroup))
		return -ENOMEM;
	if (dims & VIEW_CTX)
		key->ctx = it->ctx;
	if (dims & VIEW_ADDR && lock->addr) {
		key->addr = lock->addr;
		key->source = lock->source + 1;
	}
	if (dims & (VIEW_TASK | VIEW_PROCESS | VIEW_OWNER) && it->has_task) {
		key->source = lock->source + 1;
		key->has_task = 1;
		key->tgid = it->tgid;
		if (dims & (VIEW_TASK | VIEW_OWNER)) {
			key->tid = it->tid;
			key->cpu = it->cpu;	/* tells idle tasks apart */
		}
	}
	return 0;
}

/* 1 = counts, 0 = does not, or -ENOMEM. */
static int item_counts(struct view_ctx *c, const struct item *it)
{
	if (!it->count && !it->total_ns)
		return 0;
	if (!(c->dims & VIEW_OWNER))
		return view_filter_pass(c, it);
	return view_owner_pass(c, it);
}

static int assign(struct view_ctx *c, uint32_t i, const struct item *it)
{
	struct group_key key;
	struct group *g;
	uint32_t at;
	int ret;

	if (key_of(c, it, &key) || vec_reserve(&c->group, 1))
		return -ENOMEM;
	ret = htab_put(&c->groups, &key, &at);
	if (ret < 0)
		return ret;
	if (ret)
		c->group.v[c->group.nr++] = (struct group){ .min_ns = UINT64_MAX };
	g = &c->group.v[at];
	g->nr++;
	g->count = sat_add(g->count, it->count);
	g->total_ns = sat_add(g->total_ns, it->total_ns);
	if (it->max_ns > g->max_ns)
		g->max_ns = it->max_ns;
	if (it->min_ns < g->min_ns)
		g->min_ns = it->min_ns;
	c->item_group[i] = at;
	return 0;
}

static int assign_all(struct view_ctx *c)
{
	struct item it;
	uint32_t i;
	int ret;

	c->item_group = malloc(((size_t)c->nr_items + 1) * sizeof(*c->item_group));
	if (!c->item_group)
		return -ENOMEM;
	for (i = 0; i < c->nr_items; i++) {
		c->item_group[i] = NO_GROUP;
		view_item(c, i, &it);
		ret = item_counts(c, &it);
		if (ret > 0) {
			c->count = sat_add(c->count, it.count);
			c->total_ns = sat_add(c->total_ns, it.total_ns);
			ret = assign(c, i, &it);
		}
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Lists of the members of each group, in the order of the items. */
static int list_members(struct view_ctx *c)
{
	uint32_t i, g, first = 0;

	c->members = malloc(((size_t)c->nr_items + 1) * sizeof(*c->members));
	if (!c->members)
		return -ENOMEM;
	for (g = 0; g < c->group.nr; g++) {
		c->group.v[g].first = first;
		first += c->group.v[g].nr;
		c->group.v[g].nr = 0;
	}
	for (i = 0; i < c->nr_items; i++) {
		g = c->item_group[i];
		if (g != NO_GROUP)
			c->members[c->group.v[g].first + c->group.v[g].nr++] = i;
	}
	return 0;
}

/* --- order -------------------------------------------------------------------------------- */

struct ranked {
	uint64_t value;
	uint32_t group;
};

static uint64_t sort_value(struct view_ctx *c, uint32_t i)
{
	const struct group *g = &c->group.v[i];

	switch (c->key) {
	case VIEW_BY_TOTAL:
		break;
	case VIEW_BY_COUNT:
		return g->count;
	case VIEW_BY_MAX:
		return g->max_ns;
	case VIEW_BY_MIN:
		return g->min_ns < g->max_ns ? g->min_ns : g->max_ns;
	case VIEW_BY_AVG:
		return g->count ? g->total_ns / g->count : 0;
	case VIEW_BY_P50:
		return view_quantile(c, i, 0.50);
	case VIEW_BY_P95:
		return view_quantile(c, i, 0.95);
	case VIEW_BY_P99:
		return view_quantile(c, i, 0.99);
	}
	return g->total_ns;
}

static int compare_texts(const struct view_ctx *c, uint32_t a, uint32_t b)
{
	return a == b ? 0 : strcmp(strpool_str(&c->str, a), strpool_str(&c->str, b));
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* A total order: keys that differ, differ in a text or a number. Unknown tasks come last. */
static int compare_keys(const struct view_ctx *c, const struct group_key *a,
			const struct group_key *b)
{
	int d = 0;

	d = d ? d : compare_texts(c, a->lock, b->lock);
	d = d ? d : compare_texts(c, a->type, b->type);
	d = d ? d : compare_texts(c, a->caller, b->caller);
	d = d ? d : compare_texts(c, a->module, b->module);
	d = d ? d : compare_texts(c, a->cgroup, b->cgroup);
	d = d ? d : compare_numbers(a->ctx, b->ctx);
	d = d ? d : compare_numbers(b->has_task, a->has_task);
	d = d ? d : compare_numbers(a->tgid, b->tgid);
	d = d ? d : compare_numbers(a->tid, b->tid);
	d = d ? d : compare_numbers(a->cpu, b->cpu);
	d = d ? d : compare_numbers(a->addr, b->addr);
	return d ? d : compare_numbers(a->source, b->source);
}

static int compare_ranked(const void *va, const void *vb, void *ctx)
{
	const struct ranked *a = va, *b = vb;
	const struct view_ctx *c = ctx;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return compare_keys(c, htab_key(&c->groups, a->group), htab_key(&c->groups, b->group));
}

static int sort_groups(struct view_ctx *c)
{
	size_t nr = c->group.nr, i;
	struct ranked *r;

	c->order = malloc((nr + 1) * sizeof(*c->order));
	r = malloc((nr + 1) * sizeof(*r));
	if (!c->order || !r) {
		free(r);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++) {
		r[i].group = (uint32_t)i;
		r[i].value = sort_value(c, (uint32_t)i);
	}
	qsort_r(r, nr, sizeof(*r), compare_ranked, c);
	for (i = 0; i < nr; i++)
		c->order[i] = r[i].group;
	free(r);
	return 0;
}

int view_group(struct view_ctx *c)
{
	int err;

	htab_init(&c->groups, sizeof(struct group_key));
	c->nr_items = (uint32_t)view_rows(c)->data.nr;
	if (c->dims & VIEW_OWNER)
		c->nr_items = (uint32_t)c->m->owners.data.nr + view_owner_nr_unowned(c);
	err = assign_all(c);
	if (!err)
		err = list_members(c);
	if (!err)
		err = sort_groups(c);
	return err;
}

void view_group_done(struct view_ctx *c)
{
	free(c->item_group);
	free(c->members);
	htab_done(&c->groups);
	vec_free(&c->group);
	free(c->order);
}
