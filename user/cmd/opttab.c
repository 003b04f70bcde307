// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of options and the table of commands: data only. Letters follow
 * `perf lock contention` where it has them. The man pages and the completion
 * list the same options; tests/cli/help.sh compares the three.
 */
#include "../../bpf/abi.h"
#include "opts.h"

#define MS	1000000ull
#define SEC	1000000000ull
#define LIVE	(CMD_RUN | CMD_RECORD | CMD_TOP)
#define TRACE	(CMD_RUN | CMD_RECORD)		/* those that may start a command */
#define SHOW	(CMD_RUN | CMD_REPORT)
#define TALK	(CMD_RUN | CMD_RECORD | CMD_REPORT | CMD_TOP)
#define PID_MAX	4194304		/* PID_MAX_LIMIT of the kernel */
#define ROWS_MAX 4194304
#define FIELD(f) offsetof(struct opts, f)

const struct opt opt_table[] = {
	{ .cmds = TALK, .help = "What to look at" },
	{ "duration", 'd', OPT_SECONDS, "SEC", LIVE, FIELD(duration_ns), MS, 31536000 * SEC,
	  "stop after SEC seconds; a command still running then gets SIGTERM" },
	{ "pid", 'p', OPT_IDS, "LIST", TALK, FIELD(pid), 1, PID_MAX,
	  "these processes only" },
	{ "tid", 't', OPT_IDS, "LIST", TALK, FIELD(tid), 1, PID_MAX,
	  "these threads only" },
	{ "cgroup", 'G', OPT_STRINGS, "PATH", TALK, FIELD(cgroup), 0, 0,
	  "tasks in this cgroup and below it only; may be repeated" },
	{ "type", 'Y', OPT_TYPES, "LIST", TALK, 0, 0, 0,
	  "these types of lock only:" },
	{ "lock", 'L', OPT_LOCKS, "NAME|ADDR", SHOW | CMD_TOP, FIELD(lock), 0, 0,
	  "show this lock only; may be repeated" },
	{ "caller", 'S', OPT_STRINGS, "SUBSTR", SHOW | CMD_TOP, FIELD(caller), 0, 0,
	  "show waits only that have SUBSTR in a function of their stack; may be repeated" },
	{ "tier", 0, OPT_TIERS, "LIST", LIVE, FIELD(tiers), 0, 0,
	  "what to trace: contention, order, lockdep, watch (default: all that this kernel gives)" },
	{ "watch", 'w', OPT_STRINGS, "FUNC", LIVE, FIELD(watch), 0, 0,
	  "watch this kernel function: locks held on entry, taken inside; may be repeated" },
	{ "all-tasks", 'a', OPT_FLAG, NULL, TRACE, FIELD(all_tasks), 0, 0,
	  "with a command: the whole system, not only the command and its children" },
	{ "interval", 'i', OPT_SECONDS, "SEC", LIVE, FIELD(interval_ns), 100 * MS, 86400 * SEC,
	  "end an interval every SEC seconds: run prints it, record writes it, top draws it (default 1)" },
	{ "waits", 0, OPT_FLAG, NULL, TRACE, FIELD(waits), 0, 0,
	  "keep every single wait in the recording, not only sums" },
	{ "hold-times", 0, OPT_FLAG, NULL, LIVE, FIELD(hold_times), 0, 0,
	  "time how long locks are held, too (costs two looks at the clock per acquisition)" },

	{ .cmds = SHOW | CMD_DOCTOR | CMD_TOP, .help = "What to show" },
	{ "batch", 'b', OPT_FLAG, NULL, CMD_TOP, FIELD(batch), 0, 0,
	  "no screen: print a frame for each interval" },
	{ "iterations", 'n', OPT_NUMBER, "N", CMD_TOP, FIELD(frames), 1, UINT32_MAX,
	  "end after N frames" },
	{ "panel", 0, OPT_PANEL, "NAME", CMD_TOP, FIELD(panel), 0, 0,
	  "begin with: locks, tasks, callers, cgroups, findings, watch (default locks)" },
	{ "by", 0, OPT_DIMS, "LIST", SHOW, FIELD(dims), 0, 0,
	  "one row for each: lock, addr, type, caller, task, process, owner, cgroup, context "
	  "(default lock,type,caller)" },
	{ "key", 'k', OPT_KEY, "COLUMN", SHOW | CMD_TOP, FIELD(key), 0, 0,
	  "sort by: contended, wait_total, wait_max, wait_min, avg_wait, p50, p95, p99 "
	  "(default wait_total)" },
	{ "diff", 0, OPT_STRINGS, "OLD", CMD_REPORT, FIELD(diff), 0, 0,
	  "say what is new, gone and changed in the inputs compared with OLD; may be repeated" },
	{ "entries", 'E', OPT_NUMBER, "N", SHOW | CMD_TOP, FIELD(entries), 0, OPTS_ENTRIES_UNSET - 1,
	  "show the first N rows, 0 = all (default 20 in text, 25 locks in dot, else all)" },
	{ "view", 0, OPT_VIEWS, "LIST", SHOW, FIELD(sections), 0, 0,
	  "sections: findings, contention, holds, order, watch, coverage, loss, all" },
	{ "format", 0, OPT_FORMAT, "NAME", SHOW | CMD_DOCTOR, FIELD(format), 0, 0,
	  "how to write it:" },
	{ "json", 0, OPT_FLAG, NULL, CMD_DOCTOR, FIELD(json), 0, 0,
	  "the same as --format json" },

	{ .cmds = CMD_ALL, .help = "Output" },
	{ "output", 'o', OPT_STRING, "FILE", CMD_ALL, FIELD(output), 0, 0,
	  "write there instead of to standard output; record needs it" },
	{ "save", 0, OPT_STRING, "FILE", SHOW | CMD_TOP, FIELD(save), 0, 0,
	  "also write a recording, for lockscope report" },
	{ "expect", 0, OPT_STRINGS, "FILE", SHOW, FIELD(expect), 0, 0,
	  "look for the known bug that FILE reports: do its orders of locks occur here? may be repeated" },
	{ "check", 0, OPT_FLAG, NULL, SHOW, FIELD(check), 0, 0,
	  "exit with 3 if there are findings, or a known bug may happen here" },
	{ "suppress", 0, OPT_STRINGS, "FILE", SHOW | CMD_TOP, FIELD(suppress), 0, 0,
	  "leave out the known findings that FILE lists: ID [until=YYYY-MM-DD] reason; may be repeated" },
	{ "strict", 0, OPT_FLAG, NULL, TALK, FIELD(strict), 0, 0,
	  "exit with 4 if the result is incomplete" },
	{ "quiet", 'q', OPT_FLAG, NULL, TALK, FIELD(quiet), 0, 0,
	  "nothing but errors on standard error" },
	{ "verbose", 'v', OPT_LEVEL, NULL, TALK, FIELD(verbose), 0, 0,
	  "show stacks and notes; twice: also what libbpf says" },
	{ "schema", 0, OPT_FLAG, NULL, CMD_REPORT, FIELD(schema), 0, 0,
	  "print the JSON schema of --format json and end" },
	{ "help", 'h', OPT_FLAG, NULL, CMD_ALL, FIELD(help), 0, 0,
	  "print this and end" },

	{ .cmds = LIVE, .help = "Cost and sizes of the tables in the kernel" },
	{ "spin", 0, OPT_FLAG, NULL, LIVE, FIELD(spin), 0, 0,
	  "follow the order of locks that spin, too (default where it can be done)" },
	{ "no-spin", 0, OPT_FLAG, NULL, LIVE, FIELD(no_spin), 0, 0,
	  "do not, which costs much less" },
	{ "budget", 0, OPT_PERCENT, "PCT", LIVE, FIELD(budget_ppm), 100, 1000000,
	  "leave out order step by step when the trace costs more than PCT percent of all CPUs "
	  "together, or none (default 3)" },
	{ "attach", 0, OPT_ATTACH, "MODE", LIVE, FIELD(attach), 0, 0,
	  "hook lock functions by fentry, kprobe.multi or kprobe (default: the first of these "
	  "that works)" },
	{ "no-stacks", 0, OPT_FLAG, NULL, LIVE, FIELD(no_stacks), 0, 0,
	  "take no stacks: a wait costs a fraction, but callers are unknown" },
	{ "rows", 0, OPT_NUMBER, "N", LIVE, FIELD(rows), 1, ROWS_MAX,
	  "rows of sums (default 16384)" },
	{ "stacks", 0, OPT_NUMBER, "N", LIVE, FIELD(stacks), 1, ROWS_MAX,
	  "different stacks (default 16384)" },
	{ "stack-depth", 0, OPT_NUMBER, "N", LIVE, FIELD(stack_depth), 1, LK_STACK_DEPTH_MAX,
	  "frames of a stack (default 32)" },
	{ "waiters", 0, OPT_NUMBER, "N", LIVE, FIELD(waiters), 1, ROWS_MAX,
	  "tasks that wait at the same time (default 16384)" },
	{ "holders", 0, OPT_NUMBER, "N", LIVE, FIELD(holders), 1, ROWS_MAX,
	  "tasks whose held locks are followed (default 16384)" },
	{ "orders", 0, OPT_NUMBER, "N", LIVE, FIELD(orders), 1, ROWS_MAX,
	  "orders of locks that are remembered (default 65536)" },
	{ "sample", 0, OPT_NUMBER, "N", LIVE, FIELD(sample), 2, 1u << 20,
	  "estimate how often each lock is taken: look at one of N acquisitions (a power of two)" },
	{ "ring", 0, OPT_SIZE, "SIZE", LIVE, FIELD(ring_bytes), 4096, 1u << 30,
	  "buffer for new orders, and for single waits; K, M or G may follow (default 4M)" },
	{ .name = NULL },
};

const struct cmd_info cmd_table[] = {
	{ CMD_RUN, "run", "lockscope run [options] [-- CMD ...]",
	  "watch this kernel's locks, summary at the end",
	  "Traces until -d is over, CMD ends or Ctrl-C comes. With CMD only the command and\n"
	  "its children are observed, from the first instruction on." },
	{ CMD_RECORD, "record", "lockscope record [options] -o FILE [-- CMD ...]",
	  "the same into a file, for report",
	  "Writes a recording (.lks) that lockscope report reads on any machine. As in run,\n"
	  "CMD limits the trace to the command and its children." },
	{ CMD_REPORT, "report", "lockscope report [options] INPUT...",
	  "read recordings and kernel logs; several are merged",
	  "Reads recordings made by record or by run --save, kernel logs, mails and the\n"
	  "like with reports of lockdep or of the hung task detector, traces of lock:* as\n"
	  "text, and copies of /proc/lockdep, /proc/lockdep_chains and /proc/lock_stat;\n"
	  "- is standard input. Needs no privileges." },
	{ CMD_TOP, "top", "lockscope top [options] [INPUT]",
	  "live screen: who waits for which lock, and who holds it",
	  "Shows what goes on, every second; ? lists the keys. With INPUT, a recording, it\n"
	  "shows that again, with time control, and needs no privileges." },
	{ CMD_DOCTOR, "doctor", "lockscope doctor [options]",
	  "what this kernel lets us see, and why not the rest",
	  "Tries what the tracer needs and says, for each lock primitive, how much of it\n"
	  "can be seen. Without privileges it says what it could not try." },
	{ .name = NULL },
};
