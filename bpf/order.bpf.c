// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order tier: hooks on the lock functions. An object of its own, so that a
 * kernel that refuses it never costs the contention tier; every program optional.
 *
 * The programs are made from the table in lockfns.h: for fentry and fexit one per
 * function, since such a program belongs to its target; for kprobes one per kind,
 * which look their row up by the attach cookie. Their bodies are in order_note.bpf.h
 * and order_wait.bpf.h.
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

char LICENSE[] SEC("license") = "GPL";

/* Flags of the hold that follow from flags of the row. */
#define HOLD_FLAGS(f)								\
	(((f) & LK_FN_PARTIAL ? LK_HOLD_PARTIAL : 0) |				\
	 ((f) & LK_FN_TIMED ? LK_HOLD_TIMED : 0) |				\
	 ((f) & LK_FN_INTR ? LK_HOLD_INTERRUPTIBLE : 0))
#define META_BITS(f)								\
	(((f) & LK_FN_WRAPS ? META_WRAPS : 0) | ((f) & LK_FN_PARTIAL ? META_PARTIAL : 0))
#define META_OF(prim, read, f, row) (META(prim, read, HOLD_FLAGS(f), row, 0) | META_BITS(f))
#define META_HOLD(flag)	((__u64)(flag) << 16)

/* --- fentry and fexit -------------------------------------------------------------------- */

static __always_inline int on_acquire(void *ctx, __u32 how, __u64 meta, __u32 f)
{
	__u64 func_ip, lock, site, left;
	__u32 row = META_ROW(meta);
	struct site_trial t;

	if (!gate_up(META_PRIM(meta)))
		return 0;
	lock = fn_lock_pointer(ctx, how);
	if (!lock)
		return 0;
	if (f & LK_FN_WW && fn_arg(ctx, 1))
		meta |= META_HOLD(LK_HOLD_NEST);
	if (f & LK_FN_WRAPS && !(META_FLAGS(meta) & LK_HOLD_TRY))
		meta |= META_HOLD(LK_HOLD_WRAPPED);
	func_ip = bpf_get_func_ip(ctx);
	site_try(&t, ctx, row);
	site = site_guess(&t);
	if (order_cfg.sample_mask)
		order_sample(fn_lock(ctx, how), site_sure(ctx, &t, func_ip, row, site), meta);
	left = hot_take(lock, site, meta, &t, func_ip);
	if (!left)
		return 0;
	return order_acquire(ctx, fn_lock(ctx, how), site_sure(ctx, &t, func_ip, row, site), meta | left, func_ip);
}

static __always_inline int on_try(void *ctx, __u32 how, __u32 ok, __u64 meta, __u32 f)
{
	if (!gate_up(META_PRIM(meta)) || !fn_ok(ok, fn_ret(ctx)))
		return 0;
	return on_acquire(ctx, how, meta, f);
}

/* With hold times: the lock has been got. */
static __always_inline int on_held(void *ctx, __u32 how, __u64 meta)
{
	__u64 lock;

	if (!(order_enabled & LK_GATE_HOLD) || !gate_up(META_PRIM(meta)))
		return 0;
	lock = fn_lock(ctx, how);
	return lock ? order_stamp(lock, meta) : 0;
}

static __always_inline int on_undo(void *ctx, __u32 how, __u32 ok, __u64 meta)
{
	__u64 lock;

	if (!gate_up(META_PRIM(meta)))
		return 0;
	if (fn_ok(ok, fn_ret(ctx)))
		return order_cfg.hold_times ? on_held(ctx, how, meta) : 0;
	lock = fn_lock(ctx, how);
	return lock ? order_undo(lock, meta) : 0;
}

static __always_inline int on_release(void *ctx, __u32 how, __u64 meta)
{
	__u64 lock;

	if (!gate_up(META_PRIM(meta)))
		return 0;
	lock = fn_lock_pointer(ctx, how);
	if (!lock || hot_drop(ctx, lock, meta))
		return 0;
	return order_release(ctx, fn_lock(ctx, how), meta, bpf_get_func_ip(ctx));
}

static __always_inline int on_downgrade(void *ctx, __u64 meta)
{
	return order_enabled & LK_GATE_SLEEP ? order_downgrade(ctx, fn_arg(ctx, 0), META_ROW(meta)) : 0;
}

static __always_inline int on_wait(void *ctx, __u64 meta)
{
	__u64 func_ip;

	if (!(order_enabled & LK_GATE_SLEEP))
		return 0;
	func_ip = bpf_get_func_ip(ctx);
	return order_wait(ctx, fn_arg(ctx, 0), fn_site(ctx, func_ip, META_ROW(meta)), meta, func_ip);
}

static __always_inline int on_complete(void *ctx, __u64 meta)
{
	return order_enabled & LK_GATE_SLEEP ? order_complete(ctx, fn_arg(ctx, 0), 0, meta, bpf_get_func_ip(ctx)) : 0;
}

static __always_inline int on_flush(void *ctx, __u32 how)
{
	return order_enabled & LK_GATE_SLEEP ? order_flush(fn_lock(ctx, how)) : 0;
}

static __always_inline bool is_waitqueue(__u32 how)
{
	return how == LK_ARG_WAITQ || how == LK_ARG_SWAITQ;
}

static __always_inline int on_init(void *ctx, __u32 how, __u64 meta, __u32 f)
{
	__u64 func_ip, lock, name;

	if (!(order_enabled & LK_GATE_INIT))
		return 0;
	func_ip = bpf_get_func_ip(ctx);
	lock = fn_lock(ctx, how);
	name = f & LK_FN_NAMELESS ? 0 : fn_arg(ctx, 1);
	return order_init(lock, name, fn_site(ctx, func_ip, META_ROW(meta)), META_PRIM(meta), is_waitqueue(how));
}

#define FE(symbol, body) SEC("?fentry/" #symbol) int fe_##symbol(__u64 *ctx) { return body; }
#define FX(symbol, body) SEC("?fexit/" #symbol) int fx_##symbol(__u64 *ctx) { return body; }
/* Only with hold times: what needs nothing else where it returns. */
#define FH(symbol, body) SEC("?fexit/" #symbol) int fh_##symbol(__u64 *ctx) { return body; }

#define PROGS_ACQUIRE(s, how, ok, meta, f)					\
	FE(s, on_acquire(ctx, how, meta, f)) FH(s, on_held(ctx, how, meta))
#define PROGS_ACQUIRE_IF(s, how, ok, meta, f)					\
	FE(s, on_acquire(ctx, how, meta, f)) FX(s, on_undo(ctx, how, ok, meta))
#define PROGS_ACQUIRE_LATE(s, how, ok, meta, f) FX(s, on_try(ctx, how, ok, (meta) | META_HELD, f))
#define PROGS_TRY(s, how, ok, meta, f)						\
	FX(s, on_try(ctx, how, ok, (meta) | META_HELD | META_HOLD(LK_HOLD_TRY), f))
#define PROGS_RELEASE(s, how, ok, meta, f) FE(s, on_release(ctx, how, meta))
#define PROGS_DOWNGRADE(s, how, ok, meta, f) FE(s, on_downgrade(ctx, meta))
#define PROGS_WAIT(s, how, ok, meta, f)						\
	FE(s, on_wait(ctx, meta)) FX(s, order_enabled & LK_GATE_SLEEP ? order_wait_end() : 0)
#define PROGS_COMPLETE(s, how, ok, meta, f) FE(s, on_complete(ctx, meta))

#define PROGS_FLUSH(s, how, ok, meta, f)					\
	FE(s, on_flush(ctx, how)) FX(s, order_enabled & LK_GATE_SLEEP ? order_flush(0) : 0)
#define PROGS_INIT(s, how, ok, meta, f) FE(s, on_init(ctx, how, meta, f))

#define PROGS(symbol, prim, op, arg, read, ok, f)				\
	PROGS_##op(symbol, LK_ARG_##arg, LK_OK_##ok,				\
		   META_OF(LK_PRIM_##prim, read, f, LK_ROW_##symbol), f)

LK_LOCK_FNS(PROGS)

/* --- kprobes, one by one or many at a time ------------------------------------------------- */

struct kp_row {
	__u8 prim, op, arg, read, ok, pad;
	__u16 flags;
};

#define KP_ROW(symbol, prim, op, arg, read, ok, f)				\
	{ LK_PRIM_##prim, LK_OP_##op, LK_ARG_##arg, read, LK_OK_##ok, 0, f },
static const volatile struct kp_row kp_rows[LK_ROW_NR] = { LK_LOCK_FNS(KP_ROW) };

/* Is the gate up for this row? */
static __always_inline bool kp_gate(const struct kp_row *r)
{
	return r->op == LK_OP_INIT ? order_enabled & LK_GATE_INIT : gate_up(r->prim);
}

/* The argument that leads to the lock. Both are read: a choice of place in the context is refused. */
static __always_inline __u64 kp_lock(struct pt_regs *ctx, const struct kp_row *r)
{
	__u64 first = PT_REGS_PARM1(ctx), second = PT_REGS_PARM2(ctx);

	asm volatile("" : "+r"(first), "+r"(second));
	return lock_by_arg(r->arg, r->arg == LK_ARG_SECOND ? second : first);
}

static __always_inline __u64 kp_second(struct pt_regs *ctx)
{
	__u64 second = PT_REGS_PARM2(ctx);

	asm volatile("" : "+r"(second));
	return second;
}

static __always_inline __u64 kp_meta(const struct kp_row *r, __u32 row)
{
	return META_OF(r->prim, r->read, r->flags, row);
}

static __always_inline int kp_acquire(struct pt_regs *ctx, __u64 lock, const struct kp_row *r,
				      __u64 meta)
{
	if (r->flags & LK_FN_WW && PT_REGS_PARM2(ctx))
		meta |= META_HOLD(LK_HOLD_NEST);
	if (r->flags & LK_FN_WRAPS)
		meta |= META_HOLD(LK_HOLD_WRAPPED);
	if (r->op == LK_OP_ACQUIRE_IF)
		meta |= META_HOLD(LK_HOLD_PENDING);
	if (r->op == LK_OP_TRY || r->op == LK_OP_ACQUIRE_LATE)
		meta |= META_HOLD(LK_HOLD_PENDING | LK_HOLD_TRY);
	if (order_cfg.sample_mask)
		order_sample(lock, kp_site(ctx), meta);
	return order_acquire(ctx, lock, kp_site(ctx), meta, 0);
}

static __always_inline int kp_in(struct pt_regs *ctx, __u64 row)
{
	const struct kp_row *r;
	__u64 lock, meta;

	if (!order_enabled || row >= LK_ROW_NR)
		return 0;
	r = (const struct kp_row *)&kp_rows[row];	/* volatile: not to be folded */
	if (!kp_gate(r))
		return 0;
	lock = kp_lock(ctx, r);
	if (!lock)
		return 0;
	meta = kp_meta(r, row);
	switch (r->op) {
	case LK_OP_FLUSH:
		return order_flush(lock);
	case LK_OP_INIT:
		return order_init(lock, r->flags & LK_FN_NAMELESS ? 0 : kp_second(ctx), kp_site(ctx),
				  META_PRIM(meta), is_waitqueue(r->arg));
	case LK_OP_RELEASE:
		return order_release(ctx, lock, meta, 0);
	case LK_OP_DOWNGRADE:
		return order_downgrade(ctx, lock, row);
	case LK_OP_WAIT:
		return order_wait(ctx, lock, kp_site(ctx), meta, 0);
	case LK_OP_COMPLETE:
		return order_complete(ctx, lock, 0, meta, 0);
	}
	return kp_acquire(ctx, lock, r, meta);
}

static __always_inline int kp_out(struct pt_regs *ctx, __u64 row)
{
	const struct kp_row *r;
	struct lk_held h = {};

	if (!order_enabled || row >= LK_ROW_NR)
		return 0;
	r = (const struct kp_row *)&kp_rows[row];	/* volatile: not to be folded */
	if (!kp_gate(r))
		return 0;
	if (r->op == LK_OP_WAIT)
		return order_wait_end();
	if (r->op == LK_OP_FLUSH)
		return order_flush(0);
	if (r->op == LK_OP_ACQUIRE_LATE) {
		/* It may have blocked, so it is noted now as what could have. */
		if (order_resolve(row, 0, &h) && fn_ok(r->ok, PT_REGS_RC(ctx)))
			return order_acquire(ctx, h.lock, h.site, kp_meta(r, row), 0);
		return 0;
	}
	order_resolve(row, fn_ok(r->ok, PT_REGS_RC(ctx)), &h);
	return 0;
}

SEC("?kprobe")
int kp_enter(struct pt_regs *ctx)
{
	return kp_in(ctx, bpf_get_attach_cookie(ctx));
}

SEC("?kretprobe")
int kp_exit(struct pt_regs *ctx)
{
	return kp_out(ctx, bpf_get_attach_cookie(ctx));
}

SEC("?kprobe.multi")
int km_enter(struct pt_regs *ctx)
{
	return kp_in(ctx, bpf_get_attach_cookie(ctx));
}

SEC("?kretprobe.multi")
int km_exit(struct pt_regs *ctx)
{
	return kp_out(ctx, bpf_get_attach_cookie(ctx));
}

/* --- tasks come and go --------------------------------------------------------------------- */

#include "order_task.bpf.h"
#include "watch.bpf.h"

/* --- not hooks: run by user space ---------------------------------------------------------- */

#include "order_reset.bpf.h"
#define WATCHDOG_GATE	order_enabled
#include "watchdog.bpf.h"
