/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Models for tests of the renderers, made from hand-written events: small, but
 * with everything in them that a format must cope with. Durations are chosen so
 * that sums can be checked by eye.
 */
#ifndef LK_RENDER_MODELS_H
#define LK_RENDER_MODELS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../../user/base/diag.h"
#include "../../user/core/model.h"
#include "../../user/file/writer.h"

#define US		1000ull
#define MS		1000000ull
#define SEC		1000000000ull
#define T0		(1000 * SEC)		/* CLOCK_MONOTONIC at the start of every model */
#define T0_REAL		1700000000000000000ull	/* 2023-11-14 22:13:20 UTC */

#define LOCK_MMAP	0xffff888101234560ull
#define LOCK_MMAP2	0xffff888101299560ull
#define LOCK_INODE	0xffff88810a0b0c48ull
#define LOCK_PIPE	0xffff888103334440ull
#define LOCK_ZONE	0xffffffff8321f5c0ull

enum { STACK_FAULT = 1, STACK_MMAP, STACK_RENAME, STACK_PIPE, STACK_FREE, STACK_MODULE };

/* A recording that all events go into as well, if it is not NULL. */
static struct writer *apply_writer;

static inline void apply(struct model *m, const struct lk_event *ev)
{
	struct diag why = { "" };
	int err = model_apply(m, ev, &why);

	if (err) {
		printf("Bail out! event %d refused: %d %s\n", (int)ev->kind, err, why.text);
		exit(1);
	}
	if (apply_writer && writer_put(apply_writer, ev)) {
		printf("Bail out! event %d cannot be recorded\n", (int)ev->kind);
		exit(1);
	}
}

static inline void add_meta(struct model *m, const char *host, const char *filter)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_META, .meta = {
		.tool = "lockscope 0.1.0", .kernel = "6.12.57+deb13-amd64", .arch = "x86_64",
		.host = host, .boot_id = "5c1f1a7e-6f7f-4f2a-9a55-0d6f0d8f4f11",
		.cmdline = "lockscope run -d 10", .filter = filter,
		.start_ns = T0, .start_real_ns = T0_REAL, .nr_cpus = 8,
	}});
}

static inline void add_coverage(struct model *m, const char *primitive, uint32_t state,
				const char *reason, const char *remedy)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_COVERAGE, .coverage = {
		.primitive = primitive, .tier = "contention", .reason = reason, .remedy = remedy,
		.state = state,
	}});
}

static inline void add_frame(struct model *m, uint64_t addr, const char *name, const char *module,
			     uint32_t off, uint32_t size, uint32_t flags)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_SYM, .sym = {
		.addr = addr, .name = name, .module = module, .off = off, .size = size,
		.flags = flags,
	}});
}

static inline void add_stack(struct model *m, uint32_t id, const uint64_t *addr, uint32_t nr)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_STACK,
				     .stack = { .id = id, .nr = nr, .addr = addr } });
}

static inline void add_symbols(struct model *m)
{
	static const struct {
		uint64_t addr;
		const char *name, *module;
		uint32_t off, size, flags;
	} sym[] = {
		{ 0xffffffff81001010, "rwsem_down_read_slowpath", "", 0x10, 0x300, LK_SYM_LOCK },
		{ 0xffffffff81001410, "rwsem_down_write_slowpath", "", 0x20, 0x500, LK_SYM_LOCK },
		{ 0xffffffff81001a10, "__mutex_lock.constprop.0", "", 0x3a0, 0x6f0, LK_SYM_LOCK },
		{ 0xffffffff81001b10, "native_queued_spin_lock_slowpath", "", 0x1c5, 0x2e0, LK_SYM_LOCK },
		{ 0xffffffff81100010, "do_user_addr_fault", "", 0x1c4, 0x660, 0 },
		{ 0xffffffff81100110, "exc_page_fault", "", 0x7e, 0x180, 0 },
		{ 0xffffffff81100210, "vm_mmap_pgoff", "", 0xd5, 0x1c0, 0 },
		{ 0xffffffff81100310, "do_syscall_64", "", 0x82, 0x190, 0 },
		{ 0xffffffff81100410, "do_renameat2", "", 0x2b8, 0x530, 0 },
		{ 0xffffffff81100510, "pipe_write", "", 0x57, 0x6c0, 0 },
		{ 0xffffffff81100610, "free_pcppages_bulk", "", 0x6c, 0x220, 0 },
		{ 0xffffffffc0400010, "ext4_buffered_write_iter", "ext4", 0x35, 0x140, 0 },
	};
	static const uint64_t fault[] = { 0xffffffff81001010, 0xffffffff81100010, 0xffffffff81100110 };
	static const uint64_t map[] = { 0xffffffff81001410, 0xffffffff81100210, 0xffffffff81100310 };
	static const uint64_t rename[] = { 0xffffffff81001410, 0xffffffff81100410, 0xffffffff81100310 };
	static const uint64_t pipe[] = { 0xffffffff81001a10, 0xffffffff81100510, 0xffffffff81100310 };
	static const uint64_t freeing[] = { 0xffffffff81001b10, 0xffffffff81100610 };
	static const uint64_t module[] = { 0xffffffff81001410, 0xffffffffc0400010, 0xffffffff81999999 };
	size_t i;

	for (i = 0; i < sizeof(sym) / sizeof(sym[0]); i++)
		add_frame(m, sym[i].addr, sym[i].name, sym[i].module, sym[i].off, sym[i].size,
			  sym[i].flags);
	add_stack(m, STACK_FAULT, fault, 3);
	add_stack(m, STACK_MMAP, map, 3);
	add_stack(m, STACK_RENAME, rename, 3);
	add_stack(m, STACK_PIPE, pipe, 3);
	add_stack(m, STACK_FREE, freeing, 2);
	add_stack(m, STACK_MODULE, module, 3);
}

static inline void add_cgroup(struct model *m, uint64_t id, const char *path)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_CGROUP, .cgroup = { .id = id, .path = path } });
}

static inline void add_lock(struct model *m, uint64_t addr, const char *symbol, const char *cache,
			    uint32_t rule)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_LOCK, .lock = {
		.addr = addr, .symbol = symbol, .module = "", .percpu = "", .cache = cache,
		.rule = rule,
	}});
}

/* Sums of @n waits of @each ns and, if @longest is not 0, one of that length. */
static inline struct lk_ev_agg sums(struct lk_bucket bucket[2], uint64_t n, uint64_t each,
				    uint64_t longest)
{
	bucket[0] = (struct lk_bucket){ .index = lk_hist_bucket(each), .n = n };
	bucket[1] = (struct lk_bucket){ .index = lk_hist_bucket(longest), .n = 1 };
	return (struct lk_ev_agg){
		.count = n + !!longest, .total_ns = n * each + longest,
		.max_ns = longest ? longest : each, .min_ns = each,
		.first_ns = T0 + MS, .last_ns = T0 + 9 * SEC,
		.nr_hist = longest ? 2 : 1, .hist = bucket,
	};
}

struct who {
	const char *comm;
	uint32_t tgid, tid;
	uint64_t cgroup;
};

static inline void add_waits(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			     struct who who, uint64_t n, uint64_t each, uint64_t longest)
{
	struct lk_bucket bucket[2];

	apply(m, &(struct lk_event){ .kind = LK_EV_CONT, .cont = {
		.lock = lock, .cgroup = who.cgroup, .tid = who.tid, .tgid = who.tgid,
		.stack = stack, .lcb = lcb, .ctx = LK_CTX_TASK, .comm = who.comm,
		.agg = sums(bucket, n, each, longest),
	}});
}

static inline void add_owner(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			     struct who who, uint32_t reader, uint64_t n, uint64_t each,
			     uint64_t longest)
{
	struct lk_bucket bucket[2];

	apply(m, &(struct lk_event){ .kind = LK_EV_OWNER, .owner = {
		.lock = lock, .tid = who.tid, .tgid = who.tgid, .stack = stack, .lcb = lcb,
		.reader = reader, .comm = who.comm, .agg = sums(bucket, n, each, longest),
	}});
}

static inline void add_waiting(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			       struct who who, struct who owner, uint64_t ns)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_WAITING, .wait = {
		.lock = lock, .cgroup = who.cgroup, .start_ns = T0 + 10 * SEC - ns, .dur_ns = ns,
		.tid = who.tid, .tgid = who.tgid, .stack = stack, .lcb = lcb,
		.owner_tid = owner.tid, .owner_tgid = owner.tgid, .comm = who.comm,
		.owner_comm = owner.comm ? owner.comm : "",
	}});
}

static inline void add_loss(struct model *m, uint32_t counter, uint64_t n)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_LOSS, .loss = { .counter = counter, .count = n } });
}

static inline void add_time(struct model *m, enum lk_ev_kind kind, uint64_t now_ns)
{
	apply(m, &(struct lk_event){ .kind = kind, .time = { .now_ns = now_ns } });
}

#define WHO_MYSQL	((struct who){ "mysqld", 4242, 4250, 77 })
#define WHO_MYSQL2	((struct who){ "mysqld", 4242, 4251, 77 })
#define WHO_WORKER	((struct who){ "kworker/u16:3+f", 0x5a17, 0x5a17, 1 })
#define WHO_MV		((struct who){ "mv", 31337, 31337, 78 })
#define WHO_YES		((struct who){ "yes", 9001, 9001, 78 })

static inline struct model *new_model(void)
{
	struct model *m = model_new();

	if (!m) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	return m;
}

static inline void add_typical_coverage(struct model *m)
{
	add_coverage(m, "mutex", LK_STATE_FULL, "", "");
	add_coverage(m, "rwsem", LK_STATE_FULL, "", "");
	add_coverage(m, "spinlock", LK_STATE_PARTIAL,
		     "the paravirtual slow path has no tracepoint, so waits of virtual CPUs for "
		     "a preempted holder are not seen",
		     "boot with nopvspin");
	add_coverage(m, "semaphore", LK_STATE_NONE, "no tracepoint on this kernel", "");
}

/* Waits of one host, without its META and END. */
static inline void add_typical_waits(struct model *m)
{
	add_symbols(m);
	add_cgroup(m, 1, "/");
	add_cgroup(m, 77, "/system.slice/mysql.service");
	add_cgroup(m, 78, "/user.slice/user-1000.slice/user@1000.service/app.slice/run-r3a.scope");
	add_lock(m, LOCK_MMAP, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_lock(m, LOCK_MMAP2, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_lock(m, LOCK_INODE, "", "ext4_inode_cache", LK_RULE_NONE);
	add_lock(m, LOCK_PIPE, "", "kmalloc-192", LK_RULE_NONE);
	add_lock(m, LOCK_ZONE, "contig_page_data+0x5c0", "", LK_RULE_NONE);

	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1200, 2 * MS, 180 * MS);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 900, 2 * MS, 0);
	add_waits(m, LOCK_MMAP2, LK_LCB_WRITE, STACK_MMAP, WHO_MYSQL, 300, 5 * MS, 0);
	add_waits(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 40, 250 * US, 12 * MS);
	add_waits(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_WORKER, 7, 90 * US, 0);
	add_waits(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 123456, 900, 4 * US);
	add_waits(m, LOCK_ZONE, LK_LCB_SPIN, STACK_FREE, WHO_YES, 77, 350, 0);
	add_owner(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 0, 1200, 2 * MS, 180 * MS);
	add_owner(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 0, 900, 2 * MS, 0);
	add_owner(m, LOCK_MMAP2, LK_LCB_WRITE, STACK_MMAP, WHO_MYSQL2, 1, 300, 5 * MS, 0);
	add_owner(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_WORKER, 0, 40, 250 * US, 0);
	add_owner(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_MYSQL, 0, 3, 900, 0);
}

static inline struct model *model_typical(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_typical_coverage(m);
	add_typical_waits(m);
	add_loss(m, LK_STAT_UNMATCHED_END, 3);
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	return m;
}

/* The typical one with tasks that still wait: one known owner, one not. */
static inline struct model *model_with_waiting(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_typical_coverage(m);
	add_typical_waits(m);
	add_waiting(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 3 * SEC);
	add_waiting(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, (struct who){ 0 }, 4 * SEC);
	add_waiting(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, WHO_MYSQL, 1 * MS);
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	return m;
}

static inline struct model *model_empty(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "processes 4242");
	add_typical_coverage(m);
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	return m;
}

/* Cut off, with losses and a gap, and a folded row. */
static inline struct model *model_incomplete(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_coverage(m, "mutex", LK_STATE_FULL, "", "");
	add_typical_waits(m);
	add_waits(m, 0, LK_LCB_MUTEX, STACK_PIPE, (struct who){ "", 0, 0, 0 }, 5000, 3 * MS, 0);
	add_waits(m, 0, LK_LCB_SPIN, LK_STACK_NONE, (struct who){ "", 0, 0, 0 }, 10, 3 * US, 0);
	add_loss(m, LK_STAT_ROWS_FULL, 5010);
	add_loss(m, LK_STAT_RING_FULL, 12345678);
	add_loss(m, LK_STAT_UNMATCHED_END, 3);
	add_loss(m, 4000, 1);
	if (model_add_gap(m, "x.lks is cut off in block 7"))
		exit(1);
	return m;
}

static inline struct model *model_two_hosts(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_typical_coverage(m);
	add_typical_waits(m);
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	add_meta(m, "web2", "");
	add_coverage(m, "mutex", LK_STATE_FULL, "", "");
	add_coverage(m, "spinlock", LK_STATE_FULL, "", "");
	add_coverage(m, "semaphore", LK_STATE_NONE, "no tracepoint on this kernel", "");
	add_symbols(m);
	add_lock(m, LOCK_MMAP, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 100, 2 * MS, 0);
	add_waiting(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, WHO_MYSQL2, 2 * SEC);
	add_time(m, LK_EV_END, T0 + 5 * SEC);
	return m;
}

/* Every name is an attack: escape sequences, line ends, quotes, bad UTF-8, bidi, formulas, markup. */
#define HOSTILE_COMM	"\033[31mred\n\"'\\,"
#define HOSTILE_COMM2	"=cmd|' /C calc'"
#define HOSTILE_OWNER	"bad\xff\xc3(\xe2\x82"
#define HOSTILE_SYMBOL	"<script>alert(1)</script>"
#define HOSTILE_LOCK	"\u202egnp.exe \xc2\x9b" "2J"
#define HOSTILE_CGROUP	"/\u4e2d\u6587/\u00e9t\u00e9\r\n\t;x"

static inline struct model *model_hostile(void)
{
	static const uint64_t stack[] = { 0xffffffff81001a10, 0xffffffffc0666000 };
	struct who a = { HOSTILE_COMM, 66, 66, 5 }, b = { HOSTILE_COMM2, 67, 67, 5 };
	struct who owner = { HOSTILE_OWNER, 68, 68, 0 };
	struct model *m = new_model();

	add_meta(m, "evil\033]0;host\a", "cgroup /\"x\"");
	add_coverage(m, "mu\ntex", LK_STATE_PARTIAL, "because \033[2J", "say \"please\"");
	add_symbols(m);
	add_frame(m, 0xffffffffc0666000, HOSTILE_SYMBOL, "mod\nule", 1, 2, 0);
	add_stack(m, 20, stack, 2);
	add_cgroup(m, 5, HOSTILE_CGROUP);
	add_lock(m, LOCK_PIPE, HOSTILE_LOCK, "", LK_RULE_NONE);
	add_lock(m, LOCK_INODE, "\u6f22\u5b57_lock", "", LK_RULE_NONE);
	add_waits(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, 10, 5 * MS, 0);
	add_waits(m, LOCK_INODE, LK_LCB_MUTEX, STACK_PIPE, b, 10, 4 * MS, 0);
	add_owner(m, LOCK_PIPE, LK_LCB_MUTEX, 20, owner, 0, 10, 5 * MS, 0);
	add_waiting(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, owner, 2 * SEC);
	if (model_add_gap(m, "evil\n\"gap\".lks"))
		exit(1);
	return m;
}

/* @n locks, the i-th with i times the wait time of the first. */
static inline struct model *model_many(unsigned int n)
{
	struct model *m = new_model();
	unsigned int i;
	char name[32];

	add_meta(m, "web1", "");
	add_coverage(m, "mutex", LK_STATE_FULL, "", "");
	add_symbols(m);
	for (i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "lock_%03u", i);
		add_lock(m, LOCK_ZONE + i * 64, name, "", LK_RULE_NONE);
		add_waits(m, LOCK_ZONE + i * 64, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, i, MS, 0);
	}
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	return m;
}

/* Two intervals of half a second; the second one has waits of two locks. */
static inline struct model *model_ticking(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_symbols(m);
	add_lock(m, LOCK_MMAP, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_lock(m, LOCK_ZONE, "zone_lock", "", LK_RULE_NONE);
	add_waits(m, LOCK_ZONE, LK_LCB_SPIN, STACK_FREE, WHO_YES, 1, 400 * MS, 0);
	add_time(m, LK_EV_TICK, T0 + SEC / 2);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1000, 600 * US, 0);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 500, 600 * US, 0);
	add_owner(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 0, 500, 600 * US, 0);
	add_waits(m, LOCK_ZONE, LK_LCB_SPIN, STACK_FREE, WHO_YES, 50, 2 * MS, 0);
	add_time(m, LK_EV_TICK, T0 + SEC);
	return m;
}

#endif /* LK_RENDER_MODELS_H */
