// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: the lock order and the watched functions.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "json_parts.h"
#include "parts.h"
#include "parts_finding.h"

static void key_class(struct jsonw *w, const char *key, const struct model *m, uint32_t class)
{
	char id[16];

	snprintf(id, sizeof(id), "c%" PRIu32, model_class(m, class).id);
	jsonw_key_str(w, key, id);
}

static void put_classes(struct jsonw *w, const struct model *m, bool wanted)
{
	unsigned int i;

	jsonw_key_array(w, "classes", true);
	for (i = 0; wanted && i < model_nr_classes(m); i++) {
		struct model_class c = model_class(m, i);

		if (c.merged_into != i)
			continue;
		jsonw_object(w, false);
		key_class(w, "id", m, i);
		jsonw_key_str(w, "name", c.name);
		jsonw_key_str(w, "type", c.type);
		jsonw_key_str(w, "named_by", c.named_by);
		jsonw_key_u32(w, "instances", c.instances);
		if (c.acquired)
			jsonw_key_u64(w, "acquired", c.acquired);
		jsonw_key_str(w, "tier", c.tier == LK_TIER_LOCKDEP ? "lockdep" : "order");
		jsonw_end(w);
	}
	jsonw_end(w);
}

void json_kinds(struct jsonw *w, const char *key, uint8_t dep, bool completion, bool listed)
{
	static const char *const names[] = { "SR", "ER", "SN", "EN" };
	unsigned int i;

	jsonw_key_array(w, key, false);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!listed && dep >> i & 1)
			jsonw_str(w, names[i]);
	}
	if (completion)
		jsonw_str(w, "completion");
	if (listed)
		jsonw_str(w, "listed");
	jsonw_end(w);
}

static int put_edges(struct jsonw *w, const struct model *m, bool nesting, bool wanted)
{
	struct parts_edges list = { 0 };
	unsigned int i;
	int err = wanted ? parts_edges_init(m, nesting, &list) : 0;

	if (err)
		return err;
	jsonw_key_array(w, nesting ? "nestings" : "edges", true);
	for (i = 0; i < list.nr && !err; i++) {
		const struct model_edge *e = &list.v[i].e;

		jsonw_object(w, false);
		if (nesting) {
			key_class(w, "class", m, e->from);
		} else {
			key_class(w, "from", m, e->from);
			key_class(w, "to", m, e->to);
		}
		json_kinds(w, "kinds", e->dep, e->completion, e->listed);
		jsonw_key_u64(w, "count", e->count);
		jsonw_key_u32(w, "tasks", e->tasks);
		jsonw_key_u64(w, "first_ns", e->first_ns);
		jsonw_key_u64(w, "last_ns", e->last_ns);
		jsonw_key_u32(w, "source", e->source);
		err = json_stack(w, m, e->source, e->stack);
		jsonw_end(w);
	}
	jsonw_end(w);
	parts_edges_done(&list);
	return err;
}

int json_order(struct jsonw *w, const struct model *m, bool wanted)
{
	int err;

	put_classes(w, m, wanted);
	err = put_edges(w, m, false, wanted);
	return err ? err : put_edges(w, m, true, wanted);
}

int json_watch(struct jsonw *w, const struct model *m, bool wanted)
{
	unsigned int i;
	int err = 0;

	jsonw_key_array(w, "watch", true);
	for (i = 0; wanted && i < model_nr_watch(m) && !err; i++) {
		const struct model_watch *f = model_watch(m, i);

		jsonw_object(w, false);
		jsonw_key_str(w, "function", f->function);
		jsonw_key_str(w, "symbol", f->symbol);
		jsonw_key_str(w, "state", parts_state_str(f->state));
		jsonw_key_str(w, "reason", f->reason);
		jsonw_key_u32(w, "source", f->source);
		jsonw_key_u64(w, "calls", f->calls);
		jsonw_key_u64(w, "returned", f->returned);
		jsonw_key_u64(w, "total_ns", f->total_ns);
		jsonw_key_u64(w, "max_ns", f->max_ns);
		err = json_locks(w, m, f->source, "held_on_entry", f->held, f->nr_held);
		if (!err)
			err = json_locks(w, m, f->source, "acquired_inside", f->inside, f->nr_inside);
		jsonw_end(w);
	}
	jsonw_end(w);
	return err;
}
