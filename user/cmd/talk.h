/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said on standard error: errors, notes, and a progress line when it is
 * a terminal. Nothing that is data goes through here. Text is sanitised, because
 * sentences quote file names and what files and the kernel say.
 */
#ifndef LK_TALK_H
#define LK_TALK_H

#include <stdbool.h>

struct talk {
	bool quiet;		/* errors only */
	bool tty;
	bool line_open;		/* a progress line is on the screen */
};

void talk_init(struct talk *t, bool quiet);

/* "lockscope: ..." always. */
void talk_error(struct talk *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same unless quiet. */
void talk_note(struct talk *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Replace the progress line; nothing unless standard error is a terminal and not quiet. */
void talk_progress(struct talk *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Take the progress line away, before data goes to the same terminal. */
void talk_clear(struct talk *t);

#endif /* LK_TALK_H */
