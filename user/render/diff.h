/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Renderers of comparisons (core/diff.h), and what they share. As in render.h: strings are
 * untrusted and escaped, and no state is kept between calls.
 */
#ifndef LK_RENDER_DIFF_H
#define LK_RENDER_DIFF_H

#include "../core/diff.h"
#include "render.h"

/* The whole comparison. 0, -ENOMEM or -EIO. Sections: findings, contention, order; 0 = all. */
typedef int (*render_diff_fn)(const struct diff *d, const struct render_opts *opts, FILE *out);

/* NULL when the format of that name has none. */
render_diff_fn render_diff_find(const char *format);

int text_diff(const struct diff *d, const struct render_opts *opts, FILE *out);
int json_diff(const struct diff *d, const struct render_opts *opts, FILE *out);

/* The sections of @opts that a comparison has. */
unsigned int parts_diff_sections(const struct render_opts *opts);

/* "slower", "faster", "no-difference", "untested": of all lengths, or else of the longest ones. */
const char *parts_diff_length(const struct diff_wait *w);
/* "more", "fewer", "no-difference", "untested" */
const char *parts_diff_rate(const struct diff_wait *w);

/*
 * One minus the rate of false discoveries, in parts per million: 0 .. 999999, because nothing is
 * sure. The least of the tests that have a verdict; 0 if none has.
 */
uint32_t parts_diff_ppm(const struct diff_wait *w);
uint32_t parts_test_ppm(const struct diff_test *t);

#endif /* LK_RENDER_DIFF_H */
