// SPDX-License-Identifier: GPL-2.0-only
/*
 * mkwaits N FILE - write a recording of N single waits, to measure `report` on:
 * an hour of a busy machine. Always the same bytes for the same N.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tests/lib/mkrec.h"
#include "../../user/base/diag.h"

int main(int argc, char **argv)
{
	struct mkrec_opts opts = { .seed = 1, .rows = 4000, .intervals = 100, .emit_waits = true };
	struct diag why = { "" };
	int err;

	if (argc == 3)
		opts.waits = strtoull(argv[1], NULL, 10);
	if (!opts.waits) {
		fprintf(stderr, "usage: mkwaits N FILE\n");
		return 2;
	}
	err = mkrec_write(&opts, argv[2], &why);
	if (err)
		fprintf(stderr, "mkwaits: %s\n", why.text[0] ? why.text : strerror(-err));
	return err ? 1 : 0;
}
