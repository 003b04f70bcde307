/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does this kernel preempt kernel code? fentry and fexit programs can be preempted then,
 * and while one is, the kernel skips it for every other task of that CPU (the recursion
 * counter of a program is per CPU: __bpf_prog_enter_recur() in kernel/bpf/trampoline.c).
 * Programs on kprobes and tracepoints run with preemption off.
 */
#ifndef LK_PREEMPT_H
#define LK_PREEMPT_H

#include <stdbool.h>

struct preempt {
	bool known;	/* false: chosen at boot, and nothing readable tells how */
	bool full;	/* it does (full, lazy, PREEMPT_RT); true too if it is not known */
	bool choice;	/* chosen at boot (PREEMPT_DYNAMIC) */
	char how[40];	/* in words: "PREEMPT_DYNAMIC, voluntary" */
};

void preempt_look(struct preempt *ret);

#endif /* LK_PREEMPT_H */
