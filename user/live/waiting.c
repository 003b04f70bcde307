// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits that have not ended, as events.
 */
#include <bpf/bpf.h>
#include <errno.h>
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

static int emit_waiting(struct resolver *r, const struct lk_sink *sink, const struct lk_wait *w,
			uint32_t cpu, uint64_t now)
{
	char comm[LK_COMM_LEN + 1], owner[LK_COMM_LEN + 1] = "";
	struct lk_event ev = { .kind = LK_EV_WAITING, .wait = {
		.lock = w->lock, .cgroup = w->cgroup, .start_ns = w->start_ns,
		.dur_ns = now > w->start_ns ? now - w->start_ns : 0,
		.tid = w->tid, .tgid = w->tgid, .stack = w->stack, .lcb = w->lcb, .ctx = w->ctx,
		.cpu = w->tid ? 0 : cpu, .owner_tid = w->owner_tid, .owner_tgid = w->owner_tgid,
		.owner_reader = w->owner_reader, .comm = comm, .owner_comm = owner } };
	int err;

	thread_comm(w->tid, cpu, comm, sizeof(comm));
	if (w->owner_tid)
		thread_comm(w->owner_tid, 0, owner, sizeof(owner));
	err = resolver_stack(r, sink, w->stack);
	if (!err && w->cgroup)
		err = resolver_cgroup(r, sink, w->cgroup);
	if (!err)
		err = resolver_lock(r, sink, w->lock, true);
	return err ? err : sink_emit(sink, &ev);
}

int waiting_sleeping(const struct lk_wait *waiter, unsigned int nr, struct resolver *r,
		     const struct lk_sink *sink, uint64_t now_ns)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		if (waiter[i].slot && waiter[i].lock)
			err = emit_waiting(r, sink, &waiter[i], 0, now_ns);
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
				err = emit_waiting(r, sink, &v[c].level[l].slot[i], c + 1, now_ns);
out:
	free(v);
	return err;
}
