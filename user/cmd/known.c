// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known bugs; see known.h.
 */
#include "known.h"

#include <errno.h>

#include "../base/diag.h"
#include "inputs.h"
#include "opts.h"

int known_open(struct known *k, const struct opts *o, struct talk *talk, struct diag *why)
{
	unsigned int i, before;
	int err = 0;

	if (!o->expect.nr)
		return 0;
	k->model = model_new();
	if (!k->model)
		return diag_errno(why, -ENOMEM, "cannot look for known bugs");
	for (i = 0; i < o->expect.nr && !err; i++) {
		before = model_nr_findings(k->model);
		err = inputs_read(&o->expect.v[i], 1, talk, k->model, NULL, NULL, why);
		if (!err && model_nr_findings(k->model) == before)
			err = diag_set(why, -ENODATA, "--expect '%s' has no finding that could be looked for; give a "
				       "report of lockdep, or a recording with findings", o->expect.v[i]);
	}
	if (err)
		return err;
	k->expect = expect_new(k->model);
	return k->expect ? 0 : diag_errno(why, -ENOMEM, "cannot look for known bugs");
}

void known_done(struct known *k)
{
	expect_free(k->expect);
	model_free(k->model);
	*k = (struct known){ .model = NULL };
}

bool known_exposed(const struct known *k)
{
	return k->expect && expect_nr_exposed(k->expect);
}

int known_conclude(struct known *k, const struct model *m)
{
	int ret;

	if (!k->expect)
		return 0;
	expect_free(k->expect);
	k->expect = expect_new(k->model);
	ret = k->expect ? expect_update(k->expect, m) : -ENOMEM;
	return ret < 0 ? ret : 0;
}
