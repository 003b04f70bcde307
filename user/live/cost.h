/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What our programs cost: the kernel's own measure of how long they run.
 */
#ifndef LK_COST_H
#define LK_COST_H

#include <stdint.h>

struct bpf_object;

/* BPF_ENABLE_STATS (Linux 5.8): a descriptor; run times are measured while it is open. Or -errno. */
int cost_measure(void);

/* The same and their runs, added to the sums: see cost_run_ns(). */
void cost_add(const struct bpf_object *obj, uint64_t *run_ns, uint64_t *runs);

/*
 * What it takes to get into a program of a trampoline and out again, in ns, which its run time
 * does not have: by test_run of an empty one, which takes a known part of that; 0 = could not be
 * measured.
 */
uint32_t cost_dispatch_ns(void);

/* Run time of all programs of an object (NULL: 0) since they were loaded, as far as measured. */
uint64_t cost_run_ns(const struct bpf_object *obj);

#endif /* LK_COST_H */
