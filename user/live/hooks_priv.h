/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by hooks.c and hooks_attach.c only.
 */
#ifndef LK_HOOKS_PRIV_H
#define LK_HOOKS_PRIV_H

#include "hooks.h"
#include "order.skel.h"

/* Links of one row, or (kprobe.multi) of everything attached at once. */
struct hooks_link {
	struct bpf_link *enter, *leave;
};

enum { HOOKS_MULTI_RELEASE, HOOKS_MULTI_EXIT, HOOKS_MULTI_ACQUIRE, HOOKS_MULTI_NR };
enum { HOOKS_TASK_EXIT, HOOKS_TASK_FREE, HOOKS_TASK_SWITCH, HOOKS_TASK_NR };

struct hooks {
	struct hooks_opts opts;
	struct order_plan plan;
	char why_not[200];	/* there are no hooks; "" = there are, or nobody wanted them */
	bool no_watch;		/* the watch programs do not load */
	bool no_kfuncs;		/* what calls kfuncs does not load */
	struct order_bpf *skel;
	struct hooks_link link[LK_ROW_NR];
	struct bpf_link *multi[HOOKS_MULTI_NR];
	struct bpf_link *task[HOOKS_TASK_NR];
};

/* The program for the function of @row, NULL if there is none. */
struct bpf_program *hooks_prog(const struct hooks *o, unsigned int row, bool at_exit);

#endif /* LK_HOOKS_PRIV_H */
