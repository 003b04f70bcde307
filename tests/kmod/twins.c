// SPDX-License-Identifier: GPL-2.0-only
/*
 * Silent twins: locking that is correct and looks like a fault to a tracer
 * that gets one rule wrong. None of them may ever be reported as a deadlock.
 * Each comment names the mistake that the twin is there to find. lockdep is
 * silent on all but "guard", which it reports by design.
 */
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "lks_fixture.h"

#define NR_TASKS	4
#define NR_ROUNDS	64

/* Run @fn in @nr tasks at the same time, with @args[i] for the i-th. */
static int run_tasks(const char *name, unsigned int nr, int (*fn)(void *),
		     void *const args[])
{
	struct lks_task *t;
	unsigned int i;
	int err = 0, err2;

	t = kcalloc(nr, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		err = lks_task_start(&t[i], -1, name, fn, args ? args[i] : NULL);
		if (err)
			break;
	}
	while (i--) {
		err2 = lks_task_wait(&t[i]);
		err = err ? err : err2;
	}
	kfree(t);
	return err;
}

/*
 * order: one order, by many tasks at the same time. Mistake: one held stack
 * for several tasks, or contention taken for a cycle.
 */
static DEFINE_MUTEX(order_a);
static DECLARE_RWSEM(order_b);
static DEFINE_SPINLOCK(order_c);

static LKS_FRAME int order_task(void *unused)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		mutex_lock(&order_a);
		if (i & 1)
			down_read(&order_b);
		else
			down_write(&order_b);
		spin_lock(&order_c);
		spin_unlock(&order_c);
		if (i & 1)
			up_read(&order_b);
		else
			up_write(&order_b);
		mutex_unlock(&order_a);
	}
	return 0;
}

static int run_order(struct lks_ctx *ctx)
{
	return run_tasks("lks-order", NR_TASKS, order_task, NULL);
}

/*
 * nesting: two instances of one class, parent before child, annotated for
 * lockdep; in a tree of three, so that the middle one is both. Mistake: same
 * class taken for same lock.
 */
struct tree_node {
	struct mutex lock;
	struct tree_node *parent;
};

static LKS_FRAME void nesting_lock_pair(struct tree_node *child)
{
	mutex_lock(&child->parent->lock);
	mutex_lock_nested(&child->lock, SINGLE_DEPTH_NESTING);
	mutex_unlock(&child->lock);
	mutex_unlock(&child->parent->lock);
}

static LKS_FRAME int nesting_task(void *arg)
{
	struct tree_node *leaf = arg;
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		nesting_lock_pair(leaf);
		nesting_lock_pair(leaf->parent);
	}
	return 0;
}

static int run_nesting(struct lks_ctx *ctx)
{
	struct tree_node *n;
	void *args[2];
	int i, err;

	n = kcalloc(3, sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	for (i = 0; i < 3; i++) {
		mutex_init(&n[i].lock);
		n[i].parent = i ? &n[i - 1] : NULL;
	}
	args[0] = args[1] = &n[2];
	err = run_tasks("lks-nesting", 2, nesting_task, args);
	kfree(n);
	return err;
}

/*
 * guard: both orders, always under one outer lock. Mistake: none in lockdep's
 * terms, it reports this; but it can never hang, and must rank below a fault.
 */
static DEFINE_MUTEX(guard_gate);
static DEFINE_MUTEX(guard_a);
static DEFINE_MUTEX(guard_b);

static LKS_FRAME void guard_ab(void)
{
	mutex_lock(&guard_gate);
	mutex_lock(&guard_a);
	mutex_lock(&guard_b);
	mutex_unlock(&guard_b);
	mutex_unlock(&guard_a);
	mutex_unlock(&guard_gate);
}

static LKS_FRAME void guard_ba(void)
{
	mutex_lock(&guard_gate);
	mutex_lock(&guard_b);
	mutex_lock(&guard_a);
	mutex_unlock(&guard_a);
	mutex_unlock(&guard_b);
	mutex_unlock(&guard_gate);
}

static LKS_FRAME int guard_task(void *arg)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		if (arg)
			guard_ba();
		else
			guard_ab();
	}
	return 0;
}

static int run_guard(struct lks_ctx *ctx)
{
	void *args[2] = { NULL, &guard_gate };

	return run_tasks("lks-guard", 2, guard_task, args);
}

/*
 * trylock: the wrong order, but only tried. Mistake: a trylock taken for an
 * acquisition that can wait. What is got by a trylock does count as held, so
 * a third lock follows in both orders.
 */
static DEFINE_MUTEX(trylock_a);
static DEFINE_MUTEX(trylock_b);
static DEFINE_SPINLOCK(trylock_c);

static LKS_FRAME int trylock_task(void *arg)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		if (!arg) {
			mutex_lock(&trylock_a);
			mutex_lock(&trylock_b);
			spin_lock(&trylock_c);
			spin_unlock(&trylock_c);
			mutex_unlock(&trylock_b);
			mutex_unlock(&trylock_a);
			continue;
		}
		mutex_lock(&trylock_b);
		if (mutex_trylock(&trylock_a)) {
			spin_lock(&trylock_c);
			spin_unlock(&trylock_c);
			mutex_unlock(&trylock_a);
		}
		mutex_unlock(&trylock_b);
	}
	return 0;
}

static int run_trylock(struct lks_ctx *ctx)
{
	static int try;
	void *args[2] = { &try, NULL };
	int err;

	/* Alone first, so that the trylock succeeds at least then. */
	err = lks_task_run(-1, "lks-trylock", trylock_task, &try);
	if (err)
		return err;
	return run_tasks("lks-trylock", 2, trylock_task, args);
}

/*
 * read-read: recursion where the primitive allows it. An SRCU reader in
 * itself; SRCU and a mutex in both orders (nobody calls synchronize_srcu()
 * under the mutex); a rwlock read in an interrupt that hits a reader, which
 * is let in even past a waiting writer. Mistake: readers that never block
 * taken for ones that do.
 */
DEFINE_STATIC_SRCU(rr_srcu);
static DEFINE_MUTEX(rr_mutex);
static DEFINE_RWLOCK(rr_rwlock);

static LKS_FRAME int rr_srcu_outer(void *unused)
{
	int i, outer, inner;

	for (i = 0; i < NR_ROUNDS; i++) {
		outer = srcu_read_lock(&rr_srcu);
		inner = srcu_read_lock(&rr_srcu);
		mutex_lock(&rr_mutex);
		mutex_unlock(&rr_mutex);
		srcu_read_unlock(&rr_srcu, inner);
		srcu_read_unlock(&rr_srcu, outer);
	}
	return 0;
}

static LKS_FRAME int rr_mutex_outer(void *unused)
{
	int i, idx;

	for (i = 0; i < NR_ROUNDS; i++) {
		mutex_lock(&rr_mutex);
		idx = srcu_read_lock(&rr_srcu);
		srcu_read_unlock(&rr_srcu, idx);
		mutex_unlock(&rr_mutex);
	}
	return 0;
}

static LKS_FRAME void rr_irq(struct irq_work *work)
{
	read_lock(&rr_rwlock);
	read_unlock(&rr_rwlock);
}

/*
 * The interrupt is an IPI of this CPU to itself and comes while the lock is
 * held; if it is late the scenario shows less, but nothing wrong. It must not
 * be waited for with the lock held: on PREEMPT_RT it is a thread.
 */
static LKS_FRAME int rr_rwlock_task(void *unused)
{
	struct irq_work work;
	int i, spins;

	init_irq_work(&work, rr_irq);
	for (i = 0; i < NR_ROUNDS; i++) {
		read_lock(&rr_rwlock);
		irq_work_queue(&work);
		for (spins = 0; spins < 10000 && irq_work_is_busy(&work);
		     spins++)
			cpu_relax();
		read_unlock(&rr_rwlock);
		irq_work_sync(&work);
	}
	return 0;
}

static int run_read_read(struct lks_ctx *ctx)
{
	int err;

	err = lks_task_run(-1, "lks-srcu-outer", rr_srcu_outer, NULL);
	if (!err)
		err = lks_task_run(-1, "lks-mutex-outer", rr_mutex_outer, NULL);
	if (!err)
		err = lks_task_run(-1, "lks-rwlock", rr_rwlock_task, NULL);
	return err;
}

/*
 * downgrade: a rwsem goes from write to read and is released as a reader.
 * Mistake: the release not matched with the write hold, which then stays on
 * the held stack and makes an edge to whatever comes next, here against the
 * true order.
 */
static DECLARE_RWSEM(downgrade_a);
static DEFINE_MUTEX(downgrade_b);

static LKS_FRAME int downgrade_task(void *unused)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		down_write(&downgrade_a);
		downgrade_write(&downgrade_a);
		up_read(&downgrade_a);

		mutex_lock(&downgrade_b);
		down_read(&downgrade_a);
		up_read(&downgrade_a);
		mutex_unlock(&downgrade_b);
	}
	return 0;
}

static int run_downgrade(struct lks_ctx *ctx)
{
	return run_tasks("lks-downgrade", 2, downgrade_task, NULL);
}

/*
 * release-other: taken by one task and released by another, a rwsem read (as
 * aio and some file systems do) and a semaphore. Mistake: the taker believed
 * to hold it for ever, with false edges against the true order.
 */
static DECLARE_RWSEM(other_rwsem);
static struct semaphore other_sem;	/* DEFINE_SEMAPHORE changed in 6.4 */
static DEFINE_MUTEX(other_mutex);

struct other {
	struct completion taken, released;
};

static LKS_FRAME int other_releaser(void *arg)
{
	struct other *o = arg;
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		wait_for_completion(&o->taken);
		up_read_non_owner(&other_rwsem);
		up(&other_sem);
		complete(&o->released);
	}
	return 0;
}

static LKS_FRAME int other_taker(void *arg)
{
	struct other *o = arg;
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		down_read_non_owner(&other_rwsem);
		down(&other_sem);
		complete(&o->taken);
		wait_for_completion(&o->released);

		mutex_lock(&other_mutex);
		down_write(&other_rwsem);
		up_write(&other_rwsem);
		down(&other_sem);
		up(&other_sem);
		mutex_unlock(&other_mutex);
	}
	return 0;
}

static int run_release_other(struct lks_ctx *ctx)
{
	struct lks_task releaser;
	struct other o;
	int err;

	init_completion(&o.taken);
	init_completion(&o.released);
	err = lks_task_start(&releaser, -1, "lks-releaser", other_releaser, &o);
	if (err)
		return err;
	/* By this task, as a taker that could not start would hang the other */
	err = other_taker(&o);
	lks_task_wait(&releaser);
	return err;
}

/*
 * release-order: A, B (tried), release A, then C: C comes after B only. The
 * true order is B, C, A, and no cycle. Mistake: releases matched with the top
 * of the stack, so that A is believed held when C is taken.
 */
static DEFINE_MUTEX(ooo_a);
static DEFINE_MUTEX(ooo_b);
static DEFINE_MUTEX(ooo_c);

static LKS_FRAME int release_order_task(void *unused)
{
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		mutex_lock(&ooo_a);
		if (mutex_trylock(&ooo_b)) {
			mutex_unlock(&ooo_a);
			mutex_lock(&ooo_c);
			mutex_unlock(&ooo_b);
			mutex_unlock(&ooo_c);
		} else {
			mutex_unlock(&ooo_a);
		}

		mutex_lock(&ooo_c);
		mutex_lock(&ooo_a);
		mutex_unlock(&ooo_c);
		mutex_unlock(&ooo_a);
	}
	return 0;
}

static int run_release_order(struct lks_ctx *ctx)
{
	int err;

	err = lks_task_run(-1, "lks-ooo", release_order_task, NULL);
	if (err)
		return err;
	return run_tasks("lks-ooo", 2, release_order_task, NULL);
}

/*
 * reuse: memory of a lock is freed and comes back as a lock of another class,
 * with the opposite order to a third lock. Mistake: what was learnt of an
 * address outliving the object.
 */
struct reuse_obj {
	struct mutex old_lock;
};

static DEFINE_MUTEX(reuse_other);
static DEFINE_SPINLOCK(reuse_spin);

static LKS_FRAME void reuse_first_life(struct reuse_obj *first)
{
	mutex_init(&first->old_lock);
	mutex_lock(&first->old_lock);
	mutex_lock(&reuse_other);
	mutex_unlock(&reuse_other);
	mutex_unlock(&first->old_lock);
}

static LKS_FRAME void reuse_second_life(struct reuse_obj *second)
{
	mutex_init(&second->old_lock);
	mutex_lock(&reuse_other);
	mutex_lock(&second->old_lock);
	mutex_unlock(&second->old_lock);
	mutex_unlock(&reuse_other);
}

/* The same with a lock that has no init function to announce the new life */
struct reuse_spin_obj {
	spinlock_t lock;
};

static LKS_FRAME void reuse_first_spin(struct reuse_spin_obj *first)
{
	spin_lock_init(&first->lock);
	spin_lock(&first->lock);
	spin_lock(&reuse_spin);
	spin_unlock(&reuse_spin);
	spin_unlock(&first->lock);
}

static LKS_FRAME void reuse_second_spin(struct reuse_spin_obj *second)
{
	spin_lock_init(&second->lock);
	spin_lock(&reuse_spin);
	spin_lock(&second->lock);
	spin_unlock(&second->lock);
	spin_unlock(&reuse_spin);
}

/* -EAGAIN if the allocator gave the second life another address */
static int reuse_once(struct kmem_cache *cache, bool spin)
{
	void *first, *second;
	int err;

	first = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!first)
		return -ENOMEM;
	if (spin)
		reuse_first_spin(first);
	else
		reuse_first_life(first);
	kmem_cache_free(cache, first);

	second = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!second)
		return -ENOMEM;
	if (spin)
		reuse_second_spin(second);
	else
		reuse_second_life(second);
	err = second == first ? 0 : -EAGAIN;
	kmem_cache_free(cache, second);
	return err;
}

/* A constructor keeps the cache from being merged with a busier one. */
static void reuse_ctor(void *obj)
{
}

static int run_reuse(struct lks_ctx *ctx)
{
	struct kmem_cache *cache;
	int spin, i, err = 0;

	cache = kmem_cache_create("lks_reuse", max(sizeof(struct reuse_obj),
						   sizeof(struct reuse_spin_obj)),
				  0, 0, reuse_ctor);
	if (!cache)
		return -ENOMEM;
	for (spin = 0; spin < 2 && !err; spin++) {
		err = -EAGAIN;
		for (i = 0; i < NR_ROUNDS && err == -EAGAIN; i++)
			err = reuse_once(cache, spin);
	}
	kmem_cache_destroy(cache);
	return err;
}

/*
 * handover: the run queue's lock is taken by the task that is switched out
 * and released by the one switched in, and a wake-up under a spinlock takes
 * it inside that lock. Mistake: spinlocks kept per task, which leaves the run
 * queue's lock with the task that went to sleep.
 */
static DEFINE_SPINLOCK(handover_lock);

struct handover {
	struct completion turn[2];
};

struct handover_side {
	struct handover *h;
	int me;
};

static LKS_FRAME int handover_task(void *arg)
{
	struct handover_side *s = arg;
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		wait_for_completion(&s->h->turn[s->me]);
		spin_lock(&handover_lock);
		complete(&s->h->turn[!s->me]);
		spin_unlock(&handover_lock);
	}
	return 0;
}

static int run_handover(struct lks_ctx *ctx)
{
	int cpu = cpumask_last(cpu_online_mask);
	struct handover_side side[2];
	struct lks_task t[2];
	struct handover h;
	int i, err;

	for (i = 0; i < 2; i++) {
		init_completion(&h.turn[i]);
		side[i].h = &h;
		side[i].me = i;
	}
	/* On one CPU, so that each switches to the other. */
	err = lks_task_start(&t[0], cpu, "lks-ping", handover_task, &side[0]);
	if (err)
		return err;
	err = lks_task_start(&t[1], cpu, "lks-pong", handover_task, &side[1]);
	if (err)
		complete_all(&h.turn[0]);
	else
		complete(&h.turn[0]);
	lks_task_wait(&t[0]);
	if (!err)
		lks_task_wait(&t[1]);
	return err;
}

#define TWIN(_name, _run, _desc) {		\
	.name = _name,				\
	.desc = _desc,				\
	.forms = BIT(LKS_FORM_SILENT),		\
	.run = _run,				\
	.owner = THIS_MODULE,			\
}

static struct lks_scenario twins[] = {
	TWIN("order", run_order,
	     "twin: one order of three locks by many tasks"),
	TWIN("nesting", run_nesting,
	     "twin: parent before child, two instances of one class"),
	TWIN("guard", run_guard,
	     "twin: both orders under one outer lock (lockdep reports it)"),
	TWIN("trylock", run_trylock,
	     "twin: the wrong order by trylock only"),
	TWIN("read-read", run_read_read,
	     "twin: read recursion that never blocks, SRCU and rwlock in an interrupt"),
	TWIN("downgrade", run_downgrade,
	     "twin: a rwsem downgraded and released as a reader"),
	TWIN("release-other", run_release_other,
	     "twin: a rwsem read and a semaphore released by another task"),
	TWIN("release-order", run_release_order,
	     "twin: releases out of order"),
	TWIN("reuse", run_reuse,
	     "twin: memory of a lock reused as another lock"),
	TWIN("handover", run_handover,
	     "twin: the run queue's lock handed over in context switches"),
};

int lks_twins_init(void)
{
	sema_init(&other_sem, 1);
	lks_register(twins, ARRAY_SIZE(twins));
	return 0;
}

void lks_twins_exit(void)
{
	lks_unregister(twins, ARRAY_SIZE(twins));
}
