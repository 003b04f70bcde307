// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of formats.
 */
#include "render.h"

#include <string.h>

#include "formats.h"

static const struct renderer renderers[] = {
	{ "text", "tables for people (default)", text_report, text_interval,
	  text_finding_event, text_expect_event },
	{ "json", "one JSON document; see report --schema", json_report, json_interval,
	  json_finding_event, json_expect_event },
	{ "csv", "one table for spreadsheets", csv_report, NULL, NULL, NULL },
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
