// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was not traced for a while, in words; see shed.h.
 */
#include "shed.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define CLOCK_LEN 16

static const char *const what_name[LK_SHED_NR] = {
	[LK_SHED_ALL] = "all", [LK_SHED_SPIN] = "spin-order", [LK_SHED_HOLDS] = "hold-times",
	[LK_SHED_SLICES] = "order-in-slices", [LK_SHED_ORDER] = "order",
};

const char *shed_what(uint32_t what)
{
	return what < LK_SHED_NR && what_name[what] ? what_name[what] : "unknown";
}

const char *shed_cause(uint32_t cause)
{
	return cause == LK_SHED_STOPPED ? "stopped" : cause == LK_SHED_BUDGET ? "budget" : "unknown";
}

static const char *clock_text(const struct model_source *src, uint64_t ns, char buf[CLOCK_LEN])
{
	time_t t = (time_t)((src->start_real_ns + (ns - src->start_ns)) / 1000000000);
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, CLOCK_LEN, "%H:%M:%S", &tm))
		snprintf(buf, CLOCK_LEN, "--:--:--");
	return buf;
}

/* "4.1", "3", "0.01": percent, no more digits than it takes. */
static const char *percent(uint32_t ppm, char buf[CLOCK_LEN])
{
	if (ppm >= 10000 || ppm % 10000 == 0)
		snprintf(buf, CLOCK_LEN, ppm % 10000 ? "%.1f" : "%.0f", ppm / 1e4);
	else
		snprintf(buf, CLOCK_LEN, "%.3g", ppm / 1e4);
	return buf;
}

static const char *subject(uint32_t what)
{
	switch (what) {
	case LK_SHED_ALL:
		return "nothing was traced";
	case LK_SHED_SPIN:
		return "spin order off";
	case LK_SHED_HOLDS:
		return "hold times off";
	case LK_SHED_SLICES:
		return "order only in slices of the time";
	case LK_SHED_ORDER:
		return "order off";
	}
	return "something off";
}

const char *shed_text(const struct model_shed *s, const struct model_source *src, char buf[SHED_TEXT])
{
	char from[CLOCK_LEN], until[CLOCK_LEN], cost[CLOCK_LEN], allowed[CLOCK_LEN], span[3 * CLOCK_LEN];

	clock_text(src, s->from_ns, from);
	if (s->until_ns)
		snprintf(span, sizeof(span), "from %s to %s", from, clock_text(src, s->until_ns, until));
	else
		snprintf(span, sizeof(span), "from %s on", from);
	if (s->cause == LK_SHED_BUDGET)
		snprintf(buf, SHED_TEXT, "%s %s: over budget, %s %% of %" PRIu32 " CPU%s, %s %% allowed",
			 subject(s->what), span, percent(s->cost_ppm, cost), src->nr_cpus,
			 src->nr_cpus == 1 ? "" : "s", percent(s->allowed_ppm, allowed));
	else
		snprintf(buf, SHED_TEXT, "%s %s: lockscope itself was stopped", subject(s->what), span);
	return buf;
}

const char *shed_again_text(const struct model_shed *s, const struct model_source *src, char buf[SHED_TEXT])
{
	static const char *const again[LK_SHED_NR] = {
		[LK_SHED_ALL] = "all is traced again", [LK_SHED_SPIN] = "spin order on again",
		[LK_SHED_HOLDS] = "hold times on again", [LK_SHED_SLICES] = "order all of the time again",
		[LK_SHED_ORDER] = "order on again, in slices of the time",
	};
	char until[CLOCK_LEN];

	snprintf(buf, SHED_TEXT, "%s from %s on", s->what < LK_SHED_NR && again[s->what] ? again[s->what] :
		 "something on again", clock_text(src, s->until_ns, until));
	return buf;
}
