// SPDX-License-Identifier: GPL-2.0-only
/* What was not traced for a while: spans, coverage, completeness, and the words for it. */
#include <stdlib.h>
#include <time.h>

#include "../../user/core/model.h"
#include "../../user/render/shed.h"
#include "../lib/tap.h"
#include "core_events.h"

static struct lk_event shed(uint64_t ns, uint32_t what, uint32_t cause, uint32_t on)
{
	return (struct lk_event){ .kind = LK_EV_SHED, .shed = { .time_ns = ns, .what = what, .cause = cause,
								.on = on, .cost_ppm = 41000, .allowed_ppm = 30000 } };
}

static struct lk_event cover(const char *primitive, const char *tier, uint32_t state, const char *reason)
{
	return (struct lk_event){ .kind = LK_EV_COVERAGE, .coverage = {
		.primitive = primitive, .tier = tier, .reason = reason, .remedy = "", .state = state } };
}

static struct model *begun(void)
{
	struct model *m = model_new();

	apply(m, meta(1000, 0));
	apply(m, cover("mutex", "contention", LK_STATE_FULL, ""));
	apply(m, cover("mutex", "order", LK_STATE_FULL, ""));
	apply(m, cover("spinlock", "order", LK_STATE_PARTIAL, "why"));
	apply(m, cover("rwlock", "order", LK_STATE_NONE, "never"));
	apply(m, cover("hold times", "order", LK_STATE_FULL, ""));
	return m;
}

/* Coverage of all rows, as a letter each. */
static const char *states(const struct model *m)
{
	static char text[16];
	unsigned int i;

	for (i = 0; i < model_nr_coverage(m); i++)
		text[i] = "?-pf"[model_coverage(m, i)->state];
	text[i] = 0;
	return text;
}

static void test_spans(void)
{
	struct model *m = begun();
	const struct model_shed *s;

	is_int(apply(m, shed(4000, LK_SHED_ALL, LK_SHED_STOPPED, 1)), -EBADMSG, "the end of nothing");
	is_int(model_nr_shed(m), 0, "... leaves no trace");
	is_int(apply(m, shed(2000, LK_SHED_SPIN, LK_SHED_BUDGET, 0)), 0, "spin order goes");
	is_int(apply(m, shed(2500, LK_SHED_SPIN, LK_SHED_BUDGET, 0)), -EBADMSG, "... but not twice");
	is_int(apply(m, shed(3000, LK_SHED_ALL, LK_SHED_STOPPED, 0)), 0, "all stops meanwhile");
	is_int(apply(m, shed(2999, LK_SHED_ALL, LK_SHED_STOPPED, 1)), -EBADMSG, "it cannot end before it began");
	is_int(apply(m, shed(4000, LK_SHED_ALL, LK_SHED_STOPPED, 1)), 0, "it ends");
	is_int(apply(m, shed(5000, LK_SHED_SPIN, LK_SHED_BUDGET, 1)), 0, "spin order is back");
	is_int(apply(m, shed(6000, LK_SHED_SPIN, LK_SHED_BUDGET, 0)), 0, "it goes again");
	is_int(apply(m, shed(6000, LK_SHED_NR, LK_SHED_BUDGET, 0)), -EBADMSG, "an unknown thing");
	is_int(apply(m, shed(6000, LK_SHED_SPIN, LK_SHED_CAUSE_NR, 0)), -EBADMSG, "an unknown cause");
	is_int(model_nr_shed(m), 3, "three spans");
	s = model_shed(m, 0);
	ok(s->what == LK_SHED_SPIN && s->from_ns == 2000 && s->until_ns == 5000, "the first");
	s = model_shed(m, 1);
	ok(s->what == LK_SHED_ALL && s->from_ns == 3000 && s->until_ns == 4000, "the one within it");
	s = model_shed(m, 2);
	ok(s->from_ns == 6000 && !s->until_ns && s->cost_ppm == 41000, "the last has no end");
	apply(m, at(LK_EV_END, 9000));
	ok(!model_complete(m), "that is not complete");
	apply(m, meta(1000, 0));
	is_int(apply(m, shed(2000, LK_SHED_SPIN, LK_SHED_BUDGET, 1)), -EBADMSG, "another source has spans of its own");
	model_free(m);

	m = begun();
	apply(m, at(LK_EV_END, 9000));
	ok(model_complete(m), "twin: without, it is complete");
	is_str(states(m), "ffp-f", "twin: coverage stays");
	model_free(m);
}

static void test_coverage(void)
{
	static const struct { uint32_t what; const char *want; } table[] = {
		{ LK_SHED_ALL, "ppp-p" }, { LK_SHED_SPIN, "ffp-f" }, { LK_SHED_HOLDS, "ffp-p" },
		{ LK_SHED_SLICES, "fpp-p" }, { LK_SHED_ORDER, "fpp-p" },
	};
	struct model *m;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		m = begun();
		apply(m, shed(2000, table[i].what, LK_SHED_BUDGET, 0));
		apply(m, shed(3000, table[i].what, LK_SHED_BUDGET, 1));
		apply(m, shed(4000, table[i].what, LK_SHED_BUDGET, 0));
		is_str(states(m), table[i].want, "coverage without %s", shed_what(table[i].what));
		if (table[i].what == LK_SHED_SPIN)
			is_str(model_coverage(m, 2)->reason, "why; not all the time: over the budget", "... and why, once");
		model_free(m);
	}
}

static void test_words(void)
{
	const struct model_source src = { .start_ns = 1000, .start_real_ns = 43380 * UINT64_C(1000000000) + 1000,
					  .nr_cpus = 2 };
	struct model_shed s = { .what = LK_SHED_SPIN, .cause = LK_SHED_BUDGET, .from_ns = 7 * UINT64_C(1000000000),
				.cost_ppm = 41000, .allowed_ppm = 30000 };
	char buf[SHED_TEXT];

	setenv("TZ", "UTC", 1);
	tzset();
	is_str(shed_text(&s, &src, buf), "spin order off from 12:03:07 on: over budget, 4.1 % of 2 CPUs, 3 % allowed",
	       "in words");
	s.until_ns = 40 * UINT64_C(1000000000);
	is_str(shed_again_text(&s, &src, buf), "spin order on again from 12:03:40 on", "when it comes back");
	s.allowed_ppm = 100;
	is_str(shed_text(&s, &src, buf),
	       "spin order off from 12:03:07 to 12:03:40: over budget, 4.1 % of 2 CPUs, 0.01 % allowed", "with its end");
	s.what = LK_SHED_ALL;
	s.cause = LK_SHED_STOPPED;
	is_str(shed_text(&s, &src, buf),
	       "nothing was traced from 12:03:07 to 12:03:40: lockscope itself was stopped", "when it was stopped");
}

int main(void)
{
	test_spans();
	test_coverage();
	test_words();
	return done_testing();
}
