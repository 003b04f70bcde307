/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the workload share: options, threads, scenarios.
 *
 * contend is one translation unit: contend.c includes crew.h (threads, gates,
 * the wait loop of the controlling thread), fault.h (userfaultfd: a lock holder
 * that we stop and release), held.h and race.h (the scenarios), turns.h (what a
 * thread does). No globals: everything hangs off struct load. All times are CLOCK_MONOTONIC, in ns.
 */
#ifndef LOAD_H
#define LOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#define LOAD_MAX_THREADS	300
#define LOAD_PAGE		4096u
#define MS			1000000ull

/* LOAD_LONG: longer than any operation that did not wait for the holder... */
#define LOAD_BLOCKED_NS		(MS / 2)
/* ... of which there shall be so many per round, in at most so many times the rounds. */
#define LOAD_LONG_STRETCH	20u

struct load;
struct worker;

enum load_kind {
	LOAD_HELD	= 1,	/* holder stopped inside the lock; every waiter waits once a round */
	LOAD_LONG	= 2,	/* holder in one long call; waiters try until one call blocked */
	LOAD_RACE	= 3,	/* no holder; a fixed number of operations by every thread */
};

struct scenario {
	const char *name, *help;
	enum load_kind kind;
	int (*setup)(struct load *l);
	int (*hold)(struct load *l);
	int (*op)(struct load *l, struct worker *w);
	int (*restore)(struct load *l);		/* after a round, by the controlling thread */
	int (*idle)(struct load *l, struct worker *w);	/* body of the parked threads */
	void (*cleanup)(struct load *l);
};

struct worker {
	struct load *load;
	pthread_t thread;
	pid_t tid;
	unsigned int index;	/* among the waiters or racers */
	char comm[16];
	bool started, parked;
	int err;
	uint64_t ops, blocked, lost_ns, max_ns;
};

struct load_opts {
	const struct scenario *scen;
	unsigned int rounds, waiters, parked, hold_ms, deadline_s;
	unsigned long ops;
	bool solo, until_signal, in_child;
	const char *dir, *go, *ready, *held, *result;
};

struct load {
	struct load_opts opts;
	uint64_t deadline_ns;
	int signal_fd, done_fd, go_fd, uffd;
	bool interrupted;

	/* Gate: worker i may do its n-th turn once turn[i] >= n. */
	pthread_mutex_t gate_lock;
	pthread_cond_t gate_cond;
	unsigned int turn[LOAD_MAX_THREADS];
	atomic_bool stop;
	atomic_uint nr_ready;

	struct worker worker[LOAD_MAX_THREADS];	/* [0] = the holder, unless LOAD_RACE */
	unsigned int nr_workers;
	uint64_t held_ns, start_ns, end_ns;	/* sum over rounds; of the whole work */
	unsigned int rounds_done;

	/* The LOAD_LONG handshake. */
	atomic_bool entered, left;

	/* What the scenarios work on. */
	unsigned char *fault_page;	/* one page, missing until we say so */
	int pipe_fd[2], dir_fd, file_fd;
	char tmpdir[256];
	unsigned char *region, *pages;
	atomic_uint next_page;
	atomic_uint word;
	unsigned int flip;
};

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

#endif /* LOAD_H */
