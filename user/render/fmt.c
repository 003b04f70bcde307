// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and text for people; see fmt.h. Integer arithmetic only, so that the
 * same value is the same text on every machine.
 */
#include "fmt.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "../base/utf8.h"

/* n / d, rounded half up; cannot overflow. */
static uint64_t div_round(uint64_t n, uint64_t d)
{
	uint64_t q = n / d, r = n % d;

	return q + (r >= d - r);
}

/* Value in units of @unit (>= 100) with three digits. False when it needs more than that. */
static bool three_digits(uint64_t v, uint64_t unit, const char *suffix, char buf[FMT_LEN])
{
	uint64_t n = div_round(v, unit / 100);

	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 ".%02" PRIu64 "%s", n / 100, n % 100, suffix);
		return true;
	}
	n = div_round(v, unit / 10);
	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 ".%" PRIu64 "%s", n / 10, n % 10, suffix);
		return true;
	}
	n = div_round(v, unit);
	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 "%s", n, suffix);
		return true;
	}
	return false;
}

const char *fmt_ns(uint64_t ns, char buf[FMT_LEN])
{
	const uint64_t s = 1000000000, h = 3600 * s;

	if (ns < 1000)
		snprintf(buf, FMT_LEN, "%" PRIu64 " ns", ns);
	else if (!three_digits(ns, 1000, " us", buf) &&
		 !three_digits(ns, 1000000, " ms", buf) &&
		 !three_digits(ns, s, " s", buf)) {
		if (div_round(ns, s) < 100000)
			snprintf(buf, FMT_LEN, "%" PRIu64 " s", div_round(ns, s));
		else if (!three_digits(ns, h, " h", buf))
			snprintf(buf, FMT_LEN, "%" PRIu64 " h", div_round(ns, h));
	}
	return buf;
}

const char *fmt_count(uint64_t n, char buf[FMT_LEN])
{
	static const char suffix[][2] = { "M", "G", "T", "P", "E" };
	uint64_t unit = 1000000;
	unsigned int i;

	if (n < 10000000) {
		snprintf(buf, FMT_LEN, "%" PRIu64, n);
		return buf;
	}
	for (i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++, unit *= 1000) {
		if (three_digits(n, unit, suffix[i], buf))
			break;
	}
	return buf;
}

const char *fmt_group(uint64_t n, char buf[FMT_LEN])
{
	char digits[FMT_LEN];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i;
	char *p = buf;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return buf;
}

const char *fmt_ratio(uint64_t num, uint64_t den, char buf[FMT_LEN])
{
	double r;

	if (!den) {
		snprintf(buf, FMT_LEN, "-");
		return buf;
	}
	r = (double)num / (double)den;
	snprintf(buf, FMT_LEN, "%.*f", r < 0.9995 ? 3 : r < 9.995 ? 2 : r < 99.95 ? 1 : 0, r);
	return buf;
}

const char *fmt_share(uint64_t part, uint64_t whole, char buf[FMT_LEN])
{
	double p;

	if (!part || !whole) {
		snprintf(buf, FMT_LEN, "0 %%");
		return buf;
	}
	p = 100.0 * (double)part / (double)whole;
	if (p < 0.1)
		snprintf(buf, FMT_LEN, "<0.1 %%");
	else
		snprintf(buf, FMT_LEN, "%.*f %%", p < 9.95 ? 1 : 0, p);
	return buf;
}

/* --- columns ---------------------------------------------------------------------------- */

/* Length in bytes of the character at @s, and the columns it takes. */
static size_t next_char(const char *s, unsigned int *columns)
{
	uint32_t cp;
	size_t len = utf8_decode(s, &cp);

	*columns = len ? utf8_width(cp) : 1;
	return len ? len : 1;
}

unsigned int fmt_columns(const char *s)
{
	unsigned int n = 0, c;

	while (*s) {
		s += next_char(s, &c);
		n += c;
	}
	return n;
}

/* Bytes of the longest prefix of @s that takes at most @columns. */
static size_t prefix_bytes(const char *s, unsigned int columns)
{
	const char *p = s;
	unsigned int c;
	size_t len;

	while (*p) {
		len = next_char(p, &c);
		if (c > columns)
			break;
		columns -= c;
		p += len;
	}
	return (size_t)(p - s);
}

/* Where the longest suffix that takes at most @columns begins. */
static const char *suffix_start(const char *s, unsigned int columns)
{
	unsigned int total = fmt_columns(s), c;

	while (*s && total > columns) {
		s += next_char(s, &c);
		total -= c;
	}
	while (*s) {		/* a combining character has lost what it belongs to */
		size_t len = next_char(s, &c);

		if (c)
			break;
		s += len;
	}
	return s;
}

void fmt_put_middle(FILE *out, const char *s, unsigned int columns)
{
	unsigned int keep, head;

	if (fmt_columns(s) <= columns) {
		fputs(s, out);
	} else if (columns < 4) {
		fprintf(out, "%.*s", (int)prefix_bytes(s, columns), s);
	} else {
		keep = columns - 2;
		head = (keep + 1) / 2;
		fprintf(out, "%.*s..%s", (int)prefix_bytes(s, head), s,
			suffix_start(s, keep - head));
	}
}

void fmt_put_wrapped(FILE *out, const char *s, unsigned int column, unsigned int indent,
		     unsigned int width)
{
	bool first = true;

	while (*s) {
		size_t len = strcspn(s, " ");
		unsigned int i, columns = 0, c;

		for (i = 0; i < len; i += (unsigned int)next_char(s + i, &c), columns += c)
			;
		if (!first && width && column + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)len, s);
		column += columns;
		first = false;
		s += len;
		s += strspn(s, " ");
	}
}
