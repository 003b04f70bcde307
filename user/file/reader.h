/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read a recording (.lks). Nothing in the file is trusted: every offset, length
 * and count is checked against what remains before it is used, and reading goes
 * through a bounded buffer (never mmap: a truncated file would raise SIGBUS).
 * Streaming: memory does not grow with the file.
 */
#ifndef LK_READER_H
#define LK_READER_H

#include "../core/event.h"

struct reader;
struct diag;

/*
 * Does the file begin like a recording? true / false; also false when it cannot
 * be read (reader_open() will say why) and for anything but a regular file,
 * where looking would take bytes away.
 */
bool reader_probe(const char *path);

/*
 * Open for reading and check the header. @path: a regular file, a FIFO, or "-" =
 * stdin; nothing is ever sought in. -EBADMSG: not a recording, damaged
 * header, a newer major version or an incompatible feature (the sentence names
 * both versions). On failure *ret is untouched and @why says what to do.
 */
int reader_open(const char *path, struct reader **ret, struct diag *why);
/* The same from a descriptor that stays the caller's; @name is for messages. */
int reader_open_fd(int fd, const char *name, struct reader **ret, struct diag *why);

/*
 * Next event: 1 and *ev filled (valid until the next call), 0 at the end, or a
 * negative errno (-EBADMSG damage, -EIO, -ENOMEM) explained in @why. After
 * damage, reading can go on: damaged blocks are skipped to the next block that
 * checks, each run of them reported once by -EBADMSG; the caller notes the gap and calls
 * again. A file that ends inside a block gets such a report, too.
 */
int reader_next(struct reader *r, struct lk_event *ev, struct diag *why);

/* At the end of file: was there an END block? (without it: an incomplete recording) */
bool reader_complete(const struct reader *r);
uint64_t reader_events(const struct reader *r);
uint64_t reader_bytes(const struct reader *r);

/*
 * Events and blocks of kinds that this version does not know, stepped over so
 * far: a newer lockscope would show more.
 */
uint64_t reader_unknown(const struct reader *r);

void reader_free(struct reader *r);

#endif /* LK_READER_H */
