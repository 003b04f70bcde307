// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings in plain words; see text_words.h.
 */
#include "text_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "parts.h"
#include "parts_finding.h"

#define TASKS_NAMED 4

bool text_is_wait(const struct finding_lock *l)
{
	return !strcmp(l->mode, "wait");
}

bool text_is_read(const struct finding_lock *l)
{
	return strstr(l->mode, "read");
}

/* What open_memstream() made, or NULL if that failed. */
static char *finish(FILE *mem, char **text)
{
	if (fclose(mem)) {
		free(*text);
		return NULL;
	}
	return *text;
}

/* --- lists ------------------------------------------------------------------------------ */

static void put_task(const struct finding_task *t, FILE *out)
{
	if (!t->comm[0] && !t->tid)		/* of an order that is only listed */
		fputs("an unknown task", out);
	else
		fprintf(out, "%s/%" PRIu32, t->comm, t->tid);
}

static void put_separator(unsigned int i, unsigned int nr, FILE *out)
{
	fputs(!i ? "" : i + 1 < nr ? ", " : " and ", out);
}

static void put_tasks(const struct finding *f, unsigned int max, FILE *out)
{
	unsigned int i, n = 0, nr = parts_nr_tasks(f), named = nr > max ? max - 1 : nr;

	for (i = 0; i < f->nr_links && n < named; i++) {
		if (parts_task_again(f, i))
			continue;
		put_separator(n++, nr > named ? named + 1 : named, out);
		put_task(&f->link[i].task, out);
	}
	if (nr > named)
		fprintf(out, " and %u more task%s", nr - named, nr - named == 1 ? "" : "s");
}

static void put_name(const char *name, FILE *out)
{
	fprintf(out, "%.*s", parts_short_len(name), name);
}

static void put_locks(const struct finding *f, FILE *out)
{
	unsigned int i;

	if (f->nr_links == 1) {
		put_name(parts_finding_lock(f)->name, out);
		return;
	}
	for (i = 0; i < f->nr_links; i++) {
		put_separator(i, f->nr_links, out);
		put_name(f->link[i].taken.name, out);
	}
}

char *text_words_tasks(const struct finding *f, unsigned int max)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	put_tasks(f, max, mem);
	return finish(mem, &text);
}

char *text_words_locks(const struct finding *f)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	put_locks(f, mem);
	return finish(mem, &text);
}

/* --- summary ---------------------------------------------------------------------------- */

static bool has_completion(const struct finding *f)
{
	unsigned int i;

	for (i = 0; i < f->nr_links; i++) {
		if (f->link[i].order_flags & LK_ORDER_COMPLETION || text_is_wait(&f->link[i].taken))
			return true;
	}
	return false;
}

static void put_circular(const struct finding *f, FILE *out)
{
	unsigned int tasks = parts_nr_tasks(f);
	bool opposite = f->nr_links == 2 && !has_completion(f);

	put_tasks(f, TASKS_NAMED, out);
	if (opposite)
		fputs(tasks == 1 ? " takes " : " take ", out);
	else
		fputs(tasks == 1 ? " takes, in orders that form a circle: " :
				   " can block one another in a circle: ", out);
	put_locks(f, out);
	if (opposite)
		fputs(tasks == 1 ? " in both orders" : " in opposite orders", out);
	if (f->severity == FINDING_DEADLOCK)
		fputs(". They wait for one another now, and will for ever", out);
	else if (tasks == 1)
		fputs(". If several tasks do that at the same time, they wait for one another for ever",
		      out);
	else if (tasks == 2)
		fputs(". If both do that at the same time, each waits for the other for ever", out);
	else
		fputs(". If all do that at the same time, each waits for the next one for ever", out);
	fputs(", and so does every task that needs one of these locks.", out);
}

/* What the task does with the lock, up to its name, and then what comes of it. */
struct single_words {
	const char *before, *after;
};

static struct single_words single_words(const struct finding *f)
{
	const struct finding_link *l = &f->link[0];

	switch (f->kind) {
	case FINDING_RW_UPGRADE:
		return (struct single_words){ " holds ",
			" for reading and takes it for writing: it waits for itself, for ever, and so "
			"does every task that needs the lock." };
	case FINDING_BAD_UNLOCK:
		return (struct single_words){ " releases ",
			", but does not hold it. If another task holds it, that one is not protected "
			"any more." };
	case FINDING_HELD_AT_EXIT:
		return (struct single_words){ " ended while it held ",
			". Every task that needs the lock from now on waits for ever." };
	default:
		break;
	}
	if (l->held.addr != l->taken.addr)
		return (struct single_words){ " takes ",
			" while it holds another lock of that class. If two tasks do that in different "
			"orders, they wait for each other for ever." };
	if (text_is_read(&l->held) && text_is_read(&l->taken) && f->severity != FINDING_DEADLOCK)
		return (struct single_words){ " takes ",
			" for reading while it holds it for reading. If a writer comes in between, both "
			"wait for each other for ever, and so does every task that needs the lock." };
	return (struct single_words){ " takes ",
		" while it holds it: it waits for itself, for ever, and so does every task that needs "
		"the lock." };
}

static void put_single(const struct finding *f, FILE *out)
{
	struct single_words words = single_words(f);

	put_task(&f->link[0].task, out);
	fputs(words.before, out);
	put_name(parts_finding_lock(f)->name, out);
	fputs(words.after, out);
}

/* "vfio_unpin_pages, domain_remove_one_dev_info (device_block_translation)"; returns how many. */
static unsigned int put_watched(const struct model *m, const struct finding_link *l, FILE *out)
{
	const struct model_watch *w;
	unsigned int id, nr = 0;

	for (id = 0; id < LK_WATCH_MAX; id++) {
		if (!(l->watch_mask >> id & 1))
			continue;
		w = parts_watch(m, l->source, id);
		if (!out || !w) {
			nr += w != NULL;
			continue;
		}
		fprintf(out, "%s%s", nr++ ? ", " : "", w->function);
		if (w->symbol[0] && strcmp(w->symbol, w->function))
			fprintf(out, " (%s)", w->symbol);
	}
	return nr;
}

char *text_words_summary(const struct model *m, const struct finding *f)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	unsigned int i;

	if (!mem)
		return NULL;
	if (f->nr_links > 1)
		put_circular(f, mem);
	else
		put_single(f, mem);
	for (i = 0; i < f->nr_links; i++) {
		if (!put_watched(m, &f->link[i], NULL))
			continue;
		fputc(' ', mem);
		put_task(&f->link[i].task, mem);
		fputs(" was inside ", mem);
		put_watched(m, &f->link[i], mem);
		fputc('.', mem);
	}
	return finish(mem, &text);
}

/* --- one link --------------------------------------------------------------------------- */

/* ", 3.20 ms earlier": compared with the link that completed the circle. */
static void put_distance(const struct finding *f, unsigned int i, FILE *out)
{
	uint64_t at = f->link[i].time_ns, last = f->link[0].time_ns;
	char buf[FMT_LEN];

	if (!i || f->link[i].source != f->link[0].source || !at || !last)
		return;
	if (at < last)
		fprintf(out, ", %s earlier", fmt_ns(last - at, buf));
	else if (at > last)
		fprintf(out, ", %s later", fmt_ns(at - last, buf));
}

static void put_holding(const struct finding_link *l, FILE *out)
{
	unsigned int others = l->nr_all > 1 ? l->nr_all - 1 : 0;
	bool mode = parts_shows_mode(&l->held);

	fprintf(out, ", holding (%.*s) %s%s%s", parts_short_len(l->held.name), l->held.name,
		l->held.type, mode ? " " : "", mode ? l->held.mode : "");
	if (others)
		fprintf(out, " and %u more lock%s", others, others == 1 ? "" : "s");
}

/* An order of which it is known only that it is there. */
static void put_listed(const struct model *m, const struct finding_link *l, FILE *out)
{
	fprintf(out, "taken while (%.*s) %s was held, so ", parts_short_len(l->held.name), l->held.name, l->held.type);
	fprintf(out, "%s says:", parts_source_name(model_source(m, l->source)));
}

char *text_words_link(const struct model *m, const struct finding *f, unsigned int i)
{
	const struct finding_link *l = &f->link[i];
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return NULL;
	if (l->listed) {
		put_listed(m, l, mem);
		return finish(mem, &text);
	}
	fputs(text_is_wait(&l->taken) ? "waited for by " : i ? "taken by " : "being taken by ", mem);
	put_task(&l->task, mem);
	fprintf(mem, " on CPU %" PRIu32, l->cpu);
	if (model_nr_sources(m) > 1)
		fprintf(mem, " of %s", parts_source_name(model_source(m, l->source)));
	put_distance(f, i, mem);
	if (l->order_flags & LK_ORDER_COMPLETION)
		fprintf(mem, ", which completed (%.*s) only after that", parts_short_len(l->held.name),
			l->held.name);
	else
		put_holding(l, mem);
	if (put_watched(m, l, NULL)) {
		fputs(", inside ", mem);
		put_watched(m, l, mem);
	}
	fputc(':', mem);
	return finish(mem, &text);
}
