// SPDX-License-Identifier: GPL-2.0-only
/* The reducer: every event kind, what it refuses, and sums against a naive twin. */
#include <errno.h>

#include "../../user/core/hist.h"
#include "../../user/core/loss.h"
#include "core_events.h"

static void test_order_of_events(void)
{
	struct lk_event ev;
	struct diag why;
	struct model *m;
	int kind;

	for (kind = LK_EV_COVERAGE; kind < LK_EV_NR; kind++) {
		m = model_new();
		why.text[0] = '\0';
		ev = sample((enum lk_ev_kind)kind);
		is_int(model_apply(m, &ev, &why), -EBADMSG, "kind %d before META", kind);
		ok(strstr(why.text, "before the first META"), "says: %s", why.text);
		is_int(model_apply(m, &ev, NULL), -EBADMSG, "and without a diag");
		is_int(model_nr_sources(m) + model_nr_rows(m) + model_nr_owners(m) + model_nr_waiting(m) +
		       model_nr_loss(m) + model_nr_coverage(m) + model_nr_shed(m), 0, "and leaves no trace");
		is_int(apply(m, meta(1000, 0)), 0, "then META");
		is_int(apply(m, ev), 0, "kind %d after META", kind);
		if (kind != LK_EV_END)
			is_int(apply(m, at(LK_EV_END, 6000)), 0, "END");
		ev = sample((enum lk_ev_kind)kind);
		is_int(apply(m, ev), -EBADMSG, "kind %d after END", kind);
		is_int(apply(m, meta(0, 0)), 0, "but another source can come");
		model_free(m);
	}
	m = model_new();
	apply(m, meta(0, 0));
	is_int(apply(m, (struct lk_event){ .kind = (enum lk_ev_kind)LK_EV_NR }), -EBADMSG, "kind out of range");
	is_int(apply(m, (struct lk_event){ .kind = (enum lk_ev_kind)0 }), -EBADMSG, "kind 0");
	model_free(m);
	model_free(NULL);
}

static void test_sources(void)
{
	struct model *m = model_new();

	is_int(model_duration_ns(m), 0, "nothing takes no time");
	ok(!model_complete(m), "nothing is not complete");
	apply(m, meta(1000, 0));
	is_str(model_source(m, 0)->kernel, "6.1.0", "kernel");
	is_str(model_source(m, 0)->tool, "lockscope 0.1.0", "tool");
	is_int(model_source(m, 0)->nr_cpus, 4, "CPUs");
	is_int(model_source(m, 0)->end_ns, 1000, "ends where it begins");
	apply(m, wait_of(LK_EV_WAITING, 0x10, 500, 0));
	is_int(model_source(m, 0)->end_ns, 1500, "the end of a wait moves its end");
	apply(m, at(LK_EV_TICK, 3000));
	is_int(model_source(m, 0)->end_ns, 3000, "a tick too");
	ok(!model_source(m, 0)->ended && !model_complete(m), "not ended: incomplete");
	is_int(apply(m, at(LK_EV_END, 999)), -EBADMSG, "cannot end before its beginning");
	apply(m, at(LK_EV_END, 2500));
	is_int(model_source(m, 0)->end_ns, 2500, "END says when it ended");
	ok(model_complete(m), "complete");
	apply(m, meta(10, 0));
	ok(!model_complete(m), "a second source that has not ended");
	apply(m, at(LK_EV_END, 20));
	is_int(model_duration_ns(m), 1510, "lengths add up");
	apply(m, meta(0, 0));
	apply(m, at(LK_EV_END, UINT64_MAX));
	is_int(model_duration_ns(m), UINT64_MAX, "and saturate");
	model_free(m);
}

static void test_completeness(void)
{
	unsigned int i;
	struct model *m;

	for (i = 1; i <= LK_STAT_NR; i++) {
		m = model_new();
		apply(m, meta(0, 0));
		apply(m, loss(i, 0));
		apply(m, at(LK_EV_END, 1));
		ok(model_complete(m), "counter %u at 0 is no loss", i);
		apply(m, meta(0, 0));
		apply(m, loss(i, 3));
		apply(m, loss(i, 4));
		apply(m, at(LK_EV_END, 1));
		is_int(model_loss(m, i), 7, "counter %u adds up", i);
		is_int(model_complete(m), !loss_info(i)->is_loss, "counter %u and completeness", i);
		model_free(m);
	}
	m = model_new();
	apply(m, meta(0, 0));
	is_int(apply(m, loss(4095, 1)), 0, "counters of the future are kept");
	is_int(apply(m, loss(4096, 1)), -EBADMSG, "within bounds");
	is_int(model_nr_loss(m), 4096, "number of counters");
	is_int(model_loss(m, 5000000), 0, "none beyond");
	apply(m, loss(4095, UINT64_MAX));
	is_int(model_loss(m, 4095), UINT64_MAX, "saturates");
	model_free(m);
	m = model_new();
	apply(m, meta(0, 0));
	apply(m, at(LK_EV_END, 1));
	ok(model_complete(m) && !model_nr_gaps(m), "complete without gaps");
	is_int(model_add_gap(m, "cut off in block 7 of x.lks"), 0, "add a gap");
	ok(!model_complete(m), "a gap makes it incomplete");
	is_int(model_nr_gaps(m), 1, "one gap");
	is_str(model_gap(m, 0), "cut off in block 7 of x.lks", "its reason");
	model_free(m);
}

/* Every field out of range, each beside a good twin. */
static void test_bounds(void)
{
	static const struct lk_bucket good[] = { { 3, 0, 1 }, { LK_HIST_BUCKETS - 1, 0, 1 } },
		too_big[] = { { LK_HIST_BUCKETS, 0, 1 } }, equal[] = { { 3, 0, 1 }, { 3, 0, 1 } },
		down[] = { { 4, 0, 1 }, { 3, 0, 1 } };
	struct lk_event bad[32], ev;
	struct model *m = model_new();
	unsigned int n = 0, i;

	apply(m, meta(0, 0));
#define BAD(init, field, value) do { ev = init; ev.field = value; bad[n++] = ev; } while (0)
	BAD(sample(LK_EV_CONT), cont.lcb, 0x40);
	BAD(sample(LK_EV_CONT), cont.ctx, 4);
	BAD(sample(LK_EV_CONT), cont.ctx, 8);
	BAD(sample(LK_EV_CONT), cont.cpu, 65536);
	BAD(sample(LK_EV_OWNER), owner.lcb, 0xffffffff);
	BAD(sample(LK_EV_OWNER), owner.reader, 2);
	BAD(sample(LK_EV_WAIT), wait.lcb, 0x80);
	BAD(sample(LK_EV_WAIT), wait.ctx, 5);
	BAD(sample(LK_EV_WAIT), wait.owner_reader, 2);
	BAD(sample(LK_EV_WAITING), wait.ctx, 0xffffffff);
	BAD(sample(LK_EV_WAITING), wait.cpu, 0xffffffff);
	BAD(sample(LK_EV_STACK), stack.nr, LK_STACK_DEPTH_MAX + 1);
	BAD(sample(LK_EV_STACK), stack.id, LK_STACK_NONE);
	BAD(sample(LK_EV_LOCK), lock.addr, 0);
	BAD(sample(LK_EV_COVERAGE), coverage.state, 0);
	BAD(sample(LK_EV_COVERAGE), coverage.state, 5);
	bad[n++] = cont(1, 1, 1, 1, too_big, 1);
	bad[n++] = cont(1, 1, 1, 1, equal, 2);
	bad[n++] = cont(1, 1, 1, 1, down, 2);
	bad[n++] = cont(1, 1, 1, 1, good, LK_HIST_BUCKETS + 1);
	for (i = 0; i < n; i++)
		is_int(apply(m, bad[i]), -EBADMSG, "bad event %u", i);
	is_int(model_nr_rows(m) + model_nr_owners(m) + model_nr_waiting(m) + model_nr_coverage(m), 0,
	       "none left a trace");
	for (i = LK_EV_COVERAGE; i < LK_EV_TICK; i++)
		is_int(apply(m, sample((enum lk_ev_kind)i)), 0, "its good twin, kind %u", i);
	is_int(apply(m, cont(1, 1, 1, 1, good, 2)), 0, "a good histogram");
	BAD(sample(LK_EV_CONT), cont.ctx, LK_CTX_UNKNOWN);
	is_int(apply(m, ev), 0, "context 7 is fine");
	model_free(m);
}

static void test_rows(void)
{
	static const struct lk_bucket h1[] = { { 10, 0, 2 } }, h2[] = { { 10, 0, 1 }, { 20, 0, 5 } };
	struct model *m = model_new();
	struct hist_sum sum;
	struct model_row r;
	struct lk_event ev;

	apply(m, meta(50, 0));
	apply(m, cont(0x10, 7, 2, 20, h1, 1));
	apply(m, cont(0x20, 7, 1, 5, NULL, 0));
	ev = cont(0x10, 7, 6, 110, h2, 2);
	ev.cont.agg.min_ns = 3;
	ev.cont.agg.first_ns = 90;
	ev.cont.agg.last_ns = 300;
	ev.cont.comm = "renamed";
	apply(m, ev);
	is_int(model_nr_rows(m), 2, "two rows");
	r = model_row(m, 0);
	is_int(r.agg.count, 8, "count adds up");
	is_int(r.agg.total_ns, 130, "total adds up");
	is_int(r.agg.max_ns, 110, "maximum");
	is_int(r.agg.min_ns, 1, "minimum");
	is_int(r.agg.first_ns, 90, "first");
	is_int(r.agg.last_ns, 300, "last");
	is_str(r.comm, "renamed", "the latest comm");
	ok(r.source == 0 && r.lock == 0x10 && r.cgroup == 1 && r.tid == 7 && r.tgid == 7 && r.stack == 5 &&
	   r.lcb == LK_LCB_MUTEX && r.ctx == 0 && r.cpu == 0 && !r.waiting, "its key");
	hist_sum_init(&sum);
	model_row_hist(m, 0, &sum);
	ok(sum.n[10] == 3 && sum.n[20] == 5 && sum.lo == 10 && sum.hi == 21, "its histogram");
	hist_sum_clear(&sum);
	model_row_hist(m, 1, &sum);
	ok(sum.hi == 0, "no histogram");
	ev = cont(0x30, 1, 0, 0, NULL, 0);
	apply(m, ev);
	r = model_row(m, 2);
	ok(!r.agg.count && !r.agg.max_ns && !r.agg.min_ns && !r.agg.first_ns, "nothing counted: no extremes");
	ev.cont.agg.count = 1;
	ev.cont.agg.min_ns = 44;
	ev.cont.comm = "";
	apply(m, ev);
	r = model_row(m, 2);
	is_int(r.agg.min_ns, 44, "the first count brings the minimum");
	is_str(r.comm, "task", "an empty comm says nothing");
	ev.cont.agg.count = UINT64_MAX;
	ev.cont.agg.total_ns = UINT64_MAX;
	apply(m, ev);
	is_int(model_row(m, 2).agg.count, UINT64_MAX, "counts saturate");
	apply(m, owner(0x10, 9, 2, 30));
	apply(m, owner(0x10, 9, 3, 40));
	ev = owner(0x10, 9, 1, 1);
	ev.owner.reader = 1;
	apply(m, ev);
	is_int(model_nr_owners(m), 2, "reader and writer are two owner rows");
	is_int(model_owner(m, 0).agg.total_ns, 70, "owner total");
	is_str(model_owner(m, 0).comm, "owner", "owner comm");
	is_int(model_owner(m, 1).reader, 1, "reader");
	apply(m, meta(0, 0));
	apply(m, cont(0x10, 7, 1, 1, NULL, 0));
	is_int(model_nr_rows(m), 4, "another source, another row");
	is_int(model_row(m, 3).source, 1, "of source 1");
	model_free(m);
}

/* Each part of a row's key tells rows apart. */
static void test_row_key(void)
{
	struct lk_event base, ev;
	struct model *m = model_new();
	unsigned int nr = 1;

	apply(m, meta(0, 0));
	base = cont(0x10, 7, 1, 1, NULL, 0);
	apply(m, base);
#define DIFFERS(field, value) do {					\
	ev = base;							\
	ev.cont.field = value;						\
	apply(m, ev);							\
	is_int(model_nr_rows(m), ++nr, "another " #field " is another row");	\
} while (0)
	DIFFERS(lock, 0x11);
	DIFFERS(cgroup, 2);
	DIFFERS(tid, 8);
	DIFFERS(tgid, 8);
	DIFFERS(stack, 6);
	DIFFERS(lcb, LK_LCB_MUTEX | LK_LCB_SPIN);
	DIFFERS(ctx, 2);
	DIFFERS(cpu, 1);
	apply(m, base);
	is_int(model_nr_rows(m), nr, "the same key is the same row");
	model_free(m);
}

static void test_waits(void)
{
	struct model *m = model_new();
	struct hist_sum sum;
	struct model_row r;
	uint64_t total;

	apply(m, meta(0, LK_META_WAITS));
	apply(m, wait_of(LK_EV_WAIT, 0x10, 300, 8));
	is_int(model_nr_rows(m) + model_nr_owners(m), 0, "announced waits are in the rows already");
	is_int(model_nr_waits(m, &total), 1, "but are counted");
	is_int(total, 300, "with their time");
	is_int(model_source(m, 0)->end_ns, 1300, "and move the end");
	apply(m, meta(0, 0));
	apply(m, wait_of(LK_EV_WAIT, 0x10, 300, 8));
	apply(m, wait_of(LK_EV_WAIT, 0x10, 100, 0));
	is_int(model_nr_rows(m), 1, "without announcement they make rows");
	is_int(model_nr_owners(m), 1, "and owner rows");
	r = model_row(m, 0);
	ok(r.agg.count == 2 && r.agg.total_ns == 400 && r.agg.max_ns == 300 && r.agg.min_ns == 100 &&
	   r.agg.first_ns == 1000 && r.agg.last_ns == 1300, "their sums");
	is_str(r.comm, "task", "their task");
	hist_sum_init(&sum);
	model_row_hist(m, 0, &sum);
	ok(sum.n[lk_hist_bucket(300)] == 1 && sum.n[lk_hist_bucket(100)] == 1, "their histogram");
	is_int(model_owner(m, 0).agg.total_ns, 300, "the owner's share");
	is_str(model_owner(m, 0).comm, "holder", "the owner's name");
	is_int(model_nr_waiting(m), 0, "nobody waits still");
	apply(m, wait_of(LK_EV_WAITING, 0x10, 5000, 8));
	r = model_row(m, 0);
	ok(r.waiting == 1 && r.agg.count == 3 && r.agg.total_ns == 5400 && r.agg.max_ns == 5000 &&
	   r.agg.min_ns == 100, "a wait that did not end is counted so far");
	is_int(model_owner(m, 0).agg.count, 2, "also for its owner");
	hist_sum_clear(&sum);
	model_row_hist(m, 0, &sum);
	is_int(sum.n[lk_hist_bucket(5000)], 1, "and in the histogram");
	is_int(model_nr_waiting(m), 1, "and listed");
	is_str(model_waiting(m, 0)->owner_comm, "holder", "with its owner");
	is_int(model_waiting(m, 0)->dur_ns, 5000, "its time");
	is_int(model_waiting_source(m, 0), 1, "and its source");
	apply(m, wait_of(LK_EV_WAIT, 0x10, UINT64_MAX, 8));
	is_int(model_source(m, 1)->end_ns, UINT64_MAX, "times saturate");
	model_free(m);
}

/* Nothing is kept unless it is asked for, and no more than that; what is left out is told. */
static void test_kept_waits(void)
{
	struct model *m = model_new(), *none = model_new();
	const struct lk_ev_wait *w;
	const uint32_t *source;
	unsigned int i, nr;
	uint64_t total;

	model_keep_waits(m, 3);
	for (i = 0; i < 2; i++) {
		apply(m, meta(1000, LK_META_WAITS));
		apply(none, meta(1000, LK_META_WAITS));
		apply(m, wait_of(LK_EV_WAIT, 0x10 + i, 300, 8));
		apply(none, wait_of(LK_EV_WAIT, 0x10 + i, 300, 8));
		apply(m, at(LK_EV_END, 5000));
		apply(none, at(LK_EV_END, 5000));
	}
	w = model_waits(m, &source, &nr);
	is_int(nr, 2, "two waits are kept");
	is_int(w[0].lock * 256 + w[1].lock, 0x1011, "in their order");
	is_int(source[0] * 10 + source[1], 1, "with their sources");
	ok(!w[0].comm[0] && !w[0].owner_comm[0], "without names, which are borrowed");
	ok(model_complete(m), "and nothing is missing");
	apply(m, meta(1000, 0));
	for (i = 0; i < 4; i++)
		apply(m, wait_of(LK_EV_WAIT, 0x20, 7, 8));
	apply(m, at(LK_EV_END, 5000));
	w = model_waits(m, &source, &nr);
	is_int(nr, 3, "no more than was asked for");
	is_int(w[2].lock, 0x20, "the first ones");
	is_int(model_nr_waits(m, &total), 6, "all are counted");
	is_int(model_nr_gaps(m), 1, "the rest is a gap, once");
	ok(!model_complete(m), "so that the result is incomplete");
	model_waits(none, &source, &nr);
	is_int(nr, 0, "none are kept unless asked for");
	ok(model_complete(none), "which is no gap");
	model_free(m);
	model_free(none);
}

static void test_intervals(void)
{
	struct model *m = model_new();
	const struct model_interval *iv = model_interval(m);
	uint64_t count, total;

#define GAIN(kind, i, c, t, what) do {					\
	model_##kind##_gain(m, i, &count, &total);			\
	ok(count == (c) && total == (t), what ": %" PRIu64 " %" PRIu64, count, total); \
} while (0)
	apply(m, meta(1000, 0));
	apply(m, cont(0x10, 7, 2, 20, NULL, 0));
	apply(m, owner(0x10, 7, 2, 20));
	ok(!iv->nr && !iv->count, "no interval before the first tick");
	GAIN(row, 0, 0, 0, "and no gain");
	apply(m, at(LK_EV_TICK, 2000));
	iv = model_interval(m);
	ok(iv->nr == 1 && iv->start_ns == 1000 && iv->end_ns == 2000 && iv->count == 2 && iv->total_ns == 20,
	   "the first interval begins with the source");
	GAIN(row, 0, 2, 20, "row");
	GAIN(owner, 0, 2, 20, "owner");
	apply(m, cont(0x10, 7, 3, 30, NULL, 0));
	apply(m, cont(0x10, 7, 1, 1, NULL, 0));
	apply(m, cont(0x20, 7, 5, 50, NULL, 0));
	GAIN(row, 0, 2, 20, "the last complete interval still");
	GAIN(row, 1, 0, 0, "a new row");
	apply(m, at(LK_EV_TICK, 3000));
	iv = model_interval(m);
	ok(iv->nr == 2 && iv->start_ns == 2000 && iv->end_ns == 3000 && iv->count == 9 && iv->total_ns == 81,
	   "the second interval");
	GAIN(row, 0, 4, 31, "gains of one interval add up");
	GAIN(row, 1, 5, 50, "new row");
	GAIN(owner, 0, 0, 0, "an owner that gained nothing");
	is_int(apply(m, at(LK_EV_TICK, 2999)), -EBADMSG, "time does not go back");
	GAIN(row, 0, 4, 31, "and that changed nothing");
	apply(m, cont(0x20, 7, 7, 70, NULL, 0));
	apply(m, at(LK_EV_TICK, 4000));
	GAIN(row, 0, 0, 0, "a row that gained nothing");
	GAIN(row, 1, 7, 70, "and one that did");
	apply(m, cont(0x20, 7, 1, 1, NULL, 0));
	apply(m, at(LK_EV_END, 4500));
	apply(m, meta(100, 0));
	GAIN(row, 1, 7, 70, "what came after the last tick of a source is in no interval");
	apply(m, wait_of(LK_EV_WAITING, 0x20, 5, 0));
	apply(m, at(LK_EV_TICK, 200));
	iv = model_interval(m);
	ok(iv->start_ns == 100 && iv->end_ns == 200 && iv->count == 1 && iv->total_ns == 5 && iv->nr == 4,
	   "nor in the next source's");
	GAIN(row, 1, 0, 0, "old source's row");
	GAIN(row, 2, 1, 5, "new source's row");
	model_free(m);
}

/* Many rows, each with its own histogram, gaining in random order: as a naive twin. */
static void test_random(void)
{
	enum { ROWS = 200, B = 40 };
	static uint64_t hist[ROWS][B], count[ROWS], total[ROWS], gain[ROWS];
	uint64_t seed = tap_seed(9), c, t, tick = 0;
	struct lk_bucket add[B];
	struct model *m = model_new();
	bool sums = true, hists = true, gains = true;
	static struct hist_sum sum;
	unsigned int round, i, k, nr;

	apply(m, meta(0, 0));
	for (i = 0; i < ROWS; i++)
		apply(m, cont(i + 1, 1, 0, 0, NULL, 0));
	hist_sum_init(&sum);
	for (round = 0; round < 30000; round++) {
		i = (unsigned int)(tap_random(&seed) % (1 + tap_random(&seed) % ROWS));
		for (k = nr = 0; k < B; k++) {
			if (tap_random(&seed) % 8)
				continue;
			add[nr] = (struct lk_bucket){ .index = 30 * k, .n = tap_random(&seed) % 300 };
			hist[i][k] += add[nr++].n;
		}
		c = tap_random(&seed) % 100;
		t = tap_random(&seed) % 10000;
		count[i] += c;
		total[i] += t;
		gain[i] += t;
		apply(m, cont(i + 1, 1, c, t, add, nr));
		if (tap_random(&seed) % 500)
			continue;
		apply(m, at(LK_EV_TICK, ++tick));
		for (k = 0; k < ROWS; k++) {
			model_row_gain(m, k, &c, &t);
			gains &= t == gain[k];
			gain[k] = 0;
		}
	}
	for (i = 0; i < ROWS; i++) {
		struct model_row r = model_row(m, i);

		sums &= r.agg.count == count[i] && r.agg.total_ns == total[i];
		hist_sum_clear(&sum);
		model_row_hist(m, i, &sum);
		for (k = 0; k < B; k++)
			hists &= sum.n[30 * k] == hist[i][k];
	}
	ok(sums, "sums");
	ok(hists, "histograms");
	ok(gains && tick > 10, "gains of %" PRIu64 " intervals", tick);
	model_free(m);
}

int main(void)
{
	test_order_of_events();
	test_sources();
	test_completeness();
	test_bounds();
	test_rows();
	test_row_key();
	test_waits();
	test_kept_waits();
	test_intervals();
	test_random();
	return done_testing();
}
