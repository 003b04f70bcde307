// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate of the order tier goes down and up again: what is held is forgotten, so that no
 * false order comes of it; and it goes down by itself when user space does not move. Each
 * with a twin that shows what would happen otherwise.
 */
#include "order_rig.h"

#include <time.h>

#include "lockdep.skel.h"

/* Run a program that is no hook. */
static int call(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		return -errno;
	return (int)opts.retval;
}

static unsigned int nr_entries(const struct bpf_map *map)
{
	char key[64], *last = NULL;
	unsigned int nr = 0;

	while (!bpf_map_get_next_key(bpf_map__fd(map), last, key)) {
		last = key;
		nr++;
	}
	return nr;
}

/* A is taken; the gate goes down; A is released; the gate goes up; B is taken: orders sent. */
static unsigned int unseen_release(uint64_t meta, bool reset)
{
	unsigned int nr;

	up((struct set_up){ 0 });
	acquire(A, meta);
	skel->bss->order_enabled = 0;
	release(A, meta);
	if (reset)
		is_int(call(skel->progs.order_reset), 0, "the reset runs");
	skel->bss->order_started_ns = kernel_now_ns();
	skel->bss->order_enabled = LK_GATE_ALL;
	forget();
	acquire(B, meta);
	drain();
	nr = nr_order;
	if (reset) {
		is_held("B", "nothing else");
		release(B, meta);
		acquire(B, meta);
		acquire(C, meta);
		drain();
		is_int(nr_order, 1, "an order that happens then is seen");
		release(A, meta);
		is_int((int64_t)stat(LK_STAT_PREHELD), 1, "what was held meanwhile counts as held before");
	}
	down();
	return nr;
}

static void test_orders(void)
{
	is_int(unseen_release(MUTEX, true), 0, "mutexes: no false order");
	is_int(unseen_release(MUTEX, false), 1, "twin: without the reset there is one");
	is_int(unseen_release(SPIN, true), 0, "spinlocks: no false order");
	is_int(unseen_release(SPIN, false), 1, "twin: without the reset there is one");
}

/*
 * The budget takes the spinlocks out: S is taken; the gate changes to the sleeping locks
 * alone; S is released unseen; a mutex is taken; and the gate is as before: orders sent.
 */
static unsigned int without_spin(bool reset)
{
	unsigned int nr;

	up((struct set_up){ 0 });
	acquire(A, SPIN);
	skel->bss->order_enabled = 0;
	if (reset)
		is_int(call(skel->progs.order_reset), 0, "the reset runs");
	skel->bss->order_enabled = LK_GATE_SLEEP | LK_GATE_INIT;
	release(A, SPIN);
	forget();
	acquire(B, MUTEX);
	acquire(C, SPIN);
	drain();
	nr = nr_order;
	if (reset) {
		is_held("B", "the mutex is seen, the spinlock is not");
		skel->bss->order_enabled = 0;
		call(skel->progs.order_reset);
		skel->bss->order_enabled = LK_GATE_ALL;
		acquire(D, SPIN);
		is_held("D", "taken back: spinlocks are seen, what was held is not");
		drain();
		is_int(nr_order, 0, "... and nothing leads from that");
	}
	down();
	return nr;
}

static void test_bits(void)
{
	is_int(without_spin(true), 0, "spin order off: no false order");
	is_int(without_spin(false), 1, "twin: without the reset there is one");
}

/* The moment after the gate went up ends, as hooks_ripen() does it. */
static void ripen(void)
{
	skel->bss->order_ripe_epoch = ++skel->data->epoch;
	skel->bss->order_young = 0;
	skel->bss->tag_gen++;
}

/* Takes first, then second: how many orders are sent, with these flags. The locks stay held. */
static void ordered(uint64_t first, uint64_t second, unsigned int sent, uint32_t flags, const char *what)
{
	forget();
	if (first)
		acquire(first, MUTEX);
	acquire(second, MUTEX);
	drain();
	is_int(nr_order, sent, "%s: %s", what, sent ? "it is sent" : "it is known");
	if (sent)
		is_int(order[0].flags, flags, "%s: %s", what, flags ? "marked" : "not marked");
}

static void both_released(void)
{
	release(B, MUTEX);
	release(A, MUTEX);
}

/*
 * Just after the gate went up, a task that is older may hold a guard that we did not see: orders are marked, and
 * seen again later, when they are not.
 */
static void test_young(void)
{
	up((struct set_up){ 0 });
	skel->bss->order_young = 1;
	ordered(A, B, 1, LK_ORDER_YOUNG, "young");
	both_released();
	ordered(A, B, 0, 0, "young, again");
	release(B, MUTEX);
	ripen();
	ordered(0, B, 0, 0, "ripe, but for what is held since then");
	both_released();
	ordered(A, B, 1, 0, "ripe");
	both_released();
	ordered(A, B, 0, 0, "ripe, again");
	both_released();
	skel->bss->order_young = 1;
	ordered(A, B, 0, 0, "young once more: what was seen when ripe is known");
	both_released();
	skel->bss->order_started_ns = 0;
	ordered(C, D, 1, 0, "young, by a task that began after the gate went up");
	only_stat(0, 0, "all that");
	down();
}

/* All that a place has, of a task and of an interrupt; waits for completions; initialisations. */
static void test_forgotten(void)
{
	uint32_t i, irq = SLOTS, left = 0;
	struct lk_init init;
	struct lk_slot slot;

	up((struct set_up){ 0 });
	acquire(A, MUTEX);
	run(skel->progs.t_flush, SITE(7), 0, 0);
	run(skel->progs.t_wait, B, WHERE, WAIT);
	slot = slot_mine();
	slot.released = C;
	slot.watch_mask = 3;
	bpf_map_update_elem(bpf_map__fd(skel->maps.slots), &irq, &slot, BPF_ANY);
	ok(slot.cwait && slot.subject && slot.nr_history, "a task waits, inside of a flush, with a history");
	is_int(nr_entries(skel->maps.cwaits), 1, "its wait is known");
	run5(skel->progs.t_init, L(9), 0, SITE(9), LK_PRIM_MUTEX, 0, -1);
	is_int(call(skel->progs.order_reset), 0, "the reset runs");
	slot = slot_mine();
	ok(slot.task && slot.tid, "its place stays");
	ok(!slot.cwait && !slot.subject && !slot.nr_history && !slot.stack.depth, "what was in it is gone");
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.slots), &irq, &slot);
	ok(!slot.released && !slot.watch_mask && !slot.stack.depth, "likewise of an interrupt");
	is_int(nr_entries(skel->maps.cwaits), 0, "nobody waits");
	run(skel->progs.t_wait_end, 0, 0, 0);
	is_int(call(skel->progs.order_reset_inits), 0, "initialisations are forgotten");
	for (i = 0; i < LK_INIT_PLACES; i++)
		left += !bpf_map_lookup_elem(bpf_map__fd(skel->maps.inits), &i, &init) && init.lock;
	is_int(left, 0, "... all of them");
	only_stat(0, 0, "all that");
	down();
}

/* The tier on lockdep kernels: its places as they could be, since no hook runs here. */
static void test_lockdep(void)
{
	struct lockdep_bpf *l = lockdep_bpf__open();
	uint32_t key = 5, zero = 0, size;
	int cpus = libbpf_num_possible_cpus(), c, bad = 0;
	char *stack, *percpu;

	ok(l != NULL, "the object opens");
	bpf_program__set_autoload(l->progs.lockdep_reset, true);
	if (lockdep_bpf__load(l)) {
		skip("the lockdep tier does not load here");
		lockdep_bpf__destroy(l);
		return;
	}
	/* struct lkd_stack: task, depth, state, held[]; struct lkd_cpu: 8 bytes, lkd_stack[4], ... */
	size = bpf_map__value_size(l->maps.lkd_slots);
	stack = calloc(1, size);
	memcpy(stack, (uint64_t[]){ 0x1234 }, 8);
	memcpy(stack + 8, (uint32_t[]){ 3, 8 }, 8);
	bpf_map_update_elem(bpf_map__fd(l->maps.lkd_slots), &key, stack, BPF_ANY);
	percpu = calloc((size_t)cpus, bpf_map__value_size(l->maps.lkd_cpus));
	for (c = 0; c < cpus; c++)
		memcpy(percpu + (size_t)c * bpf_map__value_size(l->maps.lkd_cpus) + 8 + size + 8,
		       (uint32_t[]){ 2, 8 }, 8);
	bpf_map_update_elem(bpf_map__fd(l->maps.lkd_cpus), &zero, percpu, BPF_ANY);
	is_int(call(l->progs.lockdep_reset), 0, "lockdep: the reset runs");
	bpf_map_lookup_elem(bpf_map__fd(l->maps.lkd_slots), &key, stack);
	is_int((int64_t) * (uint64_t *)stack, 0x1234, "lockdep: a task's place stays");
	is_int(*(uint32_t *)(stack + 8), 0, "lockdep: it holds nothing");
	is_int(*(uint32_t *)(stack + 12), 1, "lockdep: it begins anew from lockdep's own stack");
	bpf_map_lookup_elem(bpf_map__fd(l->maps.lkd_cpus), &zero, percpu);
	for (c = 0; c < cpus; c++)
		bad += *(uint32_t *)(percpu + (size_t)c * bpf_map__value_size(l->maps.lkd_cpus) + 8 + size + 8) != 0;
	is_int(bad, 0, "lockdep: nor does an interrupt of any CPU");
	free(stack);
	free(percpu);
	lockdep_bpf__destroy(l);
}

/* So long, in ms, until the gate is down; @beat: with signs of life. -1: it stays up for @limit ms. */
static int until_down(bool beat, int limit)
{
	const struct timespec look = { .tv_nsec = 20 * 1000 * 1000 };
	uint64_t begin = kernel_now_ns();
	int ms;

	if (call(skel->progs.watchdog_start))
		return -2;
	do {
		nanosleep(&look, NULL);	/* between two looks; the condition decides */
		if (beat)
			skel->bss->watchdog_beat++;
		ms = (int)((kernel_now_ns() - begin) / 1000000);
		if (!*(volatile uint32_t *)&skel->bss->order_enabled)
			return ms;
	} while (ms < limit);
	return -1;
}

static void test_watchdog(void)
{
	int ms;

	up((struct set_up){ 0 });
	is_int(until_down(true, 7000), -1, "twin: with signs of life the gate stays up");
	is_int((int64_t)skel->bss->watchdog_bit_ns, 0, "twin: and it is not said to be down");
	ms = until_down(false, 30000);
	ok(ms >= 4000, "without, it goes down (after %d ms)", ms);
	ok(skel->bss->watchdog_bit_ns, "and when is said");
	forget();
	acquire(A, MUTEX);
	is_held("", "the hooks do nothing then");
	skel->bss->order_enabled = LK_GATE_ALL;
	ms = until_down(false, 30000);
	ok(ms >= 4000, "it can be started again");
	down();
}

int main(void)
{
	btf = rig_btf();
	if (!btf)
		return 0;
	test_orders();
	test_bits();
	test_young();
	hot_path = true;
	test_orders();
	test_bits();
	test_young();
	test_forgotten();
	test_lockdep();
	test_watchdog();
	btf__free(btf);
	return done_testing();
}
