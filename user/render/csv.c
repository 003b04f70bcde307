// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format csv: exactly one table (RFC 4180, but lines end in LF alone): a header,
 * then one line per row. Nothing else can follow in a CSV file, so whether the
 * result is complete is the last column of every row; where there is no row,
 * the exit status under --strict tells, or the view loss.
 *
 * All times are ns. Names are sanitized text (\xNN for what is not printable);
 * what is not known is empty.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../base/sanitize.h"
#include "../core/loss.h"
#include "formats.h"
#include "parts.h"
#include "parts_finding.h"

/* Fields of one line; the first call of each comes without a comma. */
struct line {
	FILE *out;
	bool used;
};

static void separate(struct line *l)
{
	if (l->used)
		fputc(',', l->out);
	l->used = true;
}

static void field_str(struct line *l, const char *s)
{
	separate(l);
	sanitize_put_csv(l->out, s ? s : "");
}

static void field_u64(struct line *l, uint64_t v)
{
	separate(l);
	fprintf(l->out, "%" PRIu64, v);
}

static void field_u64_if(struct line *l, bool known, uint64_t v)
{
	if (known)
		field_u64(l, v);
	else
		field_str(l, NULL);
}

static void field_bool(struct line *l, bool v)
{
	field_str(l, v ? "true" : "false");
}

static void line_end(struct line *l, bool complete)
{
	field_bool(l, complete);
	fputc('\n', l->out);
	l->used = false;
}

/* --- contention ------------------------------------------------------------------------- */

/* Frames, innermost first, joined by ";". */
static int field_stack(struct line *l, const struct model *m, unsigned int source, uint32_t id)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, caller;
	char *text = NULL, *name;
	size_t size;
	FILE *mem;
	int err = 0;

	nr = model_stack(m, source, id, frame, &caller);
	mem = open_memstream(&text, &size);
	if (!mem)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++) {
		name = parts_frame(&frame[i]);
		if (name)
			fprintf(mem, "%s%s", i ? ";" : "", name);
		else
			err = -ENOMEM;
		free(name);
	}
	if (fclose(mem))
		err = -ENOMEM;
	if (!err)
		field_str(l, text);
	free(text);
	return err;
}

static void fields_group(struct line *l, const struct view_row *r)
{
	char addr[24] = "";

	if (r->addr)
		snprintf(addr, sizeof(addr), "0x%" PRIx64, r->addr);
	field_str(l, r->lock);
	field_str(l, r->type);
	field_str(l, r->caller);
	field_str(l, r->caller_module);
	field_str(l, r->named_by);
	field_str(l, r->cache);
	field_str(l, addr);
	field_u64(l, r->instances);
	field_str(l, r->comm);
	field_u64_if(l, r->has_tgid, r->tgid);
	field_u64_if(l, r->has_tid, r->tid);
	field_str(l, r->cgroup);
	field_str(l, r->ctx);
}

static int put_row(struct line *l, const struct model *m, bool holds, const struct view_row *r)
{
	bool owner = r->owner_comm;
	int err;

	fields_group(l, r);
	field_u64(l, r->count);
	field_u64(l, r->total_ns);
	field_u64(l, parts_avg_ns(r));
	field_u64_if(l, parts_has_extremes(r), r->max_ns);
	field_u64_if(l, parts_has_extremes(r), r->min_ns);
	field_u64_if(l, r->p50_ns, r->p50_ns);
	field_u64_if(l, r->p95_ns, r->p95_ns);
	field_u64_if(l, r->p99_ns, r->p99_ns);
	if (!holds)
		field_u64(l, r->waiting);
	field_str(l, r->owner_comm);
	field_u64_if(l, owner, r->owner_tgid);
	field_u64_if(l, owner, r->owner_tid);
	field_str(l, !owner ? NULL : r->owner_reader ? "true" : "false");
	field_u64_if(l, owner, r->owner_total_ns);
	err = field_stack(l, m, r->stack_source, r->stack);
	line_end(l, model_complete(m));
	return err;
}

/* Of waits, or of holds. */
static int put_view(struct line *l, const struct model *m, const struct view_opts *opts)
{
	struct view v;
	unsigned int i;
	int err;

	err = view_build(m, opts, &v);
	if (err)
		return err;
	fputs("lock,type,caller,caller_module,named_by,cache,addr,instances,comm,pid,tid,cgroup,context,"
	      "count,total_ns,avg_ns,max_ns,min_ns,p50_ns,p95_ns,p99_ns,", l->out);
	fputs(opts->holds ? "holder_comm,holder_pid,holder_tid,holder_reader,holder_total_ns," :
			    "waiting,owner_comm,owner_pid,owner_tid,owner_reader,owner_total_ns,", l->out);
	fputs("stack,complete\n", l->out);
	for (i = 0; i < v.nr && !err; i++)
		err = put_row(l, m, opts->holds, &v.row[i]);
	view_done(&v);
	return err;
}

/* --- findings --------------------------------------------------------------------------- */

/* What @put writes, as one field. */
static int field_text(struct line *l, const struct finding *f,
		      void (*put)(const struct finding *f, FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	if (!mem)
		return -ENOMEM;
	put(f, mem);
	if (fclose(mem)) {
		free(text);
		return -ENOMEM;
	}
	field_str(l, text);
	free(text);
	return 0;
}

/* #N .. #0, as in JSON. */
static void put_chain(const struct finding *f, FILE *out)
{
	unsigned int i, nr = 0;

	for (i = 0; f->report && i < f->report->nr_parts; i++) {
		if (f->report->part[i].role == LK_PART_CHAIN)
			fprintf(out, "%s%s", nr++ ? ";" : "", f->report->part[i].text);
	}
	for (i = f->nr_links; !f->report && f->nr_links > 1 && i--;)
		fprintf(out, "%s%s", f->link[i].taken.name, i ? ";" : "");
}

static void put_tasks(const struct finding *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->nr_links; i++) {
		if (!parts_task_again(f, i) && !f->link[i].listed)
			fprintf(out, "%s%s/%" PRIu32, i ? ";" : "", f->link[i].task.comm,
				f->link[i].task.tid);
	}
}

static void put_held(const struct finding *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->link[0].nr_all; i++)
		fprintf(out, "%s%s", i ? ";" : "", f->link[0].all[i].name);
}

static void put_why(const struct finding *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->nr_why; i++)
		fprintf(out, "%s%s", i ? "; " : "", f->why[i]);
}

/* The stack as a report of the kernel has it. */
static void put_frames(const struct finding *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->link[0].nr_frames; i++)
		fprintf(out, "%s%s", i ? ";" : "", f->link[0].frame[i]);
}

/* Which of its two locks a finding has. */
static bool has_taken(const struct finding *f)
{
	return f->report ? f->link[0].taken.name[0] : f->kind != FINDING_HELD_AT_EXIT;
}

static bool has_held(const struct finding *f)
{
	return f->report ? f->link[0].held.name[0] : f->kind != FINDING_BAD_UNLOCK;
}

static int put_finding(struct line *l, const struct model *m, const struct finding *f)
{
	const struct finding_link *first = &f->link[0];
	char *at;
	int err;

	field_str(l, f->id);
	field_str(l, finding_kind_str(f->kind));
	field_str(l, finding_severity_str(f->severity));
	field_u64(l, f->confidence);
	field_u64(l, f->count);
	field_u64(l, f->first_seen_ns);
	field_u64(l, f->last_seen_ns);
	field_str(l, f->report ? "kernel" : f->tier == LK_TIER_LOCKDEP ? "lockdep" : "order");
	field_str(l, first->task.comm);
	field_u64(l, first->task.tgid);
	field_u64(l, first->task.tid);
	err = parts_link_taken_at(m, first, &at);
	if (err)
		return err;
	field_str(l, has_taken(f) ? parts_finding_lock(f)->name : NULL);
	field_str(l, has_taken(f) ? at : NULL);
	free(at);
	err = parts_link_held_at(m, first, &at);
	if (err)
		return err;
	field_str(l, has_held(f) ? first->held.name : NULL);
	field_str(l, has_held(f) ? at : NULL);
	free(at);
	err = field_text(l, f, put_chain);
	if (!err)
		err = field_text(l, f, put_tasks);
	if (!err)
		err = field_text(l, f, put_held);
	if (!err)
		err = field_text(l, f, put_why);
	if (!err)
		err = f->report ? field_text(l, f, put_frames) :
				  field_stack(l, m, first->source, first->stack);
	line_end(l, model_complete(m));
	return err;
}

static int put_findings(struct line *l, const struct model *m, const struct view_opts *opts)
{
	struct parts_findings list;
	unsigned int i;
	int err = parts_findings_init(m, &opts->filter, &list);

	if (err)
		return err;
	fputs("id,kind,severity,confidence,count,first_seen_ns,last_seen_ns,tier,comm,pid,tid,"
	      "acquiring,acquiring_at,holding,holding_at,chain,tasks,held,why,stack,complete\n", l->out);
	for (i = 0; i < list.nr && !err; i++)
		err = put_finding(l, m, list.v[i]);
	parts_findings_done(&list);
	return err;
}

/* --- coverage and loss ------------------------------------------------------------------ */

static void put_coverage(struct line *l, const struct model *m)
{
	unsigned int i;

	fputs("source,host,primitive,tier,state,reason,remedy,complete\n", l->out);
	for (i = 0; i < model_nr_coverage(m); i++) {
		const struct model_coverage *c = model_coverage(m, i);

		field_u64(l, c->source);
		field_str(l, model_source(m, c->source)->host);
		field_str(l, c->primitive);
		field_str(l, c->tier);
		field_str(l, parts_state_str(c->state));
		field_str(l, c->reason);
		field_str(l, c->remedy);
		line_end(l, model_complete(m));
	}
}

static void put_loss_row(struct line *l, const char *counter, uint64_t count, bool is_loss,
			 const char *meaning, const char *advice, bool complete)
{
	field_str(l, counter);
	field_u64(l, count);
	field_bool(l, is_loss);
	field_str(l, meaning);
	field_str(l, advice);
	line_end(l, complete);
}

/* Counters above zero, then what no counter has: gaps, and sources without an end. */
static void put_loss(struct line *l, const struct model *m)
{
	bool complete = model_complete(m);
	unsigned int i;

	fputs("counter,count,is_loss,meaning,advice,complete\n", l->out);
	for (i = 0; i < model_nr_loss(m); i++) {
		const struct loss_info *info = loss_info(i);

		if (model_loss(m, i))
			put_loss_row(l, info->name, model_loss(m, i), info->is_loss, info->meaning,
				     info->advice, complete);
	}
	for (i = 0; i < model_nr_gaps(m); i++)
		put_loss_row(l, "gap", 1, true, model_gap(m, i), NULL, complete);
	for (i = 0; i < model_nr_sources(m); i++) {
		if (!model_source(m, i)->ended)
			put_loss_row(l, "no-end", 1, true, model_source(m, i)->host, NULL, complete);
	}
}

int csv_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct view_opts holds = parts_hold_view(&opts->view);
	struct line l = { .out = out };
	int err = 0;

	switch (parts_sections(opts, RENDER_CONTENTION)) {
	case RENDER_CONTENTION:
		err = put_view(&l, m, &opts->view);
		break;
	case RENDER_HOLDS:
		err = put_view(&l, m, &holds);
		break;
	case RENDER_FINDINGS:
		err = put_findings(&l, m, &opts->view);
		break;
	case RENDER_COVERAGE:
		put_coverage(&l, m);
		break;
	case RENDER_LOSS:
		put_loss(&l, m);
		break;
	default:
		return -EINVAL;
	}
	return err ? err : parts_flush(out);
}
