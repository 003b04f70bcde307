/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for the tests of the model: one line each. */
#ifndef LK_CORE_EVENTS_H
#define LK_CORE_EVENTS_H

#include <errno.h>

#include "../../user/base/diag.h"
#include "../../user/core/model.h"
#include "../lib/tap.h"

/* A refusal must come with a reason. */
static inline int apply(struct model *m, struct lk_event ev)
{
	struct diag why = { "" };
	int err = model_apply(m, &ev, &why);

	if (err == -EBADMSG && !why.text[0])
		ok(false, "refused without a reason");
	return err;
}

static inline struct lk_event meta(uint64_t start_ns, uint32_t flags)
{
	return (struct lk_event){ .kind = LK_EV_META, .meta = {
		.tool = "lockscope 0.1.0", .kernel = "6.1.0", .arch = "x86_64", .host = "h",
		.boot_id = "b", .cmdline = "lockscope record", .filter = "", .start_ns = start_ns,
		.start_real_ns = 99, .nr_cpus = 4, .flags = flags } };
}

static inline struct lk_event cont(uint64_t lock, uint32_t tid, uint64_t count, uint64_t total,
			    const struct lk_bucket *hist, uint32_t nr)
{
	return (struct lk_event){ .kind = LK_EV_CONT, .cont = {
		.lock = lock, .cgroup = 1, .tid = tid, .tgid = tid, .stack = 5, .lcb = LK_LCB_MUTEX,
		.comm = "task", .agg = { .count = count, .total_ns = total, .max_ns = total,
			.min_ns = 1, .first_ns = 100, .last_ns = 200, .nr_hist = nr, .hist = hist } } };
}

static inline struct lk_event held_row(uint64_t lock, uint32_t tid, uint64_t count, uint64_t total,
				       const struct lk_bucket *hist, uint32_t nr)
{
	struct lk_event ev = cont(lock, tid, count, total, hist, nr);

	ev.kind = LK_EV_HELD;
	ev.cont.comm = "holder";
	return ev;
}

static inline struct lk_event owner(uint64_t lock, uint32_t tid, uint64_t count, uint64_t total)
{
	return (struct lk_event){ .kind = LK_EV_OWNER, .owner = {
		.lock = lock, .tid = tid, .tgid = tid, .stack = 5, .lcb = LK_LCB_MUTEX, .comm = "owner",
		.agg = { .count = count, .total_ns = total, .max_ns = total, .min_ns = 1,
			.first_ns = 100, .last_ns = 200 } } };
}

static inline struct lk_event wait_of(enum lk_ev_kind kind, uint64_t lock, uint64_t dur, uint32_t owner_tid)
{
	return (struct lk_event){ .kind = kind, .wait = {
		.lock = lock, .cgroup = 1, .start_ns = 1000, .dur_ns = dur, .tid = 7, .tgid = 7, .stack = 5,
		.lcb = LK_LCB_MUTEX, .owner_tid = owner_tid, .owner_tgid = owner_tid, .comm = "task",
		.owner_comm = "holder" } };
}

static inline struct lk_event at(enum lk_ev_kind kind, uint64_t now_ns)
{
	return (struct lk_event){ .kind = kind, .time = { .now_ns = now_ns } };
}

static inline struct lk_event loss(uint32_t counter, uint64_t count)
{
	return (struct lk_event){ .kind = LK_EV_LOSS, .loss = { .counter = counter, .count = count } };
}

/* One valid event of each kind but META. */
static inline struct lk_event sample(enum lk_ev_kind kind)
{
	static const uint64_t frames[] = { 0x100, 0x200 };
	static const struct lk_ev_hold held = { .lock = 0x10, .key = 0x10, .site = 0x100,
						.prim = LK_PRIM_MUTEX };

	static const struct lk_ev_part part[] = {
		{ .role = LK_PART_ACQUIRING, .text = "&a->x", .usage = "{+.+.}-{3:3}", .at = "f+0x1/0x2" },
	};

	switch (kind) {
	case LK_EV_COVERAGE:
		return (struct lk_event){ .kind = kind, .coverage = { .primitive = "mutex",
			.tier = "contention", .reason = "r", .remedy = "do", .state = LK_STATE_PARTIAL } };
	case LK_EV_SYM:
		return (struct lk_event){ .kind = kind, .sym = { .addr = 0x100, .name = "f", .module = "" } };
	case LK_EV_STACK:
		return (struct lk_event){ .kind = kind, .stack = { .id = 5, .nr = 2, .addr = frames } };
	case LK_EV_CGROUP:
		return (struct lk_event){ .kind = kind, .cgroup = { .id = 1, .path = "/a" } };
	case LK_EV_LOCK:
		return (struct lk_event){ .kind = kind, .lock = { .addr = 0x10, .symbol = "s", .module = "",
			.percpu = "", .cache = "" } };
	case LK_EV_CONT:
		return cont(0x10, 7, 1, 50, NULL, 0);
	case LK_EV_HELD:
		return held_row(0x10, 7, 1, 50, NULL, 0);
	case LK_EV_HOLD:
		return wait_of(kind, 0x10, 50, 0);
	case LK_EV_OWNER:
		return owner(0x10, 8, 1, 50);
	case LK_EV_WAIT:
	case LK_EV_WAITING:
		return wait_of(kind, 0x10, 50, 8);
	case LK_EV_LOSS:
		return loss(LK_STAT_ROWS_FULL, 1);
	case LK_EV_CLASS:
		return (struct lk_event){ .kind = kind, .class = { .tier = LK_TIER_ORDER, .key = 0x20,
			.name = "", .symbol = "b", .module = "", .percpu = "", .cache = "", .off = UINT32_MAX } };
	case LK_EV_ORDER:
		return (struct lk_event){ .kind = kind, .order = { .time_ns = 4000, .tier = LK_TIER_ORDER,
			.tid = 7, .tgid = 7, .stack = 5, .from = 1, .comm = "task", .nr_held = 1, .held = &held,
			.acq = { .lock = 0x20, .key = 0x20, .site = 0x100, .prim = LK_PRIM_MUTEX } } };
	case LK_EV_ODD:
		return (struct lk_event){ .kind = kind, .odd = { .time_ns = 4000, .tier = LK_TIER_ORDER,
			.odd = LK_ODD_BAD_UNLOCK, .tid = 7, .tgid = 7, .stack = 5, .comm = "task", .hold = held } };
	case LK_EV_WATCH:
		return (struct lk_event){ .kind = kind, .watch = { .id = 3, .state = LK_STATE_FULL,
			.function = "f", .symbol = "g", .reason = "" } };
	case LK_EV_SITE:
		return (struct lk_event){ .kind = kind, .site = { .tier = LK_TIER_ORDER, .key = 0x30, .site = 0x100,
			.prim = LK_PRIM_MUTEX, .type = "t", .member = "m" } };
	case LK_EV_WATCHED:
		return (struct lk_event){ .kind = kind, .watched = { .id = 3, .calls = 2, .returned = 1,
			.total_ns = 50, .max_ns = 50 } };
	case LK_EV_SHED:
		return (struct lk_event){ .kind = kind, .shed = { .time_ns = 4000, .what = LK_SHED_ALL,
			.cause = LK_SHED_STOPPED } };
	case LK_EV_REPORT:
		return (struct lk_event){ .kind = kind, .report = { .time_ns = 4000,
			.origin = LK_ORIGIN_LOCKDEP, .kind = 2, .tid = 7, .tgid = 7, .comm = "task",
			.title = "possible recursive locking detected", .subkind = "", .state = "",
			.kernel = "6.1.0", .ident = "6.1.0 #1", .file = "x.log", .line = 3, .nr_parts = 1,
			.part = part } };
	default:
		return at(kind, 5000);
	}
}

#endif /* LK_CORE_EVENTS_H */
