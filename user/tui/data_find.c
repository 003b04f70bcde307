// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings and watched functions as rows.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../render/parts_finding.h"
#include "../render/text_words.h"
#include "data.h"

/* A malloc'ed text (NULL: no memory) as one of the data's; frees it. */
static const char *take(struct top_data *d, char *text, int *err)
{
	const char *kept;

	if (!text && !*err)
		*err = -ENOMEM;
	kept = top_text(d, text, err);
	free(text);
	return kept;
}

static int add_finding(struct top_data *d, const struct finding *f, unsigned int index)
{
	struct top_key key = { .id = index + 1 };
	struct top_row *row = top_row_get(d, TOP_FINDINGS, &key);
	int err = 0;

	if (!row)
		return -ENOMEM;
	row->index = index;
	row->severity = f->severity;
	row->type = finding_severity_str(f->severity);
	row->caller = finding_kind_str(f->kind);
	row->count = f->count;
	row->time_ns = f->first_seen_ns;
	row->name = take(d, text_words_locks(f), &err);
	row->comm = take(d, text_words_tasks(f, 3), &err);
	return err;
}

int top_build_findings(struct top_data *d, const struct model *m, const struct top_env *env)
{
	unsigned int i;
	int err = 0;

	top_rows_clear(d, TOP_FINDINGS);
	for (i = 0; i < model_nr_findings(m) && !err; i++)
		if (parts_finding_pass(m, model_finding(m, i), &env->filter))
			err = add_finding(d, model_finding(m, i), i);
	return err;
}

static int add_watch(struct top_data *d, const struct model_watch *w, unsigned int index)
{
	struct top_key key = { .id = w->id + 1, .source = w->source + 1 };
	struct top_row *row;
	int err = 0;

	row = top_row_get(d, TOP_WATCH, &key);
	if (!row)
		return -ENOMEM;
	row->index = index;
	row->name = top_text(d, w->function, &err);
	row->lock = top_text(d, w->symbol, &err);
	row->comm = top_text(d, w->reason, &err);
	row->type = w->state == LK_STATE_FULL ? "hooked" :
		    w->state == LK_STATE_PARTIAL ? "waits" : "not there";
	row->count = w->calls;
	row->total_ns = row->done_ns = w->total_ns;
	row->max_ns = w->max_ns;
	row->held = w->nr_held;
	row->inside = w->nr_inside;
	return err;
}

int top_build_watch(struct top_data *d, const struct model *m)
{
	unsigned int i;
	int err = 0;

	top_rows_clear(d, TOP_WATCH);
	for (i = 0; i < model_nr_watch(m) && !err; i++)
		err = add_watch(d, model_watch(m, i), i);
	return err;
}
