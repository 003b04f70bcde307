/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where are we: context level of this CPU, and the guard that keeps what our
 * own work does (map locks, stack walks) out of the trace.
 *
 * The guard is one word per CPU and context level, shared by all programs:
 * BPF's own recursion guard is per program, and a word per CPU alone would drop
 * the waits of an interrupt that lands inside one of our programs.
 */
#ifndef LK_CTX_BPF_H
#define LK_CTX_BPF_H

#define LK_UNREADABLE	0xffffffffu

/* include/linux/preempt.h */
#define PREEMPT_SOFTIRQ_SERVING	0x00000100u
#define PREEMPT_SOFTIRQ_MASK	0x0000ff00u	/* serving, or disabled */
#define PREEMPT_HARDIRQ_MASK	0x000f0000u
#define PREEMPT_NMI_MASK	0x00f00000u

/* Where the CPU of run queue @rq notes its current task, for percpu_base; 0 if it turns out wrong. */
static __always_inline __u64 percpu_current(__u64 rq)
{
	__u64 task = 0;

	if (cfg.current_off)
		bpf_probe_read_kernel(&task, sizeof(task), (const void *)(rq + cfg.current_off));
	return task && task == bpf_get_current_task() ? rq + cfg.current_off : 0;
}

/*
 * x86 keeps preempt_count in per-CPU data, whose symbol BPF can use only where
 * kallsyms has data symbols; so percpu_base notes its address at start.
 */
static __always_inline __u32 ctx_preempt_count(const struct lk_cpu *cpu, struct task_struct *task)
{
	if (bpf_core_field_exists(task->thread_info.preempt_count))
		return BPF_CORE_READ(task, thread_info.preempt_count);
	if (!cfg.preempt_off || !cpu->preempt_count)
		return LK_UNREADABLE;
	return peek_hot(refcount_struct, cpu->preempt_count, refs.counter);	/* an int is an int */
}

static __always_inline __u32 ctx_level_of(__u32 count)
{
	if (count == LK_UNREADABLE)
		return LK_CTX_UNKNOWN;
	if (count & PREEMPT_NMI_MASK)
		return LK_CTX_NMI;
	if (count & PREEMPT_HARDIRQ_MASK)
		return LK_CTX_HARDIRQ;
	if (count & PREEMPT_SOFTIRQ_SERVING)
		return LK_CTX_SOFTIRQ;
	return LK_CTX_TASK;
}

static __always_inline __u32 ctx_level(const struct lk_cpu *cpu, struct task_struct *task)
{
	return ctx_level_of(ctx_preempt_count(cpu, task));
}

/*
 * State of this CPU at its present level, marked busy; NULL if it was busy
 * already. Where the level cannot be told, all levels share the first state:
 * waits still nest right, since what interrupts also ends first. Pair with
 * ctx_leave().
 */
static __always_inline struct lk_cpu_state *ctx_enter(struct task_struct *task, __u32 *level)
{
	struct lk_cpu_state *cs;
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return NULL;
	*level = ctx_level(cpu, task);
	cs = &cpu->level[*level == LK_CTX_UNKNOWN ? 0 : *level & (LK_CTX_NR - 1)];
	if (cs->busy || cs->order_task == (__u64)task) {
		stat_inc(LK_STAT_GUARD_SKIP);
		return NULL;
	}
	cs->busy = 1;
	return cs;
}

static __always_inline void ctx_leave(struct lk_cpu_state *cs)
{
	cs->busy = 0;
}

#endif /* LK_CTX_BPF_H */
