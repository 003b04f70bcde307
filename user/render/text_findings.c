// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: the section on findings, findings in one line, and the pieces
 * that text_finding.c, text_imported.c and text_scenario.c share.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "formats.h"
#include "parts.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"
#include "text_words.h"

#define RULE_COLUMNS	72

/* --- pieces ----------------------------------------------------------------------------- */

/* asprintf()'s result made safe. */
static char *safe(int n, char *text)
{
	char *s = n < 0 ? NULL : text_safe(text);

	if (n >= 0)
		free(text);
	return s;
}

char *text_lock(const struct finding_lock *l)
{
	bool mode = parts_shows_mode(l);
	char *text = NULL;
	int n = asprintf(&text, "(%s) %s%s%s%s", l->name, l->type, mode ? " " : "",
			 mode ? l->mode : "", l->trylock ? ", by trylock" : "");

	return safe(n, text);
}

char *text_finding_task(const struct finding_task *t)
{
	char *text = NULL;
	int n = asprintf(&text, "%s/%" PRIu32, t->comm, t->tid);

	return safe(n, text);
}

int text_lock_line(const char *prefix, const struct finding_lock *l, const char *at,
		   unsigned int width, FILE *out)
{
	char *lock = text_lock(l), *where = at ? text_safe(at) : NULL, addr[24] = "";
	unsigned int columns;

	if (!lock || (at && !where)) {
		free(lock);
		free(where);
		return -ENOMEM;
	}
	if (l->addr)
		snprintf(addr, sizeof(addr), "%016" PRIx64 " ", l->addr);
	fprintf(out, "%s%s%s", prefix, addr, lock);
	if (where) {
		columns = (unsigned int)strlen(prefix) + (unsigned int)strlen(addr) +
			  fmt_columns(lock) + 6 + fmt_columns(where);
		if (width && columns > width)
			fprintf(out, ",\n%*sat: %s", (int)strlen(prefix) + 2, "", where);
		else
			fprintf(out, ", at: %s", where);
	}
	fputc('\n', out);
	free(lock);
	free(where);
	return 0;
}

int text_paragraph(const char *mark, char *text, unsigned int width, FILE *out)
{
	unsigned int indent = (unsigned int)strlen(mark);

	char *s = text ? text_safe(text) : NULL;

	free(text);
	if (!s)
		return -ENOMEM;
	fputs(mark, out);
	fmt_put_wrapped(out, s, indent, indent, width);
	fputc('\n', out);
	free(s);
	return 0;
}

void text_kernel_time(uint64_t ns, FILE *out)
{
	fprintf(out, "[%5" PRIu64 ".%06" PRIu64 "]", ns / 1000000000, ns % 1000000000 / 1000);
}

void text_rule(unsigned int width, char mark, FILE *out)
{
	unsigned int i, n = width && width < RULE_COLUMNS ? width : RULE_COLUMNS;

	for (i = 0; i < n; i++)
		fputc(mark, out);
	fputc('\n', out);
}

/* --- one line --------------------------------------------------------------------------- */

int text_finding_line(const struct finding *f, bool again, FILE *out)
{
	char *tasks = text_words_tasks(f, 3), *s = tasks ? text_safe(tasks) : NULL, buf[FMT_LEN];

	free(tasks);
	if (!s)
		return -ENOMEM;
	fprintf(out, "%s %s%s, %s, seen %s", f->id, again ? "is now " : "",
		finding_severity_str(f->severity), finding_kind_str(f->kind),
		f->count > 1 ? fmt_count(f->count, buf) : "once");
	fprintf(out, "%s, by %s\n", f->count > 1 ? " times" : "", s);
	free(s);
	return 0;
}

/* --- the section ------------------------------------------------------------------------ */

static unsigned int put_withheld_part(uint64_t n, const char *what, unsigned int before, FILE *mem)
{
	char buf[FMT_LEN];

	if (!n)
		return before;
	fprintf(mem, "%s%s %s", before ? ", " : " Not reported: ", fmt_group(n, buf), what);
	return before + 1;
}

/* What was looked at, and which circles were left out because they cannot, or hardly, happen. */
static int put_none(const struct model *m, unsigned int filtered, const struct render_opts *opts,
		    FILE *out)
{
	const char *other = parts_nr_suppressed(m, opts->view.filter.suppress) ? "other " : "";
	struct finding_withheld w = model_withheld(m);
	unsigned int i, n, classes = 0, orders = 0;
	char *text = NULL, buf[FMT_LEN], buf2[FMT_LEN];
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	for (i = 0; i < model_nr_classes(m); i++)
		classes += model_class(m, i).merged_into == i;
	for (i = 0; i < model_nr_edges(m); i++)
		orders += model_edge(m, i).dep && model_edge(m, i).from != model_edge(m, i).to;
	if (filtered)
		fprintf(mem, "None of the %u finding%s passes the filter.", filtered,
			filtered == 1 ? "" : "s");
	else
		fprintf(mem, "No %slock order inversions among %s class%s, %s order%s.", other,
			fmt_group(classes, buf), classes == 1 ? "" : "es", fmt_group(orders, buf2),
			orders == 1 ? "" : "s");
	n = put_withheld_part(w.guarded, "that another lock always guarded", 0, mem);
	n = put_withheld_part(w.single_task, "that one task alone made", n, mem);
	n = put_withheld_part(w.weak, "of locks that could not be told apart well enough", n, mem);
	if (n)
		fputc('.', mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	return text_paragraph("", text, opts->width, out);
}

static void put_title(const struct parts_findings *list, bool told, FILE *out)
{
	unsigned int i, n, parts = 0;
	int severity;

	fprintf(out, "%u finding%s", list->nr, list->nr == 1 ? "" : "s");
	for (severity = FINDING_DEADLOCK; severity >= FINDING_POSSIBLE; severity--) {
		for (i = n = 0; i < list->nr; i++)
			n += list->v[i]->severity == (enum finding_severity)severity;
		if (n)
			fprintf(out, "%s%u %s", parts++ ? ", " : ": ", n,
				finding_severity_str((enum finding_severity)severity));
	}
	fputs(told ? ", told in full above:\n" : "\n", out);
}

/* Its line, and its locks. */
static int put_short(const struct finding *f, unsigned int width, FILE *out)
{
	int err;

	fputs("  ", out);
	err = text_finding_line(f, false, out);
	return err ? err : text_paragraph("      ", text_words_locks(f), width, out);
}

static int put_list(const struct model *m, const struct render_opts *opts,
		    const struct parts_findings *list, FILE *out)
{
	unsigned int i, nr = list->nr;
	int err = 0;

	if (opts->view.entries && nr > opts->view.entries)
		nr = opts->view.entries;
	put_title(list, opts->findings_told, out);
	for (i = 0; i < nr && !err; i++) {
		if (opts->findings_told)
			err = put_short(list->v[i], opts->width, out);
		else
			err = text_finding(m, list->v[i], opts->width, out);
	}
	if (!err && nr < list->nr)
		fprintf(out, "\n%u more finding%s: -E 0 shows all\n", list->nr - nr,
			list->nr - nr == 1 ? "" : "s");
	return err;
}

int text_findings(const struct model *m, const struct render_opts *opts, bool asked, FILE *out)
{
	struct parts_findings list;
	int err;

	if (!parts_order_traced(m)) {
		if (asked)
			fputs("No findings: the order of locks was not traced (--view coverage says "
			      "why).\n", out);
		return 0;
	}
	err = parts_findings_init(m, &opts->view.filter, &list);
	if (err)
		return err;
	if (list.nr)
		err = put_list(m, opts, &list, out);
	else
		err = put_none(m, model_nr_findings(m) -
				  parts_nr_suppressed(m, opts->view.filter.suppress), opts, out);
	parts_findings_done(&list);
	return err;
}

int text_finding_event(const struct model *m, unsigned int i, bool again,
		       const struct render_opts *opts, FILE *out)
{
	const struct finding *f = model_finding(m, i);
	int err;

	if (!again) {
		err = text_finding(m, f, opts->width, out);
		fputc('\n', out);
	} else {
		err = text_finding_line(f, true, out);
	}
	return err ? err : parts_flush(out);
}
