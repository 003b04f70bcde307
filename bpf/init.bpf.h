/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where locks were initialised, and what they were called there: the kernel's init
 * functions are given lockdep's name even without lockdep. (The key that they are
 * given too has no size then, so its address says nothing; the place of the call does.)
 *
 * An entry stands until another lock is initialised at its address. Memory that becomes
 * something else without our notice could keep it; a mutex or rwsem in dynamic memory
 * always comes by its init function, and a wait queue shows that it is one.
 */
#ifndef LK_INIT_BPF_H
#define LK_INIT_BPF_H

#define INIT_BUSY	1	/* lk_init.lock: somebody writes */

/* Writer: who initialises a lock. No place free: INITS_FULL, an older entry is overwritten. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LK_INIT_PLACES);
	__type(key, __u32);
	__type(value, struct lk_init);
} inits SEC(".maps");

static __always_inline struct lk_init *init_place(__u64 lock, __u32 i)
{
	__u32 at = (lk_init_place(lock) + i) & (LK_INIT_PLACES - 1);

	return bpf_map_lookup_elem(&inits, &at);
}

/* Place number @i: is it of this lock (2), free (1), or of another one (0)? */
static __always_inline int init_look(__u64 lock, __u32 prim, __u32 i)
{
	struct lk_init *e = init_place(lock, i);

	if (!e)
		return 0;
	if (e->lock == lock && e->prim == prim)
		return 2;
	return !e->lock;
}

/* Its place number: where it is, a free one, or the one to be overwritten. */
static __always_inline __u32 init_choose(__u64 lock, __u32 prim)
{
	__u32 i, free = LK_INIT_WAYS;
	int look;

	for (i = 0; i < LK_INIT_WAYS; i++) {
		look = init_look(lock, prim, i);
		if (look == 2)
			return i;
		if (look == 1 && free == LK_INIT_WAYS)
			free = i;
	}
	if (free < LK_INIT_WAYS)
		return free;
	stat_inc(LK_STAT_INITS_FULL);
	return bpf_get_prandom_u32() & (LK_INIT_WAYS - 1);
}

__noinline int init_put(struct lk_init *new)
{
	struct lk_init *e;
	__u64 old;

	if (!new)
		return 0;
	e = init_place(new->lock, init_choose(new->lock, new->prim));
	if (!e)
		return 0;
	old = e->lock;
	if (old == INIT_BUSY || __sync_val_compare_and_swap(&e->lock, old, INIT_BUSY) != old) {
		stat_inc(LK_STAT_INITS_FULL);
		return 0;
	}
	e->site = new->site;
	e->name = new->name;
	e->prim = new->prim;
	e->waitqueue = new->waitqueue;
	__sync_val_compare_and_swap(&e->lock, INIT_BUSY, new->lock);
	return 0;
}

/* Are these the words of a list, as behind a wait queue's lock? */
static __always_inline bool init_is_waitqueue(__u64 lock, __u32 prim)
{
	__u64 head = lock + bpf_core_field_offset(struct wait_queue_head, head), next;

	if (prim == LK_PRIM_SPINLOCK && bpf_core_type_size(struct spinlock) != bpf_core_type_size(struct raw_spinlock))
		head = lock + bpf_core_field_offset(struct swait_queue_head, task_list);	/* PREEMPT_RT */
	next = peek_ptr_hot(list_head, head, next);
	return next && peek_ptr_hot(list_head, next, prev) == head;
}

/*
 * The entry of a lock, NULL if there is none that counts. None lies behind a free place: entries
 * are overwritten, and never removed but all together.
 */
static __always_inline struct lk_init *init_entry(__u64 lock, __u32 prim)
{
	__u32 i, at = LK_INIT_WAYS;
	struct lk_init *e;
	int look = 0;

	for (i = 0; i < LK_INIT_WAYS && !look; i++) {
		look = init_look(lock, lk_init_prim(prim), i);
		if (look == 2)
			at = i;
	}
	e = at < LK_INIT_WAYS ? init_place(lock, at) : NULL;
	return e && (!e->waitqueue || init_is_waitqueue(lock, prim)) ? e : NULL;
}

/* Where the lock was initialised, 0 if that is not known. */
__noinline __u64 init_site(__u64 lock, __u32 prim)
{
	struct lk_init *e = init_entry(lock, prim);
	__u64 site = e ? e->site : 0;

	return e && e->lock == lock ? site : 0;		/* it may have been overwritten meanwhile */
}

/* Address of the name that it was given there, if that was @site; 0 = none. */
__noinline __u64 init_name(__u64 lock, __u32 prim, __u64 site)
{
	struct lk_init *e = init_entry(lock, prim);
	__u64 name = e ? e->name : 0;

	return e && e->site == site && e->lock == lock ? name : 0;
}

#endif /* LK_INIT_BPF_H */
