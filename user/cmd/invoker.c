// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user behind sudo, from the variables that sudo sets.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../base/num.h"
#include "invoker.h"

static int get_id(const char *var, uint32_t *id, struct diag *why)
{
	const char *text = getenv(var);

	/* The last id, -1, means "leave as it is" to setresuid(). */
	if (text && !num_parse_u32(text, 0, UINT32_MAX - 1, id))
		return 0;
	return diag_set(why, -EINVAL, "%s is '%s', which is no id, so the user behind sudo is not known; "
			"unset SUDO_UID to run the command as root", var, text ? text : "");
}

int invoker_get(struct invoker *who, struct diag *why)
{
	const struct passwd *pw;
	const char *name;
	uint32_t uid, gid;
	int err;

	*who = (struct invoker){ .known = false };
	if (geteuid() != 0 || !getenv("SUDO_UID"))
		return 0;
	err = get_id("SUDO_UID", &uid, why);
	if (!err)
		err = get_id("SUDO_GID", &gid, why);
	if (err || !uid)
		return err;
	pw = getpwuid(uid);
	name = pw ? pw->pw_name : getenv("SUDO_USER");
	if (!name || !*name || strlen(name) >= sizeof(who->name))
		return diag_set(why, -EINVAL, "SUDO_UID is %u, but that user has no name; unset SUDO_UID "
				"to run the command as root", uid);
	who->known = true;
	who->uid = uid;
	who->gid = gid;
	snprintf(who->name, sizeof(who->name), "%s", name);
	if (pw && pw->pw_dir && strlen(pw->pw_dir) < sizeof(who->home))
		snprintf(who->home, sizeof(who->home), "%s", pw->pw_dir);
	return 0;
}

int invoker_become(const struct invoker *who)
{
	if (!who->known)
		return 0;
	if (initgroups(who->name, who->gid) || setresgid(who->gid, who->gid, who->gid) ||
	    setresuid(who->uid, who->uid, who->uid))
		return -errno;
	if (setenv("USER", who->name, 1) || setenv("LOGNAME", who->name, 1) ||
	    (who->home[0] && setenv("HOME", who->home, 1)))
		return -errno;
	return 0;
}
