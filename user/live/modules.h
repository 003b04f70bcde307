/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel modules: which there are, and noticing that some came or went: two programs count it, and looking
 * at the count is a memory access. Where they cannot be attached, /proc/modules
 * is compared, not more often than every 200 ms.
 */
#ifndef LK_MODULES_H
#define LK_MODULES_H

#include <stdbool.h>
#include <stdint.h>

struct modules;

/*
 * Call @each with the name and the size in memory of every module there is, until it returns other
 * than 0, which is returned then. @live: it neither comes nor goes. 0 also where modules cannot be listed.
 */
int modules_list(int (*each)(void *ctx, const char *name, uint64_t bytes, bool live), void *ctx);

/*
 * Which loading of the module @name is there: a number of its own each time it is loaded, for as long as the
 * kernel runs (its directory's in sysfs: fs/kernfs/dir.c, __kernfs_new_node()). 0 if there is none, or no sysfs.
 */
uint64_t modules_instance(const char *name);

/* 0 or -ENOMEM: that the programs do not load is no error. */
int modules_new(struct modules **ret);
void modules_free(struct modules *m);

/*
 * Has a module come or gone since the last call (or since modules_new())? Each time there are two answers, the
 * second one 200 ms later: at the first, it is still coming or going.
 */
bool modules_changed(struct modules *m);
/* The answer is yes once more, 200 ms from now. */
void modules_again(struct modules *m);

#endif /* LK_MODULES_H */
