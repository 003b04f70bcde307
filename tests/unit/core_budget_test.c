// SPDX-License-Identifier: GPL-2.0-only
/* What is shed when a trace costs too much, and when it is taken back. */
#include "../../user/core/budget.h"
#include "../lib/tap.h"

#define SEC	UINT64_C(1000000000)
#define ALL	((1u << BUDGET_LEVELS) - 1)
#define ALLOWED	30000

static uint64_t now;

/* Costs that much for so many seconds, measured once in each: how often the level changed. */
static unsigned int costs(struct budget *b, uint32_t ppm, unsigned int seconds)
{
	unsigned int changes = 0;

	while (seconds--) {
		now += SEC;
		changes += budget_measured(b, now, ppm);
	}
	return changes;
}

static struct budget begin(uint32_t usable)
{
	struct budget b;

	now = SEC;
	budget_init(&b, ALLOWED, usable);
	return b;
}

static void test_shed(void)
{
	struct budget b = begin(ALL);
	unsigned int level;

	is_int(costs(&b, ALLOWED, 100), 0, "just within the budget: nothing is shed");
	is_int(costs(&b, ALLOWED + 1, 1), 0, "once over it: nothing");
	is_int(costs(&b, ALLOWED, 1), 0, "... and within it again");
	is_int(costs(&b, ALLOWED + 1, 1), 0, "once over it again: nothing");
	for (level = BUDGET_NO_SPIN; level < BUDGET_LEVELS; level++) {
		is_int(costs(&b, ALLOWED + 1, level == 1 ? 1 : 2), 1, "twice in a row: one level");
		is_int(b.level, level, "... which is number %u", level);
	}
	is_int(costs(&b, 1000000, 100), 0, "there is no more to shed");
}

static void test_usable(void)
{
	struct budget b = begin(1u << BUDGET_SLICES | 1u << BUDGET_NO_ORDER);

	costs(&b, ALLOWED * 2, 2);
	is_int(b.level, BUDGET_SLICES, "what would shed nothing is passed over");
	costs(&b, 0, 11);
	is_int(b.level, BUDGET_ALL, "on the way back, too");
	b = begin(0);
	is_int(costs(&b, 1000000, 100), 0, "nothing can be shed: nothing is");
}

static void test_retake(void)
{
	struct budget b = begin(ALL);

	costs(&b, ALLOWED * 2, 4);
	is_int(b.level, BUDGET_NO_HOLDS, "two levels are shed");
	is_int(costs(&b, ALLOWED / 2, 100), 0, "half of the budget: nothing is taken back");
	is_int(costs(&b, ALLOWED / 2 - 1, 10), 0, "less for nine seconds: nothing yet");
	is_int(costs(&b, ALLOWED / 2, 1), 0, "... which begin anew");
	is_int(costs(&b, ALLOWED / 2 - 1, 11), 1, "for ten: one level");
	is_int(b.level, BUDGET_NO_SPIN, "... of two");
	is_int(costs(&b, ALLOWED / 2 - 1, 10), 1, "ten more: the other");
	is_int(b.level, BUDGET_ALL, "nothing is shed");
	is_int(costs(&b, 0, 1000), 0, "there is no more to take back");
}

/* What costs too much costs little as soon as it is shed. It takes @delay seconds to come back, without a measurement. */
static unsigned int flap(struct budget *b, unsigned int seconds, unsigned int delay)
{
	unsigned int changes = 0;
	uint64_t end = now + seconds * SEC;

	while (now < end) {
		if (!costs(b, b->level == BUDGET_ALL ? ALLOWED * 2 : 0, 1))
			continue;
		changes++;
		if (b->level == BUDGET_ALL) {
			now += delay * SEC;
			budget_retaken(b, now);
		}
	}
	return changes;
}

static void test_no_flapping(void)
{
	struct budget b = begin(ALL);
	unsigned int first, last;

	first = flap(&b, 60, 0);
	flap(&b, 600, 0);
	last = flap(&b, 3600, 0);
	ok(first >= 3, "a retake that fails is tried again: %u changes in the first minute", first);
	ok(last <= 14, "but more and more rarely: %u changes in an hour", last);
	is_int((int64_t)b.patience_ns, (int64_t)BUDGET_PATIENCE_MAX_NS, "there is a limit to it");
	while (b.level != BUDGET_ALL)
		costs(&b, 0, 1);
	costs(&b, 0, 1000);
	is_int((int64_t)b.patience_ns, (int64_t)BUDGET_PATIENCE_NS, "what goes well for long makes it forget");
}

/* Also where to come back takes longer than the time to look how that goes. */
static void test_no_flapping_late(void)
{
	struct budget b = begin(ALL);
	unsigned int last;

	flap(&b, 600, 20);
	last = flap(&b, 3600, 20);
	ok(last <= 14, "what comes back late: %u changes in an hour", last);
	while (b.level != BUDGET_ALL)
		costs(&b, 0, 1);
	now += 20 * SEC;
	budget_retaken(&b, now);
	costs(&b, 0, 100);
	is_int((int64_t)b.patience_ns, (int64_t)BUDGET_PATIENCE_MAX_NS, "that it went well shows after that");
	costs(&b, 0, 1000);
	is_int((int64_t)b.patience_ns, (int64_t)BUDGET_PATIENCE_NS, "... for long");
}

/* The hooks that a step needs cannot be put back. */
static void test_refused(void)
{
	struct budget b = begin(ALL & ~(1u << BUDGET_NO_HOLDS));

	costs(&b, ALLOWED * 2, 6);
	is_int(b.level, BUDGET_NO_ORDER, "all is shed");
	costs(&b, 0, 22);
	is_int(b.level, BUDGET_NO_SPIN, "two steps are taken back");
	budget_refused(&b);
	is_int(b.level, BUDGET_SLICES, "the second cannot be: it is shed again");
	is_int(costs(&b, 0, 1000), 0, "... and not tried any more");
	is_int(costs(&b, ALLOWED * 2, 2), 1, "too much: more is shed");
	is_int(costs(&b, 0, 100), 1, "... and taken back");
	is_int(b.level, BUDGET_SLICES, "... as far as that goes");
}

static void test_period(void)
{
	struct budget b = begin(ALL);

	costs(&b, 0, 9);
	is_int(budget_period_ns(&b), SEC, "calm: for a while it is measured each second");
	costs(&b, 0, 1);
	is_int(budget_period_ns(&b), 2 * SEC, "... then every two");
	costs(&b, 0, 10);
	is_int(budget_period_ns(&b), 4 * SEC, "... then every four");
	costs(&b, 0, 1000);
	is_int(budget_period_ns(&b), 8 * SEC, "... then every eight, and not less often");
	costs(&b, ALLOWED / 2, 1);
	is_int(budget_period_ns(&b), SEC, "half of the budget: each second again");
	costs(&b, 0, 30);
	costs(&b, ALLOWED + 1, 1);
	is_int(budget_period_ns(&b), SEC, "a rise: its second measurement is a second later");
	is_int(costs(&b, ALLOWED + 1, 1), 1, "... and something is shed");
	costs(&b, 0, 9);
	is_int(b.level != BUDGET_ALL && budget_period_ns(&b) == SEC, 1, "while something is shed: each second");
}

int main(void)
{
	test_shed();
	test_usable();
	test_retake();
	test_no_flapping();
	test_no_flapping_late();
	test_refused();
	test_period();
	return done_testing();
}
