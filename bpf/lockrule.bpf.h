/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Well-known locks of the task that takes them: enum lk_rule. The pointers are read by
 * helper: each access by a trusted pointer makes the verifier search all of BTF.
 */
#ifndef LK_LOCKRULE_BPF_H
#define LK_LOCKRULE_BPF_H

/* Is @lock the member @field of what @ptr points to? Kernels that lack the member say no. */
#define is_field(lock, ptr, field)						\
	((ptr) && bpf_core_field_exists((ptr)->field) &&			\
	 (lock) == (__u64)__builtin_preserve_access_index(&(ptr)->field))

static __always_inline __u32 lockid_rule(__u64 lock, struct task_struct *task)
{
	struct sighand_struct *sighand = BPF_CORE_READ(task, sighand);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct files_struct *files = BPF_CORE_READ(task, files);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct fs_struct *fs = BPF_CORE_READ(task, fs);

	if (is_field(lock, mm, mmap_lock))
		return LK_RULE_MMAP_LOCK;
	if (is_field(lock, mm, page_table_lock))
		return LK_RULE_PAGE_TABLE_LOCK;
	if (is_field(lock, sighand, siglock))
		return LK_RULE_SIGLOCK;
	if (is_field(lock, files, file_lock))
		return LK_RULE_FILE_LOCK;
	if (is_field(lock, signal, cred_guard_mutex))
		return LK_RULE_CRED_GUARD;
	if (is_field(lock, fs, lock))
		return LK_RULE_FS_LOCK;
	if (is_field(lock, task, pi_lock))
		return LK_RULE_PI_LOCK;
	if (is_field(lock, task, alloc_lock))
		return LK_RULE_ALLOC_LOCK;
	return LK_RULE_NONE;
}

#endif /* LK_LOCKRULE_BPF_H */
