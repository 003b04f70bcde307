// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only several options together can tell, and what one means for its command.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "../core/suppress.h"
#include "../render/diff.h"
#include "opts.h"
#include "suppressions.h"

static bool is_dash(const char *s)
{
	return s && !strcmp(s, "-");
}

static int check_record(const struct opts *o, struct diag *why)
{
	if (!o->output)
		return diag_set(why, -EINVAL, "record needs -o FILE, the recording to write");
	if (is_dash(o->output) && o->child_argv)
		return diag_set(why, -EINVAL, "record -o - together with a command would mix the "
				"recording with the command's output; use -o FILE");
	if (is_dash(o->output) && isatty(STDOUT_FILENO))
		return diag_set(why, -EINVAL, "record -o - writes binary data and standard output is a "
				"terminal; use -o FILE or a pipe");
	return 0;
}

static bool wants(const struct opts *o, unsigned int tier)
{
	return !o->tiers || o->tiers >> tier & 1;
}

/* Of whatever traces. */
static int check_tiers(const struct opts *o, struct diag *why)
{
	if (o->spin && o->no_spin)
		return diag_set(why, -EINVAL, "--spin and --no-spin: give one of them");
	if (!wants(o, LK_TIER_ORDER) && (o->spin || o->no_spin || o->attach))
		return diag_set(why, -EINVAL, "--%s is about the tier order, which --tier leaves out",
				o->attach ? "attach" : o->spin ? "spin" : "no-spin");
	if (!wants(o, LK_TIER_ORDER) && o->hold_times)
		return diag_set(why, -EINVAL, "--hold-times needs the tier order, which --tier leaves out");
	if (!wants(o, LK_TIER_WATCH) && o->watch.nr)
		return diag_set(why, -EINVAL, "--watch '%s': --tier leaves out the tier watch",
				o->watch.v[0]);
	return 0;
}

static int check_run(struct opts *o, struct diag *why)
{
	if (is_dash(o->save))
		return diag_set(why, -EINVAL, "--save '-': give the name of a file; 'record -o -' writes "
				"to standard output");
	if (o->save && o->output && !strcmp(o->save, o->output))
		return diag_set(why, -EINVAL, "--save and --output both name '%s'; give two files",
				o->save);
	if (o->waits && !o->save && !o->format->waits)
		return diag_set(why, -EINVAL, "--waits needs --save FILE: single waits go into the "
				"recording");
	o->waits |= o->format->waits > 0;	/* it shows nothing else */
	if (o->interval_ns && !o->format->interval)
		return diag_set(why, -EINVAL, "--interval: format %s has no lines per interval; use "
				"text or json", o->format->name);
	return 0;
}

/* Recordings know cgroups by their path below the mount, which may be elsewhere now. */
static const char *below_mount(const char *path)
{
	static const char mount[] = "/sys/fs/cgroup";
	const size_t len = sizeof(mount) - 1;

	return !strncmp(path, mount, len) && (!path[len] || path[len] == '/') ? path + len : path;
}

static int check_diff(const struct opts *o, struct diag *why)
{
	const unsigned int no = RENDER_WATCH | RENDER_COVERAGE | RENDER_LOSS | RENDER_HOLDS;

	if (!render_diff_find(o->format->name))
		return diag_set(why, -EINVAL, "--diff: format %s has no comparisons; use text or json",
				o->format->name);
	if (o->expect.nr)
		return diag_set(why, -EINVAL, "--diff compares two traces, --expect looks into one; give one of "
				"them at a time");
	if (!diff_dims_ok(o->dims))
		return diag_set(why, -EINVAL, "--diff: addresses, tasks, processes and owners have other "
				"numbers in every trace; give --by some of lock, type, caller, cgroup, "
				"context");
	if (o->sections & no && o->sections != RENDER_ALL)
		return diag_set(why, -EINVAL, "--diff: there are comparisons of findings, contention and "
				"order; give --view some of these");
	return 0;
}

static int check_report(const struct opts *o, struct diag *why)
{
	unsigned int i;

	for (i = 0; i < o->cgroup.nr; i++)
		o->cgroup.v[i] = below_mount(o->cgroup.v[i]);
	if (!o->nr_input && !o->schema)
		return diag_set(why, -EINVAL, "report needs an INPUT: recordings, or - for standard input");
	return o->diff.nr ? check_diff(o, why) : 0;
}

/* Options of top that make no sense for a recording. */
static const char *only_live(const struct opts *o)
{
	if (o->duration_ns)
		return "duration";
	if (o->tiers || o->attach || o->spin || o->no_spin)
		return o->tiers ? "tier" : o->attach ? "attach" : o->spin ? "spin" : "no-spin";
	if (o->watch.nr || o->hold_times)
		return o->watch.nr ? "watch" : "hold-times";
	if (o->budget_ppm != OPTS_BUDGET_PPM)
		return "budget";
	if (o->save)
		return "save";
	if (o->rows || o->stacks || o->stack_depth || o->no_stacks)
		return o->rows ? "rows" : o->stacks ? "stacks" : o->no_stacks ? "no-stacks" :
		       "stack-depth";
	if (o->waiters || o->holders || o->orders || o->ring_bytes || o->sample)
		return o->waiters ? "waiters" : o->holders ? "holders" : o->orders ? "orders" :
		       o->sample ? "sample" : "ring";
	return NULL;
}

static int check_top(const struct opts *o, struct diag *why)
{
	const char *live = o->nr_input ? only_live(o) : NULL;
	unsigned int i;

	if (o->nr_input > 1)
		return diag_set(why, -EINVAL, "top shows one recording, but there are '%s' and '%s'; "
				"report merges several", o->input[0], o->input[1]);
	if (live)
		return diag_set(why, -EINVAL, "--%s is about tracing, but '%s' is a recording", live,
				o->input[0]);
	if (o->output && !o->batch)
		return diag_set(why, -EINVAL, "-o '%s' needs --batch: the screen is a terminal's",
				o->output);
	if (is_dash(o->save) || (o->save && o->output && !strcmp(o->save, o->output)))
		return diag_set(why, -EINVAL, "--save '%s': give the name of another file", o->save);
	if (o->key == VIEW_BY_MIN || o->key == VIEW_BY_P50 || o->key == VIEW_BY_P95)
		return diag_set(why, -EINVAL, "--key: top has no such column; give contended, "
				"wait_total, wait_max, avg_wait or p99");
	for (i = 0; i < o->cgroup.nr && o->nr_input; i++)
		o->cgroup.v[i] = below_mount(o->cgroup.v[i]);
	return 0;
}

static int check_doctor(struct opts *o, struct diag *why)
{
	if (o->json)
		o->format = renderer_find("json");
	if (strcmp(o->format->name, "text") && strcmp(o->format->name, "json"))
		return diag_set(why, -EINVAL, "--format '%s': doctor writes text or json", o->format->name);
	return 0;
}

static int check_expect(const struct opts *o, struct diag *why)
{
	unsigned int i;

	if (o->expect.nr && !o->format->expected)
		return diag_set(why, -EINVAL, "--expect: the format %s has no place for it; give --format text "
				"or json", o->format->name);
	for (i = 0; i < o->expect.nr; i++)
		if (is_dash(o->expect.v[i]))
			return diag_set(why, -EINVAL, "--expect '-': standard input is for what is looked at; "
					"give a file");
	return 0;
}

/* Of a format that has some sections only. */
static int check_views(const struct opts *o, struct diag *why)
{
	static const struct { unsigned int bit; const char *name; } names[] = {
		{ RENDER_FINDINGS, "findings" }, { RENDER_CONTENTION, "contention" },
		{ RENDER_HOLDS, "holds" }, { RENDER_ORDER, "order" },
	};
	char all[64] = "";
	unsigned int i;

	if (!o->sections || o->sections & o->format->sections)
		return 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(o->format->sections & names[i].bit))
			continue;
		strncat(all, all[0] ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, names[i].name, sizeof(all) - strlen(all) - 1);
	}
	return diag_set(why, -EINVAL, "--view: format %s shows nothing of that; give %s%s",
			o->format->name, strchr(all, ',') ? "some of " : "", all);
}

/* Suppressions are a file that stays: they have to be the same the next time. */
static int check_suppress(struct opts *o, struct diag *why)
{
	unsigned int i;

	for (i = 0; i < o->suppress.nr; i++)
		if (is_dash(o->suppress.v[i]))
			return diag_set(why, -EINVAL, "--suppress '-': give the name of a file; standard input "
					"is not read for this");
	if (!o->suppress.nr)
		return 0;
	o->suppressed = suppressions_new();
	return o->suppressed ? 0 : -ENOMEM;
}

int opts_check(struct opts *o, struct diag *why)
{
	int err = check_expect(o, why);

	if (!err)
		err = check_suppress(o, why);
	if (err)
		return err;
	if (o->cmd & (CMD_RUN | CMD_RECORD | CMD_TOP))
		err = check_tiers(o, why);
	if (!err)
		err = check_views(o, why);
	if (err)
		return err;
	switch (o->cmd) {
	case CMD_RUN:
		return check_run(o, why);
	case CMD_RECORD:
		return check_record(o, why);
	case CMD_REPORT:
		return check_report(o, why);
	case CMD_TOP:
		return check_top(o, why);
	case CMD_DOCTOR:
		return check_doctor(o, why);
	case CMD_ALL:
		break;
	}
	return -EINVAL;
}
