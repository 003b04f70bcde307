// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: how far the result can be trusted. What could be seen at all
 * (coverage), what was lost, and the last line of every report.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "../core/loss.h"
#include "fmt.h"
#include "parts.h"
#include "shed.h"
#include "text.h"

#define COUNTER_COLUMNS	16	/* of the longest name of a counter */
#define COUNT_COLUMNS	7

char *text_safe(const char *s)
{
	size_t size = SANITIZE_MAX(strlen(s));
	char *text = malloc(size);

	if (text)
		sanitize_text(text, size, s);
	return text;
}

/* Untrusted words, wrapped. */
static int put_wrapped(FILE *out, const char *s, unsigned int column, unsigned int width)
{
	char *safe = text_safe(s);

	if (!safe)
		return -ENOMEM;
	fmt_put_wrapped(out, safe, column, column, width);
	free(safe);
	return 0;
}

/* "first; second" or either of them, wrapped. */
static int put_two(FILE *out, const char *first, const char *second, unsigned int column,
		   unsigned int width)
{
	char *text;
	int err;

	if (asprintf(&text, "%s%s%s", first, *first && *second ? "; " : "", second) < 0)
		return -ENOMEM;
	err = put_wrapped(out, text, column, width);
	free(text);
	return err;
}

static void put_padded(FILE *out, const char *s, unsigned int columns)
{
	size_t width = sanitize_width(s);

	sanitize_put_text(out, s);
	fprintf(out, "%*s", width < columns ? (int)(columns - width) : 0, "");
}

/* --- coverage --------------------------------------------------------------------------- */

struct coverage_widths {
	unsigned int tier, primitive;
};

static struct coverage_widths coverage_widths(const struct model *m)
{
	struct coverage_widths w = { 0 };
	unsigned int i;

	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);
		unsigned int tier = (unsigned int)sanitize_width(c->tier);
		unsigned int primitive = (unsigned int)sanitize_width(c->primitive);

		w.tier = tier > w.tier ? tier : w.tier;
		w.primitive = primitive > w.primitive ? primitive : w.primitive;
	}
	return w;
}

static int put_coverage_row(const struct model_coverage *c, const struct coverage_widths *w,
			    unsigned int width, FILE *out)
{
	const unsigned int state = 7;	/* "partial", "unknown" */
	int err = 0;

	fputs("  ", out);
	put_padded(out, c->tier, w->tier + 2);
	put_padded(out, c->primitive, w->primitive + 2);
	if (c->reason[0] || c->remedy[0]) {
		fprintf(out, "%-*s  ", (int)state, parts_state_str(c->state));
		err = put_two(out, c->reason, c->remedy, w->tier + w->primitive + state + 8, width);
	} else {
		fputs(parts_state_str(c->state), out);
	}
	fputc('\n', out);
	return err;
}

int text_coverage(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct coverage_widths w = coverage_widths(m);
	bool hosts = model_nr_sources(m) > 1;
	unsigned int i, source = UINT32_MAX;
	int err = 0;

	if (!model_nr_coverage(m)) {
		fputs("\nCoverage is not known: the trace does not say.\n", out);
		return 0;
	}
	if (!hosts)
		fputs("\nCoverage:\n", out);
	for (i = 0; i < model_nr_coverage(m) && !err; i++) {
		const struct model_coverage *c = model_coverage(m, i);

		if (hosts && c->source != source) {
			fputs("\nCoverage on ", out);
			sanitize_put_text(out, parts_source_name(model_source(m, c->source)));
			fputs(":\n", out);
			source = c->source;
		}
		err = put_coverage_row(c, &w, opts->width, out);
	}
	return err;
}

/* Has a row before @i the same primitive and state in its tier? (from another source) */
static bool told_before(const struct model *m, unsigned int i)
{
	const struct model_coverage *c = model_coverage(m, i), *b;
	unsigned int k;

	for (k = 0; k < i; k++) {
		b = model_coverage(m, k);
		if (b->state == c->state && !strcmp(b->primitive, c->primitive) &&
		    !strcmp(b->tier, c->tier))
			return true;
	}
	return false;
}

/* "; partial: mutex, semaphore"; returns how many there are. */
static unsigned int put_primitives(const struct model *m, const char *tier, uint32_t state,
				   const char *label, FILE *out)
{
	unsigned int i, nr = 0;

	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		if (c->state != state || strcmp(c->tier, tier) || told_before(m, i))
			continue;
		if (out) {
			fputs(nr ? ", " : label, out);
			sanitize_put_text(out, c->primitive);
		}
		nr++;
	}
	return nr;
}

/* What is not fully seen of a tier, after @title; returns whether there is any. */
static bool put_tier_hint(const struct model *m, const char *tier, const char *title, FILE *out)
{
	static const struct { uint32_t state; const char *label; } states[] = {
		{ LK_STATE_PARTIAL, "partial for " }, { LK_STATE_NONE, "none for " },
		{ LK_STATE_UNKNOWN, "unknown for " },
	};
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!put_primitives(m, tier, states[i].state, NULL, NULL))
			continue;
		fputs(any ? "; " : title, out);
		put_primitives(m, tier, states[i].state, states[i].label, out);
		any = true;
	}
	return any;
}

/* The order of locks as a whole may be out of reach: one clause then, not a list of all primitives. */
static bool put_order_hint(const struct model *m, bool after, FILE *out)
{
	bool full = put_primitives(m, "order", LK_STATE_FULL, NULL, NULL);
	bool partial = put_primitives(m, "order", LK_STATE_PARTIAL, NULL, NULL);
	bool none = put_primitives(m, "order", LK_STATE_NONE, NULL, NULL);

	if (full || partial)
		return put_tier_hint(m, "order", after ? ". Order of locks: " :
				     "Coverage of the order of locks: ", out);
	if (none)
		fputs(after ? ". The order of locks is not seen" :
			      "Coverage: the order of locks is not seen", out);
	return none;
}

int text_coverage_hint(const struct model *m, const struct render_opts *opts, FILE *out)
{
	char *text = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&text, &size);
	bool any;
	int err;

	if (!mem)
		return -ENOMEM;
	any = put_tier_hint(m, "contention", "Coverage: ", mem);
	any |= put_order_hint(m, any, mem);
	fputs(" (--view coverage says why)", mem);
	err = fclose(mem) ? -ENOMEM : 0;
	if (!err && any) {
		fputc('\n', out);
		err = put_wrapped(out, text, 0, opts->width);
		fputc('\n', out);
	}
	free(text);
	return err;
}

/* --- loss ------------------------------------------------------------------------------- */

static int put_counters(const struct model *m, bool is_loss, const char *title, unsigned int width,
			FILE *out, unsigned int *nr)
{
	const struct loss_info *info;
	char buf[FMT_LEN];
	unsigned int i;
	int err = 0;

	*nr = 0;
	for (i = 0; i < model_nr_loss(m) && !err; i++) {
		info = loss_info(i);
		if (!model_loss(m, i) || info->is_loss != is_loss)
			continue;
		if (!(*nr)++)
			fprintf(out, "\n%s\n", title);
		fprintf(out, "  %-*s  %*s  ", COUNTER_COLUMNS, info->name, COUNT_COLUMNS,
			fmt_count(model_loss(m, i), buf));
		err = put_two(out, info->meaning, info->advice,
			      2 + COUNTER_COLUMNS + 2 + COUNT_COLUMNS + 2, width);
		fputc('\n', out);
	}
	return err;
}

static void put_shed(const struct model *m, unsigned int width, FILE *out)
{
	char buf[SHED_TEXT];
	unsigned int i;

	for (i = 0; i < model_nr_shed(m); i++) {
		const struct model_shed *s = model_shed(m, i);

		fputs(i ? "  " : "\nNot traced all the time:\n  ", out);
		fmt_put_wrapped(out, shed_text(s, model_source(m, s->source), buf), 2, 4, width);
		fputc('\n', out);
	}
}

int text_loss(const struct model *m, bool all, const struct render_opts *opts, FILE *out)
{
	unsigned int nr;
	int err;

	put_shed(m, opts->width, out);
	err = put_counters(m, true, "Lost:", opts->width, out, &nr);
	if (err || !all)
		return err;
	if (!nr)
		fputs("\nNo loss counter is above zero.\n", out);
	return put_counters(m, false, "Worth knowing (nothing is lost by it):", opts->width, out,
			    &nr);
}

static const char *next_item(unsigned int *nr)
{
	return (*nr)++ ? "; " : "INCOMPLETE: ";
}

/* How many times after @i the same was not traced; -1 if it was before, too. */
static int nr_more_shed(const struct model *m, unsigned int i)
{
	const struct model_shed *s = model_shed(m, i), *o;
	unsigned int k;
	int nr = 0;

	for (k = 0; k < model_nr_shed(m); k++) {
		o = model_shed(m, k);
		if (k == i || o->what != s->what || o->cause != s->cause || o->source != s->source)
			continue;
		if (k < i)
			return -1;
		nr++;
	}
	return nr;
}

void text_completeness(const struct model *m, FILE *out)
{
	unsigned int i, nr = 0;
	const struct loss_info *info;
	char buf[SHED_TEXT];
	int more;

	if (model_complete(m)) {
		fputs("complete\n", out);
		return;
	}
	for (i = 0; i < model_nr_loss(m); i++) {
		info = loss_info(i);
		if (model_loss(m, i) && info->is_loss)
			fprintf(out, "%s%s %" PRIu64, next_item(&nr), info->name, model_loss(m, i));
	}
	for (i = 0; i < model_nr_shed(m); i++) {
		const struct model_shed *s = model_shed(m, i);

		more = nr_more_shed(m, i);
		if (more < 0)
			continue;
		fprintf(out, "%s%s", next_item(&nr), shed_text(s, model_source(m, s->source), buf));
		if (more)
			fprintf(out, " (and %d more time%s)", more, more == 1 ? "" : "s");
	}
	for (i = 0; i < model_nr_gaps(m); i++) {
		fputs(next_item(&nr), out);
		sanitize_put_text(out, model_gap(m, i));
	}
	for (i = 0; i < model_nr_sources(m); i++) {
		if (model_source(m, i)->ended)
			continue;
		fprintf(out, "%sthe end of the trace of ", next_item(&nr));
		sanitize_put_text(out, parts_source_name(model_source(m, i)));
		fputs(" is missing", out);
	}
	if (!nr)
		fprintf(out, "%snothing was traced", next_item(&nr));
	fputc('\n', out);
}

char *text_complete(const struct model *m)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	text_completeness(m, mem);
	if (fclose(mem)) {
		free(text);
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}
