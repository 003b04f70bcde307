// SPDX-License-Identifier: GPL-2.0-only
/*
 * The body of a lockdep report: line by line, each by what it says and not by
 * where it stands, since reports come cut, reordered and with lines of others in
 * between. What a line with a lock means, the sentence before it says.
 *
 * Sentences are those of kernel/locking/lockdep.c, 2.6.18 to 6.17.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct body {
	struct report *r;
	uint32_t expect;	/* role of the next lock line; 0 = none */
	bool task, kernel, ident;
	bool subject;		/* a sentence said what the report is about */
	bool held;		/* the list of held locks was there */
	bool in_held;		/* inside of it */
	bool other_held;	/* inside of another task's */
	bool sink;		/* frames belong to a part */
	bool scenario;
	bool deps;		/* inside of the dependencies of an irq report */
	bool deps_seen;
	bool name_next;		/* the next line is the name of a lock and nothing else */
	bool done;		/* behind the backtrace */
};

/* --- sentences -------------------------------------------------------------------------- */

/* "comm/1 [HC0[0]:SC0[0]:HE1:SE1]" up to @end. */
static void set_task(struct body *b, const char *s, const char *end)
{
	const char *irq = memmem(s, (size_t)(end - s), " [HC", 4);

	if (irq) {
		char note[128];

		snprintf(note, sizeof(note), "%.*s", (int)(end - irq - 1), irq + 1);
		report_note(b->r, note);
		end = irq;
	}
	if (!b->task)
		b->task = report_task(b->r, s, (size_t)(end - s), '/');
}

/* "lock (name) at:", and behind that where. */
static void take_release(struct body *b, const char *s)
{
	const char *at = strstr(s, ") at:"), *text;
	struct log_lock l = { .name = s, .usage = "", .at = "" };
	uint64_t addr;

	if (!at)
		at = strrchr(s, ')');
	if (!at)
		return;
	l.name_len = (size_t)(at - s);
	if (log_starts(at, ") at:") && log_frame(at + 5, &addr, &text)) {
		l.at = text;
		l.at_len = strlen(text);
	}
	report_add_lock(b->r, LK_PART_ACQUIRING, 0, &l);
}

/* A sentence that names the task and says what it does. */
static bool take_sentence(struct body *b, const char *s)
{
	static const struct { const char *words; uint32_t expect; } table[] = {
		{ " is trying to acquire lock:", LK_PART_ACQUIRING },
		{ " is trying to acquire lock", LK_PART_ACQUIRING },
		{ " is trying to acquire:", LK_PART_ACQUIRING },
		{ " is trying to lock:", LK_PART_ACQUIRING },
		{ " just changed the state of lock:", LK_PART_ACQUIRING },
		{ " takes:", LK_PART_ACQUIRING },
		{ " is trying to release lock (", 0 },
		{ " is trying to contend lock (", 0 },
		{ " is freeing memory ", LK_PART_OTHER },
		{ " is leaving the kernel with locks still held!", 0 },
		{ ": Hash chain already cached but the contents don't match!", 0 },
	};
	const char *p = NULL;
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]) && !p; i++)
		p = strstr(s, table[i].words);
	if (!p || !memchr(s, '/', (size_t)(p - s)))
		return false;
	i--;
	set_task(b, s, p);
	b->subject = true;
	b->expect = table[i].expect;
	if (log_ends(table[i].words, "lock ("))
		take_release(b, p + strlen(table[i].words));
	else if (!b->expect || b->expect == LK_PART_OTHER)
		report_note(b->r, s);
	return true;
}

/* What the next lock line is. */
static bool take_prelude(struct body *b, const char *s)
{
	static const struct { const char *words; uint32_t expect; bool note; } table[] = {
		{ "but task is already holding lock", LK_PART_HOLDING, false },
		{ "and this task is already holding", LK_PART_HOLDING, false },
		{ "but now in release context of a crosslock acquired at the following", LK_PART_HOLDING, true },
		{ "but this lock took another", LK_PART_OTHER, true },
		{ "but this lock was taken by another", LK_PART_OTHER, true },
		{ "but this new dependency connects a", LK_PART_CLASS, true },
		{ "to a ", LK_PART_CLASS, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!log_starts(s, table[i].words))
			continue;
		if (log_starts(s, "to a ") && !strstr(s, "irq-"))
			return false;
		b->expect = table[i].expect;
		if (table[i].note)
			report_note(b->r, s);
		return true;
	}
	b->name_next = log_starts(s, "but this task is not holding");
	if (b->name_next)
		report_note(b->r, s);
	return b->name_next;
}

/* --- lists ------------------------------------------------------------------------------ */

/* "2 locks held by comm/1:", "no locks held by comm/1." */
static bool take_held_head(struct body *b, const char *s)
{
	const char *p = strstr(s, " held by ");
	size_t n;

	if (!p || p - s > 32 || (!log_ends(s, ":") && !log_ends(s, ".")) || !strstr(s, "lock"))
		return false;
	p += 9;
	n = strlen(p) - 1;
	if (b->task) {
		char want[96];

		snprintf(want, sizeof(want), "%s/%u", b->r->ev.comm, b->r->ev.tid);
		b->other_held = strlen(want) != n || memcmp(want, p, n);
	} else {
		b->task = report_task(b->r, p, n, '/');
	}
	b->sink = false;
	b->in_held = !b->other_held && !b->held;
	b->held |= b->in_held;
	if (b->other_held || log_starts(s, "no "))
		report_note(b->r, s);
	return true;
}

/* " #0: lock". Decoders repeat a line for each function that was inlined: the last one counts. */
static bool take_held(struct body *b, const char *s)
{
	struct lk_ev_part *last = b->r->part.nr ? &b->r->part.v[b->r->part.nr - 1] : NULL;
	struct log_lock l;
	uint32_t num;
	char *end;

	if (*s != '#' || !isdigit((unsigned char)s[1]))
		return false;
	num = (uint32_t)strtoul(s + 1, &end, 10);
	if (*end != ':' || !log_lock_line(end + 1, &l))
		return false;
	if (!b->in_held) {
		report_note(b->r, s);
		return true;
	}
	if (last && last->role == LK_PART_HELD && last->num == num)
		b->r->part.nr--;
	report_add_lock(b->r, LK_PART_HELD, num, &l);
	return true;
}

/* "-> #2 (name){....}:" */
static bool take_chain(struct body *b, const char *s)
{
	struct log_lock l;
	uint32_t num;
	char *end;

	if (!log_starts(s, "-> #") || !isdigit((unsigned char)s[4]))
		return false;
	num = (uint32_t)strtoul(s + 4, &end, 10);
	if (!log_lock_line(end, &l))
		return false;
	l.at_len = 0;
	report_add_lock(b->r, LK_PART_CHAIN, num, &l);
	l.rest = log_skip(l.rest + (*l.rest == ':'));
	if (*l.rest)		/* an author's words in place of a stack */
		report_note(b->r, l.rest);
	b->sink = true;
	b->in_held = false;
	return true;
}

/* "-> (name){....} ops: 12 {", with what it is used for behind it. */
static bool take_class(struct body *b, const char *s)
{
	struct log_lock l;

	if (!log_starts(s, "-> (") || !log_lock_line(s + 3, &l))
		return false;
	report_add_lock(b->r, LK_PART_CLASS, 1, &l);
	b->sink = false;
	b->deps_seen |= b->deps;
	return true;
}

static bool take_lock(struct body *b, const char *s)
{
	struct lk_ev_part *last = b->r->part.nr ? &b->r->part.v[b->r->part.nr - 1] : NULL;
	struct log_lock l;

	if (strstr(s, "} -> (") && log_lock_line(s, &l)) {	/* "(a){..} -> (b){..}" */
		report_note(b->r, s);
		return true;
	}
	if (!log_lock_line(s, &l) || (!l.usage_len && !l.at_len && l.name[-1] == '(' && *log_skip(l.rest)))
		return false;
	if (b->expect) {
		report_add_lock(b->r, b->expect, 0, &l);
		b->expect = 0;
		return true;
	}
	/* Repeated for an inlined function: the last one counts. */
	if (last && last->role <= LK_PART_OTHER && last->addr == l.addr && strstr(last->at, "[inline]")) {
		uint32_t role = last->role;

		b->r->part.nr--;
		report_add_lock(b->r, role, 0, &l);
		return true;
	}
	return false;
}

/* --- titles of stacks, and the rest ----------------------------------------------------- */

static void add_title(struct body *b, uint32_t role, const char *s)
{
	report_add(b->r, role, 0, 0, s, strlen(s));
	b->sink = true;
	b->in_held = false;
}

/* "IN-HARDIRQ-W at:", "{IN-SOFTIRQ-W} state was registered at:", "... acquired at:", ... */
static bool take_title(struct body *b, const char *s)
{
	/* Before the report has said what it is about, a trace is somebody else's. */
	bool own = b->task || b->held || b->r->title->flags & (TITLE_BARE | TITLE_TASK);

	if (log_starts(s, "stack backtrace") ||
	    (own && !report_has(b->r, LK_PART_BACKTRACE) && log_starts(s, "Call ") && log_ends(s, "race:"))) {
		if (!report_has(b->r, LK_PART_BACKTRACE))
			add_title(b, LK_PART_BACKTRACE, s);
		return true;
	}
	if (!log_ends(s, " at:") || strchr(s, '('))
		return false;
	if (strstr(s, "state was registered") || strstr(s, "which became") || strstr(s, "acquired at") ||
	    strstr(s, "IN-") || strstr(s, "in-") || strstr(s, "-ON-") || strstr(s, "-on-") ||
	    strstr(s, "USE") || strstr(s, "initial-use") || strstr(s, "ov-reclaim")) {
		add_title(b, LK_PART_TITLE, s);
		return true;
	}
	return false;
}

/* "inconsistent {in-hardirq-W} -> {hardirq-on-W} usage." */
static bool take_state(struct body *b, const char *s)
{
	const char *p = s + 13, *end;

	if (!log_starts(s, "inconsistent {"))
		return false;
	end = strstr(p, " usage");
	if (!end)
		end = p + strlen(p);
	b->r->ev.state = report_str(b->r, p, (size_t)(end - p));
	return true;
}

/* The table of a scenario, from its title to *** DEADLOCK ***. */
static bool take_scenario(struct body *b, const char *raw, const char *s)
{
	if (log_starts(s, "Possible ") && strstr(s, "unsafe locking scenario")) {
		b->scenario = true;
		b->in_held = b->sink = false;
	} else if (!b->scenario) {
		return false;
	} else if (strstr(s, "DEADLOCK")) {
		b->scenario = false;
	} else if (!log_starts(s, "CPU") && !log_starts(s, "----") && !log_starts(s, "<Interrupt>") &&
		   !strstr(s, "lock(") && !strstr(s, "sync(") && !strstr(s, "local_irq_disable")) {
		return false;
	}
	report_note(b->r, raw);
	return true;
}

static bool take_known(struct body *b, const char *s)
{
	static const char *const begins[] = {
		"which lock already depends", "the existing dependency chain", "other info that might",
		"and interrupts could create", "May be due to missing lock nesting",
		"but there are no more locks to release", "but there are no locks held",
		"which would create a new lock dependency", "irq event stamp:", "hardirqs last", "softirqs last",
		"context-{", "Chain exists of", "rcu_scheduler_active", "RCU used illegally",
		"Possible false positive", "INFO: lockdep is turned off", "... key ", "...", "}", "*** DEADLOCK",
		"and the lock comparison function returns", "Held locks:", "Locks in cached chain:", "depth: ",
		"the code is fine but needs", "The code is fine but needs", "turning off the locking",
		"you didn't initialize this object", "preempt=", "with a lock still held there",
		"last function:", "in the past", "class/hash/lock",
	};
	static const char *const deps[] = {
		"the first lock's dependencies", "the second lock's dependencies", "the shortest dependencies",
		"the dependencies between", "-irq-safe lock's dependencies", "-irq-unsafe lock's dependencies",
		"and HARDIRQ-irq-", "and SOFTIRQ-irq-",
	};
	unsigned int i;

	for (i = 0; i < sizeof(deps) / sizeof(deps[0]); i++) {
		if (!strstr(s, deps[i]))
			continue;
		b->deps = true;
		b->in_held = b->sink = false;
		report_note(b->r, s);
		return true;
	}
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		if (!log_starts(s, begins[i]))
			continue;
		report_note(b->r, s);
		b->in_held &= *s == '.';
		return true;
	}
	if (strstr(s, " --> ")) {
		report_note(b->r, s);
		return true;
	}
	return false;
}

/* A frame, or what stands around one. */
static bool take_frame(struct body *b, const char *s)
{
	bool backtrace = report_has(b->r, LK_PART_BACKTRACE);
	const char *text;
	uint64_t addr;

	/* "...  [<addr>] f+0x1/0x2": lockdep's dots stand on the line of the first frame. */
	if (log_frame(log_starts(s, "... ") ? s + 4 : s, &addr, &text)) {
		if (b->sink)
			report_add_frame(b->r, addr, text);
		return b->sink;
	}
	if ((!backtrace && !(b->r->title->flags & TITLE_BARE)) || !log_dump(s))
		return false;
	if (log_starts(s, "CPU: ") || log_starts(s, "Pid: ")) {
		if (!b->kernel)
			report_kernel(b->r, s, false);
		b->kernel = b->r->ev.kernel[0];
		if (!b->task)
			b->task = report_task_of_dump(b->r, s);
	}
	if (!log_is_rule(s))
		report_note(b->r, s);
	return true;
}

/* "6.12.1 #1 Not tainted", above the task. */
static bool take_ident(struct body *b, const char *s)
{
	size_t n = log_release(s);

	if (b->ident || b->subject || !n || (s[n] && !strchr(s + n, '#') && !strstr(s, "ainted")))
		return false;
	report_kernel(b->r, s, true);
	b->ident = b->kernel = true;
	return true;
}

static bool take_name(struct body *b, const char *s)
{
	if (!b->name_next)
		return false;
	b->name_next = false;
	report_add(b->r, LK_PART_OTHER, 0, 0, s, strlen(s));
	return true;
}

static bool take_line(struct body *b, const char *raw)
{
	const char *s = log_skip(raw);

	if (take_ident(b, s) || take_name(b, s) || take_scenario(b, raw, s) || take_sentence(b, s) ||
	    take_prelude(b, s) || take_held_head(b, s) || take_held(b, s) || take_chain(b, s) ||
	    take_class(b, s) || take_state(b, s) || take_title(b, s) || take_lock(b, s) || take_frame(b, s) ||
	    take_known(b, s))
		return true;
	/* RCU: "kernel/x.c:12 suspicious rcu_dereference_check() usage!", right behind the title */
	if (!b->task && !b->held && log_ends(s, "!") && strchr(s, ':')) {
		report_note(b->r, s);
		return true;
	}
	return false;
}

/* --- the whole -------------------------------------------------------------------------- */

/* #N .. #0 in that order, and at least two of them. */
static bool chain_whole(const struct report *r)
{
	uint32_t next = 0, nr = 0;
	size_t i;

	for (i = 0; i < r->part.nr; i++) {
		if (r->part.v[i].role != LK_PART_CHAIN)
			continue;
		if (nr++ && r->part.v[i].num + 1 != next)
			return false;
		next = r->part.v[i].num;
	}
	return nr > 1 && !next;
}

static void set_lacks(struct body *b)
{
	struct report *r = b->r;
	uint32_t lacks = r->title->lacks;

	if (report_has(r, LK_PART_ACQUIRING))
		lacks &= ~LK_LACKS_ACQUIRING;
	if (report_has(r, LK_PART_HOLDING))
		lacks &= ~LK_LACKS_HOLDING;
	if (chain_whole(r))
		lacks &= ~LK_LACKS_CHAIN;
	if (b->held)
		lacks &= ~LK_LACKS_HELD;
	if (report_has_backtrace(r))
		lacks &= ~LK_LACKS_BACKTRACE;
	if (b->deps_seen)
		lacks &= ~LK_LACKS_DEPENDENCIES;
	r->ev.lacks |= lacks;
}

/* "%s/%d still has locks held!" */
static void task_of_title(struct body *b)
{
	const char *s = b->r->ev.title, *p = strstr(s, b->r->title->phrase);

	if (p && p > s)
		b->task = report_task(b->r, s, (size_t)(p - 1 - s), '/');
}

void body_lockdep(struct report *r, const struct lines *l)
{
	struct body b = { .r = r };
	const char *s;
	uint32_t odd = 0;	/* lines not understood since the last one that was */
	size_t i;

	if (r->title->flags & TITLE_TASK)
		task_of_title(&b);
	if (!strcmp(r->ev.subkind, "lock-order")) {
		s = strstr(r->ev.title, " lock order");
		r->ev.state = report_str(r, r->ev.title, (size_t)(s - r->ev.title));
	}
	for (i = 0; i < l->v.nr && !r->err; i++) {
		s = log_skip(l->v.v[i]);
		if (!*s || log_is_rule(s))
			continue;
		if (take_line(&b, l->v.v[i])) {
			r->ev.skipped += odd;
			odd = 0;
			continue;
		}
		if (report_has_backtrace(r))	/* behind its end */
			break;
		odd++;
	}
	set_lacks(&b);
}
