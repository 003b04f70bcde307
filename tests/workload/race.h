/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios without a holder: every thread does a fixed number of operations as
 * fast as it can.
 *
 *   futex   FUTEX_WAKE_BITSET on one word on which many threads sleep whose bits
 *           do not match: walks the bucket under its spinlock and wakes nobody
 *   group   setpgid() to the group we are in: writes tasklist_lock, an rwlock
 *   steady  a mix of pipe, mmap, directory and futex, for benchmarks
 */
#ifndef RACE_H
#define RACE_H

#include <linux/futex.h>

#include "held.h"

#define RACE_BIT_PARKED	1u
#define RACE_BIT_OTHER	2u

static long race_futex(atomic_uint *word, int op, unsigned int val, unsigned int bits)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, val, NULL, NULL, bits);
}

/* A parked thread sleeps on the word until it changes. */
static int futex_idle(struct load *l, struct worker *w)
{
	(void)w;
	while (!atomic_load(&l->word))
		(void)race_futex(&l->word, FUTEX_WAIT_BITSET, 0, RACE_BIT_PARKED);
	return 0;
}

static int futex_op(struct load *l, struct worker *w)
{
	(void)w;
	return errno_unless(race_futex(&l->word, FUTEX_WAKE_BITSET, 1, RACE_BIT_OTHER) >= 0);
}

/* Let the parked threads end. */
static void futex_unpark(struct load *l)
{
	atomic_store(&l->word, 1);
	(void)race_futex(&l->word, FUTEX_WAKE_BITSET, LOAD_MAX_THREADS, RACE_BIT_PARKED);
}

/* A session's leader may not (EPERM); it had the lock by then. */
static int group_op(struct load *l, struct worker *w)
{
	(void)l;
	(void)w;
	return errno_unless(setpgid(0, 0) == 0 || errno == EPERM);
}

static int steady_setup(struct load *l)
{
	return pipe_setup(l) ?: tmp_setup(l);
}

/* Every thread reads as much as it wrote, so nobody waits for data or for room. */
static int steady_op(struct load *l, struct worker *w)
{
	char buf[256] = "", name[16];
	void *p;

	if (write(l->pipe_fd[1], buf, sizeof(buf)) != sizeof(buf) ||
	    read(l->pipe_fd[0], buf, sizeof(buf)) != sizeof(buf))
		return -EIO;
	if (w->ops % 4 == 0) {
		p = mmap(NULL, LOAD_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return -errno;
		*(volatile char *)p = 1;
		munmap(p, LOAD_PAGE);
	}
	if (w->ops % 16 == 0) {
		snprintf(name, sizeof(name), "s%u", w->index);
		if (mknodat(l->dir_fd, name, S_IFREG | 0600, 0) || unlinkat(l->dir_fd, name, 0))
			return -errno;
	}
	return futex_op(l, w);
}

static void steady_cleanup(struct load *l)
{
	pipe_cleanup(l);
	tmp_cleanup(l);
}

#endif /* RACE_H */
