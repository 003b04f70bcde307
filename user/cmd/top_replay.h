/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lockscope top INPUT: a recording on the screen, or printed tick by tick.
 */
#ifndef LK_TOP_REPLAY_H
#define LK_TOP_REPLAY_H

struct opts;
struct talk;

/* The exit status. */
int top_replay(const struct opts *o, struct talk *talk);

#endif /* LK_TOP_REPLAY_H */
