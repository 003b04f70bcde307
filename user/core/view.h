/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Views on contention: filter the model's rows, group them by some of their
 * dimensions, sum, sort and cut. Everything a user sees of contention, in any
 * format, is one of these. So it is of hold times, which are rows of their own.
 */
#ifndef LK_VIEW_H
#define LK_VIEW_H

#include "hist.h"
#include "model.h"

struct suppress;

/*
 * Dimensions to group by; a set of bits. Owner goes with LOCK, ADDR, TYPE and
 * CALLER only. A view by owner has one group per set of the others for waits
 * whose owner is not known (all spinning ones), with count and total only; its
 * filter lets in the owners of those locks, stacks and types that it lets in.
 */
enum view_dim {
	VIEW_LOCK	= 1 << 0,	/* name of the lock */
	VIEW_ADDR	= 1 << 1,	/* address: one instance */
	VIEW_TYPE	= 1 << 2,
	VIEW_CALLER	= 1 << 3,
	VIEW_TASK	= 1 << 4,	/* thread */
	VIEW_PROCESS	= 1 << 5,
	VIEW_OWNER	= 1 << 6,	/* thread that held the lock */
	VIEW_CGROUP	= 1 << 7,
	VIEW_CTX	= 1 << 8,
};
#define VIEW_DEFAULT (VIEW_LOCK | VIEW_TYPE | VIEW_CALLER)

enum view_key {			/* columns to sort by, descending; ties by the group's text */
	VIEW_BY_TOTAL = 1,	/* "wait_total" */
	VIEW_BY_COUNT,		/* "contended" */
	VIEW_BY_MAX,		/* "wait_max" */
	VIEW_BY_MIN,		/* "wait_min" */
	VIEW_BY_AVG,		/* "avg_wait" */
	VIEW_BY_P50,		/* "p50" */
	VIEW_BY_P95,		/* "p95" */
	VIEW_BY_P99,		/* "p99" */
};

struct view_filter {
	const uint32_t *pid;	unsigned int nr_pid;	/* processes (tgid) */
	const uint32_t *tid;	unsigned int nr_tid;
	const char *const *cgroup; unsigned int nr_cgroup;	/* paths; descendants match too */
	uint64_t type_mask;		/* 0 = all; see lock_type_parse() */
	const char *const *lock; unsigned int nr_lock;	/* names, or addresses as 0x... */
	const char *const *caller; unsigned int nr_caller;	/* substring of any symbol in the stack */
	const struct suppress *suppress;	/* findings not to show, NULL = none; no matter for waits */
};

struct view_opts {
	unsigned int dims;	/* enum view_dim; 0 = VIEW_DEFAULT */
	enum view_key key;	/* 0 = VIEW_BY_TOTAL */
	unsigned int entries;	/* 0 = all */
	bool gain;		/* count and total (and what waited in it) of the last interval only */
	bool holds;		/* hold times instead of waits; not with VIEW_OWNER */
	struct view_filter filter;
};

struct view_row {
	/*
	 * Text of each dimension: what all members share, or NULL where they differ or
	 * it is not known. Never NULL for a dimension that is grouped by: "(unknown)",
	 * or "(folded)" for the lock of folded rows; the comm of a task or process is
	 * then its latest. Borrowed from the model or the view.
	 */
	const char *lock, *type, *caller, *comm, *cgroup, *ctx, *named_by;
	const char *caller_module;	/* "" = vmlinux; NULL with caller */
	const char *cache;		/* slab cache the locks lie in; NULL = members differ or not known */
	uint64_t addr;			/* 0 = members differ or not known */
	uint32_t tid, tgid;		/* 0 = members differ or not known */
	bool has_tid, has_tgid;
	uint64_t count, total_ns, max_ns, min_ns, waiting;
	uint64_t p50_ns, p95_ns, p99_ns;	/* middle of the bucket, within 1.6 %; 0 = no histogram */
	unsigned int instances;		/* distinct addresses */
	/*
	 * Owner with the most wait time behind it; owner_comm NULL = not known. With
	 * VIEW_OWNER the group's owner; comm, tid, tgid, cgroup and ctx are then not
	 * known: owner rows do not know the waiter. With holds it is the thread that held
	 * the group's locks longest in all, and owner_reader says how it mostly did.
	 */
	const char *owner_comm;
	uint32_t owner_tid, owner_tgid;
	bool owner_reader;
	uint64_t owner_total_ns;	/* at most total_ns */
	/* The member stack with the most wait time; for model_stack(). */
	unsigned int stack_source;
	uint32_t stack;			/* LK_STACK_NONE = not known */
};

struct view {
	struct view_row *row;
	unsigned int nr;
	unsigned int nr_groups;		/* before the cut to opts.entries */
	uint64_t count, total_ns;	/* of all groups that passed the filter */
	void *priv;
};

/* Build the view. 0 or -ENOMEM, -EINVAL (dimensions that do not go together). */
int view_build(const struct model *m, const struct view_opts *opts, struct view *out);
void view_done(struct view *v);

/*
 * As view_build(), and @each is called with the number of every row that is shown, once
 * it is filled, and the histogram of its waits, which is valid during the call. What @each
 * returns, if not 0, ends it all and is returned.
 */
typedef int (*view_hist_fn)(void *ctx, unsigned int row, const struct hist_sum *sum);
int view_build_hists(const struct model *m, const struct view_opts *opts, view_hist_fn each,
		     void *ctx, struct view *out);

/* --- waits that are in no row ----------------------------------------------------------- */

/* One wait in the words of a view; see view_row. Never NULL. */
struct view_wait {
	const char *lock, *type, *caller, *caller_module, *cgroup;
	bool pass;		/* does it pass the filter? */
};

struct view_waits {
	struct view_wait *v;
	unsigned int nr;
	void *priv;
};

/*
 * Say of each wait (its source in @source) what a view would say once it has ended:
 * the model was told of its lock and stack, not of the wait. Only the filter of
 * @opts counts. 0 or -ENOMEM; then view_waits_done().
 */
int view_waits(const struct model *m, const struct view_opts *opts, const struct lk_ev_wait *wait,
	       const unsigned int *source, unsigned int nr, struct view_waits *out);
void view_waits_done(struct view_waits *w);

/* Add the histograms of all rows that pass the filter of @opts to @sum. 0 or -ENOMEM. */
int view_hist(const struct model *m, const struct view_opts *opts, struct hist_sum *sum);

/*
 * Is the lock of this name meant by what the user asked for? By its whole name,
 * without its "&", without its " [module]", " (file system)", "#2" or "/1", or by the
 * member alone: "mmap_lock" means "&mm->mmap_lock", "i_rwsem" "&inode->i_rwsem (ext4:dir)".
 */
bool view_lock_matches(const char *name, const char *want);

/* "lock,caller" -> VIEW_LOCK | VIEW_CALLER; -EINVAL. Names: lock addr type caller task process owner cgroup context. */
int view_dims_parse(const char *list, unsigned int *dims);
/* perf's names: contended wait_total wait_max wait_min avg_wait, and p50 p95 p99; -EINVAL. */
int view_key_parse(const char *name, enum view_key *key);

#endif /* LK_VIEW_H */
