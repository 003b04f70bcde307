/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions. A wait is an attempt on a pseudo-lock whose class is the place of the
 * wait; who completes it adds an edge from it to whatever he could have blocked on
 * since the wait began. Weak evidence, and marked so.
 */
#ifndef LK_ORDER_WAIT_BPF_H
#define LK_ORDER_WAIT_BPF_H

static __always_inline void cwait_begin(struct lk_slot *slot, __u64 lock, __u64 site, __u32 flags)
{
	struct lk_cwait *have = bpf_map_lookup_elem(&cwaits, &lock);
	struct lk_held h = { .site = site };
	struct lk_cwait w = { .flags = flags, .waiters = 1 };
	long err;

	wait_subject(slot, &h);
	w.site = h.site;
	w.key = h.key;
	w.epoch = __sync_fetch_and_add(&epoch, 1) + 1;
	if (have) {
		__sync_fetch_and_add(&have->waiters, 1);
	} else {
		err = bpf_map_update_elem(&cwaits, &lock, &w, BPF_NOEXIST);
		if (err) {
			stat_inc(LK_STAT_CWAITS_FULL);
			return;
		}
	}
	slot->cwait = lock;
}

/*
 * A task is about to wait for a completion. Interrupts do not wait. One that is done
 * (do_wait_for_common(), kernel/sched/completion.c) holds nobody up: two tasks that send
 * each other back and forth would otherwise seem to wait for each other. What is held is
 * an order all the same: the next time it may not be done.
 */
static __noinline int order_wait(void *ctx, __u64 lock, __u64 site, __u64 meta, __u64 func_ip)
{
	struct order_env e;
	__u64 outer, done;

	if (!order_enter(&e, true))
		return 0;
	if (e.level == LK_CTX_TASK) {
		done = peek(completion, lock, done);
		acquire_in(ctx, &e, lock, site, done ? meta | META_DONE : meta, func_ip);
		outer = own_begin(&e);
		if (order_cfg.completions && !done)
			cwait_begin(e.slot, lock, site, META_FLAGS(meta));
		own_end(&e, outer);
	}
	order_leave(&e);
	return 0;
}

/* The wait is over, however it ended. The last waiter takes the entry away. */
static __noinline int order_wait_end(void)
{
	struct order_env e;
	struct lk_cwait *w;
	__u64 lock, outer;

	if (!order_enter(&e, true))
		return 0;
	if (e.level == LK_CTX_TASK && e.slot->cwait) {
		outer = own_begin(&e);
		lock = e.slot->cwait;
		e.slot->cwait = 0;
		w = bpf_map_lookup_elem(&cwaits, &lock);
		if (w && __sync_fetch_and_add(&w->waiters, -1) <= 1)
			bpf_map_delete_elem(&cwaits, &lock);
		own_end(&e, outer);
	}
	order_leave(&e);
	return 0;
}

struct complete_loop {
	void *ctx;
	struct order_env *e;
	struct lk_held done;	/* the completion */
	__u64 func_ip;
	__u32 epoch;
	__u32 row;
};

/* One entry of the history, newest first. 1: all that follow are older than the wait. */
static long complete_one(__u32 i, void *arg)
{
	struct complete_loop *l = arg;
	struct lk_slot *slot = l->e->slot;
	struct lk_rec_order *rec;
	const struct lk_history *was;
	struct lk_held h = {};

	if (i >= slot->nr_history)
		return 1;
	was = &slot->history[(slot->nr_history - 1 - i) & (LK_HISTORY - 1)];
	if ((__s32)(was->epoch - l->epoch) < 0)
		return 1;
	h.lock = was->lock;
	h.site = was->site;
	h.flags = was->flags;
	h.prim = was->prim;
	h.read = was->read;
	h.epoch = was->epoch;
	h.key = classkey(h.lock, h.prim);
	h.chain = held_mix(held_chain(0, &l->done, 0), h.site);
	h.inst = held_inst(held_inst(0, l->done.lock), h.lock);
	if (edge_known(&l->done, &h, slot->watch_mask) || classkey_describe_hold(&h) ||
	    classkey_describe_hold(&l->done))
		return 0;
	rec = send_begin(l->ctx, l->e, &h, 0, LK_ROW_NR);
	if (!rec)
		return 0;
	rec->flags = LK_ORDER_COMPLETION;
	rec->from = 1;
	rec->nr_held = 1;
	send_hold(&rec->held[0], &l->done);
	edge_remember(&l->done, &h, slot->watch_mask);
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

/* A task completes what somebody waits for. Interrupts cannot block, so nothing comes of theirs. */
static __noinline int order_complete(void *ctx, __u64 lock, __u64 site, __u64 meta, __u64 func_ip)
{
	struct lk_cwait *w = bpf_map_lookup_elem(&cwaits, &lock);
	struct complete_loop l = {};
	struct order_env e;
	__u64 outer;

	if (!w || !order_enter(&e, true))
		return 0;
	if (e.level == LK_CTX_TASK) {
		outer = own_begin(&e);
		l.ctx = ctx;
		l.e = &e;
		l.func_ip = func_ip;
		l.row = META_ROW(meta);
		l.epoch = w->epoch;
		l.done.lock = lock;
		l.done.site = w->site;
		l.done.flags = w->flags;
		l.done.prim = LK_PRIM_COMPLETION;
		l.done.key = w->key;
		bpf_loop(LK_HISTORY, complete_one, &l, 0);
		if (e.slot->nr_history > LK_HISTORY &&
		    (__s32)(e.slot->history[e.slot->nr_history & (LK_HISTORY - 1)].epoch - l.epoch) >= 0)
			stat_inc(LK_STAT_HISTORY_FULL);
		own_end(&e, outer);
	}
	order_leave(&e);
	return 0;
}

/* A flush of work, or of a workqueue, begins (@subject) or ends (0). */
static __noinline int order_flush(__u64 subject)
{
	struct order_env e;

	if (!order_enter(&e, true))
		return 0;
	if (e.level == LK_CTX_TASK)
		e.slot->subject = subject;
	order_leave(&e);
	return 0;
}

#endif /* LK_ORDER_WAIT_BPF_H */
