/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking and releasing a lock, in full. The bodies of all hooks: whatever the attach
 * mode, the programs in order.bpf.c find out which lock, from where and how, and come
 * here, most of the time by way of order_hot.bpf.h.
 */
#ifndef LK_ORDER_NOTE_BPF_H
#define LK_ORDER_NOTE_BPF_H

#define YOUNG_NS	(5ull * 1000000000)	/* so long after the start, an unseen acquisition is normal */

enum note {
	NOTE_DONE,		/* nothing to do any more, or the same acquisition again */
	NOTE_KNOWN,		/* to be pushed */
	NOTE_NOVEL,		/* to be looked at, and then pushed */
};

/*
 * The top entry is this very lock. Is it the same acquisition, seen by two hooks? A
 * wrapper's hook comes before that of the function inside it, which is trying to
 * take what nobody holds; trylocks are seen on their way out, and nobody gets a
 * lock twice that way.
 */
static __always_inline bool same_acquisition(struct lk_held *top, const struct lk_held *h)
{
	if (h->flags & LK_HOLD_TRY && !h->read)
		return true;
	if (!(top->flags & LK_HOLD_WRAPPED))
		return false;
	top->flags &= ~LK_HOLD_WRAPPED;
	return lock_truth(top->lock, LK_VERIFY(top->prim, top->read), bpf_get_current_task()) != HELD_YES;
}

/* Hash it, and see whether this CPU knows it. */
__noinline int note_look(struct lk_stack *s, struct order_in *in)
{
	struct lk_held *top;
	__u64 tag, *place;

	if (!s || !in)
		return NOTE_DONE;
	top = held_top(s);
	if (top && top->lock == in->h.lock && same_acquisition(top, &in->h))
		return NOTE_DONE;
	held_hash(s, &in->h, in->watch_mask);
	if ((!top && !in->watch_mask) || in->h.flags & LK_HOLD_TRY)
		return NOTE_KNOWN;
	tag = tag_of(&in->h);
	place = tag_place(tag);
	return place && *place == tag ? NOTE_KNOWN : NOTE_NOVEL;
}

/*
 * A trylock got what our stack has on top: what that says, is older than this hold. (A wrapper's
 * hook comes behind that of the function inside it, which knew better.)
 */
__noinline int note_again(struct lk_stack *s, struct order_in *in)
{
	struct lk_held *top = s ? held_top(s) : NULL;

	if (top && in && top->lock == in->h.lock)
		top->since = in->h.since;
	return 0;
}

__noinline int note_push(struct lk_stack *s, struct order_in *in)
{
	struct held_pick p = {};

	if (!s || !in)
		return 0;
	if (in->h.flags & LK_HOLD_PENDING)
		in->h.key = in->row + 1;	/* for order_resolve() */
	if (held_push(s, &in->h))
		return 0;
	/* Make room of what is not held any more. */
	stack_verify(s, 0, &p, in->watch_mask);
	held_hash(s, &in->h, in->watch_mask);
	if (held_push(s, &in->h))
		return 0;
	s->overflow++;
	stat_inc(LK_STAT_HELD_OVERFLOW);
	return 0;
}

/* First look at something that this CPU does not know: 1 if it turns out to be known. */
__noinline int novel_known(struct lk_stack *s, struct order_in *in, struct held_pick *p)
{
	if (!s || !in || !p)
		return 1;
	if (in->h.prim != LK_PRIM_COMPLETION)
		in->h.key = classkey(in->h.lock, in->h.prim);
	if (stack_young(s))
		in->h.flags |= LK_HOLD_YOUNG;
	p->usable = ~0u;
	stack_choose(s, in->h.lock, p);
	return stack_known(s, p->mask, &in->h, in->watch_mask);
}

enum look {
	LOOK_KNOWN,		/* and need not be asked again */
	LOOK_DOUBT,		/* nothing to be said now */
	LOOK_NEW,
};

/*
 * Second look, since something is new: is what we seem to hold really held? What
 * is not is dropped.
 */
__noinline int novel_verified(struct lk_stack *s, struct order_in *in, struct held_pick *p)
{
	if (!s || !in || !p)
		return LOOK_DOUBT;
	stack_verify(s, !prim_spins(in->h.prim), p, in->watch_mask);
	stack_choose(s, in->h.lock, p);
	held_hash(s, &in->h, in->watch_mask);		/* entries may have gone */
	if (!p->mask && !in->watch_mask)
		return LOOK_DOUBT;
	stack_keys(s, p);
	if (stack_known(s, p->mask, &in->h, in->watch_mask))
		return p->doubt ? LOOK_DOUBT : LOOK_KNOWN;
	if (classkey_describe_hold(&in->h) || stack_describe(s, p))
		return LOOK_DOUBT;			/* no room: another time */
	return LOOK_NEW;
}

__noinline int note_known(struct order_in *in)
{
	__u64 *place;

	if (!in)
		return 0;
	place = tag_place(tag_of(&in->h));
	if (place)
		*place = tag_of(&in->h);
	return 0;
}

/* Look at something that this CPU does not know: is it new? Sends it if so. */
static __always_inline int order_novel(void *ctx, struct order_env *e, struct order_in *in, __u64 func_ip)
{
	struct lk_stack *s = &e->slot->stack;
	struct held_pick p = {};
	int look = LOOK_KNOWN;
	__u64 outer;

	if (!novel_known(s, in, &p)) {		/* so far no lock was taken */
		outer = own_begin(e);
		look = novel_verified(s, in, &p);
		if (look == LOOK_NEW && send_order(ctx, e, in, &p, func_ip) && !p.doubt)
			look = LOOK_KNOWN;
		own_end(e, outer);
	}
	/* What is known of then, is to be seen again. */
	if (look == LOOK_KNOWN && !(in->h.flags & LK_HOLD_YOUNG && !order_young))
		note_known(in);
	return 0;
}

/*
 * What the wait for a completion is for. Inside a flush, whose own waits are all in one
 * place, that is the work or the workqueue.
 */
static __always_inline void wait_subject(const struct lk_slot *slot, struct lk_held *h)
{
	__u64 subject = slot->subject;

	h->key = LK_CK_COMPLETION;
	if (!subject)
		return;
	h->key = LK_CK_WORK;
	h->site = subject;
	if (!is_static(subject))	/* a function is, a workqueue is not */
		h->key = typed_pack(LK_RULE_WORKQUEUE, 0, subject);
}

static __always_inline void acquire_in(void *ctx, struct order_env *e, __u64 lock, __u64 site,
				       __u64 meta, __u64 func_ip)
{
	struct order_in in = {
		.h = {
			.lock = lock,
			.site = site,
			.since = order_cfg.hold_times && meta & META_HELD ? bpf_ktime_get_ns() : 0,
			.epoch = epoch,
			.flags = META_FLAGS(meta),
			.prim = META_PRIM(meta),
			.read = META_READ(meta),
		},
		.watch_mask = e->slot->watch_mask,
		.row = META_ROW(meta),
	};
	int note;

	if (in.h.prim == LK_PRIM_RWLOCK && in.h.read == LK_READ && e->recursive)
		in.h.read = LK_READ_RECURSIVE;
	if (in.h.prim == LK_PRIM_COMPLETION)
		wait_subject(e->slot, &in.h);
	if (meta & META_MISSED) {
		held_hash(&e->slot->stack, &in.h, 0);
		note = NOTE_NOVEL;
	} else {
		note = note_look(&e->slot->stack, &in);
	}
	if (note == NOTE_DONE) {
		if (order_cfg.hold_times && meta & META_HELD && !(meta & META_WRAPS))
			note_again(&e->slot->stack, &in);
		return;
	}
	if (note == NOTE_NOVEL)
		order_novel(ctx, e, &in, func_ip);
	if (order_cfg.completions && !prim_spins(META_PRIM(meta)) && e->level == LK_CTX_TASK &&
	    !(META_FLAGS(meta) & LK_HOLD_TRY) && !(meta & META_DONE))
		history_add(e->slot, lock, in.h.site, in.h.epoch, in.h.flags, in.h.prim, in.h.read);
	if (META_PRIM(meta) == LK_PRIM_COMPLETION)
		return;			/* nobody holds it */
	note_push(&e->slot->stack, &in);
	if (e->level != LK_CTX_TASK)
		irq_holds(e->level);
}

/* Where hot_take() was, which has taken the guard. */
static __always_inline bool order_stay(struct order_env *e)
{
	e->level = LK_CTX_TASK;
	e->recursive = 0;
	e->slot = slot_at(slot_index(bpf_get_current_task(), 0));
	return e->slot != NULL;
}

/*
 * A lock is about to be taken (LK_HOLD_TRY, ACQUIRE_LATE: it was). @func_ip: of the traced function,
 * 0 = unknown. META_MISSED: the slot is guarded already, and the acquisition not in the cache.
 */
static __noinline int order_acquire(void *ctx, __u64 lock, __u64 site, __u64 meta, __u64 func_ip)
{
	struct order_env e;

	if (meta & META_MISSED ? !order_stay(&e) : !order_enter(&e, !prim_spins(META_PRIM(meta))))
		return 0;
	if (e.level != LK_CTX_TASK && upon_release()) {
		stat_inc(LK_STAT_ORDER_RECURSION);
		order_leave(&e);
		return 0;
	}
	acquire_in(ctx, &e, lock, site, meta, func_ip);
	order_leave(&e);
	return 0;
}

/* May the acquisition have been before our time? */
static __always_inline bool before_us(int truth, bool owned)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (bpf_ktime_get_ns() - order_started_ns < YOUNG_NS)
		return true;
	return owned && truth == HELD_YES && BPF_CORE_READ(task, start_time) < order_started_ns;
}

/* In an interrupt that came upon one of our programs, so that acquisitions may be unseen? */
static __always_inline bool upon_us(__u32 level)
{
	struct lk_slot *below;
	int at;

	if (level == LK_CTX_TASK)
		return false;
	if (upon_release())
		return true;
	at = slot_find(bpf_get_current_task());
	below = at < 0 ? NULL : slot_at(at);
	if (below && below->busy)
		return true;
	below = level == LK_CTX_HARDIRQ ? slot_at(slot_of_irq(LK_CTX_SOFTIRQ)) : NULL;
	return below && below->busy;
}

/* Is it this CPU's run queue's, taken by a task before us that we could not follow? */
static __always_inline bool is_runqueue(__u64 lock)
{
	struct lk_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	return cpu && lock == cpu->runqueue;
}

enum verdict {
	RELEASE_FINE,
	RELEASE_BAD,		/* by one who does not hold it */
	RELEASE_FOUND,		/* it was not on top */
};

/* A release of what our stack does not have: before our time, by a stranger, or wrong. */
__noinline int release_unmatched(__u64 lock, __u64 meta, __u32 level)
{
	__u32 prim = META_PRIM(meta), read = META_READ(meta);
	bool owned = has_owner(prim, read);
	int truth;

	if (meta & META_PARTIAL || is_runqueue(lock) || upon_us(level))
		return RELEASE_FINE;
	truth = lock_truth(lock, LK_VERIFY(prim, read), bpf_get_current_task());
	if ((truth == HELD_NO && !read && prim != LK_PRIM_SEMAPHORE && prim != LK_PRIM_PERCPU_RWSEM) ||
	    (truth == HELD_OTHER && prim != LK_PRIM_RWSEM))
		return RELEASE_BAD;
	if (!owned || truth == HELD_OTHER)
		orphan_note(lock);
	if (truth == HELD_OTHER || prim == LK_PRIM_SEMAPHORE)
		stat_inc(LK_STAT_HANDOVER);
	else
		stat_inc(before_us(truth, owned) ? LK_STAT_PREHELD : LK_STAT_UNMATCHED_RELEASE);
	return RELEASE_FINE;
}

/*
 * In an interrupt: was it taken by the task that we interrupt? Then it is taken off there. *was,
 * with hold times: the entry.
 */
__noinline int release_below(__u64 lock, struct lk_held *was)
{
	int at = slot_find(bpf_get_current_task()), found;
	struct lk_slot *slot = at < 0 ? NULL : slot_at(at);

	if (!slot || slot->busy)
		return 0;
	found = stack_find(&slot->stack, lock);
	if (found < 0)
		return 0;
	if (order_cfg.hold_times && was)
		*was = slot->stack.held[HELD_AT(found)];
	stack_remove(&slot->stack, found, slot->watch_mask);
	stat_inc(LK_STAT_HANDOVER);
	return 1;
}

/* A release of what is not on top of our stack: enum verdict. *was, with hold times and RELEASE_FOUND: its entry. */
__noinline int release_slow(struct lk_slot *slot, __u64 lock, __u64 meta, __u32 level, struct lk_held *was)
{
	int at, verdict;

	if (!slot)
		return RELEASE_FINE;
	at = stack_find(&slot->stack, lock);
	if (at >= 0) {
		if (order_cfg.hold_times && was)
			*was = slot->stack.held[HELD_AT(at)];
		stack_remove(&slot->stack, at, slot->watch_mask);
		return RELEASE_FOUND;
	}
	if (level != LK_CTX_TASK && release_below(lock, was))
		return RELEASE_FOUND;
	if (slot->stack.overflow) {
		slot->stack.overflow--;		/* it had no room */
		return RELEASE_FINE;
	}
	if (level == LK_CTX_TASK && slot->released == lock) {
		verdict = lock_truth(lock, LK_VERIFY(META_PRIM(meta), META_READ(meta)),
				     bpf_get_current_task());
		slot->released = 0;
		if (verdict != HELD_NO)
			return RELEASE_FINE;	/* the other hook of the same release */
	}
	return release_unmatched(lock, meta, level);
}

/* A lock is about to be released. */
static __noinline int order_release(void *ctx, __u64 lock, __u64 meta, __u64 func_ip)
{
	struct lk_held *top, h = {
		.lock = lock,
		.prim = META_PRIM(meta),
		.read = META_READ(meta),
		.flags = META_FLAGS(meta),
	};
	struct order_env e;
	__u64 outer;
	int verdict;

	if (!order_enter(&e, !prim_spins(META_PRIM(meta))))
		return 0;
	top = held_top(&e.slot->stack);
	if (top && top->lock == lock) {
		e.slot->stack.depth--;
		verdict = RELEASE_FOUND;
	} else {
		verdict = release_slow(e.slot, lock, meta, e.level, &h);
		top = &h;
	}
	if (verdict == RELEASE_BAD) {
		outer = own_begin(&e);
		send_odd(ctx, &h, LK_ODD_BAD_UNLOCK, func_ip, META_ROW(meta));
		own_end(&e, outer);
	} else if (order_cfg.hold_times && verdict == RELEASE_FOUND) {
		hold_done(ctx, top, e.level, META_ROW(meta));
	}
	if (meta & META_WRAPS)
		e.slot->released = lock;
	order_leave(&e);
	return 0;
}

/*
 * An init function is about to run. Locks on a stack come and go too often to be worth it.
 * The place is described at once: user space then knows by what name its locks go, also
 * those that are never part of an order.
 */
static __noinline int order_init(__u64 lock, __u64 name, __u64 site, __u32 prim, __u32 waitqueue)
{
	struct lk_init new = { .lock = lock, .name = name, .site = site, .prim = lk_init_prim(prim),
			       .waitqueue = waitqueue };
	struct task_struct *task = (void *)bpf_get_current_task();
	struct order_env e;
	__u64 outer;

	if (!site || lock - (__u64)BPF_CORE_READ(task, stack) < CLASSKEY_STACK_SIZE)
		return 0;
	init_put(&new);
	if (class_described(site) || !order_enter(&e, true))
		return 0;
	outer = own_begin(&e);
	classkey_describe(site, prim, name, 1);
	own_end(&e, outer);
	order_leave(&e);
	return 0;
}

/* One of many acquisitions is sent by itself, whatever is held, so that user space can estimate how often. */
static __noinline int order_sample(__u64 lock, __u64 site, __u64 meta)
{
	struct lk_held h = { .lock = lock, .site = site, .flags = META_FLAGS(meta),
			     .prim = META_PRIM(meta), .read = META_READ(meta) };
	struct lk_rec_sample *rec;
	struct order_env e;
	struct lk_cpu *cpu;
	__u32 zero = 0;
	__u64 outer;

	cpu = bpf_map_lookup_elem(&cpus, &zero);
	if (!cpu || cpu->sampled++ & order_cfg.sample_mask || !order_enter(&e, !prim_spins(h.prim)))
		return 0;
	outer = own_begin(&e);
	h.key = classkey(lock, h.prim);
	rec = classkey_describe_hold(&h) ? NULL : bpf_ringbuf_reserve(&order_rb, sizeof(*rec), 0);
	if (rec) {
		rec->kind = LK_REC_SAMPLE;
		rec->size = sizeof(*rec);
		rec->time_ns = bpf_ktime_get_ns();
		rec->tid = bpf_get_current_pid_tgid();
		rec->tgid = bpf_get_current_pid_tgid() >> 32;
		send_hold(&rec->acq, &h);
		bpf_ringbuf_submit(rec, 0);
	} else {
		stat_inc(LK_STAT_SAMPLE_LOST);
	}
	own_end(&e, outer);
	order_leave(&e);
	return 0;
}

/* A lock whose acquisition was noted has been got. */
static __noinline int order_got(__u64 lock, __u64 meta)
{
	struct order_env e;

	if (!order_enter(&e, !prim_spins(META_PRIM(meta))))
		return 0;
	stack_stamp(&e.slot->stack, lock);
	order_leave(&e);
	return 0;
}

static __always_inline int order_stamp(__u64 lock, __u64 meta)
{
	return hot_stamp(lock) ? 0 : order_got(lock, meta);
}

/* An acquisition that was noted has failed. */
static __noinline int order_undo(__u64 lock, __u64 meta)
{
	struct order_env e;
	int at;

	if (!order_enter(&e, !prim_spins(META_PRIM(meta))))
		return 0;
	at = stack_find(&e.slot->stack, lock);
	if (at >= 0)
		stack_remove(&e.slot->stack, at, e.slot->watch_mask);
	order_leave(&e);
	return 0;
}

/* The writer becomes a reader and holds on: one hold ends, another begins. @row: of the function. */
static __noinline int order_downgrade(void *ctx, __u64 lock, __u32 row)
{
	struct order_env e;
	struct lk_held *h;
	int at;

	if (!order_enter(&e, true))
		return 0;
	at = stack_find(&e.slot->stack, lock);
	if (at >= 0) {
		h = &e.slot->stack.held[HELD_AT(at)];
		if (order_cfg.hold_times) {
			hold_done(ctx, h, e.level, row);
			h->since = bpf_ktime_get_ns();
		}
		h->read = LK_READ;
		h->flags |= LK_HOLD_DOWNGRADED;
		stack_rechain(&e.slot->stack, at, e.slot->watch_mask);
	}
	order_leave(&e);
	return 0;
}

/*
 * With kprobes the way out does not know the arguments: the newest pending entry of
 * this row is what comes back, held if @ok. *out: what it was. 1 if there was one.
 */
static __noinline int order_resolve(__u32 row, __u32 ok, struct lk_held *out)
{
	struct order_env e;
	int found;

	if (!order_enter(&e, true))
		return 0;
	found = stack_pending(&e.slot->stack, row);
	if (found >= 0) {
		struct lk_held *h = &e.slot->stack.held[HELD_AT(found)];

		*out = *h;
		h->flags &= ~LK_HOLD_PENDING;
		h->key = 0;
		if (!ok)
			stack_remove(&e.slot->stack, found, e.slot->watch_mask);
	}
	order_leave(&e);
	return found >= 0;
}

#endif /* LK_ORDER_NOTE_BPF_H */
