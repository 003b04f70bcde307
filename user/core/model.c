// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reducer: dispatch of events, and the topics that need no tables of their
 * own (sources, coverage, losses, gaps, intervals). Contention is in contend.c,
 * names are in names.c, lock order is in order.c and the files around it.
 *
 * Every apply function validates and allocates first and changes the model last,
 * so that a refused event leaves no trace.
 */
#include <errno.h>
#include <inttypes.h>

#include "../base/diag.h"
#include "loss.h"
#include "model_priv.h"
#include "sat.h"

/* Counters from newer versions are kept, up to here. */
#define LOSS_MAX	4096u

struct model *model_new(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	htab_init(&m->locks, sizeof(struct addr_key));
	htab_init(&m->lock_names, sizeof(struct lock_name));
	htab_init(&m->stacks, sizeof(struct stack_key));
	htab_init(&m->syms, sizeof(struct addr_key));
	htab_init(&m->cgroups, sizeof(struct addr_key));
	agg_init(&m->rows, sizeof(struct row_key));
	agg_init(&m->owners, sizeof(struct owner_key));
	agg_init(&m->holds, sizeof(struct row_key));
	m->order = order_new();
	if (strpool_init(&m->str) || !m->order) {
		model_free(m);
		return NULL;
	}
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	strpool_done(&m->str);
	vec_free(&m->source);
	vec_free(&m->coverage);
	vec_free(&m->loss);
	vec_free(&m->gap);
	vec_free(&m->shed);
	htab_done(&m->locks);
	vec_free(&m->lock_name);
	htab_done(&m->lock_names);
	htab_done(&m->stacks);
	vec_free(&m->stack);
	vec_free(&m->frames);
	htab_done(&m->syms);
	vec_free(&m->sym);
	htab_done(&m->cgroups);
	vec_free(&m->cgroup_path);
	agg_done(&m->rows);
	agg_done(&m->owners);
	agg_done(&m->holds);
	vec_free(&m->waiting);
	vec_free(&m->waiting_source);
	vec_free(&m->kept.wait);
	vec_free(&m->kept.source);
	vec_free(&m->kept_holds.wait);
	vec_free(&m->kept_holds.source);
	order_free(m->order);
	free(m);
}

void model_note_time(struct model *m, uint64_t now_ns)
{
	struct model_source *s = &m->source.v[cur_source(m)];

	if (now_ns > s->end_ns)
		s->end_ns = now_ns;
}

/* --- events ------------------------------------------------------------------------------- */

static int apply_meta(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_meta *e = &ev->meta;
	struct model_source s = {
		.tool = strpool_copy(&m->str, e->tool),
		.kernel = strpool_copy(&m->str, e->kernel),
		.arch = strpool_copy(&m->str, e->arch),
		.host = strpool_copy(&m->str, e->host),
		.boot_id = strpool_copy(&m->str, e->boot_id),
		.cmdline = strpool_copy(&m->str, e->cmdline),
		.filter = strpool_copy(&m->str, e->filter),
		.start_ns = e->start_ns,
		.start_real_ns = e->start_real_ns,
		.end_ns = e->start_ns,
		.nr_cpus = e->nr_cpus,
		.flags = e->flags,
	};

	(void)why;	/* any META is fine */
	if (!s.tool || !s.kernel || !s.arch || !s.host || !s.boot_id || !s.cmdline || !s.filter)
		return -ENOMEM;
	if (vec_push(&m->source, s))
		return -ENOMEM;
	agg_reset_open(&m->rows);
	agg_reset_open(&m->owners);
	agg_reset_open(&m->holds);
	m->open = (struct model_interval){ .start_ns = e->start_ns };
	return 0;
}

static int apply_coverage(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_coverage *e = &ev->coverage;
	struct model_coverage c = { .state = e->state, .source = cur_source(m) };

	if (e->state < LK_STATE_NONE || e->state > LK_STATE_UNKNOWN)
		return diag_set(why, -EBADMSG, "coverage has an unknown state %" PRIu32, e->state);
	c.primitive = strpool_copy(&m->str, e->primitive);
	c.tier = strpool_copy(&m->str, e->tier);
	c.reason = strpool_copy(&m->str, e->reason);
	c.remedy = strpool_copy(&m->str, e->remedy);
	if (!c.primitive || !c.tier || !c.reason || !c.remedy)
		return -ENOMEM;
	return vec_push(&m->coverage, c);
}

static int apply_loss(struct model *m, const struct lk_event *ev, struct diag *why)
{
	uint32_t counter = ev->loss.counter;

	if (counter >= LOSS_MAX)
		return diag_set(why, -EBADMSG, "loss counter %" PRIu32 " is out of range", counter);
	if (counter >= m->loss.nr) {
		if (vec_reserve(&m->loss, counter + 1 - m->loss.nr))
			return -ENOMEM;
		while (m->loss.nr <= counter)
			m->loss.v[m->loss.nr++] = 0;
	}
	m->loss.v[counter] = sat_add(m->loss.v[counter], ev->loss.count);
	return 0;
}

static int apply_tick(struct model *m, const struct lk_event *ev, struct diag *why)
{
	uint64_t now_ns = ev->time.now_ns;

	if (now_ns < m->open.start_ns)
		return diag_set(why, -EBADMSG, "an interval ends at %" PRIu64 " ns, before it began at %"
				PRIu64 " ns", now_ns, m->open.start_ns);
	m->open.end_ns = now_ns;
	m->open.nr = m->interval.nr + 1;
	m->interval = m->open;
	m->open = (struct model_interval){ .start_ns = now_ns };
	agg_tick(&m->rows);
	agg_tick(&m->owners);
	agg_tick(&m->holds);
	model_note_time(m, now_ns);
	return 0;
}

static int apply_end(struct model *m, const struct lk_event *ev, struct diag *why)
{
	struct model_source *s = &m->source.v[cur_source(m)];

	if (ev->time.now_ns < s->start_ns)
		return diag_set(why, -EBADMSG, "the trace ends at %" PRIu64 " ns, before it began at %"
				PRIu64 " ns", ev->time.now_ns, s->start_ns);
	s->end_ns = ev->time.now_ns;
	s->ended = true;
	return 0;
}

static const struct {
	const char *name;
	int (*apply)(struct model *m, const struct lk_event *ev, struct diag *why);
} kinds[LK_EV_NR] = {
	[LK_EV_META]	 = { "META", apply_meta },
	[LK_EV_COVERAGE] = { "COVERAGE", apply_coverage },
	[LK_EV_SYM]	 = { "SYM", model_apply_sym },
	[LK_EV_STACK]	 = { "STACK", model_apply_stack },
	[LK_EV_CGROUP]	 = { "CGROUP", model_apply_cgroup },
	[LK_EV_LOCK]	 = { "LOCK", model_apply_lock },
	[LK_EV_CONT]	 = { "CONT", model_apply_cont },
	[LK_EV_OWNER]	 = { "OWNER", model_apply_owner },
	[LK_EV_WAIT]	 = { "WAIT", model_apply_wait },
	[LK_EV_WAITING]	 = { "WAITING", model_apply_waiting },
	[LK_EV_LOSS]	 = { "LOSS", apply_loss },
	[LK_EV_TICK]	 = { "TICK", apply_tick },
	[LK_EV_END]	 = { "END", apply_end },
	[LK_EV_CLASS]	 = { "CLASS", model_apply_class },
	[LK_EV_ORDER]	 = { "ORDER", model_apply_order },
	[LK_EV_ODD]	 = { "ODD", model_apply_odd },
	[LK_EV_WATCH]	 = { "WATCH", model_apply_watch },
	[LK_EV_WATCHED]	 = { "WATCHED", model_apply_watched },
	[LK_EV_SITE]	 = { "SITE", model_apply_site },
	[LK_EV_REPORT]	 = { "REPORT", model_apply_report },
	[LK_EV_HELD]	 = { "HELD", model_apply_held },
	[LK_EV_HOLD]	 = { "HOLD", model_apply_hold },
	[LK_EV_SHED]	 = { "SHED", model_apply_shed },
};

int model_apply(struct model *m, const struct lk_event *ev, struct diag *why)
{
	unsigned int kind = (unsigned int)ev->kind;

	if (kind >= LK_EV_NR || !kinds[kind].apply)
		return diag_set(why, -EBADMSG, "an event has the unknown kind %u", kind);
	if (kind != LK_EV_META) {
		if (!m->source.nr)
			return diag_set(why, -EBADMSG, "an event of kind %s comes before the first META",
					kinds[kind].name);
		if (m->source.v[cur_source(m)].ended)
			return diag_set(why, -EBADMSG, "an event of kind %s comes after the END",
					kinds[kind].name);
	}
	return kinds[kind].apply(m, ev, why);
}

/* --- accessors ---------------------------------------------------------------------------- */

unsigned int model_nr_sources(const struct model *m)
{
	return (unsigned int)m->source.nr;
}

const struct model_source *model_source(const struct model *m, unsigned int i)
{
	return &m->source.v[i];
}

uint64_t model_duration_ns(const struct model *m)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < m->source.nr; i++)
		sum = sat_add(sum, m->source.v[i].end_ns - m->source.v[i].start_ns);
	return sum;
}

int model_add_gap(struct model *m, const char *reason)
{
	const char *copy = strpool_copy(&m->str, reason);

	return copy ? vec_push(&m->gap, copy) : -ENOMEM;
}

unsigned int model_nr_gaps(const struct model *m)
{
	return (unsigned int)m->gap.nr;
}

const char *model_gap(const struct model *m, unsigned int i)
{
	return m->gap.v[i];
}

unsigned int model_nr_loss(const struct model *m)
{
	return (unsigned int)m->loss.nr;
}

uint64_t model_loss(const struct model *m, unsigned int counter)
{
	return counter < m->loss.nr ? m->loss.v[counter] : 0;
}

bool model_complete(const struct model *m)
{
	size_t i;

	if (!m->source.nr || m->gap.nr || m->shed.nr)
		return false;
	for (i = 0; i < m->source.nr; i++)
		if (!m->source.v[i].ended)
			return false;
	for (i = 0; i < m->loss.nr; i++)
		if (m->loss.v[i] && loss_info((unsigned int)i)->is_loss)
			return false;
	return true;
}

unsigned int model_nr_coverage(const struct model *m)
{
	return (unsigned int)m->coverage.nr;
}

const struct model_coverage *model_coverage(const struct model *m, unsigned int i)
{
	return &m->coverage.v[i];
}

const struct model_interval *model_interval(const struct model *m)
{
	return &m->interval;
}
