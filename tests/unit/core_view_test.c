// SPDX-License-Identifier: GPL-2.0-only
/* Views of a small model, by hand: names, filters, what members share, owners. */
#include <errno.h>

#include "../../user/core/lockname.h"
#include "../../user/core/view.h"
#include "../lib/tap.h"

static void put(struct model *m, struct lk_event ev)
{
	if (model_apply(m, &ev, NULL))
		ok(false, "event of kind %d was refused", ev.kind);
}

static void meta(struct model *m)
{
	put(m, (struct lk_event){ .kind = LK_EV_META, .meta = { .tool = "", .kernel = "", .arch = "",
		.host = "", .boot_id = "", .cmdline = "", .filter = "" } });
}

static void sym(struct model *m, uint64_t addr, const char *name, const char *module)
{
	put(m, (struct lk_event){ .kind = LK_EV_SYM, .sym = { .addr = addr, .name = name, .module = module } });
}

static void lock(struct model *m, uint64_t addr, const char *symbol, uint32_t rule, const char *cache)
{
	put(m, (struct lk_event){ .kind = LK_EV_LOCK, .lock = { .addr = addr, .symbol = symbol,
		.module = "", .percpu = "", .cache = cache, .rule = rule } });
}

static void stack(struct model *m, uint32_t id, uint64_t a, uint64_t b)
{
	uint64_t addr[] = { a, b };

	put(m, (struct lk_event){ .kind = LK_EV_STACK, .stack = { .id = id, .nr = b ? 2 : 1, .addr = addr } });
}

struct row {
	uint64_t lock, cgroup;
	uint32_t tid, tgid, stack, lcb, ctx, cpu;
	const char *comm;
	uint64_t count, total, max, min, last;
};

static void row(struct model *m, struct row r)
{
	struct lk_bucket b = { .index = lk_hist_bucket(r.max), .n = r.count };

	put(m, (struct lk_event){ .kind = LK_EV_CONT, .cont = { .lock = r.lock, .cgroup = r.cgroup,
		.tid = r.tid, .tgid = r.tgid, .stack = r.stack, .lcb = r.lcb, .ctx = r.ctx, .cpu = r.cpu,
		.comm = r.comm ? r.comm : "", .agg = { .count = r.count, .total_ns = r.total,
			.max_ns = r.max, .min_ns = r.min, .last_ns = r.last, .nr_hist = 1, .hist = &b } } });
}

static void owner(struct model *m, uint64_t lk, uint32_t tid, uint32_t st, uint32_t reader,
		  const char *comm, uint64_t count, uint64_t total)
{
	put(m, (struct lk_event){ .kind = LK_EV_OWNER, .owner = { .lock = lk, .tid = tid, .tgid = tid,
		.stack = st, .lcb = LK_LCB_MUTEX, .reader = reader, .comm = comm,
		.agg = { .count = count, .total_ns = total, .max_ns = total, .min_ns = 1 } } });
}

#define M LK_LCB_MUTEX

/*
 * Locks: 0x10 tasklist_lock, 0x20 and 0x21 mmap_lock of two processes, 0x30 in a
 * kmalloc cache, 0x40 without evidence, 0x50 in a cache of its own.
 * Stacks: 1 mutex_lock < pipe_write, 2 mutex_lock < fuse_do [fuse],
 * 3 mutex_lock < no name, 4 not described, 5 mutex_lock < pipe_write.isra.0.
 */
static struct model *make(void)
{
	struct model *m = model_new();

	meta(m);
	sym(m, 0x100, "mutex_lock", "");
	sym(m, 0x200, "pipe_write", "");
	sym(m, 0x300, "fuse_do", "fuse");
	sym(m, 0x400, "pipe_write.isra.0", "");
	stack(m, 1, 0x100, 0x200);
	stack(m, 2, 0x100, 0x300);
	stack(m, 3, 0x100, 0xdead);
	stack(m, 5, 0x100, 0x400);
	lock(m, 0x10, "tasklist_lock", 0, "");
	lock(m, 0x20, "", LK_RULE_MMAP_LOCK, "mm_struct");
	lock(m, 0x21, "", LK_RULE_MMAP_LOCK, "mm_struct");
	lock(m, 0x30, "", 0, "kmalloc-1k");
	lock(m, 0x50, "", 0, "ext4_inode_cache");
	put(m, (struct lk_event){ .kind = LK_EV_CGROUP, .cgroup = { .id = 1, .path = "/a" } });
	put(m, (struct lk_event){ .kind = LK_EV_CGROUP, .cgroup = { .id = 2, .path = "/a/b" } });
	put(m, (struct lk_event){ .kind = LK_EV_CGROUP, .cgroup = { .id = 3, .path = "/ab" } });
	row(m, (struct row){ 0x10, 1, 11, 10, 1, LK_LCB_SPIN, 1, 0, "one", 4, 400, 200, 50, 1000 });
	row(m, (struct row){ 0x20, 1, 10, 10, 1, LK_LCB_WRITE, 0, 0, "main", 2, 900, 600, 300, 1000 });
	row(m, (struct row){ 0x21, 2, 20, 20, 2, LK_LCB_WRITE, 0, 0, "two", 1, 500, 500, 500, 1000 });
	row(m, (struct row){ 0x30, 3, 20, 20, 1, M, 0, 0, "two", 3, 300, 100, 100, 1000 });
	row(m, (struct row){ 0x31, 3, 20, 20, 5, M | LK_LCB_SPIN, 0, 0, "two", 3, 30, 10, 10, 1000 });
	row(m, (struct row){ 0x40, 4, 30, 30, 2, M, 0, 0, "three", 1, 70, 70, 70, 1000 });
	row(m, (struct row){ 0x40, 0, 30, 30, 3, M, 0, 0, "three", 1, 60, 60, 60, 1000 });
	row(m, (struct row){ 0x40, 0, 30, 30, 4, M, 0, 0, "renamed", 1, 50, 50, 50, 2000 });
	row(m, (struct row){ 0x50, 0, 0, 0, 1, LK_LCB_SPIN, 2, 1, "swapper/0", 1, 20, 20, 20, 1000 });
	row(m, (struct row){ 0x50, 0, 0, 0, 1, LK_LCB_SPIN, 2, 2, "swapper/1", 1, 25, 25, 25, 1000 });
	row(m, (struct row){ 0, 0, 0, 0, 1, M, 0, 0, "", 1, 5, 5, 5, 1000 });
	return m;
}

/* The view's rows as one line: "lock type caller count total;" with "-" for NULL. */
static const char *line(const struct view *v)
{
	static char buf[4096];
	size_t n = 0;
	unsigned int i;

#define T(s) (s ? s : "-")
	for (i = 0; i < v->nr; i++)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s|%s|%s|%" PRIu64 "|%" PRIu64, i ? "; " : "",
				      T(v->row[i].lock), T(v->row[i].type), T(v->row[i].caller),
				      v->row[i].count, v->row[i].total_ns);
	buf[n] = '\0';
	return buf;
}

static void test_names(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_LOCK };
	struct view v;

	is_int(view_build(m, &o, &v), 0, "by lock");
	is_str(line(&v), "&mm->mmap_lock|rwsem:W|-|3|1400; tasklist_lock|spinlock|pipe_write|4|400; "
	       "mutex@pipe_write|mutex|pipe_write|6|330; mutex@fuse_do [fuse]|mutex|fuse_do|1|70; "
	       "mutex@0xdead|mutex|0xdead|1|60; (unknown)|mutex|(unknown)|1|50; "
	       "&ext4_inode_cache|spinlock|pipe_write|2|45; (folded)|mutex|pipe_write|1|5", "names of locks");
	is_int(v.nr_groups, 8, "groups");
	is_int(v.count, 19, "count of all");
	is_int(v.total_ns, 2360, "total of all");
	is_str(v.row[0].named_by, "rule", "named by rule");
	is_str(v.row[0].cache, "mm_struct", "cache");
	is_int(v.row[0].instances, 2, "two instances");
	is_int(v.row[0].addr, 0, "so no one address");
	is_int(v.row[1].addr, 0x10, "one address");
	is_str(v.row[2].named_by, "caller", "named by caller");
	ok(!v.row[2].cache, "only one of them is known to lie in a cache");
	is_str(v.row[6].named_by, "slab", "named by slab");
	ok(!v.row[7].named_by && !v.row[7].instances && !v.row[7].addr, "a folded row has no lock");
	ok(!v.row[7].has_tid && !v.row[7].comm && !v.row[7].cgroup, "and no task");
	is_str(v.row[1].caller_module, "", "of vmlinux");
	is_str(v.row[3].caller_module, "fuse", "of a module");
	ok(!v.row[0].caller && !v.row[0].caller_module, "callers differ");
	is_str(v.row[1].ctx, "softirq", "context");
	is_str(v.row[1].cgroup, "/a", "cgroup");
	is_str(v.row[3].cgroup, "cgroup 4", "a cgroup without path");
	ok(!v.row[4].cgroup, "no cgroup");
	view_done(&v);
	ok(!v.row && !v.priv, "view_done() empties it");
	view_done(&v);
	model_free(m);
}

static void test_tasks(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_TASK };
	struct view v;

	view_build(m, &o, &v);
	is_str(line(&v), "&mm->mmap_lock|rwsem:W|pipe_write|2|900; -|-|-|7|830; tasklist_lock|spinlock|pipe_write|4|400; "
	       "-|mutex|-|3|180; &ext4_inode_cache|spinlock|pipe_write|1|25; &ext4_inode_cache|spinlock|pipe_write|1|20; "
	       "(folded)|mutex|pipe_write|1|5", "by thread");
	is_str(v.row[0].comm, "main", "comm");
	ok(v.row[0].has_tid && v.row[0].tid == 10 && v.row[0].has_tgid && v.row[0].tgid == 10, "tid and tgid");
	is_str(v.row[3].comm, "renamed", "the latest comm of a task");
	is_str(v.row[4].comm, "swapper/1", "idle tasks are told apart");
	ok(v.row[4].has_tid && !v.row[4].tid, "their tid is 0, and known");
	is_str(v.row[6].comm, "(unknown)", "a folded row's task");
	ok(!v.row[6].has_tid && !v.row[6].has_tgid, "is not known");
	view_done(&v);
	o.dims = VIEW_PROCESS;
	view_build(m, &o, &v);
	is_int(v.nr, 5, "processes");
	is_str(v.row[0].comm, "main", "named by its leader");
	is_int(v.row[0].total_ns, 1300, "sum of its threads");
	ok(v.row[0].has_tgid && v.row[0].tgid == 10 && !v.row[0].has_tid && !v.row[0].tid, "tids differ");
	is_str(v.row[3].comm, "swapper", "the idle tasks");
	view_done(&v);
	o.dims = VIEW_CGROUP;
	view_build(m, &o, &v);
	is_int(v.nr, 5, "cgroups");
	is_str(v.row[0].cgroup, "/a", "first");
	is_str(v.row[3].cgroup, "(unknown)", "unknown");
	view_done(&v);
	o.dims = VIEW_CTX | VIEW_TYPE;
	view_build(m, &o, &v);
	is_str(v.row[0].ctx, "task", "context");
	is_str(v.row[0].type, "rwsem:W", "and type");
	ok(!v.row[0].comm && !v.row[0].has_tid && !v.row[0].has_tgid, "tasks differ");
	view_done(&v);
	model_free(m);
}

static void test_sums(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_TYPE, .entries = 1 };
	struct view v;

	view_build(m, &o, &v);
	is_int(v.nr, 1, "cut to one");
	is_int(v.nr_groups, 3, "of three");
	is_int(v.total_ns, 2360, "the total is of all");
	is_int(v.row[0].max_ns, 600, "maximum");
	is_int(v.row[0].min_ns, 300, "minimum");
	ok(v.row[0].p50_ns >= 590 && v.row[0].p50_ns <= 600, "median %" PRIu64, v.row[0].p50_ns);
	is_int(v.row[0].stack, 1, "the stack with the most time");
	view_done(&v);
	o.entries = 0;
	o.dims = VIEW_ADDR;
	view_build(m, &o, &v);
	is_int(v.nr, 8, "by address");
	ok(v.row[0].addr == 0x20 && v.row[1].addr == 0x21 && v.row[7].addr == 0, "addresses");
	is_int(v.row[4].stack, 2, "an unknown stack is not the main one");
	view_done(&v);
	model_free(m);
}

static void test_sorting(void)
{
	static const struct {
		enum view_key key;
		const char *first, *name;
	} c[] = {
		{ VIEW_BY_TOTAL, "&mm->mmap_lock", "wait_total" }, { VIEW_BY_COUNT, "mutex@pipe_write", "contended" },
		{ VIEW_BY_MAX, "&mm->mmap_lock", "wait_max" }, { VIEW_BY_MIN, "&mm->mmap_lock", "wait_min" },
		{ VIEW_BY_AVG, "&mm->mmap_lock", "avg_wait" }, { VIEW_BY_P50, "&mm->mmap_lock", "p50" },
		{ VIEW_BY_P95, "&mm->mmap_lock", "p95" }, { VIEW_BY_P99, "&mm->mmap_lock", "p99" },
	};
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_LOCK };
	enum view_key key = 0;
	struct view v;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		is_int(view_key_parse(c[i].name, &key), 0, "%s is a key", c[i].name);
		is_int(key, c[i].key, "that one");
		o.key = key;
		view_build(m, &o, &v);
		is_str(v.row[0].lock, c[i].first, "first by %s", c[i].name);
		view_done(&v);
	}
	key = 77;
	is_int(view_key_parse("total", &key), -EINVAL, "not a key");
	is_int(view_key_parse("", &key), -EINVAL, "nor is nothing");
	is_int(key, 77, "and nothing is written");
	model_free(m);
}

/* Total wait time that passes a filter. */
static uint64_t passes(const struct model *m, const struct view_filter *f)
{
	struct view_opts o = { .filter = *f };
	struct view v;
	uint64_t total;

	if (view_build(m, &o, &v))
		return UINT64_MAX;
	total = v.total_ns;
	view_done(&v);
	return total;
}

static void test_filters(void)
{
	static const struct {
		const char *lock;
		uint64_t total;
	} locks[] = {
		{ "tasklist_lock", 400 }, { "&mm->mmap_lock", 1400 }, { "mm->mmap_lock", 1400 },
		{ "mmap_lock", 1400 }, { "0x21", 500 }, { "0x999", 0 }, { "mutex@pipe_write", 330 },
		{ "pipe_write", 0 }, { "mmap", 0 }, { "ext4_inode_cache", 45 }, { "mutex@fuse_do [fuse]", 70 },
		{ "mutex@fuse_do", 70 }, { "(folded)", 5 }, { "(unknown)", 50 }, { "", 0 }, { "0x0", 5 },
	}, callers[] = {
		{ "pipe", 1680 }, { "fuse_do", 570 }, { "mutex_lock", 2310 }, { "nothing", 0 }, { "", 2310 },
	}, cgroups[] = {
		{ "/a", 1800 }, { "/a/", 1800 }, { "a", 1800 }, { "/a/b", 500 }, { "/ab", 330 }, { "/", 2130 },
		{ "/a/b/c", 0 }, { "/b", 0 },
	};
	static const uint32_t pid[] = { 10, 99 }, tid[] = { 11 }, zero[] = { 0 };
	struct model *m = make();
	const char *two[2];
	struct view_filter f;
	size_t i;

	for (i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		f = (struct view_filter){ .lock = &locks[i].lock, .nr_lock = 1 };
		is_int(passes(m, &f), locks[i].total, "lock \"%s\"", locks[i].lock);
	}
	for (i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		f = (struct view_filter){ .caller = &callers[i].lock, .nr_caller = 1 };
		is_int(passes(m, &f), callers[i].total, "caller \"%s\"", callers[i].lock);
	}
	for (i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++) {
		f = (struct view_filter){ .cgroup = &cgroups[i].lock, .nr_cgroup = 1 };
		is_int(passes(m, &f), cgroups[i].total, "cgroup \"%s\"", cgroups[i].lock);
	}
	two[0] = "mmap_lock";
	two[1] = "0x10";
	f = (struct view_filter){ .lock = two, .nr_lock = 2 };
	is_int(passes(m, &f), 1800, "two locks");
	f = (struct view_filter){ .pid = pid, .nr_pid = 2 };
	is_int(passes(m, &f), 1300, "process");
	f = (struct view_filter){ .tid = tid, .nr_tid = 1 };
	is_int(passes(m, &f), 400, "thread");
	f = (struct view_filter){ .tid = zero, .nr_tid = 1 };
	is_int(passes(m, &f), 45, "thread 0 is the idle tasks, not the folded rows");
	f = (struct view_filter){ .type_mask = UINT64_C(1) << LK_LCB_SPIN };
	is_int(passes(m, &f), 445, "type");
	f = (struct view_filter){ .pid = pid, .nr_pid = 2, .type_mask = UINT64_C(1) << LK_LCB_SPIN };
	is_int(passes(m, &f), 400, "all filters must pass");
	model_free(m);
}

static void add_owners(struct model *m)
{
	owner(m, 0x40, 100, 2, 0, "holder", 1, 40);
	owner(m, 0x40, 100, 3, 1, "holder", 1, 45);
	owner(m, 0x40, 200, 3, 0, "other", 1, 60);
	owner(m, 0x30, 300, 1, 0, "third", 2, 9999);
	owner(m, 0x77, 400, 1, 0, "stranger", 1, 1);
}

static void test_main_owner(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_ADDR };
	struct view v;

	add_owners(m);
	view_build(m, &o, &v);
	is_int(v.row[3].addr, 0x30, "the fourth is 0x30");
	is_str(v.row[3].owner_comm, "third", "its owner");
	is_int(v.row[3].owner_total_ns, 300, "not behind more than there is");
	is_int(v.row[4].addr, 0x40, "the fifth is 0x40");
	is_str(v.row[4].owner_comm, "holder", "the owner with the most time in sum");
	ok(v.row[4].owner_tid == 100 && v.row[4].owner_tgid == 100, "its ids");
	is_int(v.row[4].owner_total_ns, 85, "its time");
	ok(v.row[4].owner_reader, "mostly a reader");
	ok(!v.row[0].owner_comm && !v.row[0].owner_total_ns, "no owner known");
	view_done(&v);
	o.dims = VIEW_LOCK;
	view_build(m, &o, &v);
	is_str(v.row[3].lock, "mutex@fuse_do [fuse]", "a group with one stack of 0x40");
	is_str(v.row[3].owner_comm, "holder", "has the owner of that stack");
	ok(!v.row[3].owner_reader, "there a writer");
	is_str(v.row[4].owner_comm, "other", "and the group with the other stack the other");
	view_done(&v);
	model_free(m);
}

static void test_owner_view(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_OWNER };
	const char *want = "0x40";
	struct view v;

	add_owners(m);
	view_build(m, &o, &v);
	is_int(v.nr, 5, "four owners, and none");
	is_str(v.row[0].owner_comm, "third", "the first owner");
	is_int(v.row[0].total_ns, 9999, "its time");
	ok(!v.row[0].comm && !v.row[0].has_tid && !v.row[0].cgroup && !v.row[0].ctx, "the waiter is not known");
	ok(!v.row[1].owner_comm && !v.row[1].has_tid, "waits without owner");
	is_int(v.row[1].count, 15, "how many");
	is_int(v.row[1].total_ns, 1930, "and how long");
	ok(!v.row[1].max_ns && !v.row[1].p99_ns && !v.row[1].min_ns, "without extremes");
	is_str(v.row[2].owner_comm, "holder", "the next owner");
	is_int(v.row[2].total_ns, 85, "its time");
	ok(v.row[2].owner_reader && v.row[2].owner_tid == 100, "a reader");
	is_str(v.row[4].owner_comm, "stranger", "an owner of a lock without rows");
	view_done(&v);
	o.filter.lock = &want;
	o.filter.nr_lock = 1;
	view_build(m, &o, &v);
	is_int(v.nr, 3, "filtered by lock: two owners, and none");
	is_int(v.total_ns, 195, "their time");
	view_done(&v);
	model_free(m);
}

static void test_waiting_and_gain(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_LOCK, .gain = true };
	struct lk_event tick = { .kind = LK_EV_TICK, .time = { .now_ns = 5000 } };
	struct view v;

	put(m, tick);
	put(m, (struct lk_event){ .kind = LK_EV_WAITING, .wait = { .lock = 0x10, .start_ns = 4000,
		.dur_ns = 2000, .tid = 9, .tgid = 9, .stack = 1, .lcb = LK_LCB_SPIN, .comm = "nine",
		.owner_comm = "" } });
	view_build(m, &o, &v);
	is_int(v.nr, 8, "the last interval has all that came before its tick");
	view_done(&v);
	tick.time.now_ns = 6000;
	put(m, tick);
	view_build(m, &o, &v);
	is_str(line(&v), "tasklist_lock|spinlock|pipe_write|1|2000", "only what gained");
	is_int(v.row[0].waiting, 1, "and waits still");
	view_done(&v);
	o.gain = false;
	view_build(m, &o, &v);
	is_str(v.row[0].lock, "tasklist_lock", "altogether");
	is_int(v.row[0].count, 5, "with what was before");
	view_done(&v);
	model_free(m);
}

static void test_sources_merge(void)
{
	struct model *m = make();
	struct view_opts o = { .dims = VIEW_LOCK };
	struct view v;

	put(m, (struct lk_event){ .kind = LK_EV_END, .time = { .now_ns = 5000 } });
	meta(m);
	lock(m, 0x20, "tasklist_lock", 0, "");
	row(m, (struct row){ 0x20, 1, 10, 10, 1, LK_LCB_SPIN, 0, 0, "main", 2, 5000, 600, 300, 1000 });
	view_build(m, &o, &v);
	is_str(v.row[0].lock, "tasklist_lock", "same name, other source");
	is_int(v.row[0].total_ns, 5400, "one group");
	is_int(v.row[0].instances, 2, "two instances");
	ok(!v.row[0].has_tid && !v.row[0].addr && !v.row[0].cgroup, "numbers of two sources differ");
	view_done(&v);
	o.dims = VIEW_TASK;
	view_build(m, &o, &v);
	is_int(v.nr, 8, "tasks of two sources are two");
	view_done(&v);
	model_free(m);
}

static void test_options(void)
{
	static const struct {
		const char *list;
		unsigned int dims;	/* 0: not a list of dimensions */
	} c[] = {
		{ "lock", VIEW_LOCK }, { "lock,caller", VIEW_LOCK | VIEW_CALLER }, { "addr", VIEW_ADDR },
		{ "type,task,process", VIEW_TYPE | VIEW_TASK | VIEW_PROCESS }, { "owner,lock", VIEW_OWNER | VIEW_LOCK },
		{ "cgroup,context", VIEW_CGROUP | VIEW_CTX }, { "lock,lock", VIEW_LOCK },
		{ "owner,task", 0 }, { "owner,context", 0 }, { "", 0 }, { "lock,", 0 }, { ",lock", 0 },
		{ "locks", 0 }, { "loc", 0 }, { "lock caller", 0 },
	};
	struct model *m = model_new();
	struct view_opts o = { 0 };
	unsigned int dims;
	struct view v;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		dims = 0;
		is_int(view_dims_parse(c[i].list, &dims), c[i].dims ? 0 : -EINVAL, "dims \"%s\"", c[i].list);
		is_int(dims, c[i].dims, "value");
	}
	is_int(view_build(m, &o, &v), 0, "a view of nothing");
	ok(!v.nr && !v.nr_groups && !v.count, "is empty");
	view_done(&v);
	o.dims = VIEW_OWNER | VIEW_TASK;
	is_int(view_build(m, &o, &v), -EINVAL, "dimensions that do not go together");
	o.dims = 1 << 9;
	is_int(view_build(m, &o, &v), -EINVAL, "an unknown dimension");
	o.dims = 0;
	o.key = 9;
	is_int(view_build(m, &o, &v), -EINVAL, "an unknown key");
	model_free(m);
}

int main(void)
{
	test_names();
	test_tasks();
	test_sums();
	test_sorting();
	test_filters();
	test_main_owner();
	test_owner_view();
	test_waiting_and_gain();
	test_sources_merge();
	test_options();
	return done_testing();
}
