// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bodies of the order tier's hooks as programs that test_run can call with
 * invented locks and call sites, for tests/bpf/order_test.c and order_bench.c. Beside
 * them some memory that can play the part of a real lock.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "abi.h"
#include "lockfns.h"
#include "common.bpf.h"
#include "order_maps.bpf.h"
#include "peek.bpf.h"
#include "ctx.bpf.h"
#include "filter.bpf.h"
#include "held.h"
#include "verify.bpf.h"
#include "lockrule.bpf.h"
#include "classkey.bpf.h"
#include "order_ctx.bpf.h"
#include "order_upon.bpf.h"
#include "order_stack.bpf.h"
#include "order_send.bpf.h"
#include "lockid.bpf.h"
#include "agg.bpf.h"
#include "order_hold.bpf.h"
#include "order_args.bpf.h"
#include "order_hot.bpf.h"
#include "order_note.bpf.h"
#include "order_wait.bpf.h"
#include "order_task.bpf.h"
#include "watch.bpf.h"
#include "order_reset.bpf.h"
#define WATCHDOG_GATE	order_enabled
#include "watchdog.bpf.h"

char LICENSE[] SEC("license") = "GPL";

__u64 fake[512];		/* words of locks that the test makes up */
__u64 fake_at;		/* where the kernel sees them */
__u64 self;		/* the current task */

SEC("?raw_tp")
int t_where(struct bpf_raw_tracepoint_args *ctx)
{
	fake_at = (__u64)fake;
	self = bpf_get_current_task();
	return 0;
}

/* As on_acquire() and on_release() in order.bpf.c. */
static __always_inline int take(void *ctx, __u64 lock, __u64 site, __u64 meta)
{
	__u64 left;

	if (order_cfg.sample_mask)
		order_sample(lock, site, meta);
	left = hot_take(lock, site, meta, NULL, 0);
	return left ? order_acquire(ctx, lock, site, meta | left, 0) : 0;
}

static __always_inline int drop(void *ctx, __u64 lock, __u64 meta)
{
	return hot_drop(ctx, lock, meta) ? 0 : order_release(ctx, lock, meta, 0);
}

/* args: lock, site, meta */
SEC("?raw_tp")
int t_acquire(struct bpf_raw_tracepoint_args *ctx)
{
	return gate_up(META_PRIM(ctx->args[2])) ? take(ctx, ctx->args[0], ctx->args[1], ctx->args[2]) : 0;
}

SEC("?raw_tp")
int t_release(struct bpf_raw_tracepoint_args *ctx)
{
	return gate_up(META_PRIM(ctx->args[2])) ? drop(ctx, ctx->args[0], ctx->args[2]) : 0;
}

__u32 upon_runs;		/* of a release program that an interrupt has come upon */

/* args: is it known on this CPU? */
SEC("?raw_tp")
int t_upon(struct bpf_raw_tracepoint_args *ctx)
{
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 0;
	if (ctx->args[0])
		cpu->upon[1] = (__u64)&upon_runs;
	else
		cpu->upon[1] = 0;
	return 1;
}

SEC("?raw_tp")
int t_undo(struct bpf_raw_tracepoint_args *ctx)
{
	return order_undo(ctx->args[0], ctx->args[2]);
}

SEC("?raw_tp")
int t_downgrade(struct bpf_raw_tracepoint_args *ctx)
{
	return order_downgrade(ctx, ctx->args[0], LK_ROW_downgrade_write);
}

/* args: lock, -, meta */
SEC("?raw_tp")
int t_stamp(struct bpf_raw_tracepoint_args *ctx)
{
	return order_cfg.hold_times ? order_stamp(ctx->args[0], ctx->args[2]) : 0;
}

/* args: row, ok */
SEC("?raw_tp")
int t_resolve(struct bpf_raw_tracepoint_args *ctx)
{
	struct lk_held h = {};

	return order_resolve(ctx->args[0], ctx->args[1], &h);
}

SEC("?raw_tp")
int t_wait(struct bpf_raw_tracepoint_args *ctx)
{
	return order_wait(ctx, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

SEC("?raw_tp")
int t_wait_end(struct bpf_raw_tracepoint_args *ctx)
{
	return order_wait_end();
}

SEC("?raw_tp")
int t_complete(struct bpf_raw_tracepoint_args *ctx)
{
	return order_complete(ctx, ctx->args[0], ctx->args[1], ctx->args[2], 0);
}

/* args: lock, name, site, primitive, of a wait queue? */
SEC("?raw_tp")
int t_init(struct bpf_raw_tracepoint_args *ctx)
{
	return order_init(ctx->args[0], ctx->args[1], ctx->args[2], ctx->args[3], ctx->args[4]);
}

SEC("?raw_tp")
int t_flush(struct bpf_raw_tracepoint_args *ctx)
{
	return order_flush(ctx->args[0]);
}

__u64 device_mutex_off, device_ktype_off, list_off;	/* where these are in this kernel */

SEC("?raw_tp")
int t_offsets(struct bpf_raw_tracepoint_args *ctx)
{
	device_mutex_off = bpf_core_field_offset(struct device, mutex);
	device_ktype_off = bpf_core_field_offset(struct device, kobj.ktype);
	list_off = bpf_core_field_offset(struct wait_queue_head, head);
	return 0;
}

/* As in trace.bpf.c: where this CPU's preempt_count lies. */
SEC("?raw_tp")
int t_base(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 0;
	cpu->runqueue = (__u64)BPF_CORE_READ(task, se.cfs_rq, rq);
	if (cfg.preempt_off)
		cpu->preempt_count = cpu->runqueue + cfg.preempt_off;
	cpu->current_task = percpu_current(cpu->runqueue);
	return 1;
}

/*
 * Loops for the benchmark: args as above, so many pairs per run that the system call
 * vanishes.
 */
#define PAIRS 1024

static __always_inline long take_and_drop(struct bpf_raw_tracepoint_args *ctx, __u32 site)
{
	take(ctx, ctx->args[0], ctx->args[1] + site, ctx->args[2]);
	drop(ctx, ctx->args[0], ctx->args[2]);
	return 0;
}

static long one_pair(__u32 i, void *arg)
{
	return take_and_drop(*(void **)arg, 0);
}

SEC("?raw_tp")
int bench_order(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_loop(PAIRS, one_pair, &ctx, 0);
	return PAIRS;
}

/* The same with what this CPU has found to be known forgotten each time. */
static long one_pair_missed(__u32 i, void *arg)
{
	tag_gen++;
	return take_and_drop(*(void **)arg, 0);
}

SEC("?raw_tp")
int bench_order_miss(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_loop(PAIRS, one_pair_missed, &ctx, 0);
	return PAIRS;
}

/* Two locks, released in the order in which they were taken. */
static long one_crossed(__u32 i, void *arg)
{
	struct bpf_raw_tracepoint_args *ctx = *(void **)arg;
	__u64 second = ctx->args[0] + 64;

	take(ctx, ctx->args[0], ctx->args[1], ctx->args[2]);
	take(ctx, second, ctx->args[1], ctx->args[2]);
	drop(ctx, ctx->args[0], ctx->args[2]);
	drop(ctx, second, ctx->args[2]);
	return 0;
}

SEC("?raw_tp")
int bench_order_crossed(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_loop(PAIRS / 2, one_crossed, &ctx, 0);
	return PAIRS;
}

#define NEW_ORDERS 64

__u32 new_site;

/* Each from a call site of its own, so that all are new orders. */
static long one_new(__u32 i, void *arg)
{
	return take_and_drop(*(void **)arg, new_site++);
}

SEC("?raw_tp")
int bench_order_new(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_loop(NEW_ORDERS, one_new, &ctx, 0);
	return NEW_ORDERS;
}

/* Where the task has locks that lie in slabs, for look-ups of classes that are not made up. */
__u64 task_lock_at, signal_mutex_at;

SEC("?raw_tp")
int t_task_locks(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	task_lock_at = (__u64)&task->alloc_lock;
	signal_mutex_at = (__u64)&task->signal->cred_guard_mutex;
	return 0;
}

static long no_pair(__u32 i, void *arg)
{
	return 0;
}

SEC("?raw_tp")
int bench_loop(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_loop(PAIRS, no_pair, &ctx, 0);
	return PAIRS;
}
