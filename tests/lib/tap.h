/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP without a plan: one "ok" or "not ok" line per check, what was got and
 * expected on failure, the plan at the end.
 *
 *	ok(x > 0, "x is positive, round %d", i);
 *	is_int(got, expected, "...");
 *	is_str(got, expected, "...");		(either may be NULL)
 *	skip("why");				(counts as ok; always say why)
 *	return done_testing();			(from main)
 *
 * All of them return whether the check held. For one test program, so: static
 * state, one includer.
 */
#ifndef LK_TAP_H
#define LK_TAP_H

#include <inttypes.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int tap_nr, tap_failed;

static inline bool __attribute__((format(printf, 4, 0)))
tap_result(bool held, const char *file, int line, const char *fmt, va_list ap)
{
	tap_nr++;
	printf("%sok %u - ", held ? "" : "not ", tap_nr);
	vprintf(fmt, ap);
	printf("\n");
	if (!held) {
		tap_failed++;
		printf("#   failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return held;
}

static inline bool __attribute__((format(printf, 4, 5)))
tap_ok(bool held, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	held = tap_result(held, file, line, fmt, ap);
	va_end(ap);
	return held;
}

/* Integers of any type up to 64 bits, compared as 64-bit patterns. */
static inline bool __attribute__((format(printf, 5, 6)))
tap_is_int(int64_t got, int64_t expected, const char *file, int line, const char *fmt, ...)
{
	bool held = got == expected;
	va_list ap;

	va_start(ap, fmt);
	tap_result(held, file, line, fmt, ap);
	va_end(ap);
	if (!held)
		printf("#        got: %" PRId64 " (0x%" PRIx64 ")\n#   expected: %" PRId64 " (0x%" PRIx64 ")\n",
		       got, (uint64_t)got, expected, (uint64_t)expected);
	return held;
}

static inline void tap_print_str(const char *label, const char *s)
{
	printf("#   %s: ", label);
	if (!s)
		printf("NULL");
	for (; s && *s; s++) {
		if (*s == '\n')
			printf("\n#           | ");
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\x%02x", (unsigned int)(unsigned char)*s);
		else
			putchar(*s);
	}
	printf("\n");
}

static inline bool __attribute__((format(printf, 5, 6)))
tap_is_str(const char *got, const char *expected, const char *file, int line, const char *fmt, ...)
{
	bool held = got && expected ? !strcmp(got, expected) : got == expected;
	va_list ap;

	va_start(ap, fmt);
	tap_result(held, file, line, fmt, ap);
	va_end(ap);
	if (!held) {
		tap_print_str("     got", got);
		tap_print_str("expected", expected);
	}
	return held;
}

#define ok(held, ...)		tap_ok((held), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, expected, ...) \
	tap_is_int((int64_t)(got), (int64_t)(expected), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, expected, ...) \
	tap_is_str((got), (expected), __FILE__, __LINE__, __VA_ARGS__)

/* As expected_skip() of tap.sh: with EXPECTED_SKIPS=FILE only the reasons in FILE are good ones. */
static inline bool expected_skip(const char *why)
{
	const char *path = getenv("EXPECTED_SKIPS");
	FILE *f = path && *path ? fopen(path, "re") : NULL;
	bool found = !path || !*path;
	char line[256], whole[sizeof(line) + 8];
	regex_t re;

	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(whole, sizeof(whole), "^(%s)$", line);
		if (!line[0] || line[0] == '#' || regcomp(&re, whole, REG_EXTENDED | REG_NOSUB))
			continue;
		found = !regexec(&re, why, 0, NULL, 0);
		regfree(&re);
	}
	if (f)
		fclose(f);
	return found;
}

static inline void skip(const char *why)
{
	if (!expected_skip(why))
		tap_ok(false, __FILE__, __LINE__, "skipped unexpectedly: %s", why);
	else
		printf("ok %u # SKIP %s\n", ++tap_nr, why);
}

/* Seed for random tests: $TAP_SEED if set, else @fixed; printed, so that a failure can be repeated. */
static inline uint64_t tap_seed(uint64_t fixed)
{
	const char *env = getenv("TAP_SEED");
	uint64_t seed = env ? strtoull(env, NULL, 0) : fixed;

	printf("# seed %" PRIu64 " (TAP_SEED=N to change it)\n", seed);
	return seed;
}

/* Next number of a small, fast generator (splitmix64). */
static inline uint64_t tap_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline int done_testing(void)
{
	printf("1..%u\n", tap_nr);
	if (tap_failed)
		printf("# %u of %u failed\n", tap_failed, tap_nr);
	return tap_failed || !tap_nr;
}

#endif /* LK_TAP_H */
