/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forgetting what is held, see order_reset.bpf.h. Where lockdep keeps its own stacks,
 * ours begin anew from those.
 */
#ifndef LK_LOCKDEP_RESET_BPF_H
#define LK_LOCKDEP_RESET_BPF_H

static long lkd_reset_slot(__u32 i, void *arg)
{
	struct lkd_stack *st = bpf_map_lookup_elem(&lkd_slots, &i);

	(void)arg;
	if (!st)
		return 1;
	st->depth = 0;
	st->state = (st->state & LKD_UNWANTED) | LKD_FRESH;
	return 0;
}

static long lkd_reset_cpu(__u32 i, void *arg)
{
	__u32 zero = 0, level;
	struct lkd_cpu *cpu = bpf_map_lookup_percpu_elem(&lkd_cpus, &zero, i);

	(void)arg;
	if (!cpu)
		return 1;
	for (level = 0; level < LK_CTX_NR; level++) {
		cpu->level[level].depth = 0;
		cpu->level[level].state = LKD_FRESH;
	}
	return 0;
}

SEC("?syscall")
int lockdep_reset(void *ctx)
{
	(void)ctx;
	bpf_loop(1 << 23, lkd_reset_slot, NULL, 0);
	bpf_loop(1 << 16, lkd_reset_cpu, NULL, 0);
	return 0;
}

#endif /* LK_LOCKDEP_RESET_BPF_H */
