// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contention on the panels: views by lock, task, caller and cgroup, with the
 * waits added that have not ended; and who waits for whom.
 *
 * The owner of a wait is who held the lock when the waiter came. Of several
 * waiters the last one to come knows best.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

#define CHAIN_MAX	16	/* links that are followed */

static int longest_first(const void *a, const void *b)
{
	const struct top_wait *x = a, *y = b;

	if (x->wait.start_ns != y->wait.start_ns)
		return x->wait.start_ns < y->wait.start_ns ? -1 : 1;
	return x->wait.tid < y->wait.tid ? -1 : x->wait.tid > y->wait.tid;
}

static int add_wait(struct top_data *d, const struct lk_ev_wait *w, unsigned int source,
		    const struct view_wait *words)
{
	struct top_wait t = { .wait = *w, .source = source };
	int err = 0;

	t.wait.comm = top_text(d, w->comm, &err);
	t.wait.owner_comm = top_text(d, w->owner_comm, &err);
	t.lock = top_text(d, words->lock, &err);
	t.type = words->type;		/* a constant */
	t.caller = top_text(d, words->caller, &err);
	t.module = top_text(d, words->caller_module, &err);
	t.cgroup = top_text(d, words->cgroup, &err);
	return err ? err : vec_push(&d->wait, t);
}

int top_build_waits(struct top_data *d, const struct model *m, const struct top_env *env)
{
	const struct view_opts opts = { .filter = env->filter };
	struct view_waits words;
	unsigned int i;
	int err;

	d->wait.nr = 0;
	err = view_waits(m, &opts, env->wait, env->source, env->nr_wait, &words);
	for (i = 0; i < env->nr_wait && !err; i++)
		if (words.v[i].pass)
			err = add_wait(d, &env->wait[i], env->source[i], &words.v[i]);
	view_waits_done(&words);
	if (d->wait.nr)
		qsort(d->wait.v, d->wait.nr, sizeof(*d->wait.v), longest_first);
	return err;
}

/* --- rows of a view ----------------------------------------------------------------------- */

/* caller and module as one text: "function [module]" */
static const char *caller_text(struct top_data *d, const char *caller, const char *module, int *err)
{
	char buf[320];

	if (!caller || !module || !module[0])
		return top_text(d, caller, err);
	snprintf(buf, sizeof(buf), "%.200s [%.100s]", caller, module);
	return top_text(d, buf, err);
}

static int key_text(struct top_data *d, const char *text, struct top_key *key)
{
	return strpool_id(&d->str, text ? text : "(unknown)", &key->text);
}

static int row_key(struct top_data *d, enum top_panel panel, const struct view_row *r,
		   const char *caller, struct top_key *key)
{
	int err = 0;

	*key = (struct top_key){ 0 };
	switch (panel) {
	case TOP_TASKS:
		*key = (struct top_key){ .id = r->tid, .source = r->stack_source + 1 };
		/* The idle tasks of all CPUs have number 0. */
		return r->tid ? 0 : key_text(d, top_text(d, r->comm, &err), key);
	case TOP_CALLERS:
		return key_text(d, caller, key);
	case TOP_CGROUPS:
		return key_text(d, top_text(d, r->cgroup, &err), key);
	default:
		return key_text(d, top_text(d, r->lock, &err), key);
	}
}

static int add_view_row(struct top_data *d, enum top_panel panel, const struct view_row *r)
{
	int err = 0;
	const char *caller = caller_text(d, r->caller, r->caller_module, &err);
	struct top_key key;
	struct top_row *row;

	if (!err)
		err = row_key(d, panel, r, caller, &key);
	row = err ? NULL : top_row_get(d, panel, &key);
	if (!row)
		return -ENOMEM;
	row->count = r->count;
	row->total_ns = row->done_ns = r->total_ns;
	row->max_ns = r->max_ns;
	row->p99_ns = r->p99_ns;
	row->instances = r->instances;
	row->type = r->type ? top_text(d, r->type, &err) : "mixed";
	row->lock = top_text(d, r->lock, &err);
	row->caller = caller;
	row->tid = r->tid;
	row->tgid = r->tgid;
	row->owner = top_task_text(d, r->owner_comm, r->owner_tid, &err);
	row->owner_tid = r->owner_tid;
	if (panel == TOP_TASKS)
		row->name = top_task_text(d, r->comm, r->tid, &err);
	else
		row->name = strpool_str(&d->str, key.text);
	return err;
}

/* --- hold times of locks -------------------------------------------------------------------- */

static int add_hold_row(struct top_data *d, const struct view_row *r)
{
	struct top_key key;
	struct top_row *row;
	int err = row_key(d, TOP_LOCKS, r, NULL, &key);

	row = err ? NULL : top_row_get(d, TOP_LOCKS, &key);
	if (!row)
		return -ENOMEM;
	row->holds = r->count;
	row->hold_ns = r->total_ns;
	row->hold_max_ns = r->max_ns;
	if (row->name)
		return 0;
	row->name = strpool_str(&d->str, key.text);	/* nobody has waited for it */
	row->type = r->type ? top_text(d, r->type, &err) : "mixed";
	row->lock = top_text(d, r->lock, &err);
	row->caller = caller_text(d, r->caller, r->caller_module, &err);
	row->instances = r->instances;
	return err;
}

/* --- both of them --------------------------------------------------------------------------- */

/* Rows of a panel: waits, or what is known of holds. */
static int build_view(struct top_data *d, const struct model *m, const struct top_env *env,
		      enum top_panel panel, bool holds)
{
	static const unsigned int dims[TOP_PANEL_NR] = {
		[TOP_LOCKS] = VIEW_LOCK, [TOP_TASKS] = VIEW_TASK,
		[TOP_CALLERS] = VIEW_CALLER, [TOP_CGROUPS] = VIEW_CGROUP,
	};
	const struct view_opts opts = { .dims = dims[panel], .holds = holds, .filter = env->filter };
	struct view v;
	unsigned int i;
	int err = view_build(m, &opts, &v);

	if (err)
		return err;
	for (i = 0; i < v.nr && !err; i++)
		err = holds ? add_hold_row(d, &v.row[i]) : add_view_row(d, panel, &v.row[i]);
	view_done(&v);
	return err;
}

/* --- waits that have not ended ------------------------------------------------------------- */

static int wait_key(struct top_data *d, enum top_panel panel, const struct top_wait *w,
		    struct top_key *key)
{
	const char *caller;
	int err = 0;

	*key = (struct top_key){ 0 };
	switch (panel) {
	case TOP_TASKS:
		*key = (struct top_key){ .id = w->wait.tid, .source = w->source + 1 };
		return w->wait.tid ? 0 : key_text(d, w->wait.comm, key);
	case TOP_CALLERS:
		caller = caller_text(d, w->caller, w->module, &err);
		return err ? err : key_text(d, caller, key);
	case TOP_CGROUPS:
		return key_text(d, w->cgroup, key);
	default:
		return key_text(d, w->lock, key);
	}
}

/* A row that only waits have made so far. */
static int name_row(struct top_data *d, enum top_panel panel, const struct top_wait *w,
		    const struct top_key *key, struct top_row *row)
{
	int err = 0;

	row->type = w->type;
	row->lock = w->lock;
	row->caller = caller_text(d, w->caller, w->module, &err);
	row->instances = 1;
	if (panel == TOP_TASKS)
		row->name = top_task_text(d, w->wait.comm, w->wait.tid, &err);
	else
		row->name = strpool_str(&d->str, key->text);
	return err;
}

/* Waits come longest first; so the last one with an owner knows best. */
static int add_to_row(struct top_data *d, enum top_panel panel, const struct top_wait *w)
{
	struct top_key key;
	struct top_row *row;
	int err = wait_key(d, panel, w, &key);

	row = err ? NULL : top_row_get(d, panel, &key);
	if (!row)
		return -ENOMEM;
	if (!row->name)
		err = name_row(d, panel, w, &key, row);
	row->waiting++;
	if (!d->wait_counted)
		row->total_ns += w->wait.dur_ns;
	if (w->wait.dur_ns > row->max_ns)
		row->max_ns = w->wait.dur_ns;
	if (w->wait.owner_tid && (panel == TOP_LOCKS || panel == TOP_TASKS)) {
		row->owner = top_task_text(d, w->wait.owner_comm, w->wait.owner_tid, &err);
		row->owner_tid = w->wait.owner_tid;
		row->owner_now = true;
	}
	if (panel != TOP_TASKS)
		return err;
	row->lock = w->lock;
	row->tid = w->wait.tid;
	row->tgid = w->wait.tgid;
	row->since_ns = w->wait.dur_ns ? w->wait.dur_ns : 1;
	row->chain = top_chain(d, w, &row->circle);
	return row->chain ? err : -ENOMEM;
}

int top_build_contention(struct top_data *d, const struct model *m, const struct top_env *env,
			 enum top_panel panel)
{
	size_t i;
	int err;

	top_rows_clear(d, panel);
	err = build_view(d, m, env, panel, false);
	for (i = 0; i < d->wait.nr && !err; i++)
		err = add_to_row(d, panel, &d->wait.v[i]);
	if (!err && panel == TOP_LOCKS && model_nr_holds(m))
		err = build_view(d, m, env, panel, true);
	return err;
}

/* --- who waits for whom ------------------------------------------------------------------- */

const struct top_wait *top_wait_of(const struct top_data *d, unsigned int source, uint32_t tid)
{
	size_t i;

	for (i = 0; i < d->wait.nr; i++)
		if (d->wait.v[i].wait.tid == tid && d->wait.v[i].source == source)
			return &d->wait.v[i];
	return NULL;
}

static bool seen(const uint32_t *tid, unsigned int nr, uint32_t want)
{
	while (nr)
		if (tid[--nr] == want)
			return true;
	return false;
}

const char *top_chain(struct top_data *d, const struct top_wait *w, bool *circle)
{
	char buf[1024] = "";
	const char *sep = "";
	uint32_t tid[CHAIN_MAX];
	unsigned int nr = 0;
	size_t len = 0;

	*circle = false;
	while (w->wait.owner_tid && nr < CHAIN_MAX) {
		tid[nr++] = w->wait.tid;
		if (seen(tid, nr, w->wait.owner_tid)) {
			*circle = true;
			len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%sa circle", sep);
			break;
		}
		w = top_wait_of(d, w->source, w->wait.owner_tid);
		if (!w || len > sizeof(buf) - 300)
			break;
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%swaits for %.120s", sep,
					w->lock);
		if (w->wait.owner_tid)
			len += (size_t)snprintf(buf + len, sizeof(buf) - len,
						" held by %.60s/%" PRIu32, w->wait.owner_comm,
						w->wait.owner_tid);
		sep = " which ";
	}
	return strpool_copy(&d->str, buf);
}
