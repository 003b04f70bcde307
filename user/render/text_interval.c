// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: one line per interval of a live run, so that a glance tells how
 * bad it is and which lock to look at. The heading comes again every screenful.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/loss.h"
#include "fmt.h"
#include "formats.h"
#include "parts.h"
#include "text.h"

#define HEADING_EVERY	20	/* lines */
#define FIXED_COLUMNS	35	/* of what stands before the lock */
#define NR_PARTS	4	/* share, lock, caller, owner */

static void put_time(const struct model *m, uint64_t ns, FILE *out)
{
	time_t t = (time_t)(parts_real_ns(m, ns) / 1000000000);
	char buf[FMT_LEN] = "--:--:--";
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(buf, sizeof(buf), "%H:%M:%S", &tm);
	fprintf(out, "%8s", buf);
}

/* How many tasks waited in the interval. */
static int count_tasks(const struct model *m, const struct view_opts *opts, unsigned int *nr)
{
	struct view_opts by_task = *opts;
	struct view v;
	int err;

	by_task.dims = VIEW_TASK;
	by_task.key = VIEW_BY_TOTAL;
	by_task.entries = 1;
	err = view_build(m, &by_task, &v);
	if (err)
		return err;
	*nr = v.nr_groups;
	view_done(&v);
	return 0;
}

/* Narrow the widest parts until all fit: the name of the lock last, nothing below four columns. */
static void fit(unsigned int *columns, unsigned int width)
{
	static const unsigned int pass[][NR_PARTS] = { { 99, 99, 10, 12 }, { 99, 4, 4, 4 } };
	unsigned int i, k, sum, widest;

	for (k = 0; k < sizeof(pass) / sizeof(pass[0]);) {
		sum = 0;
		widest = NR_PARTS;
		for (i = 0; i < NR_PARTS; i++) {
			sum += columns[i] + (i && columns[i] ? 2 : 0);
			if (columns[i] > pass[k][i] &&
			    (widest == NR_PARTS || columns[i] > columns[widest]))
				widest = i;
		}
		if (sum <= width)
			return;
		if (widest == NR_PARTS)
			k++;
		else
			columns[widest]--;
	}
}

/* Make a malloc'ed text safe; frees it. NULL = no memory. */
static char *safe(char *text)
{
	char *s = text ? text_safe(text) : NULL;

	free(text);
	return s;
}

/* Share, lock, caller and owner of the row with the most wait time. */
static int put_top(const struct view *v, unsigned int width, FILE *out)
{
	const struct view_row *r = &v->row[0];
	char *part[NR_PARTS], buf[FMT_LEN];
	unsigned int columns[NR_PARTS], i;
	int err = 0;

	part[0] = text_safe(fmt_share(r->total_ns, v->total_ns, buf));
	part[1] = text_safe(r->lock ? r->lock : "");
	part[2] = safe(parts_caller(r->caller, r->caller_module));
	part[3] = safe(text_task(r->owner_comm, r->owner_comm, r->owner_tid, r->owner_reader));
	for (i = 0; i < NR_PARTS; i++) {
		if (!part[i])
			err = -ENOMEM;
		columns[i] = part[i] ? fmt_columns(part[i]) : 0;
	}
	if (width)
		fit(columns, width > FIXED_COLUMNS ? width - FIXED_COLUMNS : 0);
	for (i = 0; i < NR_PARTS && !err; i++) {
		if (!columns[i])
			continue;
		fputs("  ", out);
		fmt_put_middle(out, part[i], columns[i]);
	}
	for (i = 0; i < NR_PARTS; i++)
		free(part[i]);
	return err;
}

/* Losses so far, as long as there are any: a reader of these lines has nothing else to go by. */
static void put_losses(const struct model *m, FILE *out)
{
	const struct loss_info *info;
	unsigned int i, nr = 0;
	char buf[FMT_LEN];

	for (i = 0; i < model_nr_loss(m); i++) {
		info = loss_info(i);
		if (!model_loss(m, i) || !info->is_loss)
			continue;
		fprintf(out, "%s%s %s", nr++ ? ", " : "          lost so far: ", info->name,
			fmt_count(model_loss(m, i), buf));
	}
	if (nr)
		fputc('\n', out);
}

static int put_line(const struct model *m, const struct view *v, unsigned int nr_tasks,
		    unsigned int width, FILE *out)
{
	const struct model_interval *iv = model_interval(m);
	uint64_t len_ns = iv->end_ns - iv->start_ns;
	char rate[FMT_LEN], waiting[FMT_LEN];
	int err = 0;

	/* Rounded; a double is exact enough for a rate. */
	fmt_count(len_ns ? (uint64_t)((double)v->count * 1e9 / (double)len_ns + 0.5) : 0, rate);
	put_time(m, iv->end_ns, out);
	fprintf(out, "  %7s  %7s  %5u", rate, fmt_ratio(v->total_ns, len_ns, waiting), nr_tasks);
	if (v->nr)
		err = put_top(v, width, out);
	fputc('\n', out);
	return err;
}

int text_interval(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct view_opts top = opts->view;
	unsigned int nr_tasks;
	struct view v;
	int err;

	top.gain = true;
	top.key = VIEW_BY_TOTAL;
	top.dims = VIEW_DEFAULT;
	top.entries = 1;
	err = count_tasks(m, &top, &nr_tasks);
	if (err)
		return err;
	err = view_build(m, &top, &v);
	if (err)
		return err;
	if (model_interval(m)->nr % HEADING_EVERY == 1)
		fputs("    TIME  WAITS/S  WAITING  TASKS  MOST TIME LOST IN\n", out);
	err = put_line(m, &v, nr_tasks, opts->width, out);
	view_done(&v);
	if (err)
		return err;
	put_losses(m, out);
	return parts_flush(out);
}
