/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each kind of thread does in its turns, and how it measures itself.
 *
 * A waiter of LOAD_HELD comes when the lock is already held, so its one call
 * blocks by construction. A waiter of LOAD_LONG cannot know when the holder is
 * inside: it calls until one call took long and slept meanwhile.
 */
#ifndef TURNS_H
#define TURNS_H

#include <sched.h>
#include <sys/resource.h>

#include "race.h"

static void count_op(struct worker *w, uint64_t ns, bool blocked)
{
	w->ops++;
	w->blocked += blocked;
	w->lost_ns += blocked ? ns : 0;
	w->max_ns = ns > w->max_ns ? ns : w->max_ns;
}

static int hold_once(struct load *l)
{
	uint64_t start = now_ns();
	int err;

	atomic_store(&l->entered, true);
	err = l->opts.scen->hold(l);
	atomic_store(&l->left, true);
	l->held_ns += now_ns() - start;
	return err;
}

static void *holder_body(void *arg)
{
	struct worker *w = arg;
	unsigned int n = 0;

	crew_hello(w);
	while (crew_turn(w, ++n)) {
		w->err = hold_once(w->load) ?: w->err;
		w->ops++;
		crew_turn_over(w->load);
	}
	return NULL;
}

static void held_turn(struct load *l, struct worker *w)
{
	uint64_t start = now_ns();

	w->err = l->opts.scen->op(l, w) ?: w->err;
	count_op(w, now_ns() - start, true);
}

/* How often this thread has gone to sleep by itself, not because its time was up. */
static long sleeps(void)
{
	struct rusage ru;

	return getrusage(RUSAGE_THREAD, &ru) ? 0 : ru.ru_nvcsw;
}

static void long_turn(struct load *l, struct worker *w)
{
	bool blocked = false;
	uint64_t start, ns;
	long slept;

	while (!atomic_load(&l->entered) && !atomic_load(&l->stop))
		sched_yield();
	while (!blocked && !atomic_load(&l->left) && !atomic_load(&l->stop)) {
		slept = sleeps();
		start = now_ns();
		w->err = l->opts.scen->op(l, w) ?: w->err;
		ns = now_ns() - start;
		blocked = ns >= LOAD_BLOCKED_NS && sleeps() > slept;
		count_op(w, ns, blocked);
		if (!blocked)
			sched_yield();
	}
}

static void *waiter_body(void *arg)
{
	struct worker *w = arg;
	struct load *l = w->load;
	unsigned int n = 0;

	crew_hello(w);
	while (crew_turn(w, ++n)) {
		if (l->opts.scen->kind == LOAD_HELD)
			held_turn(l, w);
		else
			long_turn(l, w);
		crew_turn_over(l);
	}
	return NULL;
}

/*
 * Spread the racers over the CPUs we may use: a scheduler that packs them on one
 * (virtual machines do) would leave nothing to contend for.
 */
static void take_cpu(unsigned int index)
{
	cpu_set_t all, one;
	int cpu, skip;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	skip = (int)index % CPU_COUNT(&all);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || skip--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		(void)sched_setaffinity(0, sizeof(one), &one);	/* then it races where it is */
		return;
	}
}

static void *racer_body(void *arg)
{
	struct worker *w = arg;
	struct load *l = w->load;
	uint64_t todo = l->opts.ops * (l->opts.solo ? l->opts.waiters : 1);

	crew_hello(w);
	take_cpu(w->index);
	if (crew_turn(w, 1)) {
		while (todo-- && !w->err && !(w->ops % 64 == 0 && atomic_load(&l->stop))) {
			w->err = l->opts.scen->op(l, w);
			w->ops++;
		}
		crew_turn_over(l);
	}
	return NULL;
}

static void *parked_body(void *arg)
{
	struct worker *w = arg;

	w->parked = true;
	crew_hello(w);
	w->err = w->load->opts.scen->idle(w->load, w);
	return NULL;
}

/* The silent twin: the holder's call, then the waiters', one after the other. */
static void *solo_body(void *arg)
{
	struct worker *w = arg, as = { 0 };
	struct load *l = w->load;
	unsigned int n = 0;

	crew_hello(w);
	while (crew_turn(w, ++n)) {
		w->err = hold_once(l) ?: w->err;
		w->ops++;
		for (as.index = 0; as.index < l->opts.waiters; as.index++) {
			w->err = l->opts.scen->op(l, &as) ?: w->err;
			w->ops++;
		}
		crew_turn_over(l);
	}
	return NULL;
}

static int add_thread(struct load *l, unsigned int index, const char *name, bool numbered,
		      void *(*body)(void *))
{
	struct worker *w = &l->worker[l->nr_workers];

	w->index = index;
	if (numbered)
		snprintf(w->comm, sizeof(w->comm), "%.8s-%u", name, index);
	else
		snprintf(w->comm, sizeof(w->comm), "%.15s", name);
	l->nr_workers++;
	return crew_start(l, w, body);
}

static int start_threads(struct load *l)
{
	const struct load_opts *o = &l->opts;
	bool race = o->scen->kind == LOAD_RACE;
	unsigned int i;
	int err;

	if (o->solo)
		err = add_thread(l, 0, "lk-solo", false, race ? racer_body : solo_body);
	else
		err = race ? 0 : add_thread(l, 0, "lk-holder", false, holder_body);
	for (i = 0; i < o->waiters && !err && !o->solo; i++)
		err = add_thread(l, i, race ? "lk-race" : "lk-wait", true,
				 race ? racer_body : waiter_body);
	for (i = 0; i < (o->solo ? 1 : o->parked) && !err && o->scen->idle; i++)
		err = add_thread(l, i, "lk-park", true, parked_body);
	return err;
}

/* Has LOAD_LONG, which cannot make waiters block, seen enough that did? */
static bool blocked_enough(const struct load *l)
{
	uint64_t blocked = 0;
	unsigned int i;

	for (i = 1; i < l->nr_workers; i++)
		blocked += l->worker[i].blocked;
	return l->opts.solo || blocked >= l->opts.rounds ||
	       l->rounds_done >= l->opts.rounds * LOAD_LONG_STRETCH;
}

static bool more_rounds(const struct load *l)
{
	if (l->opts.scen->kind == LOAD_RACE)
		return !l->rounds_done;
	if (l->rounds_done < l->opts.rounds)
		return true;
	return l->opts.scen->kind == LOAD_LONG && !blocked_enough(l);
}

#endif /* TURNS_H */
