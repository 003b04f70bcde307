// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suppressions of findings; see suppress.h.
 */
#include "suppress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "../base/strpool.h"
#include "../base/vec.h"

#define ENTRIES_MAX	100000
#define GOOD_LINE	"a good line is: c-0123abcd until=2030-12-31 why it is known"

struct suppress {
	uint32_t today;
	struct strpool str;
	VEC(struct suppress_entry) entry;
};

struct suppress *suppress_new(uint32_t today)
{
	struct suppress *s = calloc(1, sizeof(*s));

	if (s && strpool_init(&s->str)) {
		suppress_free(s);
		return NULL;
	}
	if (s)
		s->today = today;
	return s;
}

void suppress_free(struct suppress *s)
{
	if (!s)
		return;
	strpool_done(&s->str);
	vec_free(&s->entry);
	free(s);
}

/* --- one line ------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A letter for the kind, then eight digits, as finding_set_id() writes them. */
static bool is_id(const char *s, size_t len)
{
	size_t i;

	if (len != 10 || s[0] < 'a' || s[0] > 'z' || s[1] != '-')
		return false;
	for (i = 2; i < len; i++)
		if (!is_digit(s[i]) && (s[i] < 'a' || s[i] > 'f'))
			return false;
	return true;
}

static unsigned int days_of(unsigned int year, unsigned int month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (!(year % 4) && year % 100) || !(year % 400);

	return days[month - 1] + (month == 2 && leap);
}

/* "YYYY-MM-DD", a day that exists; 0: it is none. */
static uint32_t parse_day(const char *s, size_t len)
{
	unsigned int part[3] = { 0 }, nr = 0;
	size_t i;

	if (len != 10)
		return 0;
	for (i = 0; i < len; i++) {
		if (i == 4 || i == 7) {
			if (s[i] != '-')
				return 0;
			nr++;
		} else if (!is_digit(s[i])) {
			return 0;
		} else {
			part[nr] = part[nr] * 10 + (unsigned int)(s[i] - '0');
		}
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > days_of(part[0], part[1]))
		return 0;
	return part[0] * 10000 + part[1] * 100 + part[2];
}

/* What is left of a line. */
struct rest {
	const char *p;
	size_t len;
};

static void skip_blanks(struct rest *r)
{
	for (; r->len && is_blank(*r->p); r->p++)
		r->len--;
}

/* The next word and the blanks behind it. */
static struct rest take_word(struct rest *r)
{
	struct rest word = { r->p, 0 };

	for (; r->len && !is_blank(*r->p); r->p++, r->len--)
		word.len++;
	skip_blanks(r);
	return word;
}

struct place {
	const char *file;
	unsigned int line;
	struct diag *why;
};

static int refuse_word(const struct place *at, struct rest word, const char *what)
{
	return diag_set(at->why, -EINVAL, "%s:%u: '%.*s' %s; " GOOD_LINE, at->file, at->line,
			(int)(word.len < 60 ? word.len : 60), word.p, what);
}

static const char *copy(struct suppress *s, struct rest r)
{
	char *text = strndup(r.p, r.len);
	const char *kept = text ? strpool_copy(&s->str, text) : NULL;

	free(text);
	return kept;
}

static int parse_until(const struct place *at, struct rest *r, struct suppress_entry *e)
{
	static const char until[] = "until=";
	const size_t len = sizeof(until) - 1;
	struct rest word;

	if (r->len < len || memcmp(r->p, until, len))
		return 0;
	word = take_word(r);
	e->until = parse_day(word.p + len, word.len - len);
	return e->until ? 0 : refuse_word(at, word, "names no day: write it as until=YYYY-MM-DD");
}

static int parse_line(struct suppress *s, const struct place *at, struct rest r)
{
	struct suppress_entry e = { .line = at->line };
	struct rest word;
	int err;

	while (r.len && (is_blank(r.p[r.len - 1]) || r.p[r.len - 1] == '\r'))
		r.len--;
	skip_blanks(&r);
	if (!r.len || *r.p == '#')
		return 0;
	if (memchr(r.p, '\0', r.len))
		return diag_set(at->why, -EINVAL, "%s:%u: the line has a zero byte in it, so this is no "
				"text; " GOOD_LINE, at->file, at->line);
	word = take_word(&r);
	if (!is_id(word.p, word.len))
		return refuse_word(at, word, "is no id of a finding");
	err = parse_until(at, &r, &e);
	if (err)
		return err;
	if (!r.len)
		return refuse_word(at, word, "is suppressed without a reason");
	if (s->entry.nr >= ENTRIES_MAX)
		return diag_set(at->why, -EINVAL, "%s:%u: there are more than %d suppressions", at->file,
				at->line, ENTRIES_MAX);
	e.expired = e.until && e.until < s->today;
	e.id = copy(s, word);
	e.reason = copy(s, r);
	e.file = strpool_copy(&s->str, at->file);
	return e.id && e.reason && e.file ? vec_push(&s->entry, e) : -ENOMEM;
}

int suppress_parse(struct suppress *s, const char *text, size_t len, const char *file,
		   struct diag *why)
{
	struct place at = { file, 0, why };
	const size_t before = s->entry.nr;
	int err = 0;

	while (len && !err) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		at.line++;
		err = parse_line(s, &at, (struct rest){ text, line });
		text += line + !!end;
		len -= line + !!end;
	}
	if (err)
		s->entry.nr = before;
	return err;
}

/* --- looking up ------------------------------------------------------------------------------ */

unsigned int suppress_nr(const struct suppress *s)
{
	return s ? (unsigned int)s->entry.nr : 0;
}

const struct suppress_entry *suppress_entry(const struct suppress *s, unsigned int i)
{
	return &s->entry.v[i];
}

const struct suppress_entry *suppress_find(const struct suppress *s, const struct finding *f)
{
	uint32_t id = s ? strpool_find(&s->str, f->id) : UINT32_MAX;
	unsigned int i;

	if (id == UINT32_MAX || f->severity == FINDING_DEADLOCK)
		return NULL;
	for (i = 0; i < s->entry.nr; i++) {
		const struct suppress_entry *e = &s->entry.v[i];

		if (e->id == strpool_str(&s->str, id) && !e->expired)
			return e;
	}
	return NULL;
}

unsigned int suppress_nr_files(const struct suppress *s)
{
	unsigned int i, n = 0;

	for (i = 0; i < suppress_nr(s); i++)	/* those of a file stand together */
		n += !i || s->entry.v[i].file != s->entry.v[i - 1].file;
	return n;
}

const char *suppress_date(uint32_t day, char buf[SUPPRESS_DATE_LEN])
{
	snprintf(buf, SUPPRESS_DATE_LEN, "%04" PRIu32 "-%02" PRIu32 "-%02" PRIu32, day / 10000,
		 day / 100 % 100, day % 100);
	return buf;
}
