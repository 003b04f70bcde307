// SPDX-License-Identifier: GPL-2.0-only
/*
 * LK_EV_ORDER: from one acquisition to edges between classes, and what is kept
 * of each edge: a few observations, who made them, what guarded them. Whether
 * anything follows from it is evidence.c's matter.
 *
 * Which edges: as lockdep adds them (kernel/locking/lockdep.c, check_prevs_add()),
 * from the held locks that the kernel side names; none to a trylock, which cannot
 * block; none from or to what lockdep was told not to check. The same instance
 * again is recursion; another instance of the class is nesting: an edge, but no
 * matter of order between classes.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../base/diag.h"
#include "order_priv.h"
#include "sat.h"

/* An event in the middle: its holds with their classes. */
struct applying {
	struct model *m;
	const struct lk_ev_order *e;
	struct hold held[LK_HELD_MAX], acq;
	struct obs ob;		/* without held and all */
};

/* --- the whole ---------------------------------------------------------------------------- */

struct order *order_new(void)
{
	struct order *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->graph = graph_new();
	class_init_tables(o);
	findings_init(o);
	if (!o->graph) {
		order_free(o);
		return NULL;
	}
	return o;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	graph_free(o->graph);
	class_free_tables(o);
	vec_free(&o->edge);
	vec_free(&o->by_graph);
	vec_free(&o->nesting);
	vec_free(&o->obs);
	vec_free(&o->holds);
	vec_free(&o->guards);
	vec_free(&o->dirty);
	findings_free(o);
	watches_free(o);
	free(o);
}

/* --- validity ----------------------------------------------------------------------------- */

int order_check_hold(const struct lk_ev_hold *h, struct diag *why)
{
	if (!h->prim || h->prim >= LK_PRIM_NR)
		return diag_set(why, -EBADMSG, "a held lock has the primitive %" PRIu32, h->prim);
	if (h->read > LK_READ_RECURSIVE)
		return diag_set(why, -EBADMSG, "a held lock has the mode %" PRIu32, h->read);
	if (h->flags > UINT16_MAX)
		return diag_set(why, -EBADMSG, "a held lock has the flags 0x%" PRIx32, h->flags);
	if (!h->lock || !h->key)
		return diag_set(why, -EBADMSG, "a held lock has no %s", h->lock ? "class key" : "address");
	return 0;
}

static int check_holds(const struct lk_ev_order *e, struct diag *why)
{
	bool completed = e->flags & LK_ORDER_COMPLETION;
	uint32_t i;

	if (e->nr_held > LK_HELD_MAX)
		return diag_set(why, -EBADMSG, "an order has %" PRIu32 " held locks", e->nr_held);
	if (e->from >> e->nr_held)
		return diag_set(why, -EBADMSG, "an order leads from 0x%" PRIx32 " of %" PRIu32 " held locks",
				e->from, e->nr_held);
	if (completed && (!e->nr_held || e->from != 1 || e->held[0].prim != LK_PRIM_COMPLETION))
		return diag_set(why, -EBADMSG, "an order over a completion has none");
	for (i = 0; i < e->nr_held; i++) {
		if (order_check_hold(&e->held[i], why))
			return -EBADMSG;
		if (e->held[i].prim == LK_PRIM_COMPLETION && !(completed && !i))
			return diag_set(why, -EBADMSG, "a completion is held");
	}
	return 0;
}

static int check_order(const struct lk_ev_order *e, struct diag *why)
{
	if (e->tier != LK_TIER_ORDER && e->tier != LK_TIER_LOCKDEP)
		return diag_set(why, -EBADMSG, "an order has the tier %" PRIu32, e->tier);
	if (e->ctx >= LK_CTX_NR && e->ctx != LK_CTX_UNKNOWN)
		return diag_set(why, -EBADMSG, "an order has the context %" PRIu32, e->ctx);
	if (e->watch_mask >> LK_WATCH_MAX)
		return diag_set(why, -EBADMSG, "an order has the watch mask 0x%" PRIx32, e->watch_mask);
	if (check_holds(e, why))
		return -EBADMSG;
	if (e->flags & LK_ORDER_SAMPLE && (e->nr_held || e->from || !e->weight))
		return diag_set(why, -EBADMSG, "a sample is an order, too, or has no weight");
	if (!(e->flags & LK_ORDER_WATCH_ENTRY))
		return order_check_hold(&e->acq, why);
	if (!e->watch_mask || e->from || e->acq.prim)
		return diag_set(why, -EBADMSG, "an entry of a watched function %s",
				e->watch_mask ? "takes a lock" : "names none");
	return 0;
}

/* --- one acquisition ---------------------------------------------------------------------- */

/* Who it was: a task, or an interrupt of a CPU, whatever task it interrupted. */
static uint64_t actor_of(const struct model *m, const struct lk_ev_order *e)
{
	uint64_t source = (uint64_t)(cur_source(m) & 0xffff) << 40;

	if (e->ctx != LK_CTX_TASK && e->ctx != LK_CTX_UNKNOWN)
		return source | (uint64_t)(e->ctx + 1) << 32 | e->cpu;
	if (!e->tid)		/* idle tasks: one per CPU */
		return source | UINT64_C(0xff) << 32 | e->cpu;
	return source | e->tid;
}

/* @stack: where it is taken, if it is the one that is. */
static int set_hold(struct model *m, uint32_t tier, const struct lk_ev_hold *h, uint32_t stack,
		    struct hold *to)
{
	*to = (struct hold){ .addr = h->lock, .site = h->site, .flags = (uint16_t)h->flags,
			     .prim = (uint8_t)h->prim, .read = (uint8_t)h->read };
	return class_of_hold(m, tier, h, stack, &to->class);
}

static int set_up(struct applying *a)
{
	const struct lk_ev_order *e = a->e;
	uint32_t i;

	a->ob = (struct obs){	/* without comm: that is looked up when it is kept */
		.time_ns = e->time_ns, .actor = actor_of(a->m, e), .tid = e->tid, .tgid = e->tgid,
		.source = cur_source(a->m), .stack = e->stack, .cpu = e->cpu, .ctx = e->ctx,
		.order_flags = e->flags, .watch_mask = e->watch_mask, .nr_all = (uint16_t)e->nr_held,
	};
	for (i = 0; i < e->nr_held; i++)
		if (set_hold(a->m, e->tier, &e->held[i], LK_STACK_NONE, &a->held[i]))
			return -ENOMEM;
	a->acq = (struct hold){ 0 };
	if (e->acq.prim && set_hold(a->m, e->tier, &e->acq, e->stack, &a->acq))
		return -ENOMEM;
	a->ob.taken = a->acq;
	return 0;
}

/* lockdep has no opinion about these. */
static bool is_unchecked(const struct order *o, const struct hold *h)
{
	return h->flags & (LK_HOLD_NOCHECK | LK_HOLD_PENDING) || o->class.v[h->class].novalidate;
}

/*
 * The same class again: is that recursion (lockdep.c, check_deadlock())? On the
 * instance, unless a reader is let in past waiting writers; lockdep's tier, which
 * has the annotations of nesting, says so for the class too. A semaphore may count
 * further than one, so it is never.
 */
static enum finding_kind recursion_kind(const struct applying *a, const struct hold *held)
{
	const struct hold *acq = &a->acq;

	if (acq->read == LK_READ_RECURSIVE && held->read)
		return 0;
	if (acq->prim == LK_PRIM_SEMAPHORE || acq->prim == LK_PRIM_COMPLETION ||
	    acq->flags & LK_HOLD_NEST)
		return 0;
	if (held->addr != acq->addr && a->e->tier != LK_TIER_LOCKDEP)
		return 0;
	if (held->addr == acq->addr && held->read && !acq->read)
		return FINDING_RW_UPGRADE;
	return FINDING_RECURSIVE;
}

/* The observation will be kept: what only then is needed. */
static int new_instances(struct applying *a, uint32_t i)
{
	if (strpool_id(&a->m->str, a->e->comm, &a->ob.comm) ||
	    class_instance(a->m, a->held[i].class, &a->e->held[i]) ||
	    class_instance(a->m, a->acq.class, &a->e->acq))
		return -ENOMEM;
	return 0;
}

/* Held lock @i is the lock that is taken, or may be. */
static int same_instance(struct applying *a, uint32_t i)
{
	enum finding_kind kind = recursion_kind(a, &a->held[i]);

	/* One address, two primitives: a lock inside of the other, or memory reused; no order. */
	if (!kind || a->held[i].prim != a->acq.prim)
		return 0;
	if (new_instances(a, i))
		return -ENOMEM;
	return evidence_recursion(a->m, &a->ob, a->held, kind, a->e->tier);
}

/* An order from held lock @i. */
static int one_order(struct applying *a, uint32_t i)
{
	struct order *o = order_of(a->m);
	uint32_t from, to, edge;
	enum finding_kind kind;
	bool known;

	a->ob.held = a->held[i];
	if (hold_listed(&a->acq))
		return edge_list(o, class_find(o, a->held[i].class), class_find(o, a->acq.class), &a->ob, a->held);
	if (a->held[i].addr == a->acq.addr)
		return same_instance(a, i);
	from = class_find(o, a->held[i].class);
	to = class_find(o, a->acq.class);
	edge = edge_look_up(o, from, to);
	known = edge != ORDER_NONE && edge_knows(o, edge, &a->ob);
	if (!known) {
		if (new_instances(a, i))
			return -ENOMEM;
		from = class_find(o, a->held[i].class);
		to = class_find(o, a->acq.class);
	}
	kind = from == to ? recursion_kind(a, &a->held[i]) : 0;
	if (kind && (new_instances(a, i) ||
		     evidence_recursion(a->m, &a->ob, a->held, kind, a->e->tier)))
		return -ENOMEM;
	if (known)
		return edge_again(o, edge, &a->ob, a->held, false);
	return edge_observe(o, from, to, &a->ob, a->held);
}

/* lockdep looks at all that is held for recursion, not only where an order leads from. */
static int lockdep_recursion(struct applying *a)
{
	struct order *o = order_of(a->m);
	enum finding_kind kind;
	uint32_t i;

	for (i = 0; i < a->e->nr_held; i++) {
		if (a->e->from >> i & 1 ||
		    class_find(o, a->held[i].class) != class_find(o, a->acq.class))
			continue;
		kind = recursion_kind(a, &a->held[i]);
		a->ob.held = a->held[i];
		if (kind && new_instances(a, i))
			return -ENOMEM;
		if (kind && evidence_recursion(a->m, &a->ob, a->held, kind, a->e->tier))
			return -ENOMEM;
	}
	return 0;
}

static int apply_acquisition(struct applying *a)
{
	const struct lk_ev_order *e = a->e;
	struct order *o = order_of(a->m);
	uint32_t i;

	if (e->acq.flags & LK_HOLD_TRY || is_unchecked(o, &a->acq))
		return o->dirty.nr ? evidence_evaluate(a->m) : 0;	/* classes may have become one */
	for (i = 0; i < e->nr_held; i++)
		if (e->from >> i & 1 && !is_unchecked(o, &a->held[i]) && one_order(a, i))
			return -ENOMEM;
	if (e->tier == LK_TIER_LOCKDEP && !hold_listed(&a->acq) && lockdep_recursion(a))
		return -ENOMEM;
	return o->dirty.nr ? evidence_evaluate(a->m) : 0;
}

/* One acquisition of many: how often is its class taken? */
static int apply_sample(struct applying *a)
{
	struct order *o = order_of(a->m);
	uint32_t class;

	if (!hold_listed(&a->acq) && class_instance(a->m, a->acq.class, &a->e->acq))
		return -ENOMEM;
	class = class_find(o, a->acq.class);
	o->class.v[class].acquired = sat_add(o->class.v[class].acquired, a->e->weight);
	return o->dirty.nr ? evidence_evaluate(a->m) : 0;
}

int model_apply_order(struct model *m, const struct lk_event *ev, struct diag *why)
{
	struct applying a;	/* set_up() sets what is used: zeroing all of it costs too much */
	int err = check_order(&ev->order, why);

	if (err)
		return err;
	a.m = m;
	a.e = &ev->order;
	if (set_up(&a))
		return -ENOMEM;
	model_note_time(m, ev->order.time_ns);
	if (ev->order.flags & LK_ORDER_SAMPLE)
		return apply_sample(&a);
	if (ev->order.watch_mask && watch_observe(m, &ev->order, a.held, &a.acq))
		return -ENOMEM;
	return ev->order.acq.prim ? apply_acquisition(&a) : 0;
}
