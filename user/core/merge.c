// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances of classes, and classes that turn out to be one:
 *   - weak ones of the same memory, offset and primitive, when the same address was seen in
 *     both (not those on stacks, whose addresses say nothing);
 *   - a weak one, and one that is known by its initialisation, when both are taken at the same
 *     place and lie alike in memory, and no other known one is: one that was there before us;
 *   - those of which the same member is guessed.
 * As memory is reused and guesses are guesses, verdict.c does not believe a cycle that passes
 * a merged class unless the address or the natural class is the same on both sides.
 *
 * The class with the lower id stands for both from then on, and the other one goes on as
 * "merged into" it: ids do not change their meaning.
 */
#include <errno.h>

#include "order_priv.h"

/* Count @addr as an instance of @class, which stands for itself. 0 or -ENOMEM. */
static int add_instance(struct order *o, uint32_t class, uint64_t addr, uint32_t source)
{
	struct inst_id id = { .addr = addr, .source = source, .class = class };
	struct class_data *c = &o->class.v[class];
	uint32_t i;
	int ret;

	if (vec_reserve(&o->inst_next, 1))
		return -ENOMEM;
	ret = htab_put(&o->insts, &id, &i);
	if (ret != 1)
		return ret;
	o->inst_next.v[o->inst_next.nr++] = c->first_inst;
	c->first_inst = i;
	if (c->instances < UINT32_MAX)
		c->instances++;
	return 0;
}

/* What was known of one class of two is known of both, by the better name. */
static void join_names(const struct model *m, uint32_t from, uint32_t into)
{
	struct order *o = order_of(m);
	struct class_data *f = &o->class.v[from], *t = &o->class.v[into];
	bool same = class_same_name(strpool_str(&m->str, f->name), strpool_str(&m->str, t->name));

	t->merged = true;
	t->acquired += f->acquired;
	if (f->named_by >= t->named_by)
		return;
	if (!same)
		t->name = f->name;
	t->named_by = f->named_by;
}

int class_merge(struct model *m, uint32_t a, uint32_t b)
{
	struct order *o = order_of(m);
	uint32_t into = a < b ? a : b, node = a < b ? b : a, i, sub;
	int err = edge_merge(o, node, into);

	if (err)
		return err;
	o->class.v[node].into = into;
	for (i = o->class.v[node].first_inst; i != ORDER_NONE; i = o->inst_next.v[i]) {
		struct inst_id id = *(const struct inst_id *)htab_key(&o->insts, i);

		if (add_instance(o, into, id.addr, id.source))
			return -ENOMEM;
	}
	join_names(m, node, into);
	if (o->class.v[node].subclass)
		return 0;
	for (sub = 1; sub < 8; sub++) {		/* and so are their subclasses */
		uint32_t old = class_nested_find(o, node, sub), new;

		if (old == ORDER_NONE)
			continue;
		if (class_nested(m, into, sub, &new))
			return -ENOMEM;
		old = class_find(o, old);
		new = class_find(o, new);
		if (old != new && class_merge(m, old, new))
			return -ENOMEM;
	}
	return 0;
}

/* May this hold be told by its address from one acquisition to the next? Its group, or ORDER_NONE. */
static int weak_group(struct model *m, uint32_t class, const struct lk_ev_hold *h, uint32_t *group)
{
	struct holding hg = { .h = h, .tier = LK_TIER_ORDER, .stack = LK_STACK_NONE };
	struct order *o = order_of(m);
	const struct class_data *c = &o->class.v[class];
	uint32_t key;

	*group = ORDER_NONE;
	if (c->tier != LK_TIER_ORDER || (c->evidence != EVIDENCE_WEAK && !h->rule))
		return 0;
	if (class_intern_key(m, c->tier, h->key, &key))
		return -ENOMEM;
	hg.k = hg.mem = o->key.v[key];
	if (h->rule && class_is_dedicated(m, &hg.mem))
		return 0;
	return class_group(m, &hg, group);
}

int class_instance(struct model *m, uint32_t class, const struct lk_ev_hold *h)
{
	struct weak_id id = { .addr = h->lock, .source = cur_source(m) };
	struct order *o = order_of(m);
	uint32_t i, at;
	int ret;

	if (add_instance(o, class_find(o, class), h->lock, cur_source(m)) ||
	    weak_group(m, class, h, &id.group))
		return -ENOMEM;
	if (id.group == ORDER_NONE)
		return 0;
	at = class_find(o, o->class.v[class].base);
	if (vec_reserve(&o->weak_class, 1))
		return -ENOMEM;
	ret = htab_put(&o->weak, &id, &i);
	if (ret < 0)
		return ret;
	if (ret == 1) {
		o->weak_class.v[o->weak_class.nr++] = at;
		return 0;
	}
	i = class_find(o, o->weak_class.v[i]);
	return i == at ? 0 : class_merge(m, i, at);
}

uint32_t class_at(struct model *m, const struct holding *hg, uint32_t group)
{
	struct weak_id id = { .addr = hg->h->lock, .source = cur_source(m), .group = group };
	struct order *o = order_of(m);
	uint32_t i = group == ORDER_NONE ? HTAB_NONE : htab_find(&o->weak, &id);

	return i == HTAB_NONE ? ORDER_NONE : o->weak_class.v[i];
}

/* --- by where others of their kind are ------------------------------------------------------ */

/* One class of two that meet at a link: both known and the only ones, they are one. 0 or -ENOMEM. */
static int link_at(struct model *m, const struct link_id *id, uint32_t class, bool known)
{
	struct order *o = order_of(m);
	struct link_data_class none = { .known = ORDER_NONE, .unknown = ORDER_NONE }, *l;
	uint32_t i, a, b;
	int ret;

	if (vec_reserve(&o->link, 1))
		return -ENOMEM;
	ret = htab_put(&o->links, id, &i);
	if (ret < 0)
		return ret;
	if (ret == 1)
		o->link.v[o->link.nr++] = none;
	l = &o->link.v[i];
	if (known && l->known != ORDER_NONE && class_find(o, l->known) != class_find(o, class))
		l->several = true;
	if (known)
		l->known = class;
	else
		l->unknown = class;
	if (l->several || l->known == ORDER_NONE || l->unknown == ORDER_NONE)
		return 0;
	a = class_find(o, l->known);
	b = class_find(o, l->unknown);
	return a == b ? 0 : class_merge(m, a, b);
}

/* A guess says that locks of this group are the same member, wherever they are taken. */
static int link_guessed(struct model *m, uint32_t class, const struct making *mk)
{
	struct guessed_id id = { .group = mk->id.group };
	struct order *o = order_of(m);
	uint32_t i, old;
	int ret;

	if (strpool_id(&m->str, mk->name, &id.text) || vec_reserve(&o->guessed_class, 1))
		return -ENOMEM;
	ret = htab_put(&o->guessed, &id, &i);
	if (ret < 0)
		return ret;
	if (ret == 1) {
		o->guessed_class.v[o->guessed_class.nr++] = class;
		return 0;
	}
	old = class_find(o, o->guessed_class.v[i]);
	class = class_find(o, class);
	return old == class ? 0 : class_merge(m, old, class);
}

int class_link(struct model *m, uint32_t class, const struct making *mk, const struct holding *hg)
{
	struct link_id id = { .site = hg->h->site, .source = cur_source(m) };
	bool known = mk->id.kind == CLASS_INIT, slab = mk->id.kind == CLASS_SLAB;

	if (mk->named_by == NAMED_BY_GUESS && mk->id.group != ORDER_NONE && link_guessed(m, class, mk))
		return -ENOMEM;
	if (!known && !slab && mk->id.kind != CLASS_SITE)
		return 0;
	if (class_group(m, hg, &id.group))
		return -ENOMEM;
	if (id.group == ORDER_NONE)
		return 0;
	if (slab || (known && class_is_dedicated(m, &hg->mem))) {
		id.site = 0;
		id.source = ORDER_NONE;
		return link_at(m, &id, class, known);
	}
	return id.site && !class_is_wrapped(m, id.site) ? link_at(m, &id, class, known) : 0;
}
