/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Format text: known bugs that were looked for.
 */
#ifndef LK_TEXT_EXPECT_H
#define LK_TEXT_EXPECT_H

#include "render.h"

/* The section; prints nothing when none were. 0 or -ENOMEM. Write errors stay in the stream. */
int text_expect(const struct model *m, const struct render_opts *opts, FILE *out);

#endif /* LK_TEXT_EXPECT_H */
