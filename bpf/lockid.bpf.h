/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What identifies a lock: evidence that only the kernel side can gather, taken
 * once per lock address, on the slow path that makes its first row.
 */
#ifndef LK_LOCKID_BPF_H
#define LK_LOCKID_BPF_H

#include "lockrule.bpf.h"
#include "slab.bpf.h"
#include "typed.bpf.h"

/* The primitive, as far as the tracepoint's flags tell. */
static __always_inline __u32 lockid_prim(__u32 lcb)
{
	if (lcb & LK_LCB_MUTEX)
		return LK_PRIM_MUTEX;
	if (lcb & LK_LCB_PERCPU)
		return LK_PRIM_PERCPU_RWSEM;
	if (lcb & LK_LCB_RT)
		return lcb & (LK_LCB_READ | LK_LCB_WRITE) ? LK_PRIM_RT_RWLOCK : LK_PRIM_RT_MUTEX;
	if (lcb & LK_LCB_SPIN)
		return lcb & (LK_LCB_READ | LK_LCB_WRITE) ? LK_PRIM_RWLOCK : LK_PRIM_SPINLOCK;
	return lcb & (LK_LCB_READ | LK_LCB_WRITE) ? LK_PRIM_RWSEM : LK_PRIM_SEMAPHORE;
}

static __always_inline void lockid_slab(struct lk_lock_info *info, struct kmem_cache *cache, __u64 off)
{
	const char *name = BPF_CORE_READ(cache, name);

	if (bpf_probe_read_kernel_str(info->cache, sizeof(info->cache), name) <= 1)
		return;
	info->has_cache = BPF_CORE_READ(cache, refcount) > 1 ? 2 : 1;
	info->object_size = BPF_CORE_READ(cache, object_size);
	info->off = off > LK_CK_OFF_MAX ? ~0u : (__u32)off;
}

static __always_inline void lockid_typed(struct lk_lock_info *info, __u64 key)
{
	__u64 name = typed_name(key);

	info->rule = typed_rule(key);
	info->detail = typed_detail(key);
	if (name)
		bpf_probe_read_kernel_str(info->refine, sizeof(info->refine), (const void *)name);
}

/* @info: room to work in. */
static __always_inline void lockid_note(__u64 lock, __u32 lcb, __u64 now, struct task_struct *task,
					struct lk_lock_info *info)
{
	struct slab_at at = {};
	__u64 key = 0;
	long err;

	if (bpf_map_lookup_elem(&locks, &lock))
		return;
	__builtin_memset(info, 0, sizeof(*info));
	info->first_ns = now;
	info->off = ~0u;
	info->prim = lockid_prim(lcb);
	slab_locate(lock, &at);
	if (at.cache)
		lockid_slab(info, (struct kmem_cache *)at.cache, at.off);
	if (lock < cfg.static_lo || lock >= cfg.static_hi)
		key = typed_key(lock, &at, info->prim);
	if (key)
		lockid_typed(info, key);
	else
		info->rule = lockid_rule(lock, task);
	err = bpf_map_update_elem(&locks, &lock, info, BPF_NOEXIST);
	if (err && err != -EEXIST)
		stat_inc(err == -EBUSY ? LK_STAT_MAP_BUSY : LK_STAT_LOCKS_FULL);
}

#endif /* LK_LOCKID_BPF_H */
