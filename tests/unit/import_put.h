/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sink for the tests of user/import/: events into a model, which says what it refuses.
 */
#ifndef LK_IMPORT_PUT_H
#define LK_IMPORT_PUT_H

#include <stdio.h>

#include "../../user/base/diag.h"
#include "../../user/core/model.h"

/* @ctx is the model. As model_apply(). */
static inline int put(void *ctx, const struct lk_event *ev)
{
	struct diag why = { "" };
	int err = model_apply(ctx, ev, &why);

	if (err)
		printf("# %s\n", why.text);
	return err;
}

#endif /* LK_IMPORT_PUT_H */
