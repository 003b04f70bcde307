// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole screen: head, panel or text, foot. Below a certain size there is no
 * room for anything but the rows, and below that for none at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../render/fmt.h"
#include "field.h"

#define SPARK_FROM	3	/* of a minute, seconds to a column at least */
#define MIN_ROWS	6
#define MIN_COLS	30

struct frame {
	const struct top_state *s;
	const struct top_data *d;
	struct canvas *c;
	unsigned int col[COLUMNS_MAX], width[COLUMNS_MAX];
	double most;		/* the largest value of a bar */
	bool marks_cursor;
};

/* --- cells ---------------------------------------------------------------------------------- */

/* The largest rate of the minute: each row has its own scale, a column of 1 is its worst. */
static double most_rate(const struct top_past *p)
{
	double most = 0;
	unsigned int i;

	for (i = 0; i < TOP_SECONDS; i++)
		if (p->rate[i] > (float)most)
			most = p->rate[i];
	return most;
}

/* The last minute, newest at the right, each column the worst of its seconds. */
static void put_spark(const struct frame *f, unsigned int row, unsigned int col, unsigned int width,
		      const struct top_past *p)
{
	unsigned int step = (TOP_SECONDS + width - 1) / width, i, k;
	uint64_t now = f->d->now_ns / 1000000000, second;
	double worst, most = most_rate(p);

	for (i = 0; i < width && i * step < TOP_SECONDS; i++) {
		worst = 0;
		for (k = 0; k < step && i * step + k < TOP_SECONDS; k++) {
			second = now - (i * step + k);
			if (second > p->second || second + TOP_SECONDS <= p->second)
				continue;
			if (p->rate[second % TOP_SECONDS] > (float)worst)
				worst = p->rate[second % TOP_SECONDS];
		}
		canvas_spark(f->c, row, col + width - 1 - i, worst, most);
	}
}

static void put_cell(const struct frame *f, unsigned int row, const struct top_row *r,
		     const struct column *col, unsigned int i, bool selected)
{
	enum style style = selected ? STYLE_SELECTED : top_cell_style(r, col->field);
	const char *text;
	char buf[64];

	if (col->field == FIELD_BAR) {
		canvas_bar(f->c, row, f->col[i], f->width[i], top_row_lost(r, f->s->total), f->most);
		return;
	}
	if (col->field == FIELD_SPARK) {
		put_spark(f, row, f->col[i], f->width[i], &f->d->panel[f->s->panel].past.v[r->key]);
		return;
	}
	text = top_cell(f->d, r, col->field, f->s->total, buf);
	if (col->share || col->field == FIELD_TYPE || col->field == FIELD_STATE ||
	    col->field == FIELD_SEVERITY || col->field == FIELD_AGE)
		canvas_put_middle(f->c, row, f->col[i], f->width[i], style, text);
	else
		canvas_put_right(f->c, row, f->col[i], f->width[i], style, text);
}

static void put_row(const struct frame *f, unsigned int row, const struct top_row *r, bool selected)
{
	const struct column *col = top_columns(f->s->panel);
	unsigned int i, k;

	if (selected)
		canvas_fill(f->c, row, 0, STYLE_SELECTED);
	for (i = 0; col[i].field; i++)
		if (f->width[i])
			put_cell(f, row, r, &col[i], i, selected);
	for (k = 0; selected && k < f->c->cols; k++)	/* bars, too */
		f->c->cell[(size_t)row * f->c->cols + k].style = STYLE_SELECTED;
}

static void put_headings(const struct frame *f, unsigned int row)
{
	const struct column *col = top_columns(f->s->panel);
	const struct top_list *l = &f->s->list[f->s->panel];
	const char *title;
	unsigned int i, n;
	char text[32];

	canvas_fill(f->c, row, 0, STYLE_HEAD);
	for (i = 0; col[i].field; i++) {
		if (!f->width[i])
			continue;
		title = f->s->total && col[i].title_total ? col[i].title_total : col[i].title;
		snprintf(text, sizeof(text), "%s%s", title, i != l->sort ? "" : l->reverse ? "^" : "v");
		n = fmt_columns(text);
		/* The mark of the column that sorts may take the gap before a number. */
		if (col[i].share || col[i].field == FIELD_SPARK || n > f->width[i] + 1 ||
		    col[i].field == FIELD_TYPE || col[i].field == FIELD_STATE ||
		    col[i].field == FIELD_SEVERITY || col[i].field == FIELD_AGE)
			canvas_put(f->c, row, f->col[i], f->width[i] + 1, STYLE_HEAD, text);
		else
			canvas_put(f->c, row, f->col[i] + f->width[i] - n, n, STYLE_HEAD, text);
	}
}

/* --- panels --------------------------------------------------------------------------------- */

/* Why a panel is empty. */
static const char *nothing(const struct top_state *s, const struct top_data *d)
{
	if (s->filter[0] && d->panel[s->panel].row.nr)
		return "No row matches the filter (f changes it).";
	switch (s->panel) {
	case TOP_FINDINGS:
		return "No finding so far: no two orders of locks that can deadlock.";
	case TOP_WATCH:
		return "No function is watched (-w FUNC, tier watch).";
	default:
		return "No task has waited for a lock so far.";
	}
}

static double most_lost(const struct top_data *d, const struct top_state *s)
{
	const struct top_panel_data *p = &d->panel[s->panel];
	double most = 0, lost;
	size_t i;

	for (i = 0; i < p->row.nr; i++) {
		lost = top_row_lost(&p->row.v[i], s->total);
		most = lost > most ? lost : most;
	}
	return most;
}

static void put_rows(struct frame *f, unsigned int row, unsigned int end, const unsigned int *order,
		     unsigned int nr, unsigned int first)
{
	const struct top_panel_data *p = &f->d->panel[f->s->panel];
	const struct top_list *l = &f->s->list[f->s->panel];
	unsigned int i;

	put_headings(f, row++);
	if (!nr)
		canvas_put(f->c, row, 0, f->c->cols, STYLE_DIM, nothing(f->s, f->d));
	for (i = first; i < nr && row < end; i++)
		put_row(f, row++, &p->row.v[order[i]], f->marks_cursor && i == l->cursor);
}

static void frame_init(struct frame *f, const struct top_state *s, const struct top_data *d,
		       struct canvas *c)
{
	*f = (struct frame){ .s = s, .d = d, .c = c, .most = most_lost(d, s), .marks_cursor = true };
	top_columns_place(s->panel, d->holds, c->cols, f->col, f->width);
}

static void put_sort_menu(const struct top_state *s, const struct frame *f, struct canvas *c,
			  unsigned int row)
{
	const struct column *col = top_columns(s->panel);
	unsigned int i;
	char text[40];

	canvas_put(c, row++, 0, 16, STYLE_HEAD, " Sort by        ");
	for (i = 0; col[i].field && row + 1 < c->rows; i++) {
		if (!f->width[i] || !top_sortable(col[i].field))
			continue;
		snprintf(text, sizeof(text), " %-15s",
			 s->total && col[i].title_total ? col[i].title_total : col[i].title);
		canvas_put(c, row++, 0, 16, i == s->menu ? STYLE_SELECTED : STYLE_PLAIN, text);
	}
}

static int draw_list(struct top_state *s, const struct top_data *d, struct canvas *c, unsigned int row)
{
	unsigned int nr, end = c->rows - 1, *order = top_order(s, d, &nr);
	struct frame f;

	if (!order)
		return -ENOMEM;
	top_list_settle(s, d, order, nr, end > row + 1 ? end - row - 1 : 0);
	frame_init(&f, s, d, c);
	put_rows(&f, row, end, order, nr, s->list[s->panel].first);
	free(order);
	if (s->mode == MODE_SORT)
		put_sort_menu(s, &f, c, row);
	return 0;
}

/* --- text ----------------------------------------------------------------------------------- */

static unsigned int count_lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static enum style style_of(char mark)
{
	switch (mark) {
	case MARK_BOLD:
		return STYLE_BOLD;
	case MARK_BAD:
		return STYLE_BAD;
	case MARK_BAR:
		return STYLE_BAR;
	case MARK_DIM:
		return STYLE_DIM;
	default:
		return STYLE_PLAIN;
	}
}

unsigned int top_put_text(struct canvas *c, unsigned int row, unsigned int height, const char *text,
			  unsigned int first)
{
	unsigned int lines = count_lines(text), i;
	enum style style;
	const char *end;
	char line[1024];

	for (i = 0; (end = strchr(text, '\n')); i++, text = end + 1) {
		if (i < first || i >= first + height)
			continue;
		style = style_of(*text);
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		canvas_put(c, row + i - first, 0, c->cols, style, line + (style != STYLE_PLAIN));
	}
	return lines;
}

static void draw_text(unsigned int *scroll, unsigned int *lines, const char *text,
		      struct canvas *c, unsigned int row)
{
	unsigned int height = c->rows - 1 > row ? c->rows - 1 - row : 0;

	*lines = count_lines(text);
	if (*scroll + height > *lines)
		*scroll = *lines > height ? *lines - height : 0;
	top_put_text(c, row, height, text, *scroll);
}

/* --- all ------------------------------------------------------------------------------------ */

int top_draw(struct top_state *s, const struct top_data *d, const struct top_head *h,
	     const char *detail, struct canvas *c)
{
	enum top_mode mode = s->mode == MODE_PROMPT ? s->back : s->mode;
	unsigned int row = 0, lines;
	int err = 0;

	canvas_clear(c);
	s->rows = c->rows;
	s->cols = c->cols;
	if (c->rows < MIN_ROWS || c->cols < MIN_COLS) {
		canvas_put(c, 0, 0, c->cols, STYLE_PLAIN, "too small");
		return 0;
	}
	if (mode != MODE_HELP && c->rows >= 2 * TOP_HEAD_ROWS + 2)
		row = top_put_head(s, d, h, c);
	if (mode == MODE_HELP)
		draw_text(&s->help_scroll, &lines, top_help_text, c, 0);
	else if (mode == MODE_DETAIL)
		draw_text(&s->scroll, &s->detail_lines, detail, c, row);
	else
		err = draw_list(s, d, c, row);
	top_put_foot(s, c);
	return err;
}

int top_draw_plain(struct top_state *s, const struct top_data *d, const struct top_head *h,
		   unsigned int cols, unsigned int entries, struct canvas *c)
{
	unsigned int nr, row, *order = top_order(s, d, &nr);
	struct frame f;
	int err;

	if (!order)
		return -ENOMEM;
	if (entries && nr > entries)
		nr = entries;
	err = canvas_resize(c, TOP_HEAD_ROWS + 1 + (nr ? nr : 1), cols < MIN_COLS ? MIN_COLS : cols);
	if (!err) {
		row = top_put_head(s, d, h, c);
		frame_init(&f, s, d, c);
		f.marks_cursor = false;
		put_rows(&f, row, c->rows, order, nr, 0);
	}
	free(order);
	return err;
}
