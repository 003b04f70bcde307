/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small questions to the kernel that several parts of live/ ask.
 */
#ifndef LK_KERNEL_H
#define LK_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/* True with the effective capabilities that tracing needs: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN. */
bool kernel_may_trace(void);

/* Numbers of the CPUs that are online: *cpu is the caller's to free. 0 or -errno. */
int kernel_online_cpus(unsigned int **cpu, unsigned int *nr);

/* First line of a small file without its newline; "" when it cannot be read. */
void kernel_read_line(const char *path, char *buf, size_t size);

/* CLOCK_MONOTONIC and CLOCK_REALTIME in ns. */
uint64_t kernel_now_ns(void);
uint64_t kernel_real_ns(void);

/*
 * Wait until every BPF program that was running when we came has finished:
 * tracepoint programs run inside RCU read sections, and membarrier(GLOBAL) waits
 * for those. 0 or -errno.
 */
int kernel_wait_for_programs(void);

/* Does the kernel's BTF have a function of this name? */
bool kernel_btf_has_func(const struct btf *btf, const char *name);

/* The program that does nothing: "return 0". */
#define KERNEL_RET0_LEN	2
extern const struct bpf_insn kernel_ret0[KERNEL_RET0_LEN];

#endif /* LK_KERNEL_H */
