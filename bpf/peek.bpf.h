/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading kernel memory by address. Where the kernel has bpf_rdonly_cast()
 * (6.2, a35b9af4ec2c), a load costs one instruction and faults read as zero;
 * elsewhere it is a helper call.
 */
#ifndef LK_PEEK_BPF_H
#define LK_PEEK_BPF_H

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/*
 * The helper call for peek(): one copy of it in a program. The verifier's work on what is not taken here, and on
 * each lookup that it replaces by instructions, grows with the length of the whole program.
 */
__noinline __u64 peek_call(__u64 addr, __u64 size)
{
	__u64 v = 0;

	if (size <= sizeof(v))
		bpf_probe_read_kernel(&v, size, (const void *)addr);
	return v;
}

static __always_inline __u64 peek_call_inline(__u64 addr, __u32 size)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, size, (const void *)addr);
	return v;
}

/*
 * (struct type *)addr->field, as __u64; @field is a chain of members, not of pointers. barrier_var()
 * keeps the load in its branch: merged with that of the other, it takes three instructions more.
 */
#define peek_or(call, type, addr, field)							\
({												\
	__u64 __v, __a = (__u64)(addr);	/* outside of the relocation below */			\
	if (cfg.has_kfuncs) {									\
		struct type *__p = bpf_rdonly_cast((const void *)__a,			\
						   bpf_core_type_id_kernel(struct type));	\
		__v = (__u64)__p->field;							\
		barrier_var(__v);								\
	} else {										\
		__v = call((__u64)__builtin_preserve_access_index(&((struct type *)__a)->field),	\
			   sizeof(((struct type *)0)->field));					\
	}											\
	__v;											\
})
#define peek(type, addr, field) peek_or(peek_call, type, addr, field)
/* In what runs for each lock taken or given back, and where no more frames fit below. */
#define peek_hot(type, addr, field) peek_or(peek_call_inline, type, addr, field)

/* The eight bytes at an address: an __s64 is any word. */
#define peek_word(addr) peek(timespec64, addr, tv_sec)
#define peek_word_hot(addr) peek_hot(timespec64, addr, tv_sec)

/*
 * The same for a field that is a pointer, or shares its place with one in a union: it would be read as
 * a pointer and refused arithmetic.
 */
#define peek_ptr_or(word, type, addr, field)							\
({												\
	__u64 __p = (__u64)(addr);								\
	word(__builtin_preserve_access_index(&((struct type *)__p)->field));			\
})
#define peek_ptr(type, addr, field) peek_ptr_or(peek_word, type, addr, field)
#define peek_ptr_hot(type, addr, field) peek_ptr_or(peek_word_hot, type, addr, field)

#endif /* LK_PEEK_BPF_H */
