// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tiers beside contention.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "features.h"
#include "gates.h"
#include "lockdep.h"
#include "hooks.h"
#include "inits.h"
#include "percpu.h"
#include "records.h"
#include "resolve.h"
#include "tiers.h"
#include "trace.skel.h"
#include "watchpoints.h"

const char *tiers_name(unsigned int tier)
{
	static const char *const name[] = {
		[LK_TIER_CONTENTION] = "contention", [LK_TIER_ORDER] = "order",
		[LK_TIER_LOCKDEP] = "lockdep", [LK_TIER_WATCH] = "watch",
	};

	return tier < sizeof(name) / sizeof(name[0]) ? name[tier] : NULL;
}

static bool has(unsigned int set, unsigned int tier)
{
	return set >> tier & 1;
}

/* A tier failed: that is an error only if it was asked for by name. */
static int excuse(const struct session_opts *o, unsigned int tier, int err, const char *text,
		  struct diag *why)
{
	if (err == -ENOMEM)
		return err;
	if (tier == LK_TIER_ORDER && o->attach != ORDER_MODE_BEST)
		return diag_set(why, err, "--attach %s: %.300s; 'lockscope doctor' shows what this "
				"kernel offers", order_mode_name(o->attach), text);
	if (tier == LK_TIER_ORDER && o->spin == ORDER_SPIN_ON)
		return diag_set(why, err, "the order of locks that spin (--spin) cannot be followed "
				"here: %.300s", text);
	if (!has(o->tiers, tier)) {
		why->text[0] = '\0';
		return 0;
	}
	return diag_set(why, err, "the tier %s cannot be had here: %.300s; 'lockscope doctor' shows "
			"what this kernel offers", tiers_name(tier), text);
}

/* The user insists on locks that spin. */
static int check_spin(const struct hooks *order, struct diag *why)
{
	const struct order_prim *p = &hooks_get_plan(order)->prim[LK_PRIM_SPINLOCK];

	if (p->state != LK_STATE_NONE)
		return 0;
	return diag_set(why, -ENOTSUP, "the order of locks that spin (--spin) cannot be followed "
			"here: %s", p->reason);
}

static int open_order(struct tiers *t, const struct session_opts *o, const struct features *f,
		      const struct resolver *resolver, const struct trace_bpf *shared,
		      struct diag *why)
{
	const struct hooks_opts oo = {
		.hooks = has(t->wanted, LK_TIER_ORDER), .watch = has(t->wanted, LK_TIER_WATCH),
		.mode = o->attach, .spin = o->spin, .features = f, .resolver = resolver,
		.cfg = (const struct lk_cfg *)&shared->rodata->cfg,
		.cpus = bpf_map__fd(shared->maps.cpus), .stats = bpf_map__fd(shared->maps.stats),
		.tasks = bpf_map__fd(shared->maps.tasks),
		.cgroups = bpf_map__fd(shared->maps.cgroups),
		.held_tasks = o->held_tasks, .orders = o->orders, .sample = o->sample,
		.ring_bytes = o->ring_bytes, .log = o->libbpf_log,
		.hold_times = o->hold_times, .rows = o->rows,
		.stacks = bpf_map__fd(shared->maps.stacks),
		.stacks_alt = bpf_map__fd(shared->maps.stacks_alt),
		.locks = bpf_map__fd(shared->maps.locks), .rb = bpf_map__fd(shared->maps.rb) };
	struct diag reason = { "" };
	int err = hooks_open(&oo, &t->hooks, &reason);

	if (err == -ENOMEM)
		return err;
	if (oo.hooks && !hooks_any(t->hooks))
		err = excuse(o, LK_TIER_ORDER, -ENOTSUP, hooks_why_not(t->hooks), why);
	else if (oo.hooks && o->spin == ORDER_SPIN_ON)
		err = check_spin(t->hooks, why);
	else if (err)
		err = 0;	/* nothing but watching was wanted, which is judged below */
	if (!err && oo.watch && !hooks_watch_enter(t->hooks))
		err = excuse(o, LK_TIER_WATCH, -ENOTSUP, "functions cannot be probed", why);
	return err;
}

static int open_lockdep(struct tiers *t, const struct session_opts *o, const struct features *f,
			const struct resolver *resolver, const struct trace_bpf *shared,
			struct diag *why)
{
	const struct lockdep_opts lo = {
		.features = f, .resolver = resolver,
		.cfg = (const struct lk_cfg *)&shared->rodata->cfg,
		.cpus = bpf_map__fd(shared->maps.cpus), .stats = bpf_map__fd(shared->maps.stats),
		.tasks = bpf_map__fd(shared->maps.tasks),
		.cgroups = bpf_map__fd(shared->maps.cgroups),
		.held_tasks = o->held_tasks, .ring_bytes = o->ring_bytes, .log = o->libbpf_log };
	struct diag reason = { "" };
	int err = lockdep_open(&lo, &t->lockdep, &reason);

	if (!err)
		return 0;
	snprintf(t->lockdep_why, sizeof(t->lockdep_why), "%.199s", reason.text);
	return excuse(o, LK_TIER_LOCKDEP, err, reason.text, why);
}

static int open_watch(struct tiers *t, const struct session_opts *o, struct resolver *resolver,
		      struct diag *why)
{
	const struct watchpoints_opts wo = {
		.function = o->watch, .nr = o->nr_watch, .builtin = true,
		.enter = hooks_watch_enter(t->hooks), .leave = hooks_watch_exit(t->hooks),
		.why_not = "this kernel has no kprobes, or refuses them",
		.stats = hooks_watch_stats(t->hooks),
		.nr_cpus = (unsigned int)libbpf_num_possible_cpus(), .resolver = resolver,
		.log = o->libbpf_log };

	return watchpoints_new(&wo, &t->watch, why);
}

int tiers_open(struct tiers *t, const struct session_opts *o, const struct features *f,
	       struct resolver *resolver, const struct trace_bpf *shared, struct diag *why)
{
	int err = 0;

	t->wanted = o->tiers ? o->tiers : ~0u;
	if (o->nr_watch)
		t->wanted |= 1u << LK_TIER_WATCH;
	if (has(t->wanted, LK_TIER_ORDER) || has(t->wanted, LK_TIER_WATCH))
		err = open_order(t, o, f, resolver, shared, why);
	if (!err && has(t->wanted, LK_TIER_WATCH))
		err = open_watch(t, o, resolver, why);
	if (!err && has(t->wanted, LK_TIER_LOCKDEP))
		err = open_lockdep(t, o, f, resolver, shared, why);
	return err;
}

bool tiers_any(const struct tiers *t)
{
	return t->lockdep || (t->hooks && hooks_object(t->hooks));
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct tiers *t = ctx;

	gates_beat(t->gates);
	if (!t->err)
		t->err = records_put(t->records, t->sink, data, size);
	return 0;
}

static int add_ring(struct tiers *t, struct ring_buffer **ring, int fd)
{
	if (*ring)
		return ring_buffer__add(*ring, fd, on_record, t);
	*ring = ring_buffer__new(fd, on_record, t, NULL);
	return *ring ? 0 : -errno;
}

int tiers_bind(struct tiers *t, struct resolver *resolver, const struct percpu *percpu,
	       struct members *members, struct ring_buffer **ring)
{
	struct records_opts ro = { .resolver = resolver, .percpu = percpu, .members = members };
	int err;

	if (!tiers_any(t))
		return 0;
	err = inits_new(t->hooks ? hooks_inits(t->hooks) : -1, &t->inits);
	if (err)
		return err;
	resolver_bind_inits(resolver, t->inits);
	ro.inits = t->inits;
	ro.weight = t->hooks ? hooks_sample(t->hooks) : 0;
	t->records = records_new(&ro);
	if (!t->records)
		return -ENOMEM;
	if (t->hooks && hooks_object(t->hooks))
		err = add_ring(t, ring, hooks_ring(t->hooks));
	if (!err && t->lockdep)
		err = add_ring(t, ring, lockdep_ring(t->lockdep));
	return err;
}

int tiers_attach(struct tiers *t, const struct session_opts *asked, struct diag *why)
{
	struct diag reason = { "" };
	int err = 0;

	if (t->lockdep) {
		err = lockdep_attach(t->lockdep, &reason);
		if (err) {	/* its ring stays, empty: the object lives until the end */
			snprintf(t->lockdep_why, sizeof(t->lockdep_why), "%.199s", reason.text);
			err = excuse(asked, LK_TIER_LOCKDEP, err, reason.text, why);
		}
	}
	if (!err && t->hooks && hooks_object(t->hooks)) {
		err = hooks_attach(t->hooks, &reason);
		if (err)
			err = excuse(asked, LK_TIER_ORDER, err, reason.text, why);
	}
	return err;
}

void tiers_enable(struct tiers *t, const struct percpu *percpu, uint64_t now_ns, uint32_t bits)
{
	struct lk_order_percpu layout;

	percpu_layout(percpu, &layout);
	if (t->hooks && hooks_object(t->hooks))
		hooks_enable(t->hooks, &layout, now_ns, bits);
	if (t->lockdep)
		lockdep_enable(t->lockdep, bits & LK_GATE_SLEEP);
}

void tiers_ripen(struct tiers *t)
{
	if (t->hooks && hooks_object(t->hooks))
		hooks_ripen(t->hooks);
}

void tiers_disable(struct tiers *t)
{
	if (t->lockdep)
		lockdep_enable(t->lockdep, false);
	if (t->hooks)
		hooks_disable(t->hooks);
}

void tiers_detach(struct tiers *t)
{
	if (t->watch)
		watchpoints_detach(t->watch);
	if (t->hooks)
		hooks_detach(t->hooks);
	if (t->lockdep)
		lockdep_detach(t->lockdep);
}

void tiers_modules(struct tiers *t)
{
	if (t->records)
		records_modules(t->records);
}

void tiers_free(struct tiers *t)
{
	records_free(t->records);
	inits_free(t->inits);
	watchpoints_free(t->watch);
	hooks_free(t->hooks);
	lockdep_free(t->lockdep);
	memset(t, 0, sizeof(*t));
}
