/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lockdep's subclasses on kernels that were built without lockdep, where
 * mutex_lock_nested(lock, 1) is mutex_lock(lock): what the source says about the
 * function that takes the lock. Tables of two kernels (6.1 and 6.12, nested_*.h) are
 * made by tools/tables. Pure look-ups.
 */
#ifndef LK_NESTED_H
#define LK_NESTED_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Version of the table that serves the kernel @kernel (as uname -r says it,
 * "6.12.117+deb12-amd64"): "6.12". *exact: it is this kernel's own; else it is the
 * newest one that is older than the kernel, or the oldest if all are newer (or @kernel
 * is no version). NULL if @kernel is "", then *exact is false.
 */
const char *nested_table(const char *kernel, bool *exact);

enum nested_how {
	NESTED_NONE,		/* without annotation, as far as the table knows */
	NESTED_SITE,		/* always with the same subclass, 1 .. 7 */
	NESTED_AMBIGUOUS,	/* with different ones, or now with and now without */
	NESTED_VARIABLE,	/* with one that is computed at run time */
};

/*
 * How @function takes a lock. *subclass is set: 1 .. 7 with NESTED_SITE, else 0.
 *
 *	function	of the call site; suffixes of the compiler (.isra.0, .cold) do not count
 *	prim		enum lk_prim; LK_PRIM_NONE asks for the socket lock of lock_sock()
 *	read		enum lk_read
 *	member		the lock's place in its structure, or the end of that: "i_rwsem",
 *			"d_lockref.lock", without indices of arrays. "" = not known: then all
 *			locks of this primitive and mode must agree that the function takes
 *
 * The table follows the source: a static function that the compiler may inline counts as
 * part of its callers. Where it was not inlined, that can only turn NESTED_SITE into
 * NESTED_AMBIGUOUS, if the caller itself takes the same member otherwise.
 */
enum nested_how nested_subclass(const char *kernel, const char *function, uint32_t prim,
				uint32_t read, const char *member, unsigned int *subclass);

/*
 * Does @function take such a lock always with a nest_lock annotation (mutex_lock_nest_lock()
 * and kin), so under another lock that makes the order among these locks not matter?
 * Arguments as above.
 */
bool nested_under(const char *kernel, const char *function, uint32_t prim, uint32_t read,
		  const char *member);

#endif /* LK_NESTED_H */
