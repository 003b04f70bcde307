// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and text for people; see fmt.h. Integer arithmetic only, so that the
 * same value is the same text on every machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"

/* n / d, rounded half up; cannot overflow. */
static uint64_t div_round(uint64_t n, uint64_t d)
{
	uint64_t q = n / d, r = n % d;

	return q + (r >= d - r);
}

/* Value in units of @unit (>= 100) with three digits. False when it needs more than that. */
static int three_digits(uint64_t v, uint64_t unit, const char *suffix, char buf[FMT_LEN])
{
	uint64_t n = div_round(v, unit / 100);

	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 ".%02" PRIu64 "%s", n / 100, n % 100, suffix);
		return 1;
	}
	n = div_round(v, unit / 10);
	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 ".%" PRIu64 "%s", n / 10, n % 10, suffix);
		return 1;
	}
	n = div_round(v, unit);
	if (n < 1000) {
		snprintf(buf, FMT_LEN, "%" PRIu64 "%s", n, suffix);
		return 1;
	}
	return 0;
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

struct range {
	uint32_t first, last;
};

static int in_ranges(uint32_t c, const struct range *r, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (c >= r[i].first && c <= r[i].last)
			return 1;
	}
	return 0;
}

static unsigned int char_columns(uint32_t c)
{
	static const struct range zero[] = {
		{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a },
		{ 0x64b, 0x65f }, { 0x93c, 0x93c }, { 0x941, 0x948 }, { 0xe34, 0xe3a },
		{ 0xe47, 0xe4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f },
		{ 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
	};
	static const struct range wide[] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xa960, 0xa97c },
		{ 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
		{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};

	if (c < 0x300)
		return 1;
	if (in_ranges(c, zero, sizeof(zero) / sizeof(zero[0])))
		return 0;
	return in_ranges(c, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

/* Length in bytes of the character at @s, and the columns it takes. */
static size_t next_char(const char *s, unsigned int *columns)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;
	uint32_t c = len == 1 ? *p : *p & (0x7fu >> len);
	size_t i;

	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*columns = 1;
			return 1;
		}
		c = c << 6 | (p[i] & 0x3f);
	}
	*columns = char_columns(c);
	return len;
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

/* The shortest suffix that leaves at most @columns of it. */
static const char *suffix_start(const char *s, unsigned int columns)
{
	unsigned int total = fmt_columns(s), c;

	while (*s && total > columns) {
		s += next_char(s, &c);
		total -= c;
	}
	return s;
}

char *fmt_middle(char *dst, size_t dst_sz, const char *s, unsigned int columns)
{
	unsigned int keep, head;

	if (fmt_columns(s) <= columns && strlen(s) < dst_sz)
		return strcpy(dst, s);
	if (columns < 4) {
		snprintf(dst, dst_sz, "%.*s", (int)prefix_bytes(s, columns), s);
		return dst;
	}
	keep = columns - 2;
	head = (keep + 1) / 2;
	snprintf(dst, dst_sz, "%.*s..%s", (int)prefix_bytes(s, head), s,
		 suffix_start(s, keep - head));
	return dst;
}
