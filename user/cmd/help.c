// SPDX-License-Identifier: GPL-2.0-only
/*
 * --help, made from the tables: one paragraph per option, wrapped to 80
 * columns, formats and types of lock listed by those who know them.
 */
#include <string.h>

#include "../core/lockname.h"
#include "../render/render.h"
#include "opts.h"
#include "wrap.h"

#define WIDTH	80
#define COLUMN	28	/* where help texts begin */

static void put_option(const struct opt *opt, const struct cmd_info *cmd, FILE *out)
{
	const struct renderer *r;
	char line[512];
	int n;

	n = fprintf(out, opt->letter ? "  -%c, --%s" : "  %c   --%s",
		    opt->letter ? opt->letter : ' ', opt->name);
	if (opt->arg)
		n += fprintf(out, " %s", opt->arg);
	if (n >= COLUMN) {
		fputc('\n', out);
		n = 0;
	}
	fprintf(out, "%*s", COLUMN - n, "");
	wrap_put(out, opt->help, COLUMN, WIDTH - 1);
	if (opt->kind == OPT_TYPES) {
		fprintf(out, "%*s", COLUMN, "");
		wrap_put(out, lock_type_names(), COLUMN, WIDTH - 1);
	}
	for (unsigned int i = 0; opt->kind == OPT_FORMAT && (r = renderer_nth(i)); i++) {
		if (cmd->id == CMD_DOCTOR && strcmp(r->name, "text") && strcmp(r->name, "json"))
			continue;
		snprintf(line, sizeof(line), "%s: %s", r->name, r->help);
		fprintf(out, "%*s", COLUMN, "");
		wrap_put(out, cmd->id == CMD_DOCTOR ? r->name : line, COLUMN, WIDTH - 1);
	}
}

void help_command(const struct cmd_info *cmd, FILE *out)
{
	const struct opt *opt;

	fprintf(out, "Usage: %s\n\n%s\n", cmd->synopsis, cmd->text);
	for (opt = opt_table; opt->name || opt->help; opt++) {
		if (!(opt->cmds & cmd->id))
			continue;
		if (opt->name)
			put_option(opt, cmd, out);
		else
			fprintf(out, "\n%s:\n", opt->help);
	}
	fprintf(out, "\nExit status: 0 done, 1 failed, 2 usage, 3 findings (--check), "
		"4 incomplete\n(--strict). Manual: lockscope-%s(8).\n", cmd->name);
}

void help_main(FILE *out)
{
	const struct cmd_info *c;

	fputs("Usage: lockscope COMMAND [options]\n\n"
	      "Live tracing of kernel locks: who waits for which lock, how long, where, and who\n"
	      "holds it.\n\nCommands:\n", out);
	for (c = cmd_table; c->name; c++)
		fprintf(out, "  %-8s  %s\n", c->name, c->summary);
	fputs("  help      help on a command: lockscope help run\n"
	      "  version   print the version\n\n"
	      "First steps:  lockscope doctor\n"
	      "              lockscope top\n"
	      "              lockscope run -d 10\n"
	      "              lockscope run -- make -j8\n"
	      "Manual: lockscope(8).\n", out);
}
