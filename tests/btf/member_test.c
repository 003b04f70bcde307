// SPDX-License-Identifier: GPL-2.0-only
/*
 * From cache and offset to a member, on invented types: every step of the walk, what must
 * not be named, BTF of modules, merged caches.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../../user/live/member_priv.h"
#include "../lib/tap.h"
#include "mkbtf.h"

static char dir[] = "/tmp/member_test.XXXXXX";
static char mods[64], slabs[64];

struct question {
	const char *what, *cache;
	uint32_t size, off, prim;
	const char *want;	/* "OUTER: TYPE PATH", NULL = not known */
	bool merged;
	enum member_how how;	/* 0 = MEMBER_CACHE */
};

#define Q_(what_, cache_, size_, off_, prim_, want_, merged_, how_) {			\
	.what = (what_), .cache = (cache_), .size = (size_), .off = (off_),		\
	.prim = (prim_), .want = (want_), .merged = (merged_), .how = (how_) }
#define Q(what_, cache_, size_, off_, prim_, want_) \
	Q_(what_, cache_, size_, off_, prim_, want_, false, MEMBER_CACHE)

static const char *text(bool known, const struct member *m)
{
	static char buf[300];

	if (!known)
		return NULL;
	snprintf(buf, sizeof(buf), "%s: %s %s", m->outer, m->type, m->path);
	return buf;
}

static void ask(struct members *m, const struct question *q)
{
	struct member got, again;
	bool known = members_of_cache(m, q->cache, q->size, q->merged, q->off, q->prim, &got);

	is_str(text(known, &got), q->want, "%s: %s + %u", q->what, q->cache, q->off);
	if (known)
		is_int(got.how, q->how ? q->how : MEMBER_CACHE, "%s: how", q->what);
	if (known != members_of_cache(m, q->cache, q->size, q->merged, q->off, q->prim, &again) ||
	    (known && memcmp(&got, &again, sizeof(got))))
		ok(false, "%s: a second time, the answer is the same", q->what);
}

static void ask_all(struct members *m, const struct question *q, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		ask(m, &q[i]);
}

#define ASK_ALL(m, q) ask_all(m, q, sizeof(q) / sizeof((q)[0]))

static struct members *new(const struct btf *b)
{
	struct members *m = NULL;

	if (members_new_at(b, mods, slabs, &m)) {
		printf("Bail out! members_new_at()\n");
		exit(1);
	}
	return m;
}

/* Each kind of lock in a struct of its own, with what lies inside of it. */
static void test_primitives(void)
{
	static const struct question q[] = {
		Q("mutex", "a_mutex", 64, 16, LK_PRIM_MUTEX, "a_mutex: a_mutex lk"),
		Q("its wait_lock", "a_mutex", 64, 24, LK_PRIM_SPINLOCK, "a_mutex: a_mutex lk.wait_lock"),
		Q("no spinlock at its start", "a_mutex", 64, 16, LK_PRIM_SPINLOCK, NULL),
		Q("ww_mutex", "a_ww_mutex", 64, 16, LK_PRIM_WW_MUTEX, "a_ww_mutex: a_ww_mutex lk"),
		Q("ww_mutex without context", "a_ww_mutex", 64, 16, LK_PRIM_MUTEX, "a_ww_mutex: a_ww_mutex lk"),
		Q("a mutex is no ww_mutex", "a_mutex", 64, 16, LK_PRIM_WW_MUTEX, NULL),
		Q("rwsem", "a_rwsem", 64, 16, LK_PRIM_RWSEM, "a_rwsem: a_rwsem lk"),
		Q("its wait_lock", "a_rwsem", 64, 36, LK_PRIM_SPINLOCK, "a_rwsem: a_rwsem lk.wait_lock"),
		Q("rt_mutex", "a_rt_mutex", 64, 16, LK_PRIM_RT_MUTEX, "a_rt_mutex: a_rt_mutex lk"),
		Q("rt_mutex_base", "a_rt_base", 64, 16, LK_PRIM_RT_MUTEX, "a_rt_base: a_rt_base lk"),
		Q("spinlock_t", "a_spin", 64, 16, LK_PRIM_SPINLOCK, "a_spin: a_spin lk"),
		Q("not RT's", "a_spin", 64, 16, LK_PRIM_RT_SPINLOCK, NULL),
		Q("raw_spinlock_t", "a_raw", 64, 16, LK_PRIM_SPINLOCK, "a_raw: a_raw lk"),
		Q("rwlock_t", "a_rwlock", 64, 16, LK_PRIM_RWLOCK, "a_rwlock: a_rwlock lk"),
		Q("percpu-rwsem", "a_percpu", 128, 16, LK_PRIM_PERCPU_RWSEM, "a_percpu: a_percpu lk"),
		Q("its waiters", "a_percpu", 128, 80, LK_PRIM_SPINLOCK, "a_percpu: a_percpu lk.waiters.lock"),
		Q("semaphore", "a_sem", 64, 16, LK_PRIM_SEMAPHORE, "a_sem: a_sem lk"),
		Q("its lock", "a_sem", 64, 16, LK_PRIM_SPINLOCK, "a_sem: a_sem lk.lock"),
		Q("completion", "a_compl", 64, 16, LK_PRIM_COMPLETION, "a_compl: a_compl lk"),
		Q("its wait queue", "a_compl", 64, 24, LK_PRIM_SPINLOCK, "a_compl: a_compl lk.wait.lock"),
		Q("wait queue by typedef", "a_wait", 64, 16, LK_PRIM_SPINLOCK, "a_wait: a_wait lk.lock"),
		Q("lockref", "a_lockref", 64, 16, LK_PRIM_SPINLOCK, "a_lockref: a_lockref lk.lock"),
		Q("xarray", "a_xarray", 64, 16, LK_PRIM_SPINLOCK, "a_xarray: a_xarray lk.xa_lock"),
		Q("seqlock", "a_seqlock", 64, 20, LK_PRIM_SPINLOCK, "a_seqlock: a_seqlock lk.lock"),
		Q("no primitive", "a_spin", 64, 16, LK_PRIM_NONE, NULL),
		Q("lockdep's does not say", "a_spin", 64, 16, LK_PRIM_LOCKDEP, NULL),
		Q("nonsense", "a_spin", 64, 16, 77, NULL),
		Q("one byte on", "a_spin", 64, 17, LK_PRIM_SPINLOCK, NULL),
		Q("farther than the object", "a_spin", 64, 80, LK_PRIM_SPINLOCK, NULL),
		Q("no offset", "a_spin", 64, UINT32_MAX, LK_PRIM_SPINLOCK, NULL),
		Q("an object smaller than the struct", "a_spin", 56, 16, LK_PRIM_SPINLOCK, NULL),
		Q("no such struct", "b_spin", 64, 16, LK_PRIM_SPINLOCK, NULL),
		Q("no name", "", 64, 16, LK_PRIM_SPINLOCK, NULL),
	};
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;

	mk_kernel_types(b, false, &k);
	STRUCT(b, "a_mutex", 64, { "lk", k.mutex, 16 });
	STRUCT(b, "a_ww_mutex", 64, { "lk", k.ww_mutex, 16 });
	STRUCT(b, "a_rwsem", 64, { "lk", k.rw_semaphore, 16 });
	STRUCT(b, "a_rt_mutex", 64, { "lk", k.rt_mutex, 16 });
	STRUCT(b, "a_rt_base", 64, { "lk", k.rt_mutex_base, 16 });
	STRUCT(b, "a_spin", 64, { "lk", k.spinlock_t, 16 });
	STRUCT(b, "a_raw", 64, { "lk", k.raw_spinlock_t, 16 });
	STRUCT(b, "a_rwlock", 64, { "lk", k.rwlock_t, 16 });
	STRUCT(b, "a_percpu", 128, { "lk", k.percpu_rw_semaphore, 16 });
	STRUCT(b, "a_sem", 64, { "lk", k.semaphore, 16 });
	STRUCT(b, "a_compl", 64, { "lk", k.completion, 16 });
	STRUCT(b, "a_wait", 64, { "lk", k.wait_queue_head_t, 16 });
	STRUCT(b, "a_lockref", 64, { "lk", k.lockref, 16 });
	STRUCT(b, "a_xarray", 64, { "lk", k.xarray, 16 });
	STRUCT(b, "a_seqlock", 64, { "lk", k.seqlock_t, 16 });
	m = new(b);
	ASK_ALL(m, q);
	members_free(m);
	btf__free(b);
}

static void test_rt(void)
{
	static const struct question q[] = {
		Q("RT: spinlock_t", "a_spin", 64, 16, LK_PRIM_RT_SPINLOCK, "a_spin: a_spin lk"),
		Q("RT: what spins is inside", "a_spin", 64, 16, LK_PRIM_SPINLOCK, "a_spin: a_spin lk.lock.wait_lock"),
		Q("RT: raw_spinlock_t", "a_raw", 64, 16, LK_PRIM_SPINLOCK, "a_raw: a_raw lk"),
		Q("RT: raw is not RT's", "a_raw", 64, 16, LK_PRIM_RT_SPINLOCK, NULL),
		Q("RT: rwlock_t", "a_rwlock", 64, 16, LK_PRIM_RT_RWLOCK, "a_rwlock: a_rwlock lk"),
	};
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;

	mk_kernel_types(b, true, &k);
	STRUCT(b, "a_spin", 64, { "lk", k.spinlock_t, 16 });
	STRUCT(b, "a_raw", 64, { "lk", k.raw_spinlock_t, 16 });
	STRUCT(b, "a_rwlock", 64, { "lk", k.rwlock_t, 16 });
	m = new(b);
	ASK_ALL(m, q);
	members_free(m);
	btf__free(b);
}

/* Structs in structs, without names, in arrays and unions. */
static void test_shapes(void)
{
	static const struct question q[] = {
		Q("embedded", "x_inode_cache", 400, 40, LK_PRIM_RWSEM, "x_inode_info: inode i_rwsem"),
		Q("embedded twice, through an xarray", "x_inode_cache", 400, 108, LK_PRIM_SPINLOCK, "x_inode_info: address_space i_pages.xa_lock"),
		Q("own, behind it", "x_inode_cache", 400, 300, LK_PRIM_SPINLOCK, "x_inode_info: x_inode_info own"),
		Q("the embedded struct's own cache", "inode_cache", 200, 8, LK_PRIM_RWSEM, "inode: inode i_rwsem"),
		Q("typedef of a struct without a tag", "sock", 64, 8, LK_PRIM_SPINLOCK, "sock: sock sk_lock.slock"),
		Q("anonymous struct in anonymous union", "anon", 64, 24, LK_PRIM_SPINLOCK, "anon: anon deep"),
		Q("first element", "arr", 128, 8, LK_PRIM_SPINLOCK, "arr: arr locks"),
		Q("third element", "arr", 128, 16, LK_PRIM_SPINLOCK, "arr: arr locks"),
		Q("behind the last", "arr", 128, 20, LK_PRIM_SPINLOCK, NULL),
		Q("array of arrays of structs", "arr", 128, 80, LK_PRIM_SPINLOCK, "arr: elem el_lock"),
		Q("array of no elements", "arr", 160, 128, LK_PRIM_SPINLOCK, NULL),
		Q("union, one alternative", "uni", 64, 0, LK_PRIM_MUTEX, "uni: uni u.m"),
		Q("union, two names", "uni", 64, 32, LK_PRIM_SPINLOCK, NULL),
		Q("union, the mutex rather than the ww_mutex", "uni2", 64, 8, LK_PRIM_MUTEX, "uni2: uni2 m"),
		Q("union, the ww_mutex", "uni2", 64, 8, LK_PRIM_WW_MUTEX, "uni2: uni2 ww"),
		Q("volatile and const", "quali", 64, 8, LK_PRIM_SPINLOCK, "quali: quali lk"),
		Q("bit field there", "quali", 64, 16, LK_PRIM_SPINLOCK, NULL),
		Q("not at a whole byte", "quali", 64, 24, LK_PRIM_SPINLOCK, NULL),
		Q("a lock as a bit field", "quali", 64, 32, LK_PRIM_SPINLOCK, NULL),
		Q("a whole object that is a lock", "mutex", 32, 0, LK_PRIM_MUTEX, NULL),
		Q("its own lock", "mutex", 32, 8, LK_PRIM_SPINLOCK, "mutex: mutex wait_lock"),
	};
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;
	int in, el, arr, arr2, empty, u;
	struct btf_member *mem;

	mk_kernel_types(b, false, &k);
	in = STRUCT(b, "address_space", 64, { "host", k.voidp, 0 }, { "i_pages", k.xarray, 8 });
	in = STRUCT(b, "inode", 200, { "i_sb", k.voidp, 0 }, { "i_rwsem", k.rw_semaphore, 8 },
		    { "i_data", in, 68 });
	STRUCT(b, "x_inode_info", 400, { "vfs_inode", in, 32 }, { "own", k.spinlock_t, 300 });
	in = STRUCT(b, NULL, 40, { "slock", k.spinlock_t, 0 }, { "wq", k.wait_queue_head_t, 8 });
	STRUCT(b, "sock", 64, { "sk_lock", mk_typedef(b, "socket_lock_t", in), 8 });
	in = STRUCT(b, NULL, 16, { "a", k.u64, 0 }, { "deep", k.spinlock_t, 8 });
	in = UNION(b, NULL, 16, { "b", k.u64, 0 }, { NULL, in, 0 });
	STRUCT(b, "anon", 64, { NULL, in, 16 });
	arr = must(btf__add_array(b, k.u32, k.spinlock_t, 3));
	el = STRUCT(b, "elem", 16, { "a", k.u64, 0 }, { "el_lock", k.spinlock_t, 8 });
	arr2 = must(btf__add_array(b, k.u32, must(btf__add_array(b, k.u32, el, 2)), 2));
	empty = must(btf__add_array(b, k.u32, k.spinlock_t, 0));
	STRUCT(b, "arr", 128, { "locks", arr, 8 }, { "els", arr2, 24 }, { "none", empty, 128 });
	u = UNION(b, NULL, 40, { "m", k.mutex, 0 }, { "l", k.u64, 0 });
	in = UNION(b, NULL, 4, { "one", k.spinlock_t, 0 }, { "two", k.spinlock_t, 0 });
	STRUCT(b, "uni", 64, { "u", u, 0 }, { NULL, in, 32 });
	u = UNION(b, NULL, 40, { "ww", k.ww_mutex, 0 }, { "m", k.mutex, 0 });
	STRUCT(b, "uni2", 64, { NULL, u, 8 });
	must(btf__add_struct(b, "quali", 64));
	must(btf__add_field(b, "flag", k.u32, 128, 3));
	must(btf__add_field(b, "lk", k.u32, 64, 0));
	must(btf__add_field(b, "odd", k.spinlock_t, 192, 0));
	must(btf__add_field(b, "bits", k.spinlock_t, 256, 3));
	in = must(btf__add_const(b, must(btf__add_volatile(b, k.spinlock_t))));
	mem = btf_members(btf__type_by_id(b, (uint32_t)in - 2));
	mem[1].type = (uint32_t)in;
	mem[2].offset++;
	m = new(b);
	ASK_ALL(m, q);
	members_free(m);
	btf__free(b);
}

/* From names of caches to tags, and what sizes are believed. */
static void test_names(void)
{
	static const struct question q[] = {
		Q("table", "filp", 64, 8, LK_PRIM_SPINLOCK, "file: file f_lock"),
		Q("_cache, _struct", "files_cache", 64, 8, LK_PRIM_SPINLOCK, "files_struct: files_struct lk"),
		Q("_jar", "key_jar", 64, 8, LK_PRIM_SPINLOCK, "key: key lk"),
		Q("a number", "ext4_groupinfo_4k", 64, 8, LK_PRIM_SPINLOCK, "ext4_group_info: ext4_group_info lk"),
		Q("its first word", "btrfs_extent_map", 72, 8, LK_PRIM_SPINLOCK, "extent_map: extent_map lk"),
		Q("the same, of another size", "btrfs_extent_map", 80, 8, LK_PRIM_SPINLOCK, NULL),
		Q("objects larger than the struct", "task_struct", 5000, 8, LK_PRIM_SPINLOCK, "task_struct: task_struct lk"),
		Q("a struct of just that size first", "two_cache", 96, 8, LK_PRIM_SPINLOCK, "two_info: two_info right"),
		Q_("by size and words", "nfs_direct_cache", 104, 8, LK_PRIM_SPINLOCK, "nfs_direct_req: nfs_direct_req lk", false, MEMBER_SIZE),
		Q("by size, but another size", "nfs_direct_cache", 112, 8, LK_PRIM_SPINLOCK, NULL),
		Q("by size and one word", "nfs_other_cache", 104, 8, LK_PRIM_SPINLOCK, NULL),
		Q("by size and words, two", "foo_bar_cache", 120, 8, LK_PRIM_SPINLOCK, NULL),
		Q("by size and words, numbered", "nfs_direct_cache-104", 104, 8, LK_PRIM_SPINLOCK, NULL),
		Q("the struct is known and has none there", "key_jar", 64, 16, LK_PRIM_SPINLOCK, NULL),
		Q("though another one has", "foo_pair_cache", 88, 16, LK_PRIM_SPINLOCK, NULL),
		Q("two structs of that tag that differ", "double", 88, 8, LK_PRIM_SPINLOCK, NULL),
		Q("kmalloc's are none of these", "kmalloc-64", 64, 8, LK_PRIM_SPINLOCK, NULL),
	};
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;

	mk_kernel_types(b, false, &k);
	STRUCT(b, "file", 64, { "f_lock", k.spinlock_t, 8 });
	STRUCT(b, "files_struct", 64, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "key", 64, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "key_thing", 64, { "lk", k.spinlock_t, 16 });
	STRUCT(b, "ext4_group_info", 56, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "extent_map", 72, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "task_struct", 4000, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "two", 64, { "wrong", k.spinlock_t, 8 });
	STRUCT(b, "two_info", 96, { "right", k.spinlock_t, 8 });
	STRUCT(b, "nfs_direct_req", 104, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "foo_bar_baz", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "foo_bar_qux", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "foo_pair", 88, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "foo_pair_two", 88, { "lk", k.spinlock_t, 16 });
	STRUCT(b, "double", 88, { "one", k.spinlock_t, 8 });
	STRUCT(b, "double", 88, { "two", k.spinlock_t, 8 });
	m = new(b);
	ASK_ALL(m, q);
	members_free(m);
	btf__free(b);
}

static void link_slab(const char *name, const char *target)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", slabs, name);
	if (symlink(target, path)) {
		printf("Bail out! cannot make %s\n", path);
		exit(1);
	}
}

static void remove_all(const char *folder)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", folder);
	if (system(cmd))
		printf("# left behind: %s\n", folder);
}

static void test_aliases(void)
{
	static const struct question q[] = {
		Q_("the only one with such a lock", "aa", 72, 8, LK_PRIM_MUTEX, "bb: bb m", true, MEMBER_ALIAS),
		Q_("two that differ", "aa", 72, 48, LK_PRIM_SPINLOCK, NULL, true, 0),
		Q_("two that embed the same", "aa", 72, 56, LK_PRIM_SPINLOCK, ": mark lock", true, MEMBER_ALIAS),
		Q_("asked for by another name", "cc", 72, 8, LK_PRIM_MUTEX, "bb: bb m", true, MEMBER_ALIAS),
		Q_("kmalloc() is among them", "dd", 64, 8, LK_PRIM_SPINLOCK, NULL, true, 0),
		Q_("merged with none", "ee", 64, 8, LK_PRIM_SPINLOCK, "ee: ee lk", true, MEMBER_CACHE),
		Q_("merged, but not listed", "ff", 64, 8, LK_PRIM_SPINLOCK, NULL, true, 0),
		Q_("the same, not merged", "ff", 64, 8, LK_PRIM_SPINLOCK, "ff: ff lk", false, 0),
	};
	static const struct question later = { "merged since", "gg", 64, 8, LK_PRIM_SPINLOCK,
					       "gg: gg lk", true, MEMBER_CACHE };
	static const struct question wrong = { "not believed before", "gg", 64, 8, LK_PRIM_SPINLOCK,
					       NULL, true, 0 };
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;
	int mark;

	mk_kernel_types(b, false, &k);
	mark = STRUCT(b, "mark", 8, { "lock", k.spinlock_t, 0 });
	STRUCT(b, "aa", 64, { "s1", k.spinlock_t, 48 }, { "mark", mark, 56 });
	STRUCT(b, "bb", 72, { "m", k.mutex, 8 }, { "s2", k.spinlock_t, 48 }, { "mark", mark, 56 });
	STRUCT(b, "cc", 72, { "n", k.u64, 8 });
	STRUCT(b, "dd", 64, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "ee", 64, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "ff", 64, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "gg", 64, { "lk", k.spinlock_t, 8 });
	link_slab("aa", ":0000072");
	link_slab("bb", ":0000072");
	link_slab("cc", ":0000072");
	link_slab("dd", ":0000064");
	link_slab("kmalloc-64", ":0000064");
	link_slab("ee", ":A-0000064");
	m = new(b);
	ASK_ALL(m, q);
	ask(m, &wrong);
	link_slab("gg", ":a-0000064");
	ask(m, &wrong);			/* remembered */
	members_changed(m);
	ask(m, &later);
	members_free(m);
	btf__free(b);
}

static void write_module(const char *name, const struct btf *b)
{
	char path[128];
	uint32_t size;
	const void *data = btf__raw_data(b, &size);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", mods, name);
	f = fopen(path, "we");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

static void test_modules(void)
{
	static const struct question q[] = {
		Q("a module's struct, vmlinux's lock", "xfs_inode", 96, 8, LK_PRIM_RWSEM, "xfs_inode: xfs_inode i_lock"),
		Q("vmlinux's struct in it", "xfs_inode", 96, 56, LK_PRIM_SPINLOCK, "xfs_inode: inode i_lock"),
		Q("vmlinux's own", "inode_cache", 32, 8, LK_PRIM_SPINLOCK, "inode: inode i_lock"),
		Q("another module's", "fuse_inode", 64, 8, LK_PRIM_MUTEX, "fuse_inode: fuse_inode m"),
		Q("no module's", "ext4_inode_cache", 64, 8, LK_PRIM_MUTEX, NULL),
	};
	struct btf *b = btf__new_empty(), *s;
	struct question gone = q[0], kept = q[2];
	struct kernel_types k;
	struct members *m;
	struct member got;
	char path[128];
	FILE *f;
	int in;

	mk_kernel_types(b, false, &k);
	in = STRUCT(b, "inode", 32, { "i_lock", k.spinlock_t, 8 });
	mk_func(b, "down_write", mk_ptr(b, k.rw_semaphore));
	s = btf__new_empty_split(b);
	in = STRUCT(s, "xfs_inode", 96, { "i_lock", k.rw_semaphore, 8 }, { "vfs", in, 48 });
	mk_func(s, "xfs_ilock", mk_ptr(s, in));
	write_module("xfs", s);
	btf__free(s);
	s = btf__new_empty_split(b);
	STRUCT(s, "fuse_inode", 64, { "m", k.mutex, 8 });
	write_module("fuse", s);
	btf__free(s);
	snprintf(path, sizeof(path), "%s/broken", mods);
	f = fopen(path, "we");
	if (f) {
		fputs("no BTF", f);
		fclose(f);
	}
	m = new(b);
	ASK_ALL(m, q);
	is_str(text(members_of_kmalloc(m, "kmalloc-96", 8, LK_PRIM_RWSEM, "xfs_ilock", "xfs", &got), &got),
	       "xfs_inode: xfs_inode i_lock", "kmalloc: a module's function and struct");
	ok(!members_of_kmalloc(m, "kmalloc-96", 8, LK_PRIM_RWSEM, "xfs_ilock", "", &got),
	   "kmalloc: vmlinux has no such function");
	ok(!members_of_kmalloc(m, "kmalloc-96", 8, LK_PRIM_RWSEM, "xfs_ilock", "nomod", &got),
	   "kmalloc: a module without BTF");
	remove_all(mods);
	ask(m, &q[0]);
	members_changed(m);
	gone.what = "after the modules went";
	gone.want = NULL;
	ask(m, &gone);
	ask(m, &kept);
	members_free(m);
	btf__free(b);
}

static void test_kmalloc(void)
{
	static const struct {
		const char *what, *cache, *function;
		uint32_t off;
		const char *want;
	} q[] = {
		{ "parameter", "kmalloc-128", "use_foo", 8, "foo: foo lk" },
		{ "clone of the function", "kmalloc-128", "use_foo.isra.0", 8, "foo: foo lk" },
		{ "accounted", "kmalloc-cg-128", "use_foo", 8, "foo: foo lk" },
		{ "reclaimable", "kmalloc-rcl-128", "use_foo", 8, "foo: foo lk" },
		{ "random", "kmalloc-rnd-05-128", "use_foo", 8, "foo: foo lk" },
		{ "DMA", "dma-kmalloc-128", "use_foo", 8, "foo: foo lk" },
		{ "other offset", "kmalloc-128", "use_foo", 16, NULL },
		{ "bucket above", "kmalloc-192", "use_foo", 8, NULL },
		{ "bucket below", "kmalloc-96", "use_foo", 8, NULL },
		{ "just as large as a bucket", "kmalloc-96", "use_small", 8, "small: small lk" },
		{ "no smaller than that bucket", "kmalloc-128", "use_small", 8, NULL },
		{ "k", "kmalloc-2k", "use_large", 8, "large: large lk" },
		{ "one hop", "kmalloc-128", "use_holder", 8, "bar: bar lk" },
		{ "one hop, through an anonymous union", "kmalloc-128", "use_anon_holder", 8, "bar: bar lk" },
		{ "two hops", "kmalloc-128", "use_far", 8, NULL },
		{ "one hop, two of them", "kmalloc-128", "use_both", 8, NULL },
		{ "one hop, two of them, but the word", "kmalloc-128", "bar_both", 8, "bar: bar lk" },
		{ "one hop, two of them, and the word of neither", "kmalloc-128", "quux_both", 8, NULL },
		{ "first word", "kmalloc-128", "__quux_poke", 8, "quux_dev: quux_dev lk" },
		{ "first word of two", "kmalloc-128", "twin_poke", 8, NULL },
		{ "generic word", "kmalloc-128", "init_poke", 8, NULL },
		{ "two letters", "kmalloc-128", "ab_poke", 8, NULL },
		{ "parameter rather than word", "kmalloc-128", "quux_foo", 8, "foo: foo lk" },
		{ "nothing known of the function", "kmalloc-128", "other", 8, NULL },
		{ "no function", "kmalloc-128", "", 8, NULL },
		{ "not kmalloc's", "foo", "use_foo", 8, NULL },
		{ "not a bucket", "kmalloc-x", "use_foo", 8, NULL },
		{ "not a bucket", "kmalloc-", "use_foo", 8, NULL },
		{ "not a bucket", "kmalloc-128x", "use_foo", 8, NULL },
		{ "not a bucket", "kmalloc-99999999999999999999", "use_foo", 8, NULL },
	};
	struct btf *b = btf__new_empty();
	int foo, bar, in, holder, far;
	struct kernel_types k;
	struct members *m;
	struct member got;
	size_t i;

	mk_kernel_types(b, false, &k);
	foo = STRUCT(b, "foo", 100, { "lk", k.spinlock_t, 8 });
	bar = STRUCT(b, "bar", 128, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "quux_dev", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "twin_one", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "twin_two", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "init_thing", 120, { "lk", k.spinlock_t, 8 });
	STRUCT(b, "ab_thing", 120, { "lk", k.spinlock_t, 8 });
	mk_func(b, "use_foo", mk_ptr(b, must(btf__add_const(b, mk_typedef(b, "foo_t", foo)))));
	mk_func(b, "quux_foo", mk_ptr(b, foo));
	mk_func(b, "use_small", mk_ptr(b, STRUCT(b, "small", 96, { "lk", k.spinlock_t, 8 })));
	mk_func(b, "use_large", mk_ptr(b, STRUCT(b, "large", 1025, { "lk", k.spinlock_t, 8 })));
	holder = STRUCT(b, "holder", 8, { "bar", mk_ptr(b, bar), 0 });
	mk_func(b, "use_holder", mk_ptr(b, holder));
	in = UNION(b, NULL, 8, { "n", k.u64, 0 }, { "bar", mk_ptr(b, bar), 0 });
	mk_func(b, "use_anon_holder", mk_ptr(b, STRUCT(b, "anon_holder", 8, { NULL, in, 0 })));
	far = STRUCT(b, "far", 8, { "holder", mk_ptr(b, holder), 0 });
	mk_func(b, "use_far", mk_ptr(b, far));
	in = STRUCT(b, "both", 16, { "foo", mk_ptr(b, foo), 0 }, { "bar", mk_ptr(b, bar), 8 });
	mk_func(b, "use_both", mk_ptr(b, in));
	mk_func(b, "bar_both", mk_ptr(b, in));
	mk_func(b, "quux_both", mk_ptr(b, in));
	mk_func(b, "quux_poke", k.u32);
	mk_func(b, "init_poke", k.u32);
	m = new(b);
	for (i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		memset(&got, 0, sizeof(got));
		is_str(text(members_of_kmalloc(m, q[i].cache, q[i].off, LK_PRIM_SPINLOCK, q[i].function, "", &got), &got),
		       q[i].want, "kmalloc: %s: %s in %s", q[i].what, q[i].cache, q[i].function);
		if (got.type[0])
			is_int(got.how, MEMBER_SITE, "kmalloc: %s: how", q[i].what);
	}
	members_free(m);
	btf__free(b);
}

/* Many questions: answers are forgotten, and found again. */
static void test_many(void)
{
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	struct members *m;
	struct member got;
	uint32_t i, bad = 0;

	mk_kernel_types(b, false, &k);
	STRUCT(b, "a_spin", 64, { "lk", k.spinlock_t, 16 });
	m = new(b);
	for (i = 0; i < 20000; i++)
		bad += members_of_cache(m, "a_spin", 64 + i, false, i % 5 * 4, LK_PRIM_SPINLOCK, &got) !=
		       (i % 5 == 4);
	is_int(bad, 0, "20000 different questions are answered");
	ok(m->answers.nr <= 4096 && m->asked.nr == m->answers.nr, "and not all remembered");
	members_free(m);
	btf__free(b);
	m = new(NULL);
	ok(!members_of_cache(m, "a_spin", 64, false, 16, LK_PRIM_SPINLOCK, &got) &&
	   !members_of_cache(m, "a_spin", 64, true, 16, LK_PRIM_SPINLOCK, &got) &&
	   !members_of_kmalloc(m, "kmalloc-64", 16, LK_PRIM_SPINLOCK, "f", "", &got) &&
	   !members_of_kmalloc(m, "kmalloc-64", 16, LK_PRIM_SPINLOCK, "f", "m", &got),
	   "without BTF nothing is known");
	members_free(m);
	members_free(NULL);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(mods, sizeof(mods), "%s/btf", dir);
	snprintf(slabs, sizeof(slabs), "%s/slab", dir);
	if (mkdir(mods, 0700) || mkdir(slabs, 0700))
		return 1;
	test_primitives();
	test_rt();
	test_shapes();
	test_names();
	test_aliases();
	test_kmalloc();
	test_many();
	test_modules();
	remove_all(dir);
	return done_testing();
}
