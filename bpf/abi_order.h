/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the contract (abi.h, which includes this) that is about the order
 * of locks: what tasks and CPUs hold, and the records of new orders. Shared by
 * the tiers "order" (hooks on the lock functions) and "lockdep" (tracepoints
 * lock_acquire and lock_release), which have maps of their own of these types.
 */
#ifndef LK_ABI_ORDER_H
#define LK_ABI_ORDER_H

/* Tiers. On disk. Append only. */
enum lk_tier {
	LK_TIER_CONTENTION	= 1,
	LK_TIER_ORDER		= 2,
	LK_TIER_LOCKDEP		= 3,
	LK_TIER_WATCH		= 4,
};

/* Lock primitives of the order tiers. On disk. Append only. */
enum lk_prim {
	LK_PRIM_NONE		= 0,
	LK_PRIM_MUTEX		= 1,
	LK_PRIM_WW_MUTEX	= 2,
	LK_PRIM_RWSEM		= 3,
	LK_PRIM_RT_MUTEX	= 4,
	LK_PRIM_SPINLOCK	= 5,	/* spinlock_t and raw_spinlock_t: the same functions */
	LK_PRIM_RWLOCK		= 6,
	LK_PRIM_PERCPU_RWSEM	= 7,
	LK_PRIM_SEMAPHORE	= 8,	/* no owner: anyone may release it */
	LK_PRIM_COMPLETION	= 9,	/* pseudo-lock: held by nobody, waited for */
	LK_PRIM_RT_SPINLOCK	= 10,	/* PREEMPT_RT: spinlock_t, which sleeps */
	LK_PRIM_RT_RWLOCK	= 11,	/* PREEMPT_RT: rwlock_t, which sleeps */
	LK_PRIM_LOCKDEP		= 12,	/* a lockdep_map: of what, the tracepoint does not say */
	LK_PRIM_NR,
};

/* How a lock is taken, as lockdep counts it (struct held_lock.read). On disk. */
enum lk_read {
	LK_WRITE	= 0,	/* W: exclusive */
	LK_READ		= 1,	/* r: shared; a waiting writer stops it */
	LK_READ_RECURSIVE = 2,	/* R: shared; no waiting writer stops it */
};

/* About one acquisition (lk_hold.flags). On disk. Append only. */
enum lk_hold_flag {
	LK_HOLD_TRY		= 1 << 0,	/* by trylock: cannot block, so nothing leads to it */
	LK_HOLD_NOCHECK		= 1 << 1,	/* lockdep: check == 0; no edges from or to it */
	LK_HOLD_VERIFIED	= 1 << 2,	/* its owner word or locked byte said that it is held */
	LK_HOLD_UNVERIFIABLE	= 1 << 3,	/* it has none that could say so */
	LK_HOLD_NEST		= 1 << 4,	/* ww_mutex with a context, lockdep with a held nest_lock */
	LK_HOLD_TIMED		= 1 << 5,	/* a wait that a timeout ends */
	LK_HOLD_INTERRUPTIBLE	= 1 << 6,	/* a wait that a signal ends */
	LK_HOLD_PARTIAL		= 1 << 7,	/* of a read side that is only partly seen (wrappers) */
	LK_HOLD_DOWNGRADED	= 1 << 8,	/* rwsem: taken for writing, downgraded since */
	LK_HOLD_PENDING		= 1 << 9,	/* kernel side only: not held yet (try or interruptible) */
	LK_HOLD_NOVALIDATE	= 1 << 11,	/* kernel side only: its class turned out to be one that is not to be checked */
	LK_HOLD_WRAPPED		= 1 << 10,	/* kernel side only: the hook of a function that may call another hooked one */
	LK_HOLD_LISTED		= 1 << 12,	/* events only: of an order that lockdep lists; lock and mode mean nothing */
	LK_HOLD_YOUNG		= 1 << 13,	/* kernel side only: LK_ORDER_YOUNG, of an acquisition */
};

/*
 * Class key: what the kernel side can say of the class of a lock, as an exact
 * number, scoped by tier; the first of these that applies:
 *	static or per-CPU lock: its address (bits 48-63 all ones)
 *	lock of a known object:	bits 48-63 LK_CK_TYPED + rule and a bit, bits 0-47 what
 *				decides beside them, by rule (enum lk_rule)
 *	initialised in our time: return address of the call that did (bits 48-63 all ones)
 *	lock in a slab object:	bits 0-47 of the kmem_cache's address, and in bits
 *				48-63 the offset in the object (LK_CK_OFF_NONE: not known)
 *	lockdep tier:		address of the lock_class_key | subclass
 *	else:			LK_CK_*, below
 */
#define LK_CK_ADDR_MASK		0x0000ffffffffffffull
#define LK_CK_OFF_SHIFT		48
#define LK_CK_OFF_MAX		0xefff	/* a lock farther inside an object than that has no offset */
#define LK_CK_OFF_NONE		0xfffe
#define LK_CK_TYPED		0xf000	/* | rule << 1 | bit, up to LK_CK_TYPED_MAX */
#define LK_CK_TYPED_MAX		0xf1ff
#define LK_CK_UNKNOWN		1ull
#define LK_CK_STACK		2ull	/* on a task's or interrupt's stack */
#define LK_CK_VMALLOC		3ull
#define LK_CK_PAGE		4ull	/* whole pages, not slab */
#define LK_CK_COMPLETION	5ull	/* a completion: its class is where it is waited for */
#define LK_CK_MEMMAP		6ull	/* in a struct page: the lock of a page table */
#define LK_CK_WORK		7ull	/* a flush: its class is the function of the work, which is its site */
#define LK_CK_MAX		255ull	/* no key up to here is an address */

#define LK_HELD_MAX		16	/* locks of one task, or of one context level of a CPU */
#define LK_HISTORY		8	/* blocking acquisitions remembered per task, for completions */
#define LK_WATCH_MAX		16	/* watched functions */
#define LK_WATCH_NEST		4	/* watched functions nested in one task */
#define LK_ORDER_STACK		32	/* frames in a record */
#define LK_SLOT_PROBES		8

/* One held lock (or a lock that a task blocks on: it is pushed at the attempt). */
struct lk_held {
	__u64 lock;
	__u64 site;		/* return address of the call that takes it; 0 = not known */
	__u64 chain;		/* hash over this entry and all below it: sites, modes */
	__u64 inst;		/* hash over this entry and all below it: addresses of locks */
	__u64 key;		/* class key once it was needed; 0 = not yet */
	__u64 since;		/* held since (CLOCK_MONOTONIC), with hold times; 0 = not known, or not yet held */
	__u32 epoch;		/* of the tracer when it was taken, see `epoch` in maps */
	__u16 flags;		/* enum lk_hold_flag */
	__u8  prim;		/* enum lk_prim */
	__u8  read;		/* enum lk_read */
};

/* A blocking acquisition of the past, or a wait for a completion. */
struct lk_history {
	__u64 lock;
	__u64 site;
	__u32 epoch;
	__u16 flags;
	__u8  prim;
	__u8  read;
};

/* Locks held by one task, or by one context level of a CPU. bpf/held.h owns its rules. */
struct lk_stack {
	__u32 depth;		/* locks in held[]; held[0] is the oldest */
	__u32 overflow;		/* locks beyond LK_HELD_MAX that are not in held[] */
	struct lk_held held[LK_HELD_MAX];
};

/*
 * What one task holds: an element of `slots`, found by the task's address, freed when
 * the task is.
 * Behind the tasks' places, two per CPU for what softirqs and hardirqs hold; of such
 * a one only busy, watch_mask (0) and stack are used.
 */
struct lk_slot {
	__u64 task;		/* address of the task_struct; 0 = free */
	__u64 cwait;		/* completion it waits for; 0 = none */
	__u64 released;		/* lock of the last release that calls another release hook */
	__u64 subject;		/* of the flush that the task is inside of: work function or workqueue; 0 = none */
	union {
		struct {
			__u16 busy;		/* one of our programs runs in this task, outside of interrupts */
			__u16 unwanted;		/* 1: a filter (-p, -t, -G, -- CMD) leaves this task out */
			__u32 watch_mask;	/* bit n: inside watched function n */
		};
		__u64 unusual;			/* any of these: nothing for the straight line (order_hot.bpf.h) */
	};
	__u32 tid;
	__u32 nr_history;	/* ever; the newest is history[(nr_history - 1) % LK_HISTORY] */
	struct lk_stack stack;
	struct lk_history history[LK_HISTORY];
};

/* The same for one context level (LK_CTX_SOFTIRQ, LK_CTX_HARDIRQ) of one CPU; tier lockdep. */
struct lk_level {
	__u32 busy;
	__u32 pad;
	struct lk_stack stack;
};

/*
 * Configuration of the order object, in .rodata beside struct lk_cfg. Addresses are
 * 0 where unknown.
 */
struct lk_order_cfg {
	__u32 slot_mask;	/* places for tasks in `slots` - 1; a power of two less one */
	__u32 verify;		/* 0: believe the held stacks (tests only) */
	__u32 completions;	/* completions are traced: tasks keep a history */
	__u32 edge_mask;	/* size of `edges` - 1; a power of two less one */
	__u32 look_upon;	/* fentry: in interrupts, look whether they came upon a release program */
	__u32 sample_mask;	/* one of so many acquisitions + 1 is sent by itself; a power of two less one; 0 = none */
	__u32 hold_times;	/* fh_ are attached: time how long locks are held */
	__u32 hold_stack_mask;	/* size of `hold_stacks` - 1; a power of two less one */
	__u64 vmalloc_base;	/* address of the kernel's variable of this name */
	__u64 cpu_hotplug_lock;	/* address of the lock behind cpus_read_lock() */
	__u64 node_data;	/* address of the table of memory nodes */
	__u64 module_lo;	/* [module_lo, cfg.static_hi): modules, whose addresses get another meaning when they go */
};

/*
 * Where the static per-CPU data lie, in .bss as `order_percpu`: user space learns it
 * after load (percpu_base) and before the gate opens. size 0 = not known.
 */
struct lk_order_percpu {
	__u64 base;		/* of the lowest CPU's static per-CPU data */
	__u64 unit;		/* distance from CPU to CPU; 0 = irregular or one CPU */
	__u64 size;		/* of one CPU's static per-CPU data */
	__u64 nr;		/* CPUs */
};

/* order_enabled: whose hooks work. */
#define LK_GATE_SLEEP	(1u << 0)	/* of what is no spinlock or rwlock, and all else */
#define LK_GATE_SPIN	(1u << 1)	/* of spinlocks and rwlocks */
#define LK_GATE_INIT	(1u << 2)	/* of initialisations */
#define LK_GATE_HOLD	(1u << 3)	/* of what times holds, with hold times */
#define LK_GATE_ALL	(LK_GATE_SLEEP | LK_GATE_SPIN | LK_GATE_INIT | LK_GATE_HOLD)

/* --- records in the ring buffer --------------------------------------------------------- */

enum lk_order_rec_kind {	/* continues enum lk_rec_kind */
	LK_REC_ORDER	= 2,	/* struct lk_rec_order: a new order, or a watched function's first */
	LK_REC_ODD	= 3,	/* struct lk_rec_odd */
	LK_REC_CLASS	= 4,	/* struct lk_rec_class: describes a key before its first use */
	LK_REC_SAMPLE	= 5,	/* struct lk_rec_sample */
	LK_REC_HOLD	= 6,	/* struct lk_rec_wait, in the ring of waits: a hold */
};

/* A lock in a record. */
struct lk_rec_hold {
	__u64 lock;
	__u64 site;
	__u64 key;		/* class key, never 0 */
	__u64 mem;		/* where the key says how it was initialised: key of the memory that it lies in; else 0 */
	__u16 flags;		/* enum lk_hold_flag */
	__u8  prim;
	__u8  read;
	__u32 rule;		/* enum lk_rule */
};

/*
 * `acq` was about to be taken while `held` were held: an edge leads from each
 * held[i] with bit i of `from` set to `acq`. The other held locks are context.
 * With LK_ORDER_COMPLETION, held[0] is a completion that `task` completed, and
 * `acq` is what it took (or waited for) since the wait for it began.
 */
struct lk_rec_order {
	__u32 kind;
	__u32 size;		/* of the whole, which is cut behind the last frame of stack[] */
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u32 tid, tgid;
	__u32 cpu;
	__u8  tier;		/* enum lk_tier */
	__u8  ctx;		/* enum lk_ctx */
	__u16 flags;		/* LK_ORDER_* */
	__u32 from;
	__u32 watch_mask;	/* watched functions that the task is inside of */
	__u32 nr_held;		/* <= LK_HELD_MAX; held[0] is the oldest */
	__u32 nr_stack;		/* <= LK_ORDER_STACK */
	char  comm[LK_COMM_LEN];
	struct lk_rec_hold acq;
	struct lk_rec_hold held[LK_HELD_MAX];
	__u64 stack[LK_ORDER_STACK];	/* innermost first, from the function that takes `acq` on */
};

/* On disk. Append only. */
#define LK_ORDER_COMPLETION	(1u << 0)
#define LK_ORDER_WATCH_ENTRY	(1u << 1)	/* no `acq`: the function of the highest bit of watch_mask was entered */
#define LK_ORDER_OVERFLOW	(1u << 2)	/* more was held than `held` has room for */
#define LK_ORDER_SAMPLE		(1u << 3)	/* events only. No order: one of many acquisitions, for the count */
#define LK_ORDER_YOUNG		(1u << 4)	/* the task may hold locks that it took before we looked: what guards is not known */

/* One of many acquisitions, whatever was held. */
struct lk_rec_sample {
	__u32 kind;
	__u32 size;
	__u64 time_ns;
	__u32 tid, tgid;
	struct lk_rec_hold acq;
};

/* What must not happen at all. On disk. Append only. */
enum lk_odd {
	LK_ODD_BAD_UNLOCK	= 1,	/* released by one who does not hold it */
	LK_ODD_HELD_AT_EXIT	= 2,	/* a task ended that holds it */
};

struct lk_rec_odd {
	__u32 kind;
	__u32 size;
	__u64 time_ns;
	__u32 tid, tgid;
	__u32 cpu;
	__u32 odd;		/* enum lk_odd */
	__u32 tier;
	__u32 nr_stack;
	char  comm[LK_COMM_LEN];
	struct lk_rec_hold hold;
	__u64 stack[LK_ORDER_STACK];
};

#define LK_CLASS_NAME_LEN 64

/* What a class key stands for: lockdep's class, a known object, an initialisation, a slab cache. */
struct lk_rec_class {
	__u32 kind;
	__u32 size;
	__u64 key;
	__u64 site;		/* of the call that initialises it; 0 = not known */
	__u32 tier;
	__u32 subclass;		/* lockdep: 0 .. 7 */
	__u32 name_version;	/* lockdep: #N, 0 or 1 = none */
	__u32 off;		/* slab: offset in the object; ~0 = not known */
	__u32 flags;		/* LK_CLASS_* */
	__u32 object_size;	/* slab: of an object, as its users asked for it */
	__u32 rule;		/* known object: enum lk_rule */
	__u32 detail;		/* of the rule: its bit, or the address family */
	__u32 prim;		/* enum lk_prim of the lock that was met first */
	__u32 pad;
	char  name[LK_CLASS_NAME_LEN];	/* lockdep: the class's; slab: the cache's; init: the lock's; else the object's kind */
};

#define LK_CLASS_SLAB		(1u << 0)	/* name is a slab cache's */
#define LK_CLASS_MERGED		(1u << 1)	/* a cache that the kernel merged with others */
#define LK_CLASS_INIT		(1u << 2)	/* name is what the lock was called where it was initialised */
#define LK_CLASS_TYPED		(1u << 3)	/* rule says what it is; name: file system, workqueue ... */

/*
 * Where a lock was initialised, by its address: an element of `inits`. An entry is only as
 * good as the memory: another lock that is initialised at its address replaces it.
 */
struct lk_init {
	__u64 lock;		/* 0 = free, 1 = being written */
	__u64 site;		/* return address of the call */
	__u64 name;		/* address of the name that was given; 0 = none */
	__u32 prim;		/* enum lk_prim; RT's and the others alike */
	__u32 waitqueue;	/* it is the spinlock of a wait queue */
};
#define LK_INIT_WAYS	4	/* places for one address, one behind the other */
#define LK_INIT_PLACES	65536

/* The first of the places of an address. */
static __always_inline __u32 lk_init_place(__u64 lock)
{
	__u64 h = lock * 0x9e3779b97f4a7c15ull;

	return (__u32)((h ^ h >> 29) >> 24) & (LK_INIT_PLACES - 1);
}

/* Locks that are one memory under several names, or that only PREEMPT_RT tells apart, are one there. */
static __always_inline __u32 lk_init_prim(__u32 prim)
{
	switch (prim) {
	case LK_PRIM_WW_MUTEX:
		return LK_PRIM_MUTEX;
	case LK_PRIM_RT_SPINLOCK:
		return LK_PRIM_SPINLOCK;
	case LK_PRIM_RT_RWLOCK:
		return LK_PRIM_RWLOCK;
	}
	return prim;
}

/* Calls of watched functions, per CPU. */
struct lk_watch_stat {
	__u64 calls;
	__u64 total_ns;		/* of the calls that returned */
	__u64 returned;
	__u64 max_ns;
};

/*
 * Configuration of the lockdep tier, in .rodata. Addresses of the kernel's variables
 * are 0 where unknown; each one that is missing costs what its comment says.
 */
struct lk_lockdep_cfg {
	__u32 slot_mask;	/* size of `lkd_slots` - 1; a power of two less one */
	__u32 chain_mask;	/* likewise of `lkd_chains` */
	__u32 class_mask;	/* likewise of `lkd_classes` */
	__u32 nr_cpus;		/* possible CPUs */
	__u32 trust;		/* 1: lockdep's own stack corrects ours while debug_locks is 1 */
	__u32 percpu_size;	/* __per_cpu_end - __per_cpu_start; 0 = not known */
	__u64 debug_locks;	/* without it, trust is off */
	__u64 lock_classes;	/* likewise */
	__u64 no_validate;	/* __lockdep_no_validate__: its locks would get edges */
	__u64 no_track;		/* __lockdep_no_track__: likewise */
	__u64 classhash_table;	/* the N of names like &lock->wait_lock#N, when seen first */
	__u64 per_cpu_offset;	/* __per_cpu_offset: a per-CPU lock's first use makes a class of its own */
	__u64 percpu_start;	/* __per_cpu_start, which is 0 on some architectures */
	__u64 rcu_lock_map;	/* rcu_lock_map: only time; its events are dropped at once */
	__u64 acquire_start, acquire_end;	/* lock_acquire(): stacks begin with tracing frames */
	__u64 release_start, release_end;	/* lock_release(): likewise */
};

LK_STATIC_ASSERT(sizeof(struct lk_held) == 56, "held has padding");
LK_STATIC_ASSERT(sizeof(struct lk_history) == 24, "history has padding");
LK_STATIC_ASSERT(sizeof(struct lk_stack) == 8 + LK_HELD_MAX * 56, "stack has padding");
LK_STATIC_ASSERT(sizeof(struct lk_slot) == 56 + LK_HELD_MAX * 56 + LK_HISTORY * 24, "slot has padding");
LK_STATIC_ASSERT(sizeof(struct lk_level) == 16 + LK_HELD_MAX * 56, "level has padding");
LK_STATIC_ASSERT(sizeof(struct lk_order_cfg) == 64, "order cfg has padding");
LK_STATIC_ASSERT(sizeof(struct lk_order_percpu) == 32, "order percpu has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_hold) == 40, "hold has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_order) == 64 + 17 * 40 + LK_ORDER_STACK * 8, "order record has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_sample) == 24 + 40, "sample record has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_odd) == 56 + 40 + LK_ORDER_STACK * 8, "odd record has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_class) == 64 + LK_CLASS_NAME_LEN, "class record has padding");
LK_STATIC_ASSERT(sizeof(struct lk_init) == 32, "init has padding");
LK_STATIC_ASSERT(sizeof(struct lk_lockdep_cfg) == 24 + 12 * 8, "lockdep cfg has padding");

#endif /* LK_ABI_ORDER_H */
