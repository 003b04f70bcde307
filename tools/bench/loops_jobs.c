// SPDX-License-Identifier: GPL-2.0-only
/* For loops: what users run. Messages between processes, a walk through a tree of files, a command. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"

/* --- messages, as hackbench sends them ------------------------------------------------------ */

#define MAX_PEERS	20
#define MESSAGE		100	/* bytes */

static void receive(int fd, int peers, int messages)
{
	char buf[MESSAGE];
	size_t want = (size_t)(peers * messages) * sizeof(buf);
	ssize_t n;

	while (want) {
		n = read(fd, buf, sizeof(buf));
		check(n > 0, "receive");
		want -= (size_t)n;
	}
}

static void send_all(int fd[MAX_PEERS][2], int peers, int messages)
{
	char buf[MESSAGE] = "";
	int i, j;

	for (i = 0; i < messages; i++)
		for (j = 0; j < peers; j++)
			check(write(fd[j][1], buf, sizeof(buf)) == sizeof(buf), "send");
}

/* From the birth of all processes to their end: so many messages from each of @peers senders to each of as many receivers. */
static void exchange(int peers, int messages)
{
	int fd[MAX_PEERS][2], i;

	for (i = 0; i < peers; i++)
		check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd[i]), "socketpair");
	for (i = 0; i < 2 * peers; i++) {
		pid_t pid = fork();

		check(pid >= 0, "fork");
		if (pid)
			continue;
		if (i < peers)
			receive(fd[i][0], peers, messages);
		else
			send_all(fd, peers, messages);
		_exit(0);
	}
	for (i = 0; i < 2 * peers; i++) {
		int status;

		check(wait(&status) > 0 && !status, "a process of messages");
	}
	for (i = 0; i < peers; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
}

void messages_op(void)
{
	exchange(8, 16);
}

/* A group as hackbench and perf bench sched messaging make it. */
void hackbench_op(void)
{
	exchange(MAX_PEERS, 100);
}

/* --- a walk through a tree of files ---------------------------------------------------------- */

/*
 * As find and grep go through the sources of a kernel, which have 15 files in a directory: 5
 * directories in each, three levels deep, 15 files in each of the deepest; so 156 and 1,875.
 */
#define TREE		"tree"
#define TREE_DIRS	5
#define TREE_LEVELS	3
#define TREE_FILES	15
#define TREE_FDS	16	/* that nftw() may have open */

static int files_seen;

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, path, strlen(path)) > 0, path);
	close(fd);
}

static void make_tree(const char *path, int level)
{
	char below[PATH_MAX];
	int i;

	check(!mkdir(path, 0700), path);
	for (i = 0; i < (level ? TREE_DIRS : TREE_FILES); i++) {
		snprintf(below, sizeof(below), "%s/%d", path, i);
		if (level)
			make_tree(below, level - 1);
		else
			make_file(below);
	}
}

static int look_at(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char buf[256];
	int fd;

	(void)st;
	(void)where;
	if (type != FTW_F)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, buf, sizeof(buf)) > 0, path);
	close(fd);
	files_seen++;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void walk_setup(void)
{
	make_tree(TREE, TREE_LEVELS);
}

void walk_op(void)
{
	files_seen = 0;
	check(!nftw(TREE, look_at, TREE_FDS, FTW_PHYS), TREE);
	if (files_seen != TREE_FILES * TREE_DIRS * TREE_DIRS * TREE_DIRS)
		errx(1, "walk: %d files", files_seen);
}

void walk_teardown(void)
{
	check(!nftw(TREE, remove_one, TREE_FDS, FTW_PHYS | FTW_DEPTH), TREE);
}

/* --- a command -------------------------------------------------------------------------------- */

void run_command(const char *command)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	posix_spawn_file_actions_t silent;
	int status;
	pid_t pid;

	check(!posix_spawn_file_actions_init(&silent) &&
	      !posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0), "posix_spawn");
	errno = posix_spawn(&pid, "/bin/sh", &silent, NULL, argv, environ);
	check(!errno, "/bin/sh");
	posix_spawn_file_actions_destroy(&silent);
	check(waitpid(pid, &status, 0) == pid, "waitpid");
	if (status)
		errx(1, "'%s' failed: wait status %d", command, status);
}
