// SPDX-License-Identifier: GPL-2.0-only
/*
 * Columns of the panels. At 80 columns the ones without which a panel is of no
 * use; what comes with more room says so in `from`.
 */
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../render/fmt.h"

#define SEC	1000000000ull
#define GAP	1
#define BAR_FROM_HOLDS	100	/* columns, for a bar beside hold times */
#define SPARK_FROM_HOLDS 140	/* likewise: the holder is worth more */

static const struct column locks[] = {
	{ FIELD_NAME, "LOCK", NULL, 16, 3, 0 },
	{ FIELD_TYPE, "TYPE", NULL, 9, 0, 110 },
	{ FIELD_NOW, "NOW", NULL, 4, 0, 40 },
	{ FIELD_WAITS, "WAITS/S", "WAITS", 7, 0, 50 },
	{ FIELD_TIME, "LOST/S", "LOST", 7, 0, 0 },
	{ FIELD_BAR, "", NULL, 4, 0, 80 },
	{ FIELD_SPARK, "LAST MINUTE", NULL, 15, 0, 120 },
	{ FIELD_AVG, "AVG", NULL, 7, 0, 0 },
	{ FIELD_P99, "P99", NULL, 7, 0, 100 },
	{ FIELD_MAX, "MAX", NULL, 7, 0, 70 },
	{ FIELD_HOLD_AVG, "HOLD AVG", NULL, 9, 0, 76 },
	{ FIELD_HOLD_MAX, "HOLD MAX", NULL, 9, 0, 90 },
	{ FIELD_OWNER, "HOLDER", NULL, 12, 2, 0 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

static const struct column tasks[] = {
	{ FIELD_NAME, "TASK", NULL, 14, 2, 0 },
	{ FIELD_SINCE, "BLOCKED", NULL, 7, 0, 0 },
	{ FIELD_LOCK, "LOCK", NULL, 12, 3, 0 },
	{ FIELD_OWNER, "HELD BY", NULL, 12, 2, 0 },
	{ FIELD_CHAIN, "AND THAT TASK", NULL, 12, 4, 110 },
	{ FIELD_WAITS, "WAITS/S", "WAITS", 7, 0, 90 },
	{ FIELD_TIME, "LOST/S", "LOST", 7, 0, 0 },
	{ FIELD_SPARK, "LAST MINUTE", NULL, 15, 0, 140 },
	{ FIELD_MAX, "MAX", NULL, 7, 0, 90 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

static const struct column callers[] = {
	{ FIELD_NAME, "CALLER", NULL, 16, 3, 0 },
	{ FIELD_NOW, "NOW", NULL, 4, 0, 40 },
	{ FIELD_WAITS, "WAITS/S", "WAITS", 7, 0, 50 },
	{ FIELD_TIME, "LOST/S", "LOST", 7, 0, 0 },
	{ FIELD_BAR, "", NULL, 4, 0, 80 },
	{ FIELD_SPARK, "LAST MINUTE", NULL, 15, 0, 120 },
	{ FIELD_AVG, "AVG", NULL, 7, 0, 0 },
	{ FIELD_P99, "P99", NULL, 7, 0, 100 },
	{ FIELD_MAX, "MAX", NULL, 7, 0, 70 },
	{ FIELD_LOCK, "LOCK", NULL, 12, 2, 0 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

static const struct column cgroups[] = {
	{ FIELD_NAME, "CGROUP", NULL, 16, 3, 0 },
	{ FIELD_NOW, "NOW", NULL, 4, 0, 40 },
	{ FIELD_WAITS, "WAITS/S", "WAITS", 7, 0, 50 },
	{ FIELD_TIME, "LOST/S", "LOST", 7, 0, 0 },
	{ FIELD_BAR, "", NULL, 4, 0, 80 },
	{ FIELD_SPARK, "LAST MINUTE", NULL, 15, 0, 120 },
	{ FIELD_AVG, "AVG", NULL, 7, 0, 0 },
	{ FIELD_P99, "P99", NULL, 7, 0, 100 },
	{ FIELD_MAX, "MAX", NULL, 7, 0, 70 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

static const struct column findings[] = {
	{ FIELD_SEVERITY, "SEVERITY", NULL, 8, 0, 0 },
	{ FIELD_AGE, "FOUND", NULL, 12, 0, 0 },
	{ FIELD_SEEN, "SEEN", NULL, 5, 0, 70 },
	{ FIELD_KIND, "KIND", NULL, 9, 1, 0 },
	{ FIELD_NAME, "LOCKS", NULL, 16, 5, 0 },
	{ FIELD_TASKS, "TASKS", NULL, 12, 3, 90 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

static const struct column watched[] = {
	{ FIELD_NAME, "FUNCTION", NULL, 20, 3, 0 },
	{ FIELD_STATE, "STATE", NULL, 9, 0, 0 },
	{ FIELD_CALLS, "CALLS/S", "CALLS", 8, 0, 0 },
	{ FIELD_AVG, "AVG", NULL, 7, 0, 70 },
	{ FIELD_MAX, "MAX", NULL, 7, 0, 0 },
	{ FIELD_HELD, "LOCKS HELD", NULL, 10, 0, 0 },
	{ FIELD_INSIDE, "TAKEN", NULL, 5, 0, 0 },
	{ FIELD_TASKS, "REMARK", NULL, 12, 3, 110 },
	{ 0, NULL, NULL, 0, 0, 0 },
};

const struct column *top_columns(enum top_panel panel)
{
	static const struct column *const all[TOP_PANEL_NR] = {
		locks, tasks, callers, cgroups, findings, watched,
	};

	return all[panel];
}

static bool has_place(const struct column *c, bool holds, unsigned int cols)
{
	if (c->field == FIELD_HOLD_AVG || c->field == FIELD_HOLD_MAX)
		return holds && cols >= c->from;
	if (holds && c->field == FIELD_BAR && cols < BAR_FROM_HOLDS)
		return false;
	if (holds && c->field == FIELD_SPARK && cols < SPARK_FROM_HOLDS)
		return false;
	return cols >= c->from;
}

void top_columns_place(enum top_panel panel, bool holds, unsigned int cols,
		       unsigned int col[COLUMNS_MAX], unsigned int width[COLUMNS_MAX])
{
	const struct column *c = top_columns(panel);
	unsigned int i, nr, used = 0, shares = 0, left, at = 0, extra;

	for (i = 0; c[i].field; i++) {
		width[i] = has_place(&c[i], holds && panel == TOP_LOCKS, cols) ? c[i].width : 0;
		if (c[i].field == FIELD_BAR && cols >= 120)
			width[i] += 4;
		if (c[i].field == FIELD_SPARK && cols >= 170)
			width[i] *= 2;
		/* What does not fit any more is left out, the first column never. */
		if (i && used + width[i] + GAP > cols)
			width[i] = 0;
		if (!width[i])
			continue;
		used += width[i] + (i ? GAP : 0);
		shares += c[i].share;
	}
	nr = i;
	left = cols > used ? cols - used : 0;
	for (i = 0; i < nr; i++) {
		col[i] = at;
		if (!width[i])
			continue;
		extra = shares ? left * c[i].share / shares : 0;
		left -= extra;
		shares -= c[i].share;
		width[i] += extra;
		at += width[i] + GAP;
	}
}

/* --- what is in them ---------------------------------------------------------------------- */

double top_row_lost(const struct top_row *r, bool total)
{
	if (total)
		return (double)r->total_ns;
	return r->gain_over_ns ? (double)r->gain_ns / (double)r->gain_over_ns : 0;
}

static const char *per_second(uint64_t n, uint64_t over_ns, char buf[64])
{
	double rate;

	if (!over_ns)
		return "-";
	if (!n)
		return "0";
	rate = (double)n * (double)SEC / (double)over_ns;
	if (rate < 9.95)
		snprintf(buf, 64, "%.1f", rate);
	else
		return fmt_count((uint64_t)(rate + 0.5), buf);
	return buf;
}

static const char *lost(const struct top_row *r, bool total, char buf[64])
{
	if (total)
		return r->total_ns ? fmt_ns(r->total_ns, buf) : "0";
	if (!r->gain_over_ns)
		return "-";
	if (!r->gain_ns)
		return "0";
	return fmt_ns((uint64_t)(top_row_lost(r, false) * (double)SEC + 0.5), buf);
}

static const char *or_dash(const char *s)
{
	return s && s[0] ? s : "-";
}

static const char *ns_or_dash(uint64_t ns, char buf[64])
{
	return ns ? fmt_ns(ns, buf) : "-";
}

/* Who held it mostly so far is not who holds it now. */
static const char *owner(const struct top_row *r, char buf[64])
{
	if (!r->owner)
		return "-";
	if (r->owner_now)
		return r->owner;
	snprintf(buf, 64, "(%.60s)", r->owner);
	return buf;
}

static const char *age(const struct top_data *d, const struct top_row *r, char buf[64])
{
	char ns[FMT_LEN];

	if (r->time_ns > d->now_ns)
		return "now";
	snprintf(buf, 64, "%s ago", fmt_ns(d->now_ns - r->time_ns, ns));
	return buf;
}

const char *top_cell(const struct top_data *d, const struct top_row *r, enum field field,
		     bool total, char buf[64])
{
	switch (field) {
	case FIELD_NAME:
		return or_dash(r->name);
	case FIELD_TYPE:
	case FIELD_SEVERITY:
	case FIELD_STATE:
		return or_dash(r->type);
	case FIELD_NOW:
		if (!d->wait_known)
			return "?";
		return r->waiting ? fmt_count(r->waiting, buf) : "-";
	case FIELD_WAITS:
	case FIELD_CALLS:
		return total ? fmt_count(r->count, buf) : per_second(r->gain, r->gain_over_ns, buf);
	case FIELD_TIME:
		return lost(r, total, buf);
	case FIELD_AVG:
		return ns_or_dash(top_row_avg(r, total), buf);
	case FIELD_P99:
		return ns_or_dash(r->p99_ns, buf);
	case FIELD_MAX:
		return ns_or_dash(r->max_ns, buf);
	case FIELD_HOLD_AVG:
		return ns_or_dash(top_row_hold_avg(r, total), buf);
	case FIELD_HOLD_MAX:
		return ns_or_dash(r->hold_max_ns, buf);
	case FIELD_OWNER:
		return owner(r, buf);
	case FIELD_LOCK:
		return or_dash(r->lock ? r->lock : "several");
	case FIELD_CALLER:
	case FIELD_KIND:
		return or_dash(r->caller);
	case FIELD_SINCE:
		return ns_or_dash(r->since_ns, buf);
	case FIELD_CHAIN:
		return r->chain ? r->chain : "";
	case FIELD_AGE:
		return age(d, r, buf);
	case FIELD_SEEN:
		return fmt_count(r->count, buf);
	case FIELD_TASKS:
		return r->comm ? r->comm : "";
	case FIELD_HELD:
		snprintf(buf, 64, "%u", r->held);
		return buf;
	case FIELD_INSIDE:
		snprintf(buf, 64, "%u", r->inside);
		return buf;
	case FIELD_BAR:
	case FIELD_SPARK:
		break;
	}
	return "";
}

enum style top_cell_style(const struct top_row *r, enum field field)
{
	switch (field) {
	case FIELD_SEVERITY:
		if (r->severity >= FINDING_CERTAIN)
			return STYLE_BAD;
		return r->severity == FINDING_LIKELY ? STYLE_WARN : STYLE_PLAIN;
	case FIELD_SINCE:
		if (r->since_ns >= 10 * SEC)
			return STYLE_BAD;
		return r->since_ns >= SEC ? STYLE_WARN : STYLE_PLAIN;
	case FIELD_CHAIN:
		return r->circle ? STYLE_BAD : STYLE_PLAIN;
	case FIELD_NOW:
		return r->waiting ? STYLE_WARN : STYLE_DIM;
	case FIELD_OWNER:
		return r->owner_now ? STYLE_BOLD : STYLE_DIM;
	case FIELD_NAME:
		return r->waiting ? STYLE_BOLD : STYLE_PLAIN;
	default:
		return STYLE_PLAIN;
	}
}

/* --- order -------------------------------------------------------------------------------- */

static const char *text_of(const struct top_row *r, enum field field)
{
	const char *s = field == FIELD_NAME ? r->name : field == FIELD_OWNER ? r->owner :
			field == FIELD_LOCK ? r->lock : field == FIELD_CHAIN ? r->chain :
			field == FIELD_CALLER || field == FIELD_KIND ? r->caller :
			field == FIELD_TASKS ? r->comm : r->type;

	return s ? s : "";
}

static double number_of(const struct top_row *r, enum field field, bool total)
{
	switch (field) {
	case FIELD_NOW:		return r->waiting;
	case FIELD_WAITS:
	case FIELD_CALLS:
		if (total)
			return (double)r->count;
		return r->gain_over_ns ? (double)r->gain / (double)r->gain_over_ns : 0;
	case FIELD_TIME:	return top_row_lost(r, total);
	case FIELD_AVG:		return (double)top_row_avg(r, total);
	case FIELD_P99:		return (double)r->p99_ns;
	case FIELD_MAX:		return (double)r->max_ns;
	case FIELD_HOLD_AVG:	return (double)top_row_hold_avg(r, total);
	case FIELD_HOLD_MAX:	return (double)r->hold_max_ns;
	case FIELD_SINCE:	return (double)r->since_ns;
	case FIELD_SEVERITY:	return r->severity;
	case FIELD_AGE:		return (double)r->time_ns;
	case FIELD_SEEN:	return (double)r->count;
	case FIELD_HELD:	return r->held;
	case FIELD_INSIDE:	return r->inside;
	default:		return 0;
	}
}

bool top_sortable(enum field field)
{
	return field && field != FIELD_BAR && field != FIELD_SPARK;
}

static bool is_text(enum field field)
{
	switch (field) {
	case FIELD_NAME: case FIELD_TYPE: case FIELD_OWNER: case FIELD_LOCK: case FIELD_CALLER:
	case FIELD_CHAIN: case FIELD_KIND: case FIELD_TASKS: case FIELD_STATE:
		return true;
	default:
		return false;
	}
}

static int by_number(const struct top_row *a, const struct top_row *b, enum field field, bool total)
{
	double x = number_of(a, field, total), y = number_of(b, field, total);

	return x > y ? -1 : x < y;
}

/* Ties: blocked now, lost lately, lost at all, by name; so rows do not jump about. */
int top_compare(const struct top_row *a, const struct top_row *b, enum field field, bool total)
{
	int c = is_text(field) ? strcmp(text_of(a, field), text_of(b, field)) :
				 by_number(a, b, field, total);

	c = c ? c : by_number(a, b, FIELD_SINCE, total);
	c = c ? c : by_number(a, b, FIELD_TIME, total);
	c = c ? c : by_number(a, b, FIELD_TIME, true);
	c = c ? c : strcmp(a->name ? a->name : "", b->name ? b->name : "");
	return c ? c : a->key < b->key ? -1 : a->key > b->key;
}
