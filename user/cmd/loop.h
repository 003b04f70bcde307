/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace waits for besides the kernel's records: signals, timers, the end
 * of the command, standard output going away. All of it is behind one descriptor
 * (an epoll), so that session_poll() sleeps until there is something to do.
 */
#ifndef LK_LOOP_H
#define LK_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct diag;

enum loop_event {		/* a set of bits */
	LOOP_SIGNAL	= 1 << 0,
	LOOP_END	= 1 << 1,	/* the duration is over */
	LOOP_TICK	= 1 << 2,
	LOOP_PROGRESS	= 1 << 3,
	LOOP_CHILD	= 1 << 4,	/* the command ended */
	LOOP_CLOSED	= 1 << 5,	/* nobody reads our standard output any more */
	LOOP_INPUT	= 1 << 6,	/* a terminal has keys for us, or has gone */
	LOOP_OUTPUT	= 1 << 7,	/* a terminal takes output again */
};

struct loop {
	int ep;
	int signal_fd;
	int timer_fd[3];	/* end, tick, progress */
	sigset_t signals;	/* that come as events */
};

/*
 * Block SIGINT, SIGTERM and SIGHUP (unless it is ignored, as under nohup) and
 * take them as events from now on; ignore SIGPIPE. 0 or -errno with a sentence.
 */
int loop_init(struct loop *l, struct diag *why);

/* Take one more signal as an event. 0 or -errno. */
int loop_add_signal(struct loop *l, int sig);

/* Once, after @ns. */
int loop_arm_end(struct loop *l, uint64_t ns);
/* Every @ns. */
int loop_arm_tick(struct loop *l, uint64_t ns);
int loop_arm_progress(struct loop *l, uint64_t ns);

/*
 * Watch a descriptor for LOOP_CHILD (a pidfd) or LOOP_CLOSED (an output; one
 * that cannot close, such as a file, is fine).
 */
int loop_watch(struct loop *l, int fd, enum loop_event ev);
void loop_unwatch(struct loop *l, int fd);
/* LOOP_OUTPUT once, when @fd can be written to; may be said again and again. 0 or -errno. */
int loop_watch_output(struct loop *l, int fd);

/* Wait up to @timeout_ms (0 = not at all); returns what happened as a set, or -errno. */
int loop_take(struct loop *l, int timeout_ms);

/* After LOOP_SIGNAL: the next one, 0 = none left. *from_terminal: the foreground group got it. */
int loop_signal(struct loop *l, bool *from_terminal);

/*
 * From now on SIGTERM and SIGHUP end the process at once, in case the reader of
 * a long output has stopped reading. SIGINT stays blocked: pressing Ctrl-C twice
 * must not cost the summary.
 */
void loop_release_signals(struct loop *l);

void loop_done(struct loop *l);

#endif /* LK_LOOP_H */
