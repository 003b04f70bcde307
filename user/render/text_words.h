/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings in plain words, for people who do not read lockdep reports every day.
 * Texts are malloc'ed and as untrusted as the model's; NULL = no memory.
 */
#ifndef LK_TEXT_WORDS_H
#define LK_TEXT_WORDS_H

#include "../core/finding.h"

/* What would hang, and who: two or three sentences. */
char *text_words_summary(const struct model *m, const struct finding *f);

/* Who made link @i, on which CPU and when, and what it held. */
char *text_words_link(const struct model *m, const struct finding *f, unsigned int i);

/* The locks of a finding: "a, b, c". */
char *text_words_locks(const struct finding *f);
/* Its tasks, up to @max by name: "a/1, b/2 and 3 more tasks". */
char *text_words_tasks(const struct finding *f, unsigned int max);

/* Is it waited for and not held: a completion? */
bool text_is_wait(const struct finding_lock *l);
/* Is it taken for reading? */
bool text_is_read(const struct finding_lock *l);

#endif /* LK_TEXT_WORDS_H */
