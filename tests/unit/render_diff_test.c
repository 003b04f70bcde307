// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparisons and suppressions of hand-made models, byte for byte as in
 * tests/golden/render/. After a wanted change run this test with UPDATE_GOLDEN=1 and read
 * the difference.
 */
#include "../../user/core/suppress.h"
#include "../../user/render/diff.h"
#include "../../user/render/parts_finding.h"
#include "../lib/golden.h"
#include "render_order_models.h"
#include "render_out.h"

#define GOLDEN_DIR "tests/golden/render"

/* The same load as model_typical(), twice as long waits for mmap_lock, and fewer for the pipe. */
static struct model *model_slower(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_typical_coverage(m);
	add_symbols(m);
	add_cgroup(m, 77, "/system.slice/mysql.service");
	add_lock(m, LOCK_MMAP, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_lock(m, LOCK_PIPE, "", "kmalloc-192", LK_RULE_NONE);
	add_lock(m, LOCK_ZONE, "contig_page_data+0x5c0", "", LK_RULE_NONE);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 2500, 4 * MS, 200 * MS);
	add_waits(m, LOCK_MMAP, LK_LCB_WRITE, STACK_MMAP, WHO_MYSQL, 310, 5 * MS, 0);
	add_waits(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 40000, 900, 4 * US);
	add_waits(m, LOCK_ZONE, LK_LCB_SPIN, STACK_FREE, WHO_YES, 80, 350, 0);
	add_time(m, LK_EV_END, T0 + 12 * SEC);
	return m;
}

/* An inversion that was seen more often in a trace that was cut short, and only of one process. */
static struct model *model_short(void)
{
	struct model *m = model_abba_open();

	add_loss(m, LK_STAT_ORDER_RING_FULL, 3);
	add_time(m, LK_EV_END, T0 + 4 * SEC);
	return m;
}

static const char known[] = "c-7e098f1c until=2026-12-31 the fix is in 6.14\n"
			    "c-00000001 until=2020-01-01 was fixed in 5.10\n"
			    "c-00000002 a vendor's driver\n";

static const struct {
	const char *name;	/* of the golden file; what follows its last dot is the format */
	struct model *(*now)(void), *(*before)(void);
	struct render_opts opts;
	bool suppress;
} cases[] = {
	{ "diff-waits.text", model_slower, model_typical, { .width = 80 }, false },
	{ "diff-waits-by-lock.text", model_slower, model_typical, { .width = 80, .view.dims = VIEW_LOCK }, false },
	{ "diff-waits-cut.text", model_slower, model_typical, { .width = 60, .view.entries = 1 }, false },
	{ "diff-waits.json", model_slower, model_typical, { .width = 0 }, false },
	{ "diff-new.text", model_abba, model_no_findings, { .width = 80 }, false },
	{ "diff-new.json", model_abba, model_no_findings, { .width = 0 }, false },
	{ "diff-gone.text", model_no_findings, model_abba, { .width = 80 }, false },
	{ "diff-perhaps.text", model_short, model_abba, { .width = 80 }, false },
	{ "diff-perhaps.json", model_short, model_abba, { .width = 0 }, false },
	{ "diff-tiers.text", model_typical, model_chain, { .width = 80 }, false },
	{ "diff-tiers.json", model_typical, model_chain, { .width = 0 }, false },
	{ "diff-none.text", model_abba, model_abba, { .width = 80 }, false },
	{ "diff-none.json", model_abba, model_abba, { .width = 0 }, false },
	{ "diff-none-waits.text", model_typical, model_typical, { .width = 80 }, false },
	{ "diff-hostile.text", model_order_hostile, model_hostile, { .width = 80 }, false },
	{ "diff-hostile.json", model_hostile, model_order_hostile, { .width = 0 }, false },
	{ "diff-suppressed.text", model_abba, model_no_findings, { .width = 80 }, true },
	{ "diff-suppressed.json", model_abba, model_no_findings, { .width = 0 }, true },
	/* Reports. */
	{ "suppressed.text", model_abba, NULL, { .width = 80 }, true },
	{ "suppressed-verbose.text", model_abba, NULL, { .width = 80, .verbose = true }, true },
	{ "suppressed.json", model_abba, NULL, { .width = 0 }, true },
};

static int render(unsigned int i, const struct model *now, const struct model *before,
		  const struct render_opts *opts, FILE *out)
{
	const char *format = strrchr(cases[i].name, '.') + 1;
	struct diff_opts dopts = { .view = opts->view, .pass = parts_finding_pass };
	struct diff d;
	int err;

	if (!before)
		return renderer_find(format)->report(now, opts, out);
	err = diff_build(now, before, &dopts, &d);
	if (!err)
		err = render_diff_find(format)(&d, opts, out);
	diff_done(&d);
	return err;
}

static void test_case(unsigned int i, const struct suppress *s)
{
	struct model *now = cases[i].now(), *before = cases[i].before ? cases[i].before() : NULL;
	struct render_opts opts = cases[i].opts;
	char path[128], *got = NULL, *want;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	if (!out)
		exit(1);
	opts.view.filter.suppress = cases[i].suppress ? s : NULL;
	is_int(render(i, now, before, &opts, out), 0, "%s renders", cases[i].name);
	fclose(out);
	snprintf(path, sizeof(path), "%s/%s", GOLDEN_DIR, cases[i].name);
	want = golden_text(path, got);
	is_str(got, want, "%s", cases[i].name);
	free(got);
	free(want);
	model_free(now);
	model_free(before);
}

/* What nobody must see: the suppressed finding; and its twin, which is not suppressed. */
static void test_hidden(const struct suppress *s)
{
	struct render_opts opts = { .width = 80, .view.filter.suppress = s }, all = { .width = 80 };
	struct model *m = model_abba(), *other = model_chain();
	char *text = report("text", m, &opts);

	ok(!strstr(text, "WARNING"), "a suppressed finding is not shown");
	ok(strstr(text, "1 finding suppressed by known.txt:"), "but counted");
	is_int(parts_nr_findings(m, &opts.view.filter), 0, "and not for --check");
	free(text);
	text = report("text", m, &all);
	ok(strstr(text, "WARNING") && !strstr(text, "suppress"), "without suppressions it is shown");
	free(text);
	text = report("text", other, &opts);
	ok(strstr(text, "WARNING") && !strstr(text, "suppressed by"), "another finding is shown");
	free(text);
	model_free(m);
	model_free(other);
}

int main(void)
{
	struct suppress *s = suppress_new(20260315);
	unsigned int i;

	is_int(suppress_parse(s, known, sizeof(known) - 1, "known.txt", NULL), 0, "suppressions");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(i, s);
	test_hidden(s);
	suppress_free(s);
	return done_testing();
}
