// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope report --diff: the model of the inputs compared with that of OLD.
 */
#include "report_diff.h"

#include <errno.h>

#include "../base/diag.h"
#include "../render/diff.h"
#include "../render/parts_finding.h"
#include "opts.h"
#include "output.h"

int report_diff(const struct opts *o, const struct model *now, const struct model *before,
		unsigned int *nr_new, struct diag *why)
{
	struct diff_opts dopts = { .pass = parts_finding_pass };
	struct render_opts ro;
	struct output out;
	struct diff d;
	int err = output_open(&out, o->output, why);

	if (err)
		return err;
	opts_render(o, output_width(&out), &ro);
	dopts.view = ro.view;
	err = diff_build(now, before, &dopts, &d);
	if (!err) {
		*nr_new = diff_nr_new_findings(&d);
		err = render_diff_find(o->format->name)(&d, &ro, out.f);
		diff_done(&d);
	}
	return output_close(&out, err, why);
}
