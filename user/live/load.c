// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting the tracing programs into the kernel: configuration, table sizes,
 * filters, and a ladder of what is left out when the kernel refuses it.
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
#include "cgroup.h"
#include "features.h"
#include "kernel.h"
#include "load.h"
#include "percpu.h"
#include "resolve.h"
#include "trace.skel.h"

#define DEFAULT_ROWS		16384
#define DEFAULT_STACKS		16384
#define DEFAULT_STACK_DEPTH	32
#define DEFAULT_WAITERS		16384
#define DEFAULT_RING		(4u << 20)
#define FOLLOWED_MAX		16384	/* processes followed at a time */
/* maps.bpf.h */
#define TASK_TGID		(1ull << 32)
#define TASK_TID		(2ull << 32)

struct loader {
	struct trace_bpf *skel;
	const struct btf *btf;
	const struct features *features;
	const struct resolver *resolver;
	bool contention;	/* else only what the other tiers need of it */
	struct bpflog log;
};

static void set_cfg(struct loader *l, const struct session_opts *o, bool kfuncs)
{
	struct lk_cfg *cfg = (struct lk_cfg *)&l->skel->rodata->cfg;	/* not loaded yet: writable */
	const uint64_t spun = 1ull << (LK_LCB_MUTEX | LK_LCB_SPIN), slept = 1ull << LK_LCB_MUTEX;

	cfg->want_stack = !o->no_stacks;
	cfg->want_owner = 1;
	cfg->emit_waits = o->waits;
	cfg->filter_task = o->nr_pid || o->nr_tid || o->follow;
	cfg->nr_cgroups = o->nr_cgroup;
	cfg->type_mask = o->type_mask;
	cfg->type_mask_on = o->type_mask != 0;
	if (o->type_mask & (spun | slept))	/* a mutex wait is known to have slept only later */
		cfg->type_mask |= spun | slept;
	cfg->has_kfuncs = kfuncs && kernel_btf_has_func(l->btf, "bpf_rdonly_cast");
	cfg->has_slab_kfunc = kfuncs && kernel_btf_has_func(l->btf, "bpf_get_kmem_cache");
	cfg->waiter_mask = bpf_map__max_entries(l->skel->maps.waiters) - 1;
	cfg->per_cpu_offset = resolver_symbol(l->resolver, "__per_cpu_offset");
	cfg->runqueues = resolver_symbol(l->resolver, "runqueues");
#ifdef __x86_64__
	/* Documentation/arch/x86/x86_64/mm.rst: kernel text mapping and module mapping space */
	cfg->static_lo = 0xffffffff80000000;
	cfg->static_hi = 0xffffffffff000000;
#else
	cfg->static_lo = resolver_symbol(l->resolver, "_text");
	cfg->static_hi = resolver_symbol(l->resolver, "_end");
#endif
	cfg->device_ktype = resolver_symbol(l->resolver, "device_ktype");
	cfg->nr_hist_blocks = bpf_map__max_entries(l->skel->maps.hist);
	cfg->preempt_off = percpu_preempt_off(l->btf);
	cfg->current_off = percpu_current_off(l->btf);
	if (sysconf(_SC_PAGESIZE) == 4096) {
		cfg->page_offset_base = resolver_symbol(l->resolver, "page_offset_base");
		cfg->vmemmap_base = resolver_symbol(l->resolver, "vmemmap_base");
	}
}

static int set_sizes(struct loader *l, const struct session_opts *o)
{
	uint32_t rows = o->rows ? o->rows : DEFAULT_ROWS;
	uint32_t stacks = o->stacks ? o->stacks : DEFAULT_STACKS;
	uint32_t depth = o->stack_depth ? o->stack_depth : DEFAULT_STACK_DEPTH;
	uint32_t ring = o->ring_bytes ? o->ring_bytes : DEFAULT_RING;
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE), bytes = page, waiters = 1;
	uint32_t locks = o->hold_times ? rows : 0;	/* that only hold times name */
	uint32_t alt;	/* as large where stacks are so many: a stack that has no place leaves a lock without a name */
	int err;

	while (o->waits && bytes < ring && bytes < 1u << 30)
		bytes *= 2;
	if (!l->contention)
		rows = waiters = 1;
	if (!l->contention && !o->hold_times)
		stacks = 1;
	alt = o->hold_times ? stacks : stacks / 8 ?: 1;
	err = bpf_map__set_max_entries(l->skel->maps.rb, bytes);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.rows, rows);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.locks, rows + locks);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.owners, rows / 2 ?: 1);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.hist, rows * 3);
	while (l->contention && waiters < (o->waiters ? o->waiters : DEFAULT_WAITERS) && waiters < 1u << 22)
		waiters *= 2;
	err = err ?: bpf_map__set_max_entries(l->skel->maps.waiters, waiters);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.stacks, stacks);
	err = err ?: bpf_map__set_max_entries(l->skel->maps.stacks_alt, alt);
	err = err ?: bpf_map__set_value_size(l->skel->maps.stacks, depth * 8);
	err = err ?: bpf_map__set_value_size(l->skel->maps.stacks_alt, depth * 8);
	if (o->nr_pid || o->nr_tid || o->follow)
		err = err ?: bpf_map__set_max_entries(l->skel->maps.tasks,
						      o->nr_pid + o->nr_tid +
						      (o->follow ? FOLLOWED_MAX : 0));
	return err;
}

/*
 * Open, configure and load; without the kfuncs that some kernels refuse to some
 * programs, and without learning the per-CPU base, which names fewer locks and
 * leaves contexts unknown.
 */
static int load_skel(struct loader *l, const struct session_opts *o, bool kfuncs, bool base)
{
	bool guard = l->contention && l->features->watchdog == FEATURE_YES;
	int err;

	l->skel = trace_bpf__open();
	if (!l->skel)
		return -errno;
	err = set_sizes(l, o);
	if (err)
		goto out;
	set_cfg(l, o, kfuncs);
	bpf_program__set_autoload(l->skel->progs.contention_begin, l->contention);
	bpf_program__set_autoload(l->skel->progs.contention_end, l->contention);
	bpf_program__set_autoload(l->skel->progs.watchdog_start, guard);
	bpf_program__set_autoload(l->skel->progs.wait_reset, guard);
	bpf_program__set_autoload(l->skel->progs.percpu_base, base);
	bpf_program__set_autoload(l->skel->progs.follow_fork, o->follow != 0);
	bpf_program__set_autoload(l->skel->progs.follow_exit, o->follow != 0);
	err = trace_bpf__load(l->skel);
	if (!err)
		return 0;
out:
	trace_bpf__destroy(l->skel);
	l->skel = NULL;
	return err;
}

static int put_task(struct loader *l, uint64_t key)
{
	uint32_t one = 1;

	return bpf_map_update_elem(bpf_map__fd(l->skel->maps.tasks), &key, &one, BPF_ANY);
}

static int set_filters(struct loader *l, const struct session_opts *o, struct diag *why)
{
	unsigned int i;
	int fd, err = 0;

	for (i = 0; i < o->nr_pid && !err; i++)
		err = put_task(l, TASK_TGID | o->pid[i]);
	for (i = 0; i < o->nr_tid && !err; i++)
		err = put_task(l, TASK_TID | o->tid[i]);
	if (o->follow && !err)
		err = put_task(l, TASK_TGID | (uint32_t)o->follow);
	if (err)
		return diag_errno(why, err, "cannot fill the task filter");
	for (i = 0; i < o->nr_cgroup; i++) {
		fd = cgroup_open(o->cgroup[i], why);
		if (fd < 0)
			return fd;
		err = bpf_map_update_elem(bpf_map__fd(l->skel->maps.cgroups), &i, &fd, BPF_ANY);
		close(fd);
		if (err)
			return diag_errno(why, err, "cannot filter by cgroup '%s'", o->cgroup[i]);
	}
	return 0;
}

/* The sentence for a failed load. */
static int refused(const struct loader *l, int err, struct diag *why)
{
	if (err == -EPERM)
		return diag_set(why, err, "the kernel refused the tracing programs (%s); "
				"'lockscope doctor' shows what it allows", l->log.last);
	return diag_errno(why, err, "cannot load the tracing programs (%s)", l->log.last);
}

int load_programs(const struct session_opts *o, const struct btf *btf,
		  const struct features *features, const struct resolver *resolver,
		  bool contention, struct trace_bpf **ret, struct diag *why)
{
	struct loader l = { .btf = btf, .features = features, .resolver = resolver,
			    .contention = contention, .log.line = o->libbpf_log };
	int err;

	bpflog_begin(&l.log);
	err = load_skel(&l, o, true, true);
	if (err && err != -EPERM)
		err = load_skel(&l, o, false, true);
	if (err && err != -EPERM)
		err = load_skel(&l, o, false, false);
	bpflog_end();
	if (err)
		return refused(&l, err, why);
	err = set_filters(&l, o, why);
	if (err) {
		trace_bpf__destroy(l.skel);
		return err;
	}
	*ret = l.skel;
	return 0;
}
