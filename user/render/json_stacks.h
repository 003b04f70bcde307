/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks of a JSON document that holds each frame once: a tree whose nodes are
 * calls, (frame, caller). A stack is the number of its innermost node; stacks
 * that begin alike share what they share, which on real traces is most of it.
 * For documents that must be small; the format json has every stack in full.
 */
#ifndef LK_JSON_STACKS_H
#define LK_JSON_STACKS_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "jsonw.h"
#include "render.h"

struct json_stacks {
	struct strpool frame;	/* as parts_frame() */
	struct htab node;	/* of struct stack_node */
};

/* 0 or -ENOMEM; json_stacks_done() is fine either way. */
int json_stacks_init(struct json_stacks *s);
void json_stacks_done(struct json_stacks *s);

/* "stack": its number in w->stacks, from 1; null for one that is not known. 0 or -ENOMEM. */
int json_stack_number(struct jsonw *w, const struct model *m, unsigned int source, uint32_t id);

/*
 * What the numbers mean, as keys of the object that is open: "frames": [strings] and
 * "calls": [frame, caller, ...], two numbers for each node from 1 on: an index into
 * frames, and the node of the caller, 0 at the end.
 */
void json_stacks_put(struct jsonw *w, const struct json_stacks *s);

#endif /* LK_JSON_STACKS_H */
