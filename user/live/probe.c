// SPDX-License-Identifier: GPL-2.0-only
/*
 * From features to what a user can expect: every primitive in every tier, with
 * the reason where it is not all, and what would help where something would.
 * The blind spots are the kernel's own (where its slow paths have no tracepoint).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../base/diag.h"
#include "../core/nested.h"
#include "features.h"
#include "kernel.h"
#include "lockdep.h"
#include "hooks.h"
#include "probe.h"
#include "resolve.h"

#define MAX_FACTS	20
#define MAX_ROWS	48

/* What the contention tracepoints show of each primitive (kernel/locking, 5.19 to 6.18). */
static const struct {
	const char *primitive;
	uint32_t state;
	const char *reason;
} contention[] = {
	{ "mutex", LK_STATE_FULL, "" },
	{ "ww_mutex", LK_STATE_FULL, "" },
	{ "rt_mutex", LK_STATE_FULL, "" },
	{ "semaphore", LK_STATE_FULL, "" },
	{ "rwsem", LK_STATE_PARTIAL,
	  "a writer that gets the lock while spinning, and a reader that steals it, are not traced" },
	{ "percpu-rwsem", LK_STATE_PARTIAL,
	  "a writer that waits only for readers to leave is not traced" },
	{ "spinlock", LK_STATE_PARTIAL,
	  "the first waiter of a queued spinlock spins untraced; guests without paravirtual spinlocks show nothing" },
	{ "rwlock", LK_STATE_PARTIAL,
	  "readers in interrupt context spin untraced" },
	{ "completion", LK_STATE_NONE, "the kernel has no contention tracepoint for it" },
	{ "folio lock", LK_STATE_NONE, "the kernel has no contention tracepoint for it" },
	{ "socket lock", LK_STATE_NONE,
	  "sleeping for it has no contention tracepoint; its inner spinlock has" },
};

const char *probe_missing_caps(void)
{
	return kernel_may_trace() ? "" :
		"tracing needs privileges: run as root, or give this program CAP_BPF and CAP_PERFMON "
		"(and CAP_SYSLOG to see symbol names)";
}

static void add_row(struct probe *p, const char *primitive, const char *tier, uint32_t state,
		    const char *reason, const char *remedy)
{
	struct probe_row *r = &p->row[p->nr_rows++];

	snprintf(r->primitive, sizeof(r->primitive), "%s", primitive);
	snprintf(r->tier, sizeof(r->tier), "%s", tier);
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
	snprintf(r->remedy, sizeof(r->remedy), "%s", remedy);
	r->state = state;
}

static void __attribute__((format(printf, 4, 5)))
add_fact(struct probe *p, const char *name, enum feature_state state, const char *fmt, ...)
{
	struct probe_fact *f = &p->fact[p->nr_facts++];
	va_list args;

	snprintf(f->name, sizeof(f->name), "%s", name);
	f->known = state != FEATURE_UNKNOWN;
	f->ok = state == FEATURE_YES;
	va_start(args, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, args);
	va_end(args);
}

static const char *pick(enum feature_state s, const char *yes, const char *no, const char *refused)
{
	switch (s) {
	case FEATURE_YES:	return yes;
	case FEATURE_NO:	return no;
	case FEATURE_REFUSED:	return refused;
	default:		return "not tried: needs CAP_BPF and CAP_PERFMON";
	}
}

bool probe_preemptible(const struct features *f, const struct hooks *hooks)
{
	return f->preempt.full && hooks_any(hooks) &&
	       hooks_get_plan(hooks)->mode == ORDER_MODE_FENTRY;
}

static void add_facts(struct probe *p, const struct features *f, const struct hooks *hooks)
{
	const char *refused = "in the kernel, but refused by its policy";

	add_fact(p, "privileges", f->privileged ? FEATURE_YES : FEATURE_NO, "%s",
		 f->privileged ? "CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN" :
		 "CAP_BPF and CAP_PERFMON are missing: some things below could not be tried");
	add_fact(p, "kernel lockdown", !f->lockdown[0] ? FEATURE_UNKNOWN :
		 strcmp(f->lockdown, "none") ? FEATURE_NO : FEATURE_YES, "%s",
		 f->lockdown[0] ? f->lockdown : "not readable (/sys/kernel/security/lockdown)");
	add_fact(p, "type information (BTF)", f->btf, "%s",
		 pick(f->btf, "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF is not set", refused));
	add_fact(p, "raw tracepoints", f->raw_tp, "%s",
		 pick(f->raw_tp, "programs load", "programs do not load", refused));
	add_fact(p, "contention tracepoints", f->contention, "%s",
		 pick(f->contention, "contention_begin, contention_end",
		      "absent: they came with Linux 5.19", refused));
	add_fact(p, "fentry/fexit", f->fentry, "%s",
		 pick(f->fentry, "programs load", "not in this kernel", refused));
	add_fact(p, "kprobes", f->kprobe, "%s",
		 pick(f->kprobe, "programs load", "CONFIG_KPROBES is not set", refused));
	add_fact(p, "kprobe.multi", f->kprobe_multi, "%s",
		 pick(f->kprobe_multi, "programs load", "CONFIG_FPROBE is not set", refused));
	add_fact(p, "hooks on lock code", !hooks ? FEATURE_UNKNOWN :
		 hooks_any(hooks) ? FEATURE_YES : FEATURE_NO, "%s",
		 !hooks ? "not tried: needs CAP_BPF and CAP_PERFMON" :
		 hooks_any(hooks) ? order_mode_name(hooks_get_plan(hooks)->mode) :
		 hooks_why_not(hooks));
	add_fact(p, "hooks not preempted", !f->preempt.known ? FEATURE_UNKNOWN :
		 f->preempt.full ? FEATURE_NO : FEATURE_YES, "%s%s", f->preempt.how, f->preempt.full ?
		 ": this kernel may preempt fentry programs: acquisitions can be missed" : "");
	add_fact(p, "watchdog", f->watchdog, "%s",
		 pick(f->watchdog, "if lockscope is stopped, the hooks stop by themselves",
		      "no timers in programs: if lockscope is stopped, the hooks go on", refused));
	add_fact(p, "lockdep tracepoints", f->lockdep, "%s",
		 pick(f->lockdep, "lock_acquire, lock_release", "CONFIG_LOCKDEP is not set", refused));
	add_fact(p, "symbol addresses", f->ksyms, "%s",
		 pick(f->ksyms, "/proc/kallsyms",
		      "hidden (kptr_restrict, no CAP_SYSLOG): callers stay unnamed", refused));
	add_fact(p, "data symbols", f->data_syms, "%s",
		 pick(f->data_syms, "static locks are named by symbol",
		      "CONFIG_KALLSYMS_ALL is not set: only per-CPU static locks are named", refused));
	add_fact(p, "slab caches of locks", f->slab, "%s", f->has_slab_kfunc ?
		 "by bpf_get_kmem_cache()" :
		 pick(f->slab, "by page and slab", "no kfunc (6.13) and no data symbols", refused));
	add_fact(p, "interrupt context", f->context, "%s",
		 pick(f->context, "from preempt_count", "preempt_count cannot be found", refused));
}

static const char left_out[] = "left out (--tier)";

static void contention_rows(struct probe *p, const struct probe_tiers *t)
{
	const struct features *f = t->features;
	const char *none = NULL, *remedy = "";
	uint32_t state = LK_STATE_NONE;
	size_t i;

	if (!(t->wanted >> LK_TIER_CONTENTION & 1)) {
		none = left_out;
	} else if (f->btf != FEATURE_YES) {
		none = "this kernel has no type information";
		remedy = "build it with CONFIG_DEBUG_INFO_BTF=y";
	} else if (f->contention != FEATURE_YES) {
		none = "this kernel has no contention tracepoints";
		remedy = "use Linux 5.19 or later";
	} else if (f->raw_tp == FEATURE_UNKNOWN) {
		none = "not tried: needs CAP_BPF and CAP_PERFMON";
		remedy = "run as root";
		state = LK_STATE_UNKNOWN;
	} else if (f->raw_tp != FEATURE_YES) {
		none = "raw tracepoint programs do not load";
		remedy = f->raw_tp == FEATURE_REFUSED ? "allow BPF in the kernel's policy" : "";
	}
	for (i = 0; i < sizeof(contention) / sizeof(contention[0]); i++) {
		if (none && contention[i].state != LK_STATE_NONE)
			add_row(p, contention[i].primitive, "contention", state, none, remedy);
		else
			add_row(p, contention[i].primitive, "contention", contention[i].state,
				contention[i].reason, "");
	}
}

static void not_tried(struct probe *p, const char *primitive, const char *tier)
{
	add_row(p, primitive, tier, LK_STATE_UNKNOWN, "not tried: needs CAP_BPF and CAP_PERFMON",
		"run as root");
}

/* A row of a primitive that is hooked. */
static void hooked_row(struct probe *p, const struct probe_tiers *t, const struct order_prim *op,
		       const char *name)
{
	static const char preempted[] =
		"; this kernel may preempt the tracer: acquisitions can be missed";
	const struct preempt *kernel = &t->features->preempt;
	bool missing = probe_preemptible(t->features, t->hooks);
	const char *remedy = op->remedy;
	char reason[400];

	snprintf(reason, sizeof(reason), "%s%s%s%s",
		 order_mode_name(hooks_get_plan(t->hooks)->mode), op->reason[0] ? "; " : "",
		 op->reason, missing ? preempted : "");
	if (missing && kernel->choice && !remedy[0])
		remedy = kernel->known ? "boot with preempt=voluntary" :
			 "mount debugfs, which tells whether it does";
	add_row(p, name, "order", missing ? LK_STATE_PARTIAL : op->state, reason, remedy);
}

static void order_rows(struct probe *p, const struct probe_tiers *t)
{
	/* In the order in which people look for them. */
	static const enum lk_prim prims[] = {
		LK_PRIM_MUTEX, LK_PRIM_WW_MUTEX, LK_PRIM_RWSEM, LK_PRIM_RT_MUTEX,
		LK_PRIM_SEMAPHORE, LK_PRIM_PERCPU_RWSEM, LK_PRIM_SPINLOCK, LK_PRIM_RWLOCK,
		LK_PRIM_RT_SPINLOCK, LK_PRIM_RT_RWLOCK, LK_PRIM_COMPLETION,
	};
	const struct order_plan *plan = t->hooks ? hooks_get_plan(t->hooks) : NULL;
	size_t i;

	for (i = 0; i < sizeof(prims) / sizeof(prims[0]); i++) {
		const struct order_prim *op = plan ? &plan->prim[prims[i]] : NULL;
		const char *name = order_prim_name(prims[i]);

		if (!op && prims[i] != LK_PRIM_RT_SPINLOCK && prims[i] != LK_PRIM_RT_RWLOCK) {
			if (t->features->privileged)
				add_row(p, name, "order", LK_STATE_NONE, left_out, "");
			else
				not_tried(p, name, "order");
		}
		if (!op || !op->state)
			continue;
		if (op->state == LK_STATE_NONE)
			add_row(p, name, "order", op->state, op->reason, op->remedy);
		else
			hooked_row(p, t, op, name);
	}
}

/* Which nesting of locks of one class is announced is compiled away; is there a table of it? */
static void nesting_row(struct probe *p, const struct probe_tiers *t)
{
	char reason[160] = "";
	const char *table;
	bool exact;

	if (!t->hooks || !hooks_any(t->hooks))
		return;
	table = nested_table(p->kernel, &exact);
	if (!exact)
		snprintf(reason, sizeof(reason), "no table of annotated call sites for this kernel: that of "
			 "%.20s is used", table ? table : "none");
	add_row(p, "subclasses", "order", exact ? LK_STATE_FULL : LK_STATE_PARTIAL, reason,
		exact ? "" : "a table made by tools/tables from this kernel's source");
}

/* Only where they were asked for. */
static void hold_row(struct probe *p, const struct probe_tiers *t)
{
	static const char primitive[] = "hold times";
	char gap[240];

	if (!t->hooks)
		return;
	hooks_hold_gap(t->hooks, gap, sizeof(gap));
	if (hooks_hold_times(t->hooks))
		add_row(p, primitive, "order", gap[0] ? LK_STATE_PARTIAL : LK_STATE_FULL, gap, "");
	else if (gap[0])
		add_row(p, primitive, "order", LK_STATE_NONE, gap, "a kernel with fentry");
}

static void lockdep_row(struct probe *p, const struct probe_tiers *t)
{
	static const char primitive[] = "every lock class";
	const struct features *f = t->features;
	const char *gaps = t->lockdep ? lockdep_gaps(t->lockdep) : "";

	if (t->lockdep)
		add_row(p, primitive, "lockdep", gaps[0] ? LK_STATE_PARTIAL : LK_STATE_FULL, gaps,
			"");
	else if (f->lockdep != FEATURE_YES)
		add_row(p, primitive, "lockdep", LK_STATE_NONE,
			"no tracepoint lock_acquire: this kernel is built without CONFIG_LOCKDEP",
			"a kernel with CONFIG_PROVE_LOCKING=y");
	else if (!f->privileged)
		not_tried(p, primitive, "lockdep");
	else
		add_row(p, primitive, "lockdep", LK_STATE_NONE,
			t->lockdep_why[0] ? t->lockdep_why : left_out, "");
}

static void watch_row(struct probe *p, const struct probe_tiers *t)
{
	static const char primitive[] = "named functions";
	const struct features *f = t->features;

	if (!f->privileged)
		not_tried(p, primitive, "watch");
	else if (!(t->wanted >> LK_TIER_WATCH & 1))
		add_row(p, primitive, "watch", LK_STATE_NONE, left_out, "");
	else if (!t->watch)
		add_row(p, primitive, "watch", LK_STATE_NONE,
			f->kprobe == FEATURE_REFUSED ? "kprobes are refused by policy" :
			f->kprobe == FEATURE_YES ? "the programs do not load" :
			"this kernel has no kprobes", f->kprobe == FEATURE_YES ? "" :
			"a kernel with CONFIG_KPROBES=y");
	else if (!hooks_any(t->hooks))
		add_row(p, primitive, "watch", LK_STATE_PARTIAL,
			"kprobe; calls only: without the tier order it is not known what is held", "");
	else
		add_row(p, primitive, "watch", LK_STATE_FULL, "kprobe", "");
}

int probe_rows(struct probe *p, const struct probe_tiers *t)
{
	struct utsname u;

	memset(p, 0, sizeof(*p));
	p->fact = calloc(MAX_FACTS, sizeof(*p->fact));
	p->row = calloc(MAX_ROWS, sizeof(*p->row));
	if (!p->fact || !p->row) {
		probe_done(p);
		return -ENOMEM;
	}
	if (!uname(&u)) {
		snprintf(p->kernel, sizeof(p->kernel), "%s", u.release);
		snprintf(p->arch, sizeof(p->arch), "%s", u.machine);
		snprintf(p->host, sizeof(p->host), "%s", u.nodename);
	}
	p->privileged = t->features->privileged;
	contention_rows(p, t);
	order_rows(p, t);
	nesting_row(p, t);
	hold_row(p, t);
	lockdep_row(p, t);
	watch_row(p, t);
	return 0;
}

/* Load what a trace would load. */
static int try_tiers(struct probe_tiers *t, const struct resolver *resolver, struct hooks **hooks,
		     struct lockdep **lockdep, struct diag *why)
{
	const struct hooks_opts oo = {
		.hooks = true, .watch = true, .features = t->features, .resolver = resolver,
		.cpus = -1, .stats = -1, .tasks = -1, .cgroups = -1,
		.stacks = -1, .stacks_alt = -1, .locks = -1, .rb = -1 };
	const struct lockdep_opts lo = {
		.features = t->features, .resolver = resolver,
		.cpus = -1, .stats = -1, .tasks = -1, .cgroups = -1 };
	int err;

	if (!t->features->privileged)
		return 0;
	err = hooks_open(&oo, hooks, why);
	if (err == -ENOMEM)
		return err;
	t->hooks = *hooks;
	t->watch = hooks_watch_enter(*hooks) != NULL;
	why->text[0] = '\0';
	err = lockdep_open(&lo, lockdep, why);
	t->lockdep = *lockdep;
	return err == -ENOMEM ? err : 0;
}

int probe_run(struct probe *p)
{
	struct probe_tiers t = { .wanted = PROBE_ALL_TIERS };
	struct lockdep *lockdep = NULL;
	struct resolver *resolver = NULL;
	struct hooks *hooks = NULL;
	struct diag why = { "" };
	struct features f;
	int err;

	memset(p, 0, sizeof(*p));
	err = features_probe(&f, NULL, true);
	if (err)
		return err;
	t.features = &f;
	t.lockdep_why = why.text;
	err = resolver_new(&resolver);
	err = err ?: try_tiers(&t, resolver, &hooks, &lockdep, &why);
	err = err ?: probe_rows(p, &t);
	if (!err)
		add_facts(p, &f, hooks);
	lockdep_free(lockdep);
	hooks_free(hooks);
	resolver_free(resolver);
	features_done(&f);
	return err;
}

void probe_done(struct probe *p)
{
	free(p->fact);
	free(p->row);
	p->fact = NULL;
	p->row = NULL;
}
