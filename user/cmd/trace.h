/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live trace as run and record share it: the command under observation, the
 * session, and the loop that ends it.
 *
 *   trace_open()   fork the command (it waits), load the programs; nothing is
 *                  written yet, so what cannot work leaves no file behind
 *   trace_run()    attach, let the command go, loop, detach, emit the rest
 *   trace_done()
 */
#ifndef LK_TRACE_H
#define LK_TRACE_H

#include "child.h"
#include "loop.h"

struct diag;
struct opts;
struct session;
struct talk;
struct tee;

struct trace {
	const struct opts *o;
	struct talk *talk;
	struct child child;
	struct loop loop;
	struct session *session;
	char *cmdline, *filter;
	const struct tee *tee;	/* during trace_run() */
	uint64_t begin_ns;
	uint64_t shed_ns;	/* when something was last not traced any more */
	bool loop_ready;
	bool duration_over;
	bool closed;		/* nobody reads standard output any more */
	bool stop;		/* hooks may set it, too */
};

/*
 * Called within the loop; all but tick may be NULL. 0, or -errno that ends the trace;
 * from tick -EPIPE (nobody reads any more) ends it quietly.
 */
struct trace_hook {
	int (*begin)(void *ctx);		/* the trace runs, the loop is about to */
	int (*tick)(void *ctx);			/* after each tick */
	int (*terminal)(void *ctx, int bits);	/* LOOP_INPUT, LOOP_OUTPUT */
	bool (*signal)(void *ctx, int sig);	/* true: taken; else it ends the trace */
	void *ctx;
};

/* 0 or -errno with a sentence. trace_done() is due in every case. */
int trace_open(struct trace *t, const struct opts *o, struct talk *talk, struct diag *why);

/*
 * 0 or -errno; @why stays empty if the recording failed, since writer_close()
 * tells that. *started: events came; the result may be partial, but there is one.
 */
int trace_run(struct trace *t, struct tee *tee, const struct trace_hook *hook, bool *started,
	      struct diag *why);

void trace_done(struct trace *t);

#endif /* LK_TRACE_H */
