/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands. Each gets its parsed options and returns the exit status; only
 * main() exits.
 */
#ifndef LK_CMD_H
#define LK_CMD_H

enum exit_status {
	EXIT_DONE	= 0,
	EXIT_FAILED	= 1,
	EXIT_USAGE	= 2,
	EXIT_FINDINGS	= 3,	/* --check */
	EXIT_INCOMPLETE	= 4,	/* --strict */
};

#define LK_TOOL "lockscope " LK_VERSION	/* where version.h is included */

struct opts;
struct talk;

int cmd_run(const struct opts *o, struct talk *talk);
int cmd_record(const struct opts *o, struct talk *talk);
int cmd_report(const struct opts *o, struct talk *talk);
int cmd_top(const struct opts *o, struct talk *talk);
int cmd_doctor(const struct opts *o, struct talk *talk);

#endif /* LK_CMD_H */
