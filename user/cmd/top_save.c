// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key s: a recording of what there is, and the report on it. The report is
 * made from the recording, so it is what lockscope report would say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../core/model.h"
#include "../render/render.h"
#include "intake.h"
#include "opts.h"
#include "top_screen.h"

#define REPORT_WIDTH	120

/* "lockscope-20260102-030405" */
static void make_name(char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!localtime_r(&now, &tm) || !strftime(buf, size, "lockscope-%Y%m%d-%H%M%S", &tm))
		snprintf(buf, size, "lockscope-snapshot");
}

static int read_back(const char *path, struct model *m, struct diag *why)
{
	struct intake in;
	struct lk_event ev;
	int more, err = intake_open(&in, path, -1, m, NULL, why);

	if (err)
		return err;
	while ((more = intake_next(&in, &ev, why)) == 1)
		;
	err = intake_finish(&in, more, why);
	intake_done(&in);
	return err;
}

static int write_report(const struct model *m, const char *path, struct diag *why)
{
	const struct render_opts ro = { .sections = RENDER_ALL, .width = REPORT_WIDTH, .verbose = true };
	struct output out;
	int err = output_open(&out, path, why);

	if (err)
		return err;
	return output_close(&out, renderer_find("text")->report(m, &ro, out.f), why);
}

static int save(const struct top *t, const char *lks, const char *txt, struct diag *why)
{
	struct model *m;
	int err;

	err = snapshot_save(t->facts, t->model, t->wait.v,
			    t->env.wait_counted ? 0 : (unsigned int)t->wait.nr, t->env.now_ns, lks, why);
	if (err)
		return err;
	m = model_new();
	err = m ? read_back(lks, m, why) : diag_errno(why, -ENOMEM, "cannot write '%s'", txt);
	if (!err)
		err = write_report(m, txt, why);
	model_free(m);
	return err;
}

void top_save(struct top *t)
{
	char name[64], lks[80], txt[80];
	struct diag why = { "" };
	int err;

	make_name(name, sizeof(name));
	snprintf(lks, sizeof(lks), "%s.lks", name);
	snprintf(txt, sizeof(txt), "%s.txt", name);
	err = save(t, lks, txt, &why);
	if (err)
		snprintf(t->state.message, sizeof(t->state.message), "not saved: %.140s", why.text);
	else
		snprintf(t->state.message, sizeof(t->state.message), "saved %s and .txt", lks);
	t->state.message_bad = err != 0;
}
