/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal, by way of ncurses: shows a canvas, gives keys. Nothing here knows
 * what they mean.
 *
 * It never makes its caller wait: a terminal that does not take what is written (a
 * slow line, a stopped reader) gets no further frame until it has.
 *
 * One at a time: ncurses and the handlers of crashes have global state. Signals are
 * the caller's business, but for crashes, which put the terminal right first.
 */
#ifndef LK_TUI_TERMINAL_H
#define LK_TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

struct canvas;
struct diag;
struct terminal;

/* Can there be a screen here? Before anything that takes long. 0, or -errno with a sentence. */
int terminal_check(struct diag *why);

/*
 * Take the terminal on standard input and output over. setlocale(LC_CTYPE) must have
 * been called. @on_crash (may be NULL) is called in a signal handler after a crash,
 * when the terminal has been put right. 0, or -errno with a sentence.
 */
int terminal_open(struct terminal **ret, void (*on_crash)(void), struct diag *why);
/* Give it back as it was; waits a second for it at most. NULL is fine. */
void terminal_close(struct terminal *t);

/* Does it show ASCII only? */
bool terminal_ascii(const struct terminal *t);
/* Its size now. */
void terminal_size(const struct terminal *t, unsigned int *rows, unsigned int *cols);

/* Where keys come from; where output goes to. For poll. */
int terminal_in(const struct terminal *t);
int terminal_out(const struct terminal *t);

/*
 * Show a canvas: 0, 1 = some output is left, or this frame was passed over because
 * some still is (terminal_flush() when it can be written to), or -errno: it has gone.
 */
int terminal_draw(struct terminal *t, const struct canvas *c);
int terminal_flush(struct terminal *t);
/* Draw everything anew the next time. */
void terminal_redraw(struct terminal *t);

/* The next key (enum top_keycode or a character), 0 = none. */
uint32_t terminal_key(struct terminal *t);

/* Around stopping: give it back, take it again. */
void terminal_suspend(struct terminal *t);
void terminal_resume(struct terminal *t);

#endif /* LK_TUI_TERMINAL_H */
