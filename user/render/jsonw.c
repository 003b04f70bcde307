// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streaming JSON writer; see jsonw.h. Every value goes through value_begin() and
 * value_end(), which are the only places that know where commas and line breaks
 * belong and what may follow what.
 */
#include "jsonw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "../base/sanitize.h"

void jsonw_init(struct jsonw *w, FILE *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
}

static struct jsonw_level *top(struct jsonw *w)
{
	return w->depth ? &w->level[w->depth - 1] : NULL;
}

static void fail(struct jsonw *w, int err)
{
	if (!w->err)
		w->err = err;
}

static void newline(struct jsonw *w)
{
	unsigned int i, indent = 0;

	if (w->dense)
		return;
	for (i = 0; i < w->depth; i++)
		indent += w->level[i].lines ? 2 : 0;
	fprintf(w->out, "\n%*s", (int)indent, "");
}

/* Comma and line break before a child of the innermost container. */
static void separate(struct jsonw *w)
{
	struct jsonw_level *l = top(w);

	if (!l)
		return;
	if (l->used)
		fputc(',', w->out);
	if (l->lines)
		newline(w);
	else if (l->used && !w->dense)
		fputc(' ', w->out);
	l->used = true;
}

/* False when no value may come here, or nothing may be written any more. */
static bool value_begin(struct jsonw *w)
{
	struct jsonw_level *l = top(w);

	if (w->err)
		return false;
	if (w->finished || (l && l->object && !w->has_key)) {
		fail(w, -EINVAL);
		return false;
	}
	if (w->has_key)
		w->has_key = false;
	else
		separate(w);
	return true;
}

static void value_end(struct jsonw *w)
{
	if (!w->depth)
		w->finished = true;
	if (ferror(w->out))
		fail(w, -EIO);
}

static void open_level(struct jsonw *w, bool object, bool lines)
{
	if (w->depth == JSONW_DEPTH_MAX) {
		fail(w, -EINVAL);
		return;
	}
	if (!value_begin(w))
		return;
	w->level[w->depth++] = (struct jsonw_level){ .object = object, .lines = lines };
	fputc(object ? '{' : '[', w->out);
}

void jsonw_object(struct jsonw *w, bool lines)
{
	open_level(w, true, lines);
}

void jsonw_array(struct jsonw *w, bool lines)
{
	open_level(w, false, lines);
}

void jsonw_end(struct jsonw *w)
{
	struct jsonw_level *l = top(w);
	bool object;

	if (w->err)
		return;
	if (!l || w->has_key) {
		fail(w, -EINVAL);
		return;
	}
	object = l->object;
	if (l->lines && l->used) {
		w->depth--;
		newline(w);
	} else {
		w->depth--;
	}
	fputc(object ? '}' : ']', w->out);
	value_end(w);
}

void jsonw_key(struct jsonw *w, const char *key)
{
	struct jsonw_level *l = top(w);

	if (w->err)
		return;
	if (!l || !l->object || w->has_key) {
		fail(w, -EINVAL);
		return;
	}
	separate(w);
	fprintf(w->out, w->dense ? "\"%s\":" : "\"%s\": ", key);
	w->has_key = true;
}

void jsonw_str(struct jsonw *w, const char *s)
{
	if (!s) {
		jsonw_null(w);
		return;
	}
	if (!value_begin(w))
		return;
	if (w->in_html)
		sanitize_put_json_in_html(w->out, s);
	else
		sanitize_put_json(w->out, s);
	value_end(w);
}

/* A token made of @fmt. */
static void __attribute__((format(printf, 2, 3))) token(struct jsonw *w, const char *fmt, ...)
{
	va_list ap;

	if (!value_begin(w))
		return;
	va_start(ap, fmt);
	vfprintf(w->out, fmt, ap);
	va_end(ap);
	value_end(w);
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
	token(w, "\"%" PRIu64 "\"", v);
}

void jsonw_addr(struct jsonw *w, uint64_t v)
{
	if (v)
		token(w, "\"0x%" PRIx64 "\"", v);
	else
		jsonw_null(w);
}

void jsonw_u32(struct jsonw *w, uint32_t v)
{
	token(w, "%" PRIu32, v);
}

void jsonw_us(struct jsonw *w, uint64_t ns)
{
	token(w, "%" PRIu64 ".%03u", ns / 1000, (unsigned int)(ns % 1000));
}

void jsonw_bool(struct jsonw *w, bool v)
{
	token(w, "%s", v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	token(w, "null");
}

void jsonw_key_str(struct jsonw *w, const char *key, const char *s)
{
	jsonw_key(w, key);
	jsonw_str(w, s && *s ? s : NULL);
}

void jsonw_key_u64(struct jsonw *w, const char *key, uint64_t v)
{
	jsonw_key(w, key);
	jsonw_u64(w, v);
}

void jsonw_key_addr(struct jsonw *w, const char *key, uint64_t v)
{
	jsonw_key(w, key);
	jsonw_addr(w, v);
}

void jsonw_key_u32(struct jsonw *w, const char *key, uint32_t v)
{
	jsonw_key(w, key);
	jsonw_u32(w, v);
}

void jsonw_key_us(struct jsonw *w, const char *key, uint64_t ns)
{
	jsonw_key(w, key);
	jsonw_us(w, ns);
}

void jsonw_key_bool(struct jsonw *w, const char *key, bool v)
{
	jsonw_key(w, key);
	jsonw_bool(w, v);
}

void jsonw_key_array(struct jsonw *w, const char *key, bool lines)
{
	jsonw_key(w, key);
	jsonw_array(w, lines);
}

int jsonw_finish(struct jsonw *w)
{
	if (!w->err && !w->finished)
		fail(w, -EINVAL);
	if (!w->err)
		fputc('\n', w->out);
	if ((fflush(w->out) || ferror(w->out)) && !w->err)
		fail(w, -EIO);
	return w->err;
}
