// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the order tiers as events. The programs describe a class key before
 * they use it if it takes more than the key to tell what it is (slab caches, known
 * objects, places of initialisation, lockdep's classes); keys that are addresses are
 * described here, and BTF is asked for the member that a slab cache and offset mean.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../base/htab.h"
#include "../base/vec.h"
#include "../core/ksyms.h"
#include "../core/symclass.h"
#include "inits.h"
#include "member.h"
#include "percpu.h"
#include "records.h"
#include "resolve.h"

struct class_id {
	uint64_t tier, key;
	uint64_t gen;			/* of a key that is an address in a module: see records_modules() */
};

/* What was said of a class key of tier order, as far as it is asked again. */
struct said_class {
	char cache[LK_CLASS_NAME_LEN + 1];	/* of a slab cache that BTF alone does not explain; else "" */
	uint32_t off;
	uint32_t object_size;			/* of a merged cache; 0 = of kmalloc */
};

/* A lock in such memory that is taken there: what it is was asked already. */
struct site_id {
	uint64_t key, site, prim;
};

struct records {
	struct resolver *resolver;
	const struct percpu *percpu;
	struct members *members;
	struct inits *inits;
	uint64_t module_lo, gen;
	uint32_t weight;		/* of a sample */
	struct htab classes;		/* struct class_id that were emitted */
	VEC(struct said_class) said;	/* by number in classes */
	struct htab sites;		/* struct site_id */
};

struct records *records_new(const struct records_opts *o)
{
	struct records *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->resolver = o->resolver;
	r->percpu = o->percpu;
	r->members = o->members;
	r->inits = o->inits;
	r->weight = o->weight;
	r->module_lo = resolver_symbol(o->resolver, "_end");
	htab_init(&r->classes, sizeof(struct class_id));
	htab_init(&r->sites, sizeof(struct site_id));
	return r;
}

void records_free(struct records *r)
{
	if (!r)
		return;
	htab_done(&r->classes);
	vec_free(&r->said);
	htab_done(&r->sites);
	free(r);
}

void records_modules(struct records *r)
{
	r->gen++;
}

/* Is the key an address? */
static bool is_static(uint64_t key)
{
	return key >> LK_CK_OFF_SHIFT == 0xffff;
}

static struct class_id id_of(const struct records *r, uint32_t tier, uint64_t key)
{
	bool module = r->module_lo && key >= r->module_lo && is_static(key);

	return (struct class_id){ tier, key, module ? r->gen : 0 };
}

static bool is_kmalloc(const char *cache)
{
	return strstr(cache, "kmalloc-") != NULL;
}

/* A slab cache and offset: what BTF makes of it, into *mb; else it may be asked for by place. */
static void explain_slab(struct records *r, const struct lk_rec_class *rec, const char *cache,
			 struct lk_ev_class *ev, struct member *mb, struct said_class *said)
{
	bool merged = rec->flags & LK_CLASS_MERGED;

	ev->cache = cache;
	ev->off = rec->off;
	ev->flags = merged ? LK_LOCK_MERGED : 0;
	if (rec->off == UINT32_MAX)
		return;
	if (is_kmalloc(cache) || merged) {
		snprintf(said->cache, sizeof(said->cache), "%s", cache);
		said->off = rec->off;
		said->object_size = is_kmalloc(cache) ? 0 : rec->object_size;
	} else if (members_of_cache(r->members, cache, rec->object_size, false, rec->off, rec->prim, mb)) {
		ev->type = mb->type;
		ev->member = mb->path;
	}
}

/*
 * A guess: what kmalloc() would put there and the function deals with; or, of the caches that
 * were merged into one, the only type with such a lock there.
 */
static bool guess_member(struct records *r, const struct said_class *said, uint32_t prim,
			 const struct ksym *sym, struct member *mb)
{
	if (said->object_size)
		return members_of_cache(r->members, said->cache, said->object_size, true, said->off, prim, mb);
	return members_of_kmalloc(r->members, said->cache, said->off, prim, sym->name, sym->module, mb);
}

/* An offset in a struct of a known kind, which no slab cache holds. */
static void explain_offset(struct records *r, const struct lk_rec_class *rec, const char *type,
			   struct lk_ev_class *ev, struct member *mb)
{
	uint32_t off = (uint32_t)(rec->key & LK_CK_ADDR_MASK);

	if (!members_of_cache(r->members, type, UINT32_MAX, false, off, rec->prim, mb))
		return;
	ev->type = mb->type;
	ev->member = mb->path;
}

/* @rec without a description: a key that is an address, or needs none. */
static int put_class(struct records *r, const struct lk_sink *sink, const struct lk_rec_class *rec)
{
	struct lk_event ev = { .kind = LK_EV_CLASS, .class = {
		.tier = rec->tier, .key = rec->key, .name = "", .subclass = rec->subclass,
		.name_version = rec->name_version, .symbol = "", .module = "", .percpu = "",
		.cache = "", .off = UINT32_MAX, .rule = rec->rule, .detail = rec->detail } };
	struct class_id id = id_of(r, rec->tier, rec->key);
	char name[LK_CLASS_NAME_LEN + 1], symbol[256], percpu[128];
	struct said_class said = { .cache = "" };
	struct member mb;
	uint32_t index;
	int err = vec_reserve(&r->said, 1);

	memcpy(name, rec->name, LK_CLASS_NAME_LEN);
	name[LK_CLASS_NAME_LEN] = '\0';
	if (rec->tier == LK_TIER_LOCKDEP) {
		ev.class.name = name;
	} else if (rec->flags & LK_CLASS_SLAB) {
		explain_slab(r, rec, name, &ev.class, &mb, &said);
	} else if (rec->flags & LK_CLASS_INIT) {
		ev.class.name = name;
		ev.class.flags = LK_LOCK_INIT;
		err = err ?: inits_put(r->inits, rec->key, name);
		err = err ?: resolver_text(r->resolver, sink, rec->key);
	} else if (rec->flags & LK_CLASS_TYPED) {
		ev.class.refine = name;
		if (rec->rule == LK_RULE_NODE)
			explain_offset(r, rec, "pglist_data", &ev.class, &mb);
		else if (rec->rule == LK_RULE_PCP)
			explain_offset(r, rec, "per_cpu_pages", &ev.class, &mb);
	} else if (is_static(rec->key)) {
		if (resolver_data(r->resolver, rec->key, symbol, sizeof(symbol), &ev.class.module))
			ev.class.symbol = symbol;
		if (percpu_name(r->percpu, rec->key, percpu, sizeof(percpu)))
			ev.class.percpu = percpu;
	}
	if (err)
		return err;
	err = htab_put(&r->classes, &id, &index);
	if (err < 0)
		return err;
	if (err)
		r->said.v[r->said.nr++] = said;
	else
		r->said.v[index] = said;
	return sink_emit(sink, &ev);
}

/* Ask once what a lock may be that lies in memory of any kind and is taken at @site. */
static int put_guess(struct records *r, const struct lk_sink *sink, const struct lk_rec_hold *rec,
		     uint64_t site)
{
	struct lk_event ev = { .kind = LK_EV_SITE, .site = { .tier = LK_TIER_ORDER, .key = rec->key,
		.site = site, .prim = rec->prim } };
	struct class_id class = id_of(r, LK_TIER_ORDER, rec->key);
	struct site_id id = { rec->key, site, rec->prim };
	uint32_t index = htab_find(&r->classes, &class);
	const struct said_class *said;
	struct member mb;
	struct ksym sym;
	int err;

	if (!site || rec->mem || index == HTAB_NONE || !r->said.v[index].cache[0])
		return 0;
	said = &r->said.v[index];
	err = htab_put(&r->sites, &id, &index);
	if (err <= 0)
		return err;
	if (!resolver_lookup(r->resolver, site, &sym) ||
	    !guess_member(r, said, rec->prim, &sym, &mb))
		return 0;
	ev.site.type = mb.type;
	ev.site.member = mb.path;
	return sink_emit(sink, &ev);
}

/* What explains a class key. */
static int put_key(struct records *r, const struct lk_sink *sink, uint32_t tier, uint64_t key)
{
	struct lk_rec_class rec = { .tier = tier, .key = key, .off = UINT32_MAX };
	struct class_id id = id_of(r, tier, key);

	return htab_find(&r->classes, &id) == HTAB_NONE ? put_class(r, sink, &rec) : 0;
}

/* Where a function was called that takes locks for others; 0 if it is no such one, or nobody knows. */
static uint64_t caller_of(const struct records *r, const struct lk_rec_order *rec)
{
	struct ksym sym;
	uint32_t i;

	if (!rec->acq.site || !resolver_lookup(r->resolver, rec->acq.site, &sym) ||
	    !symclass_is_wrapper(sym.name))
		return 0;
	for (i = 0; i < rec->nr_stack && rec->stack[i] != rec->acq.site; i++)
		;
	while (++i < rec->nr_stack)
		if (resolver_lookup(r->resolver, rec->stack[i], &sym) && !symclass_is_wrapper(sym.name) &&
		    !symclass_is_lock(sym.name))
			return rec->stack[i];
	return 0;
}

/* What explains a lock of a record, then the lock itself in *out. */
static int put_hold(struct records *r, const struct lk_sink *sink, uint32_t tier,
		    const struct lk_rec_hold *rec, struct lk_ev_hold *out)
{
	int err = 0;

	*out = (struct lk_ev_hold){ .lock = rec->lock, .key = rec->key, .mem = rec->mem,
				    .site = rec->site, .prim = rec->prim, .read = rec->read,
				    .flags = rec->flags, .rule = rec->rule };
	if (rec->prim)
		err = put_key(r, sink, tier, rec->key);
	if (!err && rec->mem)
		err = put_key(r, sink, tier, rec->mem);
	if (!err && rec->prim && tier == LK_TIER_ORDER)
		err = put_guess(r, sink, rec, rec->site);
	if (!err && rec->site)
		err = resolver_text(r->resolver, sink, rec->site);
	return err;
}

/* The kernel's 64 bits and libc's are different types of the same size. */
static int put_stack(struct records *r, const struct lk_sink *sink, const __u64 *addr,
		     unsigned int nr, uint32_t *id)
{
	uint64_t copy[LK_ORDER_STACK];

	memcpy(copy, addr, nr * sizeof(*copy));
	return resolver_frames(r->resolver, sink, copy, nr, id);
}

static int put_order(struct records *r, const struct lk_sink *sink, const struct lk_rec_order *rec)
{
	struct lk_event ev = { .kind = LK_EV_ORDER };
	struct lk_ev_hold held[LK_HELD_MAX];
	char comm[LK_COMM_LEN + 1];
	uint32_t i;
	int err;

	memcpy(comm, rec->comm, LK_COMM_LEN);
	comm[LK_COMM_LEN] = '\0';
	ev.order = (struct lk_ev_order){
		.time_ns = rec->time_ns, .tier = rec->tier, .tid = rec->tid, .tgid = rec->tgid,
		.cpu = rec->cpu, .ctx = rec->ctx, .flags = rec->flags, .from = rec->from,
		.watch_mask = rec->watch_mask, .comm = comm, .nr_held = rec->nr_held,
		.held = held };
	err = put_stack(r, sink, rec->stack, rec->nr_stack, &ev.order.stack);
	for (i = 0; i < rec->nr_held && !err; i++)
		err = put_hold(r, sink, rec->tier, &rec->held[i], &held[i]);
	err = err ?: put_hold(r, sink, rec->tier, &rec->acq, &ev.order.acq);
	if (!err && rec->tier == LK_TIER_ORDER && rec->acq.prim)
		err = put_guess(r, sink, &rec->acq, caller_of(r, rec));
	return err ?: sink_emit(sink, &ev);
}

static int put_sample(struct records *r, const struct lk_sink *sink, const struct lk_rec_sample *rec)
{
	struct lk_event ev = { .kind = LK_EV_ORDER, .order = {
		.time_ns = rec->time_ns, .tier = LK_TIER_ORDER, .tid = rec->tid, .tgid = rec->tgid,
		.stack = LK_STACK_NONE, .flags = LK_ORDER_SAMPLE, .comm = "", .weight = r->weight } };
	int err = put_hold(r, sink, LK_TIER_ORDER, &rec->acq, &ev.order.acq);

	return err ?: sink_emit(sink, &ev);
}

static int put_odd(struct records *r, const struct lk_sink *sink, const struct lk_rec_odd *rec)
{
	struct lk_event ev = { .kind = LK_EV_ODD };
	char comm[LK_COMM_LEN + 1];
	int err;

	memcpy(comm, rec->comm, LK_COMM_LEN);
	comm[LK_COMM_LEN] = '\0';
	ev.odd = (struct lk_ev_odd){
		.time_ns = rec->time_ns, .tier = rec->tier, .odd = rec->odd, .tid = rec->tid,
		.tgid = rec->tgid, .cpu = rec->cpu, .comm = comm };
	err = put_stack(r, sink, rec->stack, rec->nr_stack, &ev.odd.stack);
	err = err ?: put_hold(r, sink, rec->tier, &rec->hold, &ev.odd.hold);
	return err ?: sink_emit(sink, &ev);
}

int records_put(struct records *r, const struct lk_sink *sink, const void *data, size_t size)
{
	const struct lk_rec_order *order = data;
	const struct lk_rec_class *class = data;
	const struct lk_rec_odd *odd = data;

	if (size < 2 * sizeof(uint32_t))
		return 0;
	switch (order->kind) {
	case LK_REC_ORDER:
		if (size < offsetof(struct lk_rec_order, stack) || order->nr_held > LK_HELD_MAX ||
		    order->nr_stack > LK_ORDER_STACK ||
		    (size - offsetof(struct lk_rec_order, stack)) / 8 < order->nr_stack)
			return 0;
		return put_order(r, sink, order);
	case LK_REC_ODD:
		if (size < offsetof(struct lk_rec_odd, stack) || odd->nr_stack > LK_ORDER_STACK ||
		    (size - offsetof(struct lk_rec_odd, stack)) / 8 < odd->nr_stack)
			return 0;
		return put_odd(r, sink, odd);
	case LK_REC_SAMPLE:
		return size < sizeof(struct lk_rec_sample) ? 0 : put_sample(r, sink, data);
	case LK_REC_CLASS:
		return size < sizeof(*class) ? 0 : put_class(r, sink, class);
	default:
		return 0;
	}
}
