// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fork, hold, go. Two pipes, both closed on exec:
 *
 *   status  child -> us   one int: 0 "found the program, waiting" or an errno;
 *                         later another int only if exec failed
 *   go      us -> child   one byte: go; end of file: go away (we died or gave up)
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/diag.h"
#include "child.h"
#include "invoker.h"

#define EXIT_NOT_RUN 127

/* 1 = a whole int was read, 0 = end of file, else -errno. */
static int read_int(int fd, int *v)
{
	ssize_t n;

	do
		n = read(fd, v, sizeof(*v));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(*v);
}

static void write_int(int fd, int v)
{
	ssize_t n;

	do
		n = write(fd, &v, sizeof(v));
	while (n < 0 && errno == EINTR);
}

/* 0 if @path is a file that we may execute, else -errno. */
static int try_path(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/* Would execvp() find the program? The search is the same, exec itself comes later. */
static int find_program(const char *name)
{
	const char *dir = getenv("PATH");
	char path[4096];
	int err = -ENOENT, one;

	if (strchr(name, '/'))
		return try_path(name);
	if (!*name || !dir)
		return *name ? 0 : -ENOENT;	/* no PATH: execvp() has a default */
	for (;;) {
		int len = (int)strcspn(dir, ":");

		if (snprintf(path, sizeof(path), "%.*s%s%s", len, dir, len ? "/" : "./", name) <
		    (int)sizeof(path)) {
			one = try_path(path);
			if (!one)
				return 0;
			if (one == -EACCES)
				err = one;
		}
		if (!dir[len])
			return err;
		dir += len + 1;
	}
}

static _Noreturn void child_main(char *const argv[], const struct invoker *who, int go, int status)
{
	int err = invoker_become(who);
	char byte;
	ssize_t n;

	if (!err)
		err = find_program(argv[0]);
	write_int(status, -err);
	if (err)
		_exit(EXIT_NOT_RUN);
	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(EXIT_NOT_RUN);
	execvp(argv[0], argv);
	write_int(status, errno);
	_exit(EXIT_NOT_RUN);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int cannot_run(const struct child *c, int err, struct diag *why)
{
	return diag_errno(why, err, "cannot run '%s'", c->name);
}

int child_spawn(struct child *c, char *const argv[], struct diag *why)
{
	int go[2] = { -1, -1 }, status[2] = { -1, -1 }, failed = 0, err;
	struct invoker who;

	*c = (struct child){ .pidfd = -1, .go_fd = -1, .status_fd = -1, .name = argv[0] };
	err = invoker_get(&who, why);
	if (err)
		return err;
	if (pipe2(go, O_CLOEXEC) || pipe2(status, O_CLOEXEC)) {
		err = cannot_run(c, -errno, why);
		goto out;
	}
	c->pid = fork();
	if (c->pid < 0) {
		err = cannot_run(c, -errno, why);
		c->pid = 0;
		goto out;
	}
	if (!c->pid) {
		close(go[1]);
		close(status[0]);
		child_main(argv, &who, go[0], status[1]);
	}
	close_fd(&status[1]);
	err = read_int(status[0], &failed);
	if (err != 1 || failed) {
		err = cannot_run(c, failed ? -failed : err < 0 ? err : -ECHILD, why);
		goto out;
	}
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		err = cannot_run(c, -errno, why);
		goto out;
	}
	c->go_fd = go[1];
	c->status_fd = status[0];
	close(go[0]);
	return 0;
out:
	close_fd(&go[0]);
	close_fd(&go[1]);
	close_fd(&status[0]);
	close_fd(&status[1]);
	child_done(c);
	return err;
}

int child_go(struct child *c, struct diag *why)
{
	int failed = 0, err = 0;

	if (write(c->go_fd, "g", 1) != 1)
		err = -errno;
	else if (read_int(c->status_fd, &failed) == 1)
		err = -failed;
	close_fd(&c->status_fd);
	close_fd(&c->go_fd);
	if (err == -EPIPE)
		return diag_set(why, err, "'%s' was killed before it began", c->name);
	if (err)
		return cannot_run(c, err, why);
	c->running = true;
	return 0;
}

bool child_reap(struct child *c)
{
	if (!c->running)
		return true;
	if (waitpid(c->pid, &c->status, WNOHANG) != c->pid)
		return false;
	c->running = false;
	return true;
}

void child_signal(const struct child *c, int sig)
{
	if (c->running)
		(void)kill(c->pid, sig);	/* not reaped, so the pid is its own */
}

void child_done(struct child *c)
{
	bool waits;

	if (!c || !c->pid)
		return;
	waits = c->go_fd >= 0 || c->pidfd < 0;
	close_fd(&c->go_fd);
	close_fd(&c->status_fd);
	close_fd(&c->pidfd);
	if (waits && !c->running)
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	c->pid = 0;
}
