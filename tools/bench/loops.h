/* SPDX-License-Identifier: GPL-2.0-only */
/* What loops (loops.c) measures: each loop says how it is made ready, repeated and undone. */
#ifndef LOOPS_H
#define LOOPS_H

#include <err.h>
#include <stdbool.h>

struct loop {
	const char *name;
	unsigned int iterations;	/* some three million instructions without a tracer */
	void (*setup)(void), (*op)(void), (*teardown)(void);	/* setup and teardown may be NULL */
	const char *command;		/* for run_command(), instead of op; else NULL */
	bool (*works)(void);		/* may be NULL; a loop that does not, is left out */
};

/* End the program unless @ok: @what failed, for the reason in errno. */
static inline void check(bool ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

/* loops_wait.c */
void wait_setup(void);
void wait_op(void);
void wait_teardown(void);
bool wait_works(void);

/* loops_jobs.c */
void messages_op(void);
void hackbench_op(void);
void walk_setup(void);
void walk_op(void);
void walk_teardown(void);

/* Run a command of the shell, in silence, which must succeed. */
void run_command(const char *command);

#endif /* LOOPS_H */
