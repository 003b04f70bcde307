/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a lock is called, and which evidence said so. The names are those that
 * lockdep would print where we can know them ("&mm->mmap_lock"), so that
 * kernel developers recognise them and recordings merge by name.
 */
#ifndef LK_LOCKNAME_H
#define LK_LOCKNAME_H

#include "../../bpf/abi.h"
#include "event.h"

/* Strongest first. The strings (lockname_by_str) are part of the JSON contract. */
enum named_by {
	NAMED_BY_SYMBOL	= 1,	/* "symbol": static lock, vmlinux or module */
	NAMED_BY_PERCPU	= 2,	/* "percpu": member of a per-CPU variable, by BTF */
	NAMED_BY_RULE	= 3,	/* "rule": well-known lock of the task, or of an object that shows what it is */
	NAMED_BY_INIT	= 4,	/* "init": what it was called where it was initialised */
	NAMED_BY_MEMBER	= 5,	/* "btf": slab cache and offset, which BTF makes a member of a struct */
	NAMED_BY_SLAB	= 6,	/* "slab": cache that the lock lies in, and its offset */
	NAMED_BY_GUESS	= 7,	/* "inferred": what fits the memory and the place where it is taken */
	NAMED_BY_SITE	= 8,	/* "caller": only type and caller are known */
};

/*
 * Names longer than fit are cut and end in "...". Without padding, and zero
 * behind the strings, so that equal names are equal bytes.
 */
struct lock_name {
	enum named_by by;
	char name[192];		/* "" if by == NAMED_BY_SITE: the view makes TYPE@CALLER */
	char cache[LK_CACHE_NAME_LEN];	/* slab cache that the lock lies in; "" = not known */
};

/* Decide from all the evidence of @ev. */
void lockname_decide(const struct lk_ev_lock *ev, struct lock_name *out);

/* Is @symbol ("name" or "name+0x18") in a static array of locks that are one class to lockdep? */
bool lockname_is_array(const char *symbol);

/* "symbol", "percpu", "rule", "init", "btf", "slab", "inferred", "caller". */
const char *lockname_by_str(enum named_by by);

/* Type of lock in perf's vocabulary: "mutex", "rwsem:R", "spinlock", ... Never NULL. */
const char *lock_type_str(uint32_t lcb);

/*
 * Parse a list such as "mutex,rwsem:R,spinlock" or "rwlock" (both modes) into a
 * mask with bit n set for every lcb value n meant. -EINVAL names the bad item
 * in *bad (pointer into @list) and *bad_len.
 */
int lock_type_parse(const char *list, uint64_t *mask, const char **bad, size_t *bad_len);
/* All names lock_type_parse() knows, comma-separated, for help texts. */
const char *lock_type_names(void);

/* "task", "softirq", "hardirq", "nmi", "unknown". */
const char *lock_ctx_str(uint32_t ctx);

/*
 * The name without the "#2" that tells classes of one name apart: those numbers go by
 * which came first, and are others in another boot or trace. Cut to @size bytes with the NUL.
 */
void lockname_plain(const char *name, char *buf, size_t size);

#endif /* LK_LOCKNAME_H */
