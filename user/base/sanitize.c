// SPDX-License-Identifier: GPL-2.0-only
/*
 * Escaping of untrusted bytes; see sanitize.h. A string is taken apart into
 * atoms (one printable character, or one byte or character to escape); each
 * atom goes out whole or not at all, to a FILE or to a bounded buffer.
 */
#include "sanitize.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

/* Where atoms go. */
struct dest {
	FILE *file;		/* or, if NULL: */
	char *buf;
	size_t size, len;	/* of buf; one byte is kept for the NUL */
	size_t keep;		/* bytes kept back for what must follow (a closing quote) */
	bool full;		/* an atom did not fit: nothing more goes in */
	bool in_html;		/* JSON inside of a page */
};

static void put(struct dest *d, const char *bytes, size_t n)
{
	if (d->file) {
		/* Errors stay in the stream: whoever owns it checks ferror(). */
		(void)fwrite(bytes, 1, n, d->file);
		return;
	}
	if (d->full || d->size - d->len <= n + d->keep) {
		d->full = true;
		return;
	}
	memcpy(d->buf + d->len, bytes, n);
	d->len += n;
}

static void to_file(struct dest *d, FILE *out)
{
	*d = (struct dest){ .file = out };
}

static void to_buf(struct dest *d, char *buf, size_t size, size_t keep)
{
	*d = (struct dest){ .buf = buf, .size = size, .keep = keep, .full = size <= keep };
}

static size_t end_buf(struct dest *d)
{
	if (d->size)
		d->buf[d->len] = '\0';
	return d->len;
}

/* The closing quote goes into the room that was kept for it. */
static void put_last(struct dest *d, const char *bytes, size_t n)
{
	d->keep = 0;
	if (d->size > n)
		d->full = false;
	put(d, bytes, n);
}

/* One character or byte as text, into @out[16]; returns how many bytes of @s it took. */
static size_t text_atom(const char *s, char *out, size_t *out_len, unsigned int *width)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t cp = 0;
	size_t n = utf8_decode(s, &cp), i, len = n ? n : 1;

	if (n && utf8_is_printable(cp)) {
		memcpy(out, s, n);
		*out_len = n;
		*width = utf8_width(cp);
		return n;
	}
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		out[i * 4] = '\\';
		out[i * 4 + 1] = 'x';
		out[i * 4 + 2] = hex[c >> 4];
		out[i * 4 + 3] = hex[c & 15];
	}
	*out_len = len * 4;
	*width = (unsigned int)(len * 4);
	return len;
}

static void text(struct dest *d, const char *s)
{
	char atom[16];
	unsigned int width;
	size_t n;

	while (*s) {
		s += text_atom(s, atom, &n, &width);
		put(d, atom, n);
	}
}

void sanitize_put_text(FILE *out, const char *s)
{
	struct dest d;

	to_file(&d, out);
	text(&d, s);
}

size_t sanitize_text(char *buf, size_t size, const char *s)
{
	struct dest d;

	to_buf(&d, buf, size, 0);
	text(&d, s);
	return end_buf(&d);
}

static bool is_markup(uint32_t cp)
{
	return cp == '<' || cp == '>' || cp == '&';
}

/* One character or byte as the inside of a JSON string, into @out[16]. */
static size_t json_atom(const char *s, bool in_html, char *out, size_t *out_len)
{
	uint32_t cp = 0;
	size_t n = utf8_decode(s, &cp);

	if (!n) {
		memcpy(out, "\\ufffd", 6);
		*out_len = 6;
		return 1;
	}
	if (cp == '"' || cp == '\\') {
		out[0] = '\\';
		out[1] = (char)cp;
		*out_len = 2;
	} else if (utf8_is_printable(cp) && !(in_html && is_markup(cp))) {
		memcpy(out, s, n);
		*out_len = n;
	} else if (cp < 0x10000) {
		*out_len = (size_t)snprintf(out, 16, "\\u%04x", cp);
	} else {
		cp -= 0x10000;
		*out_len = (size_t)snprintf(out, 16, "\\u%04x\\u%04x", 0xd800 + (cp >> 10),
					    0xdc00 + (cp & 0x3ff));
	}
	return n;
}

static void json(struct dest *d, const char *s)
{
	char atom[16];
	size_t n;

	put(d, "\"", 1);
	while (*s) {
		s += json_atom(s, d->in_html, atom, &n);
		put(d, atom, n);
	}
	put_last(d, "\"", 1);
}

void sanitize_put_json(FILE *out, const char *s)
{
	struct dest d;

	to_file(&d, out);
	json(&d, s);
}

void sanitize_put_json_in_html(FILE *out, const char *s)
{
	struct dest d;

	to_file(&d, out);
	d.in_html = true;
	json(&d, s);
}

size_t sanitize_json(char *buf, size_t size, const char *s)
{
	struct dest d;

	to_buf(&d, buf, size, 1);
	json(&d, s);
	return end_buf(&d);
}

/* The reference for a character that means something in a page; NULL for others. */
static const char *html_reference(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void sanitize_put_html(FILE *out, const char *s, bool lines)
{
	const char *reference;
	unsigned int width;
	struct dest d;
	char atom[16];
	size_t n;

	to_file(&d, out);
	while (*s) {
		reference = html_reference(*s);
		if (reference || (lines && *s == '\n')) {
			put(&d, reference ? reference : "\n", reference ? strlen(reference) : 1);
			s++;
			continue;
		}
		s += text_atom(s, atom, &n, &width);
		put(&d, atom, n);
	}
}

static bool csv_needs_quotes(const char *s)
{
	size_t len = strlen(s);

	if (!len)
		return false;
	return strpbrk(s, ",\"") || s[0] == ' ' || s[len - 1] == ' ';
}

static void csv(struct dest *d, const char *s)
{
	bool quotes = csv_needs_quotes(s);
	char atom[16];
	unsigned int width;
	size_t n;

	if (quotes)
		put(d, "\"", 1);
	else
		d->keep = 0;
	if (*s && strchr("=+-@", *s))
		put(d, "'", 1);
	while (*s) {
		if (*s == '"') {
			put(d, "\"\"", 2);
			s++;
			continue;
		}
		s += text_atom(s, atom, &n, &width);
		put(d, atom, n);
	}
	if (quotes)
		put_last(d, "\"", 1);
}

void sanitize_put_csv(FILE *out, const char *s)
{
	struct dest d;

	to_file(&d, out);
	csv(&d, s);
}

size_t sanitize_csv(char *buf, size_t size, const char *s)
{
	struct dest d;

	to_buf(&d, buf, size, 1);
	csv(&d, s);
	return end_buf(&d);
}

size_t sanitize_width(const char *s)
{
	char atom[16];
	unsigned int width;
	size_t n, columns = 0;

	while (*s) {
		s += text_atom(s, atom, &n, &width);
		columns += width;
	}
	return columns;
}

size_t sanitize_fit(char *buf, size_t size, const char *s, size_t columns)
{
	bool cut = sanitize_width(s) > columns;
	size_t room = cut && columns > 4 ? columns - 2 : columns, used = 0, n;
	unsigned int width;
	char atom[16];
	struct dest d;

	to_buf(&d, buf, size, 0);
	while (*s) {
		s += text_atom(s, atom, &n, &width);
		if (used + width > room)
			break;
		put(&d, atom, n);
		if (d.full)
			break;
		used += width;
	}
	if (cut && columns > 4 && !d.full) {
		put(&d, "..", 2);
		used += d.full ? 0 : 2;
	}
	end_buf(&d);
	return used;
}
