// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strict parsing and fixed-rule formatting of numbers; see num.h. Integer
 * arithmetic only: no locale and no rounding surprises.
 */
#include "num.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_US	UINT64_C(1000)
#define NS_PER_MS	UINT64_C(1000000)
#define NS_PER_S	UINT64_C(1000000000)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at *s; *s is moved behind them. -ERANGE when they exceed 64 bits. */
static int digits(const char **s, uint64_t *ret)
{
	const char *p = *s;
	uint64_t v = 0;
	bool over = false;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++) {
		over |= __builtin_mul_overflow(v, (uint64_t)10, &v);
		over |= __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v);
	}
	*s = p;
	*ret = over ? UINT64_MAX : v;
	return over ? -ERANGE : 0;
}

/* Syntax is judged before range: "99999999999999999999x" is -EINVAL. */
static int finish(const char *rest, int err, uint64_t v, uint64_t min, uint64_t max, uint64_t *ret)
{
	if (*rest || err == -EINVAL)
		return -EINVAL;
	if (err || v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;
	int err = digits(&s, &v);

	return finish(s, err, v, min, max, ret);
}

int num_parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint64_t v;
	int err = num_parse_u64(s, min, max, &v);

	if (!err)
		*ret = (uint32_t)v;
	return err;
}

int num_parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0, unit = 1;
	int err = digits(&s, &v);

	switch (*s) {
	case 'k': case 'K':
		unit = UINT64_C(1) << 10;
		break;
	case 'm': case 'M':
		unit = UINT64_C(1) << 20;
		break;
	case 'g': case 'G':
		unit = UINT64_C(1) << 30;
		break;
	}
	if (unit > 1) {
		s++;
		if (__builtin_mul_overflow(v, unit, &v) && !err)
			err = -ERANGE;
	}
	return finish(s, err, v, min, max, ret);
}

/* ns in one of the unit @s; 0 if there is no such unit. */
static uint64_t unit_ns(const char *s)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} unit[] = {
		{ "", NS_PER_S }, { "s", NS_PER_S }, { "ms", NS_PER_MS },
		{ "us", NS_PER_US }, { "ns", 1 }, { "m", 60 * NS_PER_S },
	};
	size_t i;

	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (!strcmp(s, unit[i].name))
			return unit[i].ns;
	return 0;
}

/* The first nine decimals at *s, as billionths; *s is moved behind all of them. */
static int decimals(const char **s, uint64_t *ret)
{
	uint64_t v = 0, weight = NS_PER_S;
	const char *p = *s;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++) {
		weight /= 10;
		v += weight * (uint64_t)(*p - '0');
	}
	*s = p;
	*ret = v;
	return 0;
}

int num_parse_duration(const char *s, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns)
{
	uint64_t whole = 0, part = 0, unit, ns;
	int err = digits(&s, &whole);

	if (err == -EINVAL)
		return err;
	if (*s == '.') {
		s++;
		if (decimals(&s, &part))
			return -EINVAL;
	}
	unit = unit_ns(s);
	if (!unit)
		return -EINVAL;
	/* unit <= 60e9 and part < 1e9: the fraction cannot overflow */
	part = (uint64_t)((unsigned __int128)part * unit / NS_PER_S);
	if (__builtin_mul_overflow(whole, unit, &ns) || __builtin_add_overflow(ns, part, &ns))
		err = -ERANGE;
	return finish("", err, ns, min_ns, max_ns, ret_ns);
}

int num_parse_addr(const char *s, uint64_t *ret)
{
	uint64_t v = 0;
	size_t n;

	if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
		return -EINVAL;
	s += 2;
	for (n = 0; s[n]; n++) {
		char c = s[n];
		unsigned int d;

		if (is_digit(c))
			d = (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (unsigned int)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			d = (unsigned int)(c - 'A') + 10;
		else
			return -EINVAL;
		if (n == 16)
			return -ERANGE;
		v = v << 4 | d;
	}
	if (!n)
		return -EINVAL;
	*ret = v;
	return 0;
}

char *num_format_ns(char *buf, uint64_t ns)
{
	static const struct {
		uint64_t ns;	/* of one unit */
		uint64_t below;	/* hundredths of it from which on the next unit is used */
		const char *name;
	} unit[] = {
		{ NS_PER_US, 100000, "us" },
		{ NS_PER_MS, 100000, "ms" },
		{ NS_PER_S, 6000, "s" },
		{ 60 * NS_PER_S, 6000, "m" },
		{ 3600 * NS_PER_S, 2400, "h" },
		{ 86400 * NS_PER_S, 1000000, "d" },
	};
	const size_t nr = sizeof(unit) / sizeof(unit[0]);
	uint64_t hundredths = 0;
	size_t i;

	if (ns < NS_PER_US) {
		snprintf(buf, NUM_NS_SIZE, "%" PRIu64 " ns", ns);
		return buf;
	}
	for (i = 0; i < nr; i++) {
		hundredths = (uint64_t)(((unsigned __int128)ns * 100 + unit[i].ns / 2) / unit[i].ns);
		if (hundredths < unit[i].below)
			break;
	}
	if (i == nr)
		snprintf(buf, NUM_NS_SIZE, "%" PRIu64 " d", (hundredths + 50) / 100);
	else
		snprintf(buf, NUM_NS_SIZE, "%" PRIu64 ".%02u %s", hundredths / 100,
			 (unsigned int)(hundredths % 100), unit[i].name);
	return buf;
}
