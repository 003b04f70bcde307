/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by hooks*.c only.
 */
#ifndef LK_HOOKS_PRIV_H
#define LK_HOOKS_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "hooks.h"
#include "order.skel.h"

/* Links of one row, or (kprobe.multi) of everything attached at once. */
struct hooks_link {
	struct bpf_link *enter, *leave;
	struct bpf_link *got;		/* see hooks_got() */
};

/* What hooks_want() is about. Between its call and `settled`, all but that and `quit` is the thread's. */
struct hooks_park {
	uint32_t want, have;		/* LK_GATE_*: the gates whose hooks are to be on, and are */
	atomic_bool settled;
	atomic_bool quit;		/* leave it as it is */
	bool threaded;			/* there is a thread to be joined */
	pthread_t thread;
};

enum { HOOKS_MULTI_RELEASE, HOOKS_MULTI_EXIT, HOOKS_MULTI_ACQUIRE, HOOKS_MULTI_NR };
enum { HOOKS_TASK_EXIT, HOOKS_TASK_FREE, HOOKS_TASK_SWITCH, HOOKS_TASK_MODULE, HOOKS_TASK_NR };

struct hooks {
	struct hooks_opts opts;
	struct order_plan plan;
	char why_not[200];	/* there are no hooks; "" = there are, or nobody wanted them */
	bool no_watch;		/* the watch programs do not load */
	bool no_kfuncs;		/* what calls kfuncs does not load */
	bool no_upon;		/* upon_find() does not load */
	bool untimed[LK_ROW_NR];	/* its hold times cannot be had: hooks_got() does not load or attach */
	struct order_bpf *skel;
	struct hooks_link link[LK_ROW_NR];
	struct bpf_link *multi[HOOKS_MULTI_NR];
	struct bpf_link *task[HOOKS_TASK_NR];
	struct hooks_park park;
};

/* The program for the function of @row, NULL if there is none. */
struct bpf_program *hooks_prog(const struct hooks *o, unsigned int row, bool at_exit);

/* Attach the program for the function of @row, by itself. NULL, and errno is set, if that fails. */
struct bpf_link *hooks_attach_one(struct hooks *o, unsigned int row, bool at_exit);

/* Detach all that a row has. */
void hooks_drop_links(struct hooks_link *link);

/* Has a row in the plan a hook that is attached in this step (HOOKS_MULTI_*)? */
bool hooks_in_step(const struct hooks *o, unsigned int row, int step);

/*
 * With fentry: let upon_find() (bpf/order_upon.bpf.h) look for the release programs that an
 * interrupt can come upon. Before the gate opens. 0 or -errno: then no lock is followed in
 * interrupts.
 */
int hooks_upon_learn(struct hooks *o);

/*
 * The program that says when a lock has been got whose function cannot fail (fexit, for hold
 * times), NULL for other rows.
 */
struct bpf_program *hooks_got(const struct hooks *o, unsigned int row);

/* The row whose fentry or fexit program has this name; LK_ROW_NR: none. */
unsigned int hooks_row_of_prog(const char *name);
/* Is it one of hooks_got()? */
bool hooks_is_got(const char *name);

/* Sizes and shared maps of hold times, of an object that is not loaded yet. 0 or -errno. */
int hooks_hold_configure(struct hooks *o);

/* Tell the programs who we are; before the gate opens. */
void hooks_hold_begin(struct hooks *o);

#endif /* LK_HOOKS_PRIV_H */
