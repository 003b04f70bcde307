// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owners in a view. Owner rows know the lock, stack and type of the waits, but
 * not the waiter: what links them to rows is this combination, called a combo.
 *
 * A group's main owner is searched among the owner rows of its combos; the main holder
 * of hold rows, which know their task, among the group's rows themselves. A view
 * by owner shows the owner rows themselves, those whose combo has a row that
 * passed the filter, and as one more item per combo what no owner is known for.
 */
#include <errno.h>
#include <string.h>

#include "sat.h"
#include "view_priv.h"

struct combo_key {
	uint32_t lock, stack, lcb;
};

struct combo {
	uint32_t stamp;
	uint32_t first_row;		/* list of its owner rows; NO_NUMBER at its end */
	bool passed;			/* VIEW_OWNER: a row of it passed the filter */
	uint64_t count, total_ns;	/* VIEW_OWNER: in the rows that passed the filter ... */
	uint64_t owned, owned_ns;	/* ... and in the owner rows */
};

struct owner_id {
	uint32_t source, tid, tgid;
};

struct owner_sum {
	uint32_t stamp;		/* the sums are of this group */
	uint32_t comm;		/* the model's string: the latest */
	uint64_t last_ns;	/* when that was */
	uint64_t total_ns, reader_ns;
};

struct owner_scratch {
	struct htab combo_keys;		/* struct combo_key */
	VEC(struct combo) combo;
	uint32_t *next_row;		/* by owner row */
	VEC(struct item) unowned;
	struct htab ids;		/* struct owner_id */
	VEC(struct owner_sum) owner;
	uint32_t *number;		/* of the owner, by owner row */
	uint32_t stamp, best;		/* the current group; its main owner so far, or NO_NUMBER */
};

static struct combo *combo_find(const struct owner_scratch *s, const struct item *it)
{
	struct combo_key key = { .lock = it->lock, .stack = it->stack, .lcb = it->lcb };
	uint32_t i = htab_find(&s->combo_keys, &key);

	return i == HTAB_NONE ? NULL : &s->combo.v[i];
}

/* NULL when out of memory. */
static struct combo *combo_get(struct owner_scratch *s, const struct item *it)
{
	struct combo_key key = { .lock = it->lock, .stack = it->stack, .lcb = it->lcb };
	uint32_t i;
	int ret;

	if (vec_reserve(&s->combo, 1))
		return NULL;
	ret = htab_put(&s->combo_keys, &key, &i);
	if (ret < 0)
		return NULL;
	if (ret)
		s->combo.v[s->combo.nr++] = (struct combo){ .first_row = NO_NUMBER };
	return &s->combo.v[i];
}

/* --- for a view by owner ------------------------------------------------------------------ */

static int sum_rows(struct view_ctx *c)
{
	struct combo *combo;
	struct item it;
	uint32_t i;
	int ret;

	for (i = 0; i < c->m->rows.data.nr; i++) {
		view_row_item(c, i, &it);
		ret = view_filter_pass(c, &it);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		combo = combo_get(c->owners, &it);
		if (!combo)
			return -ENOMEM;
		combo->passed = true;
		combo->count = sat_add(combo->count, it.count);
		combo->total_ns = sat_add(combo->total_ns, it.total_ns);
	}
	return 0;
}

static int sum_owner_rows(struct view_ctx *c)
{
	bool all = view_filter_is_empty(c);
	struct combo *combo;
	struct item it;
	uint32_t i;

	for (i = 0; i < c->m->owners.data.nr; i++) {
		view_owner_item(c, i, &it);
		combo = combo_get(c->owners, &it);
		if (!combo)
			return -ENOMEM;
		combo->passed |= all;	/* its rows may be folded */
		combo->owned = sat_add(combo->owned, it.count);
		combo->owned_ns = sat_add(combo->owned_ns, it.total_ns);
	}
	return 0;
}

/* What the rows of a combo counted more than its owner rows is an item without owner. */
static int add_unowned(struct owner_scratch *s, uint32_t i)
{
	const struct combo_key *key = htab_key(&s->combo_keys, i);
	const struct combo *combo = &s->combo.v[i];
	struct item it = {
		.row = NO_NUMBER, .lock = key->lock, .stack = key->stack, .cgroup = NO_NUMBER,
		.lcb = (uint8_t)key->lcb, .ctx = LK_CTX_UNKNOWN, .min_ns = UINT64_MAX,
	};

	if (combo->owned >= combo->count)
		return 0;
	it.count = combo->count - combo->owned;
	if (combo->owned_ns < combo->total_ns)
		it.total_ns = combo->total_ns - combo->owned_ns;
	return vec_push(&s->unowned, it);
}

static int prepare_owner_view(struct view_ctx *c)
{
	struct owner_scratch *s = c->owners;
	uint32_t i;
	int err;

	err = sum_rows(c);
	if (!err)
		err = sum_owner_rows(c);
	for (i = 0; i < s->combo.nr && !err; i++)
		err = add_unowned(s, i);
	return err;
}

uint32_t view_owner_nr_unowned(const struct view_ctx *c)
{
	return (uint32_t)c->owners->unowned.nr;
}

void view_owner_unowned(const struct view_ctx *c, uint32_t i, struct item *it)
{
	*it = c->owners->unowned.v[i];
}

bool view_owner_pass(const struct view_ctx *c, const struct item *it)
{
	const struct combo *combo = combo_find(c->owners, it);

	return combo && combo->passed;
}

/* --- the main owner of a group ------------------------------------------------------------ */

/* Put every owner row on the list of its combo. */
static int link_rows(struct view_ctx *c)
{
	struct owner_scratch *s = c->owners;
	uint32_t nr = (uint32_t)c->m->owners.data.nr, i;
	struct combo *combo;
	struct item it;

	s->next_row = malloc(((size_t)nr + 1) * sizeof(*s->next_row));
	if (!s->next_row)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		view_owner_item(c, i, &it);
		combo = combo_get(s, &it);
		if (!combo)
			return -ENOMEM;
		s->next_row[i] = combo->first_row;
		combo->first_row = i;
	}
	return 0;
}

/* Whose row of @t, which is owner rows or hold rows, is it? */
static struct owner_id id_of(const struct model *m, const struct agg_table *t, uint32_t i)
{
	const struct owner_key *owner = htab_key(&t->keys, i);
	const struct row_key *hold = htab_key(&t->keys, i);

	if (t == &m->owners)
		return (struct owner_id){ lock_key(m, owner->lock)->source, owner->tid, owner->tgid };
	return (struct owner_id){ lock_key(m, hold->lock)->source, hold->tid, hold->tgid };
}

/* Number the owners or holders, and find the latest comm of each. */
static int number_owners(struct view_ctx *c, const struct agg_table *t)
{
	const struct model *m = c->m;
	struct owner_scratch *s = c->owners;
	uint32_t i, at;
	int ret;

	s->number = malloc((t->data.nr + 1) * sizeof(*s->number));
	if (!s->number)
		return -ENOMEM;
	for (i = 0; i < t->data.nr; i++) {
		const struct agg_data *a = &t->data.v[i];
		struct owner_id id = id_of(m, t, i);
		struct owner_sum *o;

		if (vec_reserve(&s->owner, 1))
			return -ENOMEM;
		ret = htab_put(&s->ids, &id, &at);
		if (ret < 0)
			return ret;
		if (ret)
			s->owner.v[s->owner.nr++] = (struct owner_sum){ .comm = a->comm };
		o = &s->owner.v[at];
		if (a->last_ns > o->last_ns ||
		    (a->last_ns == o->last_ns && strcmp(strpool_str(&m->str, a->comm),
							strpool_str(&m->str, o->comm)) < 0)) {
			o->last_ns = a->last_ns;
			o->comm = a->comm;
		}
		s->number[i] = at;
	}
	return 0;
}

/* Of two with the same sum. */
static bool owner_before(const struct view_ctx *c, uint32_t a, uint32_t b)
{
	const struct owner_scratch *s = c->owners;
	const struct owner_id *ia = htab_key(&s->ids, a), *ib = htab_key(&s->ids, b);
	int d = strcmp(strpool_str(&c->m->str, s->owner.v[a].comm),
		       strpool_str(&c->m->str, s->owner.v[b].comm));

	if (d)
		return d < 0;
	if (ia->tid != ib->tid)
		return ia->tid < ib->tid;
	if (ia->tgid != ib->tgid)
		return ia->tgid < ib->tgid;
	return ia->source < ib->source;
}

/* Sums only grow, so comparing whenever one does leaves the largest as the best. */
static void add_to(struct view_ctx *c, uint32_t number, const struct item *it)
{
	struct owner_scratch *s = c->owners;
	struct owner_sum *o = &s->owner.v[number];
	const struct owner_sum *best;

	if (o->stamp != s->stamp) {
		o->stamp = s->stamp;
		o->total_ns = o->reader_ns = 0;
	}
	o->total_ns = sat_add(o->total_ns, it->total_ns);
	if (it->reader)
		o->reader_ns = sat_add(o->reader_ns, it->total_ns);
	best = s->best == NO_NUMBER ? NULL : &s->owner.v[s->best];
	if (!best || o->total_ns > best->total_ns ||
	    (o->total_ns == best->total_ns && owner_before(c, number, s->best)))
		s->best = number;
}

static void add_row(struct view_ctx *c, uint32_t i)
{
	struct item it;

	view_owner_item(c, i, &it);
	if (it.count || it.total_ns)
		add_to(c, c->owners->number[i], &it);
}

void view_owner_begin(struct view_ctx *c)
{
	c->owners->stamp++;
	c->owners->best = NO_NUMBER;
}

void view_owner_add(struct view_ctx *c, const struct item *it)
{
	struct owner_scratch *s = c->owners;
	struct combo *combo;
	uint32_t i;

	if (c->opts->holds) {	/* the row says itself whose it is */
		if (it->has_task)
			add_to(c, s->number[it->row], it);
		return;
	}
	combo = combo_find(s, it);
	if (!combo || combo->stamp == s->stamp)
		return;
	combo->stamp = s->stamp;
	for (i = combo->first_row; i != NO_NUMBER; i = s->next_row[i])
		add_row(c, i);
}

void view_owner_fill(const struct view_ctx *c, struct view_row *row)
{
	const struct owner_scratch *s = c->owners;
	const struct owner_sum *o;
	const struct owner_id *id;

	if (s->best == NO_NUMBER)
		return;
	o = &s->owner.v[s->best];
	id = htab_key(&s->ids, s->best);
	row->owner_comm = o->comm ? strpool_str(&c->m->str, o->comm) : "(unknown)";
	row->owner_tid = id->tid;
	row->owner_tgid = id->tgid;
	row->owner_reader = o->reader_ns > o->total_ns / 2;
	row->owner_total_ns = o->total_ns < row->total_ns ? o->total_ns : row->total_ns;
}

int view_owner_init(struct view_ctx *c)
{
	struct owner_scratch *s = calloc(1, sizeof(*s));
	int err;

	c->owners = s;
	if (!s)
		return -ENOMEM;
	s->best = NO_NUMBER;
	htab_init(&s->combo_keys, sizeof(struct combo_key));
	htab_init(&s->ids, sizeof(struct owner_id));
	if (c->dims & VIEW_OWNER)
		return prepare_owner_view(c);
	if (c->opts->holds)
		return number_owners(c, &c->m->holds);
	err = link_rows(c);
	return err ? err : number_owners(c, &c->m->owners);
}

void view_owner_done(struct view_ctx *c)
{
	struct owner_scratch *s = c->owners;

	if (!s)
		return;
	htab_done(&s->combo_keys);
	vec_free(&s->combo);
	free(s->next_row);
	vec_free(&s->unowned);
	htab_done(&s->ids);
	vec_free(&s->owner);
	free(s->number);
	free(s);
	c->owners = NULL;
}
