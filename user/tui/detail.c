// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Enter shows. Of a finding and a watched function the report's own text;
 * of everything else the waits that go on with both stacks, then what is behind
 * the sums.
 */
#include "detail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../render/fmt.h"
#include "../render/text.h"
#include "../render/text_finding.h"

static int put_finding(const struct detail *t)
{
	return text_finding(t->m, model_finding(t->m, t->row->index), t->cols, t->out);
}

static void put_lock_list(const struct detail *t, const char *title, const struct finding_lock *l,
			  unsigned int nr, int *err)
{
	unsigned int i;
	char *text;

	fprintf(t->out, "\n%c%s:%s\n", MARK_BOLD, title, nr ? "" : " none");
	for (i = 0; i < nr && !*err; i++) {
		text = text_lock(&l[i]);
		if (text)
			fprintf(t->out, "  %s\n", text);
		else
			*err = -ENOMEM;
		free(text);
	}
}

static int put_watch(const struct detail *t)
{
	const struct model_watch *w = model_watch(t->m, t->row->index);
	char line[600], buf[FMT_LEN], ns[2][FMT_LEN];
	int n, err = 0;

	fprintf(t->out, "%c%s", MARK_BOLD, t->row->name);
	if (t->row->lock && t->row->lock[0])
		fprintf(t->out, " (%s)", t->row->lock);
	n = snprintf(line, sizeof(line), "%s, %s calls", t->row->type, fmt_count(w->calls, buf));
	if (w->returned)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ", %s inside, longest %s",
			      fmt_ns(w->total_ns, ns[0]), fmt_ns(w->max_ns, ns[1]));
	if (t->row->comm && t->row->comm[0])
		snprintf(line + n, sizeof(line) - (size_t)n, ". %.400s", t->row->comm);
	fputc('\n', t->out);
	fmt_put_wrapped(t->out, line, 0, 0, t->cols);
	fputc('\n', t->out);
	put_lock_list(t, "Locks held on entry", w->held, w->nr_held, &err);
	put_lock_list(t, "Locks taken inside", w->inside, w->nr_inside, &err);
	return err;
}

/* The figures of the row. */
static void put_figures(const struct detail *t)
{
	const struct top_row *r = t->row;
	char line[400], buf[FMT_LEN], ns[3][FMT_LEN];
	int n;

	fprintf(t->out, "%c%s", MARK_BOLD, r->name);
	if (t->panel == TOP_LOCKS && r->type)
		fprintf(t->out, "  %s", r->type);
	if (t->panel == TOP_LOCKS && r->instances > 1)
		fprintf(t->out, "  %u instances", r->instances);
	n = snprintf(line, sizeof(line), "%s waits, %s lost", fmt_count(r->count, buf),
		     fmt_ns(r->total_ns, ns[0]));
	if (r->gain_over_ns)
		n += snprintf(line + n, sizeof(line) - (size_t)n,
			      "; lately %.3g waits/s, %.3g tasks waiting",
			      (double)r->gain * 1e9 / (double)r->gain_over_ns,
			      (double)r->gain_ns / (double)r->gain_over_ns);
	if (r->count)
		snprintf(line + n, sizeof(line) - (size_t)n, "; average %s, p99 %s, longest %s",
			 fmt_ns(top_row_avg(r, true), ns[0]), fmt_ns(r->p99_ns, ns[1]),
			 fmt_ns(r->max_ns, ns[2]));
	fputc('\n', t->out);
	fmt_put_wrapped(t->out, line, 0, 0, t->cols);
	fputc('\n', t->out);
	if (!r->holds)
		return;
	n = snprintf(line, sizeof(line), "%s holds, %s in all; average %s, longest %s",
		     fmt_count(r->holds, buf), fmt_ns(r->hold_ns, ns[0]),
		     fmt_ns(top_row_hold_avg(r, true), ns[1]), fmt_ns(r->hold_max_ns, ns[2]));
	if (r->hold_gain)
		snprintf(line + n, sizeof(line) - (size_t)n, "; lately average %s",
			 fmt_ns(top_row_hold_avg(r, false), ns[0]));
	fmt_put_wrapped(t->out, line, 0, 0, t->cols);
	fputc('\n', t->out);
}

static int put_contention(const struct detail *t)
{
	int err;

	put_figures(t);
	err = detail_waits(t);
	if (!err)
		err = detail_sums(t);
	return err ? err : detail_holds(t);
}

static int put(const struct detail *t)
{
	if (!t->row) {
		fputs("This row has gone.\n", t->out);
		return 0;
	}
	switch (t->panel) {
	case TOP_FINDINGS:
		return put_finding(t);
	case TOP_WATCH:
		return put_watch(t);
	default:
		return put_contention(t);
	}
}

int top_detail(struct top_data *d, const struct model *m, const struct top_env *env,
	       enum top_panel panel, uint32_t key, const struct top_ask *ask, unsigned int cols,
	       bool ascii, char **ret)
{
	struct detail t = {
		.d = d, .m = m, .env = env, .ask = ask, .panel = panel, .cols = cols, .ascii = ascii,
		.row = top_data_find(d, panel, key),
	};
	char *text = NULL;
	size_t size;
	int err;

	t.out = open_memstream(&text, &size);
	if (!t.out)
		return -ENOMEM;
	err = put(&t);
	if (fclose(t.out))
		err = -ENOMEM;
	if (err)
		free(text);
	else
		*ret = text;
	return err;
}
