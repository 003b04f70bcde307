// SPDX-License-Identifier: GPL-2.0-only
/*
 * The waits that go on: who holds the lock and what that task does now, who
 * waits for it since when, and from where; tasks that wait at the same place
 * share a stack.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "../render/fmt.h"
#include "../render/parts.h"
#include "detail.h"

#define OWNERS_MAX	3	/* whose stacks are shown */
#define STACKS_MAX	5	/* of waiters */
#define TASKS_MAX	8	/* waiters of one stack */

/*
 * Is it for a lock that a wait of this name is for? Locks that are named by their
 * caller have several names; who opens one of them wants to see all who wait.
 */
static bool same_lock(const struct detail *t, const struct top_wait *w)
{
	const struct top_wait *o;

	for (o = t->d->wait.v; o < t->d->wait.v + t->d->wait.nr; o++)
		if (o->wait.lock == w->wait.lock && o->source == w->source &&
		    !strcmp(o->lock, t->row->name))
			return true;
	return false;
}

bool detail_has_wait(const struct detail *t, const struct top_wait *w)
{
	const struct top_row *r = t->row;
	char caller[320];

	switch (t->panel) {
	case TOP_TASKS:
		return w->wait.tid == r->tid;
	case TOP_CALLERS:
		snprintf(caller, sizeof(caller), "%.200s%s%.100s%s", w->caller,
			 w->module[0] ? " [" : "", w->module, w->module[0] ? "]" : "");
		return !strcmp(caller, r->name);
	case TOP_CGROUPS:
		return !strcmp(w->cgroup, r->name);
	default:
		return !strcmp(w->lock, r->name) || same_lock(t, w);
	}
}

int detail_stack(const struct detail *t, unsigned int source, uint32_t stack)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, caller;
	char *text;

	nr = model_stack(t->m, source, stack, frame, &caller);
	for (i = caller; i < nr; i++) {
		text = parts_frame(&frame[i]);
		if (!text)
			return -ENOMEM;
		fputs("      ", t->out);
		sanitize_put_text(t->out, text);
		fputc('\n', t->out);
		free(text);
	}
	if (caller >= nr)
		fprintf(t->out, "%c      (stack not known)\n", MARK_DIM);
	return 0;
}

/* --- who holds it --------------------------------------------------------------------------- */

static const char *state_word(char state)
{
	switch (state) {
	case 'R':
		return "runs or is ready to";
	case 'S':
		return "sleeps";
	case 'D':
		return "sleeps, cannot be interrupted (D)";
	case 'T': case 't':
		return "is stopped";
	case 'Z': case 'X':
		return "has ended";
	case 'I':
		return "is idle";
	default:
		return "has gone";
	}
}

/* What the kernel says of the task at this moment. */
static int put_now(const struct detail *t, const struct top_wait *w)
{
	char state = '?', *stack, *line, *end;

	if (!t->ask || !t->ask->stack) {
		fprintf(t->out, "%c      (its stack was not recorded)\n", MARK_DIM);
		return 0;
	}
	stack = t->ask->stack(t->ask->ctx, w->wait.owner_tid, &state);
	if (!stack)
		return -ENOMEM;
	fprintf(t->out, "    it %s now%s\n", state_word(state),
		stack[0] ? ":" : ", and is not in the kernel");
	for (line = stack; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		fputs("      ", t->out);
		sanitize_put_text(t->out, line);
		fputc('\n', t->out);
	}
	free(stack);
	return 0;
}

/* "Held by lk-holder/123, as lk-wait-2/125 found it 1.2 s ago" */
static int put_owner(const struct detail *t, const struct top_wait *w)
{
	char buf[FMT_LEN];
	const char *chain;
	bool circle;

	fprintf(t->out, "\n%cHeld by %s/%" PRIu32 "%s", MARK_BOLD, w->wait.owner_comm,
		w->wait.owner_tid, w->wait.owner_reader ? ", the last reader to come" : "");
	if (t->panel != TOP_LOCKS)
		fprintf(t->out, ": %s", w->lock);
	fprintf(t->out, "\n    so %s/%" PRIu32 " found it %s ago\n", w->wait.comm, w->wait.tid,
		fmt_ns(w->wait.dur_ns, buf));
	chain = top_chain(t->d, w, &circle);
	if (!chain)
		return -ENOMEM;
	if (chain[0]) {
		fprintf(t->out, "%c    it ", circle ? MARK_BAD : MARK_BOLD);
		fmt_put_wrapped(t->out, chain, 7, 7, t->cols);
		fputc('\n', t->out);
	}
	return put_now(t, w);
}

static bool told(const uint32_t *tid, unsigned int nr, uint32_t want)
{
	while (nr)
		if (tid[--nr] == want)
			return true;
	return false;
}

/* The owners as the last waiters found them. */
static int put_owners(const struct detail *t)
{
	uint32_t tid[OWNERS_MAX];
	unsigned int nr = 0;
	size_t i;
	int err = 0;

	for (i = t->d->wait.nr; i-- && nr < OWNERS_MAX && !err;) {
		const struct top_wait *w = &t->d->wait.v[i];

		if (!detail_has_wait(t, w) || !w->wait.owner_tid ||
		    told(tid, nr, w->wait.owner_tid))
			continue;
		tid[nr++] = w->wait.owner_tid;
		err = put_owner(t, w);
	}
	return err;
}

/* --- who waits ------------------------------------------------------------------------------ */

static bool same_place(const struct top_wait *a, const struct top_wait *b)
{
	return a->source == b->source && a->wait.stack == b->wait.stack &&
	       !strcmp(a->lock, b->lock);
}

/* Was there one before @i that waits at the same place? */
static bool place_told(const struct detail *t, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (detail_has_wait(t, &t->d->wait.v[k]) &&
		    same_place(&t->d->wait.v[k], &t->d->wait.v[i]))
			return true;
	return false;
}

/* All that wait where wait @i does, longest first, and their stack. */
static int put_place(const struct detail *t, size_t i)
{
	const struct top_wait *first = &t->d->wait.v[i], *w;
	unsigned int nr = 0;
	char buf[FMT_LEN];

	for (w = first; w < t->d->wait.v + t->d->wait.nr; w++) {
		if (!detail_has_wait(t, w) || !same_place(first, w))
			continue;
		if (nr++ < TASKS_MAX)
			fprintf(t->out, "  %8s  %s/%" PRIu32 "%s%s\n", fmt_ns(w->wait.dur_ns, buf),
				w->wait.comm, w->wait.tid, t->panel == TOP_LOCKS ? "" : "  ",
				t->panel == TOP_LOCKS ? "" : w->lock);
	}
	if (nr > TASKS_MAX)
		fprintf(t->out, "            and %u more\n", nr - TASKS_MAX);
	return detail_stack(t, first->source, first->wait.stack);
}

int detail_waits(const struct detail *t)
{
	unsigned int nr = 0, stacks = 0;
	size_t i;
	int err;

	for (i = 0; i < t->d->wait.nr; i++)
		nr += detail_has_wait(t, &t->d->wait.v[i]);
	if (!t->d->wait_known) {
		fprintf(t->out, "\n%cWho waits at this moment is not in the recording.\n", MARK_DIM);
		return 0;
	}
	if (!nr) {
		fprintf(t->out, "\n%cNobody waits at this moment.\n", MARK_DIM);
		return 0;
	}
	err = put_owners(t);
	if (!err)
		fprintf(t->out, "\n%c%u task%s blocked now, longest first\n", MARK_BOLD, nr,
			nr == 1 ? " is" : "s are");
	for (i = 0; i < t->d->wait.nr && !err; i++) {
		if (!detail_has_wait(t, &t->d->wait.v[i]) || place_told(t, i))
			continue;
		if (stacks++ < STACKS_MAX)
			err = put_place(t, i);
	}
	if (stacks > STACKS_MAX)
		fprintf(t->out, "  and %u more stacks\n", stacks - STACKS_MAX);
	return err;
}
