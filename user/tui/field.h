/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Columns of the panels: which there are, how wide, what is in them, how they
 * sort. One table; the view, the keys and the sort menu follow from it.
 */
#ifndef LK_TUI_FIELD_H
#define LK_TUI_FIELD_H

#include "top.h"

enum field {
	FIELD_NAME = 1, FIELD_TYPE, FIELD_NOW, FIELD_WAITS, FIELD_TIME, FIELD_BAR, FIELD_SPARK,
	FIELD_AVG, FIELD_P99, FIELD_MAX, FIELD_OWNER, FIELD_LOCK, FIELD_CALLER, FIELD_SINCE,
	FIELD_CHAIN, FIELD_SEVERITY, FIELD_AGE, FIELD_SEEN, FIELD_KIND, FIELD_TASKS,
	FIELD_STATE, FIELD_CALLS, FIELD_HELD, FIELD_INSIDE, FIELD_HOLD_AVG, FIELD_HOLD_MAX,
};

struct column {
	enum field field;
	const char *title, *title_total;	/* of the interval; since the start (NULL = the same) */
	unsigned int width;		/* of numbers; of text: at least that */
	unsigned int share;		/* text: part of what is left over; 0 = a number, aligned right */
	unsigned int from;		/* shown on screens of at least so many columns */
};

#define COLUMNS_MAX 14

/* The columns of a panel, ended by field 0. */
const struct column *top_columns(enum top_panel panel);

/*
 * Where they are on a screen: width[i] 0 = not shown. @col[i]: first column. @holds: with
 * those of hold times, which need room that a bar has else.
 */
void top_columns_place(enum top_panel panel, bool holds, unsigned int cols,
		       unsigned int col[COLUMNS_MAX], unsigned int width[COLUMNS_MAX]);

/* Text of a cell. Not for bars and sparklines. */
const char *top_cell(const struct top_data *d, const struct top_row *r, enum field field,
		     bool total, char buf[64]);
enum style top_cell_style(const struct top_row *r, enum field field);

/* Order of two rows by a column, biggest or first first. */
int top_compare(const struct top_row *a, const struct top_row *b, enum field field, bool total);
/* Can rows be sorted by it? */
bool top_sortable(enum field field);

/* Time lost per second or, @total, since the start. */
double top_row_lost(const struct top_row *r, bool total);

#endif /* LK_TUI_FIELD_H */
