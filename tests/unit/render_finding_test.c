// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must hold for findings in every format: filters and cuts reach them, a
 * run tells each once and its rise in one line, a recording gives the same. Exact text: render_golden_test.c.
 */
#include <unistd.h>

#include "../../user/file/reader.h"
#include "../../user/render/fmt.h"
#include "../../user/render/render.h"
#include "../../user/render/tell.h"
#include "../lib/tap.h"
#include "render_hold_models.h"
#include "render_order_models.h"
#include "render_out.h"

static unsigned int findings_in_json(const struct model *m, const struct view_filter *filter)
{
	char *text = report("json", m, &(struct render_opts){ .sections = RENDER_FINDINGS,
							      .view.filter = *filter });
	unsigned int n = count(text, "{\"id\": ");

	free(text);
	return n;
}

static void test_filters_reach_findings(void)
{
	static const char *const mmap = "mmap_lock", *const other = "inode", *const addr = "0xffffffff82a01200",
			  *const site = "lks_userptr", *const nowhere = "nfs_";
	static const uint32_t task = 31, nobody = 4711;
	static const struct {
		const char *what;
		struct view_filter filter;
		unsigned int nr;
	} cases[] = {
		{ "no filter", { 0 }, 6 },
		{ "a lock", { .lock = &mmap, .nr_lock = 1 }, 1 },
		{ "another lock", { .lock = &other, .nr_lock = 1 }, 0 },
		{ "an address", { .lock = &addr, .nr_lock = 1 }, 2 },
		{ "a caller", { .caller = &site, .nr_caller = 1 }, 1 },
		{ "another caller", { .caller = &nowhere, .nr_caller = 1 }, 0 },
		{ "a process", { .pid = &task, .nr_pid = 1 }, 3 },
		{ "a thread", { .tid = &task, .nr_tid = 1 }, 3 },
		{ "another process", { .pid = &nobody, .nr_pid = 1 }, 0 },
		{ "a lock and a process", { .lock = &addr, .nr_lock = 1, .pid = &task, .nr_pid = 1 }, 1 },
		{ "mutexes, and locks that lockdep names", { .type_mask = UINT64_C(1) << LK_LCB_MUTEX }, 3 },
		{ "a cgroup, which is not known", { .cgroup = &other, .nr_cgroup = 1 }, 6 },
	};
	struct model *m = model_singles();
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(findings_in_json(m, &cases[i].filter), cases[i].nr, "findings by %s", cases[i].what);
	model_free(m);
}

static void test_filtered_findings_are_told_apart_from_none(void)
{
	static const char *const nothing = "nothing";
	struct model *m = model_singles(), *none = model_no_findings();
	char *text = report("text", m, &(struct render_opts){ .width = 80, .view.filter = {
		.lock = &nothing, .nr_lock = 1 } });

	ok(strstr(text, "None of the 6 findings passes the filter."), "findings that the filter hides are said");
	free(text);
	text = report("text", none, &(struct render_opts){ .width = 80 });
	ok(strstr(text, "No lock order inversions among 3 classes, 1 order.") && !strstr(text, "WARNING"),
	   "without findings: what was looked at");
	free(text);
	model_free(m);
	model_free(none);
}

static void test_findings_are_cut(void)
{
	struct model *m = model_singles();
	char *text = report("text", m, &(struct render_opts){ .width = 80, .view.entries = 2 });

	is_int(count(text, "WARNING: "), 2, "-E limits the findings of a text");
	ok(strstr(text, "4 more findings: -E 0 shows all"), "and says so");
	free(text);
	model_free(m);
}

static char *told(struct tell *t, const struct model *m, const char *format, const struct render_opts *opts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	is_int(tell_findings(t, m, renderer_find(format), opts, out), 0, "telling works");
	fclose(out);
	return text;
}

static void test_a_finding_is_told_once(void)
{
	static const char *const nothing = "nothing";
	struct render_opts opts = { .width = 80 }, other = { .view.filter = { .lock = &nothing, .nr_lock = 1 } };
	struct model *m = model_abba_open();
	struct tell t = { 0 }, filtered = { 0 };
	char *text = told(&t, m, "text", &opts);

	is_str(text, "", "nothing is told before the circle is closed");
	free(text);
	complete_abba(m, 3210);
	text = told(&t, m, "text", &opts);
	is_int(count(text, "WARNING: circular locking dependency"), 1, "then it is told in full");
	free(text);
	complete_abba(m, 4000);
	text = told(&t, m, "text", &opts);
	is_str(text, "", "and not again when it comes again");
	free(text);
	text = told(&filtered, m, "json", &other);
	is_str(text, "", "a filter hides it");
	free(text);
	tell_done(&t);
	tell_done(&filtered);
	model_free(m);
}

/* Different instances first, then the same ones. */
static void test_a_rise_is_one_line(void)
{
	struct lk_ev_hold a = hold(LK_PRIM_MUTEX, LK_WRITE, LOCK_INODE, KEY_DIR, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_MUTEX, LK_WRITE, LOCK_MMAP, KEY_MMAP, S_UNBIND);
	struct lk_ev_hold a2 = a, b2 = b;
	struct model *m = new_order_model();
	struct tell t = { 0 };
	char *text, *json;

	a2.lock += 0x1000;
	b2.lock += 0x1000;
	add_slab_class(m, KEY_DIR, "ext4_inode_cache", 0x90);
	add_slab_class(m, KEY_MMAP, "mm_struct", 0x118);
	add_order(m, (struct doing){ WHO_SETUP, 0, 0, 0, 1000, 0 }, &a, 1, b);
	add_order(m, (struct doing){ WHO_UNBIND, 0, 0, 0, 2000, 0 }, &b2, 1, a2);
	text = told(&t, m, "text", &(struct render_opts){ .width = 80 });
	ok(strstr(text, "WARNING: ") && !strstr(text, ", certain"), "told first, and not as certain");
	free(text);
	add_order(m, (struct doing){ WHO_UNBIND, 0, 0, 0, 3000, 0 }, &b, 1, a);
	json = rendered(renderer_find("json")->report, m, &(struct render_opts){ 0 }, &(int){ 0 });
	ok(strstr(json, "\"severity\": \"certain\""), "it becomes certain");
	free(json);
	text = told(&t, m, "text", &(struct render_opts){ .width = 80 });
	ok(strstr(text, " is now certain, circular, ") && count(text, "\n") == 1, "one line says so");
	free(text);
	text = told(&t, m, "text", &(struct render_opts){ .width = 80 });
	is_str(text, "", "once");
	free(text);
	tell_done(&t);
	model_free(m);
}

/* A model made from the recording at @path. */
static struct model *model_of(const char *path)
{
	struct model *m = new_model();
	struct reader *r = NULL;
	struct lk_event ev;
	struct diag why = { "" };

	if (reader_open(path, &r, &why)) {
		printf("Bail out! %s\n", why.text);
		exit(1);
	}
	while (reader_next(r, &ev, &why) == 1)
		apply(m, &ev);
	ok(reader_complete(r), "the recording is complete");
	reader_free(r);
	return m;
}

/*
 * Recordings of the models, for tests/cli/findings.sh. They stay: later versions
 * must read them as they were meant. UPDATE_GOLDEN=1 makes those that are missing.
 */
#define RECORDINGS "tests/golden/findings"

static struct model *record(const char *path, struct model *(*make)(void))
{
	struct diag why = { "" };
	struct model *m;

	(void)unlink(path);
	if (writer_open(path, &apply_writer, &why)) {
		printf("Bail out! %s\n", why.text);
		exit(1);
	}
	m = make();
	is_int(writer_close(apply_writer, &why), 0, "%s is written", path);
	writer_free(apply_writer);
	apply_writer = NULL;
	return m;
}

static void same_reports(const struct model *run, const struct model *rec, const char *name)
{
	static const char *const formats[] = { "text", "json" };
	struct render_opts opts = { .width = 80, .sections = RENDER_ALL, .verbose = true };
	unsigned int i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *a = report(formats[i], run, &opts), *b = report(formats[i], rec, &opts);

		is_str(b, a, "%s: the recording gives the same %s", name, formats[i]);
		free(a);
		free(b);
	}
}

static void test_recordings_give_the_same_reports(void)
{
	static const struct {
		const char *name;
		struct model *(*make)(void);
	} models[] = {
		{ "abba", model_abba }, { "chain", model_chain }, { "singles", model_singles },
		{ "clean", model_no_findings }, { "hostile", model_order_hostile }, { "holds", model_holds },
	};
	char path[64], now[] = RECORDINGS "/now.XXXXXX";
	unsigned int i;
	int fd = mkstemp(now);

	if (fd < 0 || close(fd))
		exit(1);
	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct model *run = record(now, models[i].make), *rec = model_of(now);

		same_reports(run, rec, models[i].name);
		model_free(rec);
		snprintf(path, sizeof(path), RECORDINGS "/%s.lks", models[i].name);
		if (getenv("UPDATE_GOLDEN") && access(path, F_OK) && link(now, path))
			exit(1);
		rec = model_of(path);
		same_reports(run, rec, path);
		model_free(rec);
		model_free(run);
	}
	(void)unlink(now);
}

static void test_findings_fit_into_the_width(void)
{
	struct model *(*const models[])(void) = { model_abba, model_chain, model_singles, model_no_findings };
	static const unsigned int sections[] = { RENDER_FINDINGS, RENDER_ORDER, RENDER_WATCH };
	unsigned int i, k, too_long = 0;

	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		for (k = 0; k < sizeof(sections) / sizeof(sections[0]); k++) {
			struct model *m = models[i]();
			char *text = report("text", m, &(struct render_opts){ .width = 80,
						.sections = sections[k] }), *line, *save = NULL;

			for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
				too_long += fmt_columns(line) > 80;
			free(text);
			model_free(m);
		}
	}
	is_int(too_long, 0, "no line is longer than 80 columns");
}

int main(void)
{
	test_filters_reach_findings();
	test_filtered_findings_are_told_apart_from_none();
	test_findings_are_cut();
	test_a_finding_is_told_once();
	test_a_rise_is_one_line();
	test_findings_fit_into_the_width();
	test_recordings_give_the_same_reports();
	return done_testing();
}
