/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of locks in text: ftrace, trace-cmd report, perf script.
 * Private to user/import/ and its tests.
 */
#ifndef LK_IMPORT_TRACE_H
#define LK_IMPORT_TRACE_H

#include "../../bpf/abi.h"
#include "import_priv.h"

enum trace_what {
	TRACE_ACQUIRE = 1,	/* lock:lock_acquire: about to be taken, or (try) taken */
	TRACE_RELEASE,
	TRACE_CONTENDED,	/* lock:lock_contended (CONFIG_LOCK_STAT) */
	TRACE_ACQUIRED,
	TRACE_BEGIN,		/* lock:contention_begin */
	TRACE_END,
};

#define TRACE_COMM	32

/* One line. */
struct trace_line {
	enum trace_what what;
	char comm[TRACE_COMM];
	uint32_t pid, cpu, ctx;	/* enum lk_ctx; LK_CTX_UNKNOWN where the text does not say */
	uint64_t time_ns;
	uint64_t lock;		/* as printed: may be hashed */
	bool try, read;
	uint32_t lcb;		/* enum lk_lcb, of TRACE_BEGIN */
	const char *name;	/* lockdep's, inside of the line; "" */
};

/* Take a line apart; false: it is no event about locks. */
bool trace_line_parse(char *line, struct trace_line *ret);

struct trace;

/* NULL when out of memory. */
struct trace *trace_new(struct import *im);
void trace_free(struct trace *t);
/* 0 or a negative errno. */
int trace_add(struct trace *t, const struct trace_line *l);
/* Tell all that was learnt, as events. 0, or what the sink returned, -ENOMEM. */
int trace_tell(struct trace *t);

#endif /* LK_IMPORT_TRACE_H */
