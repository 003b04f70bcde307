// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold times in the real kernel, through test_run, unattached: which holds come into which
 * rows, how long they are, and every way in which one is not timed. Each test has what must
 * not be counted beside what must. Needs root; nothing is hooked.
 */
#include "order_rig.h"
#include "busy.h"

struct row {
	struct lk_row_key key;
	struct lk_agg agg;
};

static struct row row[64];
static unsigned int nr_row;

static void read_map(int fd)
{
	struct lk_row_key key, *prev = NULL;

	while (nr_row < 64 && !bpf_map_get_next_key(fd, prev, &row[nr_row].key)) {
		key = row[nr_row].key;
		prev = &key;
		if (!bpf_map_lookup_elem(fd, &key, &row[nr_row].agg))
			nr_row++;
	}
}

/* All rows, and the holds in them. */
static uint64_t read_rows(void)
{
	uint64_t sum = 0;
	unsigned int i;

	nr_row = 0;
	read_map(bpf_map__fd(skel->maps.hold_rows));
	read_map(bpf_map__fd(skel->maps.hold_folds));
	for (i = 0; i < nr_row; i++)
		sum += row[i].agg.count;
	return sum;
}

/* The row of a lock; NULL and a failure if there is not exactly one. */
static const struct row *row_of(uint64_t lock, uint32_t lcb, const char *name)
{
	const struct row *r = NULL;
	unsigned int i, n = 0;

	read_rows();
	for (i = 0; i < nr_row; i++)
		if (row[i].key.lock == lock && row[i].key.lcb == lcb) {
			r = &row[i];
			n++;
		}
	return ok(n == 1, "%s: a row (%u)", name, n) ? r : NULL;
}

/* So many holds, that lasted from @min to @max ns in all. */
static void is_row(uint64_t lock, uint32_t lcb, uint64_t count, uint64_t min, uint64_t max, const char *name)
{
	const struct row *r = row_of(lock, lcb, name);

	if (!r)
		return;
	is_int((int64_t)r->agg.count, (int64_t)count, "%s: holds", name);
	ok(r->agg.total_ns >= min && r->agg.total_ns <= max, "%s: %" PRIu64 " ns from %" PRIu64 " to %" PRIu64,
	   name, (uint64_t)r->agg.total_ns, min, max);
}

static void is_holds(uint64_t want, const char *name)
{
	is_int((int64_t)read_rows(), (int64_t)want, "%s: holds in all", name);
}

/* The lock has been got, as fh_ and fx_ say. */
static void got(uint64_t lock, uint64_t meta)
{
	run(skel->progs.t_stamp, lock, 0, meta);
}

static void take(uint64_t lock, uint64_t meta)
{
	acquire(lock, meta);
	got(lock, meta);
}

static uint64_t pass(uint64_t ns)
{
	uint64_t begin = kernel_now_ns(), now;

	do
		now = kernel_now_ns();
	while (now - begin < ns);
	return now;
}

static void with_holds(struct set_up z)
{
	z.hold_rows = z.hold_rows ?: 64;
	up(z);
}

static void test_plain(void)
{
	const struct row *r;
	uint64_t before, since, until, after;

	with_holds((struct set_up){ 0 });
	acquire(A, MUTEX);
	pass(2000000);			/* it waits */
	before = kernel_now_ns();
	got(A, MUTEX);
	since = kernel_now_ns();
	until = pass(1000000);
	release(A, MUTEX);
	after = kernel_now_ns();
	is_row(A, LK_LCB_MUTEX, 1, until - since, after - before, "a mutex, from when it was got");
	r = row_of(A, LK_LCB_MUTEX, "it");
	if (r) {
		is_int(r->key.tid, (int)syscall(SYS_gettid), "its task");
		is_int(r->key.tgid, (int)getpid(), "its process");
		is_str(r->agg.comm, "hold_test", "by name");
		is_int(r->key.ctx, LK_CTX_TASK, "at task level");
		is_int(r->key.stack, LK_STACK_NONE, "no stack unless they are wanted");
		ok(r->agg.first_ns >= before && r->agg.first_ns <= since, "since when");
		ok(r->agg.last_ns >= until && r->agg.last_ns <= after, "until when");
		ok(r->agg.max_ns == r->agg.total_ns && r->agg.min_ns == r->agg.total_ns, "the only one");
	}
	take(A, MUTEX);
	got(A, MUTEX);			/* a wrapper, whose inner function said so before */
	release(A, MUTEX);
	is_row(A, LK_LCB_MUTEX, 2, until - since, after - before + 100000000, "again");
	only_stat(0, 0, "plain");
	down();

	up((struct set_up){ 0 });
	take(A, MUTEX);
	release(A, MUTEX);
	is_holds(0, "nobody asked");
	only_stat(0, 0, "nobody asked");
	down();
}

static void test_try(void)
{
	uint64_t since, until;

	with_holds((struct set_up){ 0 });
	acquire(A, MUTEX | TRY | GOT);
	since = kernel_now_ns();
	until = pass(100000);
	release(A, MUTEX);
	is_row(A, LK_LCB_MUTEX, 1, until - since, 1000000000, "a trylock, at its push");
	/* One that fails is never noted; what may fail and does is taken back. */
	acquire(B, MUTEX);
	run(skel->progs.t_undo, B, 0, MUTEX);
	is_holds(1, "an attempt that failed");
	acquire(B, MUTEX);
	got(B, MUTEX);
	release(B, MUTEX);
	is_holds(2, "one that did not");
	only_stat(0, 0, "trylock");
	/* What was released unseen and is got by trylock, is not held since then. */
	acquire(C, MUTEX | TRY | GOT);
	pass(1000000);
	since = kernel_now_ns();
	acquire(C, MUTEX | TRY | GOT);
	release(C, MUTEX);
	is_row(C, LK_LCB_MUTEX, 1, 1, kernel_now_ns() - since, "a trylock of what seemed to be held");
	down();
}

static void test_nested(void)
{
	with_holds((struct set_up){ 0 });
	take(A, MUTEX);
	pass(100000);
	take(B, MUTEX);
	pass(100000);
	take(C, SPIN);
	release(A, MUTEX);		/* out of order */
	is_held("BC", "out of order");
	pass(3000000);
	release(C, SPIN);
	release(B, MUTEX);
	is_row(A, LK_LCB_MUTEX, 1, 200000, 1000000000, "the outer one, first released");
	is_row(B, LK_LCB_MUTEX, 1, 3100000, 1000000000, "the middle one");
	is_row(C, LK_LCB_SPIN, 1, 3000000, 1000000000, "the inner one");
	is_holds(3, "nested");
	take(D, READ);
	pass(1000000);
	take(B, MUTEX);
	take(D, READ);			/* recursion: the newest goes first */
	release(D, READ);
	release(B, MUTEX);
	release(D, READ);
	is_row(D, LK_LCB_READ, 2, 1000000, 1000000000, "a recursive reader");
	only_stat(0, 0, "nested");
	down();
}

static void test_downgrade(void)
{
	with_holds((struct set_up){ 0 });
	take(A, WRITE);
	pass(1000000);
	run(skel->progs.t_downgrade, A, 0, 0);
	pass(2000000);
	is_row(A, LK_LCB_WRITE, 1, 1000000, 1000000000, "a writer until it is downgraded");
	is_holds(1, "a reader that has not ended");
	release(A, READ);
	is_row(A, LK_LCB_READ, 1, 2000000, 1000000000, "a reader since then");
	only_stat(0, 0, "downgrade");
	down();
}

static void test_untimed(void)
{
	with_holds((struct set_up){ 0 });
	acquire(A, MUTEX);
	release(A, MUTEX);
	is_holds(0, "one whose beginning was not seen");
	only_stat(LK_STAT_HOLD_UNTIMED, 1, "untimed");
	acquire(A, MUTEX);
	take(B, MUTEX);
	release(A, MUTEX);
	release(B, MUTEX);
	is_row(B, LK_LCB_MUTEX, 1, 1, 1000000000, "one that was seen");
	only_stat(LK_STAT_HOLD_UNTIMED, 2, "untimed, out of order");
	down();
}

static void test_stale(void)
{
	uint64_t x;

	with_holds((struct set_up){ .verify = true });
	x = skel->bss->fake_at;
	skel->bss->fake[0] = skel->bss->self;
	take(x, MUTEX);
	acquire(A, MUTEX);
	run(skel->progs.t_undo, A, 0, MUTEX);
	skel->bss->fake[0] = 0;		/* released, unseen */
	acquire(B, MUTEX);
	is_int((int64_t)stat(LK_STAT_STALE_HELD), 1, "an entry that is not true is dropped");
	is_holds(0, "and no hold");
	down();
}

static void test_full(void)
{
	const struct row *r;
	unsigned int i;

	with_holds((struct set_up){ .hold_rows = 4 });
	for (i = 0; i < 20; i++) {
		take(L(10 + i), MUTEX);
		release(L(10 + i), MUTEX);
	}
	is_holds(20, "more locks than rows");
	r = row_of(0, LK_LCB_MUTEX, "folded");
	if (r) {
		is_int(r->key.tid, 0, "no task");
		only_stat(LK_STAT_HOLDS_FULL, r->agg.count, "holds folded");
		ok(r->agg.count >= 8 && r->agg.first_ns, "since when");
	}
	down();
}

static void test_stack(void)
{
	unsigned int i;

	with_holds((struct set_up){ .stacks = true });
	for (i = 0; i < 300; i++) {
		take(A, MUTEX);
		release(A, MUTEX);
	}
	is_holds(300, "short ones");
	for (i = 0; i < nr_row; i++)
		ok(row[i].key.stack != LK_STACK_NONE, "a hold has a stack");
	ok(nr_row <= 4, "which they share (%u rows)", nr_row);
	only_stat(0, 0, "stacks");
	down();
}

static struct lk_rec_wait single[8];
static unsigned int nr_single;

static int on_single(void *ctx, void *data, size_t size)
{
	(void)ctx;
	if (nr_single < 8 && size >= sizeof(single[0]))
		memcpy(&single[nr_single++], data, sizeof(single[0]));
	return 0;
}

static void test_single(void)
{
	struct ring_buffer *rb;

	with_holds((struct set_up){ .waits = true });
	rb = ring_buffer__new(bpf_map__fd(skel->maps.rb), on_single, NULL, NULL);
	take(A, MUTEX);
	pass(LK_HOLD_LONG_NS);
	release(A, MUTEX);
	ring_buffer__consume(rb);
	is_int(nr_single, 1, "a long hold is sent");
	is_int(single[0].kind, LK_REC_HOLD, "as a hold");
	is_int((int64_t)single[0].key.lock, (int64_t)A, "of its lock");
	is_row(A, LK_LCB_MUTEX, 1, single[0].dur_ns, single[0].dur_ns, "and in its row");
	ring_buffer__free(rb);
	down();
}

static void test_interrupt(void)
{
	const struct row *r;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || !percpu_preempt_off(btf)) {
		skip("needs two CPUs, and BTF that tells where preempt_count lies");
		return;
	}
	with_holds((struct set_up){ 0 });
	pin(1);
	keep_busy(true);
	run_on(skel->progs.t_acquire, A, WHERE, SPIN, 0);
	run_on(skel->progs.t_stamp, A, 0, SPIN, 0);
	pass(100000);
	run_on(skel->progs.t_release, A, 0, SPIN, 0);
	keep_busy(false);
	pin(0);
	is_holds(1, "an interrupt's");
	r = row_of(A, LK_LCB_SPIN, "it");
	ok(r && r->key.ctx == LK_CTX_HARDIRQ && r->agg.max_ns >= 100000, "says that it is an interrupt's");
	only_stat(0, 0, "interrupt");
	down();
}

static void test_self(void)
{
	with_holds((struct set_up){ 0 });
	run(skel->progs.hold_self, 0, 0, 0);
	is_int(skel->bss->order_self, (int)getpid(), "who we are");
	take(A, MUTEX);
	release(A, MUTEX);
	is_holds(0, "what the tracer holds");
	only_stat(0, 0, "self");
	down();
}

static void run_tests(void)
{
	test_plain();
	test_try();
	test_nested();
	test_downgrade();
	test_untimed();
	test_stale();
	test_full();
	test_stack();
	test_single();
	test_interrupt();
	test_self();
}

int main(void)
{
	btf = rig_btf();
	if (!btf)
		return 0;
	run_tests();
	hot_path = true;
	nr_single = 0;
	run_tests();
	btf__free(btf);
	return done_testing();
}
