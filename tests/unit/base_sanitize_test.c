// SPDX-License-Identifier: GPL-2.0-only
/* Escaping of untrusted bytes. */
#include "../../user/base/sanitize.h"
#include "../../user/base/utf8.h"
#include "../lib/tap.h"

enum form { TEXT, JSON, CSV };

static const char *const form_name[] = { "text", "json", "csv" };

static size_t to_buf(enum form form, char *buf, size_t size, const char *s)
{
	switch (form) {
	case TEXT:
		return sanitize_text(buf, size, s);
	case JSON:
		return sanitize_json(buf, size, s);
	case CSV:
		break;
	}
	return sanitize_csv(buf, size, s);
}

static void to_file(enum form form, FILE *out, const char *s)
{
	switch (form) {
	case TEXT:
		sanitize_put_text(out, s);
		return;
	case JSON:
		sanitize_put_json(out, s);
		return;
	case CSV:
		break;
	}
	sanitize_put_csv(out, s);
}

static const struct {
	const char *in, *text, *json, *csv;
} c[] = {
	{ "", "", "\"\"", "" },
	{ "mutex_lock", "mutex_lock", "\"mutex_lock\"", "mutex_lock" },
	{ "a b", "a b", "\"a b\"", "a b" },
	{ "a\nb\t\r", "a\\x0ab\\x09\\x0d", "\"a\\u000ab\\u0009\\u000d\"", "a\\x0ab\\x09\\x0d" },
	{ "\x1b[31mred", "\\x1b[31mred", "\"\\u001b[31mred\"", "\\x1b[31mred" },
	{ "\x7f", "\\x7f", "\"\\u007f\"", "\\x7f" },
	{ "\xc2\x9b" "31m", "\\xc2\\x9b31m", "\"\\u009b31m\"", "\\xc2\\x9b31m" },	/* C1 CSI */
	{ "\x9b", "\\x9b", "\"\\ufffd\"", "\\x9b" },
	{ "caf\xc3\xa9", "caf\xc3\xa9", "\"caf\xc3\xa9\"", "caf\xc3\xa9" },
	{ "\xe2\x80\xae" "cba", "\\xe2\\x80\\xaecba", "\"\\u202ecba\"", "\\xe2\\x80\\xaecba" },
	{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6", "\"\\u2066\"", "\\xe2\\x81\\xa6" },
	{ "\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81", "\"\\udb40\\udc01\"", "\\xf3\\xa0\\x80\\x81" },
	{ "\xc0\x80", "\\xc0\\x80", "\"\\ufffd\\ufffd\"", "\\xc0\\x80" },		/* overlong */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
	  "\\xf4\\x90\\x80\\x80" },
	{ "\xe2\x82", "\\xe2\\x82", "\"\\ufffd\\ufffd\"", "\\xe2\\x82" },		/* cut off */
	{ "\xe2\x82x", "\\xe2\\x82x", "\"\\ufffd\\ufffdx\"", "\\xe2\\x82x" },
	{ "\xf0\x9f\x94\x92", "\xf0\x9f\x94\x92", "\"\xf0\x9f\x94\x92\"", "\xf0\x9f\x94\x92" },
	{ "say \"hi\"\\", "say \"hi\"\\", "\"say \\\"hi\\\"\\\\\"", "\"say \"\"hi\"\"\\\"" },
	{ "a,b", "a,b", "\"a,b\"", "\"a,b\"" },
	{ " x", " x", "\" x\"", "\" x\"" },
	{ "x ", "x ", "\"x \"", "\"x \"" },
	{ "=1+1", "=1+1", "\"=1+1\"", "'=1+1" },
	{ "+1", "+1", "\"+1\"", "'+1" },
	{ "-1,2", "-1,2", "\"-1,2\"", "\"'-1,2\"" },
	{ "@SUM", "@SUM", "\"@SUM\"", "'@SUM" },
	{ "a=b", "a=b", "\"a=b\"", "a=b" },
	{ "\t=1", "\\x09=1", "\"\\u0009=1\"", "\\x09=1" },
	{ "&mm->mmap_lock", "&mm->mmap_lock", "\"&mm->mmap_lock\"", "&mm->mmap_lock" },
};

static void test_table(void)
{
	char buf[256], *mem;
	const char *want;
	size_t i, len, size;
	FILE *out;
	int form;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (form = TEXT; form <= CSV; form++) {
			want = form == TEXT ? c[i].text : form == JSON ? c[i].json : c[i].csv;
			len = to_buf((enum form)form, buf, sizeof(buf), c[i].in);
			is_str(buf, want, "%s %zu into a buffer", form_name[form], i);
			is_int(len, strlen(buf), "%s %zu: length", form_name[form], i);
			out = open_memstream(&mem, &size);
			to_file((enum form)form, out, c[i].in);
			fclose(out);
			is_str(mem, want, "%s %zu into a file", form_name[form], i);
			free(mem);
		}
	}
}

/* Valid UTF-8 of printable characters only. */
static bool is_clean(const char *s)
{
	uint32_t cp;
	size_t n;

	for (; *s; s += n) {
		n = utf8_decode(s, &cp);
		if (!n || !utf8_is_printable(cp))
			return false;
	}
	return true;
}

/* A JSON string as RFC 8259 has it. */
static bool is_json(const char *s)
{
	int i;

	if (*s++ != '"')
		return false;
	for (; *s && *s != '"'; s++) {
		if ((unsigned char)*s < 0x20)
			return false;
		if (*s != '\\')
			continue;
		s++;
		if (*s == 'u') {
			for (i = 0; i < 4; i++)
				if (!strchr("0123456789abcdef", *++s) || !*s)
					return false;
		} else if (*s != '"' && *s != '\\') {
			return false;
		}
	}
	return s[0] == '"' && !s[1];
}

static bool is_csv(const char *s)
{
	if (*s && strchr("=+-@", *s))
		return false;
	if (*s != '"')
		return !strpbrk(s, ",\"");
	for (s++; *s; s++) {
		if (*s != '"')
			continue;
		if (!s[1])
			return true;
		if (*++s != '"')
			return false;
	}
	return false;
}

static void random_string(uint64_t *seed, char *s, size_t max)
{
	static const char *const nasty[] = { "\x1b[", "\xc2\x9b", "\xe2\x80\xae", "\"", "\\", "=",
		",", "\n", "\xf0\x9f\x94\x92", "\xe4\xb8\xad", "e\xcc\x81", " " };
	size_t len = tap_random(seed) % max, n = 0, k;

	while (n < len) {
		if (tap_random(seed) % 3) {
			s[n++] = (char)(1 + tap_random(seed) % 255);
			continue;
		}
		k = tap_random(seed) % (sizeof(nasty) / sizeof(nasty[0]));
		if (n + strlen(nasty[k]) >= max)
			break;
		memcpy(s + n, nasty[k], strlen(nasty[k]));
		n += strlen(nasty[k]);
	}
	s[n] = '\0';
}

static void test_random(void)
{
	bool clean = true, valid = true, bounded = true, width = true;
	uint64_t seed = tap_seed(3);
	char in[40], full[SANITIZE_MAX(40)], cut[SANITIZE_MAX(40)];
	size_t i, size, len, columns, used;
	int form;

	for (i = 0; i < 200000; i++) {
		random_string(&seed, in, sizeof(in));
		form = (int)(tap_random(&seed) % 3);
		len = to_buf((enum form)form, full, sizeof(full), in);
		clean &= is_clean(full) && len == strlen(full);
		size = 4 + tap_random(&seed) % 40;
		memset(cut, 0x55, sizeof(cut));
		len = to_buf((enum form)form, cut, size, in);
		clean &= is_clean(cut);
		bounded &= len < size && len == strlen(cut) && cut[size] == 0x55;
		if (form == TEXT)
			bounded &= !strncmp(full, cut, len);
		if (form == JSON)
			valid &= is_json(full) && is_json(cut);
		if (form == CSV)
			valid &= is_csv(full) && is_csv(cut);
		columns = tap_random(&seed) % 30;
		used = sanitize_fit(cut, sizeof(cut), in, columns);
		width &= is_clean(cut) && used <= columns && used == sanitize_width(cut);
		if (sanitize_width(in) <= columns) {
			sanitize_text(full, sizeof(full), in);
			width &= !strcmp(full, cut);
		}
	}
	ok(clean, "never a control byte, never invalid UTF-8");
	ok(valid, "JSON and CSV are valid, cut or not");
	ok(bounded, "buffers are not overrun");
	ok(width, "sanitize_fit() stays within the columns and cuts only what is too long");
}

static void test_width(void)
{
	static const struct {
		const char *s;
		size_t width;
	} w[] = {
		{ "", 0 }, { "abc", 3 }, { "caf\xc3\xa9", 4 }, { "e\xcc\x81", 1 },
		{ "\xe4\xb8\xad\xe6\x96\x87", 4 }, { "\xf0\x9f\x94\x92", 2 }, { "\x1b", 4 },
		{ "\xe2\x80\xae", 12 },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < sizeof(w) / sizeof(w[0]); i++)
		is_int(sanitize_width(w[i].s), w[i].width, "width %zu", i);
	is_int(sanitize_fit(buf, sizeof(buf), "mutex_lock", 10), 10, "fits exactly");
	is_str(buf, "mutex_lock", "and is whole");
	is_int(sanitize_fit(buf, sizeof(buf), "mutex_lock", 8), 8, "does not fit");
	is_str(buf, "mutex_..", "and is marked");
	is_int(sanitize_fit(buf, sizeof(buf), "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", 5), 4,
	       "a wide character is not halved");
	is_str(buf, "\xe4\xb8\xad..", "wide text");
	is_int(sanitize_fit(buf, sizeof(buf), "abcdef", 3), 3, "too narrow for a mark");
	is_str(buf, "abc", "cut without a mark");
	is_int(sanitize_fit(buf, 4, "abcdef", 6), 3, "a small buffer");
	is_str(buf, "abc", "is filled");
	is_int(sanitize_text(buf, 1, "x"), 0, "room for nothing");
	is_str(buf, "", "is empty");
}

/* What @put writes of @s; to be freed. */
static char *written(const char *s, void (*put)(FILE *out, const char *s))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	put(out, s);
	fclose(out);
	return text;
}

static void put_html_lines(FILE *out, const char *s)
{
	sanitize_put_html(out, s, true);
}

static void put_html_name(FILE *out, const char *s)
{
	sanitize_put_html(out, s, false);
}

static void test_pages(void)
{
	static const struct { const char *in, *json, *lines, *name; } cases[] = {
		{ "", "\"\"", "", "" },
		{ "mmap_lock", "\"mmap_lock\"", "mmap_lock", "mmap_lock" },
		{ "</script>", "\"\\u003c/script\\u003e\"", "&lt;/script&gt;", "&lt;/script&gt;" },
		{ "a&b\"c'd", "\"a\\u0026b\\\"c'd\"", "a&amp;b&quot;c&#39;d", "a&amp;b&quot;c&#39;d" },
		{ "a\nb\t", "\"a\\u000ab\\u0009\"", "a\nb\\x09", "a\\x0ab\\x09" },
		{ "\u2028\u00e9\xff", "\"\\u2028\u00e9\\ufffd\"", "\\xe2\\x80\\xa8\u00e9\\xff",
		  "\\xe2\\x80\\xa8\u00e9\\xff" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *json = written(cases[i].in, sanitize_put_json_in_html);
		char *lines = written(cases[i].in, put_html_lines), *name = written(cases[i].in, put_html_name);

		is_str(json, cases[i].json, "case %zu as JSON in a page", i);
		is_str(lines, cases[i].lines, "case %zu as text in a page", i);
		is_str(name, cases[i].name, "case %zu as a name in a page", i);
		free(json);
		free(lines);
		free(name);
	}
}

int main(void)
{
	test_table();
	test_random();
	test_width();
	test_pages();
	return done_testing();
}
