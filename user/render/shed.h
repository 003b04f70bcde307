/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was not traced for a while, in words: of a report, and at the moment it happens.
 */
#ifndef LK_SHED_H
#define LK_SHED_H

#include "render.h"

#define SHED_TEXT 200

/* "spin order" and so on: what is not traced. Unknown values have a name, too. */
const char *shed_what(uint32_t what);
/* "stopped", "budget": the word for programs. */
const char *shed_cause(uint32_t cause);

/*
 * "spin order off from 12:03:07 to 12:04:01: over budget, 4.1 % of 2 CPUs, 3 % allowed"; local time, of the source
 * that it belongs to. Needs only start_ns, start_real_ns and nr_cpus of @src. Returns @buf.
 */
const char *shed_text(const struct model_shed *s, const struct model_source *src, char buf[SHED_TEXT]);

/* "spin order on again from 12:04:01": of the moment s->until_ns. Returns @buf. */
const char *shed_again_text(const struct model_shed *s, const struct model_source *src, char buf[SHED_TEXT]);

#endif /* LK_SHED_H */
