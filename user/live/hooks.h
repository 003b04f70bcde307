/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order tier: the hooks on the lock functions, from loading to detaching.
 * Its object shares the tables of the CPUs, the loss counters and the filters with
 * the contention object; a kernel that refuses it costs this tier only.
 */
#ifndef LK_HOOKS_H
#define LK_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gates.h"
#include "order_plan.h"

struct bpf_object;
struct bpf_program;
struct diag;
struct features;
struct lk_cfg;
struct lk_order_percpu;
struct hooks;
struct resolver;

struct hooks_opts {
	bool hooks;				/* false: the watch programs only */
	bool watch;				/* the watch programs, where they load */
	enum order_mode mode;
	enum order_spin spin;
	const struct features *features;
	const struct resolver *resolver;
	const struct lk_cfg *cfg;		/* of the contention object */
	int cpus, stats, tasks, cgroups;	/* its maps; -1: maps of our own (to try only) */
	unsigned int held_tasks;		/* tasks that hold locks at a time; 0 = default */
	unsigned int orders;			/* orders remembered; 0 = default */
	unsigned int sample;			/* one of so many acquisitions is sent; 0 = none */
	unsigned int ring_bytes;		/* 0 = default; a power of two of pages */
	bool hold_times;			/* time how long locks are held, where that can be done; then: */
	int stacks, stacks_alt, locks, rb;	/* maps of the contention object, too */
	unsigned int rows;			/* rows of hold times */
	void (*log)(const char *line);		/* libbpf's talk, or NULL */
};

/*
 * Decide what to hook and load the programs for it. *ret has a plan even on failure,
 * with the reason at every primitive, unless memory ran out (then it is NULL). 0 if
 * something was loaded, else a negative errno with a sentence in @why.
 */
int hooks_open(const struct hooks_opts *o, struct hooks **ret, struct diag *why);

/* Are there hooks? If not, why not, in words; "" = nobody asked for them. */
bool hooks_any(const struct hooks *o);
const char *hooks_why_not(const struct hooks *o);

/* The watch programs and the map of their counts; NULL and -1 where they do not load. */
struct bpf_program *hooks_watch_enter(const struct hooks *o);
struct bpf_program *hooks_watch_exit(const struct hooks *o);
int hooks_watch_stats(const struct hooks *o);

/* The map of where locks were initialised, -1 if there is none; acquisitions that a sample stands for, 0 = no samples. */
int hooks_inits(const struct hooks *o);
uint32_t hooks_sample(const struct hooks *o);

/*
 * Hold times: are there any? If not all that was asked for, why, in words ("" = all, or nobody
 * asked). What attaching could not get is known afterwards.
 */
bool hooks_hold_times(const struct hooks *o);
void hooks_hold_gap(const struct hooks *o, char *buf, size_t size);

/* Their tables. */
struct hooks_hold_maps {
	int rows, folds, hist;	/* descriptors, ours; -1 = there are none */
	unsigned int nr_hist;
};
void hooks_hold_maps(const struct hooks *o, struct hooks_hold_maps *maps);

/* What is hooked; what attaching could not get is out of it afterwards. */
const struct order_plan *hooks_get_plan(const struct hooks *o);

/* For its maps; NULL when nothing was loaded. */
struct bpf_object *hooks_object(const struct hooks *o);
int hooks_ring(const struct hooks *o);

/* Releases before acquisitions. 0 (also without hooks), or -errno with a sentence when none is left. */
int hooks_attach(struct hooks *o, struct diag *why);

/*
 * Open the gate for @bits (LK_GATE_*): from here on, @percpu telling where per-CPU data lie,
 * orders are noted.
 */
void hooks_enable(struct hooks *o, const struct lk_order_percpu *percpu, uint64_t now_ns, uint32_t bits);
void hooks_disable(struct hooks *o);

/*
 * What is held is taken as known from here on, but for what was taken since hooks_enable(): until then orders are
 * marked LK_ORDER_YOUNG, and all are looked at once more now. To be called again at least once in some hours.
 */
void hooks_ripen(struct hooks *o);

/* What guards the gate; only where hooks_object() is not NULL. */
struct gate_part hooks_gate(const struct hooks *o);

/*
 * With fentry: let the hooks of all gates but these (LK_GATE_*) go, and have those of these on. The gates of what
 * goes are closed, and those of what comes stay closed until hooks_settled(): a thread does it, since a hook that
 * goes takes up to 100 ms. Where one cannot be put back, its gate's all go: hooks_have() says what is on then. With
 * kprobes all stay on. Needs hooks_object(), and what was wanted before to be settled.
 */
void hooks_want(struct hooks *o, uint32_t gates);
bool hooks_settled(const struct hooks *o);
uint32_t hooks_have(const struct hooks *o);
/* Whatever is not done yet, is not. For good; before a fork after hooks_want(), whose child has no such thread. */
void hooks_settle(struct hooks *o);

/* Is any lock function hooked now? */
bool hooks_attached(const struct hooks *o);

/* Acquisitions before releases. Nothing is left. Takes 100 ms for each function. */
void hooks_detach(struct hooks *o);

/* How often the kernel skipped one of the programs because it was running already. */
uint64_t hooks_recursion(const struct hooks *o);

/* NULL is fine. */
void hooks_free(struct hooks *o);

#endif /* LK_HOOKS_H */
