/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Import: texts that others wrote about locks, as events. A third producer beside
 * live/ and file/: whatever the model learns from a text, it learns from events.
 * Streaming: memory grows with what one report has, not with the text.
 */
#ifndef LK_IMPORT_H
#define LK_IMPORT_H

#include "../core/event.h"

struct diag;

struct import_stats {
	uint64_t bytes, lines;
	uint32_t reports;	/* of the kernel */
	uint64_t damaged;	/* lines that make no sense in a list of lockdep or in a trace, or that are cut off */
	uint64_t first_damaged;	/* number of the first of them, from 1 */
	uint64_t left_out;	/* classes, orders and rows of such a list that are more than we take */
	uint64_t lost;		/* events that a trace lacks, as it says itself; at least so many */
};

/* From the first bytes of a file: may it be a text that import_text() reads? */
bool import_probe(const uint8_t *p, size_t len);

/*
 * Read a text to its end and tell what it says to @sink as one source (META .. END).
 * @name is for messages and for META. 0; -ENODATA (there is nothing about locks in
 * it, and nothing was told), -EIO and its like from read(), -ENOMEM, all with @why;
 * or what @sink returned.
 */
int import_text(int fd, const char *name, const struct lk_sink *sink, struct import_stats *stats,
		struct diag *why);

#endif /* LK_IMPORT_H */
