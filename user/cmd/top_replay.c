// SPDX-License-Identifier: GPL-2.0-only
/*
 * A replay with time control. Its clock runs as fast as the user wants; whenever
 * it passes a tick of the recording, the events up to that tick are applied and
 * looked at, so that rates and histories are those that a live screen had.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../core/model.h"
#include "cmd.h"
#include "loop.h"
#include "opts.h"
#include "replay.h"
#include "talk.h"
#include "top_replay.h"
#include "top_screen.h"

#define NSEC		UINT64_C(1000000000)
#define PLAY_NS		(NSEC / 20)	/* how often the clock is looked at */

struct show {
	struct top top;
	struct replay replay;
	struct loop loop;
	uint64_t clock_ns;		/* of the recording */
	uint64_t seen_ns;		/* our own, when it was last looked at */
	struct diag why;
	bool loop_ready;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

/* Waits that had not ended are known at the end of a recording only. */
static int take_waits(struct show *s)
{
	const struct model *m = s->replay.model;
	unsigned int i;
	int err = 0;

	top_clear_waits(&s->top);
	for (i = 0; i < model_nr_waiting(m) && !err; i++)
		err = top_add_wait(&s->top, model_waiting(m, i), model_waiting_source(m, i));
	return err;
}

static int look(struct show *s)
{
	int err = take_waits(s);

	s->top.model = s->replay.model;
	s->top.facts = &s->replay.facts;
	return err ? err : top_look(&s->top, replay_time(&s->replay, s->replay.at), true,
				    s->replay.over);
}

static int step(struct show *s)
{
	int err;

	if (s->replay.over)
		return 0;
	err = replay_step(&s->replay, &s->why);
	return err ? err : look(s);
}

/* Begin anew, with a new history, and go to a position. */
static int go_to(struct show *s, size_t at)
{
	int err = replay_rewind(&s->replay, &s->why);

	top_data_done(&s->top.data);
	if (!err)
		err = top_data_init(&s->top.data);
	if (!err)
		err = look(s);
	while (!err && s->replay.at < at && !s->replay.over)
		err = step(s);
	s->clock_ns = replay_time(&s->replay, s->replay.at);
	return err;
}

/* Not in place of what the last key had for an answer. */
static void say(struct show *s, const char *text)
{
	if (s->top.state.message[0])
		return;
	snprintf(s->top.state.message, sizeof(s->top.state.message), "%s", text);
	s->top.state.message_bad = false;
}

/* --- playing ---------------------------------------------------------------------------------- */

/* Let the recording's clock go on to where it must be by now. */
static int play(struct show *s)
{
	uint64_t now = now_ns(), passed = now - s->seen_ns;
	bool moved = false;
	int err = 0;

	s->seen_ns = now;
	if (s->top.state.paused)
		return 0;
	s->clock_ns += (uint64_t)((double)passed * s->top.state.speed);
	while (!err && !s->replay.over &&
	       replay_time(&s->replay, s->replay.at + 1) <= s->clock_ns) {
		err = step(s);
		moved = true;
	}
	if (!err && s->replay.over && !s->top.state.paused) {
		s->top.state.paused = moved = true;
		say(s, "the recording ends here; Space plays it again, Left goes back");
	}
	return err || !moved ? err : top_show(&s->top);
}

static int on_action(void *ctx, enum top_action action)
{
	struct show *s = ctx;
	int err = 0;

	switch (action) {
	case TOP_STEP:
		s->top.state.paused = true;
		err = step(s);
		break;
	case TOP_STEP_BACK:
		s->top.state.paused = true;
		err = go_to(s, s->replay.at ? s->replay.at - 1 : 0);
		break;
	case TOP_PAUSED:
		if (!s->top.state.paused && s->replay.over)
			err = go_to(s, 0);
		break;
	default:
		break;
	}
	s->clock_ns = replay_time(&s->replay, s->replay.at);
	return err;
}

static int take_events(struct show *s, int bits)
{
	bool from_terminal;
	int sig, err = 0;

	while (bits & LOOP_SIGNAL && (sig = loop_signal(&s->loop, &from_terminal)))
		if (!top_signal(&s->top, sig))
			s->top.quit = true;
	if (bits & LOOP_CLOSED)
		s->top.quit = true;
	if (bits & LOOP_TICK && !s->top.quit)
		err = play(s);
	if (!err && !s->top.quit && bits & (LOOP_INPUT | LOOP_OUTPUT))
		err = top_input(&s->top, bits, on_action, s);
	return err;
}

static int on_screen(struct show *s)
{
	int err = step(s), bits;

	if (!err)
		err = loop_arm_tick(&s->loop, PLAY_NS);
	if (!err)
		err = top_show(&s->top);
	s->clock_ns = replay_time(&s->replay, s->replay.at);
	s->seen_ns = now_ns();
	while (!err && !s->top.quit) {
		bits = loop_take(&s->loop, -1);
		err = bits < 0 ? bits : take_events(s, bits);
	}
	return err;
}

/* Every tick a frame, as fast as it goes. */
static int in_batch(struct show *s)
{
	int err = 0;

	while (!err && !s->replay.over && !s->top.quit) {
		err = step(s);
		if (!err)
			err = top_show(&s->top);
	}
	return err == -EPIPE ? 0 : err;
}

/* --- all -------------------------------------------------------------------------------------- */

static int open_all(struct show *s, const struct opts *o, struct talk *talk)
{
	int err = top_init(&s->top, o, talk, &s->why);

	if (!err)
		err = replay_open(&s->replay, o->input[0], talk, &s->why);
	if (!err)
		err = loop_init(&s->loop, &s->why);
	if (err)
		return err;
	s->loop_ready = true;
	s->top.head.length_ns = replay_time(&s->replay, s->replay.tick.nr) - s->replay.start_ns;
	err = look(s);
	return err ? err : top_open(&s->top, &s->loop, &s->why);
}

int top_replay(const struct opts *o, struct talk *talk)
{
	struct show s = { .replay.facts.fd = -1 };
	int err = open_all(&s, o, talk), status = EXIT_FAILED;

	if (!err)
		err = o->batch ? in_batch(&s) : on_screen(&s);
	top_close(&s.top);
	if (err && !s.why.text[0])
		diag_errno(&s.why, err, "the replay ended early");
	if (err)
		talk_error(talk, "%s", s.why.text);
	else
		status = o->strict && !model_complete(s.replay.model) ? EXIT_INCOMPLETE : EXIT_DONE;
	if (s.loop_ready)
		loop_done(&s.loop);
	replay_done(&s.replay);
	top_done(&s.top);
	return status;
}
