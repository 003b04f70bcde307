/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A lock holder that does what we want: it is inside a system call that copies
 * to or from load.fault_page, a page that userfaultfd keeps missing. The copy
 * faults while the kernel holds the lock, and goes on when we say so.
 *
 * Faults in the kernel need CAP_SYS_PTRACE (or vm.unprivileged_userfaultfd = 1).
 */
#ifndef FAULT_H
#define FAULT_H

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "crew.h"

/* 0, -EPERM when the kernel wants privileges for this, or another negative errno. */
static int fault_setup(struct load *l)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *p = mmap(NULL, LOAD_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	l->fault_page = p;
	l->uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (l->uffd < 0)
		return -errno;
	reg.range.start = (uintptr_t)p;
	reg.range.len = LOAD_PAGE;
	if (ioctl(l->uffd, UFFDIO_API, &api) || ioctl(l->uffd, UFFDIO_REGISTER, &reg))
		return -errno;
	return 0;
}

/* Make the page missing again. */
static int fault_arm(struct load *l)
{
	return madvise(l->fault_page, LOAD_PAGE, MADV_DONTNEED) ? -errno : 0;
}

/* Give the page, so that whoever faulted goes on. */
static int fault_release(struct load *l)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)l->fault_page, LOAD_PAGE } };
	struct uffd_msg msg;

	while (read(l->uffd, &msg, sizeof(msg)) == sizeof(msg))
		;			/* the messages told us nothing we do not know */
	if (ioctl(l->uffd, UFFDIO_ZEROPAGE, &zero) && errno != EEXIST)
		return -errno;
	return 0;
}

/* No more stopping: wakes whoever waits for the page, and it stays there for late comers. */
static void fault_end(struct load *l)
{
	if (l->uffd >= 0)
		close(l->uffd);
	l->uffd = -1;
}

/* After all threads have ended. */
static void fault_cleanup(struct load *l)
{
	if (l->fault_page)
		munmap(l->fault_page, LOAD_PAGE);
}

#endif /* FAULT_H */
