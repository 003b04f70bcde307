// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of locks, types of locks and contexts; see lockname.h. The policy of
 * what evidence names a lock is lockname_decide(), and nowhere else.
 */
#include "lockname.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const rule_names[LK_RULE_NR] = {
	[LK_RULE_MMAP_LOCK]	  = "&mm->mmap_lock",
	[LK_RULE_SIGLOCK]	  = "&sighand->siglock",
	[LK_RULE_PAGE_TABLE_LOCK] = "&mm->page_table_lock",
	[LK_RULE_FILE_LOCK]	  = "&files->file_lock",
	[LK_RULE_PI_LOCK]	  = "&p->pi_lock",
	[LK_RULE_ALLOC_LOCK]	  = "&p->alloc_lock",
	[LK_RULE_FS_LOCK]	  = "&fs->lock",
	[LK_RULE_CRED_GUARD]	  = "&sig->cred_guard_mutex",
};

static void __attribute__((format(printf, 3, 4)))
set(struct lock_name *out, enum named_by by, const char *fmt, ...)
{
	va_list ap;
	int n;

	out->by = by;
	va_start(ap, fmt);
	n = vsnprintf(out->name, sizeof(out->name), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(out->name))
		memcpy(out->name + sizeof(out->name) - 4, "...", 4);
}

static void by_percpu(const char *percpu, struct lock_name *out)
{
	/* raw_spin_rq_lock(): __lock since 5.14, lock before. */
	if (!strcmp(percpu, "runqueues.__lock") || !strcmp(percpu, "runqueues.lock"))
		set(out, NAMED_BY_PERCPU, "&rq->__lock");
	else
		set(out, NAMED_BY_PERCPU, "percpu:%s", percpu);
}

/* Caches of kmalloc() hold everything: they say nothing about what a lock is. */
static bool is_kmalloc_cache(const char *cache)
{
	return !strncmp(cache, "kmalloc-", 8) || !strncmp(cache, "dma-kmalloc-", 12);
}

void lockname_decide(const struct lk_ev_lock *ev, struct lock_name *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->cache, ev->cache, strnlen(ev->cache, sizeof(out->cache) - 1));
	if (ev->symbol[0] && ev->module[0])
		set(out, NAMED_BY_SYMBOL, "%s [%s]", ev->symbol, ev->module);
	else if (ev->symbol[0])
		set(out, NAMED_BY_SYMBOL, "%s", ev->symbol);
	else if (ev->percpu[0])
		by_percpu(ev->percpu, out);
	else if (ev->rule < LK_RULE_NR && rule_names[ev->rule])
		set(out, NAMED_BY_RULE, "%s", rule_names[ev->rule]);
	else if (ev->cache[0] && !(ev->flags & LK_LOCK_MERGED) && !is_kmalloc_cache(ev->cache))
		set(out, NAMED_BY_SLAB, "&%s", ev->cache);
	else
		out->by = NAMED_BY_SITE;
}

const char *lockname_by_str(enum named_by by)
{
	switch (by) {
	case NAMED_BY_SYMBOL:
		return "symbol";
	case NAMED_BY_PERCPU:
		return "percpu";
	case NAMED_BY_RULE:
		return "rule";
	case NAMED_BY_SLAB:
		return "slab";
	case NAMED_BY_SITE:
		break;
	}
	return "caller";
}

const char *lock_type_str(uint32_t lcb)
{
	bool read = lcb & LK_LCB_READ, write = lcb & LK_LCB_WRITE;

	if (lcb & LK_LCB_MUTEX)
		return "mutex";
	if (lcb & LK_LCB_PERCPU)
		return write ? "pcpu-sem:W" : "pcpu-sem:R";
	if (lcb & LK_LCB_RT)
		return write ? "rwlock-rt:W" : read ? "rwlock-rt:R" : "rtmutex";
	if (lcb & LK_LCB_SPIN)
		return write ? "rwlock:W" : read ? "rwlock:R" : "spinlock";
	return write ? "rwsem:W" : read ? "rwsem:R" : "semaphore";
}

/* Does the name @item of @len bytes mean the type @type? "rwsem" means both of its modes. */
static bool type_matches(const char *type, const char *item, size_t len)
{
	if (strncmp(type, item, len))
		return false;
	return !type[len] || (type[len] == ':' && !memchr(item, ':', len));
}

/* Other spellings that perf has had. */
static void canonical(const char **item, size_t *len)
{
	static const char *const alias[][2] = {
		{ "rt-mutex", "rtmutex" }, { "percpu-rwsem", "pcpu-sem" },
		{ "mutex-spin", "mutex:spin" },
	};
	size_t i;

	for (i = 0; i < sizeof(alias) / sizeof(alias[0]); i++) {
		if (*len != strlen(alias[i][0]) || memcmp(*item, alias[i][0], *len))
			continue;
		*item = alias[i][1];
		*len = strlen(*item);
		return;
	}
}

/* Set of lcb values that one item means; 0 = no such type. */
static uint64_t type_mask(const char *item, size_t len)
{
	uint64_t mask = 0;
	uint32_t lcb;

	if (!len)
		return 0;
	canonical(&item, &len);
	if (len == strlen("mutex:spin") && !memcmp(item, "mutex:spin", len))
		return UINT64_C(1) << (LK_LCB_MUTEX | LK_LCB_SPIN);
	for (lcb = 0; lcb <= LK_LCB_MASK; lcb++)
		if (type_matches(lock_type_str(lcb), item, len))
			mask |= UINT64_C(1) << lcb;
	return mask;
}

int lock_type_parse(const char *list, uint64_t *mask, const char **bad, size_t *bad_len)
{
	uint64_t all = 0, one;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		one = type_mask(list, len);
		if (!one) {
			*bad = list;
			*bad_len = len;
			return -EINVAL;
		}
		all |= one;
		if (!list[len])
			break;
	}
	*mask = all;
	return 0;
}

const char *lock_type_names(void)
{
	return "mutex,mutex:spin,rwsem,rwsem:R,rwsem:W,semaphore,spinlock,rwlock,rwlock:R,rwlock:W,"
	       "pcpu-sem,pcpu-sem:R,pcpu-sem:W,rtmutex,rwlock-rt,rwlock-rt:R,rwlock-rt:W";
}

const char *lock_ctx_str(uint32_t ctx)
{
	switch (ctx) {
	case LK_CTX_TASK:
		return "task";
	case LK_CTX_SOFTIRQ:
		return "softirq";
	case LK_CTX_HARDIRQ:
		return "hardirq";
	case LK_CTX_NMI:
		return "nmi";
	}
	return "unknown";
}
