// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading files of suppressions; see suppressions.h.
 */
#include "suppressions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../base/input.h"
#include "../core/suppress.h"
#include "opts.h"
#include "talk.h"

#define FILE_MAX	(16u << 20)	/* bytes: far more than anybody writes by hand */

struct suppress *suppressions_new(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return NULL;
	return suppress_new((uint32_t)(tm.tm_year + 1900) * 10000 + (uint32_t)(tm.tm_mon + 1) * 100 +
			    (uint32_t)tm.tm_mday);
}

static int parse(struct suppress *s, int fd, const char *name, struct diag *why)
{
	struct input in;
	size_t len;
	int err = input_init(&in, fd, FILE_MAX);

	if (err)
		return err;
	len = input_need(&in, FILE_MAX);
	if (in.err)
		err = diag_errno(why, in.err, "cannot read the suppressions in '%s'", name);
	else if (len >= FILE_MAX)
		err = diag_set(why, -EFBIG, "'%s' is too large for a file of suppressions: more than "
			       "%u MiB", name, FILE_MAX >> 20);
	else
		err = suppress_parse(s, (const char *)input_data(&in), len, name, why);
	input_done(&in);
	return err;
}

static int load(struct suppress *s, const char *name, struct diag *why)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return diag_errno(why, -errno, "cannot read the suppressions in '%s'", name);
	err = parse(s, fd, name, why);
	close(fd);
	return err == -ENOMEM ? diag_errno(why, err, "cannot read the suppressions in '%s'", name) : err;
}

static void tell_expired(const struct suppress *s, struct talk *talk)
{
	char day[SUPPRESS_DATE_LEN];
	unsigned int i;

	for (i = 0; i < suppress_nr(s); i++) {
		const struct suppress_entry *e = suppress_entry(s, i);

		if (e->expired)
			talk_note(talk, "%s:%u: the suppression of %s ended with %s and does not count any "
				  "more: %s", e->file, e->line, e->id, suppress_date(e->until, day),
				  e->reason);
	}
}

int suppressions_load(const struct opts *o, struct talk *talk, struct diag *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < o->suppress.nr && !err; i++)
		err = load(o->suppressed, o->suppress.v[i], why);
	if (!err)
		tell_expired(o->suppressed, talk);
	return err;
}
