// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the formats dot, folded and perfetto are made from: which part of the kernel a
 * lock belongs to, and who held a lock while somebody waited. Their text is in
 * render_golden_test.c.
 */
#include "../../user/render/dot_graph.h"
#include "../../user/render/timeline.h"
#include "../lib/tap.h"
#include "render_out.h"
#include "render_wait_models.h"

/* --- subsystems --------------------------------------------------------------------------- */

static void test_subsystems(void)
{
	static const struct { const char *name, *want; } cases[] = {
		{ "iommu_lock [lks_fixture]", "module lks_fixture" },
		{ "&dev->mutex [i915]", "module i915" },
		{ "&inode->i_rwsem (ext4:dir)", "file system ext4" },
		{ "&inode->i_rwsem (btrfs)", "file system btrfs" },
		{ "&mm->mmap_lock", "memory" }, { "&mm->mmap_lock/1", "memory" },
		{ "slock-AF_INET6/1", "network" }, { "&rq->__lock", "scheduler" },
		{ "tk_core.seq.seqcount", "time" }, { "&tcp_hashinfo.bhash[i].lock", "network" },
		{ "(wq_completion)events", "workqueues" }, { "cpu_hotplug_lock", "CPU hotplug" },
		/* What only looks like it. */
		{ "", NULL }, { "&", NULL }, { "lock#3", NULL }, { "mm", NULL }, { "&mm", NULL },
		{ "mmap_lock", NULL }, { "&mmx->lock", NULL }, { "&obj->mm.lock", NULL },
		{ "&p->lock", NULL }, { "[module]", NULL }, { "lock []", NULL }, { "locks[i]", NULL },
		{ "&n->lock (ext4:dir)", NULL }, { "&inode->i_rwsem (", "file systems" },
		{ "mutex@pipe_write", NULL }, { "kmalloc-64+0x10", NULL },
	};
	char buf[80];
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool known = dot_subsystem(cases[i].name, buf, sizeof(buf));

		if (cases[i].want)
			is_str(known ? buf : NULL, cases[i].want, "'%s'", cases[i].name);
		else
			ok(!known, "'%s' does not tell", cases[i].name);
	}
}

/* --- folded ------------------------------------------------------------------------------- */

static void test_folded_of_nothing(void)
{
	struct model *m = model_empty(), *full = model_typical();
	char *nothing = report("folded", m, &(struct render_opts){ 0 });
	char *other = report("folded", full, &(struct render_opts){ .view.entries = 2 });

	is_str(nothing, "", "without waits, no line");
	is_int(count(other, "\n"), 2, "as many lines as -E says");
	ok(strstr(other, " 4380000000\n") && strstr(other, " 1500000000\n"), "those with most time");
	free(nothing);
	free(other);
	model_free(m);
	model_free(full);
}

/* --- holds -------------------------------------------------------------------------------- */

static bool is_hold(const struct timeline *t, size_t i, const char *comm, uint64_t from_ms,
		    uint64_t to_ms, bool inherited)
{
	const struct timeline_hold *h = &t->hold.v[i];

	return i < t->hold.nr && !strcmp(t->task.v[h->task].comm, comm) && h->inherited == inherited &&
	       h->start_ns == T0 + from_ms * MS && h->end_ns == T0 + to_ms * MS;
}

static struct timeline build(const struct model *m, const struct view_opts *opts)
{
	struct timeline t;

	if (timeline_build(m, opts, &t)) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	return t;
}

/* The worker is named by both waiters, but the second one's wait outlasts its hold. */
static void test_hand_over(void)
{
	struct model *m = new_waits_model(10);
	struct timeline t;

	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 10, 30);
	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_YES, WHO_WORKER, 20, 45);
	t = build(m, &(struct view_opts){ 0 });
	is_int(t.hold.nr, 2, "two held it, one after the other");
	ok(is_hold(&t, 0, "kworker/u16:3+f", 10, 30, false), "first the owner, until a wait ends");
	ok(is_hold(&t, 1, "mv", 30, 45, true), "then the task whose wait ended, until the next one does");
	is_int(t.pass.nr, 2, "it was let go twice");
	ok(t.pass.nr == 2 && !strcmp(t.task.v[t.pass.v[1].from].comm, "mv"), "the second time by that task");
	timeline_done(&t);

	/* A filter chooses what is shown, not what is known. */
	t = build(m, &(struct view_opts){ .filter.tid = &(uint32_t){ 9001 }, .filter.nr_tid = 1 });
	is_int(t.wait.v[0].shown + t.wait.v[1].shown, 1, "one wait passes a filter");
	ok(is_hold(&t, 1, "mv", 30, 45, true), "and it is still known that mv had the lock");
	timeline_done(&t);
	t = build(m, &(struct view_opts){ .entries = 1 });
	ok(t.wait.v[0].shown + t.wait.v[1].shown == 1 && t.hold.nr == 2, "so it is with the longest only");
	timeline_done(&t);
	model_free(m);
}

static void test_what_is_not_known(void)
{
	struct model *m = new_waits_model(10);
	struct timeline t;

	add_single(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_MYSQL, WHO_NONE, 50, 60);
	t = build(m, &(struct view_opts){ 0 });
	ok(t.wait.nr == 1 && !t.hold.nr && !t.pass.nr, "no owner: nobody holds it, nobody let it go");
	timeline_done(&t);

	/* Owned by the same task in two waits that touch, then again later. */
	add_single(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER, 10, 20);
	add_waiting(m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_YES, WHO_WORKER, SEC);
	t = build(m, &(struct view_opts){ 0 });
	is_int(t.hold.nr, 2, "held while somebody waits, not in between");
	ok(is_hold(&t, 0, "kworker/u16:3+f", 10, 20, false) &&
	   is_hold(&t, 1, "kworker/u16:3+f", 9000, 10000, false), "also by who waits still");
	is_int(t.pass.nr, 1, "that wait has not ended, so nobody let it go");
	timeline_done(&t);
	model_free(m);
}

/* One holder at a time, only while somebody waits, and an end for each that let go. */
static void test_random_holds(void)
{
	struct model *m = new_waits_model(2000);
	unsigned int i, seed = 1, twice = 0, idle = 0, odd = 0;
	struct timeline t;

	srand(seed);
	for (i = 0; i < 2000; i++) {
		struct who who = { "w", 100 + rand() % 20, 100 + rand() % 20, 1 };
		struct who owner = { "o", rand() % 3 ? 200 + rand() % 3 : 0, 200, 1 };
		uint64_t from = (uint64_t)rand() % 5000;

		add_single(m, LOCK_ZONE + 64 * ((uint64_t)rand() % 5), LK_LCB_MUTEX, STACK_PIPE, who, owner,
			   from, from + (uint64_t)rand() % 20);
	}
	t = build(m, &(struct view_opts){ 0 });
	for (i = 0; i < t.hold.nr; i++) {
		const struct timeline_hold *h = &t.hold.v[i], *last = i ? h - 1 : NULL;
		uint64_t at;
		size_t k;

		twice += h->start_ns >= h->end_ns ||
			 (last && last->lock == h->lock && last->end_ns > h->start_ns);
		for (at = h->start_ns; at < h->end_ns; at += MS) {
			for (k = 0; k < t.wait.nr; k++) {
				const struct lk_ev_wait *w = t.wait.v[k].wait;

				if (t.wait.v[k].lock == h->lock && w->start_ns <= at &&
				    at < w->start_ns + w->dur_ns)
					break;
			}
			idle += k == t.wait.nr;
		}
	}
	for (i = 0; i < t.pass.nr; i++)
		odd += t.pass.v[i].from == t.wait.v[t.pass.v[i].wait].task;
	ok(t.hold.nr > 100 && t.pass.nr > 100, "many holds (seed %u)", seed);
	is_int(twice, 0, "never two at a time");
	is_int(idle, 0, "only while somebody waits");
	is_int(odd, 0, "nobody waits for itself");
	timeline_done(&t);
	model_free(m);
}

int main(void)
{
	test_subsystems();
	test_folded_of_nothing();
	test_hand_over();
	test_what_is_not_known();
	test_random_holds();
	return done_testing();
}
