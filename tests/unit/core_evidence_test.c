// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cycles: which are reported, how severe they are, and which are withheld. Beside
 * each that is reported stands the twin that must be silent.
 */
#include "order_events.h"

#define KMALLOC	UINT64_C(0x0008888000001000)
#define SITE	UINT64_C(0xffffffff81000000)

static void show(const struct sim *s)
{
	unsigned int i, k;

	for (i = 0; i < model_nr_findings(s->m); i++) {
		const struct finding *f = model_finding(s->m, i);

		printf("# %s %s %s %u%%, count %" PRIu64 "\n", f->id, finding_kind_str(f->kind),
		       finding_severity_str(f->severity), f->confidence, f->count);
		for (k = 0; k < f->nr_links; k++)
			printf("#   %s/%u holds %s, takes %s\n", f->link[k].task.comm, f->link[k].task.tid,
			       f->link[k].held.name, f->link[k].taken.name);
		for (k = 0; k < f->nr_why; k++)
			printf("#   - %s\n", f->why[k]);
	}
}

static void expect(struct sim *s, unsigned int nr, const char *what)
{
	if (!is_int(model_nr_findings(s->m), nr, "%s: %u finding%s", what, nr, nr == 1 ? "" : "s"))
		show(s);
}

/* The first finding is as severe as this. */
static void severe(struct sim *s, enum finding_severity severity, const char *what)
{
	const struct finding *f = the_finding(s);

	if (!is_str(f ? finding_severity_str(f->severity) : "none", finding_severity_str(severity), "%s", what))
		show(s);
}

static bool says(const struct sim *s, const char *part)
{
	const struct finding *f = the_finding(s);
	unsigned int i;

	for (i = 0; f && i < f->nr_why; i++)
		if (strstr(f->why[i], part))
			return true;
	return false;
}

/* --- ABBA --------------------------------------------------------------------------------- */

static void test_abba(uint32_t tier)
{
	const char *name = tier == LK_TIER_LOCKDEP ? "lockdep" : "order";
	struct sim s;
	struct sim_lock a, b;
	struct sim_task t1, t2;
	const struct finding *f;

	sim_init(&s, tier);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t1, &a, &b);
	NEST(&s, &t2, &a, &b);
	expect(&s, 0, "one order by two tasks");
	NEST(&s, &t2, &b, &a);
	expect(&s, 1, "ABBA");
	f = the_finding(&s);
	if (f) {
		is_int(f->kind, FINDING_CIRCULAR, "%s: circular", name);
		is_int(f->severity, FINDING_CERTAIN, "%s: certain", name);
		is_int(f->nr_links, 2, "two links");
		is_str(f->link[0].held.name, "b", "the second held b");
		is_str(f->link[0].taken.name, "a", "... and took a");
		is_str(f->link[0].task.comm, "two", "... it is the second task");
		is_str(f->link[1].held.name, "a", "the first held a");
		is_str(f->link[1].task.comm, "one", "... it was the first task, not the second again");
		is_int(f->first_seen_ns, f->link[0].time_ns, "seen first when it was complete");
		is_int(f->tier, tier, "of its tier");
		ok(!strncmp(f->id, "c-", 2) && strlen(f->id) == 10, "an id: %s", f->id);
		is_int(f->link[0].nr_all, 1, "what it held");
		ok(says(&s, "came 4.0 us apart"), "how far apart");
	}
	NEST(&s, &t2, &b, &a);
	NEST(&s, &t1, &b, &a);
	expect(&s, 1, "again");
	f = the_finding(&s);
	is_int(f ? f->count : 0, 3, "... is counted");
	is_str(f->link[0].task.comm, "two", "... and who completed it stays");
	is_int(f->last_seen_ns, s.now, "seen last");
	is_int(model_findings_version(s.m), 1, "... told once");
	sim_done(&s);
}

/* Ids are of names: in another order, with other addresses, the same. */
static void test_ids(void)
{
	char id[2][20] = { "", "" };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct sim s;
		struct sim_lock a, b;
		struct sim_task t;

		sim_init(&s, LK_TIER_ORDER);
		s.next_addr += i * 4096;
		a = sim_static(&s, i ? "b" : "a");
		b = sim_static(&s, i ? "a" : "b");
		t = sim_task(&s, "t");
		NEST(&s, &t, &a, &b);
		NEST(&s, &t, &b, &a);
		if (the_finding(&s))
			strcpy(id[i], the_finding(&s)->id);
		sim_done(&s);
	}
	ok(id[0][0] && !strcmp(id[0], id[1]), "the same id in another run: %s %s", id[0], id[1]);
}

/* Read and write, as in the tables of lib/locking-selftest.c. */
static void test_modes(void)
{
	const uint32_t W = LK_WRITE, r = LK_READ, R = LK_READ_RECURSIVE;
	const struct { uint32_t a1, b1, b2, a2; unsigned int findings; } table[] = {
		{ W, W, W, W, 1 }, { r, r, r, r, 1 }, { R, R, R, R, 0 }, { W, R, R, W, 0 }, { r, W, W, r, 1 },
		{ R, W, W, R, 0 }, { R, W, W, W, 1 }, { W, W, W, R, 1 }, { W, R, W, R, 1 }, { r, R, W, R, 0 },
		{ r, R, W, W, 1 }, { W, R, r, W, 0 }, { r, W, r, r, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sim s;
		struct sim_lock a, b;
		struct sim_task t1, t2;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		take_read(&s, &t1, &a, table[i].a1);
		take_read(&s, &t1, &b, table[i].b1);
		take_read(&s, &t2, &b, table[i].b2);
		take_read(&s, &t2, &a, table[i].a2);
		is_int(model_nr_findings(s.m), table[i].findings, "modes %u%u, %u%u: %u", table[i].a1,
		       table[i].b1, table[i].b2, table[i].a2, table[i].findings);
		sim_done(&s);
	}
}

static void test_severity(void)
{
	static const struct {
		const char *what;
		uint32_t flags, prim;		/* of b when it is held */
		bool one_task, other_instances;
		enum finding_severity severity;
		const char *why;
	} table[] = {
		{ "verified, two tasks, same instances", LK_HOLD_VERIFIED, LK_PRIM_MUTEX, false, false,
		  FINDING_CERTAIN, "the same instances" },
		{ "not verified", LK_HOLD_UNVERIFIABLE, LK_PRIM_MUTEX, false, false, FINDING_LIKELY, "not every lock" },
		{ "one task", LK_HOLD_VERIFIED, LK_PRIM_MUTEX, true, false, FINDING_POSSIBLE, "one task made" },
		{ "partial", LK_HOLD_VERIFIED | LK_HOLD_PARTIAL, LK_PRIM_RWSEM, false, false, FINDING_LIKELY,
		  "only partly visible" },
		{ "semaphore", LK_HOLD_VERIFIED, LK_PRIM_SEMAPHORE, false, false, FINDING_LIKELY, "semaphore" },
		{ "other instances", LK_HOLD_VERIFIED, LK_PRIM_MUTEX, false, true, FINDING_LIKELY, "different instances" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sim s;
		struct sim_lock a, b, b2;
		struct sim_task t1, t2;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		b = sim_static(&s, "x");
		sim_class(&s, (struct lk_ev_class){ .key = b.key, .percpu = "x.lock", .off = UINT32_MAX });
		b.prim = table[i].prim;
		b2 = table[i].other_instances ? sim_instance(&s, &b) : b;
		t1 = sim_task(&s, "one");
		t2 = table[i].one_task ? t1 : sim_task(&s, "two");
		NEST(&s, &t1, &a, &b);
		take_as(&s, &t2, &b2, LK_WRITE, table[i].flags, SITE);
		take(&s, &t2, &a);
		severe(&s, table[i].severity, table[i].what);
		ok(says(&s, table[i].why), "... says so");
		sim_done(&s);
	}
}

/* Of a kernel that preempts the tracer nothing of tier order is certain; lockdep's hooks do not mind. */
static void test_preemptible(void)
{
	unsigned int how;

	for (how = 0; how < 4; how++) {
		bool order = how & 1, preempts = how & 2;
		struct lk_event ev = meta(1000, 0);
		struct sim s;
		struct sim_lock a, b;
		struct sim_task t1, t2;

		sim_init(&s, order ? LK_TIER_ORDER : LK_TIER_LOCKDEP);
		ev.meta.flags = preempts ? LK_META_PREEMPTIBLE : 0;
		(void)sim_emit(&s, &ev);
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		NEST(&s, &t1, &a, &b);
		NEST(&s, &t2, &b, &a);
		severe(&s, order && preempts ? FINDING_LIKELY : FINDING_CERTAIN,
		       preempts ? "the tracer is preempted" : "it is not");
		is_int(says(&s, "a guard lock may have gone unseen"), order && preempts, "... says so");
		sim_done(&s);

		sim_init(&s, order ? LK_TIER_ORDER : LK_TIER_LOCKDEP);
		(void)sim_emit(&s, &ev);
		a = sim_static(&s, "a");
		t1 = sim_task(&s, "one");
		NEST(&s, &t1, &a, &a);
		severe(&s, order && preempts ? FINDING_LIKELY : FINDING_CERTAIN, "... recursion");
		is_int(says(&s, "a release may have gone unseen"), order && preempts, "... says so");
		sim_done(&s);
	}
}

/* The severity rises when better evidence comes, and that is told. */
static void test_rising(void)
{
	struct sim s;
	struct sim_lock a, b;
	struct sim_task t1, t2;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t1, &a, &b);
	NEST(&s, &t1, &b, &a);
	severe(&s, FINDING_POSSIBLE, "by one task: possible");
	is_int(model_findings_version(s.m), 1, "told");
	NEST(&s, &t2, &a, &b);
	severe(&s, FINDING_CERTAIN, "a second task: certain");
	is_int(model_findings_version(s.m), 2, "told again");
	is_str(the_finding(&s)->link[0].taken.name, "b", "the link that was seen last is the first");
	NEST(&s, &t2, &b, &a);
	is_int(model_findings_version(s.m), 2, "nothing new");
	sim_done(&s);
}

/* --- guards ------------------------------------------------------------------------------- */

static void test_guard(void)
{
	struct sim s;
	struct sim_lock g, a, b;
	struct sim_task t1, t2;
	unsigned int how;

	for (how = 0; how < 4; how++) {
		sim_init(&s, how == 3 ? LK_TIER_LOCKDEP : LK_TIER_ORDER);
		g = sim_static(&s, "gate");
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		NEST(&s, &t1, &g, &a, &b);
		if (how == 1) {			/* a reader in each: no guard */
			take_read(&s, &t2, &g, LK_READ);
			take(&s, &t2, &b);
			take(&s, &t2, &a);
			drop_all(&t2);
			expect(&s, 0, "a reader against a writer of the gate");
			take_read(&s, &t1, &g, LK_READ);
			take(&s, &t1, &a);
			take(&s, &t1, &b);
			drop_all(&t1);
			expect(&s, 1, "readers of the gate in both orders");
		} else {
			NEST(&s, &t2, &g, &b, &a);
			if (how == 3) {
				expect(&s, 1, "lockdep's tier reports what lockdep does");
				severe(&s, FINDING_POSSIBLE, "... but low");
				ok(says(&s, "gate was held"), "... and says why");
			} else {
				expect(&s, 0, "both orders under one gate");
				is_int(model_withheld(s.m).guarded, 1, "... withheld, and counted");
			}
		}
		if (how == 2) {
			NEST(&s, &t2, &b, &a);
			expect(&s, 1, "once without the gate");
			severe(&s, FINDING_CERTAIN, "... is certain");
			is_int(model_withheld(s.m).guarded, 0, "... and not withheld any more");
		}
		sim_done(&s);
	}
}

/*
 * A task holds the gate since before the trace: what it does first looks as if there was none. Twins: the same
 * orders unmarked; the gate is seen later on; it is seen later on that there is none.
 */
static void test_guard_from_before(void)
{
	struct sim s;
	struct sim_lock g, a, b;
	struct sim_task t1, t2;
	unsigned int how;

	for (how = 0; how < 5; how++) {
		sim_init(&s, LK_TIER_ORDER);
		g = sim_static(&s, "gate");
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		s.flags = how ? LK_ORDER_YOUNG : 0;
		NEST(&s, &t1, &a, &b);
		s.flags = 0;
		if (how == 4) {				/* the gate is known before there is a finding */
			NEST(&s, &t1, &g, &a, &b);
			NEST(&s, &t2, &g, &b, &a);
			expect(&s, 0, "both orders under the gate, once it could be seen");
			is_int(model_withheld(s.m).guarded, 1, "... withheld, and counted");
			s.flags = LK_ORDER_YOUNG;
			NEST(&s, &t1, &a, &b);
			NEST(&s, &t2, &b, &a);
			expect(&s, 0, "young orders say nothing against that");
			sim_done(&s);
			continue;
		}
		NEST(&s, &t2, &g, &b, &a);
		severe(&s, how ? FINDING_LIKELY : FINDING_CERTAIN, how ? "an order of just after the start" : "one of later");
		is_int(says(&s, "a lock taken before may guard it"), how != 0, "... says so");
		if (how == 2) {
			NEST(&s, &t1, &g, &a, &b);
			severe(&s, FINDING_POSSIBLE, "the gate is seen: less bad");
			ok(says(&s, "gate was held over them"), "... says why");
		} else if (how == 3) {
			NEST(&s, &t1, &a, &b);
			severe(&s, FINDING_CERTAIN, "it is seen without the gate: certain");
			is_int(says(&s, "a lock taken before may guard it"), 0, "... and does not doubt it");
		}
		sim_done(&s);
	}
}

/* Different instances of a class of gates guard nothing. */
static void test_guard_instances(void)
{
	unsigned int same;

	for (same = 0; same < 2; same++) {
		struct sim s;
		struct sim_lock g1, g2, a, b;
		struct sim_task t1, t2;

		sim_init(&s, LK_TIER_ORDER);
		g1 = sim_slab(&s, 0x0008888000002000, "gates");
		g2 = same ? g1 : sim_instance(&s, &g1);
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		NEST(&s, &t1, &g1, &a, &b);
		NEST(&s, &t2, &g2, &b, &a);
		expect(&s, !same, same ? "one gate" : "two gates of one class");
		sim_done(&s);
	}
}

/*
 * A, B, C nested by one task under a gate, C and A by another without it. The links A -> B and
 * B -> C have the gate in common, and that excludes nothing: they are one way of one task.
 */
static void test_guard_of_one_way(void)
{
	struct sim s;
	struct sim_lock g, a, b, c;
	struct sim_task t1, t2;

	sim_init(&s, LK_TIER_ORDER);
	g = sim_static(&s, "gate");
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	c = sim_static(&s, "c");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t1, &g, &a, &b, &c);
	NEST(&s, &t2, &c, &a);
	expect(&s, 1, "a gate over one side only");
	sim_done(&s);

	/* The twin: over both. */
	sim_init(&s, LK_TIER_ORDER);
	g = sim_static(&s, "gate");
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	c = sim_static(&s, "c");
	NEST(&s, &t1, &g, &a, &b, &c);
	NEST(&s, &t2, &g, &c, &a);
	expect(&s, 0, "a gate over both sides");
	sim_done(&s);
}

/* A guarded shortest cycle does not hide a longer one that is not. */
static void test_guard_hides_nothing(void)
{
	struct sim s;
	struct sim_lock g, a, b, x;
	struct sim_task t1, t2;

	sim_init(&s, LK_TIER_ORDER);
	g = sim_static(&s, "gate");
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	x = sim_static(&s, "x");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t1, &g, &a, &b);
	NEST(&s, &t1, &a, &x);
	NEST(&s, &t1, &x, &b);
	expect(&s, 0, "all in one order");
	NEST(&s, &t2, &g, &b, &a);
	expect(&s, 1, "a longer cycle that the gate does not guard");
	is_int(the_finding(&s) ? the_finding(&s)->nr_links : 0, 3, "... has three links");
	is_int(model_withheld(s.m).guarded, 1, "... beside the guarded one");
	sim_done(&s);
}

/* --- weak evidence ------------------------------------------------------------------------ */

/* Locks at one address, of two lives: as tests/kmod/twins.c, `reuse`. */
static void test_reuse(void)
{
	unsigned int how;

	for (how = 0; how < 3; how++) {
		struct sim s;
		struct sim_lock a, k;
		struct sim_task t1, t2;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		k = sim_slab(&s, how ? KMALLOC : 0x0008888000002000, how ? "kmalloc-64" : "cache");
		t1 = sim_task(&s, "one");
		t2 = sim_task(&s, "two");
		take_as(&s, &t1, &k, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
		take(&s, &t1, &a);
		drop_all(&t1);
		take(&s, how == 2 ? &t2 : &t1, &a);
		take_as(&s, how == 2 ? &t2 : &t1, &k, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
		if (how == 2) {
			expect(&s, 1, "one instance in both orders, by two tasks");
			severe(&s, FINDING_CERTAIN, "... is certain");
		} else {
			expect(&s, 0, how ? "one task, anonymous memory" : "one task, one cache");
			is_int(model_withheld(s.m).single_task, 1, "... withheld, and counted");
		}
		sim_done(&s);
	}
}

/*
 * Two kinds of objects live at one address one after the other, so that their classes are
 * merged. Orders of one kind must not meet those of the other.
 */
static void test_merged_by_mistake(void)
{
	struct sim s;
	struct sim_lock a, k1, k2, shared;
	struct sim_task t1, t2;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	k1 = sim_slab(&s, KMALLOC, "kmalloc-64");
	k2 = sim_instance(&s, &k1);
	shared = sim_instance(&s, &k1);
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	take(&s, &t1, &a);
	take_as(&s, &t1, &shared, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
	drop(&t1, &shared);
	take_as(&s, &t1, &k1, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
	drop(&t1, &k1);
	take_as(&s, &t1, &shared, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
	drop_all(&t1);
	is_int(model_class(s.m, 2).merged_into, 1, "merged");
	take_as(&s, &t2, &k2, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
	take(&s, &t2, &a);
	drop_all(&t2);
	expect(&s, 1, "site 2 is in both orders itself: that is enough");
	severe(&s, FINDING_POSSIBLE, "... for possible");
	sim_done(&s);

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	k1 = sim_slab(&s, KMALLOC, "kmalloc-64");
	k2 = sim_instance(&s, &k1);
	shared = sim_instance(&s, &k1);
	take(&s, &t1, &a);
	take_as(&s, &t1, &k1, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
	drop_all(&t1);
	take_as(&s, &t2, &k2, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
	take(&s, &t2, &a);
	drop_all(&t2);
	expect(&s, 0, "two sites, nothing in common");
	NEST(&s, &t1, &a, &a);		/* (a recursion, so that there is one to tell apart) */
	{
		struct sim_lock other = sim_static(&s, "other");

		take(&s, &t1, &other);
		take_as(&s, &t1, &shared, LK_WRITE, LK_HOLD_VERIFIED, SITE + 1);
		drop(&t1, &shared);
		take_as(&s, &t1, &shared, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
		drop_all(&t1);
	}
	is_int(model_class(s.m, 2).merged_into, 1, "then merged by an address");
	expect(&s, 1, "... which is in neither order: still silent");
	is_int(model_withheld(s.m).weak, 1, "... withheld, and counted");
	take_as(&s, &t2, &k1, LK_WRITE, LK_HOLD_VERIFIED, SITE + 2);
	take(&s, &t2, &a);
	drop_all(&t2);
	expect(&s, 2, "one instance in both orders: reported");
	is_int(model_withheld(s.m).weak, 0, "... not withheld any more");
	sim_done(&s);
}

/* --- several cycles ----------------------------------------------------------------------- */

static void test_chain(void)
{
	struct sim s;
	struct sim_lock l[7];
	struct sim_task t;
	const struct finding *f;
	char name[8];
	unsigned int i;

	sim_init(&s, LK_TIER_ORDER);
	for (i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		l[i] = sim_static(&s, name);
	}
	for (i = 0; i < 6; i++) {
		t = sim_task(&s, "t");
		NEST(&s, &t, &l[i], &l[i + 1]);
	}
	expect(&s, 0, "a chain of seven");
	t = sim_task(&s, "last");
	NEST(&s, &t, &l[6], &l[0]);
	expect(&s, 1, "... closed");
	f = the_finding(&s);
	is_int(f->nr_links, 7, "seven links");
	for (i = 0; i < 7; i++)
		ok(!strcmp(f->link[i].taken.name, f->link[(i + 1) % 7].held.name), "link %u leads to the next", i);
	is_str(f->link[0].task.comm, "last", "the first is the one that completed it");
	severe(&s, FINDING_CERTAIN, "certain");
	ok(says(&s, "all 7 orders came within"), "how close");
	sim_done(&s);
}

static void test_many(void)
{
	struct sim s;
	struct sim_lock l[200];
	struct sim_task t1, t2;
	unsigned int i;
	char name[8];

	sim_init(&s, LK_TIER_ORDER);
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		l[i] = sim_static(&s, name);
	}
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	for (i = 0; i < 200; i += 2) {
		NEST(&s, &t1, &l[i], &l[i + 1]);
		NEST(&s, &t2, &l[i + 1], &l[i]);
	}
	expect(&s, 100, "a hundred inversions");
	is_int(model_findings_version(s.m), 100, "... each told");
	for (i = 1; i < model_nr_findings(s.m); i++)
		if (!strcmp(model_finding(s.m, i)->id, model_finding(s.m, 0)->id))
			ok(false, "two of one id");
	sim_done(&s);
}

/* Other ways between the same two locks are no other inversions; other locks are. */
static void test_detours(void)
{
	struct sim s;
	struct sim_lock a, b, x, y;
	struct sim_task t1, t2;
	uint64_t count;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	x = sim_static(&s, "x");
	y = sim_static(&s, "y");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t1, &a, &b);
	NEST(&s, &t2, &b, &a);
	expect(&s, 1, "one inversion");
	count = the_finding(&s)->count;
	NEST(&s, &t1, &a, &x, &b);
	NEST(&s, &t1, &a, &y, &b);
	expect(&s, 1, "other ways from a to b");
	ok(the_finding(&s)->count == count + 2, "... are counted there");
	NEST(&s, &t2, &y, &x);
	NEST(&s, &t1, &x, &y);
	expect(&s, 2, "x and y are another one");
	sim_done(&s);
}

/*
 * The wrong order comes first, and then the right ones, each of which completes a cycle with it:
 * after some of them it is known for what it is. See root.c.
 */
static void test_wrong_first(void)
{
	struct sim s;
	struct sim_lock a, b, x[20];
	struct sim_task t1, t2;
	unsigned int i, nr;
	char name[8];

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t1 = sim_task(&s, "one");
	t2 = sim_task(&s, "two");
	NEST(&s, &t2, &b, &a);		/* wrong */
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		x[i] = sim_static(&s, name);
		NEST(&s, &t1, &a, &x[i], &b);
	}
	nr = model_nr_findings(s.m);
	ok(nr >= 1 && nr <= 4, "twenty right orders after a wrong one: %u findings", nr);
	NEST(&s, &t1, &x[3], &x[4]);
	NEST(&s, &t1, &x[4], &x[3]);
	expect(&s, nr + 1, "another inversion is found among them");
	sim_done(&s);

	/* The twin: several wrong ones over right orders that go several ways stay apart. */
	sim_init(&s, LK_TIER_ORDER);
	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		x[i] = sim_static(&s, name);
	}
	for (i = 0; i + 2 < 12; i++) {
		NEST(&s, &t1, &x[i], &x[i + 1]);
		NEST(&s, &t1, &x[i], &x[i + 2]);
	}
	for (i = 0; i < 5; i++)
		NEST(&s, &t2, &x[9 - i], &x[i]);
	expect(&s, 5, "five wrong orders over a net of right ones");
	sim_done(&s);
}

/* Halves of an inversion on two hosts. */
static void test_two_sources(void)
{
	struct sim s;
	struct sim_lock a, b;
	struct sim_task t;

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t = sim_task(&s, "t");
	NEST(&s, &t, &a, &b);
	sim_source(&s);
	b = sim_static(&s, "b");
	a = sim_static(&s, "a");
	is_int(model_nr_classes(s.m), 2, "two classes");
	NEST(&s, &t, &b, &a);
	is_int(model_nr_classes(s.m), 2, "... in both traces");
	expect(&s, 1, "an inversion over two traces");
	severe(&s, FINDING_LIKELY, "... is likely");
	ok(says(&s, "different traces"), "... and says so");
	is_int(the_finding(&s)->link[0].source, 1, "the second trace");
	is_int(the_finding(&s)->link[1].source, 0, "... and the first");
	sim_done(&s);
}

/* --- completions -------------------------------------------------------------------------- */

static void completed(struct sim *s, struct sim_task *t, uint64_t addr, uint64_t site, const struct sim_lock *l)
{
	struct lk_ev_hold c = { .lock = addr, .key = LK_CK_COMPLETION, .site = site, .prim = LK_PRIM_COMPLETION };
	struct lk_ev_hold h = { .lock = l->addr, .key = l->key, .prim = l->prim, .flags = LK_HOLD_VERIFIED };
	struct lk_event ev = sim_order(s, t, h);

	ev.order.flags = LK_ORDER_COMPLETION;
	ev.order.nr_held = 1;
	ev.order.held = &c;
	ev.order.from = 1;
	is_int(sim_emit(s, &ev), 0, "%s completes", t->comm);
}

static void test_completion(void)
{
	unsigned int how;

	for (how = 0; how < 4; how++) {
		struct sim s;
		struct sim_lock a, b, done;
		struct sim_task t1, t2;

		sim_init(&s, LK_TIER_ORDER);
		a = sim_static(&s, "a");
		b = sim_static(&s, "b");
		t1 = sim_task(&s, "waiter");
		t2 = how == 2 ? t1 : sim_task(&s, "worker");
		done = (struct sim_lock){ .addr = 0x5000, .key = LK_CK_COMPLETION, .prim = LK_PRIM_COMPLETION };
		take(&s, &t1, &a);
		take_as(&s, &t1, &done, LK_WRITE, how == 3 ? LK_HOLD_TIMED : 0, SITE + 9);
		drop_all(&t1);
		completed(&s, &t2, 0x5000, SITE + 9, how == 1 ? &b : &a);
		if (how == 1) {
			expect(&s, 0, "the worker takes another lock");
		} else if (how == 2) {
			expect(&s, 0, "a task that waits for itself at another time");
		} else {
			expect(&s, 1, "waits with a lock for one who takes it");
			severe(&s, FINDING_POSSIBLE, "... is possible");
			ok(says(&s, "through a completion"), "... says why not more");
			is_int(says(&s, "timeout"), how == 3, "... a timeout");
			ok(model_edge(s.m, 0).completion, "... its edges are marked");
		}
		sim_done(&s);
	}
}

/* A completion as a lock that is waited for, or taken before another one is completed. */
static struct sim_lock completion_at(uint64_t addr)
{
	return (struct sim_lock){ .addr = addr, .key = LK_CK_COMPLETION, .prim = LK_PRIM_COMPLETION };
}

/* It completes the one at @addr, which is waited for at @site, after it waited for that at @other. */
static void completed_after_wait(struct sim *s, struct sim_task *t, uint64_t addr, uint64_t site,
				 uint64_t other, uint64_t other_site)
{
	struct lk_ev_hold c = { .lock = addr, .key = LK_CK_COMPLETION, .site = site, .prim = LK_PRIM_COMPLETION };
	struct lk_ev_hold h = { .lock = other, .key = LK_CK_COMPLETION, .site = other_site,
				.prim = LK_PRIM_COMPLETION };
	struct lk_event ev = sim_order(s, t, h);

	ev.order.flags = LK_ORDER_COMPLETION;
	ev.order.nr_held = 1;
	ev.order.held = &c;
	ev.order.from = 1;
	is_int(sim_emit(s, &ev), 0, "%s completes", t->comm);
}

/*
 * Request and answer, as tests/kmod/twins.c, `release-other`: with a lock held a task completes
 * the request and waits for the answer. Its twins wait before they have completed it, or leave
 * it to another task that needs the lock.
 */
static void test_past_completion(void)
{
	enum { ONE_TASK, MANY_TASKS, TWO_LOCKS, BEFORE, OTHER_TASK };
	static const char *const what[] = { "request, then answer", "... by several tasks",
		"... with two locks held", "the answer before the request is complete", "another task needs the lock for the request" };
	const uint64_t request = 0x5000, answer = 0x6000;
	unsigned int how, i;

	for (how = ONE_TASK; how <= OTHER_TASK; how++) {
		struct sim_lock lock, inner, wait = completion_at(answer);
		struct sim_task t[3], r;
		struct sim s;

		sim_init(&s, LK_TIER_ORDER);
		lock = sim_static(&s, "lock");
		inner = sim_static(&s, "inner");
		r = sim_task(&s, "answers");
		for (i = 0; i < 3; i++)
			t[i] = sim_task(&s, "asks");
		for (i = 0; i < (how == MANY_TASKS ? 3 : 1); i++) {
			take(&s, &t[i], &lock);
			if (how == TWO_LOCKS) {
				take(&s, &t[i], &inner);
				completed(&s, &t[i], request, SITE + 1, &inner);
			}
			completed(&s, how == OTHER_TASK ? &t[1] : &t[i], request, SITE + 1, &lock);
			take_as(&s, &t[i], &wait, LK_WRITE, 0, SITE + 2);
			if (how == BEFORE)
				completed_after_wait(&s, &t[i], request, SITE + 1, answer, SITE + 2);
			completed_after_wait(&s, &r, answer, SITE + 2, request, SITE + 1);
			drop_all(&t[i]);
		}
		expect(&s, how >= BEFORE, what[how]);
		if (how < BEFORE)
			ok(model_withheld(s.m).weak > 0, "... withheld, and counted");
		else
			severe(&s, FINDING_POSSIBLE, "... is possible");
		if (how == ONE_TASK) {		/* it was withheld, not forgotten */
			completed(&s, &t[1], request, SITE + 1, &lock);
			take(&s, &t[2], &lock);
			take_as(&s, &t[2], &wait, LK_WRITE, 0, SITE + 2);
			expect(&s, 1, "until a task waits that does not complete it");
		}
		sim_done(&s);
	}
}

/*
 * A doubtful cycle comes first, over a completion (as seed hotplug), and then one through the same
 * last link of plain locks only (hotplug-nested).
 */
static void test_worse_through_root(void)
{
	struct sim s;
	struct sim_lock a, b, c, x[6], done = completion_at(0x5000);
	struct sim_task t1, t2, t3;
	unsigned int i;
	char name[8];

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	c = sim_static(&s, "c");
	t1 = sim_task(&s, "waiter");
	t2 = sim_task(&s, "worker");
	t3 = sim_task(&s, "closes");
	take(&s, &t1, &a);
	take_as(&s, &t1, &done, LK_WRITE, 0, SITE + 9);
	drop_all(&t1);
	completed(&s, &t2, 0x5000, SITE + 9, &b);
	NEST(&s, &t3, &b, &c);
	expect(&s, 0, "no circle yet");
	NEST(&s, &t3, &c, &a);
	expect(&s, 1, "over a completion");
	severe(&s, FINDING_POSSIBLE, "... is possible");
	NEST(&s, &t1, &a, &b);
	expect(&s, 2, "the same without a completion");
	severe(&s, FINDING_POSSIBLE, "... the first stays what it was");
	if (model_nr_findings(s.m) == 2) {
		const struct finding *f = model_finding(s.m, 1);

		is_str(finding_severity_str(f->severity), "certain", "... the second is certain");
		is_int(f->nr_links, 3, "... it has three links");
		is_str(f->link[0].task.comm, "waiter", "... and begins with the one that completed it");
		ok(strcmp(f->id, the_finding(&s)->id) != 0, "... and another id");
	}
	is_int(model_findings_version(s.m), 2, "... told");
	for (i = 0; i < 6; i++) {	/* the twin: other ways that are no worse */
		snprintf(name, sizeof(name), "x%u", i);
		x[i] = sim_static(&s, name);
		NEST(&s, &t1, &a, &x[i], &b);
	}
	expect(&s, 2, "more ways are counted there");
	sim_done(&s);

	/* The twin: another completion makes it no worse. */
	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t1 = sim_task(&s, "waiter");
	t2 = sim_task(&s, "worker");
	t3 = sim_task(&s, "closes");
	for (i = 0; i < 4; i++) {
		done = completion_at(0x5000 + 64 * i);
		take(&s, &t1, &a);
		take_as(&s, &t1, &done, LK_WRITE, 0, SITE + 9 + i);
		drop_all(&t1);
		completed(&s, &t2, done.addr, SITE + 9 + i, &b);
		if (!i)
			NEST(&s, &t3, &b, &a);
	}
	expect(&s, 1, "other completions are no worse");
	sim_done(&s);
}

/* A root has no more findings than there are severities, however many ways pass it. */
static void test_rises_are_bounded(void)
{
	struct sim s;
	struct sim_lock a, b, x[60];
	struct sim_task t[2];
	unsigned int i, nr;
	char name[8];

	sim_init(&s, LK_TIER_ORDER);
	a = sim_static(&s, "a");
	b = sim_static(&s, "b");
	t[0] = sim_task(&s, "one");
	t[1] = sim_task(&s, "two");
	NEST(&s, &t[0], &a, &b);
	NEST(&s, &t[0], &b, &a);
	severe(&s, FINDING_POSSIBLE, "by one task");
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		x[i] = sim_static(&s, name);
		NEST(&s, &t[i % 2], &a, &x[i], &b);
	}
	nr = model_nr_findings(s.m);
	ok(nr == 2 || nr == 3, "sixty other ways, half of them by a second task: %u findings", nr);
	sim_done(&s);
}

int main(void)
{
	test_abba(LK_TIER_ORDER);
	test_abba(LK_TIER_LOCKDEP);
	test_ids();
	test_modes();
	test_severity();
	test_preemptible();
	test_rising();
	test_guard();
	test_guard_from_before();
	test_guard_instances();
	test_guard_of_one_way();
	test_guard_hides_nothing();
	test_reuse();
	test_merged_by_mistake();
	test_chain();
	test_many();
	test_detours();
	test_wrong_first();
	test_two_sources();
	test_completion();
	test_past_completion();
	test_worse_through_root();
	test_rises_are_bounded();
	return done_testing();
}
