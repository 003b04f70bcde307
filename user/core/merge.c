// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances of classes, and classes that turn out to be one: weak ones of the same
 * memory, offset and primitive, when the same address was seen in both. Not those on
 * stacks, whose addresses say nothing. As memory is reused, verdict.c does not believe
 * a cycle that passes a merged class unless the address or the call site is the same
 * on both sides.
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

/* @b is what @a is: the older one stands for both. 0 or -ENOMEM. */
static int merge(struct model *m, uint32_t a, uint32_t b)
{
	struct order *o = order_of(m);
	uint32_t into = a < b ? a : b, node = a < b ? b : a, i;
	int err = edge_merge(o, node, into);

	if (err)
		return err;
	o->class.v[node].into = into;
	for (i = o->class.v[node].first_inst; i != ORDER_NONE; i = o->inst_next.v[i]) {
		struct inst_id id = *(const struct inst_id *)htab_key(&o->insts, i);

		if (add_instance(o, into, id.addr, id.source))
			return -ENOMEM;
	}
	o->class.v[into].merged = true;
	if (o->class.v[node].evidence < o->class.v[into].evidence)
		o->class.v[into].evidence = o->class.v[node].evidence;
	if (o->class.v[node].named_by < o->class.v[into].named_by) {
		o->class.v[into].name = o->class.v[node].name;
		o->class.v[into].named_by = o->class.v[node].named_by;
	}
	return 0;
}

/* Group of a class that may be merged, ORDER_NONE of others. */
static int weak_group(struct model *m, uint32_t class, const struct lk_ev_hold *h, uint32_t *group)
{
	struct order *o = order_of(m);
	const struct class_data *c = &o->class.v[class];
	struct key_data k;
	uint32_t key;

	*group = ORDER_NONE;
	if (c->tier != LK_TIER_ORDER || c->evidence == EVIDENCE_SLAB ||
	    (c->evidence == EVIDENCE_STRONG && c->named_by != NAMED_BY_RULE))
		return 0;
	if (class_intern_key(m, c->tier, h->key, &key))
		return -ENOMEM;
	k = o->key.v[key];
	return class_group(m, &k, h, group);
}

int class_instance(struct model *m, uint32_t class, const struct lk_ev_hold *h)
{
	struct order *o = order_of(m);
	struct weak_id id = { .addr = h->lock, .source = cur_source(m) };
	uint32_t i, at = class_find(o, class);
	int ret;

	if (add_instance(o, at, h->lock, cur_source(m)) || weak_group(m, class, h, &id.group))
		return -ENOMEM;
	if (id.group == ORDER_NONE)
		return 0;
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
	return i == at ? 0 : merge(m, i, at);
}
