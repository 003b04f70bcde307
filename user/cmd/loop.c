// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event descriptors of a trace. An event's bit is its epoll data; timers
 * are read to quiet them, the number of expirations does not matter: who was
 * late does one tick, not several.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../base/diag.h"
#include "loop.h"

#define NSEC 1000000000ull

enum { TIMER_END, TIMER_TICK, TIMER_PROGRESS, TIMER_NR };

static const enum loop_event timer_event[TIMER_NR] = { LOOP_END, LOOP_TICK, LOOP_PROGRESS };

int loop_watch(struct loop *l, int fd, enum loop_event ev)
{
	struct epoll_event e = { .events = ev == LOOP_CLOSED ? 0 : EPOLLIN, .data.u32 = ev };

	/* EPOLLERR and EPOLLHUP always come; a regular file gives EPERM and cannot go away. */
	if (!epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &e) || (ev == LOOP_CLOSED && errno == EPERM))
		return 0;
	return -errno;
}

void loop_unwatch(struct loop *l, int fd)
{
	(void)epoll_ctl(l->ep, EPOLL_CTL_DEL, fd, NULL);	/* was never added: fine */
}

static int init_signals(struct loop *l)
{
	struct sigaction sa;

	sigemptyset(&l->signals);
	sigaddset(&l->signals, SIGINT);
	sigaddset(&l->signals, SIGTERM);
	if (!sigaction(SIGHUP, NULL, &sa) && sa.sa_handler != SIG_IGN)
		sigaddset(&l->signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &l->signals, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	l->signal_fd = signalfd(-1, &l->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signal_fd < 0 ? -errno : loop_watch(l, l->signal_fd, LOOP_SIGNAL);
}

int loop_add_signal(struct loop *l, int sig)
{
	sigaddset(&l->signals, sig);
	if (sigprocmask(SIG_BLOCK, &l->signals, NULL))
		return -errno;
	return signalfd(l->signal_fd, &l->signals, SFD_CLOEXEC | SFD_NONBLOCK) < 0 ? -errno : 0;
}

int loop_watch_output(struct loop *l, int fd)
{
	struct epoll_event e = { .events = EPOLLOUT | EPOLLONESHOT, .data.u32 = LOOP_OUTPUT };

	if (!epoll_ctl(l->ep, EPOLL_CTL_MOD, fd, &e))
		return 0;
	return errno == ENOENT && !epoll_ctl(l->ep, EPOLL_CTL_ADD, fd, &e) ? 0 : -errno;
}

int loop_init(struct loop *l, struct diag *why)
{
	int i, err;

	*l = (struct loop){ .ep = -1, .signal_fd = -1, .timer_fd = { -1, -1, -1 } };
	l->ep = epoll_create1(EPOLL_CLOEXEC);
	err = l->ep < 0 ? -errno : init_signals(l);
	for (i = 0; i < TIMER_NR && !err; i++) {
		l->timer_fd[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		err = l->timer_fd[i] < 0 ? -errno : loop_watch(l, l->timer_fd[i], timer_event[i]);
	}
	if (err) {
		diag_errno(why, err, "cannot set up the event loop");
		loop_done(l);
	}
	return err;
}

static int arm(int fd, uint64_t ns, bool again)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / NSEC), .tv_nsec = (long)(ns % NSEC) };
	struct itimerspec its = { .it_value = ts };

	if (again)
		its.it_interval = ts;
	return timerfd_settime(fd, 0, &its, NULL) ? -errno : 0;
}

int loop_arm_end(struct loop *l, uint64_t ns)
{
	return arm(l->timer_fd[TIMER_END], ns, false);
}

int loop_arm_tick(struct loop *l, uint64_t ns)
{
	return arm(l->timer_fd[TIMER_TICK], ns, true);
}

int loop_arm_progress(struct loop *l, uint64_t ns)
{
	return arm(l->timer_fd[TIMER_PROGRESS], ns, true);
}

int loop_take(struct loop *l, int timeout_ms)
{
	struct epoll_event ev[8];
	uint64_t expired;
	int bits = 0, n, i;

	n = epoll_wait(l->ep, ev, 8, timeout_ms);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	while (n-- > 0)
		bits |= (int)ev[n].data.u32;
	for (i = 0; i < TIMER_NR; i++)
		if ((bits & (int)timer_event[i]) &&
		    read(l->timer_fd[i], &expired, sizeof(expired)) < 0 && errno != EAGAIN)
			return -errno;
	return bits;
}

int loop_signal(struct loop *l, bool *from_terminal)
{
	struct signalfd_siginfo si;

	if (read(l->signal_fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return 0;
	*from_terminal = si.ssi_code == SI_KERNEL;
	return (int)si.ssi_signo;
}

void loop_release_signals(struct loop *l)
{
	bool from_terminal;
	sigset_t set;

	while (loop_signal(l, &from_terminal))
		;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);	/* cannot fail with a valid set */
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void loop_done(struct loop *l)
{
	int i;

	close_fd(&l->signal_fd);
	for (i = 0; i < TIMER_NR; i++)
		close_fd(&l->timer_fd[i]);
	close_fd(&l->ep);
}
