// SPDX-License-Identifier: GPL-2.0-only
/* Who hears that modules came or went: on an invented list of modules, whose changes are told once. */
#include "../../user/core/event.h"
#include "../../user/live/modules.h"
#include "../../user/live/resolve.h"
#include "../lib/tap.h"

#define NOWHERE UINT64_C(0x10)		/* no kernel has text there */

static unsigned int nr_changes, nr_again, nr_symbols;

int modules_list(int (*each)(void *ctx, const char *name, uint64_t bytes, bool live), void *ctx)
{
	return each(ctx, "invented", 4096, true);
}

int modules_new(struct modules **ret)
{
	*ret = NULL;
	return 0;
}

void modules_free(struct modules *m)
{
	(void)m;
}

bool modules_changed(struct modules *m)
{
	(void)m;
	if (!nr_changes)
		return false;
	nr_changes--;
	return true;
}

void modules_again(struct modules *m)
{
	(void)m;
	nr_again++;
}

static int count_symbol(void *ctx, const struct lk_event *ev)
{
	(void)ctx;
	nr_symbols += ev->kind == LK_EV_SYM;
	return 0;
}

static bool told(struct resolver *r)
{
	bool changed = false;

	is_int(resolver_poll(r, &changed), 0, "ask");
	return changed;
}

static void test_told(struct resolver *r, const struct lk_sink *sink)
{
	ok(!told(r), "nothing changed");
	nr_changes = 1;
	ok(told(r), "a change is told");
	ok(!told(r), "... once");

	is_int(resolver_text(r, sink, NOWHERE), 0, "an address without a name");
	is_int(nr_symbols, 1, "... is said to have none");
	ok(!told(r), "... and is no change");

	nr_changes = 1;
	is_int(resolver_text(r, sink, NOWHERE + 1), 0, "a second one, as modules changed");
	is_int(nr_changes, 0, "... takes notice of it");
	ok(told(r), "... but it is still told to who asks");
	ok(!told(r), "... once");

	nr_changes = 2;
	is_int(resolver_text(r, sink, NOWHERE + 2), 0, "a third one, as they changed twice");
	ok(told(r), "both are one change for who asks");
	ok(!told(r), "... once");
	is_int(nr_again, 0, "the same modules are not looked at again");
}

int main(void)
{
	const struct lk_sink sink = { .emit = count_symbol };
	struct resolver *r = NULL;

	is_int(resolver_new(&r), 0, "symbols of this kernel, as far as it shows them");
	if (r)
		test_told(r, &sink);
	resolver_free(r);
	return done_testing();
}
