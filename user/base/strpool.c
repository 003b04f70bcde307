// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interned strings; see strpool.h. Strings are packed into chunks of 64 KiB
 * (a longer one gets a chunk of its own), which are never moved or freed
 * before the pool is.
 */
#include "strpool.h"

#include <stdbool.h>
#include <string.h>

#include "htab.h"

#define CHUNK		65536u
#define SLOTS_MIN	64u
#define STRINGS_MAX	(UINT32_C(1) << 30)

int strpool_init(struct strpool *p)
{
	uint32_t id;

	memset(p, 0, sizeof(*p));
	return strpool_id(p, "", &id);
}

void strpool_done(struct strpool *p)
{
	size_t i;

	for (i = 0; i < p->chunk.nr; i++)
		free(p->chunk.v[i]);
	vec_free(&p->chunk);
	vec_free(&p->str);
	free(p->slot);
	memset(p, 0, sizeof(*p));
}

static int grow_slots(struct strpool *p)
{
	uint32_t nr = p->nr_slots ? p->nr_slots : SLOTS_MIN, i, at;
	uint64_t *slot;

	while (p->str.nr + 1 > nr / 4 * 3)
		nr *= 2;
	if (nr == p->nr_slots)
		return 0;
	slot = calloc(nr, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (i = 0; i < p->nr_slots; i++) {
		if (!p->slot[i])
			continue;
		at = (uint32_t)(p->slot[i] >> 32) & (nr - 1);
		while (slot[at])
			at = (at + 1) & (nr - 1);
		slot[at] = p->slot[i];
	}
	free(p->slot);
	p->slot = slot;
	p->nr_slots = nr;
	return 0;
}

/* Id of the string, or UINT32_MAX and *at = the slot where it would go. */
static uint32_t probe(const struct strpool *p, const char *s, uint32_t hash, uint32_t *at)
{
	uint32_t mask = p->nr_slots - 1, i = hash & mask, id;

	for (; p->slot[i]; i = (i + 1) & mask) {
		if ((uint32_t)(p->slot[i] >> 32) != hash)
			continue;
		id = (uint32_t)p->slot[i] - 1;
		if (!strcmp(p->str.v[id], s))
			return id;
	}
	*at = i;
	return UINT32_MAX;
}

/* Room for a string of @size bytes with its NUL, NULL when out of memory. */
static char *alloc_bytes(struct strpool *p, size_t size)
{
	bool own = size > CHUNK / 4;
	char *mem;

	if (!own && size <= p->size - p->used) {
		mem = p->cur + p->used;
		p->used += size;
		return mem;
	}
	if (vec_reserve(&p->chunk, 1))
		return NULL;
	mem = malloc(own ? size : CHUNK);
	if (!mem)
		return NULL;
	p->chunk.v[p->chunk.nr++] = mem;
	if (!own) {
		p->cur = mem;
		p->size = CHUNK;
		p->used = size;
	}
	return mem;
}

uint32_t strpool_find(const struct strpool *p, const char *s)
{
	uint32_t at;

	return probe(p, s, (uint32_t)htab_hash(s, strlen(s)), &at);
}

int strpool_id(struct strpool *p, const char *s, uint32_t *id)
{
	size_t len = s ? strlen(s) : 0;
	uint32_t hash, found, at = 0;
	char *copy;

	s = s ? s : "";
	hash = (uint32_t)htab_hash(s, len);
	if (p->str.nr >= STRINGS_MAX || grow_slots(p) || vec_reserve(&p->str, 1))
		return -ENOMEM;
	found = probe(p, s, hash, &at);
	if (found != UINT32_MAX) {
		*id = found;
		return 0;
	}
	copy = alloc_bytes(p, len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, s, len + 1);
	*id = (uint32_t)p->str.nr;
	p->str.v[p->str.nr++] = copy;
	p->slot[at] = (uint64_t)hash << 32 | (*id + 1);
	return 0;
}

const char *strpool_copy(struct strpool *p, const char *s)
{
	uint32_t id;

	return strpool_id(p, s, &id) ? NULL : strpool_str(p, id);
}
