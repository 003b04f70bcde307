// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lock order through the whole model: orders a second, new ones and known ones, at a
 * kernel's size (5,000 classes, 100,000 edges), in one order and with inversions; and
 * what it takes of memory. Prints `what: value unit` lines. order N: just N orders, each
 * new, that agree; prints nothing, for counters of instructions.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../bpf/abi.h"
#include "../../tests/lib/mkorder.h"
#include "../../user/core/finding.h"

enum { CLASSES = 5000, ORDERS = 100000, REPEAT = 10 };

static const struct lk_event meta = { .kind = LK_EV_META, .meta = { "", "", "", "", "", "", "", 0, 0, 1, 0 } };

struct list {
	struct lk_event *ev;
	struct lk_ev_hold (*held)[2];
	size_t nr, first_order;
};

/* Keep an event; strings of CLASS and SYM die with the call, so these are copied. */
static int keep(void *ctx, const struct lk_event *ev)
{
	struct list *l = ctx;
	struct lk_event *to = &l->ev[l->nr];

	*to = *ev;
	if (ev->kind == LK_EV_CLASS)
		to->class.symbol = strdup(ev->class.symbol);
	if (ev->kind == LK_EV_SYM)
		to->sym.name = strdup(ev->sym.name);
	if (ev->kind == LK_EV_ORDER) {
		memcpy(l->held[l->nr], ev->order.held, ev->order.nr_held * sizeof(*ev->order.held));
		to->order.held = l->held[l->nr];
		to->order.comm = strdup(ev->order.comm);
		if (!l->first_order)
			l->first_order = l->nr;
	}
	l->nr++;
	return 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t allocated(void)
{
	struct mallinfo2 i = mallinfo2();

	return i.uordblks + i.hblkhd;
}

static double apply_all(struct model *m, const struct list *l, size_t from)
{
	double start = seconds();
	size_t i;

	for (i = from; i < l->nr; i++)
		if (model_apply(m, &l->ev[i], NULL))
			abort();
	return seconds() - start;
}

static void bench(unsigned int inversions)
{
	struct mkorder_opts o = { .seed = 1, .start_ns = 1000, .classes = CLASSES, .orders = ORDERS,
				  .inversions = inversions };
	const struct lk_sink sink = { .emit = keep, .ctx = &(struct list){ 0 } };
	struct list *l = sink.ctx;
	struct model *m = model_new();
	double new_s, known_s = 0;
	size_t before, orders;
	int i;

	l->ev = calloc(2 * ORDERS, sizeof(*l->ev));
	l->held = calloc(2 * ORDERS, sizeof(*l->held));
	if (!l->ev || !l->held || !m || mkorder_emit(&o, &sink) || model_apply(m, &meta, NULL))
		abort();
	before = allocated();
	orders = l->nr - l->first_order;
	new_s = apply_all(m, l, 0);
	for (i = 0; i < REPEAT; i++)
		known_s += apply_all(m, l, l->first_order);
	printf("new orders, %u inversions: %.2f million/s (%u edges, %u findings, %.0f bytes an edge)\n",
	       inversions, (double)orders / new_s / 1e6, model_nr_edges(m), model_nr_findings(m),
	       (double)(allocated() - before) / model_nr_edges(m));
	printf("known orders, %u inversions: %.2f million/s\n", inversions,
	       (double)orders * REPEAT / known_s / 1e6);
	model_free(m);
}

static int apply(void *ctx, const struct lk_event *ev)
{
	return model_apply(ctx, ev, NULL);
}

static void once(unsigned int orders)
{
	struct mkorder_opts o = { .seed = 1, .start_ns = 1000, .classes = CLASSES, .orders = orders };
	struct lk_sink sink = { .emit = apply, .ctx = model_new() };

	if (!sink.ctx || model_apply(sink.ctx, &meta, NULL) || mkorder_emit(&o, &sink))
		abort();
	model_free(sink.ctx);
}

int main(int argc, char **argv)
{
	if (argc == 2) {
		once((unsigned int)strtoul(argv[1], NULL, 10));
		return 0;
	}
	bench(0);
	bench(100);
	return 0;
}
