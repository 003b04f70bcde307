/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classes as lockdep has them: the exact key, and the record that describes it.
 * Rules: register_lock_class(), look_up_lock_class() and assign_lock_key() of
 * kernel/locking/lockdep.c, 6.12.
 */
#ifndef LK_LOCKDEP_CLASS_BPF_H
#define LK_LOCKDEP_CLASS_BPF_H

#define LKD_CLASSHASH_BITS	12	/* MAX_LOCKDEP_KEYS_BITS - 1 */
#define LKD_HASH_WALK		64

struct lkd_canonical {
	__u64 addr;
	__u64 boot;	/* offset of the boot CPU's area */
};

static long lkd_canonical_step(__u32 cpu, struct lkd_canonical *c)
{
	__u64 offset = 0;

	bpf_probe_read_kernel(&offset, sizeof(offset),
			      (const __u64 *)lockdep_cfg.per_cpu_offset + cpu);
	if (c->addr - (offset + lockdep_cfg.percpu_start) >= lockdep_cfg.percpu_size)
		return 0;
	c->addr += c->boot - offset;
	return 1;
}

/* A per-CPU lock's key is the address of the boot CPU's copy; any other static lock's its own. */
__noinline __u64 lkd_static_key(__u64 addr)
{
	struct lkd_canonical c = { .addr = addr };

	if (!lockdep_cfg.percpu_size || !lockdep_cfg.per_cpu_offset)
		return addr;
	bpf_probe_read_kernel(&c.boot, sizeof(c.boot), (const void *)lockdep_cfg.per_cpu_offset);
	bpf_loop(lockdep_cfg.nr_cpus, lkd_canonical_step, &c, 0);
	return c.addr;
}

/* Key of a lock without its subclass. */
static __always_inline __u64 lkd_base_key(struct lockdep_map *map)
{
	__u64 key = (__u64)BPF_CORE_READ(map, key);

	return key ?: lkd_static_key((__u64)map);
}

struct lkd_walk {
	__u64 key;
	__u64 node;
	__u64 found;
};

static long lkd_walk_step(__u32 i, struct lkd_walk *w)
{
	struct lock_class *class = NULL;

	if (!w->node)
		return 1;
	class = (struct lock_class *)(w->node - bpf_core_field_offset(class->hash_entry));
	if ((__u64)BPF_CORE_READ(class, key) == w->key) {
		w->found = (__u64)class;
		return 1;
	}
	w->node = (__u64)BPF_CORE_READ(class, hash_entry.next);
	return 0;
}

/* Its struct, through lockdep's hash (hash_long(), include/linux/hash.h); 0 while it is not registered. */
__noinline __u64 lkd_find_by_hash(__u64 key)
{
	__u64 at = lockdep_cfg.classhash_table;
	struct lkd_walk w = { .key = key };

	if (!at)
		return 0;
	at += (key * 0x61c8864680b583ebull >> (64 - LKD_CLASSHASH_BITS)) * sizeof(__u64);
	bpf_probe_read_kernel(&w.node, sizeof(w.node), (const void *)at);
	bpf_loop(LKD_HASH_WALK, lkd_walk_step, &w, 0);
	return w.found;
}

/* lockdep's struct of the class @key of @map; NULL while it is not registered. */
static __always_inline struct lock_class *lkd_find_class(struct lockdep_map *map, __u64 key)
{
	struct lock_class *class = BPF_CORE_READ(map, class_cache[0]);

	if (class && (__u64)BPF_CORE_READ(class, key) == key)
		return class;
	return (struct lock_class *)lkd_find_by_hash(key);
}

/* Where @key is noted, or is to be; NULL if there is no room. */
static __always_inline struct lkd_class *lkd_class_place(__u64 key)
{
	__u32 hash = lkd_mix(0, key) >> 32, i, at;
	struct lkd_class *c;

	for (i = 0; i < LKD_CLASS_PROBES; i++) {
		at = (hash + i) & lockdep_cfg.class_mask;
		c = bpf_map_lookup_elem(&lkd_classes, &at);
		if (!c)
			return NULL;
		if (c->key == key || !c->key)
			return c;
	}
	return NULL;
}

#define LKD_UNNUMBERED	1000	/* above any #N of lockdep */

__u32 lkd_unnumbered;		/* classes that lockdep has not numbered */

static __always_inline void lkd_send_class(struct lockdep_map *map, __u64 key, __u32 subclass,
					   struct lk_rec_class *rec, struct lock_class *class)
{
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->kind = LK_REC_CLASS;
	rec->size = sizeof(*rec);
	rec->key = key;
	rec->tier = LK_TIER_LOCKDEP;
	rec->subclass = subclass;
	rec->off = ~0u;
	/* Names are taken for the same class by who reads them; so none must be given twice. */
	rec->name_version = class ? BPF_CORE_READ(class, name_version) :
			    LKD_UNNUMBERED + __sync_fetch_and_add(&lkd_unnumbered, 1);
	bpf_probe_read_kernel_str(rec->name, sizeof(rec->name), BPF_CORE_READ(map, name));
	bpf_ringbuf_submit(rec, 0);
}

/*
 * See to it that user space knows what @key stands for: 1, or 0 when lockdep will
 * register the class in a moment and then knows its number. @now: do not wait for that.
 * -1: there was no room; the next use tries again.
 */
__noinline int lkd_describe(__u64 lock, __u64 key, __u32 subclass, __u32 now)
{
	struct lockdep_map *map = (struct lockdep_map *)lock;
	struct lkd_class *place = lkd_class_place(key);
	struct lk_rec_class *rec;
	struct lock_class *class;

	if (!place) {
		stat_inc(LK_STAT_ORDER_MAP_FULL);
		return -1;
	}
	if (place->key == key)
		return 1;
	class = lkd_find_class(map, key);
	if (!class && !now && lkd_trust())
		return 0;
	rec = bpf_ringbuf_reserve(&lkd_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return -1;
	}
	if (__sync_val_compare_and_swap(&place->key, 0, key) != 0) {
		bpf_ringbuf_discard(rec, 0);	/* another CPU was faster, here or with another class */
		return -1;
	}
	lkd_send_class(map, key, subclass, rec, class);
	return 1;
}

/* Note that the class @key is of the kind that is acquired with check == 0, and not followed. */
static __always_inline void lkd_set_unchecked(__u64 key)
{
	struct lkd_class *place = lkd_class_place(key);

	if (place && place->key == key)
		place->unchecked = 1;
}

static __always_inline bool lkd_is_unchecked(__u64 key)
{
	struct lkd_class *place = lkd_class_place(key);

	return place && place->key == key && place->unchecked;
}

#endif /* LK_LOCKDEP_CLASS_BPF_H */
