// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks that a closed gate makes useless cost what it takes to get into their programs
 * and out again. So they are taken off, and put back before the gate opens: by a thread,
 * since the kernel waits for its tasks after each one that goes.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "../../bpf/abi.h"
#include "hooks_priv.h"

/* The gates that the hooks of a row are behind; those of hooks_got() are behind LK_GATE_HOLD, too. */
static uint32_t gates_of(unsigned int row)
{
	if (order_fns[row].op == LK_OP_INIT)
		return LK_GATE_INIT;
	return order_spins(order_fns[row].prim) ? LK_GATE_SPIN : LK_GATE_SLEEP;
}

static bool wanted(const struct hooks *o, unsigned int row, bool got)
{
	uint32_t gates = gates_of(row) | (got ? LK_GATE_HOLD : 0);

	return (gates & o->park.want) == gates;
}

/* Take off what is not wanted of a row. */
static void take_off(struct hooks *o, unsigned int row)
{
	struct hooks_link *link = &o->link[row];

	if (!wanted(o, row, false)) {
		hooks_drop_links(link);
	} else if (!wanted(o, row, true)) {
		bpf_link__destroy(link->got);
		link->got = NULL;
	}
}

/* Before anything that gives locks back, whatever takes them. */
static void take_all_off(struct hooks *o)
{
	unsigned int row, release;

	for (release = 0; release < 2; release++)
		for (row = 0; row < LK_ROW_NR && !o->park.quit; row++)
			if (order_is_release(row) == release)
				take_off(o, row);
}

/* The part of a step (hooks_priv.h) that a row has. 0 or -errno. */
static int put_row(struct hooks *o, unsigned int row, int step)
{
	struct hooks_link *link = &o->link[row];
	bool at_exit = step == HOOKS_MULTI_EXIT;
	struct bpf_link **at = at_exit ? &link->leave : &link->enter;

	if (!wanted(o, row, false))
		return 0;
	if (hooks_in_step(o, row, step) && !*at) {
		*at = hooks_attach_one(o, row, at_exit);
		if (!*at)
			return -errno;
	}
	if (!at_exit || !wanted(o, row, true) || !hooks_got(o, row) || o->untimed[row] || link->got)
		return 0;
	link->got = bpf_program__attach(hooks_got(o, row));
	return link->got ? 0 : -errno;
}

static int put_all(struct hooks *o)
{
	unsigned int row;
	int step, err = 0;

	for (step = HOOKS_MULTI_RELEASE; step < HOOKS_MULTI_NR; step++)
		for (row = 0; row < LK_ROW_NR && !err && !o->park.quit; row++)
			err = o->plan.row[row] ? put_row(o, row, step) : 0;
	return err;
}

static void *work(void *arg)
{
	struct hooks *o = arg;

	take_all_off(o);
	if (put_all(o)) {
		o->park.want &= o->park.have;
		take_all_off(o);
	}
	o->park.have = o->park.want;
	o->park.settled = true;
	return NULL;
}

/* Signals are for the others. Without a thread, the work is done here. */
static void start(struct hooks *o)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	o->park.threaded = !pthread_create(&o->park.thread, NULL, work, o);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!o->park.threaded)
		work(o);
}

static void join(struct hooks *o)
{
	if (o->park.threaded)
		pthread_join(o->park.thread, NULL);
	o->park.threaded = false;
}

void hooks_want(struct hooks *o, uint32_t gates)
{
	join(o);
	if (o->plan.mode != ORDER_MODE_FENTRY || gates == o->park.have)
		return;
	o->park.want = gates;
	o->park.settled = false;
	start(o);
}

bool hooks_settled(const struct hooks *o)
{
	return o->park.settled;
}

uint32_t hooks_have(const struct hooks *o)
{
	return o->park.have;
}

void hooks_settle(struct hooks *o)
{
	o->park.quit = true;
	join(o);
}
