/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Untrusted bytes on their way out. Names of tasks, symbols, cgroups and
 * whatever a recording says may hold anything but NUL; nothing of it may reach
 * a terminal as a control sequence, break JSON, or become a spreadsheet formula.
 *
 * Text: control bytes (newline included), C1 controls, invalid UTF-8 and
 * invisible or direction-changing characters become \xNN, byte by byte; all
 * else stays. The result is valid UTF-8 of printable characters.
 *
 * The functions that write into a buffer always end it with NUL, never write
 * half a character or half an escape, and return the number of bytes before
 * the NUL. They cut silently; SANITIZE_MAX(len) bytes hold any string of len bytes.
 */
#ifndef LK_SANITIZE_H
#define LK_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SANITIZE_MAX(len)	((len) * 6 + 4)

/* For terminals and plain text. */
void sanitize_put_text(FILE *out, const char *s);
size_t sanitize_text(char *buf, size_t size, const char *s);

/*
 * A JSON string with its quotes; ASCII controls and invisible characters as
 * \uNNNN, each byte of invalid UTF-8 as \ufffd. @size must be at least 3; a cut
 * string still has its closing quote.
 */
void sanitize_put_json(FILE *out, const char *s);
size_t sanitize_json(char *buf, size_t size, const char *s);

/*
 * The same with <, > and & as \uNNNN, too: JSON that can stand inside of <script> in
 * a page, which no string can then end, and where none begins a comment.
 */
void sanitize_put_json_in_html(FILE *out, const char *s);

/*
 * Text between the tags of a page, or in a quoted attribute: as sanitize_put_text(),
 * with < > & " ' as character references. Line ends stay with @lines.
 */
void sanitize_put_html(FILE *out, const char *s, bool lines);

/*
 * A CSV field (RFC 4180) of sanitized text: quoted when it holds a comma, a
 * quote or a blank at either end; with ' before a leading = + - @, which a
 * spreadsheet would take for a formula. Numbers need no guard: print them
 * directly. @size must be at least 4.
 */
void sanitize_put_csv(FILE *out, const char *s);
size_t sanitize_csv(char *buf, size_t size, const char *s);

/* Columns that @s takes on a terminal when printed with sanitize_put_text(). */
size_t sanitize_width(const char *s);

/*
 * As sanitize_text(), cut to at most @columns, in which case the last one or
 * two columns are ".." (if @columns > 4). Returns the columns used.
 */
size_t sanitize_fit(char *buf, size_t size, const char *s, size_t columns);

#endif /* LK_SANITIZE_H */
