/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace in words, for the recording: the command line that made it, and what
 * limited it.
 */
#ifndef LK_WORDS_H
#define LK_WORDS_H

struct opts;

/* "lockscope run -- 'my cmd'", quoted for a shell. The caller frees; NULL: out of memory. */
char *words_cmdline(const struct opts *o);

/* "processes 1,2; types mutex; 'make -j8' and its children", or "". As above. */
char *words_filter(const struct opts *o);

#endif /* LK_WORDS_H */
