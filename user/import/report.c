// SPDX-License-Identifier: GPL-2.0-only
/*
 * Titles of reports, and the report that is being put together (report.h).
 */
#include "report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/num.h"

#define HOLDING	LK_LACKS_HOLDING
#define HELD	LK_LACKS_HELD
#define TRACE	LK_LACKS_BACKTRACE
#define DEPS	LK_LACKS_DEPENDENCIES
#define ACQ	LK_LACKS_ACQUIRING

/* kernel/locking/lockdep.c and its ancestors since 2.6.18, kernel/hung_task.c, DEPT's patches. */
static const struct title titles[] = {
	{ "possible circular locking dependency detected", FINDING_CIRCULAR, "",
	  ACQ | HOLDING | LK_LACKS_CHAIN | HELD | TRACE, 0 },
	{ "possible recursive locking detected", FINDING_RECURSIVE, "", ACQ | HOLDING | HELD | TRACE, 0 },
	{ "lock order detected", FINDING_IRQ_INVERSION, "lock-order",
	  ACQ | HOLDING | HELD | DEPS | TRACE, 0 },
	{ "possible irq lock inversion dependency detected", FINDING_IRQ_INVERSION, "",
	  ACQ | HELD | DEPS | TRACE, 0 },
	{ "inconsistent lock state", FINDING_INCONSISTENT, "", ACQ | HELD | TRACE, 0 },
	{ "bad unlock balance detected", FINDING_BAD_UNLOCK, "", ACQ | HELD | TRACE, 0 },
	{ "bad contention detected", FINDING_OTHER, "bad-contention", ACQ | HELD | TRACE, 0 },
	{ "held lock freed", FINDING_OTHER, "held-lock-freed", HELD | TRACE, 0 },
	{ "lock held at task exit time", FINDING_HELD_AT_EXIT, "", HELD | TRACE, 0 },
	{ "still has locks held", FINDING_HELD_AT_EXIT, "", HELD | TRACE, TITLE_TASK },
	{ "lock held when returning to user space", FINDING_OTHER, "held-at-user-return", HELD, 0 },
	{ "Nested lock was not taken", FINDING_OTHER, "nested-lock-not-taken", ACQ | HELD | TRACE, 0 },
	{ "suspicious rcu_dereference_check() usage", FINDING_OTHER, "suspicious-rcu-usage", HELD | TRACE, 0 },
	{ "suspicious RCU usage", FINDING_OTHER, "suspicious-rcu-usage", HELD | TRACE, 0 },
	{ "Invalid wait context", FINDING_WAIT_CONTEXT, "invalid-wait-context", ACQ | HELD | TRACE, 0 },
	{ "chain_key collision", FINDING_OTHER, "chain-key-collision", TRACE, 0 },
	{ "workqueue leaked", FINDING_OTHER, "workqueue-leak", TRACE, TITLE_BARE },
	{ "trying to register non-static key", FINDING_OTHER, "non-static-key", TRACE, TITLE_BARE },
	{ "Circular dependency has been detected", FINDING_CIRCULAR, "", ACQ | LK_LACKS_CHAIN | TRACE,
	  TITLE_DEPT },
	{ "blocked for more than", FINDING_DEADLOCKED_NOW, "hung-task", TRACE, TITLE_HUNG | TITLE_BARE },
};

/* What stands before the words: nothing, or one of these, with or without a bracket. */
static const char *behind_label(const char *s, bool *labelled)
{
	static const char *const labels[] = { "INFO: ", "WARNING: ", "BUG: ", "DEPT: ", "ProveLock INFO: " };
	unsigned int i;

	s = log_skip(s);
	*labelled = false;
	if (*s == '[')
		s = log_skip(s + 1);
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (log_starts(s, labels[i])) {
			*labelled = true;
			return log_skip(s + strlen(labels[i]));
		}
	}
	return s;
}

/* Of "[ INFO: words ]" the end of the words; NULL if more prose follows them. */
static const char *title_end(const char *s, const struct title *t)
{
	const char *end = s + strlen(s), *p;

	if (t->flags & (TITLE_HUNG | TITLE_BARE))
		return end;
	p = strstr(s, t->phrase) + strlen(t->phrase);
	p += strspn(p, "!.");
	return *log_skip(p) && *log_skip(p) != ']' ? NULL : p;
}

const struct title *title_find(const char *line, const char **text, size_t *len)
{
	bool labelled;
	const char *s = behind_label(line, &labelled), *end, *phrase;
	unsigned int i;

	if (!labelled)
		return NULL;
	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		phrase = strstr(s, titles[i].phrase);
		if (!phrase)
			continue;
		/* "HARDIRQ-safe -> HARDIRQ-unsafe ", "comm/1 " and "task comm:1 " precede it, no more. */
		if (phrase > s + 64)
			return NULL;
		end = title_end(s, &titles[i]);
		if (!end)
			return NULL;
		*text = s;
		*len = (size_t)(end - s);
		return &titles[i];
	}
	return NULL;
}

/* All labels end in "O: ", "G: " or "T: "; the blank may be a no-break space. */
bool title_maybe(const char *line, size_t len)
{
	const char *p = line, *end = line + len;

	while ((p = memchr(p, ':', (size_t)(end - p)))) {
		if (p - line >= 3 && end - p > 1 && (p[1] == ' ' || p[1] == '\xc2') && (p[-1] == 'O' || p[-1] == 'G' || p[-1] == 'T'))
			return true;
		p++;
	}
	return false;
}

/* --- the report --------------------------------------------------------------------------- */

int report_init(struct report *r, const struct title *title)
{
	memset(r, 0, sizeof(*r));
	r->title = title;
	r->ev = (struct lk_ev_report){
		.origin = title->flags & TITLE_HUNG ? LK_ORIGIN_HUNG_TASK :
			  title->flags & TITLE_DEPT ? LK_ORIGIN_DEPT : LK_ORIGIN_LOCKDEP,
		.kind = title->kind, .comm = "", .title = "", .subkind = title->subkind, .state = "",
		.kernel = "", .ident = "", .file = "",
	};
	r->err = strpool_init(&r->str);
	return r->err;
}

void report_done(struct report *r)
{
	vec_free(&r->part);
	strpool_done(&r->str);
}

const char *report_str(struct report *r, const char *s, size_t len)
{
	char *copy = strndup(s, len < 4096 ? len : 4096);
	const char *str = copy ? strpool_copy(&r->str, copy) : NULL;

	free(copy);
	if (!str)
		r->err = -ENOMEM;
	return str ? str : "";
}

static void add(struct report *r, struct lk_ev_part *p)
{
	size_t bytes = strlen(p->text) + strlen(p->usage) + strlen(p->at) + 3;

	if (r->part.nr >= LK_PARTS_MAX || r->bytes + bytes > LK_PARTS_BYTES_MAX) {
		r->ev.lacks |= LK_LACKS_END;
		return;
	}
	r->bytes += bytes;
	if (vec_push(&r->part, *p))
		r->err = -ENOMEM;
}

void report_add(struct report *r, uint32_t role, uint32_t num, uint64_t addr, const char *text, size_t len)
{
	struct lk_ev_part p = { .role = role, .num = num, .addr = addr, .text = report_str(r, text, len),
				.usage = "", .at = "" };

	add(r, &p);
}

void report_add_lock(struct report *r, uint32_t role, uint32_t num, const struct log_lock *l)
{
	struct lk_ev_part p = { .role = role, .num = num, .addr = l->addr,
				.text = report_str(r, l->name, l->name_len),
				.usage = report_str(r, l->usage, l->usage_len),
				.at = report_str(r, l->at, l->at_len) };

	add(r, &p);
}

void report_add_frame(struct report *r, uint64_t addr, const char *text)
{
	report_add(r, LK_PART_FRAME, 0, addr, text, strlen(text));
}

void report_note(struct report *r, const char *text)
{
	report_add(r, LK_PART_NOTE, 0, 0, text, strlen(text));
}

bool report_has(const struct report *r, uint32_t role)
{
	size_t i;

	for (i = 0; i < r->part.nr; i++)
		if (r->part.v[i].role == role)
			return true;
	return false;
}

bool report_has_backtrace(const struct report *r)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < r->part.nr; i++) {
		if (inside && r->part.v[i].role == LK_PART_FRAME)
			return true;
		if (r->part.v[i].role != LK_PART_NOTE)
			inside = r->part.v[i].role == LK_PART_BACKTRACE;
	}
	return false;
}

bool report_task(struct report *r, const char *s, size_t len, char mark)
{
	const char *p = memrchr(s, mark, len);
	char digits[16];
	uint32_t pid;
	size_t n;

	if (!p || p == s)
		return false;
	n = len - (size_t)(p + 1 - s);
	if (n >= sizeof(digits))
		return false;
	memcpy(digits, p + 1, n);
	digits[n] = 0;
	if (num_parse_u32(digits, 0, UINT32_MAX, &pid))
		return false;
	while (s < p && (*s == ' ' || *s == '\t'))
		s++;
	r->ev.comm = report_str(r, s, (size_t)(p - s));
	r->ev.tid = r->ev.tgid = pid;
	return true;
}

bool report_task_of_dump(struct report *r, const char *s)
{
	const char *pid = strcasestr(s, "pid: "), *comm = strcasestr(s, "comm: ");
	const char *end = comm ? strstr(comm, " Not tainted") : NULL;

	if (comm && !end)
		end = strstr(comm, " Tainted");
	if (!pid || !comm || !end || !isdigit((unsigned char)pid[5]))
		return false;
	r->ev.tid = r->ev.tgid = (uint32_t)strtoul(pid + 5, NULL, 10);
	r->ev.comm = report_str(r, comm + 6, (size_t)(end - comm - 6));
	return true;
}

/* "3.11.0-rc3-wwd-    default": a terminal wrapped it. */
static void set_release(struct report *r, const char *s, size_t n)
{
	const char *more = log_skip(s + n);
	char buf[256];

	if (n && s[n - 1] == '-' && more > s + n + 1 && n < 100) {
		snprintf(buf, sizeof(buf), "%.*s%.*s", (int)n, s, (int)strcspn(more, " "), more);
		r->ev.kernel = report_str(r, buf, strlen(buf));
	} else {
		r->ev.kernel = report_str(r, s, n);
	}
}

void report_kernel(struct report *r, const char *line, bool ident)
{
	const char *s = log_skip(line), *p;

	if (ident)
		r->ev.ident = report_str(r, s, strlen(s));
	for (p = s; *p; p++) {
		if (p > s && p[-1] != ' ' && p[-1] != '(')
			continue;
		if (log_release(p) && (p == s || strstr(s, "ainted"))) {
			set_release(r, p, log_release(p));
			return;
		}
	}
}
