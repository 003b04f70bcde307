/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of the format text that have files of their own.
 */
#ifndef LK_TEXT_H
#define LK_TEXT_H

#include "render.h"

struct table;

#define TEXT_STACK_INDENT	8

/*
 * The summary lines and the contention table with what was cut off. Returns 0,
 * -ENOMEM or -EINVAL (dimensions). Write errors stay in the stream.
 */
int text_contention(const struct model *m, const struct render_opts *opts, FILE *out);

/*
 * "Hold times": a sum, and the table. Where there are none it prints nothing, or @asked
 * that there are none. As text_contention().
 */
int text_holds(const struct model *m, bool asked, const struct render_opts *opts, FILE *out);

/* The table of @v, a view by opts->view that has rows, and what was cut off. As text_contention(). */
int text_view(const struct model *m, const struct render_opts *opts, const struct view *v, FILE *out);

/* "Still waiting when the trace ended"; prints nothing when there are none. As text_contention(). */
int text_waiting(const struct model *m, const struct render_opts *opts, FILE *out);

/* Primitives in their tiers. As text_contention(). */
int text_coverage(const struct model *m, const struct render_opts *opts, FILE *out);
/* One sentence about what waits cannot all be seen; prints nothing when all can. As text_contention(). */
int text_coverage_hint(const struct model *m, const struct render_opts *opts, FILE *out);

/*
 * Loss counters above zero, with meaning and advice. With @all also those that
 * are only worth knowing, and a line when there is no loss. As text_contention().
 */
int text_loss(const struct model *m, bool all, const struct render_opts *opts, FILE *out);

/* Who was traced, a line for each source. */
void text_head(const struct model *m, FILE *out);

/*
 * Findings that are suppressed, suppressions that have expired and, verbose, those that nothing
 * matched; prints nothing without any. 0 or -ENOMEM.
 */
int text_suppressed(const struct model *m, const struct render_opts *opts, FILE *out);

/* The last line: "complete", or "INCOMPLETE: ..." with all that is missing. */
void text_completeness(const struct model *m, FILE *out);
/* The same without its line end, malloc'ed; NULL = no memory. */
char *text_complete(const struct model *m);

/* table_cell() of a malloc'ed text, which is freed. 0, or -ENOMEM if @text is NULL. */
int text_cell(struct table *t, char *text);

/* A stack, a frame per line, from the caller outwards: the lock code tells nobody anything. 0 or -ENOMEM. */
int text_stack(const struct model *m, unsigned int source, uint32_t id, FILE *out);

/* sanitize_text(), malloc'ed; NULL = no memory. */
char *text_safe(const char *s);

/* "comm/id" (without /id unless @has_id), and " (reader)" if @reader; malloc'ed, NULL = no memory. */
char *text_task(const char *comm, bool has_id, uint32_t id, bool reader);

#endif /* LK_TEXT_H */
