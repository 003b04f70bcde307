// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched functions. A watchpoint's number is its bit in the programs' masks.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "../core/ksyms.h"
#include "bpflog.h"
#include "kernel.h"
#include "modules.h"
#include "resolve.h"
#include "watchpoints.h"

#define NAMES_MAX 3
#define RETRY_NS 500000000u

/* Functions that took part in known deadlocks, each under the names it has had, oldest first. */
static const char *const builtin[][NAMES_MAX] = {
	{ "vfio_unpin_pages" },
	{ "i915_gem_userptr_get_pages" },
	{ "domain_remove_one_dev_info", "dmar_remove_one_dev_info", "device_block_translation" },
};
#define NR_BUILTIN (sizeof(builtin) / sizeof(builtin[0]))

_Static_assert(NR_BUILTIN + WATCH_USER_MAX == LK_WATCH_MAX, "every watchpoint has a bit");

struct point {
	char *name[NAMES_MAX];		/* name[0] is what was asked for */
	bool user;			/* named by the user */
	bool told;			/* an LK_EV_WATCH went out */
	uint32_t state;			/* enum lk_state */
	char symbol[128];		/* hooked, or "" */
	uint64_t addr;			/* of the symbol */
	uint64_t instance;		/* of its module; 0 = vmlinux */
	char reason[160];
	struct bpf_link *enter, *leave;
	struct lk_watch_stat seen;	/* what the last event said */
};

struct watchpoints {
	struct watchpoints_opts opts;
	char why_not[160];
	struct point point[LK_WATCH_MAX];
	unsigned int nr;
	struct lk_watch_stat *scratch;	/* of each CPU */
	uint64_t retry_ns;		/* when to try again what could not be hooked; 0 = no need */
};

static int add_point(struct watchpoints *w, const char *const *name, unsigned int nr, bool user)
{
	struct point *p = &w->point[w->nr++];
	unsigned int i;

	p->user = user;
	for (i = 0; i < nr && name[i]; i++) {
		p->name[i] = strdup(name[i]);
		if (!p->name[i])
			return -ENOMEM;
	}
	return 0;
}

/* A user's point for what is watched anyway: one is enough, and it is his. */
static bool is_builtin(struct watchpoints *w, const char *name)
{
	unsigned int i, n;

	for (i = 0; i < w->nr; i++)
		for (n = 0; n < NAMES_MAX && w->point[i].name[n]; n++)
			if (!strcmp(w->point[i].name[n], name))
				return w->point[i].user = true;
	return false;
}

int watchpoints_new(const struct watchpoints_opts *o, struct watchpoints **ret, struct diag *why)
{
	struct watchpoints *w = calloc(1, sizeof(*w));
	unsigned int i, user = 0;
	int err = 0;

	if (!w)
		return -ENOMEM;
	w->opts = *o;
	snprintf(w->why_not, sizeof(w->why_not), "%s", o->why_not ? o->why_not : "");
	w->scratch = calloc(o->nr_cpus, sizeof(*w->scratch));
	if (!w->scratch)
		err = -ENOMEM;
	for (i = 0; i < NR_BUILTIN && o->builtin && !err; i++)
		err = add_point(w, builtin[i], NAMES_MAX, false);
	for (i = 0; i < o->nr && !err; i++) {
		if (is_builtin(w, o->function[i]))
			continue;
		err = user++ < WATCH_USER_MAX ? add_point(w, &o->function[i], 1, true) :
		      diag_set(why, -E2BIG, "more than %d functions to watch", WATCH_USER_MAX);
	}
	if (err) {
		watchpoints_free(w);
		return err;
	}
	*ret = w;
	return 0;
}

static void unhook(struct point *p)
{
	bpf_link__destroy(p->enter);
	bpf_link__destroy(p->leave);
	p->enter = p->leave = NULL;
	p->symbol[0] = '\0';
	p->addr = 0;
}

/* Where it returns first: a call is counted by its beginning. */
static int hook(struct watchpoints *w, unsigned int id, const struct ksym *sym)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .bpf_cookie = id);
	struct bpflog log = { .line = w->opts.log };
	struct point *p = &w->point[id];
	int err = 0;

	snprintf(p->symbol, sizeof(p->symbol), "%s", sym->name);
	p->addr = sym->start;
	bpflog_begin(&log);
	opts.retprobe = true;
	p->leave = bpf_program__attach_kprobe_opts(w->opts.leave, p->symbol, &opts);
	opts.retprobe = false;
	if (p->leave)
		p->enter = bpf_program__attach_kprobe_opts(w->opts.enter, p->symbol, &opts);
	if (!p->leave || !p->enter)
		err = -errno;
	bpflog_end();
	return err;
}

/* The first of its names that there is a function of. */
static bool find(const struct watchpoints *w, const struct point *p, struct ksym *sym)
{
	unsigned int i;

	for (i = 0; i < NAMES_MAX && p->name[i]; i++)
		if (resolver_func(w->opts.resolver, p->name[i], sym))
			return true;
	return false;
}

/*
 * A module that went and came back may lie where it lay, but a probe does not survive
 * that: kernel/kprobes.c, kill_kprobe().
 */
static bool is_hooked(const struct point *p, const struct ksym *sym, uint64_t instance)
{
	return p->enter && p->addr == sym->start && p->instance == instance && !strcmp(p->symbol, sym->name);
}

static void update_point(struct watchpoints *w, unsigned int id)
{
	struct point *p = &w->point[id];
	uint64_t instance;
	struct ksym sym;
	int err;

	if (!w->opts.enter) {
		p->state = LK_STATE_NONE;
		snprintf(p->reason, sizeof(p->reason), "%s", w->why_not);
		return;
	}
	if (!find(w, p, &sym)) {
		unhook(p);
		p->state = LK_STATE_PARTIAL;
		snprintf(p->reason, sizeof(p->reason),
			 "no function of that name: waits for a module that has it");
		return;
	}
	instance = sym.module[0] ? modules_instance(sym.module) : 0;
	if (is_hooked(p, &sym, instance))
		return;
	unhook(p);
	p->instance = instance;		/* as of before: a change while we hook is seen next time */
	err = hook(w, id, &sym);
	p->state = err ? LK_STATE_NONE : LK_STATE_FULL;
	if (err)	/* a module that is just coming may not be ready */
		w->retry_ns = kernel_now_ns() + RETRY_NS;
	if (err)
		snprintf(p->reason, sizeof(p->reason), "%.64s cannot be hooked: %s", sym.name,
			 strerror(-err));
	else if (sym.module[0])
		snprintf(p->reason, sizeof(p->reason), "kprobe, in module %.64s", sym.module);
	else
		snprintf(p->reason, sizeof(p->reason), "kprobe");
	if (err)
		unhook(p);
}

int watchpoints_update(struct watchpoints *w, const struct lk_sink *sink, bool changed)
{
	unsigned int i;
	int err = 0;

	if (!changed && (!w->retry_ns || kernel_now_ns() < w->retry_ns))
		return 0;
	w->retry_ns = 0;
	for (i = 0; i < w->nr && !err; i++) {
		struct point *p = &w->point[i];
		uint32_t state = p->state;
		uint64_t addr = p->addr;

		update_point(w, i);
		if (p->told && p->state == state && p->addr == addr)
			continue;
		p->told = true;
		err = sink_emit(sink, &(struct lk_event){ .kind = LK_EV_WATCH, .watch = {
			.id = i, .state = p->state, .function = p->name[0],
			.symbol = p->symbol, .reason = p->reason } });
	}
	return err;
}

/* Sum over all CPUs. */
static int read_stat(struct watchpoints *w, uint32_t id, struct lk_watch_stat *sum)
{
	unsigned int c;

	memset(sum, 0, sizeof(*sum));
	if (bpf_map_lookup_elem(w->opts.stats, &id, w->scratch))
		return -errno;
	for (c = 0; c < w->opts.nr_cpus; c++) {
		sum->calls += w->scratch[c].calls;
		sum->returned += w->scratch[c].returned;
		sum->total_ns += w->scratch[c].total_ns;
		if (sum->max_ns < w->scratch[c].max_ns)
			sum->max_ns = w->scratch[c].max_ns;
	}
	return 0;
}

int watchpoints_tick(struct watchpoints *w, const struct lk_sink *sink)
{
	struct lk_watch_stat now;
	unsigned int i;
	int err = 0;

	for (i = 0; i < w->nr && w->opts.enter && !err; i++) {
		struct lk_watch_stat *seen = &w->point[i].seen;

		if (read_stat(w, i, &now) ||
		    (now.calls == seen->calls && now.returned == seen->returned))
			continue;
		err = sink_emit(sink, &(struct lk_event){ .kind = LK_EV_WATCHED, .watched = {
			.id = i, .calls = now.calls - seen->calls,
			.returned = now.returned - seen->returned,
			.total_ns = now.total_ns - seen->total_ns, .max_ns = now.max_ns } });
		*seen = now;
	}
	return err;
}

void watchpoints_detach(struct watchpoints *w)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		unhook(&w->point[i]);
}

bool watchpoints_missing(const struct watchpoints *w, unsigned int i, char *buf, size_t size)
{
	unsigned int id;

	for (id = 0; id < w->nr; id++) {
		const struct point *p = &w->point[id];

		if (!p->user || p->state == LK_STATE_FULL || i--)
			continue;
		snprintf(buf, size, "%s is not watched now: %s", p->name[0], p->reason);
		return true;
	}
	return false;
}

void watchpoints_free(struct watchpoints *w)
{
	unsigned int i, n;

	if (!w)
		return;
	watchpoints_detach(w);
	for (i = 0; i < w->nr; i++)
		for (n = 0; n < NAMES_MAX; n++)
			free(w->point[i].name[n]);
	free(w->scratch);
	free(w);
}
