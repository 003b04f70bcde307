// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table of what is on disk of every kind of event. Order and types are
 * the format (user/man/lockscope.lks.5): a later minor version may append
 * fields to a kind, never insert, change or remove one.
 */
#include "codec.h"

#define F(t, member)	{ FIELD_##t, 0, offsetof(struct lk_event, member) }
#define F11(t, member)	{ FIELD_##t, 1, offsetof(struct lk_event, member) }	/* since 1.1 */

static const struct field meta_fields[] = {
	F(STR, meta.tool), F(STR, meta.kernel), F(STR, meta.arch), F(STR, meta.host),
	F(STR, meta.boot_id), F(STR, meta.cmdline), F(STR, meta.filter),
	F(TIME, meta.start_ns), F(U64, meta.start_real_ns),
	F(U32, meta.nr_cpus), F(U32, meta.flags), { 0, 0, 0 },
};

static const struct field coverage_fields[] = {
	F(STR, coverage.primitive), F(STR, coverage.tier), F(STR, coverage.reason),
	F(STR, coverage.remedy), F(U32, coverage.state), { 0, 0, 0 },
};

static const struct field sym_fields[] = {
	F(ADDR, sym.addr), F(STR, sym.name), F(STR, sym.module),
	F(U32, sym.off), F(U32, sym.size), F(U32, sym.flags), { 0, 0, 0 },
};

static const struct field stack_fields[] = {
	F(STACK, stack.id), F(FRAMES, stack), { 0, 0, 0 },
};

static const struct field cgroup_fields[] = {
	F(U64, cgroup.id), F(STR, cgroup.path), { 0, 0, 0 },
};

static const struct field lock_fields[] = {
	F(ADDR, lock.addr), F(STR, lock.symbol), F(STR, lock.module), F(STR, lock.percpu),
	F(STR, lock.cache), F(U32, lock.rule), F(U32, lock.flags), F11(STR, lock.type),
	F11(STR, lock.member), F11(STR, lock.init), F11(STR, lock.refine), F11(U32, lock.detail),
	F11(U32, lock.off), { 0, 0, 0 },
};

static const struct field cont_fields[] = {
	F(KEY, cont), F(AGG, cont.agg), { 0, 0, 0 },
};

static const struct field owner_fields[] = {
	F(ADDR, owner.lock), F(U32, owner.tid), F(TGID, owner.tgid), F(STACK, owner.stack),
	F(U32, owner.lcb), F(U32, owner.reader), F(STR, owner.comm), F(AGG, owner.agg), { 0, 0, 0 },
};

static const struct field wait_fields[] = {
	F(KEY, wait), F(OWNER, wait), F(SPAN, wait), { 0, 0, 0 },
};

static const struct field loss_fields[] = {
	F(U32, loss.counter), F(U64, loss.count), { 0, 0, 0 },
};

static const struct field class_fields[] = {
	F(U32, class.tier), F(U64, class.key), F(STR, class.name), F(U32, class.subclass),
	F(U32, class.name_version), F(STR, class.symbol), F(STR, class.module), F(STR, class.percpu),
	F(STR, class.cache), F(U32, class.off), F(U32, class.flags), F(U32, class.rule),
	F(U32, class.detail), F(STR, class.refine), F(STR, class.type), F(STR, class.member), { 0, 0, 0 },
};

static const struct field order_fields[] = {
	F(TIME, order.time_ns), F(U32, order.tier), F(U32, order.tid), F(TGID, order.tgid),
	F(U32, order.cpu), F(U32, order.ctx), F(STACK, order.stack), F(U32, order.flags),
	F(U32, order.from), F(U32, order.watch_mask), F(STR, order.comm), F(HOLD, order.acq),
	F(HELD, order), F(U32, order.weight), { 0, 0, 0 },
};

static const struct field odd_fields[] = {
	F(TIME, odd.time_ns), F(U32, odd.tier), F(U32, odd.odd), F(U32, odd.tid), F(TGID, odd.tgid),
	F(U32, odd.cpu), F(STACK, odd.stack), F(STR, odd.comm), F(HOLD, odd.hold), { 0, 0, 0 },
};

static const struct field watch_fields[] = {
	F(U32, watch.id), F(U32, watch.state), F(STR, watch.function), F(STR, watch.symbol),
	F(STR, watch.reason), { 0, 0, 0 },
};

static const struct field watched_fields[] = {
	F(U32, watched.id), F(U64, watched.calls), F(U64, watched.returned), F(U64, watched.total_ns),
	F(U64, watched.max_ns), { 0, 0, 0 },
};

static const struct field site_fields[] = {
	F(U32, site.tier), F(U64, site.key), F(ADDR, site.site), F(U32, site.prim),
	F(STR, site.type), F(STR, site.member), { 0, 0, 0 },
};

static const struct field report_fields[] = {
	F(TIME, report.time_ns), F(U32, report.origin), F(U32, report.kind), F(U32, report.tid),
	F(TGID, report.tgid), F(U32, report.line), F(U32, report.lacks), F(U32, report.skipped),
	F(STR, report.comm), F(STR, report.title), F(STR, report.subkind), F(STR, report.state),
	F(STR, report.kernel), F(STR, report.ident), F(STR, report.file), F(PARTS, report), { 0, 0, 0 },
};

static const struct field shed_fields[] = {
	F(TIME, shed.time_ns), F(U32, shed.what), F(U32, shed.on), F(U32, shed.cause),
	F(U32, shed.cost_ppm), F(U32, shed.allowed_ppm), { 0, 0, 0 },
};

static const struct field time_fields[] = {
	F(TIME, time.now_ns), { 0, 0, 0 },
};

static const struct field *const kinds[LK_EV_NR] = {
	[LK_EV_META]	 = meta_fields,
	[LK_EV_COVERAGE] = coverage_fields,
	[LK_EV_SYM]	 = sym_fields,
	[LK_EV_STACK]	 = stack_fields,
	[LK_EV_CGROUP]	 = cgroup_fields,
	[LK_EV_LOCK]	 = lock_fields,
	[LK_EV_CONT]	 = cont_fields,
	[LK_EV_OWNER]	 = owner_fields,
	[LK_EV_WAIT]	 = wait_fields,
	[LK_EV_WAITING]	 = wait_fields,
	[LK_EV_LOSS]	 = loss_fields,
	[LK_EV_TICK]	 = time_fields,
	[LK_EV_END]	 = time_fields,
	[LK_EV_CLASS]	 = class_fields,
	[LK_EV_ORDER]	 = order_fields,
	[LK_EV_ODD]	 = odd_fields,
	[LK_EV_WATCH]	 = watch_fields,
	[LK_EV_WATCHED]	 = watched_fields,
	[LK_EV_SITE]	 = site_fields,
	[LK_EV_REPORT]	 = report_fields,
	[LK_EV_HELD]	 = cont_fields,
	[LK_EV_HOLD]	 = wait_fields,
	[LK_EV_SHED]	 = shed_fields,
};

const struct field *codec_fields(unsigned int kind)
{
	return kind < LK_EV_NR ? kinds[kind] : NULL;
}
