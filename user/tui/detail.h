/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the texts behind Enter share. Private to user/tui/detail*.c.
 */
#ifndef LK_TUI_DETAIL_H
#define LK_TUI_DETAIL_H

#include <stdio.h>

#include "top.h"

struct detail {
	struct top_data *d;
	const struct model *m;
	const struct top_env *env;
	const struct top_ask *ask;
	enum top_panel panel;
	const struct top_row *row;
	unsigned int cols;
	bool ascii;
	FILE *out;
};

/* All of these: 0 or -ENOMEM. */

/* Does this wait belong to the row? */
bool detail_has_wait(const struct detail *t, const struct top_wait *w);
/* Who waits now, for whom, and where both of them are. */
int detail_waits(const struct detail *t);
/* A stack, from the caller outwards. */
int detail_stack(const struct detail *t, unsigned int source, uint32_t stack);
/* Rows of the panel's row by other dimensions, its main stack, its histogram. */
int detail_sums(const struct detail *t);
/* How long a lock was held, and by whom; nothing where there are no hold times. */
int detail_holds(const struct detail *t);

#endif /* LK_TUI_DETAIL_H */
