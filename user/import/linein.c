// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a descriptor (linein.h).
 */
#include "linein.h"

#include <string.h>

int linein_init(struct linein *l, int fd)
{
	l->lines = 0;
	return input_init(&l->in, fd, LINEIN_MAX);
}

void linein_done(struct linein *l)
{
	input_done(&l->in);
}

size_t linein_peek(struct linein *l, const char **data)
{
	size_t n = input_need(&l->in, LINEIN_MAX);

	*data = (const char *)input_data(&l->in);
	return n < LINEIN_MAX ? n : LINEIN_MAX;
}

/* End the line of @n bytes at the window's start, of which @skip more are its end. */
static char *take(struct linein *l, size_t n, size_t skip, size_t *len)
{
	char *line = (char *)l->in.buf + l->in.start, *p = line;

	input_skip(&l->in, n + skip);
	l->lines += skip || l->in.eof;
	l->whole = skip;
	line[n] = 0;		/* over the line end, or over the byte behind the buffer's end */
	while ((p = memchr(p, 0, n - (size_t)(p - line))))
		*p = ' ';
	*len = n;
	return line;
}

char *linein_next(struct linein *l, size_t *len)
{
	const uint8_t *nl;
	size_t seen = 0, avail;

	while ((avail = input_need(&l->in, seen + 1)) > seen) {
		nl = memchr(input_data(&l->in) + seen, '\n', avail - seen);
		if (nl)
			return take(l, (size_t)(nl - input_data(&l->in)), 1, len);
		if (avail >= LINEIN_MAX)	/* its last byte makes room for the NUL */
			return take(l, LINEIN_MAX - 1, 1, len);
		seen = avail;
	}
	return seen ? take(l, seen, 0, len) : NULL;
}
