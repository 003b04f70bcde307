// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small programs by brute force, against the graph: for all sets of programs of
 * a family, is a deadlock reachable (oracle.h tries every interleaving) exactly when
 * the graph has a strong cycle? Three verdicts are compared:
 *
 *	deadlock	a state where nothing moves is reachable
 *	predicted	2 or 3 links (a program about to take a lock, with all that it
 *			holds then) block each other in a ring, by the blocking matrix,
 *			and can be held at once. This is GoodLock: without "at once"
 *			a common guard lock does not matter.
 *	cycle		the graph of the orders has a strong cycle. It knows only pairs of
 *			locks, so it cannot see guards: it means "predicted, guards aside"
 *
 * must hold: deadlock <=> predicted; cycle <=> predicted, guards aside; and so deadlock => cycle,
 * and deadlock <=> cycle where no program takes a third lock. All of it for all sets.
 *
 * Which held locks an order leads from (LK_EV_ORDER, `from`): lockdep goes down
 * the held locks, past those taken by trylock, up to the first one that was not
 * (lockdep.c, check_prevs_add()): what lies below leads there by itself. That is
 * not so where this one is a recursive reader: A -(ER)-> B -(SN)-> C is no strong
 * path, and the order A, C is lost with it. The rule that passes recursive readers too has
 * no such hole. Both are measured.
 */
#include "../../user/core/graph.h"
#include "../lib/tap.h"
#include "oracle.h"

enum { PROGRAMS_MAX = 3000, LINKS_MAX = 64 };

enum rule { RULE_LOCKDEP, RULE_PAST_READERS };

static const struct op alphabet[] = {
	{ 0, W, false, 0 }, { 0, r, false, 0 }, { 0, R, false, 0 }, { 0, W, true, 0 }, { 0, r, true, 0 },
	{ 0, R, true, 0 },
};

static struct program program[PROGRAMS_MAX];
static unsigned int nr_programs, nr_locks;
static unsigned int renamed[6][PROGRAMS_MAX];	/* the program with its locks permuted */
static struct world world;

static struct {
	unsigned long sets, deadlocks, guarded, missed;
	unsigned long unpredicted, uncertain, not_cycle, full, full_differs;
} result;

/* --- programs ---------------------------------------------------------------------------- */

/* All sequences of @nr different locks in @nr_modes modes; @drops: also with early releases. */
static void add_programs(struct program p, unsigned int nr, unsigned int nr_modes, bool drops)
{
	unsigned int lock, mode, i;

	if (p.nr == nr) {
		program[nr_programs++] = p;
		for (i = 1; drops && nr == 3 && i < 3; i++) {
			p.op[2].drop = (uint8_t)i;
			program[nr_programs++] = p;
		}
		return;
	}
	for (lock = 0; lock < nr_locks; lock++) {
		for (i = 0; i < p.nr && p.op[i].lock != lock; i++)
			;
		if (i < p.nr)
			continue;
		for (mode = 0; mode < nr_modes; mode++) {
			p.op[p.nr] = alphabet[mode];
			p.op[p.nr].lock = (uint8_t)lock;
			p.nr++;
			add_programs(p, nr, nr_modes, drops);
			p.nr--;
		}
	}
}

static unsigned int find_program(const struct program *p)
{
	unsigned int i, k;

	for (i = 0; i < nr_programs; i++) {
		for (k = 0; k < p->nr && program[i].nr == p->nr; k++)
			if (memcmp(&program[i].op[k], &p->op[k], sizeof(p->op[k])))
				break;
		if (k == p->nr && program[i].nr == p->nr)
			return i;
	}
	return 0;
}

/* A family of sets of programs. */
struct family {
	const char *what;
	unsigned int programs;		/* 2 or 3 in a set */
	unsigned int locks, shortest, longest, modes;
	bool drops;
	bool guards;			/* a third lock may be a guard */
	unsigned int step;		/* every step-th set; 1 = all */
	unsigned int full_step;		/* every so-manieth of these also by the full search */
};

static void make_programs(const struct family *f)
{
	static const uint8_t perm[6][LOCKS] = {
		{ 0, 1, 2 }, { 1, 0, 2 }, { 0, 2, 1 }, { 2, 1, 0 }, { 1, 2, 0 }, { 2, 0, 1 },
	};
	unsigned int i, k, q;

	nr_locks = f->locks;
	nr_programs = 0;
	for (i = f->shortest; i <= f->longest; i++)
		add_programs((struct program){ 0 }, i, f->modes, f->drops);
	for (q = 0; q < (nr_locks == 2 ? 2 : 6); q++) {
		for (i = 0; i < nr_programs; i++) {
			struct program p = program[i];

			for (k = 0; k < p.nr; k++)
				p.op[k].lock = perm[q][p.op[k].lock];
			renamed[q][i] = find_program(&p);
		}
	}
}

static int compare_index(const void *va, const void *vb)
{
	unsigned int a = *(const unsigned int *)va, b = *(const unsigned int *)vb;

	return a < b ? -1 : a > b;
}

/* Is this ascending set the first of those that differ only in the names of locks? */
static bool first_of_kind(const unsigned int *set, unsigned int nr)
{
	unsigned int q, i, other[3];

	for (q = 1; q < (nr_locks == 2 ? 2 : 6); q++) {
		for (i = 0; i < nr; i++)
			other[i] = renamed[q][set[i]];
		qsort(other, nr, sizeof(*other), compare_index);
		for (i = 0; i < nr && other[i] == set[i]; i++)
			;
		if (i < nr && other[i] < set[i])
			return false;
	}
	return true;
}

/* --- links, rings ------------------------------------------------------------------------ */

struct link {
	unsigned int held;	/* locks, a bit each */
	uint8_t mode[LOCKS];	/* how each is held */
	uint8_t order[OPS], nr;	/* ops that hold them, oldest first */
	struct op want;
	const struct program *p;
};

static struct link links[LINKS_MAX];
static unsigned int nr_links;

/* Every way that @p can be about to block while it holds something; @failed trylocks, a bit each. */
static void add_links(const struct program *p)
{
	unsigned int failed, i, k;
	unsigned int mine;	/* ops that hold, a bit each */

	for (failed = 0; failed < 1u << p->nr; failed++) {
		for (i = 0, mine = 0; i < p->nr && (p->op[i].try || !(failed >> i & 1)); i++) {
			struct link l = { .p = p, .want = p->op[i] };

			mine &= ~p->op[i].drop;
			for (k = 0; k < i; k++) {
				if (!(mine >> k & 1))
					continue;
				l.held |= 1u << p->op[k].lock;
				l.mode[p->op[k].lock] = p->op[k].mode;
				l.order[l.nr++] = (uint8_t)k;
			}
			if (!l.want.try && l.nr)
				links[nr_links++] = l;
			if (!(failed >> i & 1))
				mine |= 1u << i;
		}
	}
}

/* Does the holder of @a's locks keep @b waiting? */
static bool blocks(const struct link *a, const struct link *b)
{
	unsigned int lock = b->want.lock;

	return (a->held >> lock & 1) && (a->mode[lock] == W || b->want.mode != R);
}

static bool together(const struct link *a, const struct link *b)
{
	unsigned int lock;

	for (lock = 0; lock < nr_locks; lock++)
		if ((a->held & b->held) >> lock & 1 && (a->mode[lock] == W || b->mode[lock] == W))
			return false;
	return true;
}

static bool predict(bool guards)
{
	const struct link *a, *b, *c, *end = links + nr_links;

	for (a = links; a < end; a++) {
		for (b = links; b < end; b++) {
			if (!blocks(a, b) || (guards && !together(a, b)))
				continue;
			if (blocks(b, a))
				return true;
			for (c = links; c < end; c++)
				if (blocks(b, c) && blocks(c, a) &&
				    (!guards || (together(a, c) && together(b, c))))
					return true;
		}
	}
	return false;
}

/* --- the graph --------------------------------------------------------------------------- */

static bool graph_says(enum rule rule)
{
	struct graph *g = graph_new();
	const uint32_t *path;
	bool found = false;
	uint32_t e;
	unsigned int i, k;

	for (i = 0; i < nr_locks; i++)
		graph_node(g, &e);
	for (i = 0; i < nr_links; i++) {
		const struct link *l = &links[i];

		for (k = l->nr; k-- > 0; ) {
			const struct op *from = &l->p->op[l->order[k]];
			uint8_t dep = graph_dep(from->mode, l->want.mode);

			if (graph_add(g, from->lock, l->want.lock, dep, &e) > 0)
				found |= graph_cycle(g, e, dep, NULL, NULL, &path) > 0;
			if (!from->try && !(rule == RULE_PAST_READERS && from->mode == R))
				break;
		}
	}
	graph_free(g);
	return found;
}

/* --- comparing --------------------------------------------------------------------------- */

static void print_set(const char *what, const unsigned int *set, unsigned int nr)
{
	unsigned int i, k, j;

	printf("# %s:", what);
	for (i = 0; i < nr; i++) {
		printf(" {");
		for (k = 0; k < program[set[i]].nr; k++) {
			const struct op *op = &program[set[i]].op[k];

			for (j = 0; j < k; j++)
				if (op->drop >> j & 1)
					printf(" release(%c)", 'A' + program[set[i]].op[j].lock);
			printf(" %s%c(%c)", op->try ? "try" : "", "WrR"[op->mode], 'A' + op->lock);
		}
		printf(" }");
	}
	printf("\n");
}

static void count(bool differs, unsigned long *nr, const char *what, const unsigned int *set,
		  unsigned int nr_set)
{
	if (differs && !(*nr)++)
		print_set(what, set, nr_set);
}

static void check_set(const struct family *f, const unsigned int *set)
{
	const struct program *threads[3];
	unsigned int i, nr = f->programs;
	bool dead, predicted, cycle, again;

	nr_links = 0;
	for (i = 0; i < nr; i++) {
		threads[i] = &program[set[i]];
		add_links(threads[i]);
	}
	dead = deadlocks(&world, threads, nr, false);
	predicted = predict(true);
	cycle = graph_says(RULE_PAST_READERS);
	result.deadlocks += dead;
	count(dead && !predicted, &result.unpredicted, "deadlock, not predicted", set, nr);
	count(predicted && !dead, &result.uncertain, "predicted, no deadlock", set, nr);
	count(cycle != predict(false), &result.not_cycle, "cycle and prediction differ", set, nr);
	count(dead && !cycle, &result.not_cycle, "deadlock without a cycle", set, nr);
	count(cycle && !dead, &result.guarded, "e.g. guarded", set, nr);
	count(dead && !graph_says(RULE_LOCKDEP), &result.missed, "e.g. missed by lockdep's rule", set, nr);
	if (result.sets++ % f->full_step || world.overflow)
		return;
	again = deadlocks(&world, threads, nr, true);
	if (world.overflow) {		/* this search is too long: not counted, no verdict */
		world.overflow = false;
		return;
	}
	result.full++;
	count(again != dead, &result.full_differs, "the full search differs", set, nr);
}

static void verdict(const struct family *f)
{
	is_int(result.unpredicted + result.uncertain, 0, "%s: deadlock reachable <=> predicted", f->what);
	is_int(result.not_cycle, 0, "%s: strong cycle <=> predicted, guards aside", f->what);
	if (f->guards)
		ok(result.guarded, "%s: some strong cycles are guarded", f->what);
	else
		is_int(result.guarded, 0, "%s: deadlock reachable <=> strong cycle", f->what);
	/* It takes a third lock to hold a recursive reader in between. */
	ok(!result.missed != f->guards, "%s: lockdep's rule misses %s", f->what, f->guards ? "some" : "none");
	is_int(result.full_differs, 0, "%s: the full search agrees with the short one", f->what);
	ok(result.deadlocks && result.deadlocks < result.sets, "%s: both verdicts occur", f->what);
	printf("# %s: %lu sets (%s), %lu can deadlock, %lu have guarded cycles only,\n"
	       "#   %lu deadlocks are missed by lockdep's rule; %lu sets by the full search too; "
	       "%" PRIu64 " states, %" PRIu64 " steps\n", f->what, result.sets,
	       f->step == 1 ? "all" : "a sample", result.deadlocks, result.guarded, result.missed,
	       result.full, world.states, world.moves);
	memset(&result, 0, sizeof(result));
	world.states = world.moves = 0;
}

/* The sets of a family, one of those each that differ only in the names of locks. */
static void check_family(const struct family *f)
{
	unsigned int set[3] = { 0 }, at = 0;

	make_programs(f);
	for (set[0] = 0; set[0] < nr_programs; set[0]++) {
		for (set[1] = set[0]; set[1] < nr_programs; set[1]++) {
			if (f->programs == 2) {
				if (at++ % f->step == 0 && first_of_kind(set, 2))
					check_set(f, set);
				continue;
			}
			for (set[2] = set[1]; set[2] < nr_programs; set[2]++)
				if (at++ % f->step == 0 && first_of_kind(set, 3))
					check_set(f, set);
		}
	}
	verdict(f);
}

static struct program of(const char *text)
{
	struct program p = { 0 };

	for (; *text; text += 2)
		p.op[p.nr++] = (struct op){ .lock = (uint8_t)(text[1] - 'A'),
			.mode = *text == 'r' ? r : *text == 'R' ? R : W, .try = *text == 't' };
	return p;
}

static bool both(const char *one, const char *other, bool full)
{
	struct program a = of(one), b = of(other);
	const struct program *set[] = { &a, &b };

	return deadlocks(&world, set, 2, full);
}

/* The oracle itself, where the answer is known. */
static void test_known(void)
{
	int full;

	for (full = 0; full < 2; full++) {
		ok(both("WAWB", "WBWA", full), "two orders");
		ok(!both("WAWB", "WAWB", full), "the same order");
		ok(both("rArB", "rBrA", full), "readers, with writers waiting");
		ok(!both("RARB", "RBRA", full), "recursive readers");
		ok(both("WARB", "WBRA", full), "writers, then recursive readers");
		ok(!both("rARB", "WBRA", full), "a reader lets a recursive reader in");
		ok(!both("WAtB", "WBtA", full), "trylocks do not block");
		ok(both("tAWB", "tBWA", full), "but hold");
		ok(!both("WCWAWB", "WCWBWA", full), "a guard lock");
		ok(both("rCWAWB", "rCWBWA", full), "which does not guard shared");
	}
}

int main(void)
{
	/* Programs of one lock alone matter only in that they add nothing. */
	static const struct family families[] = {
		{ "3 programs, 2 locks, W r R and trylocks of each", 3, 2, 1, 2, 6, false, false, 1, 400 },
		{ "3 programs, 2 of 3 locks, W r R tryW tryr", 3, 3, 2, 2, 5, false, false, 1, 2000 },
		{ "2 programs, 3 locks, W r R tryW tryr", 2, 3, 2, 3, 5, false, true, 1, 2000 },
		{ "2 programs, 3 locks, W r R tryW, early release", 2, 3, 2, 3, 4, true, true, 1, 2000 },
		{ "3 programs, 3 locks, W r R", 3, 3, 2, 3, 3, false, true, 53, 3000 },
		{ "3 programs, 3 locks, W r R tryW tryr", 3, 3, 2, 3, 5, false, true, 12007, 1000 },
	};
	unsigned int i;

	if (!world_init(&world)) {
		ok(false, "no memory");
		return done_testing();
	}
	test_known();
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		check_family(&families[i]);
	ok(!world.overflow, "no short search needed more room than there is");
	world_done(&world);
	return done_testing();
}
