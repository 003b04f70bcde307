// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lock order in the model: events that are refused, classes, edges, nesting,
 * recursion, odd releases, watched functions. Cycles are core_evidence_test.c's.
 */
#include "order_events.h"

#define KMALLOC	UINT64_C(0x0008888000001000)	/* class key of a lock in a slab object */
#define SITE	UINT64_C(0xffffffff81000000)

static void show(const struct sim *s)
{
	unsigned int i, k;

	for (i = 0; i < model_nr_findings(s->m); i++) {
		const struct finding *f = model_finding(s->m, i);

		printf("# %s %s %s %u%%, %u links, count %" PRIu64 "\n", f->id, finding_kind_str(f->kind),
		       finding_severity_str(f->severity), f->confidence, f->nr_links, f->count);
		for (k = 0; k < f->nr_why; k++)
			printf("#   - %s\n", f->why[k]);
	}
}

static void expect(struct sim *s, unsigned int nr, const char *what)
{
	if (!is_int(model_nr_findings(s->m), nr, "%s: %u finding%s", what, nr, nr == 1 ? "" : "s"))
		show(s);
}

/* --- events that are refused -------------------------------------------------------------- */

static void test_bounds(void)
{
	static struct lk_ev_hold many[LK_HELD_MAX + 1], mutex, completion;
	struct lk_event bad[48], ev;
	struct model *m = model_new();
	unsigned int n = 0, i;

	mutex = (struct lk_ev_hold){ .lock = 0x10, .key = 0x10, .prim = LK_PRIM_MUTEX };
	completion = (struct lk_ev_hold){ .lock = 0x10, .key = LK_CK_COMPLETION, .prim = LK_PRIM_COMPLETION };
	for (i = 0; i <= LK_HELD_MAX; i++)
		many[i] = mutex;
	apply(m, meta(0, 0));
#define BAD(init, field, value) do { ev = sample(init); ev.field = value; bad[n++] = ev; } while (0)
	BAD(LK_EV_CLASS, class.tier, 0);
	BAD(LK_EV_CLASS, class.tier, LK_TIER_CONTENTION);
	BAD(LK_EV_CLASS, class.tier, LK_TIER_WATCH);
	BAD(LK_EV_CLASS, class.key, 0);
	BAD(LK_EV_CLASS, class.subclass, 8);
	BAD(LK_EV_ORDER, order.tier, 1);
	BAD(LK_EV_ORDER, order.tier, 4);
	BAD(LK_EV_ORDER, order.ctx, LK_CTX_NR);
	BAD(LK_EV_ORDER, order.ctx, 8);
	BAD(LK_EV_ORDER, order.from, 2);
	BAD(LK_EV_ORDER, order.from, UINT32_MAX);
	BAD(LK_EV_ORDER, order.watch_mask, 1u << LK_WATCH_MAX);
	BAD(LK_EV_ORDER, order.acq.prim, 0);
	BAD(LK_EV_ORDER, order.acq.prim, LK_PRIM_NR);
	BAD(LK_EV_ORDER, order.acq.read, 3);
	BAD(LK_EV_ORDER, order.acq.flags, 0x10000);
	BAD(LK_EV_ORDER, order.acq.lock, 0);
	BAD(LK_EV_ORDER, order.acq.key, 0);
	BAD(LK_EV_ORDER, order.flags, LK_ORDER_COMPLETION);	/* held[0] is none */
	BAD(LK_EV_ORDER, order.flags, LK_ORDER_WATCH_ENTRY);	/* takes a lock */
	BAD(LK_EV_ORDER, order.held, &completion);		/* held, but not completed */
	ev = sample(LK_EV_ORDER);
	ev.order.held = many;
	ev.order.nr_held = LK_HELD_MAX + 1;
	bad[n++] = ev;
	ev = sample(LK_EV_ORDER);
	ev.order.flags = LK_ORDER_WATCH_ENTRY;
	ev.order.from = 0;
	ev.order.acq.prim = 0;
	bad[n++] = ev;						/* of no function */
	BAD(LK_EV_ODD, odd.tier, 1);
	BAD(LK_EV_ODD, odd.odd, 0);
	BAD(LK_EV_ODD, odd.odd, 3);
	BAD(LK_EV_ODD, odd.hold.prim, 0);
	BAD(LK_EV_ODD, odd.hold.lock, 0);
	BAD(LK_EV_WATCH, watch.id, LK_WATCH_MAX);
	BAD(LK_EV_WATCH, watch.state, 0);
	BAD(LK_EV_WATCH, watch.state, 5);
	BAD(LK_EV_WATCHED, watched.id, LK_WATCH_MAX);
#undef BAD
	for (i = 0; i < n; i++)
		is_int(apply(m, bad[i]), -EBADMSG, "bad event %u of kind %u", i, bad[i].kind);
	is_int(model_nr_classes(m) + model_nr_edges(m) + model_nr_findings(m) + model_nr_watch(m), 0,
	       "none left a trace");
	ev = sample(LK_EV_ORDER);
	ev.order.held = many;
	ev.order.nr_held = LK_HELD_MAX;
	ev.order.from = 1u << (LK_HELD_MAX - 1);
	ev.order.ctx = LK_CTX_UNKNOWN;
	ev.order.acq.rule = UINT32_MAX;
	is_int(apply(m, ev), 0, "the most that can be held, and what a newer version may say");
	ev.order.flags = LK_ORDER_WATCH_ENTRY;
	ev.order.from = 0;
	ev.order.acq.prim = 0;
	ev.order.watch_mask = 1u << (LK_WATCH_MAX - 1);
	is_int(apply(m, ev), 0, "an entry of a watched function");
	model_free(m);
}

/* --- classes ------------------------------------------------------------------------------ */

static void test_static_names(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, b, c;
	struct model_class k;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "lock");
	b = sim_static(&s, "lock");	/* static in another file */
	c = sim_static(&s, "other");
	t = sim_task(&s, "t");
	sim_class(&s, (struct lk_ev_class){ .key = c.key, .symbol = "other", .module = "ext4", .off = UINT32_MAX });
	NEST(&s, &t, &a, &b, &c);
	is_int(model_nr_classes(s.m), 3, "three static locks are three classes");
	is_str(model_class(s.m, 0).name, "lock", "the first of its name");
	is_str(model_class(s.m, 1).name, "lock#2", "the second has a number");
	k = model_class(s.m, 2);
	is_str(k.name, "other [ext4]", "evidence that came later counts");
	is_str(k.named_by, "symbol", "named by its symbol");
	is_str(k.type, "mutex", "its type");
	is_int(k.id, 2, "its id");
	is_int(k.merged_into, 2, "stands for itself");
	is_int(k.instances, 1, "one instance");
	is_int(model_nr_edges(s.m), 2, "two edges, as lockdep adds them");
	is_int(model_edge(s.m, 0).from, 0, "from the first");
	is_int(model_edge(s.m, 0).to, 1, "... to the second");
	is_int(model_edge(s.m, 0).dep, 8, "exclusive, not recursive");
	sim_done(&s);
}

static void test_percpu(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, cpu0, cpu1;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	cpu0 = sim_static(&s, "x");
	cpu1 = sim_instance(&s, &cpu0);		/* keys are the first CPU's */
	t = sim_task(&s, "t");
	sim_class(&s, (struct lk_ev_class){ .key = cpu0.key, .percpu = "runqueues.__lock", .off = UINT32_MAX });
	NEST(&s, &t, &a, &cpu0);
	NEST(&s, &t, &a, &cpu1);
	is_int(model_nr_classes(s.m), 2, "a per-CPU lock is one class");
	is_str(model_class(s.m, 1).name, "&rq->__lock", "that developers know");
	is_int(model_class(s.m, 1).instances, 2, "... with an instance for each CPU");
	NEST(&s, &t, &cpu0, &cpu1);
	expect(&s, 0, "two CPUs' locks in each other");
	sim_done(&s);
}

/* timer_bases is an array of structures: its name says neither which nor the member. */
static void test_percpu_members(void)
{
	unsigned int how;

	for (how = 0; how < 2; how++) {
		struct sim s;
		struct sim_task t1, t2;
		struct sim_lock lock, expiry, a;

		sim_init(&s, LK_TIER_ORDER);
		lock = sim_static(&s, "x");
		expiry = sim_static(&s, "y");
		a = sim_static(&s, "a");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		lock.prim = LK_PRIM_SPINLOCK;
		expiry.prim = LK_PRIM_SPINLOCK;
		sim_class(&s, (struct lk_ev_class){ .key = lock.key, .percpu = "timer_bases", .off = UINT32_MAX });
		sim_class(&s, (struct lk_ev_class){ .key = expiry.key, .percpu = "timer_bases", .off = UINT32_MAX });
		NEST(&s, &t1, &expiry, &a);
		NEST(&s, &t2, &a, how ? &expiry : &lock);
		expect(&s, how, how ? "one member in both orders" : "two members of one variable");
		sim_source(&s);		/* another trace, where they come the other way round */
		sim_class(&s, (struct lk_ev_class){ .key = lock.key, .percpu = "timer_bases", .off = UINT32_MAX });
		sim_class(&s, (struct lk_ev_class){ .key = expiry.key, .percpu = "timer_bases", .off = UINT32_MAX });
		sim_class(&s, (struct lk_ev_class){ .key = a.key, .symbol = "a", .off = UINT32_MAX });
		NEST(&s, &t2, &a, &lock);
		NEST(&s, &t1, &expiry, &a);
		is_int(model_nr_classes(s.m), 3, "... the same classes in another trace");
		expect(&s, how, "... and no other inversion");
		expiry.prim = LK_PRIM_RT_SPINLOCK;
		sim_source(&s);		/* of another kernel, where something else lies there */
		sim_class(&s, (struct lk_ev_class){ .key = expiry.key, .percpu = "timer_bases", .off = UINT32_MAX });
		sim_class(&s, (struct lk_ev_class){ .key = a.key, .symbol = "a", .off = UINT32_MAX });
		NEST(&s, &t1, &a, &expiry);
		is_int(model_nr_classes(s.m), 4, "... another primitive is another class");
		sim_done(&s);
	}
}

/* A static address that no symbol is known for is a class all the same, taken anywhere; memory is not. */
static void test_static_without_symbol(void)
{
	unsigned int how;

	for (how = 0; how < 3; how++) {
		struct sim s;
		struct sim_task t1, t2;
		struct sim_lock a, b, c;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		b = sim_static(&s, "");
		c = sim_static(&s, "");
		if (how == 2)
			b.key = c.key = KMALLOC;
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		take(&s, &t1, &a);
		take_as(&s, &t1, &b, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
		drop_all(&t1);
		take_as(&s, &t2, how == 1 ? &c : &b, LK_WRITE, LK_HOLD_VERIFIED, how == 1 ? SITE + 1 : SITE + 2);
		take(&s, &t2, &a);
		expect(&s, how != 1, how == 1 ? "two addresses taken at one place" : "one address");
		is_int(model_nr_classes(s.m), how == 0 ? 2 : 3, "... its class");
		if (the_finding(&s)) {
			const struct finding *f = the_finding(&s);
			unsigned int i, weak = 0;

			for (i = 0; i < f->nr_why; i++)
				weak += strstr(f->why[i], "memory and call site only") != NULL;
			is_int(weak, how == 2, how == 2 ? "... is weak in anonymous memory" : "... is an exact one");
			ok(strstr(model_class(s.m, 1).name, "mutex@"), "... named by its first place: %s",
			   model_class(s.m, 1).name);
		}
		sim_done(&s);
	}
}

/* All locks in objects at one place of a dedicated cache are a class; of a shared cache, by site. */
static void test_slab(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock d1, d2, k1, k2;

	sim_init(&s, LK_TIER_ORDER);
	d1 = sim_slab(&s, 0x0008888000002000, "ext4_inode_cache");
	d2 = sim_instance(&s, &d1);
	k1 = sim_slab(&s, KMALLOC, "kmalloc-64");
	k2 = sim_instance(&s, &k1);
	t = sim_task(&s, "t");
	take_as(&s, &t, &d1, LK_WRITE, 0, SITE + 1);
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 2);
	drop_all(&t);
	take_as(&s, &t, &d2, LK_WRITE, 0, SITE + 3);
	take_as(&s, &t, &k2, LK_WRITE, 0, SITE + 4);
	drop_all(&t);
	is_int(model_nr_classes(s.m), 3, "one class of the cache, two of call sites");
	is_str(model_class(s.m, 1).name, "mutex@0xffffffff81000002", "a site without a symbol");
	is_str(model_class(s.m, 0).name, "&ext4_inode_cache+0x8", "cache and offset");
	is_str(model_class(s.m, 0).named_by, "slab", "... is named by the cache");
	is_int(model_class(s.m, 0).instances, 2, "... has two instances");
	sim_done(&s);
}

static void test_rule_names(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, mm;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	mm = sim_slab(&s, 0x0070888000003000, "mm_struct");
	mm.prim = LK_PRIM_RWSEM;
	t = sim_task(&s, "t");
	NEST(&s, &t, &a, &mm);
	is_str(model_class(s.m, 1).name, "&mm_struct+0x8", "named by the cache at first");
	mm.rule = LK_RULE_MMAP_LOCK;
	mm.addr += 64;
	NEST(&s, &t, &a, &mm);
	is_int(model_nr_classes(s.m), 2, "a rule does not make another class");
	is_str(model_class(s.m, 1).name, "&mm->mmap_lock", "... but names it");
	is_str(model_class(s.m, 1).named_by, "rule", "... and says so");
	sim_done(&s);
}

static void sym(struct sim *s, uint64_t addr, const char *name, uint32_t off)
{
	struct lk_event ev = { .kind = LK_EV_SYM, .sym = { .addr = addr, .name = name, .module = "", .off = off } };

	(void)sim_emit(s, &ev);
}

static void test_merge(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, k1, k2;

	sim_init(&s, LK_TIER_ORDER);
	sym(&s, SITE + 1, "get", 5);
	sym(&s, SITE + 2, "put", 9);
	a = sim_static(&s, "a");
	k1 = sim_slab(&s, KMALLOC, "kmalloc-64");
	k2 = sim_instance(&s, &k1);
	t = sim_task(&s, "t");
	take(&s, &t, &a);
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 1);
	drop(&t, &k1);
	take_as(&s, &t, &k2, LK_WRITE, 0, SITE + 2);
	drop(&t, &k2);
	is_int(model_nr_classes(s.m), 3, "two sites, two classes");
	is_int(model_nr_edges(s.m), 2, "... with an edge each");
	is_str(model_class(s.m, 1).name, "mutex@get", "named by the call site");
	is_str(model_class(s.m, 1).named_by, "caller", "... and says so");
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 2);
	drop(&t, &k1);
	is_int(model_class(s.m, 2).merged_into, 1, "the same address at both: merged");
	is_int(model_class(s.m, 1).instances, 2, "... and their instances");
	is_int(model_edge(s.m, 0).count, 3, "... and what was seen of their edges");
	ok(model_edge(s.m, 0).dep && !model_edge(s.m, 1).dep, "... one of which is none any more");
	is_int(model_edge(s.m, 1).to, 1, "... but knows where it went");
	expect(&s, 0, "all of that in one order");
	sim_done(&s);

	/* The twin: another offset, another primitive, a stack: nothing to do with one another. */
	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	k1 = sim_slab(&s, KMALLOC, "kmalloc-64");
	t = sim_task(&s, "t");
	take(&s, &t, &a);
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 1);
	drop(&t, &k1);
	k1.prim = LK_PRIM_SPINLOCK;
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 2);
	drop(&t, &k1);
	k1.key = LK_CK_STACK;
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 3);
	drop(&t, &k1);
	take_as(&s, &t, &k1, LK_WRITE, 0, SITE + 4);
	drop(&t, &k1);
	take_as(&s, &t, &k1, LK_WRITE, 0, 0);
	drop(&t, &k1);
	is_int(model_nr_classes(s.m), 6, "mutex, spinlock, three on the stack, and a");
	for (unsigned int i = 0; i < model_nr_classes(s.m); i++)
		is_int(model_class(s.m, i).merged_into, i, "class %u stands for itself", i);
	sim_done(&s);
}

static void test_lockdep_names(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, b, c;

	sim_init(&s, LK_TIER_LOCKDEP);
	a = sim_static(&s, "&x->lock");
	b = sim_static(&s, "&x->lock");
	c = sim_static(&s, "&x->lock");
	sim_class(&s, (struct lk_ev_class){ .key = b.key, .name = "&x->lock", .name_version = 2 });
	c.key |= 1;
	sim_class(&s, (struct lk_ev_class){ .key = c.key, .name = "&x->lock", .subclass = 1 });
	t = sim_task(&s, "t");
	NEST(&s, &t, &a, &b, &c);
	is_int(model_nr_classes(s.m), 3, "lockdep's classes are by key and subclass");
	is_str(model_class(s.m, 0).name, "&x->lock", "name");
	is_str(model_class(s.m, 1).name, "&x->lock#2", "version");
	is_str(model_class(s.m, 2).name, "&x->lock/1", "subclass");
	is_str(model_class(s.m, 2).named_by, "lockdep", "named by lockdep");
	is_str(model_class(s.m, 2).type, "lock", "of what primitive it does not say");
	sim_done(&s);
}

/* --- edges, nesting, recursion ------------------------------------------------------------ */

static void test_try_and_nocheck(void)
{
	static const struct { uint32_t flags; unsigned int edges; const char *what; } table[] = {
		{ 0, 2, "a lock that waits" },
		{ LK_HOLD_TRY, 1, "a trylock: no order leads to it" },
		{ LK_HOLD_NOCHECK, 0, "not to be checked: none to it and none from it" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sim_lock a, b, c;
		struct sim_task t;
		struct sim s;
		struct lk_event ev;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		c = sim_static(&s, "c");
		t = sim_task(&s, "t");
		take(&s, &t, &a);
		take_as(&s, &t, &b, LK_WRITE, table[i].flags, SITE);
		drop(&t, &a);
		ev = sim_order(&s, &t, (struct lk_ev_hold){ .lock = c.addr, .key = c.key, .prim = c.prim });
		ev.order.from = 1;
		is_int(sim_emit(&s, &ev), 0, "taken");
		is_int(model_nr_edges(s.m), table[i].edges, "%s", table[i].what);
		sim_done(&s);
	}
}

static void test_novalidate(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, dev;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	dev = sim_static(&s, "dev");
	sim_class(&s, (struct lk_ev_class){ .key = dev.key, .symbol = "dev", .flags = LK_LOCK_NOVALIDATE });
	t = sim_task(&s, "t");
	NEST(&s, &t, &a, &dev);
	NEST(&s, &t, &dev, &a);
	expect(&s, 0, "a class that must not be checked");
	is_int(model_nr_edges(s.m), 0, "... has no edges");
	sim_done(&s);
}

/* One instance of a class in another, with the modes that lock @l has. */
static void again(uint32_t tier, uint32_t prim, bool same, uint32_t held, uint32_t taken, uint32_t flags,
		  enum finding_kind kind, enum finding_severity severity, const char *what)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, b;

	sim_init(&s, tier);
	a = sim_slab(&s, 0x0008888000002000, "cache");
	if (tier == LK_TIER_LOCKDEP)
		sim_class(&s, (struct lk_ev_class){ .key = a.key, .name = "&x->lock" });
	a.prim = prim;
	b = same ? a : sim_instance(&s, &a);
	t = sim_task(&s, "t");
	take_as(&s, &t, &a, held, LK_HOLD_VERIFIED, SITE);
	take_as(&s, &t, &b, taken, flags, SITE + 1);
	drop_all(&t);
	expect(&s, kind != 0, what);
	if (kind && model_nr_findings(s.m)) {
		const struct finding *f = the_finding(&s);

		is_str(finding_kind_str(f->kind), finding_kind_str(kind), "... its kind");
		is_str(finding_severity_str(f->severity), finding_severity_str(severity), "... its severity");
		is_int(f->link[0].edge, UINT32_MAX, "... has no edge");
		ok(f->link[0].taken.site == SITE + 1 && f->link[0].held.site == SITE, "... both sites");
		is_int(f->link[0].nr_all, 1, "... what was held");
	}
	if (!same && !kind) {
		is_int(model_nr_edges(s.m), 1, "... an edge of nesting");
		is_int(model_edge(s.m, 0).from, model_edge(s.m, 0).to, "... of the class in itself");
	}
	sim_done(&s);
}

static void test_again(void)
{
	const uint32_t O = LK_TIER_ORDER, D = LK_TIER_LOCKDEP, W = LK_WRITE, r = LK_READ, R = LK_READ_RECURSIVE;
	const uint32_t mutex = LK_PRIM_MUTEX, rwsem = LK_PRIM_RWSEM, lock = LK_PRIM_LOCKDEP;

	again(O, mutex, true, W, W, 0, FINDING_RECURSIVE, FINDING_CERTAIN, "a mutex again");
	again(O, mutex, false, W, W, 0, 0, 0, "another mutex of the class");
	again(O, mutex, true, W, W, LK_HOLD_TRY, 0, 0, "a mutex again, tried");
	again(O, LK_PRIM_WW_MUTEX, true, W, W, LK_HOLD_NEST, 0, 0, "a ww_mutex again, with its context");
	again(O, LK_PRIM_SPINLOCK, true, W, W, 0, FINDING_RECURSIVE, FINDING_LIKELY, "a spinlock again");
	again(O, LK_PRIM_SEMAPHORE, true, W, W, 0, 0, 0, "a semaphore again: it may count");
	again(O, rwsem, true, r, r, 0, FINDING_RECURSIVE, FINDING_LIKELY, "a reader again");
	again(O, rwsem, false, r, r, 0, 0, 0, "a reader of another instance");
	again(O, rwsem, true, r, W, 0, FINDING_RW_UPGRADE, FINDING_LIKELY, "a reader that writes");
	again(O, rwsem, true, W, r, 0, FINDING_RECURSIVE, FINDING_CERTAIN, "a writer that reads");
	again(O, LK_PRIM_RWLOCK, true, r, R, 0, 0, 0, "a reader that waits for no writer");
	again(O, LK_PRIM_RWLOCK, true, R, r, 0, FINDING_RECURSIVE, FINDING_LIKELY, "the other way round");
	again(D, lock, true, W, W, 0, FINDING_RECURSIVE, FINDING_CERTAIN, "lockdep: the same again");
	again(D, lock, false, W, W, 0, FINDING_RECURSIVE, FINDING_LIKELY, "lockdep: another of the class");
	again(D, lock, false, W, W, LK_HOLD_NEST, 0, 0, "lockdep: with a nest_lock");
	again(D, lock, false, R, R, 0, 0, 0, "lockdep: recursive readers");
	again(D, lock, false, r, r, 0, FINDING_RECURSIVE, FINDING_LIKELY, "lockdep: readers");
}

static void test_recursion_once(void)
{
	struct sim s;
	struct sim_task t, u;
	struct sim_lock a;
	unsigned int i;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	t = sim_task(&s, "t");
	u = sim_task(&s, "u");
	for (i = 0; i < 5; i++) {
		NEST(&s, &t, &a, &a);
		NEST(&s, &u, &a, &a);
	}
	expect(&s, 1, "the same recursion ten times");
	is_int(the_finding(&s)->count, 10, "... counted");
	is_int(model_findings_version(s.m), 1, "... told once");
	sim_done(&s);
}

/* Same address, other primitive: a lock that lies in another one at its beginning. */
static void test_lock_in_lock(void)
{
	struct sim s;
	struct sim_task t;
	struct sim_lock a, b;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = a;
	b.prim = LK_PRIM_RT_MUTEX;
	t = sim_task(&s, "t");
	NEST(&s, &t, &a, &b);
	expect(&s, 0, "one address, two primitives");
	is_int(model_nr_edges(s.m), 0, "... are in no order");
	sim_done(&s);
}

/* --- odd releases, watched functions ------------------------------------------------------- */

static void test_odd(void)
{
	struct model *m = model_new();
	struct lk_event ev = sample(LK_EV_ODD);
	const struct finding *f;

	apply(m, meta(0, 0));
	is_int(apply(m, ev), 0, "a bad unlock");
	is_int(apply(m, ev), 0, "... again");
	ev.odd.odd = LK_ODD_HELD_AT_EXIT;
	ev.odd.hold.flags = LK_HOLD_VERIFIED;
	is_int(apply(m, ev), 0, "held at exit");
	is_int(model_nr_findings(m), 2, "two findings");
	f = model_finding(m, 0);
	is_str(finding_kind_str(f->kind), "bad-unlock", "the first");
	is_int(f->count, 2, "... twice");
	is_int(f->link[0].taken.addr, 0x10, "... its lock");
	is_int(f->link[0].stack, 5, "... its stack");
	ok(f->id[0] == 'b', "... its id: %s", f->id);
	f = model_finding(m, 1);
	is_str(finding_kind_str(f->kind), "held-at-exit", "the second");
	is_int(f->severity, FINDING_CERTAIN, "... certain, as it was looked at");
	ok(f->nr_why >= 1, "... with a reason");
	model_free(m);
}

static void test_watch(void)
{
	const struct model_watch *w;
	struct lk_event ev;
	struct sim s;
	struct sim_task t;
	struct sim_lock a, b, c;

	sim_init(&s, LK_TIER_ORDER);
	ev = sample(LK_EV_WATCH);
	is_int(sim_emit(&s, &ev), 0, "a watched function");
	ev = sample(LK_EV_WATCHED);
	is_int(sim_emit(&s, &ev), 0, "its calls");
	is_int(sim_emit(&s, &ev), 0, "more calls");
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	c = sim_static(&s, "c");
	t = sim_task(&s, "t");
	take(&s, &t, &a);
	ev = sim_order(&s, &t, (struct lk_ev_hold){ 0 });
	ev.order.flags = LK_ORDER_WATCH_ENTRY;
	ev.order.from = 0;
	ev.order.watch_mask = 1u << 3;
	is_int(sim_emit(&s, &ev), 0, "entered with a lock held");
	is_int(sim_emit(&s, &ev), 0, "... again");
	t.watch_mask = 1u << 3;
	take(&s, &t, &b);
	drop_all(&t);
	take(&s, &t, &c);
	is_int(model_nr_watch(s.m), 1, "one watched function");
	w = model_watch(s.m, 0);
	is_str(w->function, "f", "as asked for");
	is_str(w->symbol, "g", "as hooked");
	is_int(w->calls, 4, "calls add up");
	is_int(w->max_ns, 50, "the maximum does not");
	is_int(w->nr_held, 1, "held on entry");
	is_str(w->held[0].name, "a", "... the lock");
	is_int(w->nr_inside, 2, "taken inside");
	is_str(w->inside[0].name, "b", "... with another held");
	is_str(w->inside[1].name, "c", "... and with nothing held");
	is_int(model_nr_edges(s.m), 1, "orders inside are orders");
	sim_done(&s);
}

int main(void)
{
	test_bounds();
	test_static_names();
	test_percpu();
	test_percpu_members();
	test_static_without_symbol();
	test_slab();
	test_rule_names();
	test_merge();
	test_lockdep_names();
	test_try_and_nocheck();
	test_novalidate();
	test_again();
	test_recursion_once();
	test_lock_in_lock();
	test_odd();
	test_watch();
	return done_testing();
}
