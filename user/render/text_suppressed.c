// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: findings that were suppressed, suppressions that have expired, and
 * (verbose) those that nothing matched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/sanitize.h"
#include "../core/suppress.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"

/* "  c-0123abcd possible circular, until 2030-12-31: reason" */
static int put_entry(const struct suppress_entry *e, const struct finding *f, unsigned int width,
		     FILE *out)
{
	char day[SUPPRESS_DATE_LEN], *text;

	if (asprintf(&text, "%s%s%s%s%s%s%s: %s", e->id, f ? " " : "",
		     f ? finding_severity_str(f->severity) : "", f ? " " : "",
		     f ? finding_kind_str(f->kind) : "", e->until ? ", until " : "",
		     e->until ? suppress_date(e->until, day) : "", e->reason) < 0)
		text = NULL;
	return text_paragraph("  ", text, width, out);
}

static void put_title(unsigned int nr, const char *what, const char *verb, const char *file, FILE *out)
{
	fprintf(out, "\n%u %s%s %s ", nr, what, nr == 1 ? "" : "s", verb);
	sanitize_put_text(out, file);
	fputs(":\n", out);
}

static bool suppresses(const struct suppress *s, const struct finding *f,
		       const struct suppress_entry *e)
{
	return suppress_find(s, f) == e;
}

static unsigned int nr_hits(const struct model *m, const struct suppress *s,
			    const struct suppress_entry *e)
{
	unsigned int i, n = 0;

	for (i = 0; i < model_nr_findings(m); i++)
		n += suppresses(s, model_finding(m, i), e);
	return n;
}

static int put_suppressed(const struct model *m, const struct suppress *s, unsigned int width,
			  FILE *out)
{
	unsigned int i, nr = parts_nr_suppressed(m, s);
	const char *file = NULL;
	int err = 0;

	for (i = 0; i < model_nr_findings(m) && nr && !err; i++) {
		const struct finding *f = model_finding(m, i);
		const struct suppress_entry *e = suppress_find(s, f);

		if (!e)
			continue;
		if (!file)
			put_title(nr, "finding", "suppressed by", suppress_nr_files(s) > 1 ?
				  "the files of --suppress" : e->file, out);
		file = e->file;
		err = put_entry(e, f, width, out);
	}
	return err;
}

/* Entries that have expired, or those that are good and met nothing. */
static int put_rest(const struct model *m, const struct suppress *s, bool expired, unsigned int width,
		    FILE *out)
{
	unsigned int i, nr = 0;
	int err = 0;

	for (i = 0; i < suppress_nr(s) && !err; i++) {
		const struct suppress_entry *e = suppress_entry(s, i);

		if (e->expired != expired || (!expired && nr_hits(m, s, e)))
			continue;
		if (!nr++)
			fputs(expired ? "\nSuppressions that have expired, and do not count any more:\n" :
					"\nSuppressions that matched nothing:\n", out);
		err = put_entry(e, NULL, width, out);
	}
	return err;
}

int text_suppressed(const struct model *m, const struct render_opts *opts, FILE *out)
{
	const struct suppress *s = opts->view.filter.suppress;
	int err;

	if (!suppress_nr(s))
		return 0;
	err = put_suppressed(m, s, opts->width, out);
	if (!err)
		err = put_rest(m, s, true, opts->width, out);
	if (!err && opts->verbose)
		err = put_rest(m, s, false, opts->width, out);
	return err;
}
