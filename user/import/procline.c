// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of the lines of lockdep's lists (proc.h).
 */
#include "proc.h"

#include <string.h>

enum proc_list proc_heading(const char *line)
{
	if (!strncmp(line, "(buggered) ", 11))		/* it has run out of room for chains */
		line += 11;
	if (!strcmp(line, "all lock classes:"))
		return PROC_CLASSES;
	if (!strcmp(line, "all lock chains:"))
		return PROC_CHAINS;
	return strncmp(line, "lock_stat version ", 18) ? PROC_NONE : PROC_STAT;
}

bool proc_number(const char **p, uint64_t *n)
{
	const char *s = *p + strspn(*p, " \t");
	size_t digits = strspn(s, "0123456789");

	if (!digits || digits > 19)
		return false;
	for (*n = 0, *p = s + digits; s < *p; s++)
		*n = *n * 10 + (uint64_t)(*s - '0');
	return true;
}

/* The number behind the last @sep of the @len bytes at @text, if it is one that lockdep prints. */
static uint32_t suffix(const char *text, size_t *len, char sep, uint32_t min, uint32_t max)
{
	const char *at = memrchr(text, sep, *len), *end = at ? at + 1 : text;
	uint64_t n;

	if (!at || at == text || end[0] < '1' || end[0] > '9' || !proc_number(&end, &n) ||
	    end != text + *len || n < min || n > max)
		return 0;
	*len = (size_t)(at - text);
	return (uint32_t)n;
}

void proc_name_split(const char *text, struct proc_name *n)
{
	size_t len = strlen(text);

	n->subclass = suffix(text, &len, '/', 1, 7);
	n->version = suffix(text, &len, '#', 2, UINT32_MAX);
	if (len >= sizeof(n->name))
		len = sizeof(n->name) - 1;
	memcpy(n->name, text, len);
	n->name[len] = 0;
}

bool proc_key(const char **p, uint64_t *key)
{
	size_t n = strspn(*p, "0123456789abcdef"), i;

	*key = 0;
	if (**p == '(') {
		n = strcspn(*p, ")");
		*p += n + 1;
		return (*p)[-1] == ')' && n < 20;
	}
	for (i = 0; i < n && n <= 16; i++)
		*key = *key << 4 | (uint64_t)((*p)[i] <= '9' ? (*p)[i] - '0' : (*p)[i] - 'a' + 10);
	*p += n;
	return n >= 8 && n <= 16;
}

const char *proc_class(const char *line, uint64_t *key, uint64_t *ops, bool *orders)
{
	static const char *const fields[] = { " OPS:", " FD:", " BD:" };
	const char *p = line;
	uint64_t n[3] = { 0 };
	size_t i;

	if (!proc_key(&p, key))
		return NULL;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strncmp(p, fields[i], strlen(fields[i])))
			continue;
		p += strlen(fields[i]);
		if (!proc_number(&p, &n[i]))
			return NULL;
	}
	*ops = n[0];
	*orders = *p == ' ';	/* CONFIG_PROVE_LOCKING: its use in interrupts, and orders follow */
	if (*orders)
		p += 1 + strspn(p + 1, ".+-?");
	return p[0] == ':' && p[1] == ' ' && p[2] ? p + 2 : NULL;
}
