// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings and lock order, for all formats; see parts_finding.h.
 */
#include "parts_finding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/num.h"
#include "../core/lockname.h"
#include "../core/suppress.h"
#include "parts.h"

const char *parts_finding_title(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_CIRCULAR:
		return "circular locking dependency";
	case FINDING_RECURSIVE:
		return "recursive locking";
	case FINDING_RW_UPGRADE:
		return "upgrade of a read lock";
	case FINDING_IRQ_INVERSION:
		return "irq lock inversion";
	case FINDING_INCONSISTENT:
		return "inconsistent lock state";
	case FINDING_WAIT_CONTEXT:
		return "invalid wait context";
	case FINDING_BAD_UNLOCK:
		return "bad unlock";
	case FINDING_HELD_AT_EXIT:
		return "task ended with a lock held";
	case FINDING_DEADLOCKED_NOW:
		return "deadlock";
	case FINDING_OTHER:
		break;
	}
	return "locking problem";
}

const struct finding_lock *parts_finding_lock(const struct finding *f)
{
	const struct finding_link *l = &f->link[0];

	return l->taken.name && l->taken.name[0] ? &l->taken : &l->held;
}

int parts_short_len(const char *name)
{
	const char *module = strstr(name, " [");

	return (int)(module ? (size_t)(module - name) : strlen(name));
}

bool parts_shows_mode(const struct finding_lock *l)
{
	return l->mode[0] && (strcmp(l->mode, "write") || strstr(l->type, "rw"));
}

/* --- tasks ------------------------------------------------------------------------------ */

bool parts_task_again(const struct finding *f, unsigned int i)
{
	unsigned int k;

	if (f->report && i)	/* the kernel does not say whose it was */
		return true;
	for (k = 0; k < i; k++) {
		if (f->link[k].task.tid == f->link[i].task.tid &&
		    f->link[k].source == f->link[i].source)
			return true;
	}
	return false;
}

unsigned int parts_nr_tasks(const struct finding *f)
{
	unsigned int i, nr = 0;

	for (i = 0; i < f->nr_links; i++)
		nr += !parts_task_again(f, i);
	return nr;
}

/* --- call sites ------------------------------------------------------------------------- */

static int frame_text(const struct model_frame *f, char **at)
{
	*at = parts_frame(f);
	return *at ? 0 : -ENOMEM;
}

int parts_site(const struct model *m, unsigned int source, uint64_t site, uint32_t stack, char **at)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX], f;
	unsigned int nr, caller;
	bool known = site && model_symbol(m, source, site, &f);

	*at = NULL;
	if (known && !f.internal)
		return frame_text(&f, at);
	nr = stack == LK_STACK_NONE ? 0 : model_stack(m, source, stack, frame, &caller);
	if (nr && caller < nr)
		return frame_text(&frame[caller], at);
	return site ? frame_text(&f, at) : 0;
}

int parts_lock_at(const struct model *m, unsigned int source, const struct finding_lock *l,
		  uint32_t stack, char **at)
{
	if (!l->at)
		return parts_site(m, source, l->site, stack, at);
	*at = strdup(l->at);
	return *at ? 0 : -ENOMEM;
}

int parts_link_held_at(const struct model *m, const struct finding_link *l, char **at)
{
	/* The stack is that of the acquisition, later: it does not tell where `held` was taken. */
	return parts_lock_at(m, l->source, &l->held, LK_STACK_NONE, at);
}

int parts_link_taken_at(const struct model *m, const struct finding_link *l, char **at)
{
	return parts_lock_at(m, l->source, &l->taken, l->stack, at);
}

/* --- filter ----------------------------------------------------------------------------- */

static bool has_id(const uint32_t *list, unsigned int nr, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (list[i] == id)
			return true;
	}
	return false;
}

static bool lock_meant(const struct finding_lock *l, const struct view_filter *flt)
{
	uint64_t addr;
	unsigned int i;

	for (i = 0; i < flt->nr_lock; i++) {
		if (!num_parse_addr(flt->lock[i], &addr) ? l->addr == addr :
							   view_lock_matches(l->name, flt->lock[i]))
			return true;
	}
	return false;
}

/* By which types of the contention tier does the lock go? What has none there always passes. */
static bool type_meant(const struct finding_lock *l, uint64_t mask)
{
	static const struct { const char *type; uint64_t mask; } types[] = {
		{ "mutex", UINT64_C(1) << LK_LCB_MUTEX },
		{ "ww_mutex", UINT64_C(1) << LK_LCB_MUTEX },
		{ "rwsem", UINT64_C(1) << LK_LCB_READ | UINT64_C(1) << LK_LCB_WRITE },
		{ "semaphore", UINT64_C(1) << 0 },
		{ "rtmutex", UINT64_C(1) << LK_LCB_RT },
		{ "percpu-rwsem", UINT64_C(1) << (LK_LCB_PERCPU | LK_LCB_READ) |
				  UINT64_C(1) << (LK_LCB_PERCPU | LK_LCB_WRITE) },
		{ "spinlock", UINT64_C(1) << LK_LCB_SPIN },
		{ "rwlock", UINT64_C(1) << (LK_LCB_SPIN | LK_LCB_READ) |
			    UINT64_C(1) << (LK_LCB_SPIN | LK_LCB_WRITE) },
	};
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].type, l->type))
			return mask & types[i].mask;
	}
	return true;
}

static bool caller_meant(const struct model *m, const struct finding_link *l,
			 const struct view_filter *flt)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX], site;
	unsigned int i, k, nr, caller;

	nr = l->stack == LK_STACK_NONE ? 0 : model_stack(m, l->source, l->stack, frame, &caller);
	for (k = 0; k < flt->nr_caller; k++) {
		for (i = 0; i < nr; i++) {
			if (strstr(frame[i].name, flt->caller[k]))
				return true;
		}
		if ((model_symbol(m, l->source, l->taken.site, &site) &&
		     strstr(site.name, flt->caller[k])) ||
		    (model_symbol(m, l->source, l->held.site, &site) &&
		     strstr(site.name, flt->caller[k])))
			return true;
	}
	return false;
}

/* Locks and functions that a report of the kernel names beside its links. */
static void report_meant(const struct finding_report *r, const struct view_filter *flt, bool *lock,
			 bool *caller)
{
	unsigned int i, k;

	for (i = 0; i < r->nr_parts; i++) {
		const struct lk_ev_part *p = &r->part[i];

		for (k = 0; k < flt->nr_lock && p->role <= LK_PART_CLASS; k++)
			*lock = *lock || view_lock_matches(p->text, flt->lock[k]);
		for (k = 0; k < flt->nr_caller; k++)
			*caller = *caller || strstr(p->at, flt->caller[k]) ||
				  (p->role == LK_PART_FRAME && strstr(p->text, flt->caller[k]));
	}
}

/* Each part of the filter must be met, but by any link. */
bool parts_finding_pass(const struct model *m, const struct finding *f,
			const struct view_filter *flt)
{
	bool lock = !flt->nr_lock, type = !flt->type_mask, caller = !flt->nr_caller;
	bool pid = !flt->nr_pid, tid = !flt->nr_tid;
	unsigned int i;

	if (suppress_find(flt->suppress, f))
		return false;
	for (i = 0; i < f->nr_links; i++) {
		const struct finding_link *l = &f->link[i];

		lock = lock || lock_meant(&l->held, flt) || lock_meant(&l->taken, flt);
		type = type || type_meant(&l->held, flt->type_mask) ||
		       type_meant(&l->taken, flt->type_mask);
		caller = caller || caller_meant(m, l, flt);
		pid = pid || has_id(flt->pid, flt->nr_pid, l->task.tgid);
		tid = tid || has_id(flt->tid, flt->nr_tid, l->task.tid);
	}
	if (f->report)
		report_meant(f->report, flt, &lock, &caller);
	return lock && type && caller && pid && tid;
}

unsigned int parts_nr_findings(const struct model *m, const struct view_filter *filter)
{
	unsigned int i, n = 0;

	for (i = 0; i < model_nr_findings(m); i++)
		n += parts_finding_pass(m, model_finding(m, i), filter);
	return n;
}

unsigned int parts_nr_suppressed(const struct model *m, const struct suppress *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < model_nr_findings(m); i++)
		n += suppress_find(s, model_finding(m, i)) != NULL;
	return n;
}

/* --- lists ------------------------------------------------------------------------------ */

struct ranked {
	const struct finding *f;
	unsigned int index;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->f->severity != y->f->severity)
		return x->f->severity < y->f->severity ? 1 : -1;
	if (x->f->confidence != y->f->confidence)
		return x->f->confidence < y->f->confidence ? 1 : -1;
	return x->index < y->index ? -1 : x->index > y->index;
}

int parts_findings_init(const struct model *m, const struct view_filter *filter,
			struct parts_findings *ret)
{
	unsigned int i, nr = 0, all = model_nr_findings(m);
	struct ranked *r = calloc((size_t)all + 1, sizeof(*r));
	const struct finding **v = calloc((size_t)all + 1, sizeof(*v));

	if (!r || !v) {
		free(r);
		free(v);
		return -ENOMEM;
	}
	for (i = 0; i < all; i++) {
		const struct finding *f = model_finding(m, i);

		if (parts_finding_pass(m, f, filter))
			r[nr++] = (struct ranked){ .f = f, .index = i };
	}
	qsort(r, nr, sizeof(*r), by_rank);
	for (i = 0; i < nr; i++)
		v[i] = r[i].f;
	free(r);
	*ret = (struct parts_findings){ .v = v, .nr = nr };
	return 0;
}

void parts_findings_done(struct parts_findings *list)
{
	free(list->v);
	*list = (struct parts_findings){ 0 };
}

const struct model_watch *parts_watch(const struct model *m, unsigned int source, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < model_nr_watch(m); i++) {
		const struct model_watch *w = model_watch(m, i);

		if (w->source == source && w->id == id)
			return w;
	}
	return NULL;
}

bool parts_order_traced(const struct model *m)
{
	unsigned int i;

	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		if ((!strcmp(c->tier, "order") || !strcmp(c->tier, "lockdep")) &&
		    (c->state == LK_STATE_FULL || c->state == LK_STATE_PARTIAL))
			return true;
	}
	return model_nr_edges(m) || model_nr_findings(m);
}

/* --- order ------------------------------------------------------------------------------ */

uint32_t parts_class(const struct model *m, uint32_t class)
{
	return model_class(m, class).merged_into;
}

static int by_count(const void *a, const void *b)
{
	const struct parts_edge *x = a, *y = b;

	if (x->e.count != y->e.count)
		return x->e.count < y->e.count ? 1 : -1;
	return x->index < y->index ? -1 : x->index > y->index;
}

int parts_edges_init(const struct model *m, bool nesting, struct parts_edges *ret)
{
	unsigned int i, nr = 0, all = model_nr_edges(m);
	struct parts_edge *v = calloc((size_t)all + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (i = 0; i < all; i++) {
		struct model_edge e = model_edge(m, i);

		e.from = parts_class(m, e.from);
		e.to = parts_class(m, e.to);
		if (e.dep && (e.from == e.to) == nesting)
			v[nr++] = (struct parts_edge){ .index = i, .e = e };
	}
	qsort(v, nr, sizeof(*v), by_count);
	*ret = (struct parts_edges){ .v = v, .nr = nr };
	return 0;
}

void parts_edges_done(struct parts_edges *list)
{
	free(list->v);
	*list = (struct parts_edges){ 0 };
}
