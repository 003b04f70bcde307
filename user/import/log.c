// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel logs: finds where a report begins and ends, collects its lines, hands
 * them to the parser of its kind, and tells the result. Whatever lies between
 * reports is only looked at for titles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_priv.h"
#include "report.h"

/* Behind a title; the longest reports of irq order have some 3000 lines. */
#define COLLECT_LINES	8192u
#define COLLECT_BYTES	(1u << 20)

struct log {
	struct import *im;
	bool printable;			/* quoted-printable: lines are decoded */
	bool soft;			/* the last one goes on */
	/* The report that is being collected: */
	const struct title *title;	/* NULL: none */
	char *words;			/* of the title */
	struct lines lines;
	size_t bytes;
	uint32_t line;
	uint64_t time_ns;
	char caller[LOG_CALLER_LEN];
	bool rule;			/* a rule preceded the title */
	bool subject;			/* what the report is about was said */
	bool trace, frames;		/* the last part has begun, and has frames */
	bool all;			/* hung task: the list of all locks has begun */
	bool last_rule;			/* the line before was a rule */
};

static void drop(struct log *l)
{
	lines_free(&l->lines);
	free(l->words);
	l->words = NULL;
	l->title = NULL;
	l->bytes = 0;
	l->subject = l->trace = l->frames = l->all = l->soft = false;
	l->caller[0] = 0;
}

/* --- the end of a report ------------------------------------------------------------------ */

/* A title that nothing followed is somebody's mention of it. */
static bool substantial(const struct log *l, const struct report *r)
{
	size_t i;

	if (l->title->flags & TITLE_HUNG)
		return r->ev.comm[0];
	if (r->ev.comm[0] || r->ev.ident[0] || l->rule)
		return true;
	for (i = 0; i < r->part.nr; i++)
		if (r->part.v[i].role != LK_PART_NOTE)
			return true;
	return false;
}

static int tell(struct log *l, struct report *r)
{
	struct lk_event ev = { .kind = LK_EV_REPORT };
	struct import *im = l->im;
	int err;

	if (r->err)
		return r->err;
	if (!substantial(l, r))
		return 0;
	r->ev.part = r->part.v;
	r->ev.nr_parts = (uint32_t)r->part.nr;
	ev.report = r->ev;
	err = import_begin(im, "kernel log", r->ev.kernel, r->ev.time_ns);
	if (err)
		return err;
	if (r->ev.time_ns > im->last_ns)
		im->last_ns = r->ev.time_ns;
	im->stats->reports++;
	return sink_emit(im->sink, &ev);
}

static int finish(struct log *l)
{
	struct report r;
	int err;

	if (!l->title)
		return 0;
	err = report_init(&r, l->title);
	if (!err)
		err = lines_join(&l->lines);
	if (!err) {
		r.ev.title = report_str(&r, l->words, strlen(l->words));
		r.ev.file = report_str(&r, l->im->name, strlen(l->im->name));
		r.ev.line = l->line;
		r.ev.time_ns = l->time_ns;
		if (l->bytes >= COLLECT_BYTES || l->lines.v.nr >= COLLECT_LINES)
			r.ev.lacks |= l->trace ? 0 : LK_LACKS_END;
		if (l->title->flags & TITLE_HUNG)
			body_hung(&r, &l->lines);
		else if (l->title->flags & TITLE_DEPT)
			body_dept(&r, &l->lines);
		else
			body_lockdep(&r, &l->lines);
		err = tell(l, &r);
	}
	report_done(&r);
	drop(l);
	return err;
}

/* --- its lines ---------------------------------------------------------------------------- */

static int begin(struct log *l, const struct title *t, const char *words, size_t len,
		 const struct log_line *line)
{
	drop(l);
	l->words = strndup(words, len);
	if (!l->words)
		return -ENOMEM;
	l->title = t;
	l->line = (uint32_t)l->im->in.lines;
	l->time_ns = line->time_ns;
	l->rule = l->last_rule;
	memcpy(l->caller, line->caller, sizeof(l->caller));
	return 0;
}

static bool begins_trace(const struct log *l, const char *s)
{
	if (l->title->flags & TITLE_DEPT)
		return log_starts(s, "information that might be helpful");
	if (l->title->flags & TITLE_HUNG)
		return log_starts(s, "task:") || log_starts(s, "Call Trace:") || strstr(s, " D ");
	if (log_starts(s, "stack backtrace"))
		return true;
	return l->subject && (log_starts(s, "Call Trace:") || log_starts(s, "Call trace:"));
}

/* Before that, a stack is of somebody who printed at the same time. */
static bool says_subject(const char *s)
{
	return strstr(s, " is trying to ") || strstr(s, " takes:") || strstr(s, " just changed the state") ||
	       strstr(s, " is freeing memory") || strstr(s, " held by ") || strstr(s, " is leaving the kernel") ||
	       strstr(s, "rcu_scheduler_active");
}

/* Of a hung task, what may come behind its stack. */
static bool hung_goes_on(struct log *l, const char *s)
{
	if (!(l->title->flags & TITLE_HUNG))
		return false;
	if (log_starts(s, "Showing all locks held"))
		l->all = true;
	return l->all ? log_starts(s, "Showing") || *s == '#' || strstr(s, " held by ") :
			log_starts(s, "INFO: task ") || log_starts(s, "task:") ||
			log_starts(s, "\"echo 0 >") || log_starts(s, "Future hung");
}

/* print_lock_nested_lock_not_held() prints its list behind a first backtrace. */
static bool nested_goes_on(struct log *l, const char *s)
{
	if (strcmp(l->title->subkind, "nested-lock-not-taken") || !log_starts(s, "other info that might"))
		return false;
	l->trace = l->frames = false;
	return true;
}

/* Does the line show that the report is over? */
static bool is_behind(struct log *l, const char *s)
{
	const char *text;
	uint64_t addr;

	if (log_starts(s, "---[ end trace") || strstr(s, "[ cut here ]") || log_starts(s, "diff --git "))
		return true;
	if (l->lines.v.nr >= COLLECT_LINES || l->bytes >= COLLECT_BYTES)
		return true;
	if (!*s)
		return false;
	if (log_frame(s, &addr, &text)) {
		l->frames |= l->trace;
		return false;
	}
	l->subject |= l->title->flags & (TITLE_BARE | TITLE_TASK) || says_subject(s);
	if (!l->trace) {
		l->trace = begins_trace(l, s);
		return false;
	}
	return l->frames && !log_dump(s) && !hung_goes_on(l, s) && !nested_goes_on(l, s);
}

static int collect(struct log *l, const char *text)
{
	char *copy;

	if (l->soft && l->lines.v.nr) {
		char **last = &l->lines.v.v[l->lines.v.nr - 1];

		if (asprintf(&copy, "%s%s", *last, text) < 0)
			return -ENOMEM;
		free(*last);
		*last = copy;
	} else {
		copy = strdup(text);
		if (!copy || vec_push(&l->lines.v, copy)) {
			free(copy);
			return -ENOMEM;
		}
	}
	l->bytes += strlen(text);
	return 0;
}

static int take_line(struct log *l, char *raw)
{
	bool soft = l->printable && log_unquote_printable(raw);
	struct log_line line = log_line_clean(raw);
	const char *s = log_skip(line.text), *words;
	const struct title *t;
	size_t len;
	int err = 0;

	t = title_maybe(s, strlen(s)) ? title_find(s, &words, &len) : NULL;
	if (t) {
		err = finish(l);
		return err ? err : begin(l, t, words, len, &line);
	}
	if (!l->title)
		return 0;
	/* Other CPUs and tasks print at the same time. */
	if (l->caller[0] && line.caller[0] && strcmp(l->caller, line.caller))
		return 0;
	if (is_behind(l, s))
		return finish(l);
	err = collect(l, line.text);
	l->soft = soft;
	return err;
}

/* "=3D=3D=3D": a mail that was not decoded. */
static bool is_printable_rule(const char *line, size_t len)
{
	return len > 9 && memmem(line, len < 16 ? len : 16, "=3D=3D", 6);
}

/* A rule above a title: cheap, as every line of a log comes here. */
static bool ends_in_rule(const char *line, size_t len)
{
	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	return len > 8 && !memcmp(line + len - 8, "========", 8);
}

int import_log(struct import *im)
{
	struct log l = { .im = im };
	size_t len;
	char *line;
	int err = 0;

	while (!err && (line = linein_next(&im->in, &len))) {
		bool rule = ends_in_rule(line, len);

		l.printable |= is_printable_rule(line, len);
		if (l.title || title_maybe(line, len))
			err = take_line(&l, line);
		if (len)
			l.last_rule = rule || (l.printable && is_printable_rule(line, len));
	}
	if (!err)
		err = finish(&l);
	drop(&l);
	return err;
}
