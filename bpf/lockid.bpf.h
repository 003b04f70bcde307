/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What identifies a lock: evidence that only the kernel side can gather, taken
 * once per lock address, on the slow path that makes its first row.
 */
#ifndef LK_LOCKID_BPF_H
#define LK_LOCKID_BPF_H

/* mm/slab_common.c, since 6.13 (a992d7a3979120fbd7c13435d27b3da8d9ed095a) */
extern struct kmem_cache *bpf_get_kmem_cache(__u64 addr) __ksym __weak;

/* Is @lock the member @field of what @ptr points to? Kernels that lack the member say no. */
#define is_field(lock, ptr, field)						\
	((ptr) && bpf_core_field_exists((ptr)->field) &&			\
	 (lock) == (__u64)__builtin_preserve_access_index(&(ptr)->field))

static __always_inline __u32 lockid_rule(__u64 lock, struct task_struct *task)
{
	struct sighand_struct *sighand = task->sighand;
	struct signal_struct *signal = task->signal;
	struct files_struct *files = task->files;
	struct mm_struct *mm = task->mm;
	struct fs_struct *fs = task->fs;

	if (is_field(lock, mm, mmap_lock))
		return LK_RULE_MMAP_LOCK;
	if (is_field(lock, mm, page_table_lock))
		return LK_RULE_PAGE_TABLE_LOCK;
	if (is_field(lock, sighand, siglock))
		return LK_RULE_SIGLOCK;
	if (is_field(lock, files, file_lock))
		return LK_RULE_FILE_LOCK;
	if (is_field(lock, signal, cred_guard_mutex))
		return LK_RULE_CRED_GUARD;
	if (is_field(lock, fs, lock))
		return LK_RULE_FS_LOCK;
	if (is_field(lock, task, pi_lock))
		return LK_RULE_PI_LOCK;
	if (is_field(lock, task, alloc_lock))
		return LK_RULE_ALLOC_LOCK;
	return LK_RULE_NONE;
}

/*
 * page -> slab -> cache, as virt_to_slab() does it, for kernels without the
 * kfunc. User space gives the addresses only where the layout holds: x86-64, 4 KiB
 * pages, from 5.17 (struct slab). PG_slab was a page flag until 6.10 and is a page type since
 * (46df8e73a4a3), whose value BTF tells.
 */
enum pageflags___slab { PG_slab___pf = 0x7fffffff };
enum pagetype___new { PGTY_slab___pt = 0x7fffffff };

static __always_inline struct kmem_cache *lockid_cache_by_page(__u64 lock)
{
	__u64 direct = 0, vmemmap = 0, head;
	struct page *page;

	if (!cfg.vmemmap_base || !cfg.page_offset_base)
		return NULL;
	bpf_probe_read_kernel(&direct, sizeof(direct), (const void *)cfg.page_offset_base);
	bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (const void *)cfg.vmemmap_base);
	if (!direct || !vmemmap || lock < direct || lock >= vmemmap)
		return NULL;
	page = (struct page *)(vmemmap +
		((lock - direct) >> 12) * bpf_core_type_size(struct page));
	head = BPF_CORE_READ(page, compound_head);
	if (head & 1)
		page = (struct page *)(head - 1);
	if (bpf_core_enum_value_exists(enum pagetype___new, PGTY_slab___pt)) {
		__u32 want = bpf_core_enum_value(enum pagetype___new, PGTY_slab___pt);

		if (BPF_CORE_READ(page, page_type) >> 24 != want)
			return NULL;
	} else if (bpf_core_enum_value_exists(enum pageflags___slab, PG_slab___pf)) {
		__u32 bit = bpf_core_enum_value(enum pageflags___slab, PG_slab___pf);

		if (!((BPF_CORE_READ(page, flags) >> (bit & 63)) & 1))
			return NULL;
	} else {
		return NULL;
	}
	return BPF_CORE_READ((struct slab *)page, slab_cache);
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
