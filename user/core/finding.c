// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings: how they are kept, named and shown; see finding.h. What makes one and
 * how severe it is, is evidence.c's matter.
 *
 * A finding keeps copies of the observations that it shows, and makes of them what
 * finding.h promises when somebody looks: names and counts are those of that moment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "lockname.h"
#include "order_priv.h"
#include "sat.h"

static const char *const kind_names[] = {
	[FINDING_CIRCULAR] = "circular", [FINDING_RECURSIVE] = "recursive",
	[FINDING_RW_UPGRADE] = "rw-upgrade", [FINDING_IRQ_INVERSION] = "irq-inversion",
	[FINDING_INCONSISTENT] = "inconsistent-state", [FINDING_WAIT_CONTEXT] = "wait-context",
	[FINDING_BAD_UNLOCK] = "bad-unlock", [FINDING_HELD_AT_EXIT] = "held-at-exit",
	[FINDING_DEADLOCKED_NOW] = "deadlocked-now", [FINDING_OTHER] = "other",
};

static const char *const severity_names[] = {
	[FINDING_POSSIBLE] = "possible", [FINDING_LIKELY] = "likely",
	[FINDING_CERTAIN] = "certain", [FINDING_DEADLOCK] = "deadlock",
};

#define NR(table)	(sizeof(table) / sizeof((table)[0]))

const char *finding_kind_str(enum finding_kind kind)
{
	unsigned int i = (unsigned int)kind;

	return i && i < NR(kind_names) ? kind_names[i] : "other";
}

const char *finding_severity_str(enum finding_severity severity)
{
	unsigned int i = (unsigned int)severity;

	return i && i < NR(severity_names) ? severity_names[i] : "possible";
}

enum finding_severity finding_severity_parse(const char *name)
{
	unsigned int i;

	for (i = 1; i < NR(severity_names); i++)
		if (!strcmp(name, severity_names[i]))
			return (enum finding_severity)i;
	return 0;
}

void findings_init(struct order *o)
{
	htab_init(&o->signs, sizeof(uint64_t));
	htab_init(&o->ids, sizeof(uint64_t));
	htab_init(&o->withheld_signs, sizeof(uint64_t));
}

static void free_finding(struct finding_data *f)
{
	if (!f)
		return;
	free(f->link);
	free(f->pub_link);
	free(f->pub_lock);
	imported_free(f->imported);
	free(f);
}

void findings_free(struct order *o)
{
	size_t i;

	for (i = 0; i < o->finding.nr; i++)
		free_finding(o->finding.v[i]);
	vec_free(&o->finding);
	htab_done(&o->signs);
	htab_done(&o->ids);
	vec_free(&o->of_sign);
	vec_free(&o->withheld);
	htab_done(&o->withheld_signs);
	vec_free(&o->paths);
}

/* --- ids ---------------------------------------------------------------------------------- */

/* FNV-1a: the ids must not change with the version of anything. The NUL counts. */
uint32_t finding_hash_str(uint32_t h, const char *s)
{
	do
		h = (h ^ (uint8_t)*s) * 16777619u;
	while (*s++);
	return h;
}

static const char *held_name(const struct model *m, const struct finding_data *f, uint32_t i)
{
	const struct order *o = order_of(m);

	return strpool_str(&m->str, o->class.v[class_find(o, f->link[i % f->nr].ob.held.class)].name);
}

/* Where the rotation begins that comes first in the alphabet. */
static uint32_t canonical(const struct model *m, const struct finding_data *f)
{
	uint32_t best = 0, i, k;

	for (i = 1; i < f->nr; i++) {
		int cmp = 0;

		for (k = 0; k < f->nr && !cmp; k++)
			cmp = strcmp(held_name(m, f, i + k), held_name(m, f, best + k));
		if (cmp < 0)
			best = i;
	}
	return best;
}

void finding_set_id(struct order *o, struct finding_data *f, uint32_t hash)
{
	static const char letters[] = "?cruiswbxdo";
	const char letter = letters[f->pub.kind];
	uint64_t key = (uint64_t)letter << 32 | hash;
	uint32_t i;

	while (!htab_put(&o->ids, &key, &i)) {	/* the same names again: another place, or pure chance */
		hash = finding_hash_str(hash, "again");
		key = (uint64_t)letter << 32 | hash;
	}
	snprintf(f->pub.id, sizeof(f->pub.id), "%c-%08" PRIx32, letter, hash);
}

static uint32_t hash_name(uint32_t h, const char *name)
{
	char plain[512];

	if (!strchr(name, '#'))
		return finding_hash_str(h, name);
	lockname_plain(name, plain, sizeof(plain));
	return finding_hash_str(h, plain);
}

static void set_id(struct model *m, struct finding_data *f)
{
	uint32_t first = canonical(m, f), i, h;

	h = finding_hash_str(FINDING_HASH_BASIS, finding_kind_str(f->pub.kind));
	h = finding_hash_str(h, f->pub.tier == LK_TIER_LOCKDEP ? "lockdep" : "order");
	for (i = 0; i < f->nr; i++)
		h = hash_name(h, held_name(m, f, first + i));
	finding_set_id(order_of(m), f, h);
}

/* --- making and changing ------------------------------------------------------------------ */

uint32_t finding_by_sign(const struct order *o, uint64_t sign)
{
	uint32_t i = htab_find(&o->signs, &sign);

	return i == HTAB_NONE ? ORDER_NONE : o->of_sign.v[i];
}

static void set_link(const struct order *o, struct link_data *l, const struct obs *ob,
		     const struct hold *all)
{
	l->ob = *ob;
	memcpy(l->all, all ? all : o->holds.v + ob->all, ob->nr_all * sizeof(*l->all));
}

static struct finding_data *new_finding(uint32_t nr)
{
	struct finding_data *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->nr = nr;
	f->link = calloc(nr, sizeof(*f->link));
	f->pub_link = calloc(nr, sizeof(*f->pub_link));
	f->pub_lock = calloc((size_t)nr * LK_HELD_MAX, sizeof(*f->pub_lock));
	if (f->link && f->pub_link && f->pub_lock)
		return f;
	free_finding(f);
	return NULL;
}

/*
 * The link that completed the circle: the one seen last. Which one the search began
 * with says less, since classes may have been joined later. Times of different
 * traces do not compare: then it is that one. Not one that is only listed: who made it is not known.
 */
static uint32_t latest_link(const struct finding_data *f)
{
	uint32_t i, latest = 0;

	while (latest + 1 < f->nr && hold_listed(&f->link[latest].ob.taken))
		latest++;
	if (latest)
		return latest;
	for (i = 1; i < f->nr; i++) {
		if (f->link[i].ob.source != f->link[0].ob.source)
			return 0;
		if (f->link[i].ob.time_ns > f->link[latest].ob.time_ns)
			latest = i;
	}
	return latest;
}

/* Observations of all its links so far. */
static uint64_t sum_of_counts(const struct order *o, const struct finding_data *f)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < f->nr; i++)
		if (f->link[i].edge != ORDER_NONE)
			sum = sat_add(sum, o->edge.v[edge_find(o, f->link[i].edge)].count);
	return sum;
}

int finding_add(struct model *m, enum finding_kind kind, uint32_t tier, uint64_t sign, uint32_t nr,
		const uint32_t *edge, const struct obs *const *ob, const struct hold *all,
		const struct verdict *v)
{
	struct order *o = order_of(m);
	struct finding_data *f;
	uint32_t i;

	if (vec_reserve(&o->finding, 1) || vec_reserve(&o->of_sign, 1) || htab_reserve(&o->signs, 1) ||
	    htab_reserve(&o->ids, 1))
		return -ENOMEM;
	f = new_finding(nr);
	if (!f)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		f->link[i].edge = edge ? edge[i] : ORDER_NONE;
		set_link(o, &f->link[i], ob[i], all);
	}
	f->verdict = *v;
	f->counted = sum_of_counts(o, f);
	f->last_ns = f->link[latest_link(f)].ob.time_ns;
	f->pub.kind = kind;
	f->pub.tier = tier;
	f->pub.severity = v->severity;
	f->pub.first_seen_ns = f->last_ns;
	set_id(m, f);
	(void)htab_put(&o->signs, &sign, &i);	/* there is room */
	o->of_sign.v[o->of_sign.nr++] = (uint32_t)o->finding.nr;
	o->finding.v[o->finding.nr++] = f;
	o->version++;
	return 0;
}

static void set_verdict(struct order *o, struct finding_data *f, const struct verdict *v)
{
	if (v->severity != f->verdict.severity)
		o->version++;
	f->verdict = *v;
	f->pub.severity = v->severity;
}

void finding_update(struct model *m, uint32_t finding, const struct obs *const *ob,
		    const struct verdict *v)
{
	struct order *o = order_of(m);
	struct finding_data *f = o->finding.v[finding];
	uint32_t i;

	/* As good as before is no reason to show other tasks and stacks than before. */
	if (v->severity < f->verdict.severity ||
	    (v->severity == f->verdict.severity && v->confidence <= f->verdict.confidence))
		return;
	set_verdict(o, f, v);
	for (i = 0; i < f->nr; i++)
		set_link(o, &f->link[i], ob[i], NULL);
}

void finding_weaken(struct model *m, uint32_t finding, const struct verdict *v)
{
	struct order *o = order_of(m);
	struct finding_data *f = o->finding.v[finding];

	if (v->severity < f->verdict.severity)
		set_verdict(o, f, v);
}

void finding_again(struct order *o, uint32_t finding, uint64_t now_ns)
{
	struct finding_data *f = o->finding.v[finding];

	f->extra = sat_add(f->extra, 1);
	if (now_ns > f->last_ns)
		f->last_ns = now_ns;
}

/* --- what must not happen at all ---------------------------------------------------------- */

static int check_odd(const struct lk_ev_odd *e, struct diag *why)
{
	if (e->tier != LK_TIER_ORDER && e->tier != LK_TIER_LOCKDEP)
		return diag_set(why, -EBADMSG, "an odd release has the tier %" PRIu32, e->tier);
	if (e->odd != LK_ODD_BAD_UNLOCK && e->odd != LK_ODD_HELD_AT_EXIT)
		return diag_set(why, -EBADMSG, "an odd release has the kind %" PRIu32, e->odd);
	return order_check_hold(&e->hold, why);
}

/* The kernel side looked at the owner word first; a bad unlock may still race with a taker. */
static void odd_verdict(const struct model *m, const struct lk_ev_odd *e, struct verdict *v)
{
	bool verified = e->hold.flags & LK_HOLD_VERIFIED;
	bool at_exit = e->odd == LK_ODD_HELD_AT_EXIT;

	*v = (struct verdict){ .severity = at_exit && verified ? FINDING_CERTAIN : FINDING_LIKELY,
			       .confidence = verified ? 90 : 60, .nr_why = 1 };
	if (!at_exit)
		snprintf(v->why[0], WHY_LEN, "it was released by a task that did not hold it");
	else if (verified)
		snprintf(v->why[0], WHY_LEN, "the lock's owner word still named the task when it ended");
	else
		snprintf(v->why[0], WHY_LEN, "no release was seen before the task ended");
	if (!source_preempts(m, cur_source(m), e->tier))
		return;
	if (v->severity == FINDING_CERTAIN)
		v->severity = FINDING_LIKELY;
	snprintf(v->why[v->nr_why++], WHY_LEN, "this kernel preempts the tracer, so %s may have gone unseen",
		 at_exit ? "a release" : "an acquisition");
}

int model_apply_odd(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_odd *e = &ev->odd;
	struct { uint64_t kind, tier, class, site; } key = { 0 };
	struct order *o = order_of(m);
	struct obs ob = { .time_ns = e->time_ns, .tid = e->tid, .tgid = e->tgid, .source = cur_source(m),
			  .stack = e->stack, .cpu = e->cpu };
	const struct obs *one = &ob;
	struct verdict v;
	uint32_t found;
	uint64_t sign;
	int err = check_odd(e, why);

	if (err)
		return err;
	ob.held = (struct hold){ .addr = e->hold.lock, .site = e->hold.site, .flags = (uint16_t)e->hold.flags,
				 .prim = (uint8_t)e->hold.prim, .read = (uint8_t)e->hold.read };
	if (strpool_id(&m->str, e->comm, &ob.comm) ||
	    class_of_hold(m, e->tier, &e->hold, e->stack, &ob.held.class) ||
	    class_instance(m, ob.held.class, &e->hold))
		return -ENOMEM;
	ob.taken = ob.held;
	model_note_time(m, e->time_ns);
	key.kind = e->odd == LK_ODD_BAD_UNLOCK ? FINDING_BAD_UNLOCK : FINDING_HELD_AT_EXIT;
	key.tier = e->tier;
	key.class = class_find(o, ob.held.class);
	key.site = e->hold.site;
	sign = htab_hash(&key, sizeof(key));
	found = finding_by_sign(o, sign);
	if (found != ORDER_NONE) {
		finding_again(o, found, e->time_ns);
		return o->dirty.nr ? evidence_evaluate(m) : 0;
	}
	odd_verdict(m, e, &v);
	if (finding_add(m, (enum finding_kind)key.kind, e->tier, sign, 1, NULL, &one, &ob.held, &v))
		return -ENOMEM;
	return o->dirty.nr ? evidence_evaluate(m) : 0;
}

/* --- accessors ---------------------------------------------------------------------------- */

struct finding_lock finding_lock_of(const struct model *m, const struct hold *h)
{
	static const char *const modes[] = {
		[LK_WRITE] = "write", [LK_READ] = "read", [LK_READ_RECURSIVE] = "recursive read",
	};
	const struct order *o = order_of(m);
	uint32_t class = class_find(o, h->class);

	return (struct finding_lock){
		.class = class, .name = strpool_str(&m->str, o->class.v[class].name),
		.type = prim_str(h->prim),
		.mode = hold_listed(h) ? "" : h->prim == LK_PRIM_COMPLETION ? "wait" : modes[h->read],
		.trylock = h->flags & LK_HOLD_TRY, .addr = hold_listed(h) ? 0 : h->addr, .site = h->site, .flags = h->flags,
	};
}

/* Fill in link @i as it is shown, when the circle begins with link @first. */
static void show_link(const struct model *m, struct finding_data *f, uint32_t i, uint32_t first)
{
	struct finding_lock *all = f->pub_lock + (size_t)i * LK_HELD_MAX;
	const struct order *o = order_of(m);
	const struct link_data *l = &f->link[(first + i) % f->nr];
	uint16_t k;

	for (k = 0; k < l->ob.nr_all; k++)
		all[k] = finding_lock_of(m, &l->all[k]);
	f->pub_link[i] = (struct finding_link){
		.edge = l->edge == ORDER_NONE ? ORDER_NONE : edge_find(o, l->edge),
		.held = finding_lock_of(m, &l->ob.held), .taken = finding_lock_of(m, &l->ob.taken),
		.task = { strpool_str(&m->str, l->ob.comm), l->ob.tid, l->ob.tgid },
		.source = l->ob.source, .stack = l->ob.stack, .cpu = l->ob.cpu, .ctx = l->ob.ctx,
		.listed = hold_listed(&l->ob.taken), .order_flags = l->ob.order_flags, .watch_mask = l->ob.watch_mask,
		.time_ns = l->ob.time_ns, .nr_all = l->ob.nr_all, .all = all,
	};
}

static uint64_t last_seen(const struct order *o, const struct finding_data *f)
{
	uint64_t last = f->last_ns;
	uint32_t i;

	for (i = 0; i < f->nr; i++)
		if (f->link[i].edge != ORDER_NONE) {
			const struct edge_data *e = &o->edge.v[edge_find(o, f->link[i].edge)];

			last = e->last_ns > last ? e->last_ns : last;
		}
	return last;
}

unsigned int model_nr_findings(const struct model *m)
{
	return (unsigned int)order_of(m)->finding.nr;
}

const struct finding *model_finding(const struct model *m, unsigned int i)
{
	const struct order *o = order_of(m);
	struct finding_data *f = o->finding.v[i];
	uint32_t first = latest_link(f), k;

	if (f->imported)	/* nothing of it changes */
		return &f->pub;
	for (k = 0; k < f->nr; k++)
		show_link(m, f, k, first);
	for (k = 0; k < f->verdict.nr_why; k++)
		f->why[k] = f->verdict.why[k];
	f->pub.confidence = f->verdict.confidence;
	f->pub.count = sat_add(sat_add(1, sum_of_counts(o, f) - f->counted), f->extra);
	f->pub.last_seen_ns = last_seen(o, f);
	f->pub.nr_why = f->verdict.nr_why;
	f->pub.why = f->why;
	f->pub.nr_links = f->nr;
	f->pub.link = f->pub_link;
	return &f->pub;
}

uint64_t model_findings_version(const struct model *m)
{
	return order_of(m)->version;
}

struct finding_withheld model_withheld(const struct model *m)
{
	const struct order *o = order_of(m);
	struct finding_withheld sum = { .undecided = o->too_long + graph_undecided(o->graph) };
	size_t i;

	for (i = 0; i < o->withheld.nr; i++) {
		sum.guarded += o->withheld.v[i].reason == WITHHELD_GUARDED;
		sum.single_task += o->withheld.v[i].reason == WITHHELD_SINGLE;
		sum.weak += o->withheld.v[i].reason == WITHHELD_WEAK;
	}
	return sum;
}
