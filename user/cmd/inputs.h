/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the user named as input: recordings and texts of all kinds, into a model.
 */
#ifndef LK_INPUTS_H
#define LK_INPUTS_H

#include <stdbool.h>

struct diag;
struct model;
struct talk;
struct writer;

/*
 * Read the @nr inputs @name ("-": standard input), one after the other, into @m, and what
 * @m took into the recording @save (NULL: none; the caller has its error). Damage is told
 * and noted in the model; *damaged (may be NULL): there was some that no event tells of. 0,
 * or -errno with a sentence for an input that cannot be opened or is none.
 */
int inputs_read(const char *const *name, unsigned int nr, struct talk *talk, struct model *m,
		struct writer *save, bool *damaged, struct diag *why);

#endif /* LK_INPUTS_H */
