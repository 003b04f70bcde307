// SPDX-License-Identifier: GPL-2.0-only
/*
 * loops - what kernel paths that are heavy with locks cost, for tools/bench/guest.py.
 *
 *   loops [-r REPEATS] [-s PERCENT] [-f JOBS] [NAME...]
 *
 * JOBS has lines "NAME COMMAND", each one more loop, made of what a shell does with that
 * command; '#' begins a comment. NAME: only these, by default all. Prints a line "NAME ITERATIONS T1 T2 ..." for each loop: the ticks of the time stamp
 * counter that each repeat took, the first of them, which warms up, left out. Under
 * qemu -icount shift=0 a tick is an instruction. Everything runs on one CPU, and none
 * of the loops ever leaves that idle; nothing is printed before the end, since a guest's
 * console is work for that CPU. -s makes all loops shorter or longer.
 *
 * Exit: 0 done, 1 failed, 2 usage.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"

#define MAX_REPEATS	100
#define MAX_JOBS	16
#define PAGE		4096

static char dir[] = "/tmp/loops.XXXXXX";
static int pipes[2] = { -1, -1 };
static int dir_fd = -1;

static uint64_t ticks(void)
{
	return __builtin_ia32_rdtsc();
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

/* ------------------------------------------------------------------------------------------ */

static const struct loop loops[] = {
	{ "pipe", 1000, pipe_setup, pipe_op, pipe_teardown, NULL, NULL },
	{ "getdents", 500, dents_setup, dents_op, dents_teardown, NULL, NULL },
	{ "mmap", 300, NULL, mmap_op, NULL, NULL, NULL },
	{ "rename", 200, NULL, rename_op, NULL, NULL, NULL },
	{ "futex", 1000, NULL, futex_op, NULL, NULL, NULL },
	{ "file", 100, NULL, file_op, NULL, NULL, NULL },
	{ "fork", 20, NULL, fork_op, NULL, NULL, NULL },
	{ "messages", 2, NULL, messages_op, NULL, NULL, NULL },
	{ "hackbench", 1, NULL, hackbench_op, NULL, NULL, NULL },
	{ "walk", 1, walk_setup, walk_op, walk_teardown, NULL, NULL },
	{ "wait", 100, wait_setup, wait_op, wait_teardown, NULL, wait_works },
};
#define NR_LOOPS (sizeof(loops) / sizeof(loops[0]))

/* The loops of the file of jobs; their words live until the end. */
static struct loop jobs[MAX_JOBS];
static size_t nr_jobs;

static uint64_t took[NR_LOOPS + MAX_JOBS][MAX_REPEATS + 1];

static const struct loop *loop(size_t i)
{
	return i < NR_LOOPS ? &loops[i] : &jobs[i - NR_LOOPS];
}

static void add_job(const char *path, char *line)
{
	char *name = strtok(line, " \t\n"), *command = strtok(NULL, "\n");

	if (!name || *name == '#')
		return;
	if (!command || nr_jobs == MAX_JOBS)
		errx(2, "%s: '%s': %s", path, name, command ? "too many jobs" : "a name and no command");
	jobs[nr_jobs].name = strdup(name);
	jobs[nr_jobs].command = strdup(command);
	jobs[nr_jobs].iterations = 1;
	check(jobs[nr_jobs].name && jobs[nr_jobs].command, path);
	nr_jobs++;
}

static void read_jobs(const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	check(f, path);
	while (getline(&line, &size, f) > 0)
		add_job(path, line);
	check(!ferror(f), path);
	free(line);
	fclose(f);
}

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
		for (i = 0; i < n; i++) {
			if (l->command)
				run_command(l->command);
			else
				l->op();
		}
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

	while ((c = getopt(argc, argv, "r:s:f:")) != -1) {
		if (c == 'r')
			repeats = (unsigned int)atoi(optarg);
		else if (c == 's')
			percent = (unsigned int)atoi(optarg);
		else if (c == 'f')
			read_jobs(optarg);
		else
			return 2;
	}
	if (!repeats || repeats > MAX_REPEATS || !percent)
		errx(2, "-r wants 1 to %d, -s a number above 0", MAX_REPEATS);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	check(!sched_setaffinity(0, sizeof(one), &one), "affinity");
	make_files();
	for (i = 0; i < NR_LOOPS + nr_jobs; i++)
		if (wanted(loop(i), argv + optind))
			measure(loop(i), took[i], repeats, iterations(loop(i), percent));
	remove_files();
	for (i = 0; i < NR_LOOPS + nr_jobs; i++)
		if (took[i][0])
			print(loop(i), took[i], repeats, iterations(loop(i), percent));
	return 0;
}
