// SPDX-License-Identifier: GPL-2.0-only
/*
 * loops - what kernel paths that are heavy with locks cost, for tools/bench/guest.py.
 *
 *   loops [-r REPEATS] [-s PERCENT] [NAME...]
 *
 * Prints a line "NAME ITERATIONS T1 T2 ..." for each loop: the ticks of the time stamp
 * counter that each repeat took, the first of them, which warms up, left out. Under
 * qemu -icount shift=0 a tick is an instruction. Everything runs on one CPU, and none
 * of the loops ever leaves that idle; nothing is printed before the end, since a guest's
 * console is work for that CPU. -s makes all loops shorter or longer.
 *
 * Exit: 0 done, 1 failed, 2 usage.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_REPEATS	100
#define PAGE		4096

static char dir[] = "/tmp/loops.XXXXXX";
static int pipes[2] = { -1, -1 };
static int dir_fd = -1;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static void check(bool ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

static void pipe_setup(void)
{
	check(!pipe(pipes), "pipe");
}

static void pipe_teardown(void)
{
	close(pipes[0]);
	close(pipes[1]);
}

/* Two pairs of the pipe's mutex. */
static void pipe_op(void)
{
	char c = 0;

	check(write(pipes[1], &c, 1) == 1 && read(pipes[0], &c, 1) == 1, "pipe: write and read");
}

static void dents_setup(void)
{
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	check(dir_fd >= 0, dir);
}

static void dents_teardown(void)
{
	close(dir_fd);
}

/* The directory's rwsem, a mutex for the position in it, and spinlocks of its entries. */
static void dents_op(void)
{
	char buf[2048];

	check(!lseek(dir_fd, 0, SEEK_SET) && syscall(SYS_getdents64, dir_fd, buf, sizeof(buf)) > 0, "getdents");
}

/* mmap_lock twice for writing, and a page fault. */
static void mmap_op(void)
{
	volatile char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap");
	*p = 1;
	munmap((void *)p, PAGE);
}

/* The directory's rwsem, and spinlocks of its entries. */
static void rename_op(void)
{
	check(!rename("file-0", "file-x") && !rename("file-x", "file-0"), "rename");
}

/* A hash bucket's spinlock, twice: a wait for what has happened already. */
static void futex_op(void)
{
	static uint32_t word = 1;

	syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

/* Files made, looked at and removed: the path of a file walk. */
static void file_op(void)
{
	struct stat st;
	int fd = open("new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, "x", 1) == 1, "file");
	close(fd);
	check(!stat("new", &st) && !unlink("new"), "file");
}

/* A process, as a build starts many. */
static void fork_op(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	check(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
}

/* --- messages between processes, as hackbench does ---------------------------------------- */

#define PEERS		8	/* so many senders and as many receivers */
#define MESSAGE		100	/* bytes */

static void receive(int fd, int messages)
{
	char buf[MESSAGE];
	size_t want = (size_t)(PEERS * messages) * sizeof(buf);
	ssize_t n;

	while (want) {
		n = read(fd, buf, sizeof(buf));
		check(n > 0, "receive");
		want -= (size_t)n;
	}
}

static void send_all(int fd[PEERS][2], int messages)
{
	char buf[MESSAGE] = "";
	int i, j;

	for (i = 0; i < messages; i++)
		for (j = 0; j < PEERS; j++)
			check(write(fd[j][1], buf, sizeof(buf)) == sizeof(buf), "send");
}

/* From the birth of all processes to their end; so many messages from each sender to each receiver. */
static void exchange(int messages)
{
	int fd[PEERS][2], i;

	for (i = 0; i < PEERS; i++)
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd[i]), "socketpair");
	for (i = 0; i < 2 * PEERS; i++) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid)
			continue;
		if (i < PEERS)
			receive(fd[i][0], messages);
		else
			send_all(fd, messages);
		_exit(0);
	}
	for (i = 0; i < 2 * PEERS; i++) {
		int status;

		check(wait(&status) > 0 && !status, "a process of messages");
	}
	for (i = 0; i < PEERS; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
}

static void messages_op(void)
{
	exchange(16);
}

/* As many as perf bench sched messaging sends. */
static void hackbench_op(void)
{
	exchange(100);
}

/* --- one wait for a mutex, of which everything is known ------------------------------------ */

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
static bool wait_works(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		warn("wait: left out: userfaultfd");
	else
		close(fd);
	return fd >= 0;
}

static void wait_setup(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	pipe_setup();
	check(!pipe(w.holder_go) && !pipe(w.waiter_go) && !pipe(w.done), "pipe");
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

static void wait_op(void)
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

static void wait_teardown(void)
{
	struct sched_param param = { 0 };
	char c = 0;

	check(write(w.holder_go[1], &c, 1) == 1 && write(w.waiter_go[1], &c, 1) == 1, "end");
	pthread_join(w.holder, NULL);
	pthread_join(w.waiter, NULL);
	sched_setscheduler(0, SCHED_OTHER, &param);
	close(w.uffd);
	munmap(w.page, PAGE);
	pipe_teardown();
}

/* ------------------------------------------------------------------------------------------ */

static const struct loop {
	const char *name;
	unsigned int iterations;	/* some three million instructions without a tracer */
	void (*setup)(void), (*op)(void), (*teardown)(void);
	bool (*works)(void);
} loops[] = {
	{ "pipe", 1000, pipe_setup, pipe_op, pipe_teardown, NULL },
	{ "getdents", 500, dents_setup, dents_op, dents_teardown, NULL },
	{ "mmap", 300, NULL, mmap_op, NULL, NULL },
	{ "rename", 200, NULL, rename_op, NULL, NULL },
	{ "futex", 1000, NULL, futex_op, NULL, NULL },
	{ "file", 100, NULL, file_op, NULL, NULL },
	{ "fork", 20, NULL, fork_op, NULL, NULL },
	{ "messages", 2, NULL, messages_op, NULL, NULL },
	{ "hackbench", 1, NULL, hackbench_op, NULL, NULL },
	{ "wait", 100, wait_setup, wait_op, wait_teardown, wait_works },
};
#define NR_LOOPS (sizeof(loops) / sizeof(loops[0]))

static uint64_t took[NR_LOOPS][MAX_REPEATS + 1];

static unsigned int iterations(const struct loop *l, unsigned int percent)
{
	unsigned int n = l->iterations * percent / 100;

	return n ? n : 1;
}

static void measure(const struct loop *l, uint64_t *t, unsigned int repeats, unsigned int n)
{
	unsigned int i, r;

	if (l->setup)
		l->setup();
	for (r = 0; r <= repeats; r++) {
		t[r] = ticks();
		for (i = 0; i < n; i++)
			l->op();
		t[r] = ticks() - t[r];
	}
	if (l->teardown)
		l->teardown();
}

static void print(const struct loop *l, const uint64_t *t, unsigned int repeats, unsigned int n)
{
	unsigned int r;

	printf("%s %u", l->name, n);
	for (r = 1; r <= repeats; r++)
		printf(" %llu", (unsigned long long)t[r]);
	putchar('\n');
}

static bool wanted(const struct loop *l, char **names)
{
	bool any = !*names;

	for (; *names && !any; names++)
		any = !strcmp(l->name, *names);
	return any && (!l->works || l->works());
}

static void make_files(void)
{
	char name[16];
	int i, fd;

	check(mkdtemp(dir) && !chdir(dir), dir);
	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		check(fd >= 0, name);
		close(fd);
	}
}

static void remove_files(void)
{
	char name[16];
	int i;

	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		unlink(name);
	}
	rmdir(dir);
}

int main(int argc, char **argv)
{
	unsigned int repeats = 5, percent = 100;
	cpu_set_t one;
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "r:s:")) != -1) {
		if (c == 'r')
			repeats = (unsigned int)atoi(optarg);
		else if (c == 's')
			percent = (unsigned int)atoi(optarg);
		else
			return 2;
	}
	if (!repeats || repeats > MAX_REPEATS || !percent)
		errx(2, "-r wants 1 to %d, -s a number above 0", MAX_REPEATS);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	check(!sched_setaffinity(0, sizeof(one), &one), "affinity");
	make_files();
	for (i = 0; i < NR_LOOPS; i++)
		if (wanted(&loops[i], argv + optind))
			measure(&loops[i], took[i], repeats, iterations(&loops[i], percent));
	remove_files();
	for (i = 0; i < NR_LOOPS; i++)
		if (took[i][0])
			print(&loops[i], took[i], repeats, iterations(&loops[i], percent));
	return 0;
}
