/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A report while it is read: what its parsers find, up to the event that tells it.
 * Private to user/import/ and its tests.
 */
#ifndef LK_IMPORT_REPORT_H
#define LK_IMPORT_REPORT_H

#include "../base/strpool.h"
#include "../core/finding.h"
#include "logtext.h"

enum title_flag {
	TITLE_TASK	= 1 << 0,	/* the title itself names the task: "%s/%d ..." */
	TITLE_HUNG	= 1 << 1,	/* hung.c reads it */
	TITLE_DEPT	= 1 << 2,	/* dept.c */
	TITLE_BARE	= 1 << 3,	/* it may stand without a frame of rules and without a task */
};

/* How a report begins. */
struct title {
	const char *phrase;		/* in the line, whatever stands around it */
	enum finding_kind kind;
	const char *subkind;
	uint32_t lacks;			/* LK_LACKS_* that reports of this kind could lack */
	uint32_t flags;			/* enum title_flag */
};

/*
 * The title that a line (cleaned) is, or NULL. *text, *len: its words alone, without
 * brackets and "INFO:". Prose that quotes the words in the middle of a sentence is none.
 */
const struct title *title_find(const char *line, const char **text, size_t *len);

/* May a line hold a title? Cheap; true for every line that title_find() would take. */
bool title_maybe(const char *line, size_t len);

struct report {
	struct lk_ev_report ev;
	const struct title *title;
	VEC(struct lk_ev_part) part;
	struct strpool str;
	size_t bytes;
	int err;			/* -ENOMEM: sticks */
};

/* 0 or -ENOMEM; report_done() is fine either way. */
int report_init(struct report *r, const struct title *title);
void report_done(struct report *r);

/* A copy of @len bytes, "" when out of memory. */
const char *report_str(struct report *r, const char *s, size_t len);

/* Append a part; what does not fit any more sets LK_LACKS_END. */
void report_add(struct report *r, uint32_t role, uint32_t num, uint64_t addr, const char *text, size_t len);
/* The same of a lock. */
void report_add_lock(struct report *r, uint32_t role, uint32_t num, const struct log_lock *l);
/* A frame of a stack. */
void report_add_frame(struct report *r, uint64_t addr, const char *text);
/* Any other line. */
void report_note(struct report *r, const char *text);

bool report_has(const struct report *r, uint32_t role);
/* A backtrace with at least one frame. */
bool report_has_backtrace(const struct report *r);

/* "comm/123" at @s, @len bytes: the task of the report, split at the last @mark. False: no such. */
bool report_task(struct report *r, const char *s, size_t len, char mark);

/* The same of "CPU: 1 PID: 2 Comm: x Not tainted ..." or "Pid: 2, comm: x Not tainted ...". */
bool report_task_of_dump(struct report *r, const char *s);

/* A line that names the kernel's release ("6.12.1 #1 Not tainted", "CPU: 1 PID: 2 Comm: x Tainted: G 6.12 #1"). */
void report_kernel(struct report *r, const char *line, bool ident);

/* --- bodies: lines behind the title, cleaned, as log.c collected them ---------------------- */

struct lines {
	VEC(char *) v;		/* each malloc'ed */
};

/* Put together what mails, terminals and printk's continuations tore apart. 0 or -ENOMEM. */
int lines_join(struct lines *l);
void lines_free(struct lines *l);

void body_lockdep(struct report *r, const struct lines *l);
void body_hung(struct report *r, const struct lines *l);
void body_dept(struct report *r, const struct lines *l);

#endif /* LK_IMPORT_REPORT_H */
