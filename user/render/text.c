// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text, for a person at a terminal of 80 columns: who was traced, the
 * sections, and always as the last line whether something is missing.
 */
#include <errno.h>
#include <inttypes.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "formats.h"
#include "parts.h"
#include "text.h"
#include "text_expect.h"
#include "text_finding.h"

#define SECTIONS (RENDER_FINDINGS | RENDER_CONTENTION | RENDER_HOLDS | RENDER_COVERAGE | \
		  RENDER_LOSS)	/* unless told */

/* "dmesg.txt: kernel log, Linux 6.12.0" */
static void put_text(const struct model_source *s, FILE *out)
{
	sanitize_put_text(out, s->cmdline);
	fputs(": ", out);
	sanitize_put_text(out, s->tool);
	if (s->kernel[0]) {
		fputs(", Linux ", out);
		sanitize_put_text(out, s->kernel);
	}
	fputc('\n', out);
}

/* "web1, Linux 6.12.0 x86_64, 8 CPUs: 10.0 s"; the host and so on are left out where not known. */
static void put_source(const struct model_source *s, FILE *out)
{
	char buf[FMT_LEN];

	if (s->flags & LK_META_IMPORTED) {
		put_text(s, out);
		return;
	}
	sanitize_put_text(out, s->host[0] ? s->host : "unknown host");
	if (s->kernel[0]) {
		fputs(", Linux ", out);
		sanitize_put_text(out, s->kernel);
	}
	if (s->arch[0]) {
		fputc(' ', out);
		sanitize_put_text(out, s->arch);
	}
	if (s->nr_cpus)
		fprintf(out, ", %" PRIu32 " CPU%s", s->nr_cpus, s->nr_cpus == 1 ? "" : "s");
	fprintf(out, ": %s", fmt_ns(s->end_ns - s->start_ns, buf));
	if (!s->ended)
		fputs(" or more", out);
	if (s->filter[0]) {
		fputs(", only ", out);
		sanitize_put_text(out, s->filter);
	}
	fputc('\n', out);
}

void text_head(const struct model *m, FILE *out)
{
	unsigned int i, nr = model_nr_sources(m);
	char buf[FMT_LEN];

	if (!nr)
		fputs("No trace: the input names no source.\n", out);
	if (nr > 1 && model_duration_ns(m))
		fprintf(out, "%u traces, %s together:\n", nr, fmt_ns(model_duration_ns(m), buf));
	else if (nr > 1)
		fprintf(out, "%u texts:\n", nr);
	for (i = 0; i < nr; i++) {
		fputs(nr > 1 ? "  " : "", out);
		put_source(model_source(m, i), out);
	}
}

/* Texts of others that say nothing about waits: reports, or lists of classes, which have no times. */
static bool only_reports(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_sources(m); i++) {
		if (!(model_source(m, i)->flags & LK_META_IMPORTED))
			return false;
	}
	return model_nr_sources(m) && !model_nr_rows(m) && !model_nr_waiting(m) &&
	       (model_nr_findings(m) || (model_nr_classes(m) && !model_duration_ns(m)));
}

int text_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	bool asked = opts->sections != 0;
	unsigned int sections = parts_sections(opts, SECTIONS);
	int err = 0;

	text_head(m, out);
	if (sections & RENDER_FINDINGS)
		err = text_findings(m, opts, asked, out);
	if (!err && sections & RENDER_FINDINGS)
		err = text_suppressed(m, opts, out);
	if (!err)
		err = text_expect(m, opts, out);
	if (!err && sections & RENDER_CONTENTION && (asked || !only_reports(m))) {
		if ((sections & RENDER_FINDINGS && model_nr_findings(m)) || opts->expect)
			fputc('\n', out);
		err = text_contention(m, opts, out);
		if (!err)
			err = text_waiting(m, opts, out);
	}
	if (!err && sections & RENDER_HOLDS)
		err = text_holds(m, asked && sections != RENDER_ALL, opts, out);
	if (!err && sections & RENDER_ORDER)
		err = text_order(m, opts, out);
	if (!err && sections & RENDER_WATCH)
		err = text_watch(m, opts, out);
	if (err)
		return err;
	if (sections & RENDER_COVERAGE && (asked || opts->verbose))
		err = text_coverage(m, opts, out);
	else if (sections & RENDER_COVERAGE)
		err = text_coverage_hint(m, opts, out);
	if (!err && sections & RENDER_LOSS)
		err = text_loss(m, asked || opts->verbose, opts, out);
	if (err)
		return err;
	fputc('\n', out);
	text_completeness(m, out);
	return parts_flush(out);
}
