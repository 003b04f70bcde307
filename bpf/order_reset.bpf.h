/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forgetting what is held. While the gate was down, locks came and went unseen: what
 * the held stacks say is not true any more, and an order made of it would be false. So
 * before the gate goes up again, with no hook running, user space runs this once. What
 * is held at that moment counts as taken before the trace (order_started_ns): nothing
 * leads from it, and whether it guards is not known (order_young).
 */
#ifndef LK_ORDER_RESET_BPF_H
#define LK_ORDER_RESET_BPF_H

/* One place, of a task or of an interrupt. */
static long reset_slot(__u32 i, void *arg)
{
	struct lk_slot *slot = bpf_map_lookup_elem(&slots, &i);

	(void)arg;
	if (!slot)
		return 1;
	slot_forget(slot);
	return 0;
}

static long reset_cwait(void *map, __u64 *key, struct lk_cwait *w, void *arg)
{
	__u64 lock = *key;

	(void)map;
	(void)w;
	(void)arg;
	bpf_map_delete_elem(&cwaits, &lock);
	return 0;
}

static long reset_calls(void *map, __u64 *key, struct watch_calls *c, void *arg)
{
	(void)map;
	(void)key;
	(void)arg;
	c->depth = 0;
	return 0;
}

SEC("?syscall")
int order_reset(void *ctx)
{
	(void)ctx;
	bpf_loop(1 << 23, reset_slot, NULL, 0);
	bpf_for_each_map_elem(&cwaits, reset_cwait, NULL, 0);
	bpf_for_each_map_elem(&watch_calls, reset_calls, NULL, 0);
	return 0;
}

/*
 * The same for where locks were initialised, if that was not seen either: another lock
 * may lie at the address by now.
 */
static long reset_init(__u32 i, void *arg)
{
	struct lk_init *init = bpf_map_lookup_elem(&inits, &i);

	(void)arg;
	if (!init)
		return 1;
	init->lock = 0;
	return 0;
}

SEC("?syscall")
int order_reset_inits(void *ctx)
{
	(void)ctx;
	bpf_loop(LK_INIT_PLACES, reset_init, NULL, 0);
	return 0;
}

#endif /* LK_ORDER_RESET_BPF_H */
