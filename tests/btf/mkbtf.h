/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invented BTF: a kernel's lock types, and structs made of them.
 *
 *	id = STRUCT(btf, "foo", 64, { "list", k.list_head, 0 }, { "lock", k.spinlock_t, 16 });
 *
 * Offsets and sizes in bytes. A kernel's own are 64-bit x86, without debugging options.
 */
#ifndef LK_MKBTF_H
#define LK_MKBTF_H

#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>

struct field {
	const char *name;
	int type;
	uint32_t off;
};

struct kernel_types {
	int u32, u64, voidp, list_head, raw_spinlock_t, spinlock_t, rwlock_t, seqlock_t, mutex,
	    ww_mutex, rw_semaphore, percpu_rw_semaphore, semaphore, rt_mutex, rt_mutex_base,
	    wait_queue_head, wait_queue_head_t, completion, lockref, xarray;
};

static inline int must(int ret)
{
	if (ret < 0) {
		printf("Bail out! libbpf: %d\n", ret);
		exit(1);
	}
	return ret;
}

static inline int mk_composite(struct btf *b, bool is_union, const char *tag, uint32_t size,
			       const struct field *f, size_t nr)
{
	int id = must(is_union ? btf__add_union(b, tag, size) : btf__add_struct(b, tag, size));
	size_t i;

	for (i = 0; i < nr; i++)
		must(btf__add_field(b, f[i].name, f[i].type, f[i].off * 8, 0));
	return id;
}

#define MK_(b, u, tag, size, ...) mk_composite(b, u, tag, size, (struct field[]){ __VA_ARGS__ }, \
	sizeof((struct field[]){ __VA_ARGS__ }) / sizeof(struct field))
#define STRUCT(b, tag, size, ...) MK_(b, false, tag, size, __VA_ARGS__)
#define UNION(b, tag, size, ...) MK_(b, true, tag, size, __VA_ARGS__)

static inline int mk_typedef(struct btf *b, const char *name, int id)
{
	return must(btf__add_typedef(b, name, id));
}

static inline int mk_ptr(struct btf *b, int id)
{
	return must(btf__add_ptr(b, id));
}

/* A function of one parameter. */
static inline void mk_func(struct btf *b, const char *name, int param)
{
	int proto = must(btf__add_func_proto(b, 0));

	must(btf__add_func_param(b, "arg", param));
	must(btf__add_func(b, name, BTF_FUNC_STATIC, proto));
}

/* @rt: as with PREEMPT_RT, where a spinlock_t is an rt_mutex_base. */
static inline void mk_kernel_types(struct btf *b, bool rt, struct kernel_types *k)
{
	int raw, spin, in;

	k->u32 = must(btf__add_int(b, "unsigned int", 4, 0));
	k->u64 = must(btf__add_int(b, "unsigned long", 8, 0));
	k->voidp = mk_ptr(b, 0);
	k->list_head = STRUCT(b, "list_head", 16, { "next", k->voidp, 0 }, { "prev", k->voidp, 8 });
	raw = STRUCT(b, "raw_spinlock", 4, { "raw_lock", k->u32, 0 });
	k->raw_spinlock_t = mk_typedef(b, "raw_spinlock_t", raw);
	k->rt_mutex_base = STRUCT(b, "rt_mutex_base", 32, { "wait_lock", k->raw_spinlock_t, 0 },
				  { "owner", k->voidp, 24 });
	k->rt_mutex = STRUCT(b, "rt_mutex", 32, { "rtmutex", k->rt_mutex_base, 0 });
	if (rt) {
		spin = STRUCT(b, "spinlock", 32, { "lock", k->rt_mutex_base, 0 });
	} else {
		in = UNION(b, NULL, 4, { "rlock", raw, 0 });
		spin = STRUCT(b, "spinlock", 4, { NULL, in, 0 });
	}
	k->spinlock_t = mk_typedef(b, "spinlock_t", spin);
	in = STRUCT(b, NULL, 8, { "raw_lock", k->u64, 0 });
	k->rwlock_t = mk_typedef(b, "rwlock_t", in);
	in = STRUCT(b, NULL, 8, { "seqcount", k->u32, 0 }, { "lock", k->spinlock_t, 4 });
	k->seqlock_t = mk_typedef(b, "seqlock_t", in);
	k->mutex = STRUCT(b, "mutex", 32, { "owner", k->u64, 0 }, { "wait_lock", k->raw_spinlock_t, 8 });
	k->ww_mutex = STRUCT(b, "ww_mutex", 40, { "base", k->mutex, 0 }, { "ctx", k->voidp, 32 });
	k->rw_semaphore = STRUCT(b, "rw_semaphore", 40, { "count", k->u64, 0 },
				 { "wait_lock", k->raw_spinlock_t, 20 });
	k->semaphore = STRUCT(b, "semaphore", 24, { "lock", k->raw_spinlock_t, 0 },
			      { "count", k->u32, 4 });
	k->wait_queue_head = STRUCT(b, "wait_queue_head", 24, { "lock", k->spinlock_t, 0 },
				    { "head", k->list_head, 8 });
	k->wait_queue_head_t = mk_typedef(b, "wait_queue_head_t", k->wait_queue_head);
	k->percpu_rw_semaphore = STRUCT(b, "percpu_rw_semaphore", 96, { "rss", k->u64, 0 },
					{ "waiters", k->wait_queue_head_t, 64 });
	in = STRUCT(b, "swait_queue_head", 24, { "lock", k->raw_spinlock_t, 0 });
	k->completion = STRUCT(b, "completion", 32, { "done", k->u32, 0 }, { "wait", in, 8 });
	in = STRUCT(b, NULL, 8, { "lock", k->spinlock_t, 0 }, { "count", k->u32, 4 });
	in = UNION(b, NULL, 8, { "lock_count", k->u64, 0 }, { NULL, in, 0 });
	k->lockref = STRUCT(b, "lockref", 8, { NULL, in, 0 });
	k->xarray = STRUCT(b, "xarray", 16, { "xa_lock", k->spinlock_t, 0 }, { "xa_flags", k->u32, 4 });
}

#endif /* LK_MKBTF_H */
