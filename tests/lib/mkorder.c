// SPDX-License-Identifier: GPL-2.0-only
/* Synthetic lock orders; see mkorder.h. Lock i comes before lock i + 1. */
#include "mkorder.h"

#include <stdio.h>

#include "../../bpf/abi.h"

#define DATA_BASE	0xffffffff82c00000ull
#define SITE_BASE	0xffffffff81400000ull
#define NR_SITES	64u
#define NR_TASKS	8u

struct gen {
	const struct mkorder_opts *o;
	const struct lk_sink *sink;
	uint64_t rng, now;
	unsigned int nr;
	int err;
};

static uint64_t rnd(struct gen *g)
{
	uint64_t z = (g->rng += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void emit(struct gen *g, const struct lk_event *ev)
{
	if (!g->err)
		g->err = sink_emit(g->sink, ev);
}

static void emit_names(struct gen *g)
{
	struct lk_event ev;
	char name[32];
	unsigned int i;

	for (i = 0; i < g->nr; i++) {
		snprintf(name, sizeof(name), "lock_%u", i);
		ev = (struct lk_event){ .kind = LK_EV_CLASS };
		ev.class = (struct lk_ev_class){ .tier = LK_TIER_ORDER, .key = DATA_BASE + i * 64ull, .name = "",
			.symbol = name, .module = i % 5 ? "" : "mod", .percpu = "", .cache = "", .off = UINT32_MAX };
		emit(g, &ev);
	}
	for (i = 0; i < NR_SITES; i++) {
		snprintf(name, sizeof(name), "function_%u", i);
		ev = (struct lk_event){ .kind = LK_EV_SYM };
		ev.sym = (struct lk_ev_sym){ SITE_BASE + i * 256ull + 32, name, "", 32, 200, 0 };
		emit(g, &ev);
	}
}

static struct lk_ev_hold hold(struct gen *g, unsigned int lock, uint32_t read)
{
	return (struct lk_ev_hold){
		.lock = DATA_BASE + lock * 64ull, .key = DATA_BASE + lock * 64ull,
		.site = SITE_BASE + rnd(g) % NR_SITES * 256 + 32,
		.prim = read ? LK_PRIM_RWSEM : LK_PRIM_MUTEX, .read = read, .flags = LK_HOLD_VERIFIED,
	};
}

/* @lock is taken under the others, of which an order leads from the last. */
static void emit_order(struct gen *g, unsigned int task, const struct lk_ev_hold *held, uint32_t nr,
		       const struct lk_ev_hold *acq)
{
	struct lk_event ev = { .kind = LK_EV_ORDER };
	char comm[16];

	snprintf(comm, sizeof(comm), "task/%u", task);
	g->now += 1000 + rnd(g) % 1000;
	ev.order = (struct lk_ev_order){
		.time_ns = g->now, .tier = LK_TIER_ORDER, .tid = 1000 + task, .tgid = 1000 + task / 4 * 4,
		.cpu = task % 4, .ctx = LK_CTX_TASK, .stack = g->o->stack, .from = 1u << (nr - 1),
		.watch_mask = task == 1, .comm = comm, .acq = *acq, .nr_held = nr, .held = held,
	};
	emit(g, &ev);
}

static void emit_orders(struct gen *g)
{
	unsigned int i, a, b, outer;
	uint64_t rng = g->rng;

	for (i = 0; i < g->o->orders; i++) {
		struct lk_ev_hold held[2], acq;
		uint32_t nr = 0;

		a = (unsigned int)(rnd(g) % (g->nr - 1));
		b = a + 1 + (unsigned int)(rnd(g) % (g->nr - 1 - a));
		outer = (unsigned int)(rnd(g) % (4 * g->nr));
		if (outer < a)
			held[nr++] = hold(g, outer, LK_WRITE);
		held[nr++] = hold(g, a, rnd(g) % 10 ? LK_WRITE : LK_READ);
		acq = hold(g, b, rnd(g) % 10 ? LK_WRITE : LK_READ);
		emit_order(g, (unsigned int)(rnd(g) % NR_TASKS), held, nr, &acq);
	}
	g->rng = rng;
	for (i = 0; i < g->o->inversions; i++) {
		struct lk_ev_hold held, acq;

		a = i % (g->nr - 1);
		held = hold(g, a, LK_WRITE);
		acq = hold(g, a + 1, LK_WRITE);
		emit_order(g, 0, &held, 1, &acq);
		emit_order(g, 1, &acq, 1, &held);
	}
}

static void emit_others(struct gen *g)
{
	struct lk_event ev = { .kind = LK_EV_WATCH };

	ev.watch = (struct lk_ev_watch){ 0, LK_STATE_FULL, "vfio_unpin_pages", "vfio_unpin_pages", "kprobe" };
	emit(g, &ev);
	ev = (struct lk_event){ .kind = LK_EV_WATCHED };
	ev.watched = (struct lk_ev_watched){ 0, 7, 6, 123456, 100000 };
	emit(g, &ev);
	ev = (struct lk_event){ .kind = LK_EV_ODD };
	ev.odd = (struct lk_ev_odd){ .time_ns = g->now, .tier = LK_TIER_ORDER, .odd = LK_ODD_BAD_UNLOCK,
		.tid = 1003, .tgid = 1000, .stack = g->o->stack, .comm = "task/3", .hold = hold(g, 0, LK_WRITE) };
	emit(g, &ev);
}

int mkorder_emit(const struct mkorder_opts *opts, const struct lk_sink *sink)
{
	struct gen g = { .o = opts, .sink = sink, .rng = opts->seed, .now = opts->start_ns,
			 .nr = opts->classes > 1 ? opts->classes : 16 };

	emit_names(&g);
	emit_orders(&g);
	if (opts->inversions)
		emit_others(&g);
	return g.err;
}
