/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Class keys (bpf/abi_order.h): what the kernel side can say of a lock's class, as
 * an exact number; and the description of a key that names a slab cache.
 */
#ifndef LK_CLASSKEY_BPF_H
#define LK_CLASSKEY_BPF_H

#include "slab.bpf.h"

#define CLASSKEY_STACK_SIZE	(16ull << 10)	/* of a task; more (KASAN) only blurs the rest */

/* The same variable of another CPU is the same class: say it in terms of the first CPU. */
static __always_inline __u64 classkey_percpu(__u64 lock)
{
	__u64 base = order_percpu.base, off = lock - base, unit = order_percpu.unit;

	if (!order_percpu.size || lock < base)
		return 0;
	if (unit) {
		if (off / unit >= order_percpu.nr)
			return 0;
		off %= unit;
	}
	return off < order_percpu.size ? base + off : 0;
}

/* A lock in a slab object: cache and offset. */
static __always_inline __u64 classkey_slab(__u64 lock)
{
	__u64 start = 0, page, cache = 0, off = LK_CK_OFF_NONE, left, size;

	page = slab_page(lock, &start);
	if (page)
		cache = peek_ptr(slab, page, slab_cache);
	else if (cfg.has_slab_kfunc)
		cache = (__u64)bpf_get_kmem_cache(lock);
	if (!cache)
		return 0;
	size = (__u32)peek(kmem_cache, cache, size);
	left = bpf_core_field_exists(struct kmem_cache, red_left_pad) ?
		(__u32)peek(kmem_cache, cache, red_left_pad) : 0;
	if (page && size && lock >= start + left) {
		off = (lock - start) % size - left;
		if (off >= LK_CK_OFF_NONE)
			off = LK_CK_OFF_NONE;
	}
	return (cache & LK_CK_ADDR_MASK) | off << LK_CK_OFF_SHIFT;
}

static __always_inline __u64 classkey_other(__u64 lock)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 stack = (__u64)BPF_CORE_READ(task, stack), direct = 0, vmalloc = 0, memmap = 0;

	if (lock - stack < CLASSKEY_STACK_SIZE)
		return LK_CK_STACK;
	if (cfg.page_offset_base)
		bpf_probe_read_kernel(&direct, sizeof(direct), (const void *)cfg.page_offset_base);
	if (order_cfg.vmalloc_base)
		bpf_probe_read_kernel(&vmalloc, sizeof(vmalloc), (const void *)order_cfg.vmalloc_base);
	if (cfg.vmemmap_base)
		bpf_probe_read_kernel(&memmap, sizeof(memmap), (const void *)cfg.vmemmap_base);
	if (!direct || !vmalloc || !memmap || lock < direct)
		return LK_CK_UNKNOWN;
	return lock < vmalloc ? LK_CK_PAGE : lock < memmap ? LK_CK_VMALLOC : LK_CK_MEMMAP;
}

/* Key of a lock's class; never 0. Global: the verifier then walks it once per program. */
__noinline __u64 classkey(__u64 lock, __u32 prim)
{
	__u64 key;

	if (prim == LK_PRIM_COMPLETION)
		return LK_CK_COMPLETION;
	if (lock >= order_cfg.static_lo && lock < order_cfg.static_hi)
		return lock;
	key = classkey_percpu(lock);
	if (key)
		return key;
	key = classkey_slab(lock);
	return key ? key : classkey_other(lock);
}

/* Does a key name a slab cache? Static addresses have bits 48-63 all ones. */
static __always_inline bool classkey_is_slab(__u64 key)
{
	return key > LK_CK_MAX && key >> LK_CK_OFF_SHIFT != 0xffff;
}

static __always_inline __u64 *class_place(__u64 key, __u32 i)
{
	__u32 at = ((held_mix(0, key) >> 24) + i) & (CLASS_PLACES - 1);

	return bpf_map_lookup_elem(&classes, &at);
}

enum class_look {
	CLASS_ELSEWHERE,	/* if anywhere, then farther on */
	CLASS_NEW,
	CLASS_KNOWN,
};

/* Look at the key's place number @i; with @claim, take it if it is free. */
__noinline int class_look(__u64 key, __u32 i, __u32 claim)
{
	__u64 *have = class_place(key, i);

	if (!have)
		return CLASS_NEW;
	if (*have == key || (claim && !*have && !__sync_val_compare_and_swap(have, 0, key)))
		return CLASS_KNOWN;
	return *have ? CLASS_ELSEWHERE : CLASS_NEW;
}

static __always_inline int class_described(__u64 key)
{
	__u32 i;
	int look;

	for (i = 0; i < CLASS_PROBES; i++) {
		look = class_look(key, i, 0);
		if (look != CLASS_ELSEWHERE)
			return look == CLASS_KNOWN;
	}
	return 0;
}

static __always_inline int class_remember(__u64 key)
{
	__u32 i;

	for (i = 0; i < CLASS_PROBES; i++)
		if (class_look(key, i, 1) == CLASS_KNOWN)
			return 0;
	stat_inc(LK_STAT_ORDER_MAP_FULL);
	return 0;
}

/*
 * Describe a slab key before its first use: 0, or -1 if there was no room for it, and
 * what needs it must be kept back.
 */
__noinline int classkey_describe(__u64 key)
{
	const struct kmem_cache *cache = (const void *)(key | ~LK_CK_ADDR_MASK);
	struct lk_rec_class *rec;

	if (!classkey_is_slab(key) || class_described(key))
		return 0;
	rec = bpf_ringbuf_reserve(&order_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc(LK_STAT_ORDER_RING_FULL);
		return -1;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->kind = LK_REC_CLASS;
	rec->size = sizeof(*rec);
	rec->key = key;
	rec->tier = LK_TIER_ORDER;
	rec->off = key >> LK_CK_OFF_SHIFT;
	if (rec->off == LK_CK_OFF_NONE)
		rec->off = ~0u;
	rec->flags = LK_CLASS_SLAB;
	if ((int)BPF_CORE_READ(cache, refcount) > 1)
		rec->flags |= LK_CLASS_MERGED;
	bpf_probe_read_kernel_str(rec->name, sizeof(rec->name), BPF_CORE_READ(cache, name));
	class_remember(key);
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

#endif /* LK_CLASSKEY_BPF_H */
