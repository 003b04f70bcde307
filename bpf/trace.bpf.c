// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracer: one object, every program optional. Bodies are thin; the work is
 * in the headers, each of which owns one decision.
 *
 * Contention hooks are raw tracepoints, not tp_btf, because they still load
 * where a kernel refuses programs of the tracing type.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "abi.h"
#include "maps.bpf.h"
#include "peek.bpf.h"
#include "ctx.bpf.h"
#include "filter.bpf.h"
#include "owner.bpf.h"
#include "lockid.bpf.h"
#include "agg.bpf.h"
#include "wait.bpf.h"

#define WATCHDOG_GATE	enabled
#include "watchdog.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* lock:contention_begin(void *lock, unsigned int flags), since 5.19 (ee042be16cb4) */
SEC("?raw_tp/contention_begin")
int contention_begin(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task;
	struct lk_cpu_state *cs;
	__u32 level;

	if (!enabled)
		return 0;
	task = bpf_get_current_task_btf();
	cs = ctx_enter(task, &level);
	if (!cs)
		return 0;
	wait_begin(ctx, ctx->args[0], ctx->args[1] & LK_LCB_MASK, level, task, cs);
	ctx_leave(cs);
	return 0;
}

/* lock:contention_end(void *lock, int ret) */
SEC("?raw_tp/contention_end")
int contention_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task;
	struct lk_cpu_state *cs;
	__u32 level;
	__u64 now;

	if (!enabled)
		return 0;
	now = bpf_ktime_get_ns();	/* first: our own work is not waiting */
	task = bpf_get_current_task_btf();
	cs = ctx_enter(task, &level);
	if (!cs)
		return 0;
	wait_end(ctx->args[0], now, level, task, cs);
	ctx_leave(cs);
	return 0;
}

/* sched:sched_process_fork(parent, child): children of followed processes are followed. */
SEC("?raw_tp/sched_process_fork")
int follow_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *child = (struct task_struct *)ctx->args[1];
	struct task_struct *parent = (struct task_struct *)ctx->args[0];
	__u64 key = LK_TASK_TGID | (__u32)BPF_CORE_READ(parent, tgid);
	__u32 tgid = BPF_CORE_READ(child, tgid), one = 1;

	if (!bpf_map_lookup_elem(&tasks, &key))
		return 0;
	key = LK_TASK_TGID | tgid;
	if (bpf_map_update_elem(&tasks, &key, &one, BPF_ANY))
		stat_inc(LK_STAT_TASKS_FULL);
	return 0;
}

/* sched:sched_process_exit(task): the last thread takes its process off the list. */
SEC("?raw_tp/sched_process_exit")
int follow_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	__u64 key = LK_TASK_TGID | (__u32)BPF_CORE_READ(task, tgid);

	if (BPF_CORE_READ(task, signal, live.counter) == 0)
		bpf_map_delete_elem(&tasks, &key);
	return 0;
}

/* The run queue of this CPU, not checked yet; 0 if there is no way to it. */
static __always_inline __u64 runqueue_of(struct task_struct *task, __u32 cpu)
{
	__u64 offset = 0;
	struct cfs_rq *cfs;

	if (bpf_core_field_exists(task->se.cfs_rq)) {	/* CONFIG_FAIR_GROUP_SCHED */
		cfs = BPF_CORE_READ(task, se.cfs_rq);
		return (__u64)BPF_CORE_READ(cfs, rq);
	}
	if (!cfg.per_cpu_offset || !cfg.runqueues)
		return 0;
	bpf_probe_read_kernel(&offset, sizeof(offset), (const __u64 *)cfg.per_cpu_offset + cpu);
	return offset ? cfg.runqueues + offset : 0;
}

/*
 * Run once on each CPU by user space (test_run): note where this CPU's run queue
 * and preempt_count lie. current's scheduling entity leads there without any
 * symbol; else two data symbols do. rq->cpu proves that it is the right place.
 */
SEC("?raw_tp")
int percpu_base(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 zero = 0, number = bpf_get_smp_processor_id();
	__u64 rq = runqueue_of(bpf_get_current_task_btf(), number);
	struct lk_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);

	if (!cpu || !rq || BPF_CORE_READ((struct rq *)rq, cpu) != number)
		return 0;
	cpu->runqueue = rq;
	if (cfg.preempt_off)
		cpu->preempt_count = rq + cfg.preempt_off;
	cpu->current_task = percpu_current(rq);
	return 1;
}

static long reset_waiter(__u32 i, void *arg)
{
	struct lk_wait *w = bpf_map_lookup_elem(&waiters, &i);

	(void)arg;
	if (!w)
		return 1;
	w->lock = 0;
	w->slot = 0;
	return 0;
}

static long reset_cpu(__u32 i, void *arg)
{
	__u32 zero = 0, level;
	struct lk_cpu *cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, i);

	(void)arg;
	if (!cpu)
		return 1;
	for (level = 0; level < LK_CTX_NR; level++)
		cpu->level[level].depth = 0;
	return 0;
}

/*
 * Run by user space while the gate is down and no hook runs: waits that have begun may
 * have ended unseen. Their tasks' next end would make one long wait of it.
 */
SEC("?syscall")
int wait_reset(void *ctx)
{
	(void)ctx;
	bpf_loop(1 << 23, reset_waiter, NULL, 0);
	bpf_loop(1 << 16, reset_cpu, NULL, 0);
	return 0;
}
