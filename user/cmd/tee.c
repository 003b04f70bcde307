// SPDX-License-Identifier: GPL-2.0-only
/*
 * One event to several receivers.
 */
#include "../core/loss.h"
#include "../core/model.h"
#include "../file/writer.h"
#include "tee.h"

static void tally(struct tee *t, const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_META:
		t->start_ns = t->end_ns = ev->meta.start_ns;
		break;
	case LK_EV_CONT:
		t->waits += ev->cont.agg.count;
		break;
	case LK_EV_WAITING:	/* the model counts a wait that has not ended, too */
		t->waits++;
		break;
	case LK_EV_LOSS:
		if (!loss_info(ev->loss.counter)->is_loss)
			break;
		t->lost += ev->loss.count;
		t->lost_counter = ev->loss.counter;
		break;
	case LK_EV_TICK:
	case LK_EV_END:
		t->end_ns = ev->time.now_ns;
		t->ended = ev->kind == LK_EV_END;
		break;
	default:
		break;
	}
}

static int tee_emit(void *ctx, const struct lk_event *ev)
{
	struct tee *t = ctx;
	int err = 0;

	tally(t, ev);
	if (t->model)
		err = model_apply(t->model, ev, NULL);
	if (t->writer && !t->writer_err)
		t->writer_err = writer_put(t->writer, ev);
	return t->model ? err : t->writer_err;
}

struct lk_sink tee_sink(struct tee *t)
{
	return (struct lk_sink){ .emit = tee_emit, .ctx = t };
}
