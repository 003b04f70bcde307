// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack of held locks (bpf/held.h), natively: random pushes and releases against a
 * plain list, hashes against hashes made from nothing, and lockdep's rule of sources.
 */
#include "../../bpf/abi.h"
#include "../../bpf/held.h"
#include "../lib/tap.h"

#define LOCK(n)	(0xffffffff81000000ull + (unsigned int)(n) * 64u)

static uint64_t rng_state = 88172645463325252ull;

static uint32_t rng(uint32_t below)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (uint32_t)(rng_state >> 33) % below;
}

static struct lk_held entry(unsigned int n, unsigned int flags, unsigned int read)
{
	struct lk_held h = { .lock = LOCK(n), .site = 0xffffffff82000000ull + n, .flags = (uint16_t)flags,
			     .prim = LK_PRIM_MUTEX, .read = (uint8_t)read };

	return h;
}

static int push(struct lk_stack *s, unsigned int n, unsigned int flags, unsigned int read)
{
	struct lk_held h = entry(n, flags, read);

	held_hash(s, &h, 0);
	return held_push(s, &h);
}

/* The hashes that the locks in a stack should have, made from the bottom up. */
static bool hashes_right(const struct lk_stack *s)
{
	struct lk_stack again = { 0 };
	uint32_t i;

	for (i = 0; i < s->depth; i++) {
		struct lk_held h = s->held[i];

		held_hash(&again, &h, 0);
		if (h.chain != s->held[i].chain || h.inst != s->held[i].inst || !held_push(&again, &h))
			return false;
	}
	return true;
}

static bool same(const struct lk_stack *s, const unsigned int *list, unsigned int n)
{
	unsigned int i;

	if (s->depth != n)
		return false;
	for (i = 0; i < n; i++)
		if (s->held[i].lock != LOCK(list[i]))
			return false;
	return true;
}

static void test_random(void)
{
	unsigned int list[LK_HELD_MAX], n = 0, round, k, bad = 0;
	struct lk_stack s = { 0 };
	int at;

	for (round = 0; round < 200000 && !bad; round++) {
		if (rng(2)) {
			k = rng(24);
			if (push(&s, k, rng(4) ? 0 : LK_HOLD_TRY, rng(3)) != (n < LK_HELD_MAX))
				bad = 1;
			if (n < LK_HELD_MAX)
				list[n++] = k;
		} else {
			k = rng(24);
			at = held_find(&s, LOCK(k));
			if (at >= 0 && (uint32_t)at + 2 == s.depth && rng(2))
				bad = held_drop_second(&s, 0) ? 0 : 3;
			else if (at >= 0)
				HELD_REMOVE(&s, (uint32_t)at, 0, held_lower, held_rehash);
			for (at = (int)n - 1; at >= 0 && list[at] != k; at--)
				;
			if (at >= 0) {
				memmove(&list[at], &list[at + 1], (n - (unsigned int)at - 1) * sizeof(list[0]));
				n--;
			}
		}
		if (!same(&s, list, n) || !hashes_right(&s))
			bad = 2;
	}
	is_int(bad, 0, "%u random pushes and releases: as a plain list, hashes as if made from nothing", round);
}

static void test_hashes(void)
{
	struct lk_stack a = { 0 }, b = { 0 };
	struct lk_held h;

	push(&a, 1, 0, LK_WRITE);
	push(&b, 1, 0, LK_READ);
	ok(a.held[0].chain != b.held[0].chain, "the mode is part of the pattern");
	ok(a.held[0].inst == b.held[0].inst, "but not of the instances");
	b.depth = 0;
	h = entry(1, 0, LK_WRITE);
	h.lock = LOCK(9);
	held_hash(&b, &h, 0);
	ok(a.held[0].chain == h.chain && a.held[0].inst != h.inst, "another lock at the same place");
	held_hash(&b, &h, 4);
	ok(a.held[0].chain != h.chain, "inside of a watched function is another pattern");
	b.depth = 0;
	push(&b, 1, LK_HOLD_VERIFIED, LK_WRITE);
	ok(a.held[0].chain == b.held[0].chain, "what is learned later is not part of it");
}

static uint32_t sources(struct lk_stack *s, uint64_t lock, uint32_t usable)
{
	struct held_pick p = { .usable = usable };

	HELD_SOURCES(s, lock, &p, held_source);
	return p.mask;
}

static void test_sources(void)
{
	struct lk_stack s = { 0 };

	is_int(sources(&s, LOCK(9), ~0u), 0, "nothing held, no source");
	push(&s, 0, 0, LK_WRITE);
	push(&s, 1, 0, LK_WRITE);
	is_int(sources(&s, LOCK(9), ~0u), 2, "the innermost");
	push(&s, 2, LK_HOLD_TRY, LK_WRITE);
	push(&s, 3, LK_HOLD_TRY, LK_WRITE);
	is_int(sources(&s, LOCK(9), ~0u), 14, "every trylock, and the first that is none");
	is_int(sources(&s, LOCK(0), ~0u), 15, "and the same lock, wherever it is");
	is_int(sources(&s, LOCK(9), ~(1u << 1)), 13, "what is not held is passed over");
	push(&s, 4, LK_HOLD_NOCHECK, LK_WRITE);
	push(&s, 5, LK_HOLD_PENDING, LK_WRITE);
	is_int(sources(&s, LOCK(9), ~0u), 14, "so is what is not checked, or not taken yet");
	s.depth = 0;
	push(&s, 0, 0, LK_WRITE);
	push(&s, 1, 0, LK_READ);
	is_int(sources(&s, LOCK(9), ~0u), 2, "a reader stops the walk");
}

int main(void)
{
	test_random();
	test_hashes();
	test_sources();
	return done_testing();
}
