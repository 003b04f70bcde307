/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is on the screen, as cells: a character and a style each. The views draw
 * here; curses.c copies it to a terminal, canvas_print() to a stream. Pure.
 *
 * Text that is put must have gone through sanitize_text(). On an ASCII canvas
 * every other character becomes '?', so that nothing depends on the locale.
 */
#ifndef LK_CANVAS_H
#define LK_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN = 0,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_HEAD,		/* headings of columns, key bar */
	STYLE_SELECTED,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_BAR,
	STYLE_NR,
};

struct cell {
	uint32_t cp;		/* 0 = right half of the wide character before it */
	uint8_t style;		/* enum style */
};

struct canvas {
	unsigned int rows, cols;
	bool ascii;
	struct cell *cell;	/* rows * cols */
	int cursor_row, cursor_col;	/* where the cursor is shown; row -1 = nowhere */
};

/* Make it that large and blank. 0 or -ENOMEM, when it stays as it was. All zero is an empty canvas. */
int canvas_resize(struct canvas *c, unsigned int rows, unsigned int cols);
void canvas_done(struct canvas *c);
void canvas_clear(struct canvas *c);

/* Blank a row in a style, from @col on. */
void canvas_fill(struct canvas *c, unsigned int row, unsigned int col, enum style style);

/* Put text into at most @max columns from @col on; what does not fit is cut. Returns the columns used. */
unsigned int canvas_put(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
			enum style style, const char *s);
/* The same, but too long a text loses its middle (".."): of a name both ends tell most. */
unsigned int canvas_put_middle(struct canvas *c, unsigned int row, unsigned int col,
			       unsigned int max, enum style style, const char *s);
/* The same, aligned right in @max columns. */
void canvas_put_right(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
		      enum style style, const char *s);
/* One character. */
void canvas_char(struct canvas *c, unsigned int row, unsigned int col, uint32_t cp,
		 enum style style);

/* A bar of @part in @whole (whole > 0) over @max columns, in eighths of a column or in '#'. */
void canvas_bar(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
		double part, double whole);
/* One column of a sparkline: @part in @whole from bottom to top. Nothing for 0. */
void canvas_spark(struct canvas *c, unsigned int row, unsigned int col, double part, double whole);

/* Print as lines without trailing blanks; empty rows at the end are left out. */
void canvas_print(const struct canvas *c, FILE *out);

#endif /* LK_CANVAS_H */
