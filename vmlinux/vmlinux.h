/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types that the BPF programs touch, kept by hand.
 *
 * Every field is relocated against the BTF of the running kernel (CO-RE), so
 * order and offsets here mean nothing, only names and kinds do; a field that a
 * kernel lacks is asked for with bpf_core_field_exists() first. Nothing is
 * generated and the build machine needs no BTF. tools/check-vmlinux holds
 * this file against a kernel.
 */
#ifndef LK_VMLINUX_H
#define LK_VMLINUX_H

#define __VMLINUX_H__	/* bpf/bpf_tracing.h: registers have the kernel's names */

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* linux/bpf.h: map types, flags and errors that we use. */
enum {
	BPF_MAP_TYPE_HASH		= 1,
	BPF_MAP_TYPE_ARRAY		= 2,
	BPF_MAP_TYPE_PERCPU_ARRAY	= 6,
	BPF_MAP_TYPE_STACK_TRACE	= 7,
	BPF_MAP_TYPE_CGROUP_ARRAY	= 8,
	BPF_MAP_TYPE_RINGBUF		= 27,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_EXIST = 2 };
enum { BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_RB_NO_WAKEUP = 1 << 0, BPF_RB_FORCE_WAKEUP = 1 << 1 };
enum { BPF_RB_AVAIL_DATA = 0, BPF_RB_RING_SIZE = 1 };
#define CLOCK_MONOTONIC	1
#define EEXIST	17
#define EBUSY	16
#define EFAULT	14

/* Raw tracepoint context. */
struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

/* In a map; its content is the kernel's own (include/uapi/linux/bpf.h). */
struct bpf_timer {
	__u64 opaque[2];
} __attribute__((aligned(8)));

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	long long counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

typedef struct {
	int counter;
} atomic_t;

/* ctx.bpf.h: a type that has an int at its start, to read one by address. */
struct refcount_struct {
	atomic_t refs;
};

/* peek.bpf.h, order_args.bpf.h: the same for 64-bit words. */
struct timespec64 {
	long long tv_sec;
	long tv_nsec;
};

/* owner.bpf.h: owner word = task | flags in the low 3 bits (kernel/locking/mutex.h). */
struct mutex {
	atomic_long_t owner;
};

/* owner.bpf.h: owner word = task | flags in the low 2 bits (kernel/locking/rwsem.c). */
struct rw_semaphore {
	atomic_long_t count;
	atomic_long_t owner;
};

/* owner.bpf.h: owner = task | HAS_WAITERS in bit 0 (kernel/locking/rtmutex_common.h). */
struct rt_mutex_base {
	struct task_struct *owner;
};

/*
 * owner.bpf.h, PREEMPT_RT: the base of rwsem and, at the same place, of rwlock. As a
 * flavour of a type that every kernel has: for a type that vmlinux lacks libbpf goes
 * through the modules' BTF, which takes CAP_SYS_ADMIN.
 */
struct rwbase_rt {
	atomic_t readers;
	struct rt_mutex_base rtmutex;
};

/* verify.bpf.h, PREEMPT_RT: a mutex is an rt_mutex. */
struct mutex___rt {
	struct rt_mutex_base rtmutex;
};

struct rw_semaphore___rt {
	struct rwbase_rt rwbase;
};

/* owner.bpf.h: since 6.16 with CONFIG_DETECT_HUNG_TASK_BLOCKER. */
struct semaphore {
	unsigned int count;
	unsigned long last_holder;
};

/* verify.bpf.h: is it held? */
struct qspinlock {
	__u8 locked;
};

struct qrwlock {
	atomic_t cnts;
};

struct percpu_rw_semaphore {
	atomic_t block;
};

/* order_upon.bpf.h */
struct bpf_map {
	__u32 id;
};

struct bpf_array {
	void *pptrs[0];
};

struct bpf_prog_aux {
	__u32 id;
	__u32 used_map_cnt;
	struct bpf_map **used_maps;
};

struct bpf_prog {
	int *active;
	struct bpf_prog_aux *aux;
};

/* order_args.bpf.h: from a mount to the lock that its writers take. */
struct sb_writers {
	struct percpu_rw_semaphore rw_sem[3];
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

/* typed.bpf.h */
struct file_system_type {
	const char *name;
};

struct dentry {
	struct super_block *d_sb;
};

struct super_block {
	struct file_system_type *s_type;
	struct dentry *s_root;
	struct hlist_node s_instances;
	struct rw_semaphore s_umount;
	struct mutex s_vfs_rename_mutex;
	struct sb_writers s_writers;
};

struct vfsmount {
	struct super_block *mnt_sb;
};

struct path {
	struct vfsmount *mnt;
};

struct file {
	struct path f_path;
};

#ifdef __TARGET_ARCH_x86
/* bpf/bpf_tracing.h: arguments, return value, stack of a probed function. */
struct pt_regs {
	unsigned long di, si, dx, cx, r8, ax, bp, sp, ip;
};
#endif

typedef struct spinlock {
	int unused;
} spinlock_t;

typedef struct raw_spinlock {
	int unused;
} raw_spinlock_t;

typedef struct {
	int unused;
} rwlock_t;

/* typed.bpf.h: objects whose users split the classes of their locks, and what shows that it is one. */
struct address_space {
	struct inode *host;
	struct rw_semaphore invalidate_lock;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	spinlock_t i_lock;
	struct rw_semaphore i_rwsem;
	struct address_space i_data;
};

struct kobject {
	const void *ktype;
};

struct device {
	struct kobject kobj;
	struct mutex mutex;
};

struct per_cpu_pages {
	int count;
};

struct zone {
	struct per_cpu_pages *per_cpu_pageset;
};

struct pglist_data {
	struct zone node_zones[1];
};

struct proto {
	struct kmem_cache *slab;
};

struct sock_common {
	unsigned short skc_family;
	struct proto *skc_prot;
};

struct sk_buff_head {
	spinlock_t lock;
};

typedef struct {
	spinlock_t slock;
} socket_lock_t;

struct socket {
	struct sock *sk;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
	socket_lock_t sk_lock;
	struct sk_buff_head sk_receive_queue, sk_write_queue, sk_error_queue;
	rwlock_t sk_callback_lock;
};

/* init.bpf.h: which spinlock an initialised wait queue has, and whether it is one still. */
struct list_head {
	struct list_head *next, *prev;
};

struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
};

struct swait_queue_head {
	raw_spinlock_t lock;
	struct list_head task_list;
};

/* order_args.bpf.h: what a flush waits for. */
struct work_struct {
	void *func;
};

struct workqueue_struct {
	char name[24];
};

/* lockid.bpf.h: well-known locks of a task. */
struct mm_struct {
	struct rw_semaphore mmap_lock;
	spinlock_t page_table_lock;
};

struct sighand_struct {
	spinlock_t siglock;
};

struct signal_struct {
	atomic_t live;
	struct mutex cred_guard_mutex;
};

struct files_struct {
	spinlock_t file_lock;
};

struct fs_struct {
	spinlock_t lock;
};

/* ctx.bpf.h: where the architecture keeps preempt_count in thread_info (arm64). */
struct thread_info {
	int preempt_count;
};

/*
 * lockdep_*.bpf.h: CONFIG_LOCKDEP. A class is a place in lock_classes[], found by its key:
 * the address in a lock_class_key that belongs to the subclass.
 */
struct lockdep_map {
	void *key;
	struct lock_class *class_cache[2];
	const char *name;
};

struct lock_class {
	struct hlist_node hash_entry;
	void *key;
	void *cmp_fn;		/* since 6.5 */
	unsigned int subclass;
	int name_version;
};

/* lockdep_*.bpf.h: one entry of a task's own stack of held locks. */
struct held_lock {
	unsigned long acquire_ip;
	struct lockdep_map *instance;
	unsigned int class_idx:13;
	unsigned int irq_context:2;	/* 1 = softirq, 2 = hardirq */
	unsigned int trylock:1;
	unsigned int read:2;
	unsigned int check:1;
	unsigned int references:11;
};

/* lockdep.bpf.c: downgrade_write() and synchronize_srcu() have no tracepoint. */
struct rw_semaphore___lockdep {
	struct lockdep_map dep_map;
};

struct srcu_struct {
	struct lockdep_map dep_map;
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct task_struct {
	struct thread_info thread_info;
	struct sched_entity se;
	int pid;
	int tgid;
	void *stack;
	__u64 start_time;
	char comm[16];
	struct mm_struct *mm;
	struct sighand_struct *sighand;
	struct signal_struct *signal;
	struct files_struct *files;
	struct fs_struct *fs;
	raw_spinlock_t pi_lock;
	spinlock_t alloc_lock;
	int nr_cpus_allowed;
	/* CONFIG_LOCKDEP, CONFIG_TRACE_IRQFLAGS */
	int softirq_context;
	int lockdep_depth;
	unsigned int lockdep_recursion;
	struct held_lock held_locks[48];
};

/* lockid.bpf.h: which slab cache an address lies in, without the kfunc (before 6.13). */
struct page {
	unsigned long flags;
	unsigned long compound_head;
	unsigned int page_type;
};

struct slab {
	struct kmem_cache *slab_cache;
};

struct kmem_cache {
	const char *name;
	int refcount;		/* caches merged into it (mm/slab_common.c) */
	unsigned int size;	/* of an object, with all that is around it */
	unsigned int object_size;
	unsigned int red_left_pad;
};

/* order_wait.bpf.h */
struct completion {
	unsigned int done;
};

/* percpu_base: from any task to the run queue, and so to the per-CPU data, of its CPU. */
struct cfs_rq {
	struct rq *rq;		/* CONFIG_FAIR_GROUP_SCHED */
};

struct rq {
	raw_spinlock_t __lock;
	int cpu;
};

#pragma clang attribute pop

#endif /* LK_VMLINUX_H */
