// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of significance: known values, symmetry, how often they cry wolf, and that they
 * find what is there.
 */
#include <math.h>

#include "../../bpf/abi.h"
#include "../../user/core/stat.h"
#include "../lib/tap.h"

#define TRIALS	1000
#define BUCKET(i, count) { .index = (i), .n = (count) }

static bool near(double got, double want)
{
	bool held = fabs(got - want) <= 1e-6 * want + 1e-12;

	if (!held)
		printf("#   got %.12g, wanted %.12g\n", got, want);
	return held;
}

/* By hand: binomial sums and hypergeometric ones of small numbers. */
static void test_known_values(void)
{
	const struct lk_bucket low[] = { BUCKET(10, 8) }, high[] = { BUCKET(20, 8) };
	const struct lk_bucket a[] = { BUCKET(10, 95), BUCKET(20, 5) }, b[] = { BUCKET(10, 100) };
	struct stat_tail tail;
	double longer, p;

	ok(near(stat_rate(0, 1, 10, 1), 2.0 / 1024), "0 against 10 in the same time: 2 / 2^10");
	ok(near(stat_rate(1, 1, 9, 1), 2.0 * 11 / 1024), "1 against 9: 2 * 11 / 2^10");
	ok(near(stat_rate(5, 1, 5, 1), 1), "the same counts: nothing");
	ok(near(stat_rate(0, 3, 3, 1), 2.0 / 64), "3 in a quarter of the time: 2 * (1/4)^3");
	ok(near(stat_rate(10, 1, 0, 1), stat_rate(0, 1, 10, 1)), "sides can be exchanged");
	ok(stat_rate(UINT64_MAX, 1, UINT64_MAX, 1) > 0.99 && stat_rate(0, 1, UINT64_MAX, 1) < 1e-9,
	   "very large counts");
	ok(near(stat_rate(0, 1, 0, 1), 1) && near(stat_rate(3, 0, 4, 1), 1), "nothing to test gives 1");

	p = stat_rank(low, 1, high, 1, &longer);
	/* U = 64, mean 32; variance 64 / 12 * (17 - 2 * 504 / 240) */
	ok(near(p, erfc(31.5 / sqrt(64.0 / 12 * (17 - 4.2)) / sqrt(2))), "all ranks above");
	ok(near(longer, 1), "each of the one longer than each of the other");
	p = stat_rank(high, 1, low, 1, &longer);
	ok(near(longer, 0) && p < 0.01, "and the other way round");
	ok(near(stat_rank(low, 1, low, 1, &longer), 1) && near(longer, 0.5), "one bucket only: nothing");
	ok(near(stat_rank(low, 0, high, 1, &longer), 1) && near(longer, 0.5), "an empty side: nothing");

	/* All five marked ones of 200 in the same hundred. */
	p = 2 * (100.0 * 99 * 98 * 97 * 96) / (200.0 * 199 * 198 * 197 * 196);
	ok(near(stat_tail(a, 2, b, 1, &tail), p), "five of five in one half");
	ok(near(stat_tail(b, 1, a, 2, &tail), p), "in the other half");
	is_int(tail.above[1], 5, "five are above");
	is_int(tail.all[0], 100, "of a hundred each");
	ok(near(stat_tail(low, 1, low, 1, &tail), 1), "no tail: nothing");
}

static void test_corrected_for_their_number(void)
{
	double p[] = { 0.01, 0.04, 0.03, 0.005, 1 };
	const double want[] = { 0.025, 0.05, 0.05, 0.025, 1 };
	size_t i;

	is_int(stat_adjust(p, 5), 0, "correcting works");
	for (i = 0; i < 5; i++)
		ok(near(p[i], want[i]), "value %zu", i);
	is_int(stat_adjust(p, 0), 0, "none at all");
}

/* --- random ----------------------------------------------------------------------------------- */

/* In (0, 1). */
static double uniform(uint64_t *seed)
{
	return ((double)(tap_random(seed) >> 11) + 0.5) / 9007199254740992.0;
}

/* Durations around 1 ms as real ones are: with a long tail. */
static uint64_t duration(uint64_t *seed, double scale)
{
	double z = sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed));

	return (uint64_t)(1e6 * scale * exp(z));
}

static unsigned int histogram(uint64_t *seed, unsigned int n, double scale, struct lk_bucket *out)
{
	static uint64_t sum[LK_HIST_BUCKETS];
	unsigned int i, nr = 0;

	memset(sum, 0, sizeof(sum));
	for (i = 0; i < n; i++)
		sum[lk_hist_bucket(duration(seed, scale))]++;
	for (i = 0; i < LK_HIST_BUCKETS; i++)
		if (sum[i])
			out[nr++] = (struct lk_bucket){ .index = i, .n = sum[i] };
	return nr;
}

/* Events of a process without memory, one a unit of time. */
static unsigned int events(uint64_t *seed, double time)
{
	unsigned int n = 0;

	while ((time += log(uniform(seed))) > 0)
		n++;
	return n;
}

static void test_no_wolf(uint64_t *seed)
{
	static struct lk_bucket a[LK_HIST_BUCKETS], b[LK_HIST_BUCKETS];
	unsigned int i, nr_a, nr_b, rank = 0, tail = 0, rate = 0;
	struct stat_tail t;
	double longer;

	for (i = 0; i < TRIALS; i++) {
		nr_a = histogram(seed, 200, 1, a);
		nr_b = histogram(seed, 300, 1, b);
		rank += stat_rank(a, nr_a, b, nr_b, &longer) <= 0.05;
		tail += stat_tail(a, nr_a, b, nr_b, &t) <= 0.05;
		rate += stat_rate(events(seed, 200), 2, events(seed, 300), 3) <= 0.05;
	}
	printf("# of %d: rank %u, tail %u, rate %u\n", TRIALS, rank, tail, rate);
	/* 50 are due; 3 of 10000 runs have more than 75. */
	ok(rank <= 75, "the same durations: at most 5 %% below 0.05");
	ok(tail <= 75, "the same tails: at most 5 %% below 0.05");
	ok(rate <= 75, "the same rates: at most 5 %% below 0.05");
	ok(rank >= 25 && rate >= 20, "and not hardly ever, which would mean that they see nothing");
}

static void test_finds(uint64_t *seed)
{
	static struct lk_bucket a[LK_HIST_BUCKETS], b[LK_HIST_BUCKETS];
	unsigned int i, nr_a, nr_b, rank = 0, rate = 0;
	double longer, sum = 0;

	for (i = 0; i < 100; i++) {
		nr_a = histogram(seed, 200, 1, a);
		nr_b = histogram(seed, 200, 1.6, b);
		rank += stat_rank(a, nr_a, b, nr_b, &longer) <= 0.01;
		sum += longer;
		rate += stat_rate(events(seed, 200), 2, events(seed, 450), 3) <= 0.01;
	}
	ok(rank >= 95, "60 %% longer, 200 waits: found nearly always (%u of 100)", rank);
	/* Of two such durations with the logarithms 0.47 apart. */
	ok(fabs(sum / 100 - 0.63) < 0.02, "and how probable it is that one is longer");
	ok(rate >= 95, "50 %% more often: found nearly always (%u of 100)", rate);
}

int main(void)
{
	uint64_t seed = tap_seed(7);

	test_known_values();
	test_corrected_for_their_number();
	test_no_wolf(&seed);
	test_finds(&seed);
	return done_testing();
}
