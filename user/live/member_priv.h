/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files member*.c share:
 *
 *	member_index.c	 which structs of one BTF hold locks, by size and by tag
 *	member_find.c	 from struct and offset to the lock's member
 *	member_cache.c	 which structs a cache's name may mean; aliases of merged caches
 *	member_kmalloc.c kmalloc caches: which struct the acquiring function deals with
 *	member.c	 BTFs, answers, and slab caches
 */
#ifndef LK_MEMBER_PRIV_H
#define LK_MEMBER_PRIV_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "member.h"

#define MEMBER_NEST 24		/* structs and arrays inside each other that we look into */

/* --- member_index.c -------------------------------------------------------------------- */

struct member_sized {
	uint32_t size;
	uint32_t id;
};

/* Types of one BTF; of a module's, its own: ids from @first on. */
struct member_index {
	const struct btf *btf;
	const struct member_index *base;	/* vmlinux's, for a module's */
	uint32_t first, end;
	bool rt;			/* PREEMPT_RT: spinlock_t is not a raw_spinlock_t */
	uint16_t *prims;		/* by id - first: bit p: has a lock of primitive p */
	uint32_t *slot;			/* ids of structs and functions by hash of name; 0 = free */
	uint32_t nr_slots;		/* power of two */
	VEC(struct member_sized) sized;	/* structs with a tag and with locks, by size */
};

/* 0 or -ENOMEM; member_index_done() is fine either way. */
int member_index_init(struct member_index *x, const struct btf *btf,
		      const struct member_index *base);
void member_index_done(struct member_index *x);

/* Primitives of which a lock lies in objects of this type, one bit each. */
uint32_t member_index_prims(const struct member_index *x, uint32_t id);

/*
 * Ids of structs (BTF_KIND_STRUCT) or functions (BTF_KIND_FUNC) with a name, one after
 * the other: *pos is 0 at first. 0 = no more.
 */
uint32_t member_index_next(const struct member_index *x, const char *name, uint32_t kind,
			   uint32_t *pos);

/* Index into sized.v of the first struct of at least @size bytes. */
size_t member_index_from(const struct member_index *x, uint32_t size);

/* --- member_find.c --------------------------------------------------------------------- */

/*
 * Primitives (one bit each) that a struct or typedef of this name is a lock of, 0 for
 * other names. *exact (may be NULL): those of them that it is by itself, not by its first member.
 */
uint32_t member_lock_prims(const char *name, bool rt, uint32_t *exact);

/* The lock of @prim at offset @off of struct @id; false = none, or more than one. how is 0. */
bool member_find(const struct member_index *x, uint32_t id, uint64_t off, uint32_t prim,
		 struct member *out);

/* One thing so far, or several that differ. */
struct member_only {
	struct member member;
	uint32_t nr;		/* 0, 1 or 2 = several */
};

/* Count @new; with @by_outer, a different outer type makes it another thing. */
void member_only_add(struct member_only *only, const struct member *new, bool by_outer);

/* --- member_cache.c -------------------------------------------------------------------- */

#define MEMBER_NR_TAGS 20

/* How a name led to a tag, and what size of the struct is believable then. */
enum member_lead {
	LEAD_NAME,		/* it is the cache's own name, or from the table: objects may be larger */
	LEAD_RULE,		/* a suffix was cut off or put on: they may, if nothing else fits */
	LEAD_PART,		/* the first word was cut off: they have just that size */
};

struct member_tag {
	char tag[MEMBER_TAG_LEN];
	enum member_lead lead;
};

/* Tags that the name of a cache may mean, best first; their number. */
unsigned int member_cache_tags(const char *cache, struct member_tag tags[MEMBER_NR_TAGS]);

/*
 * Do the name of a cache or function and a tag begin with the same word: three letters
 * or more, up to '_', and none that half of all names begin with?
 */
bool member_same_word(const char *name, const char *tag);

/* Their first two words? Never of names that end in a number ("bio-264"). */
bool member_same_words(const char *name, const char *tag);

struct member_alias {
	uint32_t name, target;	/* in the pool */
};

/* Names of merged caches: symlinks in a folder. All zero: not read yet. */
struct member_aliases {
	bool read;
	struct strpool pool;
	VEC(struct member_alias) v;
};

/* Read the folder, unless that was done: 0 (also if there is none) or -ENOMEM. */
int member_aliases_read(struct member_aliases *a, const char *dir);
void member_aliases_done(struct member_aliases *a);

/* Bytes that kmalloc cache @cache holds at most, and at most those of the next smaller one. */
bool member_kmalloc_size(const char *cache, uint32_t *size, uint32_t *smaller);

/* --- member.c -------------------------------------------------------------------------- */

struct member_module {
	char *name;
	bool tried;		/* x is there, or it could not be had */
	struct btf *btf;	/* NULL: could not be had */
	struct member_index x;
};

struct member_answer {
	bool known;
	struct member member;
};

struct members {
	struct member_index vmlinux;
	const char *btf_dir, *slab_dir;		/* /sys/kernel/... */
	bool listed;				/* modules has one entry for each file in btf_dir */
	VEC(struct member_module *) modules;
	struct member_aliases aliases;
	struct htab asked;			/* struct member_question in member.c */
	VEC(struct member_answer) answers;	/* by number in asked */
};

/* As members_new(); folders in place of /sys/kernel/btf and /sys/kernel/slab, for tests. */
int members_new_at(const struct btf *vmlinux, const char *btf_dir, const char *slab_dir,
		   struct members **ret);

/* Index of a module's BTF, which is read if need be; NULL: there is none. */
const struct member_index *members_module(struct members *m, const char *name);

#endif /* LK_MEMBER_PRIV_H */
