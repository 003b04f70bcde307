// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope report: recordings into the model, the model into a report. Nothing
 * is written until every input has been read: one that is no recording fails the
 * whole command; one that is damaged gives what it has, labelled as partial.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "../file/reader.h"
#include "../render/parts_finding.h"
#include "cmd.h"
#include "opts.h"
#include "output.h"
#include "talk.h"
#include "version.h"

#define MAX_GAPS	8		/* per input that are told one by one */
#define PROGRESS_EVENTS	0x3ffff		/* mask: look at the clock that often */

struct input {
	const char *name;
	struct reader *reader;
	struct model *model;
	struct talk *talk;
	uint64_t nr_gaps;
};

static int add_gap(struct input *in, const char *sentence)
{
	if (++in->nr_gaps > MAX_GAPS)
		return 0;
	talk_note(in->talk, "%s", sentence);
	return model_add_gap(in->model, sentence);
}

/* More gaps than were told: one more that counts them. */
static int close_gaps(struct input *in)
{
	struct diag text;

	if (in->nr_gaps <= MAX_GAPS)
		return 0;
	diag_set(&text, 0, "'%s' has %llu more places that are damaged", in->name,
		 (unsigned long long)(in->nr_gaps - MAX_GAPS));
	talk_note(in->talk, "%s", text.text);
	return model_add_gap(in->model, text.text);
}

static void say_progress(const struct input *in, time_t begin)
{
	if (!(reader_events(in->reader) & PROGRESS_EVENTS) && time(NULL) > begin + 1)
		talk_progress(in->talk, "reading '%s', %llu MiB", in->name,
			      (unsigned long long)(reader_bytes(in->reader) >> 20));
}

/* One event; 1, 0 at the end, or an error that ends the reading. Damage is noted and skipped. */
static int take_event(struct input *in, struct diag *why)
{
	struct lk_event ev;
	int more = reader_next(in->reader, &ev, why), err;

	if (more == 1) {
		err = model_apply(in->model, &ev, why);
		if (err != -EBADMSG)
			return err ? err : 1;
	} else if (more != -EBADMSG) {
		return more;
	}
	err = add_gap(in, why->text);
	return err ? err : 1;
}

static int read_input(struct input *in, struct diag *why)
{
	const time_t begin = time(NULL);
	struct diag text;
	int more, err = 0;

	do {
		more = take_event(in, why);
		say_progress(in, begin);
	} while (more == 1);
	if (more == -ENOMEM)
		return diag_errno(why, more, "cannot read '%s'", in->name);
	if (more < 0)		/* the file cannot be read further: report what came */
		err = add_gap(in, why->text);
	if (!err && !reader_complete(in->reader)) {
		diag_set(&text, 0, "'%s' is an incomplete recording: %llu events and no end", in->name,
			 (unsigned long long)reader_events(in->reader));
		err = add_gap(in, text.text);
	}
	if (!err && reader_unknown(in->reader)) {
		diag_set(&text, 0, "'%s' holds %llu events or blocks that lockscope %s does not know; "
			 "a newer version shows them", in->name,
			 (unsigned long long)reader_unknown(in->reader), LK_VERSION);
		err = add_gap(in, text.text);
	}
	return err ? err : close_gaps(in);
}

static int open_input(const char *name, struct reader **reader, struct diag *why)
{
	if (!strcmp(name, "-"))
		return reader_open_fd(STDIN_FILENO, "standard input", reader, why);
	return reader_open(name, reader, why);
}

static int read_inputs(const struct opts *o, struct talk *talk, struct model *m, struct diag *why)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < o->nr_input && !err; i++) {
		struct input in = { .name = o->input[i], .model = m, .talk = talk };

		err = open_input(in.name, &in.reader, why);
		if (!err)
			err = read_input(&in, why);
		reader_free(in.reader);
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
	}
	return 0;
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
		err = read_inputs(o, talk, m, &why);
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
