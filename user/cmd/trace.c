// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a session until something ends it: -d, a signal, the end of the command,
 * nobody reading our output. Then wait a moment for the command, which Ctrl-C
 * or our signal should end too; it is never killed silently.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../live/session.h"
#include "../render/shed.h"
#include "background.h"
#include "cmd.h"
#include "opts.h"
#include "talk.h"
#include "tee.h"
#include "trace.h"
#include "version.h"
#include "words.h"

#define NSEC		UINT64_C(1000000000)
#define GRACE_NS	(2 * NSEC)	/* for the command, after the trace has ended */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

static void libbpf_log(const char *line)
{
	struct talk t;

	talk_init(&t, false);
	talk_note(&t, "%s", line);
}

static int open_session(struct trace *t, struct diag *why)
{
	const struct opts *o = t->o;
	const struct session_opts so = {
		.tool = LK_TOOL,
		.cmdline = t->cmdline,
		.filter_text = t->filter,
		.pid = o->pid.v, .nr_pid = o->pid.nr,
		.tid = o->tid.v, .nr_tid = o->tid.nr,
		.cgroup = o->cgroup.v, .nr_cgroup = o->cgroup.nr,
		.type_mask = o->type_mask,
		.tiers = o->tiers,
		.attach = o->attach,
		.spin = o->spin ? ORDER_SPIN_ON : o->no_spin ? ORDER_SPIN_OFF : ORDER_SPIN_AUTO,
		.watch = o->watch.v, .nr_watch = o->watch.nr,
		.follow = o->all_tasks ? 0 : t->child.pid,
		.waits = o->waits,
		.hold_times = o->hold_times,
		.rows = o->rows,
		.no_stacks = o->no_stacks,
		.stacks = o->stacks,
		.stack_depth = o->stack_depth,
		.waiters = o->waiters,
		.held_tasks = o->holders,
		.orders = o->orders,
		.sample = o->sample,
		.ring_bytes = o->ring_bytes,
		.budget_ppm = o->budget_ppm,
		.libbpf_log = o->verbose > 1 ? libbpf_log : NULL,
	};

	return session_open(&so, &t->session, why);
}

int trace_open(struct trace *t, const struct opts *o, struct talk *talk, struct diag *why)
{
	int err;

	*t = (struct trace){ .o = o, .talk = talk };
	if (o->child_argv) {
		err = child_spawn(&t->child, o->child_argv, why);
		if (err)
			return err;
	}
	err = loop_init(&t->loop, why);
	if (err)
		return err;
	t->loop_ready = true;
	t->cmdline = words_cmdline(o);
	t->filter = words_filter(o);
	if (!t->cmdline || !t->filter)
		return diag_errno(why, -ENOMEM, "cannot start the trace");
	return open_session(t, why);
}

static bool shows_progress(const struct trace *t)
{
	return t->talk->tty && !t->talk->quiet && !t->child.pid && t->o->cmd != CMD_TOP &&
	       !(t->o->cmd == CMD_RUN && t->o->interval_ns);
}

static int arm(struct trace *t, const struct tee *tee)
{
	uint64_t tick = t->o->interval_ns ? t->o->interval_ns : tee->writer ? NSEC : 0;
	bool to_stdout = !t->o->output || !strcmp(t->o->output, "-");
	int err = 0;

	if (to_stdout)
		err = loop_watch(&t->loop, STDOUT_FILENO, LOOP_CLOSED);
	if (!err && t->child.pid)
		err = loop_watch(&t->loop, t->child.pidfd, LOOP_CHILD);
	if (!err && t->o->duration_ns)
		err = loop_arm_end(&t->loop, t->o->duration_ns);
	if (!err && tick)
		err = loop_arm_tick(&t->loop, tick);
	if (!err && shows_progress(t))
		err = loop_arm_progress(&t->loop, NSEC);
	return err;
}

static void say_progress(const struct trace *t, const struct tee *tee)
{
	unsigned long long sec = (now_ns() - t->begin_ns) / NSEC;
	char found[32] = "";

	if (tee->findings)
		snprintf(found, sizeof(found), ", %u finding%s", tee->findings,
			 tee->findings == 1 ? "" : "s");
	if (tee->writer)
		talk_progress(t->talk, "recording, %llu s, %llu waits%s; Ctrl-C ends it", sec,
			      (unsigned long long)tee->waits, found);
	else
		talk_progress(t->talk, "tracing, %llu s%s; Ctrl-C ends it", sec, found);
}

static void take_signals(struct trace *t, const struct trace_hook *hook)
{
	bool from_terminal;
	int sig;

	while ((sig = loop_signal(&t->loop, &from_terminal))) {
		if (hook->signal && hook->signal(hook->ctx, sig))
			continue;
		t->stop = true;
		if (!from_terminal)	/* else the command got it too */
			child_signal(&t->child, sig);
	}
}

static int take_events(struct trace *t, int bits, const struct tee *tee,
		       const struct trace_hook *hook)
{
	int err = 0;

	if (bits & LOOP_SIGNAL)
		take_signals(t, hook);
	if (bits & LOOP_END)
		t->stop = t->duration_over = true;
	if (bits & LOOP_CHILD)
		t->stop = child_reap(&t->child) || t->stop;
	if (bits & LOOP_CLOSED)
		t->stop = t->closed = true;
	if (bits & LOOP_TICK) {
		err = session_tick(t->session);
		if (!err)
			err = hook->tick(hook->ctx);
		if (err == -EPIPE && !tee->writer_err) {
			t->stop = t->closed = true;
			err = 0;
		}
	}
	if (bits & LOOP_PROGRESS)
		say_progress(t, tee);
	if (!err && hook->terminal && bits & (LOOP_INPUT | LOOP_OUTPUT))
		err = hook->terminal(hook->ctx, bits);
	return err;
}

static int loop_until_stop(struct trace *t, const struct tee *tee, const struct trace_hook *hook,
			   struct diag *why)
{
	int err = hook->begin ? hook->begin(hook->ctx) : 0;

	while (!t->stop && !err) {
		err = session_poll(t->session, t->loop.ep, -1);
		if (err == -EINTR)
			err = 0;
		if (err > 0)
			err = loop_take(&t->loop, 0);
		if (err > 0)
			err = take_events(t, err, tee, hook);
	}
	if (err && !tee->writer_err)
		diag_errno(why, err, "the trace ended early");
	return err;
}

static void say_status(const struct trace *t)
{
	int status = t->child.status;

	if (WIFSIGNALED(status))
		talk_note(t->talk, "'%s' was killed by signal %d (%s)", t->child.name,
			  WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		talk_note(t->talk, "'%s' exited with status %d", t->child.name,
			  WEXITSTATUS(status));
}

/* The trace is over; let the command end too, for a while. A signal now ends the waiting. */
static void settle_child(struct trace *t)
{
	uint64_t deadline = now_ns() + GRACE_NS, now;
	bool from_terminal;
	int bits, sig;

	if (!t->child.running) {
		say_status(t);
		return;
	}
	if (t->duration_over) {
		talk_note(t->talk, "the time is over: ending '%s' with SIGTERM", t->child.name);
		child_signal(&t->child, SIGTERM);
	}
	loop_unwatch(&t->loop, STDOUT_FILENO);
	while (!child_reap(&t->child) && (now = now_ns()) < deadline) {
		bits = loop_take(&t->loop, (int)((deadline - now) / 1000000) + 1);
		if (bits < 0)
			break;
		if (!(bits & LOOP_SIGNAL))
			continue;
		while ((sig = loop_signal(&t->loop, &from_terminal)))
			if (!from_terminal)
				child_signal(&t->child, sig);
		break;
	}
	if (child_reap(&t->child))
		say_status(t);
	else
		talk_note(t->talk, "'%s' (pid %d) is still running", t->child.name, (int)t->child.pid);
}

static void say_missing(const struct trace *t)
{
	char text[256];
	unsigned int i;

	for (i = 0; session_missing(t->session, i, text, sizeof(text)); i++)
		talk_note(t->talk, "%s", text);
}

/*
 * Say what is not traced: when it begins, or, where we could not speak then, when it
 * has ended. The screen of top says it by itself.
 */
static void on_shed(void *ctx, const struct lk_ev_shed *e)
{
	struct trace *t = ctx;
	const struct model_source src = { .start_ns = t->tee->start_ns, .start_real_ns = t->tee->start_real_ns,
					  .nr_cpus = t->tee->nr_cpus };
	struct model_shed s = { .what = e->what, .cause = e->cause, .from_ns = e->time_ns,
				.cost_ppm = e->cost_ppm, .allowed_ppm = e->allowed_ppm };
	char text[SHED_TEXT];

	if (!e->on)
		t->shed_ns = e->time_ns;
	if (e->cause == LK_SHED_STOPPED && !e->on)
		return;
	if (e->cause == LK_SHED_STOPPED) {
		s.from_ns = t->shed_ns;
		s.until_ns = e->time_ns;
	}
	if (t->o->cmd == CMD_TOP && !t->o->batch)
		return;
	talk_clear(t->talk);
	if (e->on && e->cause != LK_SHED_STOPPED) {
		s.until_ns = e->time_ns;
		talk_note(t->talk, "%s", shed_again_text(&s, &src, text));
	} else {
		talk_note(t->talk, "%s", shed_text(&s, &src, text));
	}
}

int trace_run(struct trace *t, struct tee *tee, const struct trace_hook *hook, bool *started,
	      struct diag *why)
{
	const struct lk_sink sink = tee_sink(tee);
	int err, stopped;

	t->tee = tee;
	tee->shed = on_shed;
	tee->shed_ctx = t;
	err = session_start(t->session, &sink, why);
	if (!err && t->child.pid)
		err = child_go(&t->child, why);
	if (err)
		return err;
	*started = true;
	say_missing(t);
	if (t->o->verbose && !session_watched(t->session))
		talk_note(t->talk, "this kernel has no timers for BPF programs: if lockscope is stopped, "
			  "the hooks go on");
	if (t->o->verbose && session_unbudgeted(t->session)[0])
		talk_note(t->talk, "--budget does not count: %s", session_unbudgeted(t->session));
	t->begin_ns = now_ns();
	err = arm(t, tee);
	if (err)
		diag_errno(why, err, "cannot set up the event loop");
	if (shows_progress(t))
		say_progress(t, tee);
	else if (t->talk->tty && t->o->cmd != CMD_TOP)
		talk_note(t->talk, "tracing; Ctrl-C ends it");
	if (!err)
		err = loop_until_stop(t, tee, hook, why);
	talk_clear(t->talk);
	stopped = session_stop(t->session);
	if (stopped && !err && !tee->writer_err)
		diag_errno(why, stopped, "the trace did not end well");
	if (t->child.pid)
		settle_child(t);
	loop_release_signals(&t->loop);
	return err ? err : stopped;
}

static void detach(void *ctx)
{
	session_detach(ctx);
}

void trace_done(struct trace *t)
{
	if (t->session && session_slow_to_detach(t->session))
		background_run(detach, t->session);
	session_free(t->session);
	child_done(&t->child);
	if (t->loop_ready)
		loop_done(&t->loop);
	free(t->cmdline);
	free(t->filter);
}
