// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmalloc caches hold objects of every kind: which struct it is, only the function that
 * takes the lock can tell; see members_of_kmalloc(). Two that could be meant are none.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "btftype.h"
#include "member_priv.h"

#define HOP_NEST 4		/* anonymous structs inside each other whose members count */
#define HOP_STEPS 100000	/* members looked at; some hundred in a real kernel */

/* How a candidate is related to the function; less is stronger. */
enum relation { REL_PARAM, REL_HOP, REL_WORD, REL_NR };

struct candidate {
	const struct member_index *x;
	uint32_t id;
	const char *tag;
	uint32_t relations;		/* 1 << enum relation */
};

struct search {
	const struct member_index *x[2];	/* vmlinux's, a module's or NULL */
	const struct member_index *at;		/* of these, where the function was found */
	uint32_t off, prim;
	unsigned int steps;
	VEC(struct candidate) found;
};

static int collect(struct search *s, const char *cache, const char *function)
{
	uint32_t size, smaller;
	struct member member;
	struct candidate c;
	size_t i, k;
	int err = 0;

	if (!member_kmalloc_size(cache, &size, &smaller))
		return 0;
	for (k = 0; k < 2 && s->x[k]; k++) {
		c.x = s->x[k];
		i = member_index_from(c.x, smaller + 1);
		for (; i < c.x->sized.nr && c.x->sized.v[i].size <= size && !err; i++) {
			c.id = c.x->sized.v[i].id;
			if (!member_find(c.x, c.id, s->off, s->prim, &member))
				continue;
			c.tag = btftype_name(c.x->btf, btf__type_by_id(c.x->btf, c.id)->name_off);
			c.relations = (uint32_t)member_same_word(function, c.tag) << REL_WORD;
			err = vec_push(&s->found, c);
		}
	}
	return err;
}

/* Tag of the struct that a pointer type leads to, NULL for anything else. */
static const char *pointee(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btftype_skip_mods(btf, id, NULL);

	t = t && btf_is_ptr(t) ? btftype_skip_mods(btf, t->type, NULL) : NULL;
	return t && (btf_is_struct(t) || btf_is_fwd(t)) ? btftype_name(btf, t->name_off) : NULL;
}

static void mark(struct search *s, const char *tag, enum relation rel)
{
	size_t i;

	for (i = 0; tag && i < s->found.nr; i++)
		if (!strcmp(s->found.v[i].tag, tag))
			s->found.v[i].relations |= 1u << rel;
}

static void mark_members(struct search *s, const struct btf *btf, const struct btf_type *t, int depth)
{
	const struct btf_member *mem = btf_members(t);
	const struct btf_type *in;
	int i;

	for (i = 0; i < btf_vlen(t) && s->steps < HOP_STEPS; i++) {
		s->steps++;
		mark(s, pointee(btf, mem[i].type), REL_HOP);
		in = btftype_name(btf, mem[i].name_off)[0] ? NULL : btf__type_by_id(btf, mem[i].type);
		if (in && btf_is_composite(in) && depth < HOP_NEST)
			mark_members(s, btf, in, depth + 1);
	}
}

/* Structs of this tag, which a parameter points to: themselves and what they point to. */
static void mark_param(struct search *s, const char *tag)
{
	uint32_t id, pos;
	size_t k;

	mark(s, tag, REL_PARAM);
	for (k = 0; k < 2 && s->x[k]; k++) {
		pos = 0;
		while ((id = member_index_next(s->x[k], tag, BTF_KIND_STRUCT, &pos)))
			mark_members(s, s->x[k]->btf, btf__type_by_id(s->x[k]->btf, id), 0);
	}
}

static void mark_function(struct search *s, const char *function)
{
	uint32_t id, pos = 0;
	const struct btf_type *t;
	const char *tag;
	int i;

	while ((id = member_index_next(s->at, function, BTF_KIND_FUNC, &pos))) {
		t = btf__type_by_id(s->at->btf, btf__type_by_id(s->at->btf, id)->type);
		for (i = 0; t && btf_is_func_proto(t) && i < btf_vlen(t); i++) {
			tag = pointee(s->at->btf, btf_params(t)[i].type);
			if (tag && tag[0])
				mark_param(s, tag);
		}
	}
}

/* The only candidate that is related in each of these ways; their number in *nr. */
static uint32_t only(const struct search *s, uint32_t relations, struct member *out)
{
	struct member_only one = { .nr = 0 };
	struct member member;
	size_t i;

	for (i = 0; i < s->found.nr && one.nr < 2; i++)
		if ((s->found.v[i].relations & relations) == relations &&
		    member_find(s->found.v[i].x, s->found.v[i].id, s->off, s->prim, &member))
			member_only_add(&one, &member, true);
	if (one.nr == 1)
		*out = one.member;
	return one.nr;
}

/* The strongest relation that any has decides, with the help of the names if several have it. */
static bool decide(const struct search *s, struct member *out)
{
	enum relation rel;
	uint32_t nr;

	for (rel = REL_PARAM; rel < REL_NR; rel++) {
		nr = only(s, 1u << rel, out);
		if (nr > 1)
			nr = only(s, 1u << rel | 1u << REL_WORD, out);
		else if (!nr)
			continue;
		return nr == 1;
	}
	return false;
}

bool members_of_kmalloc(struct members *m, const char *cache, uint32_t off, uint32_t prim,
			const char *function, const char *module, struct member *out)
{
	struct search s = { .x = { &m->vmlinux, NULL }, .at = &m->vmlinux, .off = off, .prim = prim };
	char name[256];
	bool found = false;
	size_t len = strcspn(function, ".");	/* of "foo.isra.0" and the like */

	if (!m->vmlinux.btf || !len || len >= sizeof(name))
		return false;
	memcpy(name, function, len);
	name[len] = '\0';
	if (module[0]) {
		s.x[1] = s.at = members_module(m, module);
		if (!s.at)
			return false;	/* candidates would be missing */
	}
	if (!collect(&s, cache, name) && s.found.nr) {
		mark_function(&s, name);
		found = s.steps < HOP_STEPS && decide(&s, out);
	}
	vec_free(&s.found);
	if (found)
		out->how = MEMBER_SITE;
	return found;
}
