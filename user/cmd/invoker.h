/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is behind sudo. Tracing needs root, but the command under observation and
 * the files we make belong to the user who typed the line.
 */
#ifndef LK_INVOKER_H
#define LK_INVOKER_H

#include <stdbool.h>
#include <sys/types.h>

struct diag;

struct invoker {
	bool known;		/* we are root through sudo, and this is for whom */
	uid_t uid;
	gid_t gid;
	char name[256];
	char home[4096];	/* "" = not known */
};

/*
 * Read SUDO_UID, SUDO_GID and SUDO_USER. Not root, or no sudo: known = false.
 * -EINVAL with a sentence when they do not make sense: never run as root what
 * was meant to run as somebody else.
 */
int invoker_get(struct invoker *who, struct diag *why);

/* Become that user for good, environment included. Call between fork and exec. 0 or -errno. */
int invoker_become(const struct invoker *who);

#endif /* LK_INVOKER_H */
