// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks by number; see json_stacks.h.
 */
#include "json_stacks.h"

#include <errno.h>
#include <stdlib.h>

#include "parts.h"

struct stack_node {
	uint32_t frame;		/* of the pool */
	uint32_t caller;	/* number of its node; 0 = none */
};

int json_stacks_init(struct json_stacks *s)
{
	htab_init(&s->node, sizeof(struct stack_node));
	return strpool_init(&s->frame);
}

void json_stacks_done(struct json_stacks *s)
{
	htab_done(&s->node);
	strpool_done(&s->frame);
}

/* Number of the call of @f by @caller, from 1. */
static int add_call(struct json_stacks *s, const struct model_frame *f, uint32_t caller,
		    uint32_t *number)
{
	struct stack_node node = { .caller = caller };
	char *text = parts_frame(f);
	uint32_t index;
	int err = text ? strpool_id(&s->frame, text, &node.frame) : -ENOMEM;

	free(text);
	if (err)
		return err;
	err = htab_put(&s->node, &node, &index);
	if (err < 0)
		return err;
	*number = index + 1;
	return 0;
}

int json_stack_number(struct jsonw *w, const struct model *m, unsigned int source, uint32_t id)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int nr, caller;
	uint32_t number = 0;
	int err = 0;

	nr = model_stack(m, source, id, frame, &caller);
	while (nr-- && !err)
		err = add_call(w->stacks, &frame[nr], number, &number);
	jsonw_key(w, "stack");
	if (number)
		jsonw_u32(w, number);
	else
		jsonw_null(w);
	return err;
}

void json_stacks_put(struct jsonw *w, const struct json_stacks *s)
{
	uint32_t i;

	jsonw_key_array(w, "frames", false);
	for (i = 0; i < strpool_nr(&s->frame); i++)
		jsonw_str(w, strpool_str(&s->frame, i));
	jsonw_end(w);
	jsonw_key_array(w, "calls", false);
	for (i = 0; i < s->node.nr; i++) {
		const struct stack_node *node = htab_key(&s->node, i);

		jsonw_u32(w, node->frame);
		jsonw_u32(w, node->caller);
	}
	jsonw_end(w);
}
