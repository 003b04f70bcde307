/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What rows of waits and rows of holds have in common: stacks, blocks of histograms, naming
 * evidence, and the ring of those that are sent singly. User space makes all maps but `hist`
 * the same ones in the objects that have them. Sizes and comments as in maps.bpf.h.
 */
#ifndef LK_ROWS_BPF_H
#define LK_ROWS_BPF_H

/* Blocks of histogram counters, handed out in order. Full: HIST_FULL. Read by mmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 49152);
	__type(key, __u32);
	__type(value, struct lk_hist_block);
} hist SEC(".maps");

/* Stacks by hash. Collision: tried in stacks_alt with one frame less, then STACK_COLLISION. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 2048);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks_alt SEC(".maps");

/* Naming evidence per lock address. Writer: who makes its first row. Full: LOCKS_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct lk_lock_info);
} locks SEC(".maps");

/* Single waits, when asked for. Full: RING_FULL. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} rb SEC(".maps");

/* The next free histogram block. */
__u32 hist_next;

/* The stack that leads here: LK_STACK_*. */
static __always_inline __u32 stack_id(void *ctx)
{
	long id;

	if (!cfg.want_stack)
		return LK_STACK_NONE;
	id = bpf_get_stackid(ctx, &stacks, 0);
	if (id >= 0)
		return id;
	if (id == -EEXIST) {
		id = bpf_get_stackid(ctx, &stacks_alt, 1);
		if (id >= 0)
			return (__u32)id | LK_STACK_ALT;
		stat_inc(id == -EEXIST ? LK_STAT_STACK_COLLISION : LK_STAT_STACK_FAULT);
	} else {
		stat_inc(LK_STAT_STACK_FAULT);
	}
	return LK_STACK_NONE;
}

/* A record of one wait or hold, with no owner, to be submitted; NULL when the ring is full. */
static __always_inline struct lk_rec_wait *single_begin(__u32 kind, const struct lk_row_key *key,
							__u64 start, __u64 now)
{
	struct lk_rec_wait *rec = bpf_ringbuf_reserve(&rb, sizeof(*rec), 0);

	if (!rec) {
		stat_inc(LK_STAT_RING_FULL);
		return NULL;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->kind = kind;
	rec->size = sizeof(*rec);
	rec->key = *key;
	rec->start_ns = start;
	rec->dur_ns = now - start;
	return rec;
}

/*
 * Send such a record. @quiet: it can wait until the reader looks by itself, which it does
 * every 10 ms where there are hold times, unless the ring is filling. To be woken costs
 * an interrupt, in which locks are taken: and that comes upon the program that sends.
 */
static __always_inline void single_submit(struct lk_rec_wait *rec, bool quiet)
{
	__u64 flags = quiet ? BPF_RB_NO_WAKEUP : 0;

	if (bpf_ringbuf_query(&rb, BPF_RB_AVAIL_DATA) > bpf_ringbuf_query(&rb, BPF_RB_RING_SIZE) / 4)
		flags = BPF_RB_FORCE_WAKEUP;	/* whoever is not quiet, trusts that the one before woke it */
	bpf_ringbuf_submit(rec, flags);
}

#endif /* LK_ROWS_BPF_H */
