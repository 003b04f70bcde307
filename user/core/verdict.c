// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much speaks for a cycle or a recursion: which observations of its links fit
 * together, and from that severity, confidence and reasons.
 *
 * Severity of a cycle:
 *   certain   the same instances all round, different tasks, every held lock verified,
 *             and nothing of the kinds below that make it doubtful; and a tracer that the
 *             kernel did not preempt (LK_META_PREEMPTIBLE), or else it may have missed a guard;
 *             the same for links that were seen only as tracing had just begun (LK_ORDER_YOUNG)
 *   likely    different tasks, and classes that are more than a guess or the same
 *             instances; or lockdep's own classes say so
 *   possible  anything else
 *
 * Confidence, in percent: 20; +25 the same instances all round; +15 different tasks;
 * +10 every held lock verified; +10 classes by symbol or by lockdep, or +5 by slab
 * cache; +10 all orders within a second, or +5 within a minute; +10 two links only.
 * Less: -20 locks of one class but for their subclasses; -15 a completion; -10 each for a
 * wait that ends by itself, a read side that is only partly seen, a semaphore; -20 a common
 * lock; -10 an order that is only listed by lockdep, which makes it possible at most.
 * How often it was seen does not count: the kernel side sends what is new, and what is
 * not counted is not less true.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "order_priv.h"

#define NSEC_PER_SEC	UINT64_C(1000000000)

static void __attribute__((format(printf, 2, 3)))
say(struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	if (v->nr_why >= WHY_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(v->why[v->nr_why++], WHY_LEN, fmt, ap);
	va_end(ap);
}

/* "3.2 ms" */
static void span_text(uint64_t ns, char text[32])
{
	static const struct { uint64_t unit; const char *name; } units[] = {
		{ 60 * NSEC_PER_SEC, "min" }, { NSEC_PER_SEC, "s" }, { 1000000, "ms" }, { 1000, "us" },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (ns < units[i].unit)
			continue;
		snprintf(text, 32, "%" PRIu64 ".%" PRIu64 " %s", ns / units[i].unit,
			 ns % units[i].unit / (units[i].unit / 10), units[i].name);
		return;
	}
	snprintf(text, 32, "%" PRIu64 " ns", ns);
}

/* --- observations that fit together ------------------------------------------------------- */

/* What has to hold where two links meet; each level includes the ones below. */
enum fit {
	FIT_CLASS	= 0,	/* what the classes are worth */
	FIT_STRONG	= 1,	/* modes that block one another */
	FIT_INSTANCE	= 2,	/* the same lock */
	FIT_VERIFIED	= 3,	/* which was verified to be held */
};

/* @a took what @b held. */
static bool fits(const struct order *o, const struct obs *a, const struct obs *b, enum fit fit)
{
	bool same = a->source == b->source && a->taken.addr == b->held.addr;

	if (fit >= FIT_INSTANCE && !same)
		return false;
	if (fit >= FIT_VERIFIED && !(b->held.flags & LK_HOLD_VERIFIED) &&
	    b->held.prim != LK_PRIM_COMPLETION)
		return false;
	if (fit >= FIT_STRONG && a->taken.read == LK_READ_RECURSIVE && b->held.read != LK_WRITE)
		return false;
	/* Merged by an address: memory may have been reused in between. See class.c. */
	return same || a->taken.class == b->held.class ||
	       !o->class.v[class_find(o, b->held.class)].merged;
}

/*
 * Reached: observation j of link i, from the observation of link 0 where it began; f = whether
 * another task than that one's has been met. from: 2 * observation + f before it, + 1.
 */
struct reach {
	uint8_t from[CYCLE_MAX][EDGE_OBS][2];
};

static const struct obs *obs_of(const struct order *o, const struct cycle *c, uint32_t i,
				unsigned int j)
{
	return &o->obs.v[o->edge.v[c->edge[i]].obs[j]];
}

static unsigned int nr_obs(const struct order *o, const struct cycle *c, uint32_t i)
{
	return o->edge.v[c->edge[i]].nr_obs;
}

/* All ways over link @i from what was reached of the one before; false: none. c->listed: also over listed ones. */
static bool advance(const struct order *o, const struct cycle *c, struct reach *r, uint32_t i,
		    const struct obs *start, enum fit fit)
{
	bool any = false;
	unsigned int j, k, f;

	memset(r->from[i], 0, sizeof(r->from[i]));
	for (k = 0; k < nr_obs(o, c, i - 1); k++) {
		if (!r->from[i - 1][k][0] && !r->from[i - 1][k][1])
			continue;
		for (j = 0; j < nr_obs(o, c, i); j++) {
			const struct obs *ob = obs_of(o, c, i, j);

			if ((hold_listed(&ob->taken) && !c->listed) || !fits(o, obs_of(o, c, i - 1, k), ob, fit))
				continue;
			for (f = 0; f < 2; f++) {
				unsigned int now = f | (ob->actor != start->actor);

				if (r->from[i - 1][k][f] && !r->from[i][j][now]) {
					r->from[i][j][now] = (uint8_t)(2 * k + f + 1);
					any = true;
				}
			}
		}
	}
	return any;
}

/* Observations for all links, beginning with observation @first of link 0. */
static bool combine_from(const struct order *o, struct cycle *c, unsigned int first, enum fit fit,
			 bool several)
{
	const struct obs *start = obs_of(o, c, 0, first);
	struct reach r;
	unsigned int j, f;
	uint32_t i;

	memset(r.from[0], 0, sizeof(r.from[0]));
	r.from[0][first][0] = 1;
	for (i = 1; i < c->nr; i++)
		if (!advance(o, c, &r, i, start, fit))
			return false;
	for (j = nr_obs(o, c, c->nr - 1); j-- > 0;) {
		for (f = 2; f-- > (several ? 1 : 0);) {
			if (!r.from[c->nr - 1][j][f] ||
			    !fits(o, obs_of(o, c, c->nr - 1, j), start, fit))
				continue;
			c->several = f;
			for (i = c->nr - 1; i; i--) {
				uint8_t before = (uint8_t)(r.from[i][j][f] - 1);

				c->ob[i] = obs_of(o, c, i, j);
				j = before / 2;
				f = before % 2;
			}
			c->ob[0] = start;
			return true;
		}
	}
	return false;
}

static bool combine(const struct order *o, struct cycle *c, enum fit fit, bool several)
{
	unsigned int j;

	for (j = nr_obs(o, c, 0); j-- > 0;)
		if ((c->listed || !hold_listed(&obs_of(o, c, 0, j)->taken)) &&
		    combine_from(o, c, j, fit, several))
			return true;
	return false;
}

bool cycle_combine(const struct order *o, struct cycle *c)
{
	static const struct { enum fit fit; bool several, listed; } wishes[] = {
		{ FIT_VERIFIED, true, false }, { FIT_INSTANCE, true, false }, { FIT_VERIFIED, false, false },
		{ FIT_INSTANCE, false, false }, { FIT_STRONG, true, false }, { FIT_STRONG, false, false },
		{ FIT_CLASS, true, false }, { FIT_CLASS, false, false },
		{ FIT_STRONG, false, true }, { FIT_CLASS, false, true },
	};
	size_t i;

	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		c->listed = wishes[i].listed;
		if (!combine(o, c, wishes[i].fit, wishes[i].several))
			continue;
		c->same_instances = wishes[i].fit >= FIT_INSTANCE;
		c->verified = wishes[i].fit >= FIT_VERIFIED;
		return true;
	}
	return false;
}

/* --- the verdict on a cycle --------------------------------------------------------------- */

/* What of a link makes a cycle doubtful. */
struct doubts {
	bool completion, semaphore, partial, timed, interruptible;
};

static void doubts_of(const struct hold *h, struct doubts *d)
{
	bool waits = h->prim == LK_PRIM_COMPLETION;

	d->completion |= waits;
	d->semaphore |= h->prim == LK_PRIM_SEMAPHORE;
	d->partial |= (h->flags & LK_HOLD_PARTIAL) != 0;
	d->timed |= (h->flags & LK_HOLD_TIMED) != 0;
	d->interruptible |= waits && h->flags & LK_HOLD_INTERRUPTIBLE;
}

static void say_doubts(struct verdict *v, const struct doubts *d, int *confidence)
{
	if (d->completion) {
		*confidence -= 15;
		say(v, "it crosses contexts through a completion: that these two always meet is a guess");
	}
	if (d->timed || d->interruptible) {
		*confidence -= 10;
		say(v, "a %s ends one of the waits", d->timed ? "timeout" : "signal");
	}
	if (d->partial) {
		*confidence -= 10;
		say(v, "it involves a read side that is only partly visible");
	}
	if (d->semaphore) {
		*confidence -= 10;
		say(v, "it involves a semaphore, which another task may release");
	}
}

static void say_evidence(const struct order *o, const struct cycle *c, struct verdict *v,
			 int *confidence)
{
	uint8_t evidence = cycle_evidence(o, c);

	if (c->tier == LK_TIER_LOCKDEP) {
		*confidence += 10;
		say(v, "the classes are lockdep's own");
	} else if (evidence == EVIDENCE_STRONG) {
		*confidence += 10;
	} else if (evidence == EVIDENCE_SLAB) {
		*confidence += 5;
	} else {
		say(v, "a lock is known by its memory and call site only");
	}
}

/* How far apart the observations lie; false: they are of different traces. */
static bool span_of(const struct cycle *c, uint64_t *span)
{
	uint64_t min = UINT64_MAX, max = 0;
	uint32_t i;

	for (i = 0; i < c->nr; i++) {
		if (c->ob[i]->source != c->ob[0]->source)
			return false;
		min = c->ob[i]->time_ns < min ? c->ob[i]->time_ns : min;
		max = c->ob[i]->time_ns > max ? c->ob[i]->time_ns : max;
	}
	*span = max - min;
	return true;
}

static void say_span(const struct cycle *c, struct verdict *v, int *confidence)
{
	uint64_t span;
	char text[32];

	if (!span_of(c, &span)) {
		say(v, "the orders come from different traces");
		return;
	}
	if (span < NSEC_PER_SEC)
		*confidence += 10;
	else if (span < 60 * NSEC_PER_SEC)
		*confidence += 5;
	span_text(span, text);
	if (c->nr == 2)
		say(v, "the two orders came %s apart", text);
	else
		say(v, "all %" PRIu32 " orders came within %s", c->nr, text);
}

static void say_links(const struct order *o, const struct cycle *c, struct verdict *v,
		      int *confidence)
{
	uint32_t tasks = cycle_tasks(o, c);

	*confidence += c->nr == 2 ? 10 : 0;
	if (c->listed) {
		*confidence -= 10;
		say(v, "an order in it is known from a list of lockdep's only: not who made it, when and how");
		return;
	}
	if (c->same_instances) {
		*confidence += 25;
		say(v, c->nr == 2 ? "the same instances were taken in both orders" :
		       "each lock is the same instance in both orders that it is in");
	} else {
		say(v, "the orders were seen with different instances");
	}
	if (tasks > 1) {
		*confidence += 15;
		say(v, "different tasks made them%s",
		    c->several ? "" : ", but not with these instances");
	} else {
		say(v, "one task made all of them");
	}
	if (c->verified)
		*confidence += 10;
	else if (c->same_instances)
		say(v, "not every lock could be verified to be held");
}

/*
 * Only subclasses tell its classes apart, and different instances were seen: which is nested in
 * which comes from a table of call sites, so that is little.
 */
static bool only_nests(const struct order *o, const struct cycle *c)
{
	uint32_t i, base, first = ORDER_NONE;

	if (c->same_instances || c->tier == LK_TIER_LOCKDEP)
		return false;
	for (i = 0; i < c->nr; i++) {
		base = class_find(o, o->class.v[c->ob[i]->held.class].base);
		if (first == ORDER_NONE)
			first = base;
		else if (base != first)
			return false;
	}
	return true;
}

static bool any_preempts(const struct model *m, const struct cycle *c)
{
	uint32_t i;

	for (i = 0; i < c->nr; i++)
		if (source_preempts(m, c->ob[i]->source, c->tier))
			return true;
	return false;
}

static void not_certain(struct verdict *v, const char *why)
{
	if (v->severity == FINDING_CERTAIN)
		v->severity = FINDING_LIKELY;
	say(v, "%s", why);
}

void cycle_verdict(const struct model *m, const struct cycle *c, struct verdict *v)
{
	const struct order *o = order_of(m);
	struct doubts d = { 0 };
	int confidence = 20;
	bool likely, nests = only_nests(o, c);
	uint32_t i;

	memset(v, 0, sizeof(*v));
	for (i = 0; i < c->nr; i++) {
		doubts_of(&c->ob[i]->held, &d);
		doubts_of(&c->ob[i]->taken, &d);
	}
	say_links(o, c, v, &confidence);
	if (!c->listed)
		say_span(c, v, &confidence);
	if (c->guarded) {
		confidence -= 20;
		say(v, "%s was held over them, so they cannot meet while that is so",
		    strpool_str(&m->str, o->class.v[class_find(o, c->guard.class)].name));
	}
	say_evidence(o, c, v, &confidence);
	say_doubts(v, &d, &confidence);
	if (nests) {
		confidence -= 20;
		say(v, "only their annotated call sites tell these classes apart");
	}

	likely = !nests && cycle_tasks(o, c) > 1 &&
		 (c->same_instances || cycle_evidence(o, c) > EVIDENCE_WEAK);
	v->severity = FINDING_POSSIBLE;
	if (!c->guarded && !d.completion && !c->listed && (likely || c->tier == LK_TIER_LOCKDEP))
		v->severity = FINDING_LIKELY;
	if (v->severity == FINDING_LIKELY && c->verified && c->several && !d.semaphore && !d.partial)
		v->severity = FINDING_CERTAIN;
	if (any_preempts(m, c))
		not_certain(v, "this kernel preempts the tracer, so a guard lock may have gone unseen");
	if (guards_young(o, c->edge, c->nr))
		not_certain(v, "seen only as tracing had just begun: a lock taken before may guard it");
	v->confidence = confidence < 0 ? 0 : confidence > 100 ? 100 : (uint32_t)confidence;
}

/* --- recursion ---------------------------------------------------------------------------- */

/*
 * Certain where an owner word named the task as it took the lock again. That is more
 * than the locked byte of a spinlock says, or the count of readers: these may be
 * somebody else's. A reader that reads again blocks only behind a waiting writer.
 */
void recursion_verdict(const struct model *m, const struct obs *ob, uint32_t tier,
		       struct verdict *v)
{
	bool same = ob->held.addr == ob->taken.addr, reads = ob->held.read && ob->taken.read;
	bool owned = ob->held.flags & LK_HOLD_VERIFIED &&
		     (tier == LK_TIER_LOCKDEP ||
		      (!ob->held.read && ob->held.prim != LK_PRIM_SPINLOCK &&
		       ob->held.prim != LK_PRIM_RWLOCK));
	struct doubts d = { 0 };
	int confidence = 40;

	memset(v, 0, sizeof(*v));
	doubts_of(&ob->held, &d);
	doubts_of(&ob->taken, &d);
	v->severity = FINDING_LIKELY;
	if (same) {
		confidence += 25;
		say(v, "it is the same instance");
	} else {
		say(v, "another instance of a class whose nesting is not annotated");
	}
	if (reads)
		say(v, "it hangs as soon as a writer comes in between");
	else if (same && owned)
		v->severity = d.partial ? FINDING_LIKELY : FINDING_CERTAIN;
	if (owned) {
		confidence += 25;
		say(v, tier == LK_TIER_LOCKDEP ? "lockdep's own list of held locks has it" :
		       "the lock's owner word named the task");
	} else {
		say(v, "whether it was this task that held it could not be verified");
	}
	if (source_preempts(m, ob->source, tier))
		not_certain(v, "this kernel preempts the tracer, so a release may have gone unseen");
	say_doubts(v, &d, &confidence);
	v->confidence = confidence < 0 ? 0 : confidence > 100 ? 100 : (uint32_t)confidence;
}
