/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cgroup v2: from path to descriptor, from id to path.
 */
#ifndef LK_CGROUP_H
#define LK_CGROUP_H

#include <stddef.h>
#include <stdint.h>

struct diag;

/*
 * Open a cgroup's directory; @path is absolute in the file system or relative
 * to the cgroup2 mount. Returns the descriptor, or a negative errno with a
 * sentence in @why.
 */
int cgroup_open(const char *path, struct diag *why);

/* Path below the mount ("/" for the root) of the cgroup with this id. 0 or -errno. */
int cgroup_path(uint64_t id, char *buf, size_t size);

#endif /* LK_CGROUP_H */
