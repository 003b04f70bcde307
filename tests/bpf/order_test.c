// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order tier's own code in the real kernel, through test_run, unattached: every
 * rule about what is held, which orders are sent, and every loss counter that can be
 * provoked. Locks and call sites are invented; where the lock's own word matters, the
 * "lock" is memory of the test object. Needs root; nothing is hooked.
 */
#include "order_rig.h"
#include "busy.h"

static struct lk_slot slot_irq(int cpu, uint32_t level)
{
	uint32_t at = SLOTS + 2 * (uint32_t)cpu + level - 1;
	struct lk_slot slot = { 0 };

	bpf_map_lookup_elem(bpf_map__fd(skel->maps.slots), &at, &slot);
	return slot;
}

/* Record @i is an order from the locks in @from (letters, any place) to @to. */
static void is_order(unsigned int i, const char *from, uint64_t to, const char *name)
{
	char got[LK_HELD_MAX + 1];
	unsigned int n = 0, h;

	drain();
	if (!ok(i < nr_order, "%s: order %u is sent (%u are)", name, i + 1, nr_order))
		return;
	for (h = 0; h < order[i].nr_held && h < LK_HELD_MAX; h++)
		if (order[i].from >> h & 1)
			got[n++] = (char)('A' + (order[i].held[h].lock - A) / 64);
	got[n] = '\0';
	is_str(got, from, "%s: from", name);
	is_int((int64_t)order[i].acq.lock, (int64_t)to, "%s: to", name);
}

static void is_orders(unsigned int want, const char *name)
{
	drain();
	is_int(nr_order, want, "%s: orders sent", name);
}

static void test_gate(void)
{
	up((struct set_up){ 0 });
	skel->bss->order_enabled = 0;
	acquire(A, MUTEX);
	is_held("", "closed gate");
	skel->bss->order_enabled = LK_GATE_ALL;
	acquire(A, MUTEX);
	is_held("A", "open gate");
	release(A, MUTEX);
	only_stat(0, 0, "gate");
	down();
}

static void test_nesting(void)
{
	struct lk_slot one, two;

	up((struct set_up){ 0 });
	acquire(A, MUTEX);
	is_orders(0, "a single lock");
	one = slot_mine();
	acquire(B, MUTEX);
	is_order(0, "A", B, "B inside A");
	is_int((int64_t)order[0].acq.site, (int64_t)WHERE, "with its call site");
	is_int((int64_t)order[0].acq.key, (int64_t)B, "a static lock's class is its address");
	is_int(order[0].tid, (int)syscall(SYS_gettid), "and its task");
	is_str(order[0].comm, "order_test", "by name");
	is_int(order[0].ctx, LK_CTX_TASK, "at task level");
	ok(order[0].nr_stack > 0, "with a stack");
	acquire(C, MUTEX);
	is_order(1, "B", C, "C inside B inside A: only from the innermost");
	is_int(order[1].nr_held, 2, "both are held");
	is_held("ABC", "three nested");
	release(B, MUTEX);
	is_held("AC", "out-of-order release");
	two = slot_mine();
	ok(two.stack.held[0].chain == one.stack.held[0].chain, "below the hole nothing changes");
	forget();
	acquire(D, MUTEX);
	is_order(0, "C", D, "after the hole");
	release(D, MUTEX);
	release(C, MUTEX);
	release(A, MUTEX);
	is_held("", "all released");
	forget();
	acquire(A, MUTEX);
	acquire(C, MUTEX);
	one = slot_mine();
	ok(one.stack.held[1].chain == two.stack.held[1].chain &&
	   one.stack.held[1].inst == two.stack.held[1].inst,
	   "above a closed hole the hashes are as if it had never been");
	only_stat(0, 0, "nesting");
	down();
}

static void test_known(void)
{
	unsigned int i;

	up((struct set_up){ 0 });
	for (i = 0; i < 5; i++) {
		acquire(A, MUTEX);
		acquire(B, MUTEX);
		release(B, MUTEX);
		release(A, MUTEX);
	}
	is_orders(1, "the same order five times");
	pin(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0);
	acquire(A, MUTEX);
	acquire(B, MUTEX);
	release(B, MUTEX);
	is_orders(1, "and once on another CPU");
	run(skel->progs.t_acquire, B, SITE(0x77), MUTEX);
	is_orders(2, "from another call site");
	release(B, MUTEX);
	acquire(B, MUTEX | TRY);
	is_orders(2, "nothing leads to a trylock");
	down();

	up((struct set_up){ 0 });
	/* One slab-less class for many instances: outside of the static range all are unknown. */
	for (i = 0; i < 10; i++) {
		acquire(STATIC + 0x200000 + i * 64, MUTEX);
		acquire(B, MUTEX);
		release(B, MUTEX);
		release(STATIC + 0x200000 + i * 64, MUTEX);
	}
	is_orders(4, "one order with ten instances: sampled");
	ok(order[0].held[0].lock != order[3].held[0].lock, "each sample with instances of its own");
	ok(order[0].held[0].key <= LK_CK_MAX, "their class is not known");
	down();
}

static void test_trylock(void)
{
	up((struct set_up){ 0 });
	acquire(A, MUTEX);
	acquire(B, MUTEX | TRY);
	acquire(C, MUTEX | TRY);
	is_orders(0, "trylocks");
	acquire(D, MUTEX);
	is_order(0, "ABC", D, "from every trylock and the first other one");
	release(D, MUTEX);
	release(C, MUTEX);
	release(B, MUTEX);
	is_held("A", "after trylocks");
	acquire(A, MUTEX | TRY);
	is_held("A", "two hooks of one trylock");
	only_stat(0, 0, "trylock");
	down();
}

static void test_wrapped(void)
{
	up((struct set_up){ .verify = true });
	skel->bss->fake[0] = 0;
	acquire(skel->bss->fake_at, MUTEX | HOLD(LK_HOLD_WRAPPED));
	acquire(skel->bss->fake_at, MUTEX);
	is_int(slot_mine().stack.depth, 1, "a wrapper and what it wraps are one acquisition");
	skel->bss->fake[0] = skel->bss->self;
	release(skel->bss->fake_at, MUTEX | (uint64_t)WRAPS << 48);
	release(skel->bss->fake_at, MUTEX);
	only_stat(0, 0, "so are their releases");
	acquire(skel->bss->fake_at, MUTEX | HOLD(LK_HOLD_WRAPPED));
	acquire(skel->bss->fake_at, MUTEX);
	is_int(slot_mine().stack.depth, 2, "but not if the lock is held already");
	drain();
	ok(nr_order == 1 && order[0].from == 1 && order[0].acq.lock == order[0].held[0].lock,
	   "that is a recursion");
	down();
}

static void test_recursion(void)
{
	up((struct set_up){ 0 });
	acquire(A, READ);
	acquire(B, MUTEX);
	forget();
	acquire(A, READ);
	is_order(0, "AB", A, "the same lock again, deeper");
	is_held("ABA", "recursive reader");
	release(A, READ);
	is_held("AB", "the newest goes first");
	down();
}

static void test_downgrade(void)
{
	struct lk_slot before, after;

	up((struct set_up){ 0 });
	acquire(A, WRITE);
	before = slot_mine();
	run(skel->progs.t_downgrade, A, 0, 0);
	after = slot_mine();
	is_int(after.stack.held[0].read, LK_READ, "downgraded: a reader");
	ok(after.stack.held[0].flags & LK_HOLD_DOWNGRADED, "and marked");
	ok(after.stack.held[0].chain != before.stack.held[0].chain, "another pattern");
	acquire(B, MUTEX);
	drain();
	is_int(order[0].held[0].read, LK_READ, "the order says so");
	release(B, MUTEX);
	release(A, READ);
	is_held("", "released as a reader");
	only_stat(0, 0, "downgrade");
	down();
}

static void test_failed(void)
{
	up((struct set_up){ 0 });
	acquire(A, MUTEX);
	acquire(B, MUTEX | HOLD(LK_HOLD_INTERRUPTIBLE));
	is_order(0, "A", B, "the attempt counts");
	run(skel->progs.t_undo, B, 0, MUTEX);
	is_held("A", "an interrupted attempt leaves nothing held");
	run(skel->progs.t_undo, C, 0, MUTEX);
	is_held("A", "undoing what is not there");
	acquire(B, META(LK_PRIM_MUTEX, 0, LK_HOLD_PENDING | LK_HOLD_TRY, LK_ROW_mutex_trylock, 0));
	forget();
	acquire(C, MUTEX);
	is_order(0, "A", C, "nothing comes from what is pending");
	is_int(order[0].nr_held, 1, "nor is it held");
	is_int(run(skel->progs.t_resolve, LK_ROW_mutex_trylock, 0, 0), 1, "a failed trylock on its way out");
	is_held("AC", "leaves nothing");
	acquire(B, META(LK_PRIM_MUTEX, 0, LK_HOLD_PENDING | LK_HOLD_TRY, LK_ROW_mutex_trylock, 0));
	is_int(run(skel->progs.t_resolve, LK_ROW_mutex_trylock, 1, 0), 1, "a successful one");
	is_held("ACB", "stays");
	is_int(run(skel->progs.t_resolve, LK_ROW_mutex_trylock, 1, 0), 0, "and is pending no more");
	only_stat(0, 0, "failed");
	down();
}

static void test_depth(void)
{
	unsigned int i;

	up((struct set_up){ 0 });
	for (i = 0; i < LK_HELD_MAX + 2; i++)
		acquire(L(1 + i), MUTEX);
	is_int(slot_mine().stack.depth, LK_HELD_MAX, "as deep as it gets");
	forget();
	acquire(L(20), MUTEX);
	drain();
	ok(nr_order && order[0].flags & LK_ORDER_OVERFLOW, "an order says that more is held");
	for (i = LK_HELD_MAX + 2; i-- > 0; )
		release(L(1 + i), MUTEX);
	release(L(20), MUTEX);
	is_int(slot_mine().stack.depth, 0, "all released");
	is_int(slot_mine().stack.overflow, 0, "also those that had no room");
	only_stat(LK_STAT_HELD_OVERFLOW, 3, "nested too deep");
	down();

	up((struct set_up){ .verify = true });
	for (i = 0; i < LK_HELD_MAX; i++) {
		skel->bss->fake[i] = 1;
		acquire(skel->bss->fake_at + i * 8, SPIN);
	}
	skel->bss->fake[3] = 0;		/* its release was missed */
	skel->bss->fake[20] = 1;
	acquire(skel->bss->fake_at + 20 * 8, SPIN);
	is_int((int64_t)stat(LK_STAT_HELD_OVERFLOW), 0, "what is not held any more makes room");
	is_int((int64_t)stat(LK_STAT_STALE_HELD), 1, "and is counted");
	down();
}

static void test_unmatched(void)
{
	up((struct set_up){ 0 });
	release(A, MUTEX);
	only_stat(LK_STAT_PREHELD, 1, "a release soon after the start");
	skel->bss->order_started_ns -= 3600000000000ull;
	release(A, SPIN);
	is_int((int64_t)stat(LK_STAT_UNMATCHED_RELEASE), 1, "one much later: counted");
	release(A, SEM);
	is_int((int64_t)stat(LK_STAT_HANDOVER), 1, "a semaphore may be released by anybody");
	drain();
	is_int(nr_odd, 0, "none of them is odd");
	down();

	up((struct set_up){ .verify = true });
	skel->bss->fake[0] = skel->bss->self;
	release(skel->bss->fake_at, MUTEX);
	only_stat(LK_STAT_PREHELD, 1, "a mutex of ours, taken before the start");
	drain();
	is_int(nr_odd, 0, "and no bad unlock");
	skel->bss->fake[0] = skel->bss->self ^ 0x1000;
	release(skel->bss->fake_at, MUTEX);
	skel->bss->fake[0] = 0;
	release(skel->bss->fake_at, MUTEX);
	release(skel->bss->fake_at, SPIN);
	drain();
	is_int(nr_odd, 3, "another's mutex, nobody's, a free spinlock: bad unlocks");
	is_int(odd[0].odd, LK_ODD_BAD_UNLOCK, "said so");
	is_int((int64_t)odd[0].hold.lock, (int64_t)skel->bss->fake_at, "of which lock");
	is_int(odd[2].hold.prim, LK_PRIM_SPINLOCK, "and of what kind");
	is_int((int64_t)stat(LK_STAT_UNMATCHED_RELEASE), 0, "not losses");
	down();
}

static void test_verify(void)
{
	uint64_t x, y;

	up((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	skel->bss->fake[0] = skel->bss->self;
	acquire(x, MUTEX);
	acquire(A, MUTEX);
	drain();
	ok(nr_order == 1 && order[0].held[0].flags & LK_HOLD_VERIFIED, "held by its owner word: sent");
	run(skel->progs.t_undo, A, 0, MUTEX);
	skel->bss->fake[0] = 0;			/* released, unseen */
	acquire(B, MUTEX);
	is_orders(1, "not held any more: nothing comes from it");
	only_stat(LK_STAT_STALE_HELD, 1, "and it is dropped");
	is_held("B", "what is left");
	down();

	up((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	y = skel->bss->fake_at + 64;
	skel->bss->fake[0] = 0;			/* being waited for */
	acquire(x, MUTEX);
	skel->bss->fake[8] = 1;
	acquire(y, SPIN);			/* the mutex's wait_lock */
	is_orders(0, "inside of an attempt");
	only_stat(0, 0, "an attempt is not stale");
	release(y, SPIN);
	skel->bss->fake[0] = skel->bss->self;
	acquire(y, SPIN);
	is_orders(1, "the same spinlock under the mutex at last held");
	down();

	up((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	skel->bss->fake[0] = 0x100;		/* one reader */
	acquire(x, READ);
	acquire(A, MUTEX);
	is_orders(1, "a read-held rwsem");
	run(skel->progs.t_undo, A, 0, MUTEX);
	skel->bss->fake[0] = 1;
	skel->bss->fake[1] = skel->bss->self;	/* a writer: it is not read-held any more */
	acquire(B, MUTEX);
	only_stat(LK_STAT_STALE_HELD, 1, "a reader that is none");
	run(skel->progs.t_undo, B, 0, MUTEX);
	acquire(x, WRITE);
	forget();
	acquire(C, MUTEX);
	is_orders(1, "a write-held rwsem");
	down();
}

static void *release_read(void *arg)
{
	release(*(uint64_t *)arg, READ);
	return NULL;
}

static void *release_sem(void *arg)
{
	release(*(uint64_t *)arg, SEM);
	return NULL;
}

static void in_thread(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (!pthread_create(&t, NULL, fn, arg))
		pthread_join(t, NULL);
}

static void test_orphan(void)
{
	uint64_t x;

	up((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	skel->bss->fake[0] = 0x200;		/* two readers: ours, and another */
	acquire(x, READ);
	in_thread(release_read, &x);		/* which releases ours, says nobody */
	acquire(A, MUTEX);
	is_orders(0, "a read lock that a stranger may have released");
	is_int((int64_t)stat(LK_STAT_STALE_HELD), 1, "is dropped");
	run(skel->progs.t_undo, A, 0, MUTEX);
	acquire(x, READ);
	acquire(A, MUTEX);
	is_orders(1, "taken again, it counts");
	down();

	up((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	skel->bss->fake[0] = 0;			/* count 0: held by somebody */
	acquire(x, SEM);
	in_thread(release_sem, &x);
	acquire(A, MUTEX);
	is_orders(0, "a semaphore that another has released");
	is_int((int64_t)stat(LK_STAT_HANDOVER), 1, "counted as handed over");
	down();
}

static void test_interrupt(void)
{
	struct lk_slot irq;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || !percpu_preempt_off(btf)) {
		skip("needs two CPUs, and BTF that tells where preempt_count lies");
		return;
	}
	up((struct set_up){ 0 });
	pin(1);
	keep_busy(true);
	run_on(skel->progs.t_acquire, A, WHERE, SPIN, 0);
	run_on(skel->progs.t_acquire, B, WHERE, SPIN, 0);
	irq = slot_irq(0, LK_CTX_HARDIRQ);
	is_str(held(&irq.stack), "AB", "an interrupt's own stack");
	is_order(0, "A", B, "its orders");
	is_int(order[0].ctx, LK_CTX_HARDIRQ, "say that they are an interrupt's");
	run_on(skel->progs.t_release, B, 0, SPIN, 0);
	run_on(skel->progs.t_release, A, 0, SPIN, 0);
	irq = slot_irq(0, LK_CTX_HARDIRQ);
	is_int(irq.stack.depth, 0, "released");
	only_stat(0, 0, "interrupt");
	run_on(skel->progs.t_acquire, A, WHERE, SPIN, 0);	/* its release will not be seen */
	keep_busy(false);
	pin(0);
	forget();
	acquire(C, SPIN);
	is_orders(0, "what an interrupt held, its task does not");
	irq = slot_irq(0, LK_CTX_HARDIRQ);
	is_int(irq.stack.depth, 0, "when the task runs, the interrupt is over");
	only_stat(LK_STAT_STALE_HELD, 1, "what it left");
	down();
}

/* In an interrupt of CPU 0, A and then B: what is held then, and how many orders were sent? Takes B and A back. */
static void interrupt_takes(const char *want, unsigned int orders, const char *what)
{
	struct lk_slot irq;

	forget();
	keep_busy(true);
	run_on(skel->progs.t_acquire, A, WHERE, SPIN, 0);
	run_on(skel->progs.t_acquire, B, WHERE, SPIN, 0);
	irq = slot_irq(0, LK_CTX_HARDIRQ);
	is_str(held(&irq.stack), want, "%s: held", what);
	is_orders(orders, what);
	run_on(skel->progs.t_release, B, 0, SPIN, 0);
	run_on(skel->progs.t_release, A, 0, SPIN, 0);
	irq = slot_irq(0, LK_CTX_HARDIRQ);
	is_int(irq.stack.depth, 0, "%s: released", what);
	is_int(nr_odd, 0, "%s: nothing is odd about that", what);
	keep_busy(false);
}

static void test_interrupt_upon(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || !percpu_preempt_off(btf)) {
		skip("needs two CPUs, and BTF that tells where preempt_count lies");
		return;
	}
	up((struct set_up){ 0 });
	pin(1);
	skel->bss->upon_prog[1] = 7;
	interrupt_takes("", 0, "it is not known where a release program's runs are counted");
	run_on(skel->progs.t_upon, 1, 0, 0, 0);
	skel->bss->upon_runs = 1;
	interrupt_takes("", 0, "it came upon a release program");
	pin(0);
	forget();
	acquire(C, SPIN);
	acquire(D, SPIN);
	is_orders(1, "a task is never come upon");
	release(D, SPIN);
	release(C, SPIN);
	pin(1);
	skel->bss->upon_runs = 0;
	interrupt_takes("AB", 1, "none runs");
	skel->bss->upon_prog[1] = 0;
	run_on(skel->progs.t_upon, 0, 0, 0, 0);
	interrupt_takes("AB", 0, "there is none");
	pin(0);
	only_stat(LK_STAT_ORDER_RECURSION, 4, "interrupts upon release programs");
	down();
}

static int task_of(uint32_t tid, uint64_t *task)
{
	struct lk_slot slot = slot_of(tid);

	*task = slot.task;
	return slot.task ? 0 : -1;
}

static struct {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	uint32_t tid;
	bool leave;
} other = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false };

static void *other_task(void *arg)
{
	(void)arg;
	acquire(D, MUTEX);		/* so that it has a place */
	pthread_mutex_lock(&other.lock);
	other.tid = (uint32_t)syscall(SYS_gettid);
	pthread_cond_broadcast(&other.cond);
	while (!other.leave)
		pthread_cond_wait(&other.cond, &other.lock);
	pthread_mutex_unlock(&other.lock);
	return NULL;
}

static void test_switch(void)
{
	int n = libbpf_num_possible_cpus();
	struct lk_cpu *v = calloc((size_t)n, sizeof(*v));
	uint64_t prev = 0, next = 0, rq;
	uint32_t zero = 0;
	struct lk_slot slot;
	pthread_t t;

	up((struct set_up){ 0 });
	other.tid = 0;
	other.leave = false;
	if (pthread_create(&t, NULL, other_task, NULL))
		exit(1);
	pthread_mutex_lock(&other.lock);
	while (!other.tid)
		pthread_cond_wait(&other.cond, &other.lock);
	pthread_mutex_unlock(&other.lock);
	bpf_map_lookup_elem(bpf_map__fd(skel->maps.cpus), &zero, v);
	rq = v[0].runqueue;
	acquire(A, MUTEX);
	acquire(rq, SPIN);
	if (ok(!task_of((uint32_t)syscall(SYS_gettid), &prev) && !task_of(other.tid, &next),
	       "both tasks have a place")) {
		run(skel->progs.task_switch, 0, prev, next);
		is_held("A", "switched out: the run queue's lock is not ours any more");
		slot = slot_of(other.tid);
		is_int(slot.stack.depth, 2, "it is the other task's");
		is_int((int64_t)slot.stack.held[1].lock, (int64_t)rq, "on top of what that holds");
		run(skel->progs.task_free, next, 0, 0);
		is_int((int64_t)slot_of(other.tid).task, 0, "a task that is freed gives its place back");
	}
	release(rq, SPIN);
	only_stat(0, 0, "a run queue's lock from nowhere");
	pthread_mutex_lock(&other.lock);
	other.leave = true;
	pthread_cond_broadcast(&other.cond);
	pthread_mutex_unlock(&other.lock);
	pthread_join(t, NULL);
	free(v);
	down();
}

static void test_ring_full(void)
{
	unsigned int i, n;

	up((struct set_up){ .ring = 4096 });
	acquire(A, MUTEX);
	for (i = 0; i < 20 && !stat(LK_STAT_ORDER_RING_FULL); i++) {
		acquire(L(10 + i), MUTEX);
		release(L(10 + i), MUTEX);
	}
	ok(stat(LK_STAT_ORDER_RING_FULL) == 1, "the ring is full after %u orders", i - 1);
	n = i;
	forget();
	acquire(L(10 + n - 1), MUTEX);
	is_order(0, "A", L(10 + n - 1), "what found no room is offered again");
	only_stat(LK_STAT_ORDER_RING_FULL, 1, "ring full");
	down();
}

static void test_edges_full(void)
{
	unsigned int i;

	up((struct set_up){ .edges = 8 });
	acquire(A, MUTEX);
	for (i = 0; i < 9; i++) {
		acquire(L(10 + i), MUTEX);
		release(L(10 + i), MUTEX);
	}
	is_orders(9, "orders with room for eight");
	only_stat(LK_STAT_ORDER_MAP_FULL, 1, "table of orders full");
	for (i = 0; i < 9; i++) {
		acquire(L(10 + i), MUTEX);
		release(L(10 + i), MUTEX);
	}
	is_orders(9, "this CPU knows them all");
	down();
}

static void *acquire_a(void *arg)
{
	acquire(A, MUTEX);
	*(struct lk_slot *)arg = slot_mine();
	return NULL;
}

static void test_slots_full(void)
{
	struct lk_slot slot;

	up((struct set_up){ .slots = 1 });
	acquire(A, MUTEX);
	in_thread(acquire_a, &slot);
	only_stat(LK_STAT_SLOTS_FULL, LK_SLOT_PROBES / 8, "no place for a second task");
	down();
}

static void test_filter(void)
{
	struct lk_slot slot;
	uint64_t key = 1ull << 32 | (uint32_t)getpid();
	uint32_t one = 1;

	up((struct set_up){ .filter = true });
	acquire(A, MUTEX);
	is_held("", "a task that is not wanted");
	is_int((int64_t)slot_mine().unwanted, 1, "is marked");
	bpf_map_update_elem(bpf_map__fd(skel->maps.tasks), &key, &one, BPF_ANY);
	in_thread(acquire_a, &slot);
	is_int(slot.stack.depth, 1, "one that is");
	down();
}

static void test_guard(void)
{
	struct lk_slot slot, zero = { 0 };
	uint32_t i;

	up((struct set_up){ 0 });
	acquire(A, MUTEX);
	slot = slot_mine();
	for (i = 0; i < SLOTS; i++) {
		bpf_map_lookup_elem(bpf_map__fd(skel->maps.slots), &i, &zero);
		if (zero.task == slot.task)
			break;
	}
	slot.busy = 1;
	bpf_map_update_elem(bpf_map__fd(skel->maps.slots), &i, &slot, BPF_ANY);
	acquire(B, MUTEX);
	only_stat(LK_STAT_ORDER_GUARD, 1, "inside our own program");
	slot.busy = 0;
	bpf_map_update_elem(bpf_map__fd(skel->maps.slots), &i, &slot, BPF_ANY);
	acquire(B, MUTEX);
	is_held("AB", "outside of it");
	down();
}

static void *complete_after_a(void *arg)
{
	acquire(A, MUTEX);
	release(A, MUTEX);
	run(skel->progs.t_complete, *(uint64_t *)arg, SITE(1), WAIT);
	return NULL;
}

static void *complete_after_many(void *arg)
{
	unsigned int i;

	for (i = 0; i < LK_HISTORY + 1; i++) {
		acquire(L(10 + i), MUTEX);
		release(L(10 + i), MUTEX);
	}
	run(skel->progs.t_complete, *(uint64_t *)arg, SITE(1), WAIT);
	return NULL;
}

static void *old_then_complete(void *arg)
{
	acquire(C, MUTEX);
	release(C, MUTEX);
	run(skel->progs.t_wait, *(uint64_t *)arg, SITE(9), WAIT);
	run(skel->progs.t_complete, *(uint64_t *)arg, SITE(1), WAIT);
	run(skel->progs.t_wait_end, 0, 0, 0);
	return NULL;
}

/* Waits for one completion, which the other task completed or not, and completes another. */
static void *wait_then_complete(void *arg)
{
	run(skel->progs.t_wait, skel->bss->fake_at, SITE(9), WAIT);
	run(skel->progs.t_wait_end, 0, 0, 0);
	run(skel->progs.t_complete, *(uint64_t *)arg, SITE(1), WAIT);
	return NULL;
}

/* Two tasks that send each other back and forth: who finds his completion done was not held up. */
static void test_completion_done(void)
{
	uint64_t second = L(30);

	up((struct set_up){ 0 });
	run(skel->progs.t_wait, second, SITE(7), WAIT);
	skel->bss->fake[0] = 1;
	in_thread(wait_then_complete, &second);
	is_orders(0, "who waits for what is done has not waited: no order");
	skel->bss->fake[0] = 0;
	in_thread(wait_then_complete, &second);
	is_orders(1, "one that is not done: an order");
	is_int(order[0].flags, LK_ORDER_COMPLETION, "through the completion");
	run(skel->progs.t_wait_end, 0, 0, 0);
	forget();
	skel->bss->fake[0] = 1;
	acquire(B, MUTEX);
	run(skel->progs.t_wait, skel->bss->fake_at, SITE(8), WAIT);
	is_order(0, "B", skel->bss->fake_at, "with a lock held it might wait another time");
	run(skel->progs.t_wait_end, 0, 0, 0);
	only_stat(0, 0, "completions that are done");
	down();
}

static void test_completion(void)
{
	uint64_t done = L(30), other_done = L(31), third = L(32);

	up((struct set_up){ 0 });
	acquire(B, MUTEX);
	run(skel->progs.t_wait, done, SITE(7), WAIT | HOLD(LK_HOLD_TIMED));
	is_order(0, "B", done, "waiting with a lock held");
	is_int((int64_t)order[0].acq.key, LK_CK_COMPLETION, "for a completion");
	ok(order[0].acq.flags & LK_HOLD_TIMED, "with a timeout");
	is_held("B", "which is not held");
	in_thread(complete_after_a, &done);
	drain();
	if (ok(nr_order == 2, "who completes it has taken something since (%u orders)", nr_order)) {
		is_int(order[1].flags, LK_ORDER_COMPLETION, "an order through the completion");
		is_int((int64_t)order[1].acq.lock, (int64_t)A, "to what it took");
		is_int((int64_t)order[1].held[0].site, SITE(7), "from where it is waited for");
		is_int(order[1].nr_held, 1, "and nothing else");
	}
	in_thread(complete_after_a, &done);
	is_orders(2, "known the second time");
	run(skel->progs.t_wait_end, 0, 0, 0);
	forget();
	in_thread(complete_after_a, &done);
	is_orders(0, "nobody waits: no order");
	only_stat(0, 0, "completions");
	run(skel->progs.t_wait, done, SITE(7), WAIT);
	forget();
	in_thread(complete_after_many, &done);
	is_orders(LK_HISTORY, "no more than the history holds");
	only_stat(LK_STAT_HISTORY_FULL, 1, "a history that was not long enough");
	run(skel->progs.t_wait_end, 0, 0, 0);
	down();

	up((struct set_up){ 0 });
	in_thread(old_then_complete, &done);
	is_orders(0, "taken before the wait, and the wait itself");
	down();

	up((struct set_up){ 0 });
	run(skel->progs.t_wait, done, SITE(7), WAIT);
	run(skel->progs.t_wait, other_done, SITE(7), WAIT);
	run(skel->progs.t_wait, third, SITE(7), WAIT);
	only_stat(LK_STAT_CWAITS_FULL, 1, "more waits than there is room for");
	down();
}

static void test_exit(void)
{
	up((struct set_up){ .verify = true });
	skel->bss->fake[0] = skel->bss->self;
	acquire(skel->bss->fake_at, MUTEX);
	skel->bss->fake[8] = 0;
	acquire(skel->bss->fake_at + 64, MUTEX);
	run(skel->progs.task_exit, 0, 0, 0);
	drain();
	is_int(nr_odd, 1, "a task ends and holds one lock");
	is_int(odd[0].odd, LK_ODD_HELD_AT_EXIT, "said so");
	is_int((int64_t)odd[0].hold.lock, (int64_t)skel->bss->fake_at, "the one that is really held");
	down();
}

static void test_rwlock(void)
{
	up((struct set_up){ 0 });
	acquire(A, META(LK_PRIM_RWLOCK, LK_READ, 0, LK_ROW__raw_read_lock, 0));
	is_int(slot_mine().stack.held[0].read, LK_READ, "a reader at task level waits for writers");
	if (sysconf(_SC_NPROCESSORS_ONLN) >= 2 && percpu_preempt_off(btf)) {
		pin(1);
		keep_busy(true);
		run_on(skel->progs.t_acquire, B, WHERE,
		       META(LK_PRIM_RWLOCK, LK_READ, 0, LK_ROW__raw_read_lock, 0), 0);
		keep_busy(false);
		is_int(slot_irq(0, LK_CTX_HARDIRQ).stack.held[0].read, LK_READ_RECURSIVE,
		       "one in an interrupt does not");
	} else {
		skip("needs two CPUs, and BTF that tells where preempt_count lies");
	}
	down();
}

static void run_tests(void)
{
	test_gate();
	test_nesting();
	test_known();
	test_trylock();
	test_wrapped();
	test_recursion();
	test_downgrade();
	test_failed();
	test_depth();
	test_unmatched();
	test_verify();
	test_orphan();
	test_interrupt();
	test_interrupt_upon();
	test_switch();
	test_ring_full();
	test_edges_full();
	test_slots_full();
	test_filter();
	test_guard();
	test_completion();
	test_completion_done();
	test_exit();
	test_rwlock();
}

int main(void)
{
	btf = rig_btf();
	if (!btf)
		return 0;
	run_tests();
	hot_path = true;
	run_tests();
	btf__free(btf);
	return done_testing();
}
