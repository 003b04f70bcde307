// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that get lost, come twice or in another order must not make a finding of
 * a clean run, and what comes twice changes nothing. Random runs: tasks that take
 * locks in one order over all kinds of locks (static ones, instances of slab classes,
 * locks in anonymous memory that are told apart by call sites only), with trylocks
 * against the order, gates, readers and nesting of instances.
 *
 * An event says all of one acquisition, so this is what the events can promise. That
 * they say the truth when hooks are missed is the kernel side's matter (bpf/held.h).
 */
#include "order_events.h"

#define NR_KINDS	12
#define NR_INSTANCES	4
#define NR_TASKS	5
#define MAX_EVENTS	6000

struct run {
	uint64_t rng;
	struct lk_event ev[MAX_EVENTS];
	struct lk_ev_hold held[MAX_EVENTS][LK_HELD_MAX];
	unsigned int nr;
	struct sim_lock lock[NR_KINDS][NR_INSTANCES];	/* kinds are ordered, and so are instances */
	struct sim_task task[NR_TASKS];
};

static unsigned int below(struct run *r, unsigned int n)
{
	return (unsigned int)(tap_random(&r->rng) % n);
}

/* Instead of applying an event: keep it. */
static int keep(struct sim *s, const struct lk_event *ev)
{
	struct run *r = s->ctx;
	struct lk_event *to;

	if (r->nr >= MAX_EVENTS)
		return 0;
	to = &r->ev[r->nr];
	*to = *ev;
	if (ev->kind == LK_EV_ORDER) {
		memcpy(r->held[r->nr], ev->order.held, ev->order.nr_held * sizeof(*ev->order.held));
		to->order.held = r->held[r->nr];
	}
	r->nr++;
	return 0;
}

static void make_locks(struct sim *s, struct run *r)
{
	static const char *const names[NR_KINDS] = {
		"s0", "s1", "s2", "s3", "cache_a", "cache_b", "kmalloc-64", "kmalloc-64", "kmalloc-64", "",
		"", "s11",
	};
	unsigned int k, i;

	for (k = 0; k < NR_KINDS; k++) {
		for (i = 0; i < NR_INSTANCES; i++) {
			struct sim_lock *l = &r->lock[k][i];

			if (names[k][0] == 's')
				*l = i ? r->lock[k][0] : sim_static(s, names[k]);
			else if (names[k][0] == 'c')
				*l = sim_slab(s, 0x0008888000002000 + k, names[k]);
			else if (names[k][0])
				*l = sim_slab(s, 0x0008888000001000, names[k]);
			else
				*l = (struct sim_lock){ .addr = 0xffffc90000000000 + (s->next_addr += 64),
							.key = LK_CK_VMALLOC, .prim = LK_PRIM_SPINLOCK };
		}
	}
}

/* Each kind is taken at two places, of which no other kind is taken. */
static void take_kind(struct sim *s, struct run *r, struct sim_task *t, unsigned int kind, unsigned int i,
		      bool try)
{
	uint64_t site = 0xffffffff81000000 + kind * 256 + below(r, 2) * 16;
	uint32_t flags = (try ? LK_HOLD_TRY : 0) | LK_HOLD_VERIFIED;

	take_as(s, t, &r->lock[kind][i], below(r, 4) ? LK_WRITE : LK_READ, flags, site);
}

static bool holds(const struct sim_task *t, const struct sim_lock *l)
{
	uint32_t i;

	for (i = 0; i < t->nr; i++)
		if (t->held[i].lock == l->addr)
			return true;
	return false;
}

/* One task takes some locks in the order of their kinds and, at times, others by trylock. */
static void one_nest(struct sim *s, struct run *r)
{
	struct sim_task *t = &r->task[below(r, NR_TASKS)];
	unsigned int kind = below(r, 4), i, k;

	while (kind < NR_KINDS) {
		i = below(r, NR_INSTANCES);
		if (!holds(t, &r->lock[kind][i]))
			take_kind(s, r, t, kind, i, false);
		if (below(r, 6) == 0) {		/* against the order: allowed only last, as it is held from then on */
			k = below(r, NR_KINDS);
			i = below(r, NR_INSTANCES);
			if (!holds(t, &r->lock[k][i]))
				take_kind(s, r, t, k, i, true);
			break;
		}
		kind += 1 + below(r, 4);
	}
	drop_all(t);
}

static void make_run(struct run *r, bool inversions)
{
	struct sim s = { .tier = LK_TIER_ORDER, .now = 1000000, .next_addr = 0x1000, .next_tid = 100,
			 .step = 1000, .emit = keep, .ctx = r };
	unsigned int i;

	r->nr = 0;
	sim_source(&s);
	make_locks(&s, r);
	for (i = 0; i < NR_TASKS; i++)
		r->task[i] = sim_task(&s, "task");
	for (i = 0; i < 400; i++)
		one_nest(&s, r);
	for (i = 0; inversions && i < 3; i++)
		NEST(&s, &r->task[i], &r->lock[2 * i + 1][0], &r->lock[2 * i][0]);
}

/* The findings as one string; counts are left out. */
static char *findings_of(const struct model *m)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	unsigned int i, k;

	for (i = 0; i < model_nr_findings(m); i++) {
		const struct finding *fi = model_finding(m, i);

		fprintf(f, "%s %s", fi->id, finding_severity_str(fi->severity));
		for (k = 0; k < fi->nr_links; k++)
			fprintf(f, " %s>%s", fi->link[k].held.name, fi->link[k].taken.name);
		fprintf(f, "\n");
	}
	fclose(f);
	return text;
}

static void apply_all(struct model *m, const struct run *r, const unsigned int *order, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct lk_event ev = r->ev[order[i]];
		int err = model_apply(m, &ev, NULL);

		if (err)
			ok(false, "event %u of kind %u is refused: %d", order[i], ev.kind, err);
	}
}

/* Which events come when: with faults of one kind; the first one, META, stays. */
static unsigned int spoil(struct run *r, unsigned int fault, unsigned int *order)
{
	unsigned int nr = 1, i, k, tmp;

	order[0] = 0;
	for (i = 1; i < r->nr; i++) {
		if ((fault & 1) && below(r, 4) == 0)
			continue;
		order[nr++] = i;
		if ((fault & 2) && below(r, 4) == 0)
			order[nr++] = i;
	}
	for (i = 1; (fault & 4) && i < nr; i++) {
		k = i + below(r, 60);
		if (k >= nr || below(r, 3))
			continue;
		tmp = order[i];
		order[i] = order[k];
		order[k] = tmp;
	}
	return nr;
}

static void test_clean(struct run *r, unsigned int *order)
{
	unsigned int round, fault, found = 0, runs = 0, i;
	uint64_t edges = 0, merged = 0;

	for (round = 0; round < 30; round++) {
		make_run(r, false);
		for (fault = 0; fault < 8; fault++) {
			struct model *m = model_new();
			char *text;

			apply_all(m, r, order, spoil(r, fault, order));
			text = findings_of(m);
			if (*text)
				printf("# round %u, fault %u: %s", round, fault, text);
			found += model_nr_findings(m);
			edges += model_nr_edges(m);
			for (i = 0; i < model_nr_classes(m); i++)
				merged += model_class(m, i).merged_into != i;
			runs++;
			free(text);
			model_free(m);
		}
	}
	is_int(found, 0, "%u runs in one order, with events lost, doubled and moved: no finding", runs);
	ok(edges > 30 * runs && merged > runs, "... of %" PRIu64 " edges, and %" PRIu64 " merged classes", edges,
	   merged);
}

static void test_inversions(struct run *r, unsigned int *order)
{
	unsigned int round, differ = 0, few = 0, lost = 0;

	for (round = 0; round < 30; round++) {
		struct model *m = model_new(), *twice = model_new();
		char *text, *text2;
		unsigned int i, nr = 0;

		make_run(r, true);
		for (i = 0; i < r->nr; i++) {
			order[nr++] = i;
			if (i)
				order[nr++] = i;
		}
		apply_all(twice, r, order, nr);
		apply_all(m, r, order, spoil(r, 0, order));
		text = findings_of(m);
		text2 = findings_of(twice);
		few += model_nr_findings(m) < 2;
		if (strcmp(text, text2)) {
			printf("# once:\n# %s# twice:\n# %s", text, text2);
			differ++;
		}
		model_free(twice);
		twice = model_new();
		apply_all(twice, r, order, spoil(r, 1, order));
		lost += model_nr_findings(twice) > model_nr_findings(m) + 2;
		free(text);
		free(text2);
		model_free(m);
		model_free(twice);
	}
	is_int(few, 0, "inversions are found in 30 runs");
	is_int(differ, 0, "... and every event twice changes nothing");
	is_int(lost, 0, "... nor do lost events make many more");
}

int main(void)
{
	static unsigned int order[4 * MAX_EVENTS];
	struct run *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->rng = tap_seed(20261121);
	test_clean(r, order);
	test_inversions(r, order);
	free(r);
	return done_testing();
}
