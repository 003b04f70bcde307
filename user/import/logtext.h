/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces of the text of kernel logs: what precedes a line, frames of stacks, and
 * the lines on which lockdep prints a lock. Pure functions on strings; every era
 * of the text is in tests/unit/import_logtext_test.c.
 * Private to user/import/ and its tests.
 */
#ifndef LK_IMPORT_LOGTEXT_H
#define LK_IMPORT_LOGTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_CALLER_LEN	16

/* A line of a log without what printk, syslog, mail and terminals put before it. */
struct log_line {
	char *text;		/* inside of the line; blanks at its beginning are kept, those at its end are not */
	uint64_t time_ns;	/* since boot; 0 = not printed */
	char caller[LOG_CALLER_LEN];	/* "T123", "C0"; "" = not printed */
};

/* Take @line (without its line end), which is changed, apart. */
struct log_line log_line_clean(char *line);

/* Decode quoted-printable in place. True: a soft line break ends the line, the next one goes on. */
bool log_unquote_printable(char *line);

/* Past blanks and tabs. */
const char *log_skip(const char *s);
bool log_starts(const char *s, const char *prefix);
bool log_ends(const char *s, const char *suffix);

/* A line of at least three '=' or '-' and nothing else. */
bool log_is_rule(const char *s);

/* A release as of uname -r at the beginning of @s: its length, or 0. */
size_t log_release(const char *s);

/* --- frames ----------------------------------------------------------------------------- */

/*
 * Is it a line of a stack trace? Then *addr is the address printed in [<...>], 0 if
 * none, and *text what is behind it: "? function+0x1/0x2 [module] file.c:3".
 */
bool log_frame(const char *s, uint64_t *addr, const char **text);

/* Another line that belongs to a dump of a stack: registers, "Call Trace:", "CPU: ..." and the like. */
bool log_dump(const char *s);

/* Close up what wrapping tore: "function+  0x1/ 0x2". */
void log_squeeze(char *s);

/* --- locks ------------------------------------------------------------------------------ */

/* "ffff888136 (&a->b){+.+.}-{3:3}, at: [<ffffffff81>] function+0x1/0x2": stretches of the line. */
struct log_lock {
	uint64_t addr;		/* of the instance; 0 = not printed */
	const char *name, *usage, *at, *rest;
	size_t name_len, usage_len, at_len;
};

/*
 * Parse a lock as lockdep prints it, in any era; what it is is behind *ret's name.
 * rest: behind name and usage. False: no such line.
 */
bool log_lock_line(const char *s, struct log_lock *ret);

#endif /* LK_IMPORT_LOGTEXT_H */
