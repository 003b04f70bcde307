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

static const char *shown(const char *name)
{
	return strcmp(name, "-") ? name : "standard input";
}

int imports_read(int fd, const char *name, const struct lk_sink *sink, struct import_stats *stats, struct diag *why)
{
	return import_text(fd, shown(name), sink, stats, why);
}

bool imports_gap(const struct import_stats *s, const char *name, unsigned int i, struct diag *gap)
{
	unsigned int nr = 0;

	name = shown(name);
	if (s->damaged && nr++ == i)
		diag_set(gap, 0, "'%s' is damaged or cut off: %llu of its lines could not be used, the first is line %llu; "
			 "copy it again", name, (unsigned long long)s->damaged, (unsigned long long)s->first_damaged);
	else if (s->left_out && nr++ == i)
		diag_set(gap, 0, "'%s' has more classes or orders than lockscope takes: %llu lines were left out",
			 name, (unsigned long long)s->left_out);
	else if (s->lost && nr++ == i)
		diag_set(gap, 0, "'%s' says that events were lost, at least %llu, so that orders and waits may be missing; "
			 "trace with a larger buffer", name, (unsigned long long)s->lost);
	else
		return false;
	return true;
}
