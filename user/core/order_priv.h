/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of lock order in the model, shared by class.c, identity.c and merge.c (what a lock is),
 * order.c (an acquisition), edge.c (edges and what was seen of them), guard.c (locks
 * held over all of that), evidence.c and root.c (cycles), verdict.c (what speaks for
 * them), raise.c (worse cycles of known roots), finding.c (findings as they are shown) and
 * watch.c. Nobody else includes this.
 *
 * A hold in an event gets a natural class (class.c). Natural classes may turn out
 * to be one and are merged; class_find() leads to the one that stands for all.
 * Nodes of the graph have the numbers of classes. What the graph knows by number
 * of its edge has data here under a number of its own, as nestings (one class in
 * itself) are edges too, but not the graph's.
 */
#ifndef LK_ORDER_PRIV_H
#define LK_ORDER_PRIV_H

#include "finding.h"
#include "graph.h"
#include "model_priv.h"

#define ORDER_NONE	UINT32_MAX
#define EDGE_OBS	8	/* observations kept per edge: the first four, and the latest four */
#define EDGE_OBS_FIRST	4
#define CYCLE_MAX	128	/* links; longer cycles are counted, not reported */
#define WATCH_LOCKS_MAX	64
#define WHY_MAX		14
#define WHY_LEN		160

/* How well we know that all locks of a natural class are of one kind. */
enum class_evidence {
	EVIDENCE_WEAK	= 1,	/* memory of any kind of object, and a call site */
	EVIDENCE_SLAB	= 2,	/* one kind of object, but any of its lives */
	EVIDENCE_STRONG	= 3,	/* symbol, per-CPU variable, init, lockdep */
};

/* --- classes ------------------------------------------------------------------------------ */

struct key_id {			/* of a class key */
	uint64_t key;
	uint32_t source;
	uint32_t tier;
};

/* What LK_EV_CLASS said about a key; strings by number. */
struct key_data {
	uint32_t name, symbol, module, percpu, cache, refine, type, member;
	uint32_t subclass, name_version, off, flags, rule, detail;
	uint32_t gen;		/* times that it was said anew */
	uint32_t class;		/* where the key says it all; ORDER_NONE: not yet known, or it does not */
};

/* Two holds of equal identity are of one class. All that is no number is a string's. */
struct class_id {
	uint64_t num;		/* key, site, off or address, by kind */
	uint32_t kind;		/* enum class_kind, see class.c */
	uint32_t tier;
	uint32_t source;	/* ORDER_NONE: of all sources */
	uint32_t text;
	uint32_t prim;
	uint32_t group;		/* number of a struct group_id; ORDER_NONE */
	uint32_t base;		/* of a subclass: the class; else ORDER_NONE */
	uint32_t subclass;	/* 0 .. 7 */
};

/* Where weak locks may be instances of one another: memory, place in the object, primitive. */
struct group_id {
	uint64_t key;
	uint32_t cache;		/* string; the key does not count then */
	uint32_t source, off, prim;
};

struct class_data {
	uint32_t into;		/* the class it was merged into, or itself */
	uint32_t tier, prim;
	uint32_t name;		/* string */
	uint32_t first_inst;	/* list of its instances */
	uint32_t instances;
	uint32_t claimed;	/* last source that has a key of this class */
	uint32_t base;		/* of a subclass: the class; else itself */
	uint64_t acquired;	/* estimate from samples */
	uint8_t evidence;	/* enum class_evidence, of what was natural to it, not of what it was merged with */
	uint8_t named_by;	/* enum named_by; 0 = lockdep */
	uint8_t subclass;	/* by its call sites (nested.h) */
	bool merged;		/* others were merged into it */
	bool novalidate;
	bool is_static;
	bool listed;		/* no lock of it was seen: lockdep lists it */
};

/*
 * Locks of unknown origin that are taken where, and lie in memory as, locks do of which it is known
 * where they were initialised: the same kind, while that is the only one to be seen there.
 */
struct link_id {
	uint64_t site;		/* 0 = anywhere: a slab cache for one kind of object */
	uint32_t group;
	uint32_t source;	/* of the site */
};

struct link_data_class {
	uint32_t known, unknown;	/* natural classes; ORDER_NONE */
	bool several;			/* known ones */
};

struct guess_id {		/* of LK_EV_SITE */
	uint64_t site, key;
	uint32_t source, prim;
};

struct guessed_id {		/* what was guessed, in a group */
	uint32_t group, text;
};

struct inst_id {		/* an address in a class */
	uint64_t addr;
	uint32_t source, class;
};

struct weak_id {		/* an address in a group */
	uint64_t addr;
	uint32_t source, group;
};

/* --- observations ------------------------------------------------------------------------- */

struct hold {			/* a lock of an observation */
	uint64_t addr, site;
	uint32_t class;		/* natural */
	uint16_t flags;
	uint8_t prim, read;
};

struct obs {
	uint64_t time_ns;
	uint64_t actor;		/* who did it: a task, or a CPU's interrupt level */
	struct hold held, taken;
	uint32_t tid, tgid, comm, source, stack, cpu, ctx, order_flags, watch_mask;
	uint32_t all;		/* where in order.holds */
	uint16_t nr_all, room;
};

struct guard {			/* a lock held in all observations */
	uint64_t addr;		/* 0 = static: the class says it */
	uint32_t source;
	uint32_t class;		/* natural */
	uint32_t exclusive;	/* always held for writing */
};

struct guards {
	uint32_t first;		/* in order.guards */
	uint16_t nr;
	uint16_t seen;		/* enum guards_seen */
};

/* What the guards are of. One that is marked LK_ORDER_YOUNG may have been under more locks than it says. */
enum guards_seen {
	GUARDS_NONE,		/* no observation */
	GUARDS_YOUNG,		/* only such as are marked so */
	GUARDS_ALL,		/* all others */
};

enum edge_flag {
	EDGE_COMPLETION	= 1 << 0,
	EDGE_IN_FINDING	= 1 << 1,
	EDGE_ROOT	= 1 << 2,	/* taken for the wrong one of a finding: not searched */
	EDGE_WITHHELD	= 1 << 3,	/* it is in a cycle that is withheld */
	EDGE_DETOUR	= 1 << 4,	/* it was counted as another way to a finding's end */
};

struct edge_data {
	uint32_t from, to;	/* classes as they were; class_find() leads to those of now */
	uint32_t graph;		/* number in the graph; GRAPH_NONE = nesting */
	uint32_t now;		/* itself, or the edge that took it over */
	uint64_t count, first_ns, last_ns;
	uint64_t actor[2];
	uint64_t around;	/* of classes held around it in any observation: bit (class % 64) */
	uint32_t obs[EDGE_OBS];
	struct guards guards[4];	/* by strength: bit number in enum graph_dep */
	uint32_t source, stack;	/* of the first observation */
	uint32_t in_findings;	/* number of findings that it is in */
	uint32_t finding;	/* EDGE_ROOT: of this one */
	uint32_t raises;	/* times that raise.c had news of it */
	uint8_t nr_obs, next_obs, nr_actors, flags;
	uint8_t dep;		/* of a nesting or a moved edge; else see the graph's */
	uint8_t seen;		/* strengths that were observed; 0: it is listed only (hold_listed()) */
};

/* --- findings ----------------------------------------------------------------------------- */

/* What evidence says of a finding; see evidence.c. */
struct verdict {
	enum finding_severity severity;
	uint32_t confidence;
	unsigned int nr_why;
	char why[WHY_MAX][WHY_LEN];
};

struct link_data {
	uint32_t edge;		/* ORDER_NONE for kinds without */
	struct obs ob;
	struct hold all[LK_HELD_MAX];
};

/* A finding as the reducer keeps it; pub points into the rest and is filled when somebody looks. */
struct finding_data {
	struct finding pub;
	uint64_t counted;	/* observations of its links when it appeared */
	uint64_t extra;		/* times it was completed otherwise */
	uint64_t last_ns;
	struct verdict verdict;
	uint32_t nr;		/* links */
	struct link_data *link;
	struct finding_link *pub_link;
	struct finding_lock *pub_lock;	/* LK_HELD_MAX for each link */
	const char *why[WHY_MAX];
	struct imported *imported;	/* imported.c; the members from counted to pub_lock are 0 then */
};

/* A cycle that is not reported (yet). */
struct withheld {
	uint64_t sign;
	uint32_t first, nr;	/* in order.paths: edge data */
	uint8_t reason;		/* enum withheld_reason; 0 = reported since */
};

enum withheld_reason {
	WITHHELD_GUARDED = 1, WITHHELD_SINGLE, WITHHELD_WEAK,
};

struct watch_data {
	struct model_watch pub;
	VEC(struct hold) held;		/* different classes and modes, up to WATCH_LOCKS_MAX */
	VEC(struct hold) inside;
	struct finding_lock *pub_lock;	/* 2 * WATCH_LOCKS_MAX */
};

struct order {
	struct graph *graph;
	struct htab keys;	/* key_id */
	VEC(struct key_data) key;
	struct htab classes;	/* class_id */
	VEC(uint32_t) class_of;	/* by number in classes: class */
	VEC(struct class_data) class;
	struct htab groups;	/* group_id */
	struct htab insts;	/* inst_id */
	VEC(uint32_t) inst_next;
	struct htab weak;	/* weak_id */
	VEC(uint32_t) weak_class;
	struct htab places;	/* struct place_id of class.c */
	VEC(uint32_t) place_class;
	struct htab links;	/* link_id */
	VEC(struct link_data_class) link;
	struct htab guesses;	/* guess_id */
	VEC(uint32_t) guess;	/* name, string */
	struct htab guessed;	/* guessed_id */
	VEC(uint32_t) guessed_class;
	struct htab display;	/* tier and name of a class */

	VEC(struct edge_data) edge;
	VEC(uint32_t) by_graph;	/* graph's edge -> edge data */
	VEC(uint32_t) nesting;	/* by class: edge data, ORDER_NONE */
	VEC(struct obs) obs;
	VEC(struct hold) holds;
	VEC(struct guard) guards;
	VEC(uint32_t) dirty;	/* edges to evaluate at the end of this event */
	bool listed;		/* there are, or were, edges that are only listed */

	VEC(struct finding_data *) finding;	/* do not move: pointers are handed out */
	struct htab signs;	/* of findings */
	struct htab ids;	/* of findings: letter and number of an id */
	VEC(uint32_t) of_sign;	/* finding */
	VEC(struct withheld) withheld;
	struct htab withheld_signs;	/* by number in withheld */
	VEC(uint32_t) paths;
	uint64_t too_long;	/* cycles of more than CYCLE_MAX links */
	uint64_t version;

	VEC(struct watch_data *) watch;
};

/* May acquisitions of tier order have gone unseen in @source, for want of a better kernel? */
static inline bool source_preempts(const struct model *m, uint32_t source, uint32_t tier)
{
	return tier == LK_TIER_ORDER && m->source.v[source].flags & LK_META_PREEMPTIBLE;
}

static inline struct order *order_of(const struct model *m)
{
	return m->order;
}

/* The class that stands for @class now. */
static inline uint32_t class_find(const struct order *o, uint32_t class)
{
	while (o->class.v[class].into != class)
		class = o->class.v[class].into;
	return class;
}

/* --- class.c ------------------------------------------------------------------------------ */

void class_init_tables(struct order *o);
void class_free_tables(struct order *o);

/*
 * Natural class of a hold in an event of the current source, whose stack is @stack if it is the
 * one that is taken (else LK_STACK_NONE): 0 or -ENOMEM.
 */
int class_of_hold(struct model *m, uint32_t tier, const struct lk_ev_hold *h, uint32_t stack,
		  uint32_t *class);

/* Number of a class key of the current source: 0 or -ENOMEM. */
int class_intern_key(struct model *m, uint32_t tier, uint64_t key, uint32_t *index);

/* The subclass @subclass (1 .. 7) of a class: 0 or -ENOMEM. */
int class_nested(struct model *m, uint32_t base, uint32_t subclass, uint32_t *class);
/* The same if there is one, ORDER_NONE if not. */
uint32_t class_nested_find(const struct order *o, uint32_t base, uint32_t subclass);

/* Are these one name, but for the "#2" that tells classes apart? */
bool class_same_name(const char *a, const char *b);

/* "mutex", "rwsem", ..., never NULL. */
const char *prim_str(uint32_t prim);

/* --- identity.c --------------------------------------------------------------------------- */

#define CLASS_NAME_LEN	256

enum class_kind {
	CLASS_NAMED	= 1,	/* text; num: 0, or how many others of the same name came before */
	CLASS_MEMBER,		/* text: member of a struct, or what its users made of that */
	CLASS_INIT,		/* text: name, and where it was given */
	CLASS_SLAB,		/* text: cache; num: offset; prim */
	CLASS_SITE,		/* group; text: place, or num: address and source */
	CLASS_COMPLETION,	/* text: place, or num and source */
	CLASS_ADDRESS,		/* num: address; source; prim */
	CLASS_STATIC,		/* num: key; source */
	CLASS_NESTED,		/* base, subclass */
};

/* What is to be known when a class is made. */
struct making {
	struct class_id id;
	char name[CLASS_NAME_LEN];
	uint8_t evidence, named_by;
	bool is_static, novalidate, listed;
};

/* A hold, and what is known of its keys. */
struct holding {
	const struct lk_ev_hold *h;
	struct key_data k, mem;		/* of h->key; of h->mem, or as k where that is 0 */
	uint32_t tier, stack;
};

/* Who is meant by a hold. 0 or -ENOMEM. */
int class_identify(struct model *m, const struct holding *hg, struct making *mk);

/* Number of the group of a lock in dynamic memory; ORDER_NONE where an address says nothing. 0 or -ENOMEM. */
int class_group(struct model *m, const struct holding *hg, uint32_t *group);

/* A slab cache for one kind of object, and where in it the lock is? */
bool class_is_dedicated(const struct model *m, const struct key_data *k);

/* Is the site in a function that takes locks for others, so that its caller decides? */
bool class_is_wrapped(const struct model *m, uint64_t site);
/* Where that one was called, by @stack; 0 = not known. */
uint64_t class_caller(const struct model *m, uint64_t site, uint32_t stack);

/* --- merge.c ------------------------------------------------------------------------------ */

/* An instance of @class (natural) took part in an order: may merge classes. 0 or -ENOMEM. */
int class_instance(struct model *m, uint32_t class, const struct lk_ev_hold *h);

/* @b is what @a is (both stand for themselves): the older one stands for both. 0 or -ENOMEM. */
int class_merge(struct model *m, uint32_t a, uint32_t b);

/* @class (natural) was made, or met at a place where it was not yet: may merge classes. 0 or -ENOMEM. */
int class_link(struct model *m, uint32_t class, const struct making *mk, const struct holding *hg);

/* The class that a lock at this address was of when it was taken last; ORDER_NONE. */
uint32_t class_at(struct model *m, const struct holding *hg, uint32_t group);

/* --- guard.c ------------------------------------------------------------------------------ */

/*
 * Intersect the guards of @e in strength number @dep with what was held around it
 * in @ob (@all its locks), which counts for nothing if it is young and another was not.
 * 1 if they changed, 0, -ENOMEM.
 */
int guards_observe(struct order *o, struct edge_data *e, unsigned int dep, const struct obs *ob,
		   const struct hold *all);

/* Likewise with those of another edge, which is the same. 0 or 1. */
int guards_join(struct order *o, struct guards *into, const struct guards *other);

/*
 * Two links of the cycle that can never be reached at once, as a lock is held over every
 * observation of both: true, and the positions in *p < *q, and the lock in *by.
 */
bool guards_exclude(const struct order *o, const uint32_t *edge, uint32_t nr, uint32_t *p,
		    uint32_t *q, struct guard *by);

/* Are the guards of one of the cycle's links only known from young observations? */
bool guards_young(const struct order *o, const uint32_t *edge, uint32_t nr);

/* --- order.c ------------------------------------------------------------------------------ */

/* -EBADMSG for what no lock can be. */
int order_check_hold(const struct lk_ev_hold *h, struct diag *why);

/* --- edge.c ------------------------------------------------------------------------------- */

/* The edge data that stands for @edge now. */
uint32_t edge_find(const struct order *o, uint32_t edge);

/* The edge between two classes, ORDER_NONE if there is none. */
uint32_t edge_look_up(const struct order *o, uint32_t from, uint32_t to);

/* Is there nothing new about instances and tasks in @ob? */
bool edge_knows(const struct order *o, uint32_t edge, const struct obs *ob);

/*
 * An observation that edge_knows(), or (@news) one that has just been kept: count it. May make the
 * edge dirty. 0 or -ENOMEM.
 */
int edge_again(struct order *o, uint32_t edge, const struct obs *ob, const struct hold *all,
	       bool news);

/* As edge_observe(), of an order that is only listed. */
int edge_list(struct order *o, uint32_t from, uint32_t to, const struct obs *ob, const struct hold *all);

/* @to was taken while @from was held, as @ob says with @all: that is not known. 0 or -ENOMEM. */
int edge_observe(struct order *o, uint32_t from, uint32_t to, const struct obs *ob,
		 const struct hold *all);

/* @node turned out to be @into: its edges move. 0 or -ENOMEM, and then nothing has changed. */
int edge_merge(struct order *o, uint32_t node, uint32_t into);

static inline uint8_t edge_dep(const struct order *o, const struct edge_data *e)
{
	return e->graph == GRAPH_NONE ? e->dep : graph_edge(o->graph, e->graph)->dep;
}

/* Of an order that is only listed (/proc/lockdep): its lock, its mode and its task are not known. */
static inline bool hold_listed(const struct hold *h)
{
	return h->flags & LK_HOLD_LISTED;
}

/* --- verdict.c ---------------------------------------------------------------------------- */

/* A cycle under judgement: link i leads to link i + 1's beginning. */
struct cycle {
	uint32_t nr;
	uint32_t edge[CYCLE_MAX];
	uint32_t tier;
	bool guarded;		/* by this: */
	struct guard guard;
	/* Of cycle_combine(): */
	bool same_instances, verified, several;		/* several: tasks, among these observations */
	bool listed;		/* an order of them is listed only */
	const struct obs *ob[CYCLE_MAX];
};

/*
 * Choose one observation for each link, such that they fit together as well as any; false: in a
 * class that was merged by addresses, none do.
 */
bool cycle_combine(const struct order *o, struct cycle *c);

/* Only after cycle_combine(). */
void cycle_verdict(const struct model *m, const struct cycle *c, struct verdict *v);
void recursion_verdict(const struct model *m, const struct obs *ob, uint32_t tier,
		       struct verdict *v);

/* Tasks over all observations of all links: 1, or 2 for more. */
uint32_t cycle_tasks(const struct order *o, const struct cycle *c);

/* The weakest evidence (enum class_evidence) among the natural classes. Only after cycle_combine(). */
uint8_t cycle_evidence(const struct order *o, const struct cycle *c);

/* --- evidence.c --------------------------------------------------------------------------- */

#define SEARCH_TRIES	8	/* of each way to look for another cycle than one that cannot be told */

/* Independent of where the cycle begins. */
uint64_t cycle_sign(const struct order *o, const struct cycle *c);

/*
 * May it be reported? 0, or why not; *ban is then the number of a link, not the first,
 * without which there may be another cycle, and with @other another link.
 */
enum withheld_reason cycle_judge(const struct order *o, struct cycle *c, bool other,
				 uint32_t *ban);

/* A new finding; which of its links is the root is the caller's matter. 0 or -ENOMEM. */
int cycle_add(struct model *m, const struct cycle *c, const struct verdict *v);

/* There is something new about these edges (order.dirty): find what follows. 0 or -ENOMEM. */
int evidence_evaluate(struct model *m);

/* The same lock again by its holder, as @ob says, with @all. 0 or -ENOMEM. */
int evidence_recursion(struct model *m, const struct obs *ob, const struct hold *all,
		       enum finding_kind kind, uint32_t tier);

/* --- root.c ------------------------------------------------------------------------------- */

/* The links of a circular finding, as they are now; false for other kinds. */
bool cycle_load(const struct order *o, const struct finding_data *f, struct cycle *c);
bool cycle_has(const struct cycle *c, uint32_t edge);

/*
 * Is one of the links of @c, which its link 0 completed, the root of several findings and of this?
 * Then it is marked as such, and counted with the first of them.
 */
bool root_is_known(struct order *o, const struct cycle *c);

/* --- raise.c ------------------------------------------------------------------------------ */

/* Is there a cycle through @edge and a known root that is worse than its finding? 0 or -ENOMEM. */
int raise_search(struct model *m, uint32_t edge);

/* --- finding.c ---------------------------------------------------------------------------- */

/* Number of the finding with this sign, ORDER_NONE if there is none. */
uint32_t finding_by_sign(const struct order *o, uint64_t sign);

/*
 * A new finding: its @nr links are the observations @ob, of the edges @edge (NULL: none), with
 * @all (NULL: where the observations keep them). 0 or -ENOMEM.
 */
int finding_add(struct model *m, enum finding_kind kind, uint32_t tier, uint64_t sign, uint32_t nr,
		const uint32_t *edge, const struct obs *const *ob, const struct hold *all,
		const struct verdict *v);

/* A verdict with other observations: taken over if it is worse than the one so far. */
void finding_update(struct model *m, uint32_t finding, const struct obs *const *ob,
		    const struct verdict *v);

/* The same if it is less bad: links and stacks stay as they are. */
void finding_weaken(struct model *m, uint32_t finding, const struct verdict *v);

/* It was completed once more, at @now_ns. */
void finding_again(struct order *o, uint32_t finding, uint64_t now_ns);

/*
 * "c-0123abcd": kind and @hash, but another one if that is taken. There is room for one in
 * o->ids.
 */
void finding_set_id(struct order *o, struct finding_data *f, uint32_t hash);
#define FINDING_HASH_BASIS	2166136261u
uint32_t finding_hash_str(uint32_t h, const char *s);

/* A hold as it is shown. */
struct finding_lock finding_lock_of(const struct model *m, const struct hold *h);

void findings_init(struct order *o);
void findings_free(struct order *o);

/* --- imported.c --------------------------------------------------------------------------- */

void imported_free(struct imported *imp);

/* --- watch.c ------------------------------------------------------------------------------ */

/* The watched functions of @e->watch_mask: @held on entry, or @acq inside. 0 or -ENOMEM. */
int watch_observe(struct model *m, const struct lk_ev_order *e, const struct hold *held,
		  const struct hold *acq);

void watches_free(struct order *o);

#endif /* LK_ORDER_PRIV_H */
