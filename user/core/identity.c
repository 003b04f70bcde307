// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is meant by a hold: the policy of what makes two locks one kind of lock, by what
 * is known of the class keys (LK_EV_CLASS), strongest first:
 *
 *   lockdep tier          key, name, #version, /subclass: lockdep's own class
 *   static, per-CPU       its name; of one trace, two keys of one name are two classes
 *   static address        an exact class, too, though we do not know what is there
 *   known object          rule, and what its users split the class by: inode of a file system
 *   task's own lock       rule (mmap_lock, ...)
 *   member of a struct    by BTF from a slab cache for one kind of object, whatever the cache:
 *                         lockdep's key is that of the struct's constructor
 *   initialisation        the name that was given, and the function that gave it
 *   dedicated slab cache  cache, offset in the object, primitive
 *   anything else         memory or cache, offset, primitive and call site: weak. Where that
 *                         call site is in a function that takes locks for others, its caller's.
 *
 * A completion is of a class with all that are waited for at the same place (as
 * crossrelease and DEPT learnt: by init place there are false cycles without end);
 * inside of a flush, with all that wait for the same work function or workqueue.
 *
 * Names do not depend on what else has been seen, but for the "#2" of a second class of
 * the same name: so recordings merge by them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "membername.h"
#include "order_priv.h"
#include "symclass.h"

#define NAME_LEN	CLASS_NAME_LEN

/* "function+0x12 [module]" of a call site into @full, "function" into @func; false: not known. */
static bool site_text(const struct model *m, uint64_t site, char full[NAME_LEN],
		      char func[NAME_LEN])
{
	struct model_frame f;

	if (!site || !model_symbol(m, cur_source(m), site, &f))
		return false;
	snprintf(full, NAME_LEN, "%.180s+0x%" PRIx32 "%s%.60s", f.name, f.off,
		 f.module[0] ? " " : "", f.module);
	snprintf(func, NAME_LEN, "%.180s", f.name);
	return true;
}

static bool is_static_key(uint64_t key)
{
	return key >> LK_CK_OFF_SHIFT == 0xffff;
}

static int set_text(struct model *m, struct making *mk, const char *text)
{
	return strpool_id(&m->str, text, &mk->id.text);
}

/* --- the key alone says it ---------------------------------------------------------------- */

static int by_lockdep(struct model *m, const struct holding *hg, struct making *mk)
{
	const struct key_data *k = &hg->k;
	const char *name = strpool_str(&m->str, k->name);
	char version[16] = "", subclass[16] = "";

	if (k->name_version > 1)
		snprintf(version, sizeof(version), "#%" PRIu32, k->name_version);
	if (k->subclass)
		snprintf(subclass, sizeof(subclass), "/%" PRIu32, k->subclass);
	if (name[0])
		snprintf(mk->name, sizeof(mk->name), "%.200s%s%s", name, version, subclass);
	else
		snprintf(mk->name, sizeof(mk->name), "key 0x%" PRIx64, hg->h->key);
	if (!name[0])
		mk->id.source = cur_source(m);
	mk->evidence = EVIDENCE_STRONG;
	mk->named_by = 0;
	mk->is_static = (hg->h->key & ~UINT64_C(7)) == hg->h->lock;
	return set_text(m, mk, mk->name);
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
static int by_address(struct model *m, const struct holding *hg, struct making *mk)
{
	char full[NAME_LEN];

	(void)name_by_site(m, hg->h, mk, full);
	mk->id.kind = CLASS_STATIC;
	mk->id.num = hg->h->key;
	mk->id.source = cur_source(m);
	mk->evidence = EVIDENCE_STRONG;
	return 0;
}

/*
 * Keys of per-CPU locks are those of the first CPU. Members of the same name are one class, also
 * those of the elements of an array. A name without a member may be that of an array of
 * locks, and over several traces only the place tells which: inside of its page it is the
 * same in all boots of a kernel.
 */
static void set_percpu(struct making *mk, const char *percpu, const struct lk_ev_hold *h)
{
	mk->id.prim = h->prim;
	if (strchr(percpu, '.'))
		mk->id.kind = CLASS_MEMBER;
	else
		mk->id.group = (uint32_t)(h->key & 4095);
}

/* All that @k says, for lockname_decide(). */
static struct lk_ev_lock evidence_of(const struct model *m, const struct key_data *k)
{
	return (struct lk_ev_lock){
		.symbol = strpool_str(&m->str, k->symbol), .module = strpool_str(&m->str, k->module),
		.percpu = strpool_str(&m->str, k->percpu), .cache = strpool_str(&m->str, k->cache),
		.type = strpool_str(&m->str, k->type), .member = strpool_str(&m->str, k->member),
		.refine = strpool_str(&m->str, k->refine), .rule = k->rule, .detail = k->detail,
		.off = k->off, .flags = k->flags };
}

static int by_symbol(struct model *m, const struct holding *hg, struct making *mk)
{
	struct lk_ev_lock ev = evidence_of(m, &hg->k);
	struct lock_name name;

	lockname_decide(&ev, &name);
	snprintf(mk->name, sizeof(mk->name), "%s", name.name);
	mk->named_by = (uint8_t)name.by;
	mk->evidence = EVIDENCE_STRONG;
	mk->is_static = name.by == NAMED_BY_SYMBOL && !lockname_is_array(ev.symbol);
	if (name.by == NAMED_BY_PERCPU)
		set_percpu(mk, ev.percpu, hg->h);
	return set_text(m, mk, mk->name);
}

/* --- objects of a known kind --------------------------------------------------------------- */

/* ww_mutexes are mutexes to those who try them without a context. */
static uint32_t plain_prim(uint32_t prim)
{
	return prim == LK_PRIM_WW_MUTEX ? LK_PRIM_MUTEX : prim;
}

/* A name that stands for the struct's member, wherever it lies. */
static int by_member(struct model *m, const struct holding *hg, const struct lk_ev_lock *ev,
		     struct making *mk)
{
	struct lock_name name;

	lockname_decide(ev, &name);
	snprintf(mk->name, sizeof(mk->name), "%s", name.name);
	mk->named_by = (uint8_t)name.by;
	mk->id.kind = CLASS_MEMBER;
	mk->id.prim = plain_prim(hg->h->prim);
	mk->evidence = EVIDENCE_SLAB;
	return set_text(m, mk, mk->name);
}

bool class_is_dedicated(const struct model *m, const struct key_data *k)
{
	struct lk_ev_lock ev = { .cache = strpool_str(&m->str, k->cache), .flags = k->flags };
	struct lock_name name;

	if (k->off == UINT32_MAX)
		return false;
	lockname_decide(&ev, &name);
	return name.by == NAMED_BY_SLAB;
}

static int by_slab(struct model *m, const struct holding *hg, struct making *mk)
{
	const struct key_data *k = &hg->k;

	mk->id.kind = CLASS_SLAB;
	mk->id.text = k->cache;
	mk->id.num = k->off;
	mk->id.prim = plain_prim(hg->h->prim);
	mk->evidence = EVIDENCE_SLAB;
	mk->named_by = NAMED_BY_SLAB;
	snprintf(mk->name, sizeof(mk->name), "&%.200s+0x%" PRIx32, strpool_str(&m->str, k->cache),
		 k->off);
	return 0;
}

static int by_task_rule(struct model *m, const struct holding *hg, struct making *mk)
{
	struct lk_ev_lock ev = { .rule = hg->h->rule };
	struct making named = *mk;

	if (by_member(m, hg, &ev, &named))
		return -ENOMEM;
	if (hg->mem.type || !class_is_dedicated(m, &hg->mem)) {
		*mk = named;
		return 0;
	}
	/* Others than its task, who know the memory only, must come to the same. */
	if (by_slab(m, hg, mk))
		return -ENOMEM;
	memcpy(mk->name, named.name, sizeof(mk->name));
	mk->named_by = named.named_by;
	return 0;
}

static int by_init(struct model *m, const struct holding *hg, struct making *mk)
{
	const char *name = strpool_str(&m->str, hg->k.name);
	char full[NAME_LEN], func[NAME_LEN], text[2 * NAME_LEN];
	struct model_frame f = { .name = "", .module = "" };
	int len;

	if (!site_text(m, hg->h->key, full, func))	/* the key is where */
		snprintf(func, sizeof(func), "0x%" PRIx64, hg->h->key);
	else
		(void)model_symbol(m, cur_source(m), hg->h->key, &f);
	len = (int)symclass_base_len(func);
	snprintf(text, sizeof(text), "%.200s by %.*s %.60s", name, len, func, f.module);
	if (name[0])
		snprintf(mk->name, sizeof(mk->name), "%.200s", name);
	else
		snprintf(mk->name, sizeof(mk->name), "%s of %.*s", prim_str(hg->h->prim), len, func);
	mk->named_by = NAMED_BY_INIT;
	mk->id.kind = CLASS_INIT;
	mk->id.prim = plain_prim(hg->h->prim);
	mk->evidence = EVIDENCE_STRONG;
	return set_text(m, mk, text);
}

/* --- what is known by its memory and place ------------------------------------------------- */

int class_group(struct model *m, const struct holding *hg, uint32_t *group)
{
	const struct key_data *k = &hg->mem;
	uint64_t key = hg->h->mem ? hg->h->mem : hg->h->key;
	struct group_id id = { .cache = k->cache, .source = ORDER_NONE, .off = k->off,
			       .prim = plain_prim(hg->h->prim) };
	int ret;

	*group = ORDER_NONE;
	if (key == LK_CK_STACK || hg->h->prim == LK_PRIM_COMPLETION)
		return 0;
	if (!k->cache) {
		id.key = key;
		if (key > LK_CK_MAX)	/* a key that nothing described */
			id.source = cur_source(m);
	}
	ret = htab_put(&order_of(m)->groups, &id, group);
	return ret < 0 ? ret : 0;
}

bool class_is_wrapped(const struct model *m, uint64_t site)
{
	struct model_frame f;

	return site && model_symbol(m, cur_source(m), site, &f) && symclass_is_wrapper(f.name);
}

uint64_t class_caller(const struct model *m, uint64_t site, uint32_t stack)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int caller, nr, i;

	if (stack == LK_STACK_NONE)
		return 0;
	nr = model_stack(m, cur_source(m), stack, frame, &caller);
	for (i = 0; i < nr && frame[i].addr != site; i++)
		;
	while (++i < nr)
		if (frame[i].name[0] && !frame[i].internal && !symclass_is_wrapper(frame[i].name))
			return frame[i].addr;
	return 0;
}

/* A guess of what it is, as a name; 0 = none. */
static uint32_t guess_of(const struct model *m, const struct holding *hg)
{
	const struct order *o = order_of(m);
	struct guess_id id = { .site = hg->h->site, .source = cur_source(m), .prim = hg->h->prim,
			       .key = hg->h->mem ? hg->h->mem : hg->h->key };
	uint32_t i = htab_find(&o->guesses, &id);

	if (i == HTAB_NONE && class_is_wrapped(m, id.site)) {
		id.site = class_caller(m, id.site, hg->stack);
		i = htab_find(&o->guesses, &id);
	}
	return i == HTAB_NONE ? 0 : o->guess.v[i];
}

/* The wrapper's caller in place of the wrapper, where it is known. */
static void name_by_caller(struct model *m, const struct holding *hg, struct making *mk,
			   char text[2 * NAME_LEN])
{
	char full[NAME_LEN], func[NAME_LEN];
	uint64_t caller;

	if (!class_is_wrapped(m, hg->h->site))
		return;
	caller = class_caller(m, hg->h->site, hg->stack);
	if (!caller || !site_text(m, caller, full, func))
		return;
	snprintf(mk->name, sizeof(mk->name), "%s@%.200s", prim_str(hg->h->prim), func);
	snprintf(text + strlen(text), 2 * NAME_LEN - strlen(text), " of %s", full);
}

static int by_site(struct model *m, const struct holding *hg, struct making *mk)
{
	const struct lk_ev_hold *h = hg->h;
	char full[NAME_LEN], text[2 * NAME_LEN];
	uint32_t guess;

	if (class_group(m, hg, &mk->id.group))
		return -ENOMEM;
	mk->id.kind = CLASS_SITE;
	mk->id.prim = h->prim;
	mk->evidence = EVIDENCE_WEAK;
	if (name_by_site(m, h, mk, full)) {
		snprintf(text, sizeof(text), "%s", full);
		name_by_caller(m, hg, mk, text);
		if (set_text(m, mk, text))
			return -ENOMEM;
	} else if (h->site) {
		mk->id.num = h->site;
		mk->id.source = cur_source(m);
	} else {		/* without a place every address is on its own */
		mk->id.kind = CLASS_ADDRESS;
		mk->id.num = h->lock;
		mk->id.source = cur_source(m);
	}
	guess = guess_of(m, hg);
	if (guess) {
		mk->named_by = NAMED_BY_GUESS;
		snprintf(mk->name, sizeof(mk->name), "%s", strpool_str(&m->str, guess));
	}
	return 0;
}

static int by_completion(struct model *m, const struct holding *hg, struct making *mk)
{
	char full[NAME_LEN], func[NAME_LEN];

	mk->id.kind = CLASS_COMPLETION;
	mk->id.prim = hg->h->prim;
	mk->evidence = EVIDENCE_SLAB;
	if (hg->k.rule == LK_RULE_WORKQUEUE) {
		if (by_member(m, hg, &(struct lk_ev_lock){ .rule = hg->k.rule,
				.refine = strpool_str(&m->str, hg->k.refine) }, mk))
			return -ENOMEM;
		mk->id.kind = CLASS_COMPLETION;
		return 0;
	}
	if (!name_by_site(m, hg->h, mk, full)) {
		mk->id.num = hg->h->site ? hg->h->site : hg->h->lock;
		mk->id.source = cur_source(m);
		return 0;
	}
	if (hg->h->key == LK_CK_WORK && site_text(m, hg->h->site, full, func)) {
		snprintf(mk->name, sizeof(mk->name), "(work_completion)%.200s", func);
		mk->named_by = NAMED_BY_RULE;
		return set_text(m, mk, mk->name);
	}
	return set_text(m, mk, full);
}

/* --- the whole ----------------------------------------------------------------------------- */

int class_identify(struct model *m, const struct holding *hg, struct making *mk)
{
	const struct key_data *k = &hg->k, *mem = &hg->mem;
	struct lk_ev_lock ev;

	if (hg->tier == LK_TIER_LOCKDEP)
		return by_lockdep(m, hg, mk);
	if (hg->h->prim == LK_PRIM_COMPLETION)
		return by_completion(m, hg, mk);
	if (k->symbol || k->percpu)
		return by_symbol(m, hg, mk);
	if (k->rule && k->rule < LK_RULE_NR) {
		ev = evidence_of(m, k);
		return by_member(m, hg, &ev, mk);
	}
	if (hg->h->rule && hg->h->rule < LK_RULE_NR)
		return by_task_rule(m, hg, mk);
	if (mem->type && mem->member) {
		ev = evidence_of(m, mem);
		return by_member(m, hg, &ev, mk);
	}
	if (hg->h->key == LK_CK_MEMMAP)		/* include/linux/mm.h, ptlock_init() */
		return by_member(m, hg, &(struct lk_ev_lock){ .rule = LK_RULE_PTLOCK }, mk);
	if (k->flags & LK_LOCK_INIT)
		return by_init(m, hg, mk);
	if (is_static_key(hg->h->key))
		return by_address(m, hg, mk);
	return class_is_dedicated(m, k) ? by_slab(m, hg, mk) : by_site(m, hg, mk);
}

int model_apply_site(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_site *e = &ev->site;
	struct guess_id id = { .site = e->site, .key = e->key, .source = cur_source(m), .prim = e->prim };
	struct order *o = order_of(m);
	char name[NAME_LEN];
	uint32_t i, text;
	int ret;

	if (e->tier != LK_TIER_ORDER)
		return diag_set(why, -EBADMSG, "a guess of what a lock is has the tier %" PRIu32, e->tier);
	if (!e->key || !e->site || !e->prim || e->prim >= LK_PRIM_NR)
		return diag_set(why, -EBADMSG, "a guess of what a lock is does not say of which");
	if (!e->type || !e->type[0] || !e->member || !e->member[0])
		return diag_set(why, -EBADMSG, "a guess of what a lock is names no member");
	(void)membername(e->type, e->member, name, sizeof(name));
	if (vec_reserve(&o->guess, 1) || strpool_id(&m->str, name, &text))
		return -ENOMEM;
	ret = htab_put(&o->guesses, &id, &i);
	if (ret < 0)
		return ret;
	if (ret == 1)
		o->guess.v[o->guess.nr++] = text;
	else
		o->guess.v[i] = text;
	return 0;
}
