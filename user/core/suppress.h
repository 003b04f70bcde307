/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Suppressions: findings that somebody knows of, by their stable ids, each with a reason
 * and perhaps a last day. A text of them has one per line:
 *
 *	ID [until=YYYY-MM-DD] reason
 *
 * with blank lines and lines that begin with # in between. A deadlock that is happening
 * (FINDING_DEADLOCK) is never suppressed.
 *
 * Pure: today's date comes from outside.
 */
#ifndef LK_SUPPRESS_H
#define LK_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "finding.h"

struct diag;
struct suppress;

struct suppress_entry {
	const char *id, *reason, *file;
	unsigned int line;	/* in the file, from 1 */
	uint32_t until;		/* last day that it counts, as year * 10000 + month * 100 + day; 0 = no end */
	bool expired;		/* that day is over */
};

/* A set without entries; @today as suppress_entry.until. NULL when out of memory. */
struct suppress *suppress_new(uint32_t today);
void suppress_free(struct suppress *s);

/*
 * Add the entries of a text of @len bytes, which is @file's. 0, -ENOMEM, or -EINVAL with a
 * sentence that names file and line: then nothing of it was added.
 */
int suppress_parse(struct suppress *s, const char *text, size_t len, const char *file,
		   struct diag *why);

/* In the order of the texts. Pointers are valid until the next suppress_parse(). @s may be NULL: none. */
unsigned int suppress_nr(const struct suppress *s);
const struct suppress_entry *suppress_entry(const struct suppress *s, unsigned int i);

/* The entry that suppresses this finding; NULL: nothing does. @s may be NULL. */
const struct suppress_entry *suppress_find(const struct suppress *s, const struct finding *f);

/* How many different files they are from. */
unsigned int suppress_nr_files(const struct suppress *s);

/* "2026-12-31" */
#define SUPPRESS_DATE_LEN 32
const char *suppress_date(uint32_t day, char buf[SUPPRESS_DATE_LEN]);

#endif /* LK_SUPPRESS_H */
