// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listening to libbpf, and picking from its talk why something failed.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpflog.h"

static _Thread_local struct bpflog *listener;	/* of what this thread has libbpf do */

/* Does a line of libbpf's talk say why a program did not load? */
static bool says_why(const char *line)
{
	return line[0] && strncmp(line, "processed ", 10) && strncmp(line, "libbpf: ", 8) &&
	       strncmp(line, "-- ", 3) && !strstr(line, "failed to load");
}

/* "libbpf: prog 'NAME': failed to load: -22", or "to prepare load attributes" */
static void note_prog(struct bpflog *l, const char *line)
{
	static const char head[] = "libbpf: prog '";
	const char *name = line + sizeof(head) - 1, *end;

	if (strncmp(line, head, sizeof(head) - 1) ||
	    (!strstr(line, "': failed to load") && !strstr(line, "': failed to prepare load")))
		return;
	end = strchr(name, '\'');
	snprintf(l->prog, sizeof(l->prog), "%.*s", (int)(end - name), name);
}

/* What may be many lines: the verifier's log comes in one piece. */
static void listen_to(char *text, bool warning)
{
	char *line, *next;

	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (warning && says_why(line))
			snprintf(listener->last, sizeof(listener->last), "%.255s", line);
		if (warning)
			note_prog(listener, line);
		if (listener->line && line[0])
			listener->line(line);
	}
}

static int __attribute__((format(printf, 2, 0)))
on_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;

	if (!listener || vasprintf(&text, fmt, args) < 0)
		return 0;
	listen_to(text, level == LIBBPF_WARN);
	free(text);
	return 0;
}

void bpflog_failed(const char *prog, int err, char *text)
{
	if (!listener)
		return;
	snprintf(listener->last, sizeof(listener->last), "%s", strerror(-err));
	listen_to(text, true);
	snprintf(listener->prog, sizeof(listener->prog), "%s", prog);
}

void bpflog_begin(struct bpflog *l)
{
	l->last[0] = '\0';
	l->prog[0] = '\0';
	listener = l;
	libbpf_set_print(on_libbpf);
}

void bpflog_end(void)
{
	listener = NULL;
}
