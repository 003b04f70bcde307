// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of stack traces and of the dumps around them, of all architectures and
 * decoders that were met (logtext.h).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "logtext.h"

/* Hexadecimal digits, @min to 16 of them: how many, or 0. */
static size_t hex_len(const char *s, size_t min)
{
	size_t n;

	for (n = 0; isxdigit((unsigned char)s[n]); n++)
		;
	return n >= min && n <= 16 ? n : 0;
}

/* A name as symbols have it, with the marks of old module prefixes (":mod:func") and of compilers. */
static size_t sym_len(const char *s)
{
	size_t n;

	if (!isalpha((unsigned char)*s) && *s != '_' && *s != ':' && *s != '.' && *s != '$')
		return 0;
	for (n = 1; isalnum((unsigned char)s[n]) || (s[n] && strchr("_.:$<>@-", s[n])); n++)
		;
	return n;
}

/* "+0x1/0x2" */
static bool is_offset(const char *s)
{
	size_t n;

	if (strncmp(s, "+0x", 3))
		return false;
	n = hex_len(s + 3, 1);
	return n && !strncmp(s + 3 + n, "/0x", 3) && hex_len(s + n + 6, 1);
}

/* "fs/pipe.c:92 [inline]" */
static bool is_inline(const char *s)
{
	size_t n = strcspn(s, " ");

	return n && memchr(s, ':', n) && log_starts(s + n, " [inline]");
}

/* "(kernel/printk/printk.c:28 (discriminator 3))" */
static bool is_place(const char *s)
{
	size_t n = strcspn(s, " )");

	return *s == '(' && memmem(s, n, ".", 1) && memchr(s, ':', n) && isdigit((unsigned char)s[n - 1]);
}

/* What can follow the address, or stand alone. */
static bool is_place_text(const char *s, bool behind_addr)
{
	size_t n;

	if (*s == '?')
		s = log_skip(s + 1);
	n = sym_len(s);
	if (n && (is_offset(s + n) || (s[n] == ' ' && (is_inline(s + n + 1) || is_place(s + n + 1)))))
		return true;
	if (!strncmp(s, "0x", 2) && hex_len(s + 2, 1) && !s[2 + hex_len(s + 2, 1)])
		return true;
	/* ARM: "(func) from [<addr>] (func+0x1/0x2)", "(func+0x1/0x2)" */
	if (behind_addr && *s == '(')
		return sym_len(s + 1);
	return behind_addr && n;
}

bool log_frame(const char *s, uint64_t *addr, const char **text)
{
	bool behind = false;
	size_t n;

	*addr = 0;
	s = log_skip(s);
	if (s[0] == '(' && s[1] == '[')		/* s390: "([<addr>] func+0x1/0x2)" */
		s++;
	while (*s == '[') {			/* PowerPC: "[sp] [ip] func+0x1/0x2" */
		const char *p = s + 1;

		if (*p == '<')
			p++;
		n = hex_len(p, 8);
		if (!n)
			return false;
		*addr = strtoull(p, NULL, 16);
		p += n;
		p += *p == '>';
		if (*p != ']')
			return false;
		s = log_skip(p + 1);
		behind = true;
	}
	*text = s;
	return is_place_text(s, behind);
}

/* "RAX: 0000000000000007 RBX: ...", "r7:00000080 r6:..", "1bc0: 00000001 ..." */
static bool is_registers(const char *s)
{
	size_t n;

	for (n = 0; isalnum((unsigned char)s[n]) || s[n] == '_'; n++)
		;
	if (!n || n > 5 || s[n] != ':')
		return false;
	s = log_skip(s + n + 1);
	return hex_len(s, 4) || log_starts(s, "0x");
}

/* "ffff88027fd03c58 ffffffff812beae5 ..." */
static bool is_words(const char *s)
{
	size_t n = hex_len(s, 8);

	return n && (!s[n] || (s[n] == ' ' && hex_len(log_skip(s + n), 8)));
}

bool log_dump(const char *s)
{
	static const char *const begins[] = {
		"CPU: ", "Pid: ", "Hardware name:", "Workqueue:", "Call Trace:", "Call trace:", "Backtrace:",
		"Leftover inexact backtrace:", "Stack:", "Code:", "RIP:", "RSP:", "EIP:", "ESP:", "EFLAGS:",
		"PKRU:", "Exception stack(", "Last Breaking-Event-Address:", "Tainted:", "Sched_clock:",
		"Process ", "Modules linked in:", "Trace:", "pc : ", "lr : ", "sp : ", "pstate: ", "NIP ",
		"LR ", "Stack Call Trace:", "Stack Trace:",
	};
	unsigned int i;

	s = log_skip(s);
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (log_starts(s, begins[i]))
			return true;
	if (*s == '<' && isalpha((unsigned char)s[s[1] == '/' ? 2 : 1]) && strchr(s, '>'))
		return true;	/* <TASK>, </TASK>, <IRQ>, <EOI>, <NMI> */
	return is_registers(s) || is_words(s) || log_is_rule(s);
}

void log_squeeze(char *s)
{
	char *to = s;

	while (*s) {
		char c = *to++ = *s++;

		if ((c == '+' || c == '/') && *s == ' ' && log_starts(log_skip(s), "0x"))
			s = (char *)log_skip(s);
	}
	*to = 0;
}
