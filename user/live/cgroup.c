// SPDX-License-Identifier: GPL-2.0-only
/*
 * cgroup v2 look-ups. An id is the kernfs file handle of the cgroup's directory
 * (kernel/cgroup: cgroup_id()), so the kernel itself can open it for us.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/diag.h"
#include "cgroup.h"

#define FILEID_KERNFS 0xfe	/* include/linux/exportfs.h */

/* Where cgroup2 is mounted; the first mount wins. */
static int cgroup_mount(char *buf, size_t size)
{
	struct mntent ent;
	char line[4096];
	int err = -ENOENT;
	FILE *f = setmntent("/proc/self/mounts", "re");

	if (!f)
		return -errno;
	while (err && getmntent_r(f, &ent, line, sizeof(line))) {
		if (strcmp(ent.mnt_type, "cgroup2"))
			continue;
		err = (size_t)snprintf(buf, size, "%s", ent.mnt_dir) < size ? 0 : -ENAMETOOLONG;
	}
	endmntent(f);
	return err;
}

int cgroup_open(const char *path, struct diag *why)
{
	char mount[PATH_MAX], full[2 * PATH_MAX];
	size_t len;
	int fd, err;

	err = cgroup_mount(mount, sizeof(mount));
	if (err)
		return diag_set(why, err, "cannot filter by cgroup: no cgroup2 file system is mounted; "
				"mount one with 'mount -t cgroup2 none DIR'");
	len = strlen(mount);
	if (!strncmp(path, mount, len) && (path[len] == '/' || !path[len]))
		snprintf(full, sizeof(full), "%s", path);
	else
		snprintf(full, sizeof(full), "%s/%s", mount, path + strspn(path, "/"));
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return diag_errno(why, -errno, "cannot open cgroup '%s'", full);
	return fd;
}

int cgroup_path(uint64_t id, char *buf, size_t size)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} u;
	char mount[PATH_MAX], link[64], target[PATH_MAX];
	int mnt, fd, err;
	ssize_t n;

	err = cgroup_mount(mount, sizeof(mount));
	if (err)
		return err;
	mnt = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mnt < 0)
		return -errno;
	u.h.handle_bytes = sizeof(id);
	u.h.handle_type = FILEID_KERNFS;
	memcpy(u.h.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mnt, &u.h, O_PATH | O_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	close(mnt);
	if (err)
		return err;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	target[n] = '\0';
	if (!strncmp(target, mount, strlen(mount)))
		memmove(target, target + strlen(mount), strlen(target + strlen(mount)) + 1);
	snprintf(buf, size, "%s", target[0] ? target : "/");
	return 0;
}
