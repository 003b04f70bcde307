// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: the whole report as one JSON document, and an interval as one
 * object on one line. The keys are a contract: report.schema.json (shipped in
 * the binary) and user/man/lockscope.json.5 describe them, and tests hold what
 * is written here against the schema.
 *
 * Numbers: whatever needs 64 bits (times in ns, counts, addresses, cgroup ids)
 * is a string of decimal digits (addresses: 0x...); ids of tasks, numbers of
 * CPUs and of instances are numbers. What is not known is null.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "../core/loss.h"
#include "formats.h"
#include "json_parts.h"
#include "json_stacks.h"
#include "jsonw.h"
#include "parts.h"
#include "shed.h"

static void key_empty_array(struct jsonw *w, const char *key)
{
	jsonw_key_array(w, key, false);
	jsonw_end(w);
}

static void key_u64_if(struct jsonw *w, const char *key, bool known, uint64_t v)
{
	jsonw_key(w, key);
	if (known)
		jsonw_u64(w, v);
	else
		jsonw_null(w);
}

static void key_u32_if(struct jsonw *w, const char *key, bool known, uint32_t v)
{
	jsonw_key(w, key);
	if (known)
		jsonw_u32(w, v);
	else
		jsonw_null(w);
}

/* --- head ------------------------------------------------------------------------------- */

static void put_source(struct jsonw *w, const struct model_source *s)
{
	jsonw_object(w, false);
	jsonw_key_str(w, "tool", s->tool);
	jsonw_key_str(w, "kernel", s->kernel);
	jsonw_key_str(w, "arch", s->arch);
	jsonw_key_str(w, "host", s->host);
	jsonw_key_str(w, "boot_id", s->boot_id);
	jsonw_key_str(w, "cmdline", s->cmdline);
	jsonw_key_str(w, "filter", s->filter);
	jsonw_key_u32(w, "cpus", s->nr_cpus);
	jsonw_key_u64(w, "start_ns", s->start_ns);
	jsonw_key_u64(w, "start_real_ns", s->start_real_ns);
	jsonw_key_u64(w, "end_ns", s->end_ns);
	jsonw_key_bool(w, "ended", s->ended);
	jsonw_end(w);
}

void json_sources(struct jsonw *w, const struct model *m)
{
	unsigned int i;

	jsonw_key_array(w, "sources", true);
	for (i = 0; i < model_nr_sources(m); i++)
		put_source(w, model_source(m, i));
	jsonw_end(w);
}

static void put_head(struct jsonw *w, const struct model *m)
{
	unsigned int i;

	jsonw_key_str(w, "tool", parts_common(m, offsetof(struct model_source, tool)));
	jsonw_key_str(w, "kernel", parts_common(m, offsetof(struct model_source, kernel)));
	jsonw_key_str(w, "host", parts_common(m, offsetof(struct model_source, host)));
	jsonw_key_str(w, "boot_id", parts_common(m, offsetof(struct model_source, boot_id)));
	jsonw_key_u64(w, "duration_ns", model_duration_ns(m));
	jsonw_key_bool(w, "complete", model_complete(m));
	jsonw_key_array(w, "gaps", true);
	for (i = 0; i < model_nr_gaps(m); i++)
		jsonw_str(w, model_gap(m, i));
	jsonw_end(w);
	json_sources(w, m);
}

static void put_sections(struct jsonw *w, unsigned int sections)
{
	static const struct { unsigned int bit; const char *name; } names[] = {
		{ RENDER_FINDINGS, "findings" }, { RENDER_CONTENTION, "contention" },
		{ RENDER_ORDER, "order" }, { RENDER_WATCH, "watch" },
		{ RENDER_COVERAGE, "coverage" }, { RENDER_LOSS, "loss" },
		{ RENDER_HOLDS, "holds" },
	};
	unsigned int i;

	jsonw_key_array(w, "sections", false);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (sections & names[i].bit)
			jsonw_str(w, names[i].name);
	}
	jsonw_end(w);
}

static void put_coverage(struct jsonw *w, const struct model *m, unsigned int sections)
{
	unsigned int i;

	jsonw_key_array(w, "coverage", true);
	for (i = 0; sections & RENDER_COVERAGE && i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		jsonw_object(w, false);
		jsonw_key_str(w, "primitive", c->primitive);
		jsonw_key_str(w, "tier", c->tier);
		jsonw_key_str(w, "state", parts_state_str(c->state));
		jsonw_key(w, "reason");
		jsonw_str(w, c->reason);
		jsonw_key_str(w, "remedy", c->remedy);
		jsonw_key_u32(w, "source", c->source);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void put_shed(struct jsonw *w, const struct model *m)
{
	unsigned int i;

	jsonw_key_array(w, "shed", true);
	for (i = 0; i < model_nr_shed(m); i++) {
		const struct model_shed *s = model_shed(m, i);
		bool budget = s->cause == LK_SHED_BUDGET;
		char text[SHED_TEXT];

		jsonw_object(w, false);
		jsonw_key_str(w, "what", shed_what(s->what));
		jsonw_key_str(w, "cause", shed_cause(s->cause));
		jsonw_key_u64(w, "from_ns", s->from_ns);
		key_u64_if(w, "until_ns", s->until_ns, s->until_ns);
		key_u32_if(w, "cost_ppm", budget, s->cost_ppm);
		key_u32_if(w, "allowed_ppm", budget, s->allowed_ppm);
		jsonw_key_str(w, "text", shed_text(s, model_source(m, s->source), text));
		jsonw_key_u32(w, "source", s->source);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Counters above zero: those that mean loss, or the others. */
static void put_counters(struct jsonw *w, const struct model *m, const char *key, bool is_loss,
			 bool wanted, bool lines)
{
	const struct loss_info *info;
	unsigned int i;

	jsonw_key_array(w, key, lines);
	for (i = 0; wanted && i < model_nr_loss(m); i++) {
		info = loss_info(i);
		if (!model_loss(m, i) || info->is_loss != is_loss)
			continue;
		jsonw_object(w, false);
		jsonw_key_str(w, "counter", info->name);
		jsonw_key_u64(w, "count", model_loss(m, i));
		jsonw_key_str(w, "meaning", info->meaning);
		jsonw_key_str(w, "advice", info->advice);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* --- contention ------------------------------------------------------------------------- */

static void put_grouped_by(struct jsonw *w, unsigned int dims)
{
	static const struct { unsigned int bit; const char *name; } names[] = {
		{ VIEW_LOCK, "lock" }, { VIEW_ADDR, "addr" }, { VIEW_TYPE, "type" },
		{ VIEW_CALLER, "caller" }, { VIEW_TASK, "task" }, { VIEW_PROCESS, "process" },
		{ VIEW_OWNER, "owner" }, { VIEW_CGROUP, "cgroup" }, { VIEW_CTX, "context" },
	};
	unsigned int i;

	jsonw_key_array(w, "grouped_by", false);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (dims & names[i].bit)
			jsonw_str(w, names[i].name);
	}
	jsonw_end(w);
}

/* What all members of the group have in common. */
static void put_group(struct jsonw *w, const struct view_row *r)
{
	jsonw_key_str(w, "lock", r->lock);
	jsonw_key_str(w, "type", r->type);
	jsonw_key_str(w, "caller", r->caller);
	jsonw_key_str(w, "caller_module", r->caller_module);
	jsonw_key_str(w, "named_by", r->named_by);
	jsonw_key_str(w, "cache", r->cache);
	jsonw_key_addr(w, "addr", r->addr);
	jsonw_key_u32(w, "instances", r->instances);
	jsonw_key_str(w, "comm", r->comm);
	key_u32_if(w, "pid", r->has_tgid, r->tgid);
	key_u32_if(w, "tid", r->has_tid, r->tid);
	jsonw_key_str(w, "cgroup", r->cgroup);
	jsonw_key_str(w, "context", r->ctx);
}

static void put_sums(struct jsonw *w, const struct view_row *r)
{
	jsonw_key_u64(w, "count", r->count);
	jsonw_key_u64(w, "total_ns", r->total_ns);
	jsonw_key_u64(w, "avg_ns", parts_avg_ns(r));
}

static void put_owner(struct jsonw *w, const char *key, const struct view_row *r)
{
	jsonw_key(w, key);
	if (!r->owner_comm) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w, false);
	jsonw_key_str(w, "comm", r->owner_comm);
	jsonw_key_u32(w, "pid", r->owner_tgid);
	jsonw_key_u32(w, "tid", r->owner_tid);
	jsonw_key_bool(w, "reader", r->owner_reader);
	jsonw_key_u64(w, "total_ns", r->owner_total_ns);
	jsonw_end(w);
}

int json_stack(struct jsonw *w, const struct model *m, unsigned int source, uint32_t id)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, caller;
	char *text;

	if (w->stacks)
		return json_stack_number(w, m, source, id);
	nr = model_stack(m, source, id, frame, &caller);
	jsonw_key_array(w, "stack", false);
	for (i = 0; i < nr; i++) {
		text = parts_frame(&frame[i]);
		if (!text)
			return -ENOMEM;
		jsonw_str(w, text);
		free(text);
	}
	jsonw_end(w);
	return 0;
}

/* Of waits or of @holds, in which nothing waits. */
static int put_row(struct jsonw *w, const struct model *m, bool holds, const struct view_row *r)
{
	int err;

	jsonw_object(w, false);
	put_group(w, r);
	put_sums(w, r);
	key_u64_if(w, "max_ns", parts_has_extremes(r), r->max_ns);
	key_u64_if(w, "min_ns", parts_has_extremes(r), r->min_ns);
	key_u64_if(w, "p50_ns", r->p50_ns, r->p50_ns);
	key_u64_if(w, "p95_ns", r->p95_ns, r->p95_ns);
	key_u64_if(w, "p99_ns", r->p99_ns, r->p99_ns);
	if (!holds)
		jsonw_key_u64(w, "waiting", r->waiting);
	put_owner(w, holds ? "holder" : "owner", r);
	err = json_stack(w, m, r->stack_source, r->stack);
	jsonw_end(w);
	return err;
}

static void put_total(struct jsonw *w, const char *key, const struct view *v)
{
	jsonw_key(w, key);
	jsonw_object(w, false);
	jsonw_key_u64(w, "count", v->count);
	jsonw_key_u64(w, "total_ns", v->total_ns);
	jsonw_key_u32(w, "rows", v->nr_groups);
	jsonw_key_u32(w, "rows_shown", v->nr);
	jsonw_end(w);
}

/* "contention", or "holds" for a view of them, and its sums. */
static int put_view(struct jsonw *w, const struct model *m, const struct view_opts *opts)
{
	struct view v;
	unsigned int i;
	int err;

	err = view_build(m, opts, &v);
	if (err)
		return err;
	put_total(w, opts->holds ? "holds_total" : "contention_total", &v);
	jsonw_key_array(w, opts->holds ? "holds" : "contention", true);
	for (i = 0; i < v.nr && !err; i++)
		err = put_row(w, m, opts->holds, &v.row[i]);
	jsonw_end(w);
	view_done(&v);
	return err;
}

static int put_wait(struct jsonw *w, const struct model *m, const struct parts_wait *p)
{
	const struct lk_ev_wait *e = p->wait;
	int err;

	jsonw_object(w, false);
	jsonw_key(w, "task");
	jsonw_object(w, false);
	jsonw_key_str(w, "comm", e->comm);
	jsonw_key_u32(w, "pid", e->tgid);
	jsonw_key_u32(w, "tid", e->tid);
	jsonw_end(w);
	jsonw_key_str(w, "lock", p->row->lock);
	jsonw_key_str(w, "type", p->row->type);
	jsonw_key_str(w, "caller", p->row->caller);
	jsonw_key_str(w, "caller_module", p->row->caller_module);
	jsonw_key_str(w, "named_by", p->row->named_by);
	jsonw_key_str(w, "cache", p->row->cache);
	jsonw_key_addr(w, "addr", e->lock);
	jsonw_key_str(w, "cgroup", p->row->cgroup);
	jsonw_key_u64(w, "start_ns", e->start_ns);
	jsonw_key_u64(w, "waited_ns", e->dur_ns);
	jsonw_key(w, "owner");
	if (e->owner_tid) {
		jsonw_object(w, false);
		jsonw_key_str(w, "comm", e->owner_comm);
		jsonw_key_u32(w, "pid", e->owner_tgid);
		jsonw_key_u32(w, "tid", e->owner_tid);
		jsonw_key_bool(w, "reader", e->owner_reader);
		jsonw_end(w);
	} else {
		jsonw_null(w);
	}
	err = json_stack(w, m, p->source, e->stack);
	jsonw_end(w);
	return err;
}

static int put_waiting(struct jsonw *w, const struct model *m, const struct view_opts *opts)
{
	struct parts_waiting list;
	unsigned int i;
	int err;

	err = parts_waiting_init(m, opts, &list);
	if (err)
		return err;
	jsonw_key_array(w, "still_waiting", true);
	for (i = 0; i < list.nr && !err; i++)
		err = put_wait(w, m, &list.v[i]);
	jsonw_end(w);
	parts_waiting_done(&list);
	return err;
}

/* --- documents -------------------------------------------------------------------------- */

static int put_contention_section(struct jsonw *w, const struct model *m,
				  const struct render_opts *opts, unsigned int sections)
{
	struct view none = { 0 };
	int err;

	put_grouped_by(w, parts_dims(&opts->view));
	if (!(sections & RENDER_CONTENTION)) {
		put_total(w, "contention_total", &none);
		key_empty_array(w, "contention");
		key_empty_array(w, "still_waiting");
		return 0;
	}
	err = put_view(w, m, &opts->view);
	return err ? err : put_waiting(w, m, &opts->view);
}

static int put_hold_section(struct jsonw *w, const struct model *m, const struct render_opts *opts,
			    unsigned int sections)
{
	struct view_opts view = parts_hold_view(&opts->view);
	struct view none = { 0 };

	if (sections & RENDER_HOLDS)
		return put_view(w, m, &view);
	put_total(w, "holds_total", &none);
	key_empty_array(w, "holds");
	return 0;
}

int json_body(struct jsonw *w, const struct model *m, const struct render_opts *opts)
{
	unsigned int sections = parts_sections(opts, RENDER_ALL);
	int err;

	put_head(w, m);
	put_sections(w, sections);
	put_coverage(w, m, sections);
	put_shed(w, m);
	put_counters(w, m, "loss", true, sections & RENDER_LOSS, true);
	put_counters(w, m, "notes", false, sections & RENDER_LOSS, true);
	err = json_order(w, m, sections & RENDER_ORDER);
	if (!err)
		err = json_findings(w, m, &opts->view.filter, sections & RENDER_FINDINGS);
	if (!err)
		json_expect(w, m, opts->expect);
	if (!err)
		json_suppressed(w, m, opts->view.filter.suppress);
	if (!err)
		err = put_contention_section(w, m, opts, sections);
	if (!err)
		err = put_hold_section(w, m, opts, sections);
	return err ? err : json_watch(w, m, sections & RENDER_WATCH);
}

int json_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct jsonw w;
	int err;

	jsonw_init(&w, out);
	jsonw_object(&w, true);
	jsonw_key_str(&w, "schema", "lockscope.report/1");
	err = json_body(&w, m, opts);
	if (err)
		return err;
	jsonw_end(&w);
	return jsonw_finish(&w);
}

int json_interval(const struct model *m, const struct render_opts *opts, FILE *out)
{
	const struct model_interval *iv = model_interval(m);
	struct view_opts view = opts->view;
	struct jsonw w;
	struct view v;
	unsigned int i;
	int err;

	view.gain = true;
	err = view_build(m, &view, &v);
	if (err)
		return err;
	jsonw_init(&w, out);
	jsonw_object(&w, false);
	jsonw_key_str(&w, "schema", "lockscope.interval/1");
	jsonw_key_u64(&w, "nr", iv->nr);
	jsonw_key_u64(&w, "start_ns", iv->start_ns);
	jsonw_key_u64(&w, "end_ns", iv->end_ns);
	jsonw_key_u64(&w, "end_real_ns", parts_real_ns(m, iv->end_ns));
	put_counters(&w, m, "loss", true, true, false);
	put_grouped_by(&w, parts_dims(&view));
	put_total(&w, "contention_total", &v);
	jsonw_key_array(&w, "contention", false);
	for (i = 0; i < v.nr; i++) {
		jsonw_object(&w, false);
		put_group(&w, &v.row[i]);
		put_sums(&w, &v.row[i]);
		put_owner(&w, "owner", &v.row[i]);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	view_done(&v);
	return jsonw_finish(&w);
}
