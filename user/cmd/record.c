// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope record: trace into a recording, and say in one line on standard
 * error what is in it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/diag.h"
#include "../core/loss.h"
#include "../file/writer.h"
#include "cmd.h"
#include "opts.h"
#include "talk.h"
#include "tee.h"
#include "trace.h"

static int on_tick(void *ctx)
{
	struct tee *tee = ctx;

	tee->writer_err = writer_flush(tee->writer);
	return tee->writer_err;
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
	char size[32], summary[256];

	format_bytes(writer_bytes(tee->writer), size, sizeof(size));
	snprintf(summary, sizeof(summary), "%" PRIu64 " wait%s, %s, %.1f s -> %s", tee->waits,
		 tee->waits == 1 ? "" : "s", size, (double)(tee->end_ns - tee->start_ns) / 1e9,
		 strcmp(o->output, "-") ? o->output : "standard output");
	if (!tee->lost)
		talk_note(talk, "%s; complete", summary);
	else
		talk_note(talk, "%s; incomplete: %" PRIu64 " %s (%s); %s", summary, tee->lost,
			  loss->name, loss->meaning, loss->advice);
}

int cmd_record(const struct opts *o, struct talk *talk)
{
	struct trace trace;
	struct tee tee = { .model = NULL };
	const struct trace_hook hook = { .tick = on_tick, .ctx = &tee };
	struct diag why = { "" };
	bool started = false;
	int err, status = EXIT_FAILED;

	err = trace_open(&trace, o, talk, &why);
	if (!err)
		err = writer_open(o->output, &tee.writer, &why);
	if (!err)
		err = trace_run(&trace, &tee, &hook, &started, &why);
	if (!started || (err && !tee.writer_err))
		goto out;	/* what is there stays an incomplete recording */
	err = writer_close(tee.writer, &why);
	if (err)
		goto out;
	say_result(o, talk, &tee);
	status = o->strict && (tee.lost || !tee.ended) ? EXIT_INCOMPLETE : EXIT_DONE;
out:
	if (err)
		talk_error(talk, "%s", why.text);
	writer_free(tee.writer);
	trace_done(&trace);
	return status;
}
