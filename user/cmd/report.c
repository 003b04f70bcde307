// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope report: recordings and texts into the model, the model into a report. Nothing
 * is written until every input has been read: one that is neither fails the
 * whole command; one that is damaged gives what it has, labelled as partial.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "../file/reader.h"
#include "../file/writer.h"
#include "../render/parts_finding.h"
#include "cmd.h"
#include "imports.h"
#include "intake.h"
#include "opts.h"
#include "output.h"
#include "talk.h"

#define PROGRESS_EVENTS	0x3ffff		/* mask: look at the clock that often */

static void say_progress(const struct intake *in, struct talk *talk, time_t begin)
{
	if (!(reader_events(in->reader) & PROGRESS_EVENTS) && time(NULL) > begin + 1)
		talk_progress(talk, "reading '%s', %llu MiB", in->name,
			      (unsigned long long)(reader_bytes(in->reader) >> 20));
}

static int read_input(struct intake *in, struct talk *talk, struct diag *why)
{
	const time_t begin = time(NULL);
	struct lk_event ev;
	int more;

	do {
		more = intake_next(in, &ev, why);
		say_progress(in, talk, begin);
	} while (more == 1);
	return intake_finish(in, more, why);
}

static int apply_event(void *ctx, const struct lk_event *ev)
{
	struct diag why = { "" };

	return intake_event(ctx, ev, &why);
}

static int read_text(struct intake *in, int fd, struct diag *why)
{
	const struct lk_sink sink = { apply_event, in };
	int err = imports_read(fd, in->name, &sink, why);

	return err ? err : intake_end(in);
}

static int read_recording(struct intake *in, int fd, struct talk *talk, struct diag *why)
{
	const struct lk_sink *also = in->also;
	int err = intake_open(in, in->name, fd, in->model, in->talk, why);

	in->also = also;
	if (!err)
		err = read_input(in, talk, why);
	intake_done(in);
	return err;
}

/* What the model took goes into the recording, too. */
static int save_event(void *ctx, const struct lk_event *ev)
{
	(void)writer_put(ctx, ev);	/* writer_close() has its first error */
	return 0;
}

/* @damaged: was anything missing that is not in the events, and so not in a recording of them? */
static int read_inputs(const struct opts *o, struct talk *talk, struct model *m, struct writer *save,
		       bool *damaged, struct diag *why)
{
	const struct lk_sink sink = { save_event, save };
	struct intake in;
	unsigned int i;
	int err = 0, fd;

	for (i = 0; i < o->nr_input && !err; i++) {
		intake_init(&in, o->input[i], m, talk);
		in.also = save ? &sink : NULL;
		err = imports_is_text(in.name, &fd) ? read_text(&in, fd, why) :
						      read_recording(&in, fd, talk, why);
		imports_close(fd);
		*damaged |= in.nr_gaps > 0;
	}
	talk_clear(talk);
	return err;
}

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
		err = read_inputs(o, talk, m, save, &damaged, why);
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

static int write_report(const struct opts *o, const struct model *m, struct diag *why)
{
	struct render_opts ro;
	struct output out;
	int err = output_open(&out, o->output, why);

	if (err)
		return err;
	opts_render(o, output_width(&out), &ro);
	err = o->format->report(m, &ro, out.f);
	return output_close(&out, err, why);
}

static bool has_findings(const struct opts *o, const struct model *m)
{
	struct render_opts ro;

	opts_render(o, 0, &ro);
	return parts_nr_findings(m, &ro.view.filter);
}

int cmd_report(const struct opts *o, struct talk *talk)
{
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
		err = read_all(o, talk, m, &why);
	if (!err)
		err = write_report(o, m, &why);
	if (err)
		talk_error(talk, "%s", why.text);
	if (err)
		status = EXIT_FAILED;
	else if (o->check && has_findings(o, m))
		status = EXIT_FINDINGS;
	else
		status = o->strict && !model_complete(m) ? EXIT_INCOMPLETE : EXIT_DONE;
	model_free(m);
	return status;
}
