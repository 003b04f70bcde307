// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs for progload_test.c: some that count, one that no verifier lets pass. With lockdep there is no
 * mutex_lock().
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 enters, leaves, where;

/* A function beside each program: its description must have come along. */
__noinline int count(__u64 by)
{
	__sync_fetch_and_add(&enters, by);
	return 0;
}

SEC("?fentry/mutex_unlock")
int enter_unlock(void *ctx)
{
	(void)ctx;
	return count(1);
}

SEC("?fexit/mutex_unlock")
int leave_unlock(void *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&leaves, 1);
	return 0;
}

SEC("?fentry/up_read")
int bad_up(void *ctx)
{
	(void)ctx;
	return *(volatile int *)where;
}

SEC("?fentry/no_such_function")
int enter_nothing(void *ctx)
{
	(void)ctx;
	return count(1);
}
