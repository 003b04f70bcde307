// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: a comparison. What was compared with what and what could not be, findings,
 * waits (text_diff_wait.c), the lock order; last the completeness of both.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "fmt.h"
#include "parts.h"
#include "parts_finding.h"
#include "text.h"
#include "text_diff.h"
#include "text_finding.h"
#include "text_words.h"

/* --- head ----------------------------------------------------------------------------------- */

static int put_note(const struct render_opts *opts, FILE *out, char *text)
{
	return text_paragraph("  ", text, opts->width, out);
}

static char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return n < 0 ? NULL : text;
}

static const char *side_name(unsigned int side)
{
	return side == DIFF_NOW ? "now" : "before";
}

static int put_lengths(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	char now[FMT_LEN], before[FMT_LEN];
	uint64_t a = d->side[DIFF_NOW].duration_ns, b = d->side[DIFF_BEFORE].duration_ns;

	if (a >= b - b / 10 && b >= a - a / 10)
		return 0;
	return put_note(opts, out, format("Now is %s, before was %s: waits are compared per second; orders and "
					  "findings that the shorter one lacks may only have had no time.",
					  fmt_ns(a, now), fmt_ns(b, before)));
}

static int put_tiers(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	const bool *now = d->side[DIFF_NOW].traced, *before = d->side[DIFF_BEFORE].traced;
	static const struct { enum diff_tier tier; const char *what; } tiers[] = {
		{ DIFF_CONTENTION, "Waits" }, { DIFF_ORDER, "Classes and orders (tier order)" },
		{ DIFF_LOCKDEP, "Classes and orders (tier lockdep)" },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(tiers) / sizeof(tiers[0]) && !err; i++) {
		enum diff_tier t = tiers[i].tier;

		if (now[t] != before[t])
			err = put_note(opts, out, format("%s are not compared: they were not traced %s.",
							 tiers[i].what, side_name(now[t])));
	}
	return err;
}

static int put_limits(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	unsigned int i;
	int err = 0;

	if (d->side[DIFF_NOW].filtered != d->side[DIFF_BEFORE].filtered)
		err = put_note(opts, out, format("The trace of %s was limited, as said above: it may lack "
						 "what the other one has.",
						 side_name(!d->side[DIFF_NOW].filtered)));
	for (i = 0; i < DIFF_SIDES && !err; i++)
		if (d->side[i].lossy_order || d->side[i].lossy_waits || d->side[i].lost_waits)
			err = put_note(opts, out, format("The trace of %s is incomplete: it may lack what "
							 "the other one has.", side_name(i)));
	return err;
}

static int put_head(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	int err;

	text_head(d->side[DIFF_NOW].m, out);
	fputs("compared with\n", out);
	text_head(d->side[DIFF_BEFORE].m, out);
	err = put_lengths(d, opts, out);
	if (!err)
		err = put_tiers(d, opts, out);
	return err ? err : put_limits(d, opts, out);
}

/* --- lists ---------------------------------------------------------------------------------- */

static const char *state_words(enum diff_state state)
{
	static const char *const words[] = {
		[DIFF_NEW] = "new", [DIFF_GONE] = "gone", [DIFF_CHANGED] = "changed",
		[DIFF_MAYBE_NEW] = "perhaps new", [DIFF_MAYBE_GONE] = "perhaps gone",
	};

	return words[state];
}

/* What all lists have: the beginning of their elements. */
struct stated {
	enum diff_state state;
	unsigned int doubt;
};
_Static_assert(offsetof(struct diff_finding, doubt) == offsetof(struct stated, doubt) &&
	       offsetof(struct diff_edge, doubt) == offsetof(struct stated, doubt) &&
	       offsetof(struct diff_class, doubt) == offsetof(struct stated, doubt), "see struct stated");

struct list {
	const void *v;
	size_t size;		/* of an element */
	unsigned int nr;
};

static const struct stated *nth(const struct list *l, unsigned int i)
{
	return (const struct stated *)(const void *)((const char *)l->v + i * l->size);
}

/* "  perhaps gone, as the trace of now was shorter and lost events:", of all elements together. */
static void put_doubts(const struct list *l, enum diff_state state, FILE *out)
{
	static const char *const words[] = { "was shorter", "lost events", "sees less of such locks",
					     "was limited" };
	unsigned int i, doubt = 0, nr = 0;

	for (i = 0; i < l->nr; i++)
		doubt |= nth(l, i)->state == state ? nth(l, i)->doubt : 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(doubt >> i & 1))
			continue;
		if (!nr++)
			fprintf(out, "  %s, as the trace of %s ", state_words(state),
				side_name(state == DIFF_MAYBE_NEW));
		else
			fputs(" and ", out);
		fputs(words[i], out);
	}
	fputs(nr ? "\n" : "", out);
}

/* "Orders: 2 new, 1 gone", and what speaks against it. */
static void put_title(const char *what, const struct list *l, FILE *out)
{
	static const enum diff_state order[] = { DIFF_NEW, DIFF_MAYBE_NEW, DIFF_CHANGED, DIFF_GONE,
						 DIFF_MAYBE_GONE };
	unsigned int i, k, n, parts = 0;
	char buf[FMT_LEN];

	if (!l->nr)
		return;
	fprintf(out, "\n%s: ", what);
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (i = n = 0; i < l->nr; i++)
			n += nth(l, i)->state == order[k];
		if (n)
			fprintf(out, "%s%s %s", parts++ ? ", " : "", fmt_group(n, buf),
				state_words(order[k]));
	}
	fputc('\n', out);
	put_doubts(l, DIFF_MAYBE_NEW, out);
	put_doubts(l, DIFF_MAYBE_GONE, out);
}

static unsigned int shown(const struct render_opts *opts, unsigned int nr)
{
	return opts->view.entries && nr > opts->view.entries ? opts->view.entries : nr;
}

void text_diff_more(const struct render_opts *opts, unsigned int nr, FILE *out)
{
	unsigned int rest = nr - shown(opts, nr);

	if (rest)
		fprintf(out, "  %u more: -E 0 shows all\n", rest);
}

/* --- findings ------------------------------------------------------------------------------- */

static int put_change(const struct diff_finding *e, const struct render_opts *opts, FILE *out)
{
	const struct finding *f = e->f[DIFF_NOW] ? e->f[DIFF_NOW] : e->f[DIFF_BEFORE];
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	int err;

	if (!mem)
		return -ENOMEM;
	fprintf(mem, "%s: ", state_words(e->state));
	if (e->state == DIFF_CHANGED)
		fprintf(mem, "was %s, ", finding_severity_str(e->f[DIFF_BEFORE]->severity));
	err = text_finding_line(f, e->state == DIFF_CHANGED, mem);
	if (fclose(mem) || err) {
		free(text);
		return -ENOMEM;
	}
	text[strcspn(text, "\n")] = '\0';
	err = text_paragraph("  ", text, opts->width, out);
	return err ? err : text_paragraph("      ", text_words_locks(f), opts->width, out);
}

static int put_finding(const struct diff *d, const struct diff_finding *e,
		       const struct render_opts *opts, FILE *out)
{
	if (e->f[DIFF_BEFORE])
		return put_change(e, opts, out);
	return text_finding(d->side[DIFF_NOW].m, e->f[DIFF_NOW], opts->width, out);
}

static int put_findings(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	const struct list list = { d->finding, sizeof(*d->finding), d->nr_findings };
	unsigned int i;
	int err = 0;

	put_title("Findings", &list, out);
	for (i = 0; i < shown(opts, d->nr_findings) && !err; i++)
		err = put_finding(d, &d->finding[i], opts, out);
	text_diff_more(opts, d->nr_findings, out);
	return err;
}

/* --- order ---------------------------------------------------------------------------------- */

static void put_kinds(const struct diff_strength *s, FILE *out)
{
	static const char *const names[] = { "SR", "ER", "SN", "EN" };
	unsigned int i, nr = 0;

	if (s->listed)
		fputs("listed", out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !s->listed; i++)
		if (s->dep >> i & 1)
			fprintf(out, "%s%s", nr++ ? " " : "", names[i]);
	fputs(s->completion ? " completion" : "", out);
}

static void put_edge(const struct diff_edge *e, FILE *out)
{
	bool nesting = !strcmp(e->from, e->to);

	fprintf(out, "%s -> %s%s", e->from, e->to, nesting ? ", another instance" : "");
	if (e->state == DIFF_CHANGED) {
		fputs(": now ", out);
		put_kinds(&e->in[DIFF_NOW], out);
		fputs(", before ", out);
		put_kinds(&e->in[DIFF_BEFORE], out);
	}
}

static void put_class(const struct diff_class *e, FILE *out)
{
	fprintf(out, "%s, %s", e->name, e->type);
}

/* What @put writes about element @e, behind its state. */
static int put_line(const struct diff_class *c, const struct diff_edge *e,
		    const struct render_opts *opts, FILE *out)
{
	char *text = NULL, mark[24];
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	if (c)
		put_class(c, mem);
	else
		put_edge(e, mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	snprintf(mark, sizeof(mark), "  %-12s  ", state_words(c ? c->state : e->state));
	return text_paragraph(mark, text, opts->width, out);
}

static int put_order(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	const struct list edges = { d->edge, sizeof(*d->edge), d->nr_edges };
	const struct list classes = { d->class, sizeof(*d->class), d->nr_classes };
	unsigned int i;
	int err = 0;

	put_title("Orders", &edges, out);
	for (i = 0; i < shown(opts, d->nr_edges) && !err; i++)
		err = put_line(NULL, &d->edge[i], opts, out);
	text_diff_more(opts, d->nr_edges, out);
	put_title("Classes of locks", &classes, out);
	for (i = 0; i < shown(opts, d->nr_classes) && !err; i++)
		err = put_line(&d->class[i], NULL, opts, out);
	text_diff_more(opts, d->nr_classes, out);
	return err;
}

/* --- all ------------------------------------------------------------------------------------ */

static void put_same_count(unsigned int n, const char *what, const char *ending, unsigned int *nr, FILE *out)
{
	char buf[FMT_LEN];

	if (n)
		fprintf(out, "%s%s %s%s", (*nr)++ ? ", " : " (the same: ", fmt_group(n, buf), what,
			n == 1 ? "" : ending);
}

/* One line that nobody needs to read twice. */
static int put_same(const struct diff *d, unsigned int sections, const struct render_opts *opts,
		    FILE *out)
{
	char *text = NULL, buf[FMT_LEN];
	unsigned int nr = 0;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	fputs("no difference", mem);
	if (sections & RENDER_FINDINGS)
		put_same_count(d->same_findings, "finding", "s", &nr, mem);
	if (sections & RENDER_CONTENTION)
		put_same_count(d->nr_waits, d->nr_waits == 1 ? "row of waits" : "rows of waits", "", &nr, mem);
	if (sections & RENDER_CONTENTION && d->nr_rare)
		fprintf(mem, " of which %s too rare to tell", fmt_group(d->nr_rare, buf));
	if (sections & RENDER_ORDER) {
		put_same_count(d->same_edges, "order", "s", &nr, mem);
		put_same_count(d->same_classes, "class", "es", &nr, mem);
	}
	fputs(nr ? ")" : "", mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	return text_paragraph("", text, opts->width, out);
}

static void put_completeness(const struct diff *d, FILE *out)
{
	unsigned int i;

	fputc('\n', out);
	if (model_complete(d->side[DIFF_NOW].m) && model_complete(d->side[DIFF_BEFORE].m)) {
		fputs("complete\n", out);
		return;
	}
	for (i = 0; i < DIFF_SIDES; i++) {
		fprintf(out, "%s: ", side_name(i));
		text_completeness(d->side[i].m, out);
	}
}

int text_diff(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	unsigned int sections = parts_diff_sections(opts);
	bool any = (sections & RENDER_FINDINGS && d->nr_findings) ||
		   (sections & RENDER_CONTENTION && d->nr_verdicts) ||
		   (sections & RENDER_ORDER && (d->nr_edges || d->nr_classes));
	int err = put_head(d, opts, out);

	if (!err && !any)
		err = put_same(d, sections, opts, out);
	if (!err && sections & RENDER_FINDINGS)
		err = put_findings(d, opts, out);
	if (!err && sections & RENDER_FINDINGS)
		err = text_suppressed(d->side[DIFF_NOW].m, opts, out);
	if (!err && any && sections & RENDER_CONTENTION)
		err = text_diff_waits(d, opts, out);
	if (!err && sections & RENDER_ORDER)
		err = put_order(d, opts, out);
	if (err)
		return err;
	put_completeness(d, out);
	return parts_flush(out);
}
