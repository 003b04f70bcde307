// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: known bugs that were looked for (--expect), each with its links and what
 * was seen of them here.
 */
#include "text_expect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "formats.h"
#include "parts.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"

#define MARK	"     "		/* in front of what is said of a bug */

/* "possible circular locking dependency detected (bug.txt, line 12)", or "finding 1a2b, circular". */
static void put_name(const struct expect_bug *b, FILE *out)
{
	const struct finding_report *r = b->known->report;

	if (!r) {
		fprintf(out, "finding %s, %s", b->known->id, finding_kind_str(b->known->kind));
		return;
	}
	sanitize_put_text(out, b->title);
	fputs(" (", out);
	sanitize_put_text(out, b->file);
	fprintf(out, ", line %" PRIu32 ")", r->line);
}

/* The name in the report, and today's if that is not the same. */
static void put_lock(const struct expect_lock *l, FILE *mem)
{
	fputs(l->name, mem);
	if (!strstr(l->name, l->today))
		fprintf(mem, " (today %s)", l->today);
}

static void put_seen(const struct model *m, const struct expect_link *l, FILE *mem)
{
	struct model_edge e;
	char buf[FMT_LEN];

	if (l->edge >= model_nr_edges(m)) {
		fputs("seen: see the findings", mem);
		return;
	}
	e = model_edge(m, l->edge);
	if (e.listed) {
		fputs("seen by lockdep, which lists it", mem);
		return;
	}
	fprintf(mem, "seen %s%s, by %s", e.count > 1 ? fmt_count(e.count, buf) : "once",
		e.count > 1 ? " times" : "", e.tasks > 1 ? "several tasks" : "one task");
}

static void put_indirect(const struct model *m, const struct expect_link *l, FILE *mem)
{
	unsigned int i;

	fputs("indirect", mem);
	for (i = 0; i < l->nr_via; i++)
		fprintf(mem, "%s %s", i ? "," : ", by way of", model_class(m, l->via[i]).name);
	if (!l->nr_via && (l->held->class == UINT32_MAX || l->taken->class == UINT32_MAX))
		fputs(": the locks around it were seen in this order", mem);
}

static void put_unseen(const struct expect_link *l, FILE *mem)
{
	bool held = l->held->class != UINT32_MAX, taken = l->taken->class != UINT32_MAX;

	fputs("not seen", mem);
	if (l->held == l->taken)
		fputs(taken ? ": never twice by one task" : ": no such lock was", mem);
	else if (held && taken)
		fputs(": both locks were, but never in this order", mem);
	else if (held || taken)
		fprintf(mem, ": no lock %s was", held ? l->taken->today : l->held->today);
	else
		fputs(": neither of the locks was", mem);
}

static int put_link(const struct model *m, const struct expect_link *l, unsigned int width, FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	put_lock(l->held, mem);
	fputs(" -> ", mem);
	put_lock(l->taken, mem);
	fputs(": ", mem);
	if (l->state == EXPECT_LINK_SEEN)
		put_seen(m, l, mem);
	else if (l->state == EXPECT_LINK_INDIRECT)
		put_indirect(m, l, mem);
	else
		put_unseen(l, mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	return text_paragraph(l->state == EXPECT_LINK_UNSEEN ? MARK "- " : MARK "+ ", text, width, out);
}

/* What the state means for whoever runs this host. */
static const char *meaning(const struct expect_bug *b)
{
	switch (b->state) {
	case EXPECT_COMPLETE:
		return "this host is exposed: the whole circle of locks occurs here";
	case EXPECT_AT_RISK:
		return "this host may be exposed: a function of that bug is entered with a lock of it held";
	case EXPECT_PARTLY:
		return b->nr_seen < b->nr_links ? "a part of the circle occurs here" :
		       "all orders occur here, but not so that they could deadlock: under a common lock, by "
		       "one task, or by readers";
	case EXPECT_UNSEEN:
		return "nothing of it was seen here";
	case EXPECT_NO_CYCLE:
		break;
	}
	return "the report has no circle of locks that could be looked for";
}

static int put_watch(const struct model *m, const struct expect_bug *b, unsigned int width, FILE *out)
{
	char *text;

	if (!b->watch)
		return 0;
	if (asprintf(&text, "%s() was entered with %s held", b->watch, model_class(m, b->watch_class).name) < 0)
		text = NULL;
	return text_paragraph(MARK "! ", text, width, out);
}

static int put_bug(const struct model *m, const struct expect_bug *b, unsigned int nr,
		   const struct render_opts *opts, FILE *out)
{
	bool more = b->state > EXPECT_UNSEEN || opts->verbose;	/* of most there is nothing to say */
	unsigned int i;
	int err = 0;

	fprintf(out, "  %2u. %s: ", nr, expect_state_str(b->state));
	put_name(b, out);
	fputc('\n', out);
	if (more)
		err = text_paragraph(MARK, strdup(meaning(b)), opts->width, out);
	if (!err && b->found)
		fprintf(out, MARK "= finding %s: %s\n", b->found->id, finding_severity_str(b->found->severity));
	for (i = 0; more && i < b->nr_links && !err; i++)
		err = put_link(m, &b->link[i], opts->width, out);
	return err ? err : put_watch(m, b, opts->width, out);
}

/* How many, and how many of them in which state. */
static void put_title(const struct expect *e, FILE *out)
{
	unsigned int i, n, parts = 0;
	int state;

	fprintf(out, "\n%u known bug%s looked for", expect_nr(e), expect_nr(e) == 1 ? "" : "s");
	for (state = EXPECT_COMPLETE; state >= EXPECT_NO_CYCLE; state--) {
		for (i = n = 0; i < expect_nr(e); i++)
			n += expect_bug(e, i)->state == (enum expect_state)state;
		if (n)
			fprintf(out, "%s%u %s", parts++ ? ", " : ": ", n,
				expect_state_str((enum expect_state)state));
	}
	fputc('\n', out);
}

int text_expect(const struct model *m, const struct render_opts *opts, FILE *out)
{
	const struct expect *e = opts->expect;
	unsigned int i;
	int state, err = 0;

	if (!e)
		return 0;
	put_title(e, out);
	if (!parts_order_traced(m))
		fputs("The order of locks was not traced: nothing of them can have been seen.\n", out);
	for (state = EXPECT_COMPLETE; state >= EXPECT_NO_CYCLE; state--)
		for (i = 0; i < expect_nr(e) && !err; i++)
			if (expect_bug(e, i)->state == (enum expect_state)state)
				err = put_bug(m, expect_bug(e, i), i + 1, opts, out);
	return err;
}

int text_expect_event(const struct model *m, unsigned int i, const struct render_opts *opts, FILE *out)
{
	const struct expect_bug *b = expect_bug(opts->expect, i);
	int err = 0;

	fprintf(out, "known bug %u of %u, %u of %u links seen%s", i + 1, expect_nr(opts->expect), b->nr_seen,
		b->nr_links, b->state >= EXPECT_AT_RISK ? ":\n" : ": ");
	if (b->state >= EXPECT_AT_RISK) {
		err = put_bug(m, b, i + 1, opts, out);
	} else {
		put_name(b, out);
	}
	fputc('\n', out);
	return err ? err : parts_flush(out);
}
