// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lockdep tier, for kernels with CONFIG_LOCKDEP: the exact class, mode and held
 * stack of every lock from the tracepoints lock:lock_acquire and lock:lock_release,
 * which keep firing when lockdep has switched itself off at its first report.
 *
 * One guard per CPU keeps the programs out of each other. The kernel does not run a
 * program inside of itself either, so an interrupt in the midst of one would have
 * half of its events lost: acquisitions without their releases, or the reverse. The
 * guard drops the other half, and counts.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#define __VMLINUX_H__		/* registers by the kernel's names */
#include <bpf/bpf_tracing.h>
#include "abi.h"
#include "lockdep_maps.bpf.h"
#include "filter.bpf.h"
#include "lockdep_class.bpf.h"
#include "lockdep_held.bpf.h"
#include "lockdep_note.bpf.h"
#include "lockdep_odd.bpf.h"
#include "lockdep_reset.bpf.h"

#define WATCHDOG_GATE	lockdep_enabled
#include "watchdog.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Where an event takes place. */
struct lkd_here {
	struct lkd_stack *st;
	struct lkd_cpu *cpu;
	struct lk_cpu_state *state;
	__u32 level;
};

/* False: not to be followed. Else pair with lkd_leave(). */
static __always_inline bool lkd_enter(struct lkd_here *here)
{
	struct task_struct *task;
	struct lk_cpu *cpu;
	__u32 zero = 0;

	if (!lockdep_enabled)
		return false;
	task = bpf_get_current_task_btf();
	here->level = lkd_level(task);
	if (here->level >= LK_CTX_NMI)
		return false;
	cpu = bpf_map_lookup_elem(&cpus, &zero);
	here->cpu = bpf_map_lookup_elem(&lkd_cpus, &zero);
	if (!cpu || !here->cpu)
		return false;
	if (here->cpu->running) {
		if (here->cpu->running - 1 < here->level)
			stat_inc(LK_STAT_ORDER_RECURSION);
		return false;	/* at the same level: a lock of our own, no loss */
	}
	here->state = &cpu->level[here->level & (LK_CTX_NR - 1)];
	if (here->state->busy || here->state->order_task == (__u64)task)
		return false;	/* a lock of the other tiers, taken and released in there: no loss */
	here->cpu->running = here->level + 1;
	here->state->busy = 1;
	lkd_drop_above(here->cpu, here->level);
	here->st = here->level == LK_CTX_TASK ? lkd_task_stack(task) :
						lkd_irq_stack(here->cpu, here->level);
	if (!here->st || here->st->state & LKD_UNWANTED) {
		here->state->busy = 0;
		here->cpu->running = 0;
		return false;
	}
	if (here->st->state & LKD_FRESH) {
		if (lkd_trust())
			lkd_refresh(here->st, here->level);
		here->st->state &= ~LKD_FRESH;
	}
	return true;
}

static __always_inline void lkd_leave(struct lkd_here *here)
{
	here->state->busy = 0;
	here->cpu->running = 0;
}

/*
 * Is there something to tell of entry @at? Not where the stack cannot be believed: in
 * interrupts a release is lost that falls into our program's first or last instructions,
 * so what they hold is told of only while lockdep's own stack confirms it.
 */
static __always_inline bool lkd_telling(struct lkd_stack *st, __u32 at, __u32 level)
{
	struct lk_held *e = lkd_at(st, at);

	if (!e || !at || e->flags & (LK_HOLD_TRY | LK_HOLD_NOCHECK) ||
	    st->state & LKD_SUSPECT || lkd_known(e))
		return false;
	if (level == LK_CTX_TASK || lkd_trust())
		return true;
	stat_inc(LK_STAT_LOCKDEP_OFF);
	return false;
}

/* Put @e on top and tell of it if it is new; before that, see that what is below is true. */
static __always_inline void lkd_take(struct lkd_stack *st, struct lk_held *e, __u32 level,
				     __u64 nest)
{
	if (!lkd_push(st, e) || e->epoch & LKD_UNTOLD)
		return;
	if (!lkd_telling(st, st->depth - 1, level))
		return;
	if (lkd_trust()) {
		st->depth--;
		lkd_refresh(st, level);
		if (!lkd_push(st, e))
			return;
	}
	lkd_note(st, st->depth - 1, level, e->site, nest);
}

/*
 * Make up for the entry on top, if it is the first of its class ever: by now lockdep has
 * registered the class. Nothing was missed meanwhile, for no edge leads on from such a class.
 * The stack in the record is that of the event which comes after the acquisition.
 */
static __always_inline void lkd_settle(struct lkd_stack *st, __u32 level, __u64 ip)
{
	struct lk_held *top = lkd_at(st, st->depth - 1);
	__u64 lock;

	if (!top || !(top->epoch & LKD_UNTOLD))
		return;
	top->epoch &= ~LKD_UNTOLD;
	lock = top->lock;
	lkd_describe(lock, top->key, (top->key - lkd_base_key((struct lockdep_map *)lock)) & 7, 1);
	if (!lkd_telling(st, st->depth - 1, level))
		return;
	if (lkd_trust())
		lkd_refresh(st, level);
	top = lkd_at(st, st->depth - 1);
	if (top && top->lock == lock)
		lkd_note(st, st->depth - 1, level, ip, 0);
}

static __always_inline bool lkd_nested(struct lkd_stack *st, __u64 key)
{
	struct lk_held *top = lkd_at(st, st->depth - 1);

	if (!top || top->key != key)
		return false;
	if (!(top->epoch & LKD_REFS))
		top->epoch++;
	top->epoch++;
	return true;
}

/* lock:lock_acquire(lock, subclass, trylock, read, check, nest_lock, ip) */
SEC("?raw_tp/lock_acquire")
int lockdep_acquire(struct bpf_raw_tracepoint_args *ctx)
{
	struct lkd_here here;
	struct lk_held e = {};
	__u64 base;

	if (ctx->args[0] == lockdep_cfg.rcu_lock_map || !lkd_enter(&here))
		return 0;
	base = lkd_base_key((struct lockdep_map *)ctx->args[0]);
	if (base == lockdep_cfg.no_track)
		goto out;
	e.lock = ctx->args[0];
	e.site = ctx->args[6];
	e.key = base + (__u32)ctx->args[1];
	e.prim = LK_PRIM_LOCKDEP;
	e.read = ctx->args[3];
	if (!(__u32)ctx->args[4]) {
		lkd_describe(e.lock, e.key, ctx->args[1], 1);
		lkd_set_unchecked(e.key);
		goto out;
	}
	lkd_settle(here.st, here.level, ctx->args[6]);
	if (lkd_describe(e.lock, e.key, ctx->args[1], 0) == 0)
		e.epoch = LKD_UNTOLD;
	if ((__u32)ctx->args[2])
		e.flags |= LK_HOLD_TRY;
	if (base == lockdep_cfg.no_validate)
		e.flags |= LK_HOLD_NOCHECK;
	if (ctx->args[5])
		e.flags |= LK_HOLD_NEST;
	if (!ctx->args[5] || !lkd_nested(here.st, e.key))
		lkd_take(here.st, &e, here.level, ctx->args[5]);
out:
	lkd_leave(&here);
	return 0;
}

struct lkd_above {
	struct lkd_stack *st;
	__u64 ip;
	__u32 at, level;
};

static long lkd_shift_step(__u32 i, struct lkd_above *a)
{
	struct lk_held *to = lkd_at(a->st, a->at + i), *from = lkd_at(a->st, a->at + i + 1);

	if (!to || !from)
		return 1;
	*to = *from;
	return 0;
}

static long lkd_renew_step(__u32 i, struct lkd_above *a)
{
	lkd_rehash(a->st, a->at + i);
	if (lkd_telling(a->st, a->at + i, a->level))
		lkd_note(a->st, a->at + i, a->level, a->ip, 0);
	return 0;
}

/* What lies from @a->at on lies on something else now: chain it anew and, as lockdep does, tell again. */
static __always_inline void lkd_renew(struct lkd_above *a)
{
	if (a->at < a->st->depth)
		bpf_loop(a->st->depth - a->at, lkd_renew_step, a, 0);
}

/* Take entry @at out. */
static __always_inline void lkd_remove(struct lkd_stack *st, __u32 at, __u32 level, __u64 ip)
{
	struct lkd_above a = { .st = st, .ip = ip, .at = at, .level = level };

	if (st->depth > at + 1) {
		bpf_loop(st->depth - at - 1, lkd_shift_step, &a, 0);
		st->depth--;
		lkd_renew(&a);
	} else if (st->depth) {
		st->depth--;
	}
	if (!st->depth)
		st->state &= ~LKD_SUSPECT;
}

/* lock:lock_release(lock, ip) */
SEC("?raw_tp/lock_release")
int lockdep_release(struct bpf_raw_tracepoint_args *ctx)
{
	struct lkd_here here;
	struct lk_held *e;
	__u64 base;
	__u32 at;

	if (ctx->args[0] == lockdep_cfg.rcu_lock_map || !lkd_enter(&here))
		return 0;
	base = lkd_base_key((struct lockdep_map *)ctx->args[0]);
	if (base == lockdep_cfg.no_track)
		goto out;
	lkd_settle(here.st, here.level, ctx->args[1]);
	at = lkd_find(here.st, ctx->args[0], base);
	if (at >= LKD_HELD_MAX && lkd_trust() && !lkd_is_unchecked(base)) {
		lkd_refresh(here.st, here.level);
		at = lkd_find(here.st, ctx->args[0], base);
	}
	e = lkd_at(here.st, at);
	if (!e) {
		lkd_unmatched(here.st, ctx->args[0], base, here.level, ctx->args[1]);
		goto out;
	}
	if (e->epoch & LKD_REFS) {
		e->epoch--;
		if (e->epoch & LKD_REFS)
			goto out;
	}
	lkd_remove(here.st, at, here.level, ctx->args[1]);
out:
	lkd_leave(&here);
	return 0;
}

/*
 * lock_downgrade() has no tracepoint, and a kprobe there is refused where it cannot be
 * traced by ftrace; its only user can be hooked. A kprobe, for those run unpreempted,
 * as the guard needs it.
 */
SEC("?kprobe/downgrade_write")
int lockdep_downgrade(struct pt_regs *ctx)
{
	struct rw_semaphore___lockdep *sem = (void *)PT_REGS_PARM1(ctx);
	__u64 map = (__u64)__builtin_preserve_access_index(&sem->dep_map);
	struct lkd_above a = { .ip = PT_REGS_IP(ctx) };
	struct lkd_here here;
	struct lk_held *e;

	if (!lkd_enter(&here))
		return 0;
	a.st = here.st;
	a.level = here.level;
	a.at = lkd_find(here.st, map, 0);
	e = lkd_at(here.st, a.at);
	if (e) {
		e->read = LK_READ;
		e->flags |= LK_HOLD_DOWNGRADED;
		lkd_renew(&a);
	}
	lkd_leave(&here);
	return 0;
}

/* lock_sync(), since 6.5: waits for all holders, holds nothing. Its only user is SRCU. */
SEC("?kprobe/__synchronize_srcu")
int lockdep_sync(struct pt_regs *ctx)
{
	struct srcu_struct *ssp = (void *)PT_REGS_PARM1(ctx);
	struct lkd_here here;
	struct lk_held e = {};

	if (!lkd_enter(&here))
		return 0;
	e.lock = (__u64)__builtin_preserve_access_index(&ssp->dep_map);
	e.site = PT_REGS_IP(ctx);
	e.key = lkd_base_key((struct lockdep_map *)e.lock);
	e.prim = LK_PRIM_LOCKDEP;
	lkd_settle(here.st, here.level, e.site);
	lkd_describe(e.lock, e.key, 0, 1);
	if (here.st->depth < LKD_HELD_MAX) {
		lkd_take(here.st, &e, here.level, 0);
		here.st->depth--;
	}
	lkd_leave(&here);
	return 0;
}

/* sched:sched_process_exit(task): lockdep itself looks a little later, in do_exit(). */
SEC("?raw_tp/sched_process_exit")
int lockdep_task_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct lkd_here here;

	if (!lkd_enter(&here))
		return 0;
	if (here.st->depth && lkd_trust())
		lkd_refresh(here.st, here.level);
	lkd_at_exit(here.st);
	lkd_leave(&here);
	return 0;
}

/* sched:sched_process_free(task): nobody is this task any more. */
SEC("?raw_tp/sched_process_free")
int lockdep_task_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct lkd_stack *st;
	bool found;

	st = lkd_slot(ctx->args[0], &found);
	if (st && found) {
		st->depth = 0;
		st->state = 0;
		st->task = 0;
	}
	return 0;
}
