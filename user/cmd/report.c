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
#include "report_diff.h"
#include "suppressions.h"
#include "talk.h"

/* The same file twice would count everything twice; writing onto an input would destroy it. */
static int check_names(const struct opts *o, const char *const *input, unsigned int nr, struct diag *why)
{
	unsigned int i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < i; j++)
			if (!strcmp(input[i], input[j]) || output_same_file(input[i], input[j]))
				return diag_set(why, -EINVAL, "inputs '%s' and '%s' are the same file and "
						"would count twice", input[j], input[i]);
		if (o->output && output_same_file(o->output, input[i]))
			return diag_set(why, -EINVAL, "-o '%s' is one of the inputs", o->output);
		if (o->save && output_same_file(o->save, input[i]))
			return diag_set(why, -EINVAL, "--save '%s' is one of the inputs", o->save);
	}
	return 0;
}

/* A file may be compared with itself, but standard input is there once. */
static int check_files(const struct opts *o, struct diag *why)
{
	unsigned int i, j;
	int err = check_names(o, (const char *const *)o->input, o->nr_input, why);

	if (!err)
		err = check_names(o, o->diff.v, o->diff.nr, why);
	for (i = 0; i < o->nr_input && !err; i++)
		for (j = 0; j < o->diff.nr && !err; j++)
			if (!strcmp(o->input[i], "-") && !strcmp(o->diff.v[j], "-"))
				err = diag_set(why, -EINVAL, "standard input cannot be the input and --diff at "
					       "once; give a file for one of them");
	return err;
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
	return parts_nr_findings(m, &ro.view.filter) || known_exposed(known);
}

/* What the inputs are compared with; NULL in *before without --diff. 0 or -errno with a sentence. */
static int read_before(const struct opts *o, struct talk *talk, struct model **before, struct diag *why)
{
	*before = NULL;
	if (!o->diff.nr)
		return 0;
	*before = model_new();
	if (!*before)
		return diag_errno(why, -ENOMEM, "cannot make a report");
	return inputs_read(o->diff.v, o->diff.nr, talk, *before, NULL, NULL, why);
}

/* The inputs, what they are compared with, and the bugs that are looked for. */
struct subject {
	struct model *m, *before;
	struct known known;
};

static int read_subject(const struct opts *o, struct talk *talk, struct subject *s, struct diag *why)
{
	int err = suppressions_load(o, talk, why);

	if (!err)
		err = known_open(&s->known, o, talk, why);
	if (!err)
		err = read_all(o, talk, s->m, why);
	if (!err && o->format->waits && render_lacks_waits(s->m))
		talk_note(talk, "%s", RENDER_LACKS_WAITS);
	if (!err)
		err = read_before(o, talk, &s->before, why);
	if (!err && known_conclude(&s->known, s->m))
		err = diag_errno(why, -ENOMEM, "cannot look for known bugs");
	return err;
}

/* Read all and write it; *found: are there findings for --check, *complete: for --strict? */
static int report(const struct opts *o, struct talk *talk, bool *found, bool *complete,
		  struct diag *why)
{
	struct subject s = { .m = model_new() };
	unsigned int nr_new = 0;
	int err;

	if (!s.m)
		return diag_errno(why, -ENOMEM, "cannot make a report");
	model_keep_waits(s.m, o->format->waits);
	err = read_subject(o, talk, &s, why);
	if (!err)
		err = s.before ? report_diff(o, s.m, s.before, &nr_new, why) :
				 write_report(o, s.m, &s.known, why);
	if (!err) {
		*found = s.before ? nr_new : has_findings(o, s.m, &s.known);
		*complete = model_complete(s.m) && (!s.before || model_complete(s.before));
	}
	known_done(&s.known);
	model_free(s.before);
	model_free(s.m);
	return err;
}

int cmd_report(const struct opts *o, struct talk *talk)
{
	bool found = false, complete = false;
	struct diag why = { "" };

	if (o->schema)
		return write_schema(o, talk);
	if (check_files(o, &why)) {
		talk_error(talk, "%s", why.text);
		return EXIT_USAGE;
	}
	if (report(o, talk, &found, &complete, &why)) {
		talk_error(talk, "%s", why.text);
		return EXIT_FAILED;
	}
	if (o->check && found)
		return EXIT_FINDINGS;
	return o->strict && !complete ? EXIT_INCOMPLETE : EXIT_DONE;
}
