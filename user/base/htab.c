// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hash table of fixed-size keys; see htab.h. Invariants: at most 3/4 of the
 * slots are used, every key has exactly one slot, keys are never removed.
 */
#include "htab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN	16u
#define KEYS_MAX	(UINT32_C(1) << 30)

/* Fold the 128-bit product: every input bit reaches every output bit. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t htab_hash(const void *data, size_t len)
{
	const uint64_t k0 = UINT64_C(0x9e3779b97f4a7c15), k1 = UINT64_C(0xd6e8feb86659fd93);
	const uint8_t *p = data;
	uint64_t h = k0 ^ len, w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = mix(h ^ w, k1) + k0;
	}
	if (len) {
		w = 0;
		memcpy(&w, p, len);
		h = mix(h ^ w, k1) + k0;
	}
	return mix(h ^ (h >> 32), k0);
}

void htab_init(struct htab *h, size_t key_size)
{
	memset(h, 0, sizeof(*h));
	h->key_size = key_size;
}

void htab_done(struct htab *h)
{
	free(h->keys);
	free(h->slot);
	htab_init(h, h->key_size);
}

void htab_clear(struct htab *h)
{
	h->nr = 0;
	if (h->slot)
		memset(h->slot, 0, h->nr_slots * sizeof(*h->slot));
}

static int grow_keys(struct htab *h, uint32_t need)
{
	size_t cap = h->cap + h->cap / 2;
	uint8_t *keys;

	if (need <= h->cap)
		return 0;
	if (cap < need)
		cap = need;
	if (cap < SLOTS_MIN)
		cap = SLOTS_MIN;
	if (cap > SIZE_MAX / 2 / h->key_size)
		return -ENOMEM;
	keys = realloc(h->keys, cap * h->key_size);
	if (!keys)
		return -ENOMEM;
	h->keys = keys;
	h->cap = cap;
	return 0;
}

static int grow_slots(struct htab *h, uint32_t need)
{
	uint32_t nr = h->nr_slots ? h->nr_slots : SLOTS_MIN, i, at;
	uint64_t *slot;

	while (need > nr / 4 * 3)
		nr *= 2;
	if (nr == h->nr_slots)
		return 0;
	slot = calloc(nr, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (i = 0; i < h->nr_slots; i++) {
		if (!h->slot[i])
			continue;
		at = (uint32_t)(h->slot[i] >> 32) & (nr - 1);
		while (slot[at])
			at = (at + 1) & (nr - 1);
		slot[at] = h->slot[i];
	}
	free(h->slot);
	h->slot = slot;
	h->nr_slots = nr;
	return 0;
}

int htab_reserve(struct htab *h, uint32_t extra)
{
	int err;

	if (extra > KEYS_MAX - h->nr)
		return -ENOMEM;
	err = grow_keys(h, h->nr + extra);
	return err ? err : grow_slots(h, h->nr + extra);
}

/* The key's number, or HTAB_NONE and *at = the slot where it would go. */
static uint32_t probe(const struct htab *h, const void *key, uint32_t hash, uint32_t *at)
{
	uint32_t mask = h->nr_slots - 1, i = hash & mask, index;

	for (; h->slot[i]; i = (i + 1) & mask) {
		if ((uint32_t)(h->slot[i] >> 32) != hash)
			continue;
		index = (uint32_t)h->slot[i] - 1;
		if (!memcmp(htab_key(h, index), key, h->key_size))
			return index;
	}
	*at = i;
	return HTAB_NONE;
}

uint32_t htab_find(const struct htab *h, const void *key)
{
	uint32_t at;

	if (!h->nr)
		return HTAB_NONE;
	return probe(h, key, (uint32_t)htab_hash(key, h->key_size), &at);
}

int htab_put(struct htab *h, const void *key, uint32_t *index)
{
	uint32_t hash = (uint32_t)htab_hash(key, h->key_size), found, at = 0;
	int err;

	err = htab_reserve(h, 1);
	if (err) {
		/* No room for more, but it may be there already. */
		found = htab_find(h, key);
		if (found == HTAB_NONE)
			return err;
		*index = found;
		return 0;
	}
	found = probe(h, key, hash, &at);
	if (found != HTAB_NONE) {
		*index = found;
		return 0;
	}
	memcpy(h->keys + (size_t)h->nr * h->key_size, key, h->key_size);
	h->slot[at] = (uint64_t)hash << 32 | (h->nr + 1);
	*index = h->nr++;
	return 1;
}
