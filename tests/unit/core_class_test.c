// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which locks are one kind of lock (user/core/identity.c, class.c, merge.c): by what is known of
 * the memory, the initialisation and the place, what they are called, and what of it is the
 * same whatever was seen before. Every "is one" has a twin that must not be.
 */
#include <string.h>

#include "../lib/tap.h"
#include "order_events.h"

#define SITE(n)		(0xffffffff81500000 + (uint64_t)(n) * 16)
#define CACHE(n)	(0x0000888100000000 + (uint64_t)(n) * 256)	/* as a key; offset in bits 48-63 */
#define AT(cache, off)	(CACHE(cache) | (uint64_t)(off) << 48)
#define TYPED(rule, bit, what) ((uint64_t)(LK_CK_TYPED | (rule) << 1 | (bit)) << 48 | (what))
#define ADDR(n)		(0xffff888200000000 + (uint64_t)(n) * 64)

static struct sim s;
static struct sim_task t1, t2;
static struct sim_lock top;		/* something to hold, so that orders are told */

static void up(void)
{
	sim_init(&s, LK_TIER_ORDER);
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	top = sim_static(&s, "top");
}

static void name_site(uint64_t site, const char *name, const char *module)
{
	struct lk_event ev = { .kind = LK_EV_SYM, .sym = { .addr = site, .name = name, .module = module,
							   .off = 0x12 } };

	(void)sim_emit(&s, &ev);
}

static struct lk_ev_hold hold(uint64_t addr, uint64_t key, uint64_t mem, uint32_t prim, uint64_t site)
{
	return (struct lk_ev_hold){ .lock = addr, .key = key, .mem = mem, .site = site, .prim = prim,
				    .flags = LK_HOLD_VERIFIED };
}

/* One order: @b while @a is held. */
static void order(struct sim_task *t, struct lk_ev_hold a, struct lk_ev_hold b, uint32_t stack)
{
	struct lk_event ev;

	t->held[0] = a;
	t->nr = 1;
	ev = sim_order(&s, t, b);
	ev.order.stack = stack;
	is_int(sim_emit(&s, &ev), 0, "an order is applied");
	t->nr = 0;
}

static struct lk_ev_hold top_hold(void)
{
	return hold(top.addr, top.key, 0, LK_PRIM_MUTEX, SITE(0));
}

/* The class that stands for what was taken last: the edge from `top` to it that is newest. */
static struct model_class class_of(struct lk_ev_hold h, uint32_t stack)
{
	unsigned int i;

	order(&t1, top_hold(), h, stack);
	for (i = model_nr_instances(s.m); i-- > 0;) {
		struct model_instance in = model_instance(s.m, i);

		if (in.addr == h.lock && model_class(s.m, in.class).merged_into == in.class)
			return model_class(s.m, in.class);
	}
	ok(false, "the lock is an instance of a class");
	return model_class(s.m, 0);
}

static struct model_class class_at_site(uint64_t addr, uint64_t key, uint64_t mem, uint32_t prim, uint64_t site)
{
	return class_of(hold(addr, key, mem, prim, site), LK_STACK_NONE);
}

static void slab(uint64_t key, const char *cache, uint32_t off, const char *type, const char *member)
{
	sim_class(&s, (struct lk_ev_class){ .key = key, .cache = cache, .off = off, .type = type,
					    .member = member });
}

static void init_at(uint64_t site, const char *name)
{
	sim_class(&s, (struct lk_ev_class){ .key = site, .name = name, .flags = LK_LOCK_INIT,
					    .off = UINT32_MAX });
}

/* --- members of structs ------------------------------------------------------------------- */

static void test_members(void)
{
	struct model_class a, b, c;

	up();
	slab(AT(1, 0x40), "ext4_inode_cache", 0x40, "address_space", "i_mmap_rwsem");
	slab(AT(2, 0x18), "shmem_inode_cache", 0x18, "address_space", "i_mmap_rwsem");
	slab(AT(2, 0x60), "shmem_inode_cache", 0x60, "address_space", "wb_err_lock");
	a = class_at_site(ADDR(1), AT(1, 0x40), 0, LK_PRIM_RWSEM, SITE(1));
	b = class_at_site(ADDR(2), AT(2, 0x18), 0, LK_PRIM_RWSEM, SITE(2));
	c = class_at_site(ADDR(3), AT(2, 0x60), 0, LK_PRIM_RWSEM, SITE(2));
	is_int(a.id, b.id, "one member in two caches, taken at two places, is one class");
	ok(a.id != c.id, "another member is another one");
	is_str(a.named_by, "btf", "named by BTF");
	ok(strstr(b.name, "i_mmap_rwsem"), "by the member's name: %s", b.name);
	sim_done(&s);
}

static void test_refined(void)
{
	struct model_class dir, file, other, dev;

	up();
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_INODE_RWSEM, 1, 0x100), .rule = LK_RULE_INODE_RWSEM,
					    .detail = 1, .refine = "ext4", .off = UINT32_MAX });
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_INODE_RWSEM, 0, 0x100), .rule = LK_RULE_INODE_RWSEM,
					    .refine = "ext4", .off = UINT32_MAX });
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_INODE_RWSEM, 1, 0x200), .rule = LK_RULE_INODE_RWSEM,
					    .detail = 1, .refine = "tmpfs", .off = UINT32_MAX });
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_SLOCK, 0, 2), .rule = LK_RULE_SLOCK, .detail = 2,
					    .off = UINT32_MAX });
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_SLOCK, 0, 99), .rule = LK_RULE_SLOCK, .detail = 99,
					    .off = UINT32_MAX });
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_DEVICE_MUTEX, 0, 0), .rule = LK_RULE_DEVICE_MUTEX,
					    .off = UINT32_MAX });
	dir = class_at_site(ADDR(1), TYPED(LK_RULE_INODE_RWSEM, 1, 0x100), 0, LK_PRIM_RWSEM, SITE(1));
	file = class_at_site(ADDR(2), TYPED(LK_RULE_INODE_RWSEM, 0, 0x100), 0, LK_PRIM_RWSEM, SITE(1));
	other = class_at_site(ADDR(3), TYPED(LK_RULE_INODE_RWSEM, 1, 0x200), 0, LK_PRIM_RWSEM, SITE(1));
	is_str(dir.name, "&inode->i_rwsem (ext4:dir)", "a directory of ext4");
	is_str(file.name, "&inode->i_rwsem (ext4)", "a file of ext4");
	is_str(other.name, "&inode->i_rwsem (tmpfs:dir)", "a directory of tmpfs");
	is_str(dir.named_by, "rule", "named by a rule");
	is_str(class_at_site(ADDR(4), TYPED(LK_RULE_SLOCK, 0, 2), 0, LK_PRIM_SPINLOCK, SITE(1)).name, "slock-AF_INET",
	       "a socket");
	is_str(class_at_site(ADDR(5), TYPED(LK_RULE_SLOCK, 0, 99), 0, LK_PRIM_SPINLOCK, SITE(1)).name, "slock-AF_99",
	       "a family that has no name here");
	order(&t1, top_hold(), hold(ADDR(6), TYPED(LK_RULE_DEVICE_MUTEX, 0, 0), 0, LK_PRIM_MUTEX, SITE(1)), 5);
	order(&t2, hold(ADDR(6), TYPED(LK_RULE_DEVICE_MUTEX, 0, 0), 0, LK_PRIM_MUTEX, SITE(1)), top_hold(), 5);
	dev = model_class(s.m, model_nr_classes(s.m) - 1);
	is_str(dev.name, "&dev->mutex", "the lock of a device");
	is_int(model_nr_findings(s.m), 0, "... whose order is not checked");
	sim_done(&s);
}

/* --- by initialisation ---------------------------------------------------------------------- */

static void test_init(void)
{
	struct model_class a, b, c, d;

	up();
	name_site(SITE(10), "alloc_pipe_info", "");
	name_site(SITE(11), "alloc_pipe_info.isra.0", "");
	name_site(SITE(12), "alloc_pipe_info", "other");
	slab(AT(3, 0), "kmalloc-cg-192", 0, NULL, NULL);
	slab(AT(4, 0), "kmalloc-192", 0, NULL, NULL);
	init_at(SITE(10), "&pipe->mutex");
	init_at(SITE(11), "&pipe->mutex");
	init_at(SITE(12), "&pipe->mutex");
	a = class_at_site(ADDR(1), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1));
	b = class_at_site(ADDR(2), SITE(10), AT(4, 0), LK_PRIM_MUTEX, SITE(2));
	c = class_at_site(ADDR(3), SITE(11), AT(3, 0), LK_PRIM_MUTEX, SITE(3));
	d = class_at_site(ADDR(4), SITE(12), AT(3, 0), LK_PRIM_MUTEX, SITE(3));
	is_str(a.name, "&pipe->mutex", "the name that was given");
	is_str(a.named_by, "init", "named by its initialisation");
	is_int(a.id, b.id, "one place of initialisation, two caches and places: one class");
	is_int(a.id, c.id, "... and what the compiler made of that function");
	ok(d.id != a.id, "the same name in another module is another class");
	is_str(d.name, "&pipe->mutex#2", "... which has a number");
	sim_done(&s);
}

/* Locks that were there before the trace: the same place, the same memory. */
static void test_linked(void)
{
	struct model_class old, young;

	up();
	name_site(SITE(1), "widget_write", "");
	name_site(SITE(10), "alloc_pipe_info", "");
	slab(AT(3, 0), "kmalloc-cg-192", 0, NULL, NULL);
	init_at(SITE(10), "&pipe->mutex");
	old = class_at_site(ADDR(1), AT(3, 0), 0, LK_PRIM_MUTEX, SITE(1));
	is_str(old.name, "mutex@widget_write", "at first it is known by where it is taken");
	young = class_at_site(ADDR(2), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1));
	is_int(young.id, old.id, "a new one at the same place, in memory alike: they are one class, with the old id");
	is_str(young.name, "&pipe->mutex", "... by the better name");
	is_int(model_class(s.m, model_nr_classes(s.m) - 1).merged_into, old.id, "the other id leads there");
	sim_done(&s);
}

static void test_not_linked(void)
{
	struct model_class old, young;

	up();
	name_site(SITE(1), "widget_write", "");
	name_site(SITE(2), "device_lock", "");
	name_site(SITE(10), "alloc_pipe_info", "");
	name_site(SITE(11), "alloc_something", "");
	slab(AT(3, 0), "kmalloc-cg-192", 0, NULL, NULL);
	slab(AT(3, 8), "kmalloc-cg-192", 8, NULL, NULL);
	init_at(SITE(10), "&pipe->mutex");
	init_at(SITE(11), "&some->mutex");
	old = class_at_site(ADDR(1), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1));
	young = class_at_site(ADDR(2), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1));
	ok(old.id != young.id, "at another offset it is something else");
	(void)class_at_site(ADDR(3), SITE(11), AT(3, 16), LK_PRIM_MUTEX, SITE(2));
	old = class_at_site(ADDR(4), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(2));
	ok(old.id != young.id && !strstr(old.name, "some"), "in a function that takes locks for others, too: %s", old.name);
	/* Two kinds at one place. */
	slab(AT(5, 0), "kmalloc-64", 0, NULL, NULL);
	young = class_at_site(ADDR(5), SITE(10), AT(5, 0), LK_PRIM_MUTEX, SITE(1));
	(void)class_at_site(ADDR(6), SITE(11), AT(5, 0), LK_PRIM_MUTEX, SITE(1));
	old = class_at_site(ADDR(7), AT(5, 0), 0, LK_PRIM_MUTEX, SITE(1));
	ok(old.id != young.id, "where two kinds are known, the third one is not guessed");
	sim_done(&s);
}

/* A merged class does not make a cycle of different objects. */
static void test_linked_cycle(void)
{
	unsigned int how;

	for (how = 0; how < 2; how++) {
		struct lk_ev_hold old, young, other;

		up();
		name_site(SITE(1), "widget_write", "");
		name_site(SITE(10), "alloc_pipe_info", "");
		slab(AT(3, 0), "kmalloc-cg-192", 0, NULL, NULL);
		init_at(SITE(10), "&pipe->mutex");
		old = hold(ADDR(1), AT(3, 0), 0, LK_PRIM_MUTEX, SITE(1));
		young = hold(ADDR(2), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1));
		other = hold(top.addr + 0x1000, top.key, 0, LK_PRIM_MUTEX, SITE(3));
		order(&t1, old, other, LK_STACK_NONE);
		order(&t2, other, how ? old : young, LK_STACK_NONE);
		is_int(model_nr_findings(s.m), how, how ? "the same natural class in both orders is an inversion" :
		       "a class that became one by its place makes none with other objects");
		sim_done(&s);
	}
}

/* --- subclasses ----------------------------------------------------------------------------- */

/* fs/pipe.c of 6.1: pipe_write() takes &pipe->mutex with I_MUTEX_PARENT, pipe_poll() takes nothing. */
static void test_subclass(void)
{
	struct model_class in_write, elsewhere, old;

	up();
	name_site(SITE(1), "pipe_write", "");
	name_site(SITE(2), "widget_write", "");
	name_site(SITE(10), "alloc_pipe_info", "");
	slab(AT(3, 0), "kmalloc-cg-192", 0, NULL, NULL);
	init_at(SITE(10), "&pipe->mutex");
	old = class_at_site(ADDR(9), AT(3, 0), 0, LK_PRIM_MUTEX, SITE(1));
	in_write = class_at_site(ADDR(1), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1));
	elsewhere = class_at_site(ADDR(2), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(2));
	is_str(elsewhere.name, "&pipe->mutex", "without annotation");
	is_str(in_write.name, "&pipe->mutex/1", "where the source says that it nests");
	ok(in_write.id != elsewhere.id, "these are two classes");
	is_int(in_write.id, old.id, "subclasses of what is one are one");
	order(&t1, hold(ADDR(1), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1)),
	      hold(ADDR(2), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(2)), LK_STACK_NONE);
	is_int(model_nr_findings(s.m), 0, "one in the other is an order like any other");
	order(&t2, hold(ADDR(4), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(2)),
	      hold(ADDR(3), SITE(10), AT(3, 0), LK_PRIM_MUTEX, SITE(1)), LK_STACK_NONE);
	if (is_int(model_nr_findings(s.m), 1, "both ways is an inversion"))
		is_int(model_finding(s.m, 0)->severity, FINDING_POSSIBLE, "... that only the table tells");
	sim_done(&s);
}

/* --- guesses ---------------------------------------------------------------------------------- */

static void guess(uint64_t key, uint64_t site, const char *type, const char *member)
{
	struct lk_event ev = { .kind = LK_EV_SITE, .site = { .tier = LK_TIER_ORDER, .key = key, .site = site,
							     .prim = LK_PRIM_MUTEX, .type = type, .member = member } };

	is_int(sim_emit(&s, &ev), 0, "a guess is applied");
}

static void test_guess(void)
{
	struct model_class a, b, c;

	up();
	name_site(SITE(1), "foo_start", "");
	name_site(SITE(2), "foo_stop", "");
	name_site(SITE(3), "bar_stop", "");
	slab(AT(3, 8), "kmalloc-64", 8, NULL, NULL);
	guess(AT(3, 8), SITE(1), "foo_ctx", "mtx");
	guess(AT(3, 8), SITE(2), "foo_ctx", "mtx");
	guess(AT(3, 8), SITE(3), "bar_ctx", "mtx");
	a = class_at_site(ADDR(1), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1));
	b = class_at_site(ADDR(2), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(2));
	c = class_at_site(ADDR(3), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(3));
	is_str(a.name, "&foo_ctx->mtx", "the member that fits");
	is_str(a.named_by, "inferred", "which is a guess");
	is_int(a.id, b.id, "two places, one guess: one class");
	ok(c.id != a.id, "another guess: another class");
	is_str(c.name, "&bar_ctx->mtx", "... of its own name");
	sim_done(&s);
}

/* What is called the same by two kinds of evidence, and turns out to be one, is not numbered. */
static void test_no_number(void)
{
	struct lk_ev_hold h;
	struct model_class c;

	up();
	name_site(SITE(1), "foo_start", "");
	name_site(SITE(10), "foo_alloc", "");
	slab(AT(3, 8), "kmalloc-64", 8, NULL, NULL);
	guess(AT(3, 8), SITE(1), "foo_ctx", "mtx");
	init_at(SITE(10), "&foo_ctx->mtx");
	(void)class_at_site(ADDR(1), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1));
	c = class_at_site(ADDR(2), SITE(10), AT(3, 8), LK_PRIM_MUTEX, SITE(1));
	is_str(c.name, "&foo_ctx->mtx", "a guess that turns out to be right");
	is_str(c.named_by, "init", "... is known by what proved it");
	slab(AT(4, 8), "mm_struct", 8, "mm_struct", "mmap_lock");
	h = hold(ADDR(3), AT(4, 8), 0, LK_PRIM_RWSEM, SITE(1));
	is_str(class_of(h, LK_STACK_NONE).name, "&mm->mmap_lock", "a member");
	h.rule = LK_RULE_MMAP_LOCK;
	c = class_of(h, LK_STACK_NONE);
	is_str(c.name, "&mm->mmap_lock", "that a rule knows, too");
	is_str(c.named_by, "rule", "which is the stronger evidence");
	sim_done(&s);
}

static void test_bad_guess(void)
{
	struct lk_event ev;

	up();
	ev = sample(LK_EV_SITE);
	is_int(apply(s.m, ev), 0, "a guess");
	ev.site.tier = LK_TIER_LOCKDEP;
	is_int(apply(s.m, ev), -EBADMSG, "lockdep does not guess");
	ev = sample(LK_EV_SITE);
	ev.site.prim = LK_PRIM_NR;
	is_int(apply(s.m, ev), -EBADMSG, "of no primitive");
	ev = sample(LK_EV_SITE);
	ev.site.member = NULL;
	is_int(apply(s.m, ev), -EBADMSG, "of no member");
	ev = sample(LK_EV_SITE);
	ev.site.site = 0;
	is_int(apply(s.m, ev), -EBADMSG, "of no place");
	sim_done(&s);
}

/* --- functions that take locks for others ------------------------------------------------------ */

static void stack_of(uint32_t id, uint64_t wrapper, uint64_t caller)
{
	const uint64_t addr[] = { SITE(100), wrapper, caller };
	struct lk_event ev = { .kind = LK_EV_STACK, .stack = { .id = id, .nr = 3, .addr = addr } };

	(void)sim_emit(&s, &ev);
}

static void test_wrapper(void)
{
	struct model_class a, b, again;

	up();
	name_site(SITE(100), "mutex_lock", "");
	name_site(SITE(1), "regmap_lock_mutex", "");
	name_site(SITE(2), "codec_read", "snd");
	name_site(SITE(3), "pmic_read", "");
	slab(AT(3, 8), "kmalloc-64", 8, NULL, NULL);
	stack_of(7, SITE(1), SITE(2));
	stack_of(8, SITE(1), SITE(3));
	a = class_of(hold(ADDR(1), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1)), 7);
	b = class_of(hold(ADDR(2), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1)), 8);
	is_str(a.name, "mutex@codec_read", "not the wrapper, but who called it");
	is_str(b.name, "mutex@pmic_read", "and another caller");
	ok(a.id != b.id, "are two classes");
	again = class_at_site(ADDR(2), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1));
	is_int(again.id, b.id, "without a stack the address tells which");
	again = class_at_site(ADDR(3), AT(3, 8), 0, LK_PRIM_MUTEX, SITE(1));
	is_str(again.name, "mutex@regmap_lock_mutex", "a new address without a stack is known by the wrapper");
	sim_done(&s);
}

/* --- flushes ------------------------------------------------------------------------------------ */

static void test_flush(void)
{
	struct lk_ev_hold work = hold(ADDR(1), LK_CK_WORK, 0, LK_PRIM_COMPLETION, SITE(20)), other = work, queue;

	up();
	name_site(SITE(20), "vmstat_update", "");
	name_site(SITE(21), "cache_reap", "");
	other.site = SITE(21);
	sim_class(&s, (struct lk_ev_class){ .key = TYPED(LK_RULE_WORKQUEUE, 0, 0x300), .rule = LK_RULE_WORKQUEUE,
					    .refine = "events", .off = UINT32_MAX });
	queue = hold(ADDR(1), TYPED(LK_RULE_WORKQUEUE, 0, 0x300), 0, LK_PRIM_COMPLETION, 0);
	is_str(class_of(work, LK_STACK_NONE).name, "(work_completion)vmstat_update", "a flush of work");
	is_str(class_of(other, LK_STACK_NONE).name, "(work_completion)cache_reap", "of other work");
	is_str(class_of(queue, LK_STACK_NONE).name, "(wq_completion)events", "of a workqueue");
	sim_done(&s);
}

/* --- how often --------------------------------------------------------------------------------- */

static void test_samples(void)
{
	struct lk_event ev;
	struct model_class c;

	up();
	ev = sim_order(&s, &t1, top_hold());
	ev.order.flags = LK_ORDER_SAMPLE;
	ev.order.weight = 64;
	is_int(sim_emit(&s, &ev), 0, "a sample");
	is_int(sim_emit(&s, &ev), 0, "and another one");
	c = model_class(s.m, 0);
	is_int(c.acquired, 128, "stand for so many acquisitions");
	is_int(c.instances, 1, "of one lock");
	is_int(model_nr_edges(s.m), 0, "and for no order");
	ev.order.weight = 0;
	is_int(apply(s.m, ev), -EBADMSG, "a sample that stands for none");
	ev.order.weight = 64;
	t1.held[0] = top_hold();
	ev.order.nr_held = 1;
	is_int(apply(s.m, ev), -EBADMSG, "a sample with locks held");
	sim_done(&s);
}

/* A module goes, another one comes to lie there: what an address means changes. */
static void test_module_gone(void)
{
	struct model_class a, b;

	up();
	name_site(SITE(10), "first_init", "first");
	init_at(SITE(10), "&first->lock");
	a = class_at_site(ADDR(1), SITE(10), 0, LK_PRIM_MUTEX, SITE(1));
	name_site(SITE(10), "second_init", "second");
	init_at(SITE(10), "&second->lock");
	b = class_at_site(ADDR(1), SITE(10), 0, LK_PRIM_MUTEX, SITE(1));
	is_str(a.name, "&first->lock", "before");
	is_str(b.name, "&second->lock", "and after");
	ok(a.id != b.id, "are two classes, though address, place and key are the same");
	sim_done(&s);
}

int main(void)
{
	test_members();
	test_refined();
	test_init();
	test_linked();
	test_not_linked();
	test_linked_cycle();
	test_subclass();
	test_guess();
	test_no_number();
	test_bad_guess();
	test_wrapper();
	test_flush();
	test_samples();
	test_module_gone();
	return done_testing();
}
