/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every loss counter means and what to do about it.
 */
#ifndef LK_LOSS_H
#define LK_LOSS_H

#include <stdbool.h>

struct loss_info {
	const char *name;	/* "rows-full"; stable, part of the JSON contract */
	const char *meaning;	/* one clause: what is missing or blurred */
	const char *advice;	/* one clause: what to do */
	bool is_loss;		/* false: worth knowing, but the result is complete */
};

/* Never NULL: an unknown counter gets a generic entry that says it is unknown (and is a loss). */
const struct loss_info *loss_info(unsigned int counter);

#endif /* LK_LOSS_H */
