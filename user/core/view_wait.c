// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a view would say of waits that are in no row, because they have not
 * ended yet; and the histogram of all that passes a filter. For whoever shows a
 * trace that goes on (user/tui).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view_priv.h"

static int ctx_init(struct view_ctx *c)
{
	int err = view_text_init(c);

	return err ? err : view_filter_init(c);
}

static void ctx_done(struct view_ctx *c)
{
	view_filter_done(c);
	view_text_done(c);
	free(c);
}

static struct view_ctx *ctx_new(const struct model *m, const struct view_opts *opts)
{
	struct view_ctx *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->m = m;
	c->opts = opts;
	if (!ctx_init(c))
		return c;
	ctx_done(c);
	return NULL;
}

/* The numbers of what a wait names; NO_NUMBER = the model knows nothing of it. */
static void item_of(const struct model *m, const struct lk_ev_wait *w, uint32_t source,
		    struct item *it)
{
	struct addr_key lock = { .addr = w->lock, .source = source };
	struct addr_key cgroup = { .addr = w->cgroup, .source = source };
	struct stack_key stack = { .source = source, .id = w->stack };

	*it = (struct item){
		.row = NO_NUMBER, .tid = w->tid, .tgid = w->tgid, .cpu = w->cpu,
		.lcb = (uint8_t)(w->lcb & LK_LCB_MASK), .ctx = (uint8_t)w->ctx, .has_task = true,
		.lock = htab_find(&m->locks, &lock), .stack = htab_find(&m->stacks, &stack),
		.cgroup = htab_find(&m->cgroups, &cgroup),
	};
}

static int fill(struct view_ctx *c, const struct lk_ev_wait *w, uint32_t source,
		struct view_wait *out)
{
	uint32_t lock = c->unknown_text, caller = c->unknown_text, module = 0, cgroup;
	struct item it;
	int pass;

	item_of(c->m, w, source, &it);
	if (it.lock == NO_NUMBER || it.stack == NO_NUMBER) {
		/* Nothing described it: it passes what asks for nothing. */
		*out = (struct view_wait){
			.lock = strpool_str(&c->str, lock), .caller = strpool_str(&c->str, caller),
			.type = lock_type_str(it.lcb), .caller_module = "",
			.cgroup = strpool_str(&c->str, c->unknown_text),
			.pass = view_filter_is_empty(c),
		};
		return 0;
	}
	pass = view_filter_pass(c, &it);
	if (pass < 0 || view_text_lock(c, &it, &lock) ||
	    view_text_caller(c, it.stack, &caller, &module) ||
	    view_text_cgroup(c, it.cgroup, &cgroup))
		return -ENOMEM;
	*out = (struct view_wait){
		.lock = strpool_str(&c->str, lock), .type = lock_type_str(it.lcb),
		.caller = strpool_str(&c->str, caller),
		.caller_module = strpool_str(&c->str, module),
		.cgroup = strpool_str(&c->str, cgroup), .pass = pass,
	};
	return 0;
}

int view_waits(const struct model *m, const struct view_opts *opts, const struct lk_ev_wait *wait,
	       const unsigned int *source, unsigned int nr, struct view_waits *out)
{
	struct view_ctx *c = ctx_new(m, opts);
	struct view_wait *v = malloc(((size_t)nr + 1) * sizeof(*v));
	unsigned int i;
	int err = c && v ? 0 : -ENOMEM;

	for (i = 0; i < nr && !err; i++)
		err = fill(c, &wait[i], source[i], &v[i]);
	if (err) {
		free(v);
		if (c)
			ctx_done(c);
		return err;
	}
	c->opts = NULL;
	*out = (struct view_waits){ .v = v, .nr = nr, .priv = c };
	return 0;
}

void view_waits_done(struct view_waits *w)
{
	if (w->priv)
		ctx_done(w->priv);
	free(w->v);
	memset(w, 0, sizeof(*w));
}

int view_hist(const struct model *m, const struct view_opts *opts, struct hist_sum *sum)
{
	struct view_ctx *c = ctx_new(m, opts);
	struct item it;
	uint32_t i;
	int pass = 0;

	if (!c)
		return -ENOMEM;
	for (i = 0; i < view_rows(c)->data.nr && pass >= 0; i++) {
		view_row_item(c, i, &it);
		pass = it.count ? view_filter_pass(c, &it) : 0;
		if (pass > 0)
			agg_hist(view_rows(c), i, sum);
	}
	ctx_done(c);
	return pass < 0 ? pass : 0;
}
