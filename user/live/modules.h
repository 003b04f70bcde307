/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Noticing that kernel modules came or went: two programs count it, and looking
 * at the count is a memory access. Where they cannot be attached, /proc/modules
 * is compared, not more often than every 200 ms.
 */
#ifndef LK_MODULES_H
#define LK_MODULES_H

#include <stdbool.h>

struct modules;

/* 0 or -ENOMEM: that the programs do not load is no error. */
int modules_new(struct modules **ret);
void modules_free(struct modules *m);

/* Has a module come or gone since the last call (or since modules_new())? */
bool modules_changed(struct modules *m);

#endif /* LK_MODULES_H */
