// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-up in the table of locks in structures; see membername.h. A row is
 *
 *	"TAG PATH KIND NAME"	sorted as strcmp() does
 *
 * KIND: one letter, enum kind. NAME: "=" and the name, which may contain blanks; without
 * "=" the variable x of the name "&x->PATH".
 */
#include "membername.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "member_names.h"

enum kind {
	KIND_LOCK	= 'L',
	KIND_WW_MUTEX	= 'W',
	KIND_WAITQUEUE	= 'Q',	/* wait_queue_head and swait_queue_head */
	KIND_COMPLETION	= 'C',
	KIND_SEMAPHORE	= 'S',
	KIND_SRCU	= 'R',
};

struct key {
	char text[256];		/* "TAG PATH " */
	size_t len;
};

static int compare(const void *key, const void *row)
{
	const struct key *k = key;

	return strncmp(k->text, *(const char *const *)row, k->len);
}

/* "KIND NAME" of the first @len bytes of @path, or NULL. */
static const char *find(const char *type, const char *path, size_t len)
{
	const char *const *row;
	struct key k;
	int n;

	n = snprintf(k.text, sizeof(k.text), "%s %.*s ", type, (int)len, path);
	if (n < 0 || (size_t)n >= sizeof(k.text))
		return NULL;
	k.len = (size_t)n;
	row = bsearch(&k, member_names, sizeof(member_names) / sizeof(member_names[0]),
		      sizeof(member_names[0]), compare);
	return row ? *row + k.len : NULL;
}

/* Has the lock at @inside of an object of this kind the object's own name? */
static bool is_itself(enum kind kind, const char *inside)
{
	switch (kind) {
	case KIND_WAITQUEUE:
		return !strcmp(inside, "lock");
	case KIND_WW_MUTEX:
		return !strcmp(inside, "base");
	case KIND_LOCK:
		return !strcmp(inside, "rlock");
	case KIND_COMPLETION:
	case KIND_SEMAPHORE:
	case KIND_SRCU:
		break;
	}
	return false;
}

/* @row: what find() gave for the first @len bytes of @path. @inside: the rest, or NULL. */
static void format(const char *row, const char *path, size_t len, const char *inside,
		   char *buf, size_t size)
{
	const char *name = row + 2;

	if (inside && is_itself((enum kind)row[0], inside))
		inside = NULL;
	if (*name == '=')
		(void)snprintf(buf, size, "%s%s%s", name + 1, inside ? "." : "", inside ? inside : "");
	else
		(void)snprintf(buf, size, "&%s->%.*s%s%s", name, (int)len, path,
			       inside ? "." : "", inside ? inside : "");
}

bool membername(const char *type, const char *path, char *buf, size_t size)
{
	size_t len = strlen(path);
	const char *row = find(type, path, len), *inside = NULL;

	/* Not a row of its own: inside of one? */
	while (!row && len) {
		len--;
		if (path[len] != '.')
			continue;
		row = find(type, path, len);
		inside = path + len + 1;
	}
	if (!row) {
		(void)snprintf(buf, size, "&%s->%s", type, path);
		return false;
	}
	format(row, path, len, inside, buf, size);
	return true;
}
