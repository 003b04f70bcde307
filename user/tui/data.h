/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the panels show, as plain rows, built once per tick from the model and from
 * the waits that have not ended. Keys only sort and choose among these rows.
 *
 * Time lost counts the waits that go on: what a row lost in an interval is how
 * much its finished waits and the unfinished ones together grew. So a lock that
 * everybody waits for shows up although no wait for it has ever ended. Where hold times
 * come, a lock that was held has a row, too, even if nobody ever waited for it.
 *
 * Strings are sanitized and live as long as the data.
 */
#ifndef LK_TUI_DATA_H
#define LK_TUI_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "../core/finding.h"
#include "../core/view.h"

enum top_panel {
	TOP_LOCKS, TOP_TASKS, TOP_CALLERS, TOP_CGROUPS, TOP_FINDINGS, TOP_WATCH, TOP_PANEL_NR,
};

#define TOP_SECONDS	60	/* of history per row */

/* What identifies a row in its panel. */
struct top_key {
	uint32_t text;		/* in top_data.str */
	uint32_t id, source;	/* tasks: the thread, + 1 the source; else 0 */
};

/* What a row was at the last look, and what it lost in each of the last seconds. */
struct top_past {
	uint64_t count, total_ns, done_ns;
	uint64_t gain, gain_ns, gain_done_ns, gain_over_ns;
	uint64_t holds, hold_ns, hold_gain, hold_gain_ns;
	uint64_t looked_ns;		/* 0 = never */
	uint32_t row, stamp;		/* its row, if the stamp is that of its panel */
	uint64_t second;		/* the last one in rate[] */
	float rate[TOP_SECONDS];	/* seconds lost per second, at second % TOP_SECONDS */
};

/* Numbers and texts are 0 and NULL where a panel has none, or they are not known. */
struct top_row {
	uint32_t key;			/* number in its panel's keys */
	const char *name, *type, *lock, *caller, *module, *comm;
	uint64_t count, total_ns;	/* since the start */
	uint64_t done_ns;		/* of total_ns what finished waits took */
	uint64_t gain, gain_ns, gain_done_ns;	/* since the last look, */
	uint64_t gain_over_ns;		/* which was so long ago; 0 = there was none */
	uint64_t max_ns, p99_ns;
	uint64_t holds, hold_ns, hold_max_ns;	/* of a lock, since the start, where hold times come */
	uint64_t hold_gain, hold_gain_ns;	/* since the last look */
	unsigned int waiting, instances;
	uint32_t tid, tgid;
	uint64_t since_ns;		/* blocked for so long; 0 = not blocked */
	const char *owner;		/* "comm/tid" */
	uint32_t owner_tid;
	bool owner_now;			/* as the last to come saw it; else: mostly so far */
	const char *chain;		/* of waits, behind the owner */
	bool circle;			/* the chain comes back to itself */
	unsigned int index;		/* of a finding, of a watched function */
	unsigned int severity;		/* of a finding, enum finding_severity */
	unsigned int held, inside;	/* of a watched function */
	uint64_t time_ns;		/* of a finding: first seen */
};

struct top_panel_data {
	VEC(struct top_row) row;
	struct htab keys;		/* struct top_key */
	VEC(struct top_past) past;
	uint64_t looked_ns;		/* the last tick at which it was built; 0 = none */
	uint32_t stamp;			/* of the rows that are there now */
};

/* A wait that has not ended. */
struct top_wait {
	struct lk_ev_wait wait;		/* its strings are sanitized */
	unsigned int source;
	const char *lock, *type, *caller, *module, *cgroup;
};

/* What the model cannot know. All times are the source's CLOCK_MONOTONIC, in ns. */
struct top_env {
	uint64_t now_ns;
	struct view_filter filter;
	const struct lk_ev_wait *wait;	/* that have not ended */
	const unsigned int *source;	/* of each */
	unsigned int nr_wait;
	bool wait_known;		/* else nobody knows who is blocked now */
	bool wait_counted;		/* the model has counted these in its rows */
};

struct top_totals {
	uint64_t count, total_ns;	/* since the start */
	uint64_t gain, gain_ns, gain_over_ns;	/* as in top_row */
	unsigned int blocked;
	unsigned int findings, worst;	/* worst: enum finding_severity, 0 = none */
};

struct top_data {
	struct strpool str;
	struct top_panel_data panel[TOP_PANEL_NR];
	VEC(struct top_wait) wait;	/* longest first */
	bool wait_known, wait_counted;
	bool holds;			/* there are hold times */
	struct top_past past;		/* of all */
	struct top_totals totals;
	uint64_t now_ns, start_ns;
};

/* 0 or -ENOMEM; top_data_done() is fine either way. */
int top_data_init(struct top_data *d);
void top_data_done(struct top_data *d);

/*
 * Look again: locks and totals always, and the panel that is shown. @tick: time went
 * on, so gains and history move; else only the panel is made anew. 0 or -ENOMEM.
 */
int top_data_update(struct top_data *d, const struct model *m, const struct top_env *env,
		    enum top_panel panel, bool tick);

/* Average wait of a row in ns, of the last interval or since the start; 0 = no waits. */
uint64_t top_row_avg(const struct top_row *r, bool total);

/* Average hold time of a lock, likewise; 0 = no holds. */
uint64_t top_row_hold_avg(const struct top_row *r, bool total);

/* The row of a panel with this key, NULL = it has gone. */
const struct top_row *top_data_find(const struct top_data *d, enum top_panel panel, uint32_t key);

/* --- parts of it, each in a file of its own -------------------------------------------------- */

/* A sanitized copy of @s (NULL stays NULL); NULL also when out of memory, with *err set. */
const char *top_text(struct top_data *d, const char *s, int *err);
/* "comm/tid" likewise. */
const char *top_task_text(struct top_data *d, const char *comm, uint32_t tid, int *err);
/* The row of a key, new and blank if need be: NULL = out of memory. Rows move. */
struct top_row *top_row_get(struct top_data *d, enum top_panel panel, const struct top_key *key);
void top_rows_clear(struct top_data *d, enum top_panel panel);
/* Compare with the last look, and let the history move. */
void top_past_move(struct top_past *p, uint64_t count, uint64_t total_ns, uint64_t done_ns,
		   uint64_t now_ns);

int top_build_contention(struct top_data *d, const struct model *m, const struct top_env *env,
			 enum top_panel panel);
int top_build_waits(struct top_data *d, const struct model *m, const struct top_env *env);
int top_build_findings(struct top_data *d, const struct model *m, const struct top_env *env);
int top_build_watch(struct top_data *d, const struct model *m);

/* The wait of a task, NULL = it does not wait. */
const struct top_wait *top_wait_of(const struct top_data *d, unsigned int source, uint32_t tid);
/*
 * Who waits for whom, from the owner of @w on: "-> lock -> owner -> ...", "" = the owner does
 * not wait. *circle: it comes back. NULL = out of memory.
 */
const char *top_chain(struct top_data *d, const struct top_wait *w, bool *circle);

#endif /* LK_TUI_DATA_H */
