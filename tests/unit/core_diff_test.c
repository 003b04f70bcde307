// SPDX-License-Identifier: GPL-2.0-only
/*
 * Comparisons of models: nothing between a model and itself, exchanged sides are a mirror
 * image, what cannot be known is not called gone, and waits get a verdict when there is
 * reason for one and hardly ever else.
 */
#include <errno.h>
#include <math.h>

#include "../../user/core/diff.h"
#include "../../user/core/graph.h"
#include "../lib/tap.h"
#include "render_order_models.h"

#define TRIALS	1000

static struct diff compare(const struct model *now, const struct model *before)
{
	struct diff_opts opts = { .pass = NULL };
	struct diff d;

	if (diff_build(now, before, &opts, &d)) {
		printf("Bail out! no comparison\n");
		exit(1);
	}
	return d;
}

static struct model *model_lossy(void)
{
	struct model *m = model_no_findings();

	add_meta(m, "web2", "");
	add_loss(m, LK_STAT_UNMATCHED_RELEASE, 5);
	return end_model(m);
}

static struct model *(*const models[])(void) = {
	model_typical, model_with_waiting, model_empty, model_incomplete, model_two_hosts, model_hostile,
	model_abba, model_chain, model_singles, model_no_findings, model_order_hostile, model_lossy,
};
#define NR_MODELS (sizeof(models) / sizeof(models[0]))

/* --- with itself, and as in a mirror ------------------------------------------------------- */

static void test_itself(void)
{
	size_t i;

	for (i = 0; i < NR_MODELS; i++) {
		struct model *a = models[i](), *b = models[i]();
		struct diff d = compare(a, b);

		ok(!diff_any(&d) && !diff_nr_new_findings(&d), "model %zu does not differ from its like", i);
		is_int(d.same_findings, model_nr_findings(a), "and all its findings are the same");
		diff_done(&d);
		d = compare(a, a);
		ok(!diff_any(&d), "nor from itself");
		diff_done(&d);
		model_free(a);
		model_free(b);
	}
}

static enum diff_state mirrored(enum diff_state s)
{
	static const enum diff_state as[] = {
		[DIFF_NEW] = DIFF_GONE, [DIFF_GONE] = DIFF_NEW, [DIFF_CHANGED] = DIFF_CHANGED,
		[DIFF_MAYBE_NEW] = DIFF_MAYBE_GONE, [DIFF_MAYBE_GONE] = DIFF_MAYBE_NEW,
	};

	return as[s];
}

static bool has_edge(const struct diff *d, const struct diff_edge *e)
{
	unsigned int i;

	for (i = 0; i < d->nr_edges; i++)
		if (!strcmp(d->edge[i].from, e->from) && !strcmp(d->edge[i].to, e->to))
			return d->edge[i].state == mirrored(e->state) && d->edge[i].doubt == e->doubt;
	return false;
}

static bool has_finding(const struct diff *d, const struct diff_finding *e)
{
	const struct finding *f = e->f[DIFF_NOW] ? e->f[DIFF_NOW] : e->f[DIFF_BEFORE], *g;
	unsigned int i;

	for (i = 0; i < d->nr_findings; i++) {
		g = d->finding[i].f[DIFF_NOW] ? d->finding[i].f[DIFF_NOW] : d->finding[i].f[DIFF_BEFORE];
		if (!strcmp(f->id, g->id))
			return d->finding[i].state == mirrored(e->state);
	}
	return false;
}

static bool has_wait(const struct diff *d, const struct diff_wait *w)
{
	unsigned int i;

	for (i = 0; i < d->nr_waits; i++) {
		const struct diff_wait *v = &d->wait[i];

		if (v->rate.verdict == -w->rate.verdict && v->length.verdict == -w->length.verdict &&
		    v->tail.verdict == -w->tail.verdict && fabs(v->rate.q - w->rate.q) < 1e-12 &&
		    fabs(v->length.effect + w->length.effect - 1) < 1e-9)
			return true;
	}
	return false;
}

static bool mirrors(const struct diff *a, const struct diff *b)
{
	unsigned int i;

	if (a->nr_edges != b->nr_edges || a->nr_classes != b->nr_classes || a->nr_waits != b->nr_waits ||
	    a->nr_findings != b->nr_findings || a->nr_verdicts != b->nr_verdicts)
		return false;
	for (i = 0; i < a->nr_edges; i++)
		if (!has_edge(b, &a->edge[i]))
			return false;
	for (i = 0; i < a->nr_findings; i++)
		if (!has_finding(b, &a->finding[i]))
			return false;
	for (i = 0; i < a->nr_waits; i++)
		if (!has_wait(b, &a->wait[i]))
			return false;
	return true;
}

static void test_mirror(void)
{
	unsigned int different = 0;
	size_t i, k;

	for (i = 0; i < NR_MODELS; i++) {
		for (k = 0; k < i; k++) {
			struct model *a = models[i](), *b = models[k]();
			struct diff ab = compare(a, b), ba = compare(b, a);

			ok(mirrors(&ab, &ba), "models %zu and %zu: exchanged sides are a mirror image", i, k);
			different += diff_any(&ab);
			diff_done(&ab);
			diff_done(&ba);
			model_free(a);
			model_free(b);
		}
	}
	ok(different > NR_MODELS, "and most of them do differ (%u)", different);
}

/* --- new, gone, and not known ---------------------------------------------------------------- */

static const struct diff_edge *edge_to(const struct diff *d, const char *to)
{
	unsigned int i;

	for (i = 0; i < d->nr_edges; i++)
		if (!strncmp(d->edge[i].to, to, strlen(to)))
			return &d->edge[i];
	return NULL;
}

static void test_new_and_gone(void)
{
	struct model *now = model_abba(), *before = model_no_findings();
	struct diff d = compare(now, before);
	const struct diff_edge *e = edge_to(&d, "iommu_lock");

	is_int(d.nr_findings, 1, "a finding that was not there before");
	is_int(d.finding[0].state, DIFF_NEW, "is new");
	is_int(diff_nr_new_findings(&d), 1, "and counts");
	ok(e && e->state == DIFF_NEW && !e->doubt, "so is the order that made it");
	ok(e && e->in[DIFF_NOW].dep == GRAPH_EN && !e->in[DIFF_BEFORE].dep, "with its strength");
	is_int(d.same_edges, 1, "the other one was there");
	is_int(d.nr_classes, 1, "a class");
	is_int(d.class[0].state, DIFF_GONE, "is gone");
	diff_done(&d);
	d = compare(before, now);
	is_int(diff_nr_new_findings(&d), 0, "the other way round nothing is new");
	is_int(d.finding[0].state, DIFF_GONE, "the finding is gone");
	diff_done(&d);
	model_free(now);
	model_free(before);
}

/* One order of a spinlock under a spinlock, of a trace of this length and of these tiers. */
static struct model *model_orders(bool spin, uint64_t seconds, const char *filter, uint32_t state, uint64_t loss)
{
	struct lk_ev_hold a = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_IOMMU, KEY_IOMMU, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_DOMAIN, KEY_DOMAIN, S_UNBIND);
	struct model *m = new_model();

	add_meta(m, "web1", filter);
	add_order_coverage(m, "mutex", LK_STATE_FULL, "");
	add_order_coverage(m, "spinlock", state, "");
	add_order_symbols(m);
	add_static_class(m, KEY_IOMMU, "iommu_lock", "lks_fixture");
	add_static_class(m, KEY_DOMAIN, "device_domain_lock", "lks_fixture");
	if (spin)
		add_order(m, (struct doing){ WHO_SETUP, 0, 0, 0, 10, 0 }, &a, 1, b);
	if (loss)
		add_loss(m, LK_STAT_ORDER_RING_FULL, loss);
	add_time(m, LK_EV_END, T0 + seconds * SEC);
	return m;
}

static void test_what_is_not_known(void)
{
	static const struct {
		const char *what, *filter;
		uint64_t seconds, loss;
		uint32_t state;
		unsigned int doubt;
	} cases[] = {
		{ "all the same", "", 10, 0, LK_STATE_FULL, 0 },
		{ "a longer trace", "", 100, 0, LK_STATE_FULL, 0 },
		{ "hardly shorter", "", 9, 0, LK_STATE_FULL, 0 },
		{ "half as long", "", 5, 0, LK_STATE_FULL, DIFF_SHORTER },
		{ "with losses", "", 10, 1, LK_STATE_FULL, DIFF_LOSSY },
		{ "without spinlocks", "", 10, 0, LK_STATE_NONE, DIFF_UNSEEN },
		{ "with some spinlocks", "", 10, 0, LK_STATE_PARTIAL, DIFF_UNSEEN },
		{ "of one process", "process 7", 10, 0, LK_STATE_FULL, DIFF_FILTERED },
		{ "all of it", "process 7", 1, 1, LK_STATE_NONE,
		  DIFF_SHORTER | DIFF_LOSSY | DIFF_UNSEEN | DIFF_FILTERED },
	};
	struct model *before = model_orders(true, 10, "", LK_STATE_FULL, 0);
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model *now = model_orders(false, cases[i].seconds, cases[i].filter, cases[i].state,
						 cases[i].loss);
		struct diff d = compare(now, before);

		is_int(d.nr_edges, 1, "%s: the order is not there", cases[i].what);
		is_int(d.edge[0].doubt, cases[i].doubt, "%s: why that may be", cases[i].what);
		is_int(d.edge[0].state, cases[i].doubt ? DIFF_MAYBE_GONE : DIFF_GONE, "%s: so it is called",
		       cases[i].what);
		diff_done(&d);
		model_free(now);
	}
	model_free(before);
}

static void test_tiers_that_are_off(void)
{
	struct model *now = model_typical(), *before = model_abba();
	struct diff d = compare(now, before);

	is_int(d.nr_edges + d.nr_classes, 0, "orders are not compared with a trace without them");
	is_int(d.skipped[DIFF_ORDER], model_nr_edges(before) + model_nr_classes(before), "but counted");
	is_int(d.nr_findings, 1, "a finding is listed");
	is_int(d.finding[0].state, DIFF_MAYBE_GONE, "but not as gone");
	ok(d.finding[0].doubt & DIFF_UNSEEN, "because it cannot be seen");
	ok(!d.waits_compared && !d.nr_waits, "nor waits");
	diff_done(&d);
	d = compare(before, now);
	is_int(diff_nr_new_findings(&d), 1, "a finding counts as new, though it may be old");
	is_int(d.finding[0].state, DIFF_MAYBE_NEW, "which is said");
	diff_done(&d);
	model_free(now);
	model_free(before);
}

static void test_dimensions(void)
{
	struct diff_opts opts = { .view.dims = VIEW_LOCK | VIEW_TASK };
	struct model *m = model_typical();
	struct diff d;

	is_int(diff_build(m, m, &opts, &d), -EINVAL, "tasks cannot be compared");
	diff_done(&d);
	model_free(m);
}

/* --- waits ------------------------------------------------------------------------------------ */

static double uniform(uint64_t *seed)
{
	return ((double)(tap_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

/* @n waits with a long tail, @scale times 1 ms, as one row. */
static void add_random_waits(struct model *m, uint64_t *seed, uint64_t lock, unsigned int n, double scale)
{
	static uint64_t sum[LK_HIST_BUCKETS];
	static struct lk_bucket bucket[LK_HIST_BUCKETS];
	struct lk_ev_agg agg = { .min_ns = UINT64_MAX, .first_ns = T0, .last_ns = T0 + SEC, .hist = bucket };
	unsigned int i;

	memset(sum, 0, sizeof(sum));
	for (i = 0; i < n; i++) {
		double z = sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));
		uint64_t ns = (uint64_t)(1e6 * scale * exp(z));

		sum[lk_hist_bucket(ns)]++;
		agg.count++;
		agg.total_ns += ns;
		agg.max_ns = ns > agg.max_ns ? ns : agg.max_ns;
		agg.min_ns = ns < agg.min_ns ? ns : agg.min_ns;
	}
	for (i = 0; i < LK_HIST_BUCKETS; i++)
		if (sum[i])
			bucket[agg.nr_hist++] = (struct lk_bucket){ .index = i, .n = sum[i] };
	if (n)
		apply(m, &(struct lk_event){ .kind = LK_EV_CONT, .cont = {
			.lock = lock, .tid = 1, .tgid = 1, .stack = LK_STACK_NONE, .lcb = LK_LCB_MUTEX,
			.ctx = LK_CTX_TASK, .comm = "x", .agg = agg } });
}

#define NR_LOCKS 10

/* Ten locks, waited for some 100 times each in @seconds; the first one @more times as often, @scale as long. */
static struct model *model_with_waits(uint64_t *seed, uint64_t seconds, double more, double scale)
{
	struct model *m = new_model();
	unsigned int i, n;
	double time;
	char symbol[16];

	add_meta(m, "web1", "");
	add_coverage(m, "mutex", LK_STATE_FULL, "", "");
	for (i = 0; i < NR_LOCKS; i++) {
		snprintf(symbol, sizeof(symbol), "lock%u", i);
		add_lock(m, 0xffffffff82000000 + 64 * i, symbol, "", LK_RULE_NONE);
		time = 10.0 * (double)seconds * (i ? 1 : more);
		for (n = 0; (time += log(uniform(seed))) > 0;)
			n++;
		add_random_waits(m, seed, 0xffffffff82000000 + 64 * i, n, i ? 1 : scale);
	}
	add_time(m, LK_EV_END, T0 + seconds * SEC);
	return m;
}

static void test_no_wolf(uint64_t *seed)
{
	unsigned int i, wolf = 0;

	for (i = 0; i < TRIALS; i++) {
		struct model *a = model_with_waits(seed, 10, 1, 1), *b = model_with_waits(seed, 30, 1, 1);
		struct diff d = compare(a, b);

		wolf += d.nr_verdicts != 0;
		diff_done(&d);
		model_free(a);
		model_free(b);
	}
	printf("# %u of %d comparisons of ten locks had a verdict\n", wolf, TRIALS);
	/* 1 % of them may; 2 of 1000 runs would have more than 20. */
	ok(wolf <= 20, "nothing has changed: hardly ever a verdict");
}

static void test_regression(uint64_t *seed)
{
	unsigned int i, found = 0, other = 0, faster = 0, often = 0, seldom = 0;

	for (i = 0; i < 100; i++) {
		struct model *a = model_with_waits(seed, 30, 1, 2), *b = model_with_waits(seed, 10, 1, 1);
		struct model *c = model_with_waits(seed, 20, 2, 1);
		struct diff d = compare(a, b);

		found += d.nr_verdicts && d.wait[0].length.verdict > 0 && !strcmp(d.wait[0].row[0]->lock, "lock0");
		other += d.nr_verdicts > 1;
		diff_done(&d);
		d = compare(b, a);
		faster += d.nr_verdicts && d.wait[0].length.verdict < 0;
		diff_done(&d);
		d = compare(c, b);
		often += d.nr_verdicts && d.wait[0].rate.verdict > 0 && !d.wait[0].length.verdict;
		diff_done(&d);
		d = compare(b, c);
		seldom += d.nr_verdicts && d.wait[0].rate.verdict < 0;
		diff_done(&d);
		model_free(a);
		model_free(b);
		model_free(c);
	}
	ok(found >= 95, "twice as long: slower (%u of 100)", found);
	ok(faster >= 95, "half as long: faster (%u)", faster);
	ok(often >= 90, "twice as often: more often (%u)", often);
	ok(seldom >= 90, "half as often: less often (%u)", seldom);
	ok(other <= 5, "and hardly ever another lock (%u)", other);
}

/* Waits that were lost may have been here, and rates of an incomplete trace are too low. */
static void test_lost_waits(uint64_t *seed)
{
	struct model *before = model_with_waits(seed, 10, 4, 1), *now;
	struct diff d;
	unsigned int i;
	static const struct { uint32_t counter; uint64_t n; int verdict; bool done; } cases[] = {
		{ LK_STAT_ROWS_FULL, 0, -1, true }, { LK_STAT_ROWS_FULL, 10, -1, true },
		{ LK_STAT_ROWS_FULL, 1000, 0, true }, { LK_STAT_TASKS_FULL, 1, 0, false },
		{ LK_STAT_SLOTS_FULL, 1000, -1, true },	/* that is about orders */
	};

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now = model_with_waits(seed, 10, 1, 1);
		add_meta(now, "web2", "");
		if (cases[i].n)
			add_loss(now, cases[i].counter, cases[i].n);
		add_time(now, LK_EV_END, T0 + 1);
		d = compare(now, before);
		is_int(d.nr_verdicts ? d.wait[0].rate.verdict : 0, cases[i].verdict, "loss %u: verdict", i);
		is_int(d.wait[0].rate.done || cases[i].done, cases[i].done, "loss %u: tested", i);
		diff_done(&d);
		model_free(now);
	}
	model_free(before);
}

static void test_new_lock(uint64_t *seed)
{
	struct model *now = model_with_waits(seed, 10, 1, 1), *before = model_with_waits(seed, 10, 0, 1);
	struct diff d = compare(now, before);

	ok(d.nr_verdicts && !d.wait[0].row[DIFF_BEFORE] && d.wait[0].rate.verdict == 1, "a lock of now only");
	ok(!isfinite(d.wait[0].rate.effect), "infinitely more often");
	diff_done(&d);
	model_free(before);
	before = model_with_waits(seed, 10, 1, 1);
	add_meta(before, "web2", "");
	add_random_waits(before, seed, 0xffffffff83000000, 1, 1);
	add_time(before, LK_EV_END, T0 + 1);
	d = compare(now, before);
	is_int(d.nr_waits, NR_LOCKS + 1, "a single wait that is not seen again");
	is_int(d.nr_verdicts, 0, "is nothing to speak of");
	diff_done(&d);
	model_free(now);
	model_free(before);
}

int main(void)
{
	uint64_t seed = tap_seed(2026);

	test_itself();
	test_mirror();
	test_new_and_gone();
	test_what_is_not_known();
	test_tiers_that_are_off();
	test_dimensions();
	test_no_wolf(&seed);
	test_regression(&seed);
	test_lost_waits(&seed);
	test_new_lock(&seed);
	return done_testing();
}
