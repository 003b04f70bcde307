/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a live top and a replay share: the data of the panels, the screen or the
 * plain frames, the keys. top.c and top_replay.c give it a model and time.
 */
#ifndef LK_TOP_SCREEN_H
#define LK_TOP_SCREEN_H

#include "../base/diag.h"
#include "../base/strpool.h"
#include "../tui/top.h"
#include "output.h"
#include "snapshot.h"

struct loop;
struct opts;
struct talk;
struct terminal;

struct top {
	const struct opts *o;
	struct talk *talk;
	struct loop *loop;
	struct top_state state;
	struct top_data data;
	struct top_head head;
	struct top_env env;
	struct top_ask ask;
	struct canvas canvas;
	char *detail;			/* NULL = none was made */
	struct terminal *term;		/* NULL in batch mode */
	struct output out;		/* of batch mode */
	unsigned int frames;		/* so far */
	const struct model *model;	/* as it is now */
	struct facts *facts;		/* as they are now */
	struct strpool names;		/* of waits that have not ended */
	VEC(struct lk_ev_wait) wait;
	VEC(unsigned int) source;
	bool quit;
};

/* Data and state; no screen yet. 0 or -errno with a sentence. top_done() is due. */
int top_init(struct top *t, const struct opts *o, struct talk *talk, struct diag *why);
void top_done(struct top *t);

/*
 * Take the terminal, hold messages back, have keys and signals come through @loop; or, in
 * batch mode, open the output. 0 or -errno with a sentence.
 */
int top_open(struct top *t, struct loop *loop, struct diag *why);
/* Give the terminal back and show the messages; or flush the output. */
void top_close(struct top *t);

/* Waits that have not ended: forget them; one more (its strings are copied). 0 or -ENOMEM. */
void top_clear_waits(struct top *t);
int top_add_wait(struct top *t, const struct lk_ev_wait *w, unsigned int source);

/* Time has come to @now_ns: look at the model, draw or print. 0, -EPIPE or another -errno. */
int top_tick(struct top *t, uint64_t now_ns, bool counted, bool known);
/* Look, but do not draw. */
int top_look(struct top *t, uint64_t now_ns, bool counted, bool known);
/* Draw or print what is there. */
int top_show(struct top *t);

/* All keys that are there; what the caller must do goes to @act. 0 or -errno. */
int top_input(struct top *t, int bits, int (*act)(void *ctx, enum top_action action), void *ctx);
/* SIGWINCH, SIGTSTP, SIGCONT: true if it was one of these. */
bool top_signal(struct top *t, int sig);

/* Save a snapshot and its report under a name made from the time; tell in the foot line. */
void top_save(struct top *t);

#endif /* LK_TOP_SCREEN_H */
