/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a report goes: standard output or -o FILE, as a stdio stream that
 * remembers the errno of the first write that failed, which stdio does not.
 */
#ifndef LK_OUTPUT_H
#define LK_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct diag;

struct output {
	FILE *f;
	int fd;
	int err;		/* 0, or of the first failed write; nothing is written after it */
	bool is_stdout;
	const char *name;	/* for messages */
};

/*
 * @path NULL or "-" is standard output. A new file belongs to the user behind
 * sudo, where that user could have made it; a recording is never overwritten
 * (that is what record -o is for). From here on SIGPIPE is ignored. 0 or -errno
 * with a sentence.
 */
int output_open(struct output *out, const char *path, struct diag *why);

/* Is this stream the same file as @path? */
bool output_same_file(const char *a, const char *b);

/* Columns for text: of the terminal, else $COLUMNS (0 = no limit), else 80. */
unsigned int output_width(const struct output *out);

/* Everything so far to the kernel. 0 or -errno; -EPIPE: nobody reads it any more. */
int output_flush(struct output *out);

/*
 * Flush and close. @err is what the producer of the text said. 0, also when the
 * reader went away, or -errno with a sentence. Zeroed and closed are fine.
 */
int output_close(struct output *out, int err, struct diag *why);

#endif /* LK_OUTPUT_H */
