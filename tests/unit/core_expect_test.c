// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known bugs: names through the times, links that are seen, indirect or missing, what is
 * a part of the bug and what the bug itself; each with a twin that must stay silent.
 */
#include "../../user/core/expect.h"
#include "../../user/core/lockalias.h"
#include "../lib/tap.h"
#include "order_events.h"

/* --- names -------------------------------------------------------------------------------- */

static void test_names(void)
{
	static const struct {
		const char *name, *today;
		enum lockalias_of of;
	} c[] = {
		{ "rtnl_mutex", "rtnl_mutex", 0 },
		{ "&mm->mmap_sem", "&mm->mmap_lock", 0 },
		{ "&mm->mmap_sem#2", "&mm->mmap_lock", 0 },
		{ "&mm->mmap_lock/1", "&mm->mmap_lock", 0 },
		{ "&pipe->mutex/1", "&pipe->mutex", 0 },
		{ "&(&zone->lock)->rlock", "&zone->lock", 0 },
		{ "&(&q->lock)->rlock#2", "&q->lock", 0 },
		{ "&(plock)->rlock", "plock", 0 },
		{ "&(&dentry->d_lock)->rlock/1", "&dentry->d_lockref.lock", 0 },
		{ "&(&group->notifier)->rwsem", "&(&group->notifier)->rwsem", 0 },
		{ "&(lock)->wait_lock#2", "&(lock)->wait_lock", 0 },
		{ "cpu_hotplug_lock.rw_sem", "cpu_hotplug_lock", 0 },
		{ "cpu_hotplug.dep_map", "cpu_hotplug_lock", 0 },
		{ "(complete)&req.done", "(completion)&req.done", 0 },
		{ "(completion)&req.done", "(completion)&req.done", 0 },
		{ "&sb->s_type->i_mutex_key#5", "&inode->i_rwsem", LOCKALIAS_FILE },
		{ "&type->i_mutex_dir_key#3/1", "&inode->i_rwsem", LOCKALIAS_DIR },
		{ "&inode->i_rwsem (ext4)", "&inode->i_rwsem", LOCKALIAS_FILE },
		{ "&inode->i_rwsem (ext4:dir)", "&inode->i_rwsem", LOCKALIAS_DIR },
		{ "&inode->i_rwsem (ext4:dir)/1", "&inode->i_rwsem", LOCKALIAS_DIR },
		{ "&type->s_umount_key#25", "&s->s_umount", 0 },
		{ "the_iommu [lks_fixture]", "the_iommu", 0 },
		{ "((timer))#2", "((timer))", 0 },
		{ "&obj_hash[i].lock", "&obj_hash[i].lock", 0 },
		{ "slock-AF_INET6", "slock-AF_INET6", 0 },
		{ "btrfs-tree-00", "btrfs-tree-00", 0 },
		{ "", "", 0 }, { "#2", "#2", 0 }, { "/1", "/1", 0 }, { "&(", "&(", 0 }, { ")", ")", 0 },
		{ "]", "]", 0 }, { " []", " []", 0 }, { ")->rlock", ")->rlock", 0 },
	};
	struct lockalias got;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		lockalias_today(c[i].name, &got);
		is_str(got.name, c[i].today, "'%s' today", c[i].name);
		is_int(got.of, c[i].of, "'%s': of what", c[i].name);
	}
}

static bool same(const char *a, const char *b)
{
	struct lockalias x, y;

	lockalias_today(a, &x);
	lockalias_today(b, &y);
	return lockalias_same(&x, &y) && lockalias_same(&y, &x);
}

static void test_same(void)
{
	ok(same("&mm->mmap_sem", "&mm->mmap_lock"), "mmap_sem is mmap_lock");
	ok(!same("&mm->mmap_sem", "&mm->mmap_locks"), "... and nothing else");
	ok(same("&type->i_mutex_dir_key#3", "&inode->i_rwsem (xfs:dir)"), "a directory's lock by key and by file system");
	ok(!same("&type->i_mutex_dir_key#3", "&inode->i_rwsem (xfs)"), "... is not a file's");
	ok(same("&inode->i_mutex", "&inode->i_rwsem (xfs)"), "where it is not said, it may be a file's");
	ok(same("&inode->i_mutex", "&inode->i_rwsem (xfs:dir)"), "... or a directory's");
}

static void test_long_name(void)
{
	static char name[4096];
	struct lockalias got;

	memset(name, 'x', sizeof(name) - 1);
	lockalias_today(name, &got);
	is_int(strlen(got.name), sizeof(got.name) - 1, "a long name is cut");
	memcpy(name, "(complete)", 10);
	lockalias_today(name, &got);
	is_int(strlen(got.name), sizeof(got.name) - 1, "... also behind a prefix");
}

/* --- known bugs --------------------------------------------------------------------------- */

struct frame_of {		/* a lock of a report and who took it */
	const char *name, *func;
};

/* A model with the report of a circle: chain entry i is what was taken while i - 1 was held. */
static struct model *known_circle(unsigned int nr, const struct frame_of *l)
{
	struct lk_ev_part part[64] = { 0 };
	struct lk_event ev = { .kind = LK_EV_REPORT, .report = {
		.origin = LK_ORIGIN_LOCKDEP, .kind = nr > 1 ? FINDING_CIRCULAR : FINDING_RECURSIVE, .tid = 7, .tgid = 7,
		.line = 12, .comm = "victim", .title = "possible circular locking dependency detected",
		.subkind = "", .state = "", .kernel = "4.14.0", .ident = "4.14.0 #1", .file = "bug.txt",
		.part = part,
	} };
	struct model *m = model_new();
	unsigned int n = 0, i;

	part[n++] = (struct lk_ev_part){ LK_PART_ACQUIRING, 0, 0, l[0].name, "", l[0].func };
	part[n++] = (struct lk_ev_part){ LK_PART_HOLDING, 0, 0, l[nr - 1].name, "", l[nr - 1].func };
	for (i = nr; nr > 1 && i--;) {
		part[n++] = (struct lk_ev_part){ LK_PART_CHAIN, i, 0, l[i].name, "", "" };
		part[n++] = (struct lk_ev_part){ LK_PART_FRAME, 0, 0, "lock_acquire+0x1/0x2", "", "" };
		part[n++] = (struct lk_ev_part){ LK_PART_FRAME, 0, 0, l[i].func, "", "" };
	}
	ev.report.nr_parts = n;
	(void)apply(m, meta(1, 0));
	if (apply(m, ev))
		ok(false, "the report can be read");
	return m;
}

#define KNOWN(...) known_circle(sizeof((const struct frame_of[]){ __VA_ARGS__ }) / sizeof(struct frame_of), \
				(const struct frame_of[]){ __VA_ARGS__ })
#define AB KNOWN({ "&(&a->x)->rlock", "f+0x1/0x2" }, { "&mm->mmap_sem", "g+0x1/0x2" })

/* Two locks and two tasks. */
struct two {
	struct sim_lock a, b;
	struct sim_task t1, t2;
};

static struct two start(struct sim *s, uint32_t tier, const char *a, const char *b)
{
	struct two x;

	sim_init(s, tier);
	x.a = sim_static(s, a);
	x.b = sim_static(s, b);
	x.t1 = sim_task(s, "one");
	x.t2 = sim_task(s, "two");
	return x;
}

struct watch_for {
	struct model *known;
	struct expect *e;
};

static struct watch_for look_for(struct model *known)
{
	return (struct watch_for){ known, expect_new(known) };
}

static void stop(struct watch_for *w)
{
	expect_free(w->e);
	model_free(w->known);
}

static enum expect_state state(struct watch_for *w, const struct sim *s)
{
	(void)expect_update(w->e, s->m);
	return expect_bug(w->e, 0)->state;
}

static void test_circle(void)
{
	struct watch_for w = look_for(AB);
	struct sim s;
	struct two x;
	const struct expect_bug *bug = expect_bug(w.e, 0);

	x = start(&s, LK_TIER_LOCKDEP, "&a->x", "&mm->mmap_lock");
	is_int(expect_nr(w.e), 1, "one known bug");
	is_int(bug->nr_links, 2, "of two links");
	is_str(bug->link[0].held->today, "&mm->mmap_lock", "today's name");
	is_int(state(&w, &s), EXPECT_UNSEEN, "nothing of it at first");
	is_int(expect_update(w.e, s.m), 0, "... and no news");
	NEST(&s, &x.t1, &x.a, &x.b);
	is_int(expect_update(w.e, s.m), 1, "one order is news");
	is_int(bug->state, EXPECT_PARTLY, "a part of it");
	is_int(bug->nr_seen, 1, "one link");
	is_int(bug->link[1].state, EXPECT_LINK_SEEN, "that from a to b");
	is_int(bug->link[0].state, EXPECT_LINK_UNSEEN, "not the other");
	is_int(expect_nr_exposed(w.e), 0, "no exposure yet");
	NEST(&s, &x.t2, &x.b, &x.a);
	is_int(expect_update(w.e, s.m), 1, "the other order is news");
	is_int(bug->state, EXPECT_COMPLETE, "the whole of it");
	is_int(expect_nr_exposed(w.e), 1, "exposed");
	ok(bug->found == the_finding(&s), "as the finding says");
	is_int(expect_update(w.e, s.m), 0, "and no more news");
	sim_done(&s);
	stop(&w);
}

/* What is not that bug: other locks, the other direction twice, the two of it under a common lock. */
static void test_silent(void)
{
	struct watch_for w = look_for(AB);
	struct sim s;
	struct sim_lock c, guard;
	struct two x;

	x = start(&s, LK_TIER_ORDER, "&a->x", "&mm->mmap_lock");
	c = sim_static(&s, "&c->x");
	guard = sim_static(&s, "guard");
	NEST(&s, &x.t1, &c, &x.b);
	NEST(&s, &x.t2, &x.b, &c);
	is_int(state(&w, &s), EXPECT_UNSEEN, "a circle with another lock is not it");
	NEST(&s, &x.t1, &guard, &x.a, &x.b);
	NEST(&s, &x.t2, &guard, &x.b, &x.a);
	is_int(state(&w, &s), EXPECT_PARTLY, "both orders under a common lock cannot deadlock");
	is_int(expect_bug(w.e, 0)->nr_seen, 2, "... although both were seen");
	is_int(expect_nr_exposed(w.e), 0, "not exposed");
	sim_done(&s);
	stop(&w);
}

static void test_indirect(void)
{
	struct watch_for w = look_for(AB);
	struct sim s;
	struct sim_lock c;
	struct two x;

	x = start(&s, LK_TIER_LOCKDEP, "&a->x", "&mm->mmap_lock");
	c = sim_static(&s, "between");
	NEST(&s, &x.t1, &x.a, &c);
	is_int(state(&w, &s), EXPECT_UNSEEN, "half of a way is none");
	NEST(&s, &x.t1, &c, &x.b);
	is_int(state(&w, &s), EXPECT_PARTLY, "a way over another lock");
	is_int(expect_bug(w.e, 0)->link[1].state, EXPECT_LINK_INDIRECT, "is indirect");
	is_int(expect_bug(w.e, 0)->link[1].nr_via, 1, "by way of one class");
	is_str(model_class(s.m, expect_bug(w.e, 0)->link[1].via[0]).name, "between", "that one");
	NEST(&s, &x.t2, &x.b, &x.a);
	is_int(state(&w, &s), EXPECT_COMPLETE, "and closes the circle");
	NEST(&s, &x.t1, &x.a, &x.b);
	(void)expect_update(w.e, s.m);
	is_int(expect_bug(w.e, 0)->link[1].state, EXPECT_LINK_SEEN, "what is seen is not indirect any more");
	sim_done(&s);
	stop(&w);
}

/* A way over more classes than are looked at, and one over a recursive reader, are none. */
static void test_no_way(void)
{
	struct watch_for w = look_for(AB);
	struct sim s;
	struct sim_lock c[EXPECT_VIA_MAX + 2];
	struct two x;
	char name[16];
	unsigned int i;

	x = start(&s, LK_TIER_LOCKDEP, "&a->x", "&mm->mmap_lock");
	for (i = 0; i < EXPECT_VIA_MAX + 2; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		c[i] = sim_static(&s, name);
	}
	NEST(&s, &x.t1, &x.a, &c[0]);
	for (i = 0; i + 1 < EXPECT_VIA_MAX + 1; i++)
		NEST(&s, &x.t1, &c[i], &c[i + 1]);
	NEST(&s, &x.t1, &c[EXPECT_VIA_MAX], &x.b);
	is_int(state(&w, &s), EXPECT_UNSEEN, "a way over %d classes is too long", EXPECT_VIA_MAX + 1);
	take(&s, &x.t1, &x.a);
	take_read(&s, &x.t1, &c[EXPECT_VIA_MAX + 1], LK_READ_RECURSIVE);
	drop_all(&x.t1);
	NEST(&s, &x.t1, &c[EXPECT_VIA_MAX + 1], &x.b);
	is_int(state(&w, &s), EXPECT_UNSEEN, "a way over readers is none");
	NEST(&s, &x.t1, &c[0], &c[EXPECT_VIA_MAX]);
	is_int(state(&w, &s), EXPECT_PARTLY, "a short one is");
	is_int(expect_bug(w.e, 0)->link[1].nr_via, 2, "... over two");
	sim_done(&s);
	stop(&w);
}

/* Of A -> (lock of lockdep's own) -> B -> A the middle cannot be seen by tier order. */
static void test_over_the_unseen(void)
{
	struct watch_for w = look_for(KNOWN({ "a", "f+0x1/0x2" }, { "jbd2_handle", "h+0x1/0x2" }, { "b", "g+0x1/0x2" }));
	struct sim s;
	struct two x;

	x = start(&s, LK_TIER_ORDER, "a", "b");
	NEST(&s, &x.t2, &x.b, &x.a);
	is_int(state(&w, &s), EXPECT_PARTLY, "one of three links");
	is_int(expect_bug(w.e, 0)->nr_seen, 1, "... that between the locks which can be seen");
	NEST(&s, &x.t1, &x.a, &x.b);
	is_int(state(&w, &s), EXPECT_COMPLETE, "the order of its neighbours stands for the lock that is not there");
	is_int(expect_bug(w.e, 0)->link[1].state, EXPECT_LINK_INDIRECT, "indirect to it");
	is_int(expect_bug(w.e, 0)->link[2].state, EXPECT_LINK_INDIRECT, "... and from it");
	sim_done(&s);
	stop(&w);
}

static void test_recursion(void)
{
	struct watch_for w = look_for(KNOWN({ "a#3", "f+0x1/0x2" }));
	struct sim s;
	struct two x;

	x = start(&s, LK_TIER_LOCKDEP, "a", "b");
	NEST(&s, &x.t1, &x.b, &x.b);
	is_int(state(&w, &s), EXPECT_UNSEEN, "the recursion of another lock is not it");
	NEST(&s, &x.t1, &x.a, &x.a);
	is_int(state(&w, &s), EXPECT_COMPLETE, "its own is");
	sim_done(&s);
	stop(&w);
}

/* A class that is known by where it is taken only, and the report's function. */
static void test_by_function(void)
{
	struct watch_for w = look_for(KNOWN({ "x", "taker.constprop.0+0x1/0x2" }, { "b", "g+0x1/0x2" }));
	struct lk_event sym = { .kind = LK_EV_SYM, .sym = { .addr = 0xffffffff81000100, .name = "taker",
							    .module = "", .off = 16, .size = 32 } };
	struct sim s;
	struct sim_lock b, x;
	struct sim_task t;

	sim_init(&s, LK_TIER_ORDER);
	(void)sim_emit(&s, &sym);
	b = sim_static(&s, "b");
	x = (struct sim_lock){ .addr = 0xffff888000001000, .key = 1, .prim = LK_PRIM_MUTEX };
	sim_class(&s, (struct lk_ev_class){ .key = 1, .off = UINT32_MAX });
	t = sim_task(&s, "one");
	take(&s, &t, &b);
	take_as(&s, &t, &x, LK_WRITE, LK_HOLD_VERIFIED, 0xffffffff81000100);
	drop_all(&t);
	is_int(state(&w, &s), EXPECT_PARTLY, "the function tells the lock");
	is_int(expect_bug(w.e, 0)->link[0].state, EXPECT_LINK_SEEN, "... as taken");
	sim_done(&s);
	stop(&w);
}

static void test_watch(void)
{
	struct watch_for w = look_for(KNOWN({ "a", "unpin_pages+0x1/0x2" }, { "b", "g+0x1/0x2" }));
	struct lk_event watch = { .kind = LK_EV_WATCH, .watch = { 1, LK_STATE_FULL, "unpin_pages", "unpin_pages", "" } };
	struct lk_event other = { .kind = LK_EV_WATCH, .watch = { 2, LK_STATE_FULL, "other", "other", "" } };
	struct sim s;
	struct sim_lock b, c;
	struct sim_task t;

	sim_init(&s, LK_TIER_ORDER);
	(void)sim_emit(&s, &watch);
	(void)sim_emit(&s, &other);
	b = sim_static(&s, "b");
	c = sim_static(&s, "c");
	t = sim_task(&s, "one");
	for (int id = 2; id >= 1; id--) {
		const struct sim_lock *const held[] = { &c, &b };

		for (int i = 0; i < 2; i++) {
			struct lk_event ev;

			take(&s, &t, held[i]);
			ev = sim_order(&s, &t, (struct lk_ev_hold){ 0 });
			ev.order.flags = LK_ORDER_WATCH_ENTRY;
			ev.order.from = 0;
			ev.order.watch_mask = 1u << id;
			ok(!sim_emit(&s, &ev), "function %d is entered", id);
			drop_all(&t);
			is_int(state(&w, &s), id == 1 && i == 1 ? EXPECT_AT_RISK : EXPECT_UNSEEN,
			       "function %d with %s held", id, i ? "b" : "c");
		}
	}
	is_str(expect_bug(w.e, 0)->watch, "unpin_pages", "which function");
	is_str(model_class(s.m, expect_bug(w.e, 0)->watch_class).name, "b", "with which lock");
	is_int(expect_nr_exposed(w.e), 1, "exposed");
	sim_done(&s);
	stop(&w);
}

/* What has no circle, and what was found by a trace of ours. */
static void test_other_kinds(void)
{
	struct watch_for w;
	struct model *m = KNOWN({ "", "f+0x1/0x2" }, { "b", "g+0x1/0x2" });
	struct sim s, mine;
	struct sim_lock a, b;
	struct sim_task t1, t2;

	w = look_for(m);
	sim_init(&s, LK_TIER_ORDER);
	is_int(state(&w, &s), EXPECT_NO_CYCLE, "a lock without a name makes no circle");
	stop(&w);
	sim_init(&mine, LK_TIER_ORDER);
	a = sim_static(&mine, "a");
	b = sim_static(&mine, "b");
	t1 = sim_task(&mine, "one");
	t2 = sim_task(&mine, "two");
	NEST(&mine, &t1, &a, &b);
	NEST(&mine, &t2, &b, &a);
	w = look_for(mine.m);
	is_int(expect_nr(w.e), 1, "a finding of a trace can be looked for");
	is_int(state(&w, &s), EXPECT_UNSEEN, "... and is not there");
	is_int(state(&w, &mine), EXPECT_COMPLETE, "... but where it comes from");
	stop(&w);
	sim_done(&s);
}

int main(void)
{
	test_names();
	test_same();
	test_long_name();
	test_circle();
	test_silent();
	test_indirect();
	test_no_way();
	test_over_the_unseen();
	test_recursion();
	test_by_function();
	test_watch();
	test_other_kinds();
	return done_testing();
}
