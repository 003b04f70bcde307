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
#define TRACE_CPU_MAX	(UINT16_MAX - 1)	/* a row of waits has its number, from 1, in 16 bits */

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

/* Take a line apart: 1; 0: it is no event about locks, and the line as it was; -1: it is one, but makes no sense. */
int trace_line_parse(char *line, struct trace_line *ret);

/*
 * How many events are missing where this line is, at least; 0: it does not speak of that.
 * Formats: print_trace_line() (kernel/trace/trace.c), trace-cmd report, perf script --show-lost-events.
 */
uint64_t trace_line_lost(const char *line);

struct trace;

/* NULL when out of memory. */
struct trace *trace_new(struct import *im);
void trace_free(struct trace *t);
/* 0 or a negative errno. */
int trace_add(struct trace *t, const struct trace_line *l);
/* Tell all that was learnt, as events. 0, or what the sink returned, -ENOMEM. */
int trace_tell(struct trace *t);

#endif /* LK_IMPORT_TRACE_H */
