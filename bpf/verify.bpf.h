/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a lock really held? What its owner word, or failing that its state, says. The
 * held stacks leak (events are missed, locks change hands), so no order is sent
 * before this has been asked.
 */
#ifndef LK_VERIFY_BPF_H
#define LK_VERIFY_BPF_H

#include "owner.bpf.h"

enum held_truth {
	HELD_NO		= 0,
	HELD_YES	= 1,	/* by this task, or by somebody where the lock does not say who */
	HELD_UNKNOWN	= 2,	/* the lock cannot say */
	HELD_OTHER	= 3,	/* by another task, for sure */
};

/* kernel/locking/rwsem.c, rwbase_rt.h; include/asm-generic/qrwlock.h */
#define RWSEM_WRITER_LOCKED	0x01ull
#define RWSEM_READER_SHIFT	8
#define RWBASE_READERS		0x3fffffffull
#define QRWLOCK_WLOCKED		0xffull
#define QRWLOCK_READER_SHIFT	9

static __always_inline int truth_of(__u64 owner, __u64 task)
{
	return owner == task ? HELD_YES : owner ? HELD_OTHER : HELD_NO;
}

static __always_inline int verify_mutex(__u64 lock, __u64 task)
{
	if (bpf_core_field_exists(struct mutex, owner))
		return truth_of(peek(mutex, lock, owner.counter) & ~MUTEX_FLAGS, task);
	return truth_of(peek_ptr(mutex___rt, lock, rtmutex.owner) & ~RTMUTEX_HAS_WAITERS, task);
}

static __always_inline int verify_rwbase(__u64 lock, __u32 read, __u64 task)
{
	if (!bpf_core_field_exists(struct rw_semaphore___rt, rwbase))
		return HELD_UNKNOWN;
	if (read)
		return peek(rw_semaphore___rt, lock, rwbase.readers.counter) & RWBASE_READERS ?
			HELD_YES : HELD_NO;
	return truth_of(peek_ptr(rw_semaphore___rt, lock, rwbase.rtmutex.owner) &
			~RTMUTEX_HAS_WAITERS, task);
}

static __always_inline int verify_rwsem(__u64 lock, __u32 read, __u64 task)
{
	__u64 count;

	if (!bpf_core_field_exists(struct rw_semaphore, owner))
		return verify_rwbase(lock, read, task);
	count = peek(rw_semaphore, lock, count.counter);
	if (read)
		return (__s64)count >> RWSEM_READER_SHIFT ? HELD_YES : HELD_NO;
	if (!(count & RWSEM_WRITER_LOCKED))
		return HELD_NO;
	return truth_of(peek(rw_semaphore, lock, owner.counter) & ~RWSEM_FLAGS, task);
}

static __always_inline int verify_spin(__u64 lock)
{
	if (!bpf_core_field_exists(struct qspinlock, locked))
		return HELD_UNKNOWN;
	return peek(qspinlock, lock, locked) ? HELD_YES : HELD_NO;
}

static __always_inline int verify_rwlock(__u64 lock, __u32 read)
{
	__u64 cnts;

	if (!bpf_core_field_exists(struct qrwlock, cnts))
		return HELD_UNKNOWN;
	cnts = (__u32)peek(qrwlock, lock, cnts.counter);
	return (read ? cnts >> QRWLOCK_READER_SHIFT : cnts & QRWLOCK_WLOCKED) ? HELD_YES : HELD_NO;
}

/*
 * What the lock itself says: enum held_truth. @what: LK_VERIFY(prim, read). Global:
 * the verifier then walks it once per program.
 */
#define LK_VERIFY(prim, read)	((prim) | (read) << 8)
__noinline int lock_truth(__u64 lock, __u32 what, __u64 task)
{
	__u32 prim = what & 0xff, read = what >> 8;

	if (!order_cfg.verify)
		return HELD_YES;
	switch (prim) {
	case LK_PRIM_MUTEX:
	case LK_PRIM_WW_MUTEX:		/* its mutex is its first member */
		return verify_mutex(lock, task);
	case LK_PRIM_RWSEM:
		return verify_rwsem(lock, read, task);
	case LK_PRIM_RT_MUTEX:
	case LK_PRIM_RT_SPINLOCK:	/* their rt_mutex_base is their first member */
		return truth_of(peek_ptr(rt_mutex_base, lock, owner) & ~RTMUTEX_HAS_WAITERS, task);
	case LK_PRIM_RT_RWLOCK:
		return verify_rwbase(lock, read, task);
	case LK_PRIM_SPINLOCK:
		return verify_spin(lock);
	case LK_PRIM_RWLOCK:
		return verify_rwlock(lock, read);
	case LK_PRIM_PERCPU_RWSEM:
		if (read)
			return HELD_UNKNOWN;
		return peek(percpu_rw_semaphore, lock, block.counter) ? HELD_YES : HELD_NO;
	case LK_PRIM_SEMAPHORE:
		return (__u32)peek(semaphore, lock, count) ? HELD_NO : HELD_YES;
	}
	return HELD_UNKNOWN;
}

#endif /* LK_VERIFY_BPF_H */
