// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format html: what the page must hold whatever is in it, what names cannot do to
 * it, and how large it gets. That the page works is tested in a browser, with pages
 * that this program writes: render_html_test big|holds|hostile > FILE (tests/html/).
 */
#include <errno.h>

#include "../../user/render/page.h"
#include "render_hold_models.h"
#include "render_order_models.h"
#include "render_out.h"

#define SIZE_MAX_BIG	(2u << 20)	/* bytes, for 2,000 classes */
#define BIG_CLASSES	2000u
#define BIG_ORDERS	4000u
#define BIG_DEPTH	18u		/* functions in a stack */

#define EVIL_LOCK	"</script><img src=x onerror=\"window.evil=1\">&amp;"
#define EVIL_TASK	"<!--<script>"
#define EVIL_FUNCTION	"f\xe2\x80\xa8g\xff</pre><script>window.evil=1</script>"

/* What stands between the first @from behind @at and the next @to; NULL if there is none. To be freed. */
static char *between(const char *page, const char *at, const char *from, const char *to)
{
	const char *start = strstr(page, at), *end;

	start = start ? strstr(start, from) : NULL;
	if (!start)
		return NULL;
	start += strlen(from);
	end = strstr(start, to);
	return end ? strndup(start, (size_t)(end - start)) : NULL;
}

static char *json_of(const char *page)
{
	return between(page, "id=\"data\"", ">", "</script>");
}

static char *page_of(struct model *m, unsigned int sections)
{
	char *page = report("html", m, &(struct render_opts){ .sections = sections });

	model_free(m);
	return page;
}

/* --- models ------------------------------------------------------------------------------ */

static struct model *model_evil(void)
{
	struct lk_ev_hold a = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_IOMMU, KEY_IOMMU, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_DOMAIN, KEY_DOMAIN, S_UNBIND);
	struct model *m = new_order_model();

	add_static_class(m, KEY_IOMMU, EVIL_LOCK, "");
	add_static_class(m, KEY_DOMAIN, "</title>", "");
	add_frame(m, SITE(S_SETUP), EVIL_FUNCTION, "", 1, 2, 0);
	add_order(m, (struct doing){ { EVIL_TASK, 66, 66, 0 }, 0, 0, 0, 1, 0 }, &a, 1, b);
	add_order(m, (struct doing){ { "'\"", 67, 67, 0 }, 0, 0, 0, 2, 0 }, &b, 1, a);
	return end_model(m);
}

/* A step of a generator, so that every run has the same names and stacks. */
static uint32_t draw(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % limit;
}

/* 3,000 functions and 500 that they are called from at last, with names as long as real ones. */
static void add_functions(struct model *m)
{
	static const char *const what[] = { "ext4", "tcp", "i915_gem", "blk_mq", "__device", "cgroup" };
	char name[64];
	uint32_t i;

	for (i = 0; i < 3500; i++) {
		snprintf(name, sizeof(name), "%s_function_with_name_%u", what[i % 6], i);
		add_frame(m, 0xffffffff81000000ull + i * 0x400 + 0x80, name, i % 7 ? "" : "some_module",
			  0x80, 0x400, 0);
	}
}

/* Each stack is one of its own above what many have in common, as in a kernel. */
static void add_big_stack(struct model *m, uint32_t id, uint32_t *seed)
{
	uint64_t addr[BIG_DEPTH];
	uint32_t base = draw(seed, 100), i;

	for (i = 0; i < BIG_DEPTH; i++) {
		uint32_t f = i < 9 ? draw(seed, 3000) : 3000 + (base + i * 17) % 500;

		addr[i] = 0xffffffff81000000ull + f * 0x400 + 0x80;
	}
	add_stack(m, id, addr, BIG_DEPTH);
}

static struct model *model_big(void)
{
	struct model *m = new_order_model();
	uint32_t seed = 1, i;

	add_functions(m);
	for (i = 0; i < BIG_CLASSES; i++) {
		char name[48];

		snprintf(name, sizeof(name), "subsystem_%u_lock_of_%u", i % 40, i);
		add_static_class(m, 0xffffffff83000000ull + i * 64, name, "");
	}
	for (i = 0; i < BIG_ORDERS; i++) {
		uint32_t from = i < BIG_CLASSES - 1 ? i : draw(&seed, BIG_CLASSES - 1);
		uint32_t to = from + 1 + draw(&seed, i < BIG_CLASSES - 1 ? 1 + (BIG_CLASSES - 2 - from) % 90 :
					      BIG_CLASSES - 1 - from);
		uint64_t a = 0xffffffff83000000ull + from * 64, b = 0xffffffff83000000ull + to * 64;
		struct lk_ev_hold held = hold(LK_PRIM_MUTEX, LK_WRITE, a, a, S_SETUP);
		struct lk_ev_hold taken = hold(LK_PRIM_MUTEX, LK_WRITE, b, b, S_UNBIND);

		add_big_stack(m, 1000 + i, &seed);
		apply(m, &(struct lk_event){ .kind = LK_EV_ORDER, .order = {
			.time_ns = T0 + i * MS, .tier = LK_TIER_ORDER, .tid = 100 + i % 50,
			.tgid = 100 + i % 50, .ctx = LK_CTX_TASK, .comm = "some-task",
			.stack = 1000 + i, .from = 1, .acq = taken, .nr_held = 1, .held = &held,
		}});
	}
	return end_model(m);
}

/* --- tests ------------------------------------------------------------------------------- */

static void test_page_is_whole(void)
{
	char *page = page_of(model_abba(), 0), *json = json_of(page), *text;

	ok(!strncmp(page, "<!DOCTYPE html>", 15), "it begins as a page");
	is_str(page + strlen(page) - 8, "</html>\n", "and ends as one");
	ok(!strstr(page, "@@"), "nothing is left to be filled in");
	ok(strstr(page, page_css) && strstr(page, page_js), "style and script are in it");
	ok(!strstr(page_js, "</script") && !strstr(page_css, "</style"), "and do not end themselves");
	ok(json && strstr(json, "\"schema\":\"lockscope.page/1\"") && strstr(json, "\"kind\":\"circular\""),
	   "the report as JSON is in it");
	text = between(page, "<pre", ">", "</pre>");
	ok(text && strstr(text, "WARNING: circular locking dependency, certain") && strstr(text, "\ncomplete\n"),
	   "so is the text, to its last line");
	ok(!strstr(page, "src=") && !strstr(page, "<link") && !strstr(page_css, "url("),
	   "nothing is loaded from elsewhere");
	free(page);
	free(json);
	free(text);
}

static void test_sections(void)
{
	char *all = page_of(model_abba(), 0), *some = page_of(model_abba(), RENDER_CONTENTION);
	char *with = json_of(all), *without = json_of(some);

	ok(strstr(with, "\"id\":\"c0\"") && strstr(with, "\"title\":\"circular locking dependency\""),
	   "all sections unless told");
	ok(strstr(without, "\"classes\":[]") && strstr(without, "\"words\":[]") &&
	   strstr(without, "\"findings\":[]"), "only those that are asked for");
	free(all);
	free(some);
	free(with);
	free(without);
}

static void test_holds(void)
{
	char *page = page_of(model_holds(), 0), *plain = page_of(model_no_holds(), 0);
	char *json = json_of(page), *none = json_of(plain);
	char *text = between(page, "<pre", ">", "</pre>"), *no_text = between(plain, "<pre", ">", "</pre>");

	ok(strstr(json, "\"holds_total\":{\"count\":\"1198070\"") && strstr(json, "\"holder\":{\"comm\":\"yes\""),
	   "hold times are in the JSON");
	ok(strstr(text, "\nHold times: 1,198,070 holds"), "and in the text");
	ok(strstr(none, "\"holds\":[]") && !strstr(no_text, "Hold times"), "the twin has none");
	free(page);
	free(plain);
	free(json);
	free(none);
	free(text);
	free(no_text);
}

static void test_names_stay_names(void)
{
	char *page = page_of(model_evil(), 0), *plain = page_of(model_abba(), 0);
	char *json = json_of(page), *text = between(page, "<pre", ">", "</pre>");

	is_int(count(page, "<script"), count(plain, "<script"), "no name begins a script");
	is_int(count(page, "</script"), count(plain, "</script"), "or ends one");
	is_int(count(page, "</pre"), count(plain, "</pre"), "or the text");
	is_int(count(page, "<!--"), count(plain, "<!--"), "or begins a comment");
	is_int(count(page, "<img"), 0, "or is markup");
	is_int(strcspn(json, "<>&"), strlen(json), "in the JSON there is no markup at all");
	ok(strstr(json, "\\u003c/script\\u003e\\u003cimg"), "but the name of the lock is there");
	ok(strstr(json, "f\\u2028g\\ufffd"), "line separators and bad bytes are escaped");
	ok(strstr(text, "&lt;/script&gt;&lt;img src=x onerror=&quot;"), "the text has it, too");
	free(page);
	free(plain);
	free(json);
	free(text);
}

static void test_large_graph_is_small_enough(void)
{
	char *page = page_of(model_big(), 0), *json = json_of(page);

	is_int(count(json, "\"named_by\":\"symbol\""), BIG_CLASSES, "all classes are there");
	ok(count(json, "\"from\":") >= BIG_ORDERS * 19 / 20, "so are %u orders", count(json, "\"from\":"));
	ok(strlen(page) <= SIZE_MAX_BIG, "the page has %zu bytes, at most %u", strlen(page), SIZE_MAX_BIG);
	free(page);
	free(json);
}

static void test_failure_is_told(void)
{
	struct model *m = model_abba();
	FILE *full = fopen("/dev/full", "w");
	const struct renderer *r = renderer_find("html");
	int err;

	free(rendered(r->report, m, &(struct render_opts){ .view.dims = VIEW_OWNER | VIEW_TASK }, &err));
	is_int(err, -EINVAL, "dimensions that do not go together are refused");
	is_int(full ? r->report(m, &(struct render_opts){ 0 }, full) : 0, -EIO, "a full disk is told");
	if (full)
		fclose(full);
	model_free(m);
}

int main(int argc, char **argv)
{
	if (argc == 2) {
		struct model *m = !strcmp(argv[1], "big") ? model_big() :
				  !strcmp(argv[1], "holds") ? model_holds() : model_evil();
		int err = renderer_find("html")->report(m, &(struct render_opts){ 0 }, stdout);

		model_free(m);
		return err != 0;
	}
	test_page_is_whole();
	test_sections();
	test_holds();
	test_names_stay_names();
	test_large_graph_is_small_enough();
	test_failure_is_told();
	return done_testing();
}
