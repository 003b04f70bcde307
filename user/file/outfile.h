/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening the file that a recording is written to. Private to user/file/.
 */
#ifndef LK_OUTFILE_H
#define LK_OUTFILE_H

struct diag;

/* As writer_open() (writer.h) says. On success *ret is a descriptor of the caller's. */
int outfile_open(const char *path, int *ret, struct diag *why);

#endif /* LK_OUTFILE_H */
