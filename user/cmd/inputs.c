// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inputs into models; see inputs.h.
 */
#include "inputs.h"

#include <time.h>

#include "../base/diag.h"
#include "../core/event.h"
#include "../file/reader.h"
#include "../file/writer.h"
#include "imports.h"
#include "intake.h"
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
	struct import_stats stats;
	struct diag gap;
	unsigned int i;
	int err = imports_read(fd, in->name, &sink, &stats, why);

	for (i = 0; !err && imports_gap(&stats, in->name, i, &gap); i++)
		err = intake_gap(in, gap.text);
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

int inputs_read(const char *const *name, unsigned int nr, struct talk *talk, struct model *m,
		struct writer *save, bool *damaged, struct diag *why)
{
	const struct lk_sink sink = { save_event, save };
	struct intake in;
	unsigned int i;
	int err = 0, fd;

	for (i = 0; i < nr && !err; i++) {
		intake_init(&in, name[i], m, talk);
		in.also = save ? &sink : NULL;
		err = imports_is_text(in.name, &fd) ? read_text(&in, fd, why) :
						      read_recording(&in, fd, talk, why);
		imports_close(fd);
		if (damaged)
			*damaged |= in.nr_gaps > 0;
	}
	talk_clear(talk);
	return err;
}
