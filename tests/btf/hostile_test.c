// SPDX-License-Identifier: GPL-2.0-only
/*
 * BTF that makes no sense: circles, structs in structs without end, nonsense in place of
 * ids, offsets and sizes. Every question ends, and none reads what it must not (the
 * sanitizers of this build watch).
 */
#include <bpf/libbpf.h>

#include "../../bpf/abi.h"
#include "../../user/live/member_priv.h"
#include "../lib/tap.h"
#include "mkbtf.h"

#define ROUNDS 200

static struct btf_type *type(struct btf *b, int id)
{
	return (struct btf_type *)(uintptr_t)btf__type_by_id(b, (uint32_t)id);
}

static void set_member(struct btf *b, int id, int index, int to)
{
	btf_members(type(b, id))[index].type = (uint32_t)to;
}

/* 1 or 0, or -1 if it could not even begin. */
static int ask(const struct btf *b, const char *cache, uint32_t size, uint32_t off, uint32_t prim)
{
	struct member got;
	struct members *m;
	bool known;

	if (members_new_at(b, "/nonexistent", "/nonexistent", &m))
		return -1;
	known = members_of_cache(m, cache, size, false, off, prim, &got);
	members_free(m);
	return known;
}

static void test_circles(void)
{
	struct btf *b = btf__new_empty();
	int a, c, arr, self, in, i;
	struct kernel_types k;

	mk_kernel_types(b, false, &k);
	a = mk_typedef(b, "ring_a", k.u32);
	c = mk_typedef(b, "ring_b", a);
	type(b, a)->type = (uint32_t)c;
	STRUCT(b, "ring", 64, { "x", a, 0 }, { "lk", k.spinlock_t, 8 });
	self = STRUCT(b, "self", 64, { "self", k.u32, 0 }, { "lk", k.spinlock_t, 8 });
	set_member(b, self, 0, self);
	arr = must(btf__add_array(b, k.u32, k.spinlock_t, 4));
	btf_array(type(b, arr))->type = (uint32_t)arr;
	STRUCT(b, "array", 64, { "arr", arr, 0 }, { "lk", k.spinlock_t, 8 });
	for (in = k.spinlock_t, i = 0; i < 200; i++)
		in = mk_typedef(b, "long_t", in);
	STRUCT(b, "chain", 64, { "lk", in, 8 });
	is_int(ask(b, "ring", 64, 0, LK_PRIM_SPINLOCK), 0, "typedefs in a circle end");
	is_int(ask(b, "ring", 64, 8, LK_PRIM_SPINLOCK), 1, "and do not hide the lock beside them");
	is_int(ask(b, "self", 64, 8, LK_PRIM_SPINLOCK), 1, "a struct in itself: the lock is found outside");
	is_int(ask(b, "self", 64, 4, LK_PRIM_SPINLOCK), 0, "a struct in itself: and no other");
	is_int(ask(b, "array", 64, 0, LK_PRIM_SPINLOCK), 0, "an array of itself");
	is_int(ask(b, "chain", 64, 8, LK_PRIM_SPINLOCK), 0, "200 typedefs in a row are too many");
	btf__free(b);
}

/* Structs of 40 members at one place, 20 deep. */
static void test_explosion(void)
{
	struct btf *b = btf__new_empty();
	struct field f[40];
	struct kernel_types k;
	struct members *m;
	struct member got;
	int in, i, j;

	mk_kernel_types(b, false, &k);
	for (in = k.spinlock_t, i = 0; i < 20; i++) {
		for (j = 0; j < 40; j++)
			f[j] = (struct field){ NULL, in, 0 };
		in = mk_composite(b, i % 2, i == 19 ? "bomb" : NULL, 64, f, 40);
	}
	/* The outermost is a union by the count above: a struct around it. */
	STRUCT(b, "outer", 100, { NULL, in, 0 }, { "lk", k.spinlock_t, 64 });
	in = must(btf__find_by_name_kind(b, "outer", BTF_KIND_STRUCT));
	mk_func(b, "use", mk_ptr(b, in));
	is_int(ask(b, "outer", 100, 0, LK_PRIM_SPINLOCK), 0, "40 to the power of 20 ways down: given up");
	is_int(ask(b, "outer", 100, 64, LK_PRIM_SPINLOCK), 1, "the lock beside them is found");
	if (!members_new_at(b, "/nonexistent", "/nonexistent", &m)) {
		ok(!members_of_kmalloc(m, "kmalloc-128", 0, LK_PRIM_SPINLOCK, "use", "", &got),
		   "kmalloc: given up likewise");
		members_free(m);
	}
	for (j = 0; j < 40; j++)
		f[j] = (struct field){ NULL, k.voidp, 0 };
	for (i = 0; i < 6; i++) {
		in = mk_composite(b, false, i == 5 ? "fan" : NULL, 8, f, 40);
		for (j = 0; j < 40; j++)
			f[j].type = in;
	}
	STRUCT(b, "cand", 100, { "lk", k.spinlock_t, 32 });
	mk_func(b, "cand_fan", mk_ptr(b, in));
	if (!members_new_at(b, "/nonexistent", "/nonexistent", &m)) {
		ok(!members_of_kmalloc(m, "kmalloc-128", 32, LK_PRIM_SPINLOCK, "cand_fan", "", &got),
		   "kmalloc: too many members of a parameter's struct: given up");
		members_free(m);
	}
	btf__free(b);
}

static struct btf *base(void)
{
	struct btf *b = btf__new_empty();
	struct kernel_types k;
	int in;

	mk_kernel_types(b, false, &k);
	in = STRUCT(b, "inner", 48, { "q", k.wait_queue_head_t, 8 }, { "m", k.mutex, 16 });
	in = must(btf__add_array(b, k.u32, in, 3));
	STRUCT(b, "outer", 256, { "in", in, 16 }, { "r", k.lockref, 200 }, { "w", k.rwlock_t, 208 });
	in = STRUCT(b, "third", 128, { "c", k.completion, 8 }, { "x", k.xarray, 64 });
	mk_func(b, "third_use", mk_ptr(b, in));
	return b;
}

/* Every offset and primitive; how many were named. */
static unsigned int ask_everything(const struct btf *b)
{
	struct members *m;
	struct member got;
	unsigned int n = 0;
	uint32_t off, prim;

	if (members_new_at(b, "/nonexistent", "/nonexistent", &m))
		return 0;
	for (prim = 0; prim < LK_PRIM_NR; prim++) {
		for (off = 0; off < 264; off += 4) {
			n += members_of_cache(m, "outer", 256, false, off, prim, &got);
			n += members_of_kmalloc(m, "kmalloc-128", off, prim, "third_use", "", &got);
		}
	}
	members_free(m);
	return n;
}

/* Some words of the types, not of the header or the strings, replaced. */
static void test_random(void)
{
	uint64_t seed = tap_seed(20260101);
	unsigned int round, i, accepted = 0, named = 0;
	struct btf *b = base(), *bad;
	uint32_t size, types, words;
	const struct btf_header *h;
	const void *data = btf__raw_data(b, &size);
	uint8_t *copy = malloc(size);
	uint32_t *w;

	h = data;
	types = h->hdr_len + h->type_off;
	words = h->type_len / 4;
	is_int(ask_everything(b), 15, "unharmed, it has 15 locks, one of them for two primitives");
	for (round = 0; copy && round < ROUNDS; round++) {
		memcpy(copy, data, size);
		w = (uint32_t *)(void *)(copy + types);
		for (i = 0; i <= round % 4; i++)
			w[tap_random(&seed) % words] = tap_random(&seed) % 3 ?
				(uint32_t)(tap_random(&seed) % 64) : (uint32_t)tap_random(&seed);
		bad = btf__new(copy, size);
		if (!bad)
			continue;	/* libbpf sees it */
		accepted++;
		named += ask_everything(bad);
		btf__free(bad);
	}
	free(copy);
	btf__free(b);
	printf("# %u of %d accepted by libbpf, %u locks named\n", accepted, ROUNDS, named);
	ok(accepted > ROUNDS / 4, "enough of it got past libbpf");
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int main(void)
{
	libbpf_set_print(quiet);
	test_circles();
	test_explosion();
	test_random();
	return done_testing();
}
