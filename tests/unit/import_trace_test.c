// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces of locks as text: lines of ftrace, trace-cmd and perf script; two orders
 * that can deadlock and their silent twins; waits; a real trace.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/base/diag.h"
#include "../../user/core/finding.h"
#include "../../user/core/lockname.h"
#include "../../user/import/import.h"
#include "../../user/import/trace.h"
#include "../lib/tap.h"
#include "import_put.h"

#define NR(table)	(sizeof(table) / sizeof((table)[0]))

/* What trace_line_parse() says of a line that it takes apart. */
static int parse(const char *text)
{
	char *line = strdup(text);
	struct trace_line l;
	int ret = trace_line_parse(line, &l);

	free(line);
	return ret;
}

static void test_lines(void)
{
	static const struct {
		const char *line;
		enum trace_what what;
		const char *comm;
		uint32_t pid, cpu, ctx;
		uint64_t ns, lock;
		bool try, read;
		uint32_t lcb;
		const char *name;
	} table[] = {
		{ "              sh-95      [000] ...1.     5.312574: contention_end: 00000000c5a7ed9f (ret=0)", TRACE_END, "sh", 95, 0,
		  LK_CTX_TASK, 5312574000, 0xc5a7ed9f, false, false, 0, "" },
		{ "              sh-95      [000] ...1.     5.321336: contention_begin: 00000000c5a7ed9f (flags=SPIN|MUTEX)",
		  TRACE_BEGIN, "sh", 95, 0, LK_CTX_TASK, 5321336000, 0xc5a7ed9f, false, false, LK_LCB_SPIN | LK_LCB_MUTEX, "" },
		{ "          <idle>-0       [001] dNh3.     5.349490: lock_contended: 000000002b4f4054 &rq->__lock", TRACE_CONTENDED,
		  "<idle>", 0, 1, LK_CTX_HARDIRQ, 5349490000, 0x2b4f4054, false, false, 0, "&rq->__lock" },
		{ "    kworker/u8:3-a-12    [010] d.s..    12.000001: lock_acquire: ffff888100000010 try read &a->b c", TRACE_ACQUIRE,
		  "kworker/u8:3-a", 12, 10, LK_CTX_SOFTIRQ, 12000001000, 0xffff888100000010, true, true, 0, "&a->b c" },
		{ "    bash-1977  (   1977) [000] .....    12.5: lock_release: 0000000012345678 &x", TRACE_RELEASE, "bash", 1977, 0,
		  LK_CTX_TASK, 12500000000, 0x12345678, false, false, 0, "&x" },
		{ "              ls-1234  [001]   123.456789: lock_acquire:         0xffff888100000010 read &a", TRACE_ACQUIRE, "ls",
		  1234, 1, LK_CTX_UNKNOWN, 123456789000, 0xffff888100000010, false, true, 0, "&a" },
		{ "CPU 0/KVM  5886 [001]   123.456789: lock:lock_acquired: 0xffff888100000010 &a", TRACE_ACQUIRED, "CPU 0/KVM", 5886, 1,
		  LK_CTX_UNKNOWN, 123456789000, 0xffff888100000010, false, false, 0, "&a" },
		{ "ls 10/11 [001]   1.000000001: lock:contention_begin: 0xffff888100000010 (flags=)", TRACE_BEGIN, "ls", 11, 1,
		  LK_CTX_UNKNOWN, 1000000001, 0xffff888100000010, false, false, 0, "" },
	};
	static const char *const none[] = {
		"", "# tracer: nop", "lock_acquire: 0000000012345678 x", "sh-95 [000] 5.3: sched_switch: a",
		"sh-95 [000] ..... 5.3: my_lock_acquire: 12 a", "# sh-95 [000] ..... 5.3: lock_acquire: 12 a",
	};
	static const char *const bad[] = {
		"sh-95 [000] lock_acquire: 1 a",
		"sh-95 5.3: lock_acquire: 1 a", "sh-95 [000] ..... 5.3: lock_acquire: not-hex a", "sh [000] ..... 5.3: lock_acquire: 12 a",
		"sh-95 [000] ..... 5.3: lock_acquire: 12", "sh-95 [000] ..... x: lock_acquire: 12 a", ": lock_acquire: 12 a",
		"sh-95 [000] ..... 5.3: contention_begin: (____ptrval____) (flags=SPIN)",
		"sh-95 [000] ..... 5.3: contention_begin: 0000000000000000 (flags=SPIN)",
		"sh-95 [000] ..... 4294967296.3: lock_acquire: 12 a", "sh-95 [65535] ..... 5.3: lock_acquire: 12 a",
		"sh-95 [18446744073709551616] ..... 5.3: lock_acquire: 12 a",
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		char *line = strdup(table[i].line);
		struct trace_line l;

		if (ok(trace_line_parse(line, &l) > 0, "%s", table[i].line)) {
			ok(l.what == table[i].what && l.pid == table[i].pid && l.cpu == table[i].cpu && l.ctx == table[i].ctx,
			   "... event, task, CPU and context");
			is_str(l.comm, table[i].comm, "... name of the task");
			is_int((int64_t)l.time_ns, (int64_t)table[i].ns, "... time");
			ok(l.lock == table[i].lock && l.try == table[i].try && l.read == table[i].read && l.lcb == table[i].lcb,
			   "... lock and flags");
			is_str(l.name, table[i].name, "... name of the lock");
		}
		free(line);
	}
	for (i = 0; i < NR(none); i++)
		is_int(parse(none[i]), 0, "none: '%s'", none[i]);
	for (i = 0; i < NR(bad); i++)
		is_int(parse(bad[i]), -1, "makes no sense: '%s'", bad[i]);
}

static void test_lost(void)
{
	static const struct { const char *line; uint64_t nr; } table[] = {
		{ "CPU:3 [LOST 123 EVENTS]", 123 }, { "CPU:0 [LOST EVENTS]", 1 }, { "CPU:7 [204600 EVENTS DROPPED]", 204600 },
		{ "CPU:7 [EVENTS DROPPED]", 1 }, { "sh 9/10 [006] 1.000000001: PERF_RECORD_LOST lost 9", 9 },
		{ "", 0 }, { "CPU:3", 0 }, { "CPU:3 [LOST 123", 0 }, { "##### CPU 3 buffer started ####", 0 }, { "cpus=2", 0 },
		{ "sh-95 [000] ..... 5.3: lock_acquire: 12 [LOST EVENTS]", 0 },
	};
	size_t i;

	for (i = 0; i < NR(table); i++)
		is_int((int64_t)trace_line_lost(table[i].line), (int64_t)table[i].nr, "lost events: '%s'", table[i].line);
}

static struct import_stats stats;	/* of model_of() */

static struct model *model_of(const char *text, size_t n)
{
	int fd = memfd_create("text", MFD_CLOEXEC), err;
	struct model *m = model_new();
	const struct lk_sink sink = { put, m };

	if (fd < 0 || !m || pwrite(fd, text, n, 0) != (ssize_t)n)
		abort();
	err = import_text(fd, "x.txt", &sink, &stats, NULL);
	is_int(err, 0, "a trace is read");
	close(fd);
	return m;
}

/* What cannot be used, or is missing, is counted, and nothing comes of it. */
static void test_damage(void)
{
#define WAIT(cpu, lock)	" a-1 [" cpu "] ..... 1.0: lock_contended: ffff8881000000" lock "0 &a->lock\n" \
			" a-1 [" cpu "] ..... 1.1: lock_acquired: ffff8881000000" lock "0 &a->lock\n"
	static const struct { const char *what, *text; unsigned int waits; uint64_t damaged, first, lost; } table[] = {
		{ "a whole trace", WAIT("0", "1") WAIT("0", "2"), 2, 0, 0, 0 },
		{ "cut in a lock's name", WAIT("0", "1") " a-1 [0] ..... 2.0: lock_contended: ffff888100000020 &a->lock\n"
		  " a-1 [0] ..... 2.1: lock_acquired: ffff888100000020 &a->lo", 1, 1, 4, 0 },
		{ "cut elsewhere", WAIT("0", "1") " a-1 [0] ..... 2.1: sched_swi", 1, 0, 0, 0 },
		{ "no CPU of that number", WAIT("0", "1") WAIT("65535", "2") WAIT("0", "3"), 2, 2, 3, 0 },
		{ "lost events", WAIT("0", "1") "CPU:0 [LOST 12 EVENTS]\n" WAIT("0", "2") "CPU:1 [LOST EVENTS]\n", 2, 0, 0, 13 },
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m = model_of(table[i].text, strlen(table[i].text));

		is_int(model_nr_rows(m), table[i].waits, "%s: waits", table[i].what);
		ok(stats.damaged == table[i].damaged && stats.first_damaged == table[i].first && stats.lost == table[i].lost,
		   "... damage and losses");
		model_free(m);
	}
}

/* The highest number of a CPU that is one, where it counts: its idle task's waits. */
static void test_last_cpu(void)
{
	static const char text[] =
		" <idle>-0 [65534] d.h1. 1.000001: contention_begin: ffff888100000010 (flags=SPIN)\n"
		" <idle>-0 [65534] d.h1. 1.000009: contention_end: ffff888100000010 (ret=0)\n";
	struct model *m = model_of(text, sizeof(text) - 1);

	is_int(model_nr_rows(m), 1, "a wait on the last CPU that there can be");
	is_int(model_row(m, 0).cpu, 65535, "... with its number, from 1");
	model_free(m);
}

/* Steps: "a1+A" task a of id 1 takes A; "-A" releases; "?A" trylock; "rA" for reading; "hA" in an interrupt. */
static struct model *model_of_steps(const char *const *step)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	unsigned int i;
	struct model *m;

	fprintf(mem, "# tracer: nop\n#\n");
	for (i = 0; step[i]; i++) {
		const char *s = step[i];
		char op = s[2], name = s[3];
		int instance = s[4] ? s[4] - '0' : 0;

		fprintf(mem, "  %c-%c [00%c] ..%c.. %u.5: lock_%s: ffff8881000%c%d000 %s%s&%c->lock\n", s[0], s[1], s[1],
			op == 'h' ? 'h' : '.', 10 + i, op == '-' ? "release" : "acquire", name, instance,
			op == '?' ? "try " : "", op == 'r' ? "read " : "", name);
	}
	if (fclose(mem))
		abort();
	m = model_of(text, size);
	free(text);
	return m;
}

static void test_orders(void)
{
	static const struct { const char *what; unsigned int findings; const char *step[16]; } table[] = {
		{ "two tasks, both orders", 1, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2+A", "b2-A", "b2-B" } },
		{ "two tasks, one order", 0, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+A", "b2+B", "b2-B", "b2-A" } },
		{ "not nested", 0, { "a1+A", "a1-A", "a1+B", "a1-B", "b2+B", "b2-B", "b2+A", "b2-A" } },
		{ "released in the other order", 1, { "a1+A", "a1+B", "a1-A", "a1-B", "b2+B", "b2+A", "z9+Z", "z9-Z" } },
		{ "by trylock", 0, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2?A", "b2-A", "b2-B" } },
		{ "readers of both", 1, { "a1rA", "a1rB", "a1-B", "a1-A", "b2rB", "b2rA", "z9+Z", "z9-Z" } },
		{ "three", 1, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2+C", "b2-C", "b2-B", "c3+C", "c3+A", "z9+Z", "z9-Z" } },
		{ "an interrupt in between", 0, { "a1+A", "a1hB", "a1-A", "b2+B", "b2+A" } },
		{ "the same lock again", 1, { "a1+A", "a1+A", "z9+Z", "z9-Z" } },
		{ "tracing was turned off, releases first", 0, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2+A" } },
		{ "a release is missing", 0, { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2+A", "b2-A", "b2+C", "b2-C" } },
		{ "a release is missing, the lock is taken again", 0,
		  { "a1+A", "a1+B", "a1-B", "a1-A", "b2+B", "b2+A", "b2-A", "b2+B", "b2-B" } },
		{ "another instance", 0, { "a1+A0", "a1+A1" } },
		{ "a nested class is left out", 0,
		  { "a1+A0", "a1+B", "a1-B", "a1-A0", "b2+B", "b2+A0", "b2-A0", "b2-B", "c3+A0", "c3+A1" } },
		{ "released before it was seen to be taken", 0, { "a1-A", "a1+B", "a1-B" } },
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct model *m = model_of_steps(table[i].step);

		is_int(model_nr_findings(m), table[i].findings, "%s", table[i].what);
		ok(model_complete(m), "... nothing is missing");
		if (table[i].findings)
			ok(!model_finding(m, 0)->report && strstr(model_finding(m, 0)->link[0].taken.name, "->lock"),
			   "... a finding as from a run");
		model_free(m);
	}
}

static void test_waits(void)
{
	static const char text[] =
		"  a-1 [000] ..... 1.000000: lock_acquire: ffff888100000010 &a->lock\n"
		"  a-1 [000] ..... 1.000001: lock_contended: ffff888100000010 &a->lock\n"
		"  a-1 [000] ..... 1.000002: contention_begin: ffff888100000000 (flags=MUTEX)\n"
		"  a-1 [000] ..... 1.000007: contention_end: ffff888100000000 (ret=0)\n"
		"  a-1 [000] ..... 1.000008: lock_acquired: ffff888100000010 &a->lock\n"
		"  b-2 [001] ..... 2.000000: lock_contended: ffff888100000020 &b->lock\n"
		"  b-2 [001] ..... 2.000003: lock_acquired: ffff888100000020 &b->lock\n"
		"  b-2 [001] ..... 3.000000: lock_acquired: ffff888100000020 &b->lock\n"
		"  b-2 [001] ..... 3.000001: contention_end: ffff888100000000 (ret=0)\n";
	struct model *m = model_of(text, sizeof(text) - 1);

	is_int(model_nr_rows(m), 2, "two waits, neither counted twice");
	is_int((int64_t)model_row(m, 0).agg.total_ns, 5000, "... from contention_begin to its end");
	is_int(model_row(m, 0).lcb, LK_LCB_MUTEX, "... with its type");
	is_str(model_lock(m, 0, 0xffff888100000000)->name, "&a->lock", "... and the name of what was being taken");
	is_int((int64_t)model_row(m, 1).agg.total_ns, 3000, "... from lock_contended to lock_acquired");
	is_int(model_row(m, 1).lcb, LK_LCB_SPIN, "... by spinning, as it did not sleep");
	model_free(m);
}

static void test_real(const char *file, unsigned int classes, unsigned int waits)
{
	static char text[1 << 20];
	char path[128];
	struct model *m;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "tests/golden/traces/%s", file);
	f = fopen(path, "r");
	if (!f) {
		skip("no tests/golden/traces here; run from the top of the source");
		return;
	}
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	m = model_of(text, n);
	ok(model_nr_classes(m) >= classes, "%s: %u classes", file, model_nr_classes(m));
	ok(model_nr_edges(m) > 0, "... with orders (%u)", model_nr_edges(m));
	ok(model_nr_rows(m) >= waits, "... and waits (%u)", model_nr_rows(m));
	is_int(model_nr_findings(m), 0, "... and nothing to find");
	ok(!stats.damaged && !stats.lost, "... every line of it makes sense");
	is_int(model_nr_coverage(m), 2, "... and it is said what such a trace lacks");
	model_free(m);
}

int main(void)
{
	test_lines();
	test_lost();
	test_damage();
	test_last_cpu();
	test_orders();
	test_waits();
	test_real("ftrace-6.12.txt", 10, 5);
	test_real("trace-cmd-6.12.txt", 10, 0);
	test_real("perf-script-6.12.txt", 10, 2);
	test_real("perf-script-g-6.12.txt", 5, 1);
	return done_testing();
}
