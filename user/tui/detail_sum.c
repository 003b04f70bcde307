// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is behind the sums of a row: which callers, tasks, owners or locks, the
 * stack that lost most, and how long the waits were; the same of holds.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "../render/fmt.h"
#include "../render/parts.h"
#include "../render/text.h"
#include "detail.h"

#define ROWS_MAX	5
#define BAR_MAX		60
#define LABEL_COLUMNS	29	/* of a histogram, before the bar */

/* The filter that lets in the waits of the row alone. */
struct narrow {
	struct view_filter f;
	const char *text;
	uint32_t tid;
	char caller[256];
};

static void narrow_init(struct narrow *n, const struct detail *t)
{
	const struct top_row *r = t->row;

	*n = (struct narrow){ .f = t->env->filter, .text = r->name, .tid = r->tid };
	switch (t->panel) {
	case TOP_TASKS:
		n->f.tid = &n->tid;
		n->f.nr_tid = 1;
		break;
	case TOP_CALLERS:	/* by its name in the stack, without its module */
		snprintf(n->caller, sizeof(n->caller), "%.*s", (int)strcspn(r->name, " "), r->name);
		n->text = n->caller;
		n->f.caller = &n->text;
		n->f.nr_caller = 1;
		break;
	case TOP_CGROUPS:
		n->f.cgroup = &n->text;
		n->f.nr_cgroup = 1;
		break;
	default:
		n->f.lock = &n->text;
		n->f.nr_lock = 1;
		break;
	}
}

/* What a row of a view is called by its dimension. NULL = no memory. */
static char *name_of(const struct view_row *r, unsigned int dim)
{
	switch (dim) {
	case VIEW_CALLER:
		return parts_caller(r->caller, r->caller_module);
	case VIEW_TASK:
		return text_task(r->comm, true, r->tid, false);
	case VIEW_OWNER:
		return text_task(r->owner_comm ? r->owner_comm : "(not known)", r->owner_comm,
				 r->owner_tid, r->owner_reader);
	default:
		return strdup(r->lock ? r->lock : "(unknown)");
	}
}

static int put_view_row(const struct detail *t, const struct view_row *r,
			const struct view_opts *opts, uint64_t total_ns)
{
	char buf[FMT_LEN], *name = name_of(r, opts->dims);

	if (!name)
		return -ENOMEM;
	fprintf(t->out, "  %7s", fmt_share(r->total_ns, total_ns, buf));
	fprintf(t->out, "  %7s", fmt_ns(r->total_ns, buf));
	fprintf(t->out, "  %7s %s", fmt_count(r->count, buf), opts->holds ? "holds" : "waits");
	fprintf(t->out, "  %7s avg  ", fmt_ns(parts_avg_ns(r), buf));
	sanitize_put_text(t->out, name);
	fputc('\n', t->out);
	free(name);
	return 0;
}

/* The first rows of a view by one dimension. */
static int put_view(const struct detail *t, const struct view_opts *opts, const char *title)
{
	struct view v;
	unsigned int i;
	int err = view_build(t->m, opts, &v);

	if (err)
		return err;
	if (v.nr)
		fprintf(t->out, "\n%c%s\n", MARK_BOLD, title);
	for (i = 0; i < v.nr && !err; i++)
		err = put_view_row(t, &v.row[i], opts, v.total_ns);
	if (v.nr_groups > v.nr)
		fprintf(t->out, "           and %u more\n", v.nr_groups - v.nr);
	view_done(&v);
	return err;
}

static int put_by(const struct detail *t, const struct narrow *n, unsigned int dim, const char *title)
{
	const struct view_opts opts = { .dims = dim, .entries = ROWS_MAX, .filter = n->f };

	return put_view(t, &opts, title);
}

/* The stack behind most of the time. */
static int put_main_stack(const struct detail *t, const struct narrow *n)
{
	const struct view_opts opts = { .dims = VIEW_CALLER, .entries = 1, .filter = n->f };
	struct view v;
	int err = view_build(t->m, &opts, &v);

	if (err)
		return err;
	if (v.nr && v.row[0].stack != LK_STACK_NONE) {
		fprintf(t->out, "\n%cThe stack that lost most time waiting\n", MARK_BOLD);
		err = detail_stack(t, v.row[0].stack_source, v.row[0].stack);
	}
	view_done(&v);
	return err;
}

/* --- histogram ------------------------------------------------------------------------------ */

static void put_bar(const struct detail *t, uint64_t n, uint64_t most, unsigned int columns)
{
	unsigned int eighths = (unsigned int)((double)n / (double)most * 8 * columns + 0.5), here;

	if (!eighths)
		eighths = 1;
	for (; eighths; eighths -= here) {
		here = eighths < 8 ? eighths : 8;
		if (!t->ascii)		/* U+2588 (full) to U+258F (one eighth) */
			fprintf(t->out, "\xe2\x96%c", (char)(0x8f - (here - 1)));
		else if (here >= 4 || eighths == here)
			fputc('#', t->out);
	}
}

static void put_octave(const struct detail *t, unsigned int octave, uint64_t n, uint64_t most,
		       unsigned int columns)
{
	const uint64_t low = lk_hist_lower(octave * LK_HIST_SUB);
	const uint64_t high = lk_hist_lower((octave + 1) * LK_HIST_SUB);
	char from[FMT_LEN], to[FMT_LEN], count[FMT_LEN];

	fprintf(t->out, "%c  %7s - %7s %7s  ", MARK_BAR, fmt_ns(low, from), fmt_ns(high, to),
		fmt_count(n, count));
	if (n)
		put_bar(t, n, most, columns);
	fputc('\n', t->out);
}

static int put_histogram(const struct detail *t, const struct narrow *n, bool holds)
{
	const struct view_opts opts = { .filter = n->f, .holds = holds };
	uint64_t octave[65] = { 0 }, most = 0;
	unsigned int i, k, columns, first = 65, last = 0;
	struct hist_sum *sum = malloc(sizeof(*sum));
	int err;

	if (!sum)
		return -ENOMEM;
	hist_sum_init(sum);
	err = view_hist(t->m, &opts, sum);
	for (i = 0; i < LK_HIST_BUCKETS && !err; i++) {
		if (!sum->n[i])
			continue;
		k = i / LK_HIST_SUB;
		octave[k] += sum->n[i];
		first = k < first ? k : first;
		last = k > last ? k : last;
		most = octave[k] > most ? octave[k] : most;
	}
	free(sum);
	if (err || !most)
		return err;
	columns = t->cols > LABEL_COLUMNS + BAR_MAX ? BAR_MAX :
		  t->cols > LABEL_COLUMNS + 8 ? t->cols - LABEL_COLUMNS - 1 : 8;
	fprintf(t->out, "\n%cHow long the %s were%s%s\n", MARK_BOLD, holds ? "holds" : "waits",
		t->panel == TOP_CALLERS ? " with this in their stack: " : "",
		t->panel == TOP_CALLERS ? n->caller : "");
	for (i = first; i <= last; i++)
		put_octave(t, i, octave[i], most, columns);
	return 0;
}

int detail_sums(const struct detail *t)
{
	struct narrow n;
	int err;

	if (!t->row->count)
		return 0;
	narrow_init(&n, t);
	err = put_histogram(t, &n, false);
	if (!err && t->panel == TOP_LOCKS)
		err = put_by(t, &n, VIEW_OWNER, "Held, while others waited, by");
	if (!err && t->panel != TOP_LOCKS)
		err = put_by(t, &n, VIEW_LOCK, "Locks");
	if (!err && t->panel != TOP_CALLERS)
		err = put_by(t, &n, VIEW_CALLER, "Callers");
	if (!err && t->panel != TOP_TASKS)
		err = put_by(t, &n, VIEW_TASK, "Tasks");
	return err ? err : put_main_stack(t, &n);
}

/* The one hold that was longest: whose, and where such of that task mostly end. */
static int put_longest(const struct detail *t, const struct narrow *n)
{
	const struct view_opts opts = { .dims = VIEW_TASK | VIEW_CALLER, .key = VIEW_BY_MAX, .entries = 1,
					.holds = true, .filter = n->f };
	struct view v;
	char buf[FMT_LEN], *name = NULL;
	int err = view_build(t->m, &opts, &v);

	if (err)
		return err;
	if (v.nr) {
		name = name_of(&v.row[0], VIEW_TASK);
		err = name ? 0 : -ENOMEM;
	}
	if (name) {
		fprintf(t->out, "\n%cThe longest hold, %s, was by ", MARK_BOLD,
			fmt_ns(v.row[0].max_ns, buf));
		sanitize_put_text(t->out, name);
		fputs(", which released it here\n", t->out);
		err = detail_stack(t, v.row[0].stack_source, v.row[0].stack);
	}
	free(name);
	view_done(&v);
	return err;
}

int detail_holds(const struct detail *t)
{
	struct view_opts opts = { .dims = VIEW_TASK, .entries = ROWS_MAX, .holds = true };
	struct narrow n;
	int err;

	if (!t->row->holds)
		return 0;
	narrow_init(&n, t);
	opts.filter = n.f;
	err = put_histogram(t, &n, true);
	if (!err)
		err = put_view(t, &opts, "Held by");
	return err ? err : put_longest(t, &n);
}
