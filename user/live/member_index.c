// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which structs of a BTF hold locks: one pass over all types. For every type it notes
 * the primitives of the locks inside, so that the search for one (member_find.c) goes
 * down only where there is one; a kernel has some ten thousand structs, of which a
 * fifth hold a lock.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btftype.h"
#include "member_priv.h"

#define PRIMS_KNOWN 0x8000u	/* in prims[]: computed, or on the way (a circle ends there) */
#define PRIMS_NEST 64		/* types inside each other, typedefs and qualifiers included */

static uint32_t prims_of(const struct member_index *x, uint32_t id, int depth);

static uint32_t prims_of_members(const struct member_index *x, const struct btf_type *t, int depth)
{
	const struct btf_member *mem = btf_members(t);
	uint32_t prims = 0;
	int i;

	for (i = 0; i < btf_vlen(t); i++)
		prims |= prims_of(x, mem[i].type, depth + 1);
	return prims;
}

static uint32_t compute(const struct member_index *x, const struct btf_type *t, int depth)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return member_lock_prims(btftype_name(x->btf, t->name_off), x->rt, NULL) |
		       prims_of_members(x, t, depth);
	case BTF_KIND_TYPEDEF:
		return member_lock_prims(btftype_name(x->btf, t->name_off), x->rt, NULL) |
		       prims_of(x, t->type, depth + 1);
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return prims_of(x, t->type, depth + 1);
	case BTF_KIND_ARRAY:
		return btf_array(t)->nelems ? prims_of(x, btf_array(t)->type, depth + 1) : 0;
	default:
		return 0;
	}
}

static uint32_t prims_of(const struct member_index *x, uint32_t id, int depth)
{
	const struct btf_type *t;
	uint16_t *memo;

	if (id < x->first)
		return x->base ? member_index_prims(x->base, id) : 0;
	if (id >= x->end || depth > PRIMS_NEST)
		return 0;
	memo = &x->prims[id - x->first];
	if (*memo & PRIMS_KNOWN)
		return *memo & ~PRIMS_KNOWN;
	*memo = PRIMS_KNOWN;
	t = btf__type_by_id(x->btf, id);
	if (t)
		*memo |= (uint16_t)compute(x, t, depth);
	return *memo & ~PRIMS_KNOWN;
}

uint32_t member_index_prims(const struct member_index *x, uint32_t id)
{
	if (id < x->first)
		return x->base ? member_index_prims(x->base, id) : 0;
	return id < x->end ? x->prims[id - x->first] & ~PRIMS_KNOWN : 0;
}

static void put_name(struct member_index *x, uint32_t id, const char *name)
{
	uint32_t at = (uint32_t)htab_hash(name, strlen(name));

	while (x->slot[at &= x->nr_slots - 1])
		at++;
	x->slot[at] = id;
}

uint32_t member_index_next(const struct member_index *x, const char *name, uint32_t kind,
			   uint32_t *pos)
{
	uint32_t at, id, start = (uint32_t)htab_hash(name, strlen(name));
	const struct btf_type *t;

	while (x->nr_slots && *pos < x->nr_slots) {
		at = (start + (*pos)++) & (x->nr_slots - 1);
		id = x->slot[at];
		if (!id)
			return 0;
		t = btf__type_by_id(x->btf, id);
		if (t && btf_kind(t) == kind && !strcmp(btftype_name(x->btf, t->name_off), name))
			return id;
	}
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct member_sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

size_t member_index_from(const struct member_index *x, uint32_t size)
{
	size_t lo = 0, hi = x->sized.nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (x->sized.v[mid].size < size)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_rt(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "spinlock", BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	if (!t || !btf_vlen(t))
		return false;
	t = btftype_skip_mods(btf, btf_members(t)[0].type, NULL);
	return t && !strcmp(btftype_name(btf, t->name_off), "rt_mutex_base");
}

/* Number of structs and functions with a name; with @put, they go into slot[]. */
static uint32_t name_types(struct member_index *x, bool put)
{
	const struct btf_type *t;
	const char *name;
	uint32_t id, nr = 0;

	for (id = x->first; id < x->end; id++) {
		t = btf__type_by_id(x->btf, id);
		if (!t || (!btf_is_struct(t) && !btf_is_func(t)))
			continue;
		name = btftype_name(x->btf, t->name_off);
		if (!name[0])
			continue;
		nr++;
		if (put)
			put_name(x, id, name);
	}
	return nr;
}

static int list_structs(struct member_index *x)
{
	const struct btf_type *t;
	uint32_t id;
	int err = 0;

	for (id = x->first; id < x->end && !err; id++) {
		t = btf__type_by_id(x->btf, id);
		if (t && btf_is_struct(t) && btftype_name(x->btf, t->name_off)[0] &&
		    prims_of(x, id, 0))
			err = vec_push(&x->sized, ((struct member_sized){ t->size, id }));
	}
	if (!err && x->sized.nr)
		qsort(x->sized.v, x->sized.nr, sizeof(*x->sized.v), by_size);
	return err;
}

int member_index_init(struct member_index *x, const struct btf *btf,
		      const struct member_index *base)
{
	uint32_t want;

	memset(x, 0, sizeof(*x));
	x->btf = btf;
	x->base = base;
	x->first = base ? base->end : 1;
	x->end = btf__type_cnt(btf);
	if (x->end < x->first)
		x->end = x->first;
	x->rt = base ? base->rt : is_rt(btf);
	x->prims = calloc(x->end - x->first + 1, sizeof(*x->prims));
	want = 2 * (name_types(x, false) + 1);
	for (x->nr_slots = 8; x->nr_slots < want; x->nr_slots *= 2)
		;
	x->slot = calloc(x->nr_slots, sizeof(*x->slot));
	if (!x->prims || !x->slot)
		return -ENOMEM;
	name_types(x, true);
	return list_structs(x);
}

void member_index_done(struct member_index *x)
{
	free(x->prims);
	free(x->slot);
	vec_free(&x->sized);
	memset(x, 0, sizeof(*x));
}
