// SPDX-License-Identifier: GPL-2.0-only
/*
 * When to shed, and when to take back; see budget.h.
 */
#include "budget.h"

#define OVER_TIMES	2
#define CALM_TIMES	10	/* so many calm measurements, and the next ones come half as often */

void budget_init(struct budget *b, uint32_t allowed_ppm, uint32_t usable)
{
	*b = (struct budget){ .allowed_ppm = allowed_ppm, .usable = usable | 1,
			      .patience_ns = BUDGET_PATIENCE_NS };
}

/* The next usable level in a direction; the same if there is none. */
static enum budget_level next(const struct budget *b, int step)
{
	int level;

	for (level = (int)b->level + step; level >= 0 && level < BUDGET_LEVELS; level += step)
		if (b->usable >> level & 1)
			return (enum budget_level)level;
	return b->level;
}

static bool shed(struct budget *b, uint64_t now_ns)
{
	enum budget_level level = next(b, 1);

	b->over = 0;
	if (level == b->level)
		return false;
	if (b->retaken_ns && now_ns - b->retaken_ns <= b->patience_ns) {
		b->patience_ns *= 2;		/* what was taken back was too much */
		if (b->patience_ns > BUDGET_PATIENCE_MAX_NS)
			b->patience_ns = BUDGET_PATIENCE_MAX_NS;
	}
	b->retaken_ns = 0;
	b->level = level;
	return true;
}

static bool retake(struct budget *b, uint64_t now_ns)
{
	enum budget_level level = next(b, -1);

	b->under_ns = now_ns;
	if (level == b->level)
		return false;
	b->retaken_ns = now_ns;
	b->level = level;
	return true;
}

bool budget_measured(struct budget *b, uint64_t now_ns, uint32_t cost_ppm)
{
	b->calm = b->level == BUDGET_ALL && cost_ppm < b->allowed_ppm / 2 ? b->calm + 1 : 0;
	if (b->retaken_ns && now_ns - b->retaken_ns > b->patience_ns && cost_ppm <= b->allowed_ppm) {
		b->retaken_ns = 0;		/* that went well */
		b->patience_ns = BUDGET_PATIENCE_NS;
	}
	if (cost_ppm > b->allowed_ppm) {
		b->under_ns = 0;
		return ++b->over >= OVER_TIMES && shed(b, now_ns);
	}
	b->over = 0;
	if (cost_ppm >= b->allowed_ppm / 2) {
		b->under_ns = 0;
		return false;
	}
	if (!b->under_ns)
		b->under_ns = now_ns;
	return now_ns - b->under_ns >= b->patience_ns && retake(b, now_ns);
}

void budget_retaken(struct budget *b, uint64_t now_ns)
{
	b->retaken_ns = b->under_ns = now_ns;
}

void budget_refused(struct budget *b)
{
	enum budget_level level = next(b, 1);

	b->usable &= ~0u << level;
	b->level = level;
	b->retaken_ns = 0;
}

uint64_t budget_period_ns(const struct budget *b)
{
	uint64_t period = BUDGET_PERIOD_NS;
	unsigned int calm = b->calm;

	for (; calm >= CALM_TIMES && period < BUDGET_PERIOD_MAX_NS; calm -= CALM_TIMES)
		period *= 2;
	return period;
}
