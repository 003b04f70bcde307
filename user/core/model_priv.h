/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the model, shared by model.c, contend.c, names.c (which change it)
 * and the view (which reads it). Nobody else includes this.
 *
 * Whatever rows refer to (locks, stacks, cgroups) is interned: numbered when it
 * is first mentioned, by a row or by a description, in whatever order these
 * come. What is known about it lies in an array under the same number.
 */
#ifndef LK_MODEL_PRIV_H
#define LK_MODEL_PRIV_H

#include "../base/htab.h"
#include "../base/strpool.h"
#include "../base/vec.h"
#include "agg.h"
#include "lockname.h"
#include "model.h"

struct addr_key {		/* of locks, symbols and (by id) cgroups */
	uint64_t addr;
	uint32_t source;
	uint32_t pad;
};

struct stack_key {
	uint32_t source;
	uint32_t id;
};

struct row_key {
	uint32_t lock, cgroup, stack;	/* numbers */
	uint32_t tid, tgid;
	uint16_t cpu;
	uint8_t  lcb, ctx;
};

struct owner_key {
	uint32_t lock, stack;		/* numbers */
	uint32_t tid, tgid;
	uint8_t  lcb, reader;
	uint16_t pad;
};

_Static_assert(sizeof(struct addr_key) == 16, "addr_key has padding");
_Static_assert(sizeof(struct row_key) == 24, "row_key has padding");
_Static_assert(sizeof(struct owner_key) == 20, "owner_key has padding");
_Static_assert(sizeof(struct lock_name) == 4 + 192 + LK_CACHE_NAME_LEN, "lock_name has padding");

struct stack_data {
	uint32_t first, nr;	/* in frames; nr = 0: not described */
};

struct sym_data {
	uint32_t name, module;	/* strings */
	uint32_t off, size;
	bool internal, tracer;
};

struct kept_list {	/* single waits or holds, no more than max_kept */
	VEC(struct lk_ev_wait) wait;
	VEC(uint32_t) source;
	bool full;
};

struct model {
	struct strpool str;
	VEC(struct model_source) source;
	VEC(struct model_coverage) coverage;
	VEC(uint64_t) loss;
	VEC(const char *) gap;
	VEC(struct model_shed) shed;

	struct htab locks;		/* addr_key */
	VEC(uint32_t) lock_name;	/* number in lock_names + 1; 0 = no evidence */
	struct htab lock_names;		/* struct lock_name, each once */
	struct htab stacks;		/* stack_key */
	VEC(struct stack_data) stack;
	VEC(uint64_t) frames;
	struct htab syms;		/* addr_key */
	VEC(struct sym_data) sym;
	struct htab cgroups;		/* addr_key */
	VEC(uint32_t) cgroup_path;	/* string; 0 = not known */

	struct agg_table rows;		/* row_key */
	struct agg_table holds;		/* row_key; of holds, so in no sum of waits */
	struct agg_table owners;	/* owner_key */
	VEC(struct lk_ev_wait) waiting;
	VEC(uint32_t) waiting_source;
	uint64_t nr_waits, waits_ns;
	struct kept_list kept, kept_holds;
	uint32_t max_kept;

	struct order *order;		/* order_priv.h */

	struct model_interval interval;	/* the last closed one */
	struct model_interval open;	/* start_ns, count, total_ns of the open one */
};

/* Number of the source that events now belong to; there is one. */
static inline uint32_t cur_source(const struct model *m)
{
	return (uint32_t)m->source.nr - 1;
}

static inline const struct addr_key *lock_key(const struct model *m, uint32_t lock)
{
	return htab_key(&m->locks, lock);
}

static inline const struct stack_key *stack_key(const struct model *m, uint32_t stack)
{
	return htab_key(&m->stacks, stack);
}

static inline const struct addr_key *cgroup_key(const struct model *m, uint32_t cgroup)
{
	return htab_key(&m->cgroups, cgroup);
}

/* Of m->rows or m->holds. */
static inline const struct row_key *row_key(const struct agg_table *t, uint32_t row)
{
	return htab_key(&t->keys, row);
}

static inline const struct owner_key *owner_key(const struct model *m, uint32_t owner)
{
	return htab_key(&m->owners.keys, owner);
}

/* --- names.c ---------------------------------------------------------------------------- */

/* Numbers of things of the current source: 0 or -ENOMEM. */
int model_intern_lock(struct model *m, uint64_t addr, uint32_t *lock);
int model_intern_stack(struct model *m, uint32_t id, uint32_t *stack);
int model_intern_cgroup(struct model *m, uint64_t id, uint32_t *cgroup);

int model_apply_sym(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_stack(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_cgroup(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_lock(struct model *m, const struct lk_event *ev, struct diag *why);

/* model_lock() and model_stack() by number. */
const struct lock_name *model_lock_at(const struct model *m, uint32_t lock);
unsigned int model_stack_at(const struct model *m, uint32_t stack,
			    struct model_frame frame[LK_STACK_DEPTH_MAX], unsigned int *caller);

/* --- contend.c -------------------------------------------------------------------------- */

int model_apply_cont(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_owner(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_wait(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_waiting(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_held(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_hold(struct model *m, const struct lk_event *ev, struct diag *why);

/* --- lock order: order.c, class.c, finding.c, watch.c, imported.c --------------------------- */

struct order *order_new(void);
void order_free(struct order *o);

int model_apply_class(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_site(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_order(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_odd(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_watch(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_watched(struct model *m, const struct lk_event *ev, struct diag *why);
int model_apply_report(struct model *m, const struct lk_event *ev, struct diag *why);

/* --- shed.c ----------------------------------------------------------------------------- */

int model_apply_shed(struct model *m, const struct lk_event *ev, struct diag *why);

/* --- model.c ---------------------------------------------------------------------------- */

/* The current source is at least as long as this. */
void model_note_time(struct model *m, uint64_t now_ns);

#endif /* LK_MODEL_PRIV_H */
