// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that outlives us by the seconds that the kernel takes.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"

/* "anon_inode:bpf_link", "anon_inode:[perf_event]" */
static bool is_hook(const char *path)
{
	char target[64];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strstr(target, "bpf_link") || strstr(target, "bpf-link") ||
	       strstr(target, "perf_event");
}

/* Whoever reads our output must see its end now. */
static void close_all_but_hooks(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	char path[32];
	int fd;

	for (fd = 0; fd < 3; fd++)
		close(fd);
	while (dir && (e = readdir(dir))) {
		fd = atoi(e->d_name);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (e->d_name[0] != '.' && fd != dirfd(dir) && !is_hook(path))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

void background_run(void (*work)(void *ctx), void *ctx)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		work(ctx);
		return;
	}
	if (pid) {
		(void)waitpid(pid, &status, 0);	/* ends at once */
		return;
	}
	if (fork() > 0)		/* nobody has to wait for the grandchild; on failure we are it */
		_exit(0);
	(void)prctl(PR_SET_NAME, "lockscope-end");
	(void)setsid();
	close_all_but_hooks();
	work(ctx);
	_exit(0);
}
