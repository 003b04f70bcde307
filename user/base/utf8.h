/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UTF-8, one character at a time, and what a terminal makes of it. Locale-free,
 * so that output does not depend on the environment.
 */
#ifndef LK_UTF8_H
#define LK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode the character at @s (not at its NUL): returns its length and sets *cp,
 * or returns 0 if no valid character begins there (overlong forms, surrogates,
 * values above U+10FFFF and cut-off sequences are not valid).
 */
size_t utf8_decode(const char *s, uint32_t *cp);

/* Is it visible and harmless: no control, no invisible or direction-changing character? */
bool utf8_is_printable(uint32_t cp);

/* Columns of a printable character: 0 (combining), 1 or 2 (East Asian wide). */
unsigned int utf8_width(uint32_t cp);

#endif /* LK_UTF8_H */
