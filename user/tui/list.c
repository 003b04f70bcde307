// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rows of a panel are shown, in which order, and where the cursor is.
 *
 * As long as nobody has moved it, the cursor is on the first row, so that Enter
 * opens the worst. After that it stays with the row that it was moved to, wherever
 * that goes; Home gives it back to the first.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "field.h"

struct sort {
	const struct top_row *row;
	enum field field;
	bool total, reverse;
};

static int compare(const void *a, const void *b, void *arg)
{
	const struct sort *s = arg;
	const struct top_row *x = &s->row[*(const unsigned int *)a];
	const struct top_row *y = &s->row[*(const unsigned int *)b];
	int c = top_compare(x, y, s->field, s->total);

	return s->reverse ? -c : c;
}

static bool has(const char *s, const char *text)
{
	return s && strcasestr(s, text);
}

bool top_row_matches(const struct top_row *r, const char *text)
{
	return has(r->name, text) || has(r->type, text) || has(r->lock, text) ||
	       has(r->caller, text) || has(r->comm, text) || has(r->owner, text) ||
	       has(r->chain, text);
}

unsigned int *top_order(const struct top_state *s, const struct top_data *d, unsigned int *nr)
{
	const struct top_panel_data *p = &d->panel[s->panel];
	const struct top_list *l = &s->list[s->panel];
	struct sort sort = {
		.row = p->row.v, .field = top_columns(s->panel)[l->sort].field,
		.total = s->total, .reverse = l->reverse,
	};
	unsigned int *order = malloc((p->row.nr + 1) * sizeof(*order)), i;

	if (!order)
		return NULL;
	*nr = 0;
	for (i = 0; i < p->row.nr; i++)
		if (!s->filter[0] || top_row_matches(&p->row.v[i], s->filter))
			order[(*nr)++] = i;
	qsort_r(order, *nr, sizeof(*order), compare, &sort);
	return order;
}

void top_list_settle(struct top_state *s, const struct top_data *d, const unsigned int *order,
		     unsigned int nr, unsigned int height)
{
	const struct top_panel_data *p = &d->panel[s->panel];
	struct top_list *l = &s->list[s->panel];
	unsigned int i;

	for (i = 0; l->picked && i < nr; i++)
		if (p->row.v[order[i]].key == l->key)
			break;
	if (l->picked && i < nr)
		l->cursor = i;
	else if (!l->picked)
		l->cursor = 0;
	/* else the row has gone: the one that is there now */
	if (l->cursor >= nr)
		l->cursor = nr ? nr - 1 : 0;
	if (nr)
		l->key = p->row.v[order[l->cursor]].key;
	if (!height)
		return;
	if (l->cursor < l->first)
		l->first = l->cursor;
	if (l->cursor >= l->first + height)
		l->first = l->cursor - height + 1;
	if (l->first + height > nr)
		l->first = nr > height ? nr - height : 0;
}
