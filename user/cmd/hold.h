/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Standard error held back while a screen is up: what anybody writes there goes
 * into a file in memory and is shown when the screen has gone. Where standard
 * error is no terminal, nothing is held.
 */
#ifndef LK_HOLD_H
#define LK_HOLD_H

/* Begin; if it cannot be done, messages go where they always go. */
void hold_begin(void);
/* Show what was held, from now on write through. May be called without hold_begin(). */
void hold_end(void);
/* The same in a signal handler after a crash. */
void hold_crash(void);

#endif /* LK_HOLD_H */
