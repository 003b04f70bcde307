// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: known bugs that were looked for (--expect).
 */
#include <inttypes.h>
#include <stdio.h>

#include "formats.h"
#include "json_parts.h"
#include "parts_finding.h"

static void put_class(struct jsonw *w, uint32_t class, const struct model *m)
{
	char id[16];

	snprintf(id, sizeof(id), "c%" PRIu32, model_class(m, parts_class(m, class)).id);
	jsonw_str(w, id);
}

static void key_lock(struct jsonw *w, const char *key, const struct expect_lock *l, const struct model *m)
{
	jsonw_key(w, key);
	jsonw_object(w, false);
	jsonw_key_str(w, "name", l->name);
	jsonw_key_str(w, "today", l->today);
	jsonw_key(w, "class");
	if (l->class == UINT32_MAX)
		jsonw_null(w);
	else
		put_class(w, l->class, m);
	jsonw_end(w);
}

static void put_link(struct jsonw *w, const struct model *m, const struct expect_link *l)
{
	bool edge = l->state == EXPECT_LINK_SEEN && l->edge < model_nr_edges(m);
	unsigned int i;

	jsonw_object(w, false);
	key_lock(w, "held", l->held, m);
	key_lock(w, "taken", l->taken, m);
	jsonw_key_str(w, "state", expect_link_state_str(l->state));
	jsonw_key_u64(w, "count", edge ? model_edge(m, l->edge).count : 0);
	jsonw_key_u32(w, "tasks", edge ? model_edge(m, l->edge).tasks : 0);
	jsonw_key_array(w, "via", false);
	for (i = 0; l->state == EXPECT_LINK_INDIRECT && i < l->nr_via; i++)
		put_class(w, l->via[i], m);
	jsonw_end(w);
	jsonw_end(w);
}

/* The keys of a known bug, of the object that is open. */
static void put_bug(struct jsonw *w, const struct model *m, const struct expect_bug *b)
{
	unsigned int i;

	jsonw_key_str(w, "state", expect_state_str(b->state));
	jsonw_key_str(w, "id", b->known->id);
	jsonw_key_str(w, "kind", finding_kind_str(b->known->kind));
	jsonw_key_str(w, "title", b->title);
	jsonw_key_str(w, "file", b->file);
	jsonw_key_u32(w, "line", b->known->report ? b->known->report->line : 0);
	jsonw_key_u32(w, "links_seen", b->nr_seen);
	jsonw_key_array(w, "links", false);
	for (i = 0; i < b->nr_links; i++)
		put_link(w, m, &b->link[i]);
	jsonw_end(w);
	jsonw_key_str(w, "finding", b->found ? b->found->id : NULL);
	jsonw_key_str(w, "severity", b->found ? finding_severity_str(b->found->severity) : NULL);
	jsonw_key(w, "entered");
	if (b->watch) {
		jsonw_object(w, false);
		jsonw_key_str(w, "function", b->watch);
		jsonw_key_str(w, "held", model_class(m, b->watch_class).name);
		jsonw_end(w);
	} else {
		jsonw_null(w);
	}
}

void json_expect(struct jsonw *w, const struct model *m, const struct expect *e)
{
	unsigned int i;

	if (!e)
		return;
	jsonw_key_array(w, "expected", true);
	for (i = 0; i < expect_nr(e); i++) {
		jsonw_object(w, false);
		put_bug(w, m, expect_bug(e, i));
		jsonw_end(w);
	}
	jsonw_end(w);
}

int json_expect_event(const struct model *m, unsigned int i, const struct render_opts *opts, FILE *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, false);
	jsonw_key_str(&w, "schema", "lockscope.expected/1");
	put_bug(&w, m, expect_bug(opts->expect, i));
	jsonw_end(&w);
	return jsonw_finish(&w);
}
