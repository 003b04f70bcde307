// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classes: which locks are one kind of lock. Who is meant by a hold is identity.c's
 * matter; here classes are made, found again and named apart. Weak classes may turn
 * out to be one; see merge.c.
 *
 * Names of classes, not addresses, identify them over several sources.
 *
 * On a stock kernel, nesting annotations are compiled away. Where the table of annotated
 * call sites (nested.h) knows better, locks taken there are of a subclass, "NAME/1".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "nested.h"
#include "order_priv.h"

/* What decides about the class of a hold, to look it up fast. */
struct place_id {
	uint64_t site, caller;
	uint32_t key, gen;	/* number of the key, and of what was said about it */
	uint32_t mem, mem_gen;
	uint32_t prim, rule, read, tier;
};

/* A place where the caller decides: its class is found with that. */
#define PLACE_WRAPPED	(UINT32_MAX - 1)

struct display_id {
	uint32_t tier, name;
};

_Static_assert(sizeof(struct key_id) == 16 && sizeof(struct class_id) == 40 &&
	       sizeof(struct group_id) == 24 && sizeof(struct inst_id) == 16 &&
	       sizeof(struct weak_id) == 16 && sizeof(struct place_id) == 48 &&
	       sizeof(struct link_id) == 16 && sizeof(struct guess_id) == 24, "a key has padding");

void class_init_tables(struct order *o)
{
	htab_init(&o->keys, sizeof(struct key_id));
	htab_init(&o->classes, sizeof(struct class_id));
	htab_init(&o->places, sizeof(struct place_id));
	htab_init(&o->groups, sizeof(struct group_id));
	htab_init(&o->insts, sizeof(struct inst_id));
	htab_init(&o->weak, sizeof(struct weak_id));
	htab_init(&o->links, sizeof(struct link_id));
	htab_init(&o->guesses, sizeof(struct guess_id));
	htab_init(&o->guessed, sizeof(struct guessed_id));
	htab_init(&o->display, sizeof(struct display_id));
}

void class_free_tables(struct order *o)
{
	htab_done(&o->keys);
	vec_free(&o->key);
	htab_done(&o->classes);
	vec_free(&o->class_of);
	vec_free(&o->class);
	htab_done(&o->places);
	vec_free(&o->place_class);
	htab_done(&o->groups);
	htab_done(&o->insts);
	vec_free(&o->inst_next);
	htab_done(&o->weak);
	vec_free(&o->weak_class);
	htab_done(&o->links);
	vec_free(&o->link);
	htab_done(&o->guesses);
	vec_free(&o->guess);
	htab_done(&o->guessed);
	vec_free(&o->guessed_class);
	htab_done(&o->display);
}

const char *prim_str(uint32_t prim)
{
	static const char *const names[LK_PRIM_NR] = {
		[LK_PRIM_NONE] = "lock", [LK_PRIM_MUTEX] = "mutex", [LK_PRIM_WW_MUTEX] = "ww_mutex",
		[LK_PRIM_RWSEM] = "rwsem", [LK_PRIM_RT_MUTEX] = "rtmutex",
		[LK_PRIM_SPINLOCK] = "spinlock", [LK_PRIM_RWLOCK] = "rwlock",
		[LK_PRIM_PERCPU_RWSEM] = "percpu-rwsem", [LK_PRIM_SEMAPHORE] = "semaphore",
		[LK_PRIM_COMPLETION] = "completion", [LK_PRIM_RT_SPINLOCK] = "spinlock",
		[LK_PRIM_RT_RWLOCK] = "rwlock", [LK_PRIM_LOCKDEP] = "lock",
	};

	return prim < LK_PRIM_NR && names[prim] ? names[prim] : "lock";
}

/* --- keys --------------------------------------------------------------------------------- */

int class_intern_key(struct model *m, uint32_t tier, uint64_t key, uint32_t *index)
{
	struct order *o = order_of(m);
	struct key_id id = { .key = key, .source = cur_source(m), .tier = tier };
	struct key_data empty = { .off = UINT32_MAX, .class = ORDER_NONE };
	int ret;

	if (vec_reserve(&o->key, 1))
		return -ENOMEM;
	ret = htab_put(&o->keys, &id, index);
	if (ret == 1)
		o->key.v[o->key.nr++] = empty;
	return ret < 0 ? ret : 0;
}

static int check_class(const struct lk_ev_class *e, struct diag *why)
{
	if (e->tier != LK_TIER_ORDER && e->tier != LK_TIER_LOCKDEP)
		return diag_set(why, -EBADMSG, "a class has the tier %" PRIu32, e->tier);
	if (!e->key)
		return diag_set(why, -EBADMSG, "a class has the key 0");
	if (e->subclass > 7)
		return diag_set(why, -EBADMSG, "a class has the subclass %" PRIu32, e->subclass);
	return 0;
}

int model_apply_class(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_class *e = &ev->class;
	struct key_data k = { .subclass = e->subclass, .name_version = e->name_version, .off = e->off,
			      .flags = e->flags, .rule = e->rule, .detail = e->detail, .class = ORDER_NONE };
	struct key_data *old;
	uint32_t i;

	if (check_class(e, why))
		return -EBADMSG;
	if (strpool_id(&m->str, e->name, &k.name) || strpool_id(&m->str, e->symbol, &k.symbol) ||
	    strpool_id(&m->str, e->module, &k.module) || strpool_id(&m->str, e->percpu, &k.percpu) ||
	    strpool_id(&m->str, e->cache, &k.cache) || strpool_id(&m->str, e->refine, &k.refine) ||
	    strpool_id(&m->str, e->type, &k.type) || strpool_id(&m->str, e->member, &k.member) ||
	    class_intern_key(m, e->tier, e->key, &i))
		return -ENOMEM;
	old = &order_of(m)->key.v[i];
	k.class = old->class;
	k.gen = old->gen;
	if (memcmp(old, &k, sizeof(k))) {	/* the address means something else now */
		k.class = ORDER_NONE;
		k.gen++;
		*old = k;
	}
	return 0;
}

/* --- making classes ----------------------------------------------------------------------- */

/* A name that no other class of the tier has: @name, or with "#2", "#3" ... as lockdep does. */
static int unique_name(struct model *m, uint32_t tier, const char *name, uint32_t *id)
{
	struct order *o = order_of(m);
	struct display_id d = { .tier = tier };
	char text[CLASS_NAME_LEN + 16];
	uint32_t i, nr;
	int ret;

	snprintf(text, sizeof(text), "%s", name);
	for (nr = 2;; nr++) {
		if (strpool_id(&m->str, text, &d.name))
			return -ENOMEM;
		ret = htab_put(&o->display, &d, &i);
		if (ret)
			break;
		snprintf(text, sizeof(text), "%s#%" PRIu32, name, nr);
	}
	*id = d.name;
	return ret < 0 ? ret : 0;
}

bool class_same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "#");

	return len == strcspn(b, "#") && !memcmp(a, b, len);
}

/* The class of identity @mk->id, which is made if need be: 1 if it was, 0, -ENOMEM. */
static int make_class(struct model *m, const struct making *mk, uint32_t *class)
{
	struct order *o = order_of(m);
	uint32_t nr = (uint32_t)o->class.nr, i, name, node;
	struct class_data c = {
		.into = nr, .tier = mk->id.tier, .prim = mk->id.prim, .first_inst = ORDER_NONE,
		.claimed = cur_source(m), .base = nr, .evidence = mk->evidence,
		.named_by = mk->named_by, .is_static = mk->is_static, .novalidate = mk->novalidate,
	};

	i = htab_find(&o->classes, &mk->id);
	if (i != HTAB_NONE) {
		*class = o->class_of.v[i];
		return 0;
	}
	if (vec_reserve(&o->class, 1) || vec_reserve(&o->class_of, 1) || vec_reserve(&o->nesting, 1) ||
	    htab_reserve(&o->classes, 1) || unique_name(m, mk->id.tier, mk->name, &name) ||
	    graph_node(o->graph, &node))
		return -ENOMEM;
	(void)htab_put(&o->classes, &mk->id, &i);	/* there is room; i = class_of.nr */
	c.name = name;
	o->class_of.v[o->class_of.nr++] = nr;
	o->class.v[o->class.nr++] = c;
	o->nesting.v[o->nesting.nr++] = ORDER_NONE;
	*class = nr;
	return 1;
}

/*
 * A class by its name. Other sources' classes of the same name are the same; this
 * source's, with another key, are not.
 */
static int class_by_name(struct model *m, struct making *mk, uint32_t *class)
{
	struct order *o = order_of(m);
	int ret;

	for (mk->id.num = 0;; mk->id.num++) {
		ret = make_class(m, mk, class);
		if (ret < 0)
			return ret;
		if (ret || o->class.v[*class].claimed != cur_source(m))
			break;
	}
	o->class.v[*class].claimed = cur_source(m);
	if (ret || o->class.v[*class].listed) {
		o->class.v[*class].listed = mk->listed;
		o->class.v[*class].is_static = mk->is_static && !mk->listed;
	}
	return 0;
}

/* --- subclasses --------------------------------------------------------------------------- */

static struct class_id nested_id(uint32_t tier, uint32_t base, uint32_t subclass)
{
	return (struct class_id){ .kind = CLASS_NESTED, .tier = tier, .source = ORDER_NONE,
				  .group = ORDER_NONE, .base = base, .subclass = subclass };
}

uint32_t class_nested_find(const struct order *o, uint32_t base, uint32_t subclass)
{
	struct class_id id = nested_id(o->class.v[base].tier, base, subclass);
	uint32_t i = htab_find(&o->classes, &id);

	return i == HTAB_NONE ? ORDER_NONE : o->class_of.v[i];
}

int class_nested(struct model *m, uint32_t base, uint32_t subclass, uint32_t *class)
{
	struct order *o = order_of(m);
	struct class_data b = o->class.v[base];
	struct making mk = { .id = nested_id(b.tier, base, subclass), .evidence = b.evidence,
			     .named_by = b.named_by, .is_static = b.is_static,
			     .novalidate = b.novalidate };
	int ret;

	snprintf(mk.name, sizeof(mk.name), "%.240s/%" PRIu32, strpool_str(&m->str, b.name), subclass);
	ret = make_class(m, &mk, class);
	if (ret < 0)
		return ret;
	o->class.v[*class].prim = b.prim;
	o->class.v[*class].base = base;
	o->class.v[*class].subclass = (uint8_t)subclass;
	return 0;
}

/* The subclass of a natural class, which is one with that of the class that stands for it. */
static int nested_of(struct model *m, uint32_t base, uint32_t subclass, uint32_t *class)
{
	struct order *o = order_of(m);
	uint32_t now = class_find(o, base), other;

	if (class_nested(m, base, subclass, class))
		return -ENOMEM;
	if (now == base)
		return 0;
	if (class_nested(m, now, subclass, &other))
		return -ENOMEM;
	other = class_find(o, other);
	now = class_find(o, *class);
	return now == other ? 0 : class_merge(m, now, other);
}

/*
 * The member that a name is about, as the table of call sites has it: "i_rwsem" of
 * "&inode->i_rwsem (ext4:dir)", "" of names that are about none.
 */
static void member_of_name(const char *name, char *buf, size_t size)
{
	size_t len = strcspn(name, " #");
	const char *p, *from = NULL;

	for (p = name; p < name + len; p++)
		if (p[0] == '-' && p[1] == '>')
			from = p + 2;
	if (!from && strncmp(name, "percpu:", 7)) {
		from = memchr(name, '.', len);
		from = from ? from + 1 : NULL;
	}
	if (!from)
		from = name + len;
	snprintf(buf, size, "%.*s", (int)(name + len - from), from);
}

/* What the place says of nesting: *class becomes the subclass. 0 or -ENOMEM. */
static int nest_by_site(struct model *m, const struct holding *hg, uint32_t *class)
{
	const char *kernel = m->source.v[cur_source(m)].kernel;
	char member[CLASS_NAME_LEN];
	unsigned int subclass;
	struct model_frame f;

	if (hg->tier != LK_TIER_ORDER || !hg->h->site ||
	    !model_symbol(m, cur_source(m), hg->h->site, &f))
		return 0;
	member_of_name(strpool_str(&m->str, order_of(m)->class.v[*class].name), member, sizeof(member));
	if (nested_subclass(kernel, f.name, hg->h->prim, hg->h->read, member, &subclass) != NESTED_SITE ||
	    !subclass)
		return 0;
	return nested_of(m, *class, subclass, class);
}

/* --- from a hold to its class --------------------------------------------------------------- */

/* Now we know better how it is called? 0 or -ENOMEM. */
static int name_better(struct model *m, uint32_t class, const struct making *mk)
{
	struct class_data *c = &order_of(m)->class.v[class];
	uint32_t name;

	if (!mk->named_by || mk->named_by >= c->named_by)
		return 0;
	if (class_same_name(strpool_str(&m->str, c->name), mk->name)) {
		c->named_by = mk->named_by;
		return 0;
	}
	if (unique_name(m, mk->id.tier, mk->name, &name))
		return -ENOMEM;
	c->name = name;
	c->named_by = mk->named_by;
	return 0;
}

/* Make or find the class of a hold that was not met at this place yet. 0 or -ENOMEM. */
static int class_by_identity(struct model *m, const struct holding *hg, uint32_t *class)
{
	struct making mk = { .id = { .kind = CLASS_NAMED, .tier = hg->tier, .source = ORDER_NONE,
				     .group = ORDER_NONE, .base = ORDER_NONE } };
	struct order *o = order_of(m);
	int ret;

	mk.listed = hg->h->flags & LK_HOLD_LISTED;
	mk.novalidate = hg->k.flags & LK_LOCK_NOVALIDATE || hg->k.rule == LK_RULE_DEVICE_MUTEX;
	ret = class_identify(m, hg, &mk);
	if (ret)
		return ret;
	if (mk.id.kind == CLASS_NAMED) {
		ret = class_by_name(m, &mk, class);
		if (!ret)
			o->class.v[*class].prim = hg->h->prim;
		return ret;
	}
	ret = make_class(m, &mk, class);
	if (ret < 0 || (!ret && name_better(m, *class, &mk)))
		return -ENOMEM;
	return class_link(m, *class, &mk, hg);
}

static int set_up_keys(struct model *m, struct holding *hg, struct place_id *place, uint32_t *class)
{
	struct order *o = order_of(m);

	if (class_intern_key(m, hg->tier, hg->h->key, &place->key))
		return -ENOMEM;
	if (hg->h->mem && class_intern_key(m, hg->tier, hg->h->mem, &place->mem))
		return -ENOMEM;
	hg->k = o->key.v[place->key];
	hg->mem = hg->h->mem ? o->key.v[place->mem] : hg->k;
	place->gen = hg->k.gen;
	place->mem_gen = hg->h->mem ? hg->mem.gen : 0;
	*class = hg->k.class;
	return 0;
}

/* Look the place up; 1: found, 0: no, 2: it is one where the caller decides. */
static int find_place(const struct order *o, const struct place_id *place, uint32_t *class)
{
	uint32_t i = htab_find(&o->places, place);

	if (i == HTAB_NONE)
		return 0;
	*class = o->place_class.v[i];
	return *class == PLACE_WRAPPED ? 2 : 1;
}

static int put_place(struct order *o, const struct place_id *place, uint32_t class)
{
	uint32_t i;

	if (vec_reserve(&o->place_class, 1) || htab_put(&o->places, place, &i) < 0)
		return -ENOMEM;
	o->place_class.v[o->place_class.nr++] = class;
	return 0;
}

/* A place where the caller decides, and he is not known: by the address, if it was met before. */
static int class_without_caller(struct model *m, const struct holding *hg, uint32_t *class)
{
	uint32_t group;

	if (class_group(m, hg, &group))
		return -ENOMEM;
	*class = class_at(m, hg, group);
	return *class != ORDER_NONE ? 0 : class_by_identity(m, hg, class);
}

/* What the key alone says. 0 or -ENOMEM. */
static int class_by_key(struct model *m, const struct holding *hg, uint32_t key, uint32_t *class)
{
	int err = *class == ORDER_NONE ? class_by_identity(m, hg, class) : 0;

	if (!err)
		order_of(m)->key.v[key].class = *class;
	return err;
}

/* Does the key alone say the class, but for subclasses? */
static bool key_says_all(const struct holding *hg)
{
	return hg->tier == LK_TIER_LOCKDEP || hg->k.symbol || hg->k.percpu;
}

int class_of_hold(struct model *m, uint32_t tier, const struct lk_ev_hold *h, uint32_t stack,
		  uint32_t *class)
{
	struct place_id place = { .site = h->site, .prim = h->prim, .rule = h->rule, .read = h->read,
				  .tier = tier };
	struct holding hg = { .h = h, .tier = tier, .stack = stack };
	struct order *o = order_of(m);
	bool wrapped;
	int ret;

	if (set_up_keys(m, &hg, &place, class))
		return -ENOMEM;
	if (tier == LK_TIER_LOCKDEP)
		return class_by_key(m, &hg, place.key, class);
	ret = find_place(o, &place, class);
	if (ret == 1)
		return 0;
	wrapped = ret == 2 || (!key_says_all(&hg) && class_is_wrapped(m, h->site));
	if (wrapped) {
		if (!ret && put_place(o, &place, PLACE_WRAPPED))
			return -ENOMEM;
		place.caller = class_caller(m, h->site, stack);
		if (!place.caller)
			return class_without_caller(m, &hg, class);
		if (find_place(o, &place, class))
			return 0;
	}
	*class = hg.k.class;
	ret = key_says_all(&hg) ? class_by_key(m, &hg, place.key, class) :
				  class_by_identity(m, &hg, class);
	if (ret || !h->site)		/* without a site each address has a class of its own */
		return ret;
	return nest_by_site(m, &hg, class) ?: put_place(o, &place, *class);
}

/* --- accessors ---------------------------------------------------------------------------- */

unsigned int model_nr_classes(const struct model *m)
{
	return (unsigned int)order_of(m)->class.nr;
}

struct model_class model_class(const struct model *m, unsigned int i)
{
	const struct order *o = order_of(m);
	const struct class_data *c = &o->class.v[i];

	return (struct model_class){
		.id = i, .tier = c->tier, .name = strpool_str(&m->str, c->name), .type = prim_str(c->prim),
		.named_by = c->named_by ? lockname_by_str((enum named_by)c->named_by) : "lockdep",
		.instances = c->instances, .merged_into = class_find(o, i), .acquired = c->acquired,
	};
}

unsigned int model_nr_instances(const struct model *m)
{
	return (unsigned int)order_of(m)->inst_next.nr;
}

struct model_instance model_instance(const struct model *m, unsigned int i)
{
	const struct inst_id *id = htab_key(&order_of(m)->insts, i);

	return (struct model_instance){ .addr = id->addr, .source = id->source, .class = id->class };
}
