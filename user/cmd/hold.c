// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor 2 is exchanged, so that it does not matter who writes: we, a library,
 * a sanitizer. One per process, as the descriptor is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hold.h"

static int held = -1, real = -1;

void hold_begin(void)
{
	if (held >= 0 || isatty(STDERR_FILENO) != 1)
		return;
	held = memfd_create("messages", MFD_CLOEXEC);
	real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (held < 0 || real < 0 || dup2(held, STDERR_FILENO) < 0) {
		if (held >= 0)
			close(held);
		if (real >= 0)
			close(real);
		held = real = -1;
	}
}

/* Only what is safe in a signal handler. */
static void show(void)
{
	char buf[1024];
	ssize_t n, at, done;
	off_t off = 0;

	while ((n = pread(held, buf, sizeof(buf), off)) > 0) {
		off += n;
		for (at = 0; at < n; at += done) {
			done = write(real, buf + at, (size_t)(n - at));
			if (done < 0 && errno != EINTR)
				return;
			done = done < 0 ? 0 : done;
		}
	}
}

void hold_crash(void)
{
	if (held < 0)
		return;
	(void)dup2(real, STDERR_FILENO);	/* it was one before */
	show();
}

void hold_end(void)
{
	if (held < 0)
		return;
	hold_crash();
	close(held);
	close(real);
	held = real = -1;
}
