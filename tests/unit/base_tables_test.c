// SPDX-License-Identifier: GPL-2.0-only
/* Vectors, hash tables and string pools, against naive twins. */
#include <errno.h>

#include "../../user/base/htab.h"
#include "../../user/base/strpool.h"
#include "../../user/base/vec.h"
#include "../lib/tap.h"

static void test_vec(void)
{
	VEC(uint64_t) v = { 0 };
	bool same = true;
	uint64_t i;

	for (i = 0; i < 1000; i++)
		if (vec_push(&v, i * i))
			break;
	is_int(v.nr, 1000, "a thousand elements");
	for (i = 0; i < v.nr; i++)
		same &= v.v[i] == i * i;
	ok(same, "all in place");
	is_int(vec_reserve(&v, SIZE_MAX), -ENOMEM, "a sum that overflows is refused");
	is_int(vec_reserve(&v, SIZE_MAX / 8), -ENOMEM, "a product that overflows is refused");
	is_int(v.nr, 1000, "and the vector is as it was");
	is_int(v.v[999], 999 * 999, "with its elements");
	vec_free(&v);
	ok(!v.v && !v.nr && !v.cap, "empty after vec_free()");
}

struct key {
	uint32_t a;
	uint8_t b[7], c;
};

static void test_htab_random(void)
{
	enum { N = 3000 };
	static struct key keys[N];
	uint64_t seed = tap_seed(2);
	struct htab h;
	uint32_t nr = 0, i, k, index = 0, naive;
	bool same = true, found = true;
	int ret;

	htab_init(&h, sizeof(struct key));
	ok(htab_find(&h, &keys[0]) == HTAB_NONE, "an empty table finds nothing");
	for (i = 0; i < 4 * N && nr < N; i++) {
		struct key key = { .a = (uint32_t)(tap_random(&seed) % 50), .c = 3 };

		key.b[6] = (uint8_t)(tap_random(&seed) % 40);
		for (naive = 0; naive < nr; naive++)
			if (!memcmp(&keys[naive], &key, sizeof(key)))
				break;
		same &= htab_find(&h, &key) == (naive < nr ? naive : HTAB_NONE);
		ret = htab_put(&h, &key, &index);
		same &= ret == (naive == nr) && index == naive;
		if (naive == nr)
			keys[nr++] = key;
	}
	ok(same, "numbers keys in order of appearance (%u keys)", nr);
	for (k = 0; k < nr; k++)
		found &= !memcmp(htab_key(&h, k), &keys[k], sizeof(keys[k]));
	ok(found, "and gives them back");
	is_int(htab_reserve(&h, UINT32_MAX), -ENOMEM, "too many keys are refused");
	htab_clear(&h);
	ok(htab_find(&h, &keys[0]) == HTAB_NONE && !h.nr, "empty after htab_clear()");
	is_int(htab_put(&h, &keys[5], &index), 1, "usable after htab_clear()");
	is_int(index, 0, "and counts from 0");
	htab_done(&h);
}

/* Keys that differ in few bits must not cluster: longest run of used slots stays short. */
static void test_htab_patterns(void)
{
	static const unsigned int shift[] = { 0, 4, 6, 12, 20, 32, 40, 56 };
	const uint32_t nr = 200000;
	struct htab h;
	uint32_t i, index, run, longest;
	uint64_t key;
	size_t s;

	for (s = 0; s < sizeof(shift) / sizeof(shift[0]); s++) {
		htab_init(&h, sizeof(key));
		for (i = 0; i < nr; i++) {
			key = (uint64_t)i << shift[s] | (uint64_t)i >> 8;
			if (htab_put(&h, &key, &index) < 0)
				break;
		}
		for (i = run = longest = 0; i < h.nr_slots; i++) {
			run = h.slot[i] ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
		ok(longest < 400, "keys shifted by %u: longest run of slots is %u", shift[s], longest);
		htab_done(&h);
	}
}

static void test_strpool(void)
{
	enum { N = 5000 };
	static const char *ptr[N];
	struct strpool p;
	bool stable = true, again = true;
	char buf[64], *huge;
	uint32_t id = 7, i;

	is_int(strpool_init(&p), 0, "strpool_init");
	is_int(strpool_id(&p, "", &id), 0, "the empty string");
	is_int(id, 0, "has id 0");
	for (i = 0; i < N; i++) {
		snprintf(buf, sizeof(buf), "string %u", i);
		ptr[i] = strpool_copy(&p, buf);
	}
	is_int(strpool_nr(&p), N + 1, "every string once");
	for (i = 0; i < N; i++) {
		snprintf(buf, sizeof(buf), "string %u", i);
		stable &= !strcmp(ptr[i], buf);
		again &= !strpool_id(&p, buf, &id) && id == i + 1 && strpool_str(&p, id) == ptr[i];
	}
	ok(stable, "pointers stay valid");
	ok(again, "equal strings have one id and one pointer");
	is_int(strpool_nr(&p), N + 1, "and nothing was added");
	is_int(strpool_find(&p, "string 77"), 78, "strpool_find finds");
	is_int(strpool_find(&p, "no such string"), UINT32_MAX, "and does not find");
	huge = malloc(200001);
	memset(huge, 'h', 200000);
	huge[200000] = '\0';
	is_str(strpool_copy(&p, huge), huge, "a string longer than a chunk");
	is_str(strpool_copy(&p, "after"), "after", "and one behind it");
	free(huge);
	strpool_done(&p);
}

int main(void)
{
	test_vec();
	test_htab_random();
	test_htab_patterns();
	test_strpool();
	return done_testing();
}
