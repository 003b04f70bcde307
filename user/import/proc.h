/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel with lockdep lists of its locks (kernel/locking/lockdep_proc.c), or
 * copies of that, also several in one text: /proc/lockdep, /proc/lockdep_chains and
 * /proc/lock_stat. Private to user/import/.
 */
#ifndef LK_IMPORT_PROC_H
#define LK_IMPORT_PROC_H

#include "../../bpf/abi.h"
#include "import_priv.h"

/* One line of them, ended by NUL: is it the first one of such a list? */
enum proc_list {
	PROC_NONE,
	PROC_CLASSES,		/* /proc/lockdep: classes and direct orders */
	PROC_CHAINS,		/* /proc/lockdep_chains: what was held together */
	PROC_STAT,		/* /proc/lock_stat: waits by class */
};
enum proc_list proc_heading(const char *line);

#define PROC_DAMAGED	1	/* a line makes no sense where it is */

/* Read them to the end: 0, or what the sink returned, -ENOMEM. */
int import_proc(struct import *im);

/* --- pieces of lines: procline.c ------------------------------------------------------------ */

/* lockdep's "name#version/subclass" taken apart, such that putting it together again gives @text. */
struct proc_name {
	char name[64];		/* longer ones are cut, as in a live trace, or else they would not merge */
	uint32_t version;	/* 0 = none, or 2 .. */
	uint32_t subclass;	/* 0 .. 7 */
};
void proc_name_split(const char *text, struct proc_name *n);

/* A number of decimal digits at *p, behind blanks: *p is moved behind it. False: none, or too big. */
bool proc_number(const char **p, uint64_t *n);

/* A key as %p prints it, at *p, which is moved behind it: 8 to 16 digits, or "(____ptrval____)", which is 0. */
bool proc_key(const char **p, uint64_t *key);

/*
 * "KEY OPS:     123 FD:   12 BD:    3 +.+.: name", of which only key and name must be there: the
 * name, in @line; NULL if it is no such line. *ops: how often it was taken, 0 = not known;
 * *orders: its orders follow.
 */
const char *proc_class(const char *line, uint64_t *key, uint64_t *ops, bool *orders);

/* --- /proc/lock_stat: procstat.c ------------------------------------------------------------ */

struct procstat;

/* NULL when out of memory. */
struct procstat *procstat_new(struct import *im);
void procstat_free(struct procstat *s);
/* A line behind the heading. 0; PROC_DAMAGED; or what the sink returned. */
int procstat_line(struct procstat *s, const char *line);
/* The list ends: tell what is left. 0 or what the sink returned. */
int procstat_end(struct procstat *s);

#endif /* LK_IMPORT_PROC_H */
