// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of curses.c where ncurses was not there to build with: the screen cannot
 * be had, everything else can.
 */
#include <errno.h>

#include "../base/diag.h"
#include "terminal.h"

int terminal_check(struct diag *why)
{
	return diag_set(why, -ENOTSUP, "this lockscope was built without ncurses and has no live "
			"screen; 'lockscope top --batch' works, or build it with libncurses-dev");
}

int terminal_open(struct terminal **ret, void (*on_crash)(void), struct diag *why)
{
	(void)ret;		/* stays as it is: there is none */
	(void)on_crash;
	return terminal_check(why);
}

void terminal_close(struct terminal *t)
{
	(void)t;		/* the rest is never called: no terminal was opened */
}

bool terminal_ascii(const struct terminal *t)
{
	return !t;
}

void terminal_size(const struct terminal *t, unsigned int *rows, unsigned int *cols)
{
	(void)t;
	*rows = 24;
	*cols = 80;
}

int terminal_in(const struct terminal *t)
{
	return t ? 0 : -1;
}

int terminal_out(const struct terminal *t)
{
	return t ? 1 : -1;
}

int terminal_draw(struct terminal *t, const struct canvas *c)
{
	return t && c ? 0 : -ENOTSUP;
}

int terminal_flush(struct terminal *t)
{
	return t ? 0 : -ENOTSUP;
}

void terminal_redraw(struct terminal *t)
{
	(void)t;
}

uint32_t terminal_key(struct terminal *t)
{
	(void)t;
	return 0;
}

void terminal_suspend(struct terminal *t)
{
	(void)t;
}

void terminal_resume(struct terminal *t)
{
	(void)t;
}
