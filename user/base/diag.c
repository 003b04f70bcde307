// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filling a diag; see diag.h. The text is always one line of at most
 * sizeof(text) - 1 bytes: a newline becomes a space, and what does not fit is
 * cut at a whole UTF-8 character and marked with "...".
 */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "..."

/* Cut @text, which fills its @size bytes, so that the mark fits behind it. */
static void cut(char *text, size_t size)
{
	size_t end = size - sizeof(MARK);

	while (end && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	memcpy(text + end, MARK, sizeof(MARK));
}

static void one_line(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\r')
			*text = ' ';
}

static void __attribute__((format(printf, 3, 0)))
set(struct diag *why, int err, const char *fmt, va_list ap)
{
	char text[sizeof(why->text)];	/* the arguments may point into why->text */
	size_t size = sizeof(text);
	const char *cause;
	int n, more = 0;

	n = vsnprintf(text, size, fmt, ap);
	if (n < 0)
		n = snprintf(text, size, "(unprintable message)");
	if (err && (size_t)n < size) {
		cause = strerrordesc_np(-err);	/* not translated, unlike strerror() */
		more = snprintf(text + n, size - (size_t)n, ": %s", cause ? cause : "unknown error");
	}
	if ((size_t)n + (size_t)more >= size)
		cut(text, size);
	one_line(text);
	memcpy(why->text, text, size);
}

int diag_set(struct diag *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why) {
		va_start(ap, fmt);
		set(why, 0, fmt, ap);
		va_end(ap);
	}
	return err;
}

int diag_errno(struct diag *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why) {
		va_start(ap, fmt);
		set(why, err ? err : -1, fmt, ap);
		va_end(ap);
	}
	return err;
}
