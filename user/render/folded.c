// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format folded: wait time, or with --view holds hold time, by stack, as flamegraph.pl, inferno and speedscope read
 * it. One line per distinct stack and lock, "outermost;...;innermost;[lock] VALUE", in
 * the order of the bytes of their stacks; VALUE = time in ns, or with -k
 * contended the number of waits or holds. -E N leaves the N lines with the largest values.
 *
 * The format has no comments, so whether the result is complete is told by the
 * exit status under --strict alone. A frame is sanitized text with '_' for blanks and
 * ':' for ';', so that the first blank of a line comes before its value.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "../base/strpool.h"
#include "../core/sat.h"
#include "formats.h"
#include "parts.h"

struct line {
	const char *stack;
	uint64_t value;
};

struct folded {
	const struct model *m;
	bool counts;			/* VALUE is the number of waits or holds */
	struct strpool stack;		/* number 0, "", is no line */
	VEC(uint64_t) value;		/* by number of the stack */
};

/* @prefix and @s, a name, as (the beginning of) a frame. */
static int put_frame(FILE *out, const char *prefix, const char *s)
{
	const size_t size = SANITIZE_MAX(strlen(s));
	char *text = malloc(size), *c;

	if (!text)
		return -ENOMEM;
	sanitize_text(text, size, s);
	for (c = text; *c; c++) {
		if (*c == ' ')
			*c = '_';
		else if (*c == ';')
			*c = ':';
	}
	fprintf(out, "%s%s", prefix, text);
	free(text);
	return 0;
}

/* "function" or "module`function", as DTrace's stacks have it; "0x<address>" without a name. */
static int put_function(FILE *out, const struct model_frame *f)
{
	int err = 0;

	if (!f->name[0]) {
		fprintf(out, "0x%" PRIx64 ";", f->addr);
		return 0;
	}
	if (f->module[0])
		err = put_frame(out, "", f->module);
	if (!err)
		err = put_frame(out, f->module[0] ? "`" : "", f->name);
	fputc(';', out);
	return err;
}

static int put_stack(const struct model *m, const struct model_row *r, const char *lock, FILE *out)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int caller, i = model_stack(m, r->source, r->stack, frame, &caller);
	int err = 0;

	if (!i)
		fputs("(no_stack);", out);
	while (i-- && !err)
		err = put_function(out, &frame[i]);
	if (!err)
		err = put_frame(out, "[", lock);
	fputc(']', out);
	return err;
}

static int add_row(struct folded *f, const struct model_row *r, const char *lock)
{
	uint64_t value = f->counts ? r->agg.count : r->agg.total_ns;
	char *text = NULL;
	uint32_t id;
	size_t size;
	FILE *mem;
	int err;

	if (!value)
		return 0;
	mem = open_memstream(&text, &size);
	if (!mem)
		return -ENOMEM;
	err = put_stack(f->m, r, lock, mem);
	if (fclose(mem))
		err = -ENOMEM;
	if (!err)
		err = strpool_id(&f->stack, text, &id);
	free(text);
	while (!err && f->value.nr <= id)
		err = vec_push(&f->value, 0);
	if (!err)
		f->value.v[id] = sat_add(f->value.v[id], value);
	return err;
}

static struct model_row row_of(const struct folded *f, bool holds, unsigned int i)
{
	return holds ? model_hold(f->m, i) : model_row(f->m, i);
}

/* All rows that pass the filter. What their locks are called, a view says of waits. */
static int add_rows(struct folded *f, bool holds, const struct view_opts *opts)
{
	unsigned int i, nr = holds ? model_nr_holds(f->m) : model_nr_rows(f->m);
	struct lk_ev_wait *wait = calloc((size_t)nr + 1, sizeof(*wait));
	unsigned int *source = calloc((size_t)nr + 1, sizeof(*source));
	struct view_waits names = { 0 };
	int err = wait && source ? 0 : -ENOMEM;

	for (i = 0; i < nr && !err; i++) {
		struct model_row r = row_of(f, holds, i);

		source[i] = r.source;
		wait[i] = (struct lk_ev_wait){
			.lock = r.lock, .cgroup = r.cgroup, .tid = r.tid, .tgid = r.tgid,
			.stack = r.stack, .lcb = r.lcb, .ctx = r.ctx, .cpu = r.cpu,
		};
	}
	if (!err)
		err = view_waits(f->m, opts, wait, source, nr, &names);
	for (i = 0; i < nr && !err; i++) {
		struct model_row r = row_of(f, holds, i);

		if (names.v[i].pass)
			err = add_row(f, &r, names.v[i].lock);
	}
	view_waits_done(&names);
	free(wait);
	free(source);
	return err;
}

static int by_value(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return strcmp(x->stack, y->stack);
}

static int by_stack(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->stack, ((const struct line *)b)->stack);
}

static int put_lines(const struct folded *f, unsigned int entries, FILE *out)
{
	struct line *line = calloc(f->value.nr + 1, sizeof(*line));
	size_t i, nr = 0;

	if (!line)
		return -ENOMEM;
	for (i = 1; i < f->value.nr; i++)
		line[nr++] = (struct line){ strpool_str(&f->stack, (uint32_t)i), f->value.v[i] };
	if (entries && entries < nr) {
		qsort(line, nr, sizeof(*line), by_value);
		nr = entries;
	}
	qsort(line, nr, sizeof(*line), by_stack);
	for (i = 0; i < nr; i++)
		fprintf(out, "%s %" PRIu64 "\n", line[i].stack, line[i].value);
	free(line);
	return 0;
}

int folded_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct folded f = { .m = m, .counts = opts->view.key == VIEW_BY_COUNT };
	unsigned int what = parts_sections(opts, RENDER_CONTENTION) & (RENDER_CONTENTION | RENDER_HOLDS);
	int err = strpool_init(&f.stack);

	if (!err)	/* never both: they make no sum */
		err = add_rows(&f, what == RENDER_HOLDS, &opts->view);
	if (!err)
		err = put_lines(&f, opts->view.entries, out);
	strpool_done(&f.stack);
	vec_free(&f.value);
	return err ? err : parts_flush(out);
}
