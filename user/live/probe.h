/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel lets us see: by trying, not by version. Works without
 * privileges too, and then says what it could not try.
 */
#ifndef LK_PROBE_H
#define LK_PROBE_H

#include "../core/event.h"

struct btf;

struct probe_row {
	char primitive[24], tier[16];
	uint32_t state;			/* enum lk_state; UNKNOWN = could not be tried */
	char reason[200];
	char remedy[200];		/* "" where there is none */
};

/* One thing tried or looked up: "BTF", "raw tracepoints", "kallsyms addresses", ... */
struct probe_fact {
	char name[40];
	bool known, ok;
	char detail[160];
};

struct probe {
	char kernel[65], arch[65], host[65];
	bool privileged;
	struct probe_fact *fact;
	unsigned int nr_facts;
	struct probe_row *row;		/* every primitive in every tier */
	unsigned int nr_rows;
};

/*
 * @btf: the kernel's, or NULL to load it. Without @facts only the rows are filled,
 * which is faster. 0 or -ENOMEM; everything else is in the result.
 */
int probe_run(struct probe *p, const struct btf *btf, bool facts);
void probe_done(struct probe *p);

/* The sentence for a user who lacks privileges; names the capabilities. "" when privileges suffice. */
const char *probe_missing_caps(void);

#endif /* LK_PROBE_H */
