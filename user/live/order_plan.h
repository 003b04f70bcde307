/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which lock functions are hooked, and how: the decision, without doing it. A
 * primitive is traced for order whole or not at all: a missed release would leave
 * locks held that are not, a missed acquisition would hide orders.
 */
#ifndef LK_ORDER_PLAN_H
#define LK_ORDER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/lockfns.h"

enum order_mode {
	ORDER_MODE_BEST = 0,	/* the first of these that the kernel has */
	ORDER_MODE_FENTRY,
	ORDER_MODE_MULTI,	/* kprobe.multi: primitives that sleep only */
	ORDER_MODE_KPROBE,	/* one kprobe per function: likewise */
};

enum order_spin { ORDER_SPIN_AUTO = 0, ORDER_SPIN_ON, ORDER_SPIN_OFF };

struct order_prim {
	uint32_t state;		/* enum lk_state */
	char reason[200];	/* "" = nothing to say */
	char remedy[100];
};

struct order_plan {
	enum order_mode mode;	/* not BEST */
	bool rt;		/* PREEMPT_RT: spinlock_t and rwlock_t sleep */
	bool row[LK_ROW_NR];	/* hooked, or to be hooked */
	struct order_prim prim[LK_PRIM_NR];	/* state 0: no primitive of this kernel */
};

extern const struct lk_lock_fn order_fns[LK_ROW_NR];

/* "fentry", "kprobe.multi", "kprobe". */
const char *order_mode_name(enum order_mode mode);

/* "mutex", ... as in coverage; "" for what is none. */
const char *order_prim_name(unsigned int prim);

/* Does the row's function need a hook where it begins, or where it returns? */
bool order_needs_entry(enum order_mode mode, unsigned int row);
bool order_needs_exit(unsigned int row);
/* Does it give a lock back? Such hooks are attached first. */
bool order_is_release(unsigned int row);

/* Do tasks spin for this primitive, with preemption off while they hold it? (PREEMPT_RT's own are others.) */
bool order_spins(unsigned int prim);

/* @exists: is there a kernel function of this name? @mode is not BEST. */
void order_plan_make(struct order_plan *p, enum order_mode mode, enum order_spin spin,
		     bool (*exists)(const void *ctx, const char *symbol), const void *ctx);

/*
 * The function of @row cannot be hooked, @why: leave out what depends on it, which
 * may be its whole primitive.
 */
void order_plan_drop(struct order_plan *p, unsigned int row, const char *why);

/* Locks that interrupts take are not followed. */
void order_plan_irqs_unseen(struct order_plan *p);

/* Is any row left? */
bool order_plan_any(const struct order_plan *p);

#endif /* LK_ORDER_PLAN_H */
