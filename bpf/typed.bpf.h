/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks that their users put into classes of their own (lockdep_set_class() and its
 * kin), by what they lie in: inodes by file system and directory (fs/inode.c,
 * inode_init_always(), lockdep_annotate_inode_mutex_key()), super blocks by file system
 * (fs/super.c, alloc_super()), sockets by address family (net/core/sock.c); and
 * device.mutex, whose order must not be checked (drivers/base/core.c,
 * device_initialize()).
 *
 * Nothing tells what surrounds a lock, so it is asked: an object that is what it would
 * be points back to itself in a way that other memory does not. Off the hot path: once
 * per novelty.
 */
#ifndef LK_TYPED_BPF_H
#define LK_TYPED_BPF_H

#include "slab.bpf.h"

#define S_IFMT	0170000
#define S_IFDIR	0040000
#define AF_MAX	64

static __always_inline __u64 typed_pack(__u32 rule, __u32 bit, __u64 what)
{
	return (what & LK_CK_ADDR_MASK) | (__u64)(LK_CK_TYPED | rule << 1 | bit) << LK_CK_OFF_SHIFT;
}

#define container(lock, type, field) ((lock) - bpf_core_field_offset(struct type, field))

/* File system types are static, and so are their names: 0 for what is none. */
static __always_inline __u64 typed_fs_type(__u64 sb)
{
	__u64 type = peek_ptr(super_block, sb, s_type), name;

	if (type < cfg.static_lo || type >= cfg.static_hi)
		return 0;
	name = peek_ptr(file_system_type, type, name);
	return name >= cfg.static_lo && name < cfg.static_hi ? type : 0;
}

/* The super block's file system type, if it is one: 0 if not. A dying one has no root any more. */
static __always_inline __u64 typed_fs(__u64 sb)
{
	__u64 root = peek_ptr(super_block, sb, s_root), pprev;

	if (!root || peek_ptr(dentry, root, d_sb) != sb) {
		pprev = peek_ptr(super_block, sb, s_instances.pprev);
		if (!pprev || peek_ptr(hlist_node, pprev, next) !=
			      sb + bpf_core_field_offset(struct super_block, s_instances))
			return 0;
	}
	return typed_fs_type(sb);
}

static __always_inline __u64 typed_sb(__u64 sb, __u32 rule)
{
	__u64 fs = typed_fs(sb);

	return fs ? typed_pack(rule, 0, fs) : 0;
}

/* Its file system type, if @inode is one: its own address space says so. */
static __always_inline __u64 typed_inode_fs(__u64 inode)
{
	__u64 data = inode + bpf_core_field_offset(struct inode, i_data), sb;

	if (peek_ptr(address_space, data, host) != inode)
		return 0;
	sb = peek_ptr(inode, inode, i_sb);
	return sb ? typed_fs_type(sb) : 0;
}

static __always_inline __u64 typed_inode(__u64 inode, __u32 rule)
{
	__u64 fs = typed_inode_fs(inode);
	__u32 dir;

	if (!fs)
		return 0;
	dir = (BPF_CORE_READ((struct inode *)inode, i_mode) & S_IFMT) == S_IFDIR;
	return typed_pack(rule, rule == LK_RULE_INODE_RWSEM && dir, fs);
}

static __always_inline __u64 typed_mapping(__u64 mapping)
{
	__u64 inode = peek_ptr(address_space, mapping, host);

	if (!inode || inode + bpf_core_field_offset(struct inode, i_data) != mapping)
		return 0;
	return typed_inode(inode, LK_RULE_INVALIDATE_LOCK);
}

static __always_inline __u64 typed_rwsem(__u64 lock)
{
	__u64 key = typed_inode(container(lock, inode, i_rwsem), LK_RULE_INODE_RWSEM);

	key = key ?: typed_sb(container(lock, super_block, s_umount), LK_RULE_S_UMOUNT);
	if (!key && bpf_core_field_exists(struct address_space, invalidate_lock))
		key = typed_mapping(container(lock, address_space, invalidate_lock));
	return key;
}

/*
 * Is it a socket, which a socket begins with? Its protocol allocates such objects, from a cache of
 * its own or by kmalloc(), and its other half knows it. (A cache that was merged holds other
 * things as well, in which what was a socket may still be read.)
 */
static __always_inline __u64 typed_sock(__u64 lock, const struct slab_at *at, __u64 off, __u32 rule)
{
	__u64 sk = lock - off, proto, slab, socket;
	__u32 family;

	if (!at->cache || at->off != off)
		return 0;
	proto = peek_ptr(sock, sk, __sk_common.skc_prot);
	family = BPF_CORE_READ((struct sock *)sk, __sk_common.skc_family);
	if (!family || family >= AF_MAX || proto < cfg.static_lo || proto >= cfg.static_hi)
		return 0;
	slab = peek_ptr(proto, proto, slab);
	socket = peek_ptr(sock, sk, sk_socket);
	if ((slab && slab != at->cache) || (socket && peek_ptr(socket, socket, sk) != sk))
		return 0;
	return typed_pack(rule, 0, family);
}

#define SOCK_OFF(field) bpf_core_field_offset(struct sock, field)

static __always_inline __u64 typed_spinlock(__u64 lock, const struct slab_at *at)
{
	__u64 key = typed_inode(container(lock, inode, i_lock), LK_RULE_INODE_LOCK);

	key = key ?: typed_sock(lock, at, SOCK_OFF(sk_lock.slock), LK_RULE_SLOCK);
	key = key ?: typed_sock(lock, at, SOCK_OFF(sk_receive_queue.lock), LK_RULE_RLOCK);
	key = key ?: typed_sock(lock, at, SOCK_OFF(sk_write_queue.lock), LK_RULE_WLOCK);
	return key ?: typed_sock(lock, at, SOCK_OFF(sk_error_queue.lock), LK_RULE_ELOCK);
}

static __always_inline __u64 typed_percpu_rwsem(__u64 lock)
{
	__u64 sb = container(lock, super_block, s_writers.rw_sem);
	__u32 i;

	for (i = 0; i < 3; i++) {
		__u64 key = typed_sb(sb - i * bpf_core_type_size(struct percpu_rw_semaphore),
				     LK_RULE_SB_WRITERS + i);

		if (key)
			return key;
	}
	return 0;
}

static __always_inline __u64 typed_mutex(__u64 lock)
{
	if (cfg.device_ktype &&
	    peek_ptr(device, container(lock, device, mutex), kobj.ktype) == cfg.device_ktype)
		return typed_pack(LK_RULE_DEVICE_MUTEX, 0, 0);
	return typed_sb(container(lock, super_block, s_vfs_rename_mutex), LK_RULE_SB_RENAME);
}

/* Class key of a lock in an object that we know, 0 of others. @at: where it lies. */
static __always_inline __u64 typed_key(__u64 lock, const struct slab_at *at, __u32 prim)
{
	switch (prim) {
	case LK_PRIM_RWSEM:
		return typed_rwsem(lock);
	case LK_PRIM_MUTEX:
		return typed_mutex(lock);
	case LK_PRIM_SPINLOCK:
	case LK_PRIM_RT_SPINLOCK:
		return typed_spinlock(lock, at);
	case LK_PRIM_RWLOCK:
	case LK_PRIM_RT_RWLOCK:
		return typed_sock(lock, at, SOCK_OFF(sk_callback_lock), LK_RULE_CLOCK);
	case LK_PRIM_PERCPU_RWSEM:
		return typed_percpu_rwsem(lock);
	}
	return 0;
}

static __always_inline bool key_is_typed(__u64 key)
{
	__u32 top = key >> LK_CK_OFF_SHIFT;

	return top >= LK_CK_TYPED && top <= LK_CK_TYPED_MAX;
}

static __always_inline __u32 typed_rule(__u64 key)
{
	return (key >> (LK_CK_OFF_SHIFT + 1)) & 0xff;
}

/* What a typed key says beside its rule, as a number: its bit, or the address family. */
static __always_inline __u32 typed_detail(__u64 key)
{
	__u32 rule = typed_rule(key);

	return rule >= LK_RULE_SLOCK && rule <= LK_RULE_CLOCK ? (__u16)key : key >> LK_CK_OFF_SHIFT & 1;
}

/* The same as a name: of the file system or workqueue. Its address; 0 = none. */
static __always_inline __u64 typed_name(__u64 key)
{
	__u64 what = key | ~LK_CK_ADDR_MASK;
	__u32 rule = typed_rule(key);

	if (rule >= LK_RULE_INODE_RWSEM && rule <= LK_RULE_SB_INTERNAL)
		return peek_ptr_hot(file_system_type, what, name);
	return rule == LK_RULE_WORKQUEUE ? what + bpf_core_field_offset(struct workqueue_struct, name) : 0;
}

#endif /* LK_TYPED_BPF_H */
