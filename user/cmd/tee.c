// SPDX-License-Identifier: GPL-2.0-only
/*
 * One event to several receivers.
 */
#include "../core/finding.h"
#include "../core/loss.h"
#include "../core/model.h"
#include "../file/writer.h"
#include "tee.h"

static void tally(struct tee *t, const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_META:
		t->start_ns = t->end_ns = ev->meta.start_ns;
		t->start_real_ns = ev->meta.start_real_ns;
		t->nr_cpus = ev->meta.nr_cpus;
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
	case LK_EV_SHED:
		t->sheds += !ev->shed.on;
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

/* Is it about waits or hold times alone? There can be many of them, and no finding comes from them. */
static bool is_wait(const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_CGROUP:
	case LK_EV_LOCK:
	case LK_EV_CONT:
	case LK_EV_OWNER:
	case LK_EV_WAIT:
	case LK_EV_WAITING:
	case LK_EV_HELD:
	case LK_EV_HOLD:
		return true;
	default:
		return false;
	}
}

static int apply(struct tee *t, const struct lk_event *ev)
{
	if (!t->model || (t->findings_only && is_wait(ev)))
		return 0;
	return model_apply(t->model, ev, NULL);
}

/* After the event has gone everywhere, so that a recording that is flushed now has it. */
static void tell(struct tee *t)
{
	uint64_t version = t->model ? model_findings_version(t->model) : 0;

	if (version == t->findings_version)
		return;
	t->findings_version = version;
	t->findings = model_nr_findings(t->model);
	if (t->found)
		t->found(t->ctx);
}

static bool is_order(const struct lk_event *ev)
{
	return ev->kind == LK_EV_ORDER || ev->kind == LK_EV_ODD || ev->kind == LK_EV_WATCH ||
	       ev->kind == LK_EV_WATCHED;
}

static int tee_emit(void *ctx, const struct lk_event *ev)
{
	struct tee *t = ctx;
	int err;

	tally(t, ev);
	err = apply(t, ev);
	if (t->writer && !t->writer_err)
		t->writer_err = writer_put(t->writer, ev);
	if (!err && t->also)
		err = sink_emit(t->also, ev);
	tell(t);
	if (t->shed && ev->kind == LK_EV_SHED)
		t->shed(t->shed_ctx, &ev->shed);
	if (t->order && is_order(ev))
		t->order(t->ctx);
	return t->model && !t->findings_only ? err : t->writer_err;
}

struct lk_sink tee_sink(struct tee *t)
{
	return (struct lk_sink){ .emit = tee_emit, .ctx = t };
}
