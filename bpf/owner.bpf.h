/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who holds a lock at the moment somebody begins to wait for it.
 *
 * Read from the lock's owner word, where its kind has one. The word is read
 * again after the task behind it: if it changed, the task may have been another
 * by then, and no owner is given (OWNER_INVALID). A reader-owned rwsem names
 * the last reader only; that is a hint and marked so.
 */
#ifndef LK_OWNER_BPF_H
#define LK_OWNER_BPF_H

/* kernel/locking/mutex.h MUTEX_FLAGS, rwsem.c RWSEM_OWNER_FLAGS_MASK, rtmutex_common.h */
#define MUTEX_FLAGS		0x07ull
#define RWSEM_READER_OWNED	0x01ull
#define RWSEM_FLAGS		0x03ull
#define RTMUTEX_HAS_WAITERS	0x01ull

static __always_inline __u64 owner_word(__u64 lock, __u32 lcb)
{
	if (lcb & LK_LCB_RT) {
		if (lcb & (LK_LCB_READ | LK_LCB_WRITE))
			return bpf_core_field_exists(struct rw_semaphore___rt, rwbase) ?
				peek_ptr(rw_semaphore___rt, lock, rwbase.rtmutex.owner) &
					~RTMUTEX_HAS_WAITERS : 0;
		return peek_ptr(rt_mutex_base, lock, owner) & ~RTMUTEX_HAS_WAITERS;
	}
	if (lcb & LK_LCB_MUTEX)
		return bpf_core_field_exists(struct mutex, owner) ?
			peek(mutex, lock, owner.counter) & ~MUTEX_FLAGS : 0;
	if (lcb & (LK_LCB_SPIN | LK_LCB_PERCPU))
		return 0;
	if (lcb & (LK_LCB_READ | LK_LCB_WRITE))
		return bpf_core_field_exists(struct rw_semaphore, owner) ?
			peek(rw_semaphore, lock, owner.counter) : 0;
	return bpf_core_field_exists(struct semaphore, last_holder) ?
		peek(semaphore, lock, last_holder) : 0;
}

static __always_inline void owner_fill(__u64 lock, __u32 lcb, struct lk_wait *w)
{
	__u64 word = owner_word(lock, lcb), task = word;
	int tid;

	if (!(lcb & (LK_LCB_RT | LK_LCB_MUTEX)) && (lcb & (LK_LCB_READ | LK_LCB_WRITE))) {
		w->owner_reader = word & RWSEM_READER_OWNED;
		task = word & ~RWSEM_FLAGS;
	}
	if (!task)
		return;
	tid = peek(task_struct, task, pid);
	if (tid <= 0)
		return;
	w->owner_tgid = peek(task_struct, task, tgid);
	if (owner_word(lock, lcb) != word) {
		stat_inc(LK_STAT_OWNER_INVALID);
		return;
	}
	w->owner_tid = tid;
	w->owner = task;
}

/* Name of the owner noted at arrival, if that task is still there; else "". */
static __always_inline void owner_comm(const struct lk_wait *w, char *comm)
{
	struct task_struct *task = (struct task_struct *)w->owner;

	if ((__u32)BPF_CORE_READ(task, pid) == w->owner_tid)
		bpf_probe_read_kernel(comm, LK_COMM_LEN, &task->comm);
}

#endif /* LK_OWNER_BPF_H */
