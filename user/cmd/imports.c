// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts as inputs (imports.h). What a pipe holds is looked at by tee(2), which
 * leaves it there.
 */
#include "imports.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../import/import.h"

#define PEEK	512

static ssize_t peek_pipe(int fd, uint8_t *buf)
{
	int copy[2];
	ssize_t n;

	if (pipe2(copy, O_CLOEXEC))
		return -1;
	n = tee(fd, copy[1], PEEK, 0);
	if (n > 0)
		n = read(copy[0], buf, (size_t)n);
	close(copy[0]);
	close(copy[1]);
	return n;
}

static ssize_t peek(int fd, uint8_t *buf)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (S_ISREG(st.st_mode)) {
		off_t at = lseek(fd, 0, SEEK_CUR);	/* standard input may have been read from */

		return pread(fd, buf, PEEK, at < 0 ? 0 : at);
	}
	if (S_ISFIFO(st.st_mode))
		return peek_pipe(fd, buf);
	if (S_ISSOCK(st.st_mode))
		return recv(fd, buf, PEEK, MSG_PEEK);
	return -1;
}

static int open_name(const char *name)
{
	struct stat st;

	if (!strcmp(name, "-"))
		return STDIN_FILENO;
	if (stat(name, &st) || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
		return -1;
	return open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
}

void imports_close(int fd)
{
	if (fd > STDIN_FILENO)
		close(fd);
}

bool imports_is_text(const char *name, int *fd)
{
	uint8_t buf[PEEK];
	ssize_t n;

	*fd = open_name(name);
	n = *fd < 0 ? -1 : peek(*fd, buf);
	return n > 0 && import_probe(buf, (size_t)n);
}

int imports_read(int fd, const char *name, const struct lk_sink *sink, struct diag *why)
{
	struct import_stats stats;

	return import_text(fd, strcmp(name, "-") ? name : "standard input", sink, &stats, why);
}
