/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios with a known holder: pipe, inode, dir (stopped by userfaultfd) and
 * mmap (one long call).
 *
 *   pipe   holder: write() from the missing page, in pipe->mutex
 *          waiters: read() and write() of one byte           mutex
 *   inode  holder: pwrite() from the missing page, in i_rwsem
 *          waiters: fchmod() and pwrite()                     rwsem:W behind a writer
 *   dir    holder: getdents64() into the missing page, in i_rwsem, shared
 *          waiters: create, unlink, rename                    rwsem:W behind a reader
 *   mmap   holder: mprotect() of very many pages, in mmap_lock
 *          waiters: mmap() + munmap(), page faults            rwsem:W, rwsem:R
 *
 * op() is what is timed; it takes the lock in question exactly once (mmap: once
 * per call, and the waiter finds out whether it blocked).
 */
#ifndef HELD_H
#define HELD_H

#include <stdlib.h>
#include <sys/stat.h>

#include "fault.h"

#define HELD_REGION	(1ull << 30)	/* bytes of address space, not of memory */
#define HELD_PAGES	32768u

static int errno_unless(bool good)
{
	return good ? 0 : -errno;
}

/* --- pipe -------------------------------------------------------------------------------- */

/* O_NONBLOCK: the mutex is waited for all the same, but nobody waits for data for ever. */
static int pipe_setup(struct load *l)
{
	return errno_unless(!pipe2(l->pipe_fd, O_CLOEXEC | O_NONBLOCK));
}

static int pipe_hold(struct load *l)
{
	return errno_unless(write(l->pipe_fd[1], l->fault_page, LOAD_PAGE) == LOAD_PAGE);
}

static int pipe_op(struct load *l, struct worker *w)
{
	char c = 'x';

	if (w->index % 2)
		return errno_unless(write(l->pipe_fd[1], &c, 1) == 1);
	return errno_unless(read(l->pipe_fd[0], &c, 1) == 1);
}

static int pipe_restore(struct load *l)
{
	struct pollfd pfd = { .fd = l->pipe_fd[0], .events = POLLIN };
	char buf[LOAD_PAGE];

	while (poll(&pfd, 1, 0) == 1)
		if (read(l->pipe_fd[0], buf, sizeof(buf)) <= 0)
			return -EIO;
	return 0;
}

static void pipe_cleanup(struct load *l)
{
	if (l->pipe_fd[0] >= 0) {
		close(l->pipe_fd[0]);
		close(l->pipe_fd[1]);
	}
}

/* --- a directory of our own -------------------------------------------------------------- */

static int tmp_setup(struct load *l)
{
	int n = snprintf(l->tmpdir, sizeof(l->tmpdir), "%s/contend.XXXXXX", l->opts.dir);

	if (n >= (int)sizeof(l->tmpdir) || !mkdtemp(l->tmpdir)) {
		l->tmpdir[0] = '\0';
		return n >= (int)sizeof(l->tmpdir) ? -ENAMETOOLONG : -errno;
	}
	l->dir_fd = open(l->tmpdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return errno_unless(l->dir_fd >= 0);
}

static int tmp_create(struct load *l, const char *name)
{
	int fd = openat(l->dir_fd, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void tmp_cleanup(struct load *l)
{
	static const char kind[] = "curRs";
	unsigned int i, k;
	char name[16];

	if (!l->tmpdir[0])
		return;
	for (i = 0; i < LOAD_MAX_THREADS; i++) {
		for (k = 0; k < sizeof(kind) - 1; k++) {
			snprintf(name, sizeof(name), "%c%u", kind[k], i);
			(void)unlinkat(l->dir_fd, name, 0);	/* most are not there */
		}
	}
	(void)unlinkat(l->dir_fd, "file", 0);
	if (l->file_fd >= 0)
		close(l->file_fd);
	close(l->dir_fd);
	(void)rmdir(l->tmpdir);
}

/* --- inode ------------------------------------------------------------------------------- */

static int inode_setup(struct load *l)
{
	int err = tmp_setup(l);

	if (err)
		return err;
	l->file_fd = openat(l->dir_fd, "file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	return errno_unless(l->file_fd >= 0);
}

static int inode_hold(struct load *l)
{
	return errno_unless(pwrite(l->file_fd, l->fault_page, LOAD_PAGE, 0) == LOAD_PAGE);
}

static int inode_op(struct load *l, struct worker *w)
{
	if (w->index % 2)
		return errno_unless(pwrite(l->file_fd, "x", 1, 2 * LOAD_PAGE) == 1);
	return errno_unless(!fchmod(l->file_fd, 0600));
}

/* --- dir --------------------------------------------------------------------------------- */

/* Give every waiter the file that its next operation needs, and take away what it made. */
static int dir_restore(struct load *l)
{
	unsigned int i;
	char name[16];
	int err = 0;

	for (i = 0; i < l->opts.waiters && !err; i++) {
		snprintf(name, sizeof(name), "%c%u", "cur"[i % 3], i);
		if (i % 3 == 0)
			(void)unlinkat(l->dir_fd, name, 0);	/* not there before the first round */
		else
			err = tmp_create(l, name);
		if (err == -EEXIST)
			err = 0;
		if (i % 3 == 2) {
			name[0] = 'R';
			(void)unlinkat(l->dir_fd, name, 0);
		}
	}
	return errno_unless(!lseek(l->dir_fd, 0, SEEK_SET)) ?: err;
}

static int dir_setup(struct load *l)
{
	return tmp_setup(l) ?: dir_restore(l);
}

static int dir_hold(struct load *l)
{
	return errno_unless(syscall(SYS_getdents64, l->dir_fd, l->fault_page, LOAD_PAGE) > 0);
}

static int dir_op(struct load *l, struct worker *w)
{
	char name[16], to[16];

	snprintf(name, sizeof(name), "%c%u", "cur"[w->index % 3], w->index);
	if (w->index % 3 == 0)
		return errno_unless(!mknodat(l->dir_fd, name, S_IFREG | 0600, 0));
	if (w->index % 3 == 1)
		return errno_unless(!unlinkat(l->dir_fd, name, 0));
	snprintf(to, sizeof(to), "R%u", w->index);
	return errno_unless(!renameat(l->dir_fd, name, l->dir_fd, to));
}

/* --- mmap -------------------------------------------------------------------------------- */

/*
 * The holder's region: the zero page mapped millions of times, so that changing
 * its protection takes long, and the kernel may take the CPU from it meanwhile
 * (it asks at every page table): on a busy machine too, waiters get to run while
 * the lock is held. Costs 2 MiB of page tables per GiB.
 */
static int region_setup(struct load *l)
{
	void *p = mmap(NULL, HELD_REGION, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	l->region = p;
	(void)madvise(p, HELD_REGION, MADV_NOHUGEPAGE);	/* no huge pages here: as good */
	return errno_unless(!madvise(p, HELD_REGION, MADV_POPULATE_READ));
}

/*
 * The waiters' pages: every second one is a mapping of its own, whose first fault
 * needs mmap_lock even where faults have locks per mapping (to get an anon_vma).
 */
static int mmap_setup(struct load *l)
{
	int err = region_setup(l);
	unsigned int i;
	void *p;

	if (err)
		return err;
	p = mmap(NULL, (size_t)HELD_PAGES * LOAD_PAGE, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	l->pages = p;
	for (i = 1; i < HELD_PAGES; i += 2)
		if (mprotect(l->pages + (size_t)i * LOAD_PAGE, LOAD_PAGE, PROT_READ | PROT_WRITE))
			return -errno;
	return 0;
}

static int mmap_hold(struct load *l)
{
	l->flip = !l->flip;
	return errno_unless(!mprotect(l->region, HELD_REGION, l->flip ? PROT_NONE : PROT_READ));
}

static int mmap_op(struct load *l, struct worker *w)
{
	unsigned int page;
	void *p;

	if (w->index % 2) {
		page = atomic_fetch_add(&l->next_page, 2) % HELD_PAGES | 1;
		*(volatile unsigned char *)(l->pages + (size_t)page * LOAD_PAGE) = 1;
		return 0;
	}
	p = mmap(NULL, LOAD_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return errno_unless(p != MAP_FAILED && !munmap(p, LOAD_PAGE));
}

static void mmap_cleanup(struct load *l)
{
	if (l->region)
		munmap(l->region, HELD_REGION);
	if (l->pages)
		munmap(l->pages, (size_t)HELD_PAGES * LOAD_PAGE);
}

#endif /* HELD_H */
