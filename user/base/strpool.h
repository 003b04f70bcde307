/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interned strings: equal strings have one id and one pointer. Id 0 is "".
 * Pointers stay valid until strpool_done(), however much the pool grows.
 */
#ifndef LK_STRPOOL_H
#define LK_STRPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "vec.h"

struct strpool {
	VEC(char *) chunk;	/* what the strings lie in; never moved */
	size_t used, size;	/* of the last ordinary chunk, cur */
	char *cur;
	VEC(const char *) str;	/* by id */
	uint64_t *slot;		/* hash << 32 | (id + 1); 0 = free */
	uint32_t nr_slots;	/* 0 or a power of two */
};

/* 0 or -ENOMEM; strpool_done() is fine either way. */
int strpool_init(struct strpool *p);
void strpool_done(struct strpool *p);

/* Id of a string, which is copied if it is new: 0 or -ENOMEM. */
int strpool_id(struct strpool *p, const char *s, uint32_t *id);

/* Id of a string that is there, or UINT32_MAX. */
uint32_t strpool_find(const struct strpool *p, const char *s);

/* The pool's copy of a string, NULL when out of memory. */
const char *strpool_copy(struct strpool *p, const char *s);

static inline const char *strpool_str(const struct strpool *p, uint32_t id)
{
	return p->str.v[id];
}

static inline uint32_t strpool_nr(const struct strpool *p)
{
	return (uint32_t)p->str.nr;
}

#endif /* LK_STRPOOL_H */
