/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must not happen, as the lockdep tier sees it: a release of what is not held,
 * a task that ends holding something.
 */
#ifndef LK_LOCKDEP_ODD_BPF_H
#define LK_LOCKDEP_ODD_BPF_H

/* Send an oddity about @e, current's. */
static __always_inline void lkd_odd(const struct lk_held *e, __u32 odd)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct lk_rec_odd *rec;
	long n;

	rec = bpf_ringbuf_reserve(&lkd_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->kind = LK_REC_ODD;
	rec->time_ns = bpf_ktime_get_ns();
	rec->tid = (__u32)id;
	rec->tgid = id >> 32;
	rec->cpu = bpf_get_smp_processor_id();
	rec->odd = odd;
	rec->tier = LK_TIER_LOCKDEP;
	bpf_get_current_comm(rec->comm, sizeof(rec->comm));
	lkd_fill(&rec->hold, e, 0);
	n = bpf_get_task_stack(bpf_get_current_task_btf(), rec->stack, sizeof(rec->stack), 0);
	if (n <= 0) {
		stat_inc(LK_STAT_ORDER_STACK);
		n = 0;
	}
	rec->nr_stack = n / sizeof(__u64);
	rec->size = sizeof(*rec) - (LK_ORDER_STACK - rec->nr_stack) * sizeof(__u64);
	bpf_ringbuf_submit(rec, 0);
}

struct lkd_own {
	__u64 held;	/* task_struct.held_locks */
	__u64 lock;
	bool found;
};

static long lkd_own_step(__u32 i, struct lkd_own *o)
{
	struct held_lock *h = (void *)(o->held + i * bpf_core_type_size(struct held_lock));

	o->found = (__u64)BPF_CORE_READ(h, instance) == o->lock;
	return o->found;
}

/* Has lockdep's own stack of current @lock, in whatever context and way? */
static __always_inline bool lkd_lockdep_has(__u64 lock)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lkd_own o = { .lock = lock };
	__u32 depth;

	if (!bpf_core_field_exists(task->held_locks))
		return false;
	o.held = bpf_get_current_task() + bpf_core_field_offset(task->held_locks);
	depth = task->lockdep_depth;
	bpf_loop(depth < LKD_HELD_MAX ? depth : LKD_HELD_MAX, lkd_own_step, &o, 0);
	return o.found;
}

/*
 * A release that matches nothing. It is a bug if nothing can have been missed: lockdep's
 * own stack has it neither, or ours is complete. Tasks bound to one CPU are excepted from the
 * latter: the tracepoint is silent on a CPU that is going up or down.
 */
__noinline int lkd_unmatched(struct lkd_stack *st, __u64 lock, __u64 base, __u32 level, __u64 ip)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lk_held e = {};

	if (!st || lkd_is_unchecked(base))
		return 0;
	if (lkd_trust() && lkd_lockdep_has(lock))
		return 0;	/* not checked, or taken in another context */
	stat_inc(LK_STAT_UNMATCHED_RELEASE);
	if (!lkd_trust() && (!(st->state & LKD_COMPLETE) || level != LK_CTX_TASK ||
			     task->nr_cpus_allowed == 1))
		return 0;
	e.lock = lock;
	e.site = ip;
	e.key = base;
	e.prim = LK_PRIM_LOCKDEP;
	lkd_describe(lock, base, 0, 1);
	lkd_odd(&e, LK_ODD_BAD_UNLOCK);
	return 0;
}

static long lkd_exit_step(__u32 i, struct lkd_stack **st)
{
	struct lk_held *e = lkd_at(*st, i);

	if (!e)
		return 1;
	if (!(e->flags & LK_HOLD_NOCHECK))
		lkd_odd(e, LK_ODD_HELD_AT_EXIT);
	return 0;
}

/* The task ends: whatever it still holds stays locked for ever. */
static __always_inline void lkd_at_exit(struct lkd_stack *st)
{
	if (st->state & LKD_COMPLETE)
		bpf_loop(st->depth, lkd_exit_step, &st, 0);
}

#endif /* LK_LOCKDEP_ODD_BPF_H */
