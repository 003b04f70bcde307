/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Growable arrays.
 *
 *	struct { ... VEC(struct item) items; } x = { 0 };
 *	err = vec_push(&x.items, item);
 *	for (size_t i = 0; i < x.items.nr; i++)
 *		use(&x.items.v[i]);
 *	vec_free(&x.items);
 *
 * All zero is an empty vector. Elements move when the vector grows: keep
 * indexes, not pointers. Sizes are overflow-checked; a failed operation leaves
 * the vector as it was.
 */
#ifndef LK_VEC_H
#define LK_VEC_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define VEC(type) struct { type *v; size_t nr, cap; }

/*
 * Memory for @nr + @extra elements of @elem bytes, moved from @v, which has
 * room for *cap; NULL (and nothing changed) when that cannot be had.
 */
static inline void *vec_room(void *v, size_t *cap, size_t nr, size_t extra, size_t elem)
{
	size_t need, want;

	if (__builtin_add_overflow(nr, extra, &need))
		return NULL;
	if (need <= *cap && v)
		return v;
	want = *cap + *cap / 2;
	if (want < need)
		want = need;
	if (want < 8)
		want = 8;
	if (want > SIZE_MAX / 2 / elem)
		want = need;
	if (want > SIZE_MAX / 2 / elem)
		return NULL;
	v = realloc(v, want * elem);
	if (v)
		*cap = want;
	return v;
}

/* Make room for @extra more elements: 0 or -ENOMEM. */
#define vec_reserve(vec, extra) ({						\
	void *vec_mem_ = vec_room((vec)->v, &(vec)->cap, (vec)->nr, (extra),	\
				  sizeof(*(vec)->v));				\
	if (vec_mem_)								\
		(vec)->v = vec_mem_;						\
	vec_mem_ ? 0 : -ENOMEM; })

/* Append one element: 0 or -ENOMEM. */
#define vec_push(vec, value) ({							\
	int vec_err_ = vec_reserve((vec), 1);					\
	if (!vec_err_)								\
		(vec)->v[(vec)->nr++] = (value);				\
	vec_err_; })

#define vec_free(vec) do {							\
	free((vec)->v);								\
	(vec)->v = NULL;							\
	(vec)->nr = (vec)->cap = 0;						\
} while (0)

#endif /* LK_VEC_H */
