// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope run: trace into the model (and into a recording), each finding at
 * the moment it is made and a line per interval while it lasts, the report at
 * the end. The report comes from the model alone, as it does in lockscope report.
 */
#include <errno.h>
#include <stdio.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "../file/writer.h"
#include "../render/parts_finding.h"
#include "../render/tell.h"
#include "cmd.h"
#include "known.h"
#include "opts.h"
#include "output.h"
#include "suppressions.h"
#include "talk.h"
#include "tee.h"
#include "trace.h"

struct run {
	const struct opts *o;
	struct talk *talk;
	struct trace trace;
	struct tee tee;
	struct output out;
	struct tell told;
	struct known known;
	int tell_err;		/* first failure to tell a finding; the trace goes on */
};

static void render_opts(struct run *r, struct render_opts *ro)
{
	opts_render(r->o, output_width(&r->out), ro);
	ro->expect = r->known.expect;
}

/* Are findings wanted, and can the format tell them one by one? */
static bool tells_findings(const struct opts *o)
{
	return o->format->finding && (!o->sections || o->sections & RENDER_FINDINGS);
}

static unsigned int nr_findings(struct run *r)
{
	struct render_opts ro;

	render_opts(r, &ro);
	return parts_nr_findings(r->tee.model, &ro.view.filter);
}

/*
 * Out with it, at once: the machine may hang in the next moment. That is also
 * why the recording is flushed.
 */
static void on_found(void *ctx)
{
	struct run *r = ctx;
	struct render_opts ro;

	if (tells_findings(r->o) && !r->tell_err) {
		if (r->out.is_stdout)
			talk_clear(r->talk);
		render_opts(r, &ro);
		r->tell_err = tell_findings(&r->told, r->tee.model, r->o->format, &ro, r->out.f);
	}
	if (r->tee.writer && !r->tee.writer_err)
		r->tee.writer_err = writer_flush(r->tee.writer);
}

/* Does more of a known bug occur here now? As urgent as a finding. */
static void on_order(void *ctx)
{
	struct run *r = ctx;
	struct render_opts ro;
	int ret;

	if (!r->known.expect || r->tell_err)
		return;
	ret = expect_update(r->known.expect, r->tee.model);
	if (ret != 1) {
		r->tell_err = ret;
		return;
	}
	if (r->out.is_stdout)
		talk_clear(r->talk);
	render_opts(r, &ro);
	r->tell_err = tell_expected(&r->told, r->tee.model, r->o->format, &ro, r->out.f);
	if (r->tee.writer && !r->tee.writer_err)
		r->tee.writer_err = writer_flush(r->tee.writer);
}

static int on_tick(void *ctx)
{
	struct run *r = ctx;
	struct render_opts ro;
	int err;

	if (r->tee.writer && !r->tee.writer_err)
		r->tee.writer_err = writer_flush(r->tee.writer);
	if (!r->o->interval_ns)
		return 0;
	render_opts(r, &ro);
	err = r->o->format->interval(r->tee.model, &ro, r->out.f);
	if (output_flush(&r->out))
		return r->out.err;
	return err;
}

static int open_all(struct run *r, struct diag *why)
{
	int err;

	r->tee.model = model_new();
	if (!r->tee.model)
		return diag_errno(why, -ENOMEM, "cannot start the trace");
	model_keep_waits(r->tee.model, r->o->format->waits);
	r->tee.found = on_found;
	r->tee.order = on_order;
	r->tee.ctx = r;
	err = suppressions_load(r->o, r->talk, why);
	if (!err)
		err = known_open(&r->known, r->o, r->talk, why);
	if (!err)
		err = trace_open(&r->trace, r->o, r->talk, why);
	if (!err)
		err = output_open(&r->out, r->o->output, why);
	if (!err && r->o->save)
		err = writer_open(r->o->save, &r->tee.writer, why);
	return err;
}

/* The report of what came, and the end of the recording. */
static int finish(struct run *r, bool failed)
{
	struct render_opts ro;
	struct diag why = { "" };
	int status = failed ? EXIT_FAILED : EXIT_DONE, err = 0;

	/* A recording of a trace that failed stays an incomplete one. */
	if (r->tee.writer && !failed && writer_close(r->tee.writer, &why)) {
		talk_error(r->talk, "%s", why.text);
		status = EXIT_FAILED;
	}
	err = known_conclude(&r->known, r->tee.model);
	if (!r->trace.closed && !err) {
		render_opts(r, &ro);
		ro.findings_told = tells_findings(r->o) && !r->tell_err;
		err = r->o->format->report(r->tee.model, &ro, r->out.f);
	}
	if (output_close(&r->out, err, &why)) {
		talk_error(r->talk, "%s", why.text);
		status = EXIT_FAILED;
	}
	if (status == EXIT_DONE && r->o->check &&
	    (nr_findings(r) || known_exposed(&r->known)))
		status = EXIT_FINDINGS;
	if (status == EXIT_DONE && r->o->strict && !model_complete(r->tee.model))
		status = EXIT_INCOMPLETE;
	return status;
}

int cmd_run(const struct opts *o, struct talk *talk)
{
	struct run r = { .o = o, .talk = talk };
	const struct trace_hook hook = { .tick = on_tick, .ctx = &r };
	struct diag why = { "" };
	bool started = false;
	int err, status = EXIT_FAILED;

	err = open_all(&r, &why);
	if (!err)
		err = trace_run(&r.trace, &r.tee, &hook, &started, &why);
	if (err)
		talk_error(talk, "%s", why.text);
	if (err && started && model_add_gap(r.tee.model, why.text))
		talk_error(talk, "out of memory");
	if (started)
		status = finish(&r, err != 0);
	else
		(void)output_close(&r.out, 0, NULL);	/* nothing was written to it */
	writer_free(r.tee.writer);
	trace_done(&r.trace);
	tell_done(&r.told);
	known_done(&r.known);
	model_free(r.tee.model);
	return status;
}
