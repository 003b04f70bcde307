// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format html: one page that needs nothing else, neither network nor server. Its
 * fixed parts are files of html/, embedded by page.c; the report goes into it
 * twice: as JSON, which the script of the page shows, and as text, for readers
 * without scripts and for mails. The JSON is that of the format json, but for
 * stacks (json_stacks.h), "words": what each finding is called and says in a few
 * sentences, and "hist": the pairs [from this many ns, waits] of all waits. The page runs no script and no style but its own: their digests are in
 * its policy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "formats.h"
#include "json_parts.h"
#include "json_stacks.h"
#include "page.h"
#include "page_digest.h"
#include "parts.h"
#include "parts_finding.h"
#include "text_finding.h"
#include "text_words.h"

#define TEXT_WIDTH	80
#define TEXT_ENTRIES	20	/* rows of the text, unless the user asked for a number */
#define TEXT_SECTIONS	(RENDER_FINDINGS | RENDER_CONTENTION | RENDER_WATCH | RENDER_COVERAGE | RENDER_LOSS | \
			 RENDER_HOLDS)

static int put_hist(struct jsonw *w, const struct model *m, const struct view_opts *opts, bool wanted)
{
	struct hist_sum sum;
	uint32_t i;
	int err;

	hist_sum_init(&sum);
	err = wanted ? view_hist(m, opts, &sum) : 0;
	if (err)
		return err;
	jsonw_key_array(w, "hist", false);
	for (i = sum.lo; i < sum.hi; i++) {
		if (!sum.n[i])
			continue;
		jsonw_array(w, false);
		jsonw_u64(w, lk_hist_lower(i));
		jsonw_u64(w, sum.n[i]);
		jsonw_end(w);
	}
	jsonw_end(w);
	return 0;
}

/* As many and in the same order as "findings". */
static int put_words(struct jsonw *w, const struct model *m, const struct view_opts *opts, bool wanted)
{
	struct parts_findings list = { 0 };
	unsigned int i;
	int err = wanted ? parts_findings_init(m, &opts->filter, &list) : 0;

	if (err)
		return err;
	jsonw_key_array(w, "words", false);
	for (i = 0; i < list.nr && !err; i++) {
		const struct finding *f = list.v[i];
		char *summary = f->report ? text_imported_summary(f) : text_words_summary(m, f);

		jsonw_object(w, false);
		jsonw_key_str(w, "title", f->report ? f->report->title : parts_finding_title(f->kind));
		jsonw_key_str(w, "summary", summary);
		jsonw_end(w);
		err = summary ? 0 : -ENOMEM;
		free(summary);
	}
	jsonw_end(w);
	parts_findings_done(&list);
	return err;
}

static int put_json(const struct model *m, const struct render_opts *opts, FILE *out)
{
	unsigned int sections = parts_sections(opts, RENDER_ALL);
	struct json_stacks stacks;
	struct jsonw w;
	int err = json_stacks_init(&stacks);

	jsonw_init(&w, out);
	w.dense = w.in_html = true;
	w.stacks = &stacks;
	jsonw_object(&w, false);
	jsonw_key_str(&w, "schema", "lockscope.page/1");
	if (!err)
		err = json_body(&w, m, opts);
	if (!err)
		err = put_words(&w, m, &opts->view, sections & RENDER_FINDINGS);
	if (!err)
		err = put_hist(&w, m, &opts->view, sections & RENDER_CONTENTION);
	if (!err) {
		json_stacks_put(&w, &stacks);
		jsonw_end(&w);
		err = jsonw_finish(&w);
	}
	json_stacks_done(&stacks);
	return err;
}

/* The text of the same report; the order of locks, which can be long, is in the JSON only. */
static int put_text(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct render_opts text_opts = *opts;
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	int err;

	if (!mem)
		return -ENOMEM;
	text_opts.width = TEXT_WIDTH;
	text_opts.findings_told = false;
	if (!text_opts.view.entries)
		text_opts.view.entries = TEXT_ENTRIES;
	if (opts->sections) {
		text_opts.sections &= TEXT_SECTIONS;
		text_opts.sections = text_opts.sections ? text_opts.sections : RENDER_FINDINGS;
	}
	err = text_report(m, &text_opts, mem);
	if (fclose(mem))
		err = err ? err : -ENOMEM;
	if (!err)
		sanitize_put_html(out, text, true);
	free(text);
	return err;
}

static int put_title(const struct model *m, const struct render_opts *opts, FILE *out)
{
	const char *host = parts_common(m, offsetof(struct model_source, host));

	(void)opts;
	fputs("lockscope report", out);
	if (host && *host) {
		fputs(": ", out);
		sanitize_put_html(out, host, false);
	}
	return 0;
}

static int put_style(const struct model *m, const struct render_opts *opts, FILE *out)
{
	(void)m, (void)opts;
	fputs(page_css, out);
	return 0;
}

static int put_script(const struct model *m, const struct render_opts *opts, FILE *out)
{
	(void)m, (void)opts;
	fputs(page_js, out);
	return 0;
}

static int put_policy(const struct model *m, const struct render_opts *opts, FILE *out)
{
	(void)m, (void)opts;
	fputs("default-src 'none'; base-uri 'none'; form-action 'none'; "
	      "style-src '" PAGE_STYLE_DIGEST "'; script-src '" PAGE_SCRIPT_DIGEST "'", out);
	return 0;
}

/* What stands where the page has @@NAME@@. */
static const struct part {
	const char *name;
	int (*put)(const struct model *m, const struct render_opts *opts, FILE *out);
} parts[] = {
	{ "@@POLICY@@", put_policy }, { "@@TITLE@@", put_title }, { "@@STYLE@@", put_style },
	{ "@@TEXT@@", put_text }, { "@@JSON@@", put_json }, { "@@SCRIPT@@", put_script },
};

static const struct part *part_at(const char *p)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!strncmp(p, parts[i].name, strlen(parts[i].name)))
			return &parts[i];
	}
	return NULL;
}

int html_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	const char *p = page_html, *next;
	const struct part *part;
	int err = 0;

	while ((next = strstr(p, "@@")) && !err) {
		(void)fwrite(p, 1, (size_t)(next - p), out);	/* parts_flush() tells of errors */
		part = part_at(next);
		if (!part)
			return -EINVAL;
		err = part->put(m, opts, out);
		p = next + strlen(part->name);
	}
	if (err)
		return err;
	fputs(p, out);
	return parts_flush(out);
}
