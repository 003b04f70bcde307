// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling findings; see tell.h.
 */
#include "tell.h"

#include <errno.h>

#include "parts_finding.h"

static int make_room(struct tell *t, unsigned int nr)
{
	if (nr > t->told.nr && vec_reserve(&t->told, nr - t->told.nr))
		return -ENOMEM;
	while (t->told.nr < nr)
		t->told.v[t->told.nr++] = 0;
	return 0;
}

int tell_findings(struct tell *t, const struct model *m, const struct renderer *r,
		  const struct render_opts *opts, FILE *out)
{
	unsigned int i, nr = model_nr_findings(m);
	int err = make_room(t, nr);

	for (i = 0; i < nr && !err; i++) {
		const struct finding *f = model_finding(m, i);
		uint8_t *told = &t->told.v[i];

		if (f->severity <= *told || !parts_finding_pass(m, f, &opts->view.filter))
			continue;
		err = r->finding(m, i, *told != 0, opts, out);
		*told = (uint8_t)f->severity;
	}
	return err;
}

int tell_expected(struct tell *t, const struct model *m, const struct renderer *r,
		  const struct render_opts *opts, FILE *out)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < expect_nr(opts->expect) && !err; i++) {
		const struct expect_bug *b = expect_bug(opts->expect, i);
		uint32_t now = b->state < EXPECT_PARTLY ? 0 : (uint32_t)b->state << 16 | (b->nr_seen & 0xffff);

		if (i == t->expected.nr && vec_push(&t->expected, 0))
			return -ENOMEM;
		if (now > t->expected.v[i])
			err = r->expected(m, i, opts, out);
		t->expected.v[i] = now;
	}
	return err;
}

void tell_done(struct tell *t)
{
	vec_free(&t->expected);
	vec_free(&t->told);
}
