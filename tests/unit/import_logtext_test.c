// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of kernel logs: prefixes, frames, titles, and the line of a lock in every
 * shape that it has had since 2.6.18; each with neighbours that are none.
 */
#include "../../user/import/logtext.h"
#include "../../user/import/report.h"
#include "../lib/tap.h"

#define NR(table)	(sizeof(table) / sizeof((table)[0]))

static char *cut(const char *s, size_t n)
{
	return strndup(s ? s : "", s ? n : 0);
}

static void test_locks(void)
{
	static const struct { const char *line; uint64_t addr; const char *name, *usage, *at; } table[] = {
		/* 2.6.18 - 2.6.28: four characters */
		{ " (tasklist_lock){..??}, at: [<ffffffff80232e95>] f+0x15/0x50", 0, "tasklist_lock", "{..??}", "f+0x15/0x50" },
		{ " (&inode->i_mutex){--..}, at: [<c0102030>] do_it+0x1/0x2", 0, "&inode->i_mutex", "{--..}", "do_it+0x1/0x2" },
		/* 2.6.30 - 4.13: six */
		{ " (&mm->mmap_sem){++++++}, at: [<ffffffffa00c988a>] get+0x5a/0x2e0 [i915]", 0, "&mm->mmap_sem", "{++++++}",
		  "get+0x5a/0x2e0 [i915]" },
		{ "(&(&b->lock)->rlock){+.?...} , at: [<ffffffff81401c88>] f+0x78/0x150", 0, "&(&b->lock)->rlock", "{+.?...}",
		  "f+0x78/0x150" },
		/* 4.14 - 4.16: four again, hashed place */
		{ " (&dd->dd_lock){+.+.}, at: [<000000004f37fa18>] f+0x1/0x2", 0, "&dd->dd_lock", "{+.+.}", "f+0x1/0x2" },
		/* 4.18: instance, no place in brackets */
		{ "000000002624bc34 (&p->lock){+.+.}, at: seq_read+0x71/0x13b0", 0x2624bc34, "&p->lock", "{+.+.}",
		  "seq_read+0x71/0x13b0" },
		/* 5.7: wait types */
		{ "ffff8881364e8c80 (&x->wait#2){..-.}-{2:2}, at: f+0x1/0x2", 0xffff8881364e8c80, "&x->wait#2", "{..-.}-{2:2}",
		  "f+0x1/0x2" },
		{ "ff76a014 (&syncp->seq#2){+.+.}-{0:0}, at: f+0x1/0x2", 0xff76a014, "&syncp->seq#2", "{+.+.}-{0:0}", "f+0x1/0x2" },
		/* names that are any text */
		{ "(per_cpu_ptr(&cgroup_rstat_cpu_lock, cpu)){-...}-{2:2}", 0, "per_cpu_ptr(&cgroup_rstat_cpu_lock, cpu)",
		  "{-...}-{2:2}", "" },
		{ "((work_completion)(&(&x->work)->work)#3){+.+.}", 0, "(work_completion)(&(&x->work)->work)#3", "{+.+.}", "" },
		{ "(&type->s_umount_key#41/1){+.+.}", 0, "&type->s_umount_key#41/1", "{+.+.}", "" },
		{ "(&b->lock l=1 1048575:922){+.+.}", 0, "&b->lock l=1 1048575:922", "{+.+.}", "" },
		{ "((&(&w->timer)->timer)){+.-...}, at: [<c0>]", 0, "(&(&w->timer)->timer)", "{+.-...}", "[<c0>]" },
		{ "((complete)&req.done){+.+.}:", 0, "(complete)&req.done", "{+.+.}", "" },
		{ "(a){+.+.}{b){....}-{2:2}, at: f+0x1/0x2", 0, "a){+.+.}{b", "{....}-{2:2}", "f+0x1/0x2" },
		{ "<RELEASED>", 0, "<RELEASED>", "", "" },
		/* made shorter by hand */
		{ "(hi_cpufreq_lock):   a words", 0, "hi_cpufreq_lock", "", "" },
		/* places of decoders */
		{ "ffff00097eea1180 (cpu){....}-{3:3}, at: f (kernel/printk/p.c:28 (discriminator 3))", 0xffff00097eea1180, "cpu",
		  "{....}-{3:3}", "f (kernel/printk/p.c:28 (discriminator 3))" },
		{ "ffff888032ab3468 (&pipe->mutex){+.+.}-{3:3}, at: pipe_lock fs/pipe.c:92 [inline]", 0xffff888032ab3468,
		  "&pipe->mutex", "{+.+.}-{3:3}", "pipe_lock fs/pipe.c:92 [inline]" },
	};
	static const char *const none[] = {
		"", "no lock at all", "f+0x1/0x2", "{+.+.}", "()", "( never closed", "12345678", "at: f+0x1/0x2", "(",
	};
	struct log_lock l;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		char *name, *usage, *at;

		if (!ok(log_lock_line(table[i].line, &l), "a lock: %s", table[i].line))
			continue;
		name = cut(l.name, l.name_len);
		usage = cut(l.usage, l.usage_len);
		at = cut(l.at, l.at_len);
		is_int((int64_t)l.addr, (int64_t)table[i].addr, "... its address");
		is_str(name, table[i].name, "... its name");
		is_str(usage, table[i].usage, "... its usage");
		is_str(at, table[i].at, "... its place");
		free(name);
		free(usage);
		free(at);
	}
	for (i = 0; i < NR(none); i++)
		ok(!log_lock_line(none[i], &l), "no lock: '%s'", none[i]);
}

static void test_frames(void)
{
	static const struct { const char *line, *text; uint64_t addr; } table[] = {
		{ "       lock_acquire+0xfe/0x220", "lock_acquire+0xfe/0x220", 0 },
		{ " ? vfio_unpin_pages+0x96/0xf0", "? vfio_unpin_pages+0x96/0xf0", 0 },
		{ " [<ffffffff810993a7>] print_circular_bug+0xf7/0x100", "print_circular_bug+0xf7/0x100", 0xffffffff810993a7 },
		{ " [<ffffffff810972bd>] ? trace_off+0xd/0x10 [mod]", "? trace_off+0xd/0x10 [mod]", 0xffffffff810972bd },
		{ "[<ffffffffffffffff>] 0xffffffffffffffff", "0xffffffffffffffff", UINT64_MAX },
		{ "  0x7e93c548", "0x7e93c548", 0 },
		{ "([<0000000000016a26>] show_trace+0x76/0xdc)", "show_trace+0x76/0xdc)", 0x16a26 },
		{ "[<c0016090>] (unwind_backtrace) from [<c0012060>] (show_stack+0x10/0x14)",
		  "(unwind_backtrace) from [<c0012060>] (show_stack+0x10/0x14)", 0xc0016090 },
		{ "[c000000f7b8d3a10] [c00000000098bd40] dump_stack+0xb0/0xf0", "dump_stack+0xb0/0xf0", 0xc00000000098bd40 },
		{ " pipe_lock fs/pipe.c:92 [inline]", "pipe_lock fs/pipe.c:92 [inline]", 0 },
		{ " f.isra.21.constprop.0+0x9da/0xaf0 fs/x.c:3", "f.isra.21.constprop.0+0x9da/0xaf0 fs/x.c:3", 0 },
		{ " cblist_init_generic (kernel/rcu/tasks.h:233)", "cblist_init_generic (kernel/rcu/tasks.h:233)", 0 },
		{ " [<f8d31fed>] :rose:rose_route+0x1/0x2", ":rose:rose_route+0x1/0x2", 0xf8d31fed },
		{ " show_stack+0x18/0x24 (C)", "show_stack+0x18/0x24 (C)", 0 },
	};
	static const char *const none[] = {
		"", "stack backtrace:", "the fix is in f() (see below)", "a+b", "RIP: 0033:0x7f5ab91b5880", "[ 12.5] x",
		"Signed-off-by: A <a@b>", "see fs/pipe.c:92 please", "-> #1 (a){+.+.}:", "other info that might help",
		"lock(&a);", "CPU0 CPU1", "[Thu Jun 12", "f+0x1",
	};
	const char *text;
	uint64_t addr;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		if (!ok(log_frame(table[i].line, &addr, &text), "a frame: %s", table[i].line))
			continue;
		is_str(text, table[i].text, "... its text");
		is_int((int64_t)addr, (int64_t)table[i].addr, "... its address");
	}
	for (i = 0; i < NR(none); i++)
		ok(!log_frame(none[i], &addr, &text), "no frame: '%s'", none[i]);
}

static void test_prefixes(void)
{
	static const struct { const char *line, *text; uint64_t ns; const char *caller; } table[] = {
		{ "plain", "plain", 0, "" },
		{ "[ 5102.127454] text", "text", 5102127454000, "" },
		{ "[ 5102.127454]  (a){....}", " (a){....}", 5102127454000, "" },
		{ "[13755.434096]", "", 13755434096000, "" },
		{ "[  594.649298][ T5097] text", "text", 594649298000, "T5097" },
		{ "[    0.000000][    C0] text", "text", 0, "C0" },
		{ "<4>[    1.5] text", "text", 1500000000, "" },
		{ "   20.932523] text", "text", 20932523000, "" },
		{ "May 11 10:59:48 [kernel] [ 2494.165801] text", "text", 2494165801000, "" },
		{ "Jun 11 11:02:51 host kernel: text", "text", 0, "" },
		{ "Jun  1 11:02:51 host kernel: [  9.25] text", "text", 9250000000, "" },
		{ "2025-06-11T11:02:51.123456+00:00 host kernel: text", "text", 0, "" },
		{ "[Thu Jun 12 11:01:33 2025] text", " text", 0, "" },
		{ "> > text", "text", 0, "" },
		{ ">> [  1.5] text", "text", 1500000000, "" },
		{ "|text", "text", 0, "" },
		{ "> [   48.765912] text\r", "text", 48765912000, "" },
		{ "[ 1.5] [ 2.5] text", "text", 2500000000, "" },
		{ "\xc2\xa0 \xc2\xa0 text", "  text", 0, "" },
		{ "     margin", "     margin", 0, "" },
		{ "[ INFO: inconsistent lock state ]", "[ INFO: inconsistent lock state ]", 0, "" },
		{ "[<ffffffff81>] f+0x1/0x2", "[<ffffffff81>] f+0x1/0x2", 0, "" },
		{ "-> #1 (a){....}:", "-> #1 (a){....}:", 0, "" },
		{ "Maybe this is no date", "Maybe this is no date", 0, "" },
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		char *line = strdup(table[i].line);
		struct log_line l = log_line_clean(line);

		is_str(l.text, table[i].text, "behind the prefix of '%s'", table[i].line);
		is_int((int64_t)l.time_ns, (int64_t)table[i].ns, "... the time");
		is_str(l.caller, table[i].caller, "... who printed it");
		free(line);
	}
}

static void test_titles(void)
{
	static const struct { const char *line; enum finding_kind kind; const char *words; } table[] = {
		{ "[ INFO: possible circular locking dependency detected ]", FINDING_CIRCULAR,
		  "possible circular locking dependency detected" },
		{ "WARNING: possible circular locking dependency detected", FINDING_CIRCULAR,
		  "possible circular locking dependency detected" },
		{ "[ ProveLock INFO: possible circular locking dependency detected ]", FINDING_CIRCULAR,
		  "possible circular locking dependency detected" },
		{ "WARNING: possible recursive locking detected", FINDING_RECURSIVE, "possible recursive locking detected" },
		{ "[ INFO: hard-safe -> hard-unsafe lock order detected ]", FINDING_IRQ_INVERSION,
		  "hard-safe -> hard-unsafe lock order detected" },
		{ "WARNING: SOFTIRQ-READ-safe -> SOFTIRQ-READ-unsafe lock order detected", FINDING_IRQ_INVERSION,
		  "SOFTIRQ-READ-safe -> SOFTIRQ-READ-unsafe lock order detected" },
		{ "[ INFO: possible irq lock inversion dependency detected ]", FINDING_IRQ_INVERSION,
		  "possible irq lock inversion dependency detected" },
		{ "[ INFO: inconsistent lock state ]", FINDING_INCONSISTENT, "inconsistent lock state" },
		{ "[ BUG: bad unlock balance detected! ]", FINDING_BAD_UNLOCK, "bad unlock balance detected!" },
		{ "WARNING: bad contention detected!", FINDING_OTHER, "bad contention detected!" },
		{ "[ BUG: held lock freed! ]", FINDING_OTHER, "held lock freed!" },
		{ "[ BUG: lock held at task exit time! ]", FINDING_HELD_AT_EXIT, "lock held at task exit time!" },
		{ "[ BUG: kworker/u8:3/299 still has locks held! ]", FINDING_HELD_AT_EXIT,
		  "kworker/u8:3/299 still has locks held!" },
		{ "WARNING: lock held when returning to user space!", FINDING_OTHER, "lock held when returning to user space!" },
		{ "WARNING: Nested lock was not taken", FINDING_OTHER, "Nested lock was not taken" },
		{ "[ INFO: suspicious rcu_dereference_check() usage. ]", FINDING_OTHER,
		  "suspicious rcu_dereference_check() usage." },
		{ "WARNING: suspicious RCU usage", FINDING_OTHER, "suspicious RCU usage" },
		{ "[ BUG: Invalid wait context ]", FINDING_WAIT_CONTEXT, "Invalid wait context" },
		{ "WARNING: chain_key collision", FINDING_OTHER, "chain_key collision" },
		{ "INFO: task a:1 blocked for more than 120 seconds.", FINDING_DEADLOCKED_NOW,
		  "task a:1 blocked for more than 120 seconds." },
		{ "DEPT: Circular dependency has been detected.", FINDING_CIRCULAR, "Circular dependency has been detected." },
	};
	static const char *const none[] = {
		"I see possible circular locking dependency detected with this", "possible circular locking dependency detected",
		"WARNING: possible circular locking dependency detected in the log of my machine",
		"WARNING: CPU: 0 PID: 1 at kernel/locking/lockdep.c:1", "BUG: soft lockup - CPU#0 stuck for 61s!",
		"INFO: rcu_sched self-detected stall on CPU", "", "WARNING: ",
		"WARNING: when a program says this and then more than sixty-four bytes later: possible recursive locking detected",
	};
	const struct title *t;
	const char *words;
	size_t i, len;

	for (i = 0; i < NR(table); i++) {
		char *got;

		ok(title_maybe(table[i].line, strlen(table[i].line)), "may be a title: %s", table[i].line);
		t = title_find(table[i].line, &words, &len);
		if (!ok(t, "... is one"))
			continue;
		got = cut(words, len);
		is_int(t->kind, table[i].kind, "... of this kind");
		is_str(got, table[i].words, "... its words");
		free(got);
	}
	for (i = 0; i < NR(none); i++)
		ok(!title_find(none[i], &words, &len), "no title: '%s'", none[i]);
}

static void test_printable(void)
{
	char soft[] = "lock_acquire+0xfe/0x22=", hard[] = "=3D=3D=3D a =20b=", plain[] = "a=b==c";

	ok(log_unquote_printable(soft), "quoted-printable: a soft line end");
	is_str(soft, "lock_acquire+0xfe/0x22", "... is taken away");
	ok(log_unquote_printable(hard), "another one");
	is_str(hard, "=== a  b", "... and codes are decoded");
	ok(!log_unquote_printable(plain), "no soft line end");
	is_str(plain, "a=b==c", "... and what is no code stays");
}

int main(void)
{
	test_locks();
	test_frames();
	test_prefixes();
	test_titles();
	test_printable();
	return done_testing();
}
