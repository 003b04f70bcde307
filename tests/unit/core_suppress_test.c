// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suppressions: what is taken and what is refused, with which sentence; and what they hide.
 */
#include <errno.h>

#include "../../user/base/diag.h"
#include "../../user/core/suppress.h"
#include "../lib/tap.h"

#define TODAY 20260315

static const struct {
	const char *text;
	unsigned int nr;	/* entries; 0 with a sentence: refused */
	const char *why;	/* part of it */
} cases[] = {
	{ "", 0, NULL },
	{ "\n\n  \t\n", 0, NULL },
	{ "# comment\n   # another\n", 0, NULL },
	{ "c-0123abcd known", 1, NULL },
	{ "c-0123abcd known\n", 1, NULL },
	{ "  c-0123abcd\tknown  for long \r\n", 1, NULL },
	{ "c-0123abcd until=2026-12-31 known\nr-00000000 #2 is the reason\n", 2, NULL },
	{ "c-0123abcd until=2028-02-29 a leap year\n", 1, NULL },
	{ "c-0123abcd because until=2020-01-01 is part of the reason\n", 1, NULL },
	{ "c-0123abcd the same\nc-0123abcd twice\n", 2, NULL },
	{ "c-0123abcd", 0, "f:1: 'c-0123abcd' is suppressed without a reason; a good line is: c-" },
	{ "c-0123abcd until=2026-12-31\n", 0, "f:1: 'c-0123abcd' is suppressed without a reason" },
	{ "# one\n\nc-0123abc known\n", 0, "f:3: 'c-0123abc' is no id of a finding" },
	{ "c-0123abcde known", 0, "is no id" },
	{ "c-0123ABCD known", 0, "is no id" },
	{ "C-0123abcd known", 0, "is no id" },
	{ "c_0123abcd known", 0, "is no id" },
	{ "mmap_lock is known", 0, "'mmap_lock' is no id" },
	{ "c-0123abcd\xc2\xa0known", 0, "is no id" },
	{ "c-0123abcd until= known", 0, "'until=' names no day: write it as until=YYYY-MM-DD" },
	{ "c-0123abcd until=2026-13-01 known", 0, "names no day" },
	{ "c-0123abcd until=2026-00-01 known", 0, "names no day" },
	{ "c-0123abcd until=2026-01-00 known", 0, "names no day" },
	{ "c-0123abcd until=2026-02-29 known", 0, "names no day" },
	{ "c-0123abcd until=2100-02-29 known", 0, "names no day" },
	{ "c-0123abcd until=26-02-01 known", 0, "names no day" },
	{ "c-0123abcd until=2026-2-1 known", 0, "names no day" },
	{ "c-0123abcd until=2026/02/01 known", 0, "names no day" },
	{ "c-0123abcd until=2026-02-01x known", 0, "names no day" },
	{ "c-0123abcd until=-026-02-01 known", 0, "names no day" },
	{ "c-0123abcd good\nbad line\n", 0, "f:2: 'bad' is no id" },
};

static void test_lines(void)
{
	struct suppress *s;
	struct diag why;
	size_t i;
	int err;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s = suppress_new(TODAY);
		why.text[0] = '\0';
		err = s ? suppress_parse(s, cases[i].text, strlen(cases[i].text), "f", &why) : -1;
		ok(!err == !cases[i].why && suppress_nr(s) == cases[i].nr, "case %zu: taken or refused", i);
		if (!ok(!cases[i].why || strstr(why.text, cases[i].why), "case %zu: the sentence", i))
			printf("#   got: %s\n", why.text);
		suppress_free(s);
	}
}

static void test_entries(void)
{
	static const char text[] = "c-0123abcd until=2026-03-15 today\nc-00000001 until=2026-03-14 over\n"
				   "c-00000002   for  ever \n";
	struct suppress *s = suppress_new(TODAY);
	const struct suppress_entry *e;
	char day[SUPPRESS_DATE_LEN];

	is_int(suppress_parse(s, text, sizeof(text) - 1, "a", NULL), 0, "three lines");
	is_int(suppress_parse(s, "x", 1, "b", NULL), -EINVAL, "another file that is bad");
	is_int(suppress_nr(s), 3, "adds nothing");
	e = suppress_entry(s, 0);
	ok(!e->expired && e->until == TODAY && e->line == 1, "the last day still counts");
	is_str(suppress_date(e->until, day), "2026-03-15", "a day as text");
	ok(suppress_entry(s, 1)->expired, "the day before does not");
	is_str(suppress_entry(s, 2)->reason, "for  ever", "a reason, without the blanks around it");
	is_int(suppress_entry(s, 2)->until, 0, "without an end");
	is_int(suppress_nr_files(s), 1, "of one file");
	is_int(suppress_parse(s, "c-00000003 x", 12, "b", NULL), 0, "a second file");
	is_int(suppress_nr_files(s), 2, "are two");
	suppress_free(s);
}

static void test_findings(void)
{
	static const char text[] = "c-00000001 until=2020-01-01 over\nc-00000001 until=2026-12-31 renewed\n"
				   "c-00000002 until=2020-01-01 over\nc-00000003 known\n";
	struct finding f = { .id = "c-00000001", .severity = FINDING_CERTAIN };
	struct suppress *s = suppress_new(TODAY);

	ok(!suppress_find(NULL, &f) && !suppress_nr(NULL), "no suppressions hide nothing");
	is_int(suppress_parse(s, text, sizeof(text) - 1, "a", NULL), 0, "four lines");
	ok(suppress_find(s, &f) == suppress_entry(s, 1), "one that was renewed is hidden by the new line");
	strcpy(f.id, "c-00000002");
	ok(!suppress_find(s, &f), "one whose day is over is not hidden");
	strcpy(f.id, "c-00000003");
	ok(suppress_find(s, &f), "one without a day is");
	f.severity = FINDING_DEADLOCK;
	ok(!suppress_find(s, &f), "but not when it is happening");
	f.severity = FINDING_POSSIBLE;
	strcpy(f.id, "c-00000004");
	ok(!suppress_find(s, &f), "another one is not");
	strcpy(f.id, "known");
	ok(!suppress_find(s, &f), "and a reason is no id");
	suppress_free(s);
}

/* Whatever bytes: refused with a sentence or taken, never out of bounds (sanitizers watch). */
static void test_random_bytes(void)
{
	static const char *const parts[] = { "c-0123abcd", " ", "until=", "2026-12-31", "\n", "#", "\r", "\t",
					     "x", "-", "until=2026-12-31", "\xff" };
	uint64_t seed = tap_seed(11);
	unsigned int i, k, good = 0, bad = 0;

	for (i = 0; i < 20000; i++) {
		struct suppress *s = suppress_new(TODAY);
		struct diag why = { "" };
		char *text = malloc(200);	/* exactly as long as it is, for the sanitizer */
		size_t len = 0;
		int err;

		for (k = 0; k < 12; k++) {
			const char *part = parts[tap_random(&seed) % 12];

			memcpy(text + len, part, strlen(part));
			len += strlen(part);
			if (tap_random(&seed) % 50 == 0)
				text[len++] = '\0';
		}
		text = realloc(text, len);
		err = suppress_parse(s, text, len, "f", &why);
		if (err ? err != -EINVAL || strncmp(why.text, "f:", 2) || suppress_nr(s) : why.text[0])
			break;
		good += !err && suppress_nr(s);
		bad += err != 0;
		suppress_free(s);
		free(text);
	}
	is_int(i, 20000, "random lines are taken, or refused with file and line");
	ok(good > 50 && bad > 50, "some of both (%u, %u)", good, bad);
}

int main(void)
{
	test_lines();
	test_entries();
	test_findings();
	test_random_bytes();
	return done_testing();
}
