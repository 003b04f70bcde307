/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Models with single waits, for tests of formats that draw time. See render_models.h.
 */
#ifndef LK_RENDER_WAIT_MODELS_H
#define LK_RENDER_WAIT_MODELS_H

#include "render_models.h"
#include "render_order_models.h"

#define WHO_NONE	((struct who){ "", 0, 0, 0 })

/* Of the typical model; @from and @to in ms after the start. */
static inline void add_single(struct model *m, uint64_t lock, uint32_t lcb, uint32_t stack,
			      struct who who, struct who owner, uint64_t from, uint64_t to)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_WAIT, .wait = {
		.lock = lock, .cgroup = who.cgroup, .start_ns = T0 + from * MS, .dur_ns = (to - from) * MS,
		.tid = who.tid, .tgid = who.tgid, .stack = stack, .lcb = lcb,
		.cpu = who.tid ? 0 : 4, .owner_tid = owner.tid, .owner_tgid = owner.tgid,
		.comm = "", .owner_comm = "",
	}});
}

static inline void add_waits_meta(struct model *m, const char *host, uint64_t later_ns)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_META, .meta = {
		.tool = "lockscope 0.1.0", .kernel = "6.12.57+deb13-amd64", .arch = "x86_64",
		.host = host, .boot_id = "5c1f1a7e-6f7f-4f2a-9a55-0d6f0d8f4f11",
		.cmdline = "lockscope record --waits", .filter = "", .start_ns = T0,
		.start_real_ns = T0_REAL + later_ns, .nr_cpus = 8, .flags = LK_META_WAITS,
	}});
}

/*
 * The inode: the worker holds it, mv waits, then yes, who gets it from mv. A mutex whose
 * owner is not known, waited for by two at once; a spin lock, by an idle task.
 */
static inline void add_single_waits(struct model *m)
{
	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 10, 30);
	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_YES, WHO_WORKER, 20, 45);
	add_single(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_MYSQL, WHO_NONE, 50, 60);
	add_single(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_MYSQL2, WHO_NONE, 55, 70);
	add_single(m, LOCK_ZONE, LK_LCB_SPIN, STACK_FREE, WHO_NONE, WHO_NONE, 80, 81);
}

static inline struct model *new_waits_model(uint32_t max)
{
	struct model *m = new_model();

	model_keep_waits(m, max);
	add_waits_meta(m, "web1", 0);
	add_typical_waits(m);
	return m;
}

static inline struct model *model_single_waits(void)
{
	struct model *m = new_waits_model(1000);

	add_single_waits(m);
	add_waiting(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 3 * SEC);
	return end_model(m);
}

/* No more than three of the five are kept. */
static inline struct model *model_waits_cut(void)
{
	struct model *m = new_waits_model(3);

	add_single_waits(m);
	return end_model(m);
}

/* The same tasks and locks on two hosts, the second a quarter of a second later. */
static inline struct model *model_waits_two_hosts(void)
{
	struct model *m = new_waits_model(1000);

	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 10, 30);
	end_model(m);
	add_waits_meta(m, "web2", SEC / 4);
	add_typical_waits(m);
	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 10, 30);
	return end_model(m);
}

static inline struct model *model_waits_hostile(void)
{
	struct who a = { HOSTILE_COMM, 66, 66, 5 }, owner = { HOSTILE_OWNER, 68, 68, 0 };
	static const uint64_t stack[] = { 0xffffffff81001a10, 0xffffffffc0666000 };
	struct model *m = new_model();

	model_keep_waits(m, 1000);
	add_waits_meta(m, "evil\033]0;host\a", 0);
	add_symbols(m);
	add_frame(m, 0xffffffffc0666000, HOSTILE_SYMBOL, "mod\nule", 1, 2, 0);
	add_stack(m, 20, stack, 2);
	add_lock(m, LOCK_PIPE, HOSTILE_LOCK, "", LK_RULE_NONE);
	add_waits(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, 1, 5 * MS, 0);
	add_owner(m, LOCK_PIPE, LK_LCB_MUTEX, 20, owner, 0, 1, 5 * MS, 0);
	add_single(m, LOCK_PIPE, LK_LCB_MUTEX, 20, a, owner, 1, 6);
	if (model_add_gap(m, "evil\n\"gap\".lks"))
		exit(1);
	return m;
}

#endif /* LK_RENDER_WAIT_MODELS_H */
