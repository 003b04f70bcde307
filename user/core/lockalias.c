// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of locks through the times; see lockalias.h.
 */
#include "lockalias.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* What was renamed, and where: the name is of the version given and later ones. */
static const struct {
	const char *then, *today;
} renames[] = {
	{ "&mm->mmap_sem", "&mm->mmap_lock" },			/* mm_types.h, v5.8 */
	{ "&inode->i_mutex", "&inode->i_rwsem" },		/* fs.h, v4.7 */
	{ "&sb->s_type->i_mutex_key", "&inode->i_rwsem" },	/* fs/inode.c: lockdep's key still has the old name */
	{ "&type->i_mutex_dir_key", "&inode->i_rwsem" },	/* likewise */
	{ "&sb->s_type->i_lock_key", "&inode->i_lock" },	/* fs/inode.c, the key's name */
	{ "&type->s_umount_key", "&s->s_umount" },		/* fs/super.c, the key's name */
	{ "&sb->s_umount", "&s->s_umount" },
	{ "&sb->s_type->s_vfs_rename_key", "&s->s_vfs_rename_mutex" },
	{ "&type->s_vfs_rename_key", "&s->s_vfs_rename_mutex" },
	{ "&dentry->d_lock", "&dentry->d_lockref.lock" },	/* dcache.h, v3.12 */
	{ "&p->cred_guard_mutex", "&sig->cred_guard_mutex" },	/* sched/signal.h, v2.6.37 */
	{ "&mapping->i_mmap_mutex", "&mapping->i_mmap_rwsem" },	/* fs.h, v3.19 */
	{ "&anon_vma->mutex", "&anon_vma->rwsem" },		/* rmap.h, v3.8 */
	{ "&ei->i_mmap_sem", "mapping.invalidate_lock" },	/* ext4.h, v5.15 */
	{ "&bdev->bd_mutex", "&disk->open_mutex" },		/* genhd.h, v5.14 */
	{ "&rq->lock", "&rq->__lock" },				/* kernel/sched/sched.h, v5.14 */
	{ "cpu_hotplug.lock", "cpu_hotplug_lock" },		/* kernel/cpu.c, v4.13 */
	{ "cpu_hotplug.dep_map", "cpu_hotplug_lock" },
	{ "net_mutex", "pernet_ops_rwsem" },			/* net/core/net_namespace.c, v4.17 */
};

/* Length without "#version" and "/subclass", in that order, at the end. */
static size_t plain_len(const char *s, size_t len)
{
	size_t n;

	if (len > 2 && s[len - 2] == '/' && s[len - 1] >= '0' && s[len - 1] <= '7')
		len -= 2;
	for (n = len; n && isdigit((unsigned char)s[n - 1]); n--)
		;
	return n > 1 && n < len && s[n - 1] == '#' ? n - 1 : len;
}

static bool ends_in(const char *s, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len > n && !memcmp(s + len - n, tail, n);
}

/* "name (ext4:dir)" or "name [module]": the name's length, and what it is the inode lock of. */
static size_t without_place(const char *s, size_t len, enum lockalias_of *of)
{
	const char *open;
	size_t n;

	if (!len || (s[len - 1] != ')' && s[len - 1] != ']'))
		return len;
	open = memrchr(s, s[len - 1] == ')' ? '(' : '[', len);
	n = open ? (size_t)(open - s) : 0;
	if (n < 2 || s[n - 1] != ' ')
		return len;
	if (s[len - 1] == ')')
		*of = ends_in(s, len, ":dir)") ? LOCKALIAS_DIR : LOCKALIAS_FILE;
	return n - 1;
}

/* Narrow [*s, *s + *len) to what macros of old kernels wrapped: spinlock.h's and semaphores' of percpu-rwsem. */
static void unwrap(const char **s, size_t *len)
{
	static const char rlock[] = ")->rlock", rwsem[] = ".rw_sem";

	if (ends_in(*s, *len, rlock) && !strncmp(*s, "&(", 2)) {
		*s += 2;
		*len -= 2 + sizeof(rlock) - 1;
	} else if (ends_in(*s, *len, rwsem)) {
		*len -= sizeof(rwsem) - 1;
	}
}

static void set_name(struct lockalias *ret, const char *before, const char *s, size_t len)
{
	size_t n = strlen(before), room = sizeof(ret->name) - 1 - n;

	memcpy(ret->name, before, n);
	memcpy(ret->name + n, s, len < room ? len : room);
	ret->name[n + (len < room ? len : room)] = 0;
}

void lockalias_today(const char *name, struct lockalias *ret)
{
	static const char complete[] = "(complete)";	/* of crossrelease, v4.14 */
	size_t i, len;

	ret->of = LOCKALIAS_ANY;
	len = plain_len(name, strlen(name));
	len = without_place(name, len, &ret->of);
	len = plain_len(name, len);
	unwrap(&name, &len);
	if (!strncmp(name, complete, sizeof(complete) - 1) && len >= sizeof(complete))
		set_name(ret, "(completion)", name + sizeof(complete) - 1, len - sizeof(complete) + 1);
	else
		set_name(ret, "", name, len);
	if (strstr(ret->name, "i_mutex_dir_key"))
		ret->of = LOCKALIAS_DIR;
	else if (strstr(ret->name, "i_mutex_key"))
		ret->of = LOCKALIAS_FILE;
	for (i = 0; i < sizeof(renames) / sizeof(renames[0]); i++) {
		if (!strcmp(ret->name, renames[i].then)) {
			set_name(ret, "", renames[i].today, strlen(renames[i].today));
			return;
		}
	}
}

bool lockalias_same(const struct lockalias *a, const struct lockalias *b)
{
	return !strcmp(a->name, b->name) && (!a->of || !b->of || a->of == b->of);
}
