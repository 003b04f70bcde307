// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: how long locks were held, by the view of the contention (parts_hold_view()).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "parts.h"
#include "text.h"
#include "text_finding.h"

static bool any_recorded(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_sources(m); i++) {
		if (model_source(m, i)->flags & LK_META_HOLDS)
			return true;
	}
	return false;
}

static void put_none(const struct model *m, FILE *out)
{
	if (any_recorded(m))
		fputs("\nHold times: no hold was timed.\n", out);
	else
		fputs("\nNo hold times were recorded; --hold-times records them.\n", out);
}

/* "Hold times: 12,345 of 23,456 holds, 1.23 s in all" */
static void put_sums(const struct model *m, const struct view *v, FILE *out)
{
	uint64_t count, total_ns;
	char buf[FMT_LEN];

	parts_totals(m, true, &count, &total_ns);
	if (!v->count) {
		fprintf(out, "\nHold times: none of the %s holds passes the filter.\n",
			fmt_group(count, buf));
		return;
	}
	fprintf(out, "\nHold times: %s", fmt_group(v->count, buf));
	if (v->count != count)
		fprintf(out, " of %s", fmt_group(count, buf));
	fprintf(out, " hold%s, ", v->count == 1 ? "" : "s");
	fprintf(out, "%s in all\n", fmt_ns(v->total_ns, buf));
}

/* What is not what the same words mean of waits. */
static int put_note(const struct render_opts *opts, FILE *out)
{
	if (!(parts_dims(&opts->view) & VIEW_CALLER) && !opts->verbose)
		return 0;
	return text_paragraph("", strdup("CALLER released the lock. Holds of less than 10 us share the "
					 "stack of one of them at that place."), opts->width, out);
}

int text_holds(const struct model *m, bool asked, const struct render_opts *opts, FILE *out)
{
	struct render_opts o = *opts;
	struct view v;
	int err;

	if (!model_nr_holds(m)) {
		if (asked)
			put_none(m, out);
		return 0;
	}
	o.view = parts_hold_view(&opts->view);
	err = view_build(m, &o.view, &v);
	if (err)
		return err;
	put_sums(m, &v, out);
	if (v.nr)
		err = text_view(m, &o, &v, out);
	if (v.nr && !err)
		err = put_note(&o, out);
	view_done(&v);
	return err;
}
