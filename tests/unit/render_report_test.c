// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold for every format: hostile names do no harm, failed writes are
 * told, filters and cuts reach the lists; and the lines of intervals. The exact
 * text of reports is in render_golden_test.c.
 */
#include <errno.h>

#include "../../user/base/utf8.h"
#include "../../user/core/loss.h"
#include "../../user/render/fmt.h"
#include "../../user/render/render.h"
#include "../lib/tap.h"
#include "render_models.h"
#include "render_out.h"
#include "render_order_models.h"

/* Arguments of filters. */
static const char *const want_nothing = "nothing", *const want_mmap = "mmap_lock",
		  *const want_rename = "rename", *const want_user = "/user.slice";

static void test_table_of_formats(void)
{
	unsigned int i;

	for (i = 0; renderer_nth(i); i++)
		ok(renderer_find(renderer_nth(i)->name) == renderer_nth(i), "format %s is found",
		   renderer_nth(i)->name);
	is_int(i, 7, "there are seven");
	ok(!renderer_find("xml") && !renderer_find("") && !renderer_find("tex"), "others are not found");
	for (i = 2; renderer_nth(i); i++)
		ok(!renderer_nth(i)->interval && !renderer_nth(i)->finding, "%s is written at the end only",
		   renderer_nth(i)->name);
}

/* --- hostile names ---------------------------------------------------------------------- */

/* The first byte that may not be in any output: controls but for the line end, bad UTF-8, bidi. */
static const char *first_harm(const char *s)
{
	uint32_t cp;
	size_t n;

	for (; *s; s += n) {
		n = utf8_decode(s, &cp);
		if (!n || (*s != '\n' && !utf8_is_printable(cp)))
			return s;
	}
	return NULL;
}

static void test_hostile_names_do_no_harm(void)
{
	static const unsigned int dims[] = {
		0, VIEW_TASK, VIEW_PROCESS, VIEW_OWNER, VIEW_CGROUP, VIEW_LOCK | VIEW_ADDR | VIEW_CTX,
	};
	struct model *m = model_hostile(), *clean = model_typical(), *order = model_order_hostile();
	unsigned int i, k, harm = 0, lines = 0;

	for (i = 0; renderer_nth(i); i++) {
		for (k = 0; k < sizeof(dims) / sizeof(dims[0]); k++) {
			struct render_opts opts = { .width = 60 + 30 * k, .view.dims = dims[k],
						    .verbose = k & 1 };
			struct render_opts found = { .width = opts.width, .verbose = k & 1,
				.sections = renderer_nth(i)->interval ? RENDER_ALL : RENDER_FINDINGS };
			int err, clean_err, order_err;
			char *bad = rendered(renderer_nth(i)->report, m, &opts, &err);
			char *worse = rendered(renderer_nth(i)->report, order, &found, &order_err);
			char *good = rendered(renderer_nth(i)->report, clean, &opts, &clean_err);

			harm += err || clean_err || order_err || first_harm(bad) || first_harm(worse);
			/* In CSV a line is a row, so that the line ends in names would show. */
			if (!strcmp(renderer_nth(i)->name, "csv") && !dims[k])
				lines = count(bad, "\n");
			free(bad);
			free(worse);
			free(good);
		}
	}
	is_int(harm, 0, "no control, bad UTF-8 or bidi character in any format and view");
	is_int(lines, 3, "line ends in names make no lines");
	ok(first_harm("a\033b") && first_harm("\xff") && first_harm("\u202e") && !first_harm("\u00e9\n"),
	   "and the check can tell");
	model_free(m);
	model_free(clean);
	model_free(order);
}

/* Fields of a CSV line; the quoting rules are RFC 4180's. */
static unsigned int csv_fields(const char *line, const char **end)
{
	unsigned int n = 1;
	bool quoted = false;

	for (; *line && (quoted || *line != '\n'); line++) {
		if (*line == '"')
			quoted = !quoted;
		else if (*line == ',' && !quoted)
			n++;
	}
	*end = *line ? line + 1 : line;
	return n;
}

static void test_csv_rows_have_all_fields(void)
{
	struct model *m = model_hostile();
	char *text = report("csv", m, &(struct render_opts){ 0 });
	const char *p = text, *line;
	unsigned int fields = csv_fields(p, &p), rows = 0, bad = 0;

	for (line = p; *line; line = p, rows++)
		bad += csv_fields(line, &p) != fields;
	is_int(fields, 29, "the header has every field");
	is_int(rows, 2, "two rows");
	is_int(bad, 0, "each with as many fields");
	ok(strstr(text, ",'=cmd|' /C calc',"), "a formula is disarmed");
	free(text);
	model_free(m);
}

/* --- errors ----------------------------------------------------------------------------- */

static void test_failed_writes_are_told(void)
{
	struct model *m = model_typical();
	unsigned int i;

	for (i = 0; renderer_nth(i); i++) {
		const struct renderer *r = renderer_nth(i);
		FILE *full = fopen("/dev/full", "w");

		if (!full) {
			skip("no /dev/full here");
			continue;
		}
		is_int(r->report(m, &(struct render_opts){ 0 }, full), -EIO, "%s: report", r->name);
		fclose(full);
		full = fopen("/dev/full", "w");
		if (r->interval)
			is_int(r->interval(m, &(struct render_opts){ 0 }, full), -EIO,
			       "%s: interval", r->name);
		fclose(full);
	}
	model_free(m);
}

static void test_bad_options_are_refused(void)
{
	static const struct { const char *format; struct render_opts opts; int err; } cases[] = {
		{ "text", { .sections = RENDER_WATCH }, 0 },
		{ "text", { .sections = RENDER_WATCH | RENDER_LOSS }, 0 },
		{ "text", { .sections = RENDER_ALL }, 0 },
		{ "json", { .sections = RENDER_WATCH }, 0 },
		{ "csv", { .sections = RENDER_ALL }, -EINVAL },
		{ "csv", { .sections = RENDER_LOSS | RENDER_COVERAGE }, -EINVAL },
		{ "csv", { .sections = RENDER_LOSS }, 0 },
		{ "text", { .view.dims = VIEW_OWNER | VIEW_TASK }, -EINVAL },
		{ "json", { .view.dims = VIEW_OWNER | VIEW_TASK }, -EINVAL },
		{ "csv", { .view.dims = VIEW_OWNER | VIEW_TASK }, -EINVAL },
	};
	struct model *m = model_typical();
	size_t i;
	int err;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		free(rendered(renderer_find(cases[i].format)->report, m, &cases[i].opts, &err));
		is_int(err, cases[i].err, "%s, sections 0x%x, dimensions 0x%x", cases[i].format,
		       cases[i].opts.sections, cases[i].opts.view.dims);
	}
	model_free(m);
}

/* --- text ------------------------------------------------------------------------------- */

static void test_text_fits_its_width(void)
{
	static const unsigned int widths[] = { 40, 60, 80, 100, 120, 160, 200 };
	struct model *m = model_with_waiting();
	unsigned int i;

	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		/* The head and stacks are not folded: without both every line must fit. */
		struct render_opts opts = { .width = widths[i] };
		char *text = report("text", m, &opts), *line = strchr(text, '\n') + 1, *next;
		unsigned int wide = 0;

		for (; *line; line = next) {
			next = strchr(line, '\n') + 1;
			next[-1] = '\0';
			wide += fmt_columns(line) > (widths[i] < 60 ? 60 : widths[i]);
		}
		is_int(wide, 0, "no line wider than %u columns", widths[i]);
		free(text);
	}
	model_free(m);
}

static void test_last_line(void)
{
	static const struct {
		const char *name;
		struct model *(*model)(void);
		const char *last;
	} cases[] = {
		{ "typical", model_typical, "\ncomplete\n" },
		{ "empty", model_empty, "\ncomplete\n" },
		{ "two hosts", model_two_hosts, "\ncomplete\n" },
		{ "no source", model_new, "\nINCOMPLETE: nothing was traced\n" },
		{ "incomplete", model_incomplete,
		  "\nINCOMPLETE: rows-full 5010; ring-full 12345678; unknown 1; "
		  "x.lks is cut off in block 7; the end of the trace of web1 is missing\n" },
	};
	static const unsigned int sections[] = {
		0, RENDER_CONTENTION, RENDER_COVERAGE, RENDER_LOSS, RENDER_ALL,
	};
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = cases[i].model();

		for (k = 0; k < sizeof(sections) / sizeof(sections[0]); k++) {
			char *text = report("text", m, &(struct render_opts){ .sections = sections[k] });
			size_t len = strlen(text), last = strlen(cases[i].last);

			is_str(len > last ? text + len - last : text, cases[i].last,
			       "%s, sections 0x%x", cases[i].name, sections[k]);
			free(text);
		}
		model_free(m);
	}
}

/* Each remark appears with its cause, and not without. */
static void test_remarks(void)
{
	static const struct {
		const char *name;
		struct model *(*model)(void);
		struct render_opts opts;
		const char *remark;
		bool there;
	} cases[] = {
		{ "coverage hint", model_typical, { 0 },
		  "Coverage: partial for spinlock; none for semaphore", true },
		{ "coverage hint, not when all is covered", model_incomplete, { 0 }, "Coverage", false },
		{ "what was watched", model_empty, { 0 },
		  "No task waited for a lock in 10.0 s. Watched: mutex, rwsem, spinlock.", true },
		{ "what was watched, not beside waits", model_typical, { 0 }, "Watched", false },
		{ "losses", model_incomplete, { 0 }, "\nLost:\n  rows-full            5010  waits", true },
		{ "losses, not without any", model_typical, { 0 }, "Lost", false },
		{ "notes on request", model_typical, { .verbose = true }, "unmatched-end ", true },
		{ "notes, not by default", model_typical, { 0 }, "unmatched-end", false },
		{ "still waiting", model_with_waiting, { 0 }, "Still waiting when the trace ended", true },
		{ "still waiting, not without any", model_typical, { 0 }, "Still waiting", false },
		{ "the cut", model_typical, { .view.entries = 5 },
		  "\n1 more row, <0.1 % of the wait time: -E 0 shows all\n", true },
		{ "the cut, not when all fit", model_typical, { .view.entries = 6 }, "-E 0", false },
		{ "the reader", model_typical, { 0 }, "mysqld/4251 (reader)", true },
		{ "stacks on request", model_typical, { .verbose = true },
		  "\n        do_renameat2+0x2b8/0x530\n", true },
		{ "stacks, without lock code", model_typical, { .verbose = true }, "slowpath", false },
		{ "stacks, not by default", model_typical, { 0 }, "+0x2b8", false },
		{ "a filter that lets nothing in", model_typical,
		  { .view.filter = { .lock = &want_nothing, .nr_lock = 1 } },
		  "None of the 125,983 waits passes the filter.", true },
		{ "a filter that lets some in", model_typical,
		  { .view.filter = { .lock = &want_mmap, .nr_lock = 1 } },
		  "2,401 of 125,983 waits, 5.88 s lost: 0.588 tasks waiting on average", true },
		{ "a kernel filter", model_empty, { 0 }, ", only processes 4242\n", true },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *m = cases[i].model();
		char *text = report("text", m, &cases[i].opts);

		ok(!!strstr(text, cases[i].remark) == cases[i].there, "%s", cases[i].name);
		free(text);
		model_free(m);
	}
}

static void test_every_counter_has_its_lines(void)
{
	unsigned int i, missing = 0;

	for (i = 1; i < LK_STAT_NR; i++) {
		struct model *m = new_model();
		char *text;

		add_meta(m, "web1", "");
		add_loss(m, i, 7);
		add_time(m, LK_EV_END, T0 + SEC);
		text = report("text", m, &(struct render_opts){ .sections = RENDER_LOSS });
		missing += !strstr(text, loss_info(i)->name) ||
			   !!strstr(text, "\ncomplete\n") == loss_info(i)->is_loss;
		free(text);
		model_free(m);
	}
	is_int(missing, 0, "each counter is shown, and makes the result incomplete if it is a loss");
}

/* --- still waiting ---------------------------------------------------------------------- */

static void test_waiting_obeys_the_filter(void)
{
	static const uint32_t mv = 31337, mysqld = 4242, tid = 4251, other = 4250;
	static const struct { const char *name; struct view_filter filter; const char *tids; } cases[] = {
		{ "no filter", { 0 }, "4251 31337 9001 " },
		{ "process", { .pid = &mysqld, .nr_pid = 1 }, "4251 " },
		{ "thread", { .tid = &tid, .nr_tid = 1 }, "4251 " },
		{ "another thread", { .tid = &other, .nr_tid = 1 }, "" },
		{ "thread and process that do not go together",
		  { .tid = &tid, .nr_tid = 1, .pid = &mv, .nr_pid = 1 }, "" },
		{ "lock", { .lock = &want_mmap, .nr_lock = 1 }, "4251 " },
		{ "caller", { .caller = &want_rename, .nr_caller = 1 }, "31337 " },
		{ "type", { .type_mask = 1ull << LK_LCB_MUTEX }, "9001 " },
		{ "cgroup", { .cgroup = &want_user, .nr_cgroup = 1 },
		  "31337 9001 " },
	};
	struct model *m = model_with_waiting();
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct render_opts opts = { .view.filter = cases[i].filter };
		char *text = report("json", m, &opts), *p, tids[64] = "";

		for (p = strstr(text, "\"still_waiting\""); (p = strstr(p, "{\"task\": "));) {
			p = strstr(p, "\"tid\": ") + 7;
			snprintf(tids + strlen(tids), sizeof(tids) - strlen(tids), "%.*s ",
				 (int)strspn(p, "0123456789"), p);
		}
		is_str(tids, cases[i].tids, "%s", cases[i].name);
		free(text);
	}
	model_free(m);
}

/* --- intervals -------------------------------------------------------------------------- */

static void test_text_intervals(void)
{
	const struct renderer *text = renderer_find("text");
	struct render_opts opts = { .width = 80, .view.entries = 20 };
	struct model *m = model_ticking();
	char *got;
	int err;

	got = rendered(text->interval, m, &opts, &err);
	is_int(err, 0, "an interval renders");
	is_str(got, "22:13:21     3100     2.00      3  90 %  &mm->mmap_lock  do_u..ault  mysqld/4251\n",
	       "rate, tasks waiting, tasks, and the top lock with caller and owner");
	free(got);
	add_loss(m, LK_STAT_ROWS_FULL, 12);
	add_loss(m, LK_STAT_UNMATCHED_END, 12);
	add_time(m, LK_EV_TICK, T0 + 2 * SEC);
	got = rendered(text->interval, m, &opts, &err);
	is_str(got, "22:13:22        0    0.000      0\n          lost so far: rows-full 12\n",
	       "an idle interval; losses are told");
	free(got);
	model_free(m);
}

static void test_heading_repeats(void)
{
	struct model *m = new_model();
	unsigned int i, headings = 0;
	char *got;
	int err;

	add_meta(m, "web1", "");
	for (i = 1; i <= 41; i++) {
		add_time(m, LK_EV_TICK, T0 + i * SEC);
		got = rendered(renderer_find("text")->interval, m, &(struct render_opts){ 0 }, &err);
		headings += strstr(got, "    TIME  WAITS/S  WAITING  TASKS  MOST TIME LOST IN\n") == got;
		free(got);
	}
	is_int(headings, 3, "before the first, 21st and 41st line");
	model_free(m);
}

static void test_json_interval(void)
{
	struct model *m = model_ticking();
	int err;
	char *got = rendered(renderer_find("json")->interval, m, &(struct render_opts){ 0 }, &err);

	is_int(err, 0, "an interval renders");
	is_int(count(got, "\n"), 1, "on one line");
	ok(strstr(got, "{\"schema\": \"lockscope.interval/1\", \"nr\": \"2\", "
		       "\"start_ns\": \"1000500000000\", \"end_ns\": \"1001000000000\", "
		       "\"end_real_ns\": \"1700000001000000000\", \"loss\": [], ") == got,
	   "that says which one");
	ok(strstr(got, "\"contention_total\": {\"count\": \"1550\", \"total_ns\": \"1000000000\", "
		       "\"rows\": 2, \"rows_shown\": 2}"), "with its sums");
	ok(strstr(got, "\"count\": \"50\", \"total_ns\": \"100000000\", \"avg_ns\": \"2000000\""),
	   "rows have what they gained, not what they have");
	free(got);
	model_free(m);
}

static void test_schema_is_the_file(void)
{
	FILE *f = fopen("user/render/report.schema.json", "r");
	char *file = NULL;
	size_t size = 0;

	if (!f || getdelim(&file, &size, '\0', f) < 0)
		printf("Bail out! run this from the top of the tree\n");
	is_str(render_json_schema, file, "the embedded schema is report.schema.json");
	free(file);
	if (f)
		fclose(f);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	test_table_of_formats();
	test_hostile_names_do_no_harm();
	test_csv_rows_have_all_fields();
	test_failed_writes_are_told();
	test_bad_options_are_refused();
	test_text_fits_its_width();
	test_last_line();
	test_remarks();
	test_every_counter_has_its_lines();
	test_waiting_obeys_the_filter();
	test_text_intervals();
	test_heading_repeats();
	test_json_interval();
	test_schema_is_the_file();
	return done_testing();
}
