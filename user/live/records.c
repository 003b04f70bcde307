// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the order tiers as events. The programs describe a class key before
 * they use it if it takes more than the key to tell what it is (slab caches,
 * lockdep's classes); keys that are addresses are described here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../base/htab.h"
#include "percpu.h"
#include "records.h"
#include "resolve.h"

struct class_id {
	uint64_t tier, key;
};

struct records {
	struct resolver *resolver;
	const struct percpu *percpu;
	struct htab classes;		/* struct class_id that were emitted */
};

struct records *records_new(struct resolver *resolver, const struct percpu *percpu)
{
	struct records *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->resolver = resolver;
	r->percpu = percpu;
	htab_init(&r->classes, sizeof(struct class_id));
	return r;
}

void records_free(struct records *r)
{
	if (!r)
		return;
	htab_done(&r->classes);
	free(r);
}

/* Is the key an address? */
static bool is_static(uint64_t key)
{
	return key >> LK_CK_OFF_SHIFT == 0xffff;
}

static int put_class(struct records *r, const struct lk_sink *sink, const struct lk_rec_class *rec)
{
	struct lk_event ev = { .kind = LK_EV_CLASS, .class = {
		.tier = rec->tier, .key = rec->key, .name = "", .subclass = rec->subclass,
		.name_version = rec->name_version, .symbol = "", .module = "", .percpu = "",
		.cache = "", .off = UINT32_MAX } };
	struct class_id id = { rec->tier, rec->key };
	char name[LK_CLASS_NAME_LEN + 1], symbol[256], percpu[128];
	uint32_t index;
	int err = htab_put(&r->classes, &id, &index);

	if (err < 0)
		return err;
	memcpy(name, rec->name, LK_CLASS_NAME_LEN);
	name[LK_CLASS_NAME_LEN] = '\0';
	if (rec->tier == LK_TIER_LOCKDEP) {
		ev.class.name = name;
	} else if (rec->flags & LK_CLASS_SLAB) {
		ev.class.cache = name;
		ev.class.off = rec->off;
		ev.class.flags = rec->flags & LK_CLASS_MERGED ? LK_LOCK_MERGED : 0;
	} else if (is_static(rec->key)) {
		if (resolver_data(r->resolver, rec->key, symbol, sizeof(symbol), &ev.class.module))
			ev.class.symbol = symbol;
		if (percpu_name(r->percpu, rec->key, percpu, sizeof(percpu)))
			ev.class.percpu = percpu;
	}
	return sink_emit(sink, &ev);
}

/* What explains a lock of a record, then the lock itself in *out. */
static int put_hold(struct records *r, const struct lk_sink *sink, uint32_t tier,
		    const struct lk_rec_hold *rec, struct lk_ev_hold *out)
{
	struct lk_rec_class class = { .tier = tier, .key = rec->key, .off = UINT32_MAX };
	struct class_id id = { tier, rec->key };
	int err = 0;

	*out = (struct lk_ev_hold){ .lock = rec->lock, .key = rec->key, .site = rec->site,
				    .prim = rec->prim, .read = rec->read, .flags = rec->flags,
				    .rule = rec->rule };
	if (rec->prim && htab_find(&r->classes, &id) == HTAB_NONE)
		err = put_class(r, sink, &class);
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
	case LK_REC_CLASS:
		return size < sizeof(*class) ? 0 : put_class(r, sink, class);
	default:
		return 0;
	}
}
