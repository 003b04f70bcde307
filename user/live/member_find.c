// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a struct and an offset to the lock that lies there. The walk goes through every
 * member that covers the offset, so all alternatives of a union are seen, and ends at
 * the type that the lock function takes: at the spinlock_t, not at what that consists of.
 */
#include <bpf/btf.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "btftype.h"
#include "member_priv.h"

#define FIND_STEPS 100000	/* members looked at; some hundred in a real kernel */

#define BIT(prim) (1u << (prim))

/*
 * Structs and typedefs that are locks. A ww_mutex without a context is locked as the mutex
 * it begins with (ww_mutex_lock(), include/linux/ww_mutex.h).
 */
static const struct lock_type {
	const char *name;
	uint32_t exact, also;		/* primitives */
} lock_types[] = {
	{ "mutex",		  BIT(LK_PRIM_MUTEX), 0 },
	{ "ww_mutex",		  BIT(LK_PRIM_WW_MUTEX), BIT(LK_PRIM_MUTEX) },
	{ "rw_semaphore",	  BIT(LK_PRIM_RWSEM), 0 },
	{ "rt_mutex",		  BIT(LK_PRIM_RT_MUTEX), 0 },
	{ "rt_mutex_base",	  BIT(LK_PRIM_RT_MUTEX), 0 },
	{ "spinlock",		  BIT(LK_PRIM_SPINLOCK) | BIT(LK_PRIM_RT_SPINLOCK), 0 },
	{ "raw_spinlock",	  BIT(LK_PRIM_SPINLOCK), 0 },
	{ "rwlock_t",		  BIT(LK_PRIM_RWLOCK) | BIT(LK_PRIM_RT_RWLOCK), 0 },
	{ "percpu_rw_semaphore",  BIT(LK_PRIM_PERCPU_RWSEM), 0 },
	{ "semaphore",		  BIT(LK_PRIM_SEMAPHORE), 0 },
	{ "completion",		  BIT(LK_PRIM_COMPLETION), 0 },
};

/*
 * Structs that say nothing of whose lock it is: the locks above with locks of their own
 * inside, and containers that many structs embed, some of them several times.
 */
static const char *const helpers[] = {
	"mutex", "ww_mutex", "rw_semaphore", "rt_mutex", "rt_mutex_base", "rwbase_rt", "spinlock",
	"raw_spinlock", "percpu_rw_semaphore", "semaphore", "completion",
	"wait_queue_head", "swait_queue_head", "lockref", "xarray", "radix_tree_root", "idr", "ida",
	"maple_tree", "percpu_counter", "sk_buff_head", "seqlock", "klist", "rhashtable",
	"ratelimit_state", "prev_cputime", "atomic_notifier_head", "blocking_notifier_head",
	"srcu_notifier_head", "rcu_sync",
};

uint32_t member_lock_prims(const char *name, bool rt, uint32_t *exact)
{
	uint32_t mask = ~0u;
	size_t i;

	if (exact)
		*exact = 0;
	if (!name[0])
		return 0;
	/* There a spinlock_t begins with an rt_mutex, whose own lock is the spinning one. */
	if (!strcmp(name, "spinlock"))
		mask = rt ? ~BIT(LK_PRIM_SPINLOCK) : ~BIT(LK_PRIM_RT_SPINLOCK);
	for (i = 0; i < sizeof(lock_types) / sizeof(lock_types[0]); i++) {
		if (strcmp(lock_types[i].name, name))
			continue;
		if (exact)
			*exact = lock_types[i].exact & mask;
		return (lock_types[i].exact | lock_types[i].also) & mask;
	}
	return 0;
}

static bool is_helper(const char *tag)
{
	size_t i;

	for (i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (!strcmp(helpers[i], tag))
			return true;
	return false;
}

void member_only_add(struct member_only *only, const struct member *new, bool by_outer)
{
	if (!only->nr) {
		only->member = *new;
		only->nr = 1;
	} else if (strcmp(only->member.type, new->type) || strcmp(only->member.path, new->path) ||
		   (by_outer && strcmp(only->member.outer, new->outer))) {
		only->nr = 2;
	} else if (strcmp(only->member.outer, new->outer)) {
		memset(only->member.outer, 0, sizeof(only->member.outer));
	}
}

struct walk {
	const struct member_index *x;
	uint32_t prim;
	unsigned int steps;
	struct member_only exact, also;
};

/* Set a string of fixed size, zeros behind it; false if it does not fit. */
static bool set(char *buf, size_t size, const char *s)
{
	size_t len = strlen(s);

	if (len >= size)
		return false;
	memset(buf, 0, size);
	memcpy(buf, s, len);
	return true;
}

static bool append(struct member *m, const char *name)
{
	size_t len = strlen(m->path), add = strlen(name), dot = len && add;

	if (len + dot + add >= sizeof(m->path))
		return false;
	if (dot)
		m->path[len] = '.';
	memcpy(m->path + len + dot, name, add);
	return true;
}

/* Is a type of this name the lock we look for? Then the walk ends here. */
static bool hit(struct walk *w, const char *name, const struct member *here)
{
	uint32_t exact;

	if (!(member_lock_prims(name, w->x->rt, &exact) & BIT(w->prim)))
		return false;
	if (here->path[0])		/* else the whole object is a lock */
		member_only_add(exact & BIT(w->prim) ? &w->exact : &w->also, here, true);
	return true;
}

/* Step over qualifiers and typedefs, of which one may be the lock: NULL then. */
static const struct btf_type *skip(struct walk *w, uint32_t id, uint64_t off,
				   const struct member *here)
{
	const struct btf *btf = w->x->btf;
	const struct btf_type *t = btf__type_by_id(btf, id);
	int i;

	for (i = 0; t && (btf_is_mod(t) || btf_is_typedef(t)); i++) {
		if (i == BTFTYPE_CHAIN || (!off && btf_is_typedef(t) &&
					   hit(w, btftype_name(btf, t->name_off), here)))
			return NULL;
		t = btf__type_by_id(btf, t->type);
	}
	return t;
}

static void descend(struct walk *w, uint32_t id, uint64_t off, const struct member *here, int depth);

static void into_array(struct walk *w, const struct btf_array *a, uint64_t off,
		       const struct member *here, int depth)
{
	int64_t size = btf__resolve_size(w->x->btf, a->type);

	if (size > 0 && off / (uint64_t)size < a->nelems)
		descend(w, a->type, off % (uint64_t)size, here, depth + 1);
}

static void into_struct(struct walk *w, const struct btf_type *t, uint64_t off,
			const struct member *here, int depth)
{
	const struct btf *btf = w->x->btf;
	const struct btf_member *mem = btf_members(t);
	struct member inner;
	uint32_t bits;
	int i;

	for (i = 0; i < btf_vlen(t); i++) {
		if (w->steps++ >= FIND_STEPS)
			return;
		bits = btf_member_bit_offset(t, (uint32_t)i);
		if (btf_member_bitfield_size(t, (uint32_t)i) || bits % 8 || bits / 8 > off ||
		    !(member_index_prims(w->x, mem[i].type) & BIT(w->prim)))
			continue;
		inner = *here;
		if (append(&inner, btftype_name(btf, mem[i].name_off)))
			descend(w, mem[i].type, off - bits / 8, &inner, depth + 1);
	}
}

static void descend(struct walk *w, uint32_t id, uint64_t off, const struct member *here, int depth)
{
	const struct btf *btf = w->x->btf;
	struct member in = *here;
	const struct btf_type *t;
	const char *tag;

	t = depth < MEMBER_NEST ? skip(w, id, off, here) : NULL;
	if (!t)
		return;
	if (btf_is_array(t)) {
		into_array(w, btf_array(t), off, here, depth);
		return;
	}
	if (!btf_is_composite(t) || off >= t->size)
		return;
	tag = btftype_name(btf, t->name_off);
	if (!off && hit(w, tag, here))
		return;
	if (depth && btf_is_struct(t) && tag[0] && !is_helper(tag)) {
		if (!set(in.type, sizeof(in.type), tag))
			return;
		memset(in.path, 0, sizeof(in.path));
	}
	into_struct(w, t, off, &in, depth);
}

bool member_find(const struct member_index *x, uint32_t id, uint64_t off, uint32_t prim,
		 struct member *out)
{
	struct walk w = { .x = x, .prim = prim };
	const struct btf_type *t = btf__type_by_id(x->btf, id);
	struct member here;
	const char *tag;

	if (prim >= LK_PRIM_NR || !t || !(member_index_prims(x, id) & BIT(prim)))
		return false;
	memset(&here, 0, sizeof(here));
	tag = btftype_name(x->btf, t->name_off);
	if (!set(here.type, sizeof(here.type), tag) || !set(here.outer, sizeof(here.outer), tag))
		return false;
	descend(&w, id, off, &here, 0);
	if (w.steps >= FIND_STEPS)
		return false;
	if (!w.exact.nr)
		w.exact = w.also;
	if (w.exact.nr != 1)
		return false;
	*out = w.exact.member;
	return true;
}
