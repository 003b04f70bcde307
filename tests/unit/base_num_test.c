// SPDX-License-Identifier: GPL-2.0-only
/* Parsing and formatting of numbers, and diags. */
#include <errno.h>

#include "../../user/base/diag.h"
#include "../../user/base/num.h"
#include "../lib/tap.h"

#define S UINT64_C(1000000000)

static const struct {
	const char *text;
	int err;
	uint64_t value;
} u64_case[] = {
	{ "0", 0, 0 }, { "7", 0, 7 }, { "007", 0, 7 },
	{ "18446744073709551615", 0, UINT64_MAX },
	{ "18446744073709551616", -ERANGE, 0 }, { "99999999999999999999999", -ERANGE, 0 },
	{ "99999999999999999999999x", -EINVAL, 0 },
	{ "", -EINVAL, 0 }, { " 1", -EINVAL, 0 }, { "1 ", -EINVAL, 0 }, { "+1", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 }, { "0x10", -EINVAL, 0 }, { "1.0", -EINVAL, 0 }, { "1k", -EINVAL, 0 },
}, size_case[] = {
	{ "12", 0, 12 }, { "1K", 0, 1024 }, { "4k", 0, 4096 }, { "2M", 0, 2 << 20 },
	{ "1m", 0, 1 << 20 }, { "3G", 0, UINT64_C(3) << 30 }, { "17179869183g", 0, UINT64_MAX - 0x3fffffff },
	{ "17179869184G", -ERANGE, 0 }, { "99999999999999999999G", -ERANGE, 0 },
	{ "K", -EINVAL, 0 }, { "1KB", -EINVAL, 0 }, { "1.5K", -EINVAL, 0 }, { "1 K", -EINVAL, 0 },
	{ "1T", -EINVAL, 0 }, { "-1K", -EINVAL, 0 }, { "", -EINVAL, 0 },
}, duration_case[] = {
	{ "10", 0, 10 * S }, { "0.5", 0, S / 2 }, { "1.25s", 0, 1250000000 }, { "2m", 0, 120 * S },
	{ "1.5m", 0, 90 * S }, { "250ms", 0, S / 4 }, { "0.5ms", 0, 500000 }, { "7us", 0, 7000 },
	{ "3ns", 0, 3 }, { "0.0000000019", 0, 1 }, { "0", 0, 0 }, { "1.000000000000001", 0, S },
	{ "18446744073.709551615", 0, UINT64_MAX }, { "18446744073.709551616", -ERANGE, 0 },
	{ "307445735m", -ERANGE, 0 }, { "99999999999999999999", -ERANGE, 0 },
	{ "", -EINVAL, 0 }, { ".5", -EINVAL, 0 }, { "1.", -EINVAL, 0 }, { "1.s", -EINVAL, 0 },
	{ "1h", -EINVAL, 0 }, { "1 s", -EINVAL, 0 }, { "-1", -EINVAL, 0 }, { "1e3", -EINVAL, 0 },
	{ "inf", -EINVAL, 0 }, { "1.2.3", -EINVAL, 0 }, { "1sm", -EINVAL, 0 },
}, addr_case[] = {
	{ "0xffffffff81000000", 0, 0xffffffff81000000 }, { "0X1aB", 0, 0x1ab }, { "0x0", 0, 0 },
	{ "0x10000000000000000", -ERANGE, 0 }, { "0x", -EINVAL, 0 }, { "ffff", -EINVAL, 0 },
	{ "0x12g", -EINVAL, 0 }, { "", -EINVAL, 0 }, { "12", -EINVAL, 0 }, { "0x 1", -EINVAL, 0 },
};

#define NR(a) (sizeof(a) / sizeof((a)[0]))
#define EVERYTHING 0, UINT64_MAX

static void check(const char *what, const char *text, int err, int want_err, uint64_t got,
		  uint64_t want)
{
	is_int(err, want_err, "%s: \"%s\" gives %d", what, text, want_err);
	is_int(got, want_err ? 12345 : want, "%s: \"%s\" %s", what, text,
	       want_err ? "leaves the result alone" : "has that value");
}

static void test_parse(void)
{
	uint64_t v;
	uint32_t v32 = 5;
	size_t i;
	int err;

#define RUN(table, call) do {						\
	for (i = 0; i < NR(table); i++) {				\
		const char *text = table[i].text;			\
									\
		v = 12345;						\
		err = call;						\
		check(#table, text, err, table[i].err, v, table[i].value);	\
	}								\
} while (0)
	RUN(u64_case, num_parse_u64(text, EVERYTHING, &v));
	RUN(size_case, num_parse_size(text, EVERYTHING, &v));
	RUN(duration_case, num_parse_duration(text, EVERYTHING, &v));
	RUN(addr_case, num_parse_addr(text, &v));

	v = 12345;
	is_int(num_parse_u64("5", 5, 9, &v), 0, "the lower bound is inside");
	is_int(num_parse_u64("9", 5, 9, &v), 0, "the upper bound is inside");
	is_int(num_parse_u64("4", 5, 9, &v), -ERANGE, "below the lower bound");
	is_int(num_parse_size("1K", 0, 1023, &v), -ERANGE, "a size above the upper bound");
	is_int(num_parse_duration("0.1s", S, 2 * S, &v), -ERANGE, "a duration below the lower bound");
	is_int(v, 9, "failures do not write");
	is_int(num_parse_u32("4294967296", 0, UINT32_MAX, &v32), -ERANGE, "33 bits");
	is_int(v32, 5, "u32 untouched");
	is_int(num_parse_u32("4294967295", 0, UINT32_MAX, &v32), 0, "32 bits");
	is_int(v32, UINT32_MAX, "u32 value");
}

static void test_format(void)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} c[] = {
		{ 0, "0 ns" }, { 999, "999 ns" }, { 1000, "1.00 us" }, { 1234, "1.23 us" },
		{ 1235, "1.24 us" }, { 999994, "999.99 us" }, { 999995, "1.00 ms" },
		{ 1230000, "1.23 ms" }, { 999994999, "999.99 ms" }, { 999995000, "1.00 s" },
		{ 59994999999, "59.99 s" }, { 59995000000, "1.00 m" }, { 90 * S, "1.50 m" },
		{ 3600 * S, "1.00 h" }, { 86399 * S, "1.00 d" }, { 86400 * S, "1.00 d" },
		{ 9999 * 86400 * S, "9999.00 d" }, { 10000 * 86400 * S, "10000 d" },
		{ UINT64_MAX, "213504 d" },
	};
	uint64_t seed = tap_seed(1), ns;
	char buf[NUM_NS_SIZE];
	bool short_enough = true;
	size_t i;

	for (i = 0; i < NR(c); i++)
		is_str(num_format_ns(buf, c[i].ns), c[i].text, "format %" PRIu64, c[i].ns);
	for (i = 0; i < 100000; i++) {
		ns = tap_random(&seed) >> (tap_random(&seed) & 63);
		if (strlen(num_format_ns(buf, ns)) > 9) {
			printf("# %" PRIu64 ": %s\n", ns, buf);
			short_enough = false;
		}
	}
	ok(short_enough, "never more than 9 columns");
}

static void test_diag(void)
{
	struct diag d = { "" };
	char huge[1000];

	is_int(diag_set(&d, -EINVAL, "cannot %s %d", "do", 7), -EINVAL, "diag_set returns the error");
	is_str(d.text, "cannot do 7", "diag text");
	is_int(diag_errno(&d, -ENOENT, "cannot open '%s'", "x"), -ENOENT, "diag_errno returns the error");
	is_str(d.text, "cannot open 'x': No such file or directory", "diag_errno explains");
	diag_set(&d, -1, "again: %s", d.text);
	is_str(d.text, "again: cannot open 'x': No such file or directory", "its own text as argument");
	diag_set(&d, -1, "one\ntwo\r\nthree");
	is_str(d.text, "one two  three", "one line");
	is_int(diag_set(NULL, -5, "x"), -5, "NULL is fine");
	memset(huge, 'x', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	diag_set(&d, -1, "%s", huge);
	is_int(strlen(d.text), sizeof(d.text) - 1, "a long text fills it");
	is_str(d.text + sizeof(d.text) - 6, "xx...", "and is marked as cut");
	huge[507] = (char)0xc3;		/* a two-byte character across the cut */
	huge[508] = (char)0xa9;
	diag_set(&d, -1, "%s", huge);
	is_str(d.text + 505, "xx...", "cut at a whole character");
	memset(huge, 'x', 505);
	huge[505] = '\0';
	diag_errno(&d, -ENOENT, "%s", huge);
	is_str(d.text + 505, ": N...", "cut inside the cause");
}

int main(void)
{
	test_parse();
	test_format();
	test_diag();
	return done_testing();
}
