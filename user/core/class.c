// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classes: which locks are one kind of lock. By what is known of the class key
 * of a hold (LK_EV_CLASS), strongest first:
 *
 *   lockdep tier          key, name, #version, /subclass: lockdep's own class
 *   per-CPU variable      its name and member, static symbol: the symbol; of one trace,
 *                         two keys of one name are two classes
 *   a rule                what the kernel side knows by other means (mmap_lock, ...)
 *   static address        an exact class, too, though we do not know what is there
 *   dedicated slab cache  cache, offset in the object, primitive
 *   anything else         memory or cache, offset, primitive and call site: weak
 *
 * Weak classes may turn out to be one; see merge.c.
 *
 * Names of classes, not addresses, identify them over several sources. A completion
 * is of a class with all that are waited for at the same place (as crossrelease
 * and DEPT learnt: by init place there are false cycles without end).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "order_priv.h"

#define NAME_LEN	256

enum class_kind {
	CLASS_NAMED	= 1,	/* text; num: 0, or how many others of the same name came before */
	CLASS_RULE,		/* num: enum lk_rule; prim */
	CLASS_SLAB,		/* text: cache; num: offset; prim */
	CLASS_SITE,		/* group; text: place, or num: address and source */
	CLASS_COMPLETION,	/* text: place, or num and source */
	CLASS_ADDRESS,		/* num: address; source; prim */
	CLASS_STATIC,		/* num: key; source */
};

/* What decides about the class of a hold whose key does not say it, to look it up fast. */
struct place_id {
	uint64_t site;
	uint32_t key, gen;	/* number of the key, and of what was said about it */
	uint32_t prim, rule;
};

struct display_id {
	uint32_t tier, name;
};

_Static_assert(sizeof(struct key_id) == 16 && sizeof(struct class_id) == 32 &&
	       sizeof(struct group_id) == 24 && sizeof(struct inst_id) == 16 &&
	       sizeof(struct weak_id) == 16 && sizeof(struct place_id) == 24, "a key has padding");

void class_init_tables(struct order *o)
{
	htab_init(&o->keys, sizeof(struct key_id));
	htab_init(&o->classes, sizeof(struct class_id));
	htab_init(&o->places, sizeof(struct place_id));
	htab_init(&o->groups, sizeof(struct group_id));
	htab_init(&o->insts, sizeof(struct inst_id));
	htab_init(&o->weak, sizeof(struct weak_id));
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

int model_apply_class(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_class *e = &ev->class;
	struct key_data k = { .subclass = e->subclass, .name_version = e->name_version,
			      .off = e->off, .flags = e->flags, .class = ORDER_NONE };
	struct key_data *old;
	uint32_t i;

	if (e->tier != LK_TIER_ORDER && e->tier != LK_TIER_LOCKDEP)
		return diag_set(why, -EBADMSG, "a class has the tier %" PRIu32, e->tier);
	if (!e->key)
		return diag_set(why, -EBADMSG, "a class has the key 0");
	if (e->subclass > 7)
		return diag_set(why, -EBADMSG, "a class has the subclass %" PRIu32, e->subclass);
	if (strpool_id(&m->str, e->name, &k.name) || strpool_id(&m->str, e->symbol, &k.symbol) ||
	    strpool_id(&m->str, e->module, &k.module) || strpool_id(&m->str, e->percpu, &k.percpu) ||
	    strpool_id(&m->str, e->cache, &k.cache) || class_intern_key(m, e->tier, e->key, &i))
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

/* --- names -------------------------------------------------------------------------------- */

/* "function+0x12 [module]" of a call site into @full, "function" into @func; false: not known. */
static bool site_text(const struct model *m, uint64_t site, char full[NAME_LEN],
		      char func[NAME_LEN])
{
	struct model_frame f;

	if (!site || !model_symbol(m, cur_source(m), site, &f))
		return false;
	snprintf(full, NAME_LEN, "%s+0x%" PRIx32 "%s%s", f.name, f.off, f.module[0] ? " " : "",
		 f.module);
	snprintf(func, NAME_LEN, "%s", f.name);
	return true;
}

/* A name that no other class of the tier has: @name, or with "#2", "#3" ... as lockdep does. */
static int unique_name(struct model *m, uint32_t tier, const char *name, uint32_t *id)
{
	struct order *o = order_of(m);
	struct display_id d = { .tier = tier };
	char text[NAME_LEN + 16];
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

/* --- making classes ----------------------------------------------------------------------- */

/* What is to be known when a class is made. */
struct making {
	struct class_id id;
	char name[NAME_LEN];
	uint8_t evidence, named_by;
	bool is_static, novalidate;
};

/* The class of identity @mk->id, which is made if need be: 1 if it was, 0, -ENOMEM. */
static int make_class(struct model *m, const struct making *mk, uint32_t *class)
{
	struct order *o = order_of(m);
	uint32_t nr = (uint32_t)o->class.nr, i, name, node;
	struct class_data c = {
		.into = nr, .tier = mk->id.tier, .prim = mk->id.prim, .first_inst = ORDER_NONE,
		.claimed = cur_source(m), .evidence = mk->evidence, .named_by = mk->named_by,
		.is_static = mk->is_static, .novalidate = mk->novalidate,
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

	if (strpool_id(&m->str, mk->name, &mk->id.text))
		return -ENOMEM;
	for (mk->id.num = 0;; mk->id.num++) {
		ret = make_class(m, mk, class);
		if (ret)
			return ret < 0 ? ret : 0;
		if (o->class.v[*class].claimed != cur_source(m))
			break;
	}
	o->class.v[*class].claimed = cur_source(m);
	return 0;
}

static bool is_static_key(uint64_t key)
{
	return key >> LK_CK_OFF_SHIFT == 0xffff;
}

static int class_of_lockdep(struct model *m, const struct key_data *k, uint64_t key,
			    const struct lk_ev_hold *h, struct making *mk, uint32_t *class)
{
	const char *name = strpool_str(&m->str, k->name);
	char version[16] = "", subclass[16] = "";

	if (k->name_version > 1)
		snprintf(version, sizeof(version), "#%" PRIu32, k->name_version);
	if (k->subclass)
		snprintf(subclass, sizeof(subclass), "/%" PRIu32, k->subclass);
	if (name[0])
		snprintf(mk->name, sizeof(mk->name), "%.200s%s%s", name, version, subclass);
	else
		snprintf(mk->name, sizeof(mk->name), "key 0x%" PRIx64, key);
	if (!name[0])
		mk->id.source = cur_source(m);
	mk->evidence = EVIDENCE_STRONG;
	mk->named_by = 0;
	mk->is_static = (key & ~UINT64_C(7)) == h->lock;
	return class_by_name(m, mk, class);
}

/* The name of a lock that is known by where it is taken; false: that is not known either. */
static bool name_by_site(const struct model *m, const struct lk_ev_hold *h, struct making *mk,
			 char full[NAME_LEN])
{
	char func[NAME_LEN];
	bool known = site_text(m, h->site, full, func);

	mk->named_by = NAMED_BY_SITE;
	if (known)
		snprintf(mk->name, sizeof(mk->name), "%s@%.200s", prim_str(h->prim), func);
	else if (h->site)
		snprintf(mk->name, sizeof(mk->name), "%s@0x%" PRIx64, prim_str(h->prim), h->site);
	else
		snprintf(mk->name, sizeof(mk->name), "%s at 0x%" PRIx64, prim_str(h->prim), h->lock);
	return known;
}

/* Static, but nobody knows what: a module's last variables, or symbols are hidden. */
static int class_of_address(struct model *m, const struct lk_ev_hold *h, struct making *mk,
			    uint32_t *class)
{
	char full[NAME_LEN];
	int ret;

	(void)name_by_site(m, h, mk, full);
	mk->id.kind = CLASS_STATIC;
	mk->id.num = h->key;
	mk->id.source = cur_source(m);
	mk->evidence = EVIDENCE_STRONG;
	ret = make_class(m, mk, class);
	return ret < 0 ? ret : 0;
}

/*
 * Keys of per-CPU locks are those of the first CPU. A name without a member may be that
 * of an array of them (timer_bases), and over several traces only the place tells which:
 * inside of its page it is the same in all boots of a kernel.
 */
static void set_percpu(struct making *mk, const char *percpu, const struct lk_ev_hold *h)
{
	mk->id.prim = h->prim;
	if (!strchr(percpu, '.'))
		mk->id.group = (uint32_t)(h->key & 4095);
}

/* Static, per-CPU and lockdep's: the key alone says the class. 1 if so, 0 if not, -ENOMEM. */
static int class_of_key(struct model *m, uint32_t key, const struct lk_ev_hold *h,
			struct making *mk, uint32_t *class)
{
	const struct key_data *k = &order_of(m)->key.v[key];
	struct lk_ev_lock ev = {
		.symbol = strpool_str(&m->str, k->symbol), .module = strpool_str(&m->str, k->module),
		.percpu = strpool_str(&m->str, k->percpu), .cache = "",
	};
	struct lock_name name;
	int err;

	if (mk->id.tier == LK_TIER_LOCKDEP) {
		err = class_of_lockdep(m, k, h->key, h, mk, class);
	} else if (!k->symbol && !k->percpu && is_static_key(h->key) && !h->rule) {
		err = class_of_address(m, h, mk, class);
	} else {
		if (!k->symbol && !k->percpu)
			return 0;
		lockname_decide(&ev, &name);
		snprintf(mk->name, sizeof(mk->name), "%s", name.name);
		mk->named_by = (uint8_t)name.by;
		mk->evidence = EVIDENCE_STRONG;
		mk->is_static = name.by == NAMED_BY_SYMBOL;
		if (name.by == NAMED_BY_PERCPU)
			set_percpu(mk, ev.percpu, h);
		err = class_by_name(m, mk, class);
	}
	if (err)
		return err;
	order_of(m)->key.v[key].class = *class;
	return 1;
}

static void name_by_rule(uint32_t rule, struct making *mk)
{
	struct lk_ev_lock ev = { .symbol = "", .module = "", .percpu = "", .cache = "", .rule = rule };
	struct lock_name name;

	lockname_decide(&ev, &name);
	snprintf(mk->name, sizeof(mk->name), "%s", name.name);
	mk->named_by = NAMED_BY_RULE;
}

/* A cache for one kind of object, and where in it the lock is? */
static bool is_dedicated(const struct model *m, const struct key_data *k)
{
	struct lk_ev_lock ev = { .symbol = "", .module = "", .percpu = "",
				 .cache = strpool_str(&m->str, k->cache), .flags = k->flags };
	struct lock_name name;

	if (k->off == UINT32_MAX)
		return false;
	lockname_decide(&ev, &name);
	return name.by == NAMED_BY_SLAB;
}

static int class_of_slab(struct model *m, const struct key_data *k, uint32_t rule,
			 struct making *mk, uint32_t *class)
{
	struct order *o = order_of(m);
	struct class_data *c;
	int ret;

	mk->id.kind = CLASS_SLAB;
	mk->id.text = k->cache;
	mk->id.num = k->off;
	mk->evidence = EVIDENCE_SLAB;
	mk->named_by = NAMED_BY_SLAB;
	snprintf(mk->name, sizeof(mk->name), "&%.200s+0x%" PRIx32, strpool_str(&m->str, k->cache),
		 k->off);
	if (rule)
		name_by_rule(rule, mk);
	ret = make_class(m, mk, class);
	if (ret < 0)
		return ret;
	c = &o->class.v[*class];
	if (!ret && rule && c->named_by == NAMED_BY_SLAB) {	/* now we know better */
		uint32_t name;

		if (unique_name(m, mk->id.tier, mk->name, &name))
			return -ENOMEM;
		c->name = name;
		c->named_by = NAMED_BY_RULE;
	}
	return 0;
}

int class_group(struct model *m, const struct key_data *k, const struct lk_ev_hold *h,
		uint32_t *group)
{
	struct group_id id = { .cache = k->cache, .source = ORDER_NONE, .off = k->off,
			       .prim = h->prim };
	int ret;

	*group = ORDER_NONE;
	if (h->key == LK_CK_STACK || h->prim == LK_PRIM_COMPLETION)
		return 0;
	if (!k->cache) {
		id.key = h->key;
		if (h->key > LK_CK_COMPLETION)	/* a key that nothing described */
			id.source = cur_source(m);
	}
	ret = htab_put(&order_of(m)->groups, &id, group);
	return ret < 0 ? ret : 0;
}

static int class_of_site(struct model *m, const struct key_data *k, const struct lk_ev_hold *h,
			 struct making *mk, uint32_t *class)
{
	char full[NAME_LEN];
	int ret;

	if (class_group(m, k, h, &mk->id.group))
		return -ENOMEM;
	mk->id.kind = h->prim == LK_PRIM_COMPLETION ? CLASS_COMPLETION : CLASS_SITE;
	mk->evidence = h->prim == LK_PRIM_COMPLETION ? EVIDENCE_SLAB : EVIDENCE_WEAK;
	if (name_by_site(m, h, mk, full)) {
		if (strpool_id(&m->str, full, &mk->id.text))
			return -ENOMEM;
	} else if (h->site) {
		mk->id.num = h->site;
		mk->id.source = cur_source(m);
	} else {		/* without a place every address is on its own */
		mk->id.kind = CLASS_ADDRESS;
		mk->id.num = h->lock;
		mk->id.source = cur_source(m);
	}
	ret = make_class(m, mk, class);
	return ret < 0 ? ret : 0;
}

/* The class of a hold whose key does not say it. 0 or -ENOMEM. */
static int class_of_place(struct model *m, const struct key_data *k, const struct lk_ev_hold *h,
			  struct making *mk, uint32_t *class)
{
	uint32_t rule = h->rule < LK_RULE_NR ? h->rule : 0;
	int ret;

	mk->id.prim = h->prim;
	if (is_dedicated(m, k))
		return class_of_slab(m, k, rule, mk, class);
	if (!rule)
		return class_of_site(m, k, h, mk, class);
	mk->id.kind = CLASS_RULE;
	mk->id.num = rule;
	mk->evidence = EVIDENCE_STRONG;
	name_by_rule(rule, mk);
	ret = make_class(m, mk, class);
	return ret < 0 ? ret : 0;
}

int class_of_hold(struct model *m, uint32_t tier, const struct lk_ev_hold *h, uint32_t *class)
{
	struct making mk = { .id = { .kind = CLASS_NAMED, .tier = tier, .source = ORDER_NONE,
				     .group = ORDER_NONE } };
	struct place_id place = { .site = h->site, .prim = h->prim, .rule = h->rule };
	struct order *o = order_of(m);
	struct key_data k;
	uint32_t i;
	int ret;

	if (class_intern_key(m, tier, h->key, &place.key))
		return -ENOMEM;
	k = o->key.v[place.key];
	if (k.class != ORDER_NONE) {
		*class = k.class;
		return 0;
	}
	place.gen = k.gen;
	i = htab_find(&o->places, &place);
	if (i != HTAB_NONE) {
		*class = o->place_class.v[i];
		return 0;
	}
	mk.novalidate = k.flags & LK_LOCK_NOVALIDATE;
	ret = class_of_key(m, place.key, h, &mk, class);
	if (ret) {
		if (ret == 1)
			o->class.v[*class].prim = h->prim;
		return ret < 0 ? ret : 0;
	}
	ret = class_of_place(m, &k, h, &mk, class);
	if (ret || !h->site)		/* without a site each address has a class of its own */
		return ret;
	if (vec_reserve(&o->place_class, 1) || htab_put(&o->places, &place, &i) < 0)
		return -ENOMEM;
	o->place_class.v[o->place_class.nr++] = *class;
	return 0;
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
		.instances = c->instances, .merged_into = class_find(o, i),
	};
}
