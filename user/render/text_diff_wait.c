// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: the waits of a comparison that differ, each with its figures of now and of
 * before and with how sure it is.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fmt.h"
#include "parts.h"
#include "text.h"
#include "text_diff.h"
#include "text_finding.h"

#define LABEL	10	/* columns before the figures */

/* "&mm->mmap_lock, rwsem:R, do_user_addr_fault", malloc'ed, untrusted; NULL = no memory. */
static char *title(const struct diff *d, const struct diff_wait *w)
{
	const struct view_row *r = w->row[DIFF_NOW] ? w->row[DIFF_NOW] : w->row[DIFF_BEFORE];
	const char *name = diff_wait_text(d, w, VIEW_CALLER);
	char *caller = name ? parts_caller(name, r->caller_module) : NULL, *text = NULL;
	const char *const part[] = { diff_wait_text(d, w, VIEW_LOCK), diff_wait_text(d, w, VIEW_TYPE),
				     caller, diff_wait_text(d, w, VIEW_CGROUP),
				     diff_wait_text(d, w, VIEW_CTX) };
	unsigned int i, nr = 0;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (part[i])
			fprintf(mem, "%s%s", nr++ ? ", " : "", part[i]);
	free(caller);
	if (!fclose(mem))
		return text;
	free(text);
	return NULL;
}

/* "slower, more often" */
static void put_verdict(const struct diff_wait *w, FILE *out)
{
	int length = w->length.verdict ? w->length.verdict : w->tail.verdict, rate = w->rate.verdict;

	if (length)
		fputs(length > 0 ? "slower" : "faster", out);
	if (rate)
		fprintf(out, "%s%s", length ? ", " : "", !w->row[DIFF_BEFORE] ? "new" :
			!w->row[DIFF_NOW] ? "gone" : rate > 0 ? "more often" : "less often");
}

static void put_figures(const struct diff *d, unsigned int side, const struct view_row *r, FILE *out)
{
	uint64_t ns = d->side[side].duration_ns, lost;
	const uint64_t figure[] = { r ? parts_avg_ns(r) : 0, r ? r->p50_ns : 0, r ? r->p95_ns : 0,
				    r ? r->p99_ns : 0 };
	char buf[FMT_LEN];
	unsigned int i;

	fprintf(out, "    %-*s", LABEL - 4, side == DIFF_NOW ? "now" : "before");
	if (!r) {
		fprintf(out, "%9s\n", "-");
		return;
	}
	lost = ns ? (uint64_t)((double)r->total_ns / (double)ns * 1e9) : 0;
	fprintf(out, "%9s", ns < 1000000000000 && r->count < 1000000000 ?
		fmt_ratio(r->count * 1000000000, ns, buf) : fmt_ratio(r->count, ns / 1000000000, buf));
	fprintf(out, " %9s", fmt_ns(lost, buf));
	for (i = 0; i < sizeof(figure) / sizeof(figure[0]); i++)
		fprintf(out, " %9s", figure[i] ? fmt_ns(figure[i], buf) : "-");
	fputc('\n', out);
}

/* "99.97 %", rounded down: nothing is certain. */
static void put_confidence(const struct diff_test *t, FILE *out)
{
	uint32_t ppm = parts_test_ppm(t);

	if (ppm >= 999900)
		fputs(" (confidence over 99.99 %)", out);
	else
		fprintf(out, " (confidence %u.%02u %%)", ppm / 10000, ppm % 10000 / 100);
}

static void put_rate(const struct diff_wait *w, FILE *out)
{
	if (!w->row[DIFF_BEFORE])
		fputs("there were none before", out);
	else if (!w->row[DIFF_NOW])
		fputs("there are none now", out);
	else
		fprintf(out, "%.3g times as many a second", w->rate.effect);
	put_confidence(&w->rate, out);
}

static void put_length(const struct diff_wait *w, FILE *out)
{
	bool longer = w->length.verdict > 0;

	fprintf(out, "a wait of now is %s than one of before in %.0f of 100 pairs",
		longer ? "longer" : "shorter", 100 * (longer ? w->length.effect : 1 - w->length.effect));
	put_confidence(&w->length, out);
}

static void put_tail(const struct diff_wait *w, FILE *out)
{
	if (!isfinite(w->tail.effect))
		fputs("all of the longest 5 % are of now", out);
	else if (w->tail.effect > 0)
		fprintf(out, "%.3g times as many are among the longest 5 %%", w->tail.effect);
	else
		fputs("all of the longest 5 % are of before", out);
	put_confidence(&w->tail, out);
}

static int put_evidence(const struct diff_wait *w, const struct render_opts *opts, FILE *out)
{
	static void (*const put[])(const struct diff_wait *w, FILE *out) = {
		put_length, put_tail, put_rate,
	};
	const int verdict[] = { w->length.verdict, w->tail.verdict, w->rate.verdict };
	char *text = NULL;
	size_t size;
	unsigned int i, nr = 0;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	for (i = 0; i < 3; i++) {
		if (!verdict[i])
			continue;
		fputs(nr++ ? "; " : "", mem);
		put[i](w, mem);
	}
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	return text_paragraph("    ", text, opts->width, out);
}

static int put_wait(const struct diff *d, const struct diff_wait *w, const struct render_opts *opts,
		    FILE *out)
{
	char *name = title(d, w), *text = NULL;
	size_t size;
	FILE *mem = name ? open_memstream(&text, &size) : NULL;
	int err = -ENOMEM;

	if (mem) {
		put_verdict(w, mem);
		fprintf(mem, ": %s", name);
		err = fclose(mem) ? -ENOMEM : 0;
	}
	free(name);
	if (err) {
		free(text);
		return err;
	}
	err = text_paragraph("  ", text, opts->width, out);
	put_figures(d, DIFF_NOW, w->row[DIFF_NOW], out);
	put_figures(d, DIFF_BEFORE, w->row[DIFF_BEFORE], out);
	return err ? err : put_evidence(w, opts, out);
}

/* How many rows differ, and what could not be tested. */
static int put_summary(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	unsigned int i, n = 0;
	char *text;

	for (i = 0; i < d->nr_waits; i++)
		n += !d->wait[i].rate.done;
	if (asprintf(&text, "Waits: %u of %u row%s differ%s; at most %.0f %% of such verdicts are by chance",
		     d->nr_verdicts, d->nr_waits, d->nr_waits == 1 ? "" : "s",
		     d->nr_verdicts == 1 ? "s" : "", 100 * DIFF_LEVEL) < 0)
		text = NULL;
	fputc('\n', out);
	if (text_paragraph("", text, opts->width, out))
		return -ENOMEM;
	if (d->nr_rare)
		fprintf(out, "  too rare to tell: %u\n", d->nr_rare);
	if (n)
		fprintf(out, "  how often not compared, as the trace with fewer may lack some: %u\n", n);
	return 0;
}

int text_diff_waits(const struct diff *d, const struct render_opts *opts, FILE *out)
{
	unsigned int i, nr = d->nr_verdicts;
	int err = 0;

	if (!d->nr_waits)
		return 0;
	if (opts->view.entries && nr > opts->view.entries)
		nr = opts->view.entries;
	err = put_summary(d, opts, out);
	if (nr)
		fprintf(out, "%*s%9s %9s %9s %9s %9s %9s\n", LABEL, "", "WAITS/S", "LOST/S", "AVG", "P50",
			"P95", "P99");
	for (i = 0; i < nr && !err; i++)
		err = put_wait(d, &d->wait[i], opts, out);
	text_diff_more(opts, d->nr_verdicts, out);
	return err;
}
