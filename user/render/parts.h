/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more than one format needs to know about a report: which sections, which
 * sums, what a frame or a lock is called. Strings that come out of here are as
 * untrusted as the model's.
 */
#ifndef LK_PARTS_H
#define LK_PARTS_H

#include "render.h"

/* The sections asked for, or @dflt when none were. */
unsigned int parts_sections(const struct render_opts *opts, unsigned int dflt);

/* Dimensions of the view, never 0. */
unsigned int parts_dims(const struct view_opts *view);
/* Does a view by these dimensions say who owned the lock? */
bool parts_has_owner(unsigned int dims);

/*
 * The view of hold times beside the view @view of waits: who owned the lock there is who
 * held it here, so that by owner means by task.
 */
struct view_opts parts_hold_view(const struct view_opts *view);

/*
 * What a string field of all sources has in common; NULL when they differ or
 * there is no source. @off = offsetof(struct model_source, field).
 */
const char *parts_common(const struct model *m, size_t off);

/* Waits and wait time of all rows, before any filter; with @holds holds and hold time. */
void parts_totals(const struct model *m, bool holds, uint64_t *count, uint64_t *total_ns);

/* CLOCK_REALTIME at the moment @mono_ns of the latest source; 0 without a source. */
uint64_t parts_real_ns(const struct model *m, uint64_t mono_ns);

/* Average of a row; 0 without waits. */
uint64_t parts_avg_ns(const struct view_row *r);

/* Are minimum and maximum known? (a view by owner has only sums for waits without a known owner) */
bool parts_has_extremes(const struct view_row *r);

/* NULL for "": what is not known. */
const char *parts_known(const char *s);

/* "function+0x1a/0x40 [module]" as the kernel prints it, or "0x<address>"; malloc'ed, NULL = no memory. */
char *parts_frame(const struct model_frame *f);

/* "function [module]"; malloc'ed, NULL = no memory. @name may be NULL: "". */
char *parts_caller(const char *name, const char *module);

/* What to call a source: its host, or the name of a text; else "unknown host". */
const char *parts_source_name(const struct model_source *s);

/* "full", "partial", "none", "unknown". */
const char *parts_state_str(uint32_t state);

/* Waits that had not ended when their trace did, longest first. */
struct parts_waiting {
	struct parts_wait {
		const struct lk_ev_wait *wait;
		unsigned int source;
		const struct view_row *row;	/* its lock, type, caller, comm, cgroup */
	} *v;
	unsigned int nr;
	struct view view;		/* owns the rows */
	uint32_t *tid;
};

/* Those that pass the filter of @opts. 0 or -ENOMEM; after that, parts_waiting_done(). */
int parts_waiting_init(const struct model *m, const struct view_opts *opts,
		       struct parts_waiting *ret);
void parts_waiting_done(struct parts_waiting *w);

/* Flush and report: 0 or -EIO. */
int parts_flush(FILE *out);

#endif /* LK_PARTS_H */
