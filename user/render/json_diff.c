// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: a comparison, as a document of its own (lockscope.diff/1), and what was
 * suppressed. Keys as in report.schema.json.
 */
#include <stddef.h>
#include <string.h>

#include "../core/suppress.h"
#include "diff.h"
#include "json_parts.h"
#include "parts.h"
#include "parts_finding.h"

/* --- suppressions --------------------------------------------------------------------------- */

static void key_until(struct jsonw *w, const struct suppress_entry *e)
{
	char day[SUPPRESS_DATE_LEN];

	jsonw_key_str(w, "until", e->until ? suppress_date(e->until, day) : NULL);
}

void json_suppressed(struct jsonw *w, const struct model *m, const struct suppress *s)
{
	unsigned int i;

	if (!s)
		return;
	jsonw_key_array(w, "suppressed", true);
	for (i = 0; i < model_nr_findings(m); i++) {
		const struct finding *f = model_finding(m, i);
		const struct suppress_entry *e = suppress_find(s, f);

		if (!e)
			continue;
		jsonw_object(w, false);
		jsonw_key_str(w, "id", f->id);
		jsonw_key_str(w, "reason", e->reason);
		key_until(w, e);
		jsonw_key_str(w, "kind", finding_kind_str(f->kind));
		jsonw_key_str(w, "severity", finding_severity_str(f->severity));
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_key_array(w, "suppressions_expired", true);
	for (i = 0; i < suppress_nr(s); i++) {
		const struct suppress_entry *e = suppress_entry(s, i);

		if (!e->expired)
			continue;
		jsonw_object(w, false);
		jsonw_key_str(w, "id", e->id);
		jsonw_key_str(w, "reason", e->reason);
		key_until(w, e);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* --- head ----------------------------------------------------------------------------------- */

static void put_side(struct jsonw *w, const char *key, const struct diff_side *side)
{
	static const char *const tiers[] = {
		[DIFF_CONTENTION] = "contention", [DIFF_ORDER] = "order", [DIFF_LOCKDEP] = "lockdep",
		[DIFF_KERNEL] = "kernel",
	};
	unsigned int i;

	jsonw_key(w, key);
	jsonw_object(w, false);
	jsonw_key_u64(w, "duration_ns", side->duration_ns);
	jsonw_key_bool(w, "complete", model_complete(side->m));
	jsonw_key_array(w, "tiers", false);
	for (i = 0; i < DIFF_TIERS; i++)
		if (side->traced[i])
			jsonw_str(w, tiers[i]);
	jsonw_end(w);
	jsonw_key_array(w, "gaps", false);
	for (i = 0; i < model_nr_gaps(side->m); i++)
		jsonw_str(w, model_gap(side->m, i));
	jsonw_end(w);
	json_sources(w, side->m);
	jsonw_end(w);
}

static void put_state(struct jsonw *w, enum diff_state state, unsigned int doubt)
{
	unsigned int i;

	jsonw_key_str(w, "state", diff_state_str(state));
	jsonw_key_array(w, "doubt", false);
	for (i = 0; diff_doubt_str(i); i++)
		if (doubt >> i & 1)
			jsonw_str(w, diff_doubt_str(i));
	jsonw_end(w);
}

static const char *tier_str(uint32_t tier)
{
	return tier == LK_TIER_LOCKDEP ? "lockdep" : "order";
}

/* --- findings and order ---------------------------------------------------------------------- */

static void put_severity(struct jsonw *w, const char *key, const struct finding *f)
{
	jsonw_key_str(w, key, f ? finding_severity_str(f->severity) : NULL);
}

static void put_finding(struct jsonw *w, const struct diff_finding *e)
{
	const struct finding *now = e->f[DIFF_NOW], *before = e->f[DIFF_BEFORE], *f = now ? now : before;
	unsigned int i;

	jsonw_object(w, false);
	put_state(w, e->state, e->doubt);
	jsonw_key_str(w, "id", f->id);
	jsonw_key_str(w, "kind", finding_kind_str(f->kind));
	put_severity(w, "severity", now);
	put_severity(w, "severity_before", before);
	jsonw_key_u32(w, "confidence", f->confidence);
	jsonw_key_array(w, "locks", false);
	for (i = 0; i < f->nr_links; i++)
		jsonw_str(w, f->link[i].taken.name ? f->link[i].taken.name : "");
	jsonw_end(w);
	jsonw_end(w);
}

static void put_class(struct jsonw *w, const struct diff_class *e)
{
	jsonw_object(w, false);
	put_state(w, e->state, e->doubt);
	jsonw_key_str(w, "name", e->name);
	jsonw_key_str(w, "tier", tier_str(e->tier));
	jsonw_key_str(w, "type", e->type);
	jsonw_end(w);
}

static void put_edge(struct jsonw *w, const struct diff_edge *e)
{
	jsonw_object(w, false);
	put_state(w, e->state, e->doubt);
	jsonw_key_str(w, "from", e->from);
	jsonw_key_str(w, "to", e->to);
	jsonw_key_str(w, "tier", tier_str(e->tier));
	json_kinds(w, "kinds", e->in[DIFF_NOW].dep, e->in[DIFF_NOW].completion,
		   e->in[DIFF_NOW].listed);
	json_kinds(w, "kinds_before", e->in[DIFF_BEFORE].dep, e->in[DIFF_BEFORE].completion,
		   e->in[DIFF_BEFORE].listed);
	jsonw_end(w);
}

static void put_lists(struct jsonw *w, const struct diff *d, unsigned int sections)
{
	unsigned int i;

	jsonw_key_array(w, "findings", true);
	for (i = 0; sections & RENDER_FINDINGS && i < d->nr_findings; i++)
		put_finding(w, &d->finding[i]);
	jsonw_end(w);
	jsonw_key_array(w, "classes", true);
	for (i = 0; sections & RENDER_ORDER && i < d->nr_classes; i++)
		put_class(w, &d->class[i]);
	jsonw_end(w);
	jsonw_key_array(w, "edges", true);
	for (i = 0; sections & RENDER_ORDER && i < d->nr_edges; i++)
		put_edge(w, &d->edge[i]);
	jsonw_end(w);
}

/* --- waits ---------------------------------------------------------------------------------- */

static void put_figures(struct jsonw *w, const char *key, const struct view_row *r)
{
	jsonw_key(w, key);
	if (!r) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w, false);
	jsonw_key_u64(w, "count", r->count);
	jsonw_key_u64(w, "total_ns", r->total_ns);
	jsonw_key_u64(w, "avg_ns", parts_avg_ns(r));
	jsonw_key_u64(w, "max_ns", r->max_ns);
	jsonw_key_u64(w, "p50_ns", r->p50_ns);
	jsonw_key_u64(w, "p95_ns", r->p95_ns);
	jsonw_key_u64(w, "p99_ns", r->p99_ns);
	jsonw_end(w);
}

static void put_test(struct jsonw *w, const char *key, const struct diff_test *t, const char *more,
		     const char *less)
{
	jsonw_key(w, key);
	jsonw_object(w, false);
	jsonw_key_str(w, "verdict", !t->done ? "untested" : t->verdict > 0 ? more :
		      t->verdict < 0 ? less : "no-difference");
	jsonw_key_u32(w, "confidence_ppm", parts_test_ppm(t));
	jsonw_end(w);
}

static void put_wait(struct jsonw *w, const struct diff *d, const struct diff_wait *e)
{
	const struct view_row *r = e->row[DIFF_NOW] ? e->row[DIFF_NOW] : e->row[DIFF_BEFORE];

	jsonw_object(w, false);
	jsonw_key_str(w, "lock", diff_wait_text(d, e, VIEW_LOCK));
	jsonw_key_str(w, "type", diff_wait_text(d, e, VIEW_TYPE));
	jsonw_key_str(w, "caller", diff_wait_text(d, e, VIEW_CALLER));
	jsonw_key_str(w, "caller_module", d->dims & VIEW_CALLER ? r->caller_module : NULL);
	jsonw_key_str(w, "cgroup", diff_wait_text(d, e, VIEW_CGROUP));
	jsonw_key_str(w, "context", diff_wait_text(d, e, VIEW_CTX));
	jsonw_key_str(w, "verdict", parts_diff_length(e));
	put_test(w, "length", &e->length, "longer", "shorter");
	jsonw_key_u32(w, "longer_ppm", (uint32_t)(e->length.effect * 1e6 + 0.5));
	put_test(w, "tail", &e->tail, "longer", "shorter");
	put_test(w, "rate", &e->rate, "more", "fewer");
	put_figures(w, "now", e->row[DIFF_NOW]);
	put_figures(w, "before", e->row[DIFF_BEFORE]);
	jsonw_end(w);
}

static void put_waits(struct jsonw *w, const struct diff *d, const struct render_opts *opts,
		      bool wanted)
{
	unsigned int i, nr = wanted ? d->nr_waits : 0;

	if (opts->view.entries && nr > opts->view.entries)
		nr = opts->view.entries;
	jsonw_key_array(w, "contention", true);
	for (i = 0; i < nr; i++)
		put_wait(w, d, &d->wait[i]);
	jsonw_end(w);
}

/* --- all ------------------------------------------------------------------------------------ */

static void put_summary(struct jsonw *w, const struct diff *d)
{
	jsonw_key_bool(w, "different", diff_any(d));
	jsonw_key_u32(w, "new_findings", diff_nr_new_findings(d));
	jsonw_key(w, "same");
	jsonw_object(w, false);
	jsonw_key_u32(w, "findings", d->same_findings);
	jsonw_key_u32(w, "classes", d->same_classes);
	jsonw_key_u32(w, "edges", d->same_edges);
	jsonw_end(w);
	jsonw_key(w, "not_compared");
	jsonw_object(w, false);
	jsonw_key_bool(w, "contention", !d->waits_compared);
	jsonw_key_u32(w, "order", d->skipped[DIFF_ORDER]);
	jsonw_key_u32(w, "lockdep", d->skipped[DIFF_LOCKDEP]);
	jsonw_end(w);
	jsonw_key(w, "contention_total");
	jsonw_object(w, false);
	jsonw_key_u32(w, "rows", d->nr_waits);
	jsonw_key_u32(w, "rows_differ", d->nr_verdicts);
	jsonw_key_u32(w, "rows_rare", d->nr_rare);
	jsonw_key_u32(w, "level_ppm", (uint32_t)(DIFF_LEVEL * 1e6));
	jsonw_end(w);
}

int json_diff(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	unsigned int sections = parts_diff_sections(opts);
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, true);
	jsonw_key_str(&w, "schema", "lockscope.diff/1");
	put_side(&w, "now", &d->side[DIFF_NOW]);
	put_side(&w, "before", &d->side[DIFF_BEFORE]);
	jsonw_key_bool(&w, "complete", model_complete(d->side[DIFF_NOW].m) &&
				       model_complete(d->side[DIFF_BEFORE].m));
	put_summary(&w, d);
	put_lists(&w, d, sections);
	put_waits(&w, d, opts, sections & RENDER_CONTENTION);
	json_suppressed(&w, d->side[DIFF_NOW].m, opts->view.filter.suppress);
	jsonw_end(&w);
	return jsonw_finish(&w);
}
