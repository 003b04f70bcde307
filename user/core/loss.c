// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of loss counters; see loss.h. One entry per enum lk_stat, which
 * tests/unit/core_loss_test.c checks.
 *
 * What counts as a loss: a wait that the result lacks, or shows with less than
 * it would have had (no lock, no owner, no stack, no place in the histogram).
 * Not a loss, because the result is the same as if it had not happened:
 *  - unmatched-end: that wait began before the trace did;
 *  - guard-skip: our own work made the event, it is no wait of the system's;
 *  - owner-invalid: the lock was changing hands, there was no owner to name.
 * Of lock order, likewise: an order that the result lacks, or shows with less. Not:
 *  - preheld: what was ordered before the trace is not part of it;
 *  - stale-held: the entry was wrong, and was dropped before an order came of it; that
 *    it was there at all has a counter of its own (unmatched-release, order-recursion);
 *  - handover: that is how the lock is used;
 *  - order-map-full: the order was sent, only it may be sent again;
 *  - order-guard: our own work.
 * recursion is a loss although most of it is our own work too: the kernel does
 * not tell it from a wait of an interrupt that came at that moment.
 */
#include "loss.h"

#include <stddef.h>

#include "../../bpf/abi.h"

#define NARROW	"narrow the trace with -p, -G or -Y"

static const struct loss_info losses[LK_STAT_NR] = {
	[LK_STAT_ROWS_FULL] = { "rows-full",
		"waits counted without their lock and task: the table of rows was full",
		"raise --rows N, or " NARROW, true },
	[LK_STAT_FOLD_FULL] = { "fold-full",
		"waits or holds in no row at all: the table of folded rows was full too",
		"raise --rows N, or " NARROW, true },
	[LK_STAT_OWNERS_FULL] = { "owners-full",
		"waits not attributed to the owner of the lock: the table of owners was full",
		"raise --rows N, or " NARROW, true },
	[LK_STAT_HIST_FULL] = { "hist-full",
		"waits or holds missing from the percentiles: no room for more histograms",
		"raise --rows N, or " NARROW, true },
	[LK_STAT_WAITERS_FULL] = { "waiters-full",
		"waits not seen: too many tasks were waiting at once",
		"raise --waiters N, or " NARROW, true },
	[LK_STAT_LOCKS_FULL] = { "locks-full",
		"locks known by their caller only: no room for more evidence about locks",
		"raise --rows N, or " NARROW, true },
	[LK_STAT_STACK_COLLISION] = { "stack-collision",
		"waits or holds without a call stack: its place in the tables of stacks was taken",
		"raise --stacks N", true },
	[LK_STAT_STACK_FAULT] = { "stack-fault",
		"waits or holds without a call stack: the kernel could not walk it",
		"nothing to be done: their lock, task and time are right", true },
	[LK_STAT_NEST_DEPTH] = { "nest-depth",
		"waits not seen: they were nested deeper on their CPU than is tracked",
		"nothing to be done; please report it as a bug", true },
	[LK_STAT_STALE_WAIT] = { "stale-wait",
		"waits dropped because their end was never seen",
		"see whether other counters explain it (recursion, guard-skip)", true },
	[LK_STAT_UNMATCHED_END] = { "unmatched-end",
		"waits that began before the trace and are not part of it",
		"nothing to be done: this is no loss", false },
	[LK_STAT_GUARD_SKIP] = { "guard-skip",
		"events that the tracer's own work caused, left out on purpose",
		"nothing to be done: this is no loss", false },
	[LK_STAT_CLOCK] = { "clock",
		"waits counted with 0 ns: the clock went backwards over them",
		"check the clock source of this machine", true },
	[LK_STAT_RING_FULL] = { "ring-full",
		"single waits or holds not recorded (they are in the sums): the ring buffer was full",
		"raise --ring SIZE, or " NARROW, true },
	[LK_STAT_TASKS_FULL] = { "tasks-full",
		"child processes not followed, so that their waits are missing: table full",
		"trace their cgroup with -G instead", true },
	[LK_STAT_UPDATE_RACE] = { "update-race",
		"waits missing from the minimum or maximum: too many CPUs updated it at once",
		"nothing to be done: counts, totals and percentiles are right", true },
	[LK_STAT_RECURSION] = { "recursion",
		"events not seen: the kernel skipped the tracer's programs",
		"stop other tracers of the same events, or " NARROW, true },
	[LK_STAT_OWNER_INVALID] = { "owner-invalid",
		"waits without an owner: the lock changed hands while it was looked at",
		"nothing to be done: this is no loss", false },
	[LK_STAT_DRAIN] = { "drain",
		"table entries that could not be read from the kernel",
		"repeat the trace, with less memory pressure or larger -i", true },
	[LK_STAT_MAP_BUSY] = { "map-busy",
		"waits or holds not counted: a table was locked by the code that they interrupted",
		"nothing to be done; " NARROW " if they are many", true },
	[LK_STAT_SLOTS_FULL] = { "slots-full",
		"acquisitions not followed: too many tasks hold locks at once",
		"narrow the trace with -p or -G", true },
	[LK_STAT_HELD_OVERFLOW] = { "held-overflow",
		"acquisitions not followed: their task held more locks at once than are tracked",
		"nothing to be done; please report it as a bug", true },
	[LK_STAT_UNMATCHED_RELEASE] = { "unmatched-release",
		"releases of locks whose acquisition was not seen, so that orders may be missing",
		"see the coverage: some way to take these locks is not hooked", true },
	[LK_STAT_PREHELD] = { "preheld",
		"releases of locks that were held since before the trace",
		"nothing to be done: this is no loss", false },
	[LK_STAT_STALE_HELD] = { "stale-held",
		"locks believed to be held that were not: dropped before an order came of them",
		"nothing to be done: this is no loss, it keeps false orders out", false },
	[LK_STAT_ORDER_RING_FULL] = { "order-ring-full",
		"new orders not sent, as the ring buffer was full; each is sent when it happens again",
		"raise --ring SIZE, or trace longer", true },
	[LK_STAT_ORDER_MAP_FULL] = { "order-map-full",
		"orders sent but not remembered, as the table was full: they may be sent again",
		"nothing to be done: this is no loss; -p or -G would make the trace cheaper", false },
	[LK_STAT_LOCKDEP_OFF] = { "lockdep-off",
		"orders inside of interrupts not followed: lockdep has reported and switched itself off",
		"reboot: until lockdep's first report they are followed", true },
	[LK_STAT_SITE_UNKNOWN] = { "site-unknown",
		"acquisitions without a call site, by which locks in anonymous memory are told apart",
		"nothing to be done; please report it as a bug", true },
	[LK_STAT_ORDER_STACK] = { "order-stack",
		"orders without a call stack: the kernel could not walk it",
		"nothing to be done: their locks, task and time are right", true },
	[LK_STAT_NMI_SKIP] = { "nmi-skip",
		"acquisitions in non-maskable interrupts, which are not followed",
		"stop other tracers that work in them, such as perf", true },
	[LK_STAT_HISTORY_FULL] = { "history-full",
		"completions for which it was forgotten what their task had taken before",
		"nothing to be done: orders through these completions may be missing", true },
	[LK_STAT_CWAITS_FULL] = { "cwaits-full",
		"waits for completions not followed: too many at once",
		"narrow the trace with -p or -G", true },
	[LK_STAT_HANDOVER] = { "handover",
		"locks released by another task than the one that took them",
		"nothing to be done: this is no loss", false },
	[LK_STAT_ORDER_GUARD] = { "order-guard",
		"acquisitions and releases of the tracer's own work, left out on purpose",
		"nothing to be done: this is no loss", false },
	[LK_STAT_CONTEXT_UNKNOWN] = { "context-unknown",
		"acquisitions not followed: whether they were in an interrupt could not be told",
		"nothing to be done; please report it as a bug", true },
	[LK_STAT_WATCH_NEST] = { "watch-nest",
		"calls of watched functions not followed: nested too deep",
		"watch fewer functions with -w", true },
	[LK_STAT_ORDER_RECURSION] = { "order-recursion",
		"acquisitions or releases not seen: they came upon the tracer's programs, as interrupts do",
		"if they are many, stop other tracers of the same functions, or " NARROW, true },
	[LK_STAT_INITS_FULL] = { "inits-full",
		"places where locks were initialised were forgotten: those are named by their memory",
		"nothing need be done: the places of the newest locks are kept", false },
	[LK_STAT_SAMPLE_LOST] = { "sample-lost",
		"samples of acquisitions were lost: locks were taken more often than is said",
		"sample fewer (--sample), or use a larger --ring", true },
	[LK_STAT_HOLD_UNTIMED] = { "hold-untimed",
		"holds missing from the hold times: when they began was not seen",
		"see the coverage: some way to take these locks is not timed", true },
	[LK_STAT_HOLDS_FULL] = { "holds-full",
		"holds counted without their lock and task: the table of hold times was full",
		"raise --rows N, or narrow the trace with -p or -G", true },
};

static const struct loss_info unknown = {
	"unknown", "a loss that this version of lockscope does not know",
	"report with the version that made the recording", true,
};

const struct loss_info *loss_info(unsigned int counter)
{
	if (counter >= LK_STAT_NR || !losses[counter].name)
		return &unknown;
	return &losses[counter];
}
