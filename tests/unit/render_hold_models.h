/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Models with hold times, for tests of all formats. See render_models.h.
 */
#ifndef LK_RENDER_HOLD_MODELS_H
#define LK_RENDER_HOLD_MODELS_H

#include "render_wait_models.h"

static inline void add_holds_meta(struct model *m, const char *host)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_META, .meta = {
		.tool = "lockscope 0.1.0", .kernel = "6.12.57+deb13-amd64", .arch = "x86_64",
		.host = host, .boot_id = "5c1f1a7e-6f7f-4f2a-9a55-0d6f0d8f4f11",
		.cmdline = "lockscope record --hold-times --waits", .filter = "", .start_ns = T0,
		.start_real_ns = T0_REAL, .nr_cpus = 8, .flags = LK_META_WAITS | LK_META_HOLDS,
	}});
}

/* @n holds of @each ns and, if @longest is not 0, one of that length. */
static inline void add_held(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			    struct who who, uint64_t n, uint64_t each, uint64_t longest)
{
	struct lk_bucket bucket[2];

	apply(m, &(struct lk_event){ .kind = LK_EV_HELD, .cont = {
		.lock = lock, .cgroup = who.cgroup, .tid = who.tid, .tgid = who.tgid,
		.stack = stack, .lcb = lcb, .ctx = LK_CTX_TASK, .comm = who.comm,
		.agg = sums(bucket, n, each, longest),
	}});
}

/* @from and @to in ms after the start. */
static inline void add_hold(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			    struct who who, uint64_t from, uint64_t to)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_HOLD, .wait = {
		.lock = lock, .cgroup = who.cgroup, .start_ns = T0 + from * MS, .dur_ns = (to - from) * MS,
		.tid = who.tid, .tgid = who.tgid, .stack = stack, .lcb = lcb,
		.cpu = who.tid ? 0 : 4, .comm = "", .owner_comm = "",
	}});
}

/*
 * The waits of model_single_waits(). The inode is held by the worker, then by mv; mmap_lock by
 * two readers at once, and no task waits for it; the pipe's holds are in the sums only, so that
 * who held it is known from the waits.
 */
static inline void add_typical_holds(struct model *m)
{
	add_held(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 400, 20 * US, 15 * MS);
	add_held(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_WORKER, 7, 90 * US, 25 * MS);
	add_held(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 120000, 300, 30 * MS);
	add_held(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 90000, 310, 10 * MS);
	add_held(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 987654, 200, 0);
	add_held(m, 0, LK_LCB_SPIN, LK_STACK_NONE, WHO_NONE, 5, 100, 0);
	add_hold(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_WORKER, 5, 30);
	add_hold(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 40, 70);
	add_hold(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 50, 60);
	add_hold(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 30, 45);
	add_hold(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, 72, 82);
}

static inline struct model *new_holds_model(void)
{
	struct model *m = new_model();

	model_keep_waits(m, 1000);
	add_holds_meta(m, "web1");
	add_typical_coverage(m);
	add_typical_waits(m);
	add_single_waits(m);
	return m;
}

static inline struct model *model_holds(void)
{
	struct model *m = new_holds_model();

	add_typical_holds(m);
	return end_model(m);
}

/* The twin: hold times were asked for, and nothing was held. */
static inline struct model *model_no_holds(void)
{
	return end_model(new_holds_model());
}

/* Holds and no wait at all, with losses. */
static inline struct model *model_holds_only(void)
{
	struct model *m = new_model();

	add_holds_meta(m, "web1");
	add_typical_coverage(m);
	add_symbols(m);
	add_lock(m, LOCK_INODE, "", "ext4_inode_cache", LK_RULE_NONE);
	add_held(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 1, 20 * US, 0);
	add_loss(m, LK_STAT_HOLD_UNTIMED, 3);
	add_loss(m, LK_STAT_HOLDS_FULL, 2);
	return end_model(m);
}

static inline struct model *model_holds_two_hosts(void)
{
	struct model *m = new_holds_model();

	add_typical_holds(m);
	end_model(m);
	add_holds_meta(m, "web2");
	add_typical_waits(m);
	add_held(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 3, 30 * US, 0);
	add_hold(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 10, 20);
	return end_model(m);
}

static inline struct model *model_holds_hostile(void)
{
	struct who a = { HOSTILE_COMM, 66, 66, 5 }, b = { HOSTILE_COMM2, 67, 67, 5 };
	static const uint64_t stack[] = { 0xffffffff81001a10, 0xffffffffc0666000 };
	struct model *m = new_model();

	model_keep_waits(m, 1000);
	add_holds_meta(m, "evil\033]0;host\a");
	add_symbols(m);
	add_frame(m, 0xffffffffc0666000, HOSTILE_SYMBOL, "mod\nule", 1, 2, 0);
	add_stack(m, 20, stack, 2);
	add_cgroup(m, 5, HOSTILE_CGROUP);
	add_lock(m, LOCK_PIPE, HOSTILE_LOCK, "", LK_RULE_NONE);
	add_held(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, 1, 5 * MS, 0);
	add_held(m, LOCK_PIPE, LK_LCB_MUTEX, 20, b, 1, 4 * MS, 0);
	add_hold(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, 1, 6);
	add_hold(m, LOCK_PIPE, LK_LCB_MUTEX, 20, b, 6, 10);
	return end_model(m);
}

#endif /* LK_RENDER_HOLD_MODELS_H */
