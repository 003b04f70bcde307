// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format json: findings, in a report and one by one while a run lasts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "json_parts.h"
#include "parts.h"
#include "parts_finding.h"

void json_lock(struct jsonw *w, const struct finding_lock *l, const char *at)
{
	jsonw_key_str(w, "lock", l->name);
	jsonw_key_str(w, "type", l->type);
	jsonw_key_str(w, "mode", l->mode);
	jsonw_key_bool(w, "trylock", l->trylock);
	jsonw_key_str(w, "at", at);
	jsonw_key_addr(w, "addr", l->addr);
}

int json_locks(struct jsonw *w, const struct model *m, unsigned int source, const char *key,
	       const struct finding_lock *l, unsigned int nr)
{
	unsigned int i;
	char *at;
	int err = 0;

	jsonw_key_array(w, key, false);
	for (i = 0; i < nr && !err; i++) {
		err = parts_lock_at(m, source, &l[i], LK_STACK_NONE, &at);
		if (err)
			break;
		jsonw_object(w, false);
		json_lock(w, &l[i], at);
		jsonw_end(w);
		free(at);
	}
	jsonw_end(w);
	return err;
}

/* --- links ------------------------------------------------------------------------------ */

static void put_task(struct jsonw *w, const struct finding_task *t)
{
	jsonw_key(w, "task");
	jsonw_object(w, false);
	jsonw_key_str(w, "comm", t->comm);
	jsonw_key_u32(w, "pid", t->tgid);
	jsonw_key_u32(w, "tid", t->tid);
	jsonw_end(w);
}

static int put_taken(struct jsonw *w, const struct model *m, const struct finding_link *l)
{
	char *at;
	int err = parts_link_taken_at(m, l, &at);

	if (!err)
		json_lock(w, &l->taken, at);
	free(at);
	return err;
}

static int put_held(struct jsonw *w, const struct model *m, const struct finding_link *l)
{
	char *at;
	int err = parts_link_held_at(m, l, &at);

	if (!err)
		json_lock(w, &l->held, at);
	free(at);
	return err;
}

static void put_held_names(struct jsonw *w, const struct finding_link *l)
{
	unsigned int i;

	jsonw_key_array(w, "held", false);
	for (i = 0; i < l->nr_all; i++)
		jsonw_str(w, l->all[i].name);
	jsonw_end(w);
}

/* Was an earlier one of @nr links inside the same watched function? */
static bool told_before(const struct finding_link *l, unsigned int nr, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (l[i].source == l[nr].source && l[i].watch_mask >> id & 1)
			return true;
	}
	return false;
}

/* Watched functions that the tasks of @nr links were inside of, each once. */
static void put_inside(struct jsonw *w, const struct model *m, const struct finding_link *l,
		       unsigned int nr)
{
	const struct model_watch *watch;
	unsigned int i, id;

	jsonw_key_array(w, "inside", false);
	for (i = 0; i < nr; i++) {
		for (id = 0; id < LK_WATCH_MAX; id++) {
			watch = l[i].watch_mask >> id & 1 ? parts_watch(m, l[i].source, id) : NULL;
			if (watch && !told_before(l, i, id))
				jsonw_str(w, watch->function);
		}
	}
	jsonw_end(w);
}

static int put_link(struct jsonw *w, const struct model *m, const struct finding_link *l)
{
	int err;

	jsonw_object(w, false);
	err = put_taken(w, m, l);
	if (err)
		return err;
	put_task(w, &l->task);
	jsonw_key(w, "holding");
	jsonw_object(w, false);
	err = put_held(w, m, l);
	jsonw_end(w);
	if (err)
		return err;
	put_held_names(w, l);
	err = json_locks(w, m, l->source, "held_locks", l->all, l->nr_all);
	if (err)
		return err;
	jsonw_key_bool(w, "completion", l->order_flags & LK_ORDER_COMPLETION);
	put_inside(w, m, l, 1);
	jsonw_key_u64(w, "time_ns", l->time_ns);
	jsonw_key_u32(w, "cpu", l->cpu);
	jsonw_key_u32(w, "source", l->source);
	if (l->nr_frames)
		json_strings(w, "stack", l->frame, l->nr_frames);
	else
		err = json_stack(w, m, l->source, l->stack);
	jsonw_end(w);
	return err;
}

/* --- findings --------------------------------------------------------------------------- */

void json_strings(struct jsonw *w, const char *key, const char *const *s, unsigned int nr)
{
	unsigned int i;

	jsonw_key_array(w, key, false);
	for (i = 0; i < nr; i++)
		jsonw_str(w, s[i]);
	jsonw_end(w);
}

/* Names in lockdep's order of printing, #N .. #0; empty for a single lock, as in its reports. */
static void put_chain(struct jsonw *w, const struct finding *f)
{
	unsigned int i;

	jsonw_key_array(w, "chain", false);
	for (i = 0; f->report && i < f->report->nr_parts; i++) {
		if (f->report->part[i].role == LK_PART_CHAIN)
			jsonw_str(w, f->report->part[i].text);
	}
	for (i = f->nr_links; !f->report && f->nr_links > 1 && i--;)
		jsonw_str(w, f->link[i].taken.name);
	jsonw_end(w);
}

/* The two locks of the task that completed it; of a release or an exit there is one. */
static int put_conflict(struct jsonw *w, const struct model *m, const struct finding *f)
{
	const struct finding_link *l = &f->link[0];
	bool one = f->kind == FINDING_BAD_UNLOCK && !f->report;
	char *at;
	int err = parts_link_taken_at(m, l, &at);

	if (err)
		return err;
	jsonw_key(w, "acquiring");
	if (f->report ? !l->taken.name[0] : f->kind == FINDING_HELD_AT_EXIT) {
		jsonw_null(w);
	} else {
		jsonw_object(w, false);
		json_lock(w, one ? &l->held : &l->taken, at);
		jsonw_end(w);
	}
	free(at);
	jsonw_key(w, "holding");
	if (f->report ? !l->held.name[0] : one) {
		jsonw_null(w);
		return 0;
	}
	jsonw_object(w, false);
	err = put_held(w, m, l);
	jsonw_end(w);
	return err;
}

/* The keys of a finding, of the object that is open. */
static int put_finding(struct jsonw *w, const struct model *m, const struct finding *f, bool lines)
{
	unsigned int i;
	int err;

	jsonw_key_str(w, "id", f->id);
	jsonw_key_str(w, "kind", finding_kind_str(f->kind));
	jsonw_key_str(w, "severity", finding_severity_str(f->severity));
	jsonw_key_u32(w, "confidence", f->confidence);
	json_strings(w, "why", f->why, f->nr_why);
	jsonw_key_u64(w, "first_seen_ns", f->first_seen_ns);
	jsonw_key_u64(w, "last_seen_ns", f->last_seen_ns);
	jsonw_key_u64(w, "count", f->count);
	jsonw_key_str(w, "tier", f->report ? "kernel" : f->tier == LK_TIER_LOCKDEP ? "lockdep" : "order");
	put_task(w, &f->link[0].task);
	err = put_conflict(w, m, f);
	if (err)
		return err;
	put_chain(w, f);
	put_held_names(w, &f->link[0]);
	put_inside(w, m, f->link, f->nr_links);
	jsonw_key_array(w, "cycle", lines);
	for (i = 0; i < f->nr_links && !err; i++)
		err = put_link(w, m, &f->link[i]);
	jsonw_end(w);
	if (!err)
		json_imported(w, f->report);
	return err;
}

static void put_withheld(struct jsonw *w, const struct model *m)
{
	struct finding_withheld n = model_withheld(m);

	jsonw_key(w, "withheld");
	jsonw_object(w, false);
	jsonw_key_u64(w, "guarded", n.guarded);
	jsonw_key_u64(w, "single_task", n.single_task);
	jsonw_key_u64(w, "weak", n.weak);
	jsonw_end(w);
}

int json_findings(struct jsonw *w, const struct model *m, const struct view_filter *filter,
		  bool wanted)
{
	struct parts_findings list = { 0 };
	unsigned int i;
	int err = wanted ? parts_findings_init(m, filter, &list) : 0;

	if (err)
		return err;
	jsonw_key_array(w, "findings", true);
	for (i = 0; i < list.nr && !err; i++) {
		jsonw_object(w, false);
		err = put_finding(w, m, list.v[i], true);
		jsonw_end(w);
	}
	jsonw_end(w);
	put_withheld(w, m);
	parts_findings_done(&list);
	return err;
}

int json_finding_event(const struct model *m, unsigned int i, bool again,
		       const struct render_opts *opts, FILE *out)
{
	const struct finding *f = model_finding(m, i);
	struct jsonw w;
	int err;

	(void)opts;	/* nothing of it matters to one finding */
	jsonw_init(&w, out);
	jsonw_object(&w, false);
	jsonw_key_str(&w, "schema", "lockscope.finding/1");
	jsonw_key_str(&w, "event", again ? "severity" : "new");
	jsonw_key_u64(&w, "first_seen_real_ns", parts_real_ns(m, f->first_seen_ns));
	err = put_finding(&w, m, f, false);
	if (err)
		return err;
	jsonw_end(&w);
	return jsonw_finish(&w);
}
