/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inputs of report that are no recordings: texts that import/ reads.
 */
#ifndef LK_IMPORTS_H
#define LK_IMPORTS_H

#include <stdbool.h>

#include "../import/import.h"

struct diag;

/*
 * Does the input @name ("-": standard input) begin like a text? Looks without
 * taking anything away. False also for what cannot be looked at: the reader of
 * recordings says then what is wrong. *fd: what it was opened as, for the reader
 * of either kind and for imports_close(); -1: not opened.
 */
bool imports_is_text(const char *name, int *fd);
void imports_close(int fd);

/* Read it: 0, or a negative errno with @why; see import_text(). */
int imports_read(int fd, const char *name, const struct lk_sink *sink, struct import_stats *stats, struct diag *why);
/* What it lacks, a sentence each: the one of number @i, from 0, into @gap; false: there are no more. */
bool imports_gap(const struct import_stats *stats, const char *name, unsigned int i, struct diag *gap);

#endif /* LK_IMPORTS_H */
