// SPDX-License-Identifier: GPL-2.0-only
/*
 * A moving window over a descriptor (input.h). Reads are large, but not larger
 * than a cache likes; the window is moved to the front of the buffer only when
 * what is needed does not fit behind it.
 */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_MAX	(256u << 10)

int input_init(struct input *in, int fd, size_t max)
{
	*in = (struct input){ .fd = fd, .size = max + READ_MAX };
	in->buf = malloc(in->size + 1);
	return in->buf ? 0 : -ENOMEM;
}

void input_done(struct input *in)
{
	free(in->buf);
	in->buf = NULL;
}

/* Read once behind the window. */
static void read_more(struct input *in)
{
	size_t room = in->size - in->end;
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	ssize_t n = read(in->fd, in->buf + in->end, room < READ_MAX ? room : READ_MAX);

	if (n > 0)
		in->end += (size_t)n;
	else if (!n)
		in->eof = true;
	else if (errno == EAGAIN)
		(void)poll(&pfd, 1, -1);	/* read() tells what is wrong */
	else if (errno != EINTR)
		in->err = -errno;
}

size_t input_need(struct input *in, size_t n)
{
	if (in->end - in->start >= n)
		return in->end - in->start;
	if (in->size - in->start < n || in->start == in->end) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	while (in->end - in->start < n && !in->eof && !in->err)
		read_more(in);
	return in->end - in->start;
}
