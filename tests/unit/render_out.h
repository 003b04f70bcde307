/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a renderer writes, as text, for tests of the renderers.
 */
#ifndef LK_RENDER_OUT_H
#define LK_RENDER_OUT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/render/render.h"
#include "../lib/tap.h"

typedef int (*render_fn)(const struct model *m, const struct render_opts *opts, FILE *out);

/* Not inlined: gcc 12 would take pointers into the text for pointers to the variable. */
static char *__attribute__((noinline, unused))
rendered(render_fn fn, const struct model *m, const struct render_opts *opts, int *err)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(1);
	*err = fn(m, opts, out);
	fclose(out);
	return text;
}

static inline char *report(const char *format, const struct model *m, const struct render_opts *opts)
{
	int err;
	char *text = rendered(renderer_find(format)->report, m, opts, &err);

	is_int(err, 0, "%s renders", format);
	return text;
}

static inline unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

#endif /* LK_RENDER_OUT_H */
