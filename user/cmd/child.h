/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command under observation. It is forked first and waits, already as the
 * user it will run as, until the trace is up; so it is observed from its first
 * instruction, and a command that cannot be run is known before anything is
 * traced. It gets our standard streams, and the signal mask and dispositions
 * that we were started with: fork it before changing either.
 */
#ifndef LK_CHILD_H
#define LK_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct diag;

struct child {
	pid_t pid;		/* 0 = there is none */
	int pidfd;
	int go_fd;		/* write: go; closed: go away */
	int status_fd;		/* errno of what failed; closed by a successful exec */
	const char *name;	/* borrowed: argv[0] */
	bool running;		/* it went and has not been reaped */
	int status;		/* of waitpid(), once it has ended */
};

/* Fork, become the user, find the program, wait. 0 or -errno with a sentence. */
int child_spawn(struct child *c, char *const argv[], struct diag *why);

/* Let it exec. 0, or -errno with a sentence if the program could not be executed. */
int child_go(struct child *c, struct diag *why);

/* Has it ended? Then it is reaped and status is set. */
bool child_reap(struct child *c);

/* Send a signal if it is still there. */
void child_signal(const struct child *c, int sig);

/* Let go of it: one that still waits goes away, one that runs goes on. NULL and zeroed are fine. */
void child_done(struct child *c);

#endif /* LK_CHILD_H */
