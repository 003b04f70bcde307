/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table that numbers keys of a fixed size in the order in which they came:
 * the number is the index into whatever arrays its user keeps beside it, and
 * htab_key() gives the key back, so nobody stores it twice.
 *
 * Keys are compared as bytes: a key struct must have no padding. Open
 * addressing with linear probing; the slots hold 32 bits of the hash, so that
 * growing does not touch the keys and a probe rarely does.
 */
#ifndef LK_HTAB_H
#define LK_HTAB_H

#include <stddef.h>
#include <stdint.h>

#define HTAB_NONE	UINT32_MAX

struct htab {
	size_t key_size;
	uint8_t *keys;		/* nr keys, one after the other */
	uint64_t *slot;		/* hash << 32 | (number + 1); 0 = free */
	size_t cap;		/* keys there is room for */
	uint32_t nr;
	uint32_t nr_slots;	/* 0 or a power of two */
};

/* Cannot fail; nothing is allocated before the first key. */
void htab_init(struct htab *h, size_t key_size);
void htab_done(struct htab *h);

/* Forget the keys but keep the memory. */
void htab_clear(struct htab *h);

/* Make room for @extra more keys: 0 or -ENOMEM. That many htab_put() then cannot fail. */
int htab_reserve(struct htab *h, uint32_t extra);

/* Number of a key, HTAB_NONE if it is not there. */
uint32_t htab_find(const struct htab *h, const void *key);

/* Number of a key, which is added if need be: 1 if it was, 0 if not, or -ENOMEM. */
int htab_put(struct htab *h, const void *key, uint32_t *index);

static inline const void *htab_key(const struct htab *h, uint32_t index)
{
	return h->keys + (size_t)index * h->key_size;
}

/* Well-mixed hash of bytes. */
uint64_t htab_hash(const void *data, size_t len);

#endif /* LK_HTAB_H */
