// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracer's own programs, run one by one through test_run, unattached: every
 * sequence of beginnings and ends that matters, and every loss counter that can
 * be provoked without a race. Needs root; nothing is hooked.
 *
 * Locks are invented addresses, except where an owner is wanted: there the
 * "lock" is this CPU's own pointer to the current task, which looks like a
 * mutex held by us.
 */
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
#include "../../user/live/kernel.h"
#include "../../user/live/percpu.h"
#include "../lib/tap.h"
#include "busy.h"
#include "rig.h"
#include "trace.skel.h"

#define LOCK_A	0xffff800000001000ull
#define LOCK_B	0xffff800000002000ull
#define LOCK_C	0xffff800000003000ull
#define LOCK_D	0xffff800000004000ull
#define SPIN	LK_LCB_SPIN
#define MUTEX	LK_LCB_MUTEX

struct sizes {
	unsigned int rows, folds, owners, hist, waiters, locks, ring;
	bool waits, stack, kfuncs;
};

static struct trace_bpf *skel;
static struct btf *btf;
static uint64_t per_cpu_offset, runqueues;	/* where tasks do not lead to the run queue */

/* Offset of a member of a kernel struct in bytes, -1 if there is none. */
static int member_off(const char *type, const char *member)
{
	int i, id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return (int)(btf_member_bit_offset(t, (uint32_t)i) / 8);
	return -1;
}

static void fixture_up(struct sizes z)
{
	struct lk_cfg *cfg;

	skel = trace_bpf__open();
	if (!skel)
		exit(1);
	cfg = (struct lk_cfg *)&skel->rodata->cfg;
	bpf_map__set_max_entries(skel->maps.rows, z.rows ?: 64);
	bpf_map__set_max_entries(skel->maps.folds, z.folds ?: 64);
	bpf_map__set_max_entries(skel->maps.owners, z.owners ?: 64);
	bpf_map__set_max_entries(skel->maps.hist, z.hist ?: 256);
	bpf_map__set_max_entries(skel->maps.waiters, z.waiters ?: 64);
	bpf_map__set_max_entries(skel->maps.locks, z.locks ?: 64);
	bpf_map__set_max_entries(skel->maps.rb, z.ring ?: 4096);
	bpf_map__set_max_entries(skel->maps.stacks, 1);
	bpf_map__set_max_entries(skel->maps.stacks_alt, 1);
	cfg->want_owner = 1;
	cfg->want_stack = z.stack;
	cfg->emit_waits = z.waits;
	cfg->nr_hist_blocks = z.hist ?: 256;
	cfg->waiter_mask = (z.waiters ?: 64) - 1;
	cfg->has_kfuncs = z.kfuncs;
	cfg->preempt_off = percpu_preempt_off(btf);
	cfg->per_cpu_offset = per_cpu_offset;
	cfg->runqueues = runqueues;
	bpf_program__set_autoload(skel->progs.contention_begin, true);
	bpf_program__set_autoload(skel->progs.contention_end, true);
	bpf_program__set_autoload(skel->progs.percpu_base, true);
	bpf_program__set_autoload(skel->progs.follow_fork, true);
	if (trace_bpf__load(skel)) {
		printf("Bail out! cannot load the tracer\n");
		exit(1);
	}
	skel->bss->enabled = 1;
}

static void fixture_down(void)
{
	trace_bpf__destroy(skel);
	skel = NULL;
}

static int run(const struct bpf_program *prog, uint64_t a0, uint64_t a1, int cpu)
{
	uint64_t args[2] = { a0, a1 };

	return rig_run(prog, args, sizeof(args), cpu);
}

static void begin(uint64_t lock, uint32_t lcb)
{
	run(skel->progs.contention_begin, lock, lcb, -1);
}

static void end(uint64_t lock)
{
	run(skel->progs.contention_end, lock, 0, -1);
}

static uint64_t stat(enum lk_stat which)
{
	return rig_stat(skel->maps.stats, which);
}

static void only_stat(enum lk_stat which, uint64_t want, const char *name)
{
	rig_only_stat(skel->maps.stats, which, want, name);
}

/* The sum of all rows of @map with this lock; *key is one of them. */
static uint64_t row_count(const struct bpf_map *map, uint64_t lock, struct lk_row_key *key)
{
	struct lk_row_key k, next, *prev = NULL;
	struct lk_agg agg;
	uint64_t n = 0;

	while (!bpf_map_get_next_key(bpf_map__fd(map), prev, &next)) {
		if (next.lock == lock && !bpf_map_lookup_elem(bpf_map__fd(map), &next, &agg)) {
			n += agg.count;
			*key = next;
		}
		k = next;
		prev = &k;
	}
	return n;
}

static void is_row(uint64_t lock, uint64_t count, uint32_t lcb, const char *name)
{
	struct lk_row_key key = { 0 };

	is_int((int64_t)row_count(skel->maps.rows, lock, &key), (int64_t)count, "%s: waits", name);
	if (count)
		is_int(key.lcb, lcb, "%s: kind", name);
}

static void test_pairs(void)
{
	fixture_up((struct sizes){ 0 });
	begin(LOCK_A, MUTEX | SPIN);
	begin(LOCK_A, MUTEX);
	begin(LOCK_A, MUTEX | SPIN);
	begin(LOCK_A, MUTEX);
	end(LOCK_A);
	is_row(LOCK_A, 1, MUTEX, "a mutex that spun and slept twice is one wait");
	begin(LOCK_B, MUTEX | SPIN);
	end(LOCK_B);
	is_row(LOCK_B, 1, MUTEX | SPIN, "a mutex that only spun");
	begin(LOCK_C, SPIN);
	end(LOCK_C);
	begin(LOCK_C, SPIN);
	end(LOCK_C);
	is_row(LOCK_C, 2, SPIN, "a spinlock twice");
	only_stat(0, 0, "pairs");
	fixture_down();
}

static void test_nested(void)
{
	fixture_up((struct sizes){ 0 });
	begin(LOCK_A, MUTEX | SPIN);
	begin(LOCK_B, SPIN);			/* the mutex's wait_lock */
	end(LOCK_B);
	begin(LOCK_A, MUTEX);
	end(LOCK_A);
	is_row(LOCK_A, 1, MUTEX, "a mutex around its wait_lock");
	is_row(LOCK_B, 1, SPIN, "the wait_lock inside");
	begin(LOCK_C, SPIN | LK_LCB_WRITE);
	begin(LOCK_B, SPIN);			/* the queued rwlock's own spinlock */
	end(LOCK_B);
	end(LOCK_C);
	is_row(LOCK_C, 1, SPIN | LK_LCB_WRITE, "a rwlock around its spinlock");
	is_row(LOCK_B, 2, SPIN, "the spinlock inside");
	begin(LOCK_D, LK_LCB_RT | LK_LCB_WRITE);
	begin(LOCK_B, LK_LCB_RT);		/* rwbase_rt's rt_mutex */
	end(LOCK_B);
	end(LOCK_D);
	is_row(LOCK_D, 1, LK_LCB_RT | LK_LCB_WRITE, "an RT rwlock around its rt_mutex");
	only_stat(0, 0, "nested");
	fixture_down();
}

/* One CPU, a task spinning, an interrupt that spins on top of it. */
static void test_interrupt(void)
{
	struct lk_row_key key = { 0 };

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		skip("one CPU only: no interrupt from another one");
		return;
	}
	fixture_up((struct sizes){ 0 });
	pin(0);
	run(skel->progs.percpu_base, 0, 0, 0);
	run(skel->progs.percpu_base, 0, 0, 1);
	begin(LOCK_A, SPIN);
	pin(1);			/* test only: a real spinner could not move */
	keep_busy(true);
	run(skel->progs.contention_begin, LOCK_B, SPIN, 0);
	run(skel->progs.contention_end, LOCK_B, 0, 0);
	keep_busy(false);
	pin(0);
	end(LOCK_A);
	is_row(LOCK_A, 1, SPIN, "the interrupted spinner");
	is_int((int64_t)row_count(skel->maps.rows, LOCK_B, &key), 1, "the interrupt's wait counts");
	if (percpu_preempt_off(btf)) {
		row_count(skel->maps.rows, LOCK_B, &key);
		is_int(key.ctx, LK_CTX_HARDIRQ, "its context is hardirq");
		row_count(skel->maps.rows, LOCK_A, &key);
		is_int(key.ctx, LK_CTX_TASK, "the other's is task");
	} else {
		skip("this kernel's BTF does not tell where preempt_count lies");
	}
	only_stat(0, 0, "interrupt");
	fixture_down();
}

static void *begin_b(void *arg)
{
	(void)arg;
	begin(LOCK_B, SPIN);
	return NULL;
}

static void *begin_sleep(void *arg)
{
	begin(LOCK_B, *(uint32_t *)arg);
	return NULL;
}

static void in_thread(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (!pthread_create(&t, NULL, fn, arg))
		pthread_join(t, NULL);
}

static void test_stale(void)
{
	fixture_up((struct sizes){ 0 });
	pin(0);
	run(skel->progs.percpu_base, 0, 0, 0);
	begin(LOCK_A, SPIN);
	in_thread(begin_b, NULL);	/* same CPU, other task: A's end was missed */
	end(LOCK_B);
	is_row(LOCK_B, 1, SPIN, "the wait after a missed end");
	is_row(LOCK_A, 0, 0, "the wait without an end");
	only_stat(LK_STAT_STALE_WAIT, 1, "a leftover of another task");
	fixture_down();

	fixture_up((struct sizes){ 0 });
	begin(LOCK_A, MUTEX);
	begin(LOCK_B, MUTEX);
	end(LOCK_B);
	is_row(LOCK_B, 1, MUTEX, "sleeping for B after A's end was missed");
	only_stat(LK_STAT_STALE_WAIT, 1, "a sleeping leftover");
	fixture_down();

	fixture_up((struct sizes){ 0 });
	begin(LOCK_A, SPIN | LK_LCB_READ);
	begin(LOCK_B, SPIN);
	end(LOCK_A);
	is_row(LOCK_A, 1, SPIN | LK_LCB_READ, "the outer wait ends");
	only_stat(LK_STAT_STALE_WAIT, 1, "the inner end was missed");
	fixture_down();
}

static void test_unmatched(void)
{
	fixture_up((struct sizes){ 0 });
	end(LOCK_A);
	is_row(LOCK_A, 0, 0, "an end without a beginning makes no row");
	only_stat(LK_STAT_UNMATCHED_END, 1, "an end without a beginning");
	fixture_down();
}

static void test_depth(void)
{
	unsigned int i;

	fixture_up((struct sizes){ 0 });
	for (i = 0; i <= LK_NEST_MAX; i++)
		begin(LOCK_A + i * 64, SPIN);
	for (i = LK_NEST_MAX; i-- > 0; )
		end(LOCK_A + i * 64);
	only_stat(LK_STAT_NEST_DEPTH, 1, "nested too deep");
	is_row(LOCK_A, 1, SPIN, "the outermost wait survives");
	fixture_down();
}

static void test_full(void)
{
	uint32_t lcb = MUTEX;
	struct lk_row_key key;

	fixture_up((struct sizes){ .waiters = 1 });
	begin(LOCK_A, MUTEX);
	in_thread(begin_sleep, &lcb);
	end(LOCK_A);
	only_stat(LK_STAT_WAITERS_FULL, 1, "table of waiters full");
	is_row(LOCK_A, 1, MUTEX, "the first waiter is timed");
	fixture_down();

	fixture_up((struct sizes){ .rows = 1, .folds = 1 });
	begin(LOCK_A, MUTEX), end(LOCK_A);
	begin(LOCK_B, MUTEX), end(LOCK_B);
	begin(LOCK_C, MUTEX), end(LOCK_C);
	only_stat(LK_STAT_ROWS_FULL, 2, "table of rows full");
	is_int((int64_t)row_count(skel->maps.folds, 0, &key), 2, "they are folded, not dropped");
	begin(LOCK_C, LK_LCB_READ), end(LOCK_C);
	is_int((int64_t)stat(LK_STAT_FOLD_FULL), 1, "folds full: counted");
	fixture_down();

	fixture_up((struct sizes){ .hist = 1 });
	begin(LOCK_A, MUTEX), end(LOCK_A);
	begin(LOCK_B, MUTEX), end(LOCK_B);
	only_stat(LK_STAT_HIST_FULL, 1, "histogram blocks used up");
	is_row(LOCK_B, 1, MUTEX, "the wait still counts");
	fixture_down();

	fixture_up((struct sizes){ .locks = 1 });
	begin(LOCK_A, MUTEX), end(LOCK_A);
	begin(LOCK_B, MUTEX), end(LOCK_B);
	only_stat(LK_STAT_LOCKS_FULL, 1, "no room for naming evidence");
	fixture_down();
}

static void test_ring(void)
{
	unsigned int i, n = 4096 / (sizeof(struct lk_rec_wait) + 8) + 4;

	fixture_up((struct sizes){ .waits = true, .ring = 4096 });
	for (i = 0; i < n; i++)
		begin(LOCK_A, MUTEX), end(LOCK_A);
	ok(stat(LK_STAT_RING_FULL) >= 4, "ring of one page: %" PRIu64 " of %u waits not recorded",
	   stat(LK_STAT_RING_FULL), n);
	is_row(LOCK_A, n, MUTEX, "all of them are in the row");
	fixture_down();
}

static void test_guard(void)
{
	int n = libbpf_num_possible_cpus(), c;
	struct lk_cpu *v = calloc((size_t)n, sizeof(*v));
	uint32_t zero = 0;

	fixture_up((struct sizes){ 0 });
	for (c = 0; c < n; c++)
		v[c].level[0].busy = 1;
	bpf_map_update_elem(bpf_map__fd(skel->maps.cpus), &zero, v, BPF_ANY);
	begin(LOCK_A, SPIN);
	only_stat(LK_STAT_GUARD_SKIP, 1, "inside our own work");
	memset(v, 0, (size_t)n * sizeof(*v));
	bpf_map_update_elem(bpf_map__fd(skel->maps.cpus), &zero, v, BPF_ANY);
	begin(LOCK_A, SPIN);
	end(LOCK_A);
	is_row(LOCK_A, 1, SPIN, "outside it, all is seen");
	free(v);
	fixture_down();
}

static void test_clock(void)
{
	uint32_t tid = (uint32_t)syscall(SYS_gettid), place = tid & 63;
	struct lk_row_key row;
	struct lk_agg agg = { 0 };
	struct lk_wait w = { 0 };

	fixture_up((struct sizes){ 0 });
	begin(LOCK_A, MUTEX);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.waiters), &place, &w);
	is_int((int64_t)w.slot, tid, "a sleeping waiter is at the place of its tid");
	w.start_ns += 1000000000000ull;
	bpf_map_update_elem(bpf_map__fd(skel->maps.waiters), &place, &w, BPF_ANY);
	end(LOCK_A);
	only_stat(LK_STAT_CLOCK, 1, "a clock that went backwards");
	row_count(skel->maps.rows, LOCK_A, &row);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.rows), &row, &agg);
	is_int((int64_t)agg.total_ns, 0, "counted as 0 ns");
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.waiters), &place, &w);
	is_int((int64_t)w.slot, 0, "after its end the place is free");
	fixture_down();
}

/* Wait on CPU 0, out of an interrupt sent from CPU 1: the id of the stack it has. */
static uint32_t interrupt_stack(void)
{
	struct lk_row_key key = { .stack = LK_STACK_NONE };
	static uint64_t lock = LOCK_B;

	lock += 64;
	run(skel->progs.contention_begin, lock, SPIN, 0);
	run(skel->progs.contention_end, lock, 0, 0);
	return row_count(skel->maps.rows, lock, &key) ? key.stack : 0;
}

/*
 * Tables of one stack each: the second stack goes to the second table, the
 * third nowhere. Stacks differ by what the interrupt interrupted: nothing, or a
 * thread in user space.
 */
static void test_stacks(void)
{
	struct lk_row_key key;
	uint64_t deadline;
	uint32_t id = 0;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		skip("one CPU only: no interrupt from another one");
		return;
	}
	fixture_up((struct sizes){ .stack = true, .rows = 4096 });
	pin(1);
	begin(LOCK_A, MUTEX);
	end(LOCK_A);
	row_count(skel->maps.rows, LOCK_A, &key);
	is_int(key.stack, 0, "the first stack goes to the first table");
	keep_busy(true);
	is_int(interrupt_stack(), LK_STACK_ALT, "a collision goes to the second table");
	keep_busy(false);
	is_int((int64_t)stat(LK_STAT_STACK_COLLISION), 0, "and is no loss");
	for (deadline = kernel_now_ns() + 10000000000ull;
	     id != LK_STACK_NONE && kernel_now_ns() < deadline; ) {
		keep_busy(true);
		for (i = 0; i < 5 && id != LK_STACK_NONE; i++)
			id = interrupt_stack();
		keep_busy(false);
		for (i = 0; i < 5 && id != LK_STACK_NONE; i++)
			id = interrupt_stack();
	}
	is_int(id, LK_STACK_NONE, "a second collision leaves no stack");
	ok(stat(LK_STAT_STACK_COLLISION) >= 1, "and is counted");
	fixture_down();
}

/* Offset of the per-CPU pointer to the current task from `runqueues`; 0 = not found. */
static int64_t current_off(void)
{
	const struct btf_type *sec, *t;
	const struct btf_var_secinfo *v;
	int64_t rq = -1, cur = -1;
	int i, id = btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC);

	sec = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	for (i = 0; sec && i < btf_vlen(sec); i++) {
		v = btf_var_secinfos(sec) + i;
		t = btf__type_by_id(btf, v->type);
		if (!strcmp(btf__name_by_offset(btf, t->name_off), "runqueues"))
			rq = v->offset;
		if (!strcmp(btf__name_by_offset(btf, t->name_off), "current_task") ||
		    !strcmp(btf__name_by_offset(btf, t->name_off), "pcpu_hot"))
			cur = v->offset;	/* current_task is pcpu_hot's first member */
	}
	return rq < 0 || cur < 0 ? 0 : cur - rq;
}

static void test_owner(bool kfuncs)
{
	int n = libbpf_num_possible_cpus();
	struct lk_cpu *v = calloc((size_t)n, sizeof(*v));
	struct lk_owner_key key = { 0 };
	struct lk_agg agg = { 0 };
	uint32_t zero = 0;
	uint64_t lock;
	bool rt;

	fixture_up((struct sizes){ .owners = 1, .kfuncs = kfuncs });
	pin(0);
	run(skel->progs.percpu_base, 0, 0, 0);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.cpus), &zero, v);
	if (!ok(v[0].runqueue != 0, "the run queue of CPU 0 is found") || !current_off()) {
		skip("no owner test: where the current task is noted is unknown");
		goto out;
	}
	lock = v[0].runqueue + (uint64_t)current_off();
	rt = member_off("mutex", "owner") < 0;	/* PREEMPT_RT: mutexes are rt_mutexes */
	lock -= (uint64_t)(rt ? member_off("rt_mutex_base", "owner") : 0);
	begin(lock, rt ? LK_LCB_RT : MUTEX);
	end(lock);
	is_int(bpf_map_get_next_key(bpf_map__fd(skel->maps.owners), NULL, &key), 0, "a mutex's owner");
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.owners), &key, &agg);
	is_int(key.tid, (uint32_t)syscall(SYS_gettid), "is the task in its owner word");
	is_int(key.tgid, getpid(), "with its process");
	is_str(agg.comm, "trace_test", "and its name");
	is_int(key.reader, 0, "not a reader");
	if (rt) {
		skip("no rw_semaphore with an owner word on PREEMPT_RT");
		goto out;
	}
	lock -= (uint64_t)member_off("rw_semaphore", "owner");
	begin(lock, LK_LCB_WRITE);
	end(lock);
	only_stat(LK_STAT_OWNERS_FULL, 1, "a second owner row with room for one");
out:
	free(v);
	fixture_down();
}

static void test_filter_full(void)
{
	int n = libbpf_num_possible_cpus(), i;
	struct lk_cpu *v = calloc((size_t)n, sizeof(*v));
	uint64_t key = 1ull << 32;	/* process 0: what an unreadable parent looks like */
	uint32_t one = 1, zero = 0;

	fixture_up((struct sizes){ 0 });
	run(skel->progs.percpu_base, 0, 0, 0);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.cpus), &zero, v);
	bpf_map_update_elem(bpf_map__fd(skel->maps.tasks), &key, &one, BPF_ANY);
	/* Any readable memory stands for the child: what matters is that its id is not 0. */
	for (i = 0; i < 64 && !stat(LK_STAT_TASKS_FULL); i++)
		run(skel->progs.follow_fork, 1, v[0].runqueue + 8u * (unsigned int)i, -1);
	only_stat(LK_STAT_TASKS_FULL, 1, "no room for a followed child");
	free(v);
	fixture_down();
}

static void test_gate(void)
{
	fixture_up((struct sizes){ 0 });
	skel->bss->enabled = 0;
	begin(LOCK_A, MUTEX);
	end(LOCK_A);
	is_row(LOCK_A, 0, 0, "behind a closed gate nothing is seen");
	only_stat(0, 0, "closed gate");
	fixture_down();
}

int main(void)
{
	btf = rig_btf();
	if (!btf)
		return 0;
	per_cpu_offset = rig_symbol("__per_cpu_offset");
	runqueues = rig_symbol("runqueues");
	test_gate();
	test_pairs();
	test_nested();
	test_interrupt();
	test_stale();
	test_unmatched();
	test_depth();
	test_full();
	test_ring();
	test_guard();
	test_clock();
	test_stacks();
	test_owner(false);
	if (kernel_btf_has_func(btf, "bpf_rdonly_cast"))
		test_owner(true);
	else
		skip("no bpf_rdonly_cast() in this kernel (6.2)");
	test_filter_full();
	btf__free(btf);
	return done_testing();
}
