// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaying. The first pass collects the times of the ticks and tells of damage;
 * the following ones are silent, so that going back does not repeat it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/diag.h"
#include "../core/model.h"
#include "replay.h"

/* Only in a file can one go back. */
static int check_file(const char *name, struct diag *why)
{
	struct stat st;

	if (!strcmp(name, "-") || (!stat(name, &st) && !S_ISREG(st.st_mode)))
		return diag_set(why, -EINVAL, "'%s' is no regular file, and top goes back and forth in "
				"a recording; save it in one first", name);
	return 0;
}

static int note(struct replay *r, const struct lk_event *ev)
{
	if (ev->kind == LK_EV_META && !r->start_ns)
		r->start_ns = ev->meta.start_ns;
	return ev->kind == LK_EV_TICK ? vec_push(&r->tick, ev->time.now_ns) : 0;
}

/* The first pass, into a model that is thrown away. */
static int scan(struct replay *r, struct diag *why)
{
	struct model *m = model_new();
	struct lk_event ev;
	int more = m ? intake_open(&r->in, r->name, -1, m, r->talk, why) : -ENOMEM, err = 0;

	if (more) {
		model_free(m);
		return more == -ENOMEM ? diag_errno(why, more, "cannot read '%s'", r->name) : more;
	}
	while (!err && (more = intake_next(&r->in, &ev, why)) == 1)
		err = note(r, &ev);
	if (!err)
		err = intake_finish(&r->in, more, why);
	/* A recording that was cut off before its first tick has one position, too. */
	if (!err && !r->tick.nr)
		err = vec_push(&r->tick, r->start_ns + model_duration_ns(m));
	if (!err && !model_nr_sources(m))
		err = diag_set(why, -EBADMSG, "'%s' has nothing in it that could be shown", r->name);
	intake_done(&r->in);
	model_free(m);
	return err;
}

int replay_rewind(struct replay *r, struct diag *why)
{
	int err;

	intake_done(&r->in);
	model_free(r->model);
	r->model = model_new();
	r->at = 0;
	r->over = false;
	if (!r->model)
		return diag_errno(why, -ENOMEM, "cannot read '%s'", r->name);
	err = facts_reset(&r->facts, why);
	if (!err)
		err = intake_open(&r->in, r->name, -1, r->model, NULL, why);
	r->in.also = &r->facts.sink;
	return err;
}

int replay_open(struct replay *r, const char *name, struct talk *talk, struct diag *why)
{
	int err;

	*r = (struct replay){ .name = name, .talk = talk, .facts.fd = -1 };
	err = check_file(name, why);
	if (!err)
		err = scan(r, why);
	return err ? err : replay_rewind(r, why);
}

void replay_done(struct replay *r)
{
	intake_done(&r->in);
	facts_done(&r->facts);
	model_free(r->model);
	vec_free(&r->tick);
}

int replay_step(struct replay *r, struct diag *why)
{
	bool last = r->at + 1 >= r->tick.nr;
	struct lk_event ev;
	int more = 0;

	if (r->over)
		return 0;
	r->at++;
	while ((more = intake_next(&r->in, &ev, why)) == 1)
		if (ev.kind == LK_EV_TICK && !last)
			return 0;
	r->over = true;
	r->at = r->tick.nr;
	return intake_finish(&r->in, more, why);
}

uint64_t replay_time(const struct replay *r, size_t at)
{
	return at ? r->tick.v[at - 1] : r->start_ns;
}
