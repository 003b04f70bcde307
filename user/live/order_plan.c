// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan of hooks from the table of lock functions.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../core/event.h"
#include "order_plan.h"

const struct lk_lock_fn order_fns[LK_ROW_NR] = { LK_LOCK_FNS(LK_FN_DATA) };

static const char *const prim_names[LK_PRIM_NR] = {
	[LK_PRIM_MUTEX] = "mutex",
	[LK_PRIM_WW_MUTEX] = "ww_mutex",
	[LK_PRIM_RWSEM] = "rwsem",
	[LK_PRIM_RT_MUTEX] = "rt_mutex",
	[LK_PRIM_SPINLOCK] = "spinlock",
	[LK_PRIM_RWLOCK] = "rwlock",
	[LK_PRIM_PERCPU_RWSEM] = "percpu-rwsem",
	[LK_PRIM_SEMAPHORE] = "semaphore",
	[LK_PRIM_COMPLETION] = "completion",
	[LK_PRIM_RT_SPINLOCK] = "spinlock (RT)",
	[LK_PRIM_RT_RWLOCK] = "rwlock (RT)",
};

const char *order_prim_name(unsigned int prim)
{
	return prim < LK_PRIM_NR && prim_names[prim] ? prim_names[prim] : "";
}

const char *order_mode_name(enum order_mode mode)
{
	static const char *const name[] = { "best", "fentry", "kprobe.multi", "kprobe" };

	return name[mode];
}

bool order_needs_exit(unsigned int row)
{
	switch (order_fns[row].op) {
	case LK_OP_ACQUIRE_IF:
	case LK_OP_ACQUIRE_LATE:
	case LK_OP_TRY:
	case LK_OP_WAIT:
	case LK_OP_FLUSH:
		return true;
	default:
		return false;
	}
}

/* A fexit program sees the arguments too; a return probe does not. */
bool order_needs_entry(enum order_mode mode, unsigned int row)
{
	return mode != ORDER_MODE_FENTRY ||
	       (order_fns[row].op != LK_OP_TRY && order_fns[row].op != LK_OP_ACQUIRE_LATE);
}

bool order_is_release(unsigned int row)
{
	return order_fns[row].op == LK_OP_RELEASE || order_fns[row].op == LK_OP_DOWNGRADE;
}

bool order_spins(unsigned int prim)
{
	return prim == LK_PRIM_SPINLOCK || prim == LK_PRIM_RWLOCK;
}

static void __attribute__((format(printf, 4, 5)))
say(struct order_plan *p, unsigned int prim, uint32_t state, const char *fmt, ...)
{
	struct order_prim *op = &p->prim[prim];
	va_list args;

	op->state = state;
	va_start(args, fmt);
	vsnprintf(op->reason, sizeof(op->reason), fmt, args);
	va_end(args);
}

static void refuse(struct order_plan *p, unsigned int prim)
{
	unsigned int i;

	for (i = 0; i < LK_ROW_NR; i++)
		if (order_fns[i].prim == prim)
			p->row[i] = false;
}

/* Wrappers of one read side: those of cpu_hotplug_lock, and those of a file system's write level. */
static bool same_wrappers(const struct lk_lock_fn *a, const struct lk_lock_fn *b)
{
	return a->flags & b->flags & LK_FN_PARTIAL && a->prim == b->prim &&
	       (a->arg == LK_ARG_HOTPLUG) == (b->arg == LK_ARG_HOTPLUG);
}

static void drop_wrappers(struct order_plan *p, unsigned int row)
{
	unsigned int i;

	for (i = 0; i < LK_ROW_NR; i++)
		if (same_wrappers(&order_fns[i], &order_fns[row]))
			p->row[i] = false;
}

/* Rows whose function is there; a row and its other names are one function. */
static void find_rows(struct order_plan *p, bool (*exists)(const void *ctx, const char *symbol),
		      const void *ctx)
{
	unsigned int i, first = 0;
	bool found = true;

	for (i = 0; i <= LK_ROW_NR; i++) {
		if (i == LK_ROW_NR || !(order_fns[i].flags & LK_FN_ALT)) {
			const struct lk_lock_fn *fn = &order_fns[first];

			if (!found && !(fn->flags & LK_FN_OPT) && p->prim[fn->prim].state &&
			    p->prim[fn->prim].state != LK_STATE_NONE)
				say(p, fn->prim, LK_STATE_NONE,
				    "%s is absent or inlined in this kernel", fn->symbol);
			found = false;
			first = i;
		}
		if (i < LK_ROW_NR) {
			p->row[i] = exists(ctx, order_fns[i].symbol);
			found |= p->row[i];
		}
	}
	/* Without its release, a wrapper's acquisition would stay held. */
	for (i = 0; i < LK_ROW_NR; i++)
		if (order_fns[i].flags & LK_FN_PARTIAL && order_is_release(i) && !p->row[i] &&
		    !(order_fns[i].flags & LK_FN_WRAPS))
			drop_wrappers(p, i);
}

static void describe_partial(struct order_plan *p)
{
	char list[120] = "";
	unsigned int i;

	if (p->prim[LK_PRIM_PERCPU_RWSEM].state != LK_STATE_FULL)
		return;
	for (i = 0; i < LK_ROW_NR; i++)
		if (p->row[i] && order_fns[i].flags & LK_FN_PARTIAL && !order_is_release(i) &&
		    order_fns[i].op != LK_OP_TRY && !(order_fns[i].flags & LK_FN_WRAPS))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s()",
				 list[0] ? " and " : "", order_fns[i].symbol);
	if (list[0])
		say(p, LK_PRIM_PERCPU_RWSEM, LK_STATE_PARTIAL,
		    "its read side is inlined: seen in %s only", list);
	else
		say(p, LK_PRIM_PERCPU_RWSEM, LK_STATE_PARTIAL, "its read side is inlined: not seen");
}

void order_plan_make(struct order_plan *p, enum order_mode mode, enum order_spin spin,
		     bool (*exists)(const void *ctx, const char *symbol), const void *ctx)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->mode = mode;
	p->rt = exists(ctx, "rt_spin_lock");
	for (i = 0; i < LK_ROW_NR; i++)
		if (p->rt || !(order_fns[i].flags & LK_FN_RT))
			p->prim[order_fns[i].prim].state = LK_STATE_FULL;
	if (p->rt)		/* rwlock_t is the sleeping one, there is no other */
		p->prim[LK_PRIM_RWLOCK].state = 0;
	find_rows(p, exists, ctx);
	for (i = 0; i < LK_PRIM_NR; i++) {
		if (p->prim[i].state && order_spins(i) && spin == ORDER_SPIN_OFF) {
			say(p, i, LK_STATE_NONE, "left out (--no-spin)");
		} else if (p->prim[i].state && order_spins(i) && mode != ORDER_MODE_FENTRY) {
			say(p, i, LK_STATE_NONE, "%s must not hook functions that spin",
			    order_mode_name(mode));
			snprintf(p->prim[i].remedy, sizeof(p->prim[i].remedy),
				 "a kernel with fentry");
		}
		if (!p->prim[i].state || p->prim[i].state == LK_STATE_NONE)
			refuse(p, i);
	}
	describe_partial(p);
}

void order_plan_drop(struct order_plan *p, unsigned int row, const char *why)
{
	const struct lk_lock_fn *fn = &order_fns[row];

	if (fn->op == LK_OP_INIT || fn->op == LK_OP_FLUSH) {
		p->row[row] = false;	/* costs a name, not an order */
	} else if (fn->flags & LK_FN_PARTIAL) {
		drop_wrappers(p, row);
		say(p, fn->prim, LK_STATE_PARTIAL, "its read side is inlined; %s cannot be hooked (%.80s)",
		    fn->symbol, why);
	} else if (fn->flags & LK_FN_OPT && !order_is_release(row)) {
		p->row[row] = false;
		say(p, fn->prim, LK_STATE_PARTIAL, "%s cannot be hooked (%.100s)", fn->symbol, why);
	} else {
		refuse(p, fn->prim);
		say(p, fn->prim, LK_STATE_NONE, "%s cannot be hooked (%.100s)", fn->symbol, why);
	}
}

void order_plan_irqs_unseen(struct order_plan *p)
{
	unsigned int prim;

	for (prim = 0; prim < LK_PRIM_NR; prim++)
		if (order_spins(prim) && p->prim[prim].state && p->prim[prim].state != LK_STATE_NONE)
			say(p, prim, LK_STATE_PARTIAL, "not in interrupts: a bpf_prog iterator is needed, "
			    "and does not work here");
}

bool order_plan_any(const struct order_plan *p)
{
	unsigned int i;

	for (i = 0; i < LK_ROW_NR; i++)
		if (p->row[i])
			return true;
	return false;
}
