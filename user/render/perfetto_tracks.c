// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format perfetto: what its tracks are called, and in which order they come.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "perfetto_priv.h"

static void begin_name(struct perfetto *p, const char *what, struct perfetto_track at)
{
	perfetto_event(p, "M", NULL, what, at);
	jsonw_key_us(&p->w, "ts", 0);
	jsonw_key(&p->w, "args");
	jsonw_object(&p->w, false);
}

static void end_name(struct perfetto *p)
{
	jsonw_end(&p->w);
	jsonw_end(&p->w);
}

static void put_name(struct perfetto *p, const char *what, struct perfetto_track at, const char *name)
{
	begin_name(p, what, at);
	jsonw_key_str(&p->w, "name", name[0] ? name : "(unknown)");
	end_name(p);
}

/* "NAME", or with several sources "NAME on HOST". */
static int put_process_name(struct perfetto *p, unsigned int source, uint32_t pid, const char *name)
{
	const char *host = model_source(p->m, source)->host;
	const struct perfetto_track at = { pid, pid };
	char *text;

	if (model_nr_sources(p->m) == 1) {
		put_name(p, "process_name", at, name);
		return 0;
	}
	if (asprintf(&text, "%s on %s", name[0] ? name : "(unknown)", host[0] ? host : "(unknown)") < 0)
		return -ENOMEM;
	put_name(p, "process_name", at, text);
	free(text);
	return 0;
}

/* Called as its first thread or, where that is not among the tasks, as @task. */
static int put_process(struct perfetto *p, uint32_t task)
{
	const struct timeline_task *t = &p->t.task.v[task];
	uint32_t leader = timeline_task(&p->t, t->source, t->tgid, t->tgid);
	const char *name = leader == TIMELINE_NONE ? t->comm : p->t.task.v[leader].comm;

	return put_process_name(p, t->source, task_track(p, task).pid, t->tid ? name : "idle");
}

static int put_tasks(struct perfetto *p)
{
	struct htab pids;
	uint32_t i, n;
	char idle[24];
	int is_new, err = 0;

	htab_init(&pids, sizeof(uint32_t));
	for (i = 0; i < p->t.task.nr && !err; i++) {
		const struct timeline_task *t = &p->t.task.v[i];
		const struct perfetto_track at = task_track(p, i);

		if (!t->shown)
			continue;
		is_new = htab_put(&pids, &at.pid, &n);
		err = is_new > 0 ? put_process(p, i) : is_new;
		snprintf(idle, sizeof(idle), "idle, CPU %" PRIu32, t->cpu ? t->cpu - 1 : 0);
		put_name(p, "thread_name", at, t->tid ? t->comm : idle);
	}
	htab_done(&pids);
	return err;
}

static int by_total(const void *a, const void *b)
{
	const struct timeline_lock *const *x = a, *const *y = b;

	if ((*x)->total_ns != (*y)->total_ns)
		return (*x)->total_ns < (*y)->total_ns ? 1 : -1;
	return *x < *y ? -1 : *x > *y;
}

/* With its address, as there may be many of a name; @rank: its place from the top. */
static int put_lock_track(struct perfetto *p, uint32_t lock, struct perfetto_track at, uint32_t lane,
			  uint32_t rank)
{
	const struct timeline_lock *l = &p->t.lock.v[lock];
	char more[24] = "", *text;

	if (lane)
		snprintf(more, sizeof(more), ", lane %" PRIu32, lane + 1);
	if (asprintf(&text, "%s 0x%" PRIx64 "%s", l->name, l->addr, more) < 0)
		return -ENOMEM;
	put_name(p, "thread_name", at, text);
	free(text);
	begin_name(p, "thread_sort_index", at);
	jsonw_key_u32(&p->w, "sort_index", rank);
	end_name(p);
	return 0;
}

/* Lanes of a lock are beside each other. */
static int put_lock(struct perfetto *p, uint32_t lock, uint32_t rank)
{
	int err = put_lock_track(p, lock, lock_track(p, lock), 0, rank);
	uint32_t i, nr = 0;

	for (i = 0; i < p->t.lane.nr && !err; i++) {
		if (p->t.lane.v[i] == lock)
			err = put_lock_track(p, lock, lane_track(p, i), ++nr, rank);
	}
	return err;
}

/* The most waited for comes first. */
static int put_locks(struct perfetto *p)
{
	const struct timeline_lock **v = calloc(p->t.lock.nr + 1, sizeof(*v));
	unsigned int source;
	uint32_t i, nr = 0;
	int err = v ? 0 : -ENOMEM;

	for (source = 0; source < model_nr_sources(p->m) && !err; source++)
		err = put_process_name(p, source, orders_track(source).pid, "locks");
	for (i = 0; i < p->t.lock.nr && !err; i++) {
		if (p->t.lock.v[i].shown)
			v[nr++] = &p->t.lock.v[i];
	}
	if (nr)
		qsort(v, nr, sizeof(*v), by_total);
	for (i = 0; i < nr && !err; i++)
		err = put_lock(p, (uint32_t)(v[i] - p->t.lock.v), i + 1);
	free(v);
	return err;
}

int perfetto_tracks(struct perfetto *p)
{
	int err = put_tasks(p);

	return err ? err : put_locks(p);
}
