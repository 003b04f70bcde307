/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a trace says of itself before anything else.
 */
#ifndef LK_ANNOUNCE_H
#define LK_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

struct features;
struct lk_sink;
struct session_opts;
struct tiers;

struct announce {
	char *tool, *cmdline, *filter_text;	/* owned */
	uint64_t start_ns, start_real_ns;
	bool waits;				/* one event per wait, too */
};

/* Copy the texts of @o. 0 or -ENOMEM; announce_done() in either case. */
int announce_init(struct announce *a, const struct session_opts *o);
void announce_done(struct announce *a);

/* Emit META and what can be seen of each primitive, as it has been attached. 0 or -errno. */
int announce_emit(const struct announce *a, const struct features *f, const struct tiers *t,
		  const struct lk_sink *sink);

#endif /* LK_ANNOUNCE_H */
