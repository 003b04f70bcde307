/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of the format json that have files of their own. All return 0 or
 * -ENOMEM; write errors stay in the writer.
 */
#ifndef LK_JSON_PARTS_H
#define LK_JSON_PARTS_H

#include "../core/expect.h"
#include "jsonw.h"
#include "render.h"

/* "stack": [frames, innermost first], or with the writer's json_stacks its number. */
int json_stack(struct jsonw *w, const struct model *m, unsigned int source, uint32_t id);

/*
 * The keys of a report, but for "schema", of the object that is open. Also -EINVAL:
 * dimensions of the view that do not go together.
 */
int json_body(struct jsonw *w, const struct model *m, const struct render_opts *opts);

/* "sources": [...] */
void json_sources(struct jsonw *w, const struct model *m);

/* The strengths of an order (enum graph_dep; not known if @listed) under @key. */
void json_kinds(struct jsonw *w, const char *key, uint8_t dep, bool completion, bool listed);

/*
 * "suppressed" and "suppressions_expired"; nothing at all without suppressions (NULL), so
 * that their keys are there only for who asked.
 */
void json_suppressed(struct jsonw *w, const struct model *m, const struct suppress *s);

/* An array of strings under @key. */
void json_strings(struct jsonw *w, const char *key, const char *const *s, unsigned int nr);

/* "report": what the kernel reported; null for NULL. */
void json_imported(struct jsonw *w, const struct finding_report *r);

/* The keys of one lock; @at as parts_site() (borrowed). Of the object that is open. */
void json_lock(struct jsonw *w, const struct finding_lock *l, const char *at);

/* An array of such objects under @key. */
int json_locks(struct jsonw *w, const struct model *m, unsigned int source, const char *key,
	       const struct finding_lock *l, unsigned int nr);

/* "findings" with those that pass the filter, and "withheld"; empty unless @wanted. */
int json_findings(struct jsonw *w, const struct model *m, const struct view_filter *filter,
		  bool wanted);

/* "classes", "edges" and "nestings"; empty unless @wanted. */
int json_order(struct jsonw *w, const struct model *m, bool wanted);

/* "expected"; nothing where @e is NULL. */
void json_expect(struct jsonw *w, const struct model *m, const struct expect *e);

/* "watch"; empty unless @wanted. */
int json_watch(struct jsonw *w, const struct model *m, bool wanted);

#endif /* LK_JSON_PARTS_H */
