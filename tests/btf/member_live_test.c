// SPDX-License-Identifier: GPL-2.0-only
/*
 * From cache and offset to a member, with this kernel's BTF. Offsets and sizes are found by
 * walking down a given path, the other way round than the code under test.
 */
#include <bpf/btf.h>
#include <time.h>

#include "../../bpf/abi.h"
#include "../../user/live/member.h"
#include "../lib/tap.h"

static const struct btf *btf;

static const struct btf_type *plain(uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* Offset of the member called @name, of @len letters, in bytes; -1 = none. *in is its type. */
static int64_t member_at(const struct btf_type *t, const char *name, size_t len,
			 const struct btf_type **in)
{
	const struct btf_member *m = btf_members(t);
	const char *s;
	int64_t off, deeper;
	int i;

	for (i = 0; i < btf_vlen(t); i++) {
		s = btf__name_by_offset(btf, m[i].name_off);
		*in = plain(m[i].type);
		off = btf_member_bit_offset(t, (uint32_t)i) / 8;
		if (strlen(s) == len && !memcmp(s, name, len))
			return off;
		if (s[0] || !btf_is_composite(*in))
			continue;
		deeper = member_at(*in, name, len, in);
		if (deeper >= 0)
			return off + deeper;
	}
	return -1;
}

/* Offset of @path ("a.b.c") in struct @tag, -1 if this kernel has no such thing. */
static int64_t offset_of(const char *tag, const char *path, uint32_t *size)
{
	int id = btf__find_by_name_kind(btf, tag, BTF_KIND_STRUCT);
	const struct btf_type *t, *in;
	int64_t off = 0, one;
	size_t len;

	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, (uint32_t)id);
	*size = t->size;
	for (; *path; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		one = btf_is_composite(t) ? member_at(t, path, len, &in) : -1;
		if (one < 0)
			return -1;
		off += one;
		t = in;
	}
	return off;
}

/* What the kernel says is the size of a cache's objects (root only), else @size. */
static uint32_t object_size(const char *cache, uint32_t size)
{
	char path[128];
	unsigned int got = size;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/object_size", cache);
	f = fopen(path, "re");
	if (f && fscanf(f, "%u", &got) != 1)
		got = size;
	if (f)
		fclose(f);
	return got;
}

static const struct {
	const char *cache, *tag, *path;
	uint32_t prim;
	const char *type, *member;
} locks[] = {
	{ "mm_struct", "mm_struct", "mmap_lock", LK_PRIM_RWSEM, "mm_struct", "mmap_lock" },
	{ "mm_struct", "mm_struct", "page_table_lock", LK_PRIM_SPINLOCK, "mm_struct", "page_table_lock" },
	{ "task_struct", "task_struct", "pi_lock", LK_PRIM_SPINLOCK, "task_struct", "pi_lock" },
	{ "task_struct", "task_struct", "alloc_lock", LK_PRIM_SPINLOCK, "task_struct", "alloc_lock" },
	{ "sighand_cache", "sighand_struct", "siglock", LK_PRIM_SPINLOCK, "sighand_struct", "siglock" },
	{ "signal_cache", "signal_struct", "cred_guard_mutex", LK_PRIM_MUTEX, "signal_struct", "cred_guard_mutex" },
	{ "files_cache", "files_struct", "file_lock", LK_PRIM_SPINLOCK, "files_struct", "file_lock" },
	{ "filp", "file", "f_pos_lock", LK_PRIM_MUTEX, "file", "f_pos_lock" },
	{ "dentry", "dentry", "d_lockref.lock", LK_PRIM_SPINLOCK, "dentry", "d_lockref.lock" },
	{ "inode_cache", "inode", "i_rwsem", LK_PRIM_RWSEM, "inode", "i_rwsem" },
	{ "inode_cache", "inode", "i_data.i_pages.xa_lock", LK_PRIM_SPINLOCK, "address_space", "i_pages.xa_lock" },
	{ "proc_inode_cache", "proc_inode", "vfs_inode.i_lock", LK_PRIM_SPINLOCK, "inode", "i_lock" },
	{ "shmem_inode_cache", "shmem_inode_info", "vfs_inode.i_rwsem", LK_PRIM_RWSEM, "inode", "i_rwsem" },
	{ "shmem_inode_cache", "shmem_inode_info", "lock", LK_PRIM_SPINLOCK, "shmem_inode_info", "lock" },
	{ "sock_inode_cache", "socket_alloc", "vfs_inode.i_rwsem", LK_PRIM_RWSEM, "inode", "i_rwsem" },
	{ "ext4_inode_cache", "ext4_inode_info", "vfs_inode.i_rwsem", LK_PRIM_RWSEM, "inode", "i_rwsem" },
	{ "ext4_inode_cache", "ext4_inode_info", "i_data_sem", LK_PRIM_RWSEM, "ext4_inode_info", "i_data_sem" },
	{ "TCP", "tcp_sock", "inet_conn.icsk_inet.sk.sk_lock.slock", LK_PRIM_SPINLOCK, "sock", "sk_lock.slock" },
	{ "TCP", "tcp_sock", "inet_conn.icsk_inet.sk.sk_receive_queue.lock", LK_PRIM_SPINLOCK, "sock", "sk_receive_queue.lock" },
	{ "TCP", "tcp_sock", "inet_conn.icsk_inet.sk.sk_callback_lock", LK_PRIM_RWLOCK, "sock", "sk_callback_lock" },
};

static void test_lock(struct members *m, size_t i)
{
	const char *cache = locks[i].cache;
	uint32_t size, obj, off, wrong = locks[i].prim == LK_PRIM_SEMAPHORE ? LK_PRIM_MUTEX : LK_PRIM_SEMAPHORE;
	int64_t at = offset_of(locks[i].tag, locks[i].path, &size);
	struct member got = { .how = 0 };

	if (at < 0) {
		printf("# this kernel has no %s.%s\n", locks[i].tag, locks[i].path);
		return;
	}
	off = (uint32_t)at;
	obj = object_size(cache, size);
	ok(members_of_cache(m, cache, obj, false, off, locks[i].prim, &got), "%s + %u is known", cache, off);
	is_str(got.type, locks[i].type, "%s + %u: type", cache, off);
	is_str(got.path, locks[i].member, "%s + %u: path", cache, off);
	is_str(got.outer, locks[i].tag, "%s + %u: object", cache, off);
	ok(!members_of_cache(m, cache, obj, false, off, wrong, &got) &&
	   !members_of_cache(m, cache, obj, false, off + 1, locks[i].prim, &got) &&
	   !members_of_cache(m, cache, size - 8, false, off, locks[i].prim, &got),
	   "%s: not with another primitive, offset, or a smaller object", locks[i].path);
}

static uint32_t bucket(uint32_t size)
{
	static const uint32_t all[] = { 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096 };
	size_t i = 0;

	while (all[i] < size)
		i++;
	return all[i];
}

static void test_kmalloc(struct members *m, const char *function, const char *tag, const char *path,
			 uint32_t prim)
{
	uint32_t size, n;
	int64_t off = offset_of(tag, path, &size);
	struct member got = { .how = 0 };
	char cache[32];

	if (off < 0 || btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) < 0) {
		printf("# this kernel has no %s() or %s.%s\n", function, tag, path);
		return;
	}
	n = bucket(size);
	snprintf(cache, sizeof(cache), n < 1024 ? "kmalloc-cg-%u" : "kmalloc-cg-%uk", n < 1024 ? n : n / 1024);
	members_of_kmalloc(m, cache, (uint32_t)off, prim, function, "", &got);
	is_str(got.type, tag, "%s in %s(): type", cache, function);
	is_str(got.path, path, "%s in %s(): path", cache, function);
	ok(!members_of_kmalloc(m, "kmalloc-8", (uint32_t)off, prim, function, "", &got) &&
	   !members_of_kmalloc(m, cache, (uint32_t)off, prim, "schedule", "", &got),
	   "%s: not in another cache or function", cache);
}

static double ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e3 + (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

int main(void)
{
	struct btf *b = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	struct timespec start;
	struct members *m;
	size_t i;

	if (!b) {
		skip("this kernel has no BTF");
		return done_testing();
	}
	btf = b;
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (!ok(!members_new(b, &m), "the index is built"))
		return done_testing();
	printf("# %u types in %.1f ms (with sanitizers)\n", btf__type_cnt(b), ms_since(&start));
	for (i = 0; i < sizeof(locks) / sizeof(locks[0]); i++)
		test_lock(m, i);
	test_kmalloc(m, "pipe_lock", "pipe_inode_info", "mutex", LK_PRIM_MUTEX);
	test_kmalloc(m, "ep_insert", "eventpoll", "mtx", LK_PRIM_MUTEX);
	test_kmalloc(m, "tty_write_lock", "tty_struct", "atomic_write_lock", LK_PRIM_MUTEX);
	members_free(m);
	btf__free(b);
	return done_testing();
}
