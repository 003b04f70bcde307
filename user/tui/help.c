// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text behind ? and F1. Lines with marks, as top.h says.
 */
#include "top.h"

const char top_help_text[] =
	"\001What the columns mean\n"
	"  NOW       tasks that wait for it at this moment\n"
	"  LOST/S    time spent waiting, per second; 2 s = two tasks all the time\n"
	"  HOLDER    who held it when the last waiter came; (mostly so far)\n"
	"  P99, MAX  always since the start; t switches the other figures\n"
	"  Lost      in the head: as many CPUs' worth of time goes into waiting\n"
	"  Cost      what lockscope takes of one CPU: BPF programs + user space\n"
	"\n"
	"\001Moving\n"
	"  Up Down PgUp PgDn Home End      the cursor; j and k, too\n"
	"  Tab, Shift-Tab, 1 to 6          panels\n"
	"  Enter                           all about the row: stacks, histogram, report\n"
	"  Esc, q, Backspace               back\n"
	"\n"
	"\001What is shown\n"
	"  t             values since the start / of the last interval\n"
	"  F6, < and >   column to sort by; r or I reverses\n"
	"  /, n, N       search, next, previous\n"
	"  f or \\        only rows that have this text; empty: all\n"
	"  p or Space    pause; the trace goes on and nothing is lost\n"
	"  i             seconds between updates\n"
	"  F5, Ctrl-L    draw everything again\n"
	"\n"
	"\001A recording\n"
	"  Space         play, stop\n"
	"  Left, Right   one interval back or on\n"
	"  + and -       twice, half as fast\n"
	"\n"
	"\001Other\n"
	"  s             save what is there: a recording for lockscope report, and its report\n"
	"  ?, h, F1      this help\n"
	"  q, Ctrl-C     quit (q in a detail: back to the list)\n";
