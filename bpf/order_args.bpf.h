/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a hook's context to what it is about: which lock, and where the call came from.
 */
#ifndef LK_ORDER_ARGS_BPF_H
#define LK_ORDER_ARGS_BPF_H

#define SITE_WORDS	18	/* behind the context of an fentry or fexit program that are searched */

/* What is searched for a return address into a function: a stack, or the words behind a context. */
struct site_words {
	__u64 w[SITE_WORDS];
};

/* Place of the first word that lies at the start of the function; -1 = none does. */
__noinline int site_near(struct site_words *s, __u64 func_ip)
{
	int i;

	if (!s)
		return -1;
	for (i = 0; i < SITE_WORDS - 1; i++)
		if (s->w[i] - func_ip < STACK_NEAR)
			return i;
	return -1;
}

static __always_inline __u64 lock_of_mnt(__u64 mnt)
{
	struct super_block *sb = (void *)peek_ptr(vfsmount, mnt, mnt_sb);

	return sb ? (__u64)__builtin_preserve_access_index(&sb->s_writers.rw_sem[0]) : 0;
}

/* The lock by an argument's value. */
static __always_inline __u64 lock_by_arg(__u32 how, __u64 value)
{
	if (how == LK_ARG_HOTPLUG)
		return order_cfg.cpu_hotplug_lock;
	if (!value)
		return 0;
	if (how == LK_ARG_WAITQ)
		return value + bpf_core_field_offset(struct wait_queue_head, lock);
	if (how == LK_ARG_SWAITQ)
		return value + bpf_core_field_offset(struct swait_queue_head, lock);
	if (how == LK_ARG_WORK)
		return peek_ptr(work_struct, value, func);
	if (how == LK_ARG_FILE)
		return lock_of_mnt(peek_ptr(file, value, f_path.mnt));
	return how == LK_ARG_MNT ? lock_of_mnt(value) : value;
}

static __always_inline __u64 fn_arg(void *ctx, __u32 n)
{
	__u64 value = 0;

	bpf_get_func_arg(ctx, n, &value);
	return value;
}

static __always_inline __u64 fn_lock(void *ctx, __u32 how)
{
	return lock_by_arg(how, how == LK_ARG_HOTPLUG ? 0 : fn_arg(ctx, how == LK_ARG_SECOND));
}

/*
 * The same where it is the first argument itself, without a helper: to the verifier that is a pointer,
 * which may be compared and stored, while arithmetic with it is refused. See hot_push().
 */
static __always_inline __u64 fn_lock_pointer(void *ctx, __u32 how)
{
	return how == LK_ARG_FIRST ? *(__u64 *)ctx : fn_lock(ctx, how);
}

static __always_inline __u64 fn_ret(void *ctx)
{
	__u64 value = 0;

	bpf_get_func_ret(ctx, &value);
	return value;
}

/* Did the function get the lock? Returns of type int fill half a register. */
static __always_inline bool fn_ok(__u32 ok, __u64 ret)
{
	return ok == LK_OK_ALWAYS || (ok == LK_OK_ZERO) == !(__u32)ret;
}

/* By walking the stack: the frame behind that of the function. Some 3,000 instructions. */
static __noinline __u64 site_walk(void *ctx, __u64 func_ip)
{
	struct site_words s = {};
	int i = -1;

	if (bpf_get_stack(ctx, &s, sizeof(s), 0) > 0)
		i = site_near(&s, func_ip);
	if (i < 0 || i >= SITE_WORDS - 1) {
		stat_inc(LK_STAT_SITE_UNKNOWN);
		return 0;
	}
	return s.w[i + 1];
}

#ifdef __TARGET_ARCH_x86
/*
 * Behind the arguments that an x86 trampoline saves lie its own saved state, then the
 * return address into the traced function, then that function's return address, which
 * is the call site. How much state, is the kernel's private business: so the word
 * before is checked each time, and searched for when it does not match.
 */
static __noinline __u64 site_search(void *ctx, __u64 func_ip, __u32 row)
{
	struct site_words s = {};
	int i;

	bpf_probe_read_kernel(&s, sizeof(s), ctx);
	i = site_near(&s, func_ip);
	if (i < 0 || i >= SITE_WORDS - 1)
		return site_walk(ctx, func_ip);
	site_at[ROW_PLACE(row)] = i;
	return s.w[i + 1];
}

/*
 * A call site on trial: the word before where it was the last time, and that place. Both by one address, since
 * another CPU may find another place meanwhile. A timespec64 is two words.
 */
struct site_trial {
	const struct timespec64 *words;
};

static __always_inline void site_try(struct site_trial *t, void *ctx, __u32 row)
{
	t->words = ctx + site_at[ROW_PLACE(row)] * 8;
	if (cfg.has_kfuncs)
		t->words = bpf_rdonly_cast(t->words, bpf_core_type_id_kernel(struct timespec64));
}

static __always_inline __u64 site_guess(const struct site_trial *t)
{
	return cfg.has_kfuncs ? (__u64)t->words->tv_nsec : peek_call_inline((__u64)t->words + 8, 8);
}

/* Is that the call site? The word before says so. */
static __always_inline bool site_right(const struct site_trial *t, __u64 func_ip)
{
	return (cfg.has_kfuncs ? (__u64)t->words->tv_sec : peek_call_inline((__u64)t->words, 8)) - func_ip < STACK_NEAR;
}
#else
struct site_trial {
	void *ctx;
};

static __always_inline void site_try(struct site_trial *t, void *ctx, __u32 row)
{
	t->ctx = ctx;
}

static __always_inline __u64 site_guess(const struct site_trial *t)
{
	return site_walk(t->ctx, bpf_get_func_ip(t->ctx));
}

static __always_inline bool site_right(const struct site_trial *t, __u64 func_ip)
{
	return true;
}

static __always_inline __u64 site_search(void *ctx, __u64 func_ip, __u32 row)
{
	return 0;		/* no guess is wrong */
}
#endif

/* The call site, of which @guess was site_guess(). */
static __always_inline __u64 site_sure(void *ctx, const struct site_trial *t, __u64 func_ip, __u32 row, __u64 guess)
{
	return site_right(t, func_ip) ? guess : site_search(ctx, func_ip, row);
}

static __always_inline __u64 fn_site(void *ctx, __u64 func_ip, __u32 row)
{
	struct site_trial t;

	site_try(&t, ctx, row);
	return site_sure(ctx, &t, func_ip, row, site_guess(&t));
}

/* At a kprobe on a function's entry: the word on the stack (x86), or the link register. */
static __always_inline __u64 kp_site(struct pt_regs *ctx)
{
	__u64 site = 0;

#ifdef __TARGET_ARCH_x86
	bpf_probe_read_kernel(&site, sizeof(site), (const void *)PT_REGS_SP(ctx));
#else
	site = PT_REGS_RET(ctx);
#endif
	if (!site)
		stat_inc(LK_STAT_SITE_UNKNOWN);
	return site;
}

#endif /* LK_ORDER_ARGS_BPF_H */
