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

static __always_inline bool slot_unwanted(struct task_struct *task)
{
	return !filter_task(task->pid, task->tgid) || !filter_cgroup();
}

/* The place of a task: its index, or -1. */
static __always_inline int slot_find(__u64 task)
{
	struct lk_slot *slot;
	__u32 i, at;

	for (i = 0; i < LK_SLOT_PROBES; i++) {
		at = slot_index(task, i);
		slot = bpf_map_lookup_elem(&slots, &at);
		if (slot && slot->task == task)
			return at;
	}
	return -1;
}

/* Find a place for a task that has none at its first probe: index, or -1 when all are taken. */
__noinline int slot_claim(__u64 task, __u32 tid)
{
	int have = slot_find(task);
	struct lk_slot *slot;
	__u32 i, at;

	if (have >= 0)
		return have;
	for (i = 0; i < LK_SLOT_PROBES; i++) {
		at = slot_index(task, i);
		slot = bpf_map_lookup_elem(&slots, &at);
		if (!slot || slot->task || __sync_val_compare_and_swap(&slot->task, 0, task))
			continue;
		slot->tid = tid;
		slot->unwanted = 2;	/* not decided yet */
		return at;
	}
	stat_inc(LK_STAT_SLOTS_FULL);
	return -1;
}

/* Empty a place; the task word goes last, since then it is anybody's. */
static __always_inline void slot_release(struct lk_slot *slot)
{
	slot->cwait = 0;
	slot->released = 0;
	slot->busy = 0;
	slot->watch_mask = 0;
	slot->nr_history = 0;
	slot->unwanted = 0;
	slot->stack.depth = 0;
	slot->stack.overflow = 0;
	slot->task = 0;
}

/* The place of a task, claimed if need be; NULL: none free. Only for current: the filter asks. */
static __always_inline struct lk_slot *slot_of(struct task_struct *task)
{
	__u64 self = bpf_get_current_task();	/* as a number */
	__u32 at = slot_index(self, 0);
	struct lk_slot *slot = bpf_map_lookup_elem(&slots, &at);
	int index;

	if (!slot || slot->task != self) {
		index = slot_claim(self, task->pid);
		if (index < 0)
			return NULL;
		at = index;
		slot = bpf_map_lookup_elem(&slots, &at);
		if (!slot)
			return NULL;
	}
	if (slot->unwanted == 2)
		slot->unwanted = slot_unwanted(task);
	return slot;
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

struct order_env {
	struct task_struct *task;
	struct lk_cpu *cpu;
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

/* The place of this CPU's interrupts of a level. */
static __always_inline struct lk_slot *slot_of_irq(__u32 level)
{
	__u32 at = order_cfg.slot_mask + 1 + 2 * bpf_get_smp_processor_id() + level - LK_CTX_SOFTIRQ;

	return bpf_map_lookup_elem(&slots, &at);
}

/* Interrupts have a stack of their own. With a filter, they are wanted where their task is. */
static __noinline struct lk_slot *order_enter_irq(struct order_env *e)
{
	struct lk_slot *slot;

	if (e->level == LK_CTX_NMI) {
		stat_inc(LK_STAT_NMI_SKIP);
		return NULL;
	}
	if (cfg.filter_task || cfg.nr_cgroups) {
		slot = slot_of(e->task);
		if (!slot || slot->unwanted)
			return NULL;
	}
	return slot_of_irq(e->level);
}

/*
 * We run at a level above which nothing can be active on this CPU: what its
 * interrupts seem to hold, they have let go of unseen.
 */
__noinline int irq_stale(__u32 level)
{
	struct lk_slot *slot;
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 0;
	if (level < LK_CTX_HARDIRQ) {
		slot = slot_of_irq(LK_CTX_HARDIRQ);
		if (slot && slot->stack.depth) {
			stat_add(LK_STAT_STALE_HELD, slot->stack.depth);
			slot->stack.depth = 0;
		}
		if (slot)
			slot->stack.overflow = 0;
	}
	if (level < LK_CTX_SOFTIRQ) {
		slot = slot_of_irq(LK_CTX_SOFTIRQ);
		if (slot && slot->stack.depth) {
			stat_add(LK_STAT_STALE_HELD, slot->stack.depth);
			slot->stack.depth = 0;
		}
		if (slot)
			slot->stack.overflow = 0;
	}
	cpu->irq_held = 0;
	return 0;
}

/*
 * Does one of our programs run here already? What takes locks in its name is no loss;
 * what else could come in between (the scheduler, if the program is preempted), is.
 */
static __always_inline bool order_guarded(struct order_env *e)
{
	struct lk_cpu_state *cs = &e->cpu->level[e->level & (LK_CTX_NR - 1)];

	if (e->slot->busy && cs->order_task != (__u64)e->task)
		stat_inc(LK_STAT_ORDER_GUARD);
	return e->slot->busy || cs->busy;
}

/*
 * Find our stack and take the guard: false if there is nothing to do here. Pair with
 * order_leave(). Where the level cannot be told, what may sleep is at task level.
 */
static __always_inline bool order_enter(struct order_env *e, bool sleeps)
{
	__u32 zero = 0, count;

	e->task = bpf_get_current_task_btf();
	e->cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!e->cpu)
		return false;
	count = ctx_preempt_count(e->cpu, e->task);
	e->recursive = count & (PREEMPT_SOFTIRQ_MASK | PREEMPT_HARDIRQ_MASK);
	e->level = ctx_level_of(count);
	if (e->level == LK_CTX_UNKNOWN) {
		if (!sleeps) {
			stat_inc(LK_STAT_CONTEXT_UNKNOWN);
			return false;
		}
		e->level = LK_CTX_TASK;
	}
	e->slot = e->level == LK_CTX_TASK ? slot_of(e->task) : order_enter_irq(e);
	if (!e->slot || e->slot->unwanted)
		return false;
	if (order_guarded(e))
		return false;
	slot_guard(e->slot);
	if (e->cpu->irq_held >> (e->level + 1))
		irq_stale(e->level);
	return true;
}

static __always_inline void order_leave(struct order_env *e)
{
	slot_unguard(e->slot);
}

/*
 * Around work of ours that takes locks (map buckets, the ring): waits for those are
 * nobody's business, nor is their order. Returns what to give back to own_end():
 * a preempted program's mark may be there.
 */
static __always_inline __u64 own_begin(struct order_env *e)
{
	struct lk_cpu_state *cs = &e->cpu->level[e->level & (LK_CTX_NR - 1)];
	__u64 outer = cs->order_task;

	cs->order_task = (__u64)e->task;
	return outer;
}

static __always_inline void own_end(struct order_env *e, __u64 outer)
{
	e->cpu->level[e->level & (LK_CTX_NR - 1)].order_task = outer;
}

#endif /* LK_ORDER_CTX_BPF_H */
