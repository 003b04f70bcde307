/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Format text: the pieces that findings, their scenario, the lock order and the
 * watched functions share.
 */
#ifndef LK_TEXT_FINDING_H
#define LK_TEXT_FINDING_H

#include "../core/finding.h"
#include "render.h"

#define TEXT_FRAME_INDENT	7	/* as lockdep has it */
#define TEXT_FRAMES_MAX		32	/* of a stack in a finding */

/* "(name) type mode", sanitized; malloc'ed, NULL = no memory. */
char *text_lock(const struct finding_lock *l);

/* "comm/tid", sanitized; malloc'ed, NULL = no memory. */
char *text_finding_task(const struct finding_task *t);

/*
 * A line "<prefix><address> (name) type mode, at: <at>", where @at (may be NULL:
 * not known) goes to a line of its own if it does not fit into @width columns.
 * 0 or -ENOMEM.
 */
int text_lock_line(const char *prefix, const struct finding_lock *l, const char *at,
		   unsigned int width, FILE *out);

/*
 * Take a malloc'ed, untrusted text (NULL: no memory), print it wrapped behind
 * @mark, which indents further lines, with a line end. 0 or -ENOMEM.
 */
int text_paragraph(const char *mark, char *text, unsigned int width, FILE *out);

/* A line of @mark, 72 columns wide or @width if that is less (0: any). */
void text_rule(unsigned int width, char mark, FILE *out);

/* "[ 1003.210000]": a time of the kernel's clock as in its log. */
void text_kernel_time(uint64_t ns, FILE *out);

/* "Why likely:" and the reasons. 0 or -ENOMEM. */
int text_why(const struct finding *f, unsigned int width, FILE *out);

/* A finding in full. 0 or -ENOMEM. Write errors stay in the stream. */
int text_finding(const struct model *m, const struct finding *f, unsigned int width, FILE *out);

/* What a finding that the kernel reported means, in a sentence or two; malloc'ed, NULL = no memory. */
char *text_imported_summary(const struct finding *f);

/* A finding that the kernel reported, in full: its own text, and what it means. As text_finding(). */
int text_imported(const struct finding *f, unsigned int width, FILE *out);

/* The table of what the CPUs do until all of them wait. As text_finding(). */
int text_scenario(const struct finding *f, unsigned int width, FILE *out);

/* The same in one line: id, severity (@again: which has risen), kind, tasks. As text_finding(). */
int text_finding_line(const struct finding *f, bool again, FILE *out);

/*
 * The section on findings: each in full or, if they were told before, in a line
 * each; without any, one sentence on what was looked at. @asked: the user wants to
 * read it also where the order of locks was not traced. As text_finding().
 */
int text_findings(const struct model *m, const struct render_opts *opts, bool asked, FILE *out);

/* Orders, nestings and classes. As text_finding(). */
int text_order(const struct model *m, const struct render_opts *opts, FILE *out);

/* Watched functions. As text_finding(). */
int text_watch(const struct model *m, const struct render_opts *opts, FILE *out);

#endif /* LK_TEXT_FINDING_H */
