/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waits that have not ended: LK_EV_WAITING, with what explains it. Programs may run:
 * what they are changing at this moment is left out.
 */
#ifndef LK_WAITING_H
#define LK_WAITING_H

#include <stdint.h>

struct lk_sink;
struct lk_wait;
struct resolver;

/* Names of threads that were read a moment ago; free() ends it. NULL = out of memory. */
struct comms;
struct comms *comms_new(void);

/* Those of tasks, in the table of waiters (mapped, @nr entries). @comms NULL: read all names. 0 or the sink's error. */
int waiting_sleeping(const struct lk_wait *waiter, unsigned int nr, struct resolver *r,
		     struct comms *comms, const struct lk_sink *sink, uint64_t now_ns);

/* Those that spin, in the map @cpus of @nr possible CPUs. 0, -ENOMEM or the sink's error. */
int waiting_spinning(int cpus, unsigned int nr, struct resolver *r, const struct lk_sink *sink,
		     uint64_t now_ns);

#endif /* LK_WAITING_H */
