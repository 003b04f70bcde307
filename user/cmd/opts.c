// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of one command: getopt_long() over the rows of the table
 * that belong to it, then what only several options together can tell. All
 * refusals are one sentence; nothing is printed here.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "../core/suppress.h"
#include "../render/diff.h"
#include "opts.h"
#include "suppressions.h"

#define MAX_OPTS	64
#define LONG_BASE	256	/* getopt_long() returns LONG_BASE + index in the table */

/* The table in the form that getopt_long() wants. */
struct getopt_tables {
	struct option longs[MAX_OPTS + 1];
	char shorts[2 * MAX_OPTS + 3];
};

const struct cmd_info *cmd_find(const char *name)
{
	const struct cmd_info *c;

	for (c = cmd_table; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static bool is_option(const struct opt *opt)
{
	return opt->name != NULL;
}

static bool is_end(const struct opt *opt)
{
	return !opt->name && !opt->help;
}

static const char *cmd_name(enum opts_cmd cmd)
{
	const struct cmd_info *c = cmd_table;

	while (c->name && c->id != cmd)
		c++;
	return c->name;
}

static void make_getopt_tables(enum opts_cmd cmd, struct getopt_tables *t)
{
	const struct opt *opt;
	unsigned int n = 0;
	char *s = t->shorts;

	*s++ = cmd & (CMD_REPORT | CMD_TOP) ? '-' : '+';	/* these: operands anywhere; else none */
	*s++ = ':';
	for (opt = opt_table; !is_end(opt) && n < MAX_OPTS; opt++) {
		if (!is_option(opt) || !(opt->cmds & cmd))
			continue;
		t->longs[n++] = (struct option){
			.name = opt->name,
			.has_arg = opt->arg ? required_argument : no_argument,
			.val = LONG_BASE + (int)(opt - opt_table),
		};
		if (opt->letter) {
			*s++ = opt->letter;
			if (opt->arg)
				*s++ = ':';
		}
	}
	t->longs[n] = (struct option){ .name = NULL };
	*s = '\0';
}

static const struct opt *find_letter(int letter)
{
	const struct opt *opt;

	for (opt = opt_table; !is_end(opt); opt++)
		if (is_option(opt) && opt->letter && opt->letter == letter)
			return opt;
	return NULL;
}

static const struct opt *find_name(const char *name, size_t len)
{
	const struct opt *opt;

	for (opt = opt_table; !is_end(opt); opt++)
		if (is_option(opt) && strlen(opt->name) == len && !strncmp(opt->name, name, len))
			return opt;
	return NULL;
}

/* How many options of @cmd begin with the @len bytes at @name? */
static unsigned int count_prefix(enum opts_cmd cmd, const char *name, size_t len)
{
	const struct opt *opt;
	unsigned int n = 0;

	for (opt = opt_table; !is_end(opt); opt++)
		if (is_option(opt) && (opt->cmds & cmd) && !strncmp(opt->name, name, len))
			n++;
	return n;
}

/* "run, record" */
static void list_cmds(unsigned int cmds, char *buf, size_t size)
{
	const struct cmd_info *c;

	buf[0] = '\0';
	for (c = cmd_table; c->name; c++) {
		if (!(c->id & cmds))
			continue;
		if (buf[0])
			strncat(buf, ", ", size - strlen(buf) - 1);
		strncat(buf, c->name, size - strlen(buf) - 1);
	}
}

/* getopt_long() met what it does not know, or a flag with an argument (optopt >= LONG_BASE). */
static int refuse_unknown(enum opts_cmd cmd, const char *word, struct diag *why)
{
	const char *name = optopt ? "" : word + 2, *cmdname = cmd_name(cmd);
	size_t len = strcspn(name, "=");
	const struct opt *opt;
	char where[64];

	if (optopt >= LONG_BASE)
		return diag_set(why, -EINVAL, "--%s takes no value, but '%s' gives one",
				opt_table[optopt - LONG_BASE].name, word);
	opt = optopt ? find_letter(optopt) : find_name(name, len);
	if (opt) {
		list_cmds(opt->cmds, where, sizeof(where));
		if (optopt)
			return diag_set(why, -EINVAL, "%s has no option '-%c'; it belongs to %s",
					cmdname, optopt, where);
		return diag_set(why, -EINVAL, "%s has no option '--%.*s'; it belongs to %s",
				cmdname, (int)len, name, where);
	}
	if (optopt)
		return diag_set(why, -EINVAL, "%s has no option '-%c'; 'lockscope %s --help' lists them",
				cmdname, optopt, cmdname);
	if (count_prefix(cmd, name, len) > 1)
		return diag_set(why, -EINVAL, "'--%.*s' could be several options of %s; "
				"'lockscope %s --help' lists them", (int)len, name, cmdname, cmdname);
	return diag_set(why, -EINVAL, "%s has no option '--%.*s'; 'lockscope %s --help' lists them",
			cmdname, (int)len, name, cmdname);
}

static int refuse_missing(struct diag *why)
{
	const struct opt *opt = optopt >= LONG_BASE ? &opt_table[optopt - LONG_BASE] :
						      find_letter(optopt);

	if (!opt)
		return diag_set(why, -EINVAL, "an option lacks its value");
	return diag_set(why, -EINVAL, "--%s needs a value: --%s %s", opt->name, opt->name, opt->arg);
}

static int add_input(struct opts *o, char *word)
{
	char **grown = realloc(o->input, (o->nr_input + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	o->input = grown;
	grown[o->nr_input++] = word;
	return 0;
}

static int take_option(struct opts *o, int c, char **argv, struct diag *why)
{
	const struct opt *opt;

	if (c == 1)
		return add_input(o, optarg);
	if (c == ':')
		return refuse_missing(why);
	if (c == '?')
		return refuse_unknown(o->cmd, argv[optind - 1], why);
	opt = c >= LONG_BASE ? &opt_table[c - LONG_BASE] : find_letter(c);
	return optval_set(o, opt, optarg, why);
}

/* What is left behind the options: inputs of report and top, the command of run and record. */
static int take_operands(struct opts *o, int argc, char **argv, bool dashes, struct diag *why)
{
	int err = 0;

	if (o->cmd & (CMD_REPORT | CMD_TOP)) {
		for (; optind < argc && !err; optind++)
			err = add_input(o, argv[optind]);
		return err;
	}
	if (o->cmd == CMD_DOCTOR && optind < argc)
		return diag_set(why, -EINVAL, "doctor takes no operands, but there is '%s'", argv[optind]);
	if (!dashes && optind < argc)
		return diag_set(why, -EINVAL, "%s does not know what to do with '%s'; a command to run "
				"goes after '--'", cmd_name(o->cmd), argv[optind]);
	if (dashes && optind == argc)
		return diag_set(why, -EINVAL, "there is no command after '--'");
	if (dashes)
		o->child_argv = argv + optind;
	return 0;
}

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
	const unsigned int no = RENDER_WATCH | RENDER_COVERAGE | RENDER_LOSS;

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
	if (o->watch.nr)
		return "watch";
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
		if (!strcmp(o->expect.v[i], "-"))
			return diag_set(why, -EINVAL, "--expect '-': standard input is for what is looked at; "
					"give a file");
	return 0;
}

/* Of a format that has some sections only. */
static int check_views(const struct opts *o, struct diag *why)
{
	static const struct { unsigned int bit; const char *name; } names[] = {
		{ RENDER_FINDINGS, "findings" }, { RENDER_CONTENTION, "contention" },
		{ RENDER_ORDER, "order" },
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

static int check_together(struct opts *o, struct diag *why)
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

int opts_parse(enum opts_cmd cmd, int argc, char **argv, struct opts *o, struct diag *why)
{
	struct getopt_tables t;
	bool dashes = false;
	int c, before, err;

	*o = (struct opts){
		.cmd = cmd,
		.argv = argv,
		.entries = OPTS_ENTRIES_UNSET,
		.format = renderer_find("text"),
	};
	make_getopt_tables(cmd, &t);
	optind = 0;
	opterr = 0;
	for (;;) {
		before = optind ? optind : 1;
		c = getopt_long(argc, argv, t.shorts, t.longs, NULL);
		if (c < 0)
			break;
		err = take_option(o, c, argv, why);
		if (err || o->help)
			return err;
	}
	/* "--" ended the options if getopt just stepped over it. */
	dashes = optind == before + 1 && !strcmp(argv[before], "--");
	err = take_operands(o, argc, argv, dashes, why);
	return err ? err : check_together(o, why);
}

void opts_done(struct opts *o)
{
	free(o->pid.v);
	free(o->tid.v);
	free(o->cgroup.v);
	free(o->types.v);
	free(o->lock.v);
	free(o->caller.v);
	free(o->watch.v);
	free(o->expect.v);
	free(o->diff.v);
	free(o->suppress.v);
	suppress_free(o->suppressed);
	free(o->input);
}

void opts_render(const struct opts *o, unsigned int width, struct render_opts *out)
{
	bool text = !strcmp(o->format->name, "text");
	uint32_t entries = o->entries;

	if (entries == OPTS_ENTRIES_UNSET)
		entries = text ? OPTS_TEXT_ENTRIES :
			  !strcmp(o->format->name, "dot") && !o->sections ? OPTS_DOT_ENTRIES : 0;
	*out = (struct render_opts){
		.sections = o->sections,
		.width = width,
		.verbose = o->verbose > 0,
		.view = {
			.dims = o->dims,
			.key = o->key,
			.entries = entries,
			.filter = {
				.lock = o->lock.v, .nr_lock = o->lock.nr,
				.caller = o->caller.v, .nr_caller = o->caller.nr,
				.suppress = o->suppressed,
			},
		},
	};
	if (o->cmd != CMD_REPORT && !(o->cmd == CMD_TOP && o->nr_input))
		return;
	out->view.filter.pid = o->pid.v;
	out->view.filter.nr_pid = o->pid.nr;
	out->view.filter.tid = o->tid.v;
	out->view.filter.nr_tid = o->tid.nr;
	out->view.filter.cgroup = o->cgroup.v;
	out->view.filter.nr_cgroup = o->cgroup.nr;
	out->view.filter.type_mask = o->type_mask;
}
