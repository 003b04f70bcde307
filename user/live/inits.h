/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What locks were called where they were initialised: the programs note the place for
 * each lock (bpf/init.bpf.h), and tell the name that goes with a place once.
 */
#ifndef LK_INITS_H
#define LK_INITS_H

#include <stdint.h>

struct inits;

/* @map_fd: the programs' table; -1 = there is none, and nothing is known. 0 or -errno. */
int inits_new(int map_fd, struct inits **ret);
void inits_free(struct inits *in);

/* Locks that are initialised at @site are called @name. 0 or -ENOMEM. */
int inits_put(struct inits *in, uint64_t site, const char *name);

/* What the lock of primitive @prim (enum lk_prim) was called, "" if that is not known. Valid until inits_free(). */
const char *inits_find(const struct inits *in, uint64_t lock, uint32_t prim);

#endif /* LK_INITS_H */
