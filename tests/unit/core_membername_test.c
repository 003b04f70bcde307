// SPDX-License-Identifier: GPL-2.0-only
/* Names of locks in structures: the look-up, and facts of the generated table. */
#include <ctype.h>

#include "../../user/core/membername.h"
#include "../../user/core/member_names.h"
#include "../lib/tap.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char *type, *path, *name;
	bool known;
};

static void check(const struct row *r, size_t nr)
{
	char buf[192];

	for (; nr--; r++) {
		ok(membername(r->type, r->path, buf, sizeof(buf)) == r->known, "%s %s: %s", r->type,
		   r->path, r->known ? "known" : "not known");
		is_str(buf, r->name, "%s %s", r->type, r->path);
	}
}

static void test_known(void)
{
	static const struct row t[] = {
		{ "mm_struct", "mmap_lock", "&mm->mmap_lock", true },
		{ "inode", "i_rwsem", "&inode->i_rwsem", true },
		{ "pipe_inode_info", "mutex", "&pipe->mutex", true },
		{ "super_block", "s_umount", "&s->s_umount", true },
		{ "dentry", "d_lockref.lock", "&dentry->d_lock", true },
		{ "sighand_struct", "siglock", "&sighand->siglock", true },
		{ "address_space", "i_mmap_rwsem", "&mapping->i_mmap_rwsem", true },
		{ "super_block", "s_dquot.dqio_sem", "&s->s_dquot.dqio_sem", true },
		{ "quota_info", "dqio_sem", "&s->s_dquot.dqio_sem", true },
		{ "rq", "__lock", "&rq->__lock", true },
		{ "dma_resv", "lock", "reservation_ww_class_mutex", true },
		{ "i2c_adapter", "bus_lock", "i2c_register_adapter", true },	/* rt_mutex_init() */
	};

	check(t, NR(t));
}

static void test_unknown(void)
{
	static const struct row t[] = {
		{ "no_such_struct", "mmap_lock", "&no_such_struct->mmap_lock", false },
		{ "mm_struct", "no_such_lock", "&mm_struct->no_such_lock", false },
		{ "mm_struct", "mmap_loc", "&mm_struct->mmap_loc", false },
		{ "mm_struc", "mmap_lock", "&mm_struc->mmap_lock", false },
		{ "mm_struct", "x.mmap_lock", "&mm_struct->x.mmap_lock", false },
		{ "dentry", "d_lock", "&dentry->d_lock", false },	/* a macro, no member */
	};

	check(t, NR(t));
}

static void test_inside(void)
{
	static const struct row t[] = {
		{ "pipe_inode_info", "rd_wait.lock", "&pipe->rd_wait", true },
		{ "pipe_inode_info", "rd_wait", "&pipe->rd_wait", true },
		{ "pipe_inode_info", "mutex.wait_lock", "&pipe->mutex.wait_lock", true },
		{ "mm_struct", "mmap_lock.wait_lock", "&mm->mmap_lock.wait_lock", true },
		{ "inode", "i_lock.rlock", "&inode->i_lock", true },
		{ "dentry", "d_lockref.lock.rlock", "&dentry->d_lock", true },
		{ "dma_resv", "lock.base", "reservation_ww_class_mutex", true },
		{ "dma_resv", "lock.base.wait_lock", "reservation_ww_class_mutex.base.wait_lock", true },
		{ "device", "power.completion.wait.lock", "&dev->power.completion.wait.lock", true },
		{ "pipe_inode_info", "no_wait.lock", "&pipe_inode_info->no_wait.lock", false },
	};

	check(t, NR(t));
}

static void test_buffer(void)
{
	char buf[8], big[400];

	memset(buf, 'x', sizeof(buf));
	ok(membername("mm_struct", "mmap_lock", buf, sizeof(buf)), "a short buffer");
	is_str(buf, "&mm->mm", "the name is cut");
	ok(!membername("no_such_struct", "lock", buf, sizeof(buf)), "a short buffer, unknown");
	is_str(buf, "&no_suc", "the name is cut");
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ok(!membername(big, "lock", buf, sizeof(buf)), "a type longer than any");
	ok(!membername("mm_struct", big, buf, sizeof(buf)), "a path longer than any");
	is_str(buf, "&mm_str", "... and its name is cut");
}

/* "TAG PATH KIND NAME" */
static bool sound(const char *row)
{
	size_t tag = strspn(row, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	const char *path = row + tag + 1, *kind;

	if (!tag || row[tag] != ' ')
		return false;
	kind = strchr(path, ' ');
	if (!kind || kind == path || !strchr("LWQCSR", kind[1]) || kind[2] != ' ')
		return false;
	return kind[3] == '=' ? kind[4] != '\0' : isalpha((unsigned char)kind[3]) || kind[3] == '_';
}

static void test_rows(void)
{
	size_t i, n, bad_order = 0, bad_row = 0, twice = 0;

	for (i = 0; i < NR(member_names); i++) {
		if (!sound(member_names[i])) {
			bad_row++;
			continue;
		}
		if (!i)
			continue;
		bad_order += strcmp(member_names[i - 1], member_names[i]) >= 0;
		n = (size_t)(strchr(strchr(member_names[i], ' ') + 1, ' ') - member_names[i]) + 1;
		twice += !strncmp(member_names[i - 1], member_names[i], n);
	}
	is_int(bad_order, 0, "the table is sorted");
	is_int(bad_row, 0, "the table has only sound rows");
	is_int(twice, 0, "no lock has two names");
	ok(NR(member_names) > 4000, "the table has %zu rows", NR(member_names));
}

int main(void)
{
	test_known();
	test_unknown();
	test_inside();
	test_buffer();
	test_rows();
	return done_testing();
}
