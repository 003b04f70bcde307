// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a descriptor (linein.h).
 */
#include "linein.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_MAX	(256u << 10)
#define BUF_SIZE	(LINEIN_MAX + READ_MAX)

int linein_init(struct linein *in, int fd)
{
	*in = (struct linein){ .fd = fd };
	in->buf = malloc(BUF_SIZE + 1);
	return in->buf ? 0 : -ENOMEM;
}

void linein_done(struct linein *in)
{
	free(in->buf);
	in->buf = NULL;
}

/* Read once behind what is there. */
static void read_more(struct linein *in)
{
	struct pollfd pfd = { .fd = in->fd, .events = POLLIN };
	ssize_t n;

	if (in->start && in->end + READ_MAX > BUF_SIZE) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	n = read(in->fd, in->buf + in->end, BUF_SIZE - in->end);
	if (n > 0)
		in->end += (size_t)n;
	else if (!n)
		in->eof = true;
	else if (errno == EAGAIN)
		(void)poll(&pfd, 1, -1);	/* read() tells what is wrong */
	else if (errno != EINTR)
		in->err = -errno;
}

size_t linein_peek(struct linein *in, const char **data)
{
	while (in->end - in->start < LINEIN_MAX && !in->eof && !in->err)
		read_more(in);
	*data = in->buf + in->start;
	return in->end - in->start < LINEIN_MAX ? in->end - in->start : LINEIN_MAX;
}

/* End the line of @n bytes at in->start, of which @skip more are its end. */
static char *take(struct linein *in, size_t n, size_t skip, size_t *len)
{
	char *line = in->buf + in->start, *p = line;

	in->start += n + skip;
	in->bytes += n + skip;
	in->lines += skip || in->eof;
	line[n] = 0;		/* over the line end, or over the byte behind the buffer's end */
	while ((p = memchr(p, 0, n - (size_t)(p - line))))
		*p = ' ';
	*len = n;
	return line;
}

char *linein_next(struct linein *in, size_t *len)
{
	size_t seen = 0, avail;
	char *nl;

	for (;;) {
		avail = in->end - in->start;
		nl = memchr(in->buf + in->start + seen, '\n', avail - seen);
		if (nl)
			return take(in, (size_t)(nl - in->buf) - in->start, 1, len);
		if (avail >= LINEIN_MAX)
			break;
		if (in->eof || in->err)
			return avail ? take(in, avail, 0, len) : NULL;
		seen = avail;
		read_more(in);
	}
	/* A piece of a line that is too long: its last byte makes room for the NUL. */
	return take(in, LINEIN_MAX - 1, 1, len);
}
