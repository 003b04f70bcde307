// SPDX-License-Identifier: GPL-2.0-only
/*
 * Screen, keys and plain frames of lockscope top.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/loss.h"
#include "../core/model.h"
#include "../render/render.h"
#include "../render/shed.h"
#include "../tui/field.h"
#include "../tui/terminal.h"
#include "hold.h"
#include "loop.h"
#include "opts.h"
#include "suppressions.h"
#include "talk.h"
#include "top_screen.h"

#define NSEC UINT64_C(1000000000)

/* --- begin and end ---------------------------------------------------------------------------- */

/* The column that -k names. */
static enum field key_field(enum view_key key)
{
	switch (key) {
	case VIEW_BY_COUNT:
		return FIELD_WAITS;
	case VIEW_BY_MAX:
		return FIELD_MAX;
	case VIEW_BY_AVG:
		return FIELD_AVG;
	case VIEW_BY_P99:
		return FIELD_P99;
	default:
		return FIELD_TIME;
	}
}

static void set_sort(struct top *t)
{
	const struct column *c;
	unsigned int p, i;

	for (p = 0; p < TOP_PANEL_NR && t->o->key; p++) {
		c = top_columns((enum top_panel)p);
		for (i = 0; c[i].field; i++)
			if (c[i].field == key_field(t->o->key))
				t->state.list[p].sort = i;
	}
}

int top_init(struct top *t, const struct opts *o, struct talk *talk, struct diag *why)
{
	struct render_opts ro;

	*t = (struct top){ .o = o, .talk = talk };
	t->head.loss = strdup("");
	t->head.host = t->head.kernel = t->head.filter = "";
	top_state_init(&t->state, o->interval_ns ? o->interval_ns : NSEC, o->nr_input);
	t->state.panel = (enum top_panel)o->panel;
	set_sort(t);
	if (suppressions_load(o, talk, why))
		return -EINVAL;
	opts_render(o, 0, &ro);
	t->env.filter = ro.view.filter;
	if (!t->head.loss || top_data_init(&t->data) || strpool_init(&t->names))
		return diag_errno(why, -ENOMEM, "cannot start top");
	return 0;
}

void top_done(struct top *t)
{
	top_data_done(&t->data);
	strpool_done(&t->names);
	canvas_done(&t->canvas);
	vec_free(&t->wait);
	vec_free(&t->source);
	free(t->detail);
	free(t->head.loss);
}

static int fit_canvas(struct top *t)
{
	unsigned int rows, cols;

	terminal_size(t->term, &rows, &cols);
	t->canvas.ascii = terminal_ascii(t->term);
	return canvas_resize(&t->canvas, rows, cols);
}

static int open_screen(struct top *t, struct diag *why)
{
	static const int signals[] = { SIGWINCH, SIGTSTP, SIGCONT };
	int err = terminal_open(&t->term, hold_crash, why);
	size_t i;

	if (err)
		return err;
	hold_begin();
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]) && !err; i++)
		err = loop_add_signal(t->loop, signals[i]);
	if (!err)
		err = loop_watch(t->loop, terminal_in(t->term), LOOP_INPUT);
	if (!err)
		err = fit_canvas(t);
	return err ? diag_errno(why, err, "cannot start the screen") : 0;
}

int top_open(struct top *t, struct loop *loop, struct diag *why)
{
	const char *term;

	t->loop = loop;
	setlocale(LC_CTYPE, "");	/* the terminal's characters; numbers stay as they are */
	if (!t->o->batch)
		return open_screen(t, why);
	term = setlocale(LC_CTYPE, NULL);
	t->canvas.ascii = !term || !(strcasestr(term, "utf-8") || strcasestr(term, "utf8"));
	return output_open(&t->out, t->o->output, why);
}

void top_close(struct top *t)
{
	struct diag why = { "" };

	terminal_close(t->term);
	t->term = NULL;
	hold_end();
	if (output_close(&t->out, 0, &why))
		talk_error(t->talk, "%s", why.text);
}

/* --- looking ---------------------------------------------------------------------------------- */

void top_clear_waits(struct top *t)
{
	t->wait.nr = t->source.nr = 0;
}

int top_add_wait(struct top *t, const struct lk_ev_wait *w, unsigned int source)
{
	struct lk_ev_wait copy = *w;

	copy.comm = strpool_copy(&t->names, w->comm);
	copy.owner_comm = strpool_copy(&t->names, w->owner_comm);
	if (!copy.comm || !copy.owner_comm || vec_push(&t->source, source))
		return -ENOMEM;
	return vec_push(&t->wait, copy);
}

/* The tiers that see something: "contention+order". */
static void name_tiers(const struct model *m, char *buf, size_t size)
{
	const struct model_coverage *c;
	unsigned int i;
	size_t len = 0;

	buf[0] = '\0';
	for (i = 0; i < model_nr_coverage(m); i++) {
		c = model_coverage(m, i);
		if (c->state == LK_STATE_NONE || c->state == LK_STATE_UNKNOWN || strstr(buf, c->tier))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "+" : "", c->tier);
		if (len >= size)
			return;
	}
}

/* What is not traced now, or last was not; NULL = nothing ever. */
static const struct model_shed *last_shed(const struct model *m)
{
	unsigned int i, nr = model_nr_shed(m);

	for (i = nr; i--;)
		if (!model_shed(m, i)->until_ns)
			return model_shed(m, i);
	return nr ? model_shed(m, nr - 1) : NULL;
}

/* The first loss in full, the others by number; before that, what is not traced. */
static int name_loss(struct top_head *h, const struct model *m)
{
	const struct loss_info *first = NULL, *info;
	const struct model_shed *shed = last_shed(m);
	unsigned int i, nr = model_nr_gaps(m) + model_nr_shed(m);
	uint64_t count = 0;
	char more[40] = "", shed_words[SHED_TEXT], *text;
	int n;

	for (i = 0; i < model_nr_loss(m); i++) {
		info = loss_info(i);
		if (!model_loss(m, i) || !info->is_loss)
			continue;
		nr++;
		if (!first) {
			first = info;
			count = model_loss(m, i);
		}
	}
	if (nr > 1)
		snprintf(more, sizeof(more), " (and %u more)", nr - 1);
	if (!nr)
		n = asprintf(&text, "%s", "");
	else if (shed)
		n = asprintf(&text, "INCOMPLETE%s: %s", more,
			     shed_text(shed, model_source(m, shed->source), shed_words));
	else if (first)
		n = asprintf(&text, "INCOMPLETE: %s %" PRIu64 "%s: %s; %s", first->name, count, more,
			     first->meaning, first->advice);
	else
		n = asprintf(&text, "INCOMPLETE%s: %s", more, model_gap(m, 0));
	if (n < 0)
		return -ENOMEM;
	free(h->loss);
	h->loss = text;
	return 0;
}

/* What the head says comes from the untrusted model, too. */
static int name_source(struct top *t)
{
	const struct model *m = t->model;
	const struct model_source *s;
	int err = 0;

	if (!model_nr_sources(m)) {	/* a replay at its start; names stay */
		t->head.up_ns = 0;
		return 0;
	}
	s = model_source(m, model_nr_sources(m) - 1);
	t->head.host = top_text(&t->data, s->host[0] ? s->host : "unknown host", &err);
	t->head.kernel = top_text(&t->data, s->kernel, &err);
	t->head.filter = top_text(&t->data, s->filter, &err);
	t->head.up_ns = t->env.now_ns > s->start_ns ? t->env.now_ns - s->start_ns : 0;
	name_tiers(m, t->head.tiers, sizeof(t->head.tiers));
	return err ? err : name_loss(&t->head, m);
}

static int make_detail(struct top *t)
{
	char *text = NULL;
	int err;

	if (t->state.mode != MODE_DETAIL && t->state.back != MODE_DETAIL)
		return 0;
	err = top_detail(&t->data, t->model, &t->env, t->state.panel, t->state.detail_key, &t->ask,
			 t->canvas.cols, t->canvas.ascii, &text);
	if (err)
		return err;
	free(t->detail);
	t->detail = text;
	return 0;
}

int top_look(struct top *t, uint64_t now_ns, bool counted, bool known)
{
	int err;

	t->env.now_ns = now_ns;
	t->env.wait = t->wait.v;
	t->env.source = t->source.v;
	t->env.nr_wait = (unsigned int)t->wait.nr;
	t->env.wait_counted = counted;
	t->env.wait_known = known;
	err = top_data_update(&t->data, t->model, &t->env, t->state.panel, true);
	if (!err)
		err = name_source(t);
	return err ? err : make_detail(t);
}

/* --- showing ---------------------------------------------------------------------------------- */

static int draw(struct top *t)
{
	int err = top_draw(&t->state, &t->data, &t->head, t->detail ? t->detail : "", &t->canvas);

	if (!err)
		err = terminal_draw(t->term, &t->canvas);
	if (err == 1)		/* the rest, or the next frame, when it takes it */
		return loop_watch_output(t->loop, terminal_out(t->term));
	if (err < 0 && err != -ENOMEM)
		t->quit = true;	/* it has gone, and nobody is there to tell */
	return err == -ENOMEM ? err : 0;
}

static int print(struct top *t)
{
	uint32_t entries = t->o->entries == OPTS_ENTRIES_UNSET ? OPTS_TEXT_ENTRIES : t->o->entries;
	unsigned int width = output_width(&t->out);
	int err = top_draw_plain(&t->state, &t->data, &t->head, width ? width : 500, entries,
				 &t->canvas);

	if (err)
		return err;
	if (t->frames)
		fputc('\n', t->out.f);
	canvas_print(&t->canvas, t->out.f);
	return output_flush(&t->out);
}

int top_show(struct top *t)
{
	int err = t->term ? draw(t) : print(t);

	if (++t->frames == t->o->frames)
		t->quit = true;
	return err;
}

int top_tick(struct top *t, uint64_t now_ns, bool counted, bool known)
{
	int err = top_look(t, now_ns, counted, known);

	return err ? err : top_show(t);
}

/* --- keys and signals --------------------------------------------------------------------------- */

/* Drawing for a key is no frame. */
static int redraw(struct top *t)
{
	return t->term ? draw(t) : 0;
}

static bool terminal_gone(const struct top *t)
{
	struct pollfd p = { .fd = terminal_in(t->term), .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR | POLLNVAL);
}

static int do_action(struct top *t, enum top_action action,
		     int (*act)(void *ctx, enum top_action action), void *ctx)
{
	int err;

	switch (action) {
	case TOP_NOTHING:
		return 0;
	case TOP_QUIT:
		t->quit = true;
		return 0;
	case TOP_UPDATE:
		err = top_data_update(&t->data, t->model, &t->env, t->state.panel, false);
		return err ? err : make_detail(t);
	case TOP_SAVE:
		top_save(t);
		return 0;
	case TOP_REDRAW:
		terminal_redraw(t->term);
		return 0;
	default:
		return act(ctx, action);
	}
}

int top_input(struct top *t, int bits, int (*act)(void *ctx, enum top_action action), void *ctx)
{
	bool any = bits & LOOP_OUTPUT;
	uint32_t key;
	int err = 0;

	if (bits & LOOP_INPUT && terminal_gone(t)) {
		t->quit = true;
		return 0;
	}
	while (!err && !t->quit && (key = terminal_key(t->term))) {
		any = true;
		err = do_action(t, top_key(&t->state, &t->data, key), act, ctx);
	}
	return err || !any || t->quit ? err : redraw(t);
}

bool top_signal(struct top *t, int sig)
{
	if (!t->term)
		return false;
	switch (sig) {
	case SIGTSTP:
		terminal_suspend(t->term);
		kill(getpid(), SIGSTOP);
		/* Whoever continues us: */
		/* fall through */
	case SIGCONT:
		terminal_resume(t->term);
		break;
	case SIGWINCH:
		break;
	default:
		return false;
	}
	if (fit_canvas(t) || make_detail(t) || redraw(t))
		t->quit = true;		/* no memory */
	return true;
}
