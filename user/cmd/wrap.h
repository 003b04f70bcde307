/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text in a column, broken at blanks.
 */
#ifndef LK_WRAP_H
#define LK_WRAP_H

#include <stdio.h>

/*
 * Print @text, the cursor being in column @col, and a newline; lines after the
 * first are indented to @col. Nothing passes column @width (0 = no limit) unless
 * a word does by itself; where there is no blank, a list breaks after a comma.
 * @text is ours or sanitized.
 */
void wrap_put(FILE *out, const char *text, unsigned int col, unsigned int width);

#endif /* LK_WRAP_H */
