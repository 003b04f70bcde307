/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen, without a terminal: (data, state, size) -> cells, and
 * (key, state) -> action. Whoever has a terminal (curses.c, wired by cmd/top.c)
 * passes keys in and copies the cells out; tests do both without one.
 */
#ifndef LK_TUI_TOP_H
#define LK_TUI_TOP_H

#include "canvas.h"
#include "data.h"

/* Keys that are no characters; characters are their code point. */
enum top_keycode {
	KEYCODE_NONE = 0,
	KEYCODE_ESC = 27,
	KEYCODE_FIRST = 0x110000,
	KEYCODE_UP, KEYCODE_DOWN, KEYCODE_LEFT, KEYCODE_RIGHT, KEYCODE_PAGE_UP, KEYCODE_PAGE_DOWN,
	KEYCODE_HOME, KEYCODE_END, KEYCODE_ENTER, KEYCODE_BACKSPACE, KEYCODE_TAB, KEYCODE_BACKTAB,
	KEYCODE_F1, KEYCODE_F2, KEYCODE_F3, KEYCODE_F4, KEYCODE_F5, KEYCODE_F6, KEYCODE_F7,
	KEYCODE_F8, KEYCODE_F9, KEYCODE_F10,
};

/* What the program must do after a key; the screen is to be drawn after every one. */
enum top_action {
	TOP_NOTHING,
	TOP_QUIT,
	TOP_UPDATE,		/* another panel, or a detail: top_data_update() without a tick, top_detail() */
	TOP_PAUSED,		/* state.paused has changed */
	TOP_INTERVAL,		/* state.interval_ns has changed */
	TOP_SAVE,
	TOP_STEP_BACK, TOP_STEP, TOP_SPEED,	/* of a replay; state.speed has changed */
	TOP_REDRAW,		/* the terminal may show what is not ours */
};

enum top_mode { MODE_LIST, MODE_DETAIL, MODE_HELP, MODE_SORT, MODE_PROMPT };
enum top_prompt { PROMPT_SEARCH, PROMPT_FILTER, PROMPT_INTERVAL };

#define TOP_INPUT_MAX 64

struct top_list {
	unsigned int sort;	/* index of a column of the panel, see field.h */
	bool reverse;
	bool picked;		/* the user chose a row: the cursor stays with it; else it is on the first */
	uint32_t key;		/* of that row */
	unsigned int cursor, first;	/* index among the rows shown; first one on the screen */
};

struct top_state {
	enum top_panel panel;
	enum top_mode mode, back;	/* back: where the prompt and the help return to */
	enum top_prompt prompt;
	struct top_list list[TOP_PANEL_NR];
	bool total;			/* values since the start, not of the last interval */
	bool paused;
	uint64_t interval_ns;
	char filter[TOP_INPUT_MAX], search[TOP_INPUT_MAX], input[TOP_INPUT_MAX];
	unsigned int menu;		/* choice in the sort menu */
	uint32_t detail_key;		/* row that the detail is about */
	unsigned int scroll, help_scroll, detail_lines;
	char message[160];		/* shown until the next key */
	bool message_bad;
	bool replay;			/* keys of a replay exist */
	double speed;
	unsigned int rows, cols;	/* of the screen as last drawn */
};

/* The lines above the panels. */
struct top_head {
	const char *host, *kernel;
	char tiers[64];			/* "contention+order" */
	const char *filter;		/* of the trace, in words; "" = none */
	bool live;
	uint64_t up_ns;
	uint64_t length_ns;		/* of a replay */
	bool complete_so_far;
	char *loss;			/* what is missing; "" while complete */
	bool cost_known, bpf_known;
	double bpf_share, user_share;	/* of one CPU */
};

void top_state_init(struct top_state *s, uint64_t interval_ns, bool replay);

/* A key. What it needs to know of the rows is in @d, of the size in @s. */
enum top_action top_key(struct top_state *s, const struct top_data *d, uint32_t key);

/*
 * Draw all of it into the whole canvas. @detail: text of top_detail(), "" = none.
 * The cursor and what is scrolled to are put right in @s. 0 or -ENOMEM.
 */
int top_draw(struct top_state *s, const struct top_data *d, const struct top_head *h,
	     const char *detail, struct canvas *c);

/* For --batch: header and panel with its first @entries rows (0 = all), as many rows as that needs. */
int top_draw_plain(struct top_state *s, const struct top_data *d, const struct top_head *h,
		   unsigned int cols, unsigned int entries, struct canvas *c);

/* --- detail ----------------------------------------------------------------------------------- */

/* Marks at the beginning of a line of detail or help: how it is shown. */
#define MARK_BOLD	'\001'
#define MARK_BAD	'\002'
#define MARK_BAR	'\003'
#define MARK_DIM	'\004'

/* What a detail asks of the running kernel. */
struct top_ask {
	/* Kernel stack and state letter of a task now, as session_task_stack(); NULL = not live. */
	char *(*stack)(void *ctx, uint32_t tid, char *state);
	void *ctx;
};

/*
 * Everything about row @key of a panel as lines with marks, for a screen of @cols columns;
 * malloc'ed in *ret. 0 or -ENOMEM.
 */
int top_detail(struct top_data *d, const struct model *m, const struct top_env *env,
	       enum top_panel panel, uint32_t key, const struct top_ask *ask, unsigned int cols,
	       bool ascii, char **ret);

/* --- parts ------------------------------------------------------------------------------------ */

/* The rows shown, filtered and sorted, as indexes; malloc'ed, NULL = out of memory. */
unsigned int *top_order(const struct top_state *s, const struct top_data *d, unsigned int *nr);
/* Does a row have @text in one of its texts, in whatever case? */
bool top_row_matches(const struct top_row *r, const char *text);
/* Put cursor and first row right for @nr rows in @order on a screen of @height lines. */
void top_list_settle(struct top_state *s, const struct top_data *d, const unsigned int *order,
		     unsigned int nr, unsigned int height);

/* Lines of marked text from @first on into the canvas rows [row, row + height). Returns how many lines there are. */
unsigned int top_put_text(struct canvas *c, unsigned int row, unsigned int height, const char *text,
			  unsigned int first);

extern const char top_help_text[];

#define TOP_HEAD_ROWS	4	/* three lines and the panels' names */
unsigned int top_put_head(const struct top_state *s, const struct top_data *d,
			  const struct top_head *h, struct canvas *c);
void top_put_foot(const struct top_state *s, struct canvas *c);

extern const char *const top_panel_name[TOP_PANEL_NR];

#endif /* LK_TUI_TOP_H */
