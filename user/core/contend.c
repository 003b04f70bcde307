// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contention in the model: rows, owner rows, and tasks that still wait. Hold
 * times, which come as the same rows but of holds, lie in a table of their own.
 *
 * A wait that has not ended when its source does (LK_EV_WAITING) is counted in
 * its row with its duration so far, minimum included, so that in every row and
 * group count, total, extremes and histogram speak of the same waits.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "../base/diag.h"
#include "model_priv.h"
#include "sat.h"

static int check_agg(const struct lk_ev_agg *a, struct diag *why)
{
	uint32_t i;

	if (a->nr_hist > LK_HIST_BUCKETS)
		return diag_set(why, -EBADMSG, "a histogram has %" PRIu32 " buckets", a->nr_hist);
	for (i = 0; i < a->nr_hist; i++)
		if (a->hist[i].index >= LK_HIST_BUCKETS ||
		    (i && a->hist[i].index <= a->hist[i - 1].index))
			return diag_set(why, -EBADMSG, "a histogram's bucket %" PRIu32
					" is out of range or order", a->hist[i].index);
	return 0;
}

static int check_lcb(uint32_t lcb, struct diag *why)
{
	if (lcb & ~(uint32_t)LK_LCB_MASK)
		return diag_set(why, -EBADMSG, "lock flags 0x%" PRIx32 " are unknown", lcb);
	return 0;
}

static int check_waiter(uint32_t lcb, uint32_t ctx, uint32_t cpu, struct diag *why)
{
	int err = check_lcb(lcb, why);

	if (err)
		return err;
	if (ctx >= LK_CTX_NR && ctx != LK_CTX_UNKNOWN)
		return diag_set(why, -EBADMSG, "context %" PRIu32 " is unknown", ctx);
	if (cpu > UINT16_MAX)
		return diag_set(why, -EBADMSG, "CPU %" PRIu32 " is out of range", cpu);
	return 0;
}

static int check_reader(uint32_t reader, struct diag *why)
{
	if (reader > 1)
		return diag_set(why, -EBADMSG, "reader flag %" PRIu32 " is neither 0 nor 1", reader);
	return 0;
}

static int delta_of(struct model *m, const struct lk_ev_agg *a, const char *comm,
		    struct agg_delta *d)
{
	*d = (struct agg_delta){
		.count = a->count, .total_ns = a->total_ns,
		.max_ns = a->max_ns, .min_ns = a->min_ns,
		.first_ns = a->first_ns, .last_ns = a->last_ns,
		.hist = a->hist, .nr_hist = a->nr_hist,
	};
	return strpool_id(&m->str, comm, &d->comm);
}

static void count_in_interval(struct model *m, const struct agg_delta *d)
{
	m->open.count = sat_add(m->open.count, d->count);
	m->open.total_ns = sat_add(m->open.total_ns, d->total_ns);
}

/* To a table of rows: of waits or of holds. */
static int add_row(struct model *m, struct agg_table *t, const struct lk_ev_cont *e, struct diag *why)
{
	struct row_key key = {
		.tid = e->tid, .tgid = e->tgid,
		.cpu = (uint16_t)e->cpu, .lcb = (uint8_t)e->lcb, .ctx = (uint8_t)e->ctx,
	};
	struct agg_delta d;

	if (check_waiter(e->lcb, e->ctx, e->cpu, why) || check_agg(&e->agg, why))
		return -EBADMSG;
	if (delta_of(m, &e->agg, e->comm, &d) ||
	    model_intern_lock(m, e->lock, &key.lock) ||
	    model_intern_cgroup(m, e->cgroup, &key.cgroup) ||
	    model_intern_stack(m, e->stack, &key.stack) ||
	    agg_prepare(t))
		return -ENOMEM;
	agg_commit(t, &key, &d);
	if (t == &m->rows)
		count_in_interval(m, &d);
	model_note_time(m, e->agg.last_ns);
	return 0;
}

int model_apply_cont(struct model *m, const struct lk_event *ev, struct diag *why)
{
	return add_row(m, &m->rows, &ev->cont, why);
}

int model_apply_held(struct model *m, const struct lk_event *ev, struct diag *why)
{
	return add_row(m, &m->holds, &ev->cont, why);
}

int model_apply_owner(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_owner *e = &ev->owner;
	struct owner_key key = {
		.tid = e->tid, .tgid = e->tgid,
		.lcb = (uint8_t)e->lcb, .reader = (uint8_t)e->reader,
	};
	struct agg_delta d;

	if (check_lcb(e->lcb, why) || check_reader(e->reader, why) || check_agg(&e->agg, why))
		return -EBADMSG;
	if (delta_of(m, &e->agg, e->comm, &d) ||
	    model_intern_lock(m, e->lock, &key.lock) ||
	    model_intern_stack(m, e->stack, &key.stack) ||
	    agg_prepare(&m->owners))
		return -ENOMEM;
	agg_commit(&m->owners, &key, &d);
	model_note_time(m, e->agg.last_ns);
	return 0;
}

/* Add one wait to its row and to its owner's, to both or to none. */
static int add_wait(struct model *m, const struct lk_ev_wait *e, uint32_t waiting)
{
	struct lk_bucket bucket = { .index = lk_hist_bucket(e->dur_ns), .n = 1 };
	struct row_key row = {
		.tid = e->tid, .tgid = e->tgid,
		.cpu = (uint16_t)e->cpu, .lcb = (uint8_t)e->lcb, .ctx = (uint8_t)e->ctx,
	};
	struct owner_key owner = {
		.tid = e->owner_tid, .tgid = e->owner_tgid,
		.lcb = (uint8_t)e->lcb, .reader = (uint8_t)e->owner_reader,
	};
	struct agg_delta d = {
		.count = 1, .total_ns = e->dur_ns, .max_ns = e->dur_ns, .min_ns = e->dur_ns,
		.first_ns = e->start_ns, .last_ns = sat_add(e->start_ns, e->dur_ns),
		.hist = &bucket, .nr_hist = 1, .waiting = waiting,
	};
	uint32_t owner_comm;

	if (strpool_id(&m->str, e->comm, &d.comm) ||
	    strpool_id(&m->str, e->owner_comm, &owner_comm) ||
	    model_intern_lock(m, e->lock, &row.lock) ||
	    model_intern_cgroup(m, e->cgroup, &row.cgroup) ||
	    model_intern_stack(m, e->stack, &row.stack) ||
	    agg_prepare(&m->rows) || agg_prepare(&m->owners))
		return -ENOMEM;
	agg_commit(&m->rows, &row, &d);
	count_in_interval(m, &d);
	if (e->owner_tid) {
		owner.lock = row.lock;
		owner.stack = row.stack;
		d.comm = owner_comm;
		agg_commit(&m->owners, &owner, &d);
	}
	return 0;
}

/* Room for one more, where they are asked for: 0 or -ENOMEM. */
static int prepare_kept(struct model *m, struct kept_list *l, const char *what)
{
	char text[80];

	if (l->wait.nr < m->max_kept)
		return vec_reserve(&l->wait, 1) || vec_reserve(&l->source, 1) ? -ENOMEM : 0;
	if (!m->max_kept || l->full)
		return 0;
	snprintf(text, sizeof(text), "only the first %" PRIu32 " single %s were kept", m->max_kept, what);
	if (model_add_gap(m, text))
		return -ENOMEM;
	l->full = true;
	return 0;
}

/* After prepare_kept(). */
static void keep_single(struct model *m, struct kept_list *l, const struct lk_ev_wait *e)
{
	struct lk_ev_wait *w;

	if (l->wait.nr >= m->max_kept)
		return;
	w = &l->wait.v[l->wait.nr++];
	*w = *e;
	w->comm = w->owner_comm = "";
	l->source.v[l->source.nr++] = cur_source(m);
}

int model_apply_wait(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_wait *e = &ev->wait;

	if (check_waiter(e->lcb, e->ctx, e->cpu, why) || check_reader(e->owner_reader, why))
		return -EBADMSG;
	if (prepare_kept(m, &m->kept, "waits") ||
	    (!(m->source.v[cur_source(m)].flags & LK_META_WAITS) && add_wait(m, e, 0)))
		return -ENOMEM;
	keep_single(m, &m->kept, e);
	m->nr_waits++;
	m->waits_ns = sat_add(m->waits_ns, e->dur_ns);
	model_note_time(m, sat_add(e->start_ns, e->dur_ns));
	return 0;
}

/* Its row has it already. */
int model_apply_hold(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_wait *e = &ev->wait;

	if (check_waiter(e->lcb, e->ctx, e->cpu, why) || check_reader(e->owner_reader, why))
		return -EBADMSG;
	if (prepare_kept(m, &m->kept_holds, "holds"))
		return -ENOMEM;
	keep_single(m, &m->kept_holds, e);
	model_note_time(m, sat_add(e->start_ns, e->dur_ns));
	return 0;
}

int model_apply_waiting(struct model *m, const struct lk_event *ev, struct diag *why)
{
	struct lk_ev_wait copy = ev->wait;

	if (check_waiter(copy.lcb, copy.ctx, copy.cpu, why) || check_reader(copy.owner_reader, why))
		return -EBADMSG;
	copy.comm = strpool_copy(&m->str, ev->wait.comm);
	copy.owner_comm = strpool_copy(&m->str, ev->wait.owner_comm);
	if (!copy.comm || !copy.owner_comm || vec_reserve(&m->waiting, 1) ||
	    vec_reserve(&m->waiting_source, 1) || add_wait(m, &copy, 1))
		return -ENOMEM;
	m->waiting.v[m->waiting.nr++] = copy;
	m->waiting_source.v[m->waiting_source.nr++] = cur_source(m);
	model_note_time(m, sat_add(copy.start_ns, copy.dur_ns));
	return 0;
}

/* --- accessors ---------------------------------------------------------------------------- */

static struct model_agg agg_of(const struct agg_data *a)
{
	return (struct model_agg){
		.count = a->count, .total_ns = a->total_ns, .max_ns = a->max_ns,
		.min_ns = a->min_ns, .first_ns = a->first_ns, .last_ns = a->last_ns,
	};
}

unsigned int model_nr_rows(const struct model *m)
{
	return (unsigned int)m->rows.data.nr;
}

static struct model_row row_of(const struct model *m, const struct agg_table *t, unsigned int i)
{
	const struct agg_data *a = &t->data.v[i];
	const struct row_key *k = row_key(t, i);

	return (struct model_row){
		.source = lock_key(m, k->lock)->source,
		.lock = lock_key(m, k->lock)->addr,
		.cgroup = cgroup_key(m, k->cgroup)->addr,
		.tid = k->tid, .tgid = k->tgid,
		.stack = stack_key(m, k->stack)->id,
		.lcb = k->lcb, .ctx = k->ctx, .cpu = k->cpu,
		.comm = strpool_str(&m->str, a->comm),
		.waiting = a->waiting,
		.agg = agg_of(a),
	};
}

struct model_row model_row(const struct model *m, unsigned int i)
{
	return row_of(m, &m->rows, i);
}

unsigned int model_nr_holds(const struct model *m)
{
	return (unsigned int)m->holds.data.nr;
}

struct model_row model_hold(const struct model *m, unsigned int i)
{
	return row_of(m, &m->holds, i);
}

unsigned int model_nr_owners(const struct model *m)
{
	return (unsigned int)m->owners.data.nr;
}

struct model_owner model_owner(const struct model *m, unsigned int i)
{
	const struct agg_data *a = &m->owners.data.v[i];
	const struct owner_key *k = owner_key(m, i);

	return (struct model_owner){
		.source = lock_key(m, k->lock)->source,
		.lock = lock_key(m, k->lock)->addr,
		.tid = k->tid, .tgid = k->tgid,
		.stack = stack_key(m, k->stack)->id,
		.lcb = k->lcb, .reader = k->reader,
		.comm = strpool_str(&m->str, a->comm),
		.agg = agg_of(a),
	};
}

void model_row_hist(const struct model *m, unsigned int i, struct hist_sum *sum)
{
	agg_hist(&m->rows, i, sum);
}

void model_hold_hist(const struct model *m, unsigned int i, struct hist_sum *sum)
{
	agg_hist(&m->holds, i, sum);
}

void model_owner_hist(const struct model *m, unsigned int i, struct hist_sum *sum)
{
	agg_hist(&m->owners, i, sum);
}

void model_row_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns)
{
	agg_gain(&m->rows, i, count, total_ns);
}

void model_hold_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns)
{
	agg_gain(&m->holds, i, count, total_ns);
}

void model_owner_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns)
{
	agg_gain(&m->owners, i, count, total_ns);
}

uint64_t model_nr_waits(const struct model *m, uint64_t *total_ns)
{
	*total_ns = m->waits_ns;
	return m->nr_waits;
}

void model_keep_waits(struct model *m, uint32_t max)
{
	m->max_kept = max;
}

const struct lk_ev_wait *model_waits(const struct model *m, const uint32_t **source, unsigned int *nr)
{
	*source = m->kept.source.v;
	*nr = (unsigned int)m->kept.wait.nr;
	return m->kept.wait.v;
}

const struct lk_ev_wait *model_single_holds(const struct model *m, const uint32_t **source,
					    unsigned int *nr)
{
	*source = m->kept_holds.source.v;
	*nr = (unsigned int)m->kept_holds.wait.nr;
	return m->kept_holds.wait.v;
}

unsigned int model_nr_waiting(const struct model *m)
{
	return (unsigned int)m->waiting.nr;
}

const struct lk_ev_wait *model_waiting(const struct model *m, unsigned int i)
{
	return &m->waiting.v[i];
}

unsigned int model_waiting_source(const struct model *m, unsigned int i)
{
	return m->waiting_source.v[i];
}
