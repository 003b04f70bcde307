/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the order tier through test_run share: the object with invented call
 * sites and locks, up() and down(), one hook each, and what came of it. Included by one
 * .c file each.
 */
#ifndef LK_ORDER_RIG_H
#define LK_ORDER_RIG_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../../bpf/lockfns.h"
#include "../../user/live/kernel.h"
#include "../../user/live/percpu.h"
#include "../lib/tap.h"
#include "order_hooks.skel.h"
#include "rig.h"

/* As in bpf/order_note.bpf.h. */
#define META(prim, read, flags, row, bits)						\
	((uint64_t)(prim) | (uint64_t)(read) << 8 | (uint64_t)(flags) << 16 |		\
	 (uint64_t)(row) << 32 | (uint64_t)(bits) << 48)
#define WRAPS	2
#define GOT	META(0, 0, 0, 0, 8)	/* META_HELD */
#define MUTEX	META(LK_PRIM_MUTEX, 0, 0, LK_ROW_mutex_lock, 0)
#define SPIN	META(LK_PRIM_SPINLOCK, 0, 0, LK_ROW__raw_spin_lock, 0)
#define READ	META(LK_PRIM_RWSEM, LK_READ, 0, LK_ROW_down_read, 0)
#define WRITE	META(LK_PRIM_RWSEM, LK_WRITE, 0, LK_ROW_down_write, 0)
#define SEM	META(LK_PRIM_SEMAPHORE, 0, 0, LK_ROW_down, 0)
#define WAIT	META(LK_PRIM_COMPLETION, 0, 0, LK_ROW_wait_for_completion, 0)
#define HOLD(f)	((uint64_t)(f) << 16)
#define TRY	HOLD(LK_HOLD_TRY)

/* Invented static locks: their address is their class. */
#define STATIC	0xffffffff90000000ull
#define L(n)	(STATIC + (uint64_t)(n) * 64)
#define A	L(1)
#define B	L(2)
#define C	L(3)
#define D	L(4)
#define SITE(n)	(0xffffffff81000000ull + (uint64_t)(n))
#define WHERE	SITE(0x42)
#define KTYPE	(STATIC + 0xff000)	/* what says that a kobject is a device's */
#define SLOTS	64
#define MAX_RECS 64

struct set_up {
	unsigned int edges, ring, slots;
	unsigned int sample;	/* sample_mask */
	bool verify, filter;
	unsigned int hold_rows;	/* hold times, with so many rows; 0 = none */
	bool stacks, waits;
};

static struct order_hooks_bpf *skel;
static bool hot_path;		/* let the straight line do what it can; else it is all done in full */
static struct ring_buffer *ring;
static struct btf *btf;
static struct lk_rec_order order[MAX_RECS];
static struct lk_rec_odd odd[MAX_RECS];
static struct lk_rec_class class[MAX_RECS];
static struct lk_rec_sample samples[MAX_RECS];
static unsigned int nr_sample;
static unsigned int nr_order, nr_odd, nr_class;

static int on_record(void *ctx, void *data, size_t size)
{
	uint32_t kind = *(uint32_t *)data;

	(void)ctx;
	if (kind == LK_REC_ORDER && nr_order < MAX_RECS && size >= sizeof(order[0]))
		memcpy(&order[nr_order++], data, sizeof(order[0]));
	else if (kind == LK_REC_SAMPLE && nr_sample < MAX_RECS)
		memcpy(&samples[nr_sample++], data, sizeof(samples[0]));
	else if (kind == LK_REC_ODD && nr_odd < MAX_RECS && size >= sizeof(odd[0]))
		memcpy(&odd[nr_odd++], data, sizeof(odd[0]));
	else if (kind == LK_REC_CLASS && nr_class < MAX_RECS && size >= sizeof(class[0]))
		memcpy(&class[nr_class++], data, sizeof(class[0]));
	return 0;
}

static void drain(void)
{
	ring_buffer__consume(ring);
}

static void forget(void)
{
	drain();
	nr_order = nr_odd = nr_class = nr_sample = 0;
}

static int run5(const struct bpf_program *prog, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		int cpu)
{
	uint64_t args[5] = { a0, a1, a2, a3, a4 };

	return rig_run(prog, args, sizeof(args), cpu);
}

static int run_on(const struct bpf_program *prog, uint64_t a0, uint64_t a1, uint64_t a2, int cpu)
{
	return run5(prog, a0, a1, a2, 0, 0, cpu);
}

static int run(const struct bpf_program *prog, uint64_t a0, uint64_t a1, uint64_t a2)
{
	return run_on(prog, a0, a1, a2, -1);
}

static void up(struct set_up z)
{
	unsigned int edges = z.edges ?: 1024, slots = z.slots ?: SLOTS;
	struct lk_order_cfg *oc;
	struct bpf_program *p;
	struct lk_cfg *cfg;
	int cpu;

	skel = order_hooks_bpf__open();
	if (!skel)
		exit(1);
	cfg = (struct lk_cfg *)&skel->rodata->cfg;
	cfg->preempt_off = percpu_preempt_off(btf);
	cfg->current_off = hot_path ? percpu_current_off(btf) : 0;
	cfg->has_kfuncs = kernel_btf_has_func(btf, "bpf_rdonly_cast");
	cfg->has_slab_kfunc = kernel_btf_has_func(btf, "bpf_get_kmem_cache");
	cfg->filter_task = z.filter;
	oc = (struct lk_order_cfg *)&skel->rodata->order_cfg;
	oc->slot_mask = slots - 1;
	oc->edge_mask = edges - 1;
	oc->verify = z.verify;
	oc->completions = 1;
	oc->look_upon = 1;
	oc->sample_mask = z.sample;
	oc->hold_times = z.hold_rows != 0;
	oc->hold_stack_mask = 1023;
	cfg->want_stack = z.stacks;
	cfg->emit_waits = z.waits;
	cfg->nr_hist_blocks = bpf_map__max_entries(skel->maps.hist);
	bpf_map__set_max_entries(skel->maps.hold_rows, z.hold_rows ?: 1);
	oc->module_lo = STATIC + 0x80000;
	cfg->static_lo = STATIC;
	cfg->static_hi = STATIC + 0x100000;
	cfg->device_ktype = KTYPE;
	bpf_map__set_max_entries(skel->maps.slots, slots + 2 * (unsigned int)libbpf_num_possible_cpus());
	bpf_map__set_max_entries(skel->maps.edges, edges);
	bpf_map__set_max_entries(skel->maps.order_rb, z.ring ?: 1 << 18);
	bpf_map__set_max_entries(skel->maps.cwaits, 2);
	bpf_object__for_each_program(p, skel->obj)
		bpf_program__set_autoload(p, true);
	if (order_hooks_bpf__load(skel)) {
		printf("Bail out! cannot load the order tier\n");
		exit(1);
	}
	ring = ring_buffer__new(bpf_map__fd(skel->maps.order_rb), on_record, NULL, NULL);
	for (cpu = 0; cpu < 2 && cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		run_on(skel->progs.t_base, 0, 0, 0, cpu);
	run(skel->progs.t_where, 0, 0, 0);
	pin(0);
	forget();
	skel->bss->order_started_ns = kernel_now_ns();
	skel->bss->order_enabled = LK_GATE_ALL;
}

static void down(void)
{
	ring_buffer__free(ring);
	order_hooks_bpf__destroy(skel);
	skel = NULL;
}

static void acquire(uint64_t lock, uint64_t meta)
{
	run(skel->progs.t_acquire, lock, WHERE, meta);
}

static void release(uint64_t lock, uint64_t meta)
{
	run(skel->progs.t_release, lock, 0, meta);
}

static uint64_t stat(enum lk_stat which)
{
	return rig_stat(skel->maps.stats, which);
}

static void only_stat(enum lk_stat which, uint64_t want, const char *name)
{
	rig_only_stat(skel->maps.stats, which, want, name);
	if (!which)
		ok(true, "%s: no loss", name);
}

/* What a task holds: a copy of its place; all zero if it has none. */
static struct lk_slot slot_of(uint32_t tid)
{
	struct lk_slot slot, none = { 0 };
	uint32_t i;

	for (i = 0; i < SLOTS; i++)
		if (!bpf_map_lookup_elem(bpf_map__fd(skel->maps.slots), &i, &slot) && slot.task &&
		    slot.tid == tid)
			return slot;
	return none;
}

static struct lk_slot slot_mine(void)
{
	return slot_of((uint32_t)syscall(SYS_gettid));
}

/* The held locks, oldest first, as letters: L(1) = A. */
static const char *held(const struct lk_stack *s)
{
	static char text[LK_HELD_MAX + 1];
	uint32_t i;

	for (i = 0; i < s->depth && i < LK_HELD_MAX; i++)
		text[i] = (char)('A' + (s->held[i].lock - A) / 64);
	text[i] = '\0';
	return text;
}

static void is_held(const char *want, const char *name)
{
	struct lk_slot slot = slot_mine();

	is_str(held(&slot.stack), want, "%s: held", name);
}

#endif /* LK_ORDER_RIG_H */
