// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a recording may go. We run as root, often in a directory of a user's,
 * so: symbolic links are not followed, a file that is not ours to replace is
 * left alone, and what is checked is the descriptor that is then written to.
 *
 * Recordings hold kernel addresses: only their owner may read them (0600).
 */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../base/num.h"
#include "format.h"

/* "-", /dev/stdout and /dev/fd/N (as the shell's >(...) gives): the descriptor, else -1. */
static int inherited_fd(const char *path)
{
	static const char dev_fd[] = "/dev/fd/";
	const size_t len = sizeof(dev_fd) - 1;
	uint32_t n;

	if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (strncmp(path, dev_fd, len) || num_parse_u32(path + len, 0, INT_MAX, &n))
		return -1;
	return (int)n;
}

static int open_inherited(int from, const char *path, int *ret, struct diag *why)
{
	int fd;

	if (isatty(from))
		return diag_set(why, -EINVAL, "'%s' is a terminal, which cannot show a recording; "
				"redirect the output or name a file with -o", path);
	fd = fcntl(from, F_DUPFD_CLOEXEC, 3);
	if (fd < 0) {
		int err = -errno;

		return diag_errno(why, err, "cannot write to '%s'", path);
	}
	*ret = fd;
	return 0;
}

/* A user id from the environment, as sudo sets it; false if there is none. */
static bool env_id(const char *name, uint32_t *ret)
{
	const char *s = getenv(name);

	return s && !num_parse_u32(s, 0, UINT32_MAX - 1, ret);	/* the last one means "no change" */
}

/*
 * Give a file that we made to the user behind sudo, but only where that user
 * could have made it alone: in a directory of his or one like /tmp.
 */
static void give_to_invoker(int dirfd, int fd)
{
	const mode_t shared = S_ISVTX | S_IWOTH;
	uint32_t uid, gid;
	struct stat dir;

	if (geteuid() || !env_id("SUDO_UID", &uid) || !env_id("SUDO_GID", &gid))
		return;
	if (fstat(dirfd, &dir) || (dir.st_uid != uid && (dir.st_mode & shared) != shared))
		return;
	(void)!fchown(fd, uid, gid);	/* some file systems have no owners: then it stays as it is */
}

static bool null_or_full(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 1 &&
	       (minor(st->st_rdev) == 3 || minor(st->st_rdev) == 7);
}

static int refuse(const char *path, const struct stat *st, struct diag *why)
{
	const char *what = S_ISDIR(st->st_mode) ? "a directory" :
			   S_ISLNK(st->st_mode) ? "a symbolic link, which is not followed" :
			   S_ISSOCK(st->st_mode) ? "a socket" : "a device";

	return diag_set(why, S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL,
			"'%s' is %s; give the name of a file with -o", path, what);
}

/* Lock a file that is about to be written; two writers would make neither's recording readable. */
static int lock(int fd, const char *path, struct diag *why)
{
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return diag_set(why, -EBUSY, "'%s' is being written by another program; "
				"choose another name with -o", path);
	return 0;		/* a file system without locks is no reason to refuse */
}

static int take_over(int fd, const char *path, struct diag *why)
{
	char magic[LKS_MAGIC_SZ];
	struct stat st;
	int err;

	if (fstat(fd, &st))
		goto fail;
	if (st.st_size && (pread(fd, magic, sizeof(magic), 0) != sizeof(magic) ||
			   memcmp(magic, LKS_MAGIC, sizeof(magic))))
		return diag_set(why, -EEXIST, "'%s' exists and is not a lockscope recording; "
				"remove it or choose another name with -o", path);
	err = lock(fd, path, why);
	if (err)
		return err;
	if (!ftruncate(fd, 0))
		return 0;
fail:
	err = -errno;
	return diag_errno(why, err, "cannot overwrite '%s'", path);
}

static int open_existing(int dirfd, const char *base, const char *path, int *ret, struct diag *why)
{
	struct stat st, opened;
	bool regular;
	int fd, err;

	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW))
		goto fail;
	regular = S_ISREG(st.st_mode);
	if (!regular && !S_ISFIFO(st.st_mode) && !null_or_full(&st))
		return refuse(path, &st, why);
	fd = openat(dirfd, base, (regular ? O_RDWR : O_WRONLY) | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		goto fail;
	if (fstat(fd, &opened) || opened.st_dev != st.st_dev || opened.st_ino != st.st_ino)
		err = diag_set(why, -EAGAIN, "'%s' was replaced while it was being opened; try again", path);
	else
		err = regular ? take_over(fd, path, why) : 0;
	if (err)
		close(fd);
	else
		*ret = fd;
	return err;
fail:
	err = -errno;
	return diag_errno(why, err, "cannot open '%s' for writing", path);
}

static int open_in(int dirfd, const char *base, const char *path, int *ret, struct diag *why)
{
	int err, fd = openat(dirfd, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return open_existing(dirfd, base, path, ret, why);
	if (fd < 0) {
		err = -errno;
		return diag_errno(why, err, "cannot create '%s'", path);
	}
	give_to_invoker(dirfd, fd);
	err = lock(fd, path, why);
	if (err)
		close(fd);
	else
		*ret = fd;
	return err;
}

int outfile_open(const char *path, int *ret, struct diag *why)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	int err, dirfd, from = inherited_fd(path);
	char *dir;

	if (from >= 0)
		return open_inherited(from, path, ret, why);
	if (!*base)
		return diag_set(why, *path ? -EISDIR : -EINVAL,
				"'%s' is not the name of a file; give one with -o", path);
	dir = slash ? strndup(path, (size_t)(base - path)) : strdup(".");
	if (!dir)
		return diag_errno(why, -ENOMEM, "cannot create '%s'", path);
	dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		err = -errno;
		diag_errno(why, err, "cannot create '%s'", path);
	} else {
		err = open_in(dirfd, base, path, ret, why);
		close(dirfd);
	}
	free(dir);
	return err;
}
