// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel side can say of a lock (bpf/classkey.bpf.h, typed.bpf.h, init.bpf.h), in the
 * real kernel through test_run: where it was initialised, and when that no longer counts;
 * objects that show what they are; what a flush waits for; samples; modules that go.
 */
#include "order_rig.h"

#define NAME_AT		(skel->bss->fake_at)		/* memory that holds a name */
#define LOCK_WORD	32				/* of fake[] */
#define LOCK_AT		(skel->bss->fake_at + LOCK_WORD * 8)
#define INIT_SITE	(STATIC + 0x4000)
#define NO_WQ		0

static void put_name(const char *name)
{
	snprintf((char *)skel->bss->fake, 64, "%s", name);
}

static void init(uint64_t lock, uint64_t site, uint32_t prim, bool waitqueue)
{
	run5(skel->progs.t_init, lock, NAME_AT, site, prim, waitqueue, -1);
}

/* The hold that was taken in the last order that was sent. */
static struct lk_rec_hold taken(const char *name)
{
	struct lk_rec_hold none = { 0 };

	drain();
	return ok(nr_order > 0, "%s: an order is sent", name) ? order[nr_order - 1].acq : none;
}

/* A, then the lock: what is said of the lock. */
static struct lk_rec_hold after_a(uint64_t lock, uint64_t meta, const char *name)
{
	struct lk_rec_hold h;

	acquire(A, MUTEX);
	acquire(lock, meta);
	h = taken(name);
	release(lock, meta);
	release(A, MUTEX);
	return h;
}

static void test_init(void)
{
	struct lk_rec_hold h;

	up((struct set_up){ .verify = false });
	put_name("&pipe->mutex");
	init(LOCK_AT, INIT_SITE, LK_PRIM_MUTEX, NO_WQ);
	drain();
	if (is_int(nr_class, 1, "a place of initialisation is described at once")) {
		is_str(class[0].name, "&pipe->mutex", "by the name that was given");
		ok(class[0].key == INIT_SITE && class[0].flags == LK_CLASS_INIT, "its key is the place");
	}
	init(LOCK_AT + 64, INIT_SITE, LK_PRIM_MUTEX, NO_WQ);
	drain();
	is_int(nr_class, 1, "once");
	h = after_a(LOCK_AT, MUTEX, "initialised");
	ok(h.key == INIT_SITE, "the lock is known by the place");
	ok(h.mem && h.mem != h.key, "and the memory that it lies in is told, too");
	h = after_a(LOCK_AT + 128, MUTEX, "not initialised");
	ok(h.key != INIT_SITE && !h.mem, "one that was not is known by its memory");
	h = after_a(LOCK_AT, SPIN, "initialised, but not it");
	ok(h.key != INIT_SITE, "a spinlock at the address of a mutex is another lock");
	forget();
	init(LOCK_AT, INIT_SITE + 64, LK_PRIM_MUTEX, NO_WQ);
	h = after_a(LOCK_AT, MUTEX | HOLD(LK_HOLD_TIMED), "initialised again");	/* another pattern, so it is new */
	ok(h.key == INIT_SITE + 64, "memory that was used again: the latest counts");
	only_stat(0, 0, "init");
	down();
}

/* A lock in a slab object, where the kernel itself can tell (6.13, bpf_get_kmem_cache()). */
static void test_slab(void)
{
	struct lk_rec_hold h;

	if (!kernel_btf_has_func(btf, "bpf_get_kmem_cache")) {
		skip("slab: this kernel has no bpf_get_kmem_cache()");
		return;
	}
	up((struct set_up){ .verify = false });
	run(skel->progs.t_task_locks, 0, 0, 0);
	h = after_a(skel->bss->task_lock_at, SPIN, "slab");
	if (is_int(nr_class, 1, "a slab's class is described")) {
		is_str(class[0].name, "task_struct", "by the name of its cache");
		ok(class[0].key == h.key && class[0].flags & LK_CLASS_SLAB, "its key names the cache");
	}
	only_stat(0, 0, "slab");
	down();
}

static void test_init_stack(void)
{
	struct lk_rec_hold h;
	struct lk_init none = { 0 }, e;
	uint32_t i, found = 0;

	up((struct set_up){ .verify = false });
	init(skel->bss->self, INIT_SITE, LK_PRIM_MUTEX, NO_WQ);		/* a task is not a stack */
	for (i = 0; i < LK_INIT_PLACES; i++)
		if (!bpf_map_lookup_elem(bpf_map__fd(skel->maps.inits), &i, &e) && memcmp(&e, &none, sizeof(e)))
			found++;
	is_int(found, 1, "one lock, one entry");
	h = after_a(skel->bss->self, MUTEX, "in an object");
	ok(h.key == INIT_SITE, "... by which it is known");
	down();
}

/* A wait queue's spinlock is known while its list is one. */
static void test_init_waitqueue(void)
{
	__u64 *next;
	struct lk_rec_hold h;

	up((struct set_up){ .verify = false });
	run(skel->progs.t_offsets, 0, 0, 0);
	next = &skel->bss->fake[LOCK_WORD] + skel->bss->list_off / 8;
	next[0] = next[1] = LOCK_AT + skel->bss->list_off;		/* an empty list */
	init(LOCK_AT, INIT_SITE, LK_PRIM_SPINLOCK, true);
	h = after_a(LOCK_AT, SPIN, "wait queue");
	ok(h.key == INIT_SITE, "the lock of a wait queue");
	forget();
	next[1] = 0;
	next[0] = 0x1234;
	h = after_a(LOCK_AT, SPIN | HOLD(LK_HOLD_TIMED), "no wait queue");
	ok(h.key != INIT_SITE, "memory that is none any more does not keep the name");
	down();
}

/* More locks than there are places for one address. */
static void test_init_full(void)
{
	uint64_t base = 0xffff888000000000, lock[LK_INIT_WAYS + 1];
	uint32_t want = lk_init_place(base), n = 0, i;

	up((struct set_up){ .verify = false });
	for (i = 0; n < LK_INIT_WAYS + 1 && i < 1u << 26; i++)
		if (lk_init_place(base + (uint64_t)i * 8) == want)
			lock[n++] = base + (uint64_t)i * 8;
	if (!is_int(n, LK_INIT_WAYS + 1, "locks that share a place are found"))
		return down();
	for (i = 0; i < n; i++)
		init(lock[i], INIT_SITE, LK_PRIM_MUTEX, NO_WQ);
	only_stat(LK_STAT_INITS_FULL, 1, "a place too few");
	down();
}

/* A struct device's mutex: its class is one whose order is not checked, and the walk goes on below it. */
static void test_device(void)
{
	uint64_t mutex, ktype;
	struct lk_rec_hold h;

	up((struct set_up){ .verify = false });
	run(skel->progs.t_offsets, 0, 0, 0);
	mutex = skel->bss->fake_at + skel->bss->device_mutex_off;
	ktype = skel->bss->device_ktype_off / 8;
	if (!ok(skel->bss->device_mutex_off < sizeof(skel->bss->fake), "a device fits"))
		return down();
	h = after_a(mutex, MUTEX, "no device");
	ok(h.key >> LK_CK_OFF_SHIFT != (LK_CK_TYPED | LK_RULE_DEVICE_MUTEX << 1), "without its kobject it is none");
	forget();
	skel->bss->fake[ktype] = KTYPE;
	acquire(A, MUTEX);
	acquire(mutex, MUTEX | HOLD(LK_HOLD_TIMED));
	acquire(B, MUTEX);
	drain();
	if (is_int(nr_order, 2, "a device is locked over one lock, and under another")) {
		ok(order[0].acq.key == (uint64_t)(LK_CK_TYPED | LK_RULE_DEVICE_MUTEX << 1) << LK_CK_OFF_SHIFT,
		   "it is known for what it is");
		is_int(order[1].from, 1, "an order leads from what lies below it, past it");
		ok(!(order[1].held[1].flags & LK_HOLD_NOVALIDATE), "flags of our own do not leave the kernel");
	}
	if (ok(nr_class, "it is described"))
		is_int(class[nr_class - 1].rule, LK_RULE_DEVICE_MUTEX, "by its rule");
	down();
}

static void test_flush(void)
{
	uint64_t func = STATIC + 0x5000, queue = 0xffff888000001000, site;

	up((struct set_up){ .verify = false });
	acquire(A, MUTEX);
	run(skel->progs.t_flush, func, 0, 0);
	run(skel->progs.t_wait, C, WHERE, WAIT);
	run(skel->progs.t_wait_end, 0, 0, 0);
	site = taken("a flush of work").site;
	ok(order[0].acq.key == LK_CK_WORK && site == func, "the work's function is what is waited for");
	run(skel->progs.t_flush, queue, 0, 0);
	run(skel->progs.t_wait, C, WHERE, WAIT);
	run(skel->progs.t_wait_end, 0, 0, 0);
	ok(taken("a flush of a workqueue").key >> LK_CK_OFF_SHIFT == (LK_CK_TYPED | LK_RULE_WORKQUEUE << 1),
	   "a workqueue");
	is_int(order[nr_order - 1].acq.site == 0, 1, "which is no place");
	run(skel->progs.t_flush, 0, 0, 0);
	run(skel->progs.t_wait, C, WHERE, WAIT);
	run(skel->progs.t_wait_end, 0, 0, 0);
	ok(taken("another wait").key == LK_CK_COMPLETION && order[nr_order - 1].acq.site == WHERE,
	   "outside of it the place of the wait counts");
	is_int((int)slot_mine().subject, 0, "nothing is left");
	down();
}

static void test_samples(void)
{
	unsigned int i, fine = 0;

	up((struct set_up){ .verify = false, .sample = 3 });
	for (i = 0; i < 16; i++) {
		acquire(A, MUTEX);
		release(A, MUTEX);
	}
	drain();
	for (i = 0; i < nr_sample; i++)
		fine += samples[i].acq.key == A && samples[i].acq.lock == A && samples[i].acq.site == WHERE;
	is_int(fine, 4, "one of four acquisitions is sent, though nothing is held");
	is_int(nr_sample + nr_order, 4, "and nothing else");
	is_held("", "samples");
	only_stat(0, 0, "samples");
	down();
	up((struct set_up){ .verify = false });
	acquire(A, MUTEX);
	release(A, MUTEX);
	drain();
	is_int(nr_sample, 0, "without the option none is");
	down();
	up((struct set_up){ .verify = false, .sample = 1, .ring = 4096 });
	for (i = 0; i < 256; i++) {
		acquire(A, MUTEX);
		release(A, MUTEX);
	}
	ok(stat(LK_STAT_SAMPLE_LOST) > 0, "samples that find no room are counted");
	down();
}

/* What lies in modules is new when a module has gone; the rest is not. */
static void test_module_gone(void)
{
	uint64_t in_module = STATIC + 0x90000;

	up((struct set_up){ .verify = false });
	(void)after_a(in_module, MUTEX, "a module's lock");
	(void)after_a(B, MUTEX, "the kernel's lock");
	forget();
	acquire(A, MUTEX);
	acquire(in_module, MUTEX);
	release(in_module, MUTEX);
	release(A, MUTEX);
	drain();
	is_int(nr_order, 0, "both are known");
	run(skel->progs.module_gone, 0, 0, 0);
	(void)after_a(in_module, MUTEX, "after a module has gone");
	forget();
	acquire(A, MUTEX);
	acquire(B, MUTEX);
	drain();
	is_int(nr_order, 0, "but not the kernel's own");
	down();
}

int main(void)
{
	btf = rig_btf();
	if (!btf)
		return 0;
	test_init();
	test_slab();
	test_init_stack();
	test_init_waitqueue();
	test_init_full();
	test_device();
	test_flush();
	test_samples();
	test_module_gone();
	btf__free(btf);
	return done_testing();
}
