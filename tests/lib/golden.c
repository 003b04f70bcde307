// SPDX-License-Identifier: GPL-2.0-only
/*
 * Golden files of unit tests (golden.h).
 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f || getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f)) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
}

char *golden_text(const char *path, const char *got)
{
	if (getenv("UPDATE_GOLDEN"))
		write_file(path, got);
	return read_file(path);
}
