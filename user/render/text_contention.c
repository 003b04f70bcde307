// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: who waits for what. The summary lines and the table of the view,
 * which may be one of hold times (text_holds.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "parts.h"
#include "table.h"
#include "text.h"
#include "text_finding.h"

#define NARROW_WIDTH	60	/* below, only the most telling numbers */
#define WIDE_WIDTH	160	/* from here on, all numbers */

/* --- columns ---------------------------------------------------------------------------- */

/* Writes the cell of one column; 0 or -ENOMEM. */
struct column {
	struct table_col head;
	int (*cell)(const struct view_row *r, struct table *t);
};

static int cell_ns(struct table *t, bool known, uint64_t ns)
{
	char buf[FMT_LEN];

	table_cell(t, known ? fmt_ns(ns, buf) : NULL);
	return 0;
}

static int cell_total(const struct view_row *r, struct table *t)
{
	return cell_ns(t, true, r->total_ns);
}

static int cell_count(const struct view_row *r, struct table *t)
{
	char buf[FMT_LEN];

	table_cell(t, fmt_count(r->count, buf));
	return 0;
}

static int cell_avg(const struct view_row *r, struct table *t)
{
	return cell_ns(t, true, parts_avg_ns(r));
}

static int cell_min(const struct view_row *r, struct table *t)
{
	return cell_ns(t, parts_has_extremes(r), r->min_ns);
}

static int cell_p50(const struct view_row *r, struct table *t)
{
	return cell_ns(t, r->p50_ns, r->p50_ns);
}

static int cell_p95(const struct view_row *r, struct table *t)
{
	return cell_ns(t, r->p95_ns, r->p95_ns);
}

static int cell_p99(const struct view_row *r, struct table *t)
{
	return cell_ns(t, r->p99_ns, r->p99_ns);
}

static int cell_max(const struct view_row *r, struct table *t)
{
	return cell_ns(t, parts_has_extremes(r), r->max_ns);
}

static int cell_lock(const struct view_row *r, struct table *t)
{
	table_cell(t, r->lock);
	return 0;
}

static int cell_addr(const struct view_row *r, struct table *t)
{
	char buf[FMT_LEN];

	snprintf(buf, sizeof(buf), "0x%" PRIx64, r->addr);
	table_cell(t, r->addr ? buf : NULL);
	return 0;
}

static int cell_type(const struct view_row *r, struct table *t)
{
	table_cell(t, r->type);
	return 0;
}

static int cell_caller(const struct view_row *r, struct table *t)
{
	return text_cell(t, parts_caller(r->caller, r->caller_module));
}

static int cell_task(const struct view_row *r, struct table *t)
{
	return text_cell(t, text_task(r->comm, r->has_tid, r->tid, false));
}

static int cell_process(const struct view_row *r, struct table *t)
{
	return text_cell(t, text_task(r->comm, r->has_tgid, r->tgid, false));
}

static int cell_cgroup(const struct view_row *r, struct table *t)
{
	table_cell(t, r->cgroup);
	return 0;
}

static int cell_context(const struct view_row *r, struct table *t)
{
	table_cell(t, r->ctx);
	return 0;
}

static int cell_owner(const struct view_row *r, struct table *t)
{
	return text_cell(t, text_task(r->owner_comm, r->owner_comm, r->owner_tid, r->owner_reader));
}

/* The columns of this view at this width; returns how many. */
static unsigned int choose_columns(const struct render_opts *opts, struct column *out)
{
	unsigned int dims = parts_dims(&opts->view), n = 0, width = opts->width, i;
	enum view_key key = opts->view.key;
	bool all = !width || width >= WIDE_WIDTH, few = width && width < NARROW_WIDTH;
	const struct { bool want; struct column column; } table[] = {
		{ true, { { "TOTAL", true, 0 }, cell_total } },
		{ true, { { "COUNT", true, 0 }, cell_count } },
		{ true, { { "AVG", true, 0 }, cell_avg } },
		{ all || key == VIEW_BY_MIN, { { "MIN", true, 0 }, cell_min } },
		{ all || key == VIEW_BY_P50, { { "P50", true, 0 }, cell_p50 } },
		{ !few || key == VIEW_BY_P95, { { "P95", true, 0 }, cell_p95 } },
		{ !few || key == VIEW_BY_P99, { { "P99", true, 0 }, cell_p99 } },
		{ true, { { "MAX", true, 0 }, cell_max } },
		{ dims & VIEW_LOCK, { { "LOCK", false, 14 }, cell_lock } },
		{ dims & VIEW_TASK, { { "TASK", false, 16 }, cell_task } },
		{ dims & VIEW_PROCESS, { { "PROCESS", false, 16 }, cell_process } },
		{ dims & VIEW_CGROUP, { { "CGROUP", false, 20 }, cell_cgroup } },
		{ dims & VIEW_ADDR, { { "ADDRESS", false, 0 }, cell_addr } },
		{ dims & VIEW_TYPE, { { "TYPE", false, 0 }, cell_type } },
		{ dims & VIEW_CTX, { { "CONTEXT", false, 0 }, cell_context } },
		{ dims & VIEW_CALLER, { { "CALLER", false, 15 }, cell_caller } },
		{ parts_has_owner(dims), { { opts->view.holds ? "HOLDER" : "OWNER", false, 20 },
					   cell_owner } },
	};

	_Static_assert(sizeof(table) / sizeof(table[0]) <= TABLE_COLS_MAX, "too many columns");
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].want)
			out[n++] = table[i].column;
	}
	return n;
}

/* --- the table -------------------------------------------------------------------------- */

struct below_ctx {
	const struct model *m;
	const struct view *view;
};

static int below_row(void *ctx, unsigned int row, FILE *out)
{
	const struct below_ctx *c = ctx;
	const struct view_row *r = &c->view->row[row];
	char buf[FMT_LEN];

	if (r->instances) {
		fprintf(out, "%*s%u lock%s", TEXT_STACK_INDENT, "", r->instances,
			r->instances == 1 ? "" : "s");
		if (r->named_by)
			fprintf(out, ", named by %s", r->named_by);
		if (r->waiting)
			fprintf(out, ", %s still waiting", fmt_group(r->waiting, buf));
		fputc('\n', out);
	}
	return text_stack(c->m, r->stack_source, r->stack, out);
}

static int put_table(const struct model *m, const struct render_opts *opts, const struct view *v,
		     FILE *out)
{
	struct below_ctx ctx = { .m = m, .view = v };
	struct column column[TABLE_COLS_MAX];
	struct table_col head[TABLE_COLS_MAX];
	unsigned int i, k, nr = choose_columns(opts, column);
	struct table *t;
	int err = 0;

	for (k = 0; k < nr; k++)
		head[k] = column[k].head;
	t = table_new(head, nr);
	if (!t)
		return -ENOMEM;
	for (i = 0; i < v->nr && !err; i++) {
		for (k = 0; k < nr && !err; k++)
			err = column[k].cell(&v->row[i], t);
	}
	if (!err)
		err = table_print(t, out, opts->width, 0, opts->verbose ? below_row : NULL, &ctx);
	table_free(t);
	return err;
}

/* --- around the table ------------------------------------------------------------------- */

/* Are there waits of which it is not known in which time they were? (lock_stat) */
static bool any_untimed(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);
		const struct model_source *s = model_source(m, c->source);

		if (s->flags & LK_META_IMPORTED && s->start_ns == s->end_ns && c->state != LK_STATE_NONE &&
		    !strcmp(c->tier, "contention"))
			return true;
	}
	return false;
}

/* "12,345 waits, 12.3 s lost: 1.23 tasks waiting on average" */
static void put_sums(const struct model *m, const struct view *v, FILE *out)
{
	uint64_t count, total_ns, duration_ns = model_duration_ns(m);
	char a[FMT_LEN], b[FMT_LEN], c[FMT_LEN];

	parts_totals(m, false, &count, &total_ns);
	if (!v->count)
		return;
	fprintf(out, "%s", fmt_group(v->count, a));
	if (v->count != count)
		fprintf(out, " of %s", fmt_group(count, b));
	fprintf(out, " wait%s, %s lost", v->count == 1 ? "" : "s", fmt_ns(v->total_ns, c));
	if (duration_ns && !any_untimed(m))
		fprintf(out, ": %s tasks waiting on average",
			fmt_ratio(v->total_ns, duration_ns, a));
	fputc('\n', out);
}

/* A view without rows: say why, and what was watched. */
static int put_nothing(const struct model *m, unsigned int width, FILE *out)
{
	uint64_t count, total_ns;
	unsigned int i, n = 0;
	char *text = NULL, a[FMT_LEN];
	size_t size;
	FILE *mem;

	parts_totals(m, false, &count, &total_ns);
	if (count) {
		fprintf(out, "None of the %s waits passes the filter.\n", fmt_group(count, a));
		return 0;
	}
	if (!model_nr_sources(m))
		return 0;
	mem = open_memstream(&text, &size);
	if (!mem)
		return -ENOMEM;
	fprintf(mem, "No task waited for a lock in %s.", fmt_ns(model_duration_ns(m), a));
	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		if (strcmp(c->tier, "contention") || c->source ||
		    (c->state != LK_STATE_FULL && c->state != LK_STATE_PARTIAL))
			continue;
		fprintf(mem, "%s%s", n++ ? ", " : " Watched: ", c->primitive);
	}
	fputs(n ? "." : "", mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	return text_paragraph("", text, width, out);
}

static void put_cut(const struct view *v, bool holds, FILE *out)
{
	unsigned int i, cut = v->nr_groups - v->nr;
	uint64_t shown = 0;
	char buf[FMT_LEN];

	if (!cut)
		return;
	for (i = 0; i < v->nr; i++)
		shown += v->row[i].total_ns;
	fprintf(out, "%u more row%s, %s of the %s time: -E 0 shows all\n", cut, cut == 1 ? "" : "s",
		fmt_share(v->total_ns - shown, v->total_ns, buf), holds ? "hold" : "wait");
}

int text_view(const struct model *m, const struct render_opts *opts, const struct view *v, FILE *out)
{
	int err;

	fputc('\n', out);
	err = put_table(m, opts, v, out);
	put_cut(v, opts->view.holds, out);
	return err;
}

int text_contention(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct view v;
	int err;

	err = view_build(m, &opts->view, &v);
	if (err)
		return err;
	put_sums(m, &v, out);
	err = v.nr ? text_view(m, opts, &v, out) : put_nothing(m, opts->width, out);
	view_done(&v);
	return err;
}
