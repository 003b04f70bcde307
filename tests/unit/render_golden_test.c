// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of hand-made models, byte for byte as in tests/golden/render/. After a
 * wanted change run this test with UPDATE_GOLDEN=1 and read the difference.
 */
#include "../../user/core/view.h"
#include "../../user/render/render.h"
#include "../lib/golden.h"
#include "../lib/tap.h"
#include "render_hold_models.h"
#include "render_models.h"
#include "render_order_models.h"
#include "render_wait_models.h"

#define GOLDEN_DIR "tests/golden/render"

static struct model *model_thirty(void)
{
	return model_many(30);
}

static const struct {
	const char *name;		/* of the golden file; what follows its last dot is the format */
	struct model *(*model)(void);
	struct render_opts opts;
} cases[] = {
	/* The default view at the usual widths. */
	{ "default-80.text", model_typical, { .width = 80 } },
	{ "default-120.text", model_typical, { .width = 120 } },
	{ "default-200.text", model_typical, { .width = 200 } },
	{ "default-40.text", model_typical, { .width = 40 } },
	{ "default-nolimit.text", model_typical, { .width = 0 } },
	{ "default-verbose.text", model_typical, { .width = 80, .verbose = true } },
	{ "default.json", model_typical, { 0 } },
	{ "default.csv", model_typical, { 0 } },

	/* By other dimensions. */
	{ "by-task.text", model_typical, { .width = 80, .view.dims = VIEW_TASK } },
	{ "by-task.json", model_typical, { .view.dims = VIEW_TASK } },
	{ "by-process.text", model_typical, { .width = 80, .view.dims = VIEW_PROCESS } },
	{ "by-owner.text", model_typical, { .width = 80, .view.dims = VIEW_OWNER } },
	{ "by-owner.json", model_typical, { .view.dims = VIEW_OWNER | VIEW_LOCK } },
	{ "by-cgroup.text", model_typical, { .width = 80, .view.dims = VIEW_CGROUP } },
	{ "by-cgroup.csv", model_typical, { .view.dims = VIEW_CGROUP } },
	{ "by-all.text", model_typical, { .width = 80, .view.dims = VIEW_LOCK | VIEW_ADDR |
		VIEW_TYPE | VIEW_CALLER | VIEW_TASK | VIEW_CGROUP | VIEW_CTX } },
	{ "by-p50.text", model_typical, { .width = 80, .view.dims = VIEW_TYPE, .view.key = VIEW_BY_P50 } },

	/* Models that are not typical. */
	{ "waiting.text", model_with_waiting, { .width = 80 } },
	{ "waiting-120.text", model_with_waiting, { .width = 120, .verbose = true } },
	{ "waiting.json", model_with_waiting, { 0 } },
	{ "empty.text", model_empty, { .width = 80 } },
	{ "empty.json", model_empty, { 0 } },
	{ "empty.csv", model_empty, { 0 } },
	{ "no-source.text", model_new, { .width = 80 } },
	{ "no-source.json", model_new, { 0 } },
	{ "incomplete.text", model_incomplete, { .width = 80 } },
	{ "incomplete.json", model_incomplete, { 0 } },
	{ "incomplete.csv", model_incomplete, { 0 } },
	{ "two-hosts.text", model_two_hosts, { .width = 80 } },
	{ "two-hosts.json", model_two_hosts, { 0 } },
	{ "two-hosts-coverage.text", model_two_hosts, { .width = 80, .sections = RENDER_COVERAGE } },
	{ "two-hosts-coverage.csv", model_two_hosts, { .sections = RENDER_COVERAGE } },
	{ "hostile.text", model_hostile, { .width = 80, .verbose = true } },
	{ "hostile.json", model_hostile, { 0 } },
	{ "hostile.csv", model_hostile, { 0 } },

	/* Cut, and single sections. */
	{ "cut.text", model_thirty, { .width = 80, .view.entries = 3, .view.dims = VIEW_LOCK } },
	{ "cut.json", model_thirty, { .view.entries = 3, .view.dims = VIEW_LOCK } },
	{ "loss.text", model_incomplete, { .width = 80, .sections = RENDER_LOSS } },
	{ "loss.csv", model_incomplete, { .sections = RENDER_LOSS } },
	{ "no-loss.text", model_typical, { .width = 80, .sections = RENDER_LOSS } },
	{ "loss-only.json", model_incomplete, { .sections = RENDER_LOSS } },

	/* Findings, the lock order and watched functions. */
	{ "abba.text", model_abba, { .width = 80 } },
	{ "abba-nolimit.text", model_abba, { .width = 0 } },
	{ "abba-60.text", model_abba, { .width = 60 } },
	{ "abba.json", model_abba, { 0 } },
	{ "abba.csv", model_abba, { .sections = RENDER_FINDINGS } },
	{ "abba-told.text", model_abba, { .width = 80, .findings_told = true } },
	{ "chain.text", model_chain, { .width = 80 } },
	{ "chain.json", model_chain, { 0 } },
	{ "singles.text", model_singles, { .width = 80 } },
	{ "singles.json", model_singles, { 0 } },
	{ "singles.csv", model_singles, { .sections = RENDER_FINDINGS } },
	{ "no-findings.text", model_no_findings, { .width = 80 } },
	{ "no-findings.json", model_no_findings, { 0 } },
	{ "no-findings.csv", model_no_findings, { .sections = RENDER_FINDINGS } },
	{ "not-traced.text", model_typical, { .width = 80, .sections = RENDER_FINDINGS | RENDER_ORDER |
		RENDER_WATCH } },
	{ "order.text", model_no_findings, { .width = 80, .sections = RENDER_ORDER } },
	{ "order-120.text", model_chain, { .width = 120, .sections = RENDER_ORDER, .verbose = true,
		.view.entries = 4 } },
	{ "watch.text", model_abba, { .width = 80, .sections = RENDER_WATCH } },
	{ "hostile-order.text", model_order_hostile, { .width = 80, .sections = RENDER_ALL,
		.verbose = true } },
	{ "hostile-order.json", model_order_hostile, { 0 } },
	{ "hostile-order.csv", model_order_hostile, { .sections = RENDER_FINDINGS } },

	/* Graphs. */
	{ "abba.dot", model_abba, { 0 } },
	{ "chain.dot", model_chain, { 0 } },
	{ "singles.dot", model_singles, { 0 } },
	{ "no-findings.dot", model_no_findings, { 0 } },
	{ "no-findings-only.dot", model_no_findings, { .sections = RENDER_FINDINGS } },
	{ "chain-cut.dot", model_chain, { .view.entries = 3 } },
	{ "not-traced.dot", model_typical, { 0 } },
	{ "hostile-order.dot", model_order_hostile, { 0 } },

	/* Flame graphs. */
	{ "default.folded", model_typical, { 0 } },
	{ "counts.folded", model_typical, { .view.key = VIEW_BY_COUNT, .view.entries = 3 } },
	{ "incomplete.folded", model_incomplete, { 0 } },
	{ "two-hosts.folded", model_two_hosts, { 0 } },
	{ "hostile.folded", model_hostile, { 0 } },

	/* Time lines. */
	{ "waits.perfetto", model_single_waits, { 0 } },
	{ "waits-longest.perfetto", model_single_waits, { .view.entries = 2 } },
	{ "waits-cut.perfetto", model_waits_cut, { 0 } },
	{ "waits-two-hosts.perfetto", model_waits_two_hosts, { 0 } },
	{ "waits-hostile.perfetto", model_waits_hostile, { 0 } },
	{ "no-waits.perfetto", model_with_waiting, { 0 } },
	{ "abba.perfetto", model_abba, { .sections = RENDER_ALL } },
	{ "no-findings.perfetto", model_no_findings, { .sections = RENDER_ALL } },
	{ "hostile-order.perfetto", model_order_hostile, { .sections = RENDER_ALL } },

	/* Hold times; "waits" and "default" above are of models without any. */
	{ "holds.text", model_holds, { .width = 80 } },
	{ "holds-verbose.text", model_holds, { .width = 120, .sections = RENDER_HOLDS, .verbose = true } },
	{ "holds-cut.text", model_holds, { .width = 80, .sections = RENDER_HOLDS, .view.entries = 2 } },
	{ "holds-by-owner.text", model_holds, { .width = 80, .sections = RENDER_HOLDS,
		.view.dims = VIEW_LOCK | VIEW_OWNER, .view.key = VIEW_BY_MAX } },
	{ "holds-none.text", model_no_holds, { .width = 80, .sections = RENDER_HOLDS } },
	{ "holds-unasked.text", model_no_holds, { .width = 80 } },
	{ "holds-not-recorded.text", model_typical, { .width = 80, .sections = RENDER_HOLDS } },
	{ "holds-only.text", model_holds_only, { .width = 80 } },
	{ "holds-hostile.text", model_holds_hostile, { .width = 80, .sections = RENDER_HOLDS,
		.verbose = true } },
	{ "holds.json", model_holds, { 0 } },
	{ "holds-by-owner.json", model_holds, { .sections = RENDER_HOLDS, .view.dims = VIEW_OWNER } },
	{ "holds-hostile.json", model_holds_hostile, { .sections = RENDER_HOLDS } },
	{ "holds.csv", model_holds, { .sections = RENDER_HOLDS } },
	{ "holds-waits.csv", model_holds, { .sections = RENDER_CONTENTION, .view.dims = VIEW_TYPE } },
	{ "holds-hostile.csv", model_holds_hostile, { .sections = RENDER_HOLDS } },
	{ "holds.folded", model_holds, { .sections = RENDER_HOLDS } },
	{ "holds-waits.folded", model_holds, { .sections = RENDER_ALL } },
	{ "holds.perfetto", model_holds, { 0 } },
	{ "holds-longest.perfetto", model_holds, { .view.entries = 2 } },
	{ "holds-alone.perfetto", model_holds, { .sections = RENDER_HOLDS } },
	{ "holds-two-hosts.perfetto", model_holds_two_hosts, { 0 } },
	{ "holds-hostile.perfetto", model_holds_hostile, { 0 } },

	/* Known bugs that are looked for, the findings of one of these models; live: by their name. */
	{ "known-complete.text", model_abba, { .width = 80 } },
	{ "known-complete.json", model_abba, { .sections = RENDER_FINDINGS } },
	{ "known-partly.text", model_no_findings, { .width = 80, .verbose = true } },
	{ "known-unseen.text", model_typical, { .width = 80 } },
	{ "known-links.text", model_chain, { .width = 80, .sections = RENDER_LOSS, .verbose = true } },
	{ "known-hostile.text", model_order_hostile, { .width = 80, .sections = RENDER_LOSS, .verbose = true } },
	{ "known-hostile.json", model_order_hostile, { .sections = RENDER_LOSS } },
	{ "known-event.text", model_abba, { .width = 80 } },
	{ "known-event.json", model_abba, { 0 } },

	/* Findings of a live run, and lines of intervals: by their name. */
	{ "event-new.text", model_abba, { .width = 80 } },
	{ "event-new.json", model_abba, { 0 } },
	{ "event-severity.text", model_abba, { .width = 80 } },
	{ "event-severity.json", model_abba, { 0 } },
	{ "interval.text", model_ticking, { .width = 80 } },
	{ "interval-nolimit.text", model_ticking, { .width = 0 } },
	{ "interval.json", model_ticking, { 0 } },
};

static int render_known(const char *name, const struct renderer *r, const struct model *m,
			struct render_opts opts, FILE *out)
{
	struct model *known = strstr(name, "hostile") ? model_order_hostile() :
			      strstr(name, "links") ? model_chain() : model_abba();
	struct expect *e = known ? expect_new(known) : NULL;
	int err;

	if (!e || expect_update(e, m) < 0)
		exit(1);
	opts.expect = e;
	err = strstr(name, "event") ? r->expected(m, 0, &opts, out) : r->report(m, &opts, out);
	expect_free(e);
	model_free(known);
	return err;
}

static int render(unsigned int i, const struct model *m, FILE *out)
{
	const struct renderer *r = renderer_find(strrchr(cases[i].name, '.') + 1);

	if (!r)
		exit(1);
	if (!strncmp(cases[i].name, "known", 5))
		return render_known(cases[i].name, r, m, cases[i].opts, out);
	if (!strncmp(cases[i].name, "interval", 8))
		return r->interval(m, &cases[i].opts, out);
	if (!strncmp(cases[i].name, "event", 5))
		return r->finding(m, 0, strstr(cases[i].name, "severity"), &cases[i].opts, out);
	return r->report(m, &cases[i].opts, out);
}

static char *rendered(unsigned int i)
{
	struct model *m = cases[i].model();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!m || !out)
		exit(1);
	is_int(render(i, m, out), 0, "%s renders", cases[i].name);
	fclose(out);
	model_free(m);
	return text;
}

int main(void)
{
	unsigned int i;
	char path[128];

	setenv("TZ", "UTC", 1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *got = rendered(i), *want;

		snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, cases[i].name);
		want = golden_text(path, got);
		is_str(got, want, "%s", cases[i].name);
		free(got);
		free(want);
	}
	return done_testing();
}
