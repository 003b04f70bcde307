/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading the tracing programs for a session. Nothing is attached here.
 */
#ifndef LK_LOAD_H
#define LK_LOAD_H

#include "session.h"

struct btf;
struct features;
struct resolver;
struct trace_bpf;

/*
 * Load the programs (of contention only if @contention) and set their filters as @o says. *ret is the caller's, to be
 * freed by trace_bpf__destroy(). 0, or a negative errno with a sentence in @why.
 */
int load_programs(const struct session_opts *o, const struct btf *btf,
		  const struct features *features, const struct resolver *resolver,
		  bool contention, struct trace_bpf **ret, struct diag *why);

#endif /* LK_LOAD_H */
