// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data of the panels: rates, waits that have not ended, chains, histories; and
 * the cells that all is drawn with.
 */
#include "../lib/tap.h"
#include "tui_screens.h"

static const struct top_row *row_named(const struct screen *t, enum top_panel panel, const char *name)
{
	const struct top_panel_data *p = &t->d.panel[panel];
	size_t i;

	for (i = 0; i < p->row.nr; i++)
		if (!strcmp(p->row.v[i].name, name))
			return &p->row.v[i];
	return NULL;
}

static struct model *model_with_names(void)
{
	struct model *m = new_model();

	add_meta(m, "web1", "");
	add_symbols(m);
	add_cgroup(m, 77, "/mysql");
	add_lock(m, LOCK_MMAP, "", "mm_struct", LK_RULE_MMAP_LOCK);
	add_lock(m, LOCK_INODE, "", "ext4_inode_cache", LK_RULE_NONE);
	add_lock(m, LOCK_PIPE, "", "kmalloc-192", LK_RULE_NONE);
	return m;
}

/* A lock that is held for ever: no wait for it ever ends. */
static void test_hung(void)
{
	const struct top_row *r;
	struct screen t;

	screen_begin(&t, model_with_names(), TOP_LOCKS);
	ok(!row_named(&t, TOP_LOCKS, "&mm->mmap_lock"), "a lock that nobody waits for is in no row");
	t.wait[0] = make_wait(LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, WHO_YES, T0 + SEC / 2,
			      T0 + SEC);
	t.wait[1] = make_wait(LOCK_MMAP, LK_LCB_WRITE, STACK_MMAP, WHO_MV, WHO_MYSQL2, T0 + SEC / 2 + 1,
			      T0 + SEC);
	t.env.nr_wait = 2;
	screen_look(&t, T0 + SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	ok(r, "a lock that two wait for, and nobody ever got, is");
	is_int(r ? r->waiting : 0, 2, "... with both");
	is_int(r ? (int64_t)r->count : -1, 0, "... no finished wait");
	is_int(r ? (int64_t)r->total_ns : 0, (int64_t)SEC - 1, "... and the time they have lost");
	is_str(r ? r->owner : NULL, "mysqld/4251", "... held by whom the last to come saw");
	ok(r && r->owner_now, "... now");
	t.wait[0].dur_ns += SEC;
	t.wait[1].dur_ns += SEC;
	screen_look(&t, T0 + 2 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	is_int(r ? (int64_t)r->gain_ns : 0, 2 * (int64_t)SEC, "two tasks lose two seconds in a second");
	is_int((int64_t)t.d.totals.gain_ns, 2 * (int64_t)SEC, "... in all, too");
	is_int(t.d.totals.blocked, 2, "... and two are blocked");

	/* Both end; they were counted already. */
	add_waits(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1, 3 * SEC / 2, 0);
	add_waits(t.m, LOCK_MMAP, LK_LCB_WRITE, STACK_MMAP, WHO_MV, 1, 3 * SEC / 2 - 1, 0);
	t.env.nr_wait = 0;
	screen_look(&t, T0 + 3 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	is_int(r ? (int64_t)r->gain_ns : -1, 0, "what was counted while it lasted is not counted at its end");
	is_int(r ? (int64_t)r->gain : 0, 2, "the waits are, when they end");
	is_int(r ? (int64_t)top_row_avg(r, false) : 0, 3 * (int64_t)SEC / 2 - 1,
	       "and their average is that of whole waits");
	is_int(r ? r->waiting : 1, 0, "nobody waits any more");
	screen_end(&t);
}

/* Hold times: sums, what came since the last look, and a lock that nobody waits for. */
static void test_holds(void)
{
	const struct top_row *r;
	struct screen t;

	screen_begin(&t, model_with_names(), TOP_LOCKS);
	add_waits(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 2, MS, 0);
	screen_look(&t, T0 + SEC, true);
	ok(!t.d.holds, "no hold times: the twin");
	is_int((int64_t)row_named(&t, TOP_LOCKS, "&mm->mmap_lock")->holds, 0, "... in no row");
	add_held(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 100, 2 * US, 5 * US);
	add_held(t.m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 3, 7 * US, 0);
	screen_look(&t, T0 + 2 * SEC, true);
	ok(t.d.holds, "there are hold times");
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	ok(r && r->holds == 101 && r->hold_ns == 205 * US && r->hold_max_ns == 5 * US, "... of a lock");
	ok(r && r->hold_gain == 101 && top_row_hold_avg(r, false) == 205 * US / 101, "... lately");
	ok(r && r->count == 2 && r->total_ns == 2 * MS, "... beside its waits");
	r = row_named(&t, TOP_LOCKS, "&ext4_inode_cache");
	ok(r && r->holds == 3 && !r->count && !r->total_ns && !r->gain_ns, "a lock that nobody waited for");
	is_int((int64_t)t.d.totals.count, 2, "all waits are only waits");
	add_held(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 10, 50 * US, 0);
	screen_look(&t, T0 + 3 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	is_int(r ? (int64_t)top_row_hold_avg(r, false) : 0, 50 * US, "the average of the last interval");
	is_int(r ? (int64_t)top_row_hold_avg(r, true) : 0, 705 * US / 111, "... and since the start");
	screen_look(&t, T0 + 4 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	is_int(r ? (int64_t)top_row_hold_avg(r, false) : 0, 705 * US / 111, "... which stands in for none");
	screen_end(&t);
}

static void test_rates(void)
{
	const struct top_row *r;
	struct screen t;

	screen_begin(&t, model_with_names(), TOP_LOCKS);
	add_waits(t.m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 10, 10 * MS, 0);
	screen_look(&t, T0 + 2 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "mutex@pipe_write");
	is_int(r ? (int64_t)r->gain : 0, 10, "ten waits in the first interval");
	is_int(r ? (int64_t)r->gain_over_ns : 0, 2 * (int64_t)SEC, "... of two seconds");
	screen_look(&t, T0 + 2 * SEC, false);
	r = row_named(&t, TOP_LOCKS, "mutex@pipe_write");
	is_int(r ? (int64_t)r->gain : 0, 10, "a look without a tick changes nothing");
	t.s.panel = TOP_CALLERS;
	screen_look(&t, T0 + 2 * SEC, false);
	r = row_named(&t, TOP_CALLERS, "pipe_write");
	is_int(r ? (int64_t)r->count : 0, 10, "a panel that was not shown has its sums");
	is_int(r ? (int64_t)r->gain_over_ns : 1, 0, "... and no rate yet");
	add_waits(t.m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 4, 10 * MS, 0);
	screen_look(&t, T0 + 3 * SEC, true);
	screen_look(&t, T0 + 4 * SEC, true);
	r = row_named(&t, TOP_CALLERS, "pipe_write");
	is_int(r ? (int64_t)r->gain : -1, 0, "later it has rates");
	is_int(r ? (int64_t)r->gain_over_ns : 0, (int64_t)SEC, "... over the interval");
	screen_end(&t);
}

static void test_chain(void)
{
	const struct top_row *r;
	struct screen t;

	screen_begin(&t, model_with_names(), TOP_TASKS);
	t.wait[0] = make_wait(LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_YES, T0 + 1, T0 + SEC);
	t.wait[1] = make_wait(LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, WHO_MYSQL, T0 + 2, T0 + SEC);
	t.env.nr_wait = 2;
	screen_look(&t, T0 + SEC, true);
	r = row_named(&t, TOP_TASKS, "mv/31337");
	is_str(r ? r->chain : NULL, "waits for mutex@pipe_write held by mysqld/4250", "a chain of two");
	ok(r && !r->circle, "... is no circle");
	r = row_named(&t, TOP_TASKS, "yes/9001");
	is_str(r ? r->chain : NULL, "", "the owner at its end does not wait");
	is_int(r ? (int64_t)r->since_ns : 0, (int64_t)SEC - 2, "blocked for as long as it is");

	t.wait[2] = make_wait(LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, WHO_MV, T0 + 3, T0 + SEC);
	t.env.nr_wait = 3;
	screen_look(&t, T0 + 2 * SEC, true);
	r = row_named(&t, TOP_TASKS, "mv/31337");
	ok(r && r->circle, "three that wait for each other are a circle");
	ok(r && strstr(r->chain, "a circle"), "... and it says so: %s", r ? r->chain : "");
	screen_end(&t);
}

static void test_history(void)
{
	const struct top_row *r;
	struct top_past *p;
	struct screen t;
	unsigned int i;

	screen_begin(&t, model_with_names(), TOP_LOCKS);
	for (i = 1; i <= 70; i++) {
		if (i == 65)
			add_waits(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1, SEC / 2, 0);
		else
			add_waits(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1, SEC / 4, 0);
		screen_look(&t, T0 + i * SEC, true);
	}
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	p = &t.d.panel[TOP_LOCKS].past.v[r->key];
	is_int((int64_t)p->second, (int64_t)(T0 / SEC) + 70, "the history has the last second");
	ok(p->rate[(T0 / SEC + 65) % TOP_SECONDS] > 0.49f && p->rate[(T0 / SEC + 65) % TOP_SECONDS] < 0.51f,
	   "the second in which half a second was lost");
	ok(p->rate[(T0 / SEC + 66) % TOP_SECONDS] < 0.26f, "and the next one");
	screen_look(&t, T0 + 100 * SEC, true);
	r = row_named(&t, TOP_LOCKS, "&mm->mmap_lock");
	p = &t.d.panel[TOP_LOCKS].past.v[r->key];
	ok(p->rate[(T0 / SEC + 90) % TOP_SECONDS] < 0.001f, "a long interval without waits is flat");
	screen_end(&t);
}

static void test_filter(void)
{
	static const char *const want[] = { "mmap_lock" };
	struct screen t;

	screen_begin(&t, model_with_names(), TOP_LOCKS);
	t.env.filter.lock = want;
	t.env.filter.nr_lock = 1;
	add_waits(t.m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 1, SEC / 4, 0);
	add_waits(t.m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 10, 10 * MS, 0);
	t.wait[0] = make_wait(LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_YES, T0 + 1, T0 + SEC);
	t.wait[1] = make_wait(LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_YES, WHO_MV, T0 + 1, T0 + SEC);
	t.env.nr_wait = 2;
	screen_look(&t, T0 + SEC, true);
	is_int((int64_t)t.d.panel[TOP_LOCKS].row.nr, 1, "-L leaves one lock");
	is_int((int64_t)t.d.wait.nr, 1, "... and the wait for it");
	screen_end(&t);
}

/* --- cells ---------------------------------------------------------------------------------- */

static void draws(unsigned int cols, bool ascii, bool middle, const char *s, const char *want)
{
	struct canvas c = { .ascii = ascii };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(canvas_resize(&c, 1, cols));
	if (middle)
		canvas_put_middle(&c, 0, 0, cols, STYLE_PLAIN, s);
	else
		canvas_put(&c, 0, 0, cols, STYLE_PLAIN, s);
	canvas_print(&c, f);
	fclose(f);
	if (*text)
		text[strlen(text) - 1] = '\0';
	is_str(text, want, "'%s' in %u columns%s", s, cols, ascii ? ", ASCII" : "");
	free(text);
	canvas_done(&c);
}

static void test_canvas(void)
{
	draws(10, false, false, "hello", "hello");
	draws(3, false, false, "hello", "hel");
	draws(9, false, true, "abcdefghijkl", "abcd..jkl");
	draws(12, false, true, "abcdefghijkl", "abcdefghijkl");
	draws(10, false, false, "m\xc3\xa4nner", "m\xc3\xa4nner");
	draws(10, true, false, "m\xc3\xa4nner", "m?nner");
	draws(3, false, false, "\xe6\xbc\xa2\xe5\xad\x97", "\xe6\xbc\xa2");
	draws(4, true, false, "\xe6\xbc\xa2\xe5\xad\x97", "????");
	draws(10, false, false, "a\x1b[2Jb", "a?[2Jb");
	draws(10, false, false, "\xff\xfe", "??");
	draws(10, false, false, "e\xcc\x81x", "ex");
}

static void bar(double part, unsigned int cols, bool ascii, const char *want)
{
	struct canvas c = { .ascii = ascii };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(canvas_resize(&c, 1, cols));
	canvas_bar(&c, 0, 0, cols, part, 1);
	canvas_print(&c, f);
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	is_str(text, want, "a bar of %g in %u columns%s", part, cols, ascii ? ", ASCII" : "");
	free(text);
	canvas_done(&c);
}

static void test_bar(void)
{
	bar(0, 4, false, "");
	bar(1, 4, false, "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88");
	bar(0.5, 4, false, "\xe2\x96\x88\xe2\x96\x88");
	bar(0.03125, 4, false, "\xe2\x96\x8f");
	bar(0.5, 4, true, "##");
	bar(7, 2, true, "##");
}

int main(void)
{
	test_hung();
	test_holds();
	test_rates();
	test_chain();
	test_history();
	test_filter();
	test_canvas();
	test_bar();
	return done_testing();
}
