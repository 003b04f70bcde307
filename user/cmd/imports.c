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

/* What of a list of lockdep's was not used. */
static void describe_gap(const struct import_stats *s, const char *name, struct diag *gap)
{
	if (s->damaged)
		diag_set(gap, 0, "'%s' is damaged or cut off: %llu of its lines could not be used, the first is line %llu; "
			 "copy it again", name, (unsigned long long)s->damaged, (unsigned long long)s->first_damaged);
	else if (s->left_out)
		diag_set(gap, 0, "'%s' has more classes or orders than lockscope takes: %llu lines were left out",
			 name, (unsigned long long)s->left_out);
}

int imports_read(int fd, const char *name, const struct lk_sink *sink, struct diag *gap, struct diag *why)
{
	struct import_stats stats;
	int err;

	name = strcmp(name, "-") ? name : "standard input";
	err = import_text(fd, name, sink, &stats, why);
	gap->text[0] = 0;
	if (!err)
		describe_gap(&stats, name, gap);
	return err;
}
