// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lock order through a file: a model of the recording says what one of the events
 * themselves says, in everything that it shows; and the same twice.
 */
#include "../../user/core/finding.h"
#include "../../user/file/reader.h"
#include "../lib/mkrec.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

static void lock_text(FILE *f, const struct finding_lock *l)
{
	fprintf(f, " [c%u %s %s %s %d 0x%" PRIx64 " 0x%" PRIx64 " %u]", l->class, l->name, l->type, l->mode,
		l->trylock, l->addr, l->site, l->flags);
}

static void link_text(FILE *f, const struct finding_link *l)
{
	unsigned int i;

	fprintf(f, "  edge %u", l->edge);
	lock_text(f, &l->held);
	lock_text(f, &l->taken);
	fprintf(f, " %s %u %u src %u stack %u cpu %u ctx %u flags %u watch %u at %" PRIu64 " all", l->task.comm,
		l->task.tid, l->task.tgid, l->source, l->stack, l->cpu, l->ctx, l->order_flags, l->watch_mask,
		l->time_ns);
	for (i = 0; i < l->nr_all; i++)
		lock_text(f, &l->all[i]);
	fprintf(f, "\n");
}

static char *text_of(const struct model *m)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	unsigned int i, k;

	for (i = 0; i < model_nr_classes(m); i++) {
		struct model_class c = model_class(m, i);

		fprintf(f, "c%u tier %u %s %s %s %u %u\n", c.id, c.tier, c.name, c.type, c.named_by, c.instances,
			c.merged_into);
	}
	for (i = 0; i < model_nr_edges(m); i++) {
		struct model_edge e = model_edge(m, i);

		fprintf(f, "edge %u %u dep %u %d count %" PRIu64 " tasks %u %" PRIu64 " %" PRIu64 " %u %u\n", e.from,
			e.to, e.dep, e.completion, e.count, e.tasks, e.first_ns, e.last_ns, e.source, e.stack);
	}
	for (i = 0; i < model_nr_findings(m); i++) {
		const struct finding *fi = model_finding(m, i);

		fprintf(f, "%s %d %d %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %u\n", fi->id, fi->kind, fi->severity,
			fi->confidence, fi->first_seen_ns, fi->last_seen_ns, fi->count, fi->tier);
		for (k = 0; k < fi->nr_why; k++)
			fprintf(f, "  - %s\n", fi->why[k]);
		for (k = 0; k < fi->nr_links; k++)
			link_text(f, &fi->link[k]);
	}
	for (i = 0; i < model_nr_watch(m); i++) {
		const struct model_watch *w = model_watch(m, i);

		fprintf(f, "watch %s %s %" PRIu64 "\n", w->function, w->symbol, w->calls);
		for (k = 0; k < w->nr_inside; k++)
			lock_text(f, &w->inside[k]);
	}
	fclose(f);
	return text;
}

static int to_model(void *ctx, const struct lk_event *ev)
{
	return model_apply(ctx, ev, NULL);
}

static int put(void *ctx, const struct lk_sink *sink)
{
	return mkrec_emit(ctx, sink);
}

static struct model *read_back(const struct bytes *b)
{
	int fd = rec_fd(b->p, b->n), ret;
	struct model *m = model_new();
	struct lk_event ev;
	struct reader *r;

	if (!m || reader_open_fd(fd, "x.lks", &r, NULL))
		abort();
	while ((ret = reader_next(r, &ev, NULL)) == 1)
		if (model_apply(m, &ev, NULL))
			ok(false, "an event of kind %u is refused", ev.kind);
	is_int(ret, 0, "read to its end");
	ok(reader_complete(r) && !reader_unknown(r), "... complete, and all of it known");
	reader_free(r);
	return m;
}

static void test_same(uint64_t seed, unsigned int orders)
{
	struct mkrec_opts opts = { .seed = seed, .waits = 20, .rows = 4, .orders = orders };
	const struct lk_sink sink = { .emit = to_model, .ctx = model_new() };
	struct model *m = sink.ctx, *read;
	char *want, *got;
	struct bytes b;

	is_int(mkrec_emit(&opts, &sink), 0, "%u orders", orders);
	rec_write(&b, put, &opts, true);
	read = read_back(&b);
	want = text_of(m);
	got = text_of(read);
	is_str(got, want, "the recording says the same as the events");
	ok(model_nr_findings(m) > 5 && model_nr_edges(m) > 10, "... which is %u findings, %u edges",
	   model_nr_findings(m), model_nr_edges(m));
	free(want);
	want = text_of(read);
	is_str(got, want, "... and the same when asked again");
	free(want);
	free(got);
	free(b.p);
	model_free(read);
	model_free(m);
}

int main(void)
{
	test_same(1, 60);
	test_same(2, 2000);
	return done_testing();
}
