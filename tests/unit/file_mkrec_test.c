// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic recordings that other tests count on: what they say agrees with
 * itself.
 */
#include "../../bpf/abi.h"
#include "../lib/mkrec.h"
#include "../lib/tap.h"

struct sums {
	uint64_t nr[LK_EV_NR];
	uint64_t waits, wait_ns, rows, row_ns, owned_ns, owner_ns, hist, bad;
	unsigned int last;
};

static uint64_t hist_sum(const struct lk_ev_agg *a)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < a->nr_hist; i++)
		n += a->hist[i].n;
	return n;
}

static int add(void *ctx, const struct lk_event *ev)
{
	struct sums *s = ctx;

	s->bad += !s->last != (ev->kind == LK_EV_META);	/* META is first, and only first */
	s->nr[ev->kind]++;
	s->last = ev->kind;
	if (ev->kind == LK_EV_WAIT) {
		s->waits++;
		s->wait_ns += ev->wait.dur_ns;
		if (ev->wait.owner_tid)
			s->owned_ns += ev->wait.dur_ns;
	} else if (ev->kind == LK_EV_CONT) {
		const struct lk_ev_agg *a = &ev->cont.agg;

		s->rows += a->count;
		s->row_ns += a->total_ns;
		s->hist += hist_sum(a);
		s->bad += a->min_ns > a->max_ns || a->first_ns >= a->last_ns || !a->count;
	} else if (ev->kind == LK_EV_OWNER) {
		s->owner_ns += ev->owner.agg.total_ns;
	}
	return 0;
}

static void test_sums(unsigned int rows, uint64_t waits, unsigned int intervals)
{
	struct mkrec_opts opts = { .seed = 9, .rows = rows, .waits = waits, .intervals = intervals,
				   .waiting = 3, .emit_waits = true, .loss = 4 };
	struct sums s = { .last = 0 };
	struct lk_sink sink = { add, &s };

	is_int(mkrec_emit(&opts, &sink), 0, "%u rows, %u intervals", rows, intervals);
	is_int(s.waits, waits, "... as many waits as asked for");
	is_int(s.rows, waits, "... the rows count them");
	is_int(s.hist, waits, "... and so do their histograms");
	is_int(s.row_ns, s.wait_ns, "... the rows have their time");
	is_int(s.owner_ns, s.owned_ns, "... the owners have that of the waits with an owner");
	is_int(s.bad, 0, "... META comes first, and extremes are in order");
	is_int(s.nr[LK_EV_TICK], intervals, "... a tick for each interval");
	ok(s.nr[LK_EV_WAITING] == 3 && s.nr[LK_EV_LOSS] == 1 && s.last == LK_EV_END, "... and an orderly end");
}

int main(void)
{
	test_sums(1, 1, 1);
	test_sums(16, 1000, 3);
	test_sums(100, 5000, 10);
	return done_testing();
}
