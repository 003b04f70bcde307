// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a group to the row that is shown: what its members share, percentiles,
 * the stack with the most wait time, the main owner.
 *
 * Sums per lock and stack are kept in arrays over all of them; an entry belongs
 * to the current group while its stamp says so, so nothing has to be cleared
 * between groups.
 */
#include <errno.h>
#include <string.h>

#include "sat.h"
#include "view_priv.h"

struct stack_sum {
	uint32_t stamp;
	uint64_t total_ns;
};

struct row_scratch {
	uint32_t stamp;
	struct hist_sum sum;
	uint32_t index[LK_HIST_BUCKETS];
	uint64_t n[LK_HIST_BUCKETS];
	uint32_t *lock_stamp;
	struct stack_sum *stack;
};

/* What a member says about each dimension. */
struct facts {
	uint32_t lock, type, caller, module, cgroup;	/* texts */
	uint32_t comm;					/* the model's string */
	uint32_t ctx, source, tid, tgid;
	bool has_task;
	uint64_t addr;
	const char *named_by, *cache;
};

/* Bits of facts in which members differ. */
enum {
	DIFF_ADDR = VIEW_ADDR, DIFF_LOCK = VIEW_LOCK, DIFF_TYPE = VIEW_TYPE,
	DIFF_CALLER = VIEW_CALLER, DIFF_TID = VIEW_TASK, DIFF_TGID = VIEW_PROCESS,
	DIFF_CGROUP = VIEW_CGROUP, DIFF_CTX = VIEW_CTX,
	DIFF_COMM = 1 << 16, DIFF_NAMED_BY = 1 << 17, DIFF_CACHE = 1 << 18,
};

int view_row_init(struct view_ctx *c)
{
	const struct model *m = c->m;
	struct row_scratch *s = calloc(1, sizeof(*s));

	c->scratch = s;
	if (!s)
		return -ENOMEM;
	hist_sum_init(&s->sum);
	s->lock_stamp = calloc((size_t)m->locks.nr + 1, sizeof(*s->lock_stamp));
	s->stack = calloc(m->stack.nr + 1, sizeof(*s->stack));
	return s->lock_stamp && s->stack ? 0 : -ENOMEM;
}

void view_row_done(struct view_ctx *c)
{
	struct row_scratch *s = c->scratch;

	if (!s)
		return;
	free(s->lock_stamp);
	free(s->stack);
	free(s);
	c->scratch = NULL;
}

static const struct agg_table *table_of(const struct view_ctx *c)
{
	return c->dims & VIEW_OWNER ? &c->m->owners : view_rows(c);
}

/* Members lie all over the table: ask for the one that comes next but few. */
static void prefetch(const struct view_ctx *c, const struct group *g, uint32_t i)
{
	const struct agg_table *t = table_of(c);
	uint32_t item;

	if (i + 6 >= g->nr)
		return;
	item = c->members[g->first + i + 6];
	if (item >= t->data.nr)
		return;
	__builtin_prefetch(&t->data.v[item]);
	__builtin_prefetch(htab_key(&t->keys, item));
}

/* What has no owner has no histogram. */
static void add_hist(struct view_ctx *c, uint32_t item)
{
	const struct agg_table *t = table_of(c);

	if (item < t->data.nr)
		agg_hist(t, item, &c->scratch->sum);
}

static void quantiles(struct view_ctx *c, const struct group *g, const double *q, unsigned int nr,
		      uint64_t *ns)
{
	struct row_scratch *s = c->scratch;
	unsigned int nr_buckets = hist_sum_list(&s->sum, s->index, s->n), i;

	for (i = 0; i < nr; i++)
		ns[i] = hist_quantile(s->index, s->n, nr_buckets, q[i], g->min_ns, g->max_ns);
}

uint64_t view_quantile(struct view_ctx *c, uint32_t group, double q)
{
	const struct group *g = &c->group.v[group];
	uint64_t ns;
	uint32_t i;

	hist_sum_clear(&c->scratch->sum);
	for (i = 0; i < g->nr; i++) {
		prefetch(c, g, i);
		add_hist(c, c->members[g->first + i]);
	}
	quantiles(c, g, &q, 1, &ns);
	return ns;
}

/* --- what members share ------------------------------------------------------------------- */

static int facts_of(struct view_ctx *c, const struct item *it, struct facts *f)
{
	const struct addr_key *lock = lock_key(c->m, it->lock);

	memset(f, 0, sizeof(*f));
	f->type = c->type_text[it->lcb];
	f->comm = it->comm;
	f->ctx = it->ctx;
	f->source = lock->source;
	f->addr = lock->addr;
	f->tid = it->tid;
	f->tgid = it->tgid;
	f->has_task = it->has_task;
	f->named_by = view_named_by(c, it, &f->cache);
	if (view_text_lock(c, it, &f->lock) || view_text_cgroup(c, it->cgroup, &f->cgroup) ||
	    view_text_caller(c, it->stack, &f->caller, &f->module))
		return -ENOMEM;
	return 0;
}

static unsigned int diff_bits(const struct facts *a, const struct facts *b)
{
	bool tasks = a->source != b->source || a->has_task != b->has_task;
	unsigned int d = 0;

	d |= a->lock != b->lock ? DIFF_LOCK : 0;
	d |= a->type != b->type ? DIFF_TYPE : 0;
	d |= a->caller != b->caller || a->module != b->module ? DIFF_CALLER : 0;
	d |= a->cgroup != b->cgroup ? DIFF_CGROUP : 0;
	d |= a->ctx != b->ctx ? DIFF_CTX : 0;
	d |= a->addr != b->addr || a->source != b->source ? DIFF_ADDR : 0;
	d |= tasks || a->tid != b->tid || a->tgid != b->tgid ? DIFF_TID : 0;
	d |= tasks || a->tgid != b->tgid ? DIFF_TGID : 0;
	d |= a->comm != b->comm ? DIFF_COMM : 0;
	d |= a->named_by != b->named_by ? DIFF_NAMED_BY : 0;
	d |= strcmp(a->cache, b->cache) ? DIFF_CACHE : 0;
	return d;
}

static const char *text_of(const struct view_ctx *c, uint32_t text, bool differ)
{
	return differ ? NULL : strpool_str(&c->str, text);
}

static void fill_shared(struct view_ctx *c, const struct facts *f, unsigned int diff,
			struct view_row *row)
{
	bool owner_view = c->dims & VIEW_OWNER;
	bool no_cgroup = diff & DIFF_CGROUP ||
			 (f->cgroup == c->unknown_text && !(c->dims & VIEW_CGROUP));

	row->lock = text_of(c, f->lock, diff & DIFF_LOCK);
	row->type = text_of(c, f->type, diff & DIFF_TYPE);
	row->caller = text_of(c, f->caller, diff & DIFF_CALLER);
	row->caller_module = text_of(c, f->module, diff & DIFF_CALLER);
	row->cgroup = text_of(c, f->cgroup, no_cgroup);
	row->ctx = diff & DIFF_CTX || owner_view ? NULL : lock_ctx_str(f->ctx);
	row->named_by = diff & DIFF_NAMED_BY ? NULL : f->named_by;
	row->cache = diff & DIFF_CACHE || !f->cache[0] ? NULL : f->cache;
	row->addr = diff & DIFF_ADDR ? 0 : f->addr;
	if (owner_view)
		return;
	row->has_tgid = f->has_task && !(diff & DIFF_TGID);
	row->has_tid = f->has_task && !(diff & DIFF_TID);
	row->tgid = row->has_tgid ? f->tgid : 0;
	row->tid = row->has_tid ? f->tid : 0;
	if (!(diff & DIFF_COMM) && f->comm)
		row->comm = strpool_str(&c->m->str, f->comm);
}

/* --- the task, process or owner that is grouped by ---------------------------------------- */

/* Is @a rather than @b the one whose comm to show? Leaders name processes; then the latest counts. */
static bool better_comm(const struct view_ctx *c, const struct item *a, const struct item *b)
{
	bool leads_a = a->tid == a->tgid, leads_b = b->tid == b->tgid;

	if (!a->comm || !b->comm)
		return a->comm && !b->comm;
	if (!(c->dims & (VIEW_TASK | VIEW_OWNER)) && leads_a != leads_b)
		return leads_a;
	if (a->last_ns != b->last_ns)
		return a->last_ns > b->last_ns;
	return strcmp(strpool_str(&c->m->str, a->comm), strpool_str(&c->m->str, b->comm)) < 0;
}

static const char *task_comm(const struct view_ctx *c, const struct item *best)
{
	const char *comm = strpool_str(&c->m->str, best->comm);

	if (!best->has_task || !best->comm)
		return "(unknown)";
	if (!best->tgid && !(c->dims & VIEW_TASK) && !strncmp(comm, "swapper/", 8))
		return "swapper";	/* the idle tasks of all CPUs */
	return comm;
}

static void fill_task(const struct view_ctx *c, const struct item *best, uint64_t total_ns,
		      uint64_t reader_ns, struct view_row *row)
{
	if (c->dims & (VIEW_TASK | VIEW_PROCESS))
		row->comm = task_comm(c, best);
	if (!(c->dims & VIEW_OWNER) || !best->has_task)
		return;
	row->owner_comm = task_comm(c, best);
	row->owner_tid = best->tid;
	row->owner_tgid = best->tgid;
	row->owner_total_ns = total_ns;
	row->owner_reader = reader_ns > total_ns / 2;
}

/* --- the main stack and instances --------------------------------------------------------- */

/*
 * Sums only grow, so comparing whenever one does leaves the largest as the best.
 * Only stacks that are described can win.
 */
static void add_stack(struct view_ctx *c, const struct item *it, uint32_t *best)
{
	struct row_scratch *s = c->scratch;
	struct stack_sum *sum = &s->stack[it->stack];
	const struct stack_key *a, *b;

	if (!c->m->stack.v[it->stack].nr)
		return;
	if (sum->stamp != s->stamp) {
		sum->stamp = s->stamp;
		sum->total_ns = 0;
	}
	sum->total_ns = sat_add(sum->total_ns, it->total_ns);
	if (*best == NO_NUMBER || sum->total_ns > s->stack[*best].total_ns) {
		*best = it->stack;
	} else if (sum->total_ns == s->stack[*best].total_ns) {
		a = stack_key(c->m, it->stack);
		b = stack_key(c->m, *best);
		if (a->source < b->source || (a->source == b->source && a->id < b->id))
			*best = it->stack;
	}
}

static void add_instance(struct view_ctx *c, const struct item *it, struct view_row *row)
{
	struct row_scratch *s = c->scratch;

	if (item_is_folded(c, it) || s->lock_stamp[it->lock] == s->stamp)
		return;
	s->lock_stamp[it->lock] = s->stamp;
	row->instances++;
}

static void fill_sums(struct view_ctx *c, const struct group *g, struct view_row *row)
{
	static const double q[] = { 0.50, 0.95, 0.99 };
	uint64_t ns[3];

	row->count = g->count;
	row->total_ns = g->total_ns;
	row->max_ns = g->max_ns;
	row->min_ns = g->min_ns < g->max_ns ? g->min_ns : g->max_ns;
	quantiles(c, g, q, 3, ns);
	row->p50_ns = ns[0];
	row->p95_ns = ns[1];
	row->p99_ns = ns[2];
}

const struct hist_sum *view_row_hist(const struct view_ctx *c)
{
	return &c->scratch->sum;
}

int view_row_fill(struct view_ctx *c, uint32_t group, struct view_row *row)
{
	const struct group *g = &c->group.v[group];
	struct item it, best = { 0 };
	uint32_t stack = NO_NUMBER, i;
	uint64_t reader_ns = 0;
	unsigned int diff = 0;
	struct facts first, f;

	memset(row, 0, sizeof(*row));
	memset(&first, 0, sizeof(first));
	c->scratch->stamp++;
	view_owner_begin(c);
	hist_sum_clear(&c->scratch->sum);
	for (i = 0; i < g->nr; i++) {
		prefetch(c, g, i);
		add_hist(c, c->members[g->first + i]);
		view_item(c, c->members[g->first + i], &it);
		if (facts_of(c, &it, &f))
			return -ENOMEM;
		if (!i)
			first = f;
		diff |= diff_bits(&first, &f);
		if (!i || better_comm(c, &it, &best))
			best = it;
		add_instance(c, &it, row);
		add_stack(c, &it, &stack);
		if (!(c->dims & VIEW_OWNER))
			view_owner_add(c, &it);
		row->waiting = sat_add(row->waiting, it.waiting);
		reader_ns = sat_add(reader_ns, it.reader ? it.total_ns : 0);
	}
	fill_sums(c, g, row);
	fill_shared(c, &first, diff, row);
	fill_task(c, &best, row->total_ns, reader_ns, row);
	view_owner_fill(c, row);
	row->stack = stack == NO_NUMBER ? LK_STACK_NONE : stack_key(c->m, stack)->id;
	row->stack_source = stack == NO_NUMBER ? 0 : stack_key(c->m, stack)->source;
	return 0;
}
