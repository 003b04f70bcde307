/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables for terminals. All cells are collected first, so that columns are as
 * wide as what is in them. Where a row does not fit into the width:
 *  - from 120 columns on, text cells are shortened in the middle, widest first;
 *  - below, a row takes several lines: the numbers and the first text column,
 *    then the other text columns, indented. The header has the same shape.
 * Lines have no trailing blanks; cells are sanitized here and measured in
 * terminal columns, so that no name can break the alignment.
 */
#ifndef LK_TABLE_H
#define LK_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLS_MAX 20

/* Number columns come first. */
struct table_col {
	const char *title;
	bool number;		/* aligned right, never shortened */
	unsigned int min;	/* text: not shortened below that; 0 = never shortened */
};

struct table;

/* NULL when out of memory. @col is copied (titles are borrowed); at most TABLE_COLS_MAX. */
struct table *table_new(const struct table_col *col, unsigned int nr);
void table_free(struct table *t);

/*
 * Next cell, row by row, from untrusted text; NULL and what has nothing but
 * blanks print as "-". Running out of memory is remembered and told by
 * table_print().
 */
void table_cell(struct table *t, const char *s);

/*
 * Print header and rows into @width columns (0 = no limit), each line indented
 * by @indent. After each row @below (may be NULL) is called. Returns 0,
 * -ENOMEM or what @below returned. Write errors stay in the stream.
 */
int table_print(const struct table *t, FILE *out, unsigned int width, unsigned int indent,
		int (*below)(void *ctx, unsigned int row, FILE *out), void *ctx);

#endif /* LK_TABLE_H */
