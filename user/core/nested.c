// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-ups in the tables of annotated acquisitions; see nested.h for the contract and
 * nested_row.h for the rows.
 */
#include "nested.h"

#include <stdlib.h>
#include <string.h>

#include "nested_row.h"
#include "nested_6_1.h"
#include "nested_6_12.h"

struct table {
	unsigned int major, minor;
	const char *version;
	const struct nested_row *rows;
	size_t nr;
};

#define TABLE(maj, min)								\
	{ maj, min, #maj "." #min, nested_##maj##_##min,			\
	  sizeof(nested_##maj##_##min) / sizeof(nested_##maj##_##min[0]) }

/* Oldest first. */
static const struct table tables[] = { TABLE(6, 1), TABLE(6, 12) };

#define NR_TABLES (sizeof(tables) / sizeof(tables[0]))

static const struct table *find_table(const char *kernel, bool *exact)
{
	const struct table *best = &tables[0];
	unsigned long major, minor = 0;
	char *end;
	size_t i;

	*exact = false;
	if (!kernel[0])
		return NULL;
	major = strtoul(kernel, &end, 10);
	if (end != kernel && *end == '.')
		minor = strtoul(end + 1, NULL, 10);
	for (i = 0; i < NR_TABLES; i++)
		if (tables[i].major < major || (tables[i].major == major && tables[i].minor <= minor))
			best = &tables[i];
	*exact = best->major == major && best->minor == minor;
	return best;
}

const char *nested_table(const char *kernel, bool *exact)
{
	const struct table *t = find_table(kernel, exact);

	return t ? t->version : NULL;
}

/* strcmp() of a row's function and the first @len bytes of @function. */
static int compare(const struct nested_row *row, const char *function, size_t len)
{
	int order = strncmp(row->function, function, len);

	return order ? order : row->function[len] != '\0';
}

/* First row of the function, or where it would be. */
static size_t lower_bound(const struct table *t, const char *function, size_t len)
{
	size_t low = 0, high = t->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(&t->rows[middle], function, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Is one of two member paths the end of the other? What is not known may be anything. */
static bool same_member(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	if (la < lb)
		return same_member(b, a);
	return !lb || (!strcmp(a + la - lb, b) && (la == lb || a[la - lb - 1] == '.'));
}

/* PREEMPT_RT has other primitives behind the same source. */
static uint32_t prim_of_source(uint32_t prim)
{
	switch (prim) {
	case LK_PRIM_RT_SPINLOCK:
		return LK_PRIM_SPINLOCK;
	case LK_PRIM_RT_RWLOCK:
		return LK_PRIM_RWLOCK;
	}
	return prim;
}

/*
 * NESTED_MASK_* of all acquisitions that may be meant, or'ed; 0 = nothing is annotated.
 * *all: what is set for each of them.
 */
static unsigned int lookup(const char *kernel, const char *function, uint32_t prim, uint32_t read,
			   const char *member, unsigned int *all)
{
	size_t len = strcspn(function, "."), i;
	const struct nested_row *row;
	const struct table *t;
	unsigned int mask = 0;
	bool exact;

	*all = ~0u;
	t = find_table(kernel, &exact);
	if (!t)
		return 0;
	prim = prim_of_source(prim);
	for (i = lower_bound(t, function, len); i < t->nr && !compare(&t->rows[i], function, len); i++) {
		row = &t->rows[i];
		if (row->prim != prim || (row->read != LK_WRITE) != (read != LK_WRITE) ||
		    !same_member(row->member, member))
			continue;
		mask |= row->mask;
		*all &= row->mask;
	}
	return mask;
}

enum nested_how nested_subclass(const char *kernel, const char *function, uint32_t prim,
				uint32_t read, const char *member, unsigned int *subclass)
{
	unsigned int all, n, mask = lookup(kernel, function, prim, read, member, &all);

	*subclass = 0;
	if (mask & NESTED_MASK_VARIABLE)
		return NESTED_VARIABLE;
	mask &= NESTED_MASK_SUBCLASS;
	if (mask & (mask - 1))
		return NESTED_AMBIGUOUS;
	for (n = 1; n < 8; n++)
		if (mask == 1u << n)
			*subclass = n;
	return *subclass ? NESTED_SITE : NESTED_NONE;
}

bool nested_under(const char *kernel, const char *function, uint32_t prim, uint32_t read,
		  const char *member)
{
	unsigned int all, mask = lookup(kernel, function, prim, read, member, &all);

	return mask && (all & NESTED_MASK_UNDER);
}
