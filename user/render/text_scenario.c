// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format text: "Possible unsafe locking scenario", the order of events in which
 * all tasks of a finding wait. With one or two CPUs in columns, as lockdep has
 * it; with more, or where the names are too long for that, one event per line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "parts_finding.h"
#include "text.h"
#include "text_finding.h"
#include "text_words.h"

#define LEFT		2	/* where the cells of the first CPU begin */
#define SECOND		31	/* and those of the second, as in lockdep, if that is enough */
#define HEADING		5	/* the headings are farther to the right by this */

struct event {
	unsigned int cpu;
	unsigned int waits_for;		/* + 1; 0 = goes on */
	bool late;			/* never gets there */
	char *cell;			/* sanitized */
};

/* Links that one task made while it held all locks of the earlier ones: it needs one CPU for them. */
struct actor {
	unsigned int first, nr;		/* links, counted round the circle */
};

struct scenario {
	struct event *v;
	unsigned int nr;
	struct actor *actor;
	unsigned int nr_actors;
	int err;
};

/* "rlock(&mm->mmap_lock);": lockdep's words, and the function for what it has no word for. */
static void add(struct scenario *s, unsigned int cpu, unsigned int waits_for, const char *op,
		const struct finding_lock *l)
{
	char *text, *safe = NULL;

	if (asprintf(&text, "%s(%.*s);", op, parts_short_len(l->name), l->name) >= 0) {
		safe = text_safe(text);
		free(text);
	}
	if (!safe)
		s->err = -ENOMEM;
	s->v[s->nr++] = (struct event){ .cpu = cpu, .waits_for = waits_for, .cell = safe };
}

static const char *lock_op(const struct finding_lock *l)
{
	if (text_is_wait(l))
		return "wait_for_completion";
	return text_is_read(l) ? "rlock" : "lock";
}

static bool completes(const struct finding *f, unsigned int i)
{
	return f->link[i].order_flags & LK_ORDER_COMPLETION;
}

/* Did the task of link @i still hold what it held then when it made the next link, @k? */
static bool goes_on(const struct finding *f, unsigned int i, unsigned int k)
{
	const struct finding_link *a = &f->link[i], *b = &f->link[k];
	unsigned int n;

	if (a->task.tid != b->task.tid || a->source != b->source || completes(f, i) || completes(f, k) ||
	    a->taken.addr != b->held.addr)
		return false;
	for (n = 0; n < b->nr_all; n++) {
		if (b->all[n].addr == a->held.addr)
			return true;
	}
	return false;
}

/* The first one ends with link 0, which completed the finding. */
static void make_actors(const struct finding *f, struct scenario *s)
{
	unsigned int nr = f->nr_links, i = 0, left = nr, n;

	while (left > 2 && goes_on(f, (i + nr - 1) % nr, i)) {
		i = (i + nr - 1) % nr;
		left--;
	}
	n = nr - left + 1;
	for (left = nr - n;; left -= n) {
		s->actor[s->nr_actors++] = (struct actor){ .first = i, .nr = n };
		if (!left)
			return;
		i = (i + n) % nr;
		for (n = 1; n < left && goes_on(f, (i + n - 1) % nr, (i + n) % nr); n++)
			;
	}
}

/* All take what they hold, then each wants what the next one has; completions come too late. */
static void make_events(const struct finding *f, struct scenario *s)
{
	unsigned int a, i, nr = f->nr_links;
	const struct finding_link *l;

	make_actors(f, s);
	for (a = 0; a < s->nr_actors; a++) {
		for (i = 0; i < s->actor[a].nr; i++) {
			l = &f->link[(s->actor[a].first + i) % nr];
			if (!(l->order_flags & LK_ORDER_COMPLETION))
				add(s, a, 0, lock_op(&l->held), &l->held);
		}
	}
	/* From the last one on, so that what completed the finding comes last, as in lockdep. */
	for (a = s->nr_actors; a--;) {
		l = &f->link[(s->actor[a].first + s->actor[a].nr - 1) % nr];
		add(s, a, (a + 1) % s->nr_actors + 1, lock_op(&l->taken), &l->taken);
	}
	for (a = 0; a < s->nr_actors; a++) {
		if (completes(f, s->actor[a].first)) {
			add(s, a, 0, "complete", &f->link[s->actor[a].first].held);
			s->v[s->nr - 1].late = true;
		}
	}
}

/* One task and one lock. Reading it twice needs a writer in between to hang. */
static void make_single(const struct finding *f, struct scenario *s)
{
	const struct finding_link *l = &f->link[0];

	s->actor[s->nr_actors++] = (struct actor){ .first = 0, .nr = 1 };
	add(s, 0, 0, lock_op(&l->held), &l->held);
	if (text_is_read(&l->held) && text_is_read(&l->taken))
		add(s, 1, 0, "lock", &l->held);
	add(s, 0, 0, lock_op(&l->taken), &l->taken);
}

static void done(struct scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		free(s->v[i].cell);
	free(s->v);
	free(s->actor);
}

/* --- columns ---------------------------------------------------------------------------- */

/* Where the second column begins; 0 when two do not fit. */
static unsigned int second_column(const struct scenario *s, unsigned int width)
{
	unsigned int at = SECOND, end = 0, i;

	for (i = 0; i < s->nr; i++) {
		unsigned int columns = fmt_columns(s->v[i].cell);

		if (!s->v[i].cpu && LEFT + columns + 2 > at)
			at = LEFT + columns + 2;
		if (s->v[i].cpu && columns > end)
			end = columns;
	}
	return width && at + end > width ? 0 : at;
}

static void put_columns(const struct scenario *s, unsigned int cpus, unsigned int second, FILE *out)
{
	int gap = (int)second - LEFT - HEADING - 4;	/* up to where the second column begins */
	unsigned int i;

	if (cpus == 2)
		fprintf(out, "%*sCPU0%*sCPU1\n%*s----%*s----\n", LEFT + HEADING, "", gap + HEADING, "",
			LEFT + HEADING, "", gap + HEADING, "");
	else
		fprintf(out, "%*sCPU0\n%*s----\n", LEFT + HEADING, "", LEFT + HEADING, "");
	for (i = 0; i < s->nr; i++)
		fprintf(out, "%*s%s\n", s->v[i].cpu ? (int)second : LEFT, "", s->v[i].cell);
}

/* --- lines ------------------------------------------------------------------------------ */

static int put_lines(const struct finding *f, const struct scenario *s, unsigned int width, FILE *out)
{
	unsigned int i, column = 0;
	char *task, buf[FMT_LEN];

	for (i = 0; i < s->nr_actors; i++) {
		task = text_finding_task(&f->link[s->actor[i].first].task);
		if (!task)
			return -ENOMEM;
		column = fmt_columns(task) > column ? fmt_columns(task) : column;
		free(task);
	}
	for (i = 0; i < s->nr; i++) {
		const struct event *e = &s->v[i];
		unsigned int used = 8 + column + 2 + fmt_columns(e->cell);

		task = text_finding_task(&f->link[s->actor[e->cpu].first].task);
		if (!task)
			return -ENOMEM;
		fprintf(out, "  CPU%-3u %s%*s%s", e->cpu, task,
			(int)(column - fmt_columns(task)) + 2, "", e->cell);
		free(task);
		if (e->waits_for || e->late) {
			if (e->late)
				snprintf(buf, sizeof(buf), "is not reached");
			else
				snprintf(buf, sizeof(buf), "waits for CPU%u", e->waits_for - 1);
			if (width && used + 2 + strlen(buf) > width)
				fprintf(out, "\n%*s", (int)(8 + column + 2), "");
			else
				fputs("  ", out);
			fputs(buf, out);
		}
		fputc('\n', out);
	}
	return 0;
}

int text_scenario(const struct finding *f, unsigned int width, FILE *out)
{
	struct scenario s = {
		.v = calloc(3 * (size_t)f->nr_links, sizeof(*s.v)),
		.actor = calloc(f->nr_links, sizeof(*s.actor)),
	};
	unsigned int second = 0;
	int err;

	if (!s.v || !s.actor) {
		done(&s);
		return -ENOMEM;
	}
	if (f->nr_links == 1)
		make_single(f, &s);
	else
		make_events(f, &s);
	err = s.err;
	if (!err) {
		if (f->nr_links == 1)
			second = second_column(&s, 0);
		else if (s.nr_actors == 2)
			second = second_column(&s, width);
		fputs("\n Possible unsafe locking scenario:\n\n", out);
		if (second)
			put_columns(&s, s.nr == 2 ? 1 : 2, second, out);
		else
			err = put_lines(f, &s, width, out);
		fputs("\n *** DEADLOCK ***\n", out);
	}
	done(&s);
	return err;
}
