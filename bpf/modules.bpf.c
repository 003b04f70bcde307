// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts modules that come and go, so that user space knows when the table of
 * symbols is out of date and when a watched function may have appeared.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* Read by user space, through the mapping of .bss. */
__u64 modules_loaded;
__u64 modules_freed;

/* module:module_load: its symbols are in kallsyms, its init function has not run yet. */
SEC("?raw_tp/module_load")
int module_load(void *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&modules_loaded, 1);
	return 0;
}

/* module:module_free: it is about to be taken apart; its symbols are there still. */
SEC("?raw_tp/module_free")
int module_free(void *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&modules_freed, 1);
	return 0;
}
