// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and text for people.
 */
#include "../../user/render/fmt.h"
#include "../lib/tap.h"

#define S 1000000000ull

static void test_ns(void)
{
	static const struct { uint64_t ns; const char *text; } cases[] = {
		{ 0, "0 ns" }, { 1, "1 ns" }, { 999, "999 ns" },
		{ 1000, "1.00 us" }, { 1004, "1.00 us" }, { 1005, "1.01 us" },
		{ 9994, "9.99 us" }, { 9995, "10.0 us" }, { 99949, "99.9 us" },
		{ 99950, "100 us" }, { 999499, "999 us" }, { 999500, "1.00 ms" },
		{ 12345678, "12.3 ms" }, { 999499999, "999 ms" }, { 999500000, "1.00 s" },
		{ 59 * S, "59.0 s" }, { 999 * S, "999 s" }, { 1000 * S, "1000 s" },
		{ 99999 * S, "99999 s" }, { 100000 * S, "27.8 h" },
		{ 3600000 * S, "1000 h" }, { UINT64_MAX, "5124096 h" },
	};
	char buf[FMT_LEN];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(fmt_ns(cases[i].ns, buf), cases[i].text, "%" PRIu64 " ns", cases[i].ns);
}

/* The column is 7 wide; whatever a run of some years can sum up must fit. */
static void test_ns_fits(void)
{
	uint64_t state = tap_seed(20), ns, worst = 0;
	unsigned int i;
	char buf[FMT_LEN];

	for (i = 0; i < 100000; i++) {
		ns = tap_random(&state) >> (tap_random(&state) % 64);
		if (ns < 9000 * 3600 * S && strlen(fmt_ns(ns, buf)) > 7)
			worst = ns;
	}
	is_int(worst, 0, "durations below a year take at most 7 columns");
}

static void test_count(void)
{
	static const struct { uint64_t n; const char *count, *group; } cases[] = {
		{ 0, "0", "0" }, { 999, "999", "999" }, { 1000, "1000", "1,000" },
		{ 123456, "123456", "123,456" }, { 9999999, "9999999", "9,999,999" },
		{ 10000000, "10.0M", "10,000,000" }, { 12345678, "12.3M", "12,345,678" },
		{ 999499999, "999M", "999,499,999" }, { 999500000, "1.00G", "999,500,000" },
		{ UINT64_MAX, "18.4E", "18,446,744,073,709,551,615" },
	};
	char buf[FMT_LEN];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_str(fmt_count(cases[i].n, buf), cases[i].count, "count %" PRIu64, cases[i].n);
		is_str(fmt_group(cases[i].n, buf), cases[i].group, "groups of %" PRIu64, cases[i].n);
	}
}

static void test_ratio_and_share(void)
{
	static const struct { uint64_t a, b; const char *ratio, *share; } cases[] = {
		{ 0, 10, "0.000", "0 %" }, { 1, 3, "0.333", "33 %" }, { 1, 0, "-", "0 %" },
		{ 9995, 10000, "1.00", "100 %" }, { 321, 100, "3.21", "321 %" },
		{ 1, 2000, "0.001", "<0.1 %" }, { 3, 1000, "0.003", "0.3 %" },
		{ 123456, 100, "1235", "123456 %" }, { 5, 5, "1.00", "100 %" },
	};
	char buf[FMT_LEN];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		is_str(fmt_ratio(cases[i].a, cases[i].b, buf), cases[i].ratio,
		       "ratio %" PRIu64 "/%" PRIu64, cases[i].a, cases[i].b);
		is_str(fmt_share(cases[i].a, cases[i].b, buf), cases[i].share,
		       "share %" PRIu64 "/%" PRIu64, cases[i].a, cases[i].b);
	}
}

static char *middle(const char *s, unsigned int columns)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	fmt_put_middle(out, s, columns);
	fclose(out);
	return text;
}

static void test_middle(void)
{
	static const struct { const char *s; unsigned int columns; const char *text; } cases[] = {
		{ "short", 5, "short" }, { "short", 80, "short" }, { "", 4, "" },
		{ "rwsem_down_write_slowpath", 12, "rwsem..wpath" },
		{ "rwsem_down_write_slowpath", 11, "rwsem..path" },
		{ "abcdef", 4, "a..f" }, { "abcdef", 3, "abc" }, { "abcdef", 0, "" },
		/* double width: six characters, twelve columns */
		{ "\u4e2d\u6587\u540d\u524d\u9577\u3044", 12, "\u4e2d\u6587\u540d\u524d\u9577\u3044" },
		{ "\u4e2d\u6587\u540d\u524d\u9577\u3044", 11, "\u4e2d\u6587..\u9577\u3044" },
		{ "\u4e2d\u6587\u540d\u524d\u9577\u3044", 5, "\u4e2d.." },
		/* a combining accent stays with its letter or goes with it */
		{ "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", 5, "e\u0301e\u0301..e\u0301" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = middle(cases[i].s, cases[i].columns);

		is_str(text, cases[i].text, "'%s' in %u columns", cases[i].s, cases[i].columns);
		ok(fmt_columns(text) <= cases[i].columns, "which fits");
		free(text);
	}
}

static char *wrapped(const char *s, unsigned int column, unsigned int indent, unsigned int width)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	fmt_put_wrapped(out, s, column, indent, width);
	fclose(out);
	return text;
}

static void test_wrapped(void)
{
	static const struct {
		const char *s;
		unsigned int column, indent, width;
		const char *text;
	} cases[] = {
		{ "one two three", 0, 0, 0, "one two three" },
		{ "one two three", 0, 0, 7, "one two\nthree" },
		{ "one two three", 0, 2, 7, "one two\n  three" },
		{ "one two three", 4, 1, 7, "one\n two\n three" },
		{ "unbreakable", 0, 0, 4, "unbreakable" },
		{ "", 0, 0, 4, "" },
		{ "a  b", 0, 0, 10, "a b" },
		{ "\u4e2d\u6587 \u4e2d\u6587", 0, 0, 8, "\u4e2d\u6587\n\u4e2d\u6587" },
		{ "\u4e2d\u6587 \u4e2d\u6587", 0, 0, 9, "\u4e2d\u6587 \u4e2d\u6587" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = wrapped(cases[i].s, cases[i].column, cases[i].indent, cases[i].width);

		is_str(text, cases[i].text, "'%s' wrapped at %u", cases[i].s, cases[i].width);
		free(text);
	}
}

int main(void)
{
	test_ns();
	test_ns_fits();
	test_count();
	test_ratio_and_share();
	test_middle();
	test_wrapped();
	return done_testing();
}
