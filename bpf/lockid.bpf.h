/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What identifies a lock: evidence that only the kernel side can gather, taken
 * once per lock address, on the slow path that makes its first row.
 */
#ifndef LK_LOCKID_BPF_H
#define LK_LOCKID_BPF_H

#include "lockrule.bpf.h"
#include "slab.bpf.h"

static __always_inline struct kmem_cache *lockid_cache_by_page(__u64 lock)
{
	__u64 page = slab_page(lock, NULL);

	return page ? BPF_CORE_READ((struct slab *)page, slab_cache) : NULL;
}

static __always_inline void lockid_note(__u64 lock, __u64 now, struct task_struct *task,
					struct lk_cpu_state *cs)
{
	struct lk_lock_info *info = &cs->info;
	struct kmem_cache *cache;
	const char *name;
	long err;

	if (bpf_map_lookup_elem(&locks, &lock))
		return;
	__builtin_memset(info, 0, sizeof(*info));
	info->first_ns = now;
	info->rule = lockid_rule(lock, task);
	if (cfg.has_slab_kfunc)
		cache = bpf_get_kmem_cache(lock);
	else
		cache = lockid_cache_by_page(lock);
	if (cache) {
		name = BPF_CORE_READ(cache, name);
		if (bpf_probe_read_kernel_str(info->cache, sizeof(info->cache), name) > 1)
			info->has_cache = BPF_CORE_READ(cache, refcount) > 1 ? 2 : 1;
	}
	err = bpf_map_update_elem(&locks, &lock, info, BPF_NOEXIST);
	if (err && err != -EEXIST)
		stat_inc(err == -EBUSY ? LK_STAT_MAP_BUSY : LK_STAT_LOCKS_FULL);
}

#endif /* LK_LOCKID_BPF_H */
