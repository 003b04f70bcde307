/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lock order for the tests of the model: locks, tasks that take and release them,
 * and the events that a perfect kernel side would send.
 *
 *	struct sim s;
 *	struct sim_lock a = sim_static(&s, "a"), b = sim_static(&s, "b");
 *	struct sim_task t = sim_task(&s, "t");
 *	sim_start(&s);
 *	take(&s, &t, &a); take(&s, &t, &b); drop(&t, &b); drop(&t, &a);
 */
#ifndef LK_ORDER_EVENTS_H
#define LK_ORDER_EVENTS_H

#include "../../user/core/finding.h"
#include "core_events.h"

#define SIM_KEY	UINT64_C(0xffffffff82000000)

struct sim {
	struct model *m;
	uint32_t tier;
	uint64_t now, next_addr, next_site;
	uint32_t next_tid;
	uint64_t step;		/* ns per event */
	uint32_t flags;		/* LK_ORDER_*, of orders */
	int (*emit)(struct sim *s, const struct lk_event *ev);	/* NULL: apply it */
	void *ctx;
};

struct sim_lock {
	uint64_t addr, key;
	uint32_t prim, rule;
};

struct sim_task {
	const char *comm;
	uint32_t tid, ctx, cpu, watch_mask;
	uint32_t nr;
	struct lk_ev_hold held[LK_HELD_MAX];
};

static inline int sim_emit(struct sim *s, const struct lk_event *ev)
{
	return s->emit ? s->emit(s, ev) : apply(s->m, *ev);
}

static inline void sim_source(struct sim *s)
{
	struct lk_event ev = meta(1000, 0);

	(void)sim_emit(s, &ev);
}

static inline void sim_init(struct sim *s, uint32_t tier)
{
	*s = (struct sim){ .m = model_new(), .tier = tier, .now = 1000000, .next_addr = 0x1000,
			   .next_site = 0xffffffff81000100, .next_tid = 100, .step = 1000 };
	if (!s->m)
		abort();
	sim_source(s);
}

static inline void sim_done(struct sim *s)
{
	model_free(s->m);
}

static inline void sim_class(struct sim *s, struct lk_ev_class c)
{
	struct lk_event ev = { .kind = LK_EV_CLASS, .class = c };

	ev.class.tier = s->tier;
	ev.class.name = c.name ? c.name : "";
	ev.class.symbol = c.symbol ? c.symbol : "";
	ev.class.module = c.module ? c.module : "";
	ev.class.percpu = c.percpu ? c.percpu : "";
	ev.class.cache = c.cache ? c.cache : "";
	(void)sim_emit(s, &ev);
}

/* A static lock, whose key is its address. On lockdep's tier @name is the name of its class. */
static inline struct sim_lock sim_static(struct sim *s, const char *name)
{
	struct sim_lock l = { .addr = SIM_KEY + (s->next_addr += 64), .prim = LK_PRIM_MUTEX };

	l.key = l.addr;
	if (s->tier == LK_TIER_LOCKDEP) {
		l.prim = LK_PRIM_LOCKDEP;
		sim_class(s, (struct lk_ev_class){ .key = l.key, .name = name, .off = UINT32_MAX });
	} else {
		sim_class(s, (struct lk_ev_class){ .key = l.key, .symbol = name, .off = UINT32_MAX });
	}
	return l;
}

/* A lock in an object of a slab cache of its own; all of the same @key are of one class. */
static inline struct sim_lock sim_slab(struct sim *s, uint64_t key, const char *cache)
{
	sim_class(s, (struct lk_ev_class){ .key = key, .cache = cache, .off = 8 });
	return (struct sim_lock){ .addr = 0xffff888000000000 + (s->next_addr += 64), .key = key,
				  .prim = LK_PRIM_MUTEX };
}

static inline struct sim_lock sim_instance(struct sim *s, const struct sim_lock *of)
{
	struct sim_lock l = *of;

	l.addr = 0xffff888000000000 + (s->next_addr += 64);
	return l;
}

static inline struct sim_task sim_task(struct sim *s, const char *comm)
{
	return (struct sim_task){ .comm = comm, .tid = s->next_tid++ };
}

/* lockdep's rule (check_prevs_add()), and whatever is held of the same address. */
static inline uint32_t sim_from(const struct sim_task *t, uint64_t addr)
{
	uint32_t from = 0, i;

	for (i = t->nr; i-- > 0;) {
		if (t->held[i].flags & LK_HOLD_NOCHECK)
			continue;
		from |= 1u << i;
		if (!(t->held[i].flags & LK_HOLD_TRY))
			break;
	}
	for (i = 0; i < t->nr; i++)
		if (t->held[i].lock == addr)
			from |= 1u << i;
	return from;
}

static inline struct lk_event sim_order(struct sim *s, const struct sim_task *t, struct lk_ev_hold acq)
{
	s->now += s->step;
	return (struct lk_event){ .kind = LK_EV_ORDER, .order = {
		.time_ns = s->now, .tier = s->tier, .tid = t->tid, .tgid = t->tid, .cpu = t->cpu,
		.ctx = t->ctx, .stack = 5, .comm = t->comm, .acq = acq, .watch_mask = t->watch_mask, .flags = s->flags,
		.from = acq.flags & LK_HOLD_TRY ? 0 : sim_from(t, acq.lock),
		.nr_held = t->nr, .held = t->held } };
}

/* The attempt, told to the model if anything is held; then it is held. */
static inline void take_as(struct sim *s, struct sim_task *t, const struct sim_lock *l, uint32_t read,
			   uint32_t flags, uint64_t site)
{
	struct lk_ev_hold h = { .lock = l->addr, .key = l->key, .site = site, .prim = l->prim,
				.read = read, .flags = flags, .rule = l->rule };
	struct lk_event ev = sim_order(s, t, h);

	if ((t->nr || t->watch_mask) && sim_emit(s, &ev))
		ok(false, "%s cannot take 0x%" PRIx64, t->comm, l->addr);
	if (t->nr < LK_HELD_MAX)
		t->held[t->nr++] = h;
}

static inline void take(struct sim *s, struct sim_task *t, const struct sim_lock *l)
{
	take_as(s, t, l, LK_WRITE, LK_HOLD_VERIFIED, 0xffffffff81000000 + l->key % 4096);
}

static inline void take_read(struct sim *s, struct sim_task *t, const struct sim_lock *l, uint32_t read)
{
	take_as(s, t, l, read, LK_HOLD_VERIFIED, 0xffffffff81000000 + l->key % 4096);
}

static inline void drop(struct sim_task *t, const struct sim_lock *l)
{
	uint32_t i;

	for (i = t->nr; i-- > 0;)
		if (t->held[i].lock == l->addr)
			break;
	if (i == UINT32_MAX)
		return;
	for (t->nr--; i < t->nr; i++)
		t->held[i] = t->held[i + 1];
}

static inline void drop_all(struct sim_task *t)
{
	t->nr = 0;
}

/* Take all of @nr locks in their order, and release them. */
static inline void nest(struct sim *s, struct sim_task *t, unsigned int nr, const struct sim_lock *const *l)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		take(s, t, l[i]);
	drop_all(t);
}

#define NEST(s, t, ...) nest((s), (t), sizeof((const struct sim_lock *[]){ __VA_ARGS__ }) / sizeof(void *), \
			     (const struct sim_lock *[]){ __VA_ARGS__ })

static inline const struct finding *the_finding(const struct sim *s)
{
	return model_nr_findings(s->m) ? model_finding(s->m, 0) : NULL;
}

#endif /* LK_ORDER_EVENTS_H */
