// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables: the shape at several widths, and for random names that nothing breaks
 * the shape.
 */
#include "../../user/base/utf8.h"
#include "../../user/render/fmt.h"
#include "../../user/render/table.h"
#include "../lib/tap.h"

static const struct table_col cols[] = {
	{ "COUNT", true, 0 }, { "TOTAL", true, 0 }, { "LOCK", false, 8 }, { "TYPE", false, 0 },
	{ "CALLER", false, 8 },
};
#define NR_COLS (sizeof(cols) / sizeof(cols[0]))

static char *printed(const char *const *cell, unsigned int nr, unsigned int width, unsigned int indent)
{
	struct table *t = table_new(cols, NR_COLS);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned int i;

	if (!t || !out)
		exit(1);
	for (i = 0; i < nr; i++)
		table_cell(t, cell[i]);
	is_int(table_print(t, out, width, indent, NULL, NULL), 0, "prints at width %u", width);
	fclose(out);
	table_free(t);
	return text;
}

static void test_shapes(void)
{
	static const char *const cell[] = {
		"1", "12.3 ms", "&sb->s_type->i_mutex_key", "rwsem:W", "do_renameat2",
		"123456", "1 ns", "\u6f22\u5b57", NULL, "",
	};
	static const struct { const char *name; unsigned int width, indent; const char *text; } cases[] = {
		{ "no limit", 0, 0,
		  " COUNT    TOTAL  LOCK                      TYPE     CALLER\n"
		  "     1  12.3 ms  &sb->s_type->i_mutex_key  rwsem:W  do_renameat2\n"
		  "123456     1 ns  \u6f22\u5b57                      -        -\n" },
		{ "exactly enough, one line", 64, 0,
		  " COUNT    TOTAL  LOCK                      TYPE     CALLER\n"
		  "     1  12.3 ms  &sb->s_type->i_mutex_key  rwsem:W  do_renameat2\n"
		  "123456     1 ns  \u6f22\u5b57                      -        -\n" },
		{ "one less, two lines", 63, 0,
		  " COUNT    TOTAL  LOCK\n"
		  "    TYPE     CALLER\n"
		  "     1  12.3 ms  &sb->s_type->i_mutex_key\n"
		  "    rwsem:W  do_renameat2\n"
		  "123456     1 ns  \u6f22\u5b57\n"
		  "    -        -\n" },
		{ "indented", 65, 2,
		  "   COUNT    TOTAL  LOCK\n"
		  "      TYPE     CALLER\n"
		  "       1  12.3 ms  &sb->s_type->i_mutex_key\n"
		  "      rwsem:W  do_renameat2\n"
		  "  123456     1 ns  \u6f22\u5b57\n"
		  "      -        -\n" },
		{ "narrow: shortened in the middle", 40, 0,
		  " COUNT    TOTAL  LOCK\n"
		  "    TYPE     CALLER\n"
		  "     1  12.3 ms  &sb->s_type.._mutex_key\n"
		  "    rwsem:W  do_renameat2\n"
		  "123456     1 ns  \u6f22\u5b57\n"
		  "    -        -\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = printed(cell, 10, cases[i].width, cases[i].indent);

		is_str(text, cases[i].text, "%s", cases[i].name);
		free(text);
	}
}

static void test_wide_stays_on_one_line(void)
{
	static const char *const cell[] = {
		"1", "1 ns",
		"a_very_long_name_of_a_lock_that_goes_on_and_on_and_on_for_ever_and_ever", "mutex",
		"an_even_longer_name_of_a_function_that_wants_to_have_the_whole_line_for_itself",
	};
	char *text = printed(cell, 5, 120, 0);
	const char *second = strchr(text, '\n') + 1;
	size_t len = strcspn(second, "\n");

	is_int(len, 120, "the row fills the line");
	ok(!second[len + 1], "and is one line");
	ok(strstr(second, "a_very_long_name") && strstr(second, "ever_and_ever  mutex  an_even") &&
	   strstr(second, "for_itself\n"), "both ends of both names are kept");
	free(text);
}

static void test_errors(void)
{
	struct table_col many[TABLE_COLS_MAX + 1];
	struct table *t;
	unsigned int i;

	for (i = 0; i < TABLE_COLS_MAX + 1; i++)
		many[i] = (struct table_col){ "X", false, 4 };
	ok(!table_new(many, TABLE_COLS_MAX + 1), "too many columns are refused");
	t = table_new(many, TABLE_COLS_MAX);
	ok(t, "the maximum is not");
	table_free(t);
	table_free(NULL);
}

/* --- random names ----------------------------------------------------------------------- */

static void random_name(uint64_t *state, char *name, size_t size)
{
	static const char *const piece[] = {
		"a", "mutex_", "\u6f22", "\u00e9", "e\u0301", "\xff", "\033[1m", "\n", " ", "\u202e", "0",
	};
	unsigned int n = (unsigned int)(tap_random(state) % 12);

	name[0] = '\0';
	while (n--) {
		const char *p = piece[tap_random(state) % (sizeof(piece) / sizeof(piece[0]))];

		if (strlen(name) + strlen(p) < size)
			strcat(name, p);
	}
}

/* Is the line made of whole printable characters, without a blank at its end? */
static bool clean(const char *line, size_t len)
{
	uint32_t cp;
	size_t n;

	if (len && line[len - 1] == ' ')
		return false;
	for (; len; line += n, len -= n) {
		n = utf8_decode(line, &cp);
		if (!n || n > len || !utf8_is_printable(cp))
			return false;
	}
	return true;
}

static void test_random(void)
{
	uint64_t state = tap_seed(1);
	unsigned int round, i, dirty = 0, wide = 0, misshaped = 0;

	for (round = 0; round < 300; round++) {
		unsigned int width = 40 + (unsigned int)(tap_random(&state) % 140), lines = 0;
		struct table *t = table_new(cols, NR_COLS);
		char *text = NULL, *line, *next, name[64];
		size_t size;
		FILE *out = open_memstream(&text, &size);

		if (!t || !out)
			exit(1);
		for (i = 0; i < 4 * NR_COLS; i++) {
			random_name(&state, name, i % NR_COLS < 2 ? 3 : sizeof(name));
			table_cell(t, name);
		}
		if (table_print(t, out, width, 0, NULL, NULL))
			exit(1);
		fclose(out);
		for (line = text; *line; line = next) {
			next = strchr(line, '\n') + 1;
			next[-1] = '\0';
			dirty += !clean(line, strlen(line));
			wide += fmt_columns(line) > width;
			lines++;
		}
		misshaped += lines % 5 != 0;
		free(text);
		table_free(t);
	}
	is_int(dirty, 0, "every line is printable and without trailing blanks");
	is_int(wide, 0, "no line is wider than the terminal");
	is_int(misshaped, 0, "header and rows always have the same number of lines");
}

int main(void)
{
	test_shapes();
	test_wide_stays_on_one_line();
	test_errors();
	test_random();
	return done_testing();
}
