// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings that the kernel itself reported: LK_EV_REPORT. The event is kept as
 * it is; what every finding has (links, tasks, locks) is made of its parts once,
 * since nothing of it changes any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "order_priv.h"

#define NR(table)	(sizeof(table) / sizeof((table)[0]))

struct imported {
	struct finding_report pub;
	struct lk_ev_part *part;
	const char **frame;		/* texts of all frames, in order */
	struct finding_link *link;
	struct finding_lock *held;
};

static const char *const origins[] = {
	[LK_ORIGIN_LOCKDEP] = "lockdep", [LK_ORIGIN_DEPT] = "dept",
	[LK_ORIGIN_HUNG_TASK] = "hung-task",
};

const char *finding_origin_str(uint32_t origin)
{
	return origin && origin < NR(origins) ? origins[origin] : "unknown";
}

const char *finding_lacks_str(unsigned int i)
{
	static const char *const names[] = {	/* LK_LACKS_* */
		"holding", "chain", "held", "backtrace", "dependencies", "acquiring", "end",
	};

	return i < NR(names) ? names[i] : NULL;
}

void imported_free(struct imported *imp)
{
	if (!imp)
		return;
	free(imp->part);
	free(imp->frame);
	free(imp->link);
	free(imp->held);
	free(imp);
}

/* --- checks and copies -------------------------------------------------------------------- */

static int check(const struct lk_ev_report *e, struct diag *why)
{
	uint32_t i;

	if (!e->origin || e->origin >= LK_ORIGIN_NR)
		return diag_set(why, -EBADMSG, "a report has the unknown origin %" PRIu32, e->origin);
	if (e->kind < FINDING_CIRCULAR || e->kind > FINDING_OTHER)
		return diag_set(why, -EBADMSG, "a report has the unknown kind %" PRIu32, e->kind);
	if (e->nr_parts > LK_PARTS_MAX)
		return diag_set(why, -EBADMSG, "a report has %" PRIu32 " parts", e->nr_parts);
	for (i = 0; i < e->nr_parts; i++)
		if (!e->part[i].role || e->part[i].role >= LK_PART_NR)
			return diag_set(why, -EBADMSG, "a part of a report has the unknown role %" PRIu32,
					e->part[i].role);
	return 0;
}

static int copy_strings(struct model *m, const struct lk_ev_report *e, struct imported *imp)
{
	struct finding_report *r = &imp->pub;
	uint32_t i;

	*r = (struct finding_report){
		.origin = e->origin, .lacks = e->lacks, .skipped = e->skipped, .line = e->line,
		.title = strpool_copy(&m->str, e->title), .subkind = strpool_copy(&m->str, e->subkind),
		.state = strpool_copy(&m->str, e->state), .kernel = strpool_copy(&m->str, e->kernel),
		.ident = strpool_copy(&m->str, e->ident), .file = strpool_copy(&m->str, e->file),
		.nr_parts = e->nr_parts, .part = imp->part,
	};
	if (!r->title || !r->subkind || !r->state || !r->kernel || !r->ident || !r->file)
		return -ENOMEM;
	for (i = 0; i < e->nr_parts; i++) {
		struct lk_ev_part *p = &imp->part[i];

		*p = e->part[i];
		p->text = strpool_copy(&m->str, p->text);
		p->usage = strpool_copy(&m->str, p->usage);
		p->at = strpool_copy(&m->str, p->at);
		if (!p->text || !p->usage || !p->at)
			return -ENOMEM;
	}
	return 0;
}

/* "function+0x1/0x2 [module]" of what decoders make of it: without the file and line. NULL: no memory. */
static const char *short_at(struct model *m, const char *at)
{
	size_t len = strcspn(at, " ");
	const char *more = at + len, *end;
	char buf[512];

	if (more[0] == ' ' && more[1] == '[' && strncmp(more, " [inline]", 9)) {
		end = strchr(more, ']');
		if (end)
			len = (size_t)(end + 1 - at);
	}
	snprintf(buf, sizeof(buf), "%.*s", (int)(len < sizeof(buf) ? len : sizeof(buf) - 1), at);
	return strpool_copy(&m->str, buf);
}

static int show_lock(struct model *m, const struct lk_ev_part *p, struct finding_lock *l)
{
	*l = (struct finding_lock){ .class = ORDER_NONE, .name = p ? p->text : "", .type = "lock",
				    .mode = "", .addr = p ? p->addr : 0 };
	if (!p || !p->at[0])
		return 0;
	l->at = short_at(m, p->at);
	return l->at ? 0 : -ENOMEM;
}

/* --- links -------------------------------------------------------------------------------- */

static const struct lk_ev_part *find_part(const struct imported *imp, uint32_t role)
{
	unsigned int i;

	for (i = 0; i < imp->pub.nr_parts; i++)
		if (imp->part[i].role == role)
			return &imp->part[i];
	return NULL;
}

/* The frames that follow part @i: how many, and *first of them in imp->frame. */
static unsigned int frames_of(const struct imported *imp, unsigned int i, unsigned int *first)
{
	unsigned int k, nr = 0;

	*first = 0;
	for (k = 0; k < i; k++)
		*first += imp->part[k].role == LK_PART_FRAME;
	for (k = i + 1; k < imp->pub.nr_parts; k++) {
		if (imp->part[k].role == LK_PART_FRAME)
			nr++;
		else if (imp->part[k].role != LK_PART_NOTE)
			break;
	}
	return nr;
}

static void set_frames(const struct imported *imp, const struct lk_ev_part *p, struct finding_link *l)
{
	unsigned int first;

	if (!p)
		return;
	l->nr_frames = frames_of(imp, (unsigned int)(p - imp->part), &first);
	l->frame = imp->frame + first;
}

/* The chain's entry @num; NULL unless there is just one. */
static const struct lk_ev_part *chain_part(const struct imported *imp, uint32_t num)
{
	const struct lk_ev_part *found = NULL;
	unsigned int i;

	for (i = 0; i < imp->pub.nr_parts; i++) {
		const struct lk_ev_part *p = &imp->part[i];

		if (p->role == LK_PART_CHAIN && p->num == num) {
			if (found)
				return NULL;
			found = p;
		}
	}
	return found;
}

/* Entries of the whole chain, #N .. #0, each once; 0 unless it is whole. */
static uint32_t chain_length(const struct imported *imp)
{
	uint32_t nr = 0, i;

	for (i = 0; i < imp->pub.nr_parts; i++)
		nr += imp->part[i].role == LK_PART_CHAIN;
	for (i = 0; i < nr; i++)
		if (!chain_part(imp, i))
			return 0;
	return nr > 1 ? nr : 0;
}

static int show_held(struct model *m, struct imported *imp, struct finding_link *l)
{
	unsigned int i, nr = 0;
	int err = 0;

	for (i = 0; i < imp->pub.nr_parts; i++)
		nr += imp->part[i].role == LK_PART_HELD;
	imp->held = calloc((size_t)nr + 1, sizeof(*imp->held));
	if (!imp->held)
		return -ENOMEM;
	for (i = nr = 0; i < imp->pub.nr_parts && !err; i++)
		if (imp->part[i].role == LK_PART_HELD)
			err = show_lock(m, &imp->part[i], &imp->held[nr++]);
	l->all = imp->held;
	l->nr_all = nr;
	return err;
}

/* Link i > 0: #i was taken while #(i - 1) was held; by whom is not printed. */
static int show_chain(struct model *m, struct imported *imp, uint32_t nr)
{
	uint32_t i;
	int err = 0;

	for (i = 1; i < nr && !err; i++) {
		struct finding_link *l = &imp->link[i];

		*l = (struct finding_link){ .edge = ORDER_NONE, .task.comm = "", .source = cur_source(m),
					    .stack = LK_STACK_NONE };
		err = show_lock(m, chain_part(imp, i), &l->taken);
		if (!err)
			err = show_lock(m, chain_part(imp, i - 1), &l->held);
		set_frames(imp, chain_part(imp, i), l);
	}
	return err;
}

static int show_links(struct model *m, struct imported *imp, const struct lk_ev_report *e,
		      struct finding *f)
{
	uint32_t nr = e->kind == FINDING_CIRCULAR ? chain_length(imp) : 0;
	const struct lk_ev_part *first = chain_part(imp, 0);
	struct finding_link *l;
	int err;

	f->nr_links = nr ? nr : 1;
	f->link = imp->link = l = calloc(f->nr_links, sizeof(*imp->link));
	if (!l)
		return -ENOMEM;
	*l = (struct finding_link){ .edge = ORDER_NONE, .source = cur_source(m), .stack = LK_STACK_NONE,
				    .time_ns = e->time_ns,
				    .task = { strpool_copy(&m->str, e->comm), e->tid, e->tgid } };
	if (!l->task.comm)
		return -ENOMEM;
	set_frames(imp, first ? first : find_part(imp, LK_PART_BACKTRACE), l);
	err = show_lock(m, find_part(imp, LK_PART_ACQUIRING), &l->taken);
	if (!err)
		err = show_lock(m, find_part(imp, LK_PART_HOLDING), &l->held);
	if (!err)
		err = show_held(m, imp, l);
	return err ? err : show_chain(m, imp, nr);
}

/* --- what it is worth --------------------------------------------------------------------- */

static bool same_instance(const struct finding *f)
{
	return f->link[0].taken.addr && f->link[0].taken.addr == f->link[0].held.addr;
}

static void add_why(struct verdict *v, const char *text)
{
	snprintf(v->why[v->nr_why++], WHY_LEN, "%s", text);
}

static void judge(const struct lk_ev_report *e, const struct finding *f, struct verdict *v)
{
	*v = (struct verdict){ .severity = FINDING_LIKELY, .confidence = 70 };
	if (e->origin == LK_ORIGIN_HUNG_TASK) {
		add_why(v, "the kernel found the task blocked for too long");
		v->confidence = 80;
		if (!strcmp(e->subkind, "self-deadlock")) {
			v->severity = FINDING_DEADLOCK;
			v->confidence = 95;
			add_why(v, "the task that it waits for is the task itself");
		}
	} else if (e->origin == LK_ORIGIN_DEPT) {
		add_why(v, "the kernel's dependency tracker reported it: waits and events by class");
	} else {
		add_why(v, "lockdep reported it: its classes are exact, but the instances may differ");
	}
	if (e->kind == FINDING_RECURSIVE && same_instance(f)) {
		v->severity = FINDING_CERTAIN;
		v->confidence = 90;
		add_why(v, "both lines of the report name the same instance");
	}
	if (e->lacks) {
		v->confidence -= 10;
		add_why(v, "parts of the report are missing");
	}
}

/* --- applying ----------------------------------------------------------------------------- */

static struct imported *new_imported(const struct lk_ev_report *e)
{
	struct imported *imp = calloc(1, sizeof(*imp));

	if (!imp)
		return NULL;
	imp->part = calloc((size_t)e->nr_parts + 1, sizeof(*imp->part));
	imp->frame = calloc((size_t)e->nr_parts + 1, sizeof(*imp->frame));
	if (imp->part && imp->frame)
		return imp;
	imported_free(imp);
	return NULL;
}

static int fill(struct model *m, const struct lk_ev_report *e, struct finding_data *f)
{
	struct imported *imp = f->imported;
	unsigned int i, nr = 0;
	int err = copy_strings(m, e, imp);

	for (i = 0; i < e->nr_parts && !err; i++)
		if (imp->part[i].role == LK_PART_FRAME)
			imp->frame[nr++] = imp->part[i].text;
	if (!err)
		err = show_links(m, imp, e, &f->pub);
	if (err)
		return err;
	judge(e, &f->pub, &f->verdict);
	for (i = 0; i < f->verdict.nr_why; i++)
		f->why[i] = f->verdict.why[i];
	f->pub.kind = (enum finding_kind)e->kind;
	f->pub.severity = f->verdict.severity;
	f->pub.confidence = f->verdict.confidence;
	f->pub.nr_why = f->verdict.nr_why;
	f->pub.why = f->why;
	f->pub.first_seen_ns = f->pub.last_seen_ns = e->time_ns;
	f->pub.count = 1;
	f->pub.tier = LK_TIER_LOCKDEP;
	f->pub.report = &imp->pub;
	return 0;
}

static uint32_t hash_of(const struct finding *f)
{
	uint32_t h = finding_hash_str(FINDING_HASH_BASIS, finding_kind_str(f->kind));
	unsigned int i;

	h = finding_hash_str(h, finding_origin_str(f->report->origin));
	h = finding_hash_str(h, f->report->subkind);
	h = finding_hash_str(h, f->link[0].held.name);
	for (i = 0; i < f->nr_links; i++)
		h = finding_hash_str(h, f->link[i].taken.name);
	return h;
}

/* "line 12 of 'x.log': the report has no held, backtrace" */
static int note_lacks(struct model *m, const struct finding_report *r)
{
	char text[512];
	unsigned int i, n;
	bool any = false;

	if (!r->lacks)
		return 0;
	n = (unsigned int)snprintf(text, sizeof(text), "the report in line %" PRIu32 " of '%.300s' is not whole: no ",
				   r->line, r->file);
	for (i = 0; finding_lacks_str(i); i++) {
		if (!(r->lacks >> i & 1))
			continue;
		n += (unsigned int)snprintf(text + n, sizeof(text) - n, "%s%s", any ? ", " : "",
					    finding_lacks_str(i));
		any = true;
	}
	return model_add_gap(m, text);
}

int model_apply_report(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_report *e = &ev->report;
	struct order *o = m->order;
	struct finding_data *f;
	int err = check(e, why);

	if (err)
		return err;
	if (vec_reserve(&o->finding, 1) || htab_reserve(&o->ids, 1))
		return -ENOMEM;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->imported = new_imported(e);
	err = f->imported ? fill(m, e, f) : -ENOMEM;
	if (!err)
		err = note_lacks(m, &f->imported->pub);
	if (err) {
		imported_free(f->imported);
		free(f);
		return err;
	}
	finding_set_id(o, f, hash_of(&f->pub));
	o->finding.v[o->finding.nr++] = f;
	o->version++;
	model_note_time(m, e->time_ns);
	return 0;
}
