// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockdep's own self-test (lib/locking-selftest.c, 6.12) as events: every family of
 * it that is about the order of locks, with lockdep's verdict, on lockdep's tier (whose
 * verdict must be the same) and on the order tier (which knows instances instead of
 * annotations: two instances of a class are no recursion, a guard lock excuses).
 * Then cases that the self-test does not have.
 *
 * Not here, for no event tells: locks initialised while they are held, the states of
 * interrupts (irq-safe, irq-unsafe, inversions), the rest of ww_mutex, fs_reclaim,
 * local_lock, wait contexts.
 */
#include "order_events.h"

/*
 * A script is a list of words; "|" = all is released, the next task begins. A word is
 * what to do, a class (A .. H) and, if it is not 1, an instance of it:
 *	l as the column says	w write		r read		R recursive read
 *	t trylock (write)	n as l, nested	x as l, unchecked
 *	u release		d downgrade
 */
struct row {
	const char *name, *script;
	const char *lockdep, *order;	/* verdicts by column, or one for all; order NULL: the same */
};

static const struct column {
	const char *name;
	uint32_t prim, read;
} columns[] = {
	{ "spin", LK_PRIM_SPINLOCK, LK_WRITE },		{ "wlock", LK_PRIM_RWLOCK, LK_WRITE },
	{ "rlock", LK_PRIM_RWLOCK, LK_READ_RECURSIVE },	{ "mutex", LK_PRIM_MUTEX, LK_WRITE },
	{ "wsem", LK_PRIM_RWSEM, LK_WRITE },		{ "rsem", LK_PRIM_RWSEM, LK_READ },
	{ "rtmutex", LK_PRIM_RT_MUTEX, LK_WRITE },
};

enum { CLASSES = 8, INSTANCES = 2, TASKS = 6, MUTEX = 3 };

/* Verdicts: c circular, r recursive, u rw-upgrade, b bad-unlock, - nothing. */
static const struct row by_column[] = {
	{ "A-A", "lA lA2", "rr-rrrr", "-" },
	{ "A-A, one instance", "lA lA", "rr-rrrr", NULL },
	{ "A-A, released between", "lA uA lA", "-", NULL },
	{ "A-B-B-A", "lA lB | lB lA", "cc-cccc", NULL },
	{ "A-B-A-B", "lA lB | lA lB", "-", NULL },
	{ "A-B-B-C-C-A", "lA lB | lB lC | lC lA", "cc-cccc", NULL },
	{ "A-B-B-C-A-C", "lA lB | lB lC | lA lC", "-", NULL },
	{ "A-B-C-A-B-C", "lA lB | lC lA | lB lC", "cc-cccc", NULL },
	{ "A-B-C-B-A-C", "lA lB | lC lB | lA lC", "-", NULL },
	{ "A-B-B-C-C-D-D-A", "lA lB | lB lC | lC lD | lD lA", "cc-cccc", NULL },
	{ "A-B-B-C-C-D-A-D", "lA lB | lB lC | lC lD | lA lD", "-", NULL },
	{ "A-B-C-D-B-D-D-A", "lA lB | lC lD | lB lD | lD lA", "cc-cccc", NULL },
	{ "A-B-C-D-B-D-C-A", "lA lB | lC lD | lB lD | lC lA", "-", NULL },
	{ "A-B-C-D-B-C-D-A", "lA lB | lC lD | lB lC | lD lA", "cc-cccc", NULL },
	{ "A-B-C-D-B-C-A-D", "lA lB | lC lD | lB lC | lA lD", "-", NULL },
};

static const struct row mixed[] = {
	{ "recursive rlock", "RA RA", "-", NULL },
	{ "recursive rsem", "rA rA", "r", NULL },
	{ "recursive rlock #2", "RA RA2", "-", NULL },
	{ "recursive rsem #2", "rA rA2", "r", "-" },
	{ "mixed read-write, rwlock", "RA wA", "u", NULL },
	{ "mixed read-write, rwsem", "rA wA", "u", NULL },
	{ "mixed read-write, released between", "rA uA wA", "-", NULL },
	{ "mixed write-read, rwlock", "wA RA", "r", NULL },
	{ "mixed write-read, rwsem", "wA rA", "r", NULL },
	{ "mixed write-read, another instance", "wA rA2", "r", "-" },
	{ "mixed R-L/L-W, rwlock", "RA wB | wB wA", "c", NULL },
	{ "mixed R-L/L-W, rwsem", "rA wB | wB wA", "c", NULL },
	{ "mixed R-L/L-W, in order", "rA wB | wA wB", "-", NULL },
	{ "mixed R-L/L-R, rwlock", "RA wB | wB RA", "-", NULL },
	{ "mixed R-L/L-R, rwsem", "rA wB | wB rA", "c", NULL },
	{ "mixed W-L/L-W", "wA wB | wB wA", "c", NULL },
	{ "chain cached mixed R-L/L-W", "RA wB | wB RA | wB wA", "c", NULL },
	{ "chain cached mixed R-L/L-R", "RA wB | wB RA | wB RA", "-", NULL },
	{ "queued read lock, R E/E r", "RA wB | wB rA", "c", NULL },
	{ "queued read lock, E R/r E", "wB RA | rA wB", "-", NULL },
};

/* Tried with the three parts in each order. */
static const struct row threes[] = {
	{ "W1R2/W2R3/W3R1", "wA RB | wB RC | wC RA", "c", NULL },
	{ "W1W2/R2R3/W3R1", "wA wB | RB RC | wC RA", "c", NULL },
	{ "W1W2/R2R3/R3W1", "wA wB | RB RC | RC wA", "-", NULL },
	{ "W1R2/R2R3/W3W1", "wA RB | RB RC | wC wA", "-", NULL },
};

static const struct row more[] = {
	{ "two trylocks, two orders", "lA tB | lB tA", "-", NULL },
	{ "one trylock, two orders", "tA lB | lB tA", "-", NULL },
	{ "what a trylock took is held", "tA lB | lB lA", "c", NULL },
	{ "both hold by trylock", "tA lB | tB lA", "c", NULL },
	{ "below a trylock", "lA tB lC | lC lA", "c", NULL },
	{ "below a trylock, in order", "lA tB lC | lA lC", "-", NULL },
	{ "the trylock in between", "lA tB lC | lC lB", "c", NULL },
	{ "recursion into a trylock", "tA lA", "r", NULL },
	{ "a trylock does not recurse", "lA tA", "-", NULL },
	{ "nesting as annotated", "lA nA2", "-", NULL },
	{ "unchecked, two orders", "xA lB | lB xA", "-", NULL },
	{ "past an unchecked one", "lA xB lC | lC lA", "c", NULL },
	{ "past an unchecked one, in order", "lA xB lC | lA lC", "-", NULL },
	{ "released out of order", "lA lB uA lC | lC lA", "c", NULL },
	{ "released before the next", "lA lB uB lC | lC lB", "-", NULL },
	{ "downgraded, readers", "wA dA rB | wB dB rA", "c", NULL },
	{ "downgraded, recursive readers", "wA dA RB | wB dB RA", "-", NULL },
	{ "not downgraded, recursive readers", "wA RB | wB RA", "c", NULL },
	{ "a guard lock", "lG lA lB | lG lB lA", "c", "-" },
	{ "another guard on each side", "lG lA lB | lH lB lA", "c", NULL },
	{ "a guard held shared", "rG lA lB | rG lB lA", "c", NULL },
	{ "a guard on one side", "lG lA lB | lB lA", "c", NULL },
	{ "a guard, other instances", "lG lA lB | lG2 lB lA", "c", NULL },
	{ "instances in two orders", "lA lA2 | lA2 lA", "r", "-" },
	{ "through other instances", "lA lB | lB2 lA2", "c", NULL },
};

struct run {
	struct sim s;
	struct sim_lock lock[CLASSES][INSTANCES];
	struct sim_task task[TASKS];
	const struct column *column;
};

static void begin(struct run *r, uint32_t tier, const struct column *column)
{
	static char names[CLASSES][2];
	unsigned int i;

	sim_init(&r->s, tier);
	r->column = column;
	for (i = 0; i < CLASSES; i++) {
		struct sim_lock *l = r->lock[i];

		names[i][0] = (char)('A' + i);
		if (tier == LK_TIER_LOCKDEP) {
			l[0] = sim_static(&r->s, names[i]);
		} else {
			l[0] = sim_slab(&r->s, UINT64_C(8) << 48 | (0x888800100000 + i * 0x100), names[i]);
			l[0].prim = column->prim;
		}
		l[1] = sim_instance(&r->s, &l[0]);
	}
	for (i = 0; i < TASKS; i++)
		r->task[i] = sim_task(&r->s, "task");
}

static void downgrade(struct sim_task *t, const struct sim_lock *l)
{
	uint32_t i;

	for (i = 0; i < t->nr; i++) {
		if (t->held[i].lock != l->addr)
			continue;
		t->held[i].read = LK_READ;
		t->held[i].flags |= LK_HOLD_DOWNGRADED;
	}
}

static void word(struct run *r, struct sim_task *t, char what, const struct sim_lock *l)
{
	uint32_t read = r->column->read, flags = LK_HOLD_VERIFIED;

	switch (what) {
	case 'u':
		drop(t, l);
		return;
	case 'd':
		downgrade(t, l);
		return;
	case 'w':
	case 't':
		read = LK_WRITE;
		flags |= what == 't' ? LK_HOLD_TRY : 0;
		break;
	case 'r':
	case 'R':
		read = what == 'r' ? LK_READ : LK_READ_RECURSIVE;
		break;
	case 'n':
		flags |= LK_HOLD_NEST;
		break;
	case 'x':
		flags |= LK_HOLD_NOCHECK;
		break;
	}
	take_as(&r->s, t, l, read, flags, 0xffffffff81000000 + l->key % 4096);
}

/* Play a script; @single: by one task alone. */
static void play(struct run *r, const char *script, bool single)
{
	struct sim_task *t = &r->task[0];
	const char *p;

	for (p = script; *p; p++) {
		if (*p == ' ')
			continue;
		if (*p == '|') {
			drop_all(t);
			t += !single;
			continue;
		}
		word(r, t, p[0], &r->lock[p[1] - 'A'][p[2] == '2']);
		p += 1 + (p[2] == '2');
	}
	drop_all(t);
}

static const char *verdict(const struct run *r)
{
	static const char letter[] = "-cru???b???";
	const struct finding *f = the_finding(&r->s);
	static char text[2];

	text[0] = f ? letter[f->kind] : '-';
	return text;
}

static void check(const struct row *row, const char *script, uint32_t tier, unsigned int column,
		  bool single)
{
	const char *want = tier == LK_TIER_LOCKDEP || !row->order ? row->lockdep : row->order;
	char expected[2] = { want[1] ? want[column] : want[0] };
	struct run r;

	begin(&r, tier, &columns[column]);
	play(&r, script, single);
	is_str(verdict(&r), expected, "%s, %s: %s (%s)%s", tier == LK_TIER_LOCKDEP ? "lockdep" : "order",
	       columns[column].name, row->name, script, single ? ", one task" : "");
	sim_done(&r.s);
}

static void check_rows(const struct row *row, size_t nr, unsigned int first, unsigned int last)
{
	unsigned int column;
	size_t i;

	for (i = 0; i < nr; i++) {
		for (column = first; column <= last; column++) {
			check(&row[i], row[i].script, LK_TIER_LOCKDEP, column, false);
			check(&row[i], row[i].script, LK_TIER_LOCKDEP, column, true);
			check(&row[i], row[i].script, LK_TIER_ORDER, column, false);
		}
	}
}

#define CHECK_ROWS(rows, first, last)	check_rows(rows, sizeof(rows) / sizeof((rows)[0]), first, last)

static void check_threes(void)
{
	static const uint8_t order[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	const size_t part = strlen("wA RB | ");
	char script[64];
	size_t i, k;

	for (i = 0; i < sizeof(threes) / sizeof(threes[0]); i++) {
		for (k = 0; k < 6; k++) {
			const char *all = threes[i].script;

			snprintf(script, sizeof(script), "%.5s | %.5s | %.5s", all + part * order[k][0],
				 all + part * order[k][1], all + part * order[k][2]);
			check(&threes[i], script, LK_TIER_LOCKDEP, 2, true);
			check(&threes[i], script, LK_TIER_ORDER, 2, false);
		}
	}
}

static void check_unlock(void)
{
	static const uint32_t tiers[] = { LK_TIER_LOCKDEP, LK_TIER_ORDER };
	const struct sim_lock *l;
	unsigned int column, i;
	struct run r;

	for (column = 0; column < sizeof(columns) / sizeof(columns[0]); column++) {
		for (i = 0; i < 2; i++) {
			begin(&r, tiers[i], &columns[column]);
			play(&r, "lA uA", true);
			is_str(verdict(&r), "-", "%s: lock, unlock", columns[column].name);
			l = &r.lock[0][0];
			apply(r.s.m, (struct lk_event){ .kind = LK_EV_ODD, .odd = {
				.time_ns = r.s.now, .tier = tiers[i], .odd = LK_ODD_BAD_UNLOCK,
				.comm = "task", .tid = 100, .tgid = 100, .stack = LK_STACK_NONE,
				.hold = { .lock = l->addr, .key = l->key, .prim = l->prim,
					  .read = columns[column].read } } });
			is_str(verdict(&r), "b", "%s: double unlock", columns[column].name);
			sim_done(&r.s);
		}
	}
}

/* lockdep would be blind after the first. */
static void check_goes_on(uint32_t tier)
{
	struct run r;

	begin(&r, tier, &columns[MUTEX]);
	play(&r, "lA lB | lB lA", false);
	is_int(model_nr_findings(r.s.m), 1, "one inversion");
	play(&r, "lC lD | lC lD", false);
	is_int(model_nr_findings(r.s.m), 1, "an order beside it");
	play(&r, "lC lD | lD lC", false);
	is_int(model_nr_findings(r.s.m), 2, "another inversion, apart from the first");
	play(&r, "lA lC | lB lC", false);
	is_int(model_nr_findings(r.s.m), 2, "orders from one to the other");
	play(&r, "lE lF | lF lG | lG lE", false);
	is_int(model_nr_findings(r.s.m), 3, "a third one, of three locks");
	sim_done(&r.s);
}

static void check_one_task(void)
{
	struct run r;

	begin(&r, LK_TIER_ORDER, &columns[MUTEX]);
	play(&r, "lA lB | lB lA", true);
	is_int(model_nr_findings(r.s.m), 0, "one task, locks known by their memory: withheld");
	is_int((int64_t)model_withheld(r.s.m).single_task, 1, "and counted");
	play(&r, "lC lD | lD lC", false);
	is_int(model_nr_findings(r.s.m), 1, "two tasks: reported");
	sim_done(&r.s);
}

int main(void)
{
	CHECK_ROWS(by_column, 0, sizeof(columns) / sizeof(columns[0]) - 1);
	CHECK_ROWS(mixed, 1, 1);
	check_threes();
	check_unlock();
	CHECK_ROWS(more, MUTEX, MUTEX);
	check_goes_on(LK_TIER_LOCKDEP);
	check_goes_on(LK_TIER_ORDER);
	check_one_task();
	return done_testing();
}
