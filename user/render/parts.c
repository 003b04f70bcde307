// SPDX-License-Identifier: GPL-2.0-only
/*
 * What more than one format needs to know about a report; see parts.h.
 */
#include "parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../core/lockname.h"
#include "../core/sat.h"

unsigned int parts_sections(const struct render_opts *opts, unsigned int dflt)
{
	return opts->sections ? opts->sections : dflt;
}

unsigned int parts_dims(const struct view_opts *view)
{
	return view->dims ? view->dims : VIEW_DEFAULT;
}

bool parts_has_owner(unsigned int dims)
{
	return !(dims & ~(unsigned int)(VIEW_LOCK | VIEW_ADDR | VIEW_TYPE | VIEW_CALLER | VIEW_OWNER));
}

struct view_opts parts_hold_view(const struct view_opts *view)
{
	struct view_opts v = *view;

	v.holds = true;
	if (v.dims & VIEW_OWNER)
		v.dims = (v.dims & ~(unsigned int)VIEW_OWNER) | VIEW_TASK;
	return v;
}

const char *parts_common(const struct model *m, size_t off)
{
	unsigned int i, nr = model_nr_sources(m);
	const char *common = NULL, *s;

	for (i = 0; i < nr; i++) {
		s = *(const char *const *)((const char *)model_source(m, i) + off);
		if (i && strcmp(s, common))
			return NULL;
		common = s;
	}
	return common;
}

void parts_totals(const struct model *m, bool holds, uint64_t *count, uint64_t *total_ns)
{
	unsigned int i, nr = holds ? model_nr_holds(m) : model_nr_rows(m);

	*count = *total_ns = 0;
	for (i = 0; i < nr; i++) {
		struct model_row r = holds ? model_hold(m, i) : model_row(m, i);

		*count = sat_add(*count, r.agg.count);
		*total_ns = sat_add(*total_ns, r.agg.total_ns);
	}
}

uint64_t parts_real_ns(const struct model *m, uint64_t mono_ns)
{
	unsigned int nr = model_nr_sources(m);
	const struct model_source *s;

	if (!nr)
		return 0;
	s = model_source(m, nr - 1);
	return s->start_real_ns + (mono_ns - s->start_ns);
}

uint64_t parts_avg_ns(const struct view_row *r)
{
	return r->count ? r->total_ns / r->count : 0;
}

bool parts_has_extremes(const struct view_row *r)
{
	return r->max_ns || !r->total_ns;
}

const char *parts_known(const char *s)
{
	return s && *s ? s : NULL;
}

char *parts_frame(const struct model_frame *f)
{
	char *text;
	int n;

	if (!f->name[0])
		n = asprintf(&text, "0x%" PRIx64, f->addr);
	else if (f->module[0])
		n = asprintf(&text, "%s+0x%" PRIx32 "/0x%" PRIx32 " [%s]", f->name, f->off, f->size,
			     f->module);
	else
		n = asprintf(&text, "%s+0x%" PRIx32 "/0x%" PRIx32, f->name, f->off, f->size);
	return n < 0 ? NULL : text;
}

char *parts_caller(const char *name, const char *module)
{
	char *text;
	int n;

	if (name && *name && module && *module)
		n = asprintf(&text, "%s [%s]", name, module);
	else
		n = asprintf(&text, "%s", name ? name : "");
	return n < 0 ? NULL : text;
}

const char *parts_source_name(const struct model_source *s)
{
	if (s->host[0])
		return s->host;
	return s->flags & LK_META_IMPORTED && s->cmdline[0] ? s->cmdline : "unknown host";
}

const char *parts_state_str(uint32_t state)
{
	switch (state) {
	case LK_STATE_NONE:
		return "none";
	case LK_STATE_PARTIAL:
		return "partial";
	case LK_STATE_FULL:
		return "full";
	}
	return "unknown";
}

/* --- waits without an end --------------------------------------------------------------- */

static bool has_id(const uint32_t *list, unsigned int nr, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (list[i] == id)
			return true;
	}
	return false;
}

/* The row that a wait was counted in, if it passed the filter. Each wait of a row is given out once. */
static const struct view_row *take_row(struct view *v, unsigned int source,
				       const struct lk_ev_wait *e)
{
	struct view_row *r;

	for (r = v->row; r < v->row + v->nr; r++) {
		if (r->waiting && r->addr == e->lock && r->tid == e->tid && r->tgid == e->tgid &&
		    (r->stack == LK_STACK_NONE || r->stack_source == source) &&
		    !strcmp(r->type, lock_type_str(e->lcb))) {
			r->waiting--;
			return r;
		}
	}
	return NULL;
}

/* Longest first; else in order of appearance, which is the order in memory. */
static int by_length(const void *a, const void *b)
{
	const struct lk_ev_wait *x = ((const struct parts_wait *)a)->wait;
	const struct lk_ev_wait *y = ((const struct parts_wait *)b)->wait;

	if (x->dur_ns != y->dur_ns)
		return x->dur_ns < y->dur_ns ? 1 : -1;
	return x < y ? -1 : x > y;
}

/*
 * Their names and the verdict of the filter come from a view of the rows that
 * they were counted in, so that they read as in the table above them.
 */
static int build(const struct model *m, const struct view_opts *opts, struct parts_waiting *w)
{
	unsigned int i, all = model_nr_waiting(m), nr_tid = 0;
	struct view_opts by_task = {
		.dims = VIEW_LOCK | VIEW_ADDR | VIEW_TYPE | VIEW_CALLER | VIEW_TASK | VIEW_CGROUP,
		.filter = opts->filter,
	};
	int err;

	for (i = 0; i < all; i++) {
		uint32_t tid = model_waiting(m, i)->tid;

		if (!has_id(w->tid, nr_tid, tid) &&
		    (!opts->filter.nr_tid || has_id(opts->filter.tid, opts->filter.nr_tid, tid)))
			w->tid[nr_tid++] = tid;
	}
	if (!nr_tid)
		return 0;
	by_task.filter.tid = w->tid;
	by_task.filter.nr_tid = nr_tid;
	err = view_build(m, &by_task, &w->view);
	if (err)
		return err;
	for (i = 0; i < all; i++) {
		struct parts_wait *p = &w->v[w->nr];

		p->wait = model_waiting(m, i);
		p->source = model_waiting_source(m, i);
		p->row = take_row(&w->view, p->source, p->wait);
		w->nr += p->row != NULL;
	}
	qsort(w->v, w->nr, sizeof(*w->v), by_length);
	return 0;
}

int parts_waiting_init(const struct model *m, const struct view_opts *opts,
		       struct parts_waiting *ret)
{
	unsigned int all = model_nr_waiting(m);
	struct parts_waiting w = { 0 };
	int err = 0;

	if (all) {
		w.v = calloc(all, sizeof(*w.v));
		w.tid = calloc(all, sizeof(*w.tid));
		err = w.v && w.tid ? build(m, opts, &w) : -ENOMEM;
	}
	if (err) {
		parts_waiting_done(&w);
		return err;
	}
	*ret = w;
	return 0;
}

void parts_waiting_done(struct parts_waiting *w)
{
	view_done(&w->view);
	free(w->v);
	free(w->tid);
	memset(w, 0, sizeof(*w));
}

int parts_flush(FILE *out)
{
	return fflush(out) || ferror(out) ? -EIO : 0;
}
