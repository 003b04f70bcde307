/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small programs of lock acquisitions, and whether they can deadlock, by trying every
 * interleaving. Nothing here knows of graphs, cycles or strengths.
 *
 * A program takes up to three different locks, one after the other, each in a mode,
 * and releases them in reverse, or one of them already before it takes the last one.
 * What the world is like:
 *	- W excludes everybody, r and R only W (lockdep-design.rst, "Recursive read
 *	  locks"); a *waiting* W stops r, but not R;
 *	- a trylock may fail at any time, and then its lock is just not held;
 *	- every program may run in two tasks at once, because lockdep's lemmas take
 *	  the links of a cycle from different tasks;
 *	- for every lock that is taken by r there is a task that takes it by W, and
 *	  nothing else: an r stops an r only with a W in between.
 *
 * Two searches. The full one runs programs to their end. The short one never lets
 * a program take its last lock: the tasks that finished before a deadlock can be
 * left out of the interleaving that leads there, because all that they did to others
 * was to stop them. It is many times faster, and must agree with the full one.
 */
#ifndef LK_TEST_ORACLE_H
#define LK_TEST_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OPS = 3, LOCKS = 3, THREADS = 9 };

enum mode { W, r, R };

struct op {
	uint8_t lock, mode;
	bool try;
	uint8_t drop;	/* ops before this one that are released first, a bit each */
};

struct program {
	uint8_t nr;
	struct op op[OPS];
};

/*
 * A state has 7 bits per thread: 3 of pc, 1 of "a writer that waits", 3 of "this
 * trylock failed". pc < nr: about to take op[pc]; pc - nr = number of locks released,
 * or not held, again; pc == 2 * nr: done.
 */
struct world {
	const struct program *thread[THREADS];
	unsigned int nr;
	unsigned int pairs;		/* threads 2 i and 2 i + 1 run the same, i < pairs */
	uint64_t *seen;			/* state + 1 */
	uint32_t *used;			/* slots of `seen` to be cleared */
	uint64_t *stack;
	uint32_t nr_seen;
	uint64_t states, moves;		/* over all runs */
	bool full;
	bool overflow;
};

enum { SEEN_SLOTS = 1 << 21, SEEN_MAX = SEEN_SLOTS / 2 };

static inline bool world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->seen = calloc(SEEN_SLOTS, sizeof(*w->seen));
	w->used = calloc(SEEN_MAX, sizeof(*w->used));
	w->stack = calloc(SEEN_MAX, sizeof(*w->stack));
	return w->seen && w->used && w->stack;
}

static inline void world_done(struct world *w)
{
	free(w->seen);
	free(w->used);
	free(w->stack);
}

static inline unsigned int pc_of(uint64_t state, unsigned int thread)
{
	return state >> (7 * thread) & 7;
}

static inline bool waits(uint64_t state, unsigned int thread)
{
	return state >> (7 * thread + 3) & 1;
}

/* Has @thread the lock of its op @i in @state? */
static inline bool has(const struct world *w, uint64_t state, unsigned int thread, unsigned int i)
{
	const struct program *p = w->thread[thread];
	unsigned int pc = pc_of(state, thread), nr = p->nr, k;

	for (k = i + 1; k < nr && k <= pc; k++)
		if (p->op[k].drop >> i & 1)
			return false;
	return i < (pc <= nr ? pc : 2 * nr - pc) && !(state >> (7 * thread + 4 + i) & 1);
}

struct locked {
	unsigned int writers, readers, waiting;
};

static inline void look(const struct world *w, uint64_t state, struct locked l[LOCKS])
{
	unsigned int t, i;

	memset(l, 0, LOCKS * sizeof(*l));
	for (t = 0; t < w->nr; t++) {
		const struct program *p = w->thread[t];

		for (i = 0; i < p->nr; i++) {
			if (has(w, state, t, i) && p->op[i].mode == W)
				l[p->op[i].lock].writers++;
			else if (has(w, state, t, i))
				l[p->op[i].lock].readers++;
		}
		if (waits(state, t))
			l[p->op[pc_of(state, t)].lock].waiting++;
	}
}

static inline bool free_for(const struct locked *l, enum mode mode)
{
	if (mode == W)
		return !l->writers && !l->readers;
	return !l->writers && (mode == R || !l->waiting);
}

/* Two threads of the same program: order does not matter. */
static inline uint64_t canonical(const struct world *w, uint64_t state)
{
	unsigned int i;

	for (i = 0; i < w->pairs; i++) {
		uint64_t a = state >> (14 * i) & 127, b = state >> (14 * i + 7) & 127;

		if (a > b)
			state ^= (a ^ b) << (14 * i) | (a ^ b) << (14 * i + 7);
	}
	return state;
}

/* Queue a state unless it was seen. */
static inline void reach(struct world *w, uint64_t state, uint32_t *depth)
{
	uint64_t h;
	uint32_t i;

	state = canonical(w, state);
	h = state * UINT64_C(0x9e3779b97f4a7c15);
	i = (uint32_t)(h >> 43);
	w->moves++;
	for (; w->seen[i]; i = (i + 1) & (SEEN_SLOTS - 1))
		if (w->seen[i] == state + 1)
			return;
	if (w->nr_seen == SEEN_MAX) {
		w->overflow = true;
		return;
	}
	w->seen[i] = state + 1;
	w->used[w->nr_seen++] = i;
	w->stack[(*depth)++] = state;
}

static inline bool all_done(const struct world *w, uint64_t state)
{
	unsigned int t;

	for (t = 0; t < w->nr; t++)
		if (pc_of(state, t) != 2u * w->thread[t]->nr)
			return false;
	return true;
}

/* What thread @t can do next in @state; false: nothing. */
static inline bool step(struct world *w, uint64_t state, unsigned int t, const struct locked *l,
			uint32_t *depth)
{
	const struct program *p = w->thread[t];
	unsigned int pc = pc_of(state, t), shift = 7 * t;
	uint64_t next = (state & ~(UINT64_C(8) << shift)) + (UINT64_C(1) << shift);
	const struct op *op;
	bool last = !w->full && pc + 1 >= p->nr;

	if (pc == 2u * p->nr)
		return false;
	if (pc >= p->nr) {
		if (pc + 1u == 2u * p->nr)	/* what happened before does not matter any more */
			next &= ~(UINT64_C(112) << shift);
		reach(w, next, depth);
		return true;
	}
	op = &p->op[pc];
	l += op->lock;
	if (op->try || free_for(l, op->mode)) {
		if (!last && free_for(l, op->mode))
			reach(w, next, depth);
		if (!last && op->try)
			reach(w, next | UINT64_C(16) << (shift + pc), depth);
		return true;
	}
	if (op->mode == W && !waits(state, t)) {
		reach(w, state | UINT64_C(8) << shift, depth);
		return true;
	}
	return false;
}

/* Everything that can happen next. true: a deadlock, there is nothing, and not all is done. */
static inline bool proceed(struct world *w, uint64_t state, uint32_t *depth)
{
	bool moved = false, holds = false;
	struct locked l[LOCKS];
	unsigned int t, i;

	look(w, state, l);
	for (t = 0; t < w->nr; t++) {
		bool moves = step(w, state, t, l, depth), mine = false;

		for (i = 0; i < w->thread[t]->nr; i++)
			mine |= has(w, state, t, i);
		/* In the short search a task that has nothing and stops nobody may as well not exist. */
		moved |= moves && (w->full || mine || waits(state, t));
		holds |= mine;
	}
	return !moved && (w->full ? !all_done(w, state) : holds);
}

/* Can the programs, as described above, come to a state where nothing moves and not all is done? */
static inline bool deadlocks(struct world *w, const struct program *const *program, unsigned int nr,
			     bool full)
{
	static const struct program writer[LOCKS] = {
		{ 1, { { .lock = 0 } } }, { 1, { { .lock = 1 } } }, { 1, { { .lock = 2 } } },
	};
	bool reader[LOCKS] = { false }, found = false;
	uint32_t depth = 0, i;
	unsigned int k;

	w->full = full;
	w->pairs = nr;
	w->nr = 0;
	for (k = 0; k < nr; k++) {
		w->thread[w->nr++] = program[k];
		w->thread[w->nr++] = program[k];
		for (i = 0; i < program[k]->nr; i++) {
			const struct op *op = &program[k]->op[i];

			reader[op->lock] |= op->mode == r && !op->try;
		}
	}
	for (k = 0; k < LOCKS; k++)
		if (reader[k])
			w->thread[w->nr++] = &writer[k];
	w->nr_seen = 0;
	reach(w, 0, &depth);
	while (depth && !found) {
		uint64_t state = w->stack[--depth];

		found = proceed(w, state, &depth);
	}
	w->states += w->nr_seen;
	for (i = 0; i < w->nr_seen; i++)
		w->seen[w->used[i]] = 0;
	return found;
}

#endif /* LK_TEST_ORACLE_H */
