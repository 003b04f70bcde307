/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings as bytes in memory, for tests that change them, and events as
 * text, for tests that compare them.
 */
#ifndef LK_REC_H
#define LK_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../user/base/diag.h"
#include "../../user/core/event.h"

/* All of these abort on failure: that is no test's subject. */

struct bytes {
	uint8_t *p;
	size_t n;
};

/* Every field of an event by name, on one line; strings escaped. To be freed. */
char *ev_text(const struct lk_event *ev);

/* Write events: @put is called with a sink and emits; a NULL event in it flushes. */
void rec_write(struct bytes *out, int (*put)(void *ctx, const struct lk_sink *sink), void *ctx, bool end);

/* What reading gave: the events as text, and what was said about gaps. */
struct rec_result {
	int open_err;		/* of reader_open_fd(); 0 = it opened */
	int err;		/* what ended the reading: 0, or an error other than -EBADMSG */
	struct diag why;	/* of open_err, or of the last gap */
	char **line;
	size_t nr;
	unsigned int gaps;
	struct diag first_gap;
	bool complete;
	uint64_t unknown, events;
};

void rec_read(const void *data, size_t n, struct rec_result *out);
void rec_result_free(struct rec_result *res);

/* A descriptor of the bytes, at their beginning. */
int rec_fd(const void *data, size_t n);

/* Offset of the @i-th block of an undamaged recording; of the end behind the last. */
size_t rec_block_off(const struct bytes *b, unsigned int i);

/* Make the checksums of the block at @off right again, or of the file header (off 0). */
void rec_fix_crc(struct bytes *b, size_t off);

#endif /* LK_REC_H */
