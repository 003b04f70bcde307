/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which slab an address lies in: page -> slab -> cache, as virt_to_slab() does it.
 * User space gives the addresses only where the layout holds: x86-64, 4 KiB pages,
 * from 5.17 (struct slab). PG_slab was a page flag until 6.10 and is a page type
 * since (46df8e73a4a3), whose value BTF tells.
 */
#ifndef LK_SLAB_BPF_H
#define LK_SLAB_BPF_H

/* mm/slab_common.c, since 6.13 (a992d7a3979120fbd7c13435d27b3da8d9ed095a) */
extern struct kmem_cache *bpf_get_kmem_cache(__u64 addr) __ksym __weak;

enum pageflags___slab { PG_slab___pf = 0x7fffffff };
enum pagetype___new { PGTY_slab___pt = 0x7fffffff };

static __always_inline bool slab_is(__u64 page)
{
	__u32 want;

	if (bpf_core_enum_value_exists(enum pagetype___new, PGTY_slab___pt)) {
		want = bpf_core_enum_value(enum pagetype___new, PGTY_slab___pt);
		return (__u32)peek_hot(page, page, page_type) >> 24 == want;
	}
	if (bpf_core_enum_value_exists(enum pageflags___slab, PG_slab___pf)) {
		want = bpf_core_enum_value(enum pageflags___slab, PG_slab___pf);
		return peek_hot(page, page, flags) >> (want & 63) & 1;
	}
	return false;
}

/*
 * Address of the struct page (also struct slab) of the slab that @addr lies in, 0 if
 * it is in none or that cannot be told. *start, if wanted: where the slab's memory begins.
 */
static __always_inline __u64 slab_page(__u64 addr, __u64 *start)
{
	__u64 direct, vmemmap, page, head;

	if (!cfg.vmemmap_base || !cfg.page_offset_base)
		return 0;
	direct = peek_word_hot(cfg.page_offset_base);
	vmemmap = peek_word_hot(cfg.vmemmap_base);
	if (!direct || !vmemmap || addr < direct || addr >= vmemmap)
		return 0;
	page = vmemmap + ((addr - direct) >> 12) * bpf_core_type_size(struct page);
	head = peek_ptr_hot(page, page, compound_head);
	if (head & 1)
		page = head - 1;
	if (!slab_is(page))
		return 0;
	if (start)
		*start = direct + ((page - vmemmap) / bpf_core_type_size(struct page) << 12);
	return page;
}

/* Where a lock lies in a slab object. */
struct slab_at {
	__u64 cache;		/* struct kmem_cache; 0 = in none */
	__u64 off;		/* in the object; ~0 = not known */
};

static __always_inline void slab_locate(__u64 lock, struct slab_at *at)
{
	__u64 start = 0, page, left, size;
	struct kmem_cache *cache;

	at->cache = 0;
	at->off = ~0ull;
	page = slab_page(lock, &start);
	if (page)
		at->cache = peek_ptr_hot(slab, page, slab_cache);
	if (cfg.has_slab_kfunc) {	/* which knows for sure, but not where in the object */
		cache = bpf_get_kmem_cache(lock);
		if ((__u64)cache != at->cache) {
			page = 0;
			/* As a number: no arithmetic is allowed with what the kernel calls a pointer. */
			bpf_probe_read_kernel(&at->cache, sizeof(at->cache), &cache);
		}
	}
	if (!at->cache)
		return;
	size = (__u32)peek_hot(kmem_cache, at->cache, size);
	left = bpf_core_field_exists(struct kmem_cache, red_left_pad) ?
		(__u32)peek_hot(kmem_cache, at->cache, red_left_pad) : 0;
	if (page && size && lock >= start + left)
		at->off = (lock - start) % size - left;
}

#endif /* LK_SLAB_BPF_H */
