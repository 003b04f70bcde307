// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: one finding in full. In plain words first what would hang and
 * who; then in lockdep's order (print_circular_bug() and its neighbours in
 * kernel/locking/lockdep.c), which kernel developers read fluently; then what
 * lockdep does not have: why it is believed, how often, how close.
 */
#include "text_finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "parts.h"
#include "parts_finding.h"
#include "text.h"
#include "text_words.h"

struct ctx {
	const struct model *m;
	const struct finding *f;
	unsigned int width;
	FILE *out;
};

/* "web1, Linux 6.12.57, [ 1003.210000], 3.21 s into the trace" */
static void put_when(const struct ctx *c)
{
	const struct model_source *s = model_source(c->m, c->f->link[0].source);
	char buf[FMT_LEN];

	sanitize_put_text(c->out, parts_source_name(s));
	if (s->kernel[0]) {
		fputs(", Linux ", c->out);
		sanitize_put_text(c->out, s->kernel);
	}
	fputs(", ", c->out);
	text_kernel_time(c->f->first_seen_ns, c->out);
	if (c->f->first_seen_ns >= s->start_ns)
		fprintf(c->out, ", %s into the trace", fmt_ns(c->f->first_seen_ns - s->start_ns, buf));
	fputc('\n', c->out);
}

static int put_head(const struct ctx *c)
{
	const struct finding *f = c->f;

	fputc('\n', c->out);
	text_rule(c->width, '=', c->out);
	fprintf(c->out, "WARNING: %s, %s, confidence %" PRIu32 " %% [%s]\n",
		parts_finding_title(f->kind), finding_severity_str(f->severity), f->confidence, f->id);
	put_when(c);
	text_rule(c->width, '-', c->out);
	return text_paragraph("", text_words_summary(c->m, f), c->width, c->out);
}

/* --- what the task does ----------------------------------------------------------------- */

static int put_sentence(const struct ctx *c, const struct finding_task *t, const char *words)
{
	char *task = text_finding_task(t);

	if (!task)
		return -ENOMEM;
	fprintf(c->out, "\n%s %s\n", task, words);
	free(task);
	return 0;
}

static int put_taken(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	char *at;
	int err = parts_link_taken_at(c->m, l, &at);

	if (!err)
		err = text_lock_line(" ", &l->taken, at, c->width, c->out);
	free(at);
	return err;
}

static int put_held(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	char *at;
	int err = parts_link_held_at(c->m, l, &at);

	if (!err)
		err = text_lock_line(" ", &l->held, at, c->width, c->out);
	free(at);
	return err;
}

/* "is trying to acquire lock: ... but task is already holding lock: ..." */
static int put_conflict(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	bool completes = l->order_flags & LK_ORDER_COMPLETION;
	int err;

	err = put_sentence(c, &l->task, text_is_wait(&l->taken) ? "is about to wait for:" :
						"is trying to acquire lock:");
	if (!err)
		err = put_taken(c);
	if (err)
		return err;
	fputs(completes ? "\nbut others wait until this task, after that, completes:\n" :
			  "\nbut task is already holding lock:\n", c->out);
	return put_held(c);
}

/* A release or an exit that must not happen. */
static int put_odd(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	bool exits = c->f->kind == FINDING_HELD_AT_EXIT;
	char *at;
	int err;

	err = put_sentence(c, &l->task, exits ? "ends, but still holds lock:" :
						"is trying to release lock:");
	if (err)
		return err;
	err = parts_link_taken_at(c->m, l, &at);
	if (!err)
		err = text_lock_line(" ", parts_finding_lock(c->f), at, c->width, c->out);
	free(at);
	if (!err && !exits)
		fputs("\nbut task does not hold it.\n", c->out);
	return err;
}

/* --- stacks ----------------------------------------------------------------------------- */

static int put_stack(const struct ctx *c, const struct finding_link *l)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, first, end;
	char *text;

	nr = l->stack == LK_STACK_NONE ? 0 : model_stack(c->m, l->source, l->stack, frame, &first);
	if (!nr) {
		fprintf(c->out, "%*s(stack not known)\n", TEXT_FRAME_INDENT, "");
		return 0;
	}
	first = first < nr ? first : 0;
	end = nr - first > TEXT_FRAMES_MAX ? first + TEXT_FRAMES_MAX : nr;
	for (i = first; i < end; i++) {
		text = parts_frame(&frame[i]);
		if (!text)
			return -ENOMEM;
		fprintf(c->out, "%*s", TEXT_FRAME_INDENT, "");
		sanitize_put_text(c->out, text);
		fputc('\n', c->out);
		free(text);
	}
	if (end < nr)
		fprintf(c->out, "%*s... %u more frames\n", TEXT_FRAME_INDENT, "", nr - end);
	return 0;
}

static int put_chain(const struct ctx *c)
{
	const struct finding *f = c->f;
	unsigned int i;
	char *lock;
	int err = 0;

	fputs("\nwhich lock already depends on the new lock.\n\n"
	      "the existing dependency chain (in reverse order) is:\n", c->out);
	for (i = f->nr_links; i-- && !err;) {
		lock = text_lock(&f->link[i].taken);
		if (!lock)
			return -ENOMEM;
		fprintf(c->out, "\n-> #%u %s:\n", i, lock);
		free(lock);
		err = text_paragraph("   ", text_words_link(c->m, f, i), c->width, c->out);
		if (!err)
			err = put_stack(c, &f->link[i]);
	}
	return err;
}

static void put_name(const char *name, const char *before, FILE *out)
{
	fprintf(out, "%s%.*s", before, parts_short_len(name), name);
}

/* "Chain exists of: a --> b --> c": each is held while the next one is taken. */
static int put_chain_exists(const struct ctx *c)
{
	const struct finding *f = c->f;
	char *text = NULL;
	size_t size;
	FILE *mem;
	unsigned int i;

	if (f->nr_links < 3)
		return 0;
	mem = open_memstream(&text, &size);
	if (!mem)
		return -ENOMEM;
	for (i = 0; i < f->nr_links; i++)
		put_name(f->link[i].taken.name, i ? " --> " : "", mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	fputs("\nChain exists of:\n", c->out);
	return text_paragraph("  ", text, c->width, c->out);
}

/* Everything the task held at that moment. */
static int put_held_list(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	char *task = text_finding_task(&l->task), *at, prefix[24];
	unsigned int i;
	int err = 0;

	if (!task)
		return -ENOMEM;
	if (l->nr_all)
		fprintf(c->out, "\n%u lock%s held by %s:\n", l->nr_all, l->nr_all == 1 ? "" : "s",
			task);
	else
		fprintf(c->out, "\nno locks held by %s.\n", task);
	free(task);
	for (i = 0; i < l->nr_all && !err; i++) {
		snprintf(prefix, sizeof(prefix), " #%u: ", i);
		err = parts_site(c->m, l->source, l->all[i].site, LK_STACK_NONE, &at);
		if (!err)
			err = text_lock_line(prefix, &l->all[i], at, c->width, c->out);
		free(at);
	}
	if (!err && l->order_flags & LK_ORDER_OVERFLOW)
		fputs(" and more than could be followed\n", c->out);
	return err;
}

/* --- what lockdep does not have --------------------------------------------------------- */

int text_why(const struct finding *f, unsigned int width, FILE *out)
{
	unsigned int i;
	int err = 0;

	if (f->nr_why)
		fprintf(out, "\nWhy %s:\n", finding_severity_str(f->severity));
	for (i = 0; i < f->nr_why && !err; i++)
		err = text_paragraph(" - ", strdup(f->why[i]), width, out);
	return err;
}

static void put_counts(const struct ctx *c)
{
	const struct finding *f = c->f;
	char buf[FMT_LEN];

	if (f->count > 1)
		fprintf(c->out, "\nSeen %s times", fmt_group(f->count, buf));
	else
		fputs("\nSeen once", c->out);
	if (f->last_seen_ns > f->first_seen_ns)
		fprintf(c->out, ", last %s after the first",
			fmt_ns(f->last_seen_ns - f->first_seen_ns, buf));
	fputs(f->tier == LK_TIER_LOCKDEP ? " (tier lockdep).\n" : ".\n", c->out);
}

int text_finding(const struct model *m, const struct finding *f, unsigned int width, FILE *out)
{
	const struct ctx c = { .m = m, .f = f, .width = width, .out = out };
	bool odd = f->kind == FINDING_BAD_UNLOCK || f->kind == FINDING_HELD_AT_EXIT;
	bool circular = f->nr_links > 1;
	int err;

	if (f->report)
		return text_imported(f, width, out);
	err = put_head(&c);
	if (!err)
		err = odd ? put_odd(&c) : put_conflict(&c);
	if (!err && circular)
		err = put_chain(&c);
	if (err)
		return err;
	if (!odd || f->link[0].nr_all)
		fputs("\nother info that might help us debug this:\n", out);
	err = put_chain_exists(&c);
	if (!err && !odd)
		err = text_scenario(f, width, out);
	if (!err && (!odd || f->link[0].nr_all))
		err = put_held_list(&c);
	if (!err && !circular) {
		fputs("\nstack backtrace:\n", out);
		err = put_stack(&c, &f->link[0]);
	}
	if (!err)
		err = text_why(f, width, out);
	if (!err)
		put_counts(&c);
	return err;
}
