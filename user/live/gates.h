/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gates of a session: while one is up, its tier's hooks work. User space opens them
 * and closes them; each object's watchdog closes its own when user space shows no sign
 * of life for five seconds (bpf/watchdog.bpf.h). What was held while a gate was down is
 * not known any more, so it is forgotten before the gate goes up again; and for a moment
 * after that orders are marked, since what their tasks hold from before may guard them.
 */
#ifndef LK_GATES_H
#define LK_GATES_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/abi.h"

struct bpf_program;
struct lk_sink;
struct percpu;
struct tiers;
struct trace_bpf;

/* What an object has for it: programs that user space runs, and words in its .bss. */
struct gate_part {
	struct bpf_program *start;	/* the watchdog's */
	struct bpf_program *reset;	/* what forgets the locks that are held */
	struct bpf_program *reset_inits;	/* and where they were initialised; NULL = not known here */
	__u64 *beat;			/* counted up: the heartbeat */
	const __u64 *bit_ns;			/* when the watchdog closed the gate; 0 = it did not */
};

#define GATES_PARTS 3

struct gates {
	struct trace_bpf *skel;
	struct tiers *tiers;
	const struct percpu *percpu;
	const struct lk_sink *sink;
	bool contention;
	uint32_t bits;			/* LK_GATE_*: what is wanted of the tiers beside contention */
	bool open;
	uint64_t ripe_ns;		/* from then on, orders are not LK_ORDER_YOUNG */
	bool watched;			/* the watchdogs run */
	struct gate_part part[GATES_PARTS];
	unsigned int nr_parts;
};

/* All of @g but @part is set. @watchdog: the programs for it are loaded. */
void gates_init(struct gates *g, bool watchdog);

/* Open what is attached. @now_ns: CLOCK_MONOTONIC. */
void gates_open(struct gates *g, uint64_t now_ns);
/* Start the watchdogs: from here on, gates_beat() or gates_check() is due. */
void gates_watch(struct gates *g);
/*
 * Change what is wanted of the tiers beside contention: their gates go down, what is held is forgotten,
 * and they go up again for @bits. False if what is held cannot be forgotten here: then
 * they stay down.
 */
bool gates_set(struct gates *g, uint32_t bits);

/* For good. NULL session parts are fine. Emits when the watchdog was faster: 0 or an error of the sink. */
int gates_close(struct gates *g);

/* A sign of life. */
void gates_beat(struct gates *g);

/*
 * A sign of life, after a look at what the watchdogs did: if they closed the gates, emit
 * LK_EV_SHED for the gap, forget what is held and open them again. 0 or an error of the sink.
 */
int gates_check(struct gates *g);

/* How long may one wait between two signs of life? @timeout_ms (-1 = for ever) or less. */
int gates_timeout(const struct gates *g, int timeout_ms);

#endif /* LK_GATES_H */
