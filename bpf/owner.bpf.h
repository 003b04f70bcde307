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

#define read_word(lock, type, field)							\
({											\
	__u64 __w = 0;									\
	bpf_probe_read_kernel(&__w, sizeof(__w),					\
		__builtin_preserve_access_index(&((struct type *)(lock))->field));	\
	__w;										\
})

static __always_inline __u64 owner_word(__u64 lock, __u32 lcb)
{
	if (lcb & LK_LCB_RT) {
		if (lcb & (LK_LCB_READ | LK_LCB_WRITE))
			return bpf_core_type_exists(struct rwbase_rt) ?
				read_word(lock, rwbase_rt, rtmutex.owner) & ~RTMUTEX_HAS_WAITERS : 0;
		return read_word(lock, rt_mutex_base, owner) & ~RTMUTEX_HAS_WAITERS;
	}
	if (lcb & LK_LCB_MUTEX)
		return bpf_core_field_exists(struct mutex, owner) ?
			read_word(lock, mutex, owner.counter) & ~MUTEX_FLAGS : 0;
	if (lcb & (LK_LCB_SPIN | LK_LCB_PERCPU))
		return 0;
	if (lcb & (LK_LCB_READ | LK_LCB_WRITE))
		return bpf_core_field_exists(struct rw_semaphore, owner) ?
			read_word(lock, rw_semaphore, owner.counter) : 0;
	return bpf_core_field_exists(struct semaphore, last_holder) ?
		read_word(lock, semaphore, last_holder) : 0;
}

static __always_inline void owner_fill(__u64 lock, __u32 lcb, struct lk_wait *w)
{
	__u64 word = owner_word(lock, lcb), ptr = word;
	struct task_struct *task;
	int ids[2];

	if (!(lcb & (LK_LCB_RT | LK_LCB_MUTEX))) {	/* rwsem; a semaphore has no flags */
		if (lcb & (LK_LCB_READ | LK_LCB_WRITE)) {
			w->owner_reader = word & RWSEM_READER_OWNED;
			ptr = word & ~RWSEM_FLAGS;
		}
	}
	if (!ptr)
		return;
	task = (struct task_struct *)ptr;
	if (bpf_core_field_offset(struct task_struct, tgid) ==
	    bpf_core_field_offset(struct task_struct, pid) + sizeof(ids[0])) {
		if (bpf_probe_read_kernel(ids, sizeof(ids), &task->pid))
			return;
	} else {
		ids[0] = BPF_CORE_READ(task, pid);
		ids[1] = BPF_CORE_READ(task, tgid);
	}
	if (ids[0] <= 0 || bpf_probe_read_kernel(w->owner_comm, sizeof(w->owner_comm), &task->comm))
		return;
	if (owner_word(lock, lcb) != word) {
		stat_inc(LK_STAT_OWNER_INVALID);
		return;
	}
	w->owner_tid = ids[0];
	w->owner_tgid = ids[1];
}

#endif /* LK_OWNER_BPF_H */
