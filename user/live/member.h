/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a lock in dynamic memory is: from "this slab cache, this offset in its objects"
 * to a member of a struct, by BTF. Everything that is said has been checked: a struct of
 * a size that the cache can hold has a lock of the primitive at exactly that offset. What
 * cannot be told apart is not named.
 */
#ifndef LK_MEMBER_H
#define LK_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

struct btf;
struct members;		/* owns indexes of vmlinux's BTF and of modules', and these BTFs */

#define MEMBER_TAG_LEN	64
#define MEMBER_PATH_LEN	128

/* Which evidence led to the struct, strongest first. */
enum member_how {
	MEMBER_CACHE	= 1,	/* the cache's name */
	MEMBER_SIZE,		/* the name's first two words, and just that size */
	MEMBER_ALIAS,		/* merged cache: the name of one of those merged */
	MEMBER_SITE,		/* kmalloc cache: the function that takes the lock */
};

/*
 * A member. "ext4_inode_info.vfs_inode.i_rwsem" has the type "inode", the path "i_rwsem"
 * and the outer type "ext4_inode_info". Structs that are locks or mere containers (wait
 * queues, lockref, xarray, ...) are no types but part of the path: "d_lockref.lock".
 * Elements of an array share one path. Zero behind the strings: equal members are equal bytes.
 */
struct member {
	char type[MEMBER_TAG_LEN];	/* tag of the innermost struct that is not such a one */
	char path[MEMBER_PATH_LEN];	/* from there; ends at the lock */
	char outer[MEMBER_TAG_LEN];	/* tag of the whole object; "" = aliases differ in it */
	enum member_how how;
};

/*
 * @vmlinux stays the caller's and must outlive *ret; NULL (a kernel without BTF): nothing
 * will be known. Takes some 20 ms. 0 or -ENOMEM.
 */
int members_new(const struct btf *vmlinux, struct members **ret);
void members_free(struct members *m);

/* Modules came or went: forget their BTF, the aliases of caches, and all answers. */
void members_changed(struct members *m);

/*
 * The lock of primitive @prim (enum lk_prim) at offset @off in objects of @object_size bytes
 * of the slab cache @cache. @merged: the kernel merged it with others, whose names are read
 * from /sys/kernel/slab. False, and *out untouched: not known, or several could be meant.
 * Answers are remembered; a first question that vmlinux cannot answer reads every module's BTF.
 */
bool members_of_cache(struct members *m, const char *cache, uint32_t object_size, bool merged,
		      uint32_t off, uint32_t prim, struct member *out);

/*
 * The same in an object of a kmalloc cache (kmalloc-N, kmalloc-cg-N, kmalloc-rnd-XX-N,
 * kmalloc-rcl-N, dma-kmalloc-N). Candidates are the structs, of vmlinux and of @module, for
 * which kmalloc() would choose that cache and which have such a lock there. Of these the
 * one is taken that @function, which takes the lock, of @module ("" = vmlinux), has a pointer
 * to among its parameters; else among the members of structs it has pointers to; else the
 * one whose tag begins with the same word as the name of the function. If it is not
 * exactly one at that step: false. Suffixes such as ".isra.0" of @function are ignored.
 */
bool members_of_kmalloc(struct members *m, const char *cache, uint32_t off, uint32_t prim,
			const char *function, const char *module, struct member *out);

#endif /* LK_MEMBER_H */
