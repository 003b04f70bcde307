/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --suppress FILE: the files, and today's date for core/suppress.h.
 */
#ifndef LK_SUPPRESSIONS_H
#define LK_SUPPRESSIONS_H

struct diag;
struct opts;
struct suppress;
struct talk;

/* An empty set for today, by the local time zone. NULL when out of memory. */
struct suppress *suppressions_new(void);

/*
 * Read all files of --suppress into the set that the options have, and tell of entries that
 * have expired. 0, or -errno with a sentence.
 */
int suppressions_load(const struct opts *o, struct talk *talk, struct diag *why);

#endif /* LK_SUPPRESSIONS_H */
