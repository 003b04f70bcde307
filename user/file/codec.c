// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table of what is on disk of every kind of event. Order and types are
 * the format (user/man/lockscope.lks.5): a later minor version may append
 * fields to a kind, never insert, change or remove one.
 */
#include "codec.h"

#define F(t, member)	{ FIELD_##t, offsetof(struct lk_event, member) }

static const struct field meta_fields[] = {
	F(STR, meta.tool), F(STR, meta.kernel), F(STR, meta.arch), F(STR, meta.host),
	F(STR, meta.boot_id), F(STR, meta.cmdline), F(STR, meta.filter),
	F(TIME, meta.start_ns), F(U64, meta.start_real_ns),
	F(U32, meta.nr_cpus), F(U32, meta.flags), { 0, 0 },
};

static const struct field coverage_fields[] = {
	F(STR, coverage.primitive), F(STR, coverage.tier), F(STR, coverage.reason),
	F(STR, coverage.remedy), F(U32, coverage.state), { 0, 0 },
};

static const struct field sym_fields[] = {
	F(ADDR, sym.addr), F(STR, sym.name), F(STR, sym.module),
	F(U32, sym.off), F(U32, sym.size), F(U32, sym.flags), { 0, 0 },
};

static const struct field stack_fields[] = {
	F(STACK, stack.id), F(FRAMES, stack), { 0, 0 },
};

static const struct field cgroup_fields[] = {
	F(U64, cgroup.id), F(STR, cgroup.path), { 0, 0 },
};

static const struct field lock_fields[] = {
	F(ADDR, lock.addr), F(STR, lock.symbol), F(STR, lock.module), F(STR, lock.percpu),
	F(STR, lock.cache), F(U32, lock.rule), F(U32, lock.flags), { 0, 0 },
};

static const struct field cont_fields[] = {
	F(KEY, cont), F(AGG, cont.agg), { 0, 0 },
};

static const struct field owner_fields[] = {
	F(ADDR, owner.lock), F(U32, owner.tid), F(TGID, owner.tgid), F(STACK, owner.stack),
	F(U32, owner.lcb), F(U32, owner.reader), F(STR, owner.comm), F(AGG, owner.agg), { 0, 0 },
};

static const struct field wait_fields[] = {
	F(KEY, wait), F(OWNER, wait), F(SPAN, wait), { 0, 0 },
};

static const struct field loss_fields[] = {
	F(U32, loss.counter), F(U64, loss.count), { 0, 0 },
};

static const struct field time_fields[] = {
	F(TIME, time.now_ns), { 0, 0 },
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
};

const struct field *codec_fields(unsigned int kind)
{
	return kind < LK_EV_NR ? kinds[kind] : NULL;
}
