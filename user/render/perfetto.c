// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format perfetto: Chrome's Trace Event Format, which ui.perfetto.dev and
 * chrome://tracing read. A track per task has its waits as slices; a process "locks" of
 * each source has a track per lock with who held it, as recorded or while somebody waited (timeline.h);
 * arrows lead from the mark of the task that let go of a lock to the end of the wait
 * that got it; findings are instants, and with --view order new orders are.
 *
 * Times count from the earliest thing there is, in us; sources are set against each
 * other by the time of day at which they began.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../core/finding.h"
#include "../core/sat.h"
#include "formats.h"
#include "json_parts.h"
#include "parts.h"
#include "parts_finding.h"
#include "perfetto_priv.h"
#include "text.h"

/* --- time ------------------------------------------------------------------------------- */

static bool time_of_day_known(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_sources(m); i++) {
		if (!model_source(m, i)->start_real_ns)
			return false;
	}
	return true;
}

/* A time on a clock that all sources share; where a time of day is missing they all begin at once. */
static int64_t clock_ns(const struct model *m, unsigned int source, uint64_t time_ns)
{
	const struct model_source *s = model_source(m, source);
	uint64_t start = time_of_day_known(m) ? s->start_real_ns : 0;

	return (int64_t)(start + (time_ns - s->start_ns));
}

static void note_time(struct perfetto *p, bool *any, unsigned int source, uint64_t time_ns)
{
	int64_t t = clock_ns(p->m, source, time_ns);

	if (!*any || t < p->base_ns)
		p->base_ns = t;
	*any = true;
}

static void find_base(struct perfetto *p)
{
	bool any = false;
	unsigned int i, k;
	size_t n;

	for (i = 0; i < model_nr_sources(p->m); i++)
		note_time(p, &any, i, model_source(p->m, i)->start_ns);
	for (n = 0; n < p->t.wait.nr; n++)
		note_time(p, &any, p->t.wait.v[n].source, p->t.wait.v[n].wait->start_ns);
	for (n = 0; n < p->t.hold.nr; n++)
		note_time(p, &any, p->t.lock.v[p->t.hold.v[n].lock].source, p->t.hold.v[n].start_ns);
	for (i = 0; i < model_nr_findings(p->m); i++) {
		const struct finding *f = model_finding(p->m, i);

		note_time(p, &any, f->link[0].source, f->first_seen_ns);
		for (k = 1; k < f->nr_links; k++)
			note_time(p, &any, f->link[k].source, f->link[k].time_ns);
	}
	for (i = 0; i < model_nr_edges(p->m); i++) {
		struct model_edge e = model_edge(p->m, i);

		note_time(p, &any, e.source, e.first_ns);
	}
}

/* --- events ----------------------------------------------------------------------------- */

void perfetto_event(struct perfetto *p, const char *ph, const char *cat, const char *name,
		    struct perfetto_track at)
{
	jsonw_object(&p->w, false);
	jsonw_key_str(&p->w, "ph", ph);
	if (cat)
		jsonw_key_str(&p->w, "cat", cat);
	jsonw_key_str(&p->w, "name", name[0] ? name : "(unknown)");
	jsonw_key_u32(&p->w, "pid", at.pid);
	jsonw_key_u32(&p->w, "tid", at.tid);
}

static void put_time(struct perfetto *p, unsigned int source, uint64_t time_ns)
{
	jsonw_key_us(&p->w, "ts", (uint64_t)(clock_ns(p->m, source, time_ns) - p->base_ns));
}

static void begin_args(struct perfetto *p)
{
	jsonw_key(&p->w, "args");
	jsonw_object(&p->w, false);
}

static void end_args(struct perfetto *p)
{
	jsonw_end(&p->w);
	jsonw_end(&p->w);
}

/* "comm/tid", malloc'ed; NULL = no memory. */
static char *task_text(const struct perfetto *p, uint32_t task, bool reader)
{
	const struct timeline_task *t = &p->t.task.v[task];

	return text_task(t->comm[0] ? t->comm : "(unknown)", true, t->tid, reader);
}

static int put_wait(struct perfetto *p, const struct timeline_wait *w)
{
	const struct lk_ev_wait *e = w->wait;
	char *owner = w->owner == TIMELINE_NONE ? NULL : task_text(p, w->owner, e->owner_reader);
	char *caller = parts_caller(w->name->caller, w->name->caller_module);
	int err = caller && (owner || w->owner == TIMELINE_NONE) ? 0 : -ENOMEM;

	if (!err) {
		perfetto_event(p, "X", "wait", w->name->lock, task_track(p, w->task));
		put_time(p, w->source, e->start_ns);
		jsonw_key_us(&p->w, "dur", e->dur_ns);
		begin_args(p);
		jsonw_key_str(&p->w, "lock", w->name->lock);
		jsonw_key_addr(&p->w, "addr", e->lock);
		jsonw_key_str(&p->w, "type", w->name->type);
		jsonw_key_str(&p->w, "caller", caller);
		jsonw_key_str(&p->w, "owner", owner ? owner : "(unknown)");
		jsonw_key_bool(&p->w, "ended", w->ended);
		err = json_stack(&p->w, p->m, w->source, e->stack);
		end_args(p);
	}
	free(owner);
	free(caller);
	return err;
}

/* Where a recorded hold ended. */
static int put_release(struct perfetto *p, const struct timeline_hold *h)
{
	char *caller = parts_caller(h->name->caller, h->name->caller_module);

	if (!caller)
		return -ENOMEM;
	jsonw_key_str(&p->w, "released_in", caller);
	free(caller);
	return json_stack(&p->w, p->m, p->t.lock.v[h->lock].source, h->recorded->stack);
}

static int put_hold(struct perfetto *p, const struct timeline_hold *h)
{
	const struct timeline_lock *l = &p->t.lock.v[h->lock];
	char *task = task_text(p, h->task, h->reader);
	int err = 0;

	if (!task)
		return -ENOMEM;
	perfetto_event(p, "X", "hold", task, h->lane ? lane_track(p, h->lane - 1) :
						       lock_track(p, h->lock));
	put_time(p, l->source, h->start_ns);
	jsonw_key_us(&p->w, "dur", h->end_ns - h->start_ns);
	begin_args(p);
	jsonw_key_str(&p->w, "lock", l->name);
	jsonw_key_str(&p->w, "type", h->recorded ? h->name->type : l->type);
	jsonw_key_str(&p->w, "known_by", h->recorded ? "its recording" :
					 h->inherited ? "the end of its own wait" :
							"the lock's owner word");
	if (h->recorded)
		err = put_release(p, h);
	end_args(p);
	free(task);
	return err;
}

static void put_arrow(struct perfetto *p, const char *ph, struct perfetto_track at,
		      unsigned int source, uint64_t time_ns)
{
	perfetto_event(p, ph, "pass", "release", at);
	put_time(p, source, time_ns);
	jsonw_key_u32(&p->w, "id", p->nr_flows);
	if (*ph == 'f')
		jsonw_key_str(&p->w, "bp", "e");
	jsonw_end(&p->w);
}

/* The arrow needs something to begin at: a mark on the track of the task that let go. */
static int put_pass(struct perfetto *p, const struct timeline_pass *pass)
{
	const struct timeline_wait *w = &p->t.wait.v[pass->wait];
	uint64_t end_ns = sat_add(w->wait->start_ns, w->wait->dur_ns);
	struct perfetto_track from = task_track(p, pass->from);
	char *to = task_text(p, w->task, false), *name = NULL;

	if (!to || asprintf(&name, "releases %s", w->name->lock) < 0) {
		free(to);
		return -ENOMEM;
	}
	perfetto_event(p, "X", "release", name, from);
	put_time(p, w->source, end_ns);
	jsonw_key_us(&p->w, "dur", 0);
	begin_args(p);
	jsonw_key_str(&p->w, "to", to);
	end_args(p);
	p->nr_flows++;
	put_arrow(p, "s", from, w->source, end_ns);
	put_arrow(p, "f", task_track(p, w->task), w->source, end_ns);
	free(to);
	free(name);
	return 0;
}

/* @waits: all; else recorded holds alone. */
static int put_waits(struct perfetto *p, bool waits)
{
	size_t i;
	int err = 0;

	for (i = 0; waits && i < p->t.wait.nr && !err; i++) {
		if (p->t.wait.v[i].shown)
			err = put_wait(p, &p->t.wait.v[i]);
	}
	for (i = 0; i < p->t.hold.nr && !err; i++) {
		if (p->t.hold.v[i].shown && (waits || p->t.hold.v[i].recorded))
			err = put_hold(p, &p->t.hold.v[i]);
	}
	for (i = 0; waits && i < p->t.pass.nr && !err; i++) {
		if (p->t.wait.v[p->t.pass.v[i].wait].shown)
			err = put_pass(p, &p->t.pass.v[i]);
	}
	return err;
}

/* --- findings and orders ---------------------------------------------------------------- */

static void begin_instant(struct perfetto *p, const char *cat, const char *name,
			  struct perfetto_track at, unsigned int source, uint64_t time_ns)
{
	perfetto_event(p, "i", cat, name, at);
	put_time(p, source, time_ns);
	jsonw_key_str(&p->w, "s", "t");
	begin_args(p);
}

static struct perfetto_track link_track(const struct perfetto *p, const struct finding_link *l)
{
	return task_track(p, timeline_task(&p->t, l->source, l->task.tid, l->task.tgid));
}

/* What link @i did, at its time. The first one's is the time of the finding. */
static int put_link(struct perfetto *p, const struct finding *f, unsigned int i)
{
	const struct finding_link *l = &f->link[i];
	char *name;

	if (asprintf(&name, "%s: %s, then %s", f->id, l->held.name, l->taken.name) < 0)
		return -ENOMEM;
	begin_instant(p, "finding", name, link_track(p, l), l->source, l->time_ns);
	jsonw_key_str(&p->w, "finding", f->id);
	jsonw_key_str(&p->w, "held", l->held.name);
	jsonw_key_str(&p->w, "taken", l->taken.name);
	free(name);
	if (json_stack(&p->w, p->m, l->source, l->stack))
		return -ENOMEM;
	end_args(p);
	return 0;
}

static int put_finding(struct perfetto *p, const struct finding *f)
{
	const struct finding_link *l = &f->link[0];
	unsigned int i;
	char *name;
	int err;

	if (asprintf(&name, "%s, %s [%s]", parts_finding_title(f->kind),
		     finding_severity_str(f->severity), f->id) < 0)
		return -ENOMEM;
	begin_instant(p, "finding", name, link_track(p, l), l->source, f->first_seen_ns);
	free(name);
	jsonw_key_str(&p->w, "id", f->id);
	jsonw_key_str(&p->w, "kind", finding_kind_str(f->kind));
	jsonw_key_str(&p->w, "severity", finding_severity_str(f->severity));
	jsonw_key_u32(&p->w, "confidence", f->confidence);
	jsonw_key_str(&p->w, "held", l->held.name);
	jsonw_key_str(&p->w, "taken", l->taken.name);
	json_strings(&p->w, "why", f->why, f->nr_why);
	err = f->report ? 0 : json_stack(&p->w, p->m, l->source, l->stack);
	end_args(p);
	/* Of a report of the kernel, only the first link has a task and a time. */
	for (i = 1; i < f->nr_links && !f->report && !err; i++)
		err = put_link(p, f, i);
	return err;
}

static int put_findings(struct perfetto *p)
{
	struct parts_findings list;
	unsigned int i;
	int err = parts_findings_init(p->m, &p->opts->view.filter, &list);

	if (err)
		return err;
	for (i = 0; i < list.nr && !err; i++)
		err = put_finding(p, list.v[i]);
	parts_findings_done(&list);
	return err;
}

/* Each order when it was first seen; by whom, the model does not keep. */
static int put_orders(struct perfetto *p)
{
	struct parts_edges list;
	unsigned int i;
	char *name;
	int err = parts_edges_init(p->m, false, &list);

	if (err)
		return err;
	for (i = 0; i < list.nr && !err; i++) {
		const struct model_edge *e = &list.v[i].e;

		if (asprintf(&name, "%s, then %s", model_class(p->m, e->from).name,
			     model_class(p->m, e->to).name) < 0) {
			err = -ENOMEM;
			break;
		}
		begin_instant(p, "order", name, orders_track(e->source), e->source, e->first_ns);
		jsonw_key_u64(&p->w, "count", e->count);
		err = json_stack(&p->w, p->m, e->source, e->stack);
		end_args(p);
		free(name);
	}
	parts_edges_done(&list);
	return err;
}

/* --- the document ----------------------------------------------------------------------- */

static uint64_t nr_shown(const struct perfetto *p)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < p->t.wait.nr; i++)
		nr += p->t.wait.v[i].shown;
	return nr;
}

/* Which holds the tracks of locks have; nothing where none were recorded. */
static void put_hold_data(struct perfetto *p)
{
	const uint32_t *source;
	unsigned int nr;
	uint64_t shown = 0;
	size_t i;

	model_single_holds(p->m, &source, &nr);
	if (!nr)
		return;
	for (i = 0; i < p->t.hold.nr; i++)
		shown += p->t.hold.v[i].shown && p->t.hold.v[i].recorded;
	jsonw_key_u64(&p->w, "single_holds", nr);
	jsonw_key_u64(&p->w, "holds_shown", shown);
	jsonw_key_str(&p->w, "holds", "of a lock with recorded holds these are shown, which lasted 10 us or "
		      "more (known_by: its recording); of others who is known to have held them while "
		      "somebody waited");
}

static void put_other_data(struct perfetto *p, const char *complete)
{
	unsigned int i;
	uint64_t total_ns;

	jsonw_key(&p->w, "otherData");
	jsonw_object(&p->w, true);
	jsonw_key_str(&p->w, "tool", parts_common(p->m, offsetof(struct model_source, tool)));
	jsonw_key_bool(&p->w, "is_complete", model_complete(p->m));
	jsonw_key_str(&p->w, "completeness", complete);
	jsonw_key_u64(&p->w, "single_waits", model_nr_waits(p->m, &total_ns));
	jsonw_key_u64(&p->w, "waits_shown", nr_shown(p));
	put_hold_data(p);
	if (render_lacks_waits(p->m))
		jsonw_key_str(&p->w, "note", RENDER_LACKS_WAITS);
	jsonw_key_array(&p->w, "sources", true);
	for (i = 0; i < model_nr_sources(p->m); i++) {
		const struct model_source *s = model_source(p->m, i);

		jsonw_object(&p->w, false);
		jsonw_key_str(&p->w, "host", s->host);
		jsonw_key_str(&p->w, "kernel", s->kernel);
		jsonw_key_u64(&p->w, "start_ns", s->start_ns);
		jsonw_key_u64(&p->w, "start_real_ns", s->start_real_ns);
		jsonw_key_u32(&p->w, "added_to_ids", i * PID_SOURCE);
		jsonw_end(&p->w);
	}
	jsonw_end(&p->w);
	jsonw_end(&p->w);
}

/* Where a viewer shows it: over the whole time line. */
static void put_completeness(struct perfetto *p, const char *complete)
{
	if (model_complete(p->m))
		return;
	perfetto_event(p, "i", "completeness", complete, orders_track(0));
	jsonw_key_us(&p->w, "ts", 0);
	jsonw_key_str(&p->w, "s", "g");
	jsonw_end(&p->w);
}

static int put_document(struct perfetto *p)
{
	unsigned int sections = parts_sections(p->opts, RENDER_FINDINGS | RENDER_CONTENTION);
	char *complete = text_complete(p->m);
	int err = complete ? 0 : -ENOMEM;

	jsonw_object(&p->w, true);
	jsonw_key_str(&p->w, "displayTimeUnit", "ns");
	if (!err) {
		put_other_data(p, complete);
		jsonw_key_array(&p->w, "traceEvents", true);
		put_completeness(p, complete);
		err = perfetto_tracks(p);
	}
	if (!err && sections & (RENDER_CONTENTION | RENDER_HOLDS))
		err = put_waits(p, sections & RENDER_CONTENTION);
	if (!err && sections & RENDER_FINDINGS)
		err = put_findings(p);
	if (!err && sections & RENDER_ORDER)
		err = put_orders(p);
	free(complete);
	if (err)
		return err;
	jsonw_end(&p->w);
	jsonw_end(&p->w);
	return jsonw_finish(&p->w);
}

int perfetto_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct perfetto p = { .m = m, .opts = opts };
	int err = timeline_build(m, &opts->view, &p.t);

	if (!err) {
		find_base(&p);
		jsonw_init(&p.w, out);
		err = put_document(&p);
	}
	timeline_done(&p.t);
	return err;
}
