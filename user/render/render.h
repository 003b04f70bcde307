/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Renderers: the model as bytes. Each format is one file; none of them knows
 * where the model came from, and none keeps state between calls. Output ends
 * with the completeness line (text) or its fields (JSON). All strings of the
 * model are untrusted and escaped here, with base/sanitize.
 */
#ifndef LK_RENDER_H
#define LK_RENDER_H

#include <stdio.h>

#include "../core/expect.h"
#include "../core/view.h"

enum render_section {		/* --view; a set of bits */
	RENDER_FINDINGS	= 1 << 0,
	RENDER_CONTENTION = 1 << 1,
	RENDER_ORDER	= 1 << 2,
	RENDER_WATCH	= 1 << 3,
	RENDER_COVERAGE	= 1 << 4,
	RENDER_LOSS	= 1 << 5,
	RENDER_HOLDS	= 1 << 6,	/* hold times */
	RENDER_ALL	= (1 << 7) - 1,
};

struct render_opts {
	unsigned int sections;		/* enum render_section; 0 = the format's default */
	struct view_opts view;
	unsigned int width;		/* columns for text; 0 = no limit */
	bool verbose;			/* text: stacks under each row, notes */
	const struct expect *expect;	/* known bugs that are looked for; NULL = none */
	bool findings_told;		/* text: the output has them in full already: in short now */
};

struct renderer {
	const char *name;		/* --format NAME */
	const char *help;		/* one clause for --help */
	unsigned int sections;		/* enum render_section: what --view may ask of it */
	uint32_t waits;			/* single waits and holds that the model has to keep for it; 0 = none */
	/* The whole report. 0, -ENOMEM, -EINVAL or -EIO (a write failed; errno of it is lost). */
	int (*report)(const struct model *m, const struct render_opts *opts, FILE *out);
	/* The last interval (-i), NULL if the format has none. */
	int (*interval)(const struct model *m, const struct render_opts *opts, FILE *out);
	/*
	 * Finding @i of a live run, in full; or (@again) that its severity has risen.
	 * Flushed. NULL if the format has none.
	 */
	int (*finding)(const struct model *m, unsigned int i, bool again,
		       const struct render_opts *opts, FILE *out);
	/* Known bug @i of opts->expect, of which more was seen. Flushed. NULL if the format has none. */
	int (*expected)(const struct model *m, unsigned int i, const struct render_opts *opts, FILE *out);
};

/* NULL when there is no format of that name. */
const struct renderer *renderer_find(const char *name);
/* The i-th format, NULL at the end. */
const struct renderer *renderer_nth(unsigned int i);

#define RENDER_LACKS_WAITS	"an input has sums of waits and no single ones, so that of it only " \
				"findings and waits that had not ended are on the time line; " \
				"record it with --waits"
/* For a format that shows single waits: is there a source that single waits were not recorded of? */
bool render_lacks_waits(const struct model *m);

/* JSON Schema of the json format, NUL-terminated; it ships in the binary (report.schema.json). */
extern const char render_json_schema[];

#endif /* LK_RENDER_H */
