/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the kernel side (bpf/) and user space.
 *
 * This (with abi_order.h) is the only header that both include. Everything here is fixed-width,
 * explicitly padded and size-checked. Enumerations are append-only: their
 * values are written to recordings (see user/man/lockscope.lks.5).
 */
#ifndef LK_ABI_H
#define LK_ABI_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/*
 * Flags of the tracepoint lock:contention_begin, as the kernel defines them
 * (include/trace/events/lock.h, LCB_F_*). No flag at all means semaphore.
 */
enum lk_lcb {
	LK_LCB_SPIN	= 1 << 0,
	LK_LCB_READ	= 1 << 1,
	LK_LCB_WRITE	= 1 << 2,
	LK_LCB_RT	= 1 << 3,
	LK_LCB_PERCPU	= 1 << 4,
	LK_LCB_MUTEX	= 1 << 5,
	LK_LCB_MASK	= 0x3f,
	LK_LCB_ANY	= LK_LCB_RT | LK_LCB_PERCPU,	/* no lock is both: it is not known what it is */
};

/* What the CPU was doing when the wait began (from preempt_count). */
enum lk_ctx {
	LK_CTX_TASK	= 0,
	LK_CTX_SOFTIRQ	= 1,
	LK_CTX_HARDIRQ	= 2,
	LK_CTX_NMI	= 3,
	LK_CTX_NR	= 4,
	LK_CTX_UNKNOWN	= 7,	/* preempt_count could not be read */
};

/*
 * Everything that can be lost or dropped. Every increment is a fact that does
 * not reach the user, or reaches him with less detail; meaning and advice are
 * in user/core/loss.c, which a test keeps complete. Append only.
 */
enum lk_stat {
	LK_STAT_ROWS_FULL	= 1,	/* contention row folded: no room for lock and task */
	LK_STAT_FOLD_FULL	= 2,	/* wait counted in no row at all */
	LK_STAT_OWNERS_FULL	= 3,	/* wait not attributed to its owner */
	LK_STAT_HIST_FULL	= 4,	/* wait missing from its row's histogram */
	LK_STAT_WAITERS_FULL	= 5,	/* wait not timed: table of sleeping waiters full */
	LK_STAT_LOCKS_FULL	= 6,	/* no naming evidence kept for a lock */
	LK_STAT_STACK_COLLISION	= 7,	/* stack hash collision in both stack tables */
	LK_STAT_STACK_FAULT	= 8,	/* the kernel could not walk the stack */
	LK_STAT_NEST_DEPTH	= 9,	/* waits nested deeper than we track */
	LK_STAT_STALE_WAIT	= 10,	/* a wait whose end was never seen was dropped */
	LK_STAT_UNMATCHED_END	= 11,	/* end without a beginning (began before the trace) */
	LK_STAT_GUARD_SKIP	= 12,	/* event caused by our own work, skipped */
	LK_STAT_CLOCK		= 13,	/* clock went backwards over a wait; counted as 0 ns */
	LK_STAT_RING_FULL	= 14,	/* single wait not recorded: ring buffer full */
	LK_STAT_TASKS_FULL	= 15,	/* child process not followed: table full */
	LK_STAT_UPDATE_RACE	= 16,	/* maximum or minimum not updated: too many tries */
	LK_STAT_RECURSION	= 17,	/* the kernel skipped a program (recursion_misses) */
	LK_STAT_OWNER_INVALID	= 18,	/* owner word changed while we read it */
	LK_STAT_DRAIN		= 19,	/* user space could not read a table entry */
	LK_STAT_MAP_BUSY	= 20,	/* table locked by the code we interrupted; wait not counted */
	/* Order of locks. */
	LK_STAT_SLOTS_FULL	= 21,	/* acquisition not followed: no place for the task */
	LK_STAT_HELD_OVERFLOW	= 22,	/* acquisition not followed: the task holds too many */
	LK_STAT_UNMATCHED_RELEASE = 23,	/* release of a lock whose acquisition was not seen */
	LK_STAT_PREHELD		= 24,	/* the same, and it was held when the trace began (no loss) */
	LK_STAT_STALE_HELD	= 25,	/* entry dropped: its lock was not held any more */
	LK_STAT_ORDER_RING_FULL	= 26,	/* new order not sent: ring buffer full; it is offered again */
	LK_STAT_ORDER_MAP_FULL	= 27,	/* new order not remembered: table full; it may come again */
	LK_STAT_LOCKDEP_OFF	= 28,	/* order in an interrupt not sent: lockdep is off and confirms nothing */
	LK_STAT_SITE_UNKNOWN	= 29,	/* call site of an acquisition could not be found */
	LK_STAT_ORDER_STACK	= 30,	/* order without a stack: the kernel could not walk it */
	LK_STAT_NMI_SKIP	= 31,	/* acquisition in an NMI: not followed */
	LK_STAT_HISTORY_FULL	= 32,	/* completion: what the task did earlier was forgotten */
	LK_STAT_CWAITS_FULL	= 33,	/* wait for a completion not followed: table full */
	LK_STAT_HANDOVER	= 34,	/* a lock released by another task than its taker (no loss) */
	LK_STAT_ORDER_GUARD	= 35,	/* acquisition or release inside of our own work, skipped */
	LK_STAT_CONTEXT_UNKNOWN	= 36,	/* order not followed: context level not known */
	LK_STAT_WATCH_NEST	= 37,	/* watched functions nested too deep; call not followed */
	LK_STAT_ORDER_RECURSION	= 38,	/* the kernel skipped an order program (recursion_misses) */
	LK_STAT_INITS_FULL	= 39,	/* where a lock was initialised was forgotten: table full */
	LK_STAT_SAMPLE_LOST	= 40,	/* sample of an acquisition not sent: ring buffer full */
	LK_STAT_HOLD_UNTIMED	= 41,	/* hold not timed: its beginning was not seen */
	LK_STAT_HOLDS_FULL	= 42,	/* hold folded: no room for lock and task */
	LK_STAT_NR,
};

/* Rules by which the kernel side can tell what a lock is. Append only. */
enum lk_rule {
	LK_RULE_NONE		= 0,
	LK_RULE_MMAP_LOCK	= 1,	/* &current->mm->mmap_lock */
	LK_RULE_SIGLOCK		= 2,	/* &current->sighand->siglock */
	LK_RULE_PAGE_TABLE_LOCK	= 3,	/* &current->mm->page_table_lock */
	LK_RULE_FILE_LOCK	= 4,	/* &current->files->file_lock */
	LK_RULE_PI_LOCK		= 5,	/* &current->pi_lock */
	LK_RULE_ALLOC_LOCK	= 6,	/* &current->alloc_lock */
	LK_RULE_FS_LOCK		= 7,	/* &current->fs->lock */
	LK_RULE_CRED_GUARD	= 8,	/* &current->signal->cred_guard_mutex */
	/* Of a typed class key; what else the key says, and its bit, behind each. */
	LK_RULE_INODE_RWSEM	= 9,	/* inode.i_rwsem: file_system_type; bit: of a directory */
	LK_RULE_INODE_LOCK	= 10,	/* inode.i_lock: file_system_type */
	LK_RULE_INVALIDATE_LOCK	= 11,	/* address_space.invalidate_lock: file_system_type */
	LK_RULE_S_UMOUNT	= 12,	/* super_block.s_umount: file_system_type */
	LK_RULE_SB_RENAME	= 13,	/* super_block.s_vfs_rename_mutex: file_system_type */
	LK_RULE_SB_WRITERS	= 14,	/* super_block.s_writers.rw_sem[0]: file_system_type */
	LK_RULE_SB_PAGEFAULTS	= 15,	/* ... [1] */
	LK_RULE_SB_INTERNAL	= 16,	/* ... [2] */
	LK_RULE_SLOCK		= 17,	/* sock.sk_lock.slock: address family */
	LK_RULE_RLOCK		= 18,	/* sock.sk_receive_queue.lock: likewise */
	LK_RULE_WLOCK		= 19,	/* sock.sk_write_queue.lock: likewise */
	LK_RULE_ELOCK		= 20,	/* sock.sk_error_queue.lock: likewise */
	LK_RULE_CLOCK		= 21,	/* sock.sk_callback_lock: likewise */
	LK_RULE_DEVICE_MUTEX	= 22,	/* device.mutex: whose order is not to be checked */
	LK_RULE_WORKQUEUE	= 23,	/* a flush of this workqueue */
	LK_RULE_PTLOCK		= 24,	/* of a page table, in its struct page */
	LK_RULE_NODE		= 25,	/* in the pglist_data of a memory node: offset in it */
	LK_RULE_PCP		= 26,	/* in the per_cpu_pages of a zone: offset in it */
	LK_RULE_NR,
};

/* Limits. */
#define LK_COMM_LEN		16
#define LK_CACHE_NAME_LEN	32
#define LK_STACK_DEPTH_MAX	127
#define LK_MAX_FILTER		16	/* cgroups that can be filtered on */
#define LK_NEST_MAX		4	/* spinning waits nested per CPU and context level */
#define LK_HOLD_LONG_NS		10000	/* holds that long get a stack of their own and are sent singly */

/*
 * Stack ids. The low bits are the index in the table of stacks; a stack that
 * collides there is tried in a second table with one innermost frame less
 * (always a tracing frame), which hashes differently.
 */
#define LK_STACK_ALT		0x40000000u
#define LK_STACK_NONE		0xffffffffu

/*
 * Log-linear histogram of durations in ns: exact below 32, then 32 linear
 * sub-buckets per power of two, so a bucket is at most 1/32 of its value wide
 * and its middle is within 1.6 % of anything in it. Values of 2^42 ns (73
 * minutes) and more share the last bucket.
 */
#define LK_HIST_SUB_BITS	5
#define LK_HIST_SUB		(1 << LK_HIST_SUB_BITS)
#define LK_HIST_OCTAVES		38
#define LK_HIST_BUCKETS		(LK_HIST_OCTAVES * LK_HIST_SUB)

/* Index of the highest set bit; v must not be 0. */
static __always_inline __u32 lk_msb64(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) { v >>= 32; r += 32; }
	if (v >> 16) { v >>= 16; r += 16; }
	if (v >> 8)  { v >>= 8;  r += 8; }
	if (v >> 4)  { v >>= 4;  r += 4; }
	if (v >> 2)  { v >>= 2;  r += 2; }
	return r + (__u32)(v >> 1);
}

/* Bucket of a duration; always < LK_HIST_BUCKETS. */
static __always_inline __u32 lk_hist_bucket(__u64 ns)
{
	__u32 octave, shift;

	if (ns < LK_HIST_SUB)
		return (__u32)ns;
	shift = lk_msb64(ns) - LK_HIST_SUB_BITS;
	octave = shift + 1;
	if (octave >= LK_HIST_OCTAVES)
		return LK_HIST_BUCKETS - 1;
	return octave * LK_HIST_SUB + (__u32)((ns >> shift) & (LK_HIST_SUB - 1));
}

/* Smallest duration that falls into a bucket, in ns. */
static __always_inline __u64 lk_hist_lower(__u32 bucket)
{
	__u32 octave = bucket / LK_HIST_SUB, sub = bucket % LK_HIST_SUB;

	if (!octave)
		return sub;
	return (__u64)(LK_HIST_SUB + sub) << (octave - 1);
}

/*
 * Key of one contention row: who waited for what, from where. `cpu` is CPU + 1
 * for the idle tasks, which all have tid 0, and 0 for every other task: so a
 * row has one writer at a time (plus interrupts on that CPU). A folded row
 * (LK_STAT_ROWS_FULL) has lock, cgroup, tid, tgid and cpu all zero.
 */
struct lk_row_key {
	__u64 lock;
	__u64 cgroup;
	__u32 tid;
	__u32 tgid;
	__u32 stack;		/* LK_STACK_* */
	__u8  lcb;		/* enum lk_lcb, of the wait's last beginning */
	__u8  ctx;		/* enum lk_ctx */
	__u16 cpu;
};

/* Key of one owner row: who was holding the lock when waiters came. */
struct lk_owner_key {
	__u64 lock;
	__u32 tid;		/* owner's */
	__u32 tgid;		/* owner's */
	__u32 stack;		/* the waiter's */
	__u8  lcb;
	__u8  reader;		/* the owner word names a reader: the last one, a hint */
	__u16 pad;
};

/*
 * What both kinds of row accumulate. `oct[o]` is 1 + the index of the block of
 * histogram counters of octave o in the map `hist`, 0 while there is none.
 */
struct lk_agg {
	__u64 count;
	__u64 total_ns;
	__u64 max_ns;
	__u64 min_ns;
	__u64 first_ns;		/* CLOCK_MONOTONIC, of the first wait's beginning */
	__u64 last_ns;		/* CLOCK_MONOTONIC, of the last wait's end */
	char  comm[LK_COMM_LEN];	/* of the task in the key */
	__u32 oct[LK_HIST_OCTAVES];
};

/* One octave of a histogram: LK_HIST_SUB counters. */
struct lk_hist_block {
	__u32 n[LK_HIST_SUB];
};

/*
 * A wait that has not ended. Sleeping waits lie in the array `waiters`, at one of
 * LK_WAITER_PROBES places from the task's tid on; `slot` says whose it is.
 */
#define LK_WAITER_PROBES	4
#define LK_WAITER_SLOT(tid, nest) ((__u64)(tid) | (__u64)(nest) << 32)	/* never 0: the idle tasks do not sleep */

struct lk_wait {
	__u64 slot;		/* LK_WAITER_SLOT of the task it belongs to; 0 = free */
	__u64 lock;		/* 0 = being filled or emptied */
	__u64 start_ns;
	__u64 cgroup;
	__u64 owner;		/* task_struct of the owner at arrival; 0 = unknown */
	__u32 owner_tid;	/* 0 = unknown */
	__u32 owner_tgid;
	__u32 tid;
	__u32 tgid;
	__u32 stack;
	__u8  lcb;
	__u8  ctx;
	__u8  owner_reader;
	__u8  pad;
};

/* Naming evidence about a lock, gathered once, when its first row is made. */
struct lk_lock_info {
	__u64 first_ns;
	__u32 rule;		/* enum lk_rule */
	__u32 has_cache;	/* 1; 2 = several caches were merged under this name */
	__u32 off;		/* of the lock in the slab object; ~0 = not known */
	__u32 object_size;	/* of the slab object, as its users asked for it */
	__u32 prim;		/* enum lk_prim, from the tracepoint's flags; 0 = not known */
	__u32 detail;		/* of the rule: its bit, or the address family */
	char  cache[LK_CACHE_NAME_LEN];	/* slab cache the lock lies in */
	char  refine[16];	/* of the rule: file system */
};

/* State of one context level of one CPU. */
struct lk_cpu_state {
	__u32 busy;		/* one of our contention programs runs on this CPU at this level */
	__u32 depth;		/* spinning waits in slot[] */
	__u64 order_task;	/* task in which an order program does work that takes locks; 0 = none */
	struct lk_wait slot[LK_NEST_MAX];
	struct lk_agg agg;	/* scratch: a row on its way into a table */
	struct lk_lock_info info;	/* scratch */
};

/* Release programs that an interrupt can come upon, of functions that it calls, too (bpf/order_upon.bpf.h). */
#define LK_UPON_NR	8	/* a power of two */

struct lk_cpu {
	__u64 preempt_count;	/* address of this CPU's preempt_count; 0 = not known */
	__u64 runqueue;		/* address of this CPU's `runqueues` */
	__u64 current_task;	/* where this CPU notes its current task; 0 = not known */
	__u32 irq_held;		/* bit n: level n may have held locks; cleared by a lower level */
	__u32 sampled;		/* acquisitions, while some are sampled */
	__u64 upon[LK_UPON_NR];	/* where this CPU counts runs of upon_prog[n]; 0 = not known */
	struct lk_cpu_state level[LK_CTX_NR];
};

/* Records in the ring buffer start with this. */
enum lk_rec_kind {
	LK_REC_WAIT	= 1,	/* struct lk_rec_wait */
};

/* One finished wait, or hold (LK_REC_HOLD: no owner); sent only when cfg.emit_waits is set. */
struct lk_rec_wait {
	__u32 kind;
	__u32 size;
	struct lk_row_key key;
	__u64 start_ns;
	__u64 dur_ns;
	__u32 owner_tid;
	__u32 owner_tgid;
	__u32 owner_reader;
	__u32 pad;
};

/*
 * Configuration, in .rodata: constant for the verifier, so what is switched
 * off costs nothing. Addresses are 0 where unknown.
 */
struct lk_cfg {
	__u32 type_mask_on;	/* filter on type_mask */
	__u32 filter_task;	/* look a task up in `tasks` (by tgid, then tid) */
	__u32 nr_cgroups;	/* filter on that many entries of `cgroups` */
	__u32 want_stack;
	__u32 want_owner;
	__u32 emit_waits;
	__u32 has_kfuncs;	/* bpf_rdonly_cast() can be called */
	__u32 has_slab_kfunc;	/* bpf_get_kmem_cache() can be called */
	__u32 nr_hist_blocks;
	__u32 waiter_mask;	/* size of `waiters` - 1; a power of two less one */
	__u64 type_mask;	/* bit n: lcb value n wanted */
	__s64 preempt_off;	/* preempt_count's place relative to `runqueues`; 0 = not known */
	__s64 current_off;	/* likewise, of the pointer to the current task */
	/* Addresses of the kernel's variables, for page -> slab -> cache without the kfunc. */
	__u64 page_offset_base;
	__u64 vmemmap_base;
	/* Likewise, for the run queue where a task does not lead to it. */
	__u64 per_cpu_offset;
	__u64 runqueues;
	__u64 static_lo;	/* kernel image and modules: [static_lo, static_hi) */
	__u64 static_hi;
	__u64 device_ktype;	/* address of what marks a kobject as a struct device's */
};

#ifdef __cplusplus
#define LK_STATIC_ASSERT static_assert
#else
#define LK_STATIC_ASSERT _Static_assert
#endif
LK_STATIC_ASSERT(sizeof(struct lk_row_key) == 32, "row key has padding");
LK_STATIC_ASSERT(sizeof(struct lk_owner_key) == 24, "owner key has padding");
LK_STATIC_ASSERT(sizeof(struct lk_agg) == 64 + 4 * LK_HIST_OCTAVES, "agg has padding");
LK_STATIC_ASSERT(sizeof(struct lk_hist_block) == 128, "hist block size");
LK_STATIC_ASSERT(sizeof(struct lk_wait) == 64, "wait has padding");
LK_STATIC_ASSERT(sizeof(struct lk_lock_info) == 80, "lock info has padding");
LK_STATIC_ASSERT(sizeof(struct lk_cpu_state) == 16 + LK_NEST_MAX * 64 + 216 + 80, "cpu state has padding");
LK_STATIC_ASSERT(sizeof(struct lk_rec_wait) == 72, "wait record has padding");
LK_STATIC_ASSERT(sizeof(struct lk_cfg) == 120, "cfg has padding");

#include "abi_order.h"

#endif /* LK_ABI_H */
