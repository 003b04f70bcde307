/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Class keys (bpf/abi_order.h): what the kernel side can say of a lock's class, as
 * an exact number; and the description of a key that names a slab cache.
 */
#ifndef LK_CLASSKEY_BPF_H
#define LK_CLASSKEY_BPF_H

#include "slab.bpf.h"
#include "typed.bpf.h"

#define CLASSKEY_STACK_SIZE	(16ull << 10)	/* of a task; more (KASAN) only blurs the rest */

#include "init.bpf.h"

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

static __always_inline __u64 classkey_of_slab(const struct slab_at *at)
{
	__u64 off = at->off > LK_CK_OFF_MAX ? LK_CK_OFF_NONE : at->off;

	return at->cache ? (at->cache & LK_CK_ADDR_MASK) | off << LK_CK_OFF_SHIFT : 0;
}

/* A lock in a slab object: cache and offset; 0 if it lies in none. */
__noinline __u64 classkey_slab(__u64 lock)
{
	struct slab_at at = {};

	slab_locate(lock, &at);
	return classkey_of_slab(&at);
}

#define CLASSKEY_NODES	8	/* memory nodes that are looked at */

/* In what describes a memory node, which no allocator knows: the offset there as a key; 0 if not. */
static __always_inline __u64 classkey_node(__u64 lock)
{
	__u64 node, off;
	__u32 i;

	for (i = 0; order_cfg.node_data && i < CLASSKEY_NODES; i++) {
		node = peek_word(order_cfg.node_data + 8 * i);
		off = lock - node;
		if (node && off < bpf_core_type_size(struct pglist_data))
			return typed_pack(LK_RULE_NODE, 0, off);
	}
	return 0;
}

#define CLASSKEY_ZONES	6	/* of a node */

/* In this CPU's lists of free pages, which dynamic per-CPU memory holds: likewise. */
__noinline __u64 classkey_pcp(__u64 lock)
{
	__u64 here, node, zone, off;
	__u32 i;

	if (!cfg.per_cpu_offset || !order_cfg.node_data)
		return 0;
	here = peek_word_hot(cfg.per_cpu_offset + 8 * bpf_get_smp_processor_id());
	for (i = 0; i < CLASSKEY_NODES * CLASSKEY_ZONES; i++) {
		node = peek_word_hot(order_cfg.node_data + 8 * (i / CLASSKEY_ZONES));
		if (!node)
			break;
		zone = node + bpf_core_field_offset(struct pglist_data, node_zones) +
		       i % CLASSKEY_ZONES * bpf_core_type_size(struct zone);
		if (zone - node >= bpf_core_type_size(struct pglist_data))
			continue;
		off = lock - here - peek_ptr_hot(zone, zone, per_cpu_pageset);
		if (off < bpf_core_type_size(struct per_cpu_pages))
			return typed_pack(LK_RULE_PCP, 0, off);
	}
	return 0;
}

static __always_inline __u64 classkey_other(__u64 lock)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 stack = (__u64)BPF_CORE_READ(task, stack), direct = 0, vmalloc = 0, memmap = 0;

	if (lock - stack < CLASSKEY_STACK_SIZE)
		return LK_CK_STACK;
	if (cfg.page_offset_base)
		direct = peek_word(cfg.page_offset_base);
	if (order_cfg.vmalloc_base)
		vmalloc = peek_word(order_cfg.vmalloc_base);
	if (cfg.vmemmap_base)
		memmap = peek_word(cfg.vmemmap_base);
	if (!direct || !vmalloc || !memmap || lock < direct)
		return LK_CK_UNKNOWN;
	return lock < vmalloc ? LK_CK_PAGE : lock < memmap ? LK_CK_VMALLOC : LK_CK_MEMMAP;
}

static __always_inline bool is_static(__u64 addr)
{
	return addr >= cfg.static_lo && addr < cfg.static_hi;
}

static __always_inline bool is_module(__u64 addr)
{
	return order_cfg.module_lo && addr >= order_cfg.module_lo && addr < cfg.static_hi;
}

/* Key of a lock's class; never 0. Global: the verifier then walks it once per program. */
__noinline __u64 classkey(__u64 lock, __u32 prim)
{
	struct slab_at at = {};
	__u64 key;

	if (prim == LK_PRIM_COMPLETION)
		return LK_CK_COMPLETION;
	if (is_static(lock))
		return lock;
	key = classkey_percpu(lock);
	if (key)
		return key;
	slab_locate(lock, &at);
	key = at.cache ? 0 : classkey_node(lock);
	if (key)
		return key;
	key = typed_key(lock, &at, prim);
	if (key)
		return key;
	key = init_site(lock, prim);
	key = key ?: classkey_of_slab(&at);
	key = key ?: classkey_pcp(lock);
	return key ? key : classkey_other(lock);
}

/* Does a key name a slab cache? Static addresses have bits 48-63 all ones. */
static __always_inline bool classkey_is_slab(__u64 key)
{
	return key > LK_CK_MAX && key >> LK_CK_OFF_SHIFT != 0xffff && !key_is_typed(key);
}

/* Does it say where the lock was initialised? */
static __always_inline bool classkey_is_init(__u64 key, __u64 lock)
{
	return is_static(key) && key != lock;
}

/* Key of the memory that a lock with such a key lies in; else 0. */
static __always_inline __u64 classkey_memory(__u64 key, __u64 lock)
{
	__u64 slab;

	if (!classkey_is_init(key, lock))
		return 0;
	slab = classkey_slab(lock);
	return slab ? slab : classkey_other(lock);
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
static __always_inline int class_look(__u64 key, __u32 i, __u32 claim)
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
	stat_inc_inline(LK_STAT_ORDER_MAP_FULL);
	return 0;
}

static __always_inline void describe_slab(struct lk_rec_class *rec)
{
	const struct kmem_cache *cache = (const void *)(rec->key | ~LK_CK_ADDR_MASK);

	rec->off = rec->key >> LK_CK_OFF_SHIFT;
	if (rec->off == LK_CK_OFF_NONE)
		rec->off = ~0u;
	rec->flags = LK_CLASS_SLAB;
	rec->object_size = BPF_CORE_READ(cache, object_size);
	if ((int)BPF_CORE_READ(cache, refcount) > 1)
		rec->flags |= LK_CLASS_MERGED;
	bpf_probe_read_kernel_str(rec->name, sizeof(rec->name), BPF_CORE_READ(cache, name));
}

static __always_inline void describe_typed(struct lk_rec_class *rec)
{
	__u64 name = typed_name(rec->key);

	rec->flags = LK_CLASS_TYPED;
	rec->rule = typed_rule(rec->key);
	rec->detail = typed_detail(rec->key);
	if (name)
		bpf_probe_read_kernel_str(rec->name, sizeof(rec->name), (const void *)name);
}

/*
 * Describe a key before its first use if it does not speak for itself: 0, or -1 if there
 * was no room for it, and what needs it must be kept back. @name: LK_CLASS_INIT, address
 * of the name that was given; 0 otherwise.
 */
__noinline int classkey_describe(__u64 key, __u32 prim, __u64 name, __u32 init)
{
	struct lk_rec_class *rec;

	if ((!init && !classkey_is_slab(key) && !key_is_typed(key)) || class_described(key))
		return 0;
	rec = bpf_ringbuf_reserve(&order_rb, sizeof(*rec), 0);
	if (!rec) {
		stat_inc_inline(LK_STAT_ORDER_RING_FULL);
		return -1;
	}
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->kind = LK_REC_CLASS;
	rec->size = sizeof(*rec);
	rec->key = key;
	rec->tier = LK_TIER_ORDER;
	rec->off = ~0u;
	rec->prim = prim;
	if (init) {
		rec->flags = LK_CLASS_INIT;
		rec->site = key;
		if (name)
			bpf_probe_read_kernel_str(rec->name, sizeof(rec->name), (const void *)name);
	} else if (key_is_typed(key)) {
		describe_typed(rec);
	} else {
		describe_slab(rec);
	}
	class_remember(key);
	bpf_ringbuf_submit(rec, 0);
	return 0;
}

/* The same for a lock and all that is to be known of it. */
__noinline int classkey_describe_hold(struct lk_held *h)
{
	__u64 mem;

	if (!h)
		return 0;
	if (classkey_is_init(h->key, h->lock) &&
	    classkey_describe(h->key, h->prim, init_name(h->lock, h->prim, h->key), 1))
		return -1;
	if (classkey_describe(h->key, h->prim, 0, 0))
		return -1;
	mem = classkey_memory(h->key, h->lock);
	return mem ? classkey_describe(mem, h->prim, 0, 0) : 0;
}

/*
 * bpf_loop(): what place @i says of a module, or of a slab cache, which may have been its, is void.
 * Keys behind a place that becomes free may be described twice.
 */
static long class_forget(__u32 i, void *unused)
{
	__u32 at = i & (CLASS_PLACES - 1);
	__u64 *have = bpf_map_lookup_elem(&classes, &at);

	if (have && (is_module(*have) || classkey_is_slab(*have)))
		*have = 0;
	return 0;
}

#endif /* LK_CLASSKEY_BPF_H */
