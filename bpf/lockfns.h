/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's lock functions: one table from which everything that depends on
 * them is made. Facts: include/linux/{mutex,rwsem,spinlock,rwlock}.h and
 * kernel/locking/, 6.1 to 6.18.
 *
 * LK_LOCK_FN(primitive, symbol, op)
 *
 * A symbol may be missing: DEBUG_LOCK_ALLOC turns some into *_nested, PREEMPT_RT
 * has rt_*, and kernels without UNINLINE_SPIN_UNLOCK inline some unlocks. A
 * primitive can be traced for order only if all its rows of one flavour exist
 * and can be hooked; LK_FN_ALT rows stand in for the row before them.
 */
#ifndef LK_LOCKFNS_H
#define LK_LOCKFNS_H

enum lk_fn_op {
	LK_FN_ACQUIRE	= 1,
	LK_FN_TRY	= 2,
	LK_FN_RELEASE	= 3,
	LK_FN_ALT	= 0x10,		/* another name of the row before it */
};

#define LK_LOCK_FNS(LK_LOCK_FN)							\
	LK_LOCK_FN("mutex", "mutex_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("mutex", "mutex_lock_nested", LK_FN_ACQUIRE | LK_FN_ALT)	\
	LK_LOCK_FN("mutex", "mutex_lock_interruptible", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("mutex", "mutex_lock_interruptible_nested", LK_FN_ACQUIRE | LK_FN_ALT) \
	LK_LOCK_FN("mutex", "mutex_lock_killable", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("mutex", "mutex_lock_killable_nested", LK_FN_ACQUIRE | LK_FN_ALT) \
	LK_LOCK_FN("mutex", "_mutex_lock_killable", LK_FN_ACQUIRE | LK_FN_ALT)	\
	LK_LOCK_FN("mutex", "mutex_trylock", LK_FN_TRY)				\
	LK_LOCK_FN("mutex", "_mutex_trylock_nest_lock", LK_FN_TRY | LK_FN_ALT)	\
	LK_LOCK_FN("mutex", "mutex_unlock", LK_FN_RELEASE)			\
	LK_LOCK_FN("ww_mutex", "ww_mutex_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("ww_mutex", "ww_mutex_lock_interruptible", LK_FN_ACQUIRE)	\
	LK_LOCK_FN("ww_mutex", "ww_mutex_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("ww_mutex", "ww_mutex_unlock", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwsem", "down_read", LK_FN_ACQUIRE)				\
	LK_LOCK_FN("rwsem", "down_read_interruptible", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwsem", "down_read_killable", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwsem", "down_read_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("rwsem", "down_write", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("rwsem", "down_write_killable", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwsem", "down_write_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("rwsem", "up_read", LK_FN_RELEASE)				\
	LK_LOCK_FN("rwsem", "up_write", LK_FN_RELEASE)				\
	LK_LOCK_FN("rwsem", "downgrade_write", LK_FN_RELEASE)			\
	LK_LOCK_FN("rt_mutex", "rt_mutex_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("rt_mutex", "rt_mutex_lock_nested", LK_FN_ACQUIRE | LK_FN_ALT) \
	LK_LOCK_FN("rt_mutex", "rt_mutex_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("rt_mutex", "rt_mutex_unlock", LK_FN_RELEASE)		\
	LK_LOCK_FN("semaphore", "down", LK_FN_ACQUIRE)				\
	LK_LOCK_FN("semaphore", "down_interruptible", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("semaphore", "down_killable", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("semaphore", "down_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("semaphore", "down_timeout", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("semaphore", "up", LK_FN_RELEASE)				\
	LK_LOCK_FN("percpu-rwsem", "percpu_down_write", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("percpu-rwsem", "percpu_up_write", LK_FN_RELEASE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("spinlock", "_raw_spin_lock_bh", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_lock_irq", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_lock_irqsave", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("spinlock", "_raw_spin_trylock_bh", LK_FN_TRY)		\
	LK_LOCK_FN("spinlock", "_raw_spin_unlock", LK_FN_RELEASE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_unlock_bh", LK_FN_RELEASE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_unlock_irq", LK_FN_RELEASE)		\
	LK_LOCK_FN("spinlock", "_raw_spin_unlock_irqrestore", LK_FN_RELEASE)	\
	LK_LOCK_FN("rwlock", "_raw_read_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("rwlock", "_raw_read_lock_bh", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_read_lock_irq", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_read_lock_irqsave", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_read_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("rwlock", "_raw_read_unlock", LK_FN_RELEASE)			\
	LK_LOCK_FN("rwlock", "_raw_read_unlock_bh", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwlock", "_raw_read_unlock_irq", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwlock", "_raw_read_unlock_irqrestore", LK_FN_RELEASE)	\
	LK_LOCK_FN("rwlock", "_raw_write_lock", LK_FN_ACQUIRE)			\
	LK_LOCK_FN("rwlock", "_raw_write_lock_bh", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_write_lock_irq", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_write_lock_irqsave", LK_FN_ACQUIRE)		\
	LK_LOCK_FN("rwlock", "_raw_write_trylock", LK_FN_TRY)			\
	LK_LOCK_FN("rwlock", "_raw_write_unlock", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwlock", "_raw_write_unlock_bh", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwlock", "_raw_write_unlock_irq", LK_FN_RELEASE)		\
	LK_LOCK_FN("rwlock", "_raw_write_unlock_irqrestore", LK_FN_RELEASE)

#endif /* LK_LOCKFNS_H */
