// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lockdep tier's object. What has no tracepoint (downgrade_write(), lock_sync())
 * is hooked by kprobes where the kernel has those; without it the tier is partial.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "bpflog.h"
#include "features.h"
#include "lockdep.h"
#include "lockdep.skel.h"
#include "resolve.h"

#define LINKS_MAX 16

enum step { STEP_FIRST, STEP_OPTIONAL, STEP_ACQUIRE, STEP_NR };

/* What may be missing. */
enum { OPT_DOWNGRADE, OPT_SYNC, OPT_NR };
static const char *const optional[OPT_NR] = {
	[OPT_DOWNGRADE] = "lockdep_downgrade", [OPT_SYNC] = "lockdep_sync",
};

struct lockdep {
	struct lockdep_opts opts;
	struct lockdep_bpf *skel;
	struct bpf_link *link[LINKS_MAX];	/* in the order of attaching */
	unsigned int nr_links;
	bool without[OPT_NR];			/* refused by the kernel */
	char gaps[200];
};

/* Number of an optional program, OPT_NR for one that is needed. */
static unsigned int optional_nr(const char *name)
{
	unsigned int i;

	for (i = 0; i < OPT_NR; i++)
		if (!strcmp(name, optional[i]))
			break;
	return i;
}

/* Releases before acquisitions. */
static enum step step_of(const struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);

	if (optional_nr(name) < OPT_NR)
		return STEP_OPTIONAL;
	return strncmp(name, "lockdep_acquire", 15) ? STEP_FIRST : STEP_ACQUIRE;
}

/* Not a hook: user space runs it, see gates.h. */
static bool is_guard(const struct lockdep *l, const struct bpf_program *prog)
{
	return prog == l->skel->progs.watchdog_start || prog == l->skel->progs.lockdep_reset;
}

static void choose(struct lockdep *l)
{
	bool guard = l->opts.features->watchdog == FEATURE_YES;
	struct bpf_program *prog;
	unsigned int opt;

	bpf_object__for_each_program(prog, l->skel->obj) {
		opt = optional_nr(bpf_program__name(prog));
		bpf_program__set_autoload(prog, is_guard(l, prog) ? guard :
						opt == OPT_NR || !l->without[opt]);
	}
}

static void configure(struct lockdep *l)
{
	struct lk_lockdep_cfg *cfg = (struct lk_lockdep_cfg *)&l->skel->rodata->lockdep_cfg;
	const struct resolver *r = l->opts.resolver;
	uint64_t start, end;

	if (l->opts.cfg)
		memcpy((void *)&l->skel->rodata->cfg, l->opts.cfg, sizeof(*l->opts.cfg));
	cfg->slot_mask = bpf_map__max_entries(l->skel->maps.lkd_slots) - 1;
	cfg->chain_mask = bpf_map__max_entries(l->skel->maps.lkd_chains) - 1;
	cfg->class_mask = bpf_map__max_entries(l->skel->maps.lkd_classes) - 1;
	cfg->nr_cpus = (uint32_t)libbpf_num_possible_cpus();
	cfg->trust = 1;
	cfg->no_validate = resolver_symbol(r, "__lockdep_no_validate__");
	cfg->no_track = resolver_symbol(r, "__lockdep_no_track__");
	cfg->debug_locks = resolver_symbol(r, "debug_locks");
	cfg->rcu_lock_map = resolver_symbol(r, "rcu_lock_map");
	cfg->lock_classes = resolver_symbol(r, "lock_classes");
	cfg->classhash_table = resolver_symbol(r, "classhash_table");
	cfg->per_cpu_offset = resolver_symbol(r, "__per_cpu_offset");
	start = resolver_symbol(r, "__per_cpu_start");
	end = resolver_symbol(r, "__per_cpu_end");
	cfg->percpu_start = start;
	cfg->percpu_size = end > start ? (uint32_t)(end - start) : 0;
	resolver_span(r, "lock_acquire", &start, &end);
	cfg->acquire_start = start;
	cfg->acquire_end = end;
	resolver_span(r, "lock_release", &start, &end);
	cfg->release_start = start;
	cfg->release_end = end;
}

static int share(struct bpf_map *map, int fd)
{
	return fd < 0 ? 0 : bpf_map__reuse_fd(map, fd);
}

static int set_maps(struct lockdep *l)
{
	unsigned int slots = 4096;
	int err;

	while (slots < l->opts.held_tasks && slots < 1u << 20)
		slots *= 2;
	err = bpf_map__set_max_entries(l->skel->maps.lkd_slots, slots);
	if (l->opts.ring_bytes)
		err = err ?: bpf_map__set_max_entries(l->skel->maps.lkd_rb, l->opts.ring_bytes);
	err = err ?: share(l->skel->maps.cpus, l->opts.cpus);
	err = err ?: share(l->skel->maps.stats, l->opts.stats);
	err = err ?: share(l->skel->maps.tasks, l->opts.tasks);
	return err ?: share(l->skel->maps.cgroups, l->opts.cgroups);
}

static int try_load(struct lockdep *l)
{
	int err;

	l->skel = lockdep_bpf__open();
	if (!l->skel)
		return -errno;
	err = set_maps(l);
	if (!err) {
		configure(l);
		choose(l);
		err = lockdep_bpf__load(l->skel);
	}
	if (!err)
		return 0;
	lockdep_bpf__destroy(l->skel);
	l->skel = NULL;
	return err;
}

/* Leave out what is not needed when the kernel refuses it. */
static int load(struct lockdep *l, struct diag *why)
{
	struct bpflog log = { .line = l->opts.log };
	unsigned int opt;
	int err;

	for (;;) {
		bpflog_begin(&log);
		err = try_load(l);
		bpflog_end();
		opt = optional_nr(log.prog);
		if (!err || opt == OPT_NR || l->without[opt])
			break;
		l->without[opt] = true;
	}
	if (err && log.last[0])
		return diag_set(why, err, "its programs do not load (%s)", log.last);
	return err ? diag_errno(why, err, "its programs do not load") : 0;
}

static void describe_gaps(struct lockdep *l)
{
	bool sync = l->opts.features->lock_sync && l->without[OPT_SYNC];

	if (l->without[OPT_DOWNGRADE] && sync)
		snprintf(l->gaps, sizeof(l->gaps), "downgrade_write() and synchronize_srcu() are not "
			 "seen: a downgraded lock counts as held for writing");
	else if (l->without[OPT_DOWNGRADE])
		snprintf(l->gaps, sizeof(l->gaps), "downgrade_write() is not seen: a downgraded lock "
			 "counts as held for writing");
	else if (sync)
		snprintf(l->gaps, sizeof(l->gaps), "synchronize_srcu() is not seen");
	else
		l->gaps[0] = '\0';
}

int lockdep_open(const struct lockdep_opts *opts, struct lockdep **ret, struct diag *why)
{
	const struct features *f = opts->features;
	struct lockdep *l;
	int err;

	if (f->lockdep != FEATURE_YES)
		return diag_set(why, -ENOTSUP, "no tracepoint lock_acquire: this kernel is built "
				"without CONFIG_LOCKDEP");
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->opts = *opts;
	l->without[OPT_DOWNGRADE] = f->kprobe != FEATURE_YES;
	l->without[OPT_SYNC] = f->kprobe != FEATURE_YES || !f->lock_sync;
	err = load(l, why);
	if (err) {
		lockdep_free(l);
		return err;
	}
	describe_gaps(l);
	*ret = l;
	return 0;
}

struct bpf_object *lockdep_object(const struct lockdep *l)
{
	return l->skel->obj;
}

int lockdep_ring(const struct lockdep *l)
{
	return bpf_map__fd(l->skel->maps.lkd_rb);
}

const char *lockdep_gaps(const struct lockdep *l)
{
	return l->gaps;
}

static int attach_step(struct lockdep *l, enum step step)
{
	struct bpf_program *prog;
	struct bpf_link *link;

	bpf_object__for_each_program(prog, l->skel->obj) {
		if (step_of(prog) != step || bpf_program__fd(prog) < 0 || is_guard(l, prog))
			continue;
		link = l->nr_links < LINKS_MAX ? bpf_program__attach(prog) : NULL;
		if (link)
			l->link[l->nr_links++] = link;
		else if (step == STEP_OPTIONAL)
			l->without[optional_nr(bpf_program__name(prog))] = true;
		else
			return errno ? -errno : -E2BIG;
	}
	return 0;
}

int lockdep_attach(struct lockdep *l, struct diag *why)
{
	struct bpflog log = { .line = l->opts.log };
	enum step step;
	int err = 0;

	bpflog_begin(&log);
	for (step = STEP_FIRST; step < STEP_NR && !err; step++)
		err = attach_step(l, step);
	bpflog_end();
	describe_gaps(l);
	if (err)
		lockdep_detach(l);
	return err ? diag_errno(why, err, "cannot attach to lockdep's tracepoints") : 0;
}

struct gate_part lockdep_gate(const struct lockdep *l)
{
	return (struct gate_part){
		.start = l->skel->progs.watchdog_start, .beat = &l->skel->bss->watchdog_beat,
		.bit_ns = &l->skel->bss->watchdog_bit_ns, .reset = l->skel->progs.lockdep_reset };
}

void lockdep_enable(struct lockdep *l, bool on)
{
	if (l->skel && l->skel->bss)
		__atomic_store_n(&l->skel->bss->lockdep_enabled, on, __ATOMIC_RELEASE);
}

void lockdep_detach(struct lockdep *l)
{
	while (l->nr_links)
		bpf_link__destroy(l->link[--l->nr_links]);
}

void lockdep_free(struct lockdep *l)
{
	if (!l)
		return;
	lockdep_enable(l, false);
	lockdep_detach(l);
	lockdep_bpf__destroy(l->skel);
	free(l);
}
