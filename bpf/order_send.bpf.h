/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the order tier: filled in where they lie, in the ring.
 */
#ifndef LK_ORDER_SEND_BPF_H
#define LK_ORDER_SEND_BPF_H

#define STACK_NEAR	32	/* bytes from a function's start to behind its call of the tracer */
#define STACK_OURS	14	/* frames that may be ours, on top of the traced function */

/* The stack in a record, as a type that a global function can take. */
struct lk_rec_frames {
	__u64 ip[LK_ORDER_STACK];
};

__noinline __u32 lock_rule(__u64 lock)
{
	return lockid_rule(lock, (void *)bpf_get_current_task());
}

static __always_inline void send_hold(struct lk_rec_hold *to, const struct lk_held *h)
{
	to->lock = h->lock;
	to->site = key_is_typed(h->key) && h->prim == LK_PRIM_COMPLETION ? 0 : h->site;
	to->key = h->key;
	to->mem = classkey_memory(h->key, h->lock);
	to->flags = h->flags & ~(LK_HOLD_PENDING | LK_HOLD_WRAPPED | LK_HOLD_NOVALIDATE | LK_HOLD_YOUNG);
	to->prim = h->prim;
	to->read = h->read;
	to->rule = lock_rule(h->lock);
}

__noinline int send_one(struct lk_rec_order *rec, struct lk_stack *s, struct held_pick *p, __u32 i)
{
	__u32 n;

	if (!rec || !s || !p || i >= LK_HELD_MAX || !(p->usable >> i & 1))
		return 0;
	n = rec->nr_held;
	if (n >= LK_HELD_MAX)
		return 0;
	rec->from |= (p->mask >> i & 1) << n;
	send_hold(&rec->held[n], &s->held[i]);
	rec->nr_held = n + 1;
	return 0;
}

/* What is held, oldest first: entries in p->usable; edges come from those in p->mask. */
__noinline int send_held(struct lk_rec_order *rec, struct lk_stack *s, struct held_pick *p)
{
	__u32 i;

	if (!rec || !s || !p)
		return 0;
	for (i = 0; i < LK_HELD_MAX; i++)
		send_one(rec, s, p, i);
	if (s->overflow)
		rec->flags |= LK_ORDER_OVERFLOW;
	return 0;
}

/* How many frames of @stack are ours, before that of the traced function; -1 = it is not among them. */
__noinline int send_ours(__u64 func_ip, struct lk_rec_frames *f)
{
	int i;

	if (!f)
		return -1;
	for (i = 0; i < STACK_OURS; i++)
		if (f->ip[i] - func_ip < STACK_NEAR)
			return i;
	return -1;
}

/*
 * The kernel stack from the traced function on: number of frames. What is on top of
 * it is ours; how much, is learned per row, since it differs by program. @func_ip 0:
 * no need to cut.
 */
static __always_inline __u32 send_stack(void *ctx, struct lk_rec_frames *f, __u64 func_ip, __u32 row)
{
	__u32 skip = stack_skip[ROW_PLACE(row)];
	long n = bpf_get_stack(ctx, f, sizeof(*f), skip);
	int ours;

	if (n > 0 && func_ip && f->ip[0] - func_ip >= STACK_NEAR) {
		if (skip)
			n = bpf_get_stack(ctx, f, sizeof(*f), 0);
		ours = n > 0 ? send_ours(func_ip, f) : -1;
		if (ours >= 0) {
			stack_skip[ROW_PLACE(row)] = ours;
			n = bpf_get_stack(ctx, f, sizeof(*f), ours & 0xff);
		}
	}
	if (n <= 0) {
		stat_inc(LK_STAT_ORDER_STACK);
		return 0;
	}
	return (__u32)n / sizeof(f->ip[0]);
}

static __always_inline void send_who(__u64 *time, __u32 *tid, __u32 *tgid,
				     __u32 *cpu, char *comm)
{
	*time = bpf_ktime_get_ns();
	__u64 id = bpf_get_current_pid_tgid();

	*tid = id;
	*tgid = id >> 32;
	*cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(comm, LK_COMM_LEN);
}

/*
 * What an order is about, but what is held. A function of its own, since 512 bytes of stack
 * must do for all that call one another.
 */
static __noinline int send_fill(void *ctx, struct lk_rec_order *rec, const struct lk_held *acq,
				__u64 func_ip, __u32 row)
{
	send_who(&rec->time_ns, &rec->tid, &rec->tgid, &rec->cpu, rec->comm);
	send_hold(&rec->acq, acq);
	rec->nr_stack = send_stack(ctx, (struct lk_rec_frames *)rec->stack, func_ip, row);
	if (func_ip && acq->prim != LK_PRIM_COMPLETION && rec->nr_stack > 1 && rec->acq.site != rec->stack[1] &&
	    rec->stack[0] - func_ip < STACK_NEAR) {
		stat_inc(LK_STAT_SITE_UNKNOWN);	/* what we took for the caller was not */
		rec->acq.site = rec->stack[1];
	}
	return 0;
}

/* A record with that; NULL when the ring is full. */
static __always_inline struct lk_rec_order *send_begin(void *ctx, struct order_env *e,
						       const struct lk_held *acq, __u64 func_ip, __u32 row)
{
	struct lk_rec_order *rec = bpf_ringbuf_reserve(&order_rb, sizeof(*rec), 0);

	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return NULL;
	}
	__sync_fetch_and_add(&row_sent[ROW_PLACE(row)], 1);
	rec->kind = LK_REC_ORDER;
	rec->size = sizeof(*rec);
	rec->tier = LK_TIER_ORDER;
	rec->ctx = e->level;
	rec->watch_mask = e->slot->watch_mask;
	rec->flags = 0;
	rec->from = 0;
	rec->nr_held = 0;
	send_fill(ctx, rec, acq, func_ip, row);
	return rec;
}

/* A new order, whose classes are described: 1 when it was sent and remembered. */
static __always_inline int send_order(void *ctx, struct order_env *e, struct order_in *in,
				      struct held_pick *p, __u64 func_ip)
{
	struct lk_rec_order *rec = send_begin(ctx, e, &in->h, func_ip, in->row);

	if (!rec)
		return 0;
	if (in->h.flags & LK_HOLD_YOUNG)
		rec->flags |= LK_ORDER_YOUNG;
	send_held(rec, &e->slot->stack, p);
	stack_remember(&e->slot->stack, p->mask, &in->h, in->watch_mask);
	bpf_ringbuf_submit(rec, 0);
	return 1;
}

static __always_inline void send_odd(void *ctx, struct lk_held *h, __u32 odd,
				     __u64 func_ip, __u32 row)
{
	struct lk_rec_odd *rec;

	h->key = classkey(h->lock, h->prim);
	if (classkey_describe_hold(h))
		return;
	rec = bpf_ringbuf_reserve(&order_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return;
	}
	rec->kind = LK_REC_ODD;
	rec->size = sizeof(*rec);
	rec->odd = odd;
	rec->tier = LK_TIER_ORDER;
	send_who(&rec->time_ns, &rec->tid, &rec->tgid, &rec->cpu, rec->comm);
	send_hold(&rec->hold, h);
	rec->nr_stack = send_stack(ctx, (struct lk_rec_frames *)rec->stack, func_ip, row);
	bpf_ringbuf_submit(rec, 0);
}

#endif /* LK_ORDER_SEND_BPF_H */
