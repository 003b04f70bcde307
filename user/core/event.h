/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: everything the model learns, it learns from these.
 *
 * Two producers make them: live/ from the kernel's tables, file/ from a
 * recording; the model cannot tell which. A recording is the sequence of events
 * of a run, so a report on it is that run's report, byte for byte.
 *
 * Pointers in an event are borrowed: they are valid during the call that hands
 * the event over, and the receiver copies what it keeps. Strings are never
 * NULL ("" instead) and may hold any bytes but NUL: they come from the kernel,
 * from tasks or from a file, and renderers must escape them.
 *
 * The values of enum lk_ev_kind are on disk: append only. Places that list
 * every kind: model_apply() in model.c, encode/decode in file/codec.c, and
 * user/man/lockscope.lks.5.
 */
#ifndef LK_EVENT_H
#define LK_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_ev_kind {
	LK_EV_META	= 1,	/* first event of a source: who, where, when */
	LK_EV_COVERAGE	= 2,	/* one primitive in one tier: what can be seen */
	LK_EV_SYM	= 3,	/* an address in kernel text */
	LK_EV_STACK	= 4,	/* a stack id and its addresses */
	LK_EV_CGROUP	= 5,	/* a cgroup id and its path */
	LK_EV_LOCK	= 6,	/* naming evidence about a lock */
	LK_EV_CONT	= 7,	/* more waits of one contention row */
	LK_EV_OWNER	= 8,	/* more waits of one owner row */
	LK_EV_WAIT	= 9,	/* one finished wait, with its time */
	LK_EV_WAITING	= 10,	/* a task that still waits when the trace ends */
	LK_EV_LOSS	= 11,	/* more counts of one loss counter */
	LK_EV_TICK	= 12,	/* end of an interval */
	LK_EV_END	= 13,	/* orderly end of the source */
	LK_EV_CLASS	= 14,	/* evidence about a class of locks */
	LK_EV_ORDER	= 15,	/* a lock was about to be taken while others were held */
	LK_EV_ODD	= 16,	/* a release or an exit that must not happen */
	LK_EV_WATCH	= 17,	/* a watched function and where it is hooked */
	LK_EV_WATCHED	= 18,	/* more calls of a watched function */
	LK_EV_SITE	= 19,	/* what a lock that is taken somewhere probably is */
	LK_EV_REPORT	= 20,	/* a report that the kernel itself wrote */
	LK_EV_HELD	= 21,	/* more holds of one row of hold times */
	LK_EV_HOLD	= 22,	/* one finished hold, with its time */
	LK_EV_SHED	= 23,	/* something is not traced for a while, or is again */
	LK_EV_NR,
};

enum lk_state { LK_STATE_NONE = 1, LK_STATE_PARTIAL = 2, LK_STATE_FULL = 3, LK_STATE_UNKNOWN = 4 };

/* LK_EV_META. Opens a new source: ids and addresses are scoped by it. */
struct lk_ev_meta {
	const char *tool;	/* "lockscope 0.1.0" */
	const char *kernel;	/* uname -r */
	const char *arch;	/* uname -m */
	const char *host;
	const char *boot_id;
	const char *cmdline;	/* of the lockscope that traced */
	const char *filter;	/* "" or what limited the trace, in words */
	uint64_t start_ns;	/* CLOCK_MONOTONIC */
	uint64_t start_real_ns;	/* CLOCK_REALTIME at the same moment */
	uint32_t nr_cpus;	/* online */
	uint32_t flags;		/* LK_META_* */
};
#define LK_META_WAITS	1u	/* LK_EV_WAIT come too, beside the rows: do not add them up */
#define LK_META_PREEMPTIBLE 2u	/* the kernel may preempt tier order's programs, which miss locks then */
#define LK_META_IMPORTED 4u	/* read from a text that others wrote: cmdline is the text's name */
#define LK_META_HOLDS	8u	/* hold times come (LK_EV_HELD) */

struct lk_ev_coverage {
	const char *primitive;	/* "mutex", "spinlock", ... */
	const char *tier;	/* "contention", "order", "lockdep", "watch" */
	const char *reason;	/* why not full; "" when full */
	const char *remedy;	/* what would help; "" when nothing would */
	uint32_t state;		/* enum lk_state */
};

struct lk_ev_sym {
	uint64_t addr;
	const char *name;	/* "" = not known */
	const char *module;	/* "" = vmlinux */
	uint32_t off;		/* addr - start of the symbol */
	uint32_t size;		/* of the symbol; 0 = not known */
	uint32_t flags;		/* LK_SYM_* */
};
#define LK_SYM_LOCK	1u	/* lies in the kernel's lock or scheduler text section */
#define LK_SYM_TRACER	2u	/* BPF program or trampoline */

struct lk_ev_stack {
	uint32_t id;
	uint32_t nr;		/* innermost frame first; <= LK_STACK_DEPTH_MAX */
	const uint64_t *addr;
};

struct lk_ev_cgroup {
	uint64_t id;
	const char *path;	/* relative to the cgroup mount; "/" is the root */
};

/*
 * All evidence there is; core/lockname.c decides which names the lock. Here and in
 * lk_ev_class strings may be NULL as well: not known.
 */
struct lk_ev_lock {
	uint64_t addr;
	const char *symbol;	/* static symbol, with +0xoff if not at its start */
	const char *module;	/* of the symbol */
	const char *percpu;	/* per-CPU variable and member, "runqueues.__lock" */
	const char *cache;	/* slab cache */
	uint32_t rule;		/* enum lk_rule */
	uint32_t flags;		/* LK_LOCK_* */
	const char *type;	/* struct that it is a member of, by BTF: "inode" */
	const char *member;	/* and which one: "i_rwsem" */
	const char *init;	/* what it was called where it was initialised: "&pipe->mutex" */
	const char *refine;	/* of the rule: file system, workqueue */
	uint32_t detail;	/* of the rule: bit 0 = of a directory; or the address family */
	uint32_t off;		/* in the slab object; UINT32_MAX or 0 without a cache = not known */
};
#define LK_LOCK_MERGED	1u	/* the kernel merged several slab caches under that name */
#define LK_LOCK_NOVALIDATE 2u	/* LK_EV_CLASS: its users said that its order must not be checked */
#define LK_LOCK_INIT	4u	/* LK_EV_CLASS: the key is where it was initialised */

/* A histogram travels as the buckets that are not zero, ascending. */
struct lk_bucket {
	uint32_t index;		/* < LK_HIST_BUCKETS */
	uint32_t pad;
	uint64_t n;
};

/* What a row gained since its last event (count, total_ns, hist) and its extremes so far. */
struct lk_ev_agg {
	uint64_t count;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t min_ns;
	uint64_t first_ns;
	uint64_t last_ns;
	uint32_t nr_hist;
	const struct lk_bucket *hist;
};

/*
 * LK_EV_CONT; and LK_EV_HELD, where holds take the place of waits: tid, tgid and comm are the
 * holder's, stack is where it released, first_ns is when the first hold began.
 */
struct lk_ev_cont {
	uint64_t lock;		/* 0 = folded: lock, task and cgroup not known */
	uint64_t cgroup;
	uint32_t tid, tgid;
	uint32_t stack;		/* LK_STACK_NONE = not known */
	uint32_t lcb;		/* enum lk_lcb */
	uint32_t ctx;		/* enum lk_ctx */
	uint32_t cpu;		/* CPU + 1 for idle tasks, else 0 */
	const char *comm;
	struct lk_ev_agg agg;
};

struct lk_ev_owner {
	uint64_t lock;
	uint32_t tid, tgid;	/* the owner's */
	uint32_t stack;		/* the waiter's */
	uint32_t lcb;
	uint32_t reader;	/* 1 = a reader, the last one to come: a hint */
	const char *comm;	/* the owner's */
	struct lk_ev_agg agg;
};

/*
 * LK_EV_WAIT and LK_EV_WAITING (dur_ns: so far); and LK_EV_HOLD, one hold that is in its row
 * already: tid, tgid and stack as in LK_EV_HELD, no owner.
 */
struct lk_ev_wait {
	uint64_t lock;
	uint64_t cgroup;
	uint64_t start_ns;
	uint64_t dur_ns;
	uint32_t tid, tgid;
	uint32_t stack, lcb, ctx, cpu;
	uint32_t owner_tid, owner_tgid, owner_reader;
	const char *comm;	/* "" in LK_EV_WAIT: the row has it */
	const char *owner_comm;
};

struct lk_ev_loss {
	uint32_t counter;	/* enum lk_stat; may be one that this version does not know */
	uint32_t pad;
	uint64_t count;		/* gained since the last event */
};

/*
 * What a class key (bpf/abi_order.h) stands for in a tier; comes before the first
 * event that uses the key. A later one for the same key replaces it.
 */
struct lk_ev_class {
	uint32_t tier;		/* enum lk_tier: ORDER or LOCKDEP */
	uint64_t key;
	const char *name;	/* lockdep's name of the class; LK_LOCK_INIT: the name given there; "" elsewhere */
	uint32_t subclass;	/* lockdep's: 0 .. 7 */
	uint32_t name_version;	/* lockdep's: it prints #N for N > 1 */
	const char *symbol;	/* static lock: its symbol, with +0xoff if not at its start */
	const char *module;	/* of the symbol */
	const char *percpu;	/* per-CPU variable and member */
	const char *cache;	/* slab cache */
	uint32_t off;		/* offset in the slab object; UINT32_MAX = not known */
	uint32_t flags;		/* LK_LOCK_* */
	uint32_t rule;		/* typed key: enum lk_rule; these as in lk_ev_lock: */
	uint32_t detail;
	const char *refine;
	const char *type;
	const char *member;
};

/* One lock in an order: enum lk_prim, lk_read, lk_hold_flag, lk_rule of bpf/abi*.h. */
struct lk_ev_hold {
	uint64_t lock;
	uint64_t key;
	uint64_t mem;		/* key of the memory that it lies in, where key is LK_LOCK_INIT; else 0 */
	uint64_t site;		/* address behind the call that takes it; 0 = not known */
	uint32_t prim, read, flags, rule;
};

/*
 * Locks of class key @key (or @mem) and primitive @prim that are taken at @site are
 * probably this member of this struct: a guess, by what fits there (live/member.h).
 */
struct lk_ev_site {
	uint32_t tier;
	uint64_t key;
	uint64_t site;
	uint32_t prim;
	const char *type, *member;
};

/*
 * `acq` was about to be taken while `held` (oldest first) were held; an edge leads
 * to it from each held[i] that has bit i in `from`. The other held locks are
 * context: they may guard. LK_ORDER_COMPLETION: held[0] is a completion that the
 * task completed, `acq` what it took since the wait for it began.
 * LK_ORDER_WATCH_ENTRY: no acq (prim 0); a watched function was entered.
 * LK_ORDER_SAMPLE: no order, and nothing held: one of @weight acquisitions.
 * LK_EV_SYM of the sites should come before: locks in anonymous memory are named by them.
 */
struct lk_ev_order {
	uint64_t time_ns;
	uint32_t tier;		/* enum lk_tier: ORDER or LOCKDEP */
	uint32_t tid, tgid, cpu, ctx;
	uint32_t stack;		/* LK_STACK_NONE = not known */
	uint32_t flags;		/* LK_ORDER_* */
	uint32_t from;
	uint32_t watch_mask;	/* bit n: inside the watched function of id n */
	const char *comm;
	struct lk_ev_hold acq;
	uint32_t nr_held;	/* <= LK_HELD_MAX */
	const struct lk_ev_hold *held;
	uint32_t weight;	/* LK_ORDER_SAMPLE: of the sample */
};

struct lk_ev_odd {
	uint64_t time_ns;
	uint32_t tier, odd;	/* enum lk_odd */
	uint32_t tid, tgid, cpu, stack;
	const char *comm;
	struct lk_ev_hold hold;
};

struct lk_ev_watch {
	uint32_t id;		/* < LK_WATCH_MAX */
	uint32_t state;		/* enum lk_state: FULL hooked, PARTIAL waits for its module, NONE not there */
	const char *function;	/* as it was asked for */
	const char *symbol;	/* what is hooked, e.g. a later name; "" = nothing */
	const char *reason;	/* why not hooked, or how; "" = nothing to say */
};

struct lk_ev_watched {
	uint32_t id;
	uint64_t calls;		/* gained since the last event */
	uint64_t returned;	/* likewise */
	uint64_t total_ns;	/* likewise: of those that returned */
	uint64_t max_ns;	/* so far */
};

/* What wrote a report. */
enum lk_origin {
	LK_ORIGIN_LOCKDEP	= 1,
	LK_ORIGIN_DEPT		= 2,	/* dependency tracker, out of tree */
	LK_ORIGIN_HUNG_TASK	= 3,
	LK_ORIGIN_NR,
};

/* One thing that a report says, in the report's order. */
enum lk_part_role {
	LK_PART_ACQUIRING	= 1,	/* lock that is being taken, released, or whose state changed */
	LK_PART_HOLDING		= 2,	/* lock that the task is said to hold already */
	LK_PART_OTHER		= 3,	/* second lock of an inversion; lock that was freed */
	LK_PART_CHAIN		= 4,	/* "-> #num name:", frames follow */
	LK_PART_HELD		= 5,	/* "#num: name" in the list of held locks */
	LK_PART_CLASS		= 6,	/* one of the classes in the dependencies of an irq report */
	LK_PART_TITLE		= 7,	/* a line that frames follow */
	LK_PART_BACKTRACE	= 8,	/* "stack backtrace:", frames follow */
	LK_PART_NOTE		= 9,	/* any other line */
	LK_PART_FRAME		= 10,	/* of the last part that is no frame or note */
	LK_PART_NR,
};

struct lk_ev_part {
	uint32_t role;		/* enum lk_part_role */
	uint32_t num;		/* of CHAIN and HELD; CLASS: 1 = its uses follow */
	uint64_t addr;		/* of the lock as printed: 0 = not, and it may be hashed */
	const char *text;	/* name of the lock, with #version and /subclass; else the line */
	const char *usage;	/* "{+.+.}-{3:3}"; "" = none */
	const char *at;		/* "function+0x1/0x2 [module]"; "" = not printed */
};

/* What a report should have and has not. */
#define LK_LACKS_HOLDING	1u
#define LK_LACKS_CHAIN		2u
#define LK_LACKS_HELD		4u
#define LK_LACKS_BACKTRACE	8u
#define LK_LACKS_DEPENDENCIES	16u
#define LK_LACKS_ACQUIRING	32u
#define LK_LACKS_END		64u	/* longer than what is kept */

#define LK_PARTS_MAX		4096u		/* of a report */
#define LK_PARTS_BYTES_MAX	(320u << 10)	/* of their strings, with NULs */

/* A report of the kernel about its locks, as its log has it. */
struct lk_ev_report {
	uint64_t time_ns;	/* as printed, since boot; 0 = not printed */
	uint32_t origin;	/* enum lk_origin */
	uint32_t kind;		/* enum finding_kind */
	uint32_t tid, tgid;	/* of the task; lockdep prints the thread: then they are equal */
	uint32_t line;		/* of its title in the file, from 1 */
	uint32_t lacks;		/* LK_LACKS_* */
	uint32_t skipped;	/* lines inside of it that were not understood */
	const char *comm;
	const char *title;	/* "possible circular locking dependency detected" */
	const char *subkind;	/* "held-lock-freed"; "" where kind says all */
	const char *state;	/* "{IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W}", "HARDIRQ-safe -> HARDIRQ-unsafe"; "" */
	const char *kernel;	/* release; "" = not known */
	const char *ident;	/* the whole line of it: "6.12.1 #1 Not tainted" */
	const char *file;	/* that it was read from */
	uint32_t nr_parts;	/* <= LK_PARTS_MAX */
	const struct lk_ev_part *part;
};

/* What is not traced. On disk. Append only. */
enum lk_shed {
	LK_SHED_ALL	= 1,	/* nothing is */
	LK_SHED_SPIN	= 2,	/* the order of locks that spin */
	LK_SHED_HOLDS	= 3,	/* hold times */
	LK_SHED_SLICES	= 4,	/* order, but for a slice of the time */
	LK_SHED_ORDER	= 5,	/* order */
	LK_SHED_NR,
};

/* And why. On disk. Append only. */
enum lk_shed_cause {
	LK_SHED_STOPPED	= 1,	/* lockscope did not run: the hooks stopped by themselves */
	LK_SHED_BUDGET	= 2,	/* it cost more than it may */
	LK_SHED_CAUSE_NR,
};

/*
 * From time_ns on, @what is not traced (@on 0), or is again (1). Locks that were held
 * meanwhile count as held since before the trace. An END may come without an end of it.
 */
struct lk_ev_shed {
	uint64_t time_ns;	/* CLOCK_MONOTONIC */
	uint32_t what;		/* enum lk_shed */
	uint32_t on;
	uint32_t cause;		/* enum lk_shed_cause */
	uint32_t cost_ppm;	/* LK_SHED_BUDGET: what it cost, of all CPUs together */
	uint32_t allowed_ppm;	/* and what it may */
};

struct lk_ev_time {		/* LK_EV_TICK, LK_EV_END */
	uint64_t now_ns;	/* CLOCK_MONOTONIC */
};

struct lk_event {
	enum lk_ev_kind kind;
	union {
		struct lk_ev_meta meta;
		struct lk_ev_coverage coverage;
		struct lk_ev_sym sym;
		struct lk_ev_stack stack;
		struct lk_ev_cgroup cgroup;
		struct lk_ev_lock lock;
		struct lk_ev_cont cont;
		struct lk_ev_owner owner;
		struct lk_ev_wait wait;
		struct lk_ev_loss loss;
		struct lk_ev_class class;
		struct lk_ev_order order;
		struct lk_ev_odd odd;
		struct lk_ev_watch watch;
		struct lk_ev_watched watched;
		struct lk_ev_site site;
		struct lk_ev_report report;
		struct lk_ev_shed shed;
		struct lk_ev_time time;
	};
};

/* Where a producer puts events. emit() returns 0, or a negative errno that stops the producer. */
struct lk_sink {
	int (*emit)(void *ctx, const struct lk_event *ev);
	void *ctx;
};

static inline int sink_emit(const struct lk_sink *sink, const struct lk_event *ev)
{
	return sink->emit(sink->ctx, ev);
}

#endif /* LK_EVENT_H */
