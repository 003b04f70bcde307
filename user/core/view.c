// SPDX-License-Identifier: GPL-2.0-only
/*
 * Views: building one from its parts (see view_priv.h), and the names of
 * dimensions and sort keys.
 */
#include <errno.h>
#include <string.h>

#include "view_priv.h"

static bool dims_go_together(unsigned int dims)
{
	unsigned int with_owner = VIEW_OWNER | VIEW_LOCK | VIEW_ADDR | VIEW_TYPE | VIEW_CALLER;

	if (dims & ~((VIEW_CTX << 1) - 1u))
		return false;
	return !(dims & VIEW_OWNER) || !(dims & ~with_owner);
}

/* All that only building needs: what is left holds the texts of the rows. */
static void drop_scaffold(struct view_ctx *c)
{
	view_row_done(c);
	view_group_done(c);
	view_owner_done(c);
	view_filter_done(c);
}

static int fill_rows(struct view_ctx *c, view_hist_fn each, void *ctx, struct view *v)
{
	unsigned int nr_groups = (unsigned int)c->group.nr, nr = nr_groups, i;
	struct view_row *row;
	int err;

	if (c->opts->entries && nr > c->opts->entries)
		nr = c->opts->entries;
	row = malloc(((size_t)nr + 1) * sizeof(*row));
	if (!row)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		err = view_row_fill(c, c->order[i], &row[i]);
		if (!err && each)
			err = each(ctx, i, view_row_hist(c));
		if (err) {
			free(row);
			return err;
		}
	}
	*v = (struct view){
		.row = row, .nr = nr, .nr_groups = nr_groups,
		.count = c->count, .total_ns = c->total_ns, .priv = c,
	};
	return 0;
}

int view_build(const struct model *m, const struct view_opts *opts, struct view *out)
{
	return view_build_hists(m, opts, NULL, NULL, out);
}

int view_build_hists(const struct model *m, const struct view_opts *opts, view_hist_fn each,
		     void *ctx, struct view *out)
{
	struct view_ctx *c;
	int err;

	if (!dims_go_together(opts->dims) || (unsigned int)opts->key > VIEW_BY_P99 ||
	    (opts->holds && opts->dims & VIEW_OWNER))
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->m = m;
	c->opts = opts;
	c->dims = opts->dims ? opts->dims : VIEW_DEFAULT;
	c->key = opts->key ? opts->key : VIEW_BY_TOTAL;
	err = view_text_init(c);
	if (!err)
		err = view_filter_init(c);
	if (!err)
		err = view_row_init(c);
	if (!err)
		err = view_owner_init(c);
	if (!err)
		err = view_group(c);
	if (!err)
		err = fill_rows(c, each, ctx, out);
	drop_scaffold(c);
	c->opts = NULL;
	if (err) {
		view_text_done(c);
		free(c);
	}
	return err;
}

void view_done(struct view *v)
{
	struct view_ctx *c = v->priv;

	if (c) {
		view_text_done(c);
		free(c);
	}
	free(v->row);
	memset(v, 0, sizeof(*v));
}

int view_dims_parse(const char *list, unsigned int *dims)
{
	static const struct {
		const char *name;
		unsigned int dim;
	} known[] = {
		{ "lock", VIEW_LOCK }, { "addr", VIEW_ADDR }, { "type", VIEW_TYPE },
		{ "caller", VIEW_CALLER }, { "task", VIEW_TASK }, { "process", VIEW_PROCESS },
		{ "owner", VIEW_OWNER }, { "cgroup", VIEW_CGROUP }, { "context", VIEW_CTX },
	};
	const size_t nr = sizeof(known) / sizeof(known[0]);
	unsigned int all = 0;
	size_t len, i;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		for (i = 0; i < nr; i++)
			if (strlen(known[i].name) == len && !memcmp(known[i].name, list, len))
				break;
		if (i == nr)
			return -EINVAL;
		all |= known[i].dim;
		if (!list[len])
			break;
	}
	if (!dims_go_together(all))
		return -EINVAL;
	*dims = all;
	return 0;
}

int view_key_parse(const char *name, enum view_key *key)
{
	static const char *const known[] = {
		[VIEW_BY_TOTAL] = "wait_total", [VIEW_BY_COUNT] = "contended",
		[VIEW_BY_MAX] = "wait_max", [VIEW_BY_MIN] = "wait_min",
		[VIEW_BY_AVG] = "avg_wait",
		[VIEW_BY_P50] = "p50", [VIEW_BY_P95] = "p95", [VIEW_BY_P99] = "p99",
	};
	unsigned int i;

	for (i = VIEW_BY_TOTAL; i <= VIEW_BY_P99; i++) {
		if (strcmp(known[i], name))
			continue;
		*key = (enum view_key)i;
		return 0;
	}
	return -EINVAL;
}
