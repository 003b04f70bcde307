// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope: find the command, parse its options, run it. Nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/diag.h"
#include "cmd.h"
#include "opts.h"
#include "talk.h"
#include "version.h"

static int dispatch(const struct opts *o, struct talk *talk)
{
	switch (o->cmd) {
	case CMD_RUN:
		return cmd_run(o, talk);
	case CMD_RECORD:
		return cmd_record(o, talk);
	case CMD_REPORT:
		return cmd_report(o, talk);
	case CMD_TOP:
		return cmd_top(o, talk);
	case CMD_DOCTOR:
		return cmd_doctor(o, talk);
	default:
		return EXIT_USAGE;
	}
}

static int printed(void)
{
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}

static int run_command(const struct cmd_info *cmd, int argc, char **argv)
{
	struct diag why = { "" };
	struct talk talk;
	struct opts o;
	int err, status;

	err = opts_parse(cmd->id, argc, argv, &o, &why);
	talk_init(&talk, o.quiet);
	if (!err && o.help) {
		help_command(cmd, stdout);
		status = printed();
	} else if (!err) {
		status = dispatch(&o, &talk);
	} else {
		talk_error(&talk, "%s", err == -ENOMEM ? "out of memory" : why.text);
		status = err == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
	}
	opts_done(&o);
	return status;
}

static int unknown(const char *what)
{
	struct talk talk;

	talk_init(&talk, false);
	talk_error(&talk, "there is no command '%s'; the commands are run, record, report, top, "
		   "doctor, help and version", what);
	return EXIT_USAGE;
}

/* lockscope help [COMMAND] */
static int help(const char *name)
{
	const struct cmd_info *cmd = name ? cmd_find(name) : NULL;

	if (name && !cmd)
		return unknown(name);
	if (cmd)
		help_command(cmd, stdout);
	else
		help_main(stdout);
	return printed();
}

/* A standard stream that is closed would become the number of some other descriptor. */
static int occupy_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct cmd_info *cmd = word ? cmd_find(word) : NULL;

	if (occupy_standard_fds())
		return EXIT_FAILED;
	if (cmd)
		return run_command(cmd, argc - 1, argv + 1);
	if (!word) {
		help_main(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h"))
		return help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(word, "version") || !strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts(LK_TOOL);
		return printed();
	}
	return unknown(word);
}
