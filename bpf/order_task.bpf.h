/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks that switch, end and vanish: raw tracepoint programs of the order object.
 */
#ifndef LK_ORDER_TASK_BPF_H
#define LK_ORDER_TASK_BPF_H

static __always_inline struct lk_slot *slot_have(__u64 task)
{
	int at = slot_find(task);

	return at < 0 ? NULL : slot_at(at);
}

/*
 * sched:sched_switch(preempt, prev, next): the run queue's lock, which prev has taken,
 * will be released by next; lockdep is told the same. Attached with the spinlocks.
 */
SEC("?raw_tp/sched_switch")
int task_switch(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 prev = ctx->args[1], next = ctx->args[2];
	struct lk_slot *from, *to;
	__u32 zero = 0;
	struct lk_cpu *c;
	struct lk_held h;
	int index;

	if (!(order_enabled & LK_GATE_SPIN))
		return 0;
	c = bpf_map_lookup_elem(&cpus, &zero);
	from = slot_have(prev);
	if (!c || !c->runqueue || !from || from->busy)
		return 0;
	index = stack_find(&from->stack, c->runqueue);
	if (index < 0)
		return 0;
	h = from->stack.held[HELD_AT(index)];
	stack_remove(&from->stack, index, from->watch_mask);
	index = slot_claim(next, BPF_CORE_READ((struct task_struct *)next, pid));
	if (index < 0)
		return 0;
	to = slot_at(index);
	if (!to || to->busy || to->unwanted == 1)
		return 0;
	held_hash(&to->stack, &h, to->watch_mask);
	held_push(&to->stack, &h);
	return 0;
}

struct exit_loop {
	void *ctx;
	struct order_env *e;
};

static long exit_one(__u32 i, void *arg)
{
	struct exit_loop *l = arg;
	struct lk_stack *s = &l->e->slot->stack;
	struct lk_held h;

	if (i >= s->depth)
		return 1;
	h = s->held[HELD_AT(i)];
	if (h.flags & (LK_HOLD_PENDING | LK_HOLD_PARTIAL) || !has_owner(h.prim, h.read) ||
	    held_truth(&h, bpf_get_current_task()) != HELD_YES)
		return 0;
	send_odd(l->ctx, &h, LK_ODD_HELD_AT_EXIT, 0, LK_ROW_NR);
	return 0;
}

/* sched:sched_process_exit(task): current is leaving; what it holds now, it holds for ever. */
SEC("?raw_tp/sched_process_exit")
int task_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct exit_loop l = { .ctx = ctx };
	struct order_env e;
	__u64 outer;

	if (!(order_enabled & LK_GATE_SLEEP) || !order_enter(&e, true))
		return 0;
	l.e = &e;
	outer = own_begin(&e);
	if (e.level == LK_CTX_TASK && e.slot->stack.depth)
		bpf_loop(LK_HELD_MAX, exit_one, &l, 0);
	own_end(&e, outer);
	order_leave(&e);
	return 0;
}

/* sched:sched_process_free(task): nobody refers to the task any more; its place is free. */
SEC("?raw_tp/sched_process_free")
int task_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct lk_slot *slot = slot_have(ctx->args[0]);

	if (slot)
		slot_release(slot);
	return 0;
}

/* module:module_free(mod): another one may come to lie where it was. */
SEC("?raw_tp/module_free")
int module_gone(struct bpf_raw_tracepoint_args *ctx)
{
	(void)ctx;
	bpf_loop(CLASS_PLACES, class_forget, NULL, 0);
	__sync_fetch_and_add(&module_gen, 1);
	__sync_fetch_and_add(&tag_gen, 1);
	return 0;
}

#endif /* LK_ORDER_TASK_BPF_H */
