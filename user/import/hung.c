// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of the hung task detector (kernel/hung_task.c), and of who blocks the
 * task where the kernel says so (since 6.15).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* "task comm:123" up to @end. */
static void set_task(struct report *r, const char *s, const char *end)
{
	if (log_starts(s, "task "))
		s += 5;
	(void)report_task(r, s, (size_t)(end - s), ':');
}

/*
 * "INFO: task a:1 is blocked on a mutex likely owned by task b:2.", "INFO: task a:1 <reader> blocked
 * on an rw-semaphore likely owned by task b:2 <writer>"
 */
static bool take_blocker(struct report *r, const char *s)
{
	static const char *const types[] = { "mutex", "rw-semaphore", "semaphore" };
	const char *on = strstr(s, "blocked on a"), *by, *at, *end;
	struct log_lock l = { .usage = "", .at = "" };
	char who[64], me[64];
	unsigned int i;

	if (!log_starts(s, "INFO: task ") || !on)
		return false;
	report_note(r, s);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		at = strstr(on, types[i]);
		if (!at)
			continue;
		l.name = at;
		l.name_len = strlen(types[i]);
		report_add_lock(r, LK_PART_ACQUIRING, 0, &l);
		break;
	}
	by = strstr(on, " by task ");
	if (!by)
		return true;
	by += 9;
	end = by + strcspn(by, " ");
	while (end > by && !isdigit((unsigned char)end[-1]))
		end--;
	snprintf(who, sizeof(who), "%.*s", (int)(end - by), by);
	snprintf(me, sizeof(me), "%s:%u", r->ev.comm, r->ev.tid);
	if (!strcmp(who, me))
		r->ev.subkind = "self-deadlock";
	return true;
}

/* "task:comm state:D stack:0 pid:1 ...", then the task's stack. */
static bool take_task_line(struct report *r, const char *s)
{
	if (!log_starts(s, "task:") || !strstr(s, "state:"))
		return false;
	report_add(r, LK_PART_BACKTRACE, 0, 0, s, strlen(s));
	return true;
}

/* "2 locks held by comm/1:" of "Showing all locks held in the system:". */
static bool take_held(struct report *r, const char *s, bool *mine)
{
	const char *p = strstr(s, " held by ");
	struct log_lock l;
	char want[96];
	char *end;

	if (p && p - s < 32) {
		snprintf(want, sizeof(want), "%s/%u:", r->ev.comm, r->ev.tid);
		*mine = !strcmp(p + 9, want);
		if (!*mine)
			report_note(r, s);
		return true;
	}
	if (*s != '#' || !isdigit((unsigned char)s[1]))
		return false;
	strtoul(s + 1, &end, 10);
	if (*end != ':' || !log_lock_line(end + 1, &l))
		return false;
	if (*mine)
		report_add_lock(r, LK_PART_HELD, (uint32_t)strtoul(s + 1, NULL, 10), &l);
	else
		report_note(r, s);
	return true;
}

static bool take_line(struct report *r, const char *s, bool *mine, bool *all)
{
	const char *text;
	uint64_t addr;

	if (take_blocker(r, s) || take_task_line(r, s) || (*all && take_held(r, s, mine)))
		return true;
	if (log_starts(s, "Showing all locks held")) {
		*all = true;
		report_note(r, s);
		return true;
	}
	if (!r->ev.kernel[0] && strstr(s, "ainted")) {
		report_kernel(r, s, true);
		return true;
	}
	if (log_frame(s, &addr, &text)) {
		if (!*all && report_has(r, LK_PART_BACKTRACE))
			report_add_frame(r, addr, text);
		return true;
	}
	if (log_starts(s, "\"echo 0 >") || log_starts(s, "Future hung task") || log_dump(s)) {
		if (!log_is_rule(s))
			report_note(r, s);
		return true;
	}
	/* Old kernels: "comm    D ffff88 0 123 1 0x00000080". */
	if (!report_has(r, LK_PART_BACKTRACE) && log_starts(s, r->ev.comm) && strstr(s, " D ")) {
		report_add(r, LK_PART_BACKTRACE, 0, 0, s, strlen(s));
		return true;
	}
	return false;
}

void body_hung(struct report *r, const struct lines *l)
{
	const char *s, *end = strstr(r->ev.title, " blocked for more than");
	uint32_t odd = 0;	/* lines not understood since the last one that was */
	bool mine = false, all = false;
	size_t i, k;

	if (end)
		set_task(r, r->ev.title, end);
	for (i = 0; i < l->v.nr && !r->err; i++) {
		s = log_skip(l->v.v[i]);
		if (!*s)
			continue;
		if (take_line(r, s, &mine, &all)) {
			r->ev.skipped += odd;
			odd = 0;
			continue;
		}
		for (k = r->part.nr; k && r->part.v[k - 1].role == LK_PART_NOTE; k--)
			;
		if (all || (k && r->part.v[k - 1].role == LK_PART_FRAME))
			break;	/* behind its end */
		odd++;
	}
	r->ev.lacks |= r->title->lacks;
	for (i = 0; i < r->part.nr; i++)
		if (r->part.v[i].role == LK_PART_FRAME)
			r->ev.lacks &= ~LK_LACKS_BACKTRACE;
}
