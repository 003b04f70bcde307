// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope top: the live screen, over the loop that run and record use, too. A
 * recording instead of the kernel goes to top_replay.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "../core/model.h"
#include "../file/writer.h"
#include "../live/session.h"
#include "../render/parts_finding.h"
#include "../tui/terminal.h"
#include "cmd.h"
#include "opts.h"
#include "talk.h"
#include "tee.h"
#include "top_replay.h"
#include "top_screen.h"
#include "trace.h"

struct live {
	struct top top;
	struct trace trace;
	struct tee tee;
	struct facts facts;
	struct lk_sink waits;		/* of session_waiting() */
	int waits_err;
	uint64_t bpf_ns, user_ns;	/* cost at the last look */
	uint64_t cost_at_ns;
};

/* --- looking ---------------------------------------------------------------------------------- */

/* Waits that go on are kept; what explains them goes where all events go. */
static int on_waiting(void *ctx, const struct lk_event *ev)
{
	struct live *l = ctx;
	const struct lk_sink all = tee_sink(&l->tee);

	if (ev->kind != LK_EV_WAITING)
		return sink_emit(&all, ev);
	return top_add_wait(&l->top, &ev->wait, 0);
}

static uint64_t user_ns(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static double share(uint64_t now, uint64_t before, uint64_t over)
{
	return over && now > before ? (double)(now - before) / (double)over : 0;
}

static void look_at_cost(struct live *l, uint64_t now_ns)
{
	struct top_head *h = &l->top.head;
	uint64_t bpf = h->bpf_known ? session_run_ns(l->trace.session) : 0, user = user_ns();
	uint64_t over = l->cost_at_ns ? now_ns - l->cost_at_ns : 0;

	h->bpf_share = share(bpf, l->bpf_ns, over);
	h->user_share = share(user, l->user_ns, over);
	h->cost_known = over != 0;
	l->bpf_ns = bpf;
	l->user_ns = user;
	l->cost_at_ns = now_ns;
}

static int look(struct live *l)
{
	uint64_t now_ns;
	int err;

	top_clear_waits(&l->top);
	err = session_waiting(l->trace.session, &l->waits);
	if (err)
		return err;
	now_ns = l->tee.end_ns;		/* of the tick, or of the start */
	look_at_cost(l, now_ns);
	return top_look(&l->top, now_ns, false, true);
}

/* --- hooks of the trace ----------------------------------------------------------------------- */

static int on_begin(void *ctx)
{
	struct live *l = ctx;
	struct diag why = { "" };
	int err;

	l->top.model = l->tee.model;
	l->top.facts = &l->facts;
	err = loop_arm_tick(&l->trace.loop, l->top.state.interval_ns);
	if (!err)
		err = look(l);
	if (!err)
		err = top_open(&l->top, &l->trace.loop, &why);
	if (err && why.text[0])
		talk_error(l->top.talk, "%s", why.text);
	return err || l->top.o->batch ? err : top_show(&l->top);
}

static int on_tick(void *ctx)
{
	struct live *l = ctx;
	int err = 0;

	if (l->tee.writer && !l->tee.writer_err)
		l->tee.writer_err = writer_flush(l->tee.writer);
	if (l->top.state.paused)
		return 0;
	err = look(l);
	if (!err)
		err = top_show(&l->top);
	l->trace.stop |= l->top.quit;
	return err;
}

static int on_action(void *ctx, enum top_action action)
{
	struct live *l = ctx;

	if (action == TOP_INTERVAL)
		return loop_arm_tick(&l->trace.loop, l->top.state.interval_ns);
	return 0;
}

static int on_terminal(void *ctx, int bits)
{
	struct live *l = ctx;
	int err = top_input(&l->top, bits, on_action, l);

	l->trace.stop |= l->top.quit;
	return err;
}

static bool on_signal(void *ctx, int sig)
{
	struct live *l = ctx;
	bool taken = top_signal(&l->top, sig);

	l->trace.stop |= l->top.quit;
	return taken;
}

static char *ask_stack(void *ctx, uint32_t tid, char *state)
{
	(void)ctx;
	return session_task_stack(tid, state);
}

/* --- all -------------------------------------------------------------------------------------- */

static int open_all(struct live *l, const struct opts *o, struct talk *talk, struct diag *why)
{
	int err = top_init(&l->top, o, talk, why);

	l->waits = (struct lk_sink){ .emit = on_waiting, .ctx = l };
	if (!err)
		err = facts_init(&l->facts, why);
	l->tee.model = err ? NULL : model_new();
	if (!err && !l->tee.model)
		err = diag_errno(why, -ENOMEM, "cannot start the trace");
	l->tee.also = &l->facts.sink;
	if (!err)
		err = trace_open(&l->trace, o, talk, why);
	if (!err && o->save)
		err = writer_open(o->save, &l->tee.writer, why);
	if (err)
		return err;
	l->top.ask.stack = ask_stack;
	l->top.head.bpf_known = !session_measure(l->trace.session);
	return 0;
}

/* What the screen showed is gone with it: say what there was. */
static void say_end(const struct live *l)
{
	unsigned int nr = parts_nr_findings(l->tee.model, &l->top.env.filter);

	if (nr && !l->top.o->batch)
		talk_note(l->top.talk, "%u finding%s; the key s saves what there is, lockscope run "
			  "prints findings when they are made", nr, nr == 1 ? "" : "s");
}

static int finish(struct live *l, bool failed)
{
	struct diag why = { "" };
	int status = failed ? EXIT_FAILED : EXIT_DONE;

	/* A recording of a trace that failed stays an incomplete one. */
	if (l->tee.writer && !failed && writer_close(l->tee.writer, &why)) {
		talk_error(l->top.talk, "%s", why.text);
		status = EXIT_FAILED;
	}
	say_end(l);
	if (status == EXIT_DONE && l->top.o->strict && !model_complete(l->tee.model))
		status = EXIT_INCOMPLETE;
	return status;
}

static int trace(const struct opts *o, struct talk *talk)
{
	struct live l = { .facts.fd = -1 };
	const struct trace_hook hook = {
		.begin = on_begin, .tick = on_tick, .terminal = on_terminal, .signal = on_signal,
		.ctx = &l,
	};
	struct diag why = { "" };
	bool started = false;
	int err, status = EXIT_FAILED;

	err = open_all(&l, o, talk, &why);
	if (!err)
		err = trace_run(&l.trace, &l.tee, &hook, &started, &why);
	top_close(&l.top);
	if (err)
		talk_error(talk, "%s", why.text);
	if (started)
		status = finish(&l, err != 0);
	writer_free(l.tee.writer);
	trace_done(&l.trace);
	facts_done(&l.facts);
	top_done(&l.top);
	model_free(l.tee.model);
	return status;
}

int cmd_top(const struct opts *o, struct talk *talk)
{
	struct diag why = { "" };

	if (!o->batch && terminal_check(&why)) {
		talk_error(talk, "%s", why.text);
		return EXIT_FAILED;
	}
	return o->nr_input ? top_replay(o, talk) : trace(o, talk);
}
