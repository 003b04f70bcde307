/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The formats, for the table in render.c. One file each; contracts as in
 * struct renderer.
 */
#ifndef LK_FORMATS_H
#define LK_FORMATS_H

#include "render.h"

int text_report(const struct model *m, const struct render_opts *opts, FILE *out);
int text_interval(const struct model *m, const struct render_opts *opts, FILE *out);
int text_finding_event(const struct model *m, unsigned int i, bool again,
		       const struct render_opts *opts, FILE *out);

int text_expect_event(const struct model *m, unsigned int i, const struct render_opts *opts, FILE *out);

int json_report(const struct model *m, const struct render_opts *opts, FILE *out);
int json_interval(const struct model *m, const struct render_opts *opts, FILE *out);
int json_finding_event(const struct model *m, unsigned int i, bool again,
		       const struct render_opts *opts, FILE *out);

int json_expect_event(const struct model *m, unsigned int i, const struct render_opts *opts, FILE *out);

int csv_report(const struct model *m, const struct render_opts *opts, FILE *out);

int dot_report(const struct model *m, const struct render_opts *opts, FILE *out);

int folded_report(const struct model *m, const struct render_opts *opts, FILE *out);

int html_report(const struct model *m, const struct render_opts *opts, FILE *out);

#define PERFETTO_WAITS_MAX	1000000u	/* more than viewers take; 100 MB while it is made */
int perfetto_report(const struct model *m, const struct render_opts *opts, FILE *out);

#endif /* LK_FORMATS_H */
