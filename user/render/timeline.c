// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which waits, tasks and locks are on a time line; see timeline.h.
 */
#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/sat.h"
#include "parts_finding.h"

struct task_key {
	uint32_t source, tid, tgid, cpu;
};

struct lock_key {
	uint64_t addr;
	uint32_t source, pad;
};

_Static_assert(sizeof(struct lock_key) == 16, "lock_key has padding");

/* The kernel may not have told the process: then it is that of the thread. */
static struct task_key task_key(unsigned int source, uint32_t tid, uint32_t tgid, uint32_t cpu)
{
	return (struct task_key){ .source = source, .tid = tid, .tgid = tgid ? tgid : tid,
				  .cpu = tid ? 0 : cpu };
}

int timeline_add_task(struct timeline *t, unsigned int source, uint32_t tid, uint32_t tgid,
		      uint32_t cpu, uint32_t *task)
{
	struct task_key key = task_key(source, tid, tgid, cpu);
	struct timeline_task new = { .source = source, .tid = tid, .tgid = key.tgid,
				     .cpu = key.cpu, .comm = "" };
	int is_new = htab_put(&t->tasks, &key, task);

	if (is_new < 0)
		return is_new;
	return is_new ? vec_push(&t->task, new) : 0;
}

uint32_t timeline_task(const struct timeline *t, unsigned int source, uint32_t tid, uint32_t tgid)
{
	struct task_key key = task_key(source, tid, tgid, 0);

	return htab_find(&t->tasks, &key);
}

int timeline_add_lock(struct timeline *t, unsigned int source, uint64_t addr,
		      const struct view_wait *name, uint32_t *lock)
{
	struct lock_key key = { .addr = addr, .source = source };
	struct timeline_lock new = { .source = source, .addr = addr, .name = name->lock,
				     .type = name->type };
	int is_new = htab_put(&t->locks, &key, lock);

	if (is_new < 0)
		return is_new;
	return is_new ? vec_push(&t->lock, new) : 0;
}

/* --- waits ------------------------------------------------------------------------------ */

/* Those that have ended, then those that have not, into one array, for view_waits(). */
static int collect(const struct model *m, struct timeline *t, unsigned int *nr, unsigned int *nr_ended)
{
	const uint32_t *source;
	const struct lk_ev_wait *kept = model_waits(m, &source, nr_ended);
	unsigned int i, all = *nr_ended + model_nr_waiting(m);

	t->all = calloc((size_t)all + 1, sizeof(*t->all));
	t->source = calloc((size_t)all + 1, sizeof(*t->source));
	if (!t->all || !t->source)
		return -ENOMEM;
	for (i = 0; i < *nr_ended; i++) {
		t->all[i] = kept[i];
		t->source[i] = source[i];
	}
	for (; i < all; i++) {
		t->all[i] = *model_waiting(m, i - *nr_ended);
		t->source[i] = model_waiting_source(m, i - *nr_ended);
	}
	*nr = all;
	return 0;
}

static int longest_first(const void *a, const void *b)
{
	const struct timeline_wait *x = a, *y = b;

	if (x->wait->dur_ns != y->wait->dur_ns)
		return x->wait->dur_ns < y->wait->dur_ns ? 1 : -1;
	return x->wait < y->wait ? -1 : x->wait > y->wait;
}

static int by_task(const void *a, const void *b)
{
	const struct timeline_wait *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->wait->start_ns != y->wait->start_ns)
		return x->wait->start_ns < y->wait->start_ns ? -1 : 1;
	return longest_first(a, b);
}

static int name_wait(struct timeline *t, struct timeline_wait *w)
{
	const struct lk_ev_wait *e = w->wait;

	w->owner = TIMELINE_NONE;
	if (timeline_add_task(t, w->source, e->tid, e->tgid, e->cpu, &w->task) ||
	    (e->owner_tid &&
	     timeline_add_task(t, w->source, e->owner_tid, e->owner_tgid, 0, &w->owner)))
		return -ENOMEM;
	if (e->comm[0])
		t->task.v[w->task].comm = e->comm;
	if (e->owner_comm[0] && w->owner != TIMELINE_NONE)
		t->task.v[w->owner].comm = e->owner_comm;
	return timeline_add_lock(t, w->source, e->lock, w->name, &w->lock);
}

/* The length of the @n-th longest wait of those that are shown. 0 or -ENOMEM. */
static int nth_longest(const struct timeline *t, unsigned int n, struct timeline_wait *nth)
{
	struct timeline_wait *v = calloc(t->wait.nr, sizeof(*v));
	size_t i, nr = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < t->wait.nr; i++) {
		if (t->wait.v[i].shown)
			v[nr++] = t->wait.v[i];
	}
	qsort(v, nr, sizeof(*v), longest_first);
	*nth = v[(n < nr ? n : nr ? nr : 1) - 1];
	free(v);
	return 0;
}

static int cut(struct timeline *t, unsigned int entries)
{
	struct timeline_wait last;
	size_t i;

	if (!entries || !t->wait.nr)
		return 0;
	if (nth_longest(t, entries, &last))
		return -ENOMEM;
	for (i = 0; i < t->wait.nr; i++) {
		struct timeline_wait *w = &t->wait.v[i];

		w->shown = w->shown && longest_first(w, &last) <= 0;
	}
	return 0;
}

static int add_waits(const struct model *m, const struct view_opts *opts, struct timeline *t)
{
	unsigned int i, nr, nr_ended;
	int err = collect(m, t, &nr, &nr_ended);

	if (!err)
		err = view_waits(m, opts, t->all, t->source, nr, &t->names);
	for (i = 0; i < nr && !err; i++) {
		struct timeline_wait w = {
			.wait = &t->all[i], .name = &t->names.v[i], .source = t->source[i],
			.shown = t->names.v[i].pass, .ended = i < nr_ended,
		};

		err = name_wait(t, &w);
		if (!err)
			err = vec_push(&t->wait, w);
	}
	if (err || cut(t, opts->entries))
		return -ENOMEM;
	if (t->wait.nr)
		qsort(t->wait.v, t->wait.nr, sizeof(*t->wait.v), by_task);
	return 0;
}

/* --- names of tasks --------------------------------------------------------------------- */

static void name_task(struct timeline *t, unsigned int source, uint32_t tid, uint32_t tgid,
		      uint32_t cpu, const char *comm)
{
	struct task_key key = task_key(source, tid, tgid, cpu);
	uint32_t task = htab_find(&t->tasks, &key);

	if (task != HTAB_NONE && comm[0] && !t->task.v[task].comm[0])
		t->task.v[task].comm = comm;
}

/* A single wait or hold has no names: its row and its owner's have them. */
static void name_tasks(const struct model *m, struct timeline *t)
{
	unsigned int i;

	for (i = 0; i < model_nr_rows(m); i++) {
		struct model_row r = model_row(m, i);

		name_task(t, r.source, r.tid, r.tgid, r.cpu, r.comm);
	}
	for (i = 0; i < model_nr_owners(m); i++) {
		struct model_owner o = model_owner(m, i);

		name_task(t, o.source, o.tid, o.tgid, 0, o.comm);
	}
	for (i = 0; i < model_nr_holds(m); i++) {
		struct model_row r = model_hold(m, i);

		name_task(t, r.source, r.tid, r.tgid, r.cpu, r.comm);
	}
}

static int add_finding_tasks(const struct model *m, const struct view_filter *filter,
			     struct timeline *t)
{
	unsigned int i, k;
	uint32_t task;

	for (i = 0; i < model_nr_findings(m); i++) {
		const struct finding *f = model_finding(m, i);
		bool pass = parts_finding_pass(m, f, filter);

		for (k = 0; k < f->nr_links; k++) {
			const struct finding_link *l = &f->link[k];

			if (timeline_add_task(t, l->source, l->task.tid, l->task.tgid, 0, &task))
				return -ENOMEM;
			t->task.v[task].shown |= pass;
			if (!t->task.v[task].comm[0])
				t->task.v[task].comm = l->task.comm;
		}
	}
	return 0;
}

/* What the waits that are shown refer to is shown, too. @cut: and nothing else. */
static void mark_shown(struct timeline *t, bool cut)
{
	size_t i;

	for (i = 0; i < t->wait.nr; i++) {
		const struct timeline_wait *w = &t->wait.v[i];

		if (!w->shown)
			continue;
		t->task.v[w->task].shown = true;
		t->lock.v[w->lock].shown = true;
		t->lock.v[w->lock].total_ns = sat_add(t->lock.v[w->lock].total_ns, w->wait->dur_ns);
	}
	for (i = 0; i < t->pass.nr; i++) {
		if (t->wait.v[t->pass.v[i].wait].shown)
			t->task.v[t->pass.v[i].from].shown = true;
	}
	for (i = 0; i < t->hold.nr; i++) {
		struct timeline_hold *h = &t->hold.v[i];

		h->shown = t->lock.v[h->lock].shown || (h->recorded && h->name->pass && !cut);
	}
	for (i = 0; i < t->hold.nr; i++)
		t->lock.v[t->hold.v[i].lock].shown |= t->hold.v[i].shown;
}

int timeline_build(const struct model *m, const struct view_opts *opts, struct timeline *t)
{
	int err;

	*t = (struct timeline){ 0 };
	htab_init(&t->tasks, sizeof(struct task_key));
	htab_init(&t->locks, sizeof(struct lock_key));
	err = add_waits(m, opts, t);
	if (!err)
		err = add_finding_tasks(m, &opts->filter, t);
	if (!err)
		err = timeline_holds(t);
	if (!err)
		err = timeline_recorded(m, opts, t);
	if (err)
		return err;
	name_tasks(m, t);
	mark_shown(t, opts->entries);
	return 0;
}

void timeline_done(struct timeline *t)
{
	vec_free(&t->task);
	vec_free(&t->lock);
	vec_free(&t->wait);
	vec_free(&t->hold);
	vec_free(&t->pass);
	vec_free(&t->lane);
	htab_done(&t->tasks);
	htab_done(&t->locks);
	view_waits_done(&t->names);
	view_waits_done(&t->hold_names);
	free(t->all);
	free(t->source);
}
