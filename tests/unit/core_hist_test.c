// SPDX-License-Identifier: GPL-2.0-only
/* Buckets, packed histograms and quantiles. */
#include "../../user/core/hist.h"
#include "../lib/tap.h"

static uint64_t random_ns(uint64_t *seed)
{
	return tap_random(seed) >> (22 + tap_random(seed) % 42);
}

static void test_buckets(void)
{
	uint64_t seed = tap_seed(4), ns, lower, upper;
	bool inside = true, narrow = true, ascending = true;
	uint32_t b;
	int i;

	for (b = 0; b + 1 < LK_HIST_BUCKETS; b++)
		ascending &= lk_hist_lower(b) < lk_hist_lower(b + 1);
	ok(ascending, "buckets ascend");
	for (b = 0; b < LK_HIST_BUCKETS; b++) {
		lower = lk_hist_lower(b);
		upper = lk_hist_lower(b + 1) - 1;
		inside &= lk_hist_bucket(lower) == b;
		inside &= lk_hist_bucket(upper) == b;
		narrow &= (upper - lower) * 32 <= lower;
	}
	ok(inside, "both ends of a bucket are in it");
	ok(narrow, "no bucket is wider than 1/32 of its value");
	for (i = 0; i < 1000000; i++) {
		ns = random_ns(&seed);
		b = lk_hist_bucket(ns);
		inside &= b < LK_HIST_BUCKETS && lk_hist_lower(b) <= ns;
		inside &= b == LK_HIST_BUCKETS - 1 || ns < lk_hist_lower(b + 1);
	}
	ok(inside, "every duration is within its bucket");
	is_int(lk_hist_bucket(0), 0, "bucket of 0");
	is_int(lk_hist_bucket(31), 31, "last exact bucket of width 1");
	is_int(lk_hist_bucket((UINT64_C(1) << 42) - 1), LK_HIST_BUCKETS - 1, "last regular value");
	is_int(lk_hist_bucket(UINT64_MAX), LK_HIST_BUCKETS - 1, "the last bucket is open above");
}

static uint64_t random_n(uint64_t *seed)
{
	switch (tap_random(seed) % 8) {
	case 0:
		return 0;
	case 1:
		return tap_random(seed);
	case 2:
		return UINT64_MAX;
	case 3:
		return tap_random(seed) % 1000;
	}
	return 1;
}

/* Merge random histograms, packed and naively. */
static void test_packed(void)
{
	static uint8_t packed[2][HIST_PACKED_MAX];
	static uint64_t naive[LK_HIST_BUCKETS];
	static struct lk_bucket add[LK_HIST_BUCKETS];
	static struct hist_sum sum;
	uint64_t seed = tap_seed(5);
	unsigned int round, merge, nr, dense, cur = 0;
	bool same = true, listed = true, range = true;
	uint32_t index[LK_HIST_BUCKETS], b;
	static uint64_t n[LK_HIST_BUCKETS];
	size_t len;

	hist_sum_init(&sum);
	for (round = 0; round < 300; round++) {
		memset(naive, 0, sizeof(naive));
		len = 0;
		dense = 1 + (unsigned int)(tap_random(&seed) % 100);
		for (merge = 0; merge < 20; merge++) {
			for (b = 0, nr = 0; b < LK_HIST_BUCKETS; b++) {
				if (tap_random(&seed) % dense)
					continue;
				add[nr] = (struct lk_bucket){ .index = b, .n = random_n(&seed) };
				if (__builtin_add_overflow(naive[b], add[nr].n, &naive[b]))
					naive[b] = UINT64_MAX;
				nr++;
			}
			len = hist_merge(packed[cur], len, add, nr, packed[!cur]);
			cur = !cur;
		}
		hist_sum_clear(&sum);
		hist_sum_add(&sum, packed[cur], len);
		same &= !memcmp(sum.n, naive, sizeof(naive)) && len <= HIST_PACKED_MAX;
		nr = hist_sum_list(&sum, index, n);
		for (b = 0; b < nr; b++) {
			listed &= n[b] && n[b] == naive[index[b]] && (!b || index[b] > index[b - 1]);
			naive[index[b]] = 0;
		}
		for (b = 0; b < LK_HIST_BUCKETS; b++)
			range &= !naive[b];
	}
	ok(same, "a packed histogram is the sum of what was merged");
	ok(listed, "lists are ascending and without zeros");
	ok(range, "and complete");
	hist_sum_clear(&sum);
	memset(naive, 0, sizeof(naive));
	ok(!memcmp(sum.n, naive, sizeof(naive)), "hist_sum_clear() leaves nothing");
	is_int(hist_merge(packed[0], 0, NULL, 0, packed[1]), 0, "nothing and nothing is nothing");
	for (b = 0; b < LK_HIST_BUCKETS; b++)
		add[b] = (struct lk_bucket){ .index = b, .n = UINT64_MAX };
	ok(hist_merge(packed[0], 0, add, LK_HIST_BUCKETS, packed[1]) <= HIST_PACKED_MAX,
	   "the largest histogram fits");
	for (b = 0; b < 10; b++)
		add[b] = (struct lk_bucket){ .index = 400 + 9 * b, .n = 1 };
	ok(hist_merge(packed[0], 0, add, 10, packed[1]) <= 12, "ten single waits take some ten bytes");
}

static int compare_u64(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

static void test_quantile_error(void)
{
	static const double qs[] = { 0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1 };
	enum { MAX = 3000 };
	static uint64_t sample[MAX], n[LK_HIST_BUCKETS];
	uint32_t index[LK_HIST_BUCKETS];
	uint64_t seed = tap_seed(6), exact, got, error;
	unsigned int round, nr, nr_buckets, i, q;
	static struct hist_sum sum;
	double worst = 0;
	size_t rank;

	for (round = 0; round < 2000; round++) {
		nr = 1 + (unsigned int)(tap_random(&seed) % MAX);
		hist_sum_init(&sum);
		sum.lo = 0;
		sum.hi = LK_HIST_BUCKETS;
		for (i = 0; i < nr; i++) {
			sample[i] = random_ns(&seed) % (UINT64_C(1) << 42);
			sum.n[lk_hist_bucket(sample[i])]++;
		}
		qsort(sample, nr, sizeof(sample[0]), compare_u64);
		nr_buckets = hist_sum_list(&sum, index, n);
		for (q = 0; q < sizeof(qs) / sizeof(qs[0]); q++) {
			rank = (size_t)(qs[q] * nr);
			rank += (double)rank < qs[q] * nr;	/* ceil */
			exact = sample[rank ? rank - 1 : 0];
			got = hist_quantile(index, n, nr_buckets, qs[q], sample[0], sample[nr - 1]);
			error = got > exact ? got - exact : exact - got;
			if (exact && (double)error / (double)exact > worst)
				worst = (double)error / (double)exact;
			else if (!exact && got)
				worst = 1;
		}
	}
	ok(worst <= 0.016, "quantiles are within 1.6 %% of the exact ones (worst: %.3f %%)", worst * 100);
}

static void test_quantile_edges(void)
{
	static const uint32_t one[] = { 100 }, two[] = { 10, 20 }, last[] = { LK_HIST_BUCKETS - 1 };
	static const uint64_t n1[] = { 5 }, n2[] = { 1, 99 }, huge[] = { UINT64_MAX, UINT64_MAX };
	uint64_t lower = lk_hist_lower(100);

	is_int(hist_quantile(NULL, NULL, 0, 0.5, 0, 100), 0, "an empty histogram");
	is_int(hist_quantile(one, n1, 1, 0.5, 0, UINT64_MAX), lower + (lk_hist_lower(101) - 1 - lower) / 2,
	       "the middle of the bucket");
	is_int(hist_quantile(one, n1, 1, 0.5, lower, lower), lower, "not above the maximum");
	is_int(hist_quantile(one, n1, 1, 0.5, lower + 3, lower + 3), lower + 3, "not below the minimum");
	is_int(hist_quantile(two, n2, 2, 0.01, 0, 100), 10, "the first of a hundred is p1");
	is_int(hist_quantile(two, n2, 2, 0.011, 0, 100), 20, "and no more");
	is_int(hist_quantile(two, huge, 2, 0.5, 0, 100), 10, "counts that overflow");
	is_int(hist_quantile(two, huge, 2, 1, 0, 100), 10, "saturated sum");
	ok(hist_quantile(last, n1, 1, 0.5, 0, UINT64_MAX) >= lk_hist_lower(LK_HIST_BUCKETS - 1),
	   "the last bucket");
}

int main(void)
{
	test_buckets();
	test_packed();
	test_quantile_error();
	test_quantile_edges();
	return done_testing();
}
