// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope report: recordings and texts into the model, the model into a report. Nothing
 * is written until every input has been read: one that is neither fails the
 * whole command; one that is damaged gives what it has, labelled as partial.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "../file/writer.h"
#include "../render/parts_finding.h"
#include "cmd.h"
#include "inputs.h"
#include "known.h"
#include "opts.h"
#include "output.h"
#include "talk.h"

/* The same file twice would count everything twice; writing onto an input would destroy it. */
static int check_files(const struct opts *o, struct diag *why)
{
	unsigned int i, j;

	for (i = 0; i < o->nr_input; i++) {
		for (j = 0; j < i; j++)
			if (!strcmp(o->input[i], o->input[j]) ||
			    output_same_file(o->input[i], o->input[j]))
				return diag_set(why, -EINVAL, "inputs '%s' and '%s' are the same file and "
						"would count twice", o->input[j], o->input[i]);
		if (o->output && output_same_file(o->output, o->input[i]))
			return diag_set(why, -EINVAL, "-o '%s' is one of the inputs", o->output);
		if (o->save && output_same_file(o->save, o->input[i]))
			return diag_set(why, -EINVAL, "--save '%s' is one of the inputs", o->save);
	}
	return 0;
}

/* All inputs into @m and, with --save, into one recording; that of damaged ones has no end. */
static int read_all(const struct opts *o, struct talk *talk, struct model *m, struct diag *why)
{
	struct writer *save = NULL;
	bool damaged = false;
	int err = o->save ? writer_open(o->save, &save, why) : 0;

	if (!err)
		err = inputs_read((const char *const *)o->input, o->nr_input, talk, m, save, &damaged, why);
	if (!err && save && damaged)
		err = writer_flush(save) ? writer_close(save, why) : 0;
	else if (!err && save)
		err = writer_close(save, why);
	writer_free(save);
	return err;
}

static int write_schema(const struct opts *o, struct talk *talk)
{
	struct output out;
	struct diag why = { "" };
	int err = output_open(&out, o->output, &why);

	if (!err) {
		fputs(render_json_schema, out.f);
		err = output_close(&out, 0, &why);
	}
	if (err)
		talk_error(talk, "%s", why.text);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int write_report(const struct opts *o, const struct model *m, const struct known *known,
			struct diag *why)
{
	struct render_opts ro;
	struct output out;
	int err = output_open(&out, o->output, why);

	if (err)
		return err;
	opts_render(o, output_width(&out), &ro);
	ro.expect = known->expect;
	err = o->format->report(m, &ro, out.f);
	return output_close(&out, err, why);
}

static bool has_findings(const struct opts *o, const struct model *m, const struct known *known)
{
	struct render_opts ro;

	opts_render(o, 0, &ro);
	return parts_nr_findings(m, &ro.view.filter) || (known->expect && expect_nr_exposed(known->expect));
}

int cmd_report(const struct opts *o, struct talk *talk)
{
	struct known known = { .model = NULL };
	struct diag why = { "" };
	struct model *m;
	int err, status;

	if (o->schema)
		return write_schema(o, talk);
	if (check_files(o, &why)) {
		talk_error(talk, "%s", why.text);
		return EXIT_USAGE;
	}
	m = model_new();
	err = m ? 0 : diag_errno(&why, -ENOMEM, "cannot make a report");
	if (!err)
		model_keep_waits(m, o->format->waits);
	if (!err)
		err = known_open(&known, o, talk, &why);
	if (!err)
		err = read_all(o, talk, m, &why);
	if (!err && o->format->waits && render_lacks_waits(m))
		talk_note(talk, "%s", RENDER_LACKS_WAITS);
	if (!err && known_conclude(&known, m))
		err = diag_errno(&why, -ENOMEM, "cannot look for known bugs");
	if (!err)
		err = write_report(o, m, &known, &why);
	if (err)
		talk_error(talk, "%s", why.text);
	if (err)
		status = EXIT_FAILED;
	else if (o->check && has_findings(o, m, &known))
		status = EXIT_FINDINGS;
	else
		status = o->strict && !model_complete(m) ? EXIT_INCOMPLETE : EXIT_DONE;
	known_done(&known);
	model_free(m);
	return status;
}
