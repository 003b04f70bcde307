/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live trace: open, start, tick, stop, free. The session turns what the BPF
 * programs gather into events and puts them into a sink; it knows neither the
 * model nor files. Nothing is pinned: when the process dies, so does the trace.
 */
#ifndef LK_SESSION_H
#define LK_SESSION_H

#include <sys/types.h>

#include "../core/event.h"
#include "order_plan.h"

struct session;
struct diag;

struct session_opts {
	const char *tool;		/* for META: "lockscope 0.1.0" */
	const char *cmdline;		/* for META */
	const char *filter_text;	/* for META: the filters in words, "" = none */
	const uint32_t *pid; unsigned int nr_pid;	/* trace these processes only */
	const uint32_t *tid; unsigned int nr_tid;	/* trace these threads only */
	const char *const *cgroup; unsigned int nr_cgroup;	/* paths, absolute or below the mount */
	uint64_t type_mask;		/* 0 = all types */
	pid_t follow;			/* trace this process and its descendants; 0 = off */
	unsigned int tiers;		/* bit n: enum lk_tier n; each must be had. 0 = what the kernel gives */
	enum order_mode attach;		/* how to hook the lock functions */
	enum order_spin spin;		/* hook those that spin, too? */
	const char *const *watch; unsigned int nr_watch;	/* functions to watch */
	bool waits;			/* also one LK_EV_WAIT per wait */
	bool no_stacks;			/* callers stay unknown; most of a wait's cost goes */
	unsigned int rows;		/* size of the table of rows; 0 = default 16384 */
	unsigned int stacks;		/* 0 = default 16384 */
	unsigned int stack_depth;	/* 0 = default 32, at most 127 */
	unsigned int waiters;		/* 0 = default 16384 */
	unsigned int held_tasks;	/* tasks that hold locks; 0 = default 16384 */
	unsigned int orders;		/* 0 = default 65536 */
	bool hold_times;		/* also time how long locks are held: LK_EV_HELD; LK_EV_HOLD with waits */
	unsigned int sample;		/* send one of so many acquisitions (rounded up to a power of two); 0 = none */
	unsigned int ring_bytes;	/* of each ring; 0 = default 4 MiB; rounded up to a power of two pages */
	uint32_t budget_ppm;		/* what it may cost, in millionths of all CPUs together; 0 = whatever it takes */
	void (*libbpf_log)(const char *line);	/* debug talk of libbpf, or NULL */
};

/* Check privileges, resolve filters, load the programs. Nothing is attached yet. */
int session_open(const struct session_opts *opts, struct session **ret, struct diag *why);

/*
 * Emit META and COVERAGE, attach (release hooks first), raise the gate. From
 * here on waits are seen.
 */
int session_start(struct session *s, const struct lk_sink *sink, struct diag *why);

/*
 * After session_start(): the @i-th thing that the user asked for and did not get, as a
 * sentence in @buf; false when there is none.
 */
bool session_missing(const struct session *s, unsigned int i, char *buf, size_t size);

/* After session_start(): why the budget does not count here; "" = it does, or none is needed. */
const char *session_unbudgeted(const struct session *s);

/* After session_start(): do the hooks stop by themselves when we are stopped? */
bool session_watched(const struct session *s);

/*
 * Wait up to @timeout_ms (-1 = for ever) for records or for @wake_fd (-1 = none)
 * to become readable; pass records on. To be called again within five seconds: else the
 * hooks stop by themselves, until the next call, and LK_EV_SHED tells. Returns 1 if wake_fd is readable, 0, or -errno.
 */
int session_poll(struct session *s, int wake_fd, int timeout_ms);

/* Emit what came since the last tick, then LK_EV_TICK. */
int session_tick(struct session *s);

/*
 * While the trace goes on: emit LK_EV_WAITING for each wait that has not ended by now,
 * and before it what explains it, into @sink instead of that of session_start(). The
 * explanations are told once, so @sink must pass them on to that one.
 */
int session_waiting(struct session *s, const struct lk_sink *sink);

/*
 * Let the kernel measure how long BPF programs run, until session_free(); it costs two
 * looks at the clock per run. 0 or -errno (refused, or older than Linux 5.8).
 */
int session_measure(struct session *s);
/* Time that our programs have run so far, in ns, on all CPUs together. */
uint64_t session_run_ns(const struct session *s);

/*
 * The kernel's stack of a task as it is now: lines of /proc/TID/stack without the
 * addresses, outermost frame last, and *state its state letter ('?' = not known).
 * Malloc'ed, "" = not in the kernel or not readable; NULL = out of memory.
 */
char *session_task_stack(uint32_t tid, char *state);

/*
 * Lower the gates, wait until no program runs, emit the rest: rows, waits that have
 * not ended, losses, END. From here on the hooks do nothing. Safe to call once.
 */
int session_stop(struct session *s);

/*
 * Taking one fentry hook off costs the kernel a grace period of 100 ms
 * (synchronize_rcu_tasks() in ftrace_shutdown()), one after the other. So a process
 * forked from ours may do it (its descriptors hold the hooks, too), and session_free()
 * then has nothing to wait for. Hooks that have not been taken off, session_free() does.
 */
bool session_slow_to_detach(const struct session *s);
void session_detach(struct session *s);

/* NULL is fine; an un-stopped session is torn down without events. */
void session_free(struct session *s);

#endif /* LK_SESSION_H */
