// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order tier's hooks. First what gives locks back, then where functions return,
 * then what takes locks, so that nothing is seen taken whose release would be missed.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "bpflog.h"
#include "hooks_priv.h"

struct bpf_link *hooks_attach_one(struct hooks *o, unsigned int row, bool at_exit)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .bpf_cookie = row, .retprobe = at_exit);
	struct bpf_program *prog = hooks_prog(o, row, at_exit);

	if (!prog || bpf_program__fd(prog) < 0) {
		errno = ENOENT;
		return NULL;
	}
	if (o->plan.mode == ORDER_MODE_FENTRY)
		return bpf_program__attach(prog);
	return bpf_program__attach_kprobe_opts(prog, order_fns[row].symbol, &opts);
}

void hooks_drop_links(struct hooks_link *link)
{
	bpf_link__destroy(link->enter);
	bpf_link__destroy(link->leave);
	bpf_link__destroy(link->got);
	link->enter = link->leave = link->got = NULL;
}

/* A row left the plan: so do the hooks of what left with it. */
static void give_up(struct hooks *o, unsigned int row, int err)
{
	unsigned int i;

	order_plan_drop(&o->plan, row, strerror(-err));
	for (i = 0; i < LK_ROW_NR; i++)
		if (!o->plan.row[i])
			hooks_drop_links(&o->link[i]);
}

/* Which of the three steps is the hook at the beginning of a row's function part of? */
static int entry_step(unsigned int row)
{
	return order_is_release(row) ? HOOKS_MULTI_RELEASE : HOOKS_MULTI_ACQUIRE;
}

bool hooks_in_step(const struct hooks *o, unsigned int row, int step)
{
	if (!o->plan.row[row])
		return false;
	if (step == HOOKS_MULTI_EXIT)
		return order_needs_exit(row);
	return order_needs_entry(o->plan.mode, row) && entry_step(row) == step;
}

/* Without it the row is followed all the same: its holds are not timed, and counted as such. */
static void attach_got(struct hooks *o)
{
	struct bpf_program *prog;
	unsigned int row;

	for (row = 0; row < LK_ROW_NR; row++) {
		prog = o->plan.row[row] ? hooks_got(o, row) : NULL;
		if (!prog)
			continue;
		o->link[row].got = bpf_program__attach(prog);
		o->untimed[row] = !o->link[row].got;
	}
}

static void attach_singly(struct hooks *o, int step)
{
	struct bpf_link **link;
	unsigned int row;
	int err;

	for (row = 0; row < LK_ROW_NR; row++) {
		if (!hooks_in_step(o, row, step))
			continue;
		link = step == HOOKS_MULTI_EXIT ? &o->link[row].leave : &o->link[row].enter;
		*link = hooks_attach_one(o, row, step == HOOKS_MULTI_EXIT);
		err = *link ? 0 : -errno;
		if (err)
			give_up(o, row, err);
	}
	if (step == HOOKS_MULTI_EXIT)
		attach_got(o);
}

/* The rows of a step by one link; @only: just that row, LK_ROW_NR = all of them. */
static struct bpf_link *attach_many(struct hooks *o, int step, unsigned int only)
{
	const char *syms[LK_ROW_NR];
	__u64 cookies[LK_ROW_NR];
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = syms, .cookies = cookies,
		    .retprobe = step == HOOKS_MULTI_EXIT);
	unsigned int row;

	for (row = 0; row < LK_ROW_NR; row++) {
		if (!hooks_in_step(o, row, step) || (only != LK_ROW_NR && row != only))
			continue;
		syms[opts.cnt] = order_fns[row].symbol;
		cookies[opts.cnt++] = row;
	}
	if (!opts.cnt) {
		errno = 0;
		return NULL;
	}
	return bpf_program__attach_kprobe_multi_opts(step == HOOKS_MULTI_EXIT ?
		o->skel->progs.km_exit : o->skel->progs.km_enter, NULL, &opts);
}

/* One function that cannot be hooked spoils the whole link: find out which, for the next try. */
static void attach_together(struct hooks *o, int step)
{
	struct bpf_link *alone;
	bool dropped = false;
	unsigned int row;
	int err;

	o->multi[step] = attach_many(o, step, LK_ROW_NR);
	err = errno;
	if (o->multi[step] || !err)
		return;
	for (row = 0; row < LK_ROW_NR; row++) {
		if (!hooks_in_step(o, row, step))
			continue;
		alone = attach_many(o, step, row);
		if (!alone)
			order_plan_drop(&o->plan, row, strerror(errno));
		dropped |= !alone;
		bpf_link__destroy(alone);
	}
	for (row = 0; row < LK_ROW_NR && !dropped; row++)	/* each can be hooked, but not all */
		if (hooks_in_step(o, row, step))
			order_plan_drop(&o->plan, row, strerror(err));
}

static unsigned int nr_rows(const struct hooks *o)
{
	unsigned int row, nr = 0;

	for (row = 0; row < LK_ROW_NR; row++)
		nr += o->plan.row[row];
	return nr;
}

static void detach_together(struct hooks *o)
{
	int step;

	for (step = HOOKS_MULTI_NR - 1; step >= 0; step--) {
		bpf_link__destroy(o->multi[step]);
		o->multi[step] = NULL;
	}
}

/* A primitive that drops out in a later step must also leave the earlier ones. */
static void attach_steps_together(struct hooks *o)
{
	unsigned int before;
	int step;

	do {
		detach_together(o);
		before = nr_rows(o);
		for (step = HOOKS_MULTI_RELEASE; step < HOOKS_MULTI_NR; step++)
			attach_together(o, step);
	} while (nr_rows(o) != before);
}

static int attach_tasks(struct hooks *o)
{
	struct bpf_program *prog[HOOKS_TASK_NR] = {
		[HOOKS_TASK_EXIT] = o->skel->progs.task_exit,
		[HOOKS_TASK_FREE] = o->skel->progs.task_free,
		[HOOKS_TASK_SWITCH] = o->skel->progs.task_switch,
		[HOOKS_TASK_MODULE] = o->skel->progs.module_gone,
	};
	int i;

	for (i = 0; i < HOOKS_TASK_NR; i++) {
		if (bpf_program__fd(prog[i]) < 0)
			continue;
		o->task[i] = bpf_program__attach(prog[i]);
		if (!o->task[i] && i == HOOKS_TASK_MODULE)
			continue;		/* a kernel without modules has no such tracepoint */
		if (!o->task[i])
			return -errno;
	}
	return 0;
}

int hooks_attach(struct hooks *o, struct diag *why)
{
	struct bpflog log = { .line = o->opts.log };
	bool had_hooks = order_plan_any(&o->plan);
	int step, err;

	bpflog_begin(&log);
	err = attach_tasks(o);
	if (!err && had_hooks && o->plan.mode == ORDER_MODE_FENTRY && hooks_upon_learn(o))
		order_plan_irqs_unseen(&o->plan);
	if (!err && o->plan.mode == ORDER_MODE_MULTI)
		attach_steps_together(o);
	for (step = HOOKS_MULTI_RELEASE; step < HOOKS_MULTI_NR && !err; step++)
		if (o->plan.mode != ORDER_MODE_MULTI)
			attach_singly(o, step);
	bpflog_end();
	if (err)
		diag_errno(why, err, "cannot attach to the scheduler's tracepoints");
	else if (had_hooks && !order_plan_any(&o->plan))
		err = diag_set(why, -ENOTSUP, "none of the lock functions can be hooked");
	if (err)
		snprintf(o->why_not, sizeof(o->why_not), "%.199s", why->text);
	return err;
}

bool hooks_attached(const struct hooks *o)
{
	unsigned int row;
	int step;

	for (step = 0; step < HOOKS_MULTI_NR; step++)
		if (o->multi[step])
			return true;
	for (row = 0; row < LK_ROW_NR; row++)
		if (o->link[row].enter || o->link[row].leave)
			return true;
	return false;
}

void hooks_detach(struct hooks *o)
{
	unsigned int row;
	int i;

	hooks_settle(o);
	detach_together(o);
	for (row = 0; row < LK_ROW_NR; row++)
		if (!order_is_release(row))
			hooks_drop_links(&o->link[row]);
	for (row = 0; row < LK_ROW_NR; row++)
		hooks_drop_links(&o->link[row]);
	for (i = 0; i < HOOKS_TASK_NR; i++) {
		bpf_link__destroy(o->task[i]);
		o->task[i] = NULL;
	}
}
