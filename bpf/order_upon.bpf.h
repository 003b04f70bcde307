/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts that come upon one of our programs. The kernel does not run a program on top
 * of itself (prog->active, kernel/bpf/trampoline.c), so what such an interrupt does by the
 * same function, we do not see. An acquisition that is missed is an order that may be
 * missing, and counted (recursion_misses). A release that is missed would be worse: the
 * lock would seem to be held. But what an interrupt came upon stays as it is until the
 * interrupt is over: if no program of a release runs below when it takes a lock, none will
 * be passed over when it gives the lock back. So we look at their counts then.
 */
#ifndef LK_ORDER_UPON_BPF_H
#define LK_ORDER_UPON_BPF_H

/* What upon_find() is to find, and on how many CPUs; set by user space before. */
__u32 upon_prog[LK_UPON_NR];		/* ids of programs; 0: none */
__u32 upon_cpus;			/* id of `cpus` */
__u32 upon_nr_cpu;

/* In an interrupt: may the release of what it takes now be passed over? */
__noinline int upon_release(void)
{
	struct lk_cpu *cpu;
	__u32 zero = 0, i;

	if (!order_cfg.look_upon)
		return 0;
	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu)
		return 1;
	for (i = 0; i < LK_UPON_NR; i++)
		if (upon_prog[i] && (!cpu->upon[i] || peek(refcount_struct, cpu->upon[i], refs.counter)))
			return 1;
	return 0;
}

struct upon_found {
	__u64 from_cpu;			/* from this CPU's place in `cpus` to the count */
	__u32 which;
};

static long upon_set(__u32 i, void *arg)
{
	const struct upon_found *found = arg;
	volatile __u64 *place;
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, i);
	if (!cpu)
		return 1;
	place = &cpu->upon[found->which & (LK_UPON_NR - 1)];
	*place = (__u64)cpu;		/* read back, it is a number and no pointer any more */
	*place += found->from_cpu;
	return 0;
}

/* Where per-CPU memory of `cpus` is, which @prog uses: as a pointer that is not a CPU's yet; 0 if it does not. */
static __always_inline __u64 upon_cpus_of(struct bpf_prog *prog)
{
	__u32 nr = BPF_CORE_READ(prog, aux, used_map_cnt), i;
	struct bpf_map **used = BPF_CORE_READ(prog, aux, used_maps), *map = NULL;
	__u64 ret = 0;

	for (i = 0; i < nr && i < 64; i++) {		/* MAX_USED_MAPS */
		bpf_probe_read_kernel(&map, sizeof(map), used + i);
		if (BPF_CORE_READ(map, id) != upon_cpus)
			continue;
		bpf_probe_read_kernel(&ret, sizeof(ret),
				      (void *)map + bpf_core_field_offset(struct bpf_array, pptrs));
		break;
	}
	return ret;
}

struct upon_prog_iter {			/* struct bpf_iter__bpf_prog */
	void *meta;
	struct bpf_prog *prog;
};

/*
 * Run once by user space. The counts are per-CPU memory, and so is `cpus`: what is between
 * the two is the same on all CPUs.
 */
SEC("?iter/bpf_prog")
int upon_find(struct upon_prog_iter *ctx)
{
	struct bpf_prog *prog = ctx->prog;
	struct upon_found found = {};
	__u64 active, place;
	__u32 id, i;

	if (!prog)
		return 0;
	id = BPF_CORE_READ(prog, aux, id);
	for (i = 0; i < LK_UPON_NR; i++) {
		if (upon_prog[i] != id)
			continue;
		active = (__u64)BPF_CORE_READ(prog, active);
		place = upon_cpus_of(prog);
		if (!active || !place)
			break;
		found.which = i;
		found.from_cpu = active - place;
		bpf_loop(upon_nr_cpu, upon_set, &found, 0);
		break;
	}
	return 0;
}

#endif /* LK_ORDER_UPON_BPF_H */
