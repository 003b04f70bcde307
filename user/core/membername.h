/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lockdep would call a lock that is a member of a structure: the argument of its
 * initialiser as the source spells it ("&mm->mmap_lock"). The table (member_names.h) is
 * made by tools/tables from two kernels. Pure look-up.
 */
#ifndef LK_MEMBERNAME_H
#define LK_MEMBERNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Name of the lock at @path ("mmap_lock", "i_data.i_mmap_rwsem", no indices) of
 * structure @type (its tag, "mm_struct") into @buf of @size bytes, cut if it does not fit.
 * True if it is lockdep's name, false if the table does not have it and the name is
 * "&TYPE->PATH".
 *
 * Locks inside others: the spinlock of a wait queue head (PATH.lock) has the name of the
 * head, the outer mutex of a ww_mutex (PATH.base) and the raw lock of a spinlock
 * (PATH.rlock) that of the whole; any other is called after the one it lies in,
 * "&pipe->mutex.wait_lock", where lockdep would print "&lock->wait_lock" for all of them.
 *
 * lockdep_set_class() gives some of these locks another name later (i_rwsem, s_umount and
 * others of a file system, by its type); the name here is the one of the initialiser.
 */
bool membername(const char *type, const char *path, char *buf, size_t size);

#endif /* LK_MEMBERNAME_H */
