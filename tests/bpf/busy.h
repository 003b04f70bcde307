/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU kept in user space, for tests that run programs on it as an interrupt would.
 */
#ifndef LK_TEST_BUSY_H
#define LK_TEST_BUSY_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "rig.h"

static atomic_bool spin_stop, spin_running;

static void *spin_in_user_space(void *arg)
{
	(void)arg;
	pin(0);
	atomic_store(&spin_running, true);
	while (!atomic_load_explicit(&spin_stop, memory_order_relaxed))
		;
	return NULL;
}

/* Keep CPU 0 in user space: what is sent to an idle CPU may be run by its idle loop. */
static void keep_busy(bool busy)
{
	static pthread_t thread;

	if (busy) {
		atomic_store(&spin_stop, false);
		atomic_store(&spin_running, false);
		if (pthread_create(&thread, NULL, spin_in_user_space, NULL))
			exit(1);
		while (!atomic_load(&spin_running))
			sched_yield();
	} else {
		atomic_store(&spin_stop, true);
		pthread_join(thread, NULL);
	}
}

#endif /* LK_TEST_BUSY_H */
