/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A row of the generated tables nested_*.h, which only nested.c includes (and its
 * test): a lock that a function takes, and the subclasses it gives to it.
 * tools/tables/README.md says how the rows are found.
 */
#ifndef LK_NESTED_ROW_H
#define LK_NESTED_ROW_H

#include <stdint.h>

#include "../../bpf/abi.h"

#define NESTED_MASK_SUBCLASS	0xffu		/* bit n: subclass n; 0 is without annotation */
#define NESTED_MASK_VARIABLE	(1u << 8)	/* a subclass that is computed */
#define NESTED_MASK_UNDER	(1u << 9)	/* with a nest_lock; bit 0 is set as well */

/*
 * Sorted by function, as strcmp() does. Of a function, primitive and mode there are
 * either rows for all that is taken, or none because nothing of it is annotated.
 */
struct nested_row {
	const char *function;	/* as in the symbol table, without the compiler's suffixes */
	uint8_t prim;		/* enum lk_prim; LK_PRIM_NONE: a socket, taken by lock_sock() */
	uint8_t read;		/* LK_WRITE or LK_READ */
	const char *member;	/* "d_lockref.lock": behind the last arrow; "" = any */
	uint16_t mask;		/* NESTED_MASK_* */
};

#endif /* LK_NESTED_ROW_H */
