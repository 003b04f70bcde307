// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classes, orders and chains of lockdep (proc.h).
 *
 * What such a list says of an order is that it is there: not who made it, when,
 * where, with which locks and in which mode. So all of it is told as LK_HOLD_LISTED and
 * with the weakest strength, held by a reader and taken by a recursive one: of such
 * orders alone no circle can block, and lockdep has accepted them all.
 *
 * A chain names what was held, oldest first, when its last lock was taken. lockdep makes
 * chains for locks only that it checks and that may block, so the order to the last lock
 * is true; it leads from the lock before, and where that is one that lockdep does not
 * check, from the one before that. /proc/lockdep does not print those.
 */
#include "proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"

#define CLASSES_MAX	65536u		/* lockdep has 8192 at most */
#define ORDERS_MAX	262144u
#define CHAIN_MAX	64u		/* lockdep follows 48 */
#define SAMPLES_MAX	1024u		/* events for the acquisitions of one class */
#define NOBODY		UINT32_MAX
#define KEY_OF(class)	(0x1000 + (uint64_t)(class) * 16)	/* above all LK_CK_* */

struct class_key {
	uint64_t key;		/* as printed, which may be hashed; 0 = not */
	uint64_t name;		/* string, with version and subclass */
};

struct order_key {
	uint32_t from, to;
};

struct proc {
	struct import *im;
	struct procstat *stat;
	struct strpool str;
	struct htab classes;	/* struct class_key */
	struct htab orders;	/* struct order_key */
	VEC(uint8_t) unchecked;	/* by class */
	enum proc_list list;	/* that we are in */
	uint32_t seen;		/* bits: 1 << enum proc_list */
	uint32_t class;		/* PROC_CLASSES: whose orders come; NOBODY */
	uint32_t chain[CHAIN_MAX], nr_chain, ctx;	/* PROC_CHAINS: the one that comes */
	bool open;		/* a blank line must come before the list may end */
	bool in_chain, overflow;
};

/* --- telling ------------------------------------------------------------------------------ */

static struct lk_ev_hold ev_hold(uint32_t class, uint32_t read)
{
	/* Of locks nothing is known; an address must be there, and must not look like a static lock's. */
	return (struct lk_ev_hold){ .lock = KEY_OF(class) + 8, .key = KEY_OF(class), .prim = LK_PRIM_LOCKDEP,
				    .read = read, .flags = LK_HOLD_LISTED };
}

static int tell_class(struct proc *p, uint32_t class, const char *text)
{
	struct proc_name n;
	struct lk_event ev = { .kind = LK_EV_CLASS, .class = {
		.tier = LK_TIER_LOCKDEP, .key = KEY_OF(class), .name = n.name, .symbol = "", .module = "",
		.percpu = "", .cache = "", .off = UINT32_MAX,
	} };

	proc_name_split(text, &n);
	ev.class.name_version = n.version;
	ev.class.subclass = n.subclass;
	return sink_emit(p->im->sink, &ev);
}

/* lockdep does not check what it is told by these, so no order leads from them (rcu_lock_acquire(), drivers/base). */
static bool is_unchecked(const char *name)
{
	return !strncmp(name, "rcu_read_lock", 13) || !strcmp(name, "rcu_callback") || !strcmp(name, "&dev->mutex");
}

/* The class of that key and name, told when it is new; *class = NOBODY: there are too many. */
static int get_class(struct proc *p, uint64_t key, const char *name, uint32_t *class)
{
	struct class_key id = { .key = key };
	struct proc_name n;
	char text[sizeof(n.name) + 24];
	uint32_t string;
	int ret;

	proc_name_split(name, &n);		/* so that strings are bounded */
	snprintf(text, sizeof(text), "%s#%" PRIu32 "/%" PRIu32, n.name, n.version, n.subclass);
	if (strpool_nr(&p->str) > CLASSES_MAX && strpool_find(&p->str, text) == UINT32_MAX) {
		*class = NOBODY;
		p->im->stats->left_out++;
		return 0;
	}
	if (strpool_id(&p->str, text, &string))
		return -ENOMEM;
	id.name = string;
	*class = htab_find(&p->classes, &id);
	if (*class != HTAB_NONE)
		return 0;
	if (p->classes.nr >= CLASSES_MAX) {
		*class = NOBODY;
		p->im->stats->left_out++;
		return 0;
	}
	ret = vec_push(&p->unchecked, is_unchecked(n.name)) ? -ENOMEM : htab_put(&p->classes, &id, class);
	return ret < 0 ? ret : tell_class(p, *class, name);
}

/* That a class is there, and how often its locks were taken, if that is known. */
static int tell_use(struct proc *p, uint32_t class, uint64_t ops)
{
	struct lk_event ev = { .kind = LK_EV_ORDER, .order = {
		.tier = LK_TIER_LOCKDEP, .ctx = LK_CTX_UNKNOWN, .stack = LK_STACK_NONE, .comm = "",
		.flags = ops ? LK_ORDER_SAMPLE : 0, .acq = ev_hold(class, LK_READ_RECURSIVE),
	} };
	unsigned int i;
	int err = 0;

	for (i = 0; i < SAMPLES_MAX && (ops || !i) && !err; i++) {
		ev.order.weight = ops < UINT32_MAX ? (uint32_t)ops : UINT32_MAX;
		ops -= ev.order.weight;
		err = sink_emit(p->im->sink, &ev);
	}
	return err;
}

/* The last of @class was taken while the others, of which @from is the one it leads from, were held. */
static int tell_order(struct proc *p, const uint32_t *class, uint32_t nr, uint32_t from, uint32_t ctx)
{
	struct order_key key = { class[from], class[nr - 1] };
	struct lk_ev_hold held[LK_HELD_MAX];
	struct lk_event ev = { .kind = LK_EV_ORDER, .order = {
		.tier = LK_TIER_LOCKDEP, .ctx = ctx, .stack = LK_STACK_NONE, .comm = "", .held = held,
		.acq = ev_hold(class[nr - 1], LK_READ_RECURSIVE), .flags = p->overflow ? LK_ORDER_OVERFLOW : 0,
	} };
	uint32_t i, first = nr - 1 > LK_HELD_MAX ? nr - 1 - LK_HELD_MAX : 0, number;
	int ret;

	if (p->orders.nr >= ORDERS_MAX && htab_find(&p->orders, &key) == HTAB_NONE) {
		p->im->stats->left_out++;
		return 0;
	}
	ret = htab_put(&p->orders, &key, &number);
	if (ret <= 0 || from < first)		/* it was told, or out of memory */
		return ret;
	for (i = first; i < nr - 1; i++)
		held[ev.order.nr_held++] = ev_hold(class[i], LK_READ);
	ev.order.from = UINT32_C(1) << (from - first);
	return sink_emit(p->im->sink, &ev);
}

/* --- /proc/lockdep ------------------------------------------------------------------------ */

static int class_line(struct proc *p, const char *line)
{
	bool follows = !strncmp(line, " -> [", 5);
	const char *name = line + 5;
	uint32_t class[2] = { p->class };
	uint64_t key, ops;
	int err;

	if (!line[0]) {
		p->open = false;
		p->class = NOBODY;
		return 0;
	}
	if (follows) {
		if (!proc_key(&name, &key) || name[0] != ']' || name[1] != ' ' || !name[2] || !p->open)
			return PROC_DAMAGED;
		err = get_class(p, key, name + 2, &class[1]);
		return err || class[0] == NOBODY || class[1] == NOBODY ? err :
			tell_order(p, class, 2, 0, LK_CTX_UNKNOWN);
	}
	p->class = NOBODY;		/* what follows a line that is damaged is nobody's */
	p->open = false;
	name = proc_class(line, &key, &ops, &p->open);
	if (!name)
		return PROC_DAMAGED;
	err = get_class(p, key, name, &p->class);
	return err || p->class == NOBODY ? err : tell_use(p, p->class, ops);
}

/* --- /proc/lockdep_chains ------------------------------------------------------------------ */

/* "0", "hardirq", "softirq", "hardirq|softirq", or the same as numbers 0 .. 3 (Linux before 5.8). */
static uint32_t context_of(const char *s)
{
	if (!strcmp(s, "0"))
		return LK_CTX_TASK;
	if (!strncmp(s, "hardirq", 7) || !strcmp(s, "1") || !strcmp(s, "3"))
		return LK_CTX_HARDIRQ;
	return !strcmp(s, "softirq") || !strcmp(s, "2") ? LK_CTX_SOFTIRQ : LK_CTX_UNKNOWN;
}

static int end_chain(struct proc *p)
{
	uint32_t nr = p->nr_chain, from = nr - 1;
	bool known = nr > 1 && p->chain[nr - 1] != NOBODY;

	p->nr_chain = 0;
	p->in_chain = p->open = false;
	while (known && from && p->chain[from - 1] != NOBODY && p->unchecked.v[p->chain[from - 1]])
		from--;
	if (!known || !from || p->chain[from - 1] == NOBODY)
		return 0;
	return tell_order(p, p->chain, nr, from - 1, p->ctx);
}

static int chain_line(struct proc *p, const char *line)
{
	const char *name = line + 1;
	uint32_t class, known = p->classes.nr;
	uint64_t key;
	int err;

	if (!line[0])
		return end_chain(p);
	if (!strncmp(line, "irq_context: ", 13)) {
		p->nr_chain = 0;	/* of one whose end is missing, the last lock is not known */
		p->overflow = false;
		p->ctx = context_of(line + 13);
		err = p->open ? PROC_DAMAGED : 0;
		p->in_chain = p->open = true;
		return err;
	}
	if (line[0] != '[' || !proc_key(&name, &key) || name[0] != ']' || name[1] != ' ' || !name[2] ||
	    !p->in_chain) {
		p->in_chain = false;
		p->nr_chain = 0;
		return PROC_DAMAGED;
	}
	err = get_class(p, key, name + 2, &class);
	if (err)
		return err;
	if (p->nr_chain == CHAIN_MAX) {
		memmove(p->chain, p->chain + 1, (CHAIN_MAX - 1) * sizeof(*p->chain));
		p->nr_chain--;
	}
	p->chain[p->nr_chain++] = class;
	p->overflow |= p->nr_chain > LK_HELD_MAX + 1;
	return p->classes.nr > known ? tell_use(p, class, 0) : 0;
}

/* --- the whole ---------------------------------------------------------------------------- */

/* What a list does not carry, and what would. */
static int tell_coverage(const struct proc *p)
{
	bool orders = p->seen & (1u << PROC_CLASSES | 1u << PROC_CHAINS), waits = p->seen & 1u << PROC_STAT;
	const struct lk_event ev[] = {
		{ .kind = LK_EV_COVERAGE, .coverage = { .primitive = "lock", .tier = "lockdep",
			.reason = orders ? "lockdep's lists have no tasks, times, stacks and modes, do not count orders, "
				  "and what they say of the use in interrupts is left out" : "/proc/lock_stat has no orders",
			.remedy = orders ? "" : "give a copy of /proc/lockdep, too",
			.state = orders ? LK_STATE_PARTIAL : LK_STATE_NONE } },
		{ .kind = LK_EV_COVERAGE, .coverage = { .primitive = "lock", .tier = "contention",
			.reason = waits ? "/proc/lock_stat cuts names, has sums by class only, without types, tasks, owners and "
				  "histograms, and counts callers without times, so that only a single one can be shown; "
				  "its hold times and bounces are left out" : "/proc/lockdep and /proc/lockdep_chains have no waits",
			.remedy = waits ? "" : "give a copy of /proc/lock_stat, too (needs CONFIG_LOCK_STAT)",
			.state = waits ? LK_STATE_PARTIAL : LK_STATE_NONE } },
	};
	int err = sink_emit(p->im->sink, &ev[0]);

	return err ? err : sink_emit(p->im->sink, &ev[1]);
}

/* The list that we are in ends here; @next begins. */
static int change_list(struct proc *p, enum proc_list next)
{
	static const char *const tool[] = {
		[PROC_CLASSES] = "/proc/lockdep", [PROC_CHAINS] = "/proc/lockdep_chains", [PROC_STAT] = "/proc/lock_stat",
	};
	int err = p->list == PROC_STAT ? procstat_end(p->stat) : 0;

	if (p->open)
		import_damaged(p->im);
	p->open = p->in_chain = false;
	p->nr_chain = 0;
	p->class = NOBODY;
	p->list = next;
	p->seen |= 1u << next;
	return err || !next ? err : import_begin(p->im, tool[next], "", 0);
}

static int one_line(struct proc *p, char *line, size_t len)
{
	enum proc_list next;
	int err = PROC_DAMAGED;

	if (len && line[len - 1] == '\r')
		line[len - 1] = 0;
	next = proc_heading(line);
	if (!p->im->in.whole)		/* cut off, so nobody knows what it was to say */
		next = PROC_NONE;
	else if (next)
		err = change_list(p, next);
	else if (p->list == PROC_CLASSES)
		err = class_line(p, line);
	else if (p->list == PROC_CHAINS)
		err = chain_line(p, line);
	else
		err = procstat_line(p->stat, line);
	if (err != PROC_DAMAGED)
		return err;
	import_damaged(p->im);
	return 0;
}

static void proc_free(struct proc *p)
{
	procstat_free(p->stat);
	strpool_done(&p->str);
	htab_done(&p->classes);
	htab_done(&p->orders);
	vec_free(&p->unchecked);
	free(p);
}

int import_proc(struct import *im)
{
	struct proc *p = calloc(1, sizeof(*p));
	char *line;
	size_t len;
	int err = 0;

	if (!p)
		return -ENOMEM;
	p->im = im;
	p->stat = procstat_new(im);
	htab_init(&p->classes, sizeof(struct class_key));
	htab_init(&p->orders, sizeof(struct order_key));
	if (!p->stat || strpool_init(&p->str))
		err = -ENOMEM;
	while (!err && (line = linein_next(&im->in, &len)))
		err = one_line(p, line, len);
	if (!err)
		err = change_list(p, PROC_NONE);
	if (!err)
		err = tell_coverage(p);
	proc_free(p);
	return err;
}
