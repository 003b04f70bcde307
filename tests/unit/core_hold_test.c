// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold times in the model and in views: rows of their own that are summed, filtered,
 * grouped and sorted as rows of waits are, and that no sum of waits knows of.
 */
#include <string.h>

#include "../../user/core/view.h"
#include "core_events.h"

static void put(struct model *m, struct lk_event ev)
{
	if (apply(m, ev))
		ok(false, "event of kind %d was refused", ev.kind);
}

static void test_rows(void)
{
	static const struct lk_bucket h1[] = { { 10, 0, 2 } }, h2[] = { { 20, 0, 5 } };
	struct model *m = model_new();
	struct hist_sum sum;
	struct model_row r;
	uint64_t n, ns;

	put(m, meta(50, LK_META_HOLDS));
	put(m, cont(0x10, 7, 1, 5, NULL, 0));
	put(m, held_row(0x10, 7, 2, 20, h1, 1));
	put(m, held_row(0x10, 7, 6, 110, h2, 1));
	put(m, held_row(0x20, 8, 1, 9, NULL, 0));
	is_int(model_nr_rows(m) * 10 + model_nr_holds(m), 12, "one row of waits, two of holds");
	r = model_hold(m, 0);
	ok(r.agg.count == 8 && r.agg.total_ns == 130 && r.agg.max_ns == 110 && r.agg.min_ns == 1 &&
	   r.agg.first_ns == 100 && r.agg.last_ns == 200 && !r.waiting, "sums of holds");
	ok(r.source == 0 && r.lock == 0x10 && r.cgroup == 1 && r.tid == 7 && r.stack == 5 &&
	   r.lcb == LK_LCB_MUTEX, "their key");
	is_str(r.comm, "holder", "their task");
	r = model_row(m, 0);
	ok(r.agg.count == 1 && r.agg.total_ns == 5 && !strcmp(r.comm, "task"), "the row of waits is as it was");
	hist_sum_init(&sum);
	model_hold_hist(m, 0, &sum);
	ok(sum.n[10] == 2 && sum.n[20] == 5, "their histogram");
	hist_sum_clear(&sum);
	model_row_hist(m, 0, &sum);
	is_int(sum.hi, 0, "of which the row of waits has nothing");
	put(m, at(LK_EV_TICK, 300));
	put(m, held_row(0x10, 7, 3, 30, NULL, 0));
	model_hold_gain(m, 0, &n, &ns);
	ok(n == 8 && ns == 130, "gained in the first interval");
	is_int(model_interval(m)->count, 1, "which counts waits alone");
	put(m, at(LK_EV_TICK, 400));
	model_hold_gain(m, 0, &n, &ns);
	ok(n == 3 && ns == 30, "and in the second");
	is_int(model_interval(m)->count, 0, "without any wait");
	put(m, meta(50, LK_META_HOLDS));
	put(m, held_row(0x10, 7, 1, 1, NULL, 0));
	is_int(model_nr_holds(m), 3, "another source, another row");
	is_int(model_hold(m, 2).source, 1, "of source 1");
	model_free(m);
}

static void test_bounds(void)
{
	static const struct lk_bucket down[] = { { 4, 0, 1 }, { 3, 0, 1 } };
	struct model *m = model_new();
	struct lk_event bad[7];
	unsigned int i;

	put(m, meta(0, LK_META_HOLDS));
	for (i = 0; i < 6; i++)
		bad[i] = sample(i < 3 ? LK_EV_HELD : LK_EV_HOLD);
	bad[0].cont.lcb = 0x40;
	bad[1].cont.ctx = 4;
	bad[2].cont.cpu = 65536;
	bad[3].wait.lcb = 0x40;
	bad[4].wait.ctx = 4;
	bad[5].wait.cpu = 65536;
	bad[6] = held_row(1, 1, 1, 1, down, 2);
	for (i = 0; i < 7; i++)
		is_int(apply(m, bad[i]), -EBADMSG, "bad event %u", i);
	is_int(model_nr_holds(m), 0, "none left a trace");
	model_free(m);
}

static void test_single(void)
{
	struct model *m = model_new(), *none = model_new();
	const struct lk_ev_wait *h;
	const uint32_t *source;
	unsigned int nr, i;
	uint64_t total;

	model_keep_waits(m, 2);
	put(m, meta(0, LK_META_WAITS | LK_META_HOLDS));
	put(none, meta(0, LK_META_HOLDS));
	for (i = 0; i < 3; i++) {
		put(m, wait_of(LK_EV_HOLD, 0x10 + i, 300, 0));
		put(none, wait_of(LK_EV_HOLD, 0x10 + i, 300, 0));
	}
	put(m, wait_of(LK_EV_WAIT, 0x10, 300, 8));
	put(m, at(LK_EV_END, 5000));
	put(none, at(LK_EV_END, 5000));
	h = model_single_holds(m, &source, &nr);
	is_int(nr, 2, "holds are kept, no more than was asked for");
	ok(h[1].lock == 0x11 && h[1].start_ns == 1000 && h[1].dur_ns == 300 && !source[1] && !h[1].comm[0],
	   "as they were");
	is_int(model_nr_gaps(m), 1, "what is left out is told");
	is_str(model_gap(m, 0), "only the first 2 single holds were kept", "in words");
	model_waits(m, &source, &nr);
	is_int(nr, 1, "waits have a list of their own");
	is_int(model_nr_waits(m, &total), 1, "holds are not counted among them");
	is_int(model_nr_rows(none) + model_nr_holds(none) + model_nr_owners(none), 0,
	       "single holds make no rows, even where no waits were announced");
	is_int(model_source(none, 0)->end_ns, 5000, "the end is the end's");
	model_single_holds(none, &source, &nr);
	is_int(nr, 0, "none are kept unless asked for");
	ok(model_complete(none), "which is no gap");
	model_free(m);
	model_free(none);
}

/* --- views -------------------------------------------------------------------------------- */

static struct lk_event sym(uint64_t addr, const char *name)
{
	return (struct lk_event){ .kind = LK_EV_SYM, .sym = { .addr = addr, .name = name, .module = "" } };
}

static void put_stack(struct model *m, uint32_t id, uint64_t addr)
{
	put(m, (struct lk_event){ .kind = LK_EV_STACK, .stack = { .id = id, .nr = 1, .addr = &addr } });
}

static void hold(struct model *m, uint64_t lock, uint32_t tid, const char *comm, uint32_t stack, uint32_t lcb,
		 uint64_t count, uint64_t ns)
{
	struct lk_bucket b = { .index = lk_hist_bucket(ns), .n = count };

	put(m, (struct lk_event){ .kind = LK_EV_HELD, .cont = { .lock = lock, .cgroup = 1, .tid = tid,
		.tgid = tid, .stack = stack, .lcb = lcb, .comm = comm, .agg = { .count = count,
		.total_ns = count * ns, .max_ns = ns, .min_ns = ns, .first_ns = 100, .last_ns = 200 + tid,
		.nr_hist = 1, .hist = &b } } });
}

#define R (LK_LCB_READ)

/* Locks a (0x10, 0x11) and b (0x20); released in f (stack 1) and g (2); tasks 7, 8 and 9. */
static struct model *make(void)
{
	struct model *m = model_new();

	put(m, meta(50, LK_META_HOLDS));
	put(m, sym(0x100, "f"));
	put(m, sym(0x200, "g"));
	put_stack(m, 1, 0x100);
	put_stack(m, 2, 0x200);
	put(m, (struct lk_event){ .kind = LK_EV_LOCK, .lock = { .addr = 0x10, .symbol = "a" } });
	put(m, (struct lk_event){ .kind = LK_EV_LOCK, .lock = { .addr = 0x11, .symbol = "a" } });
	put(m, (struct lk_event){ .kind = LK_EV_LOCK, .lock = { .addr = 0x20, .symbol = "b" } });
	put(m, cont(0x10, 7, 9, 9000, NULL, 0));
	hold(m, 0x10, 7, "one", 1, LK_LCB_MUTEX, 4, 100);
	hold(m, 0x11, 8, "two", 1, LK_LCB_MUTEX, 1, 350);
	hold(m, 0x10, 8, "two", 1, LK_LCB_MUTEX, 1, 60);
	hold(m, 0x10, 9, "three", 2, LK_LCB_MUTEX, 1, 50);
	hold(m, 0x20, 9, "three", 2, R, 10, 30);
	hold(m, 0, 0, "", 2, R, 1, 5);
	return m;
}

static char *line(const struct view *v)
{
	static char buf[1024];
	size_t n = 0;
	unsigned int i;

	buf[0] = 0;
	for (i = 0; i < v->nr; i++) {
		const struct view_row *r = &v->row[i];

		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s %s %llu %llu %s/%u", i ? "; " : "",
				      r->lock ? r->lock : "-", r->caller ? r->caller : "-",
				      (unsigned long long)r->count, (unsigned long long)r->total_ns,
				      r->owner_comm ? r->owner_comm : "-", r->owner_tid);
	}
	return buf;
}

static void shows(const struct model *m, struct view_opts o, const char *want, const char *what)
{
	struct view v;

	o.holds = true;
	if (view_build(m, &o, &v)) {
		ok(false, "%s: no view", what);
		return;
	}
	is_str(line(&v), want, "%s", what);
	view_done(&v);
}

static void test_view(void)
{
	static const char *const locks[] = { "b" };
	static const uint32_t tids[] = { 8 };
	struct view_opts o = { .dims = VIEW_LOCK };
	struct model *m = make();
	struct view v;

	shows(m, (struct view_opts){ 0 }, "a f 6 810 two/8; b g 10 300 three/9; a g 1 50 three/9; (folded) g 1 5 -/0",
	      "by lock, type and caller, with who held it longest");
	shows(m, (struct view_opts){ .dims = VIEW_TASK }, "a f 2 410 two/8; a f 4 400 one/7; - g 11 350 three/9; "
	      "(folded) g 1 5 -/0", "by task");
	shows(m, (struct view_opts){ .key = VIEW_BY_COUNT, .entries = 1 }, "b g 10 300 three/9", "sorted and cut");
	shows(m, (struct view_opts){ .filter = { .lock = locks, .nr_lock = 1 } }, "b g 10 300 three/9",
	      "filtered by lock");
	shows(m, (struct view_opts){ .filter = { .tid = tids, .nr_tid = 1 } }, "a f 2 410 two/8",
	      "filtered by the holder");
	shows(m, (struct view_opts){ .filter = { .type_mask = 1ull << R } }, "b g 10 300 three/9; (folded) g 1 5 -/0",
	      "filtered by type");
	if (!view_build(m, &o, &v)) {
		is_str(line(&v), "a (unknown) 9 9000 -/0", "the twin: waits know nothing of it");
		view_done(&v);
	}
	o.holds = true;
	if (!view_build(m, &o, &v)) {
		ok(v.count == 18 && v.total_ns == 1165 && v.nr_groups == 3, "the sums of all");
		ok(v.row[0].instances == 2 && v.row[0].max_ns == 350 && v.row[0].min_ns == 50 &&
		   v.row[0].p50_ns && !v.row[0].owner_reader, "instances, extremes and percentiles");
		ok(v.row[1].owner_reader && v.row[1].owner_total_ns == 300, "a holder that reads");
		is_int(v.row[0].stack, 1, "the stack with the longest hold time");
		view_done(&v);
	}
	o.dims = VIEW_OWNER | VIEW_LOCK;
	is_int(view_build(m, &o, &v), -EINVAL, "holds have no owner but the task");
	model_free(m);
}

static void test_gain(void)
{
	struct view_opts o = { .dims = VIEW_LOCK, .gain = true };
	struct model *m = make();

	put(m, at(LK_EV_TICK, 1000));
	hold(m, 0x20, 8, "two", 2, R, 2, 70);
	put(m, at(LK_EV_TICK, 2000));
	shows(m, o, "b g 2 140 two/8", "what came in the last interval, and whose it was");
	model_free(m);
}

static void test_hist(void)
{
	struct view_opts o = { .holds = true };
	struct model *m = make();
	struct hist_sum sum;
	uint64_t n = 0;
	uint32_t i;

	hist_sum_init(&sum);
	is_int(view_hist(m, &o, &sum), 0, "the histogram of all holds");
	for (i = sum.lo; i < sum.hi; i++)
		n += sum.n[i];
	is_int((int64_t)n, 18, "has them all");
	o.holds = false;
	hist_sum_clear(&sum);
	view_hist(m, &o, &sum);
	is_int(sum.hi, 0, "that of the waits has none");
	model_free(m);
}

int main(void)
{
	test_rows();
	test_bounds();
	test_single();
	test_view();
	test_gain();
	test_hist();
	return done_testing();
}
