/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A descriptor, line by line. Memory is fixed: a longer line comes in pieces.
 * Private to user/import/.
 */
#ifndef LK_IMPORT_LINEIN_H
#define LK_IMPORT_LINEIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/input.h"

#define LINEIN_MAX	(64u << 10)	/* bytes of a line */

struct linein {
	struct input in;	/* its window begins behind what was handed out */
	uint64_t lines;		/* handed out */
	bool whole;		/* the one handed out last had an end */
};

/* 0 or -ENOMEM; @fd stays the caller's. */
int linein_init(struct linein *in, int fd);
void linein_done(struct linein *in);

/*
 * The next line, without its end, ended by NUL (NULs inside of it became blanks);
 * it may be changed and is valid until the next call. NULL at the end or after an
 * error of read().
 */
char *linein_next(struct linein *in, size_t *len);

/* What lies ahead, up to LINEIN_MAX bytes: their number; *data until the next call. */
size_t linein_peek(struct linein *in, const char **data);

#endif /* LK_IMPORT_LINEIN_H */
