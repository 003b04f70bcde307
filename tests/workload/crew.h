/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of the workload and how they keep step.
 *
 * Workers stop at a gate and do one turn when the controlling thread opens it;
 * each adds to done_fd when its turn is over. The controlling thread waits in
 * crew_wait() only, which also sees signals (they are blocked in every thread
 * and come through signal_fd) and the deadline: nobody sleeps for a fixed time
 * to get in step.
 */
#ifndef CREW_H
#define CREW_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

enum crew_event {		/* what crew_wait() returns */
	CREW_DONE	= 1,	/* enough turns are over */
	CREW_FAULT	= 2,	/* the holder is inside the lock */
	CREW_GO		= 3,	/* somebody wrote to the go FIFO */
	CREW_TIME	= 4,	/* the time asked for has passed */
	CREW_RELEASE	= 5,	/* SIGUSR1 */
};

static int crew_signals(struct load *l)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	(void)signal(SIGPIPE, SIG_IGN);
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return l->signal_fd < 0 || l->done_fd < 0 ? -errno : 0;
}

static void crew_stop(struct load *l)
{
	pthread_mutex_lock(&l->gate_lock);
	atomic_store(&l->stop, true);
	pthread_cond_broadcast(&l->gate_cond);
	pthread_mutex_unlock(&l->gate_lock);
}

/* Let workers first .. first + n - 1 do one turn more. */
static void crew_open(struct load *l, unsigned int first, unsigned int n)
{
	pthread_mutex_lock(&l->gate_lock);
	while (n--)
		l->turn[first++]++;
	pthread_cond_broadcast(&l->gate_cond);
	pthread_mutex_unlock(&l->gate_lock);
}

/* A worker waits for its n-th turn; false = no more turns. */
static bool crew_turn(struct worker *w, unsigned int n)
{
	struct load *l = w->load;
	unsigned int i = (unsigned int)(w - l->worker);

	pthread_mutex_lock(&l->gate_lock);
	while (l->turn[i] < n && !atomic_load(&l->stop))
		pthread_cond_wait(&l->gate_cond, &l->gate_lock);
	pthread_mutex_unlock(&l->gate_lock);
	return !atomic_load(&l->stop);
}

static void crew_turn_over(struct load *l)
{
	uint64_t one = 1;

	(void)!write(l->done_fd, &one, sizeof(one));	/* cannot fail below 2^64 - 1 */
}

static int crew_read_signal(struct load *l)
{
	struct signalfd_siginfo si;

	if (read(l->signal_fd, &si, sizeof(si)) != sizeof(si))
		return 0;
	if (si.ssi_signo == SIGUSR1)
		return CREW_RELEASE;
	l->interrupted = true;
	return -EINTR;
}

/*
 * Wait until @want has happened (CREW_DONE: @turns turns are over; CREW_TIME:
 * it is @until_ns). Returns @want, CREW_RELEASE, -EINTR (told to stop) or
 * -ETIMEDOUT (the deadline of the whole run has passed).
 */
static int crew_wait(struct load *l, enum crew_event want, unsigned int turns, uint64_t until_ns)
{
	uint64_t now, end, n, sum = 0;
	struct pollfd pfd[2] = { { .fd = l->signal_fd, .events = POLLIN },
				 { .fd = -1, .events = POLLIN } };
	struct timespec ts;
	int err;

	if (want == CREW_DONE)
		pfd[1].fd = l->done_fd;
	else if (want == CREW_FAULT)
		pfd[1].fd = l->uffd;
	else if (want == CREW_GO)
		pfd[1].fd = l->go_fd;
	for (;;) {
		now = now_ns();
		if (want == CREW_TIME && now >= until_ns)
			return CREW_TIME;
		if (now >= l->deadline_ns)
			return -ETIMEDOUT;
		end = want == CREW_TIME && until_ns < l->deadline_ns ? until_ns : l->deadline_ns;
		ts.tv_sec = (time_t)((end - now) / 1000000000ull);
		ts.tv_nsec = (long)((end - now) % 1000000000ull);
		if (ppoll(pfd, 2, &ts, NULL) < 0 && errno != EINTR)
			return -errno;
		if (pfd[0].revents) {
			err = crew_read_signal(l);
			if (err)
				return err;
		}
		if (!pfd[1].revents)
			continue;
		if (want != CREW_DONE)
			return want;
		if (read(l->done_fd, &n, sizeof(n)) == sizeof(n))
			sum += n;
		if (sum >= turns)
			return CREW_DONE;
	}
}

/* Scheduling state of a thread of ours ('D' = waits for a lock), or 0. */
static char crew_state(pid_t tid)
{
	char path[64], buf[128], *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	p = strrchr(buf, ')');
	return p && p[1] ? p[2] : '\0';
}

/* Wait until workers from @first on are all in @state. 0, CREW_RELEASE, -EINTR, -ETIMEDOUT. */
static int crew_wait_state(struct load *l, unsigned int first, char state)
{
	unsigned int i = first;
	int err;

	while (i < l->nr_workers) {
		if (crew_state(l->worker[i].tid) == state) {
			i++;
			continue;
		}
		err = crew_wait(l, CREW_TIME, 0, now_ns() + MS / 5);
		if (err != CREW_TIME)
			return err;
		i = first;
	}
	return 0;
}

static int crew_start(struct load *l, struct worker *w, void *(*body)(void *))
{
	int err;

	w->load = l;
	err = pthread_create(&w->thread, NULL, body, w);
	if (err)
		return -err;
	w->started = true;
	while (atomic_load(&l->nr_ready) < (unsigned int)(w - l->worker) + 1)
		sched_yield();		/* the new thread names itself, then counts itself */
	return 0;
}

/* First thing a worker does. */
static void crew_hello(struct worker *w)
{
	w->tid = (pid_t)syscall(SYS_gettid);
	(void)prctl(PR_SET_NAME, w->comm);
	atomic_fetch_add(&w->load->nr_ready, 1);
}

static void crew_join(struct load *l)
{
	unsigned int i;

	crew_stop(l);
	for (i = 0; i < LOAD_MAX_THREADS; i++)
		if (l->worker[i].started)
			pthread_join(l->worker[i].thread, NULL);
}

#endif /* CREW_H */
