// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of formats.
 */
#include "render.h"

#include <string.h>

#include "formats.h"

static const struct renderer renderers[] = {
	{ "text", "tables for people (default)", .report = text_report, .interval = text_interval,
	  .finding = text_finding_event, .expected = text_expect_event },
	{ "json", "one JSON document; see report --schema", .report = json_report,
	  .interval = json_interval, .finding = json_finding_event, .expected = json_expect_event },
	{ "csv", "one table for spreadsheets", .report = csv_report },
	{ "html", "one page with everything in it, to be sent and opened anywhere",
	  .report = html_report },
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
