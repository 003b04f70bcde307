// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that do nothing, on the functions that the order tier hooks by fentry and fexit,
 * as often as it does: what being called costs. For tools/bench/floor.c.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "abi.h"
#include "lockfns.h"

char LICENSE[] SEC("license") = "GPL";

#define FE(symbol) SEC("?fentry/" #symbol) int fe_##symbol(void *ctx) { return 0; }
#define FX(symbol) SEC("?fexit/" #symbol) int fx_##symbol(void *ctx) { return 0; }

#define PROGS_ACQUIRE(s)	FE(s)
#define PROGS_ACQUIRE_IF(s)	FE(s) FX(s)
#define PROGS_ACQUIRE_LATE(s)	FX(s)
#define PROGS_TRY(s)		FX(s)
#define PROGS_RELEASE(s)	FE(s)
#define PROGS_DOWNGRADE(s)	FE(s)
#define PROGS_WAIT(s)		FE(s) FX(s)
#define PROGS_COMPLETE(s)	FE(s)
#define PROGS_FLUSH(s)		FE(s) FX(s)
#define PROGS_INIT(s)		FE(s)

#define PROGS(symbol, prim, op, arg, read, ok, f) PROGS_##op(symbol)
LK_LOCK_FNS(PROGS)

/* Releases of what spins have a second program. */
#define COPIES(symbol, prim, op, arg, read, ok, f) COPIES_##op(symbol)
#define COPIES_ACQUIRE(s)
#define COPIES_TRY(s)
#define COPIES_INIT(s)
#define COPIES_RELEASE(s) SEC("?fentry/" #s) int fs_##s(void *ctx) { return 0; }
LK_FNS_SPINLOCK(COPIES)
LK_FNS_RWLOCK(COPIES)
