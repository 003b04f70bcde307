// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: watched functions, with the locks held when they were entered
 * and those taken inside of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "parts.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"

static int put_locks(const struct model *m, const struct model_watch *w, const char *title,
		     const struct finding_lock *l, unsigned int nr, unsigned int width, FILE *out)
{
	unsigned int i;
	char *at;
	int err = 0;

	if (!nr) {
		fprintf(out, "  %s: none\n", title);
		return 0;
	}
	fprintf(out, "  %s:\n", title);
	for (i = 0; i < nr && !err; i++) {
		err = parts_site(m, w->source, l[i].site, LK_STACK_NONE, &at);
		if (!err)
			err = text_lock_line("    ", &l[i], at, width, out);
		free(at);
	}
	return err;
}

/* "12 calls, 1.20 ms inside, longest 300 us" */
static void put_calls(const struct model_watch *w, FILE *out)
{
	char buf[FMT_LEN];

	fprintf(out, ":\n  %s call%s", fmt_group(w->calls, buf), w->calls == 1 ? "" : "s");
	if (w->returned) {
		fprintf(out, ", %s inside", fmt_ns(w->total_ns, buf));
		fprintf(out, ", longest %s", fmt_ns(w->max_ns, buf));
	}
	if (w->returned < w->calls)
		fprintf(out, ", %s not returned", fmt_group(w->calls - w->returned, buf));
	fputc('\n', out);
}

static int put_watch(const struct model *m, const struct model_watch *w, unsigned int width, FILE *out)
{
	int err = 0;

	fputc('\n', out);
	sanitize_put_text(out, w->function);
	if (w->symbol[0] && strcmp(w->symbol, w->function)) {
		fputs(" (", out);
		sanitize_put_text(out, w->symbol);
		fputc(')', out);
	}
	if (model_nr_sources(m) > 1) {
		fputs(" on ", out);
		sanitize_put_text(out, model_source(m, w->source)->host);
	}
	if (w->state == LK_STATE_FULL || w->calls)
		put_calls(w, out);
	else
		fputs(":\n  not hooked\n", out);
	if (w->reason[0])
		err = text_paragraph("  ", strdup(w->reason), width, out);
	if (!err && w->calls)
		err = put_locks(m, w, "held on entry", w->held, w->nr_held, width, out);
	if (!err && w->calls)
		err = put_locks(m, w, "acquired inside", w->inside, w->nr_inside, width, out);
	return err;
}

int text_watch(const struct model *m, const struct render_opts *opts, FILE *out)
{
	unsigned int i;
	int err = 0;

	if (!model_nr_watch(m)) {
		fputs("\nNo function was watched.\n", out);
		return 0;
	}
	for (i = 0; i < model_nr_watch(m) && !err; i++)
		err = put_watch(m, model_watch(m, i), opts->width, out);
	return err;
}
