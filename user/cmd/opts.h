/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options of all commands, in one table (opttab.c). Parsing, --help and
 * the tests of the man pages and of the completion all follow from it, so an
 * option has one name and one meaning everywhere.
 */
#ifndef LK_OPTS_H
#define LK_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../core/view.h"

struct diag;
struct renderer;
struct render_opts;
struct suppress;

enum opts_cmd {			/* a set of bits in the table */
	CMD_RUN		= 1 << 0,
	CMD_RECORD	= 1 << 1,
	CMD_REPORT	= 1 << 2,
	CMD_DOCTOR	= 1 << 3,
	CMD_TOP		= 1 << 4,
	CMD_ALL		= (1 << 5) - 1,
};

struct u32_list {
	uint32_t *v;
	unsigned int nr;
};

struct str_list {
	const char **v;		/* borrowed from argv */
	unsigned int nr;
};

#define OPTS_ENTRIES_UNSET	UINT32_MAX
#define OPTS_BUDGET_PPM	30000		/* default of --budget */
#define OPTS_TEXT_ENTRIES	20	/* default of -E in text */
#define OPTS_DOT_ENTRIES	25	/* in dot, without --view: locks that a person can look at */

struct opts {
	enum opts_cmd cmd;
	char **argv;				/* all of it, NULL-terminated */
	bool help, schema, json;
	/* what to trace */
	uint64_t duration_ns, interval_ns;	/* 0 = not given */
	struct u32_list pid, tid;
	struct str_list cgroup;
	uint64_t type_mask;			/* 0 = all */
	struct str_list types;			/* as they were given, for people */
	bool all_tasks, waits, hold_times;
	unsigned int tiers;			/* bit n: enum lk_tier n; 0 = what the kernel gives */
	uint32_t attach;			/* enum order_mode of live/order_plan.h */
	bool spin, no_spin;
	uint32_t budget_ppm;			/* millionths of all CPUs together; 0 = no limit */
	struct str_list watch, expect;
	char **child_argv;			/* after "--", NULL-terminated; NULL = no command */
	/* what to show */
	struct str_list lock, caller;
	unsigned int sections, dims;		/* 0 = default */
	enum view_key key;			/* 0 = default */
	uint32_t entries;			/* OPTS_ENTRIES_UNSET = default of the format */
	const struct renderer *format;		/* never NULL after parsing */
	const char *output, *save;		/* NULL = not given */
	struct str_list diff;			/* what to compare the inputs with */
	struct str_list suppress;		/* files of suppressions */
	struct suppress *suppressed;		/* their entries, after suppressions_load(); NULL = none asked for */
	bool check;				/* exit status 3 if there are findings */
	bool strict, quiet;
	unsigned int verbose;			/* how many -v */
	/* sizes, 0 = default */
	uint32_t rows, stacks, stack_depth, waiters, holders, orders, sample, ring_bytes;
	bool no_stacks;
	/* top */
	bool batch;
	uint32_t frames;			/* 0 = no end */
	uint32_t panel;				/* enum top_panel of tui/data.h */
	/* operands of report and top */
	char **input;
	unsigned int nr_input;
};

/* --- the table ------------------------------------------------------------------------- */

enum opt_kind {
	OPT_FLAG = 1,		/* bool */
	OPT_LEVEL,		/* unsigned int, counted up */
	OPT_SECONDS,		/* uint64_t, in ns; min and max in ns */
	OPT_NUMBER,		/* uint32_t */
	OPT_PERCENT,		/* uint32_t, in millionths; "none" = 0 */
	OPT_SIZE,		/* uint32_t, in bytes; K, M, G */
	OPT_IDS,		/* struct u32_list, comma-separated */
	OPT_STRING,		/* const char * */
	OPT_STRINGS,		/* struct str_list, one per option */
	OPT_LOCKS,		/* struct str_list of names and 0x addresses */
	OPT_TYPES,		/* opts.type_mask and opts.types */
	OPT_TIERS,		/* opts.tiers */
	OPT_ATTACH,		/* opts.attach */
	OPT_FORMAT,		/* opts.format */
	OPT_VIEWS,		/* opts.sections */
	OPT_KEY,		/* opts.key */
	OPT_DIMS,		/* opts.dims */
	OPT_PANEL,		/* opts.panel */
};

struct opt {
	const char *name;	/* long name; NULL ends the table; NULL with a help text: a heading */
	char letter;		/* 0 = none */
	enum opt_kind kind;
	const char *arg;	/* NULL = takes no argument */
	unsigned int cmds;	/* enum opts_cmd */
	size_t field;		/* offset in struct opts */
	uint64_t min, max;	/* of numbers */
	const char *help;
};

extern const struct opt opt_table[];

struct cmd_info {
	enum opts_cmd id;
	const char *name;
	const char *synopsis;
	const char *summary;	/* one clause */
	const char *text;	/* two or three sentences for --help */
};

extern const struct cmd_info cmd_table[];	/* ends with name == NULL */

/* NULL when there is no command of that name. */
const struct cmd_info *cmd_find(const char *name);

/* --- parsing --------------------------------------------------------------------------- */

/*
 * Parse argv (argv[0] is the command's name). 0, -ENOMEM, or -EINVAL with one
 * sentence in @why. opts_done() is due in every case.
 */
int opts_parse(enum opts_cmd cmd, int argc, char **argv, struct opts *o, struct diag *why);
void opts_done(struct opts *o);

/* Set the field of option @opt from @value (NULL for a flag). As opts_parse(). */
int optval_set(struct opts *o, const struct opt *opt, const char *value, struct diag *why);

/* Do the options go together? The last step of opts_parse(), which see. */
int opts_check(struct opts *o, struct diag *why);

/*
 * How to render: @width is that of the output. A report filters what it read; a
 * run was filtered by the kernel already, except for lock and caller.
 */
void opts_render(const struct opts *o, unsigned int width, struct render_opts *out);

/* --- help ------------------------------------------------------------------------------ */

void help_command(const struct cmd_info *cmd, FILE *out);
void help_main(FILE *out);

#endif /* LK_OPTS_H */
