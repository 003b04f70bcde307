// SPDX-License-Identifier: GPL-2.0-only
/*
 * Standard error. Each sentence is one write, so that those of several
 * processes do not mix.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/sanitize.h"
#include "talk.h"

#define LINE_MAX_LEN 1024

void talk_init(struct talk *t, bool quiet)
{
	*t = (struct talk){ .quiet = quiet, .tty = isatty(STDERR_FILENO) == 1 };
}

static __attribute__((format(printf, 2, 0)))
void say(struct talk *t, const char *fmt, va_list ap)
{
	char raw[LINE_MAX_LEN], clean[SANITIZE_MAX(LINE_MAX_LEN)];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	sanitize_text(clean, sizeof(clean), raw);
	dprintf(STDERR_FILENO, "%slockscope: %s\n", t->line_open ? "\r\033[K" : "", clean);
	t->line_open = false;
}

void talk_error(struct talk *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, fmt, ap);
	va_end(ap);
}

void talk_note(struct talk *t, const char *fmt, ...)
{
	va_list ap;

	if (t->quiet)
		return;
	va_start(ap, fmt);
	say(t, fmt, ap);
	va_end(ap);
}

void talk_progress(struct talk *t, const char *fmt, ...)
{
	char raw[80], clean[SANITIZE_MAX(80)];
	va_list ap;

	if (t->quiet || !t->tty)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	sanitize_text(clean, sizeof(clean), raw);
	dprintf(STDERR_FILENO, "\r\033[K%s", clean);
	t->line_open = true;
}

void talk_clear(struct talk *t)
{
	if (t->line_open)
		dprintf(STDERR_FILENO, "\r\033[K");
	t->line_open = false;
}
