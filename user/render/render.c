// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of formats.
 */
#include "render.h"

#include <string.h>

#include "formats.h"

static const struct renderer renderers[] = {
	{ "text", "tables for people (default)", RENDER_ALL, .report = text_report,
	  .interval = text_interval, .finding = text_finding_event, .expected = text_expect_event },
	{ "json", "one JSON document; see report --schema", RENDER_ALL, .report = json_report,
	  .interval = json_interval, .finding = json_finding_event, .expected = json_expect_event },
	{ "csv", "one table for spreadsheets", RENDER_ALL, .report = csv_report },
	{ "dot", "the order of locks as a graph, for graphviz", RENDER_FINDINGS | RENDER_ORDER,
	  .report = dot_report },
	{ "folded", "wait time by stack, for flame graphs; or hold time",
	  RENDER_CONTENTION | RENDER_HOLDS, .report = folded_report },
	{ "html", "one page with everything in it, to be sent and opened anywhere", RENDER_ALL,
	  .report = html_report },
	{ "perfetto", "single waits on a time line, for ui.perfetto.dev",
	  RENDER_FINDINGS | RENDER_CONTENTION | RENDER_ORDER | RENDER_HOLDS, PERFETTO_WAITS_MAX,
	  .report = perfetto_report },
};

#define NR_RENDERERS (sizeof(renderers) / sizeof(renderers[0]))

const struct renderer *renderer_nth(unsigned int i)
{
	return i < NR_RENDERERS ? &renderers[i] : NULL;
}

const struct renderer *renderer_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_RENDERERS; i++) {
		if (!strcmp(renderers[i].name, name))
			return &renderers[i];
	}
	return NULL;
}

bool render_lacks_waits(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_sources(m); i++) {
		if (!(model_source(m, i)->flags & (LK_META_WAITS | LK_META_IMPORTED)))
			return true;
	}
	return false;
}
