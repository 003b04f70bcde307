/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: all that is known, as one reducer over events.
 *
 * model_apply() is the only place where state changes. No I/O, no clock, no
 * globals: the same events give the same model, whoever sends them. Several
 * sources (recordings of several hosts) may be applied one after the other;
 * each begins with LK_EV_META.
 */
#ifndef LK_MODEL_H
#define LK_MODEL_H

#include "../../bpf/abi.h"
#include "event.h"

struct model;
struct diag;
struct lock_name;
struct hist_sum;

/* Pointers that the accessors return are valid until the next model_apply(). */

/* NULL when out of memory. */
struct model *model_new(void);
void model_free(struct model *m);

/*
 * Apply one event. 0, -ENOMEM, or -EBADMSG if the event contradicts what came
 * before (an event before META or after END, a value out of range): what the
 * model shows is unchanged then, and it stays usable; @why (may be NULL) names
 * the contradiction.
 */
int model_apply(struct model *m, const struct lk_event *ev, struct diag *why);

/* --- sources ---------------------------------------------------------------------------- */

struct model_source {
	const char *tool, *kernel, *arch, *host, *boot_id, *cmdline, *filter;
	uint64_t start_ns, start_real_ns;
	uint64_t end_ns;	/* of LK_EV_END; else the latest time any event named */
	uint32_t nr_cpus, flags;
	bool ended;		/* LK_EV_END was seen */
};

unsigned int model_nr_sources(const struct model *m);
const struct model_source *model_source(const struct model *m, unsigned int i);
/* Sum of the sources' lengths. */
uint64_t model_duration_ns(const struct model *m);

/* --- completeness ----------------------------------------------------------------------- */

/* Mark the result as incomplete for a reason no counter has ("cut off in block 7 of x.lks"). Copied. */
int model_add_gap(struct model *m, const char *reason);
unsigned int model_nr_gaps(const struct model *m);
const char *model_gap(const struct model *m, unsigned int i);

/* Counts of counters 0 .. model_nr_loss() - 1 (index = enum lk_stat). */
unsigned int model_nr_loss(const struct model *m);
uint64_t model_loss(const struct model *m, unsigned int counter);

/*
 * True when every source ended, no gap was added, nothing was left untraced for a while
 * and no counter that means loss is above zero. False without any source.
 */
bool model_complete(const struct model *m);

/*
 * What was not traced for a while, in order of appearance. A part of it that is not
 * traced lowers the coverage of what is affected, too.
 */
struct model_shed {
	unsigned int source;
	uint32_t what;		/* enum lk_shed */
	uint32_t cause;		/* enum lk_shed_cause */
	uint32_t cost_ppm, allowed_ppm;
	uint64_t from_ns;
	uint64_t until_ns;	/* 0 = to the end of the source */
};

unsigned int model_nr_shed(const struct model *m);
const struct model_shed *model_shed(const struct model *m, unsigned int i);

/* --- coverage --------------------------------------------------------------------------- */

struct model_coverage {
	const char *primitive, *tier, *reason, *remedy;
	uint32_t state;
	unsigned int source;
};

unsigned int model_nr_coverage(const struct model *m);
const struct model_coverage *model_coverage(const struct model *m, unsigned int i);

/* --- contention ------------------------------------------------------------------------- */

/* Sums of one row or owner row; all zero while it counted nothing. */
struct model_agg {
	uint64_t count, total_ns, max_ns, min_ns, first_ns, last_ns;
};

/* One row per (source, lock, cgroup, tid, tgid, stack, lcb, ctx, cpu), in order of appearance. */
struct model_row {
	unsigned int source;
	uint64_t lock, cgroup;
	uint32_t tid, tgid, stack, lcb, ctx, cpu;
	const char *comm;
	uint64_t waiting;	/* waits in here that had not ended; agg has their time so far */
	struct model_agg agg;
};

/* One row per (source, lock, tid, tgid, stack, lcb, reader). */
struct model_owner {
	unsigned int source;
	uint64_t lock;
	uint32_t tid, tgid, stack, lcb, reader;
	const char *comm;
	struct model_agg agg;
};

unsigned int model_nr_rows(const struct model *m);
struct model_row model_row(const struct model *m, unsigned int i);
unsigned int model_nr_owners(const struct model *m);
struct model_owner model_owner(const struct model *m, unsigned int i);

/* Add the histogram of a row to @sum; see hist.h. */
void model_row_hist(const struct model *m, unsigned int i, struct hist_sum *sum);
void model_owner_hist(const struct model *m, unsigned int i, struct hist_sum *sum);

/* Single waits (LK_EV_WAIT) seen; where META announced them they are in the rows as well. */
uint64_t model_nr_waits(const struct model *m, uint64_t *total_ns);

/*
 * Keep single waits and single holds, the first @max of each (0 = none, which is how a model
 * begins); to be said before the first event. Each takes about a hundred bytes. When one cannot
 * be kept, a gap says so, once.
 */
void model_keep_waits(struct model *m, uint32_t max);
/* Those that were kept, in the order they came, and the source of each. Their strings are "". */
const struct lk_ev_wait *model_waits(const struct model *m, const uint32_t **source, unsigned int *nr);

/*
 * Hold times, where they came (LK_EV_HELD): rows like those of contention, but of holds;
 * task and comm are the holder's, the stack is where it released, nothing waits in them.
 * Holds are in no sum of waits.
 */
unsigned int model_nr_holds(const struct model *m);
struct model_row model_hold(const struct model *m, unsigned int i);
void model_hold_hist(const struct model *m, unsigned int i, struct hist_sum *sum);
/* As model_waits(), of the single holds (LK_EV_HOLD), which are in the rows as well. */
const struct lk_ev_wait *model_single_holds(const struct model *m, const uint32_t **source,
					    unsigned int *nr);

/* Waits that had not ended when their source did. Strings are the model's own copies. */
unsigned int model_nr_waiting(const struct model *m);
const struct lk_ev_wait *model_waiting(const struct model *m, unsigned int i);
unsigned int model_waiting_source(const struct model *m, unsigned int i);

/* --- names ------------------------------------------------------------------------------ */

struct model_frame {
	uint64_t addr;
	const char *name, *module;	/* "" = not known */
	uint32_t off, size;
	bool internal;			/* lock code or tracer: never a caller */
};

/*
 * A stack without its leading tracer frames, innermost first: returns how many
 * frames were written, 0 when the stack is not known. *caller = index of the
 * first frame outside the lock code, found by symbol; = the number of frames
 * when there is none.
 */
unsigned int model_stack(const struct model *m, unsigned int source, uint32_t id,
			 struct model_frame frame[LK_STACK_DEPTH_MAX], unsigned int *caller);

/* What lies at an address, such as a call site. False, and no name, when nothing described it. */
bool model_symbol(const struct model *m, unsigned int source, uint64_t addr, struct model_frame *f);

/* Path of a cgroup, or NULL. */
const char *model_cgroup(const struct model *m, unsigned int source, uint64_t id);

/* How a lock got its name; see lockname.h. NULL when no evidence came. */
const struct lock_name *model_lock(const struct model *m, unsigned int source, uint64_t addr);

/* --- intervals -------------------------------------------------------------------------- */

/*
 * What came between the last two ticks of the latest source that ticked (before
 * its first tick: since its beginning). All zero before the first tick.
 */
struct model_interval {
	uint64_t start_ns, end_ns;
	uint64_t count, total_ns;
	uint64_t nr;		/* ticks so far, of all sources */
};
const struct model_interval *model_interval(const struct model *m);
/* Gain of row i in the last complete interval. */
void model_row_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns);
void model_hold_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns);
void model_owner_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns);

#endif /* LK_MODEL_H */
