// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells. A wide character takes two of them, the right one with cp 0; combining
 * characters are left out, since a cell holds one character.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/utf8.h"
#include "../render/fmt.h"
#include "canvas.h"

#define BLOCK_LOW	0x2581u	/* one eighth, from below; +7 = full */
#define BLOCK_LEFT	0x258fu	/* one eighth, from the left; -7 = full */

int canvas_resize(struct canvas *c, unsigned int rows, unsigned int cols)
{
	struct cell *cell;

	if (!c->cell || rows != c->rows || cols != c->cols) {
		cell = malloc(((size_t)rows * cols + 1) * sizeof(*cell));
		if (!cell)
			return -ENOMEM;
		free(c->cell);
		c->cell = cell;
		c->rows = rows;
		c->cols = cols;
	}
	canvas_clear(c);
	return 0;
}

void canvas_done(struct canvas *c)
{
	free(c->cell);
	memset(c, 0, sizeof(*c));
}

void canvas_clear(struct canvas *c)
{
	size_t i, n = (size_t)c->rows * c->cols;

	for (i = 0; i < n; i++)
		c->cell[i] = (struct cell){ .cp = ' ', .style = STYLE_PLAIN };
	c->cursor_row = -1;
	c->cursor_col = 0;
}

void canvas_char(struct canvas *c, unsigned int row, unsigned int col, uint32_t cp,
		 enum style style)
{
	if (row >= c->rows || col >= c->cols)
		return;
	if (c->ascii && cp > 0x7e)
		cp = '?';
	c->cell[(size_t)row * c->cols + col] = (struct cell){ .cp = cp, .style = (uint8_t)style };
}

void canvas_fill(struct canvas *c, unsigned int row, unsigned int col, enum style style)
{
	for (; col < c->cols; col++)
		canvas_char(c, row, col, ' ', style);
}

/* Next character of @s; what cannot be shown becomes '?'. Returns its bytes. */
static size_t next_char(const char *s, uint32_t *cp, unsigned int *width)
{
	size_t n = utf8_decode(s, cp);

	if (!n || !utf8_is_printable(*cp)) {
		*cp = '?';
		*width = 1;
		return n ? n : 1;
	}
	*width = utf8_width(*cp);
	return n;
}

unsigned int canvas_put(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
			enum style style, const char *s)
{
	unsigned int used = 0, width;
	uint32_t cp;

	if (row >= c->rows || col >= c->cols)
		return 0;
	if (max > c->cols - col)
		max = c->cols - col;
	while (*s) {
		s += next_char(s, &cp, &width);
		if (!width)
			continue;
		if (used + width > max)
			break;
		canvas_char(c, row, col + used, cp, style);
		if (width == 2 && c->ascii)
			canvas_char(c, row, col + used + 1, '?', style);
		else if (width == 2)
			c->cell[(size_t)row * c->cols + col + used + 1] =
				(struct cell){ .cp = 0, .style = (uint8_t)style };
		used += width;
	}
	return used;
}

/* The part of @s behind its first @columns columns. */
static const char *skip_columns(const char *s, unsigned int columns)
{
	unsigned int width;
	uint32_t cp;

	while (*s && columns) {
		s += next_char(s, &cp, &width);
		columns -= width < columns ? width : columns;
	}
	return s;
}

unsigned int canvas_put_middle(struct canvas *c, unsigned int row, unsigned int col,
			       unsigned int max, enum style style, const char *s)
{
	unsigned int all = fmt_columns(s), head, used;

	if (all <= max || max < 6)
		return canvas_put(c, row, col, max, style, s);
	head = (max - 2 + 1) / 2;
	used = canvas_put(c, row, col, head, style, s);
	used += canvas_put(c, row, col + used, 2, style, "..");
	return used + canvas_put(c, row, col + used, max - used, style,
				 skip_columns(s, all - (max - used)));
}

void canvas_put_right(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
		      enum style style, const char *s)
{
	unsigned int used = fmt_columns(s);

	canvas_put(c, row, col + (used < max ? max - used : 0), max, style, s);
}

static unsigned int eighths(double part, double whole, unsigned int columns)
{
	double share = whole > 0 ? part / whole : 0;

	if (share > 1)
		share = 1;
	if (!(share > 0))
		return 0;
	return (unsigned int)(share * 8 * columns + 0.5);
}

void canvas_bar(struct canvas *c, unsigned int row, unsigned int col, unsigned int max,
		double part, double whole)
{
	unsigned int n = eighths(part, whole, max), i;

	for (i = 0; i < max && n; i++) {
		unsigned int here = n < 8 ? n : 8;

		if (!c->ascii)
			canvas_char(c, row, col + i, BLOCK_LEFT - (here - 1), STYLE_BAR);
		else if (here >= 4)
			canvas_char(c, row, col + i, '#', STYLE_BAR);
		n -= here;
	}
}

void canvas_spark(struct canvas *c, unsigned int row, unsigned int col, double part, double whole)
{
	static const char ramp[] = "._-=+*#@";
	unsigned int n = eighths(part, whole, 1);

	if (!n && part > 0)
		n = 1;
	if (n)
		canvas_char(c, row, col, c->ascii ? (uint32_t)ramp[n - 1] : BLOCK_LOW + n - 1,
			    STYLE_BAR);
}

static void put_utf8(uint32_t cp, FILE *out)
{
	if (cp < 0x80) {
		fputc((int)cp, out);
	} else if (cp < 0x800) {
		fputc((int)(0xc0 | cp >> 6), out);
		fputc((int)(0x80 | (cp & 0x3f)), out);
	} else if (cp < 0x10000) {
		fputc((int)(0xe0 | cp >> 12), out);
		fputc((int)(0x80 | (cp >> 6 & 0x3f)), out);
		fputc((int)(0x80 | (cp & 0x3f)), out);
	} else {
		fputc((int)(0xf0 | cp >> 18), out);
		fputc((int)(0x80 | (cp >> 12 & 0x3f)), out);
		fputc((int)(0x80 | (cp >> 6 & 0x3f)), out);
		fputc((int)(0x80 | (cp & 0x3f)), out);
	}
}

/* Columns of a row up to its last character that is not blank. */
static unsigned int row_end(const struct canvas *c, unsigned int row)
{
	const struct cell *cell = c->cell + (size_t)row * c->cols;
	unsigned int end = c->cols;

	while (end && cell[end - 1].cp == ' ')
		end--;
	return end;
}

void canvas_print(const struct canvas *c, FILE *out)
{
	unsigned int rows = c->rows, row, col, end;

	while (rows && !row_end(c, rows - 1))
		rows--;
	for (row = 0; row < rows; row++) {
		end = row_end(c, row);
		for (col = 0; col < end; col++)
			if (c->cell[(size_t)row * c->cols + col].cp)
				put_utf8(c->cell[(size_t)row * c->cols + col].cp, out);
		fputc('\n', out);
	}
}
