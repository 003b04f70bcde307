// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts as a recording without an end in a memfd; a snapshot of them and of the
 * model's sums as a recording of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../core/finding.h"
#include "../core/hist.h"
#include "../core/model.h"
#include "../file/reader.h"
#include "../file/writer.h"
#include "snapshot.h"

/* Is it said once, and is it not in the model's sums? */
static bool is_fact(const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_CONT: case LK_EV_OWNER: case LK_EV_WAIT: case LK_EV_WAITING:
	case LK_EV_LOSS: case LK_EV_WATCHED: case LK_EV_TICK: case LK_EV_END:
	case LK_EV_HELD: case LK_EV_HOLD:
		return false;
	default:
		return true;
	}
}

static int keep(void *ctx, const struct lk_event *ev)
{
	struct facts *f = ctx;

	return is_fact(ev) ? writer_put(f->writer, ev) : 0;
}

int facts_init(struct facts *f, struct diag *why)
{
	char path[40];

	*f = (struct facts){ .fd = memfd_create("facts", MFD_CLOEXEC), .sink = { keep, f } };
	if (f->fd < 0)
		return diag_errno(why, -errno, "cannot keep what a snapshot will need");
	snprintf(path, sizeof(path), "/dev/fd/%d", f->fd);
	return writer_open(path, &f->writer, why);
}

void facts_done(struct facts *f)
{
	writer_free(f->writer);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct facts){ .fd = -1 };
}

int facts_reset(struct facts *f, struct diag *why)
{
	facts_done(f);
	return facts_init(f, why);
}

/* --- a snapshot ----------------------------------------------------------------------------- */

static int put_facts(struct facts *f, struct writer *w, struct diag *why)
{
	struct reader *r = NULL;
	struct lk_event ev;
	char path[40];
	int fd, err = writer_flush(f->writer);

	if (err)
		return diag_errno(why, err, "cannot read what was kept for a snapshot");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);	/* with a position of its own */
	if (fd < 0)
		return diag_errno(why, -errno, "cannot read what was kept for a snapshot");
	err = reader_open_fd(fd, "what was kept", &r, why);
	while (!err) {
		err = reader_next(r, &ev, why);
		if (err <= 0)
			break;
		err = writer_put(w, &ev);
	}
	reader_free(r);
	close(fd);
	return err;
}

/* A row's sums and buckets as one gain. @bucket has room for all. */
static struct lk_ev_agg agg_of(const struct model_agg *a, const struct hist_sum *sum,
			       struct lk_bucket *bucket)
{
	struct lk_ev_agg e = {
		.count = a->count, .total_ns = a->total_ns, .max_ns = a->max_ns,
		.min_ns = a->min_ns, .first_ns = a->first_ns, .last_ns = a->last_ns,
		.hist = bucket,
	};
	uint32_t i;

	for (i = sum->lo; i < sum->hi && i < LK_HIST_BUCKETS; i++)
		if (sum->n[i])
			bucket[e.nr_hist++] = (struct lk_bucket){ .index = i, .n = sum->n[i] };
	return e;
}

/* LK_EV_CONT or LK_EV_HELD; @sum: its histogram. */
static int put_row(struct writer *w, enum lk_ev_kind kind, const struct model_row *r,
		   const struct hist_sum *sum, struct lk_bucket *bucket)
{
	if (!r->agg.count)
		return 0;
	return writer_put(w, &(struct lk_event){ .kind = kind, .cont = {
		.lock = r->lock, .cgroup = r->cgroup, .tid = r->tid, .tgid = r->tgid,
		.stack = r->stack, .lcb = r->lcb, .ctx = r->ctx, .cpu = r->cpu,
		.comm = r->comm, .agg = agg_of(&r->agg, sum, bucket) } });
}

static int put_rows(const struct model *m, struct writer *w, struct hist_sum *sum,
		    struct lk_bucket *bucket)
{
	struct model_row row;
	unsigned int i;
	int err = 0;

	for (i = 0; i < model_nr_rows(m) && !err; i++) {
		row = model_row(m, i);
		hist_sum_clear(sum);
		model_row_hist(m, i, sum);
		err = put_row(w, LK_EV_CONT, &row, sum, bucket);
	}
	for (i = 0; i < model_nr_holds(m) && !err; i++) {
		row = model_hold(m, i);
		hist_sum_clear(sum);
		model_hold_hist(m, i, sum);
		err = put_row(w, LK_EV_HELD, &row, sum, bucket);
	}
	for (i = 0; i < model_nr_owners(m) && !err; i++) {
		struct model_owner r = model_owner(m, i);

		hist_sum_clear(sum);
		model_owner_hist(m, i, sum);
		err = !r.agg.count ? 0 : writer_put(w, &(struct lk_event){ .kind = LK_EV_OWNER, .owner = {
			.lock = r.lock, .tid = r.tid, .tgid = r.tgid, .stack = r.stack,
			.lcb = r.lcb, .reader = r.reader, .comm = r.comm,
			.agg = agg_of(&r.agg, sum, bucket) } });
	}
	return err;
}

static int put_counts(const struct model *m, struct writer *w)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < model_nr_loss(m) && !err; i++)
		if (model_loss(m, i))
			err = writer_put(w, &(struct lk_event){ .kind = LK_EV_LOSS, .loss = {
				.counter = i, .count = model_loss(m, i) } });
	for (i = 0; i < model_nr_watch(m) && !err; i++) {
		const struct model_watch *v = model_watch(m, i);

		err = !v->calls ? 0 : writer_put(w, &(struct lk_event){ .kind = LK_EV_WATCHED, .watched = {
			.id = v->id, .calls = v->calls, .returned = v->returned,
			.total_ns = v->total_ns, .max_ns = v->max_ns } });
	}
	return err;
}

static int put_end(struct writer *w, const struct lk_ev_wait *wait, unsigned int nr, uint64_t now_ns)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = writer_put(w, &(struct lk_event){ .kind = LK_EV_WAITING, .wait = wait[i] });
	if (!err)
		err = writer_put(w, &(struct lk_event){ .kind = LK_EV_TICK, .time = { now_ns } });
	return err ? err : writer_put(w, &(struct lk_event){ .kind = LK_EV_END, .time = { now_ns } });
}

static int put_sums(const struct model *m, struct writer *w)
{
	struct hist_sum *sum = malloc(sizeof(*sum));
	struct lk_bucket *bucket = calloc(LK_HIST_BUCKETS, sizeof(*bucket));
	int err = sum && bucket ? 0 : -ENOMEM;

	if (!err) {
		hist_sum_init(sum);
		err = put_rows(m, w, sum, bucket);
	}
	free(sum);
	free(bucket);
	return err ? err : put_counts(m, w);
}

int snapshot_save(struct facts *f, const struct model *m, const struct lk_ev_wait *wait,
		  unsigned int nr, uint64_t now_ns, const char *path, struct diag *why)
{
	struct writer *w = NULL;
	int err;

	if (!model_nr_sources(m))	/* a replay that stands at its start */
		return diag_set(why, -ENODATA, "there is nothing yet");
	err = writer_open(path, &w, why);
	if (err)
		return err;
	err = put_facts(f, w, why);
	if (!err) {
		err = put_sums(m, w);
		if (!err)
			err = put_end(w, wait, nr, now_ns);
		/* What writing failed at, writer_close() tells. */
		if (err == -ENOMEM)
			diag_errno(why, err, "cannot save to '%s'", path);
		else
			err = writer_close(w, why);
	}
	writer_free(w);
	return err;
}
