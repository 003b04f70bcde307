// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of one command: getopt_long() over the rows of the table
 * that belong to it, then what only several options together can tell (optcheck.c).
 * All refusals are one sentence; nothing is printed here.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../base/diag.h"
#include "../core/suppress.h"
#include "../render/render.h"
#include "opts.h"

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

int opts_parse(enum opts_cmd cmd, int argc, char **argv, struct opts *o, struct diag *why)
{
	struct getopt_tables t;
	bool dashes = false;
	int c, before, err;

	*o = (struct opts){
		.cmd = cmd,
		.argv = argv,
		.entries = OPTS_ENTRIES_UNSET,
		.budget_ppm = OPTS_BUDGET_PPM,
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
	return err ? err : opts_check(o, why);
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
