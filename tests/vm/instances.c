// SPDX-License-Identifier: GPL-2.0-only
/*
 * instances FILE.lks: every lock that took part in an order or was sampled, a line each:
 * tier, address, class, type, what named it, name of the class. Tab-separated, name last.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../user/base/diag.h"
#include "../../user/core/finding.h"
#include "../../user/file/reader.h"

static int read_all(struct model *m, const char *path, struct diag *why)
{
	struct reader *r = NULL;
	struct lk_event ev;
	int err = reader_open(path, &r, why);

	while (!err) {
		err = reader_next(r, &ev, why);
		if (err != 1)
			break;
		err = model_apply(m, &ev, why);
	}
	reader_free(r);
	return err;
}

int main(int argc, char **argv)
{
	struct model *m = model_new();
	struct diag why = { "" };
	unsigned int i;

	if (argc != 2 || !m) {
		fprintf(stderr, "usage: instances FILE.lks\n");
		return 2;
	}
	if (read_all(m, argv[1], &why)) {
		fprintf(stderr, "instances: %s\n", why.text);
		return 1;
	}
	for (i = 0; i < model_nr_instances(m); i++) {
		struct model_instance in = model_instance(m, i);
		struct model_class c = model_class(m, in.class);

		if (c.merged_into != in.class)	/* it is listed again with the class that stands for it */
			continue;
		printf("%s\t0x%" PRIx64 "\tc%" PRIu32 "\t%s\t%s\t%s\n", c.tier == LK_TIER_LOCKDEP ? "lockdep" : "order",
		       in.addr, c.id, c.type, c.named_by, c.name);
	}
	model_free(m);
	return 0;
}
