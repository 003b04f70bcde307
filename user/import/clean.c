// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands before the text of a line in a log: quoting of mails, syslog's
 * header, printk's level, time and caller, in any number and order (logtext.h).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "logtext.h"

const char *log_skip(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

bool log_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool log_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && !memcmp(s + n - k, suffix, k);
}

bool log_is_rule(const char *s)
{
	char c;
	size_t n;

	s = log_skip(s);
	c = *s;
	if (c != '=' && c != '-')
		return false;
	for (n = 0; s[n] == c; n++)
		;
	return n >= 3 && !*log_skip(s + n);
}

size_t log_release(const char *s)
{
	size_t n = strcspn(s, " \t)"), i;

	for (i = 0; isdigit((unsigned char)s[i]); i++)
		;
	return i && i < 3 && s[i] == '.' && isdigit((unsigned char)s[i + 1]) ? n : 0;
}

/* --- prefixes --------------------------------------------------------------------------- */

/* "> ", ">> ", "| ": behind it, or NULL. */
static char *skip_quote(char *s)
{
	char *p = (char *)log_skip(s);

	if (*p != '>' && *p != '|')
		return NULL;
	p++;
	return *p == ' ' ? p + 1 : p;
}

/* "<4>". */
static char *skip_level(char *s)
{
	char *p = s + 1;

	if (*s != '<' || !isdigit((unsigned char)*p))
		return NULL;
	while (isdigit((unsigned char)*p) && p < s + 4)
		p++;
	return *p == '>' ? p + 1 : NULL;
}

/* Seconds with a fraction: behind them, or NULL. */
static char *seconds(char *s, uint64_t *ns)
{
	uint64_t sec = 0, frac = 0, unit = 1000000000;
	char *p = s;

	for (; isdigit((unsigned char)*p) && p < s + 12; p++)
		sec = sec * 10 + (uint64_t)(*p - '0');
	if (p == s || *p++ != '.' || !isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++) {
		if (unit > 1) {
			unit /= 10;
			frac += unit * (uint64_t)(*p - '0');
		}
	}
	if (sec < UINT64_MAX / 1000000000 / 2)
		*ns = sec * 1000000000 + frac;
	return p;
}

/* "[    1.234567]", or without its "[", as a cut has it. */
static char *skip_time(char *s, struct log_line *l)
{
	char *p = s;

	if (*p == '[')
		p++;
	p = seconds((char *)log_skip(p), &l->time_ns);
	return p && *p == ']' ? p + 1 : NULL;
}

/* "[ T123]", "[ C0]" right behind the time. */
static char *skip_caller(char *s, struct log_line *l)
{
	char *p = (char *)log_skip(s), *id;
	size_t n;

	if (*p != '[')
		return NULL;
	id = (char *)log_skip(p + 1);
	if (*id != 'T' && *id != 'C')
		return NULL;
	for (n = 1; isdigit((unsigned char)id[n]); n++)
		;
	if (n < 2 || n >= LOG_CALLER_LEN || id[n] != ']')
		return NULL;
	memcpy(l->caller, id, n);
	l->caller[n] = 0;
	return id + n + 1;
}

/* "[Thu Jun 12 11:01:33 2025]". */
static char *skip_date(char *s)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	char day[4] = "", *end;
	const char *found;

	if (*s != '[' || strnlen(s, 25) < 25)
		return NULL;
	memcpy(day, s + 1, 3);
	found = strstr(days, day);
	end = strchr(s, ']');
	return found && (found - days) % 3 == 0 && end && end < s + 32 && strchr(s, ':') < end ?
	       end + 1 : NULL;
}

/* Behind "kernel: ", "kernel[0]: " or "[kernel] " within the next @max bytes, or NULL. */
static char *skip_tag(char *s, size_t max)
{
	char *p = memmem(s, strnlen(s, max), "kernel", 6);

	if (!p)
		return NULL;
	if (p > s && p[-1] == '[' && p[6] == ']')
		return p[7] == ' ' ? p + 8 : p + 7;
	p += 6;
	if (*p == '[')
		p = strchr(p, ']') ? strchr(p, ']') + 1 : p;
	if (*p != ':')
		return NULL;
	return p[1] == ' ' ? p + 2 : p + 1;
}

/* "Jun 11 11:02:51 host kernel: ", "2025-06-11T11:02:51.123+00:00 host kernel: ", "kernel: ". */
static char *skip_syslog(char *s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "";
	const char *found;

	if (strnlen(s, 12) < 8)
		return NULL;
	if (log_starts(s, "kernel: "))
		return s + 8;
	memcpy(month, s, 3);
	found = strstr(months, month);
	if (found && (found - months) % 3 == 0 && s[3] == ' ' && isdigit((unsigned char)s[5]))
		return skip_tag(s + 6, 100);
	if (isdigit((unsigned char)s[0]) && s[4] == '-' && s[7] == '-')
		return skip_tag(s + 8, 120);
	return NULL;
}

static char *skip_one(char *s, struct log_line *l, bool *timed)
{
	char *p = skip_quote(s), *q = (char *)log_skip(s);

	if (p)
		return p;
	p = skip_level(q);
	if (!p)
		p = skip_syslog(q);
	if (!p)
		p = skip_date(q);
	if (p)
		return p;
	p = skip_time(q, l);
	if (p) {
		char *behind = skip_caller(p, l);

		*timed = true;
		return behind ? behind : p;
	}
	return NULL;
}

/* No-break spaces, which mail archives put in: one with its ordinary one, or alone, is a blank. */
static void plain_blanks(char *s)
{
	char *to = s;

	if (!strstr(s, "\xc2\xa0"))
		return;
	while (*s) {
		if (s[0] == '\xc2' && s[1] == '\xa0') {
			s += s[2] == ' ' ? 3 : 2;
			*to++ = ' ';
		} else {
			*to++ = *s++;
		}
	}
	*to = 0;
}

struct log_line log_line_clean(char *line)
{
	struct log_line l = { .text = line };
	bool timed = false;
	size_t n;
	char *p;

	plain_blanks(line);
	n = strlen(line);

	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t' || line[n - 1] == '\r'))
		line[--n] = 0;
	while ((p = skip_one(l.text, &l, &timed)))
		l.text = p;
	if (timed && *l.text == ' ')	/* printk's own blank */
		l.text++;
	return l;
}

/* --- quoted-printable ------------------------------------------------------------------- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool log_unquote_printable(char *line)
{
	char *from = line, *to = line;

	for (; *from; from++) {
		if (*from == '=' && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
			char c = (char)(hex(from[1]) << 4 | hex(from[2]));

			*to++ = c ? c : ' ';
			from += 2;
		} else if (*from == '=' && (!from[1] || (from[1] == '\r' && !from[2]))) {
			*to = 0;
			return true;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
	return false;
}
