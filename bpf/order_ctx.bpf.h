/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an order program works: the held stack of this task or of this interrupt,
 * and the guard that keeps what our own work does out of it.
 *
 * Programs on lock functions run with migration disabled but may be preempted, so
 * at task level the guard is a word of the task; at the levels of interrupts, which
 * nothing of the same level can interrupt, one of the CPU and level.
 */
#ifndef LK_ORDER_CTX_BPF_H
#define LK_ORDER_CTX_BPF_H

/* The task's place number @i. */
static __always_inline __u32 slot_index(__u64 task, __u32 i)
{
	return ((task * 0x9e3779b97f4a7c15ull >> 40) + i) & order_cfg.slot_mask;
}

/* The task's place number @i, with @claim made the task's if it is free: its index, or -1. */
__noinline int slot_try(__u64 task, __u32 i, __u32 claim)
{
	__u32 at = slot_index(task, i);
	struct lk_slot *slot = bpf_map_lookup_elem(&slots, &at);

	if (slot && slot->task == task)
		return at;
	if (!claim || !slot || slot->task || __sync_val_compare_and_swap(&slot->task, 0, task))
		return -1;
	slot->unwanted = 2;	/* not decided yet */
	return at;
}

/* The place of a task: its index, or -1. */
__noinline int slot_find(__u64 task)
{
	__u32 i;
	int at;

	for (i = 0; i < LK_SLOT_PROBES; i++) {
		at = slot_try(task, i, 0);
		if (at >= 0)
			return at;
	}
	return -1;
}

/* The same for a task that may have none yet: -1 when all that it could have are taken. */
__noinline int slot_claim(__u64 task, __u32 tid)
{
	int at = slot_find(task);
	struct lk_slot *slot;
	__u32 i, index;

	for (i = 0; i < LK_SLOT_PROBES && at < 0; i++)
		at = slot_try(task, i, 1);
	if (at < 0) {
		stat_inc(LK_STAT_SLOTS_FULL);
		return -1;
	}
	index = at;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (slot)
		slot->tid = tid;
	return at;
}

/* Forget what a place says of locks. Whose it is, it stays. */
static __always_inline void slot_forget(struct lk_slot *slot)
{
	slot->cwait = 0;
	slot->released = 0;
	slot->subject = 0;
	slot->busy = 0;
	slot->watch_mask = 0;
	slot->nr_history = 0;
	slot->stack.depth = 0;
	slot->stack.overflow = 0;
}

/* Empty a place; the task word goes last, since then it is anybody's. */
static __always_inline void slot_release(struct lk_slot *slot)
{
	slot_forget(slot);
	slot->unwanted = 0;
	slot->task = 0;
}

static __always_inline struct lk_slot *slot_at(__u32 at)
{
	return bpf_map_lookup_elem(&slots, &at);
}

/* The current task's place, claimed if need be: its index, or -1. */
static __always_inline int slot_of_current(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 at = slot_index((__u64)task, 0);
	struct lk_slot *slot = slot_at(at);

	if (slot && slot->task == (__u64)task)
		return at;
	return slot_claim((__u64)task, BPF_CORE_READ(task, pid));
}

/* Does a filter leave the current task out? Asked once per task. */
static __always_inline bool slot_unwanted(struct lk_slot *slot)
{
	__u64 id = bpf_get_current_pid_tgid();

	if (slot->unwanted == 2)
		slot->unwanted = !filter_task(id, id >> 32) || !filter_cgroup();
	return slot->unwanted;
}

/* The place of this CPU's interrupts of a level. */
static __always_inline int slot_of_irq(__u32 level)
{
	return order_cfg.slot_mask + 1 + 2 * bpf_get_smp_processor_id() + level - LK_CTX_SOFTIRQ;
}

/* The guard. What is done under it must stay between the two. */
static __always_inline void slot_guard(struct lk_slot *slot)
{
	HELD_NOW(slot->busy) = 1;
	asm volatile("" ::: "memory");
}

static __always_inline void slot_unguard(struct lk_slot *slot)
{
	asm volatile("" ::: "memory");
	HELD_NOW(slot->busy) = 0;
}

/* Where a program works. */
struct order_env {
	struct lk_slot *slot;		/* of the task, or of the interrupt */
	__u32 level;			/* enum lk_ctx */
	__u32 recursive;		/* a queued rwlock's readers are recursive here */
};

/* An acquisition on its way onto a stack. */
struct order_in {
	struct lk_held h;
	__u32 watch_mask;
	__u32 row;
};

static __always_inline void irq_forget(__u32 level)
{
	struct lk_slot *slot = slot_at(slot_of_irq(level));

	if (!slot)
		return;
	if (slot->stack.depth)
		stat_add(LK_STAT_STALE_HELD, slot->stack.depth);
	slot->stack.depth = 0;
	slot->stack.overflow = 0;
}

/*
 * We run at a level above which nothing can be active on this CPU: what its
 * interrupts seem to hold, they have let go of unseen.
 */
__noinline int irq_stale(__u32 level)
{
	if (level < LK_CTX_HARDIRQ)
		irq_forget(LK_CTX_HARDIRQ);
	if (level < LK_CTX_SOFTIRQ)
		irq_forget(LK_CTX_SOFTIRQ);
	return 0;
}

/*
 * The place of the level that we are at: its index, or -1 if nothing is wanted there.
 * Interrupts have a stack of their own; with a filter, they are wanted where their
 * task is.
 */
__noinline int place_of_level(__u32 level)
{
	struct lk_slot *slot;
	int at;

	if (level == LK_CTX_NMI) {
		stat_inc(LK_STAT_NMI_SKIP);
		return -1;
	}
	if (level == LK_CTX_TASK || cfg.filter_task || cfg.nr_cgroups) {
		at = slot_of_current();
		slot = at < 0 ? NULL : slot_at(at);
		if (!slot || slot_unwanted(slot))
			return -1;
		if (level == LK_CTX_TASK)
			return at;
	}
	return slot_of_irq(level);
}

/*
 * Does one of our programs run here already? What takes locks in its name is no loss;
 * what else could come in between (the scheduler, if the program is preempted), is.
 */
static __always_inline bool place_guarded(const struct lk_slot *slot, const struct lk_cpu_state *cs)
{
	if (slot->busy && cs->order_task != bpf_get_current_task())
		stat_inc(LK_STAT_ORDER_GUARD);
	return slot->busy || cs->busy;
}

/* What order_place() says: the index of a place, and this. */
#define PLACE_INDEX	0x00ffffff
#define PLACE_LEVEL	24
#define PLACE_RECURSIVE	(1 << 26)

/*
 * Where are we? The index of our place, which is guarded now, with the level in bits
 * from PLACE_LEVEL on; -1 if there is nothing to do here. Where the level cannot be
 * told, what may sleep is at task level.
 */
__noinline int order_place(__u32 sleeps)
{
	__u32 zero = 0, count, level, recursive;
	struct lk_slot *slot;
	struct lk_cpu *cpu;
	int at;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return -1;
	count = ctx_preempt_count(cpu, bpf_get_current_task_btf());
	level = ctx_level_of(count);
	recursive = count & (PREEMPT_SOFTIRQ_MASK | PREEMPT_HARDIRQ_MASK) ? PLACE_RECURSIVE : 0;
	if (level == LK_CTX_UNKNOWN) {
		if (!sleeps) {
			stat_inc(LK_STAT_CONTEXT_UNKNOWN);
			return -1;
		}
		level = LK_CTX_TASK;
		recursive = 0;
	}
	at = place_of_level(level);
	slot = at < 0 ? NULL : slot_at(at);
	if (!slot || place_guarded(slot, &cpu->level[level & (LK_CTX_NR - 1)]))
		return -1;
	slot_guard(slot);
	if (cpu->irq_held >> (level + 1)) {
		cpu->irq_held = 0;
		irq_stale(level);
	}
	return (at & PLACE_INDEX) | level << PLACE_LEVEL | recursive;
}

/* Find our stack and take the guard: false if there is nothing to do here. Pair with order_leave(). */
static __always_inline bool order_enter(struct order_env *e, bool sleeps)
{
	int place = order_place(sleeps);

	if (place < 0)
		return false;
	e->level = place >> PLACE_LEVEL & (LK_CTX_NR - 1);
	e->recursive = place & PLACE_RECURSIVE;
	e->slot = slot_at(place & PLACE_INDEX);
	return e->slot != NULL;
}

static __always_inline void order_leave(struct order_env *e)
{
	slot_unguard(e->slot);
}

/* Locks are held at this level of an interrupt. */
__noinline int irq_holds(__u32 level)
{
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (cpu)
		cpu->irq_held |= 1u << level;
	return 0;
}

/*
 * Mark work of ours that takes locks (map buckets, the ring): waits for those are
 * nobody's business, nor is their order. Returns what was there,
 * which may be the mark of a program that was preempted, to be given back.
 */
__noinline __u64 own_mark(__u32 level, __u64 task)
{
	struct lk_cpu *cpu;
	__u32 zero = 0;
	__u64 outer;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 0;
	outer = cpu->level[level & (LK_CTX_NR - 1)].order_task;
	cpu->level[level & (LK_CTX_NR - 1)].order_task = task;
	return outer;
}

static __always_inline __u64 own_begin(struct order_env *e)
{
	return own_mark(e->level, bpf_get_current_task());
}

static __always_inline void own_end(struct order_env *e, __u64 outer)
{
	own_mark(e->level, outer);
}

#endif /* LK_ORDER_CTX_BPF_H */
