/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What libbpf says while something is loaded or attached. Each thread has one listener
 * at a time; without one its talk is dropped.
 */
#ifndef LK_BPFLOG_H
#define LK_BPFLOG_H

struct bpflog {
	void (*line)(const char *line);	/* gets every line, or NULL */
	char last[256];			/* last line that says why something failed; "" = none */
	char prog[64];			/* program that did not load; "" = none */
};

/* Listen with @l, from a clean slate but for l->line, until bpflog_end(). */
void bpflog_begin(struct bpflog *l);
void bpflog_end(void);

/*
 * Tell the listener, if there is one, that program @prog did not load, and why: @text, the verifier's
 * log, is cut into lines.
 */
void bpflog_failed(const char *prog, int err, char *text);

#endif /* LK_BPFLOG_H */
