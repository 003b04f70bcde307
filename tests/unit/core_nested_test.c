// SPDX-License-Identifier: GPL-2.0-only
/* Lockdep's subclasses by function: the look-up, and facts of the generated tables. */
#include "../../user/core/nested.h"
#include "../../user/core/nested_row.h"
#include "../../user/core/nested_6_1.h"
#include "../../user/core/nested_6_12.h"
#include "../lib/tap.h"

#define K612 "6.12.117+deb12-amd64"
#define K61 "6.1.0-56-amd64"
#define NR(a) (sizeof(a) / sizeof((a)[0]))

static void test_table(void)
{
	static const struct {
		const char *kernel, *table;
		bool exact;
	} t[] = {
		{ K612, "6.12", true }, { K61, "6.1", true }, { "6.12", "6.12", true },
		{ "6.18.3", "6.12", false }, { "7.0.0-rc1", "6.12", false }, { "6.11.9", "6.1", false },
		{ "6.2", "6.1", false }, { "5.10.0-8-amd64", "6.1", false }, { "6.120.1", "6.12", false },
		{ "unknown", "6.1", false }, { "", NULL, false },
	};
	bool exact;
	size_t i;

	for (i = 0; i < NR(t); i++) {
		exact = !t[i].exact;
		is_str(nested_table(t[i].kernel, &exact), t[i].table, "kernel '%s'", t[i].kernel);
		ok(exact == t[i].exact, "kernel '%s': %s", t[i].kernel, t[i].exact ? "exact" : "not exact");
	}
}

struct row {
	const char *kernel, *function;
	uint32_t prim, read;
	const char *member;
	enum nested_how how;
	unsigned int subclass;
};

static void check(const struct row *r, size_t nr)
{
	unsigned int subclass;
	size_t i;

	for (; nr--; r++) {
		subclass = 99;
		i = nested_subclass(r->kernel, r->function, r->prim, r->read, r->member, &subclass);
		is_int(i, r->how, "%.4s %s, '%s': how", r->kernel, r->function, r->member);
		is_int(subclass, r->subclass, "%.4s %s, '%s': subclass", r->kernel, r->function, r->member);
	}
}

/* Each with a twin of which nothing must be said. */
static void test_site(void)
{
	static const struct row t[] = {
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K61, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "vfs_inode.i_rwsem", NESTED_SITE, 1 },
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "", NESTED_SITE, 1 },
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "s_umount", NESTED_NONE, 0 },
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "xi_rwsem", NESTED_NONE, 0 },
		{ K612, "filename_create", LK_PRIM_RWSEM, LK_READ, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "filename_create", LK_PRIM_MUTEX, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "filename_creat", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "filename_create2", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "", LK_PRIM_RWSEM, LK_WRITE, "", NESTED_NONE, 0 },
		{ "", "filename_create", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "do_rmdir", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K612, "vfs_rmdir", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "alloc_super", LK_PRIM_RWSEM, LK_WRITE, "s_umount", NESTED_SITE, 1 },
		{ K612, "deactivate_super", LK_PRIM_RWSEM, LK_WRITE, "s_umount", NESTED_NONE, 0 },
		{ K612, "shrink_dcache_parent", LK_PRIM_SPINLOCK, LK_WRITE, "d_lockref.lock", NESTED_NONE, 0 },
	};

	check(t, NR(t));
}

static void test_suffix(void)
{
	static const struct row t[] = {
		{ K612, "filename_create.constprop.0", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K612, "filename_create.isra.0.cold", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K612, "filename_create.part.3", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_SITE, 1 },
		{ K612, "filename.create", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, ".isra.0", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
	};

	check(t, NR(t));
}

static void test_ambiguous(void)
{
	static const struct row t[] = {
		/* Parent and second parent. */
		{ K612, "lock_two_directories", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_AMBIGUOUS, 0 },
		/* First without, second with. */
		{ K612, "lock_two_nondirectories", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_AMBIGUOUS, 0 },
		{ K612, "d_walk", LK_PRIM_SPINLOCK, LK_WRITE, "d_lockref.lock", NESTED_AMBIGUOUS, 0 },
		/* Which of the locks of dup_mmap() it is decides. */
		{ K612, "dup_mmap", LK_PRIM_RWSEM, LK_WRITE, "", NESTED_AMBIGUOUS, 0 },
		{ K612, "dup_mmap", LK_PRIM_RWSEM, LK_WRITE, "i_mmap_rwsem", NESTED_NONE, 0 },
		/* The subclass is an argument of these. */
		{ K612, "btrfs_tree_lock_nested", LK_PRIM_RWSEM, LK_WRITE, "lock", NESTED_VARIABLE, 0 },
		{ K612, "btrfs_tree_lock_nested", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem", NESTED_NONE, 0 },
		{ K612, "raw_spin_rq_lock_nested", LK_PRIM_SPINLOCK, LK_WRITE, "__lock", NESTED_VARIABLE, 0 },
	};

	check(t, NR(t));
}

static void test_primitives(void)
{
	static const struct row t[] = {
		{ K612, "fuse_lock_inode", LK_PRIM_MUTEX, LK_WRITE, "mutex", NESTED_NONE, 0 },
		/* PREEMPT_RT: the same source with other primitives. */
		{ K612, "d_walk", LK_PRIM_RT_SPINLOCK, LK_WRITE, "d_lockref.lock", NESTED_AMBIGUOUS, 0 },
		{ K612, "d_walk", LK_PRIM_RT_MUTEX, LK_WRITE, "d_lockref.lock", NESTED_NONE, 0 },
		{ K612, "d_walk", LK_PRIM_NR, LK_WRITE, "d_lockref.lock", NESTED_NONE, 0 },
		/* The lock of a socket. */
		{ K612, "__mptcp_close_ssk", LK_PRIM_NONE, LK_WRITE, "sk_lock", NESTED_SITE, 1 },
		{ K612, "__mptcp_close_ssk", LK_PRIM_SPINLOCK, LK_WRITE, "sk_lock", NESTED_NONE, 0 },
	};

	check(t, NR(t));
}

static void test_under(void)
{
	unsigned int subclass;

	ok(nested_under(K612, "vm_lock_anon_vma", LK_PRIM_RWSEM, LK_WRITE, "rwsem"), "nest_lock");
	ok(nested_under(K61, "vm_lock_anon_vma.isra.0", LK_PRIM_RWSEM, LK_WRITE, ""), "nest_lock, 6.1");
	is_int(nested_subclass(K612, "vm_lock_anon_vma", LK_PRIM_RWSEM, LK_WRITE, "rwsem", &subclass),
	       NESTED_NONE, "nest_lock is no subclass");
	is_int(subclass, 0, "... but 0");
	ok(!nested_under(K612, "vm_lock_anon_vma", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem"), "twin: another member");
	ok(!nested_under(K612, "filename_create", LK_PRIM_RWSEM, LK_WRITE, "i_rwsem"), "twin: a subclass");
	ok(!nested_under(K612, "vm_lock", LK_PRIM_RWSEM, LK_WRITE, "rwsem"), "twin: another function");
	ok(!nested_under("", "vm_lock_anon_vma", LK_PRIM_RWSEM, LK_WRITE, "rwsem"), "twin: no kernel");
}

/* What the look-up relies on, and that tables are whole: both annotate all they did when made. */
static void test_rows(const char *name, const struct nested_row *rows, size_t nr)
{
	size_t i, bad_order = 0, bad_row = 0, annotated = 0;

	for (i = 0; i < nr; i++) {
		if (i && strcmp(rows[i - 1].function, rows[i].function) > 0)
			bad_order++;
		bad_row += !rows[i].function[0] || strchr(rows[i].function, '.') ||
			   rows[i].prim >= LK_PRIM_NR || rows[i].read > LK_READ || !rows[i].mask ||
			   rows[i].mask >= NESTED_MASK_UNDER << 1;
		annotated += rows[i].mask != 1;
	}
	is_int(bad_order, 0, "%s is sorted", name);
	is_int(bad_row, 0, "%s has only sound rows", name);
	ok(annotated > 900, "%s: %zu of %zu rows are annotated", name, annotated, nr);
}

int main(void)
{
	test_table();
	test_site();
	test_suffix();
	test_ambiguous();
	test_primitives();
	test_under();
	test_rows("6.1", nested_6_1, NR(nested_6_1));
	test_rows("6.12", nested_6_12, NR(nested_6_12));
	return done_testing();
}
