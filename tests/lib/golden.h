/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Golden files of unit tests.
 */
#ifndef LK_TEST_GOLDEN_H
#define LK_TEST_GOLDEN_H

/*
 * The text of the golden file @path, to be compared with @got; the caller's to free.
 * NULL if it cannot be read. With UPDATE_GOLDEN in the environment it becomes @got
 * first; bails out if that cannot be written.
 */
char *golden_text(const char *path, const char *got);

#endif /* LK_TEST_GOLDEN_H */
