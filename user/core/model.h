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

#include "event.h"

struct model;
struct diag;

/* NULL when out of memory. */
struct model *model_new(void);
void model_free(struct model *m);

/*
 * Apply one event. 0, -ENOMEM, or -EBADMSG if the event contradicts what came
 * before (an event before META, an id out of range): the model is unchanged
 * then, and usable, and @why (may be NULL) names the contradiction.
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

/* True when every source ended, no gap was added and no counter that means loss is above zero. */
bool model_complete(const struct model *m);

/* --- coverage --------------------------------------------------------------------------- */

struct model_coverage {
	const char *primitive, *tier, *reason, *remedy;
	uint32_t state;
	unsigned int source;
};

unsigned int model_nr_coverage(const struct model *m);
const struct model_coverage *model_coverage(const struct model *m, unsigned int i);

/* --- contention ------------------------------------------------------------------------- */

/* Sums of one row or owner row; the histogram has LK_HIST_BUCKETS counters or is NULL when empty. */
struct model_agg {
	uint64_t count, total_ns, max_ns, min_ns, first_ns, last_ns;
	const uint32_t *hist_index;	/* nr_hist buckets, ascending */
	const uint64_t *hist_n;
	unsigned int nr_hist;
};

struct model_row {
	unsigned int source;
	uint64_t lock, cgroup;
	uint32_t tid, tgid, stack, lcb, ctx, cpu;
	const char *comm;
	uint64_t waiting;	/* waits in here that had not ended */
	struct model_agg agg;
};

struct model_owner {
	unsigned int source;
	uint64_t lock;
	uint32_t tid, tgid, stack, lcb, reader;
	const char *comm;
	struct model_agg agg;
};

unsigned int model_nr_rows(const struct model *m);
const struct model_row *model_row(const struct model *m, unsigned int i);
unsigned int model_nr_owners(const struct model *m);
const struct model_owner *model_owner(const struct model *m, unsigned int i);

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
 * A stack without its leading tracer frames, innermost first; NULL and *nr = 0
 * when it is not known. *caller = index of the first frame outside the lock
 * code, found by symbol; = *nr when there is none.
 */
const struct model_frame *model_stack(const struct model *m, unsigned int source, uint32_t id,
				      unsigned int *nr, unsigned int *caller);

/* Path of a cgroup, or NULL. */
const char *model_cgroup(const struct model *m, unsigned int source, uint64_t id);

/* How a lock got its name; see lockname.h. NULL when no evidence came. */
struct lock_name;
const struct lock_name *model_lock(const struct model *m, unsigned int source, uint64_t addr);

/* --- intervals -------------------------------------------------------------------------- */

/* What came between the last two ticks; rows and owners as deltas live in the same tables. */
struct model_interval {
	uint64_t start_ns, end_ns;
	uint64_t count, total_ns;
	uint64_t nr;		/* ticks so far */
};
const struct model_interval *model_interval(const struct model *m);
/* Gain of row i in the last complete interval. */
void model_row_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns);
void model_owner_gain(const struct model *m, unsigned int i, uint64_t *count, uint64_t *total_ns);

#endif /* LK_MODEL_H */
