/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An explanation on its way up. Library code never prints: it fills a diag with
 * one sentence that names the object, the cause and the next step, and returns
 * a negative errno. Only cmd/ shows it.
 */
#ifndef LK_DIAG_H
#define LK_DIAG_H

struct diag {
	char text[512];		/* "" while there is nothing to say; never more than one line */
};

/*
 * Replace the text; too long a text is cut at a whole character and marked.
 * Returns @err, so that callers can write `return diag_set(why, -EINVAL, ...)`.
 * @why may be NULL.
 */
int diag_set(struct diag *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As diag_set(), with ": <strerror of -err>" appended. */
int diag_errno(struct diag *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* LK_DIAG_H */
