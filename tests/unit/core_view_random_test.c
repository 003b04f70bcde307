// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random models, every view of them against a naive implementation: a list of
 * single waits, grouped by comparing strings, sorted exactly.
 */
#include "../../user/core/lockname.h"
#include "../../user/core/view.h"
#include "../lib/tap.h"

enum {
	SOURCES = 2, LOCKS = 6, STACKS = 5, TASKS = 5, CGROUPS = 3, MAX_WAITS = 400, MAX_GROUPS = 512,
};

struct wait {
	unsigned int source, lock, cgroup, task, stack, lcb, ctx, owner;	/* owner: 0 = none, else task + 1 */
	uint64_t ns;
	bool old;	/* before the last interval */
};

struct naive_group {
	char key[256];
	uint64_t count, total, max, min, sample[MAX_WAITS];
	unsigned int nr;
	uint64_t owner_ns[SOURCES][TASKS];
	unsigned int locks_seen[SOURCES];
};

static const uint32_t lcbs[] = { LK_LCB_MUTEX, LK_LCB_MUTEX | LK_LCB_SPIN, LK_LCB_SPIN, LK_LCB_WRITE };
static const char *const lock_names[LOCKS] = { "alpha", "alpha", "&mm->mmap_lock", NULL, NULL, "beta" };
static const char *const callers[STACKS] = { "pipe_write", "pipe_write", "vfs_read", "rename", NULL };
static const char *const paths[CGROUPS] = { "/a", "/a/b", NULL };

static struct wait waits[MAX_WAITS];
static unsigned int nr_waits;
static struct naive_group groups[MAX_GROUPS];
static unsigned int nr_groups;
static int group_of[MAX_WAITS];		/* -1 = filtered out */

static void put(struct model *m, struct lk_event ev)
{
	if (model_apply(m, &ev, NULL))
		ok(false, "event of kind %d was refused", ev.kind);
}

static void describe(struct model *m, unsigned int source)
{
	uint64_t addr[2] = { 1 };
	unsigned int i;

	put(m, (struct lk_event){ .kind = LK_EV_SYM, .sym = { .addr = 1, .name = "mutex_lock", .module = "" } });
	for (i = 0; i < STACKS; i++) {
		if (!callers[i])
			continue;
		put(m, (struct lk_event){ .kind = LK_EV_SYM, .sym = { .addr = 10 + i, .name = callers[i],
			.module = "" } });
		addr[1] = 10 + i;
		put(m, (struct lk_event){ .kind = LK_EV_STACK, .stack = { .id = 100 * source + i, .nr = 2,
			.addr = addr } });
	}
	for (i = 0; i < LOCKS; i++) {
		struct lk_ev_lock e = { .addr = 16 + i, .symbol = "", .module = "", .percpu = "",
			.cache = i == 3 ? "kmalloc-8" : "" };

		if (lock_names[i] && lock_names[i][0] == '&')
			e.rule = LK_RULE_MMAP_LOCK;
		else if (lock_names[i])
			e.symbol = lock_names[i];
		if (i != 4)
			put(m, (struct lk_event){ .kind = LK_EV_LOCK, .lock = e });
	}
	for (i = 0; i < CGROUPS; i++)
		if (paths[i])
			put(m, (struct lk_event){ .kind = LK_EV_CGROUP, .cgroup = { .id = 1 + i, .path = paths[i] } });
}

static struct lk_ev_agg agg_of(uint64_t ns, struct lk_bucket *b)
{
	*b = (struct lk_bucket){ .index = lk_hist_bucket(ns), .n = 1 };
	return (struct lk_ev_agg){ .count = 1, .total_ns = ns, .max_ns = ns, .min_ns = ns,
		.last_ns = 1, .nr_hist = 1, .hist = b };
}

/* One wait reaches the model as deltas of its rows, or as the wait itself. */
static void send(struct model *m, const struct wait *w, bool as_wait)
{
	static const char *const comm[TASKS] = { "t0", "t1", "t2", "t3", "t4" };
	uint32_t tid = 50 + w->task, owner = w->owner ? 49 + w->owner : 0;
	struct lk_bucket b;

	if (as_wait) {
		put(m, (struct lk_event){ .kind = LK_EV_WAIT, .wait = { .lock = 16 + w->lock, .cgroup = 1 + w->cgroup,
			.dur_ns = w->ns, .tid = tid, .tgid = tid & ~1u, .stack = 100 * w->source + w->stack,
			.lcb = w->lcb, .ctx = w->ctx, .owner_tid = owner, .owner_tgid = owner, .comm = comm[w->task],
			.owner_comm = w->owner ? comm[w->owner - 1] : "" } });
		return;
	}
	put(m, (struct lk_event){ .kind = LK_EV_CONT, .cont = { .lock = 16 + w->lock, .cgroup = 1 + w->cgroup,
		.tid = tid, .tgid = tid & ~1u, .stack = 100 * w->source + w->stack, .lcb = w->lcb, .ctx = w->ctx,
		.comm = comm[w->task], .agg = agg_of(w->ns, &b) } });
	if (owner)
		put(m, (struct lk_event){ .kind = LK_EV_OWNER, .owner = { .lock = 16 + w->lock, .tid = owner,
			.tgid = owner, .stack = 100 * w->source + w->stack, .lcb = w->lcb,
			.comm = comm[w->owner - 1], .agg = agg_of(w->ns, &b) } });
}

/* Names may come before or after what they name. */
static struct model *make(uint64_t *seed)
{
	struct model *m = model_new();
	unsigned int source, i, nr, tick_at;
	bool early;

	nr_waits = 0;
	for (source = 0; source < SOURCES; source++) {
		put(m, (struct lk_event){ .kind = LK_EV_META, .meta = { .tool = "", .kernel = "", .arch = "",
			.host = "", .boot_id = "", .cmdline = "", .filter = "" } });
		early = tap_random(seed) & 1;
		if (early)
			describe(m, source);
		nr = (unsigned int)(tap_random(seed) % (MAX_WAITS / SOURCES));
		tick_at = source == SOURCES - 1 ? nr / 2 : nr;
		for (i = 0; i < nr; i++) {
			struct wait *w = &waits[nr_waits++];

			*w = (struct wait){ .source = source, .lock = (unsigned int)(tap_random(seed) % LOCKS),
				.cgroup = (unsigned int)(tap_random(seed) % CGROUPS),
				.task = (unsigned int)(tap_random(seed) % TASKS),
				.stack = (unsigned int)(tap_random(seed) % STACKS),
				.lcb = lcbs[tap_random(seed) % 4], .ctx = (unsigned int)(tap_random(seed) % 2),
				.owner = (unsigned int)(tap_random(seed) % (TASKS + 1)),
				.ns = 1 + (tap_random(seed) >> (24 + tap_random(seed) % 40)),
				.old = source < SOURCES - 1 || i < tick_at };
			send(m, w, tap_random(seed) & 1);
			if (i + 1 == tick_at)
				put(m, (struct lk_event){ .kind = LK_EV_TICK, .time = { .now_ns = 1 } });
		}
		if (!early)
			describe(m, source);
		put(m, (struct lk_event){ .kind = source == SOURCES - 1 ? LK_EV_TICK : LK_EV_END,
			.time = { .now_ns = UINT64_MAX } });
	}
	return m;
}

/* --- the naive view ----------------------------------------------------------------------- */

static const char *caller_of(const struct wait *w)
{
	return callers[w->stack] ? callers[w->stack] : "(unknown)";
}

static const char *lock_of(const struct wait *w, char *buf, size_t size)
{
	if (lock_names[w->lock])
		return lock_names[w->lock];
	if (!callers[w->stack])
		return "(unknown)";
	snprintf(buf, size, "%s@%s", lock_type_str(w->lcb), callers[w->stack]);
	return buf;
}

static const char *cgroup_of(const struct wait *w)
{
	return paths[w->cgroup] ? paths[w->cgroup] : "cgroup 3";
}

static bool naive_pass(const struct wait *w, const struct view_filter *f)
{
	const char *cg = paths[w->cgroup];
	char buf[64];

	if (f->type_mask && !(f->type_mask >> w->lcb & 1))
		return false;
	if (f->nr_pid && f->pid[0] != ((50 + w->task) & ~1u))
		return false;
	if (f->nr_cgroup && !(cg && (!strcmp(cg, f->cgroup[0]) || (!strncmp(cg, f->cgroup[0],
		strlen(f->cgroup[0])) && cg[strlen(f->cgroup[0])] == '/'))))
		return false;
	if (f->nr_lock && strcmp(lock_of(w, buf, sizeof(buf)), f->lock[0]))
		return false;
	return !f->nr_caller || (callers[w->stack] && strstr(callers[w->stack], f->caller[0]));
}

/* Fields in the order in which ties are broken, so that comparing keys breaks ties. */
static void naive_key(const struct wait *w, unsigned int dims, char *key, size_t size)
{
	unsigned int id = dims & VIEW_OWNER ? (w->owner ? 49 + w->owner : 0) : 50 + w->task;
	unsigned int tgid = dims & VIEW_OWNER ? id : id & ~1u;
	bool task = dims & (VIEW_TASK | VIEW_PROCESS | VIEW_OWNER), known = !(dims & VIEW_OWNER) || w->owner;
	char buf[64];

	/* \1 sorts before everything that a name may go on with */
	snprintf(key, size, "%s\1%s\1%s\1%s\1%u\1%d\1%03u\1%03u\1%03u\1%u",
		 dims & VIEW_LOCK ? lock_of(w, buf, sizeof(buf)) : "", dims & VIEW_TYPE ? lock_type_str(w->lcb) : "",
		 dims & VIEW_CALLER ? caller_of(w) : "", dims & VIEW_CGROUP ? cgroup_of(w) : "",
		 dims & VIEW_CTX ? w->ctx : 0, task ? !known : 0, task ? tgid : 0,
		 dims & (VIEW_TASK | VIEW_OWNER) ? id : 0, dims & VIEW_ADDR ? 16 + w->lock : 0,
		 (task && known) || dims & VIEW_ADDR ? w->source + 1 : 0);
}

static struct naive_group *naive_get(const char *key)
{
	unsigned int i;

	for (i = 0; i < nr_groups; i++)
		if (!strcmp(groups[i].key, key))
			return &groups[i];
	memset(&groups[nr_groups], 0, sizeof(groups[0]));
	snprintf(groups[nr_groups].key, sizeof(groups[0].key), "%s", key);
	groups[nr_groups].min = UINT64_MAX;
	return &groups[nr_groups++];
}

/* All waits at the places (source, lock, stack, lcb) of a group count for its owners. */
static void naive_owners(struct naive_group *g, const struct view_opts *o)
{
	bool place[SOURCES][LOCKS][STACKS][64] = { 0 };
	unsigned int i;

	for (i = 0; i < nr_waits; i++) {
		const struct wait *w = &waits[i];

		if (group_of[i] == (int)(g - groups))
			place[w->source][w->lock][w->stack][w->lcb] = true;
	}
	for (i = 0; i < nr_waits; i++) {
		const struct wait *w = &waits[i];

		if (w->owner && place[w->source][w->lock][w->stack][w->lcb] && !(o->gain && w->old))
			g->owner_ns[w->source][w->owner - 1] += w->ns;
	}
}

static int compare_u64(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

static uint64_t exact(const struct naive_group *g, double q)
{
	size_t rank = (size_t)(q * g->nr);

	rank += (double)rank < q * g->nr;
	return g->sample[rank ? rank - 1 : 0];
}

/* Sorting by percentiles is checked by the rows themselves: they must descend. */
static uint64_t naive_value(const struct naive_group *g, enum view_key key)
{
	switch (key) {
	case VIEW_BY_COUNT:
		return g->count;
	case VIEW_BY_MAX:
		return g->max;
	case VIEW_BY_MIN:
		return g->min;
	case VIEW_BY_AVG:
		return g->total / g->count;
	default:
		return g->total;
	}
}

static enum view_key sort_key;

static int compare_groups(const void *va, const void *vb)
{
	const struct naive_group *a = va, *b = vb;
	uint64_t x = naive_value(a, sort_key), y = naive_value(b, sort_key);

	return x != y ? (x > y ? -1 : 1) : strcmp(a->key, b->key);
}

static void naive_view(const struct view_opts *o)
{
	unsigned int i;
	char key[256];

	nr_groups = 0;
	for (i = 0; i < nr_waits; i++) {
		const struct wait *w = &waits[i];
		struct naive_group *g;

		group_of[i] = -1;
		if (!naive_pass(w, &o->filter) || (o->gain && w->old))
			continue;
		naive_key(w, o->dims, key, sizeof(key));
		g = naive_get(key);
		group_of[i] = (int)(g - groups);
		g->count++;
		g->total += w->ns;
		g->max = w->ns > g->max ? w->ns : g->max;
		g->min = w->ns < g->min ? w->ns : g->min;
		g->sample[g->nr++] = w->ns;
		g->locks_seen[w->source] |= 1u << w->lock;
	}
	for (i = 0; i < nr_groups; i++) {
		qsort(groups[i].sample, groups[i].nr, sizeof(uint64_t), compare_u64);
		naive_owners(&groups[i], o);
	}
	sort_key = o->key;
	qsort(groups, nr_groups, sizeof(groups[0]), compare_groups);
}

/* --- comparing ---------------------------------------------------------------------------- */

static bool near_quantile(uint64_t got, const struct naive_group *g, double q)
{
	double want = (double)exact(g, q), error = (double)got - want;

	return error <= want * 0.016 + 1 && -error <= want * 0.016 + 1;
}

static bool same_owner(const struct view_row *r, const struct naive_group *g)
{
	uint64_t best = 0;
	int source, task, at = -1;

	for (task = 0; task < TASKS; task++)
		for (source = 0; source < SOURCES; source++)
			if (g->owner_ns[source][task] > best) {
				best = g->owner_ns[source][task];
				at = task;
			}
	if (at < 0)
		return !r->owner_comm;
	best = best < g->total ? best : g->total;
	return r->owner_comm && r->owner_comm[0] == 't' && r->owner_comm[1] == '0' + at &&
	       r->owner_tid == (unsigned int)at + 50 && r->owner_total_ns == best;
}

/* With gain, extremes and percentiles are those of the whole trace: not compared. */
static bool same_row(const struct view_row *r, const struct naive_group *g, const struct view_opts *o)
{
	unsigned int instances = (unsigned int)(__builtin_popcount(g->locks_seen[0]) +
						__builtin_popcount(g->locks_seen[1]));
	bool same = r->count == g->count && r->total_ns == g->total && r->instances == instances;
	bool no_owner = o->dims & VIEW_OWNER && !r->owner_comm;
	const char *lock = o->dims & VIEW_LOCK ? r->lock : "";

	same &= lock && !strncmp(g->key, lock, strlen(lock)) && g->key[strlen(lock)] == '\1';

	if (!o->gain && !no_owner)
		same &= r->max_ns == g->max && r->min_ns == g->min && near_quantile(r->p50_ns, g, 0.50) &&
			near_quantile(r->p95_ns, g, 0.95) && near_quantile(r->p99_ns, g, 0.99);
	if (!(o->dims & VIEW_OWNER))
		same &= same_owner(r, g);
	if (!same)
		printf("# dims 0x%x key %d gain %d: count %" PRIu64 "/%" PRIu64 " total %" PRIu64 "/%" PRIu64 " max %"
		       PRIu64 "/%" PRIu64 " owner %s\n", o->dims, o->key, o->gain, r->count, g->count, r->total_ns,
		       g->total, r->max_ns, g->max, r->owner_comm ? r->owner_comm : "-");
	return same;
}

static bool same_view(const struct model *m, struct view_opts *o)
{
	unsigned int i, nr;
	bool same;
	struct view v;

	naive_view(o);
	if (view_build(m, o, &v))
		return false;
	nr = o->entries && o->entries < nr_groups ? o->entries : nr_groups;
	same = v.nr == nr && v.nr_groups == nr_groups;
	if (!same)
		printf("# dims 0x%x: %u of %u groups, not %u of %u\n", o->dims, v.nr, v.nr_groups, nr, nr_groups);
	for (i = 0; i < nr && same; i++)
		same = same_row(&v.row[i], &groups[i], o);
	view_done(&v);
	return same;
}

static void random_opts(uint64_t *seed, struct view_opts *o)
{
	static const char *const lock_arg[] = { "alpha", "&mm->mmap_lock", "mutex@pipe_write", "(unknown)" };
	static const char *const caller_arg[] = { "pipe", "re", "none" };
	static const char *const cgroup_arg[] = { "/a", "/a/b" };
	static const uint32_t pid[] = { 50, 52, 54 };
	struct view_filter *f = &o->filter;

	memset(o, 0, sizeof(*o));
	o->dims = 1 + (unsigned int)(tap_random(seed) % ((VIEW_CTX << 1) - 1));
	if (o->dims & VIEW_OWNER)
		o->dims &= VIEW_OWNER | VIEW_LOCK | VIEW_ADDR | VIEW_TYPE | VIEW_CALLER;
	/* for waits without owner nothing but count and total is known */
	o->key = 1 + (enum view_key)(tap_random(seed) % (o->dims & VIEW_OWNER ? 2 : 5));
	o->gain = !(tap_random(seed) % 4);
	if (o->gain && o->key != VIEW_BY_COUNT)
		o->key = VIEW_BY_TOTAL;
	o->entries = (unsigned int)(tap_random(seed) % 10);
	if (o->dims & VIEW_OWNER)
		return;
	if (!(tap_random(seed) % 4)) {
		f->lock = &lock_arg[tap_random(seed) % 4];
		f->nr_lock = 1;
	}
	if (!(tap_random(seed) % 4)) {
		f->caller = &caller_arg[tap_random(seed) % 3];
		f->nr_caller = 1;
	}
	if (!(tap_random(seed) % 4)) {
		f->cgroup = &cgroup_arg[tap_random(seed) % 2];
		f->nr_cgroup = 1;
	}
	if (!(tap_random(seed) % 4)) {
		f->pid = &pid[tap_random(seed) % 3];
		f->nr_pid = 1;
	}
	if (!(tap_random(seed) % 4))
		f->type_mask = UINT64_C(1) << lcbs[tap_random(seed) % 4];
}

/* Percentiles as sort keys: rows descend by what they show. */
static bool descends(const struct model *m, enum view_key key)
{
	struct view_opts o = { .dims = VIEW_LOCK | VIEW_TASK, .key = key };
	uint64_t last = UINT64_MAX, value;
	bool down = true;
	struct view v;
	unsigned int i;

	view_build(m, &o, &v);
	for (i = 0; i < v.nr; i++) {
		value = key == VIEW_BY_P50 ? v.row[i].p50_ns : key == VIEW_BY_P95 ? v.row[i].p95_ns : v.row[i].p99_ns;
		down &= value <= last;
		last = value;
	}
	view_done(&v);
	return down;
}

int main(void)
{
	uint64_t seed = tap_seed(10);
	unsigned int round, k, good = 0, bad = 0, sorted = 0;
	struct view_opts o;
	struct model *m;

	for (round = 0; round < 60; round++) {
		m = make(&seed);
		for (k = 0; k < 40; k++) {
			random_opts(&seed, &o);
			if (same_view(m, &o))
				good++;
			else
				bad++;
		}
		sorted += descends(m, VIEW_BY_P50) && descends(m, VIEW_BY_P95) && descends(m, VIEW_BY_P99);
		model_free(m);
	}
	is_int(bad, 0, "views that differ from the naive ones");
	is_int(good, 2400, "views that are the same");
	is_int(sorted, 60, "models whose views by percentiles descend");
	return done_testing();
}
