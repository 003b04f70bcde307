// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of DEPT, the dependency tracker (out of tree; public postings v1 to
 * v18): contexts, each of which waits for what another one's event ends.
 */
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct dept {
	struct report *r;
	uint32_t contexts;
	uint32_t detail;	/* contexts whose details were met */
	bool sink;
	char mark;		/* 'S', 'W' or 'E' of the detail that is being read; 0 = none */
};

/* "[W] wait(&x->dmap:0)", with or without ':' behind it: the class, with its subclass. */
static bool parse_mark(const char *s, char *mark, const char **name, size_t *len)
{
	const char *open, *end;

	if (s[0] != '[' || !s[1] || !strchr("SWE", s[1]) || s[2] != ']' || s[3] != ' ')
		return false;
	*mark = s[1];
	open = strchr(s + 4, '(');
	if (s[4] == '(' && open)	/* "(unknown)(name:0)" */
		open = strchr(open + 1, '(') ? strchr(open + 1, '(') : open;
	end = strrchr(s, ')');
	if (!open || !end || end < open + 1)
		return false;
	*name = open + 1;
	*len = (size_t)(end - open - 1);
	return true;
}

/* The chain is the waits; the first context waits, and holds what its event would release. */
static void add_mark(struct dept *d, char mark, const char *name, size_t len)
{
	struct log_lock l = { .name = name, .name_len = len, .usage = "", .at = "" };

	if (mark == 'W') {
		report_add_lock(d->r, LK_PART_CHAIN, d->contexts - 1, &l);
		if (d->contexts == 1)
			report_add_lock(d->r, LK_PART_ACQUIRING, 0, &l);
	} else if (mark == 'E' && d->contexts == 1) {
		report_add_lock(d->r, LK_PART_HOLDING, 0, &l);
	}
}

static bool take_mark(struct dept *d, const char *s)
{
	const char *name;
	size_t len;
	char mark;

	if (!parse_mark(s, &mark, &name, &len))
		return false;
	if (log_ends(s, ":")) {	/* of the detail: its stack follows */
		report_add(d->r, LK_PART_TITLE, 0, 0, s, strlen(s));
		d->sink = true;
		d->mark = mark;
		return true;
	}
	report_note(d->r, s);
	if (!d->detail && d->contexts)
		add_mark(d, mark, name, len);
	return true;
}

/* Where the first context waits is said in its detail. */
static void set_at(struct dept *d, const char *text)
{
	size_t i;

	for (i = 0; i < d->r->part.nr && d->mark == 'W' && d->detail == 1; i++)
		if (d->r->part.v[i].role == LK_PART_ACQUIRING && !d->r->part.v[i].at[0])
			d->r->part.v[i].at = report_str(d->r, text, strlen(text));
}

static bool take_line(struct dept *d, const char *s)
{
	const char *text;
	uint64_t addr;

	if (take_mark(d, s))
		return true;
	if (log_starts(s, "context ") && strstr(s, "'s detail")) {
		d->detail++;
		d->sink = false;
		report_note(d->r, s);
		return true;
	}
	if (log_starts(s, "context ")) {
		d->contexts += !d->detail;
		report_note(d->r, s);
		return true;
	}
	if (log_frame(s, &addr, &text)) {
		if (d->sink) {
			report_add_frame(d->r, addr, text);
			set_at(d, text);
		}
		return true;
	}
	if (log_starts(s, "information that might be helpful")) {
		report_add(d->r, LK_PART_BACKTRACE, 0, 0, s, strlen(s));
		d->sink = true;
		return true;
	}
	if (log_starts(s, "CPU: ")) {
		report_note(d->r, s);
		(void)report_task_of_dump(d->r, s);
		return true;
	}
	if (!d->contexts && strstr(s, "DEADLOCK")) {
		if (strstr(s, "AA DEADLOCK"))
			d->r->ev.kind = FINDING_RECURSIVE;
		report_note(d->r, s);
		return true;
	}
	if (!d->r->ev.kernel[0] && log_release(s)) {
		report_kernel(d->r, s, true);
		return true;
	}
	if (log_starts(s, "[S]:") || log_starts(s, "[W]:") || log_starts(s, "[E]:") ||
	    log_starts(s, "stacktrace:") || log_starts(s, "(N/A)") || log_starts(s, "summary") || log_dump(s)) {
		if (!log_is_rule(s))
			report_note(d->r, s);
		return true;
	}
	return false;
}

/* The first CHAIN entry that was met is #0 of DEPT's order: renumber to lockdep's, #N first. */
static void renumber(struct dept *d)
{
	uint32_t n = d->contexts;
	size_t i;

	for (i = 0; i < d->r->part.nr; i++)
		if (d->r->part.v[i].role == LK_PART_CHAIN && d->r->part.v[i].num < n)
			d->r->part.v[i].num = n - 1 - d->r->part.v[i].num;
}

void body_dept(struct report *r, const struct lines *l)
{
	struct dept d = { .r = r };
	uint32_t lacks = r->title->lacks, odd = 0;
	const char *s;
	size_t i;

	for (i = 0; i < l->v.nr && !r->err; i++) {
		s = log_skip(l->v.v[i]);
		if (!*s)
			continue;
		if (take_line(&d, s)) {
			r->ev.skipped += odd;
			odd = 0;
			continue;
		}
		if (report_has(r, LK_PART_BACKTRACE))
			break;
		odd++;
	}
	renumber(&d);
	if (report_has(r, LK_PART_ACQUIRING))
		lacks &= ~LK_LACKS_ACQUIRING;
	if (d.contexts && d.detail >= d.contexts)
		lacks &= ~LK_LACKS_CHAIN;
	if (report_has_backtrace(r))
		lacks &= ~LK_LACKS_BACKTRACE;
	r->ev.lacks |= lacks;
}
