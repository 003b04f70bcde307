// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace costs is the time that its programs run, what it takes to get into them
 * and out again, and our own CPU time. The kernel measures the first, which costs two
 * looks at the clock per run: so it does that for a tenth of a second only, once in a
 * second or less often. The second is the number of runs times cost_dispatch_ns(),
 * measured when the trace began (kprobes take more; how much, is a constant).
 */
#include "spend.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../core/event.h"
#include "cost.h"
#include "hooks.h"
#include "kernel.h"
#include "lockdep.h"
#include "tiers.h"
#include "trace.skel.h"

#define MSEC		1000000ull
#define WINDOW_NS	(100 * MSEC)	/* so long */
#define LOOK_NS		(20 * MSEC)	/* whether hooks are where they should be */
#define SLICE_NS	(100 * MSEC)	/* in slices: so long ... */
#define SLICES_NS	(400 * MSEC)	/* ... in each of these */

/* Beside the empty program: the breakpoint or ftrace callback of a kprobe. */
#define KPROBE_NS	300
#define MULTI_NS	100

static uint64_t self_ns(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 * MSEC +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static void sum(const struct spend *s, uint64_t *run_ns, uint64_t *runs)
{
	const struct tiers *t = s->gates->tiers;

	*run_ns = *runs = 0;
	cost_add(s->gates->skel->obj, run_ns, runs);
	if (t->hooks)
		cost_add(hooks_object(t->hooks), run_ns, runs);
	if (t->lockdep)
		cost_add(lockdep_object(t->lockdep), run_ns, runs);
}

static uint32_t dispatch_ns(const struct tiers *t)
{
	uint32_t ns = cost_dispatch_ns();

	if (t->hooks && hooks_any(t->hooks) && hooks_get_plan(t->hooks)->mode == ORDER_MODE_KPROBE)
		ns += KPROBE_NS;
	if (t->hooks && hooks_any(t->hooks) && hooks_get_plan(t->hooks)->mode == ORDER_MODE_MULTI)
		ns += MULTI_NS;
	return ns;
}

/* Which levels shed something here? */
static uint32_t usable(const struct tiers *t)
{
	bool order = t->hooks && hooks_attached(t->hooks);
	uint32_t levels = 0;

	if (order && hooks_get_plan(t->hooks)->prim[LK_PRIM_SPINLOCK].state != LK_STATE_NONE)
		levels |= 1u << BUDGET_NO_SPIN;
	if (order && hooks_hold_times(t->hooks))
		levels |= 1u << BUDGET_NO_HOLDS;
	if (order || t->lockdep)
		levels |= 1u << BUDGET_SLICES | 1u << BUDGET_NO_ORDER;
	return levels;
}

/* Are run times to be had at all? */
static bool can_measure(void)
{
	int fd = cost_measure();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void spend_begin(struct spend *s, struct gates *gates, uint32_t allowed_ppm)
{
	uint32_t levels = usable(gates->tiers);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*s = (struct spend){ .gates = gates, .stats_fd = -1, .why_not = "", .nr_cpus = cpus > 0 ? (unsigned int)cpus : 1 };
	if (!allowed_ppm || !levels)
		return;
	if (!gates->nr_parts)
		s->why_not = "this kernel does not let us forget what is held";
	else if (kernel_wait_for_programs())
		s->why_not = "this kernel does not tell when its hooks have ended (nohz_full)";
	else if (!can_measure())
		s->why_not = "this kernel does not tell how long BPF programs run";
	if (s->why_not[0])
		return;
	s->active = true;
	budget_init(&s->budget, allowed_ppm, levels);
	s->dispatch_ns = dispatch_ns(gates->tiers);
	s->self_at_ns = kernel_now_ns();
	s->self_ns = self_ns();
	s->next_ns = s->self_at_ns + BUDGET_PERIOD_NS;
}

static void measure_begin(struct spend *s, uint64_t now)
{
	s->stats_fd = cost_measure();
	sum(s, &s->run_ns, &s->runs);
	s->begin_ns = now;
	/* In slices, whole ones: a window could lie in one, or between two. */
	s->next_ns = now + (s->budget.level == BUDGET_SLICES ? SLICES_NS : WINDOW_NS);
}

/* Ends a measurement: millionths of all CPUs. */
static uint32_t measure_end(struct spend *s)
{
	uint64_t run_ns, runs, self = self_ns(), now = kernel_now_ns();
	double share;

	sum(s, &run_ns, &runs);
	if (s->stats_fd >= 0)
		close(s->stats_fd);
	s->stats_fd = -1;
	run_ns = run_ns - s->run_ns + (runs - s->runs) * s->dispatch_ns;
	share = (double)run_ns / (double)(now - s->begin_ns + 1) +
		(double)(self - s->self_ns) / (double)(now - s->self_at_ns + 1);
	s->self_ns = self;
	s->self_at_ns = now;
	share *= 1e6 / s->nr_cpus;
	return share < 4e9 ? (uint32_t)share : 4000000000u;
}

static uint32_t bits_of(enum budget_level level)
{
	if (level >= BUDGET_NO_ORDER)
		return LK_GATE_INIT;
	if (level >= BUDGET_NO_HOLDS)
		return LK_GATE_SLEEP | LK_GATE_INIT;
	return level >= BUDGET_NO_SPIN ? LK_GATE_ALL & ~LK_GATE_SPIN : LK_GATE_ALL;
}

static int emit(struct spend *s, enum budget_level level, bool on, uint64_t now, uint32_t cost)
{
	static const enum lk_shed what[BUDGET_LEVELS] = {
		[BUDGET_NO_SPIN] = LK_SHED_SPIN, [BUDGET_NO_HOLDS] = LK_SHED_HOLDS,
		[BUDGET_SLICES] = LK_SHED_SLICES, [BUDGET_NO_ORDER] = LK_SHED_ORDER };
	struct lk_event ev = { .kind = LK_EV_SHED, .shed = {
		.time_ns = now, .what = what[level], .on = on, .cause = LK_SHED_BUDGET,
		.cost_ppm = cost, .allowed_ppm = s->budget.allowed_ppm } };

	return sink_emit(s->gates->sink, &ev);
}

static struct hooks *hooks_of(const struct spend *s)
{
	struct hooks *h = s->gates->tiers->hooks;

	return h && hooks_object(h) ? h : NULL;
}

/* Are hooks on their way off or on? */
static bool moving(const struct spend *s)
{
	return hooks_of(s) && !hooks_settled(hooks_of(s));
}

/* The gates for the level that it is now, which was @before. */
static int change(struct spend *s, enum budget_level before, uint32_t cost)
{
	enum budget_level level = s->budget.level;
	uint64_t now = kernel_now_ns();

	if (!gates_set(s->gates, bits_of(level))) {
		s->active = false;	/* they stay down */
		return level == BUDGET_NO_ORDER || before == BUDGET_NO_ORDER ? 0 :
		       emit(s, BUDGET_NO_ORDER, false, now, cost);
	}
	s->in_slice = true;
	s->slice_ns = now + SLICE_NS;
	return level > before ? emit(s, level, false, now, cost) : emit(s, before, true, now, cost);
}

/* Hooks go when their gates are closed. */
static int shed(struct spend *s, enum budget_level before, uint32_t cost)
{
	int err = change(s, before, cost);

	if (s->active && hooks_of(s))
		hooks_want(hooks_of(s), bits_of(s->budget.level));
	return err;
}

/* Gates open when their hooks are there; see hooks_back(). */
static void retake(struct spend *s, enum budget_level before, uint32_t cost)
{
	s->retaking = true;
	s->before = before;
	s->cost_ppm = cost;
	if (hooks_of(s))
		hooks_want(hooks_of(s), bits_of(s->budget.level));
}

static int hooks_back(struct spend *s)
{
	uint32_t missing = hooks_of(s) ? bits_of(s->budget.level) & ~hooks_have(hooks_of(s)) : 0;
	uint64_t now;

	s->retaking = false;
	if (missing) {
		budget_refused(&s->budget);
		return 0;
	}
	now = kernel_now_ns();
	budget_retaken(&s->budget, now);
	s->next_ns = now + BUDGET_PERIOD_NS;	/* as at the start: all that is known is looked at anew first */
	return change(s, s->before, s->cost_ppm);
}

/* In slices: on, or off. */
static int next_slice(struct spend *s, uint64_t now)
{
	s->in_slice = !s->in_slice;
	s->slice_ns = now + (s->in_slice ? SLICE_NS : SLICES_NS - SLICE_NS);
	if (gates_set(s->gates, s->in_slice ? bits_of(BUDGET_SLICES) : LK_GATE_INIT))
		return 0;
	s->active = false;
	return emit(s, BUDGET_NO_ORDER, false, now, 0);
}

int spend_check(struct spend *s)
{
	enum budget_level before = s->budget.level;
	uint64_t now;
	uint32_t cost;
	int err = 0;

	if (!s->active)
		return 0;
	now = kernel_now_ns();
	if (before == BUDGET_SLICES && !s->retaking && now >= s->slice_ns)
		err = next_slice(s, now);
	if (err)
		return err;
	if (moving(s)) {	/* neither what it was nor what it will be can be measured */
		s->self_at_ns = now;
		s->self_ns = self_ns();
		return 0;
	}
	if (s->retaking)
		return hooks_back(s);
	if (now < s->next_ns)
		return 0;
	if (!s->begin_ns || s->stats_fd < 0) {
		measure_begin(s, now);
		return 0;
	}
	cost = measure_end(s);
	if (budget_measured(&s->budget, now, cost) && s->budget.level > before)
		err = shed(s, before, cost);
	else if (s->budget.level < before)
		retake(s, before, cost);
	s->next_ns = s->begin_ns + budget_period_ns(&s->budget);
	return err;
}

int spend_timeout(const struct spend *s, int timeout_ms)
{
	uint64_t now, due;
	int ms;

	if (!s->active)
		return timeout_ms;
	now = kernel_now_ns();
	due = moving(s) ? now + LOOK_NS : s->next_ns;
	if (s->budget.level == BUDGET_SLICES && !s->retaking && s->slice_ns < due)
		due = s->slice_ns;
	ms = due > now ? (int)((due - now) / MSEC) + 1 : 0;
	return timeout_ms < 0 || ms < timeout_ms ? ms : timeout_ms;
}

void spend_end(struct spend *s)
{
	if (s->gates && hooks_of(s))
		hooks_settle(hooks_of(s));
	if (s->active && s->stats_fd >= 0)
		close(s->stats_fd);
	s->active = false;
}
