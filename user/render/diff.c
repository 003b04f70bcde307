// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparisons: which format has them, and what the formats share.
 */
#include "diff.h"

#include <string.h>

#include "parts.h"

render_diff_fn render_diff_find(const char *format)
{
	if (!strcmp(format, "text"))
		return text_diff;
	return strcmp(format, "json") ? NULL : json_diff;
}

unsigned int parts_diff_sections(const struct render_opts *opts)
{
	return parts_sections(opts, RENDER_ALL) &
	       (RENDER_FINDINGS | RENDER_CONTENTION | RENDER_ORDER);
}

const char *parts_diff_length(const struct diff_wait *w)
{
	int verdict = w->length.verdict ? w->length.verdict : w->tail.verdict;

	if (!w->length.done)
		return "untested";
	return verdict > 0 ? "slower" : verdict < 0 ? "faster" : "no-difference";
}

const char *parts_diff_rate(const struct diff_wait *w)
{
	if (!w->rate.done)
		return "untested";
	return w->rate.verdict > 0 ? "more" : w->rate.verdict < 0 ? "fewer" : "no-difference";
}

uint32_t parts_test_ppm(const struct diff_test *t)
{
	double ppm = t->done ? (1 - t->q) * 1e6 : 0;

	return ppm < 999999 ? (uint32_t)ppm : 999999;
}

uint32_t parts_diff_ppm(const struct diff_wait *w)
{
	const struct diff_test *const tests[] = { &w->rate, &w->length, &w->tail };
	uint32_t least = 1000000, ppm;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ppm = parts_test_ppm(tests[i]);
		if (tests[i]->verdict && ppm < least)
			least = ppm;
	}
	return least < 1000000 ? least : 0;
}
