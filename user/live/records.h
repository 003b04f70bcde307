/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the order tiers (bpf/abi_order.h) as events: LK_EV_ORDER, ODD and
 * CLASS, each behind the LK_EV_SYM, STACK and CLASS events that explain it.
 */
#ifndef LK_RECORDS_H
#define LK_RECORDS_H

#include <stddef.h>

#include "../core/event.h"

struct percpu;
struct records;
struct resolver;

/* @resolver and @percpu stay the caller's. NULL when out of memory. */
struct records *records_new(struct resolver *resolver, const struct percpu *percpu);
void records_free(struct records *r);

/*
 * One record from a ring. A kind that is not known, or a size that does not fit, is
 * skipped. 0, or what the sink or malloc returned.
 */
int records_put(struct records *r, const struct lk_sink *sink, const void *data, size_t size);

#endif /* LK_RECORDS_H */
