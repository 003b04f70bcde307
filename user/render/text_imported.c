// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: a finding that the kernel reported. Like every finding: in plain
 * words first what it means, then the report in the kernel's own order and words,
 * then why it is believed and what is missing. import/ reads this text back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "fmt.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"
#include "text_words.h"

struct ctx {
	const struct finding *f;
	const struct finding_report *r;
	unsigned int width;
	unsigned int held;	/* of the list, in all */
	bool held_told;
	const char *irq;	/* "[HC0[0]:...]", part of the sentence that follows; NULL */
	FILE *out;
};

/* --- in plain words --------------------------------------------------------------------- */

static const char *other_words(const char *subkind)
{
	static const struct { const char *subkind, *words; } table[] = {
		{ "held-lock-freed", "freed memory in which a lock lies that is held" },
		{ "held-at-user-return", "went back to user space with a lock held" },
		{ "nested-lock-not-taken", "nested a lock in one that it did not hold" },
		{ "suspicious-rcu-usage", "read what RCU protects outside of RCU's protection" },
		{ "bad-contention", "waited for a lock that lockdep had not seen it take" },
		{ "workqueue-leak", "ended its work with a lock held" },
		{ "non-static-key", "used a lock that was never initialized; lockdep is off since then" },
		{ "chain-key-collision", "made lockdep mix up two chains of locks; lockdep is off since then" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strcmp(table[i].subkind, subkind))
			return table[i].words;
	}
	return "did something about locks that the kernel does not allow";
}

static void put_circular(const struct ctx *c, FILE *out)
{
	const struct finding_link *l = &c->f->link[0];
	unsigned int i;

	fprintf(out, "%s/%" PRIu32 " was about to take %s", l->task.comm, l->task.tid, l->taken.name);
	if (l->held.name[0])
		fprintf(out, " with %s held", l->held.name);
	fputs("; in another order", out);
	if (c->f->nr_links > 2) {
		fputs(" (", out);
		for (i = 0; i < c->f->nr_links; i++)
			fprintf(out, "%s%s", i ? ", then " : "", c->f->link[i].taken.name);
		fputc(')', out);
	}
	fputs(" they had been taken before. Tasks that do both at the same time wait for one another for ever.",
	      out);
}

/* What the report means. */
static char *summary(const struct ctx *c)
{
	const struct finding_link *l = &c->f->link[0];
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	if (c->f->kind == FINDING_CIRCULAR && c->r->origin == LK_ORIGIN_LOCKDEP) {
		put_circular(c, mem);
	} else if (c->r->origin == LK_ORIGIN_HUNG_TASK) {
		fprintf(mem, "%s/%" PRIu32 " did not get on", l->task.comm, l->task.tid);
		if (l->taken.name[0])
			fprintf(mem, ": it waits for a %s", l->taken.name);
		fputs(strcmp(c->r->subkind, "self-deadlock") ? "." : " that it holds itself, for ever.", mem);
	} else if (c->r->origin == LK_ORIGIN_DEPT) {
		fputs("Waits and the events that end them form a circle: none of them may ever come.", mem);
	} else {
		fprintf(mem, "%s/%" PRIu32 " ", l->task.comm[0] ? l->task.comm : "(a task)", l->task.tid);
		switch (c->f->kind) {
		case FINDING_RECURSIVE:
			fprintf(mem, "was about to take %s with a lock of that class held. If it is the same "
				"lock, the task waits for itself for ever.", l->taken.name);
			break;
		case FINDING_IRQ_INVERSION:
			fprintf(mem, "made an order between %s and a lock that interrupts use or that is taken "
				"with interrupts on. An interrupt at the wrong moment waits for ever.",
				l->taken.name);
			break;
		case FINDING_INCONSISTENT:
			fprintf(mem, "took %s in a way that does not go with an earlier one (%s). An "
				"interrupt at the wrong moment waits for ever.", l->taken.name, c->r->state);
			break;
		case FINDING_BAD_UNLOCK:
			fprintf(mem, "released %s without holding it.", l->taken.name);
			break;
		case FINDING_HELD_AT_EXIT:
			fputs("ended with a lock held. Every task that needs it waits for ever.", mem);
			break;
		case FINDING_WAIT_CONTEXT:
			fprintf(mem, "took %s, which may sleep, where it must not sleep.", l->taken.name);
			break;
		default:
			fprintf(mem, "%s.", other_words(c->r->subkind));
		}
	}
	if (fclose(mem)) {
		free(text);
		return NULL;
	}
	return text;
}

char *text_imported_summary(const struct finding *f)
{
	const struct ctx c = { .f = f, .r = f->report };

	return summary(&c);
}

static int put_head(const struct ctx *c)
{
	const struct finding *f = c->f;
	char *where;
	int err;

	fputc('\n', c->out);
	text_rule(c->width, '=', c->out);
	fputs(c->r->origin == LK_ORIGIN_DEPT ? "DEPT: " : c->r->origin == LK_ORIGIN_HUNG_TASK ? "INFO: " :
	      "WARNING: ", c->out);
	sanitize_put_text(c->out, c->r->title);
	fputc('\n', c->out);
	if (c->r->ident[0]) {
		sanitize_put_text(c->out, c->r->ident);
		fputc('\n', c->out);
	}
	text_rule(c->width, '-', c->out);
	if (asprintf(&where, "%s, %s, confidence %" PRIu32 " %% [%s]: report of the kernel (%s), %s line %" PRIu32,
		     finding_kind_str(f->kind), finding_severity_str(f->severity), f->confidence, f->id,
		     finding_origin_str(c->r->origin), c->r->file, c->r->line) < 0)
		return -ENOMEM;
	err = text_paragraph("", where, c->width, c->out);
	if (!err)
		err = text_paragraph("", summary(c), c->width, c->out);
	fputc('\n', c->out);
	return err;
}

/* --- its parts -------------------------------------------------------------------------- */

/* "<prefix><address> (name){usage}, at: <at>", with the last one on a line of its own if it is too long. */
static int put_lock(const struct ctx *c, const char *prefix, const struct lk_ev_part *p, const char *tail)
{
	char *name = text_safe(p->text), *at = text_safe(p->at), addr[24] = "";
	unsigned int columns;

	if (!name || !at) {
		free(name);
		free(at);
		return -ENOMEM;
	}
	if (p->addr)
		snprintf(addr, sizeof(addr), "%016" PRIx64 " ", p->addr);
	fprintf(c->out, "%s%s(%s)%s%s", prefix, addr, name, p->usage, tail);
	if (at[0]) {
		columns = (unsigned int)(strlen(prefix) + strlen(addr) + strlen(p->usage)) + 2 +
			  fmt_columns(name) + 6 + fmt_columns(at);
		if (c->width && columns > c->width)
			fprintf(c->out, ",\n%*sat: %s", (int)strlen(prefix) + 2, "", at);
		else
			fprintf(c->out, ", at: %s", at);
	}
	fputc('\n', c->out);
	free(name);
	free(at);
	return 0;
}

static const char *acquiring_words(const struct finding *f)
{
	switch (f->kind) {
	case FINDING_CIRCULAR:
	case FINDING_RECURSIVE:
		return "is trying to acquire lock:";
	case FINDING_IRQ_INVERSION:
		return f->report->subkind[0] ? "is trying to acquire:" : "just changed the state of lock:";
	case FINDING_INCONSISTENT:
		return "takes:";
	default:
		return "is trying to lock:";
	}
}

static void put_task(const struct ctx *c)
{
	char *task = text_finding_task(&c->f->link[0].task);

	fputs(task ? task : "?", c->out);
	free(task);
}

static int put_acquiring(struct ctx *c, const struct lk_ev_part *p)
{
	const struct finding *f = c->f;
	bool contend = !strcmp(c->r->subkind, "bad-contention");
	int err;

	if (c->r->state[0] && f->kind == FINDING_INCONSISTENT) {
		fputs("inconsistent ", c->out);
		sanitize_put_text(c->out, c->r->state);
		fputs(" usage.\n", c->out);
	}
	put_task(c);
	if (f->kind == FINDING_BAD_UNLOCK || contend) {
		fprintf(c->out, " is trying to %s lock (", contend ? "contend" : "release");
		sanitize_put_text(c->out, p->text);
		fputs(") at:\n", c->out);
		sanitize_put_text(c->out, p->at);
		fputc('\n', c->out);
		return 0;
	}
	if (c->irq)
		fprintf(c->out, " %s", c->irq);
	c->irq = NULL;
	fprintf(c->out, " %s\n", acquiring_words(f));
	err = put_lock(c, "", p, "");
	return err;
}

static int put_chain_head(const struct ctx *c, const struct lk_ev_part *p)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "\n-> #%" PRIu32 " ", p->num);
	return put_lock(c, prefix, p, ":");
}

static int put_held(struct ctx *c, const struct lk_ev_part *p)
{
	char prefix[32];

	if (!c->held_told) {
		fprintf(c->out, "\n%u lock%s held by ", c->held, c->held == 1 ? "" : "s");
		put_task(c);
		fputs(":\n", c->out);
		c->held_told = true;
	}
	snprintf(prefix, sizeof(prefix), " #%" PRIu32 ": ", p->num);
	return put_lock(c, prefix, p, "");
}

/* A line that begins a section has a blank line above it. */
static bool begins_section(const char *s)
{
	static const char *const words[] = {
		"which lock already", "the existing dependency", "other info", "Chain exists", "Possible ",
		"*** DEADLOCK", "the dependencies", "the shortest", "the first lock", "the second lock",
		"to a ", "but this", "no locks held", "Showing all", "context ",
	};
	unsigned int i;

	s += strspn(s, " \t");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strncmp(s, words[i], strlen(words[i])))
			return true;
	}
	return false;
}

/* As it is, as far as the table of a scenario goes: tabs are columns there. */
static int put_note(struct ctx *c, const struct lk_ev_part *p)
{
	const char *s = p->text;
	unsigned int column = 0;
	char *rest;

	if (!strncmp(s, "[HC", 3)) {
		c->irq = s;
		return 0;
	}
	if (begins_section(s))
		fputc('\n', c->out);
	for (; *s == ' ' || *s == '\t'; s++) {
		unsigned int next = *s == '\t' ? column / 8 * 8 + 8 : column + 1;

		fprintf(c->out, "%*s", (int)(next - column), "");
		column = next;
	}
	rest = text_safe(s);
	if (!rest)
		return -ENOMEM;
	if (column || !c->width || fmt_columns(rest) <= c->width)
		fputs(rest, c->out);
	else
		fmt_put_wrapped(c->out, rest, 0, 2, c->width);
	fputc('\n', c->out);
	free(rest);
	return 0;
}

static int put_line(const struct ctx *c, unsigned int indent, const char *before, const char *text)
{
	fprintf(c->out, "%s%*s", before, (int)indent, "");
	sanitize_put_text(c->out, text);
	fputc('\n', c->out);
	return 0;
}

/* With its address only where nothing else shows that it is one. */
static int put_frame(const struct ctx *c, const struct lk_ev_part *p)
{
	char before[32] = "";

	if (p->addr && (p->text[0] == '(' || !strstr(p->text, "+0x")))
		snprintf(before, sizeof(before), "%*s[<%08" PRIx64 ">] ", TEXT_FRAME_INDENT, "", p->addr);
	return put_line(c, before[0] ? 0 : TEXT_FRAME_INDENT, before, p->text);
}

static int put_part(struct ctx *c, const struct lk_ev_part *p)
{
	/* Elsewhere locks are derived from lines that are notes. */
	bool lockdep = c->r->origin == LK_ORIGIN_LOCKDEP;

	switch (p->role) {
	case LK_PART_ACQUIRING:
		return lockdep ? put_acquiring(c, p) : 0;
	case LK_PART_HOLDING:
		if (!lockdep)
			return 0;
		fputs(c->f->kind == FINDING_IRQ_INVERSION ? "\nand this task is already holding:\n" :
		      "\nbut task is already holding lock:\n", c->out);
		return put_lock(c, "", p, "");
	case LK_PART_OTHER:
		return strcmp(c->r->subkind, "nested-lock-not-taken") ? put_lock(c, " ", p, "") :
									put_line(c, 0, "", p->text);
	case LK_PART_CHAIN:
		return lockdep ? put_chain_head(c, p) : 0;
	case LK_PART_HELD:
		return put_held(c, p);
	case LK_PART_CLASS:
		return p->num ? put_lock(c, "-> ", p, " {") : put_lock(c, " ", p, "");
	case LK_PART_TITLE:
		return put_line(c, p->text[0] == '{' || p->text[0] == '.' ? 0 : 3, "", p->text);
	case LK_PART_BACKTRACE:
		return put_line(c, 0, "\n", p->text);
	case LK_PART_FRAME:
		return put_frame(c, p);
	default:
		return put_note(c, p);
	}
}

/* --- what is missing -------------------------------------------------------------------- */

static void put_missing(const struct ctx *c)
{
	unsigned int i, n = 0;

	if (c->r->lacks)
		fputs("\nPartial: the text has no ", c->out);
	for (i = 0; finding_lacks_str(i); i++) {
		if (c->r->lacks >> i & 1)
			fprintf(c->out, "%s%s", n++ ? ", " : "", finding_lacks_str(i));
	}
	if (n)
		fputs(".\n", c->out);
	if (c->r->skipped)
		fprintf(c->out, "\n%" PRIu32 " line%s inside of it belong%s to something else.\n", c->r->skipped,
			c->r->skipped == 1 ? "" : "s", c->r->skipped == 1 ? "s" : "");
}

int text_imported(const struct finding *f, unsigned int width, FILE *out)
{
	struct ctx c = { .f = f, .r = f->report, .width = width, .out = out };
	unsigned int i;
	int err = put_head(&c);

	for (i = 0; i < c.r->nr_parts; i++)
		c.held += c.r->part[i].role == LK_PART_HELD;
	for (i = 0; i < c.r->nr_parts && !err; i++)
		err = put_part(&c, &c.r->part[i]);
	if (!err)
		err = text_why(f, width, out);
	if (!err)
		put_missing(&c);
	return err;
}
