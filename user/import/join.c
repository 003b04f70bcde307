// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a report that were torn, put together again: by mail software behind
 * "at:" and "[<", by terminals anywhere, by printk's continuations around a name.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define NAME_PIECES	6	/* of a name that continuations tore */

void lines_free(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->v.nr; i++)
		free(l->v.v[i]);
	vec_free(&l->v);
}

/* Append @more to the line at *line: 0 or -ENOMEM. */
static int append(char **line, const char *glue, const char *more)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", *line, glue, log_skip(more)) < 0)
		return -ENOMEM;
	free(*line);
	*line = joined;
	return 0;
}

/* "-> #3 (name){...}:", or its hand-made form without usage. */
static bool chain_whole(const char *s)
{
	struct log_lock l;
	const char *open = strchr(s, '(');

	return open && log_lock_line(open, &l);
}

static bool is_chain(const char *s)
{
	s = log_skip(s);
	return log_starts(s, "-> #") && isdigit((unsigned char)s[4]);
}

/* "#3: " of a list of held locks, without its lock. */
static bool is_held_torn(const char *s)
{
	s = log_skip(s);
	if (*s != '#' || !isdigit((unsigned char)s[1]))
		return false;
	s = strchr(s, ':');
	return s && (!*log_skip(s + 1) || (strchr(s, '(') && !strchr(s, ')')));
}

/* "[<ffffffff81>]" or "[<ffffffff81>] ?" and nothing behind it. */
static bool ends_in_addr(const char *s)
{
	size_t n = strlen(s);

	while (n && (s[n - 1] == ' ' || s[n - 1] == '?'))
		n--;
	return n > 4 && !memcmp(s + n - 2, ">]", 2) && isxdigit((unsigned char)s[n - 3]);
}

/* The place of a lock: what follows "at:". */
static bool is_at(const char *s)
{
	const char *text;
	uint64_t addr;

	return log_frame(s, &addr, &text);
}

static bool is_module(const char *s)
{
	size_t n;

	s = log_skip(s);
	n = *s == '[' ? strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") : 0;
	return n && n < 60 && !strcmp(s + 1 + n, "]") && !isdigit((unsigned char)s[1]);
}

static bool ends_in_offset(const char *s)
{
	const char *p = strrchr(s, '+');

	return p && log_starts(p, "+0x") && !strpbrk(p, " ([") && strstr(p, "/0x");
}

/* A line with a lock, or with the place of a release, up to its "at:". */
static bool is_place_of_lock(const char *s)
{
	return log_ends(s, "at:") && strchr(s, ')') && (strstr(s, "){") || strstr(s, " lock (") ||
							  strchr(s, '('));
}

/* The glue with which @next goes on @s; NULL: it does not. */
static const char *glue(const char *s, const char *next)
{
	static const struct { const char *end, *begin; } torn[] = {
		{ " lock", "in the past" }, { " lock", "(" }, { "still held", "there" },
		{ "to be acquired", "and " }, { "the past", ":" },
	};
	const char *n = log_skip(next);
	unsigned int i;

	if (!*n)
		return NULL;
	if (log_ends(s, "[<"))
		return "";
	if ((is_place_of_lock(s) || ends_in_addr(s)) && is_at(next) && !(ends_in_addr(s) && *n == '['))
		return " ";
	if (log_ends(s, ",") && strchr(s, ')') && log_starts(n, "at:"))
		return " ";
	if (ends_in_offset(s) && is_module(next))
		return " ";
	for (i = 0; i < sizeof(torn) / sizeof(torn[0]); i++)
		if (log_ends(s, torn[i].end) && log_starts(n, torn[i].begin))
			return " ";
	return NULL;
}

/* Take the next lines into a name that is not whole; returns how many. */
static size_t join_name(struct lines *l, size_t at, char **line, int *err)
{
	size_t n, found = 0;
	char *s = strdup(*line);

	for (n = 0; s && !found && n < NAME_PIECES && at + n < l->v.nr; n++) {
		if (append(&s, "", l->v.v[at + n])) {
			free(s);
			s = NULL;
		} else if (is_chain(s) ? chain_whole(s) && strstr(s, "){") : !is_held_torn(s)) {
			found = n + 1;
		}
	}
	if (!s)
		*err = -ENOMEM;
	if (s && found) {
		free(*line);
		*line = s;
	} else {
		free(s);
	}
	if (found && at + found < l->v.nr && !strcmp(log_skip(l->v.v[at + found]), ":"))
		found++;
	return found;
}

int lines_join(struct lines *l)
{
	size_t from = 0, to = 0;
	int err = 0;

	while (from < l->v.nr) {
		char *line = l->v.v[from];
		size_t used = 1, k;
		const char *with;

		if (!err && ((is_chain(line) && !chain_whole(line)) || is_held_torn(line)))
			used += join_name(l, from + 1, &line, &err);
		while (!err && from + used < l->v.nr && (with = glue(line, l->v.v[from + used])))
			err = append(&line, with, l->v.v[from + used++]);
		for (k = 1; k < used; k++)
			free(l->v.v[from + k]);
		from += used;
		log_squeeze(line);
		l->v.v[to++] = line;
	}
	l->v.nr = to;
	return err;
}
