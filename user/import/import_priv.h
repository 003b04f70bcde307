/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the readers of the several kinds of text share. Private to user/import/.
 */
#ifndef LK_IMPORT_PRIV_H
#define LK_IMPORT_PRIV_H

#include "import.h"
#include "linein.h"

struct import {
	struct linein in;
	const char *name;
	const struct lk_sink *sink;
	struct import_stats *stats;
	bool begun;		/* META was told */
	uint64_t last_ns;	/* latest time told */
};

/* META, once. @kernel may be "". 0 or what the sink returned. */
int import_begin(struct import *im, const char *tool, const char *kernel, uint64_t start_ns);
/* END, if there was a META. */
int import_end(struct import *im);
/* The line that linein_next() gave last cannot be used. */
void import_damaged(struct import *im);

/* Kernel logs: log.c. 0, or what the sink returned, -ENOMEM. */
int import_log(struct import *im);

#endif /* LK_IMPORT_PRIV_H */
