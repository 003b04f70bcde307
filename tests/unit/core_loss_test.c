// SPDX-License-Identifier: GPL-2.0-only
/* The table of loss counters is complete. */
#include <ctype.h>

#include "../../bpf/abi.h"
#include "../../user/core/loss.h"
#include "../lib/tap.h"

/* The names are a contract with whoever reads our JSON: append only. */
static const char *const names[] = {
	NULL, "rows-full", "fold-full", "owners-full", "hist-full", "waiters-full", "locks-full",
	"stack-collision", "stack-fault", "nest-depth", "stale-wait", "unmatched-end", "guard-skip",
	"clock", "ring-full", "tasks-full", "update-race", "recursion", "owner-invalid", "drain",
	"map-busy", "slots-full", "held-overflow", "unmatched-release", "preheld", "stale-held",
	"order-ring-full", "order-map-full", "lockdep-off", "site-unknown", "order-stack", "nmi-skip",
	"history-full", "cwaits-full", "handover", "order-guard", "context-unknown", "watch-nest",
	"order-recursion", "inits-full", "sample-lost", "hold-untimed", "holds-full",
};

static bool is_kebab(const char *s)
{
	for (; *s; s++)
		if (!islower((unsigned char)*s) && *s != '-')
			return false;
	return true;
}

/* A clause: no capital at its start, no full stop at its end, not too long for a line of talk. */
static bool is_clause(const char *s)
{
	size_t len = strlen(s);

	return len > 8 && len < 100 && islower((unsigned char)s[0]) && s[len - 1] != '.';
}

/* The result is the same as if it had not happened. */
static bool is_harmless(unsigned int counter)
{
	static const unsigned int harmless[] = {
		LK_STAT_UNMATCHED_END, LK_STAT_GUARD_SKIP, LK_STAT_OWNER_INVALID, LK_STAT_PREHELD,
		LK_STAT_STALE_HELD, LK_STAT_ORDER_MAP_FULL, LK_STAT_HANDOVER,
		LK_STAT_ORDER_GUARD, LK_STAT_INITS_FULL,
	};
	size_t i;

	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (harmless[i] == counter)
			return true;
	return false;
}

int main(void)
{
	const struct loss_info *info, *unknown = loss_info(0);
	unsigned int i, k;

	is_int(sizeof(names) / sizeof(names[0]), LK_STAT_NR, "the test knows every counter");
	for (i = 1; i < LK_STAT_NR && i < sizeof(names) / sizeof(names[0]); i++) {
		info = loss_info(i);
		is_str(info->name, names[i], "counter %u", i);
		ok(is_kebab(info->name), "%s: kebab-case", info->name);
		ok(is_clause(info->meaning), "%s: meaning: %s", info->name, info->meaning);
		ok(is_clause(info->advice), "%s: advice: %s", info->name, info->advice);
		is_int(info->is_loss, !is_harmless(i), "%s: is_loss", info->name);
		for (k = 1; k < i; k++)
			if (!strcmp(loss_info(k)->name, info->name) || loss_info(k)->meaning == info->meaning)
				ok(false, "%u and %u are the same", i, k);
	}
	is_str(unknown->name, "unknown", "0 is no counter");
	ok(unknown->is_loss, "an unknown counter is a loss");
	ok(loss_info(LK_STAT_NR) == unknown && loss_info(4000000000u) == unknown, "nor are those behind the last");
	return done_testing();
}
