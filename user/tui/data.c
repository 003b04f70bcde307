// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data of the panels: rows by key, what they gained, and their history.
 */
#include "data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"

#define NSEC 1000000000ull

int top_data_init(struct top_data *d)
{
	unsigned int i;

	memset(d, 0, sizeof(*d));
	for (i = 0; i < TOP_PANEL_NR; i++)
		htab_init(&d->panel[i].keys, sizeof(struct top_key));
	return strpool_init(&d->str);
}

void top_data_done(struct top_data *d)
{
	unsigned int i;

	for (i = 0; i < TOP_PANEL_NR; i++) {
		htab_done(&d->panel[i].keys);
		vec_free(&d->panel[i].row);
		vec_free(&d->panel[i].past);
	}
	vec_free(&d->wait);
	strpool_done(&d->str);
}

const char *top_text(struct top_data *d, const char *s, int *err)
{
	char small[512], *buf = small;
	size_t size;
	const char *text;

	if (!s || *err)
		return NULL;
	size = SANITIZE_MAX(strlen(s));
	if (size > sizeof(small))
		buf = malloc(size);
	if (!buf) {
		*err = -ENOMEM;
		return NULL;
	}
	sanitize_text(buf, size, s);
	text = strpool_copy(&d->str, buf);
	if (!text)
		*err = -ENOMEM;
	if (buf != small)
		free(buf);
	return text;
}

const char *top_task_text(struct top_data *d, const char *comm, uint32_t tid, int *err)
{
	char buf[96];

	if (!comm)
		return NULL;
	snprintf(buf, sizeof(buf), "%.60s/%" PRIu32, comm[0] ? comm : "?", tid);
	return top_text(d, buf, err);
}

void top_rows_clear(struct top_data *d, enum top_panel panel)
{
	d->panel[panel].row.nr = 0;
	d->panel[panel].stamp++;
}

struct top_row *top_row_get(struct top_data *d, enum top_panel panel, const struct top_key *key)
{
	struct top_panel_data *p = &d->panel[panel];
	struct top_past *past;
	uint32_t at;
	int added;

	if (vec_reserve(&p->row, 1) || vec_reserve(&p->past, 1))
		return NULL;
	added = htab_put(&p->keys, key, &at);
	if (added < 0)
		return NULL;
	if (added)
		p->past.v[p->past.nr++] = (struct top_past){ 0 };
	past = &p->past.v[at];
	if (past->stamp == p->stamp)
		return &p->row.v[past->row];
	past->stamp = p->stamp;
	past->row = (uint32_t)p->row.nr;
	p->row.v[p->row.nr] = (struct top_row){ .key = at };
	return &p->row.v[p->row.nr++];
}

const struct top_row *top_data_find(const struct top_data *d, enum top_panel panel, uint32_t key)
{
	const struct top_panel_data *p = &d->panel[panel];

	if (key >= p->past.nr || p->past.v[key].stamp != p->stamp)
		return NULL;
	return &p->row.v[p->past.v[key].row];
}

/* Every second up to @now gets the rate of the interval that ends now. */
static void move_history(struct top_past *p, float rate, uint64_t from_ns, uint64_t now_ns)
{
	uint64_t first = from_ns / NSEC + 1, last = now_ns / NSEC, s;

	if (p->second && first <= p->second)
		first = p->second + 1;
	if (last >= TOP_SECONDS && first + TOP_SECONDS <= last)
		first = last - TOP_SECONDS + 1;
	for (s = p->second + 1; p->second && s < first; s++)
		p->rate[s % TOP_SECONDS] = 0;	/* nobody looked then */
	for (s = first; s <= last; s++)
		p->rate[s % TOP_SECONDS] = rate;
	if (last == p->second && rate > p->rate[last % TOP_SECONDS])
		p->rate[last % TOP_SECONDS] = rate;	/* an interval within a second */
	if (last > p->second)
		p->second = last;
}

void top_past_move(struct top_past *p, uint64_t count, uint64_t total_ns, uint64_t done_ns,
		   uint64_t now_ns)
{
	uint64_t over = p->looked_ns && now_ns > p->looked_ns ? now_ns - p->looked_ns : 0;

	p->gain = over && count > p->count ? count - p->count : 0;
	p->gain_ns = over && total_ns > p->total_ns ? total_ns - p->total_ns : 0;
	p->gain_done_ns = over && done_ns > p->done_ns ? done_ns - p->done_ns : 0;
	p->gain_over_ns = over;
	if (over)
		move_history(p, (float)p->gain_ns / (float)over, p->looked_ns, now_ns);
	p->count = count;
	p->total_ns = total_ns;
	p->done_ns = done_ns;
	p->looked_ns = now_ns;
}

uint64_t top_row_avg(const struct top_row *r, bool total)
{
	if (!total && r->gain && r->gain_over_ns)
		return r->gain_done_ns / r->gain;
	return r->count ? r->done_ns / r->count : 0;
}

uint64_t top_row_hold_avg(const struct top_row *r, bool total)
{
	if (!total && r->hold_gain)
		return r->hold_gain_ns / r->hold_gain;
	return r->holds ? r->hold_ns / r->holds : 0;
}

/* As top_past_move() does of waits; before that, which takes note of the time. */
static void move_holds(struct top_past *p, uint64_t holds, uint64_t hold_ns, uint64_t now_ns)
{
	bool over = p->looked_ns && now_ns > p->looked_ns;

	p->hold_gain = over && holds > p->holds ? holds - p->holds : 0;
	p->hold_gain_ns = over && hold_ns > p->hold_ns ? hold_ns - p->hold_ns : 0;
	p->holds = holds;
	p->hold_ns = hold_ns;
}

/* What rows gained up to the last tick, if the panel was built then. */
static void take_gains(struct top_data *d, enum top_panel panel)
{
	struct top_panel_data *p = &d->panel[panel];
	const struct top_past *past;
	struct top_row *r;

	for (r = p->row.v; r < p->row.v + p->row.nr; r++) {
		past = &p->past.v[r->key];
		if (!past->looked_ns || past->looked_ns != d->now_ns)
			continue;
		r->gain = past->gain;
		r->gain_ns = past->gain_ns;
		r->gain_done_ns = past->gain_done_ns;
		r->gain_over_ns = past->gain_over_ns;
		r->hold_gain = past->hold_gain;
		r->hold_gain_ns = past->hold_gain_ns;
	}
}

static void move_panel(struct top_data *d, enum top_panel panel)
{
	struct top_panel_data *p = &d->panel[panel];
	struct top_past *past;
	struct top_row *r;

	for (r = p->row.v; r < p->row.v + p->row.nr; r++) {
		past = &p->past.v[r->key];
		if (!past->looked_ns)	/* was not there at the last look: began at nothing */
			past->looked_ns = p->looked_ns;
		move_holds(past, r->holds, r->hold_ns, d->now_ns);
		top_past_move(past, r->count, r->total_ns, r->done_ns, d->now_ns);
	}
	p->looked_ns = d->now_ns;
	take_gains(d, panel);
}

static int build(struct top_data *d, const struct model *m, const struct top_env *env,
		 enum top_panel panel)
{
	switch (panel) {
	case TOP_FINDINGS:
		return top_build_findings(d, m, env);
	case TOP_WATCH:
		return top_build_watch(d, m);
	default:
		return top_build_contention(d, m, env, panel);
	}
}

static void sum_up(struct top_data *d, const struct model *m)
{
	struct top_panel_data *locks = &d->panel[TOP_LOCKS], *found = &d->panel[TOP_FINDINGS];
	struct top_totals *t = &d->totals;
	size_t i;

	*t = (struct top_totals){ .blocked = (unsigned int)d->wait.nr,
				  .findings = (unsigned int)found->row.nr };
	for (i = 0; i < locks->row.nr; i++) {
		t->count += locks->row.v[i].count;
		t->total_ns += locks->row.v[i].total_ns;
	}
	for (i = 0; i < found->row.nr; i++)
		if (found->row.v[i].severity > t->worst)
			t->worst = found->row.v[i].severity;
	if (model_nr_sources(m))
		d->start_ns = model_source(m, model_nr_sources(m) - 1)->start_ns;
}

int top_data_update(struct top_data *d, const struct model *m, const struct top_env *env,
		    enum top_panel panel, bool tick)
{
	struct top_totals *t = &d->totals;
	unsigned int i;
	int err;

	if (!tick) {
		err = build(d, m, env, panel);
		take_gains(d, panel);
		return err;
	}
	d->now_ns = env->now_ns;
	d->wait_known = env->wait_known;
	d->wait_counted = env->wait_counted;
	d->holds = model_nr_holds(m);
	err = top_build_waits(d, m, env);
	for (i = 0; i < TOP_PANEL_NR && !err; i++)
		if (i == TOP_LOCKS || i == TOP_FINDINGS || i == panel)
			err = build(d, m, env, (enum top_panel)i);
	if (err)
		return err;
	sum_up(d, m);
	for (i = 0; i < TOP_PANEL_NR; i++)
		if (i == TOP_LOCKS || i == panel)
			move_panel(d, (enum top_panel)i);
	top_past_move(&d->past, t->count, t->total_ns, 0, d->now_ns);
	t->gain = d->past.gain;
	t->gain_ns = d->past.gain_ns;
	t->gain_over_ns = d->past.gain_over_ns;
	return 0;
}
