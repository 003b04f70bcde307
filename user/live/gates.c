// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening and closing what the hooks look at first.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "../core/event.h"
#include "gates.h"
#include "hooks.h"
#include "kernel.h"
#include "lockdep.h"
#include "tiers.h"
#include "trace.skel.h"

#define BEAT_MS 1000	/* the longest sleep; the watchdogs wait five times as long */

/*
 * So long after the gates went up, tasks may hold what they took before. Some hold a lock for longer, but few, and
 * of those, few then take others in an order that only this lock makes harmless. Half a slice (spend.c).
 */
#define MSEC	1000000ull
#define RIPE_NS	(50 * MSEC)

/* Run a program that is not a hook: what it returned, or -errno. */
static int run(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (!prog || bpf_program__fd(prog) < 0)
		return -ENOENT;
	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		return -errno;
	return (int)opts.retval;
}

void gates_init(struct gates *g, bool watchdog)
{
	g->nr_parts = 0;
	if (!watchdog)
		return;
	if (g->contention)
		g->part[g->nr_parts++] = (struct gate_part){
			.start = g->skel->progs.watchdog_start, .reset = g->skel->progs.wait_reset,
			.beat = &g->skel->bss->watchdog_beat,
			.bit_ns = &g->skel->bss->watchdog_bit_ns };
	if (g->tiers->hooks && hooks_object(g->tiers->hooks))
		g->part[g->nr_parts++] = hooks_gate(g->tiers->hooks);
	if (g->tiers->lockdep)
		g->part[g->nr_parts++] = lockdep_gate(g->tiers->lockdep);
}

/* All but that of the contention tier. */
static void raise_tiers(struct gates *g, uint64_t now_ns)
{
	tiers_enable(g->tiers, g->percpu, now_ns, g->bits);
	g->ripe_ns = now_ns + RIPE_NS;
}

static void raise_gates(struct gates *g, uint64_t now_ns)
{
	__atomic_store_n(&g->skel->bss->enabled, g->contention, __ATOMIC_RELEASE);
	raise_tiers(g, now_ns);
	g->open = true;
}

static void lower_gates(struct gates *g)
{
	if (g->skel && g->skel->bss)
		__atomic_store_n(&g->skel->bss->enabled, 0, __ATOMIC_RELEASE);
	if (g->tiers)
		tiers_disable(g->tiers);
	g->open = false;
}

/* All of them or none: one gate that goes down alone would say nothing. */
void gates_watch(struct gates *g)
{
	unsigned int i;

	g->watched = g->nr_parts > 0;
	for (i = 0; i < g->nr_parts; i++)
		if (run(g->part[i].start))
			g->watched = false;
}

void gates_open(struct gates *g, uint64_t now_ns)
{
	g->bits = LK_GATE_ALL;
	raise_gates(g, now_ns);
}

/* When the first watchdog bit; 0 = none did. */
static uint64_t bitten(const struct gates *g)
{
	uint64_t first = 0, ns;
	unsigned int i;

	for (i = 0; i < g->nr_parts; i++) {
		ns = __atomic_load_n(g->part[i].bit_ns, __ATOMIC_ACQUIRE);
		if (ns && (!first || ns < first))
			first = ns;
	}
	return first;
}

static int emit(struct gates *g, uint64_t time_ns, bool on)
{
	struct lk_event ev = { .kind = LK_EV_SHED, .shed = {
		.time_ns = time_ns, .what = LK_SHED_ALL, .on = on, .cause = LK_SHED_STOPPED } };

	return sink_emit(g->sink, &ev);
}

/*
 * Forget what is held, and with @all waits and initialisations, too. No hook may run
 * meanwhile: one that began before the gate went down would put something on its stack
 * again. False if that cannot be had.
 */
static bool forget(struct gates *g, bool all)
{
	unsigned int i;

	if (!g->nr_parts || kernel_wait_for_programs())
		return false;
	for (i = 0; i < g->nr_parts; i++) {
		if (g->part[i].reset == g->skel->progs.wait_reset && !all)
			continue;
		if (run(g->part[i].reset))
			return false;
		if (all && g->part[i].reset_inits && run(g->part[i].reset_inits))
			return false;
	}
	return true;
}

bool gates_set(struct gates *g, uint32_t bits)
{
	tiers_disable(g->tiers);
	if (!forget(g, false))
		return false;
	g->bits = bits;
	raise_tiers(g, kernel_now_ns());
	return true;
}

int gates_close(struct gates *g)
{
	uint64_t since = g->open ? bitten(g) : 0;

	lower_gates(g);
	return since ? emit(g, since, false) : 0;
}

void gates_beat(struct gates *g)
{
	unsigned int i;

	for (i = 0; i < g->nr_parts; i++)
		__atomic_add_fetch(g->part[i].beat, 1, __ATOMIC_RELAXED);
}

int gates_check(struct gates *g)
{
	uint64_t since, now;
	int err;

	gates_beat(g);
	since = g->open ? bitten(g) : 0;
	if (!since) {
		if (g->open && kernel_now_ns() >= g->ripe_ns)
			tiers_ripen(g->tiers);
		return 0;
	}
	lower_gates(g);
	err = emit(g, since, false);
	if (err || !forget(g, true)) {
		g->nr_parts = 0;	/* what is held is not known, so they stay down */
		return err;
	}
	now = kernel_now_ns();
	gates_watch(g);
	raise_gates(g, now);
	return emit(g, now, true);
}

int gates_timeout(const struct gates *g, int timeout_ms)
{
	uint64_t now = kernel_now_ns();
	int most = g->watched ? BEAT_MS : -1;

	if (g->open && now < g->ripe_ns)
		most = (int)((g->ripe_ns - now) / MSEC) + 1;
	return most >= 0 && (timeout_ms < 0 || timeout_ms > most) ? most : timeout_ms;
}
