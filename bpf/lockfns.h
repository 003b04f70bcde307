/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's lock functions: one table from which everything that depends on
 * them is made (programs, attach plan, doctor, tests). Facts: include/linux/
 * {mutex,ww_mutex,rwsem,spinlock,rwlock,semaphore,completion}.h and
 * kernel/locking/, 6.1 to 6.18.
 *
 * LK_LOCK_FN(symbol, primitive, op, arg, read, ok, flags)
 *
 *	symbol		a token: exact, since what a compiler suffix hides is unknown
 *	primitive	LK_PRIM_##primitive (the class of functions that is traced whole or not)
 *	op		see below
 *	arg		LK_ARG_##arg: how the function's arguments lead to the lock
 *	read		enum lk_read
 *	ok		LK_OK_##ok: what it returns when it has the lock
 *	flags		LK_FN_*, or'ed
 *
 * Operations, and the programs that are made from them:
 *	ACQUIRE		may block, cannot fail			fe_
 *	ACQUIRE_IF	may block, may fail			fe_ fx_
 *	ACQUIRE_LATE	may block, takes the lock or not at its choice: noted when it has	fx_
 *	TRY		never blocks				fx_
 *	RELEASE						fe_
 *	DOWNGRADE	the holder turns from writer to reader	fe_
 *	WAIT, COMPLETE	completions				fe_ fx_, fe_
 *	FLUSH		waits for work, inside			fe_ fx_
 *	INIT		(lock, name, key)			fe_
 */
#ifndef LK_LOCKFNS_H
#define LK_LOCKFNS_H

#include "abi.h"

enum lk_fn_op {
	LK_OP_ACQUIRE		= 1,
	LK_OP_ACQUIRE_IF	= 2,
	LK_OP_ACQUIRE_LATE	= 3,
	LK_OP_TRY		= 4,
	LK_OP_RELEASE		= 5,
	LK_OP_DOWNGRADE		= 6,
	LK_OP_WAIT		= 7,
	LK_OP_COMPLETE		= 8,
	LK_OP_FLUSH		= 9,
	LK_OP_INIT		= 10,
};

enum lk_fn_arg {
	LK_ARG_FIRST	= 0,
	LK_ARG_SECOND	= 1,
	LK_ARG_HOTPLUG	= 2,	/* no argument: &cpu_hotplug_lock */
	LK_ARG_MNT	= 3,	/* struct vfsmount *: write level of its super block's s_writers */
	LK_ARG_FILE	= 4,	/* struct file *: the same by its path */
	LK_ARG_WAITQ	= 5,	/* wait_queue_head *: its spinlock */
	LK_ARG_SWAITQ	= 6,	/* swait_queue_head *: its spinlock */
	LK_ARG_WORK	= 7,	/* work_struct * or delayed_work *, which begins with one */
	LK_ARG_WQ	= 8,	/* workqueue_struct * */
};

enum lk_fn_ok {
	LK_OK_ALWAYS	= 0,
	LK_OK_ZERO	= 1,
	LK_OK_NONZERO	= 2,
};

#define LK_FN_ALT	(1u << 0)	/* another name of the row before it: one of them must be there */
#define LK_FN_OPT	(1u << 1)	/* one more way in: hooked where it exists */
#define LK_FN_PARTIAL	(1u << 2)	/* wrapper of a read side that is inlined elsewhere */
#define LK_FN_RT	(1u << 3)	/* exists on PREEMPT_RT, and is needed only there */
#define LK_FN_WRAPS	(1u << 4)	/* may do its work through another function of the table */
#define LK_FN_WW	(1u << 5)	/* second argument: the acquire context, which may be NULL */
#define LK_FN_TIMED	(1u << 6)	/* a timeout ends the wait */
#define LK_FN_INTR	(1u << 7)	/* a signal ends the wait */
#define LK_FN_NAMELESS	(1u << 8)	/* init: is given no name (51d7a054521d, after 6.18) */

#define LK_FNS_MUTEX(F)								\
	F(mutex_lock, MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(mutex_lock_nested, MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_ALT)	\
	F(_mutex_lock_nest_lock, MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(mutex_lock_io, MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_WRAPS) \
	F(mutex_lock_io_nested, MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_WRAPS) \
	F(mutex_lock_interruptible, MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_INTR) \
	F(mutex_lock_interruptible_nested, MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_ALT | LK_FN_INTR) \
	F(mutex_lock_killable, MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, 0)	\
	F(mutex_lock_killable_nested, MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_ALT) \
	F(_mutex_lock_killable, MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_ALT)	\
	F(atomic_dec_and_mutex_lock, MUTEX, ACQUIRE_LATE, SECOND, LK_WRITE, NONZERO, LK_FN_OPT) \
	F(mutex_trylock, MUTEX, TRY, FIRST, LK_WRITE, NONZERO, 0)		\
	F(_mutex_trylock_nest_lock, MUTEX, TRY, FIRST, LK_WRITE, NONZERO, LK_FN_ALT)	\
	F(mutex_unlock, MUTEX, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(__mutex_init, MUTEX, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(__mutex_rt_init, MUTEX, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(mutex_init_generic, MUTEX, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_NAMELESS)

#define LK_FNS_WW_MUTEX(F)							\
	F(ww_mutex_lock, WW_MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_WW | LK_FN_WRAPS) \
	F(ww_mutex_lock_interruptible, WW_MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_WW | LK_FN_INTR | LK_FN_WRAPS) \
	F(ww_mutex_trylock, WW_MUTEX, TRY, FIRST, LK_WRITE, NONZERO, LK_FN_WW | LK_FN_WRAPS) \
	F(ww_mutex_unlock, WW_MUTEX, RELEASE, FIRST, LK_WRITE, ALWAYS, LK_FN_WRAPS)

#define LK_FNS_RWSEM(F)								\
	F(down_read, RWSEM, ACQUIRE, FIRST, LK_READ, ALWAYS, 0)			\
	F(down_read_nested, RWSEM, ACQUIRE, FIRST, LK_READ, ALWAYS, LK_FN_OPT)	\
	F(down_read_non_owner, RWSEM, ACQUIRE, FIRST, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_WRAPS) \
	F(down_read_interruptible, RWSEM, ACQUIRE_IF, FIRST, LK_READ, ZERO, LK_FN_INTR)	\
	F(down_read_killable, RWSEM, ACQUIRE_IF, FIRST, LK_READ, ZERO, 0)	\
	F(down_read_killable_nested, RWSEM, ACQUIRE_IF, FIRST, LK_READ, ZERO, LK_FN_OPT) \
	F(down_read_trylock, RWSEM, TRY, FIRST, LK_READ, NONZERO, 0)		\
	F(down_write, RWSEM, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(down_write_nested, RWSEM, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(_down_write_nest_lock, RWSEM, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(down_write_killable, RWSEM, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, 0)	\
	F(down_write_killable_nested, RWSEM, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_OPT) \
	F(down_write_trylock, RWSEM, TRY, FIRST, LK_WRITE, NONZERO, 0)		\
	F(up_read, RWSEM, RELEASE, FIRST, LK_READ, ALWAYS, 0)			\
	F(up_read_non_owner, RWSEM, RELEASE, FIRST, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_WRAPS) \
	F(up_write, RWSEM, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)			\
	F(downgrade_write, RWSEM, DOWNGRADE, FIRST, LK_READ, ALWAYS, 0)		\
	F(__init_rwsem, RWSEM, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)

#define LK_FNS_RT_MUTEX(F)							\
	F(rt_mutex_lock, RT_MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(rt_mutex_lock_nested, RT_MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_ALT)	\
	F(_rt_mutex_lock_nest_lock, RT_MUTEX, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT) \
	F(rt_mutex_lock_interruptible, RT_MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_OPT | LK_FN_INTR) \
	F(rt_mutex_lock_killable, RT_MUTEX, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_OPT)	\
	F(rt_mutex_trylock, RT_MUTEX, TRY, FIRST, LK_WRITE, NONZERO, 0)		\
	F(rt_mutex_unlock, RT_MUTEX, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(__rt_mutex_init, RT_MUTEX, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)

#define LK_FNS_SEMAPHORE(F)							\
	F(down, SEMAPHORE, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)			\
	F(down_interruptible, SEMAPHORE, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_INTR)	\
	F(down_killable, SEMAPHORE, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, 0)	\
	F(down_timeout, SEMAPHORE, ACQUIRE_IF, FIRST, LK_WRITE, ZERO, LK_FN_TIMED)	\
	F(down_trylock, SEMAPHORE, TRY, FIRST, LK_WRITE, ZERO, 0)		\
	F(up, SEMAPHORE, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)

/* The read side is inlined; its wrappers are hooked where they exist, and seen where they are called. */
#define LK_FNS_PERCPU_RWSEM(F)							\
	F(percpu_down_write, PERCPU_RWSEM, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(percpu_up_write, PERCPU_RWSEM, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(cpus_read_lock, PERCPU_RWSEM, ACQUIRE, HOTPLUG, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_PARTIAL) \
	F(cpus_read_trylock, PERCPU_RWSEM, TRY, HOTPLUG, LK_READ, NONZERO, LK_FN_OPT | LK_FN_PARTIAL) \
	F(cpus_read_unlock, PERCPU_RWSEM, RELEASE, HOTPLUG, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_PARTIAL) \
	F(mnt_want_write, PERCPU_RWSEM, ACQUIRE_IF, MNT, LK_READ, ZERO, LK_FN_OPT | LK_FN_PARTIAL) \
	F(mnt_want_write_file, PERCPU_RWSEM, ACQUIRE_IF, FILE, LK_READ, ZERO, LK_FN_OPT | LK_FN_PARTIAL | LK_FN_WRAPS) \
	F(mnt_drop_write, PERCPU_RWSEM, RELEASE, MNT, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_PARTIAL) \
	F(mnt_drop_write_file, PERCPU_RWSEM, RELEASE, FILE, LK_READ, ALWAYS, LK_FN_OPT | LK_FN_PARTIAL | LK_FN_WRAPS) \
	F(__percpu_init_rwsem, PERCPU_RWSEM, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)

#define LK_FNS_SPINLOCK(F)							\
	F(_raw_spin_lock, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_lock_bh, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_lock_irq, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_lock_irqsave, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_lock_nested, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(_raw_spin_lock_irqsave_nested, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT) \
	F(_raw_spin_lock_nest_lock, SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT) \
	F(_raw_spin_trylock, SPINLOCK, TRY, FIRST, LK_WRITE, NONZERO, 0)	\
	F(_raw_spin_trylock_bh, SPINLOCK, TRY, FIRST, LK_WRITE, NONZERO, 0)	\
	F(_raw_spin_unlock, SPINLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_unlock_bh, SPINLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_unlock_irq, SPINLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_spin_unlock_irqrestore, SPINLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(__init_waitqueue_head, SPINLOCK, INIT, WAITQ, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(__init_swait_queue_head, SPINLOCK, INIT, SWAITQ, LK_WRITE, ALWAYS, LK_FN_OPT)

/* A reader in interrupt context, or with softirqs disabled, is recursive (kernel/locking/qrwlock.c). */
#define LK_FNS_RWLOCK(F)							\
	F(_raw_read_lock, RWLOCK, ACQUIRE, FIRST, LK_READ, ALWAYS, 0)		\
	F(_raw_read_lock_bh, RWLOCK, ACQUIRE, FIRST, LK_READ_RECURSIVE, ALWAYS, 0)	\
	F(_raw_read_lock_irq, RWLOCK, ACQUIRE, FIRST, LK_READ, ALWAYS, 0)	\
	F(_raw_read_lock_irqsave, RWLOCK, ACQUIRE, FIRST, LK_READ, ALWAYS, 0)	\
	F(_raw_read_trylock, RWLOCK, TRY, FIRST, LK_READ, NONZERO, 0)		\
	F(_raw_read_unlock, RWLOCK, RELEASE, FIRST, LK_READ, ALWAYS, 0)		\
	F(_raw_read_unlock_bh, RWLOCK, RELEASE, FIRST, LK_READ, ALWAYS, 0)	\
	F(_raw_read_unlock_irq, RWLOCK, RELEASE, FIRST, LK_READ, ALWAYS, 0)	\
	F(_raw_read_unlock_irqrestore, RWLOCK, RELEASE, FIRST, LK_READ, ALWAYS, 0)	\
	F(_raw_write_lock, RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(_raw_write_lock_nested, RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(_raw_write_lock_bh, RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_lock_irq, RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_lock_irqsave, RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_trylock, RWLOCK, TRY, FIRST, LK_WRITE, NONZERO, 0)		\
	F(_raw_write_unlock, RWLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_unlock_bh, RWLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_unlock_irq, RWLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(_raw_write_unlock_irqrestore, RWLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, 0)

/* PREEMPT_RT: spinlock_t and rwlock_t sleep. rt_read_lock() nests in itself without a writer's notice. */
#define LK_FNS_RT(F)								\
	F(rt_spin_lock, RT_SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT)	\
	F(rt_spin_lock_nested, RT_SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT | LK_FN_OPT) \
	F(rt_spin_lock_nest_lock, RT_SPINLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT | LK_FN_OPT) \
	F(rt_spin_trylock, RT_SPINLOCK, TRY, FIRST, LK_WRITE, NONZERO, LK_FN_RT)	\
	F(rt_spin_trylock_bh, RT_SPINLOCK, TRY, FIRST, LK_WRITE, NONZERO, LK_FN_RT)	\
	F(rt_spin_unlock, RT_SPINLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT)	\
	F(__rt_spin_lock_init, RT_SPINLOCK, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_RT | LK_FN_OPT) \
	F(rt_read_lock, RT_RWLOCK, ACQUIRE, FIRST, LK_READ, ALWAYS, LK_FN_RT)	\
	F(rt_read_trylock, RT_RWLOCK, TRY, FIRST, LK_READ, NONZERO, LK_FN_RT)	\
	F(rt_read_unlock, RT_RWLOCK, RELEASE, FIRST, LK_READ, ALWAYS, LK_FN_RT)	\
	F(rt_write_lock, RT_RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT)	\
	F(rt_write_lock_nested, RT_RWLOCK, ACQUIRE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT | LK_FN_OPT) \
	F(rt_write_trylock, RT_RWLOCK, TRY, FIRST, LK_WRITE, NONZERO, LK_FN_RT)	\
	F(rt_write_unlock, RT_RWLOCK, RELEASE, FIRST, LK_WRITE, ALWAYS, LK_FN_RT)	\
	F(__rt_rwlock_init, RT_RWLOCK, INIT, FIRST, LK_WRITE, ALWAYS, LK_FN_RT | LK_FN_OPT)

#define LK_FNS_COMPLETION(F)							\
	F(wait_for_completion, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(wait_for_completion_io, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(wait_for_completion_timeout, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_TIMED)	\
	F(wait_for_completion_io_timeout, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_TIMED) \
	F(wait_for_completion_interruptible, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_INTR)	\
	F(wait_for_completion_interruptible_timeout, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_TIMED | LK_FN_INTR) \
	F(wait_for_completion_killable, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(wait_for_completion_killable_timeout, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_TIMED) \
	F(wait_for_completion_state, COMPLETION, WAIT, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT | LK_FN_INTR)	\
	F(complete, COMPLETION, COMPLETE, FIRST, LK_WRITE, ALWAYS, 0)		\
	F(complete_all, COMPLETION, COMPLETE, FIRST, LK_WRITE, ALWAYS, 0)	\
	F(complete_on_current_cpu, COMPLETION, COMPLETE, FIRST, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(flush_work, COMPLETION, FLUSH, WORK, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(flush_delayed_work, COMPLETION, FLUSH, WORK, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(cancel_work_sync, COMPLETION, FLUSH, WORK, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(cancel_delayed_work_sync, COMPLETION, FLUSH, WORK, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(__flush_workqueue, COMPLETION, FLUSH, WQ, LK_WRITE, ALWAYS, LK_FN_OPT)	\
	F(drain_workqueue, COMPLETION, FLUSH, WQ, LK_WRITE, ALWAYS, LK_FN_OPT)

/* Sleeping primitives first: what kprobes may hook. The order is the row numbers; append at will, none is stored. */
#define LK_LOCK_FNS(F)								\
	LK_FNS_MUTEX(F) LK_FNS_WW_MUTEX(F) LK_FNS_RWSEM(F) LK_FNS_RT_MUTEX(F)	\
	LK_FNS_SEMAPHORE(F) LK_FNS_PERCPU_RWSEM(F) LK_FNS_COMPLETION(F)		\
	LK_FNS_RT(F) LK_FNS_SPINLOCK(F) LK_FNS_RWLOCK(F)

/* Row numbers: LK_ROW_mutex_lock, ... */
enum lk_row {
#define LK_ROW_NAME(symbol, prim, op, arg, read, ok, flags) LK_ROW_##symbol,
	LK_LOCK_FNS(LK_ROW_NAME)
#undef LK_ROW_NAME
	LK_ROW_NR
};

/* One row as data, for tables made from LK_LOCK_FNS(LK_FN_DATA). */
struct lk_lock_fn {
	const char *symbol;
	__u8 prim, op, arg, read, ok, pad;
	__u16 flags;
};
#define LK_FN_DATA(symbol_, prim_, op_, arg_, read_, ok_, flags_)		\
	{ .symbol = #symbol_, .prim = LK_PRIM_##prim_, .op = LK_OP_##op_,	\
	  .arg = LK_ARG_##arg_, .read = (read_), .ok = LK_OK_##ok_, .flags = (flags_) },

#endif /* LK_LOCKFNS_H */
