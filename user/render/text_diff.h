/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Format text: the parts of a comparison that have files of their own.
 */
#ifndef LK_TEXT_DIFF_H
#define LK_TEXT_DIFF_H

#include "diff.h"

/* The waits that differ. 0 or -ENOMEM; write errors stay in the stream. */
int text_diff_waits(const struct diff *d, const struct render_opts *opts, FILE *out);

/* How many of a list of @nr were cut off; nothing if none was. */
void text_diff_more(const struct render_opts *opts, unsigned int nr, FILE *out);

#endif /* LK_TEXT_DIFF_H */
