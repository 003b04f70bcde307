// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command line and filters as text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "words.h"

static void put_quoted(const char *word, FILE *f)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, f);
		return;
	}
	fputc('\'', f);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	}
	fputc('\'', f);
}

static void put_argv(char *const *argv, FILE *f)
{
	for (; *argv; argv++) {
		put_quoted(*argv, f);
		if (argv[1])
			fputc(' ', f);
	}
}

static void put_ids(const char **sep, const char *what, const struct u32_list *list, FILE *f)
{
	unsigned int i;

	if (!list->nr)
		return;
	fprintf(f, "%s%s ", *sep, what);
	for (i = 0; i < list->nr; i++)
		fprintf(f, "%s%u", i ? "," : "", list->v[i]);
	*sep = "; ";
}

static void put_strings(const char **sep, const char *what, const struct str_list *list, FILE *f)
{
	unsigned int i;

	if (!list->nr)
		return;
	fprintf(f, "%s%s ", *sep, what);
	for (i = 0; i < list->nr; i++)
		fprintf(f, "%s%s", i ? "," : "", list->v[i]);
	*sep = "; ";
}

static char *finish(FILE *f, char **text)
{
	bool bad = ferror(f);

	if (!fclose(f) && !bad)
		return *text;
	free(*text);
	return NULL;
}

char *words_cmdline(const struct opts *o)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("lockscope ", f);
	put_argv(o->argv, f);
	return finish(f, &text);
}

char *words_filter(const struct opts *o)
{
	const char *sep = "";
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	put_ids(&sep, "processes", &o->pid, f);
	put_ids(&sep, "threads", &o->tid, f);
	put_strings(&sep, "cgroups", &o->cgroup, f);
	put_strings(&sep, "types", &o->types, f);
	if (o->child_argv && !o->all_tasks) {
		fputs(sep, f);
		put_argv(o->child_argv, f);
		fputs(" and its children", f);
	}
	return finish(f, &text);
}
