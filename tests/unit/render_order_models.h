/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Models with findings for tests of the renderers, made from the events that the
 * order tiers send. See render_models.h.
 */
#ifndef LK_RENDER_ORDER_MODELS_H
#define LK_RENDER_ORDER_MODELS_H

#include "../../user/core/finding.h"
#include "render_models.h"

/* Static locks: the key of the class is the address. */
#define KEY_IOMMU	0xffffffffc0402000ull
#define KEY_DOMAIN	0xffffffffc0402040ull
#define KEY_HOTPLUG	0xffffffff82a01000ull
#define KEY_STATE	0xffffffff82a01200ull
#define KEY_MMAP	0x0118888101000000ull	/* slab cache and offset */
#define KEY_DIR		0x0090888102000000ull
#define KEY_MM_LOCK	0xffffffffc0402080ull
#define KEY_COMPLETION	5ull

#define SITE(n)		(0xffffffffc0401000ull + 0x100 * (n) + 0x42)
#define SITE_NAMES { "lks_iommu_setup", "lks_iommu_unbind", "lks_setup_state", "lks_cpuhp_thread", \
		     "lks_handle_create", "lks_iterate_dir", "lks_userptr_init", "lks_alloc_workqueue" }
enum { S_SETUP, S_UNBIND, S_STATE, S_CPUHP, S_CREATE, S_READDIR, S_USERPTR, S_WORKQUEUE, S_NR };

/* The i-th site, called from ksys_ioctl and do_syscall_64. */
static inline void add_order_symbols(struct model *m)
{
	static const char *const names[] = SITE_NAMES;
	unsigned int i;

	add_symbols(m);
	add_frame(m, 0xffffffff81002010, "mutex_lock", "", 0x10, 0x30, LK_SYM_LOCK);
	for (i = 0; i < S_NR; i++) {
		const uint64_t stack[] = { 0xffffffff81002010, SITE(i), 0xffffffff81100310 };

		add_frame(m, SITE(i), names[i], "lks_fixture", 0x42, 0x80 + 0x10 * i, 0);
		add_stack(m, 100 + i, stack, 3);
	}
}

static inline void add_static_class(struct model *m, uint64_t key, const char *symbol,
				    const char *module)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_CLASS, .class = {
		.tier = LK_TIER_ORDER, .key = key, .name = "", .symbol = symbol, .module = module,
		.percpu = "", .cache = "", .off = UINT32_MAX,
	}});
}

static inline void add_slab_class(struct model *m, uint64_t key, const char *cache, uint32_t off)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_CLASS, .class = {
		.tier = LK_TIER_ORDER, .key = key, .name = "", .symbol = "", .module = "",
		.percpu = "", .cache = cache, .off = off,
	}});
}

static inline void add_lockdep_class(struct model *m, uint64_t key, const char *name)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_CLASS, .class = {
		.tier = LK_TIER_LOCKDEP, .key = key, .name = name, .symbol = "", .module = "",
		.percpu = "", .cache = "", .off = UINT32_MAX,
	}});
}

static inline void add_order_coverage(struct model *m, const char *primitive, uint32_t state,
				      const char *reason)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_COVERAGE, .coverage = {
		.primitive = primitive, .tier = "order", .reason = reason, .remedy = "",
		.state = state,
	}});
}

static inline struct lk_ev_hold hold(uint32_t prim, uint32_t read, uint64_t lock, uint64_t key,
				     unsigned int site)
{
	return (struct lk_ev_hold){ .lock = lock, .key = key, .site = SITE(site), .prim = prim,
				    .read = read, .flags = LK_HOLD_VERIFIED };
}

/* @acq taken under the @nr locks @held at @ms after the start. */
struct doing {
	struct who who;
	uint32_t cpu, flags, watch;
	uint64_t ms;
	uint32_t tier;			/* 0 = order */
};

static inline void add_order(struct model *m, struct doing d, const struct lk_ev_hold *held,
			     uint32_t nr, struct lk_ev_hold acq)
{
	apply(m, &(struct lk_event){ .kind = LK_EV_ORDER, .order = {
		.time_ns = T0 + d.ms * MS, .tier = d.tier ? d.tier : LK_TIER_ORDER, .tid = d.who.tid,
		.tgid = d.who.tgid, .cpu = d.cpu, .ctx = LK_CTX_TASK, .comm = d.who.comm,
		.stack = acq.site ? 100 + (uint32_t)((acq.site - SITE(0)) / 0x100) : LK_STACK_NONE,
		.flags = d.flags, .from = (1u << nr) - 1, .watch_mask = d.watch, .acq = acq,
		.nr_held = nr, .held = held,
	}});
}

#define WHO_SETUP	((struct who){ "lks-iommu-setup", 101, 101, 0 })
#define WHO_UNBIND	((struct who){ "lks-unbind", 102, 102, 0 })

static inline struct model *new_order_model(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_order_coverage(m, "mutex", LK_STATE_FULL, "");
	add_order_coverage(m, "rwsem", LK_STATE_FULL, "");
	add_order_coverage(m, "percpu-rwsem", LK_STATE_PARTIAL, "the read side is inlined in its callers");
	add_order_symbols(m);
	return m;
}

static inline struct model *end_model(struct model *m)
{
	add_time(m, LK_EV_END, T0 + 10 * SEC);
	return m;
}

/* Two spinlocks in opposite orders by two tasks; the first order is seen again afterwards. */
static inline struct model *model_abba_open(void)
{
	struct lk_ev_hold a = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_IOMMU, KEY_IOMMU, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_DOMAIN, KEY_DOMAIN, S_UNBIND);
	struct model *m = new_order_model();

	apply(m, &(struct lk_event){ .kind = LK_EV_WATCH, .watch = {
		.id = 2, .state = LK_STATE_FULL, .function = "domain_remove_one_dev_info",
		.symbol = "device_block_translation", .reason = "" } });
	apply(m, &(struct lk_event){ .kind = LK_EV_WATCH, .watch = {
		.id = 3, .state = LK_STATE_PARTIAL, .function = "vfio_unpin_pages",
		.symbol = "", .reason = "waits for its module" } });
	add_static_class(m, KEY_IOMMU, "iommu_lock", "lks_fixture");
	add_static_class(m, KEY_DOMAIN, "device_domain_lock", "lks_fixture");
	add_order(m, (struct doing){ WHO_SETUP, 0, 0, 0, 3200, 0 }, &a, 1, b);
	add_order(m, (struct doing){ WHO_UNBIND, 1, 0, 0, 3203, 0 }, NULL, 0, b);
	apply(m, &(struct lk_event){ .kind = LK_EV_ORDER, .order = {
		.time_ns = T0 + 3204 * MS, .tier = LK_TIER_ORDER, .tid = 102, .tgid = 102, .cpu = 1,
		.comm = "lks-unbind", .stack = 101, .flags = LK_ORDER_WATCH_ENTRY, .watch_mask = 4,
		.nr_held = 1, .held = &b } });
	return m;
}

/* The order that completes it. */
static inline void complete_abba(struct model *m, uint64_t ms)
{
	struct lk_ev_hold a = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_IOMMU, KEY_IOMMU, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_SPINLOCK, LK_WRITE, KEY_DOMAIN, KEY_DOMAIN, S_UNBIND);

	add_order(m, (struct doing){ WHO_UNBIND, 1, 0, 4, ms, 0 }, &b, 1, a);
}

static inline struct model *model_abba(void)
{
	struct model *m = model_abba_open();

	complete_abba(m, 3210);
	apply(m, &(struct lk_event){ .kind = LK_EV_WATCHED, .watched = {
		.id = 2, .calls = 12, .returned = 11, .total_ns = 1200 * US, .max_ns = 300 * US } });
	return end_model(m);
}

/* The same without the order that closes the circle, and with a nesting. */
static inline struct model *model_no_findings(void)
{
	struct lk_ev_hold a = hold(LK_PRIM_RWSEM, LK_WRITE, LOCK_INODE, KEY_DIR, S_READDIR);
	struct lk_ev_hold b = hold(LK_PRIM_RWSEM, LK_WRITE, LOCK_MMAP, KEY_DIR, S_CREATE);
	struct model *m = model_abba_open();

	add_slab_class(m, KEY_DIR, "ext4_inode_cache", 0x90);
	add_order(m, (struct doing){ WHO_MV, 0, 0, 0, 4000, 0 }, &a, 1, b);
	return end_model(m);
}

/*
 * Seed 4: cpu_hotplug_lock, the state mutex and two completions, a directory,
 * mmap_lock and a driver's mutex, linked by five tasks.
 */
static inline struct model *model_chain(void)
{
	const struct who setup = { "lks-setup", 77, 77, 0 }, cpuhp = { "cpuhp/0", 20, 20, 0 },
			 devtmpfs = { "kdevtmpfs", 33, 33, 0 }, ls = { "ls", 1540, 1540, 0 },
			 prime = { "prime_mmap", 1551, 1551, 0 };
	struct lk_ev_hold hp = hold(LK_PRIM_PERCPU_RWSEM, LK_READ, KEY_HOTPLUG, KEY_HOTPLUG, S_STATE);
	struct lk_ev_hold state = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_STATE, KEY_STATE, S_STATE);
	struct lk_ev_hold done = hold(LK_PRIM_COMPLETION, LK_WRITE, 0xffffc90000137e28, KEY_COMPLETION, S_STATE);
	struct lk_ev_hold req = hold(LK_PRIM_COMPLETION, LK_WRITE, 0xffffc90000142d80, KEY_COMPLETION, S_CPUHP);
	struct lk_ev_hold dir_w = hold(LK_PRIM_RWSEM, LK_WRITE, LOCK_INODE, KEY_DIR, S_CREATE);
	struct lk_ev_hold dir_r = hold(LK_PRIM_RWSEM, LK_READ, LOCK_INODE, KEY_DIR, S_READDIR);
	struct lk_ev_hold mm_r = hold(LK_PRIM_RWSEM, LK_READ, LOCK_MMAP, KEY_MMAP, S_READDIR);
	struct lk_ev_hold mm_w = hold(LK_PRIM_RWSEM, LK_WRITE, LOCK_MMAP, KEY_MMAP, S_USERPTR);
	struct lk_ev_hold drv = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_MM_LOCK, KEY_MM_LOCK, S_USERPTR);
	struct lk_ev_hold wq = hold(LK_PRIM_PERCPU_RWSEM, LK_READ, KEY_HOTPLUG, KEY_HOTPLUG, S_WORKQUEUE);
	const struct lk_ev_hold setup_held[] = { hp, state }, prime_held[] = { mm_w, drv };
	struct model *m = new_order_model();

	mm_r.rule = mm_w.rule = LK_RULE_MMAP_LOCK;
	add_static_class(m, KEY_HOTPLUG, "cpu_hotplug_lock", "");
	add_static_class(m, KEY_STATE, "cpuhp_state_mutex", "lks_fixture");
	add_static_class(m, KEY_MM_LOCK, "mm_lock", "lks_fixture");
	add_slab_class(m, KEY_DIR, "ext4_inode_cache", 0x90);
	add_slab_class(m, KEY_MMAP, "mm_struct", 0x118);
	add_order(m, (struct doing){ setup, 2, 0, 0, 4000, 0 }, &hp, 1, state);
	add_order(m, (struct doing){ setup, 2, 0, 0, 4001, 0 }, setup_held, 2, done);
	add_order(m, (struct doing){ cpuhp, 0, LK_ORDER_COMPLETION, 0, 4100, 0 }, &done, 1, req);
	add_order(m, (struct doing){ devtmpfs, 1, LK_ORDER_COMPLETION, 0, 4200, 0 }, &req, 1, dir_w);
	add_order(m, (struct doing){ ls, 3, 0, 0, 4900, 0 }, &dir_r, 1, mm_r);
	add_order(m, (struct doing){ prime, 3, 0, 0, 4990, 0 }, &mm_w, 1, drv);
	add_order(m, (struct doing){ prime, 3, 0, 0, 5000, 0 }, prime_held, 2, wq);
	return end_model(m);
}

/* One task and one lock: read while it is held for reading, upgrade, and two releases that must not be. */
static inline struct model *model_singles(void)
{
	const struct who writer = { "writer", 31, 31, 0 }, up = { "upgrade", 32, 32, 0 };
	struct lk_ev_hold r = hold(LK_PRIM_RWSEM, LK_READ, LOCK_MMAP, KEY_MMAP, S_READDIR);
	struct lk_ev_hold r2 = hold(LK_PRIM_RWSEM, LK_READ, LOCK_MMAP, KEY_MMAP, S_USERPTR);
	struct lk_ev_hold d = hold(LK_PRIM_RWSEM, LK_READ, LOCK_INODE, KEY_DIR, S_READDIR);
	struct lk_ev_hold d2 = hold(LK_PRIM_RWSEM, LK_WRITE, LOCK_INODE, KEY_DIR, S_CREATE);
	struct lk_ev_hold mx = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_STATE, KEY_STATE, S_STATE);
	struct lk_ev_hold ld = { .lock = 0xffffffff82b00000, .key = 0xffffffff82c00000, .site = SITE(S_SETUP),
				 .prim = LK_PRIM_LOCKDEP, .flags = LK_HOLD_UNVERIFIABLE };
	struct lk_ev_hold ld2 = ld;
	struct model *m = new_order_model();

	r.rule = r2.rule = LK_RULE_MMAP_LOCK;
	ld2.lock += 0x100;
	ld2.site = SITE(S_UNBIND);
	add_slab_class(m, KEY_MMAP, "mm_struct", 0x118);
	add_slab_class(m, KEY_DIR, "ext4_inode_cache", 0x90);
	add_static_class(m, KEY_STATE, "cpuhp_state_mutex", "");
	add_lockdep_class(m, ld.key, "&port->lock");
	add_order(m, (struct doing){ writer, 0, 0, 0, 1000, 0 }, &r, 1, r2);
	add_order(m, (struct doing){ up, 1, 0, 0, 1100, 0 }, &d, 1, d2);
	add_order(m, (struct doing){ writer, 0, 0, 0, 1200, 0 }, &mx, 1, mx);
	add_order(m, (struct doing){ writer, 0, 0, 0, 1300, LK_TIER_LOCKDEP }, &ld, 1, ld2);
	apply(m, &(struct lk_event){ .kind = LK_EV_ODD, .odd = { .time_ns = T0 + 2 * SEC,
		.tier = LK_TIER_ORDER, .odd = LK_ODD_BAD_UNLOCK, .tid = 33, .tgid = 33, .comm = "release",
		.stack = 100 + S_STATE, .hold = mx } });
	apply(m, &(struct lk_event){ .kind = LK_EV_ODD, .odd = { .time_ns = T0 + 3 * SEC,
		.tier = LK_TIER_ORDER, .odd = LK_ODD_HELD_AT_EXIT, .tid = 34, .tgid = 34, .comm = "exits",
		.stack = LK_STACK_NONE, .hold = d2 } });
	return end_model(m);
}

/* Hostile names in an inversion. */
static inline struct model *model_order_hostile(void)
{
	struct lk_ev_hold a = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_IOMMU, KEY_IOMMU, S_SETUP);
	struct lk_ev_hold b = hold(LK_PRIM_MUTEX, LK_WRITE, KEY_DOMAIN, KEY_DOMAIN, S_UNBIND);
	struct model *m = new_order_model();

	apply(m, &(struct lk_event){ .kind = LK_EV_WATCH, .watch = {
		.id = 0, .state = LK_STATE_FULL, .function = "f\033[2J", .symbol = "g\n", .reason = "\a" } });
	add_static_class(m, KEY_IOMMU, HOSTILE_LOCK, "mod\nule");
	add_static_class(m, KEY_DOMAIN, HOSTILE_COMM, "");
	add_frame(m, SITE(S_SETUP), HOSTILE_SYMBOL, "mod\nule", 1, 2, 0);
	add_order(m, (struct doing){ { HOSTILE_COMM, 66, 66, 0 }, 0, 0, 1, 1, 0 }, &a, 1, b);
	add_order(m, (struct doing){ { HOSTILE_COMM2, 67, 67, 0 }, 0, 0, 1, 2, 0 }, &b, 1, a);
	return end_model(m);
}

#endif /* LK_RENDER_ORDER_MODELS_H */
