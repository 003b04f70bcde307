/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A descriptor as a window of bytes that moves forward: at least what is asked
 * for, up to a maximum, in one piece. Works on pipes; memory is fixed.
 */
#ifndef LK_INPUT_H
#define LK_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
	int fd;
	int err;		/* first error of read(), negative; it sticks */
	bool eof;
	uint8_t *buf;
	size_t size;		/* of buf, less one byte that is never read into: room for a NUL */
	size_t start, end;	/* the window in buf */
	uint64_t off;		/* of the window in the file */
};

/* Up to @max bytes at once. 0 or -ENOMEM; @fd stays the caller's. */
int input_init(struct input *in, int fd, size_t max);
void input_done(struct input *in);

/*
 * Bytes in the window, at least @n (<= max) unless the file ends before or
 * there was an error. The window may move in memory: older pointers into it are void.
 */
size_t input_need(struct input *in, size_t n);

static inline const uint8_t *input_data(const struct input *in)
{
	return in->buf + in->start;
}

/* Drop @n bytes of the window. They stay in memory until the next input_need(). */
static inline void input_skip(struct input *in, size_t n)
{
	in->start += n;
	in->off += n;
}

#endif /* LK_INPUT_H */
