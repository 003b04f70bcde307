/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Held stacks of the lockdep tier: one per task and one per interrupt level of a CPU,
 * with lockdep's own rules for what goes on and off.
 *
 * While lockdep keeps its own stacks (debug_locks is 1) they correct ours: for a task
 * seen first, and before anything new is believed. After lockdep has switched itself
 * off ours go on alone: the events keep coming, and they balance.
 */
#ifndef LK_LOCKDEP_HELD_BPF_H
#define LK_LOCKDEP_HELD_BPF_H

extern const unsigned int hardirq_context __ksym __weak;	/* per CPU, CONFIG_TRACE_IRQFLAGS */

/* held_lock.irq_context */
#define LKD_IRQ_SOFT	1u
#define LKD_IRQ_HARD	2u

/* Context level as lockdep sees it; LK_CTX_UNKNOWN: one that it does not follow. */
static __always_inline __u32 lkd_level(struct task_struct *task)
{
	const unsigned int *hard;

	if (!bpf_core_field_exists(task->lockdep_recursion) || !&hardirq_context)
		return LK_CTX_UNKNOWN;
	if (task->lockdep_recursion)	/* lockdep_off(), which NMIs call, too */
		return LK_CTX_UNKNOWN;
	hard = bpf_this_cpu_ptr(&hardirq_context);
	if (*hard)
		return LK_CTX_HARDIRQ;
	return task->softirq_context ? LK_CTX_SOFTIRQ : LK_CTX_TASK;
}

/* The stack of @task, or the place it can have (then *@found is false); NULL if there is none. */
static __always_inline struct lkd_stack *lkd_slot(__u64 task, bool *found)
{
	__u32 hash = lkd_mix(0, task) >> 32, i, at, free = ~0u;
	struct lkd_stack *st;

	*found = true;
	for (i = 0; i < LK_SLOT_PROBES; i++) {
		at = (hash + i) & lockdep_cfg.slot_mask;
		st = bpf_map_lookup_elem(&lkd_slots, &at);
		if (!st)
			break;
		if (st->task == task)
			return st;
		if (!st->task && free == ~0u)
			free = at;
	}
	*found = false;
	return free == ~0u ? NULL : bpf_map_lookup_elem(&lkd_slots, &free);
}

static __always_inline struct lkd_stack *lkd_task_stack(struct task_struct *task)
{
	__u64 address = bpf_get_current_task();	/* @task as a number */
	struct lkd_stack *st;
	bool found;

	st = lkd_slot(address, &found);
	if (found)
		return st;
	if (!st || __sync_val_compare_and_swap(&st->task, 0, address) != 0) {
		stat_inc(LK_STAT_SLOTS_FULL);
		return NULL;
	}
	st->state = LKD_FRESH;
	if (!filter_task(task->pid, task->tgid) || !filter_cgroup())
		st->state |= LKD_UNWANTED;
	return st;
}

/*
 * The stack of interrupts at @level on this CPU. NULL with a filter: what an interrupt does
 * is no task's doing.
 */
static __always_inline struct lkd_stack *lkd_irq_stack(struct lkd_cpu *cpu, __u32 level)
{
	if (cfg.filter_task || cfg.nr_cgroups)
		return NULL;
	return &cpu->level[level & (LK_CTX_NR - 1)];
}

static __always_inline void lkd_drop(struct lkd_stack *st)
{
	if (st->depth) {
		stat_add(LK_STAT_STALE_HELD, st->depth);
		st->depth = 0;
	}
}

/* An event at @level: every interrupt above it has ended on this CPU, and holds nothing. */
static __always_inline void lkd_drop_above(struct lkd_cpu *cpu, __u32 level)
{
	if (level < LK_CTX_HARDIRQ)
		lkd_drop(&cpu->level[LK_CTX_HARDIRQ]);
	if (level < LK_CTX_SOFTIRQ)
		lkd_drop(&cpu->level[LK_CTX_SOFTIRQ]);
}

/* Entry @at; NULL if there is no such place. The verifier wants the address made behind the comparison. */
static __always_inline struct lk_held *lkd_at(struct lkd_stack *st, __u32 at)
{
	__u64 i = at;

	barrier_var(i);		/* of its own, not folded into what the caller compares */
	if (i >= LKD_HELD_MAX)
		return NULL;
	barrier_var(i);
	return &st->held[i];
}

/* Chain hashes of entry @i, from those of the entry below. As lockdep's: classes and modes, no more. */
static __always_inline void lkd_rehash(struct lkd_stack *st, __u32 i)
{
	struct lk_held *e = lkd_at(st, i), *below = lkd_at(st, i - 1);

	if (!e)
		return;
	e->chain = lkd_mix(below ? below->chain : 0, e->key + ((__u64)e->read << 62));
	e->inst = lkd_mix(below ? below->inst : 0, e->lock);
}

/* Put *@e on top; false if there is no room. */
static __always_inline bool lkd_push(struct lkd_stack *st, const struct lk_held *e)
{
	__u32 depth = st->depth;
	struct lk_held *top = lkd_at(st, depth);

	if (!top) {
		stat_inc(LK_STAT_HELD_OVERFLOW);
		st->state = (st->state | LKD_SUSPECT) & ~LKD_COMPLETE;
		return false;
	}
	*top = *e;
	st->depth = depth + 1;
	lkd_rehash(st, depth);
	return true;
}

static __always_inline __u32 lkd_held_level(const struct held_lock *h)
{
	__u32 irq = BPF_CORE_READ_BITFIELD_PROBED(h, irq_context);

	if (irq & LKD_IRQ_HARD)
		return LK_CTX_HARDIRQ;
	return irq & LKD_IRQ_SOFT ? LK_CTX_SOFTIRQ : LK_CTX_TASK;
}

static __always_inline void lkd_load(struct lk_held *e, struct held_lock *h)
{
	struct lock_class *class = (struct lock_class *)(lockdep_cfg.lock_classes +
		BPF_CORE_READ_BITFIELD_PROBED(h, class_idx) * bpf_core_type_size(struct lock_class));

	__builtin_memset(e, 0, sizeof(*e));
	e->lock = (__u64)BPF_CORE_READ(h, instance);
	e->site = BPF_CORE_READ(h, acquire_ip);
	e->key = (__u64)BPF_CORE_READ(class, key);
	e->epoch = BPF_CORE_READ_BITFIELD_PROBED(h, references) & LKD_REFS;
	e->prim = LK_PRIM_LOCKDEP;
	e->read = BPF_CORE_READ_BITFIELD_PROBED(h, read);
	if (BPF_CORE_READ_BITFIELD_PROBED(h, trylock))
		e->flags |= LK_HOLD_TRY;
	if (!BPF_CORE_READ_BITFIELD_PROBED(h, check))
		e->flags |= LK_HOLD_NOCHECK;
}

struct lkd_refresh {
	struct lkd_stack *st;
	__u64 held;	/* task_struct.held_locks */
	__u32 level;
};

static long lkd_refresh_step(__u32 i, struct lkd_refresh *r)
{
	struct held_lock *h = (void *)(r->held + i * bpf_core_type_size(struct held_lock));
	struct lk_held e;

	if (lkd_held_level(h) != r->level)
		return 0;
	lkd_load(&e, h);
	if (!(e.flags & LK_HOLD_NOCHECK) || (e.key & ~7ull) == (lockdep_cfg.no_validate & ~7ull))
		lkd_push(r->st, &e);
	return 0;
}

/* Replace @st, the stack of current at @level, by lockdep's own. Only while lkd_trust(). */
__noinline int lkd_refresh(struct lkd_stack *st, __u32 level)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct lkd_refresh r = { .st = st, .level = level };
	__u32 depth, was;

	if (!st || !bpf_core_field_exists(task->held_locks))
		return 0;
	r.held = bpf_get_current_task() + bpf_core_field_offset(task->held_locks);
	was = st->state & LKD_FRESH ? 0 : st->depth;
	depth = task->lockdep_depth;
	st->depth = 0;
	bpf_loop(depth < LKD_HELD_MAX ? depth : LKD_HELD_MAX, lkd_refresh_step, &r, 0);
	if (was > st->depth)
		stat_add(LK_STAT_STALE_HELD, was - st->depth);
	st->state = (st->state & LKD_UNWANTED) | LKD_COMPLETE;
	return 0;
}

struct lkd_find {
	struct lkd_stack *st;
	__u64 lock, key;
	__u32 at;
};

static long lkd_find_step(__u32 i, struct lkd_find *f)
{
	__u32 at = f->st->depth - 1 - i;
	struct lk_held *e = lkd_at(f->st, at);

	if (!e)
		return 1;
	if (e->lock != f->lock && !(e->epoch & LKD_REFS && e->key == f->key))
		return 0;
	f->at = at;
	return 1;
}

/* The place of what a release of @lock takes off, by find_held_lock()'s rule; LKD_HELD_MAX = none. */
static __always_inline __u32 lkd_find(struct lkd_stack *st, __u64 lock, __u64 key)
{
	struct lkd_find f = { .st = st, .lock = lock, .key = key, .at = LKD_HELD_MAX };
	struct lk_held *top = lkd_at(st, st->depth - 1);

	if (top && top->lock == lock)
		return st->depth - 1;
	bpf_loop(LKD_HELD_MAX, lkd_find_step, &f, 0);
	return f.at;
}

#endif /* LK_LOCKDEP_HELD_BPF_H */
