/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel functions are lock code or tracing machinery, and so never the
 * caller that a wait is attributed to.
 */
#ifndef LK_SYMCLASS_H
#define LK_SYMCLASS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Length of a symbol's name without what compilers append (.constprop.0,
 * .isra.1, .part.2, .cold, .llvm.123).
 */
size_t symclass_base_len(const char *name);

/* Implementation of a lock, or of waiting. */
bool symclass_is_lock(const char *name);

/*
 * A function that takes a lock which its caller means, so that the place alone does not tell
 * one kind of lock from another: device_lock() and its like where they are not inlined.
 */
bool symclass_is_wrapper(const char *name);

/* BPF program, trampoline, tracepoint machinery, stack walk. */
bool symclass_is_tracer(const char *name);

#endif /* LK_SYMCLASS_H */
