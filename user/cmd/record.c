// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope record: trace into a recording, and say in one line on standard
 * error what is in it. A model beside it counts findings, so that whoever
 * records learns that there is something to look at.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "../core/loss.h"
#include "../core/model.h"
#include "../file/writer.h"
#include "cmd.h"
#include "opts.h"
#include "talk.h"
#include "tee.h"
#include "trace.h"

struct record {
	struct talk *talk;
	struct tee tee;
	unsigned int told;	/* findings */
};

static int on_tick(void *ctx)
{
	struct record *r = ctx;

	r->tee.writer_err = writer_flush(r->tee.writer);
	if (r->tee.findings > r->told) {
		r->told = r->tee.findings;
		talk_note(r->talk, "%u finding%s so far; lockscope report shows %s", r->told,
			  r->told == 1 ? "" : "s", r->told == 1 ? "it" : "them");
	}
	return r->tee.writer_err;
}

/* What was found must be on the disk before the machine hangs. */
static void on_found(void *ctx)
{
	struct record *r = ctx;

	if (!r->tee.writer_err)
		r->tee.writer_err = writer_flush(r->tee.writer);
}

static void format_bytes(uint64_t bytes, char *buf, size_t size)
{
	if (bytes < 10 * 1024)
		snprintf(buf, size, "%" PRIu64 " B", bytes);
	else if (bytes < 10 * 1024 * 1024)
		snprintf(buf, size, "%" PRIu64 " KiB", bytes >> 10);
	else
		snprintf(buf, size, "%" PRIu64 " MiB", bytes >> 20);
}

static void say_result(const struct opts *o, struct talk *talk, const struct tee *tee)
{
	const struct loss_info *loss = loss_info(tee->lost_counter);
	char size[32], found[32] = "", summary[256];

	format_bytes(writer_bytes(tee->writer), size, sizeof(size));
	if (tee->findings)
		snprintf(found, sizeof(found), "%u finding%s, ", tee->findings,
			 tee->findings == 1 ? "" : "s");
	snprintf(summary, sizeof(summary), "%s%" PRIu64 " wait%s, %s, %.1f s -> %s", found, tee->waits,
		 tee->waits == 1 ? "" : "s", size, (double)(tee->end_ns - tee->start_ns) / 1e9,
		 strcmp(o->output, "-") ? o->output : "standard output");
	if (!tee->lost && tee->sheds)
		talk_note(talk, "%s; incomplete: something was not traced all the time; "
			  "lockscope report says what", summary);
	else if (!tee->lost)
		talk_note(talk, "%s; complete", summary);
	else
		talk_note(talk, "%s; incomplete: %" PRIu64 " %s (%s); %s", summary, tee->lost,
			  loss->name, loss->meaning, loss->advice);
}

int cmd_record(const struct opts *o, struct talk *talk)
{
	struct trace trace;
	struct record r = {
		.talk = talk,
		.tee = { .findings_only = true, .found = on_found, .ctx = &r },
	};
	struct tee *tee = &r.tee;
	const struct trace_hook hook = { .tick = on_tick, .ctx = &r };
	struct diag why = { "" };
	bool started = false;
	int err, status = EXIT_FAILED;

	tee->model = model_new();	/* without memory for it, findings are not counted */
	err = trace_open(&trace, o, talk, &why);
	if (!err)
		err = writer_open(o->output, &tee->writer, &why);
	if (!err)
		err = trace_run(&trace, tee, &hook, &started, &why);
	if (!started || (err && !tee->writer_err))
		goto out;	/* what is there stays an incomplete recording */
	err = writer_close(tee->writer, &why);
	if (err)
		goto out;
	say_result(o, talk, tee);
	status = o->strict && (tee->lost || tee->sheds || !tee->ended) ? EXIT_INCOMPLETE : EXIT_DONE;
out:
	if (err)
		talk_error(talk, "%s", why.text);
	writer_free(tee->writer);
	trace_done(&trace);
	model_free(tee->model);
	return status;
}
