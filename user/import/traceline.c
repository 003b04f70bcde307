// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of a trace: "comm-pid [cpu] flags time: event: fields" of ftrace and of
 * trace-cmd report, "comm pid [cpu] time: lock:event: fields" of perf script.
 * Fields are those of include/trace/events/lock.h (5.19 to 6.17).
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/num.h"
#include "logtext.h"
#include "trace.h"

static const struct { const char *name; enum trace_what what; } events[] = {
	{ "lock_acquire:", TRACE_ACQUIRE }, { "lock_release:", TRACE_RELEASE },
	{ "lock_contended:", TRACE_CONTENDED }, { "lock_acquired:", TRACE_ACQUIRED },
	{ "contention_begin:", TRACE_BEGIN }, { "contention_end:", TRACE_END },
};

/* The event's name in the line, or NULL. */
static char *find_event(char *line, struct trace_line *ret)
{
	unsigned int i;
	char *p;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		p = strstr(line, events[i].name);
		if (!p || p == line || (p[-1] != ' ' && p[-1] != ':'))
			continue;
		ret->what = events[i].what;
		return p;
	}
	return NULL;
}

/* The last word of @s, which is cut off; NULL if there is none. */
static char *last_word(char *s)
{
	size_t n = strlen(s);

	while (n && s[n - 1] == ' ')
		s[--n] = 0;
	while (n && s[n - 1] != ' ')
		n--;
	if (!s[n])
		return NULL;
	if (n)
		s[n - 1] = 0;
	return s + n;
}

static bool parse_time(const char *s, uint64_t *ns)
{
	uint64_t unit = 1000000000, sec = 0, frac = 0;

	if (!isdigit((unsigned char)*s))
		return false;
	for (; isdigit((unsigned char)*s) && sec < UINT32_MAX; s++)
		sec = sec * 10 + (uint64_t)(*s - '0');
	if (sec > UINT32_MAX || *s++ != '.')
		return false;
	for (; isdigit((unsigned char)*s) && unit > 1; s++) {
		unit /= 10;
		frac += unit * (uint64_t)(*s - '0');
	}
	*ns = sec * 1000000000 + frac;
	return !*s;
}

/* "d.h1.", behind the CPU: the third one is what the CPU was doing. */
static uint32_t parse_ctx(const char *flags)
{
	switch (strlen(flags) >= 4 ? flags[2] : 0) {
	case '.':
		return LK_CTX_TASK;
	case 's':
		return LK_CTX_SOFTIRQ;
	case 'h':
	case 'H':
		return LK_CTX_HARDIRQ;
	case 'z':
	case 'Z':
		return LK_CTX_NMI;
	default:
		return LK_CTX_UNKNOWN;
	}
}

/* "comm-12", "comm-12 (  10)", "comm 12", "comm 10/12". */
static bool parse_task(char *s, bool perf, struct trace_line *ret)
{
	char *p, *end;

	s = (char *)log_skip(s);
	end = s + strlen(s);
	while (end > s && end[-1] == ' ')
		*--end = 0;
	p = end > s && end[-1] == ')' ? strrchr(s, '(') : NULL;
	if (p) {
		while (p > s && p[-1] == ' ')
			p--;
		*p = 0;
	}
	p = strrchr(s, perf ? ' ' : '-');
	if (!p || p == s)
		return false;
	*p = 0;
	end = strchr(p + 1, '/');
	if (num_parse_u32(end ? end + 1 : p + 1, 0, UINT32_MAX, &ret->pid))
		return false;
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)sizeof(ret->comm) - 1, s);
	end = ret->comm + strlen(ret->comm);
	while (end > ret->comm && end[-1] == ' ')
		*--end = 0;
	return true;
}

/* All that precedes the event. */
static bool parse_head(char *s, bool perf, struct trace_line *ret)
{
	char *word = last_word(s), *open, *close;
	size_t n = word ? strlen(word) : 0;

	if (!n || word[n - 1] != ':')
		return false;
	word[n - 1] = 0;
	if (!parse_time(word, &ret->time_ns))
		return false;
	open = strrchr(s, '[');
	close = open ? strchr(open, ']') : NULL;
	if (!close)
		return false;
	*open = *close = 0;
	if (num_parse_u32(open + 1, 0, TRACE_CPU_MAX, &ret->cpu))
		return false;
	ret->ctx = perf ? LK_CTX_UNKNOWN : parse_ctx(log_skip(close + 1));
	return parse_task(s, perf, ret);
}

static uint32_t parse_flags(const char *s)
{
	static const struct { const char *name; uint32_t flag; } names[] = {
		{ "SPIN", LK_LCB_SPIN }, { "READ", LK_LCB_READ }, { "WRITE", LK_LCB_WRITE },
		{ "RT", LK_LCB_RT }, { "PERCPU", LK_LCB_PERCPU }, { "MUTEX", LK_LCB_MUTEX },
	};
	uint32_t flags = 0;
	unsigned int i;
	size_t n;

	for (; *s && *s != ')'; s += n + (s[n] == '|')) {
		n = strcspn(s, "|)");
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strlen(names[i].name) == n && !memcmp(s, names[i].name, n))
				flags |= names[i].flag;
	}
	return flags;
}

static bool parse_fields(char *s, struct trace_line *ret)
{
	size_t n;
	char *end;

	s = (char *)log_skip(s);
	if (log_starts(s, "0x"))
		s += 2;
	n = strspn(s, "0123456789abcdef");
	if (!n || n > 16)
		return false;
	ret->lock = strtoull(s, &end, 16);
	s = (char *)log_skip(end);
	ret->name = "";
	if (ret->what == TRACE_BEGIN) {
		if (log_starts(s, "(flags="))
			ret->lcb = parse_flags(s + 7);
		return ret->lock;
	}
	if (ret->what == TRACE_END)
		return ret->lock;
	if (ret->what == TRACE_ACQUIRE) {
		ret->try = log_starts(s, "try ");
		s += ret->try ? 4 : 0;
		ret->read = log_starts(s, "read ");
		s += ret->read ? 5 : 0;
	}
	for (n = strlen(s); n && (s[n - 1] == ' ' || s[n - 1] == '\r'); n--)
		s[n - 1] = 0;
	ret->name = s;
	return ret->lock && *s;
}

int trace_line_parse(char *line, struct trace_line *ret)
{
	char *event, *fields;
	bool perf;

	*ret = (struct trace_line){ .name = "" };
	event = find_event(line, ret);
	if (!event || line[0] == '#')
		return 0;
	fields = strchr(event, ':') + 1;
	perf = event - line > 5 && !memcmp(event - 5, "lock:", 5);
	*(perf ? event - 5 : event) = 0;
	return parse_head(line, perf, ret) && parse_fields(fields, ret) ? 1 : -1;
}

uint64_t trace_line_lost(const char *line)
{
	const char *perf = strstr(line, "PERF_RECORD_LOST lost "), *open = strchr(line, '[');
	uint64_t nr = 1;	/* ftrace and trace-cmd leave it out where they do not know it */
	int end = 0;

	if (perf)
		return sscanf(perf, "PERF_RECORD_LOST lost %" SCNu64, &nr) == 1 ? nr : 1;
	if (!log_starts(line, "CPU:") || !open)
		return 0;
	if (log_starts(open, "[LOST EVENTS]") || log_starts(open, "[EVENTS DROPPED]"))
		return 1;
	if ((sscanf(open, "[LOST %" SCNu64 " EVENTS]%n", &nr, &end) == 1 && end) ||
	    (sscanf(open, "[%" SCNu64 " EVENTS DROPPED]%n", &nr, &end) == 1 && end))
		return nr ? nr : 1;
	return 0;
}
