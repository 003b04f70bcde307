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

#include "../../bpf/lockfns.h"
#include "features.h"
#include "kernel.h"
#include "probe.h"

#define MAX_FACTS	16
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

static const char *const hooked[] = {
	"mutex", "ww_mutex", "rwsem", "rt_mutex", "semaphore", "percpu-rwsem", "spinlock", "rwlock",
};

static const struct {
	const char *symbol, *primitive;
	unsigned int op;
} lock_fns[] = {
#define ROW(p, s, o) { .primitive = p, .symbol = s, .op = o },
	LK_LOCK_FNS(ROW)
#undef ROW
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

static void add_facts(struct probe *p, const struct features *f)
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

static void contention_rows(struct probe *p, const struct features *f)
{
	const char *none = NULL, *remedy = "";
	uint32_t state = LK_STATE_NONE;
	size_t i;

	if (f->btf != FEATURE_YES) {
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

/* Name of a function of the primitive that this kernel lacks, NULL if it has all. */
static const char *missing_fn(const struct features *f, const char *primitive)
{
	size_t i, nr = sizeof(lock_fns) / sizeof(lock_fns[0]);

	for (i = 0; i < nr; i++) {
		const char *first = lock_fns[i].symbol;
		bool found;

		if (strcmp(lock_fns[i].primitive, primitive) || lock_fns[i].op & LK_FN_ALT)
			continue;
		found = features_has_fn(f, first);
		while (!found && i + 1 < nr && lock_fns[i + 1].op & LK_FN_ALT)
			found = features_has_fn(f, lock_fns[++i].symbol);
		if (!found)
			return first;
	}
	return NULL;
}

static void order_row(struct probe *p, const struct features *f, const char *primitive)
{
	const char *missing, *how;
	char reason[200];

	if (!f->privileged) {
		add_row(p, primitive, "order", LK_STATE_UNKNOWN,
			"not tried: needs CAP_BPF and CAP_PERFMON", "run as root");
		return;
	}
	if (f->fentry != FEATURE_YES && f->kprobe != FEATURE_YES) {
		snprintf(reason, sizeof(reason), "its functions cannot be hooked: fentry %s, kprobes %s",
			 f->fentry == FEATURE_REFUSED ? "refused by policy" : "absent",
			 f->kprobe == FEATURE_REFUSED ? "refused by policy" : "absent");
		add_row(p, primitive, "order", LK_STATE_NONE, reason,
			f->fentry == FEATURE_REFUSED ? "a kernel that allows fentry or has CONFIG_KPROBES" :
			"a kernel with CONFIG_KPROBES or BTF and ftrace");
		return;
	}
	missing = missing_fn(f, primitive);
	if (missing) {
		snprintf(reason, sizeof(reason), "%s is absent or inlined in this kernel", missing);
		add_row(p, primitive, "order", LK_STATE_NONE, reason, "");
		return;
	}
	how = f->fentry == FEATURE_YES ? "fentry" : f->kprobe_multi == FEATURE_YES ? "kprobe.multi" :
	      "kprobes";
	snprintf(reason, sizeof(reason),
		 "hookable here by %s, but this version of lockscope does not trace order", how);
	add_row(p, primitive, "order", LK_STATE_NONE, reason, "");
}

static void other_rows(struct probe *p, const struct features *f)
{
	size_t i;

	for (i = 0; i < sizeof(hooked) / sizeof(hooked[0]); i++)
		order_row(p, f, hooked[i]);
	add_row(p, "every lock class", "lockdep", LK_STATE_NONE, f->lockdep == FEATURE_YES ?
		"lock_acquire is there, but this version of lockscope does not read it" :
		"no tracepoint lock_acquire: this kernel is built without CONFIG_LOCKDEP",
		f->lockdep == FEATURE_YES ? "" : "a kernel with CONFIG_PROVE_LOCKING=y");
	add_row(p, "named functions", "watch", LK_STATE_NONE,
		"this version of lockscope has no watchpoints", "");
}

int probe_run(struct probe *p, const struct btf *btf, bool facts)
{
	struct features f;
	struct utsname u;
	int err;

	memset(p, 0, sizeof(*p));
	err = features_probe(&f, btf, facts);
	if (err)
		return err;
	p->fact = calloc(MAX_FACTS, sizeof(*p->fact));
	p->row = calloc(MAX_ROWS, sizeof(*p->row));
	if (!p->fact || !p->row) {
		features_done(&f);
		probe_done(p);
		return -ENOMEM;
	}
	if (!uname(&u)) {
		snprintf(p->kernel, sizeof(p->kernel), "%s", u.release);
		snprintf(p->arch, sizeof(p->arch), "%s", u.machine);
		snprintf(p->host, sizeof(p->host), "%s", u.nodename);
	}
	p->privileged = f.privileged;
	if (facts)
		add_facts(p, &f);
	contention_rows(p, &f);
	other_rows(p, &f);
	features_done(&f);
	return 0;
}

void probe_done(struct probe *p)
{
	free(p->fact);
	free(p->row);
	p->fact = NULL;
	p->row = NULL;
}
