// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lines above and below the panel: what is traced and how much is lost in
 * it, what the numbers are worth, the panels, the keys.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../render/fmt.h"
#include "top.h"

#define SEC 1000000000ull

const char *const top_panel_name[TOP_PANEL_NR] = {
	"Locks", "Tasks", "Callers", "Cgroups", "Findings", "Watch",
};

/* "12.3 s", "1:02:03" */
static void put_clock(uint64_t ns, char *buf, size_t size)
{
	uint64_t s = ns / SEC;

	if (s < 60)
		snprintf(buf, size, "%.1f s", (double)(ns / (SEC / 10)) / 10);
	else if (s < 3600)
		snprintf(buf, size, "%" PRIu64 ":%02" PRIu64, s / 60, s % 60);
	else
		snprintf(buf, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
			 s % 60);
}

/* What goes on, for the right end of the first line. */
static void put_state(const struct top_state *s, const struct top_head *h, char *buf, size_t size)
{
	char at[24], end[24], every[FMT_LEN];

	if (s->replay) {
		put_clock(h->up_ns, at, sizeof(at));
		put_clock(h->length_ns, end, sizeof(end));
		snprintf(buf, size, s->paused ? "STOPPED at %s of %s" : "replay, %s of %s, %gx", at, end,
			 s->speed);
		return;
	}
	put_clock(h->up_ns, at, sizeof(at));
	if (s->paused)
		snprintf(buf, size, "PAUSED at %s", at);
	else
		snprintf(buf, size, "up %s, every %s", at, fmt_ns(s->interval_ns, every));
}

static void put_title(const struct top_state *s, const struct top_head *h, struct canvas *c)
{
	char line[512], state[96];
	unsigned int right;

	put_state(s, h, state, sizeof(state));
	right = fmt_columns(state);
	snprintf(line, sizeof(line), "%s%.64s, Linux %.64s  %s%s%.128s",
		 c->cols >= 100 ? "lockscope top  " : "", h->host, h->kernel, h->tiers,
		 h->filter[0] ? "  only " : "", h->filter);
	if (right + 2 > c->cols)
		right = 0;
	canvas_put(c, 0, 0, c->cols - right - 2, STYLE_BOLD, line);
	if (right)
		canvas_put(c, 0, c->cols - right, right, s->paused ? STYLE_WARN : STYLE_PLAIN, state);
}

/* A label and its value on the row of figures; returns the column behind. */
static unsigned int put_figure(struct canvas *c, unsigned int col, const char *label,
			       const char *value, enum style style)
{
	unsigned int used = fmt_columns(label) + fmt_columns(value) + 1;

	if (col + used > c->cols)
		return col;
	col += canvas_put(c, 1, col, c->cols - col, STYLE_PLAIN, label) + 1;
	return col + canvas_put(c, 1, col, c->cols - col, style, value) + 2;
}

static void per_second(const struct top_totals *t, char *buf, size_t size)
{
	char n[FMT_LEN];

	if (t->gain_over_ns)
		snprintf(buf, size, "%s/s", fmt_count((uint64_t)((double)t->gain * (double)SEC /
							(double)t->gain_over_ns + 0.5), n));
	else
		snprintf(buf, size, "-");
}

static void put_findings(const struct top_totals *t, char *buf, size_t size)
{
	if (t->findings)
		snprintf(buf, size, "%u (%s)", t->findings,
			 finding_severity_str((enum finding_severity)t->worst));
	else
		snprintf(buf, size, "0");
}

static enum style lost_style(double cpus)
{
	return cpus >= 1 ? STYLE_BAD : cpus >= 0.1 ? STYLE_WARN : STYLE_GOOD;
}

static void put_cost(const struct top_head *h, char *buf, size_t size)
{
	char bpf[16] = "?";

	if (h->bpf_known)
		snprintf(bpf, sizeof(bpf), "%.1f", h->bpf_share * 100);
	snprintf(buf, size, "%s+%.1f %%", bpf, h->user_share * 100);
}

/* Of the interval or, @total, since the start: how many tasks wait on average. */
static void put_figures(const struct top_state *s, const struct top_data *d,
			const struct top_head *h, struct canvas *c)
{
	const struct top_totals *t = &d->totals;
	uint64_t ns = s->total ? t->total_ns : t->gain_ns;
	uint64_t over = s->total ? d->now_ns - d->start_ns : t->gain_over_ns;
	double cpus = over ? (double)ns / (double)over : 0;
	char value[64], n[FMT_LEN];
	unsigned int col = 0;

	if (s->total)
		snprintf(value, sizeof(value), "%s", fmt_count(t->count, n));
	else
		per_second(t, value, sizeof(value));
	col = put_figure(c, col, "Waits", value, STYLE_BOLD);
	snprintf(value, sizeof(value), "%s CPUs", fmt_ratio(ns, over, n));
	col = put_figure(c, col, "Lost", over ? value : "-", lost_style(cpus));
	snprintf(value, sizeof(value), d->wait_known ? "%u" : "?", t->blocked);
	col = put_figure(c, col, "Blocked", value, t->blocked ? STYLE_WARN : STYLE_GOOD);
	put_findings(t, value, sizeof(value));
	col = put_figure(c, col, "Findings", value, t->worst >= FINDING_CERTAIN ? STYLE_BAD :
			 t->findings ? STYLE_WARN : STYLE_GOOD);
	if (!h->cost_known)
		return;
	put_cost(h, value, sizeof(value));
	(void)put_figure(c, col, c->cols >= 100 ? "Our cost (BPF+user)" : "Cost", value, STYLE_PLAIN);
}

static void put_panels(const struct top_state *s, const struct top_data *d, struct canvas *c)
{
	const char *what = s->total ? "since the start" : "in the interval";
	unsigned int i, col = 0, n;
	char text[96];

	for (i = 0; i < TOP_PANEL_NR; i++) {
		n = i == TOP_FINDINGS ? d->totals.findings : 0;
		snprintf(text, sizeof(text), n ? "%s%s%u:%s(%u)%s" : "%s%s%u:%s%.0u%s",
			 i == s->panel ? "[" : " ", "", i + 1, top_panel_name[i], n,
			 i == s->panel ? "]" : " ");
		col += canvas_put(c, 3, col, c->cols - col, i == s->panel ? STYLE_BOLD : STYLE_PLAIN,
				  text);
	}
	snprintf(text, sizeof(text), "%s%.40s%s%s", s->filter[0] ? "\\" : "", s->filter,
		 s->filter[0] ? "  " : "", what);
	n = fmt_columns(text);
	if (col + n + 1 <= c->cols)
		canvas_put(c, 3, c->cols - n, n, s->filter[0] ? STYLE_WARN : STYLE_DIM, text);
	else if (s->filter[0] && col + 8 <= c->cols)
		canvas_put(c, 3, col + 1, c->cols - col - 1, STYLE_WARN, text);
}

unsigned int top_put_head(const struct top_state *s, const struct top_data *d,
			  const struct top_head *h, struct canvas *c)
{
	put_title(s, h, c);
	put_figures(s, d, h, c);
	if (h->loss[0])
		canvas_put(c, 2, 0, c->cols, STYLE_BAD, h->loss);
	else
		canvas_put(c, 2, 0, c->cols, STYLE_GOOD, "complete so far: nothing is lost");
	put_panels(s, d, c);
	return TOP_HEAD_ROWS;
}

/* --- below ---------------------------------------------------------------------------------- */

struct hint {
	const char *key, *what;
};

static const struct hint list_hints[] = {
	{ "F1", "Help" }, { "Enter", "Stacks" }, { "/", "Search" }, { "f", "Filter" },
	{ "F6", "Sort" }, { "Tab", "Panel" }, { "t", "Total" }, { "p", "Pause" }, { "s", "Save" },
	{ "q", "Quit" }, { NULL, NULL },
};
static const struct hint replay_hints[] = {
	{ "F1", "Help" }, { "Enter", "Stacks" }, { "Space", "Play" }, { "<- ->", "Step" },
	{ "+-", "Speed" }, { "f", "Filter" }, { "F6", "Sort" }, { "Tab", "Panel" },
	{ "q", "Quit" }, { NULL, NULL },
};
static const struct hint detail_hints[] = {
	{ "Esc q", "Back" }, { "Up Down PgUp PgDn", "Scroll" }, { "p", "Pause" }, { "s", "Save" },
	{ "Ctrl-C", "Quit" }, { NULL, NULL },
};
static const struct hint help_hints[] = {
	{ "Esc q", "Back" }, { "Up Down PgUp PgDn", "Scroll" }, { NULL, NULL },
};
static const struct hint sort_hints[] = {
	{ "Up Down", "Choose" }, { "Enter", "Sort" }, { "Esc", "Cancel" }, { NULL, NULL },
};

static const struct hint *hints_of(const struct top_state *s)
{
	switch (s->mode) {
	case MODE_DETAIL:
		return detail_hints;
	case MODE_HELP:
		return help_hints;
	case MODE_SORT:
		return sort_hints;
	default:
		return s->replay ? replay_hints : list_hints;
	}
}

static void put_hints(const struct top_state *s, struct canvas *c)
{
	const struct hint *h;
	unsigned int row = c->rows - 1, col = 0, used;

	for (h = hints_of(s); h->key; h++) {
		used = fmt_columns(h->key) + fmt_columns(h->what) + 1;
		if (col + used > c->cols)
			continue;
		col += canvas_put(c, row, col, c->cols - col, STYLE_BOLD, h->key);
		col += canvas_put(c, row, col, c->cols - col, STYLE_HEAD, h->what) + 1;
	}
}

static void put_prompt(const struct top_state *s, struct canvas *c)
{
	static const char *const label[] = {
		[PROMPT_SEARCH] = "Search: ", [PROMPT_FILTER] = "Filter (empty = all): ",
		[PROMPT_INTERVAL] = "Seconds between updates: ",
	};
	unsigned int row = c->rows - 1, col;

	col = canvas_put(c, row, 0, c->cols, STYLE_BOLD, label[s->prompt]);
	col += canvas_put(c, row, col, c->cols - col, STYLE_PLAIN, s->input);
	c->cursor_row = (int)row;
	c->cursor_col = (int)(col < c->cols ? col : c->cols - 1);
}

void top_put_foot(const struct top_state *s, struct canvas *c)
{
	if (s->mode == MODE_PROMPT)
		put_prompt(s, c);
	else if (s->message[0])
		canvas_put(c, c->rows - 1, 0, c->cols, s->message_bad ? STYLE_BAD : STYLE_BOLD,
			   s->message);
	else
		put_hints(s, c);
}
