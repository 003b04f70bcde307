/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write a recording (.lks), event by event. The format is user/man/lockscope.lks.5.
 *
 * Events are collected in a block, which is checksummed and written when it is
 * full or on writer_flush(), so that whatever kills us leaves a readable prefix.
 */
#ifndef LK_WRITER_H
#define LK_WRITER_H

#include "../core/event.h"

struct writer;
struct diag;

/*
 * Create @path (truncating an existing recording or an empty file; refusing to
 * overwrite anything else, and anything that is not a regular file, FIFO,
 * /dev/null, /dev/full, /dev/fd/N or "-" = stdout). Symbolic links are refused.
 * Only the owner can read a new file; when started through sudo that is the
 * invoking user, where the directory is his or one like /tmp. On failure *ret is
 * untouched and @why says what to do.
 */
int writer_open(const char *path, struct writer **ret, struct diag *why);

/*
 * Append one event. 0 or negative errno; after an error nothing more is written.
 * -EINVAL: it breaks a limit of event.h. Strings of more than 4096 bytes are cut.
 */
int writer_put(struct writer *w, const struct lk_event *ev);

/* Hand the events so far to the kernel. */
int writer_flush(struct writer *w);

/*
 * Flush, write the END block, close; to be followed by writer_free(). Returns the
 * first error there ever was (-ENOSPC, -EPIPE if SIGPIPE is ignored, ...),
 * explained in @why.
 */
int writer_close(struct writer *w, struct diag *why);

/*
 * Free. Without writer_close() before, the file stays an incomplete recording and
 * loses what was not flushed. NULL is fine.
 */
void writer_free(struct writer *w);

uint64_t writer_bytes(const struct writer *w);
uint64_t writer_events(const struct writer *w);

#endif /* LK_WRITER_H */
