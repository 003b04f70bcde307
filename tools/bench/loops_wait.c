// SPDX-License-Identifier: GPL-2.0-only
/* For loops: one wait for a mutex, of which everything is known. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loops.h"

#define PAGE	4096

static int pipes[2];

/*
 * The holder writes to a pipe from a page that is missing, so it sleeps with the pipe's mutex
 * held until we give it the page. The waiter, whose priority is higher than ours, runs as
 * soon as we wake it, until it sleeps for that mutex. Nobody spins: the holder is not running.
 */
static struct {
	char *page;
	int uffd, holder_go[2], waiter_go[2], done[2];
	pthread_t holder, waiter;
} w;

static void at_priority(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	check(!sched_setscheduler(0, SCHED_FIFO, &param), "SCHED_FIFO");
}

static void *wait_holder(void *arg)
{
	char c;

	at_priority(2);
	while (read(w.holder_go[0], &c, 1) == 1 && c)
		check(write(pipes[1], w.page, 1) == 1 && write(w.done[1], &c, 1) == 1, "holder");
	return arg;
}

static void *wait_waiter(void *arg)
{
	char c, to;

	at_priority(3);
	while (read(w.waiter_go[0], &c, 1) == 1 && c)
		check(read(pipes[0], &to, 1) == 1 && write(w.done[1], &c, 1) == 1, "waiter");
	return arg;
}

/* Not every kernel has it. */
bool wait_works(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		warn("wait: left out: userfaultfd");
	else
		close(fd);
	return fd >= 0;
}

void wait_setup(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	check(!pipe(pipes) && !pipe(w.holder_go) && !pipe(w.waiter_go) && !pipe(w.done), "pipe");
	w.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(w.page != MAP_FAILED, "mmap");
	w.uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	check(w.uffd >= 0 && !ioctl(w.uffd, UFFDIO_API, &api), "userfaultfd");
	reg.range.start = (uintptr_t)w.page;
	reg.range.len = PAGE;
	check(!ioctl(w.uffd, UFFDIO_REGISTER, &reg), "UFFDIO_REGISTER");
	at_priority(1);
	check(!pthread_create(&w.holder, NULL, wait_holder, NULL) &&
	      !pthread_create(&w.waiter, NULL, wait_waiter, NULL), "pthread_create");
}

void wait_op(void)
{
	struct uffdio_zeropage zero = { .range = { .start = (uintptr_t)w.page, .len = PAGE } };
	char c[2] = { 1, 1 };
	struct uffd_msg msg;

	check(!madvise(w.page, PAGE, MADV_DONTNEED), "madvise");
	check(write(w.holder_go[1], c, 1) == 1, "wake the holder");
	check(read(w.uffd, &msg, sizeof(msg)) == sizeof(msg), "wait for the fault");
	check(write(w.waiter_go[1], c, 1) == 1, "wake the waiter");
	check(!ioctl(w.uffd, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
	check(read(w.done[0], c, 1) == 1 && read(w.done[0], c, 1) == 1, "done");
}

void wait_teardown(void)
{
	struct sched_param param = { 0 };
	char c = 0;

	check(write(w.holder_go[1], &c, 1) == 1 && write(w.waiter_go[1], &c, 1) == 1, "end");
	pthread_join(w.holder, NULL);
	pthread_join(w.waiter, NULL);
	sched_setscheduler(0, SCHED_OTHER, &param);
	close(w.uffd);
	munmap(w.page, PAGE);
	close(pipes[0]);
	close(pipes[1]);
}
