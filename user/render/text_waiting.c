// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: the tasks that still waited when the trace ended, and the pieces
 * that their table shares with that of the contention.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "parts.h"
#include "table.h"
#include "text.h"

char *text_task(const char *comm, bool has_id, uint32_t id, bool reader)
{
	char *text;
	int n;

	if (has_id)
		n = asprintf(&text, "%s/%" PRIu32 "%s", comm ? comm : "", id, reader ? " (reader)" : "");
	else
		n = asprintf(&text, "%s", comm ? comm : "");
	return n < 0 ? NULL : text;
}

int text_cell(struct table *t, char *text)
{
	if (!text)
		return -ENOMEM;
	table_cell(t, text);
	free(text);
	return 0;
}

int text_stack(const struct model *m, unsigned int source, uint32_t id, FILE *out)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, caller;
	char *text;

	nr = model_stack(m, source, id, frame, &caller);
	for (i = caller; i < nr; i++) {
		text = parts_frame(&frame[i]);
		if (!text)
			return -ENOMEM;
		fprintf(out, "%*s", TEXT_STACK_INDENT, "");
		sanitize_put_text(out, text);
		fputc('\n', out);
		free(text);
	}
	return 0;
}

static int put_cells(const struct parts_wait *w, struct table *t)
{
	const struct lk_ev_wait *e = w->wait;
	char buf[FMT_LEN];
	int err;

	table_cell(t, fmt_ns(e->dur_ns, buf));
	err = text_cell(t, text_task(e->comm, true, e->tid, false));
	if (err)
		return err;
	table_cell(t, w->row->lock);
	table_cell(t, w->row->type);
	err = text_cell(t, parts_caller(w->row->caller, w->row->caller_module));
	if (err)
		return err;
	if (!e->owner_tid) {
		table_cell(t, NULL);
		return 0;
	}
	return text_cell(t, text_task(e->owner_comm, true, e->owner_tid, e->owner_reader));
}

struct below_ctx {
	const struct model *m;
	const struct parts_waiting *list;
};

static int below_wait(void *ctx, unsigned int row, FILE *out)
{
	const struct below_ctx *c = ctx;
	const struct parts_wait *w = &c->list->v[row];

	return text_stack(c->m, w->source, w->wait->stack, out);
}

static int put_waiting(const struct model *m, const struct render_opts *opts,
		       const struct parts_waiting *list, FILE *out)
{
	static const struct table_col cols[] = {
		{ "WAITED", true, 0 }, { "TASK", false, 16 }, { "LOCK", false, 14 },
		{ "TYPE", false, 0 }, { "CALLER", false, 15 }, { "OWNER", false, 20 },
	};
	struct below_ctx ctx = { .m = m, .list = list };
	unsigned int i, nr = list->nr;
	struct table *t;
	int err = 0;

	if (opts->view.entries && nr > opts->view.entries)
		nr = opts->view.entries;
	t = table_new(cols, sizeof(cols) / sizeof(cols[0]));
	if (!t)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = put_cells(&list->v[i], t);
	if (!err) {
		fputs("\nStill waiting when the trace ended:\n", out);
		err = table_print(t, out, opts->width, 0, opts->verbose ? below_wait : NULL, &ctx);
	}
	if (!err && nr < list->nr)
		fprintf(out, "%u more: -E 0 shows all\n", list->nr - nr);
	table_free(t);
	return err;
}

int text_waiting(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct parts_waiting list;
	int err;

	err = parts_waiting_init(m, &opts->view, &list);
	if (err)
		return err;
	if (list.nr)
		err = put_waiting(m, opts, &list, out);
	parts_waiting_done(&list);
	return err;
}
