// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of locks, types of locks and contexts; see lockname.h. The policy of
 * what evidence names a lock is lockname_decide(), and nowhere else.
 */
#include "lockname.h"
#include "membername.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Locks that are known by a rule of the kernel side, as lockdep calls them. "%s" is what
 * their users split the class by.
 */
static const char *const rule_names[LK_RULE_NR] = {
	[LK_RULE_MMAP_LOCK]	  = "&mm->mmap_lock",
	[LK_RULE_SIGLOCK]	  = "&sighand->siglock",
	[LK_RULE_PAGE_TABLE_LOCK] = "&mm->page_table_lock",
	[LK_RULE_FILE_LOCK]	  = "&files->file_lock",
	[LK_RULE_PI_LOCK]	  = "&p->pi_lock",
	[LK_RULE_ALLOC_LOCK]	  = "&p->alloc_lock",
	[LK_RULE_FS_LOCK]	  = "&fs->lock",
	[LK_RULE_CRED_GUARD]	  = "&sig->cred_guard_mutex",
	[LK_RULE_INODE_RWSEM]	  = "&inode->i_rwsem (%s)",
	[LK_RULE_INODE_LOCK]	  = "&inode->i_lock (%s)",
	[LK_RULE_INVALIDATE_LOCK] = "mapping.invalidate_lock (%s)",
	[LK_RULE_S_UMOUNT]	  = "&s->s_umount (%s)",
	[LK_RULE_SB_RENAME]	  = "&s->s_vfs_rename_mutex (%s)",
	[LK_RULE_SB_WRITERS]	  = "sb_writers (%s)",
	[LK_RULE_SB_PAGEFAULTS]	  = "sb_pagefaults (%s)",
	[LK_RULE_SB_INTERNAL]	  = "sb_internal (%s)",
	[LK_RULE_SLOCK]		  = "slock-AF_%s",
	[LK_RULE_RLOCK]		  = "rlock-AF_%s",
	[LK_RULE_WLOCK]		  = "wlock-AF_%s",
	[LK_RULE_ELOCK]		  = "elock-AF_%s",
	[LK_RULE_CLOCK]		  = "clock-AF_%s",
	[LK_RULE_DEVICE_MUTEX]	  = "&dev->mutex",
	[LK_RULE_WORKQUEUE]	  = "(wq_completion)%s",
	[LK_RULE_PTLOCK]	  = "ptlock_ptr(ptdesc)",
};

/* include/linux/socket.h, as net/core/sock.c spells them for lockdep. */
static const char *const families[] = {
	[1] = "UNIX", [2] = "INET", [3] = "AX25", [4] = "IPX", [5] = "APPLETALK", [6] = "NETROM",
	[7] = "BRIDGE", [8] = "ATMPVC", [9] = "X25", [10] = "INET6", [11] = "ROSE", [12] = "DECnet",
	[13] = "NETBEUI", [14] = "SECURITY", [15] = "KEY", [16] = "NETLINK", [17] = "PACKET",
	[18] = "ASH", [19] = "ECONET", [20] = "ATMSVC", [21] = "RDS", [22] = "SNA", [23] = "IRDA",
	[24] = "PPPOX", [25] = "WANPIPE", [26] = "LLC", [27] = "IB", [28] = "MPLS", [29] = "CAN",
	[30] = "TIPC", [31] = "BLUETOOTH", [32] = "IUCV", [33] = "RXRPC", [34] = "ISDN",
	[35] = "PHONET", [36] = "IEEE802154", [37] = "CAIF", [38] = "ALG", [39] = "NFC",
	[40] = "VSOCK", [41] = "KCM", [42] = "QIPCRTR", [43] = "SMC", [44] = "XDP", [45] = "MCTP",
};

static bool has(const char *s)
{
	return s && s[0];
}

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

/* What the rule leaves open: file system, address family, workqueue. */
static void refinement(const struct lk_ev_lock *ev, char *buf, size_t size)
{
	const char *family = NULL;

	if (ev->rule >= LK_RULE_SLOCK && ev->rule <= LK_RULE_CLOCK) {
		if (ev->detail < sizeof(families) / sizeof(families[0]))
			family = families[ev->detail];
		if (family)
			snprintf(buf, size, "%s", family);
		else
			snprintf(buf, size, "%" PRIu32, ev->detail);
		return;
	}
	snprintf(buf, size, "%.60s%s", has(ev->refine) ? ev->refine : "?",
		 ev->rule == LK_RULE_INODE_RWSEM && ev->detail & 1 ? ":dir" : "");
}

/* The one place where a rule's text is a format: it is ours, and takes one string or none. */
static void by_rule(const struct lk_ev_lock *ev, struct lock_name *out)
{
	const char *text = rule_names[ev->rule], *open = strstr(text, "%s");
	char what[80];

	refinement(ev, what, sizeof(what));
	if (open)
		set(out, NAMED_BY_RULE, "%.*s%s%s", (int)(open - text), text, what, open + 2);
	else
		set(out, NAMED_BY_RULE, "%s", text);
}

/* Caches of kmalloc() hold everything: they say nothing about what a lock is. */
static bool is_kmalloc_cache(const char *cache)
{
	return !strncmp(cache, "kmalloc-", 8) || !strncmp(cache, "dma-kmalloc-", 12);
}

static bool by_slab(const struct lk_ev_lock *ev, struct lock_name *out)
{
	if (!has(ev->cache) || ev->flags & LK_LOCK_MERGED || is_kmalloc_cache(ev->cache))
		return false;
	if (ev->off && ev->off != UINT32_MAX)
		set(out, NAMED_BY_SLAB, "&%s+0x%" PRIx32, ev->cache, ev->off);
	else
		set(out, NAMED_BY_SLAB, "&%s", ev->cache);
	return true;
}

/* What the elements of a static array are called; NULL: @symbol is none of these, or no array. */
static const char *array_name(const char *symbol)
{
	static const struct {
		const char *symbol, *name;
	} arrays[] = {
		{ "bit_wait_table", "bit_wait_table + i" },	/* kernel/sched/wait_bit.c */
		{ "folio_wait_table", "&folio_wait_table[i]" },	/* mm/filemap.c */
	};
	size_t i, len = strcspn(symbol, "+");

	for (i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (!strncmp(symbol, arrays[i].symbol, len) && !arrays[i].symbol[len])
			return arrays[i].name;
	return NULL;
}

bool lockname_is_array(const char *symbol)
{
	return array_name(symbol) != NULL;
}

void lockname_decide(const struct lk_ev_lock *ev, struct lock_name *out)
{
	const char *array = has(ev->symbol) && !has(ev->module) ? array_name(ev->symbol) : NULL;
	char text[sizeof(out->name)];

	memset(out, 0, sizeof(*out));
	if (ev->cache)
		memcpy(out->cache, ev->cache, strnlen(ev->cache, sizeof(out->cache) - 1));
	if (has(ev->symbol) && has(ev->module))
		set(out, NAMED_BY_SYMBOL, "%s [%s]", ev->symbol, ev->module);
	else if (has(ev->symbol))
		set(out, NAMED_BY_SYMBOL, "%s", array ? array : ev->symbol);
	else if (has(ev->percpu))
		by_percpu(ev->percpu, out);
	else if (ev->rule < LK_RULE_NR && rule_names[ev->rule])
		by_rule(ev, out);
	else if (has(ev->type) && has(ev->member)) {
		(void)membername(ev->type, ev->member, text, sizeof(text));
		set(out, NAMED_BY_MEMBER, "%s", text);
	} else if (has(ev->init))
		set(out, NAMED_BY_INIT, "%s", ev->init);
	else if (!by_slab(ev, out))
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
	case NAMED_BY_INIT:
		return "init";
	case NAMED_BY_MEMBER:
		return "btf";
	case NAMED_BY_SLAB:
		return "slab";
	case NAMED_BY_GUESS:
		return "inferred";
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
	if ((lcb & LK_LCB_ANY) == LK_LCB_ANY)
		return write ? "lock:W" : read ? "lock:R" : "lock";
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
	       "pcpu-sem,pcpu-sem:R,pcpu-sem:W,rtmutex,rwlock-rt,rwlock-rt:R,rwlock-rt:W,lock,lock:R,lock:W";
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

void lockname_plain(const char *name, char *buf, size_t size)
{
	size_t n = 0, digits;

	while (*name && n + 1 < size) {
		digits = *name == '#' ? strspn(name + 1, "0123456789") : 0;
		if (digits && (!name[1 + digits] || strchr("/ ", name[1 + digits])))
			name += 1 + digits;
		else
			buf[n++] = *name++;
	}
	buf[n] = '\0';
}
