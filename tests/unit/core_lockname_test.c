// SPDX-License-Identifier: GPL-2.0-only
/* Names of locks, types, contexts, and which functions are lock code. */
#include <errno.h>

#include "../../user/core/lockname.h"
#include "../../user/core/symclass.h"
#include "../lib/tap.h"

#define LONG50 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static void test_decide(void)
{
	static const struct {
		const char *symbol, *module, *percpu, *cache;
		uint32_t rule;
		enum named_by by;
		const char *name;
	} c[] = {
		{ "tasklist_lock", "", "", "", 0, NAMED_BY_SYMBOL, "tasklist_lock" },
		{ "tcp_hashinfo+0x40", "", "", "", 0, NAMED_BY_SYMBOL, "tcp_hashinfo+0x40" },
		{ "folio_wait_table", "", "", "", 0, NAMED_BY_SYMBOL, "&folio_wait_table[i]" },
		{ "folio_wait_table+0x31d8", "", "", "", 0, NAMED_BY_SYMBOL, "&folio_wait_table[i]" },
		{ "bit_wait_table+0x18", "", "", "", 0, NAMED_BY_SYMBOL, "bit_wait_table + i" },
		{ "bit_wait_table2+0x18", "", "", "", 0, NAMED_BY_SYMBOL, "bit_wait_table2+0x18" },
		{ "bit_wait", "", "", "", 0, NAMED_BY_SYMBOL, "bit_wait" },
		{ "bit_wait_table", "mine", "", "", 0, NAMED_BY_SYMBOL, "bit_wait_table [mine]" },
		{ "kvm_lock", "kvm", "", "", 0, NAMED_BY_SYMBOL, "kvm_lock [kvm]" },
		{ "a", "", "b.c", "d", LK_RULE_SIGLOCK, NAMED_BY_SYMBOL, "a" },
		{ "", "kvm", "", "", 0, NAMED_BY_SITE, "" },
		{ "", "", "runqueues.__lock", "", 0, NAMED_BY_PERCPU, "&rq->__lock" },
		{ "", "", "runqueues.lock", "", 0, NAMED_BY_PERCPU, "&rq->__lock" },
		{ "", "", "runqueues.cfs.lock", "", 0, NAMED_BY_PERCPU, "percpu:runqueues.cfs.lock" },
		{ "", "", "lock_events.l", "x", LK_RULE_MMAP_LOCK, NAMED_BY_PERCPU, "percpu:lock_events.l" },
		{ "", "", "", "", LK_RULE_MMAP_LOCK, NAMED_BY_RULE, "&mm->mmap_lock" },
		{ "", "", "", "", LK_RULE_SIGLOCK, NAMED_BY_RULE, "&sighand->siglock" },
		{ "", "", "", "", LK_RULE_PAGE_TABLE_LOCK, NAMED_BY_RULE, "&mm->page_table_lock" },
		{ "", "", "", "", LK_RULE_FILE_LOCK, NAMED_BY_RULE, "&files->file_lock" },
		{ "", "", "", "", LK_RULE_PI_LOCK, NAMED_BY_RULE, "&p->pi_lock" },
		{ "", "", "", "", LK_RULE_ALLOC_LOCK, NAMED_BY_RULE, "&p->alloc_lock" },
		{ "", "", "", "", LK_RULE_FS_LOCK, NAMED_BY_RULE, "&fs->lock" },
		{ "", "", "", "", LK_RULE_CRED_GUARD, NAMED_BY_RULE, "&sig->cred_guard_mutex" },
		{ "", "", "", "mm_struct", LK_RULE_MMAP_LOCK, NAMED_BY_RULE, "&mm->mmap_lock" },
		{ "", "", "", "ext4_inode_cache", LK_RULE_NR, NAMED_BY_SLAB, "&ext4_inode_cache" },
		{ "", "", "", "xfs_inode", 4000000000, NAMED_BY_SLAB, "&xfs_inode" },
		{ "", "", "", "kmalloc-1k", 0, NAMED_BY_SITE, "" },
		{ "", "", "", "kmalloc-cg-64", 0, NAMED_BY_SITE, "" },
		{ "", "", "", "dma-kmalloc-96", 0, NAMED_BY_SITE, "" },
		{ "", "", "", "kmallocish", 0, NAMED_BY_SLAB, "&kmallocish" },
		{ "", "", "", "", 0, NAMED_BY_SITE, "" },
		{ LONG50 LONG50 LONG50 LONG50, "", "", "", 0, NAMED_BY_SYMBOL,
		  LONG50 LONG50 LONG50 "abcdefghijabcdefghijabcdefghijabcdefgh..." },
	};
	static struct lock_name n, twin;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct lk_ev_lock ev = { .addr = 1, .symbol = c[i].symbol, .module = c[i].module,
			.percpu = c[i].percpu, .cache = c[i].cache, .rule = c[i].rule };

		memset(&n, 0xaa, sizeof(n));
		memset(&twin, 0x55, sizeof(twin));
		lockname_decide(&ev, &n);
		lockname_decide(&ev, &twin);
		is_str(n.name, c[i].name, "case %zu: name", i);
		is_int(n.by, c[i].by, "case %zu: by %s", i, lockname_by_str(c[i].by));
		is_str(n.cache, c[i].cache, "case %zu: cache", i);
		ok(!memcmp(&n, &twin, sizeof(n)), "case %zu: equal names are equal bytes", i);
	}
	is_str(lockname_by_str(NAMED_BY_SYMBOL), "symbol", "named_by strings are a contract: symbol");
	is_str(lockname_by_str(NAMED_BY_PERCPU), "percpu", "percpu");
	is_str(lockname_by_str(NAMED_BY_RULE), "rule", "rule");
	is_str(lockname_by_str(NAMED_BY_INIT), "init", "init");
	is_str(lockname_by_str(NAMED_BY_MEMBER), "btf", "btf");
	is_str(lockname_by_str(NAMED_BY_SLAB), "slab", "slab");
	is_str(lockname_by_str(NAMED_BY_GUESS), "inferred", "inferred");
	is_str(lockname_by_str(NAMED_BY_SITE), "caller", "caller");
}

static void test_rules_are_named(void)
{
	struct lk_ev_lock ev = { .addr = 1, .symbol = "", .module = "", .percpu = "", .cache = "" };
	struct lock_name n;

	for (ev.rule = 1; ev.rule < LK_RULE_NR; ev.rule++) {
		lockname_decide(&ev, &n);
		if (ev.rule == LK_RULE_NODE || ev.rule == LK_RULE_PCP)	/* which BTF names */
			continue;
		is_int(n.by, NAMED_BY_RULE, "rule %u has a name (%s)", ev.rule, n.name);
	}
}

enum {
	SPIN = LK_LCB_SPIN, READ = LK_LCB_READ, WRITE = LK_LCB_WRITE, RT = LK_LCB_RT,
	PERCPU = LK_LCB_PERCPU, MUTEX = LK_LCB_MUTEX,
};

static void test_types(void)
{
	static const struct {
		uint32_t lcb;
		const char *type;
	} c[] = {
		{ 0, "semaphore" }, { SPIN, "spinlock" }, { SPIN | READ, "rwlock:R" },
		{ SPIN | WRITE, "rwlock:W" }, { READ, "rwsem:R" }, { WRITE, "rwsem:W" },
		{ RT, "rtmutex" }, { RT | READ, "rwlock-rt:R" }, { RT | WRITE, "rwlock-rt:W" },
		{ LK_LCB_ANY, "lock" }, { LK_LCB_ANY | READ, "lock:R" }, { LK_LCB_ANY | WRITE, "lock:W" },
		{ PERCPU | READ, "pcpu-sem:R" }, { PERCPU | WRITE, "pcpu-sem:W" },
		{ MUTEX, "mutex" }, { MUTEX | SPIN, "mutex" },
	};
	uint64_t mask, all = 0;
	const char *bad;
	size_t i, len;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		is_str(lock_type_str(c[i].lcb), c[i].type, "type of 0x%x", c[i].lcb);
		is_int(lock_type_parse(c[i].type, &mask, &bad, &len), 0, "%s is parsed", c[i].type);
		ok(mask >> c[i].lcb & 1, "and means 0x%x", c[i].lcb);
	}
	is_int(lock_type_parse(lock_type_names(), &all, &bad, &len), 0, "all names are known");
	is_int(all, UINT64_MAX, "and together mean everything");
}

static void test_type_lists(void)
{
#define BIT(lcb) (UINT64_C(1) << (lcb))
	static const struct {
		const char *list;
		uint64_t has, lacks;
		const char *bad;	/* the bad item, or NULL */
	} c[] = {
		{ "mutex", BIT(MUTEX) | BIT(MUTEX | SPIN), BIT(SPIN) | BIT(0), NULL },
		{ "mutex:spin", BIT(MUTEX | SPIN), BIT(MUTEX), NULL },
		{ "mutex-spin", BIT(MUTEX | SPIN), BIT(MUTEX), NULL },
		{ "rwlock", BIT(SPIN | READ) | BIT(SPIN | WRITE), BIT(SPIN) | BIT(RT | READ), NULL },
		{ "lock", BIT(LK_LCB_ANY) | BIT(LK_LCB_ANY | READ), BIT(RT) | BIT(SPIN), NULL },
		{ "rwlock-rt", BIT(RT | READ) | BIT(RT | WRITE), BIT(RT) | BIT(SPIN | READ), NULL },
		{ "rwsem", BIT(READ) | BIT(WRITE), BIT(0), NULL },
		{ "rwsem:R", BIT(READ), BIT(WRITE), NULL },
		{ "percpu-rwsem", BIT(PERCPU | READ) | BIT(PERCPU | WRITE), BIT(READ), NULL },
		{ "rt-mutex", BIT(RT), BIT(RT | READ), NULL },
		{ "spinlock,semaphore", BIT(SPIN) | BIT(0), BIT(SPIN | READ), NULL },
		{ "mutex,mutx", 0, 0, "mutx" }, { "", 0, 0, "" }, { "mutex,", 0, 0, "" },
		{ ",mutex", 0, 0, "" }, { "rwsem:", 0, 0, "rwsem:" }, { "rw", 0, 0, "rw" },
		{ "spin,mutex", 0, 0, "spin" }, { "mutex:R", 0, 0, "mutex:R" }, { "MUTEX", 0, 0, "MUTEX" },
		{ "rwsem:Rx", 0, 0, "rwsem:Rx" }, { "mutex ", 0, 0, "mutex " },
	};
	const char *bad;
	uint64_t mask;
	size_t i, len;
	int err;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		mask = 12345;
		bad = NULL;
		len = 99;
		err = lock_type_parse(c[i].list, &mask, &bad, &len);
		is_int(err, c[i].bad ? -EINVAL : 0, "\"%s\"", c[i].list);
		if (c[i].bad)
			ok(mask == 12345 && len == strlen(c[i].bad) && !memcmp(bad, c[i].bad, len),
			   "\"%s\": names the bad item \"%s\"", c[i].list, c[i].bad);
		else
			ok((mask & c[i].has) == c[i].has && !(mask & c[i].lacks),
			   "\"%s\": 0x%" PRIx64, c[i].list, mask);
	}
}

static void test_contexts(void)
{
	is_str(lock_ctx_str(LK_CTX_TASK), "task", "task");
	is_str(lock_ctx_str(LK_CTX_SOFTIRQ), "softirq", "softirq");
	is_str(lock_ctx_str(LK_CTX_HARDIRQ), "hardirq", "hardirq");
	is_str(lock_ctx_str(LK_CTX_NMI), "nmi", "nmi");
	is_str(lock_ctx_str(LK_CTX_UNKNOWN), "unknown", "unknown");
	is_str(lock_ctx_str(99), "unknown", "out of range");
}

static void test_symclass(void)
{
	static const char *const lock[] = {
		"mutex_lock", "mutex_lock_killable", "__mutex_lock.constprop.0", "__mutex_lock_slowpath",
		"down", "down_read", "down_write_killable", "__down_common", "rwsem_down_write_slowpath",
		"_raw_spin_lock_irqsave", "_raw_read_lock", "native_queued_spin_lock_slowpath",
		"native_queued_spin_lock_slowpath.part.0", "__pv_queued_spin_lock_slowpath",
		"queued_write_lock_slowpath", "rt_mutex_slowlock.isra.0", "rt_spin_lock", "rtlock_slowlock_locked",
		"rt_read_lock", "rwbase_write_lock", "percpu_down_write", "__percpu_down_read", "osq_lock",
		"ww_mutex_lock", "__ww_mutex_lock.constprop.0", "lock_acquire", "schedule", "__schedule",
		"schedule_preempt_disabled", "io_schedule_timeout", "mutex_lock.cold", "mutex_unlock", "up_read",
		"percpu_up_write",
	}, *const tracer[] = {
		"__traceiter_contention_begin", "__bpf_trace_contention_end", "bpf_trace_run2",
		"bpf_prog_9b3a_begin", "bpf_get_stackid_raw_tp", "bpf_trampoline_6442536467",
	}, *const plain[] = {
		"pipe_write", "futex_wake", "downgrade", "schedule_on_each_cpu", "do_mutex_lock",
		"my_down_read", "rtnl_lock", "scheduler_tick", "queue_work_on", "bpf_map_update_elem",
		"down.something", "", "lock_sock_nested", "mutex_unlock_all", "x.constprop.0",
	};
	static const struct {
		const char *name;
		size_t len;
	} base[] = {
		{ "pipe_write", 10 }, { "pipe_write.constprop.0", 10 }, { "pipe_write.isra.0.cold", 10 },
		{ "pipe_write.part.1", 10 }, { "pipe_write.llvm.123", 10 }, { "a.b", 3 }, { ".cold", 5 }, { "", 0 },
	};
	size_t i;

#define NR(a) (sizeof(a) / sizeof((a)[0]))
	for (i = 0; i < NR(lock); i++)
		ok(symclass_is_lock(lock[i]) && !symclass_is_tracer(lock[i]), "%s is lock code", lock[i]);
	for (i = 0; i < NR(tracer); i++)
		ok(symclass_is_tracer(tracer[i]) && !symclass_is_lock(tracer[i]), "%s is a tracer's", tracer[i]);
	for (i = 0; i < NR(plain); i++)
		ok(!symclass_is_lock(plain[i]) && !symclass_is_tracer(plain[i]), "\"%s\" is neither", plain[i]);
	for (i = 0; i < NR(base); i++)
		is_int(symclass_base_len(base[i].name), base[i].len, "base of \"%s\"", base[i].name);
}

int main(void)
{
	test_decide();
	test_rules_are_named();
	test_types();
	test_type_lists();
	test_contexts();
	test_symclass();
	return done_testing();
}
