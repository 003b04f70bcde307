/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One wait, from contention_begin to contention_end.
 *
 * Spinning waits belong to the CPU: they cannot be switched out, and interrupts
 * nest on top of them, so each CPU and context level has a little stack of
 * them. (Two deep in one level is normal: a queued rwlock's slow path takes its
 * inner spinlock.) Sleeping waits belong to the task and lie in `waiters`,
 * where user space can see who waits now. Mutex waits count as sleeping from
 * the start, although the first part of them spins: between their beginning and
 * their end spinning waits for the mutex's own wait_lock come and go.
 *
 * A mutex begins several times per end (spin, sleep, spin again after a
 * hand-off; kernel commit dc1f7893a70f): one wait, from the first beginning.
 *
 * contention_end says nothing of the kind, so the lock's address finds the wait.
 */
#ifndef LK_WAIT_BPF_H
#define LK_WAIT_BPF_H

static __always_inline bool wait_is_spin(__u32 lcb)
{
	return (lcb & LK_LCB_SPIN) && !(lcb & LK_LCB_MUTEX);
}

static __always_inline void wait_fill(struct lk_wait *w, void *ctx, __u64 lock, __u32 lcb,
				      __u32 level, struct task_struct *task)
{
	__u64 slot = w->slot;

	__builtin_memset(w, 0, sizeof(*w));
	w->slot = slot;
	w->lcb = lcb;
	w->ctx = level;
	w->tid = task->pid;
	w->tgid = task->tgid;
	w->cgroup = bpf_get_current_cgroup_id();
	w->stack = stack_id(ctx);
	if (cfg.want_owner && !wait_is_spin(lcb))
		owner_fill(lock, lcb, w);
	w->start_ns = bpf_ktime_get_ns();	/* last: our own work is not waiting */
	w->lock = lock;			/* now it counts */
}

static __always_inline void wait_begin_spin(struct lk_cpu_state *cs, void *ctx, __u64 lock,
					    __u32 lcb, __u32 level, struct task_struct *task)
{
	__u32 depth = cs->depth;
	struct lk_wait *w;

	/* Below a spinning task only interrupts run: another task's waits are leftovers. */
	if (depth && depth <= LK_NEST_MAX && level != LK_CTX_UNKNOWN &&
	    cs->slot[(depth - 1) & (LK_NEST_MAX - 1)].tid != task->pid) {
		stat_inc(LK_STAT_STALE_WAIT);
		depth = 0;
	}
	if (depth >= LK_NEST_MAX) {
		stat_inc(LK_STAT_NEST_DEPTH);
		return;
	}
	cs->depth = depth + 1;		/* before the slot is filled: an interrupt may come between */
	w = &cs->slot[depth & (LK_NEST_MAX - 1)];
	wait_fill(w, ctx, lock, lcb, level, task);
}

/* The task's place number @i in `waiters`. */
static __always_inline struct lk_wait *waiter_place(__u32 tid, __u32 i)
{
	__u32 index = (tid + i) & cfg.waiter_mask;

	return bpf_map_lookup_elem(&waiters, &index);
}

static __always_inline struct lk_wait *waiter_find(__u64 slot)
{
	struct lk_wait *w;
	__u32 i;

	for (i = 0; i < LK_WAITER_PROBES; i++) {
		w = waiter_place(slot, i);
		if (w && w->slot == slot)
			return w;
	}
	return NULL;
}

static __always_inline struct lk_wait *waiter_claim(__u64 slot)
{
	struct lk_wait *w;
	__u32 i;

	for (i = 0; i < LK_WAITER_PROBES; i++) {
		w = waiter_place(slot, i);
		if (w && !w->slot && !__sync_val_compare_and_swap(&w->slot, 0, slot))
			return w;
	}
	stat_inc(LK_STAT_WAITERS_FULL);
	return NULL;
}

static __always_inline void waiter_release(struct lk_wait *w)
{
	w->lock = 0;
	w->slot = 0;
}

static __always_inline void wait_begin_sleep(struct lk_cpu_state *cs, void *ctx, __u64 lock,
					     __u32 lcb, __u32 level, struct task_struct *task)
{
	__u64 slot = LK_WAITER_SLOT(task->pid, 0);
	struct lk_wait *w = waiter_find(slot);

	if (w && w->lock != lock && (w->lcb & lcb & LK_LCB_RT)) {
		slot = LK_WAITER_SLOT(task->pid, 1);	/* rwbase_rt: its rt_mutex inside */
		w = waiter_find(slot);
	}
	if (w && w->lock == lock) {
		if (!(lcb & LK_LCB_SPIN))
			w->lcb = lcb;	/* it did not only spin */
		return;
	}
	if (w)
		stat_inc(LK_STAT_STALE_WAIT);
	else
		w = waiter_claim(slot);
	if (w)
		wait_fill(w, ctx, lock, lcb, level, task);
}

static __always_inline void wait_key(const struct lk_wait *w, struct lk_row_key *key)
{
	*key = (struct lk_row_key){
		.lock = w->lock, .cgroup = w->cgroup, .tid = w->tid, .tgid = w->tgid,
		.stack = w->stack, .lcb = w->lcb, .ctx = w->ctx,
	};
	if (!w->tid)
		key->cpu = bpf_get_smp_processor_id() + 1;
}

static __always_inline void wait_row(const struct lk_wait *w, __u64 now, struct task_struct *task,
				     struct lk_cpu_state *cs)
{
	struct lk_row_key key;
	struct lk_agg *agg;
	long err = 0;

	wait_key(w, &key);
	agg = bpf_map_lookup_elem(&rows, &key);
	if (!agg) {
		agg = agg_make(&rows, &key, w->start_ns, &err);
		if (!err)
			lockid_note(w->lock, w->lcb, now, task, &cs->info);
	}
	agg_put(agg, err, &folds, &key, w->start_ns, now, LK_STAT_ROWS_FULL);
}

/* Owner rows have the name of another task, which must be there before others find the row. */
static __always_inline void wait_owner(const struct lk_wait *w, __u64 now, struct lk_cpu_state *cs)
{
	struct lk_owner_key key = {
		.lock = w->lock, .tid = w->owner_tid, .tgid = w->owner_tgid,
		.stack = w->stack, .lcb = w->lcb, .reader = w->owner_reader,
	};
	struct lk_agg *agg;
	long err = 0;

	if (!w->owner_tid)
		return;
	agg = bpf_map_lookup_elem(&owners, &key);
	if (!agg) {
		agg = &cs->agg;
		*agg = agg_none;
		agg->first_ns = w->start_ns;
		owner_comm(w, agg->comm);
		err = bpf_map_update_elem(&owners, &key, agg, BPF_NOEXIST);
		agg = bpf_map_lookup_elem(&owners, &key);
	}
	if (agg)
		agg_add(agg, w->start_ns, now, true);
	else
		stat_inc(err == -EBUSY ? LK_STAT_MAP_BUSY : LK_STAT_OWNERS_FULL);
}

static __always_inline void wait_emit(const struct lk_wait *w, __u64 now)
{
	struct lk_rec_wait *rec;
	struct lk_row_key key;

	if (!cfg.emit_waits)
		return;
	wait_key(w, &key);
	rec = single_begin(LK_REC_WAIT, &key, w->start_ns, now);
	if (!rec)
		return;
	rec->owner_tid = w->owner_tid;
	rec->owner_tgid = w->owner_tgid;
	rec->owner_reader = w->owner_reader;
	single_submit(rec, false);
}

static __always_inline void wait_finish(struct lk_wait *w, __u64 now, struct task_struct *task,
					struct lk_cpu_state *cs)
{
	if (now < w->start_ns) {
		stat_inc(LK_STAT_CLOCK);
		now = w->start_ns;
	}
	wait_row(w, now, task, cs);
	wait_owner(w, now, cs);
	wait_emit(w, now);
}

static __always_inline void wait_begin(void *ctx, __u64 lock, __u32 lcb, __u32 level,
				       struct task_struct *task, struct lk_cpu_state *cs)
{
	if (!filter_type(lcb) || !filter_task(task->pid, task->tgid) || !filter_cgroup())
		return;
	if (wait_is_spin(lcb))
		wait_begin_spin(cs, ctx, lock, lcb, level, task);
	else
		wait_begin_sleep(cs, ctx, lock, lcb, level, task);
}

/* Take the spinning wait for @lock off this CPU's stack: its index, or -1. */
static __always_inline int wait_pop_spin(struct lk_cpu_state *cs, __u64 lock)
{
	int i, top = cs->depth;

	for (i = LK_NEST_MAX - 1; i >= 0; i--) {
		if (i >= top || cs->slot[i].lock != lock)
			continue;
		if (top - 1 > i)	/* above it: waits whose end we missed */
			stat_add(LK_STAT_STALE_WAIT, top - 1 - i);
		return i;
	}
	return -1;
}

/* The sleeping wait of @task for @lock, or NULL. */
static __always_inline struct lk_wait *wait_of_task(__u64 lock, struct task_struct *task)
{
	struct lk_wait *w = waiter_find(LK_WAITER_SLOT(task->pid, 0));

	if (w && w->lock != lock)
		w = waiter_find(LK_WAITER_SLOT(task->pid, 1));
	return w && w->lock == lock ? w : NULL;
}

static __always_inline void wait_end(__u64 lock, __u64 now, __u32 level,
				     struct task_struct *task, struct lk_cpu_state *cs)
{
	int i = wait_pop_spin(cs, lock);
	struct lk_wait *w = NULL;

	if (i >= 0)
		w = &cs->slot[i & (LK_NEST_MAX - 1)];
	else if (level == LK_CTX_TASK || level == LK_CTX_UNKNOWN)
		w = wait_of_task(lock, task);
	if (!w) {
		if (!cfg.type_mask_on && filter_task(task->pid, task->tgid) && filter_cgroup())
			stat_inc(LK_STAT_UNMATCHED_END);
		return;
	}
	wait_finish(w, now, task, cs);
	if (i >= 0)
		cs->depth = i;		/* after the slot was read */
	else
		waiter_release(w);
}

#endif /* LK_WAIT_BPF_H */
