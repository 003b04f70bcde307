// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: the lock order itself, as a table of orders, one of nestings and
 * one of classes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "parts.h"
#include "parts_finding.h"
#include "table.h"
#include "text.h"
#include "text_finding.h"

/* "SR ER SN EN", lockdep's strengths, or "completion"; "listed": not known. */
static const char *kinds_text(const struct model_edge *e, char buf[24])
{
	static const char *const names[] = { "SR", "ER", "SN", "EN" };
	unsigned int i;
	size_t n = 0;

	buf[0] = '\0';
	if (e->completion)
		return "completion";
	if (e->listed)
		return "listed";
	for (i = 0; i < 4; i++) {
		if (e->dep >> i & 1)
			n += (size_t)snprintf(buf + n, 24 - n, "%s%s", n ? " " : "", names[i]);
	}
	return buf;
}

static int cell_caller(struct table *t, const struct model *m, const struct model_edge *e)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int nr, caller;

	nr = model_stack(m, e->source, e->stack, frame, &caller);
	if (!nr || caller >= nr) {
		table_cell(t, NULL);
		return 0;
	}
	return text_cell(t, parts_caller(frame[caller].name, frame[caller].module));
}

struct below_ctx {
	const struct model *m;
	const struct parts_edges *list;
};

static int below_edge(void *ctx, unsigned int row, FILE *out)
{
	const struct below_ctx *c = ctx;
	const struct model_edge *e = &c->list->v[row].e;

	return text_stack(c->m, e->source, e->stack, out);
}

static unsigned int cut(unsigned int nr, const struct render_opts *opts)
{
	return opts->view.entries && nr > opts->view.entries ? opts->view.entries : nr;
}

static int edge_cells(struct table *t, const struct model *m, const struct model_edge *e, bool nesting)
{
	char buf[FMT_LEN], kinds[24];

	table_cell(t, e->listed ? NULL : fmt_count(e->count, buf));
	table_cell(t, e->listed ? NULL : e->tasks > 1 ? "2+" : "1");
	table_cell(t, model_class(m, e->from).name);
	if (!nesting)
		table_cell(t, model_class(m, e->to).name);
	table_cell(t, kinds_text(e, kinds));
	return cell_caller(t, m, e);
}

static int put_edges(const struct model *m, const struct render_opts *opts, bool nesting, FILE *out)
{
	static const struct table_col order[] = {
		{ "COUNT", true, 0 }, { "TASKS", true, 0 }, { "HELD", false, 16 },
		{ "THEN TAKEN", false, 16 }, { "KIND", false, 0 }, { "CALLER", false, 15 },
	};
	static const struct table_col nest[] = {
		{ "COUNT", true, 0 }, { "TASKS", true, 0 }, { "CLASS", false, 16 },
		{ "KIND", false, 0 }, { "CALLER", false, 15 },
	};
	struct parts_edges list;
	struct below_ctx ctx = { .m = m, .list = &list };
	struct table *t = NULL;
	unsigned int i, nr;
	int err = parts_edges_init(m, nesting, &list);

	if (err)
		return err;
	nr = cut(list.nr, opts);
	if (!nr)
		goto out;
	t = nesting ? table_new(nest, sizeof(nest) / sizeof(nest[0])) :
		      table_new(order, sizeof(order) / sizeof(order[0]));
	err = t ? 0 : -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = edge_cells(t, m, &list.v[i].e, nesting);
	if (!err) {
		fputs(nesting ? "\nNested locks of one class, different instances:\n" :
				"\nOrders, most often seen first:\n", out);
		err = table_print(t, out, opts->width, 0, opts->verbose ? below_edge : NULL, &ctx);
	}
	if (!err && nr < list.nr)
		fprintf(out, "%u more: -E 0 shows all\n", list.nr - nr);
out:
	table_free(t);
	parts_edges_done(&list);
	return err;
}

/* Is it known how often locks were taken? */
static bool any_sampled(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_classes(m); i++)
		if (model_class(m, i).acquired)
			return true;
	return false;
}

static int put_classes(const struct model *m, const struct render_opts *opts, FILE *out)
{
	static const struct table_col cols[] = {
		{ "ACQUIRED", true, 0 }, { "INSTANCES", true, 0 }, { "CLASS", false, 24 },
		{ "TYPE", false, 0 }, { "NAMED BY", false, 0 },
	};
	bool sampled = any_sampled(m);
	struct table *t = table_new(cols + !sampled, sizeof(cols) / sizeof(cols[0]) - !sampled);
	unsigned int i, shown = 0, all = 0, max = cut(UINT32_MAX, opts);
	char buf[FMT_LEN];
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (i = 0; i < model_nr_classes(m); i++) {
		struct model_class c = model_class(m, i);

		if (c.merged_into != i || all++ >= max)
			continue;
		if (sampled)
			table_cell(t, fmt_count(c.acquired, buf));
		table_cell(t, fmt_count(c.instances, buf));
		table_cell(t, c.name);
		table_cell(t, c.type);
		table_cell(t, c.named_by);
		shown++;
	}
	if (shown) {
		fputs("\nClasses:\n", out);
		err = table_print(t, out, opts->width, 0, NULL, NULL);
	}
	if (!err && shown < all)
		fprintf(out, "%u more: -E 0 shows all\n", all - shown);
	table_free(t);
	return err;
}

int text_order(const struct model *m, const struct render_opts *opts, FILE *out)
{
	int err;

	if (!model_nr_classes(m)) {
		fputs(parts_order_traced(m) ? "\nNo lock was taken while another one was held.\n" :
		      "\nThe order of locks was not traced (--view coverage says why).\n", out);
		return 0;
	}
	err = put_edges(m, opts, false, out);
	if (!err)
		err = put_edges(m, opts, true, out);
	return err ? err : put_classes(m, opts, out);
}
