/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lockdep tier: lockdep's own tracepoints, on kernels that have them.
 */
#ifndef LK_LOCKDEP_H
#define LK_LOCKDEP_H

#include <stdbool.h>
#include <stdint.h>

#include "gates.h"

struct bpf_object;
struct diag;
struct features;
struct lk_cfg;
struct lockdep;
struct resolver;

struct lockdep_opts {
	const struct features *features;
	const struct resolver *resolver;
	const struct lk_cfg *cfg;		/* of the contention object */
	int cpus, stats, tasks, cgroups;	/* its maps; -1: maps of our own (to try only) */
	unsigned int held_tasks;		/* tasks that hold locks at a time; 0 = default */
	unsigned int ring_bytes;		/* 0 = default; a power of two of pages */
	void (*log)(const char *line);
};

/* 0, -ENOMEM, or a negative errno with a sentence in @why. */
int lockdep_open(const struct lockdep_opts *o, struct lockdep **ret, struct diag *why);

struct bpf_object *lockdep_object(const struct lockdep *l);
int lockdep_ring(const struct lockdep *l);

/* What guards the gate. */
struct gate_part lockdep_gate(const struct lockdep *l);

/* What it does not see, in words; "" = nothing. */
const char *lockdep_gaps(const struct lockdep *l);

/* Releases before acquisitions. 0, or -errno with a sentence. */
int lockdep_attach(struct lockdep *l, struct diag *why);
void lockdep_enable(struct lockdep *l, bool on);
void lockdep_detach(struct lockdep *l);

/* NULL is fine. */
void lockdep_free(struct lockdep *l);

#endif /* LK_LOCKDEP_H */
