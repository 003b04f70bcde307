// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables for terminals; see table.h. Cells lie one after the other in one
 * buffer. A layout gives every column a line of the row and a width; printing
 * then only follows it, for the header as for the rows.
 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "../base/vec.h"
#include "fmt.h"

#define GAP		2	/* blanks between columns */
#define SUB_INDENT	4	/* of a row's further lines */
#define ONE_LINE_WIDTH	120	/* from here on rows stay on one line */
#define MIN_WIDTH	40	/* narrower terminals get lines this long */

struct table {
	struct table_col col[TABLE_COLS_MAX];
	unsigned int natural[TABLE_COLS_MAX];	/* columns of the widest cell */
	unsigned int nr;
	VEC(char) text;
	VEC(size_t) cell;			/* offsets into text */
	int err;
};

struct layout {
	unsigned int width[TABLE_COLS_MAX];
	unsigned int line[TABLE_COLS_MAX];
	unsigned int nr_lines;
};

struct table *table_new(const struct table_col *col, unsigned int nr)
{
	struct table *t;
	unsigned int i;

	if (nr > TABLE_COLS_MAX)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->nr = nr;
	for (i = 0; i < nr; i++) {
		t->col[i] = col[i];
		t->natural[i] = fmt_columns(col[i].title);
	}
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	vec_free(&t->text);
	vec_free(&t->cell);
	free(t);
}

void table_cell(struct table *t, const char *s)
{
	unsigned int c = (unsigned int)(t->cell.nr % t->nr), columns;
	size_t max, len;
	char *text;

	if (t->err)
		return;
	if (!s || !s[strspn(s, " ")])
		s = "-";
	max = SANITIZE_MAX(strlen(s));
	t->err = vec_reserve(&t->text, max);
	if (!t->err)
		t->err = vec_push(&t->cell, t->text.nr);
	if (t->err)
		return;
	text = t->text.v + t->text.nr;
	len = sanitize_text(text, max, s);
	while (text[len - 1] == ' ')
		text[--len] = '\0';
	columns = fmt_columns(text);
	if (columns > t->natural[c])
		t->natural[c] = columns;
	t->text.nr += len + 1;
}

/* --- layout ----------------------------------------------------------------------------- */

/* Least width of a column. */
static unsigned int least(const struct table *t, unsigned int c)
{
	if (t->col[c].number || !t->col[c].min || t->col[c].min > t->natural[c])
		return t->natural[c];
	return t->col[c].min;
}

static unsigned int sum(const unsigned int *width, unsigned int from, unsigned int to)
{
	unsigned int total = 0;

	for (; from < to; from++)
		total += width[from] + (total ? GAP : 0);
	return total;
}

/* Widest column of [from, to) that may still be cut to more than its least width (or than 4, if @hard). */
static unsigned int widest(const struct table *t, const struct layout *l, unsigned int from,
			   unsigned int to, bool hard)
{
	unsigned int best = to;

	for (; from < to; from++) {
		if (t->col[from].number || l->width[from] <= (hard ? 4 : least(t, from)))
			continue;
		if (best == to || l->width[from] > l->width[best])
			best = from;
	}
	return best;
}

/* Narrow the columns [from, to) until they fit. False when not even the least widths do. */
static bool shrink(const struct table *t, struct layout *l, unsigned int from, unsigned int to,
		   unsigned int width, bool hard)
{
	unsigned int total = sum(l->width, from, to), c;

	while (total > width) {
		c = widest(t, l, from, to, hard);
		if (c == to)
			return false;
		l->width[c]--;
		total--;
	}
	return true;
}

/* One past the last column, from @from on, that goes on a line of @width. */
static unsigned int pack(const struct table *t, unsigned int from, unsigned int width)
{
	unsigned int c, total = 0;

	for (c = from; c < t->nr; c++) {
		total += least(t, c) + (c > from ? GAP : 0);
		if (total > width && c > from && !t->col[c].number)
			break;
	}
	return c;
}

static void layout_lines(const struct table *t, struct layout *l, unsigned int width)
{
	unsigned int from = 0, to, c, first_text = 0;

	while (first_text < t->nr && t->col[first_text].number)
		first_text++;
	for (l->nr_lines = 0; from < t->nr; l->nr_lines++, from = to) {
		unsigned int room = l->nr_lines ? width - SUB_INDENT : width;

		to = pack(t, from, room);
		if (!from && first_text && to > first_text + 1)
			to = first_text + 1;
		for (c = from; c < to; c++)
			l->line[c] = l->nr_lines;
		if (!shrink(t, l, from, to, room, false))
			(void)shrink(t, l, from, to, room, true);	/* as far as it goes */
	}
}

static void layout(const struct table *t, struct layout *l, unsigned int width)
{
	memset(l, 0, sizeof(*l));
	memcpy(l->width, t->natural, sizeof(l->width));
	l->nr_lines = 1;
	if (!width || sum(l->width, 0, t->nr) <= width)
		return;
	if (width >= ONE_LINE_WIDTH && shrink(t, l, 0, t->nr, width, false))
		return;
	memcpy(l->width, t->natural, sizeof(l->width));
	layout_lines(t, l, width < MIN_WIDTH ? MIN_WIDTH : width);
}

/* --- printing --------------------------------------------------------------------------- */

static void print_cell(FILE *out, const struct table_col *col, unsigned int width, const char *s,
		       unsigned int *pending)
{
	unsigned int columns = fmt_columns(s);
	unsigned int pad = columns < width ? width - columns : 0;

	fprintf(out, "%*s", (int)(*pending + (col->number ? pad : 0)), "");
	fmt_put_middle(out, s, width);
	*pending = (col->number ? 0 : pad) + GAP;
}

/* One row, or the header when @row is the number of rows. */
static void print_row(const struct table *t, const struct layout *l, FILE *out, size_t row,
		      unsigned int indent)
{
	bool header = row == t->cell.nr / t->nr;
	unsigned int line, c, pending;

	for (line = 0; line < l->nr_lines; line++) {
		pending = indent + (line ? SUB_INDENT : 0);
		for (c = 0; c < t->nr; c++) {
			if (l->line[c] != line)
				continue;
			print_cell(out, &t->col[c], l->width[c],
				   header ? t->col[c].title : t->text.v + t->cell.v[row * t->nr + c],
				   &pending);
		}
		fputc('\n', out);
	}
}

int table_print(const struct table *t, FILE *out, unsigned int width, unsigned int indent,
		int (*below)(void *ctx, unsigned int row, FILE *out), void *ctx)
{
	size_t row, nr = t->cell.nr / t->nr;
	struct layout l;
	int err;

	if (t->err)
		return t->err;
	layout(t, &l, width > indent ? width - indent : width);
	print_row(t, &l, out, nr, indent);
	for (row = 0; row < nr; row++) {
		print_row(t, &l, out, row, indent);
		err = below ? below(ctx, (unsigned int)row, out) : 0;
		if (err)
			return err;
	}
	return 0;
}
