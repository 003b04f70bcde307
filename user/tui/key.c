// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys: what they do to the state, and what the program has to do about it. The
 * letters are those of top, htop and perf top where these agree.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/num.h"
#include "field.h"

#define MIN_INTERVAL	100000000ull		/* as -i has it */
#define MAX_INTERVAL	86400000000000ull
#define CTRL(c)		((c) & 0x1f)

static void say(struct top_state *s, bool bad, const char *text)
{
	snprintf(s->message, sizeof(s->message), "%s", text);
	s->message_bad = bad;
}

static unsigned int column_of(enum top_panel panel, enum field field)
{
	const struct column *c = top_columns(panel);
	unsigned int i;

	for (i = 0; c[i].field; i++)
		if (c[i].field == field)
			return i;
	return 0;
}

void top_state_init(struct top_state *s, uint64_t interval_ns, bool replay)
{
	unsigned int i;

	*s = (struct top_state){ .interval_ns = interval_ns, .replay = replay, .speed = 1,
				 .rows = 24, .cols = 80 };
	for (i = 0; i < TOP_PANEL_NR; i++)
		s->list[i].sort = column_of((enum top_panel)i, FIELD_TIME);
	s->list[TOP_TASKS].sort = column_of(TOP_TASKS, FIELD_SINCE);
	s->list[TOP_FINDINGS].sort = column_of(TOP_FINDINGS, FIELD_AGE);
	s->list[TOP_WATCH].sort = column_of(TOP_WATCH, FIELD_CALLS);
}

/* --- the list ----------------------------------------------------------------------------- */

static unsigned int page(const struct top_state *s)
{
	return s->rows > TOP_HEAD_ROWS + 3 ? s->rows - TOP_HEAD_ROWS - 2 : 1;
}

/* Move the cursor to the @to-th row, as near as there is one. */
static void move_to(struct top_state *s, const struct top_data *d, long to, bool pick)
{
	struct top_list *l = &s->list[s->panel];
	unsigned int nr, *order = top_order(s, d, &nr);

	if (!order) {
		say(s, true, "out of memory");
		return;
	}
	if (nr) {
		to = to < 0 ? 0 : to >= (long)nr ? (long)nr - 1 : to;
		l->cursor = (unsigned int)to;
		l->key = d->panel[s->panel].row.v[order[to]].key;
		l->picked = pick;
	}
	free(order);
}

/* The next row (@step 1 or -1) that the search finds, around the end. */
static void search(struct top_state *s, const struct top_data *d, int step, bool here)
{
	const struct top_list *l = &s->list[s->panel];
	unsigned int nr, *order = top_order(s, d, &nr), i, at;
	char text[TOP_INPUT_MAX + 40];

	if (!order || !s->search[0]) {
		free(order);
		return;
	}
	for (i = here ? 0 : 1; i < nr + !here; i++) {
		at = (l->cursor + nr + (step > 0 ? i : nr - i % nr)) % nr;
		if (top_row_matches(&d->panel[s->panel].row.v[order[at]], s->search))
			break;
	}
	if (nr && i < nr + !here) {
		move_to(s, d, at, true);
	} else {
		snprintf(text, sizeof(text), "'%s' is in no row of this panel", s->search);
		say(s, true, text);
	}
	free(order);
}

static enum top_action go_panel(struct top_state *s, unsigned int panel)
{
	s->panel = (enum top_panel)(panel % TOP_PANEL_NR);
	s->mode = MODE_LIST;
	return TOP_UPDATE;
}

/* The next column that can sort and is on the screen. */
static void next_sort(struct top_state *s, const struct top_data *d, int step)
{
	const struct column *c = top_columns(s->panel);
	unsigned int col[COLUMNS_MAX], width[COLUMNS_MAX], nr, i, at = s->list[s->panel].sort;

	top_columns_place(s->panel, d->holds, s->cols, col, width);
	for (nr = 0; c[nr].field; nr++)
		;
	for (i = 0; i < nr; i++) {
		at = (at + nr + (unsigned int)step) % nr;
		if (width[at] && top_sortable(c[at].field))
			break;
	}
	s->list[s->panel].sort = at;
	s->list[s->panel].reverse = false;
}

static void open_prompt(struct top_state *s, enum top_prompt prompt, const char *text)
{
	s->back = s->mode;
	s->mode = MODE_PROMPT;
	s->prompt = prompt;
	snprintf(s->input, sizeof(s->input), "%s", text);
}

static enum top_action open_detail(struct top_state *s, const struct top_data *d)
{
	const struct top_list *l = &s->list[s->panel];

	if (!top_data_find(d, s->panel, l->key)) {
		say(s, false, "there is no row here yet");
		return TOP_NOTHING;
	}
	s->detail_key = l->key;
	s->scroll = 0;
	s->mode = MODE_DETAIL;
	return TOP_UPDATE;
}

/* Keys that move; false = none of them. */
static bool list_moves(struct top_state *s, const struct top_data *d, uint32_t key)
{
	long at = s->list[s->panel].cursor, step = page(s);

	switch (key) {
	case KEYCODE_UP: case 'k':
		at--;
		break;
	case KEYCODE_DOWN: case 'j':
		at++;
		break;
	case KEYCODE_PAGE_UP: case CTRL('b'):
		at -= step;
		break;
	case KEYCODE_PAGE_DOWN: case CTRL('f'):
		at += step;
		break;
	case KEYCODE_HOME: case 'g':
		move_to(s, d, 0, false);
		return true;
	case KEYCODE_END: case 'G':
		at = (long)d->panel[s->panel].row.nr;
		break;
	default:
		return false;
	}
	move_to(s, d, at, true);
	return true;
}

static enum top_action toggle_pause(struct top_state *s)
{
	s->paused = !s->paused;
	return TOP_PAUSED;
}

/* Time control of a replay; -1 = not its key. */
static int replay_key(struct top_state *s, uint32_t key)
{
	switch (key) {
	case KEYCODE_LEFT:
		return TOP_STEP_BACK;
	case KEYCODE_RIGHT:
		return TOP_STEP;
	case '+': case '=':
		s->speed = s->speed < 1024 ? s->speed * 2 : s->speed;
		return TOP_SPEED;
	case '-': case '_':
		s->speed = s->speed > 1.0 / 16 ? s->speed / 2 : s->speed;
		return TOP_SPEED;
	default:
		return -1;
	}
}

/* Keys of list and detail alike; -1 = none of them. */
static int common_key(struct top_state *s, uint32_t key)
{
	int action = s->replay ? replay_key(s, key) : -1;

	if (action >= 0)
		return action;
	switch (key) {
	case 'q': case KEYCODE_F10: case CTRL('c'):
		return TOP_QUIT;
	case '?': case 'h': case KEYCODE_F1:
		s->back = s->mode;
		s->mode = MODE_HELP;
		s->help_scroll = 0;
		return TOP_NOTHING;
	case 'p': case ' ':
		return toggle_pause(s);
	case 's':
		return TOP_SAVE;
	case 't':
		s->total = !s->total;
		return TOP_NOTHING;
	case KEYCODE_F5: case CTRL('l'):
		return TOP_REDRAW;
	case KEYCODE_TAB:
		return go_panel(s, s->panel + 1u);
	case KEYCODE_BACKTAB:
		return go_panel(s, s->panel + TOP_PANEL_NR - 1u);
	default:
		if (key >= '1' && key < '1' + TOP_PANEL_NR)
			return go_panel(s, key - '1');
		return -1;
	}
}

static void open_sort_menu(struct top_state *s)
{
	s->menu = s->list[s->panel].sort;
	s->mode = MODE_SORT;
}

static enum top_action list_key(struct top_state *s, const struct top_data *d, uint32_t key)
{
	struct top_list *l = &s->list[s->panel];

	if (list_moves(s, d, key))
		return TOP_NOTHING;
	switch (key) {
	case KEYCODE_ENTER:
		return open_detail(s, d);
	case '/': case KEYCODE_F3:
		open_prompt(s, PROMPT_SEARCH, "");
		break;
	case 'n':
		search(s, d, 1, false);
		break;
	case 'N':
		search(s, d, -1, false);
		break;
	case '\\': case 'f': case KEYCODE_F4:
		open_prompt(s, PROMPT_FILTER, s->filter);
		break;
	case 'i': case 'd':
		if (!s->replay)
			open_prompt(s, PROMPT_INTERVAL, "");
		break;
	case KEYCODE_F6:
		open_sort_menu(s);
		break;
	case '>': case '.':
		next_sort(s, d, 1);
		break;
	case '<': case ',':
		next_sort(s, d, -1);
		break;
	case 'r': case 'R': case 'I':
		l->reverse = !l->reverse;
		break;
	case KEYCODE_ESC:
		s->filter[0] = '\0';
		break;
	default:
		break;
	}
	return TOP_NOTHING;
}

/* --- detail and help ------------------------------------------------------------------------ */

/* Keys that scroll text; drawing stops at the end. False = none of them. */
static bool scrolls(struct top_state *s, unsigned int *scroll, uint32_t key)
{
	unsigned int step = page(s);

	switch (key) {
	case KEYCODE_UP: case 'k':
		*scroll -= *scroll ? 1 : 0;
		return true;
	case KEYCODE_DOWN: case 'j':
		*scroll += 1;
		return true;
	case KEYCODE_PAGE_UP: case CTRL('b'):
		*scroll -= *scroll < step ? *scroll : step;
		return true;
	case KEYCODE_PAGE_DOWN: case CTRL('f'):
		*scroll += step;
		return true;
	case KEYCODE_HOME: case 'g':
		*scroll = 0;
		return true;
	case KEYCODE_END: case 'G':
		*scroll = 1u << 20;
		return true;
	default:
		return false;
	}
}

static bool goes_back(uint32_t key)
{
	return key == KEYCODE_ESC || key == KEYCODE_BACKSPACE || key == KEYCODE_ENTER ||
	       key == 'q' || key == KEYCODE_F10;
}

static enum top_action help_key(struct top_state *s, uint32_t key)
{
	if (!scrolls(s, &s->help_scroll, key))
		s->mode = s->back;	/* any other key */
	return TOP_NOTHING;
}

static enum top_action detail_key(struct top_state *s, uint32_t key)
{
	if (scrolls(s, &s->scroll, key))
		return TOP_NOTHING;
	if (key == KEYCODE_LEFT)
		s->mode = MODE_LIST;
	return TOP_NOTHING;
}

/* --- the sort menu -------------------------------------------------------------------------- */

static void move_menu(struct top_state *s, const struct top_data *d, int step)
{
	const struct column *c = top_columns(s->panel);
	unsigned int col[COLUMNS_MAX], width[COLUMNS_MAX], nr, at = s->menu;

	top_columns_place(s->panel, d->holds, s->cols, col, width);
	for (nr = 0; c[nr].field; nr++)
		;
	do
		at = (at + nr + (unsigned int)step) % nr;
	while (!width[at] || !top_sortable(c[at].field));
	s->menu = at;
}

static enum top_action sort_key(struct top_state *s, const struct top_data *d, uint32_t key)
{
	switch (key) {
	case KEYCODE_UP: case 'k':
		move_menu(s, d, -1);
		break;
	case KEYCODE_DOWN: case 'j':
		move_menu(s, d, 1);
		break;
	case KEYCODE_ENTER:
		s->list[s->panel].sort = s->menu;
		s->list[s->panel].reverse = false;
		s->mode = MODE_LIST;
		break;
	case 'q': case KEYCODE_F10: case CTRL('c'):
		return TOP_QUIT;
	default:
		s->mode = MODE_LIST;
		break;
	}
	return TOP_NOTHING;
}

/* --- prompts -------------------------------------------------------------------------------- */

static enum top_action take_interval(struct top_state *s)
{
	uint64_t ns;

	if (!s->input[0])
		return TOP_NOTHING;
	if (num_parse_duration(s->input, MIN_INTERVAL, MAX_INTERVAL, &ns)) {
		say(s, true, "give seconds from 0.1 to 86400, such as 2, 0.5 or 250ms");
		return TOP_NOTHING;
	}
	s->interval_ns = ns;
	return TOP_INTERVAL;
}

static enum top_action prompt_done(struct top_state *s, const struct top_data *d)
{
	s->mode = s->back;
	switch (s->prompt) {
	case PROMPT_SEARCH:
		snprintf(s->search, sizeof(s->search), "%s", s->input);
		search(s, d, 1, true);
		return TOP_NOTHING;
	case PROMPT_FILTER:
		snprintf(s->filter, sizeof(s->filter), "%s", s->input);
		return TOP_NOTHING;
	case PROMPT_INTERVAL:
		return take_interval(s);
	}
	return TOP_NOTHING;
}

static enum top_action prompt_key(struct top_state *s, const struct top_data *d, uint32_t key)
{
	size_t len = strlen(s->input);

	if (key == KEYCODE_ENTER)
		return prompt_done(s, d);
	if (key == CTRL('c'))
		return TOP_QUIT;
	if (key == KEYCODE_ESC) {
		s->mode = s->back;
		s->input[0] = '\0';
		if (s->prompt == PROMPT_FILTER)
			s->filter[0] = '\0';
	} else if (key == KEYCODE_BACKSPACE && len)
		s->input[len - 1] = '\0';
	else if (key == CTRL('u'))
		s->input[0] = '\0';
	else if (key >= ' ' && key < 0x7f && len + 1 < sizeof(s->input)) {
		s->input[len] = (char)key;
		s->input[len + 1] = '\0';
	}
	/* A filter shows at once what it does. */
	if (s->mode == MODE_PROMPT && s->prompt == PROMPT_FILTER)
		snprintf(s->filter, sizeof(s->filter), "%s", s->input);
	return TOP_NOTHING;
}

enum top_action top_key(struct top_state *s, const struct top_data *d, uint32_t key)
{
	int action;

	if (key == KEYCODE_NONE)
		return TOP_NOTHING;
	s->message[0] = '\0';
	if (s->mode == MODE_PROMPT)
		return prompt_key(s, d, key);
	if (s->mode == MODE_HELP)
		return key == CTRL('c') ? TOP_QUIT : help_key(s, key);
	if (s->mode == MODE_SORT)
		return sort_key(s, d, key);
	if (s->mode == MODE_DETAIL && goes_back(key)) {
		s->mode = MODE_LIST;
		return TOP_NOTHING;
	}
	action = common_key(s, key);
	if (action >= 0)
		return (enum top_action)action;
	return s->mode == MODE_DETAIL ? detail_key(s, key) : list_key(s, d, key);
}
