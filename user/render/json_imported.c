// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: what the kernel reported, part by part.
 */
#include "json_parts.h"

static const char *const roles[] = {
	[LK_PART_ACQUIRING] = "acquiring", [LK_PART_HOLDING] = "holding", [LK_PART_OTHER] = "other",
	[LK_PART_CHAIN] = "chain", [LK_PART_HELD] = "held", [LK_PART_CLASS] = "class",
	[LK_PART_TITLE] = "title", [LK_PART_BACKTRACE] = "backtrace", [LK_PART_NOTE] = "note",
	[LK_PART_FRAME] = "note",
};

static void put_missing(struct jsonw *w, const struct finding_report *r)
{
	unsigned int i;

	jsonw_key_array(w, "missing", false);
	for (i = 0; finding_lacks_str(i); i++) {
		if (r->lacks >> i & 1)
			jsonw_str(w, finding_lacks_str(i));
	}
	jsonw_end(w);
}

/* Part @i; returns the next one, behind its frames. */
static unsigned int put_part(struct jsonw *w, const struct finding_report *r, unsigned int i)
{
	const struct lk_ev_part *p = &r->part[i++];

	jsonw_object(w, false);
	jsonw_key_str(w, "role", roles[p->role]);
	jsonw_key(w, "nr");
	if (p->role == LK_PART_CHAIN || p->role == LK_PART_HELD)
		jsonw_u32(w, p->num);
	else
		jsonw_null(w);
	jsonw_key_str(w, "text", p->text);
	jsonw_key_str(w, "usage", p->usage);
	jsonw_key_str(w, "at", p->at);
	jsonw_key_addr(w, "addr", p->addr);
	jsonw_key_array(w, "frames", false);
	for (; i < r->nr_parts && r->part[i].role == LK_PART_FRAME; i++)
		jsonw_str(w, r->part[i].text);
	jsonw_end(w);
	jsonw_end(w);
	return i;
}

void json_imported(struct jsonw *w, const struct finding_report *r)
{
	unsigned int i = 0;

	jsonw_key(w, "report");
	if (!r) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w, false);
	jsonw_key_str(w, "origin", finding_origin_str(r->origin));
	jsonw_key_str(w, "title", r->title);
	jsonw_key_str(w, "subkind", r->subkind);
	jsonw_key_str(w, "state", r->state);
	jsonw_key_str(w, "kernel", r->kernel);
	jsonw_key_str(w, "ident", r->ident);
	jsonw_key_str(w, "file", r->file);
	jsonw_key_u32(w, "line", r->line);
	jsonw_key_bool(w, "partial", r->lacks);
	put_missing(w, r);
	jsonw_key_u32(w, "skipped_lines", r->skipped);
	jsonw_key_array(w, "parts", false);
	while (i < r->nr_parts)
		i = put_part(w, r, i);
	jsonw_end(w);
	jsonw_end(w);
}
