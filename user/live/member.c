// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks in slab caches as members of structs; see member.h. The order of evidence: the
 * struct that the cache's name means, if its size and the lock in it agree; else the only
 * one of just that size with such a lock there whose tag begins with the same words. BTF of modules is read when
 * vmlinux's does not answer, and every answer is remembered.
 */
#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "member_priv.h"

#define ANSWERS_MAX 2048	/* then all are forgotten */

struct member_question {
	char cache[64];
	uint32_t object_size, merged, off, prim;
};

int members_new_at(const struct btf *vmlinux, const char *btf_dir, const char *slab_dir,
		   struct members **ret)
{
	struct members *m = calloc(1, sizeof(*m));
	int err = 0;

	if (!m)
		return -ENOMEM;
	m->btf_dir = btf_dir;
	m->slab_dir = slab_dir;
	htab_init(&m->asked, sizeof(struct member_question));
	if (vmlinux)
		err = member_index_init(&m->vmlinux, vmlinux, NULL);
	if (err) {
		members_free(m);
		return err;
	}
	*ret = m;
	return 0;
}

int members_new(const struct btf *vmlinux, struct members **ret)
{
	return members_new_at(vmlinux, "/sys/kernel/btf", "/sys/kernel/slab", ret);
}

void members_changed(struct members *m)
{
	size_t i;

	for (i = 0; i < m->modules.nr; i++) {
		member_index_done(&m->modules.v[i]->x);
		btf__free(m->modules.v[i]->btf);
		free(m->modules.v[i]->name);
		free(m->modules.v[i]);
	}
	vec_free(&m->modules);
	m->listed = false;
	member_aliases_done(&m->aliases);
	htab_clear(&m->asked);
	m->answers.nr = 0;
}

void members_free(struct members *m)
{
	if (!m)
		return;
	members_changed(m);
	member_index_done(&m->vmlinux);
	htab_done(&m->asked);
	vec_free(&m->answers);
	free(m);
}

static int add_module(struct members *m, const char *name)
{
	struct member_module *mod = calloc(1, sizeof(*mod));
	int err = -ENOMEM;

	if (mod && (mod->name = strdup(name)))
		err = vec_push(&m->modules, mod);
	if (err && mod) {
		free(mod->name);
		free(mod);
	}
	return err;
}

/* Out of memory: the modules found so far are all there is, until modules change. */
static void list_modules(struct members *m)
{
	const struct dirent *e;
	DIR *d = m->listed || !m->vmlinux.btf ? NULL : opendir(m->btf_dir);
	int err = 0;

	m->listed = true;
	while (d && !err && (e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "vmlinux"))
			err = add_module(m, e->d_name);
	if (d)
		closedir(d);
}

static const struct member_index *open_module(struct members *m, struct member_module *mod)
{
	char path[4096];
	int n;

	if (!mod->tried) {
		mod->tried = true;
		n = snprintf(path, sizeof(path), "%s/%s", m->btf_dir, mod->name);
		/* libbpf reads, but does not change, the BTF below. */
		if (n < (int)sizeof(path))
			mod->btf = btf__parse_split(path, (struct btf *)(uintptr_t)m->vmlinux.btf);
		if (mod->btf && member_index_init(&mod->x, mod->btf, &m->vmlinux)) {
			member_index_done(&mod->x);
			btf__free(mod->btf);
			mod->btf = NULL;
		}
	}
	return mod->btf ? &mod->x : NULL;
}

const struct member_index *members_module(struct members *m, const char *name)
{
	size_t i;

	list_modules(m);
	for (i = 0; i < m->modules.nr; i++)
		if (!strcmp(m->modules.v[i]->name, name))
			return open_module(m, m->modules.v[i]);
	return NULL;
}

/* vmlinux's index is number 0, modules' follow; NULL = no more. Unreadable modules are passed over. */
static const struct member_index *next_index(struct members *m, size_t *at)
{
	const struct member_index *x = NULL;

	if (!*at) {
		++*at;
		return m->vmlinux.btf ? &m->vmlinux : NULL;
	}
	list_modules(m);
	while (!x && *at <= m->modules.nr)
		x = open_module(m, m->modules.v[(*at)++ - 1]);
	return x;
}

struct query {
	const char *cache;
	uint32_t object_size, off, prim;
};

/* What the structs behind one cache's name say. */
struct named {
	struct member_only only;
	bool settled;		/* the struct is known; if only.nr is 0, such a lock is not there */
};

enum fit { FIT_EXACT, FIT_SMALLER };

/* Look at all structs of index @x with the tag. */
static void try_tag(const struct member_index *x, const struct query *q, const char *tag,
		    enum fit fit, struct named *ret, bool *seen)
{
	struct member found;
	uint32_t id, pos = 0, size;

	while ((id = member_index_next(x, tag, BTF_KIND_STRUCT, &pos))) {
		size = btf__type_by_id(x->btf, id)->size;
		if (fit == FIT_EXACT ? size != q->object_size : size >= q->object_size)
			continue;
		*seen = true;
		if (member_find(x, id, q->off, q->prim, &found))
			member_only_add(&ret->only, &found, true);
	}
}

/*
 * Of the tags in order, up to @weakest, the first that has such a lock. True: the question
 * is settled, be it that the struct is known and has none.
 */
static bool try_tags(const struct member_index *x, const struct query *q,
		     const struct member_tag *tags, unsigned int nr, enum fit fit,
		     enum member_lead weakest, struct named *ret)
{
	unsigned int i;
	bool seen;

	for (i = 0; i < nr && !ret->settled && !ret->only.nr; i++) {
		if (tags[i].lead > weakest)
			continue;
		seen = false;
		try_tag(x, q, tags[i].tag, fit, ret, &seen);
		/* By rule, and of another size: it may be another struct altogether. */
		if (seen && (fit == FIT_EXACT || tags[i].lead == LEAD_NAME))
			ret->settled = true;
	}
	return ret->settled || ret->only.nr;
}

/*
 * By the name of a cache. Objects may be larger than the struct (task_struct has the FPU
 * state behind it, mm_struct CPU masks), but a struct of just that size comes first.
 */
static void by_name(struct members *m, const struct query *q, struct named *ret)
{
	struct member_tag tags[MEMBER_NR_TAGS];
	unsigned int nr = member_cache_tags(q->cache, tags);
	const struct member_index *x;
	size_t at = 0;

	memset(ret, 0, sizeof(*ret));
	while ((x = next_index(m, &at)))
		if (try_tags(x, q, tags, nr, FIT_EXACT, LEAD_PART, ret) ||
		    try_tags(x, q, tags, nr, FIT_SMALLER, LEAD_NAME, ret))
			return;
	at = 0;
	while ((x = next_index(m, &at)))
		if (try_tags(x, q, tags, nr, FIT_SMALLER, LEAD_RULE, ret))
			return;
}

/*
 * The only struct of just that size, of vmlinux and all modules, that has such a lock there.
 * Size and lock alone would not do: caches of mere buffers, or of structs with something
 * behind them, find some struct of their size at almost every offset.
 */
static void by_size(struct members *m, const struct query *q, struct member_only *ret)
{
	const struct member_index *x;
	struct member found;
	size_t at = 0, i;

	while (ret->nr < 2 && (x = next_index(m, &at))) {
		i = member_index_from(x, q->object_size);
		for (; i < x->sized.nr && x->sized.v[i].size == q->object_size; i++)
			if (member_find(x, x->sized.v[i].id, q->off, q->prim, &found) &&
			    member_same_words(q->cache, found.outer))
				member_only_add(ret, &found, true);
	}
}

static bool ask_one(struct members *m, const struct query *q, struct member *out)
{
	struct member_only only = { .nr = 0 };
	struct named named;

	by_name(m, q, &named);
	if (!named.settled && !named.only.nr)
		by_size(m, q, &only);
	else
		only = named.only;
	if (only.nr != 1)
		return false;
	*out = only.member;
	out->how = named.only.nr ? MEMBER_CACHE : MEMBER_SIZE;
	return true;
}

/* The folder that a merged cache's name leads to, and how many names do; NULL = not listed. */
static const char *target_of(const struct member_aliases *a, const char *cache, uint32_t *nr)
{
	uint32_t name = strpool_find(&a->pool, cache), target = UINT32_MAX;
	size_t i;

	for (i = 0; i < a->v.nr && target == UINT32_MAX; i++)
		if (a->v.v[i].name == name)
			target = a->v.v[i].target;
	if (target == UINT32_MAX)
		return NULL;
	for (*nr = 0, i = 0; i < a->v.nr; i++)
		*nr += a->v.v[i].target == target;
	return strpool_str(&a->pool, target);
}

/* All names of a merged cache. One of kmalloc()'s among them: anything may lie in it. */
static bool ask_aliases(struct members *m, const struct query *q, const char *target,
			struct member *out)
{
	struct member_only only = { .nr = 0 };
	uint32_t id = strpool_find(&m->aliases.pool, target), size, smaller;
	struct query one = *q;
	struct named named;
	size_t i;

	for (i = 0; i < m->aliases.v.nr && only.nr < 2; i++) {
		if (m->aliases.v.v[i].target != id)
			continue;
		one.cache = strpool_str(&m->aliases.pool, m->aliases.v.v[i].name);
		if (member_kmalloc_size(one.cache, &size, &smaller))
			return false;
		by_name(m, &one, &named);
		if (named.only.nr == 1)
			member_only_add(&only, &named.only.member, false);
		else if (named.only.nr)
			only.nr = 2;
	}
	if (only.nr != 1)
		return false;
	*out = only.member;
	out->how = MEMBER_ALIAS;
	return true;
}

static bool ask(struct members *m, const struct query *q, bool merged, struct member *out)
{
	const char *target = NULL;
	uint32_t nr = 0;

	if (!merged)
		return ask_one(m, q, out);
	if (!member_aliases_read(&m->aliases, m->slab_dir))
		target = target_of(&m->aliases, q->cache, &nr);
	if (!target) {		/* a cache that is newer than the list? */
		member_aliases_done(&m->aliases);
		if (!member_aliases_read(&m->aliases, m->slab_dir))
			target = target_of(&m->aliases, q->cache, &nr);
	}
	if (!target)
		return false;	/* its own name is only that of the first of those merged */
	return nr == 1 ? ask_one(m, q, out) : ask_aliases(m, q, target, out);
}

bool members_of_cache(struct members *m, const char *cache, uint32_t object_size, bool merged,
		      uint32_t off, uint32_t prim, struct member *out)
{
	struct query q = { .cache = cache, .object_size = object_size, .off = off, .prim = prim };
	struct member_question question = { .object_size = object_size, .merged = merged,
					    .off = off, .prim = prim };
	struct member_answer answer = { .known = false };
	uint32_t index, size, smaller;
	size_t len = strlen(cache);
	int fresh;

	if (!len || len > sizeof(question.cache) || member_kmalloc_size(cache, &size, &smaller))
		return false;
	memcpy(question.cache, cache, len);
	index = htab_find(&m->asked, &question);
	if (index != HTAB_NONE) {
		answer = m->answers.v[index];
	} else {
		answer.known = ask(m, &q, merged, &answer.member);
		if (m->asked.nr >= ANSWERS_MAX) {
			htab_clear(&m->asked);
			m->answers.nr = 0;
		}
		/* Without memory for it, the answer is found again next time. */
		fresh = vec_reserve(&m->answers, 1) ? -ENOMEM : htab_put(&m->asked, &question, &index);
		if (fresh > 0)
			m->answers.v[m->answers.nr++] = answer;
	}
	if (answer.known)
		*out = answer.member;
	return answer.known;
}
