/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of locks in per-CPU data, from BTF: which variable an address lies in
 * and which of its members. Works without data symbols in kallsyms.
 */
#ifndef LK_PERCPU_H
#define LK_PERCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct lk_order_percpu;
struct percpu;

/*
 * @runqueue[i]: address of `runqueues` on some CPU, @nr of them, zeros ignored.
 * NULL when out of memory. Without the section in BTF nothing will be found.
 */
struct percpu *percpu_new(const struct btf *btf, const uint64_t *runqueue, unsigned int nr);
void percpu_free(struct percpu *p);

/*
 * Run the program @prog on every CPU, which notes where its run queue is in the map @cpus
 * (bpf/common.bpf.h), and make a percpu of that. @nr: possible CPUs. 0 or -errno.
 */
int percpu_learn(const struct btf *btf, int prog, int cpus, unsigned int nr, struct percpu **ret);

/* Offset of preempt_count from `runqueues`, both in BTF's per-CPU section; 0 = not there. */
int64_t percpu_preempt_off(const struct btf *btf);

/* The same for the pointer to the current task. */
int64_t percpu_current_off(const struct btf *btf);

/* Where all of it lies, as numbers; size 0 where that is not known. */
void percpu_layout(const struct percpu *p, struct lk_order_percpu *ret);

/* "runqueues.__lock" for an address inside some CPU's data; false if it is in none. */
bool percpu_name(const struct percpu *p, uint64_t addr, char *buf, size_t size);

#endif /* LK_PERCPU_H */
