// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings into models, for report and top.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "../file/reader.h"
#include "intake.h"
#include "talk.h"
#include "version.h"

#define MAX_GAPS	8		/* per input that are told one by one */

void intake_init(struct intake *in, const char *name, struct model *m, struct talk *talk)
{
	*in = (struct intake){ .name = name, .model = m, .talk = talk };
}

int intake_open(struct intake *in, const char *name, int fd, struct model *m, struct talk *talk,
		struct diag *why)
{
	intake_init(in, name, m, talk);
	if (!strcmp(name, "-"))
		return reader_open_fd(STDIN_FILENO, "standard input", &in->reader, why);
	return fd < 0 ? reader_open(name, &in->reader, why) : reader_open_fd(fd, name, &in->reader, why);
}

void intake_done(struct intake *in)
{
	reader_free(in->reader);
	in->reader = NULL;
}

static int note_gap(struct intake *in, const char *sentence)
{
	if (in->talk)
		talk_note(in->talk, "%s", sentence);
	return model_add_gap(in->model, sentence);
}

int intake_gap(struct intake *in, const char *sentence)
{
	return ++in->nr_gaps > MAX_GAPS ? 0 : note_gap(in, sentence);
}

int intake_end(struct intake *in)
{
	struct diag text;

	if (in->nr_gaps <= MAX_GAPS)
		return 0;
	diag_set(&text, 0, "'%s' has %llu more places that are damaged", in->name,
		 (unsigned long long)(in->nr_gaps - MAX_GAPS));
	return note_gap(in, text.text);
}

/* As intake_event(); 1: it was refused. */
static int take(struct intake *in, const struct lk_event *ev, struct diag *why)
{
	int err = model_apply(in->model, ev, why);

	if (err == -EBADMSG) {
		err = intake_gap(in, why->text);
		return err ? err : 1;
	}
	return !err && in->also ? sink_emit(in->also, ev) : err;
}

int intake_event(struct intake *in, const struct lk_event *ev, struct diag *why)
{
	int ret = take(in, ev, why);

	return ret < 0 ? ret : 0;
}

int intake_next(struct intake *in, struct lk_event *ev, struct diag *why)
{
	int more = reader_next(in->reader, ev, why), ret;

	if (more != 1 && more != -EBADMSG)
		return more;
	ret = more == 1 ? take(in, ev, why) : intake_gap(in, why->text);
	if (ret || more != 1)
		ev->kind = 0;
	return ret < 0 ? ret : 1;
}

int intake_finish(struct intake *in, int err, struct diag *why)
{
	struct diag text;

	if (err == -ENOMEM)
		return diag_errno(why, err, "cannot read '%s'", in->name);
	if (err < 0)		/* the file cannot be read further: report what came */
		err = intake_gap(in, why->text);
	if (!err && !reader_complete(in->reader)) {
		diag_set(&text, 0, "'%s' is an incomplete recording: %llu events and no end", in->name,
			 (unsigned long long)reader_events(in->reader));
		err = intake_gap(in, text.text);
	}
	if (!err && reader_unknown(in->reader)) {
		diag_set(&text, 0, "'%s' holds %llu events or blocks that lockscope %s does not know; "
			 "a newer version shows them", in->name,
			 (unsigned long long)reader_unknown(in->reader), LK_VERSION);
		err = intake_gap(in, text.text);
	}
	return err ? err : intake_end(in);
}
