// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace of locks: what each task holds is followed as lockdep would
 * (lock_acquire(), check_prevs_add()), waits are timed, and what was learnt is told
 * at the end, since only then it is known which names stand for nested classes.
 *
 * What the text lacks, and what is made of that: names without subclass, so that a
 * name of which two instances were nested is left out of the order; "read" without
 * telling recursive readers, which only RCU's are taken for; no call sites. Events get
 * lost on the way, so that a lock counts as held only if its release came, too, or if
 * its task is silent from there on.
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"


#define ACTORS_MAX	65536u
#define ORDERS_MAX	65536u
#define ROWS_MAX	16384u
#define KEY_OF(name)	(0x1000 + (uint64_t)(name) * 16)	/* above all LK_CK_* */

struct thold {
	uint64_t addr;
	uint32_t name;		/* string */
	uint32_t fate;		/* number in trace.fate */
	uint8_t read, try;
};

/* What became of an acquisition. Traces lose events: only what was released in order was held. */
enum fate { FATE_OPEN, FATE_RELEASED, FATE_STALE };

/* A task, or an interrupt level of a CPU. */
struct actor {
	uint32_t nr, overflow;
	struct thold held[LK_HELD_MAX];
	uint32_t last_name;	/* of the lock that it is about to take; 0 = none */
	uint32_t last_order;	/* + 1: made by its latest event; 0 = none */
	bool again;		/* its latest event took what it seems to hold */
	uint64_t wait_lock, wait_ns;	/* contention_begin; wait_ns 0 = none */
	uint32_t wait_lcb, wait_name;
	uint64_t cont_lock, cont_ns;	/* lock_contended */
	bool cont_covered;	/* contention_begin came, too */
};

struct torder {
	uint64_t time_ns;
	uint32_t tid, cpu, ctx, comm, from;
	struct thold acq;
	uint32_t first, nr;	/* in trace.holds */
	bool latest;		/* nothing came after it from this task, but from others: it still waits */
};

struct trow_key {
	uint64_t lock;
	uint32_t tid, lcb, ctx, cpu;
};

struct trow {
	uint32_t comm, name;
	uint64_t count, total_ns, max_ns, min_ns, first_ns, last_ns;
	uint32_t *hist;
};

struct trace {
	struct import *im;
	struct strpool str;
	struct htab actors;	/* uint64_t */
	VEC(struct actor) actor;
	VEC(uint8_t) fate;	/* enum fate, of every acquisition */
	struct htab seen;	/* hash of an order; the same number in seen_order */
	VEC(uint32_t) seen_order;
	VEC(struct torder) order;
	VEC(struct thold) holds;
	VEC(uint8_t) nested;	/* by name: two instances of it were nested */
	struct htab rows;	/* trow_key */
	VEC(struct trow) row;
	uint64_t first_ns, last_ns, last_release_ns;
	uint64_t unmatched, stale, overflow, orders_full, rows_full, actors_full;
	bool any, acquires, waits, begins;
};

struct trace *trace_new(struct import *im)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->im = im;
	htab_init(&t->actors, sizeof(uint64_t));
	htab_init(&t->seen, sizeof(uint64_t));
	htab_init(&t->rows, sizeof(struct trow_key));
	if (strpool_init(&t->str)) {
		trace_free(t);
		return NULL;
	}
	return t;
}

void trace_free(struct trace *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->row.nr; i++)
		free(t->row.v[i].hist);
	strpool_done(&t->str);
	htab_done(&t->actors);
	htab_done(&t->seen);
	htab_done(&t->rows);
	vec_free(&t->actor);
	vec_free(&t->fate);
	vec_free(&t->seen_order);
	vec_free(&t->order);
	vec_free(&t->holds);
	vec_free(&t->nested);
	vec_free(&t->row);
	free(t);
}

/* Who it is; *ret = NULL: there are too many. 0 or -ENOMEM. */
static int find_actor(struct trace *t, const struct trace_line *l, struct actor **ret)
{
	bool irq = l->ctx != LK_CTX_TASK && l->ctx != LK_CTX_UNKNOWN;
	uint64_t key = irq ? UINT64_C(2) << 32 | l->ctx << 16 | l->cpu :
		       l->pid ? l->pid : UINT64_C(1) << 32 | l->cpu;
	uint32_t i = htab_find(&t->actors, &key);
	struct actor none = { 0 };

	*ret = NULL;
	if (i == HTAB_NONE && t->actor.nr >= ACTORS_MAX) {
		t->actors_full++;
		return 0;
	}
	if (i == HTAB_NONE && (vec_push(&t->actor, none) || htab_put(&t->actors, &key, &i) < 0))
		return -ENOMEM;
	*ret = &t->actor.v[i];
	return 0;
}

static int mark_nested(struct trace *t, uint32_t name)
{
	if (name >= t->nested.nr && vec_reserve(&t->nested, name + 1 - t->nested.nr))
		return -ENOMEM;
	while (t->nested.nr <= name)
		t->nested.v[t->nested.nr++] = 0;
	t->nested.v[name] = 1;
	return 0;
}

/* --- order -------------------------------------------------------------------------------- */

/* The held locks that an order leads from: down to the first one that was not a trylock. */
static uint32_t from_mask(const struct actor *a)
{
	uint32_t i = a->nr, mask = 0;

	while (i--) {
		mask |= UINT32_C(1) << i;
		if (!a->held[i].try)
			break;
	}
	return mask;
}

static bool has_stale(const struct trace *t, const struct torder *o)
{
	uint32_t i;

	for (i = 0; i < o->nr; i++)
		if (t->fate.v[t->holds.v[o->first + i].fate] == FATE_STALE)
			return true;
	return false;
}

static int set_holds(struct trace *t, struct torder *o, const struct actor *a)
{
	o->first = (uint32_t)t->holds.nr;
	if (vec_reserve(&t->holds, a->nr))
		return -ENOMEM;
	memcpy(t->holds.v + t->holds.nr, a->held, a->nr * sizeof(*a->held));
	t->holds.nr += a->nr;
	return 0;
}

/* Keep the order that @acq makes, unless it is known. */
static int keep_order(struct trace *t, const struct trace_line *l, struct actor *a, const struct thold *acq)
{
	struct { uint64_t addr[LK_HELD_MAX + 1], name[LK_HELD_MAX + 1], tid; } key;
	struct torder o = { .time_ns = l->time_ns, .tid = l->pid, .cpu = l->cpu, .ctx = l->ctx,
			    .from = from_mask(a), .acq = *acq, .nr = a->nr };
	uint64_t hash;
	uint32_t i, known;

	memset(&key, 0, sizeof(key));
	key.tid = l->pid;
	for (i = 0; i <= a->nr; i++) {
		const struct thold *h = i < a->nr ? &a->held[i] : acq;

		key.addr[i] = h->addr;
		key.name[i] = (uint64_t)h->name << 16 | (uint64_t)(h->read << 1 | h->try);
	}
	hash = htab_hash(&key, sizeof(key));
	known = htab_find(&t->seen, &hash);
	if (known != HTAB_NONE) {
		struct torder *old = &t->order.v[t->seen_order.v[known]];

		a->last_order = t->seen_order.v[known] + 1;
		if (!has_stale(t, old))
			return 0;
		o.comm = old->comm;
		*old = o;
		return set_holds(t, old, a);
	}
	if (t->order.nr >= ORDERS_MAX) {
		t->orders_full++;
		return 0;
	}
	if (set_holds(t, &o, a) || strpool_id(&t->str, l->comm, &o.comm) ||
	    vec_push(&t->seen_order, (uint32_t)t->order.nr) || htab_put(&t->seen, &hash, &known) < 0)
		return -ENOMEM;
	a->last_order = (uint32_t)t->order.nr + 1;
	return vec_push(&t->order, o);
}

static void drop_held(struct trace *t, struct actor *a, uint32_t i, enum fate fate)
{
	t->fate.v[a->held[i].fate] = fate;
	memmove(a->held + i, a->held + i + 1, (a->nr - i - 1) * sizeof(*a->held));
	a->nr--;
}

/*
 * It took what it seemed to hold, and went on: so the release of the older one is not in
 * the trace.
 */
static void went_on(struct trace *t, struct actor *a)
{
	uint32_t i, top = a->nr;

	a->last_order = 0;
	if (!a->again)
		return;
	a->again = false;
	for (i = top - 1; top && i--;) {
		if (a->held[i].addr != a->held[a->nr - 1].addr)
			continue;
		drop_held(t, a, i, FATE_STALE);
		t->stale++;
	}
}

static int acquire(struct trace *t, const struct trace_line *l, struct actor *a)
{
	struct thold h = { .addr = l->lock, .try = l->try, .read = l->read ? LK_READ : LK_WRITE };
	uint32_t i;
	int err = strpool_id(&t->str, l->name, &h.name);

	t->acquires = true;
	if (l->read && strstr(l->name, "rcu_"))
		h.read = LK_READ_RECURSIVE;
	for (i = 0; i < a->nr && !err; i++) {
		if (a->held[i].addr == h.addr)
			a->again |= !h.read || !a->held[i].read;
		else if (a->held[i].name == h.name)
			err = mark_nested(t, h.name);
	}
	h.fate = (uint32_t)t->fate.nr;
	if (!err)
		err = vec_push(&t->fate, FATE_OPEN);
	if (!err && a->nr && !l->try)
		err = keep_order(t, l, a, &h);
	a->last_name = l->try ? 0 : h.name;
	if (a->nr == LK_HELD_MAX) {
		a->overflow++;
		t->overflow++;
		a->again = false;
	} else {
		a->held[a->nr++] = h;
	}
	return err;
}

static void release(struct trace *t, const struct trace_line *l, struct actor *a)
{
	uint32_t i = a->nr;

	t->last_release_ns = l->time_ns;
	while (i--) {
		if (a->held[i].addr != l->lock)
			continue;
		drop_held(t, a, i, FATE_RELEASED);
		return;
	}
	if (a->overflow)
		a->overflow--;
	else
		t->unmatched++;	/* held since before the trace, or taken in another context */
}

/* --- waits -------------------------------------------------------------------------------- */

static int count_wait(struct trace *t, const struct trace_line *l, uint64_t lock, uint32_t lcb, uint32_t name,
		      uint64_t start_ns)
{
	struct trow_key key = { .lock = lock, .tid = l->pid, .lcb = lcb, .ctx = l->ctx,
				.cpu = l->pid ? 0 : l->cpu + 1 };
	uint64_t dur = l->time_ns > start_ns ? l->time_ns - start_ns : 0;
	uint32_t i = htab_find(&t->rows, &key);
	struct trow *r, none = { .min_ns = UINT64_MAX, .first_ns = start_ns };

	t->waits = true;
	if (i == HTAB_NONE && t->row.nr >= ROWS_MAX) {
		t->rows_full++;
		return 0;
	}
	if (i == HTAB_NONE) {
		none.hist = calloc(LK_HIST_BUCKETS, sizeof(*none.hist));
		if (!none.hist || strpool_id(&t->str, l->comm, &none.comm) || vec_push(&t->row, none)) {
			free(none.hist);
			return -ENOMEM;
		}
		if (htab_put(&t->rows, &key, &i) < 0)
			return -ENOMEM;
	}
	r = &t->row.v[i];
	if (name)
		r->name = name;
	r->count++;
	r->total_ns += dur;
	r->max_ns = dur > r->max_ns ? dur : r->max_ns;
	r->min_ns = dur < r->min_ns ? dur : r->min_ns;
	r->last_ns = l->time_ns;
	r->hist[lk_hist_bucket(dur)]++;
	return 0;
}

static int wait_event(struct trace *t, const struct trace_line *l, struct actor *a)
{
	uint64_t start;
	uint32_t name = 0;

	switch (l->what) {
	case TRACE_BEGIN:
		t->begins = true;
		a->cont_covered = true;
		if (a->wait_ns && a->wait_lock == l->lock) {	/* it goes on, e.g. spins no longer */
			a->wait_lcb = l->lcb;
			return 0;
		}
		a->wait_lock = l->lock;
		a->wait_ns = l->time_ns;
		a->wait_lcb = l->lcb;
		a->wait_name = a->last_name;
		return 0;
	case TRACE_END:
		start = a->wait_ns;
		a->wait_ns = 0;
		if (!start || a->wait_lock != l->lock) {
			t->unmatched++;
			return 0;
		}
		return count_wait(t, l, l->lock, a->wait_lcb, a->wait_name, start);
	case TRACE_CONTENDED:
		a->cont_lock = l->lock;
		a->cont_ns = l->time_ns;
		a->cont_covered = false;
		return 0;
	default:		/* lock_acquired comes without contention, too */
		start = a->cont_ns;
		a->cont_ns = 0;
		if (!start || a->cont_lock != l->lock || a->cont_covered)
			return 0;
		/* Whoever sleeps would have come by contention_begin, if that is traced. */
		return strpool_id(&t->str, l->name, &name) ? -ENOMEM :
			count_wait(t, l, l->lock, t->begins ? LK_LCB_SPIN : 0, name, start);
	}
}

int trace_add(struct trace *t, const struct trace_line *l)
{
	struct actor *a;
	int err = find_actor(t, l, &a);

	if (!t->any || l->time_ns < t->first_ns)
		t->first_ns = l->time_ns;
	t->any = true;
	t->last_ns = l->time_ns > t->last_ns ? l->time_ns : t->last_ns;
	if (err || !a || l->ctx == LK_CTX_NMI)
		return err;
	if (l->what != TRACE_BEGIN && l->what != TRACE_CONTENDED)
		went_on(t, a);
	if (l->what == TRACE_ACQUIRE)
		return acquire(t, l, a);
	if (l->what == TRACE_RELEASE)
		release(t, l, a);
	return l->what == TRACE_RELEASE ? 0 : wait_event(t, l, a);
}

/* --- telling ------------------------------------------------------------------------------ */

static int tell_coverage(const struct trace *t)
{
	const struct lk_event ev[] = {
		{ .kind = LK_EV_COVERAGE, .coverage = { .primitive = "lock", .tier = "lockdep",
			.reason = t->acquires ? "the text of a trace has no subclasses, no call sites, and does "
				  "not tell recursive readers: names whose locks are nested are left out" :
				  "the trace has no lock:lock_acquire",
			.remedy = t->acquires ? "" : "trace lock:lock_acquire and lock:lock_release on a kernel with lockdep",
			.state = t->acquires ? LK_STATE_PARTIAL : LK_STATE_NONE } },
		{ .kind = LK_EV_COVERAGE, .coverage = { .primitive = "lock", .tier = "contention",
			.reason = t->waits ? "the text of a trace has no stacks and no owners" :
				  "the trace has no lock:contention_begin with its lock:contention_end",
			.remedy = t->waits ? "" : "trace lock:contention_begin and lock:contention_end",
			.state = t->waits ? LK_STATE_PARTIAL : LK_STATE_NONE } },
	};
	int err = sink_emit(t->im->sink, &ev[0]);

	return err ? err : sink_emit(t->im->sink, &ev[1]);
}

static int tell_classes(const struct trace *t)
{
	uint32_t name;
	int err = 0;

	for (name = 1; name < strpool_nr(&t->str) && !err && t->acquires; name++) {
		struct lk_event ev = { .kind = LK_EV_CLASS, .class = {
			.tier = LK_TIER_LOCKDEP, .key = KEY_OF(name), .name = strpool_str(&t->str, name),
			.symbol = "", .module = "", .percpu = "", .cache = "", .off = UINT32_MAX,
			.flags = name < t->nested.nr && t->nested.v[name] ? LK_LOCK_NOVALIDATE : 0,
		} };

		err = sink_emit(t->im->sink, &ev);
	}
	return err;
}

static struct lk_ev_hold ev_hold(const struct thold *h)
{
	return (struct lk_ev_hold){ .lock = h->addr, .key = KEY_OF(h->name), .prim = LK_PRIM_LOCKDEP,
				    .read = h->read, .flags = h->try ? LK_HOLD_TRY : 0 };
}

/* The held locks of an order that were held, into @held; *from: those that it leads from. */
static uint32_t true_holds(struct trace *t, const struct torder *o, struct lk_ev_hold *held, uint32_t *from)
{
	uint32_t i, nr = 0;

	*from = 0;
	for (i = 0; i < o->nr; i++) {
		const struct thold *h = &t->holds.v[o->first + i];

		if (t->fate.v[h->fate] != FATE_RELEASED && !(o->latest && t->fate.v[h->fate] == FATE_OPEN))
			continue;
		*from |= (o->from >> i & 1) << nr;
		held[nr++] = ev_hold(h);
	}
	return nr;
}

static int tell_orders(struct trace *t)
{
	struct lk_ev_hold held[LK_HELD_MAX];
	size_t i;
	int err = 0;

	for (i = 0; i < t->actor.nr; i++) {
		uint32_t last = t->actor.v[i].last_order;

		/* When tracing is turned off, releases go first. */
		if (last)
			t->order.v[last - 1].latest = t->order.v[last - 1].time_ns <= t->last_release_ns;
	}
	for (i = 0; i < t->order.nr && !err; i++) {
		const struct torder *o = &t->order.v[i];
		uint32_t from, nr = true_holds(t, o, held, &from);
		struct lk_event ev = { .kind = LK_EV_ORDER, .order = {
			.time_ns = o->time_ns, .tier = LK_TIER_LOCKDEP, .tid = o->tid, .tgid = o->tid,
			.cpu = o->cpu, .ctx = o->ctx, .stack = LK_STACK_NONE, .from = from,
			.comm = strpool_str(&t->str, o->comm), .acq = ev_hold(&o->acq), .nr_held = nr,
			.held = held,
		} };

		if (from)
			err = sink_emit(t->im->sink, &ev);
	}
	return err;
}

static int tell_row(const struct trace *t, uint32_t i)
{
	const struct trow_key *key = htab_key(&t->rows, i);
	const struct trow *r = &t->row.v[i];
	struct lk_bucket hist[LK_HIST_BUCKETS];
	struct lk_event ev = { .kind = LK_EV_CONT, .cont = {
		.lock = key->lock, .tid = key->tid, .tgid = key->tid, .stack = LK_STACK_NONE, .lcb = key->lcb,
		.ctx = key->ctx, .cpu = key->cpu, .comm = strpool_str(&t->str, r->comm),
		.agg = { r->count, r->total_ns, r->max_ns, r->min_ns, r->first_ns, r->last_ns, 0, hist },
	} };
	struct lk_event lock = { .kind = LK_EV_LOCK, .lock = { .addr = key->lock,
		.symbol = strpool_str(&t->str, r->name), .module = "", .percpu = "", .cache = "" } };
	uint32_t b;
	int err = r->name ? sink_emit(t->im->sink, &lock) : 0;

	for (b = 0; b < LK_HIST_BUCKETS; b++)
		if (r->hist[b])
			hist[ev.cont.agg.nr_hist++] = (struct lk_bucket){ .index = b, .n = r->hist[b] };
	return err ? err : sink_emit(t->im->sink, &ev);
}

static int tell_losses(const struct trace *t)
{
	const struct lk_ev_loss losses[] = {
		{ LK_STAT_SLOTS_FULL, 0, t->actors_full }, { LK_STAT_HELD_OVERFLOW, 0, t->overflow },
		{ LK_STAT_ORDER_MAP_FULL, 0, t->orders_full }, { LK_STAT_FOLD_FULL, 0, t->rows_full },
		{ LK_STAT_PREHELD, 0, t->unmatched }, { LK_STAT_STALE_HELD, 0, t->stale },
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(losses) / sizeof(losses[0]) && !err; i++) {
		struct lk_event ev = { .kind = LK_EV_LOSS, .loss = losses[i] };

		if (losses[i].count)
			err = sink_emit(t->im->sink, &ev);
	}
	return err;
}

int trace_tell(struct trace *t)
{
	uint32_t i;
	int err;

	if (!t->any)
		return 0;
	err = import_begin(t->im, "trace of locks", "", t->first_ns);
	if (!err)
		err = tell_coverage(t);
	if (!err)
		err = tell_classes(t);
	if (!err)
		err = tell_orders(t);
	for (i = 0; i < t->row.nr && !err; i++)
		err = tell_row(t, i);
	if (!err)
		err = tell_losses(t);
	t->im->last_ns = t->last_ns;
	return err;
}
