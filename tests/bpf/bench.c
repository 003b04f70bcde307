// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one contention_begin + contention_end costs, and what one acquisition with its
 * release costs the order tier, natively, without hooks: the tracer's functions in a
 * loop under test_run. Each figure is the minimum
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
#include "order_hooks.skel.h"
#include "rig.h"

#define TURNS	150	/* unless the command line has another number */
#define RUNS	150

/* For the order tier: static locks (their addresses are their classes), a call site. */
#define LOCK_OUTER	0xffffffff90000000ull
#define LOCK_INNER	0xffffffff90000040ull
#define SITE		0xffffffff81000042ull

struct variant {
	const char *name;
	uint64_t lcb;
	const struct bpf_program *prog;
	uint64_t lock;
	uint64_t meta;
	struct order_hooks_bpf *fresh;	/* whose ring and table are emptied before each turn */
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

static struct order_hooks_bpf *load_order(void)
{
	struct order_hooks_bpf *s = order_hooks_bpf__open();
	struct bpf_program *p;
	struct lk_order_cfg *oc;
	struct lk_cfg *cfg;

	if (!s)
		exit(1);
	cfg = (struct lk_cfg *)&s->rodata->cfg;
	cfg->has_kfuncs = kernel_btf_has_func(btf, "bpf_rdonly_cast");
	cfg->preempt_off = percpu_preempt_off(btf);
	cfg->current_off = percpu_current_off(btf);
	cfg->has_slab_kfunc = kernel_btf_has_func(btf, "bpf_get_kmem_cache");
	cfg->page_offset_base = rig_symbol("page_offset_base");
	cfg->vmemmap_base = rig_symbol("vmemmap_base");
	oc = (struct lk_order_cfg *)&s->rodata->order_cfg;
	oc->slot_mask = 1023;
	oc->edge_mask = 1023;
	oc->completions = 1;
	cfg->static_lo = 0xffffffff80000000ull;
	cfg->static_hi = 0xffffffffff000000ull;
	bpf_map__set_max_entries(s->maps.edges, 1024);
	bpf_map__set_max_entries(s->maps.slots, 1024 + 2 * (uint32_t)libbpf_num_possible_cpus());
	bpf_object__for_each_program(p, s->obj)
		bpf_program__set_autoload(p, true);
	if (order_hooks_bpf__load(s)) {
		fprintf(stderr, "bench: cannot load (needs root)\n");
		exit(1);
	}
	s->bss->order_enabled = LK_GATE_ALL;
	return s;
}

static int run(const struct bpf_program *prog, uint64_t lock, uint64_t lcb, uint64_t third)
{
	uint64_t args[3] = { lock, lcb, third };
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

	run(s->progs.bench_base, 0, 0, 0);
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

static int ignore(void *ctx, void *data, size_t size)
{
	(void)ctx, (void)data, (void)size;
	return 0;
}

/* Room for orders that are new. */
static void refresh(struct order_hooks_bpf *s)
{
	static struct ring_buffer *ring;
	size_t size = bpf_map__value_size(s->maps.edges);
	char *none = calloc(1, size);
	uint32_t i;

	if (!ring)
		ring = ring_buffer__new(bpf_map__fd(s->maps.order_rb), ignore, NULL, NULL);
	if (!ring || !none)
		exit(1);
	ring_buffer__consume(ring);
	for (i = 0; i < bpf_map__max_entries(s->maps.edges); i++)
		bpf_map_update_elem(bpf_map__fd(s->maps.edges), &i, none, 0);
	free(none);
}

static void turn(struct variant *v)
{
	uint64_t t0, n = 0;
	double ns;
	int i;

	if (v->fresh)
		refresh(v->fresh);
	t0 = kernel_now_ns();
	for (i = 0; i < RUNS && n < (v->fresh ? 256 : 64 * RUNS); i++)	/* a program says how often it did it */
		n += (uint64_t)run(v->prog, v->lock, v->lcb, v->meta);
	ns = (double)(kernel_now_ns() - t0) / (double)n;
	if (!v->best || ns < v->best)
		v->best = ns;
}

int main(int argc, char **argv)
{
	int turns = argc > 1 ? atoi(argv[1]) : TURNS;
	struct bench_bpf *plain, *stack;
	struct order_hooks_bpf *free_hands, *one_held, *four_held, *slab_held, *news;
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
	free_hands = load_order();
	one_held = load_order();
	run(free_hands->progs.t_base, 0, 0, 0);
	run(one_held->progs.t_base, 0, 0, 0);
	run(one_held->progs.t_acquire, LOCK_OUTER, SITE, LK_PRIM_MUTEX);
	four_held = load_order();
	run(four_held->progs.t_base, 0, 0, 0);
	for (i = 0; i < 4; i++)
		run(four_held->progs.t_acquire, LOCK_OUTER - 64 * i, SITE, LK_PRIM_MUTEX);
	news = load_order();
	run(news->progs.t_base, 0, 0, 0);
	run(news->progs.t_acquire, LOCK_OUTER, SITE, LK_PRIM_MUTEX);
	slab_held = load_order();
	run(slab_held->progs.t_base, 0, 0, 0);
	run(slab_held->progs.t_task_locks, 0, 0, 0);
	run(slab_held->progs.t_acquire, slab_held->bss->signal_mutex_at, SITE, LK_PRIM_MUTEX);

	struct variant v[] = {
		{ "floor: empty loop", .prog = plain->progs.bench_empty },
		{ "floor: clock", .prog = plain->progs.bench_clock },
		{ "floor: one hash look-up", .prog = plain->progs.bench_hash },
		{ "floor: one stack walk", .prog = stack->progs.bench_stack },
		{ "pair: spinlock", .lcb = LK_LCB_SPIN, .prog = plain->progs.bench_pair,
		  .lock = 0xffff800000001000ull },
		{ "pair: mutex with owner", .lcb = LK_LCB_MUTEX,
		  .prog = plain->progs.bench_pair, .lock = owned },
		{ "pair: spinlock, stack", .lcb = LK_LCB_SPIN, 
		  .prog = stack->progs.bench_pair, .lock = 0xffff800000001000ull },
		{ "pair: mutex with owner, stack", .lcb = LK_LCB_MUTEX, 
		  .prog = stack->progs.bench_pair, .lock = owned },
		{ "floor: loop of the order tier", .prog = one_held->progs.bench_loop },
		{ "order: mutex, nothing held", .prog = free_hands->progs.bench_order,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_MUTEX },
		{ "order: spinlock, nothing held", .prog = free_hands->progs.bench_order,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
		{ "order: mutex in a mutex, known", .prog = one_held->progs.bench_order,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_MUTEX },
		{ "order: spinlock in a mutex, known", .prog = one_held->progs.bench_order,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
		{ "order: mutex in four mutexes, known", .prog = four_held->progs.bench_order,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_MUTEX },
		{ "order: spinlock in a mutex, released below another", .prog = one_held->progs.bench_order_crossed,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
		{ "order: static spinlock in a mutex, not in the cache", .prog = one_held->progs.bench_order_miss,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
		{ "order: slab spinlock in a mutex, not in the cache", .prog = slab_held->progs.bench_order_miss,
		  .lock = slab_held->bss->task_lock_at, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
		{ "order: spinlock in a mutex, new", .prog = news->progs.bench_order_new, .fresh = news,
		  .lock = LOCK_INNER, .lcb = SITE, .meta = LK_PRIM_SPINLOCK },
	};
	for (t = 0; t < turns; t++)
		for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
			turn(&v[i]);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		printf("{\"name\": \"%s\", \"ns\": %.1f}\n", v[i].name, v[i].best);
	bench_bpf__destroy(plain);
	bench_bpf__destroy(stack);
	order_hooks_bpf__destroy(free_hands);
	order_hooks_bpf__destroy(one_held);
	order_hooks_bpf__destroy(four_held);
	order_hooks_bpf__destroy(slab_held);
	order_hooks_bpf__destroy(news);
	btf__free(btf);
	return 0;
}
