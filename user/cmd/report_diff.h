/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The comparison of two models as a report.
 */
#ifndef LK_REPORT_DIFF_H
#define LK_REPORT_DIFF_H

struct diag;
struct model;
struct opts;

/*
 * Compare and write. *nr_new: findings that @before does not have, or that were no deadlock
 * there. 0 or -errno with a sentence.
 */
int report_diff(const struct opts *o, const struct model *now, const struct model *before,
		unsigned int *nr_new, struct diag *why);

#endif /* LK_REPORT_DIFF_H */
