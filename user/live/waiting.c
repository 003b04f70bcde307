// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits that have not ended, as events: at the end of a trace, and in its course
 * for whoever shows what goes on.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../bpf/abi.h"
#include "kernel.h"
#include "resolve.h"
#include "waiting.h"

/* Name of a thread that waits and so still exists; "" if it has gone all the same. */
static void thread_comm(uint32_t tid, uint32_t cpu, char *comm, size_t size)
{
	char path[40];

	if (!tid) {
		snprintf(comm, size, "swapper/%u", (cpu ? cpu - 1 : 0) & 0xffff);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%u/comm", tid);
	kernel_read_line(path, comm, size);
}

/*
 * The same for a screen that asks every second about as many as a thousand: what was
 * read within the last seconds will do. A number that another thread has got since then
 * shows the old name for so long.
 */
#define COMMS_NR	16384		/* by the lowest bits of the thread's number */
#define COMMS_NS	10000000000ull

struct comms {
	struct {
		uint64_t read_ns;
		uint32_t tid;
		char comm[LK_COMM_LEN + 1];
	} v[COMMS_NR];
};

struct comms *comms_new(void)
{
	return calloc(1, sizeof(struct comms));
}

static void recent_comm(struct comms *c, uint32_t tid, uint32_t cpu, uint64_t now_ns, char *comm,
			size_t size)
{
	unsigned int i = tid % COMMS_NR;

	if (!c || !tid) {
		thread_comm(tid, cpu, comm, size);
		return;
	}
	if (c->v[i].tid != tid || now_ns - c->v[i].read_ns > COMMS_NS) {
		thread_comm(tid, cpu, c->v[i].comm, sizeof(c->v[i].comm));
		c->v[i].tid = tid;
		c->v[i].read_ns = now_ns;
	}
	snprintf(comm, size, "%s", c->v[i].comm);
}

static int emit_waiting(struct resolver *r, const struct lk_sink *sink, const struct lk_wait *w,
			struct comms *comms, uint32_t cpu, uint64_t now)
{
	char comm[LK_COMM_LEN + 1], owner[LK_COMM_LEN + 1] = "";
	struct lk_event ev = { .kind = LK_EV_WAITING, .wait = {
		.lock = w->lock, .cgroup = w->cgroup, .start_ns = w->start_ns,
		.dur_ns = now > w->start_ns ? now - w->start_ns : 0,
		.tid = w->tid, .tgid = w->tgid, .stack = w->stack, .lcb = w->lcb, .ctx = w->ctx,
		.cpu = w->tid ? 0 : cpu, .owner_tid = w->owner_tid, .owner_tgid = w->owner_tgid,
		.owner_reader = w->owner_reader, .comm = comm, .owner_comm = owner } };
	int err;

	recent_comm(comms, w->tid, cpu, now, comm, sizeof(comm));
	if (w->owner_tid)
		recent_comm(comms, w->owner_tid, 0, now, owner, sizeof(owner));
	err = resolver_stack(r, sink, w->stack);
	if (!err && w->cgroup)
		err = resolver_cgroup(r, sink, w->cgroup);
	if (!err)
		err = resolver_lock(r, sink, w->lock, true);
	return err ? err : sink_emit(sink, &ev);
}

/*
 * A copy of an entry that programs may be changing: its lock is the last thing to
 * be set and the first to be taken back, and a later wait begins later.
 */
static bool copy_waiter(const struct lk_wait *from, struct lk_wait *w)
{
	uint64_t lock = __atomic_load_n(&from->lock, __ATOMIC_ACQUIRE);
	uint64_t slot = __atomic_load_n(&from->slot, __ATOMIC_ACQUIRE);

	if (!lock || !slot)
		return false;
	*w = *from;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return w->lock == lock && __atomic_load_n(&from->lock, __ATOMIC_RELAXED) == lock &&
	       __atomic_load_n(&from->start_ns, __ATOMIC_RELAXED) == w->start_ns &&
	       __atomic_load_n(&from->slot, __ATOMIC_RELAXED) == slot && w->slot == slot;
}

int waiting_sleeping(const struct lk_wait *waiter, unsigned int nr, struct resolver *r,
		     struct comms *comms, const struct lk_sink *sink, uint64_t now_ns)
{
	struct lk_wait w;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		if (copy_waiter(&waiter[i], &w))
			err = emit_waiting(r, sink, &w, comms, 0, now_ns);
	return err;
}

int waiting_spinning(int cpus, unsigned int nr, struct resolver *r, const struct lk_sink *sink,
		     uint64_t now_ns)
{
	struct lk_cpu *v = calloc(nr, sizeof(*v));
	unsigned int c, l, i;
	uint32_t zero = 0;
	int err = 0;

	if (!v)
		return -ENOMEM;
	if (bpf_map_lookup_elem(cpus, &zero, v))
		goto out;		/* cannot happen: the key exists */
	for (c = 0; c < nr; c++)
		for (l = 0; l < LK_CTX_NR; l++)
			for (i = 0; i < v[c].level[l].depth && i < LK_NEST_MAX && !err; i++)
				if (v[c].level[l].slot[i].lock)	/* not one that is being filled */
					err = emit_waiting(r, sink, &v[c].level[l].slot[i], NULL,
							   c + 1, now_ns);
out:
	free(v);
	return err;
}
