// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockdep's lists as texts: classes, orders and chains, lock_stat; what is damaged;
 * circles with listed orders, which are none by themselves, and their silent twins.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/base/diag.h"
#include "../../user/core/finding.h"
#include "../../user/core/lockname.h"
#include "../../user/core/view.h"
#include "../../user/import/import.h"
#include "../../user/import/proc.h"
#include "../lib/tap.h"
#include "import_put.h"

#define NR(table)	(sizeof(table) / sizeof((table)[0]))
#define CLASSES		"all lock classes:\n"
#define CHAINS		"all lock chains:\n"
#define A		"[00000000aaaa0001] &a->lock\n"
#define B		"[00000000aaaa0002] &b->lock\n"
#define C		"[00000000aaaa0003] &c->lock\n"
#define RCU		"[00000000aaaa0009] rcu_read_lock\n"
#define AB		"00000000aaaa0001 FD:    2 BD:    1 ++++: &a->lock\n -> " B "\n"
#define BA		"00000000aaaa0002 FD:    2 BD:    1 ++++: &b->lock\n -> " A "\n"
#define BC		"00000000aaaa0002 FD:    2 BD:    1 ++++: &b->lock\n -> " C "\n"
#define CHAIN		"irq_context: 0\n"

/* --- pieces ------------------------------------------------------------------------------- */

static void test_headings(void)
{
	static const struct { const char *line; enum proc_list list; } table[] = {
		{ "all lock classes:", PROC_CLASSES }, { "all lock chains:", PROC_CHAINS },
		{ "(buggered) all lock chains:", PROC_CHAINS }, { "lock_stat version 0.4", PROC_STAT },
		{ "lock_stat version 0.3", PROC_STAT }, { "", PROC_NONE }, { " all lock classes:", PROC_NONE },
		{ "all lock classes: 12", PROC_NONE }, { "lock_stat", PROC_NONE },
		{ "the file says: all lock classes:", PROC_NONE },
	};
	size_t i;

	for (i = 0; i < NR(table); i++)
		is_int(proc_heading(table[i].line), table[i].list, "heading '%s'", table[i].line);
}

static void test_names(void)
{
	static const struct { const char *text, *name; uint32_t version, subclass; } table[] = {
		{ "&a->lock", "&a->lock", 0, 0 }, { "&a->lock#2", "&a->lock", 2, 0 }, { "&a->lock/1", "&a->lock", 0, 1 },
		{ "&a#12/7", "&a", 12, 7 }, { "&a#1", "&a#1", 0, 0 }, { "&a#02", "&a#02", 0, 0 }, { "&a/8", "&a/8", 0, 0 },
		{ "&a/0", "&a/0", 0, 0 }, { "mm/vmstat.c:2079", "mm/vmstat.c:2079", 0, 0 }, { "#2", "#2", 0, 0 },
		{ "a#", "a#", 0, 0 }, { "a/", "a/", 0, 0 }, { "a#99999999999", "a#99999999999", 0, 0 }, { "a#2#3", "a#2", 3, 0 },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789#3",
		  "012345678901234567890123456789012345678901234567890123456789012", 3, 0 },
	};
	struct proc_name n;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		proc_name_split(table[i].text, &n);
		is_str(n.name, table[i].name, "name of '%s'", table[i].text);
		ok(n.version == table[i].version && n.subclass == table[i].subclass, "... version and subclass");
	}
}

static void test_numbers(void)
{
	static const struct { const char *text; bool good; uint64_t n; const char *rest; } table[] = {
		{ "12 a", true, 12, " a" }, { "   7", true, 7, "" }, { "9999999999999999999", true, UINT64_C(9999999999999999999), "" },
		{ "", false, 0, "" }, { "-1", false, 0, "-1" }, { "x", false, 0, "x" }, { "12345678901234567890", false, 0, "" },
	};
	uint64_t n;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		const char *p = table[i].text;
		bool good = proc_number(&p, &n);

		ok(good == table[i].good && (!good || (n == table[i].n && !strcmp(p, table[i].rest))), "number '%s'", table[i].text);
	}
}

/* --- whole texts -------------------------------------------------------------------------- */

/* Read @text into @m; what it lacks. */
static struct import_stats add_text(struct model *m, const char *text, size_t n)
{
	int fd = memfd_create("text", MFD_CLOEXEC), err;
	const struct lk_sink sink = { put, m };
	struct import_stats stats;

	if (fd < 0 || !m || pwrite(fd, text, n, 0) != (ssize_t)n)
		abort();
	err = import_text(fd, "x.txt", &sink, &stats, NULL);
	if (err && err != -ENODATA)
		is_int(err, 0, "a text is read");
	close(fd);
	return stats;
}

static struct model *model_of(const char *text, struct import_stats *stats)
{
	struct model *m = model_new();

	*stats = add_text(m, text, strlen(text));
	return m;
}

/* "&a->lock>&b->lock ": all orders, oldest first; "*" behind the listed ones. */
static const char *orders(const struct model *m)
{
	static char text[1024];
	unsigned int i;
	size_t n = 0;

	text[0] = 0;
	for (i = 0; i < model_nr_edges(m) && n < sizeof(text) - 200; i++) {
		struct model_edge e = model_edge(m, i);

		if (e.dep)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.60s>%.60s%s", n ? " " : "",
					      model_class(m, e.from).name, model_class(m, e.to).name, e.listed ? "*" : "");
	}
	return text;
}

static void test_classes(void)
{
	struct import_stats st;
	struct model *m = model_of(CLASSES
		"00000000aaaa0001 OPS:     120 FD:    3 BD:    1 +.+.: &a->lock\n -> " B " -> [00000000aaaa0003] c_sem#2/1\n\n"
		"00000000aaaa0002 FD:    1 BD:    2 ....: &b->lock\n -> " B "\n"
		"00000000aaaa0003 OPS: 10000000000 FD:    1 BD:    2 ++++: c_sem#2/1\n\n"
		"00000000aaaa0004: no order, blank and colon: #1\n"
		"(____ptrval____) FD: 1 BD: 1 ......: e\n\n", &st);

	is_int(st.damaged, 0, "classes: every line is understood");
	is_int(model_nr_classes(m), 5, "... five classes");
	is_str(orders(m), "&a->lock>&b->lock* &a->lock>c_sem#2/1* &b->lock>&b->lock*", "... their orders, all listed");
	is_int((int64_t)model_class(m, 0).acquired, 120, "... how often it was taken");
	is_int((int64_t)model_class(m, 2).acquired, INT64_C(10000000000), "... more than 32 bits");
	is_int(model_class(m, 0).instances, 0, "... no instances are invented");
	is_str(model_class(m, 3).name, "no order, blank and colon: #1", "... a name may have anything in it");
	is_int((int64_t)model_edge(m, 0).count, 0, "... nothing is counted");
	is_int(model_edge(m, 0).tasks, 0, "... by nobody");
	is_int(model_nr_findings(m), 0, "... nested in itself is no recursion");
	ok(model_complete(m), "... complete");
	model_free(m);
}

static void test_chains(void)
{
	static const struct { const char *what, *text, *orders; unsigned int damaged; } table[] = {
		{ "a chain of one", CHAIN A "\n", "", 0 },
		{ "of two", CHAIN A B "\n", "&a->lock>&b->lock*", 0 },
		{ "of three: the order to the last", CHAIN A B C "\n", "&b->lock>&c->lock*", 0 },
		{ "not from what is not checked", CHAIN A RCU B "\n", "&a->lock>&b->lock*", 0 },
		{ "nothing else is held", CHAIN RCU B "\n", "", 0 },
		{ "in an interrupt, as a number", "irq_context: 2\n" A B "\n", "&a->lock>&b->lock*", 0 },
		{ "in an interrupt", "irq_context: hardirq|softirq\n" A B "\n", "&a->lock>&b->lock*", 0 },
		{ "twice", CHAIN A B "\n" CHAIN C A B "\n", "&a->lock>&b->lock*", 0 },
		{ "the same class twice", CHAIN A A "\n", "&a->lock>&a->lock*", 0 },
		{ "the end of one is missing", CHAIN A B CHAIN B C "\n", "&b->lock>&c->lock*", 1 },
		{ "the end of the last is missing", CHAIN A B, "", 1 },
		{ "a line of it is damaged", CHAIN A "[xyz] &a\n" B "\n" CHAIN B C "\n", "&b->lock>&c->lock*", 2 },
	};
	struct import_stats st;
	char text[512];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m;

		snprintf(text, sizeof(text), CHAINS "%s", table[i].text);
		m = model_of(text, &st);
		is_str(orders(m), table[i].orders, "chains: %s", table[i].what);
		is_int(st.damaged, table[i].damaged, "... damaged lines");
		is_int(model_nr_findings(m), 0, "... no finding");
		model_free(m);
	}
}

static void test_deep_chain(void)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	struct import_stats st;
	struct model *m;
	unsigned int i;

	fputs(CHAINS CHAIN, mem);
	for (i = 0; i < 100; i++)
		fprintf(mem, "[00000000bbbb%04u] l%u\n", i, i);
	fputs("\n", mem);
	if (fclose(mem))
		abort();
	m = model_of(text, &st);
	is_str(orders(m), "l98>l99*", "a chain of 100 locks");
	is_int(model_nr_classes(m), 100, "... all classes are known");
	model_free(m);
	free(text);
}

/* --- circles ------------------------------------------------------------------------------ */

/* A trace in which a task of id @tid takes the second of @locks inside of the first. */
static void add_trace(struct model *m, unsigned int tid, const char *locks, const char *read)
{
	char text[1024];
	unsigned int i;
	size_t n = (size_t)snprintf(text, sizeof(text), "# tracer: nop\n");

	for (i = 0; i < 4; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "  t-%u [000] ..... %u.5: lock_%s: ffff8881000%c0000 %s&%c->lock\n",
				      tid, 10 + i, i < 2 ? "acquire" : "release", locks[i < 2 ? i : 3 - i], i < 2 ? read : "",
				      locks[i < 2 ? i : 3 - i]);
	add_text(m, text, n);
}

/* Steps: "l<TEXT>" a list of classes, "tXY" a trace of X -> Y, "rXY" of readers. */
static struct model *model_of_steps(const char *const *step)
{
	struct model *m = model_new();
	unsigned int i;
	char text[1024];

	for (i = 0; step[i]; i++) {
		if (step[i][0] == 'l') {
			snprintf(text, sizeof(text), "%s%s", step[i][1] == 'i' ? CHAINS : CLASSES, step[i] + 1);
			add_text(m, text, strlen(text));
		} else {
			add_trace(m, 7 + i, step[i] + 1, step[i][0] == 'r' ? "read " : "");
		}
	}
	return m;
}

static void test_circles(void)
{
	static const struct { const char *what; int severity; const char *step[5]; } table[] = {
		{ "both orders are listed: those of readers, or lockdep had reported", -1, { "l" AB BA } },
		{ "... in two lists", -1, { "l" AB, "l" BA } },
		{ "... one in chains", -1, { "l" AB, "l" CHAIN B A "\n" } },
		{ "one is listed, the other one was seen", FINDING_POSSIBLE, { "l" AB, "tba" } },
		{ "... the list comes last", FINDING_POSSIBLE, { "tba", "l" AB } },
		{ "... in a chain", FINDING_POSSIBLE, { "tba", "l" CHAIN A B "\n" } },
		{ "... the same order was seen", -1, { "l" AB, "tab" } },
		{ "... was seen first", -1, { "tab", "l" AB } },
		{ "two of three are listed, one after the other", -1, { "l" AB BC, "tca" } },
		{ "one of three is listed", FINDING_POSSIBLE, { "l" AB, "tbc", "tca" } },
		{ "a reader holds it, and what is listed may be one that is let in", -1, { "l" AB, "rba" } },
		{ "all was seen", FINDING_LIKELY, { "tab", "tba" } },
		{ "... and is listed, too", FINDING_LIKELY, { "tab", "tba", "l" AB BA } },
		{ "... and was listed before", FINDING_LIKELY, { "l" AB BA, "tab", "tba" } },
		{ "... and was listed in between", FINDING_LIKELY, { "tba", "l" AB, "tab" } },
		{ "a detour is listed", FINDING_LIKELY, { "l" AB BC, "tab", "tba" } },
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m = model_of_steps(table[i].step);
		unsigned int nr = model_nr_findings(m);
		const struct finding *f = nr ? model_finding(m, 0) : NULL;

		is_int(nr, table[i].severity >= 0, "circle: %s", table[i].what);
		if (f && table[i].severity >= 0) {
			is_int(f->severity, table[i].severity, "... severity");
			ok(!f->link[0].listed && f->link[0].task.tid, "... a task that was seen is said to have completed it");
			is_int(strstr(f->why[0], "list of lockdep's") != NULL, f->severity == FINDING_POSSIBLE, "... the reason says so");
			ok(f->first_seen_ns > 0, "... it has a time");
		}
		model_free(m);
	}
}

static void test_listed_link(void)
{
	static const char *const step[] = { "l" AB, "tba", NULL };
	struct model *m = model_of_steps(step);
	const struct finding *f = model_nr_findings(m) ? model_finding(m, 0) : NULL;
	struct model_edge e;

	if (ok(f && f->nr_links == 2, "a listed and an observed link")) {
		ok(f->link[1].listed, "the second one is listed");
		is_str(f->link[1].taken.mode, "", "... its mode is not known");
		ok(!f->link[1].taken.addr && !f->link[1].held.addr, "... nor its instances");
	}
	model_free(m);
	m = model_of_steps((const char *const[]){ "l" AB, "tab", NULL });
	e = model_edge(m, 0);
	ok(!e.listed && e.dep == 8 && e.count == 1 && e.tasks == 1, "a listed order that is seen is as if it was seen only");
	is_int(model_class(m, 0).instances, 1, "... its instance is known");
	is_int(model_nr_classes(m), 2, "... the classes are the same by name");
	model_free(m);
}

/* --- lock_stat ------------------------------------------------------------------------------ */

static char *file_text(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *text = malloc(1 << 16);

	if (!f || !text)
		abort();
	*n = fread(text, 1, (1 << 16) - 1, f);
	text[*n] = 0;
	fclose(f);
	return text;
}

/* "&a->mutex#2 lock 50 12345670 1000500 250 a_open\n": rows, by time. */
static char *rows_text(const struct model *m)
{
	static const struct view_opts opts = { 0 };
	struct view v;
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	unsigned int i;

	if (!mem || view_build(m, &opts, &v))
		abort();
	for (i = 0; i < v.nr; i++)
		fprintf(mem, "%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", v.row[i].lock, v.row[i].type,
			v.row[i].count, v.row[i].total_ns, v.row[i].max_ns, v.row[i].min_ns, v.row[i].caller);
	if (fclose(mem))
		abort();
	view_done(&v);
	return text;
}

static void test_stat(void)
{
	static const struct { const char *path, *rows; } table[] = {
		{ "tests/golden/lists/lock_stat-0.4.txt",
		  "&a->mutex#2 lock 50 12345670 1000500 250 a_open\n&mm->b_lock lock:W 4 100000 40000 1000 (unknown)\n"
		  "&mm->b_lock lock:R 6 90000 30000 2000 (unknown)\n(work_completion)(&c->d)/1 lock 1 5000 5000 5000 (unknown)\n" },
		{ "tests/golden/lists/lock_stat-0.3.txt", "e_lock lock:W 3 9000 7000 500 e_write\n" },
	};
	struct import_stats st;
	size_t i, n;

	for (i = 0; i < NR(table); i++) {
		char *text = file_text(table[i].path, &n), *rows;
		struct model *m = model_of(text, &st);

		rows = rows_text(m);
		is_str(rows, table[i].rows, "%s: rows", table[i].path);
		is_int(st.damaged, 0, "... every line is understood");
		ok(model_complete(m), "... complete");
		model_free(m);
		free(rows);
		free(text);
	}
}

static void test_bad_rows(void)
{
	static const char *const bad[] = {
		"a: 1 2 3.00 4.00 5.00 6.00 7 8 9.00 1.00 1.00\n",		/* 11 numbers */
		"a: 1 2 3.00 4.00 5.00 6.00 7 8 9.00 1.00 1.00 x\n", "a: 1 2 3 4.00 5.00 6.00 7 8 9.00 1.00 1.00 1.00\n",
		"a: 1 -2 3.00 4.00 5.00 6.00 7 8 9.00 1.00 1.00 1.00\n", "a: 1 2 3.0 4.00 5.00 6.00 7 8 9.00 1.00 1.00 1.00\n",
		": 1 2 3.00 4.00 5.00 6.00 7 8 9.00 1.00 1.00 1.00\n", "a 12 [<ffff>] f+0x1/0x2\n", "something else\n",
		"a: 1 2 9999999999999999999.00 4.00 5.00 6.00 7 8 9.00 1.00 1.00 1.00\n", "a:\n",
	};
	struct import_stats st;
	char text[256];
	size_t i;

	for (i = 0; i < NR(bad); i++) {
		struct model *m;

		snprintf(text, sizeof(text), "lock_stat version 0.4\n%s", bad[i]);
		m = model_of(text, &st);
		ok(st.damaged == 1 && st.first_damaged == 2 && !model_nr_rows(m), "no row: %.*s", (int)strlen(bad[i]) - 1, bad[i]);
		model_free(m);
	}
}

/* --- damage ------------------------------------------------------------------------------- */

static void test_damage(void)
{
	static const struct { const char *what, *text, *orders; unsigned int damaged, first; } table[] = {
		{ "a line without sense", CLASSES AB "what?\n" BC, "&a->lock>&b->lock* &b->lock>&c->lock*", 1, 5 },
		{ "orders of nobody", CLASSES " -> " B AB, "&a->lock>&b->lock*", 1, 2 },
		{ "cut in a name", CLASSES AB "00000000aaaa0002 FD: 1 BD: 1 ++++: &b->lo", "&a->lock>&b->lock*", 1, 5 },
		{ "cut in an order", CLASSES AB "00000000aaaa0002 FD: 1 BD: 1 ++++: &b->lock\n -> [00000000aaaa0003] &c->l",
		  "&a->lock>&b->lock*", 2, 6 },
		{ "cut behind an order", CLASSES AB "00000000aaaa0002 FD: 1 BD: 1 ++++: &b->lock\n -> " C,
		  "&a->lock>&b->lock* &b->lock>&c->lock*", 1, 6 },
		{ "a key that is none", CLASSES "0000 FD: 1 BD: 1 ++++: &b->lock\n -> " C "\n" AB, "&a->lock>&b->lock*", 2, 2 },
		{ "no name", CLASSES "00000000aaaa0001 FD: 1 BD: 1 ++++: \n\n" AB, "&a->lock>&b->lock*", 1, 2 },
		{ "line ends of another system", "all lock classes:\r\n00000000aaaa0001 FD: 1 BD: 1 ....: &a\r\n -> "
		  "[00000000aaaa0002] &b\r\n\r\n", "&a>&b*", 0, 0 },
		{ "nothing but the heading", CLASSES, "", 0, 0 },
		{ "two lists in one text", CLASSES AB CHAINS CHAIN B C "\n", "&a->lock>&b->lock* &b->lock>&c->lock*", 0, 0 },
	};
	struct import_stats st;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m = model_of(table[i].text, &st);

		is_str(orders(m), table[i].orders, "damage: %s", table[i].what);
		ok(st.damaged == table[i].damaged && st.first_damaged == table[i].first, "... is counted");
		model_free(m);
	}
}

/* What is taken for a list has to have its heading where lines are read, too. */
static void test_beginnings(void)
{
	static const struct { const char *what, *text; size_t size; unsigned int sources; } table[] = {
#define BEGIN(what, text, sources)	{ what, text, sizeof(text) - 1, sources }
		BEGIN("empty lines before the heading", "\n\r\n\n" CLASSES AB, 1),
		BEGIN("a NUL in the heading", "all lock classes:\0\n" AB, 0),
		BEGIN("a NUL in the heading, more behind it", "all lock classes:\0x\n" AB, 0),
		BEGIN("a return before the heading", "\r" CLASSES AB, 0),
		BEGIN("a line of returns before the heading", "\r\r\n" CLASSES AB, 0),
		BEGIN("two returns behind the heading", "all lock classes:\r\r\n" AB, 0),
		BEGIN("no end of the heading", "all lock classes:", 0),
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m = model_new();

		add_text(m, table[i].text, table[i].size);
		is_int(model_nr_sources(m), table[i].sources, "begins with %s", table[i].what);
		model_free(m);
	}
}

/* Cut anywhere, or with any byte changed: what comes out is a part, and nothing breaks. */
static void test_every_cut(const char *path)
{
	size_t n, i;
	char *text = file_text(path, &n);
	bool whole = true;

	for (i = strcspn(text, "\n") + 1; i <= n; i++) {
		struct model *m = model_new();
		struct import_stats st = add_text(m, text, i);

		whole &= model_nr_sources(m) == 1 && model_nr_findings(m) == 0;
		whole &= i == n ? !st.damaged : text[i - 1] == '\n' || st.damaged > 0;
		model_free(m);
	}
	ok(whole, "%s: cut anywhere", path);
	for (i = strcspn(text, "\n") + 1; i < n; i++) {
		struct model *m = model_new();
		char old = text[i];

		text[i] = (char)(i % 2 ? 0xff : ' ');
		add_text(m, text, n);
		whole &= model_nr_sources(m) == 1;
		text[i] = old;
		model_free(m);
	}
	ok(whole, "%s: any byte changed", path);
	free(text);
}

int main(void)
{
	test_headings();
	test_names();
	test_numbers();
	test_classes();
	test_chains();
	test_deep_chain();
	test_circles();
	test_listed_link();
	test_stat();
	test_bad_rows();
	test_damage();
	test_beginnings();
	test_every_cut("tests/golden/lists/lockdep.txt");
	test_every_cut("tests/golden/lists/lockdep_chains.txt");
	test_every_cut("tests/golden/lists/lock_stat-0.4.txt");
	return done_testing();
}
