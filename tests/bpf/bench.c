// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one contention_begin + contention_end costs, natively, without hooks:
 * the tracer's functions in a loop under test_run. Each figure is the minimum
 * of several rounds, since everything that disturbs only adds; all variants take
 * turns in each round. One JSON object per line on stdout.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../../user/live/kernel.h"
#include "../../user/live/percpu.h"
#include "bench.skel.h"

#define TURNS	15
#define RUNS	1500

struct variant {
	const char *name;
	bool stack;
	uint64_t lcb;
	bool owned;		/* the lock's owner word names us */
	struct bench_bpf *skel;
	const struct bpf_program *prog;
	uint64_t lock;
	double best;
};

static struct btf *btf;

static struct bench_bpf *load(bool stack)
{
	struct bench_bpf *s = bench_bpf__open();
	struct bpf_program *p;
	struct lk_cfg *cfg;

	if (!s)
		exit(1);
	cfg = (struct lk_cfg *)&s->rodata->cfg;
	cfg->want_stack = stack;
	cfg->want_owner = 1;
	cfg->nr_hist_blocks = bpf_map__max_entries(s->maps.hist);
	cfg->waiter_mask = bpf_map__max_entries(s->maps.waiters) - 1;
	cfg->has_kfuncs = kernel_btf_has_func(btf, "bpf_rdonly_cast");
	cfg->preempt_off = percpu_preempt_off(btf);
	bpf_object__for_each_program(p, s->obj)
		bpf_program__set_autoload(p, true);
	if (bench_bpf__load(s)) {
		fprintf(stderr, "bench: cannot load (needs root)\n");
		exit(1);
	}
	return s;
}

static int run(const struct bpf_program *prog, uint64_t lock, uint64_t lcb)
{
	uint64_t args[2] = { lock, lcb };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		exit(1);
	return (int)opts.retval;
}

static uint64_t runqueue(struct bench_bpf *s)
{
	struct lk_cpu *v = calloc((size_t)libbpf_num_possible_cpus(), sizeof(*v));
	uint32_t zero = 0;
	uint64_t rq = 0;

	run(s->progs.bench_base, 0, 0);
	if (v && !bpf_map_lookup_elem(bpf_map__fd(s->maps.cpus), &zero, v))
		rq = v[0].runqueue;
	free(v);
	return rq;
}

static int64_t offset_of(const char *var)
{
	int i, id = btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC);
	const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL, *t;

	for (i = 0; sec && i < btf_vlen(sec); i++) {
		t = btf__type_by_id(btf, btf_var_secinfos(sec)[i].type);
		if (!strcmp(btf__name_by_offset(btf, t->name_off), var))
			return btf_var_secinfos(sec)[i].offset;
	}
	return -1;
}

static void turn(struct variant *v)
{
	uint64_t t0 = kernel_now_ns(), n = 0;
	double ns;
	int i;

	for (i = 0; i < RUNS; i++)
		n += (uint64_t)run(v->prog, v->lock, v->lcb);
	ns = (double)(kernel_now_ns() - t0) / (double)n;
	if (!v->best || ns < v->best)
		v->best = ns;
}

int main(void)
{
	struct bench_bpf *plain, *stack;
	int64_t cur;
	cpu_set_t set;
	uint64_t owned;
	size_t i;
	int t;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	btf = btf__load_vmlinux_btf();
	plain = load(false);
	stack = load(true);
	cur = offset_of("current_task");
	if (cur < 0)
		cur = offset_of("pcpu_hot");
	owned = runqueue(plain) + (uint64_t)(cur - offset_of("runqueues"));
	runqueue(stack);

	struct variant v[] = {
		{ "floor: empty loop", .skel = plain, .prog = plain->progs.bench_empty },
		{ "floor: clock", .skel = plain, .prog = plain->progs.bench_clock },
		{ "floor: one hash look-up", .skel = plain, .prog = plain->progs.bench_hash },
		{ "floor: one stack walk", .skel = stack, .prog = stack->progs.bench_stack },
		{ "pair: spinlock", .lcb = LK_LCB_SPIN, .skel = plain, .prog = plain->progs.bench_pair,
		  .lock = 0xffff800000001000ull },
		{ "pair: mutex with owner", .lcb = LK_LCB_MUTEX, .skel = plain,
		  .prog = plain->progs.bench_pair, .lock = owned },
		{ "pair: spinlock, stack", .lcb = LK_LCB_SPIN, .skel = stack,
		  .prog = stack->progs.bench_pair, .lock = 0xffff800000001000ull },
		{ "pair: mutex with owner, stack", .lcb = LK_LCB_MUTEX, .skel = stack,
		  .prog = stack->progs.bench_pair, .lock = owned },
	};
	for (t = 0; t < TURNS; t++)
		for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
			turn(&v[i]);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		printf("{\"name\": \"%s\", \"ns\": %.1f}\n", v[i].name, v[i].best);
	bench_bpf__destroy(plain);
	bench_bpf__destroy(stack);
	btf__free(btf);
	return 0;
}
