// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hot path in a loop, for tests/bpf/bench.c: the very functions of the
 * tracer, called ROUNDS times per test_run, so that the cost of the system call
 * vanishes. Beside it the floors: an empty loop, the clock, one hash look-up.
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

#define ROUNDS 32

char LICENSE[] SEC("license") = "GPL";
__u64 sink;

__noinline int one_begin(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lk_cpu_state *cs;
	__u32 level;

	cs = ctx_enter(task, &level);
	if (!cs)
		return 0;
	wait_begin(ctx, ctx->args[0], ctx->args[1] & LK_LCB_MASK, level, task, cs);
	ctx_leave(cs);
	return 0;
}

__noinline int one_end(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct lk_cpu_state *cs;
	__u32 level;

	cs = ctx_enter(task, &level);
	if (!cs)
		return 0;
	wait_end(ctx->args[0], now, level, task, cs);
	ctx_leave(cs);
	return 0;
}

SEC("?raw_tp")
int bench_pair(struct bpf_raw_tracepoint_args *ctx)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		one_begin(ctx);
		one_end(ctx);
	}
	return ROUNDS;
}

SEC("?raw_tp")
int bench_empty(struct bpf_raw_tracepoint_args *ctx)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		__sync_fetch_and_add(&sink, 1);
	return ROUNDS;
}

SEC("?raw_tp")
int bench_clock(struct bpf_raw_tracepoint_args *ctx)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		sink += bpf_ktime_get_ns();
	return ROUNDS;
}

SEC("?raw_tp")
int bench_hash(struct bpf_raw_tracepoint_args *ctx)
{
	struct lk_row_key key = { .lock = ctx->args[0] };
	int i;

	for (i = 0; i < ROUNDS; i++) {
		key.tid = i & 1;
		if (bpf_map_lookup_elem(&rows, &key))
			sink++;
	}
	return ROUNDS;
}

SEC("?raw_tp")
int bench_stack(struct bpf_raw_tracepoint_args *ctx)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		sink += bpf_get_stackid(ctx, &stacks, 0);
	return ROUNDS;
}

/* As in trace.bpf.c: where this CPU's preempt_count lies. */
SEC("?raw_tp")
int bench_base(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 0;
	cpu->runqueue = (__u64)BPF_CORE_READ(task, se.cfs_rq, rq);
	cpu->preempt_count = cpu->runqueue + cfg.preempt_off;
	return 1;
}
