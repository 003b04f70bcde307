// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream over a descriptor by way of fopencookie(), so that the errno of a
 * failed write is kept: ENOSPC is told, EPIPE is a quiet end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../base/num.h"
#include "../file/reader.h"
#include "invoker.h"
#include "output.h"

#define DEFAULT_WIDTH	80
#define MIN_WIDTH	40
#define MAX_WIDTH	10000

/* 0 means failure here, see fopencookie(3). */
static ssize_t cookie_write(void *cookie, const char *buf, size_t size)
{
	struct output *out = cookie;
	size_t done = 0;

	while (done < size && !out->err) {
		ssize_t n = write(out->fd, buf + done, size - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			out->err = -errno;
	}
	return out->err ? 0 : (ssize_t)size;
}

/*
 * Give a new file to the user behind sudo, but only where that user could have
 * made it: in a directory of his or in one like /tmp.
 */
static void give_to_invoker(const char *path, int fd, const struct invoker *who)
{
	const mode_t shared = S_ISVTX | S_IWOTH;
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	struct stat st;

	if (dir && !stat(dir, &st) && (st.st_uid == who->uid || (st.st_mode & shared) == shared))
		(void)!fchown(fd, who->uid, who->gid);	/* a file system may know no owners */
	free(dir);
}

/* Create the file, or open what is there. */
static int open_file(const char *path, struct diag *why)
{
	struct invoker who;
	int fd, err;

	if (reader_probe(path))
		return diag_set(why, -EEXIST, "-o '%s' is a recording and would be overwritten; give another "
				"name", path);
	err = invoker_get(&who, why);
	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0) {
		if (who.known)
			give_to_invoker(path, fd, &who);
		return fd;
	}
	if (errno == EEXIST)
		fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return fd >= 0 ? fd : diag_errno(why, -errno, "cannot write to '%s'", path);
}

int output_open(struct output *out, const char *path, struct diag *why)
{
	const cookie_io_functions_t io = { .write = cookie_write };

	*out = (struct output){ .fd = STDOUT_FILENO, .is_stdout = true, .name = "standard output" };
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return diag_errno(why, -errno, "cannot ignore SIGPIPE");
	if (path && strcmp(path, "-")) {
		out->fd = open_file(path, why);
		if (out->fd < 0)
			return out->fd;
		out->is_stdout = false;
		out->name = path;
	}
	out->f = fopencookie(out, "w", io);
	if (out->f)
		return 0;
	if (!out->is_stdout)
		close(out->fd);
	return diag_errno(why, -ENOMEM, "cannot write to '%s'", out->name);
}

bool output_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

unsigned int output_width(const struct output *out)
{
	const char *columns = getenv("COLUMNS");
	uint32_t width = DEFAULT_WIDTH;
	struct winsize ws;

	if (!ioctl(out->fd, TIOCGWINSZ, &ws) && ws.ws_col)
		width = ws.ws_col;
	else if (columns && !num_parse_u32(columns, 0, MAX_WIDTH, &width) && !width)
		return 0;
	return width < MIN_WIDTH ? MIN_WIDTH : width;
}

int output_flush(struct output *out)
{
	if (fflush(out->f) && !out->err)
		out->err = -errno;
	return out->err;
}

int output_close(struct output *out, int err, struct diag *why)
{
	if (!out->f)
		return 0;
	if (fclose(out->f) && !out->err)
		out->err = -EIO;
	out->f = NULL;
	if (!out->is_stdout && close(out->fd) && !out->err)
		out->err = -errno;
	if (out->err == -EPIPE)
		return 0;
	if (out->err)
		return diag_errno(why, out->err, "cannot write to %s", out->name);
	return err ? diag_errno(why, err, "cannot make the report") : 0;
}
