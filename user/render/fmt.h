/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers and text for people: durations and counts in few columns, and the
 * shape of UTF-8 text on a terminal. Pure: no locale, so that a report looks
 * the same wherever it is made.
 */
#ifndef LK_FMT_H
#define LK_FMT_H

#include <stdint.h>
#include <stdio.h>

#define FMT_LEN 32

/* "0 ns", "999 ns", "1.23 ms", "45.6 s", "27.8 h": three digits, rounded; at most 7 columns below 11 years. */
const char *fmt_ns(uint64_t ns, char buf[FMT_LEN]);

/* "1234567", "12.3M", "1.23G": exact below ten million; at most 7 columns. */
const char *fmt_count(uint64_t n, char buf[FMT_LEN]);

/* "1,234,567" */
const char *fmt_group(uint64_t n, char buf[FMT_LEN]);

/* num / den with three digits: "0.012", "3.21", "1234"; "-" when den is 0. */
const char *fmt_ratio(uint64_t num, uint64_t den, char buf[FMT_LEN]);

/* Share of a whole as "12 %", "0.3 %", "<0.1 %"; "0 %" when either is 0. */
const char *fmt_share(uint64_t part, uint64_t whole, char buf[FMT_LEN]);

/*
 * The rest takes text that sanitize_text() has made safe.
 *
 * Terminal columns that it takes.
 */
unsigned int fmt_columns(const char *s);

/*
 * Print, shortened to @columns by replacing the middle with ".." (below four
 * columns: cut): of a name, both ends tell more than the beginning alone.
 */
void fmt_put_middle(FILE *out, const char *s, unsigned int columns);

/*
 * Print words, broken into lines of at most @width columns (0 = no limit).
 * @column is where the cursor is, @indent where further lines begin. No line
 * end after the last word.
 */
void fmt_put_wrapped(FILE *out, const char *s, unsigned int column, unsigned int indent,
		     unsigned int width);

#endif /* LK_FMT_H */
