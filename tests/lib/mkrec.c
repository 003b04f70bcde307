// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic recordings (mkrec.h). Row i waits for lock i % locks, as task
 * i % tasks, from stack i % stacks; mutexes and rwsems have one known owner per
 * lock. All numbers come from one generator, seeded by the options.
 */
#include "mkrec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "../../user/base/diag.h"
#include "../../user/file/writer.h"
#include "mkorder.h"

#define START_NS	1000000000000ull
#define START_REAL_NS	1750000000000000000ull
#define TEXT_BASE	0xffffffff81000000ull
#define TRACER_ADDR	0xffffffffc0201000ull
#define NR_CGROUPS	3

struct kind {
	uint32_t lcb;
	const char *slow;	/* the kernel's function that waits */
	const char *symbol;	/* of the first lock of this kind */
	const char *cache;	/* of the others */
	uint32_t rule;
};

static const struct kind kinds[] = {
	{ LK_LCB_MUTEX,			"__mutex_lock",		"rtnl_mutex",	"kmalloc-cg-192", 0 },
	{ LK_LCB_WRITE,			"rwsem_down_write_slowpath", "pernet_ops_rwsem", "mm_struct",
	  LK_RULE_MMAP_LOCK },
	{ LK_LCB_READ,			"rwsem_down_read_slowpath", "uts_sem",	"mm_struct",
	  LK_RULE_MMAP_LOCK },
	{ LK_LCB_SPIN,			"native_queued_spin_lock_slowpath", "tasklist_waiters", "", 0 },
	{ LK_LCB_SPIN | LK_LCB_READ,	"queued_read_lock_slowpath", "tasklist_lock", "", 0 },
	{ 0,				"down",			"console_sem",	"", 0 },
};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct row {
	struct lk_ev_cont ev;
	uint32_t hist[LK_HIST_BUCKETS];	/* gained since the last tick */
};

struct gen {
	const struct mkrec_opts *o;
	const struct lk_sink *sink;
	uint64_t rng, now;
	unsigned int nr_rows, nr_locks, nr_tasks, nr_stacks;
	struct row *row;
	struct lk_bucket bucket[LK_HIST_BUCKETS];
	int err;
};

static uint64_t rnd(struct gen *g)
{
	uint64_t z = (g->rng += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void emit(struct gen *g, const struct lk_event *ev)
{
	if (!g->err)
		g->err = sink_emit(g->sink, ev);
}

/* --- who is who ------------------------------------------------------------------------- */

static const struct kind *lock_kind(unsigned int lock)
{
	return &kinds[lock % NR_KINDS];
}

static bool lock_is_static(unsigned int lock)
{
	return lock < NR_KINDS;
}

static uint64_t lock_addr(unsigned int lock)
{
	return lock_is_static(lock) ? 0xffffffff82a00000ull + lock * 64ull :
				      0xffff888100000000ull + lock * 0x1240ull;
}

static bool has_owner(uint32_t lcb)
{
	return !(lcb & LK_LCB_SPIN) && lcb;
}

static uint32_t task_tid(unsigned int task)
{
	return 1000 + task;
}

static uint32_t task_tgid(unsigned int task)
{
	return 1000 + task / 4 * 4;
}

static const char *task_comm(unsigned int task, char buf[LK_COMM_LEN])
{
	snprintf(buf, LK_COMM_LEN, "task/%u", task);
	return buf;
}

/* Frames: the tracer, the function that waits, two callers of which the inner is the stack's own. */
static uint64_t slow_addr(unsigned int kind)
{
	return TEXT_BASE + 0x10000 + kind * 0x1000ull;
}

static uint64_t caller_addr(unsigned int caller)
{
	return TEXT_BASE + 0x100000 + caller * 0x400ull;
}

/* --- the parts of a run ----------------------------------------------------------------- */

static void emit_meta(struct gen *g)
{
	struct lk_event ev = { .kind = LK_EV_META };

	ev.meta = (struct lk_ev_meta){
		.tool = "lockscope 0.1.0", .kernel = "6.1.0-test", .arch = "x86_64",
		.host = g->o->host ? g->o->host : "testhost",
		.boot_id = "01234567-89ab-cdef-0123-456789abcdef",
		.cmdline = "lockscope record -d 10", .filter = "",
		.start_ns = START_NS, .start_real_ns = START_REAL_NS, .nr_cpus = 8,
		.flags = g->o->emit_waits ? LK_META_WAITS : 0,
	};
	emit(g, &ev);
}

static void emit_coverage(struct gen *g)
{
	static const struct lk_ev_coverage table[] = {
		{ "mutex", "contention", "", "", LK_STATE_FULL },
		{ "rwsem", "contention", "", "", LK_STATE_FULL },
		{ "spinlock", "contention", "", "", LK_STATE_FULL },
		{ "rt_mutex", "contention", "this kernel cannot tell", "", LK_STATE_PARTIAL },
		{ "mutex", "order", "not built", "use a newer version", LK_STATE_NONE },
	};
	struct lk_event ev = { .kind = LK_EV_COVERAGE };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ev.coverage = table[i];
		emit(g, &ev);
	}
}

static void emit_sym(struct gen *g, uint64_t addr, const char *name, const char *module, uint32_t flags)
{
	struct lk_event ev = { .kind = LK_EV_SYM };

	ev.sym = (struct lk_ev_sym){ addr + 0x20, name, module, 0x20, 0x200, flags };
	emit(g, &ev);
}

static void emit_symbols(struct gen *g)
{
	char name[32];
	unsigned int i;

	emit_sym(g, TRACER_ADDR, "bpf_prog_0123456789abcdef_begin", "bpf", LK_SYM_TRACER);
	for (i = 0; i < NR_KINDS; i++)
		emit_sym(g, slow_addr(i), kinds[i].slow, "", LK_SYM_LOCK);
	for (i = 0; i <= g->nr_stacks; i++) {
		snprintf(name, sizeof(name), "caller_%u", i);
		emit_sym(g, caller_addr(i), name, i % 5 == 4 ? "testmod" : "", 0);
	}
}

static void emit_stacks(struct gen *g)
{
	struct lk_event ev = { .kind = LK_EV_STACK };
	unsigned int i;

	for (i = 0; i < g->nr_stacks; i++) {
		const uint64_t addr[] = {
			TRACER_ADDR + 0x20, slow_addr(i % NR_KINDS) + 0x20,
			caller_addr(i) + 0x20, caller_addr(g->nr_stacks) + 0x20,
		};

		ev.stack = (struct lk_ev_stack){ i, sizeof(addr) / sizeof(addr[0]), addr };
		emit(g, &ev);
	}
}

static void emit_cgroups(struct gen *g)
{
	static const char *const path[NR_CGROUPS] = {
		"/", "/system.slice/test.service", "/user.slice/user-1000.slice",
	};
	struct lk_event ev = { .kind = LK_EV_CGROUP };
	unsigned int i;

	for (i = 0; i < NR_CGROUPS; i++) {
		ev.cgroup = (struct lk_ev_cgroup){ i + 1, path[i] };
		emit(g, &ev);
	}
}

static void emit_locks(struct gen *g)
{
	struct lk_event ev = { .kind = LK_EV_LOCK };
	unsigned int i;

	for (i = 0; i < g->nr_locks; i++) {
		const struct kind *k = lock_kind(i);
		bool fixed = lock_is_static(i);

		ev.lock = (struct lk_ev_lock){
			.addr = lock_addr(i), .symbol = fixed ? k->symbol : "", .module = "",
			.percpu = "", .cache = fixed ? "" : k->cache, .rule = fixed ? 0 : k->rule,
		};
		emit(g, &ev);
	}
}

/* --- waits ------------------------------------------------------------------------------ */

static int make_rows(struct gen *g)
{
	unsigned int i;

	g->row = calloc(g->nr_rows, sizeof(*g->row));
	if (!g->row)
		return -ENOMEM;
	for (i = 0; i < g->nr_rows; i++) {
		struct lk_ev_cont *c = &g->row[i].ev;
		unsigned int lock = i % g->nr_locks, task = i % g->nr_tasks;

		c->lock = lock_addr(lock);
		c->cgroup = i % NR_CGROUPS + 1;
		c->tid = task_tid(task);
		c->tgid = task_tgid(task);
		c->stack = i % g->nr_stacks;
		c->lcb = lock_kind(lock)->lcb;
		c->ctx = (c->lcb & LK_LCB_SPIN) && i % 7 == 6 ? LK_CTX_SOFTIRQ : LK_CTX_TASK;
	}
	return 0;
}

static void account(struct row *r, uint64_t start, uint64_t dur)
{
	struct lk_ev_agg *a = &r->ev.agg;

	if (!a->first_ns) {
		a->first_ns = start;
		a->min_ns = dur;
	}
	if (start < a->first_ns)
		a->first_ns = start;
	if (start + dur > a->last_ns)
		a->last_ns = start + dur;
	if (dur > a->max_ns)
		a->max_ns = dur;
	if (dur < a->min_ns)
		a->min_ns = dur;
	a->count++;
	a->total_ns += dur;
	r->hist[lk_hist_bucket(dur)]++;
}

static void emit_wait(struct gen *g, unsigned int i, uint64_t start, uint64_t dur, unsigned int kind)
{
	const struct lk_ev_cont *c = &g->row[i].ev;
	unsigned int owner = (i % g->nr_locks + 1) % g->nr_tasks;
	bool owned = has_owner(c->lcb);
	char comm[LK_COMM_LEN], owner_comm[LK_COMM_LEN];
	struct lk_event ev = { .kind = kind };

	ev.wait = (struct lk_ev_wait){
		.lock = c->lock, .cgroup = c->cgroup, .start_ns = start, .dur_ns = dur,
		.tid = c->tid, .tgid = c->tgid, .stack = c->stack, .lcb = c->lcb, .ctx = c->ctx,
		.owner_tid = owned ? task_tid(owner) : 0, .owner_tgid = owned ? task_tgid(owner) : 0,
		.owner_reader = c->lcb == LK_LCB_WRITE && i % 3 == 0, .comm = "", .owner_comm = "",
	};
	if (kind == LK_EV_WAITING) {
		ev.wait.comm = task_comm(i % g->nr_tasks, comm);
		if (owned)
			ev.wait.owner_comm = task_comm(owner, owner_comm);
	}
	emit(g, &ev);
}

/* A wait every 100 ns to 1.1 us on average; a row's waits last its base time to eight times that. */
static void one_wait(struct gen *g)
{
	uint64_t r = rnd(g), dur;
	unsigned int i = (unsigned int)(r >> 32) % g->nr_rows;

	dur = 500 + i * 37ull;
	dur = dur + dur * (r & 0x3ff) * 7 / 1024;
	g->now += 100 + (r >> 10 & 0x3ff);
	account(&g->row[i], g->now - dur, dur);
	if (g->o->emit_waits)
		emit_wait(g, i, g->now - dur, dur, LK_EV_WAIT);
}

static void emit_row(struct gen *g, unsigned int i)
{
	struct row *r = &g->row[i];
	unsigned int b, owner = (i % g->nr_locks + 1) % g->nr_tasks;
	char comm[LK_COMM_LEN];
	struct lk_event ev = { .kind = LK_EV_CONT };

	r->ev.agg.nr_hist = 0;
	r->ev.agg.hist = g->bucket;
	for (b = 0; b < LK_HIST_BUCKETS; b++)
		if (r->hist[b])
			g->bucket[r->ev.agg.nr_hist++] = (struct lk_bucket){ b, 0, r->hist[b] };
	ev.cont = r->ev;
	ev.cont.comm = task_comm(i % g->nr_tasks, comm);
	emit(g, &ev);
	if (has_owner(r->ev.lcb)) {
		ev.kind = LK_EV_OWNER;
		ev.owner = (struct lk_ev_owner){
			.lock = r->ev.lock, .tid = task_tid(owner), .tgid = task_tgid(owner),
			.stack = r->ev.stack, .lcb = r->ev.lcb,
			.reader = r->ev.lcb == LK_LCB_WRITE && i % 3 == 0,
			.comm = task_comm(owner, comm), .agg = r->ev.agg,
		};
		emit(g, &ev);
	}
	r->ev.agg.count = 0;
	r->ev.agg.total_ns = 0;
	memset(r->hist, 0, sizeof(r->hist));
}

static void emit_time(struct gen *g, unsigned int kind)
{
	struct lk_event ev = { .kind = kind };

	ev.time.now_ns = g->now;
	emit(g, &ev);
}

static void run(struct gen *g)
{
	unsigned int t, i, ticks = g->o->intervals ? g->o->intervals : 1;
	uint64_t done = 0;

	for (t = 0; t < ticks; t++) {
		uint64_t upto = g->o->waits / ticks * (t + 1);

		for (upto = t + 1 == ticks ? g->o->waits : upto; done < upto && !g->err; done++)
			one_wait(g);
		for (i = 0; i < g->nr_rows; i++)
			if (g->row[i].ev.agg.count)
				emit_row(g, i);
		g->now += 1000;
		emit_time(g, LK_EV_TICK);
	}
}

static void emit_orders(struct gen *g)
{
	struct mkorder_opts o = { .seed = g->o->seed, .start_ns = g->now, .orders = g->o->orders,
				  .inversions = (g->o->orders + 9) / 10, .stack = 1 };

	if (g->o->orders && !g->err)
		g->err = mkorder_emit(&o, g->sink);
}

static void finish(struct gen *g)
{
	struct lk_event ev = { .kind = LK_EV_LOSS };
	unsigned int i;

	for (i = 0; i < g->o->waiting; i++)
		emit_wait(g, i % g->nr_rows, g->now - 5000000, 5000000, LK_EV_WAITING);
	ev.loss = (struct lk_ev_loss){ LK_STAT_ROWS_FULL, 0, g->o->loss };
	if (g->o->loss)
		emit(g, &ev);
	if (!g->o->no_end)
		emit_time(g, LK_EV_END);
}

int mkrec_emit(const struct mkrec_opts *opts, const struct lk_sink *sink)
{
	struct gen g = { .o = opts, .sink = sink, .rng = opts->seed };

	g.now = START_NS + 100000000;
	g.nr_rows = opts->rows ? opts->rows : 16;
	g.nr_locks = g.nr_rows / 4 + 1;
	g.nr_tasks = g.nr_rows / 3 + 2;
	g.nr_stacks = g.nr_rows / 2 + 1;
	if (make_rows(&g))
		return -ENOMEM;
	emit_meta(&g);
	emit_coverage(&g);
	emit_symbols(&g);
	emit_stacks(&g);
	emit_cgroups(&g);
	emit_locks(&g);
	run(&g);
	emit_orders(&g);
	finish(&g);
	free(g.row);
	return g.err;
}

static int put(void *ctx, const struct lk_event *ev)
{
	return writer_put(ctx, ev);
}

int mkrec_write(const struct mkrec_opts *opts, const char *path, struct diag *why)
{
	struct writer *w;
	struct lk_sink sink = { .emit = put };
	int err = writer_open(path, &w, why);

	if (err)
		return err;
	sink.ctx = w;
	err = mkrec_emit(opts, &sink);
	if (err)
		diag_errno(why, err, "cannot make '%s'", path);
	else if (opts->no_end)
		err = writer_flush(w);
	else
		err = writer_close(w, why);
	writer_free(w);
	return err;
}
