/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watched functions: which locks are held when one is entered, what is taken inside
 * of it, how often it is called and for how long. The id of the function, which is its
 * bit in the watch mask, comes as the attach cookie. These are cold functions; what
 * they cost is not counted in nanoseconds.
 *
 * A kretprobe can miss a return (all its instances were in use). So each call is kept
 * with its stack pointer: one that lies deeper than a call that begins now has ended.
 */
#ifndef LK_WATCH_BPF_H
#define LK_WATCH_BPF_H

struct watch_frame {
	__u64 start_ns;
	__u64 sp;
	__u32 id;
	__u32 pad;
};

struct watch_calls {
	__u32 depth;
	__u32 pad;
	struct watch_frame frame[LK_WATCH_NEST];
};

/* Calls in progress, by task and level. Writer: the task. Full: WATCH_NEST, the call is only counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct watch_calls);
} watch_calls SEC(".maps");

/* By id. Never full by construction. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LK_WATCH_MAX);
	__type(key, __u32);
	__type(value, struct lk_watch_stat);
} watch_stats SEC(".maps");

/* A task_struct is aligned to more than there are levels. */
static __always_inline __u64 watch_key(const struct order_env *e)
{
	return bpf_get_current_task() + e->level;
}

static __always_inline struct watch_frame *watch_frame(struct watch_calls *c, __u32 at)
{
	__u64 i = at;

	HELD_OPAQUE(i);
	if (i >= LK_WATCH_NEST)
		return NULL;
	HELD_OPAQUE(i);
	return &c->frame[i];
}

/* The bits of the calls in progress. */
__noinline __u32 watch_mask_of(struct watch_calls *c)
{
	__u32 mask = 0, i;

	if (!c)
		return 0;
	for (i = 0; i < LK_WATCH_NEST; i++)
		if (i < c->depth)
			mask |= 1u << (c->frame[i].id & (LK_WATCH_MAX - 1));
	return mask;
}

/* A call of @id begins at @sp: 0, or -1 if there is no room for it. */
__noinline int watch_push(struct watch_calls *c, __u32 id, __u64 sp)
{
	struct watch_frame *f;
	__u32 i;

	if (!c)
		return -1;
	for (i = 0; i < LK_WATCH_NEST; i++) {
		f = watch_frame(c, c->depth - 1);
		if (!f || f->sp > sp)
			break;
		c->depth--;	/* its return was missed */
	}
	f = watch_frame(c, c->depth);
	if (!f)
		return -1;
	f->start_ns = bpf_ktime_get_ns();
	f->sp = sp;
	f->id = id;
	c->depth++;
	return 0;
}

/* The newest call of @id ends: when it began, 0 if it was not seen. */
__noinline __u64 watch_pop(struct watch_calls *c, __u32 id)
{
	struct watch_frame *f;
	__u32 i;

	if (!c)
		return 0;
	for (i = 1; i <= LK_WATCH_NEST; i++) {
		f = watch_frame(c, c->depth - i);
		if (!f)
			break;
		if (f->id != id)
			continue;
		c->depth -= i;
		return f->start_ns;
	}
	return 0;
}

/* Send what is held, if this has not been entered with that yet. */
static __always_inline void watch_note(void *ctx, struct order_env *e, __u32 id)
{
	struct lk_stack *s = &e->slot->stack;
	struct held_pick p = {};
	struct lk_held none = {}, entry = { .key = id + 1 };
	struct lk_rec_order *rec;
	struct lk_held *top;

	stack_verify(s, 0, &p, e->slot->watch_mask);
	top = held_top(s);
	if (top) {
		entry.chain = top->chain;
		entry.inst = top->inst;
	}
	if (edge_known(&none, &entry, e->slot->watch_mask))
		return;
	stack_keys(s, &p);
	if (stack_describe(s, &p))
		return;
	rec = send_begin(ctx, e, &none, 0, LK_ROW_NR);
	if (!rec)
		return;
	rec->flags |= LK_ORDER_WATCH_ENTRY;
	rec->watch_mask = 1u << (id & (LK_WATCH_MAX - 1));
	send_held(rec, s, &p);
	edge_remember(&none, &entry, e->slot->watch_mask);
	bpf_ringbuf_submit(rec, 0);
}

static __always_inline void watch_begin(void *ctx, struct order_env *e, __u32 id, __u64 sp)
{
	struct watch_calls fresh = {}, *c;
	__u64 key = watch_key(e);

	c = bpf_map_lookup_elem(&watch_calls, &key);
	if (!c) {
		bpf_map_update_elem(&watch_calls, &key, &fresh, BPF_NOEXIST);
		c = bpf_map_lookup_elem(&watch_calls, &key);
	}
	if (!c || watch_push(c, id, sp)) {
		stat_inc(LK_STAT_WATCH_NEST);
		return;
	}
	e->slot->watch_mask = watch_mask_of(c);
	watch_note(ctx, e, id);
}

static __always_inline void watch_end(struct order_env *e, __u32 id)
{
	__u64 key = watch_key(e), start, ns;
	struct lk_watch_stat *stat;
	struct watch_calls *c;

	c = bpf_map_lookup_elem(&watch_calls, &key);
	start = c ? watch_pop(c, id) : 0;
	if (!c || !start)
		return;		/* began before the trace, or could not be followed */
	e->slot->watch_mask = watch_mask_of(c);
	if (!c->depth)
		bpf_map_delete_elem(&watch_calls, &key);
	stat = bpf_map_lookup_elem(&watch_stats, &id);
	if (!stat)
		return;
	ns = bpf_ktime_get_ns() - start;
	stat->returned++;
	stat->total_ns += ns;
	if (ns > stat->max_ns)
		stat->max_ns = ns;
}

SEC("?kprobe")
int watch_enter(struct pt_regs *ctx)
{
	__u32 id = bpf_get_attach_cookie(ctx);
	struct lk_watch_stat *stat;
	struct order_env e;
	__u64 outer;

	if (!(order_enabled & LK_GATE_SLEEP) || !order_enter(&e, true))
		return 0;
	stat = bpf_map_lookup_elem(&watch_stats, &id);
	if (stat) {
		stat->calls++;
		outer = own_begin(&e);
		watch_begin(ctx, &e, id, PT_REGS_SP(ctx));
		own_end(&e, outer);
	}
	order_leave(&e);
	return 0;
}

SEC("?kretprobe")
int watch_exit(struct pt_regs *ctx)
{
	__u32 id = bpf_get_attach_cookie(ctx);
	struct order_env e;
	__u64 outer;

	if (!(order_enabled & LK_GATE_SLEEP) || !order_enter(&e, true))
		return 0;
	outer = own_begin(&e);
	watch_end(&e, id);
	own_end(&e, outer);
	order_leave(&e);
	return 0;
}

#endif /* LK_WATCH_BPF_H */
