// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line on which lockdep prints a lock (logtext.h). The name is any text, so the
 * line is read from what follows it: the last "){" with usage characters.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "logtext.h"

/* "{+.+.}" with four to six characters, and "-{3:3}" behind it: the length, or 0. */
static size_t usage_len(const char *s)
{
	size_t n, m;

	if (*s != '{')
		return 0;
	n = 1 + strspn(s + 1, "-+.?");
	if (n < 5 || n > 7 || s[n] != '}')
		return 0;
	n++;
	if (strncmp(s + n, "-{", 2))
		return n;
	m = 2 + strspn(s + n + 2, "0123456789");
	if (m < 3 || s[n + m] != ':')
		return n;
	m += 1 + strspn(s + n + m + 1, "0123456789");
	return s[n + m] == '}' ? n + m + 1 : n;
}

/* The last ')' with a usage behind it, or NULL. */
static const char *usage_paren(const char *s)
{
	const char *p = s + strlen(s);

	while (p-- > s)
		if (*p == ')' && usage_len(p + 1))
			return p;
	return NULL;
}

/* The ')' that closes the '(' at @s, or NULL. */
static const char *closing(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		depth += *s == '(';
		depth -= *s == ')';
		if (!depth)
			return s;
	}
	return NULL;
}

/* "at: [<addr>] function+0x1/0x2 [module]", behind commas and blanks. */
static void parse_at(const char *s, struct log_lock *ret)
{
	const char *text;
	uint64_t addr;

	while (*s == ' ' || *s == ',')
		s++;
	if (strncmp(s, "at:", 3))
		return;
	s = log_skip(s + 3);
	if (log_frame(s, &addr, &text))
		s = text;
	ret->at = s;
	ret->at_len = strlen(s);
}

bool log_lock_line(const char *s, struct log_lock *ret)
{
	const char *open, *end;
	size_t n;

	*ret = (struct log_lock){ .at = "", .usage = "" };
	s = log_skip(s);
	n = strspn(s, "0123456789abcdef");
	if (n >= 8 && n <= 16 && (s[n] == ' ' || s[n] == '(')) {
		ret->addr = strtoull(s, NULL, 16);
		s = log_skip(s + n);
	}
	if (log_starts(s, "<RELEASED>")) {
		ret->name = s;
		ret->name_len = 10;
		ret->rest = s + 10;
		return true;
	}
	if (*s != '(')
		return false;
	open = s + 1;
	end = usage_paren(open);
	if (!end)
		end = closing(s);
	if (!end || end == open)
		return false;
	ret->name = open;
	ret->name_len = (size_t)(end - open);
	ret->usage = end + 1;
	ret->usage_len = usage_len(end + 1);
	ret->rest = end + 1 + ret->usage_len;
	parse_at(ret->rest, ret);
	return true;
}
